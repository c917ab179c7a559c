# make demo    deploy the example stack to an embedded AWS on this machine and call the endpoint
# make test    every check that CI runs
# make bench   the measurements that the README quotes
# make check   the static part of it: formatting, lint, types
# make train   the example model, trained by the container's own program
#
# MODEL=recycling makes demo and train take the second example, which reads pictures, instead of iris.
# Each target sets up what it needs and does nothing twice. Needs Python 3.11+ and Node.js 20+.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
MODEL ?= iris
BIN := .venv/bin
VENV := .venv/.installed
SERVING := $(addprefix container/requirements/,server.txt sklearn.txt onnx.txt onnx-training.txt)
# The stack that hosts a model on this machine, and which of container/requirements/*.txt the model is trained with.
STACK := Hosting-local$(patsubst %,-%,$(filter-out iris,$(MODEL)))
FRAMEWORK := $(if $(filter recycling,$(MODEL)),onnx-training,sklearn)
CHANNELS := $(notdir $(wildcard models/$(MODEL)/data/*))
CDK := node_modules/.package-lock.json

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := $(shell node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/')
export CDK_DISABLE_CLI_TELEMETRY := true

.PHONY: setup demo train check test bench clean

setup: $(VENV) $(CDK)

$(VENV): requirements.txt pyproject.toml $(SERVING)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, $(PYTHON) is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes $(SERVING:%=--requirement %)
	$(BIN)/python -m compileall -q app.py stacks constructs lambda container/serving local
	touch $@

$(CDK): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

demo: train $(CDK)
	$(BIN)/sagemaker-local deploy $(STACK) --invoke SmokeTestFunctionName

train: $(VENV)
	$(BIN)/sagemaker-local train --context container --build-arg FRAMEWORK=$(FRAMEWORK) \
		--code models/$(MODEL)/train $(foreach channel,$(CHANNELS),--channel $(channel)=models/$(MODEL)/data/$(channel)) \
		--hyperparameters models/$(MODEL)/hyperparameters.json --model-dir models/$(MODEL)/model

check: $(VENV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: setup check
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

bench: $(VENV)
	$(BIN)/python benchmarks/packing/run.py
	$(BIN)/python benchmarks/preflight/bench.py
	$(BIN)/python benchmarks/synth/run.py
	$(BIN)/python -m benchmarks.serving.run

clean:
	rm -rf .venv node_modules cdk.out build dist .sagemaker-local
