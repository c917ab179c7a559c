import json
from datetime import date
from importlib import resources
from typing import Any

import pytest

from preflight.compile_data import USES, files, service_model
from sagemaker_hosting.preflight import check_template

SAGEMAKER = service_model("sagemaker")


def catalog() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources.files("sagemaker_hosting") / "data" / "catalog.json").read_text())
    return loaded


def test_the_files_are_what_the_installed_sources_say() -> None:
    stale = [path.name for path, text in files() if path.read_text() != text]

    assert stale == [], "run: python tests/preflight/compile_data.py"


def test_the_hand_written_table_is_dated_and_names_its_sources() -> None:
    table = catalog()

    assert date.fromisoformat(table.pop("date")) <= date.today()  # noqa: DTZ011  a date without a time
    assert all(entry["source"].startswith("https://") for entry in table.values())


@pytest.mark.parametrize("section", ["arm", "volume_not_configurable", "burstable"])
def test_the_families_of_the_table_exist(section: str) -> None:
    known = {name.split(".")[1] for use in USES.values() for name in SAGEMAKER[use]["enum"]}

    assert set(catalog()[section]["families"]) <= known


def test_the_table_agrees_with_the_hardware_where_both_speak() -> None:
    table = catalog()
    described = json.loads((resources.files("sagemaker_hosting") / "data" / "instances.json").read_text())["instances"]
    hosting = SAGEMAKER["ProductionVariantInstanceType"]["enum"]
    for name in hosting:
        if name not in described:
            continue
        family = name.split(".")[1]
        _, _, storage, accelerator, count, _ = described[name]
        assert (family in table["accelerators"]["gpu"]) == (accelerator == "gpu"), name
        assert (family in table["accelerators"]["neuron"]) == (accelerator == "neuron"), name
        assert (count > 0) == bool(accelerator), name
        if family in table["volume_not_configurable"]["families"]:
            assert storage > 0, name


def test_serverless_sizes_lie_in_the_range_of_the_service_model() -> None:
    memory = SAGEMAKER["ServerlessMemorySizeInMB"]
    sizes = catalog()["serverless"]["memory_sizes_in_mb"]

    assert (sizes[0], sizes[-1]) == (memory["min"], memory["max"])


@pytest.mark.parametrize("instance_type", SAGEMAKER["ProductionVariantInstanceType"]["enum"])
def test_every_hosting_instance_type_is_accepted(instance_type: str) -> None:
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": instance_type, "InitialInstanceCount": 1}
    config = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}}

    assert check_template({"Resources": {"Config": config}}) == []
