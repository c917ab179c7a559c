"""Compiles the facts that preflight checks against from their published sources.

Run it after upgrading botocore, cfn-lint or moto: ``python tests/preflight/compile_data.py`` rewrites the files in
``constructs/sagemaker_hosting/data``; a test fails while the files and the installed sources differ.
"""

import gzip
import json
import re
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "constructs" / "sagemaker_hosting" / "data"

# CloudFormation type -> service and request whose limits its properties carry.
REQUESTS = {
    "AWS::SageMaker::Model": ("sagemaker", "CreateModelInput"),
    "AWS::SageMaker::EndpointConfig": ("sagemaker", "CreateEndpointConfigInput"),
    "AWS::SageMaker::Endpoint": ("sagemaker", "CreateEndpointInput"),
    "AWS::SageMaker::InferenceComponent": ("sagemaker", "CreateInferenceComponentInput"),
    "AWS::SageMaker::ModelPackage": ("sagemaker", "CreateModelPackageInput"),
    "AWS::SageMaker::ModelPackageGroup": ("sagemaker", "CreateModelPackageGroupInput"),
    "AWS::SageMaker::Algorithm": ("sagemaker", "CreateAlgorithmInput"),
    "AWS::SageMaker::MonitoringSchedule": ("sagemaker", "CreateMonitoringScheduleRequest"),
    "AWS::SageMaker::DataQualityJobDefinition": ("sagemaker", "CreateDataQualityJobDefinitionRequest"),
    "AWS::SageMaker::ModelQualityJobDefinition": ("sagemaker", "CreateModelQualityJobDefinitionRequest"),
    "AWS::SageMaker::ModelBiasJobDefinition": ("sagemaker", "CreateModelBiasJobDefinitionRequest"),
    "AWS::SageMaker::ModelExplainabilityJobDefinition": ("sagemaker", "CreateModelExplainabilityJobDefinitionRequest"),
    "AWS::ApplicationAutoScaling::ScalableTarget": ("application-autoscaling", "RegisterScalableTargetRequest"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("application-autoscaling", "PutScalingPolicyRequest"),
}

# Enumerations of instance types, by what the instance is for.
USES = {
    "hosting": "ProductionVariantInstanceType",
    "transform": "TransformInstanceType",
    "training": "TrainingInstanceType",
    "processing": "ProcessingInstanceType",
}

KINDS = {
    "structure": "object",
    "list": "list",
    "map": "map",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "string",
    "string": "string",
}


def service_model(service: str) -> dict[str, Any]:
    """The service description that botocore ships, with the names of its shapes as keys."""
    folder = resources.files("botocore") / "data" / service
    newest = max((entry.name for entry in folder.iterdir()), default="")
    file = folder / newest / "service-2.json.gz"
    shapes: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))["shapes"]
    return shapes


def resource_schema(resource_type: str) -> dict[str, Any]:
    """The CloudFormation registry schema of a resource type, as cfn-lint ships it for us-east-1."""
    schemas = resources.files("cfnlint") / "data" / "schemas"
    index = json.loads((schemas / "providers" / "us-east-1.json").read_text())
    schema: dict[str, Any] = json.loads((schemas / "resources" / f"{index[resource_type]}.json").read_text())
    return schema


def limits_of(shape: dict[str, Any]) -> dict[str, Any]:
    """What one botocore shape says about a scalar's, list's or map's own value."""
    found: dict[str, Any] = {key: shape[key] for key in ("min", "max", "enum") if key in shape}
    pattern = shape.get("pattern", "")
    if pattern not in ("", ".*", r"[\S\s]*", r"[\s\S]*") and _is_python(pattern):
        found["pattern"] = pattern
    if found.get("min") == 0 and KINDS[shape["type"]] in ("string", "list", "map"):
        del found["min"]
    return found


def _is_python(pattern: str) -> bool:
    r"""Whether Python reads the pattern as the service does; it knows neither ``\p{L}`` nor surrogates."""
    if r"\p" in pattern or r"\u" in pattern:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


