"""What strict mode adds, and that packs of security rules have nothing to say to a stack with everything in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from library.templates import only, statements
from sagemaker_hosting import (
    AsyncInference,
    BatchTransform,
    CapacitySize,
    ComponentSpecification,
    ComputeRequirements,
    ContainerImage,
    DataCapture,
    DataQualityMonitor,
    Deployment,
    Endpoint,
    EndpointConfig,
    EndpointMonitoring,
    HostedModel,
    HostingVpcEndpoints,
    InferenceComponent,
    InstanceType,
    InvocationScaling,
    JobNetwork,
    ModelBiasMonitor,
    ModelDomain,
    ModelExplainabilityMonitor,
    ModelQualityMonitor,
    ModelTask,
    MonitorInput,
    MonitorJobs,
    ProblemType,
    S3File,
    SageMakerPreflight,
    SamplePayloads,
    Serverless,
    Strict,
    TrainingChannel,
    TrainingJob,
    ValidationError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from library.templates import Inputs

IMAGE = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/iris:1"
PACKS = ("AwsSolutions", "HIPAASecurity", "NIST80053R4", "NIST80053R5", "PCIDSS321")


class Everything(cdk.Stack):
    """One of each, as a user of strict mode would write it; what is not of the library is made compliant here."""

    def __init__(self, app: cdk.App, inputs: Inputs) -> None:
        super().__init__(app, "Everything", env=cdk.Environment(account="111122223333", region="eu-central-1"))
        self.key = kms.Key(self, "Key", enable_key_rotation=True)
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            availability_zones=["eu-central-1a", "eu-central-1b"],
            private_subnet_ids=["subnet-1a", "subnet-1b"],
            vpc_id="vpc-1",
        )
        self.bucket = s3.Bucket.from_bucket_attributes(self, "Data", bucket_name="data", encryption_key=self.key)
        self.on_call = actions.SnsAction(sns.Topic(self, "OnCall", enforce_ssl=True, master_key=self.key))
        self.image = ContainerImage.from_uri(IMAGE)
        self.strict = Strict(vpc=self.vpc, encryption_key=self.key)
        self.hosted = self.host(inputs)
        self.monitor()
        self.host_more(inputs)
        self.run_jobs()

    def host(self, inputs: Inputs) -> HostedModel:
        hosted = inputs.hosted(
            self,
            data_capture=DataCapture(bucket=self.bucket, prefix="captures"),
            deployment=Deployment.blue_green_canary(
                canary_size=CapacitySize.instances(1), wait_interval=cdk.Duration.minutes(5)
            ),
            domain=ModelDomain.MACHINE_LEARNING,
            image=self.image,
            initial_instance_count=2,
            instance_type=InstanceType.M5_LARGE,
            scaling=InvocationScaling(max_capacity=4, max_requests_per_second=10),
            smoke_test_gate=True,
            strict=self.strict,
            task=ModelTask.CLASSIFICATION,
        )
        EndpointMonitoring(self, "Watch", endpoint=hosted.endpoint, alarm_actions=[self.on_call])
        return hosted

    def monitor(self) -> None:
        monitored = MonitorInput.of_endpoint(self.hosted.endpoint)
        jobs = MonitorJobs(encrypt_traffic=True, encryption_key=self.key, network=JobNetwork(vpc=self.vpc))
        output: dict[str, Any] = {"jobs": jobs, "monitored": monitored, "output_bucket": self.bucket}
        truth: dict[str, Any] = {"ground_truth_bucket": self.bucket, "ground_truth_prefix": "truth"}
        config = S3File.from_bucket(self.bucket, "analysis.json")
        DataQualityMonitor(self, "DataQuality", output_prefix="data", **output)
        ModelQualityMonitor(
            self, "Quality", output_prefix="quality", problem_type=ProblemType.REGRESSION, **truth, **output
        )
        ModelBiasMonitor(self, "Bias", analysis_config=config, output_prefix="bias", **truth, **output)
        ModelExplainabilityMonitor(
            self, "Why", analysis_config=config, model=self.hosted.model, output_prefix="why", **output
        )

    def host_more(self, inputs: Inputs) -> None:
        HostedModel(
            self,
            "Queue",
            async_inference=AsyncInference(
                input_bucket=self.bucket, input_prefix="asked", output_bucket=self.bucket, output_prefix="answers"
            ),
            image=self.image,
            instance_type=InstanceType.G4_DN_XLARGE,
            payloads=SamplePayloads.from_directory(inputs.payloads),
            strict=self.strict,
            domain=ModelDomain.MACHINE_LEARNING,
            task=ModelTask.CLASSIFICATION,
        )
        config = EndpointConfig(self, "SharedConfig", encryption_key=self.key, vpc=self.vpc)
        config.add_instance_production_variant(variant_name="Shared", instance_type=InstanceType.M5_LARGE)
        shared = Endpoint(self, "Shared", endpoint_config=config)
        component = InferenceComponent(
            self,
            "Copies",
            endpoint=shared,
            specification=ComponentSpecification(
                compute=ComputeRequirements(cpu_cores=1, min_memory_in_mb=1024), model=self.hosted.model
            ),
        )
        copies = component.auto_scale_copy_count(min_capacity=0, max_capacity=3)
        copies.scale_on_concurrency("Load", max_concurrent_requests=5)

    def run_jobs(self) -> None:
        TrainingJob(
            self,
            "Training",
            channels={"training": TrainingChannel(bucket=self.bucket, prefix="training/")},
            encryption_key=self.key,
            image=self.image,
            log_encryption_key=self.key,
            network=JobNetwork(vpc=self.vpc),
            output_bucket=self.bucket,
            output_prefix="models",
        )
        BatchTransform(
            self,
            "Transform",
            content_type="text/csv",
            input_bucket=self.bucket,
            input_prefix="incoming/",
            log_encryption_key=self.key,
            model=self.hosted.model,
            output_bucket=self.bucket,
            output_prefix="predictions",
        )


def test_no_pack_has_anything_to_say_to_a_stack_with_everything(inputs: Inputs, tmp_path: Path) -> None:
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path / "out"))
    stack = Everything(app, inputs)
    plugins = [getattr(cdk_nag, f"{pack}Checks")(app) for pack in PACKS]
    cdk.Validations.of(app).add_plugins(*plugins, SageMakerPreflight())

    app.synth()

    assert findings(tmp_path) == []
    assert acknowledged(app) == []
    assert acknowledged(stack) == []
    assert acknowledged(stack.hosted.endpoint.node.find_child("AlarmPolicy")) != []


def findings(directory: Path) -> list[str]:
    """Return the rules that had something to say."""
    report = json.loads((directory / "out" / "validation-report.json").read_text())
    return [violation["ruleName"] for plugin in report["pluginReports"] for violation in plugin["violations"]]


def test_without_strict_mode_the_packs_miss_what_costs_money_or_needs_a_vpc(inputs: Inputs, tmp_path: Path) -> None:
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path / "out"))
    inputs.hosted(cdk.Stack(app, "Plain"), image=ContainerImage.from_uri(IMAGE))
    cdk.Validations.of(app).add_plugins(*(getattr(cdk_nag, f"{pack}Checks")(app) for pack in PACKS))

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    assert {rule.partition("-")[2] for rule in findings(tmp_path)} == {
        "CloudWatchLogGroupEncrypted",
        "LambdaConcurrency",
        "LambdaInsideVPC",
        "SageMakerEndpointConfigurationKMSKeyConfigured",
    }


def test_the_security_group_of_vpc_endpoints_leaves_the_packs_nothing_to_say(tmp_path: Path) -> None:
    app = cdk.App(analytics_reporting=False, outdir=str(tmp_path / "out"))
    vpc_stack = cdk.Stack(app, "Ways")
    HostingVpcEndpoints(vpc_stack, "Ways", vpc=ec2.Vpc(vpc_stack, "Vpc"), logs=True)
    cdk.Validations.of(app).add_plugins(*(getattr(cdk_nag, f"{pack}Checks")(app) for pack in PACKS))

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    report = json.loads((tmp_path / "out" / "validation-report.json").read_text())
    assert "/Vpc/" in json.dumps(report)
    assert "Ways/Ways/SecurityGroup" not in json.dumps(report)


def acknowledged(construct: Any) -> list[str]:
    """Return what was acknowledged on a construct itself."""
    return [
        json.dumps(str(entry.data))
        for entry in construct.node.metadata
        if "cknowledg" in entry.type or "cknowledg" in str(entry.data)
    ]


def strict(stack: cdk.Stack, **given: Any) -> Strict:
    return Strict(vpc=ec2.Vpc(stack, "Vpc"), **given)


def test_the_smoke_test_runs_in_the_vpc_and_its_logs_are_encrypted(stack: cdk.Stack, inputs: Inputs) -> None:
    inputs.hosted(stack, strict=strict(stack))

    template = Template.from_stack(stack)
    (function,) = [
        found
        for found in template.find_resources("AWS::Lambda::Function").values()
        if "PAYLOADS_KEY" in json.dumps(found)
    ]
    assert len(function["Properties"]["VpcConfig"]["SubnetIds"]) == 2
    assert function["Properties"]["ReservedConcurrentExecutions"] == 1
    template.has_resource_properties("AWS::Logs::LogGroup", {"KmsKeyId": Match.any_value()})
    assert any("ec2:AssignPrivateIpAddresses" in found["Action"] for found in statements(stack))


def test_a_key_is_made_that_rotates_and_that_cloudwatch_may_use(stack: cdk.Stack, inputs: Inputs) -> None:
    hosted = inputs.hosted(stack, strict=strict(stack))

    key = only(stack, "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    allowed = key["KeyPolicy"]["Statement"][-1]
    assert "logs." in json.dumps(allowed["Principal"])
    assert "log-group:*" in json.dumps(allowed["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
    assert hosted.encryption_key is not None
    assert "KmsKeyId" in only(stack, "AWS::SageMaker::EndpointConfig")


def test_a_key_that_is_given_is_used_for_everything(stack: cdk.Stack, inputs: Inputs) -> None:
    key = kms.Key(stack, "Key")
    hosted = inputs.hosted(stack, strict=strict(stack, encryption_key=key))

    assert hosted.encryption_key is key
    assert len(Template.from_stack(stack).find_resources("AWS::KMS::Key")) == 1


def test_the_container_is_in_the_vpc_and_isolated_unless_told_otherwise(stack: cdk.Stack, inputs: Inputs) -> None:
    inputs.hosted(stack, strict=strict(stack))

    model = only(stack, "AWS::SageMaker::Model")
    assert model["EnableNetworkIsolation"] is True
    assert len(model["VpcConfig"]["Subnets"]) == 2


def test_isolation_can_be_left_out(stack: cdk.Stack, inputs: Inputs) -> None:
    inputs.hosted(stack, network_isolation=False, strict=strict(stack))

    assert only(stack, "AWS::SageMaker::Model")["EnableNetworkIsolation"] is False


def test_nothing_that_costs_money_is_made_without_it(stack: cdk.Stack, inputs: Inputs) -> None:
    inputs.hosted(stack)

    template = Template.from_stack(stack)
    template.resource_count_is("AWS::KMS::Key", 0)
    template.resource_count_is("AWS::EC2::SecurityGroup", 0)
    assert "ReservedConcurrentExecutions" not in only(stack, "AWS::Lambda::Function")


@pytest.mark.parametrize("name", ["encryption_key", "serverless", "vpc", "vpc_subnets"])
def test_fails_when_an_argument_is_given_that_strict_excludes(stack: cdk.Stack, inputs: Inputs, name: str) -> None:
    mode = strict(stack)
    values = {
        "encryption_key": kms.Key(stack, "Key"),
        "serverless": Serverless(max_concurrency=1, memory_size_in_mb=1024),
        "vpc": mode.vpc,
        "vpc_subnets": ec2.SubnetSelection(),
    }
    with pytest.raises(ValidationError, match=f"{name} must not be given together with strict"):
        inputs.hosted(stack, strict=mode, **{name: values[name]})
