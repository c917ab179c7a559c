"""The container's settings: read once from the environment, then a frozen value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serving.errors import ConfigError
from serving.log import LogFormat, LogLevel
from serving.settings_reader import SettingsReader

MIB = 1024 * 1024

DRAIN_SECONDS = 25
"""How long requests may take to finish after SIGTERM; SageMaker sends SIGKILL after 30 s.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

NAMESPACE = re.compile(r"(?!AWS/)[A-Za-z0-9_./#-]{1,255}")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html"""

MOST_DIMENSIONS = 30

MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?[\x20-\x7e]+)?")
"""https://www.rfc-editor.org/rfc/rfc6838#section-4.2"""

BatchStrategy = Literal["MULTI_RECORD", "SINGLE_RECORD"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the environment says. Each field names its variable.

    Attributes:
        base_dir: `SAGEMAKER_BASE_DIR`: where SageMaker lays out its files.
        model_dir: Where SageMaker extracts the model's archive, read-only: `model` below that.
        multi_model: `SAGEMAKER_MULTI_MODEL`: whether models are loaded and unloaded by requests, true or false.
        model_memory_mib: `SERVING_MODEL_MEMORY_IN_MIB`: how much memory the workers of all models of a multi-model
            endpoint may take, in MiB, 1 to 16,777,216. Beyond it the models that were not asked for the longest time
            are unloaded. Without it, no model is unloaded but by a request.
        sessions: `SAGEMAKER_ENABLE_STATEFUL_SESSIONS`: whether the container keeps stateful sessions, true or false.
        session_seconds: `SAGEMAKER_SESSIONS_EXPIRATION`: how long a session lasts, in seconds, 1 to 604,800.
        max_sessions: `SERVING_MAX_SESSIONS`: how many sessions may be open, 1 to 1,000,000; the next one is answered
            503 with Retry-After.
        port: `SAGEMAKER_BIND_TO_PORT`: TCP port, 1 to 65535.
        workers: `SAGEMAKER_MODEL_SERVER_WORKERS`: processes that each load the model, at least 1. Without it, one per
            usable CPU, or in a multi-model endpoint one per model.
        preload: `SERVING_PRELOAD`: whether the model is loaded once, and workers are forked from that and share its
            memory, true or false. Only for frameworks that survive a fork. One worker is never forked.
        user: `SERVING_USER`: the unprivileged user that `serve` becomes when the container is started as root, as
            SageMaker does. Without it, or if not started as root, it stays the user of the container.
        worker_user: `SERVING_WORKER_USER`: the unprivileged user that workers become then, so that the author's code
            cannot signal the front. Without it, the same one.
        program: `SAGEMAKER_PROGRAM`: the user's file below `code/`. Without it `inference.py` or `train.py`.
        max_body_bytes: `SAGEMAKER_MAX_PAYLOAD_IN_MB`: largest request body that is read, given in MiB; 0 means no
            limit, as in a batch transform job. Without it, 6 MiB, the limit of InvokeEndpoint:
            https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        max_batch: `SERVING_MAX_BATCH`: how many waiting requests a worker takes at once, at least 1, where the handler
            can be asked for several together.
        max_batch_rows: `SERVING_MAX_BATCH_ROWS`: how many rows they may have together, at least 1; one request may have
            more.
        max_queue: `SERVING_MAX_QUEUE`: how many requests may wait for a worker, at least 1; the next one is answered
            503 with Retry-After.
        timeout_seconds: `SAGEMAKER_MODEL_SERVER_TIMEOUT`: how long a prediction may take, and how long a request may
            wait for a worker, in seconds, 1 to 3,600. Without it 60, the limit of InvokeEndpoint, or in a batch
            transform job, as `SAGEMAKER_BATCH` says, the 600 that such a job waits if it says nothing else:
            https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelClientConfig.html
        stream_seconds: `SERVING_STREAM_TIMEOUT`: how long a streamed response may take from its first part to its last,
            in seconds, 1 to 3,600. Without it 480, the 8 minutes that SageMaker waits:
            https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
        client_seconds: `SERVING_CLIENT_TIMEOUT`: how long a client may take to send a request, in seconds, 1 to 3,600;
            a second more for each 16 KiB of body.
        tensorflow_port: `SERVING_TENSORFLOW_PORT`: TCP port of TensorFlow Serving's REST API, 1 to 65535, where the
            model is one for it. Without it, the first port of `SAGEMAKER_SAFE_PORT_RANGE` (such as `9000-9999`), which
            SageMaker leaves a container of an endpoint with several ones.
        max_concurrent_transforms: `SAGEMAKER_MAX_CONCURRENT_TRANSFORMS`: requests that batch transform may send at the
            same time. Without it, one per worker.
        batch_strategy: `SAGEMAKER_BATCH_STRATEGY`: whether batch transform puts many records in a request.
        log_format: `SERVING_LOG_FORMAT`: `json` or `text`, for people. Without it, text where stderr is a terminal.
        log_level: `SERVING_LOG_LEVEL`: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        log_requests: `SERVING_LOG_REQUESTS`: `failed`, or `all` for a line for each request; it costs throughput.
        metrics_route: `SERVING_METRICS` has `prometheus`: `/metrics` is there.
        metrics_log: `SERVING_METRICS` has `cloudwatch`: metrics are written to standard output for CloudWatch.
        metrics_seconds: `SERVING_METRICS_SECONDS`: how often that is, in seconds, 1 to 3,600.
        metrics_namespace: `SERVING_METRICS_NAMESPACE`: CloudWatch's namespace for them.
        metrics_dimensions: `SERVING_METRICS_DIMENSIONS`: CloudWatch's dimensions, as `Name=value,Name=value`, up to 30.
        install_requirements: `SERVING_INSTALL_REQUIREMENTS`: `true` installs `code/requirements.txt` at start.
        default_accept: `SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT`: the response's type where the request leaves it open.
        unknown: Variables that begin with `SERVING_` and are none of these.
    """

    base_dir: Path
    model_dir: Path
    multi_model: bool
    model_memory_mib: int | None
    sessions: bool
    session_seconds: int
    max_sessions: int
    port: int
    workers: int
    preload: bool
    user: str | None
    worker_user: str | None
    program: str | None
    max_body_bytes: int | None
    max_batch: int
    max_batch_rows: int
    max_queue: int
    timeout_seconds: int
    stream_seconds: int
    client_seconds: int
    tensorflow_port: int
    max_concurrent_transforms: int
    batch_strategy: BatchStrategy
    install_requirements: bool
    log_format: LogFormat | None
    log_level: LogLevel
    log_requests: bool
    metrics_route: bool
    metrics_log: bool
    metrics_seconds: int
    metrics_namespace: str
    metrics_dimensions: Mapping[str, str]
    default_accept: str
    unknown: tuple[str, ...]

    @property
    def models_dir(self) -> Path:
        """Where SageMaker extracts the archives of a multi-model endpoint, each in a folder of its own."""
        return self.base_dir / "models"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Config":
        """Read the settings.

        Raises:
            ConfigError: Naming every variable that cannot be used, its value, and what is allowed.
        """
        read = SettingsReader(env)
        problems, integer, one_of, flag, text = read.problems, read.integer, read.one_of, read.flag, read.text
        base_dir = Path(text("SAGEMAKER_BASE_DIR") or "/opt/ml").absolute()
        multi_model = flag("SAGEMAKER_MULTI_MODEL")
        workers = integer("SAGEMAKER_MODEL_SERVER_WORKERS", 1 if multi_model else usable_cpus(), 1, 254)
        batch = (text("SAGEMAKER_BATCH") or "").lower() == "true"
        max_payload_mib = integer("SAGEMAKER_MAX_PAYLOAD_IN_MB", 6, 0, 1024)
        strategy: BatchStrategy = "MULTI_RECORD"
        match (text("SAGEMAKER_BATCH_STRATEGY") or "").upper():
            case "" | "MULTI_RECORD" | "MULTIRECORD":
                pass
            case "SINGLE_RECORD" | "SINGLERECORD":
                strategy = "SINGLE_RECORD"
            case other:
                problems.append(f"SAGEMAKER_BATCH_STRATEGY must be MULTI_RECORD or SINGLE_RECORD, got {other!r}")
        metrics = read.several_of("SERVING_METRICS", "prometheus", "cloudwatch")
        config = cls(
            base_dir=base_dir,
            model_dir=base_dir / "model",
            multi_model=multi_model,
            sessions=flag("SAGEMAKER_ENABLE_STATEFUL_SESSIONS"),
            session_seconds=integer("SAGEMAKER_SESSIONS_EXPIRATION", 1200, 1, 604_800),
            max_sessions=integer("SERVING_MAX_SESSIONS", 1000, 1, 1_000_000),
            model_memory_mib=integer("SERVING_MODEL_MEMORY_IN_MIB", 0, 1, 16 * MIB) or None,
            port=integer("SAGEMAKER_BIND_TO_PORT", 8080, 1, 65535),
            workers=workers,
            preload=flag("SERVING_PRELOAD"),
            user=text("SERVING_USER"),
            worker_user=text("SERVING_WORKER_USER"),
            program=text("SAGEMAKER_PROGRAM"),
            max_body_bytes=max_payload_mib * MIB or None,
            max_batch=integer("SERVING_MAX_BATCH", 64, 1, 10_000),
            max_batch_rows=integer("SERVING_MAX_BATCH_ROWS", 500, 1, 100_000_000),
            max_queue=integer("SERVING_MAX_QUEUE", 1000, 1, 1_000_000),
            timeout_seconds=integer("SAGEMAKER_MODEL_SERVER_TIMEOUT", 600 if batch else 60, 1, 3600),
            stream_seconds=integer("SERVING_STREAM_TIMEOUT", 480, 1, 3600),
            client_seconds=integer("SERVING_CLIENT_TIMEOUT", 20, 1, 3600),
            tensorflow_port=integer(
                "SERVING_TENSORFLOW_PORT", read.first_port("SAGEMAKER_SAFE_PORT_RANGE", 8501), 1, 65535
            ),
            max_concurrent_transforms=integer("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", workers, 1, 10_000),
            batch_strategy=strategy,
            install_requirements=flag("SERVING_INSTALL_REQUIREMENTS"),
            log_format=one_of("SERVING_LOG_FORMAT", None, "json", "text"),
            log_level=one_of("SERVING_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
            log_requests=one_of("SERVING_LOG_REQUESTS", "failed", "all") == "all",
            metrics_route="prometheus" in metrics,
            metrics_log="cloudwatch" in metrics,
            metrics_seconds=integer("SERVING_METRICS_SECONDS", 60, 1, 3600),
            metrics_namespace=read.matching("SERVING_METRICS_NAMESPACE", "ServingContainer", NAMESPACE),
            metrics_dimensions=read.pairs("SERVING_METRICS_DIMENSIONS", most=MOST_DIMENSIONS),
            default_accept=read.matching("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json", MEDIA_TYPE),
            unknown=read.unknown("SERVING_"),  # the last one: by now all others were asked for
        )
        if problems:
            raise ConfigError("; ".join(problems))
        return config


def usable_cpus() -> int:
    """CPUs this process may run on, at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux has it, macOS does not
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