class Compiler:
    """Joins the property tree of CloudFormation with the limits of the service behind it."""

    def __init__(self, resource_type: str) -> None:
        service, request = REQUESTS[resource_type]
        self._schema = resource_schema(resource_type)
        self._model = service_model(service)
        self._request = request
        self._enums = {tuple(self._model[name]["enum"]): use for use, name in USES.items() if name in self._model}
        self._resource_type = resource_type
        self.shapes: dict[str, Any] = {}

    def compile(self) -> dict[str, Any]:
        """The shapes of the resource type; the one named after it is the root."""
        self.shapes[self._resource_type] = self._object(self._schema, self._request)
        read_only = sorted(path.removeprefix("/properties/") for path in self._schema.get("readOnlyProperties", []))
        self.shapes[self._resource_type]["read_only"] = [name for name in read_only if "/" not in name]
        return self.shapes

    def _object(self, schema: dict[str, Any], shape_name: str | None) -> dict[str, Any]:
        members = self._model.get(shape_name or "", {}).get("members", {})
        compiled: dict[str, Any] = {
            "kind": "object",
            "members": {
                name: self._node(child, members.get(name, {}).get("shape"))
                for name, child in sorted(schema.get("properties", {}).items())
            },
        }
        if schema.get("required"):
            compiled["required"] = sorted(schema["required"])
        return compiled

    def _node(self, schema: dict[str, Any], shape_name: str | None) -> dict[str, Any]:
        definition = schema.get("$ref", "").rpartition("/")[2]
        target = self._schema["definitions"][definition] if definition else schema
        shape = self._model.get(shape_name or "", {})
        kind = KINDS.get(shape.get("type", ""))
        if "properties" in target and kind in (None, "object"):
            name = f"{self._resource_type}.{definition}" if definition else ""
            if not name:
                return self._object(target, shape_name)
            if name not in self.shapes:
                self.shapes[name] = {}
                self.shapes[name] = self._object(target, shape_name)
            return {"shape": name}
        if target.get("type") == "array":
            item = self._node(target.get("items", {}), shape.get("member", {}).get("shape"))
            return {"kind": "list", "item": item, **(limits_of(shape) if kind == "list" else {})}
        if kind == "map":
            key, value = self._model[shape["key"]["shape"]], self._model[shape["value"]["shape"]]
            return {"kind": "map", "key": limits_of(key), "value": limits_of(value), **limits_of(shape)}
        return self._scalar(target, shape)

    def _scalar(self, schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
        kind = schema.get("type")
        if kind not in ("string", "integer", "number", "boolean"):
            return {"kind": "any"}
        if not shape:
            return {"kind": kind, **({"enum": sorted(schema["enum"])} if "enum" in schema else {})}
        found = limits_of(shape)
        use = self._enums.get(tuple(found.get("enum", ())))
        if use is not None:
            del found["enum"]
            found["instance"] = use
        return {"kind": kind, **found}


def limits() -> dict[str, Any]:
    """Property trees with limits, and the instance types that each use allows."""
    shapes: dict[str, Any] = {}
    for resource_type in REQUESTS:
        shapes |= Compiler(resource_type).compile()
    model = service_model("sagemaker")
    return {
        "source": {"botocore": version("botocore"), "cfn-lint": version("cfn-lint")},
        "instance_types": {use: sorted(model[name]["enum"]) for use, name in USES.items()},
        "shapes": shapes,
    }


def _described_instances() -> dict[str, Any]:
    file = resources.files("moto") / "ec2" / "resources" / "instance_types.json.gz"
    described: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return described


def _accelerators(described: dict[str, Any]) -> tuple[str, int]:
    for kind, field, devices in (("gpu", "GpuInfo", "Gpus"), ("neuron", "NeuronInfo", "NeuronDevices")):
        if field in described:
            return kind, sum(device["Count"] for device in described[field][devices])
    return "", 0


def instances() -> dict[str, Any]:
    """Hardware of each instance type: vCPUs, memory, local disk, accelerators."""
    described = _described_instances()
    names = {name for types in limits()["instance_types"].values() for name in types}
    rows = {}
    for name in sorted(names):
        hardware = described.get(name.removeprefix("ml."))
        if hardware is None:
            continue
        kind, count = _accelerators(hardware)
        rows[name] = [
            hardware["VCpuInfo"]["DefaultVCpus"],
            hardware["MemoryInfo"]["SizeInMiB"],
            hardware.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0),
            kind,
            count,
            hardware["ProcessorInfo"]["SupportedArchitectures"][-1],
        ]
    return {
        "source": {"ec2:DescribeInstanceTypes as shipped with moto": version("moto")},
        "columns": ["vcpus", "memory_mib", "local_storage_gb", "accelerator", "accelerators", "architecture"],
        "instances": rows,
    }


def offers() -> dict[str, Any]:
    """Instance families and sizes that hosting offers in each Region, from the AWS price list."""
    file = resources.files("cfnlint") / "data" / "schemas" / "extensions" / "aws_sagemaker_hosting"
    listed = json.loads((file / "instancetype_enum.json").read_text())
    regions: dict[str, dict[str, str]] = {}
    for region, entry in sorted(listed.items()):
        if not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d", region):
            continue
        families: dict[str, list[str]] = {}
        for name in sorted(entry["enum"]):
            _, family, size = name.split(".")
            families.setdefault(family, []).append(size)
        regions[region] = {family: " ".join(sizes) for family, sizes in sorted(families.items())}
    return {"source": {"AWS price list as shipped with cfn-lint": version("cfn-lint")}, "regions": regions}


def files() -> Iterator[tuple[Path, str]]:
    """Each data file with the content that the installed sources give it."""
    for name, content in (("limits", limits()), ("instances", instances()), ("offers", offers())):
        yield DATA / f"{name}.json", _compact(content)


def _compact(content: dict[str, Any]) -> str:
    """JSON with one line per entry of the second level, so that a diff shows what a new version changed."""
    sections = []
    for key, section in content.items():
        lines = (
            [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in section.items()]
            if isinstance(section, dict)
            else []
        )
        body = "{\n" + ",\n".join(lines) + "\n }" if lines else json.dumps(section)
        sections.append(f' "{key}": {body}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text)
