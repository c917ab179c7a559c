from __future__ import annotations

from pathlib import Path

import pytest

from serving.config import Config, usable_cpus
from serving.errors import ConfigError


def test_an_empty_environment_gives_what_sagemaker_expects() -> None:
    config = Config.from_env({})
    assert config.base_dir == Path("/opt/ml")
    assert config.model_dir == Path("/opt/ml/model")
    assert config.port == 8080
    assert config.workers == config.max_concurrent_transforms == usable_cpus() >= 1
    assert config.max_body_bytes == 6291456
    assert (config.max_batch, config.max_batch_rows, config.max_queue) == (64, 500, 1000)
    assert (config.timeout_seconds, config.client_seconds) == (60, 20)
    assert config.user is None
    assert config.program is None


def test_every_variable_is_read() -> None:
    config = Config.from_env(
        {
            "SAGEMAKER_BASE_DIR": "/srv/ml",
            "SAGEMAKER_BIND_TO_PORT": "9090",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SAGEMAKER_PROGRAM": "predictor.py",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "100",
            "SERVING_MAX_BATCH": "16",
            "SERVING_MAX_BATCH_ROWS": "250",
            "SERVING_MAX_QUEUE": "100",
            "SAGEMAKER_MODEL_SERVER_TIMEOUT": "30",
            "SERVING_CLIENT_TIMEOUT": "10",
            "SERVING_STREAM_TIMEOUT": "100",
            "SAGEMAKER_ENABLE_STATEFUL_SESSIONS": "true",
            "SAGEMAKER_SESSIONS_EXPIRATION": "60",
            "SERVING_MAX_SESSIONS": "5",
            "SAGEMAKER_MULTI_MODEL": "True",
            "SERVING_MODEL_MEMORY_IN_MIB": "2048",
            "SERVING_TENSORFLOW_PORT": "9501",
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "8",
            "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
            "SERVING_USER": "nobody",
            "SERVING_WORKER_USER": "daemon",
            "SERVING_LOG_FORMAT": "json",
            "SERVING_LOG_LEVEL": "WARNING",
            "SERVING_LOG_REQUESTS": "all",
            "SERVING_METRICS": "prometheus,cloudwatch",
            "SERVING_INSTALL_REQUIREMENTS": "true",
            "SERVING_METRICS_SECONDS": "10",
            "SERVING_METRICS_NAMESPACE": "Models/Iris",
            "SERVING_METRICS_DIMENSIONS": "Endpoint=iris, Variant=blue",
        }
    )
    assert config == Config(
        base_dir=Path("/srv/ml"),
        model_dir=Path("/srv/ml/model"),
        multi_model=True,
        model_memory_mib=2048,
        sessions=True,
        session_seconds=60,
        max_sessions=5,
        port=9090,
        workers=3,
        preload=False,
        user="nobody",
        worker_user="daemon",
        program="predictor.py",
        max_body_bytes=100 * 1024 * 1024,
        max_batch=16,
        max_batch_rows=250,
        max_queue=100,
        timeout_seconds=30,
        stream_seconds=100,
        client_seconds=10,
        tensorflow_port=9501,
        max_concurrent_transforms=8,
        batch_strategy="SINGLE_RECORD",
        default_accept="text/csv",
        log_format="json",
        log_level="WARNING",
        log_requests=True,
        metrics_route=True,
        install_requirements=True,
        metrics_log=True,
        metrics_seconds=10,
        metrics_namespace="Models/Iris",
        metrics_dimensions={"Endpoint": "iris", "Variant": "blue"},
        unknown=(),
    )


def test_a_variable_that_looks_like_a_setting_and_is_none_is_told() -> None:
    config = Config.from_env({"SERVING_MAX_BATCHES": "5", "SERVING_MAX_QUEUE": "5", "SAGEMAKER_REGION": "eu-west-1"})
    assert config.unknown == ("SERVING_MAX_BATCHES",)


def test_a_prediction_may_take_as_long_as_a_batch_transform_job_waits() -> None:
    batch = {"SAGEMAKER_BATCH": "true"}
    assert Config.from_env(batch).timeout_seconds == 600
    assert Config.from_env({**batch, "SAGEMAKER_MODEL_SERVER_TIMEOUT": "30"}).timeout_seconds == 30


def test_tensorflow_serving_gets_the_first_safe_port_unless_it_has_one_of_its_own() -> None:
    safe = {"SAGEMAKER_SAFE_PORT_RANGE": "9000-9999"}
    assert Config.from_env(safe).tensorflow_port == 9000
    assert Config.from_env({**safe, "SERVING_TENSORFLOW_PORT": "9100"}).tensorflow_port == 9100


@pytest.mark.parametrize("accept", ["application/pdf", "text/csv; charset=utf-8", "application/vnd.ms-excel"])
def test_the_default_type_of_answers_may_be_one_that_only_output_fn_writes(accept: str) -> None:
    assert Config.from_env({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": accept}).default_accept == accept


def test_a_payload_limit_of_0_means_none() -> None:
    assert Config.from_env({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}).max_body_bytes is None


def test_fails_naming_every_variable_that_cannot_be_used() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({"SAGEMAKER_BIND_TO_PORT": "http", "SAGEMAKER_MODEL_SERVER_WORKERS": "0"})
    message = str(caught.value)
    assert "SAGEMAKER_BIND_TO_PORT must be a whole number from 1 to 65535, got 'http'" in message
    assert "SAGEMAKER_MODEL_SERVER_WORKERS must be a whole number from 1 to 254, got '0'" in message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SERVING_LOG_FORMAT", "xml", "SERVING_LOG_FORMAT must be json or text, got 'xml'"),
        ("SERVING_METRICS", "prometheus,statsd", "must be prometheus or cloudwatch, or both with a comma, got"),
        ("SERVING_METRICS_NAMESPACE", "AWS/SageMaker", "SERVING_METRICS_NAMESPACE must match"),
        ("SERVING_METRICS_DIMENSIONS", "Endpoint", "must be up to 30 of Name=value, with commas, got 'Endpoint'"),
        ("SERVING_METRICS_DIMENSIONS", "A=1,A=2", "must be up to 30 of Name=value"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "json", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT must match"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv\r\nX-Injected: 1", "got 'text/csv"),
        ("SAGEMAKER_SAFE_PORT_RANGE", "9000", "must be two ports such as 9000-9999, got '9000'"),
        ("SAGEMAKER_SAFE_PORT_RANGE", "9999-9000", "must be two ports such as 9000-9999"),
        ("SAGEMAKER_SAFE_PORT_RANGE", "9000-70000", "must be two ports such as 9000-9999"),
    ],
)
def test_fails_for_a_value_that_is_not_allowed(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.from_env({name: value})


def test_fails_for_an_unknown_batch_strategy() -> None:
    with pytest.raises(ConfigError, match="must be MULTI_RECORD or SINGLE_RECORD, got 'MANY'"):
        Config.from_env({"SAGEMAKER_BATCH_STRATEGY": "many"})
