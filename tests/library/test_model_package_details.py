from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from library.templates import logical_id, only, small_model, statement
from sagemaker_hosting import (
    AdditionalInference,
    ApprovalStatus,
    ContainerDescription,
    DriftCheckBaselines,
    InstanceType,
    ModelCard,
    ModelCardStatus,
    ModelFramework,
    ModelMetrics,
    ModelPackage,
    ModelPackageGroup,
    PackageValidation,
    Provenance,
    S3File,
    ValidationError,
    ValidationTransform,
)
from sagemaker_hosting.preflight import check_template

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "AWS::SageMaker::ModelPackage"
M5 = [InstanceType.M5_LARGE]


def version(stack: cdk.Stack, **arguments: Any) -> ModelPackage:
    given: dict[str, Any] = {
        "model": small_model(stack),
        "model_package_group": ModelPackageGroup(stack, "Group"),
        "supported_content_types": ["text/csv"],
        "supported_response_types": ["text/csv"],
        **arguments,
    }
    return ModelPackage(stack, "Package", **given)


def unversioned(stack: cdk.Stack, **arguments: Any) -> ModelPackage:
    given: dict[str, Any] = {
        "model_package_group": None,
        "supported_realtime_inference_instance_types": M5,
        "supported_transform_instance_types": M5,
        **arguments,
    }
    return version(stack, **given)


def transform(stack: cdk.Stack, **arguments: Any) -> ValidationTransform:
    bucket = s3.Bucket.from_bucket_name(stack, "Samples", "samples")
    given: dict[str, Any] = {
        "input_bucket": bucket,
        "input_prefix": "iris/test.csv",
        "output_bucket": bucket,
        "output_prefix": "answers",
        "content_type": "text/csv",
        "instance_type": InstanceType.M5_LARGE,
        **arguments,
    }
    return ValidationTransform(**given)


def test_a_container_says_what_inference_recommender_wants_to_know(stack: cdk.Stack) -> None:
    version(
        stack,
        container_descriptions=[
            ContainerDescription(
                framework=ModelFramework.PYTORCH,
                framework_version="1.7.1",
                nearest_model_name="resnet18",
                data_input_configuration="[[1,3,256,256]]",
                image_digest="sha256:" + "0" * 64,
                environment={"LEVEL": "debug"},
            )
        ],
    )
    (container,) = only(stack, PACKAGE)["InferenceSpecification"]["Containers"]
    image = only(stack, "AWS::SageMaker::Model")["PrimaryContainer"]["Image"]

    assert container == {
        "Environment": {"LEVEL": "debug"},
        "Framework": "PYTORCH",
        "FrameworkVersion": "1.7.1",
        "Image": image,
        "ImageDigest": "sha256:" + "0" * 64,
        "ModelInput": {"DataInputConfig": "[[1,3,256,256]]"},
        "NearestModelName": "resnet18",
    }


def test_a_framework_that_sagemaker_does_not_name_is_text(stack: cdk.Stack) -> None:
    version(stack, container_descriptions=[ContainerDescription(framework="LIGHTGBM")])
    (container,) = only(stack, PACKAGE)["InferenceSpecification"]["Containers"]

    assert container["Framework"] == "LIGHTGBM"


def test_metrics_name_a_file_its_type_and_its_digest(stack: cdk.Stack, tmp_path: Path) -> None:
    file = tmp_path / "quality.json"
    file.write_text('{"accuracy": 0.97}')
    bucket = s3.Bucket.from_bucket_name(stack, "Reports", "reports")
    version(
        stack,
        model_metrics=ModelMetrics(
            quality_statistics=S3File.from_asset(file),
            bias_report=S3File.from_bucket(bucket, "bias.csv", content_type="text/csv"),
        ),
    )
    metrics = only(stack, PACKAGE)["ModelMetrics"]

    assert set(metrics) == {"ModelQuality", "Bias"}
    statistics = metrics["ModelQuality"]["Statistics"]
    assert statistics["ContentType"] == "application/json"
    assert statistics["ContentDigest"] == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert "cdk-hnb659fds-assets" in json.dumps(statistics["S3Uri"])
    assert metrics["Bias"] == {"Report": {"ContentType": "text/csv", "S3Uri": "s3://reports/bias.csv"}}


def test_every_metric_and_baseline_has_its_place(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Reports", "reports")

    def files(kind: type[Any]) -> Any:
        return kind(**{name: S3File.from_bucket(bucket, name) for name in kind.__dataclass_fields__})

    version(stack, model_metrics=files(ModelMetrics), drift_check_baselines=files(DriftCheckBaselines))
    properties = only(stack, PACKAGE)

    def keys(described: dict[str, Any]) -> dict[str, dict[str, str]]:
        return {
            group: {member: file["S3Uri"].removeprefix("s3://reports/") for member, file in members.items()}
            for group, members in described.items()
        }

    quality = {
        "ModelQuality": {"Statistics": "quality_statistics", "Constraints": "quality_constraints"},
        "ModelDataQuality": {"Statistics": "data_quality_statistics", "Constraints": "data_quality_constraints"},
    }
    assert keys(properties["ModelMetrics"]) == {
        **quality,
        "Bias": {
            "Report": "bias_report",
            "PreTrainingReport": "bias_pre_training_report",
            "PostTrainingReport": "bias_post_training_report",
        },
        "Explainability": {"Report": "explainability_report"},
    }
    assert keys(properties["DriftCheckBaselines"]) == {
        **quality,
        "Bias": {
            "ConfigFile": "bias_config_file",
            "PreTrainingConstraints": "bias_pre_training_constraints",
            "PostTrainingConstraints": "bias_post_training_constraints",
        },
        "Explainability": {"ConfigFile": "explainability_config_file", "Constraints": "explainability_constraints"},
    }


def test_a_version_tells_its_story(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/one")
    version(
        stack,
        approval_status=ApprovalStatus.REJECTED,
        approval_description="too slow",
        customer_metadata={"team": "botany"},
        encryption_key=key,
        model_card=ModelCard(content={"intended_uses": {"purpose_of_model": "demo"}}, status=ModelCardStatus.APPROVED),
        provenance=Provenance(commit_id="abc", repository="https://example.org/iris"),
        skip_model_validation="All",
        source_uri="arn:aws:sagemaker:eu-central-1:111122223333:model-package/other/1",
    )
    properties = only(stack, PACKAGE)

    assert (properties["ModelApprovalStatus"], properties["ApprovalDescription"]) == ("Rejected", "too slow")
    assert properties["CustomerMetadataProperties"] == {"team": "botany"}
    assert properties["SecurityConfig"] == {"KmsKeyId": key.key_arn}
    assert properties["ModelCard"]["ModelCardStatus"] == "Approved"
    assert json.loads(properties["ModelCard"]["ModelCardContent"]) == {"intended_uses": {"purpose_of_model": "demo"}}
    assert properties["MetadataProperties"] == {"CommitId": "abc", "Repository": "https://example.org/iris"}
    assert properties["SkipModelValidation"] == "All"
    assert properties["SourceUri"].endswith(":model-package/other/1")


def test_a_version_has_a_further_way_to_run(stack: cdk.Stack) -> None:
    compiled = small_model(stack, "Compiled")
    version(
        stack,
        additional_inferences=[
            AdditionalInference(
                name="neo",
                model=compiled,
                container_descriptions=[ContainerDescription(framework="PYTORCH")],
                description="compiled",
                supported_realtime_inference_instance_types=M5,
            )
        ],
    )
    (further,) = only(stack, PACKAGE)["AdditionalInferenceSpecifications"]

    assert (further["Name"], further["Description"]) == ("neo", "compiled")
    assert further["Containers"][0]["Framework"] == "PYTORCH"
    assert further["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.large"]


def test_an_unversioned_package_has_a_name_that_follows_its_content_and_no_approval(stack: cdk.Stack) -> None:
    unversioned(stack)
    properties = only(stack, PACKAGE)

    assert "ModelPackageGroupName" not in properties
    assert "ModelApprovalStatus" not in properties
    assert properties["ModelPackageName"].startswith("Stack-Package-")
    assert properties["ModelPackageName"].endswith(f"-{logical_id(stack, PACKAGE)[-8:]}")
    assert check_template(Template.from_stack(stack).to_json(), region="eu-central-1") == []


def test_another_content_gives_an_unversioned_package_another_name() -> None:
    names = []
    for description in ("one", "two", "two"):
        stack = cdk.Stack(cdk.App(), "Stack")
        unversioned(stack, description=description)
        names.append(only(stack, PACKAGE)["ModelPackageName"])

    assert names[0] != names[1] == names[2]


def test_a_package_for_the_marketplace_is_validated_with_the_role_of_its_model(stack: cdk.Stack) -> None:
    unversioned(
        stack,
        certify_for_marketplace=True,
        model_package_name="scikit-iris-detector",
        validation=PackageValidation(transform=transform(stack, split_type="Line", accept="text/csv")),
    )
    properties = only(stack, PACKAGE)
    specification = properties["ValidationSpecification"]
    (profile,) = specification["ValidationProfiles"]

    assert properties["CertifyForMarketplace"] is True
    assert properties["ModelPackageName"] == "scikit-iris-detector"
    assert specification["ValidationRole"] == only(stack, "AWS::SageMaker::Model")["ExecutionRoleArn"]
    assert profile["ProfileName"] == "validation"
    assert profile["TransformJobDefinition"] == {
        "TransformInput": {
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://samples/iris/test.csv"}},
            "SplitType": "Line",
        },
        "TransformOutput": {"Accept": "text/csv", "S3OutputPath": "s3://samples/answers"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }


def test_the_validation_reads_the_samples_and_writes_the_answers_and_nothing_else(stack: cdk.Stack) -> None:
    unversioned(stack, validation=PackageValidation(transform=transform(stack)))

    assert json.dumps(statement(stack, "s3:GetObject")["Resource"]).endswith(':s3:::samples/iris/test.csv*"]]}')
    assert statement(stack, "s3:ListBucket")["Condition"] == {"StringLike": {"s3:prefix": "iris/test.csv*"}}
    assert json.dumps(statement(stack, "s3:PutObject")["Resource"]).endswith(':s3:::samples/answers/*"]]}')
    ((_, resource),) = Template.from_stack(stack).find_resources(PACKAGE).items()
    assert any(name.startswith("PackageValidationPolicy") for name in resource["DependsOn"])


def test_the_validation_may_use_the_keys_that_it_is_given(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/one")
    unversioned(stack, validation=PackageValidation(transform=transform(stack, output_key=key, volume_key=key)))
    (profile,) = only(stack, PACKAGE)["ValidationSpecification"]["ValidationProfiles"]

    assert statement(stack, "kms:GenerateDataKey")["Resource"] == key.key_arn
    assert profile["TransformJobDefinition"]["TransformOutput"]["KmsKeyId"] == key.key_arn
    assert profile["TransformJobDefinition"]["TransformResources"]["VolumeKmsKeyId"] == key.key_arn


def test_tags_of_the_stack_reach_the_group_and_an_unversioned_package_but_no_version(stack: cdk.Stack) -> None:
    version(stack)
    cdk.Tags.of(stack).add("team", "botany")

    assert only(stack, "AWS::SageMaker::ModelPackageGroup")["Tags"] == [{"Key": "team", "Value": "botany"}]
    assert "Tags" not in only(stack, PACKAGE)


@pytest.mark.parametrize(
    ("arguments", "renamed"),
    [
        ({}, False),
        ({"approval_status": ApprovalStatus.APPROVED}, False),
        ({"approval_description": "fine"}, False),
        ({"customer_metadata": {"team": "botany"}}, False),
        ({"model_card": ModelCard(content={})}, False),
        ({"description": "Another"}, True),
        ({"supported_content_types": ["application/json"]}, True),
        ({"container_descriptions": [ContainerDescription(framework="ONNX")]}, True),
        ({"provenance": Provenance(commit_id="abc")}, True),
    ],
)
def test_what_cannot_be_changed_in_place_makes_a_new_version(arguments: dict[str, Any], renamed: bool) -> None:
    ids = []
    for given in ({}, arguments):
        stack = cdk.Stack(cdk.App(), "Stack")
        version(stack, **given)
        ids.append(logical_id(stack, PACKAGE))

    assert (ids[0] != ids[1]) is renamed


def test_a_package_is_imported_by_its_arn_or_by_its_number(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:eu-central-1:444455556666:model-package/iris/3"
    group = ModelPackageGroup.from_model_package_group_arn(
        stack, "Group", "arn:aws:sagemaker:eu-central-1:444455556666:model-package-group/iris"
    )

    assert ModelPackage.from_model_package_arn(stack, "ByArn", arn).model_package_arn == arn
    by_number = ModelPackage.from_model_package_version(stack, "ByNumber", model_package_group=group, version=3)
    assert by_number.model_package_arn == arn
    assert by_number.approval_status is None


def test_a_version_of_a_group_of_this_app_is_referred_to_through_the_group(stack: cdk.Stack) -> None:
    group = ModelPackageGroup(stack, "Group")
    imported = ModelPackage.from_model_package_version(stack, "Version", model_package_group=group, version=1)
    text = json.dumps(stack.resolve(imported.model_package_arn))

    assert "ModelPackageGroupArn" in text
    assert ":model-package/" in text


def test_a_group_of_another_account_is_named_by_its_arn() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    arn = "arn:aws:sagemaker:eu-central-1:444455556666:model-package-group/iris"
    version(stack, model_package_group=ModelPackageGroup.from_model_package_group_arn(stack, "Shared", arn))

    assert only(stack, PACKAGE)["ModelPackageGroupName"] == arn


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"model": None}, "model or source_algorithm must be given, and not both"),
        ({"approval_description": "x" * 1025}, "length of approval_description must be 0 to 1024 characters, got 1025"),
        ({"source_uri": "x" * 1025}, "length of source_uri must be 0 to 1024 characters, got 1025"),
        ({"skip_model_validation": "Some"}, "skip_model_validation must be All or None, got 'Some'"),
        ({"model_package_name": "iris"}, "model_package_name must not be given together with model_package_group"),
        ({"certify_for_marketplace": True}, "certify_for_marketplace must not be given together with"),
        ({"customer_metadata": {}}, "values in customer_metadata must be 1 to 50 values, got 0"),
        ({"customer_metadata": {"a!": "b"}}, r"names in customer_metadata must be 1 to 128 letters.*, got 'a!'"),
        ({"customer_metadata": {"a": ""}}, r"customer_metadata\['a'\] must be 1 to 256 letters.*, got ''"),
        ({"container_descriptions": [ContainerDescription()] * 2}, "one for each of the 1 containers .* got 2"),
        ({"supported_content_types": ["x" * 257]}, "supported_content_types must be types of 1 to 256 characters"),
        ({"supported_response_types": ["csv"]}, "supported_response_types must be types such as text/csv"),
        (
            {"supported_transform_instance_types": [InstanceType.of("ml.t2.medium")]},
            "supported_transform_instance_types must be among .* for transform, got 'ml.t2.medium'",
        ),
    ],
)
def test_fails_for_a_version_outside_the_limits(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        version(stack, **arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"supported_transform_instance_types": ()}, "supported_transform_instance_types must hold at least one type"),
        ({"approval_status": ApprovalStatus.APPROVED}, "approval_status must not be given without model_package_group"),
        ({"certify_for_marketplace": True}, "validation must be given together with certify_for_marketplace, got none"),
        ({"model_package_name": "-"}, "model_package_name must be 1 to 63 letters"),
    ],
)
def test_fails_for_an_unversioned_package_that_lacks_something(
    stack: cdk.Stack, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        unversioned(stack, **arguments)


def test_fails_for_two_further_ways_of_one_name_and_for_more_than_fifteen(stack: cdk.Stack) -> None:
    further = AdditionalInference(name="neo", model=small_model(stack, "Compiled"))
    with pytest.raises(ValidationError) as error:
        version(stack, additional_inferences=[further] * 16)

    assert "the number of additional_inferences must be 0 to 15 additional inferences, got 16" in str(error.value)
    assert "additional_inferences must have names of their own" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"framework_version": "1"}, "framework_version must be a digit, a dot, .* 3 to 10 characters, got '1'"),
        ({"framework_version": "1.23456789-x"}, "framework_version must be"),
        ({"data_input_configuration": ""}, "length of data_input_configuration must be 1 to 16384 characters, got 0"),
        ({"image_digest": "abc"}, "image_digest must be sha256: and 64 hexadecimal digits, got 'abc'"),
        ({"environment": {"1": "x"}}, "environment names must be letters, digits and underscores.*got '1'"),
        ({"environment": {"A": "x" * 1025}}, r"environment\['A'\] must have at most 1024 characters, got 1025"),
        ({"environment": {f"A{i}": "" for i in range(101)}}, "environment must hold at most 100 variables, got 101"),
    ],
)
def test_fails_for_a_description_of_a_container_outside_the_limits(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ContainerDescription(**arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"content_type": "x" * 257}, "length of content_type must be 1 to 256 characters, got 257"),
        ({"accept": "x" * 257}, "length of accept must be 0 to 256 characters, got 257"),
        ({"input_prefix": "x" * 1024}, "length of the URI of the sample data must be 0 to 1024 characters"),
        ({"output_prefix": "/a"}, "output_prefix must be a folder without a slash at either end, got '/a'"),
        ({"assemble_with": "line"}, "assemble_with must be None or Line, got 'line'"),
        ({"batch_strategy": "Single"}, "batch_strategy must be MultiRecord or SingleRecord, got 'Single'"),
        ({"compression_type": "zip"}, "compression_type must be None or Gzip, got 'zip'"),
        ({"split_type": "Word"}, "split_type must be None or Line or RecordIO or TFRecord, got 'Word'"),
        ({"input_data_type": "File"}, "input_data_type must be S3Prefix or ManifestFile or AugmentedManifestFile"),
        ({"instance_count": 0}, "instance_count must be at least 1 instances, got 0"),
        ({"max_concurrent_transforms": -1}, "max_concurrent_transforms must be at least 0 requests, got -1"),
        ({"max_payload_in_mb": 101}, "max_payload_in_mb must be 0 to 100 MB, got 101"),
        (
            {"max_payload_in_mb": 51, "max_concurrent_transforms": 2},
            "max_payload_in_mb times max_concurrent_transforms must be 0 to 100 MB, got 102",
        ),
        ({"batch_strategy": "MultiRecord"}, "split_type must be given together with batch_strategy, got None"),
        ({"environment": {f"A{i}": "" for i in range(17)}}, "environment must hold at most 16 variables, got 17"),
        (
            {"instance_type": InstanceType.T2_MEDIUM},
            "among the [0-9]+ types that SageMaker offers for transform",
        ),
    ],
)
def test_fails_for_a_validation_outside_the_limits(stack: cdk.Stack, arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        transform(stack, **arguments)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"model_package_details": {}}, "content must leave out 'model_package_details'"),
        ({"a": object()}, "content must be JSON: Object of type object is not JSON serializable"),
        ({"a": "x" * 100_000}, "length of content as JSON must be 0 to 100000 characters"),
    ],
)
def test_fails_for_a_model_card_that_the_registry_refuses(content: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ModelCard(content=content)


def test_fails_for_metrics_whose_file_or_digest_is_none(stack: cdk.Stack, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="path must be an existing file"):
        S3File.from_asset(tmp_path / "nowhere.json")
    with pytest.raises(ValidationError, match="content_digest must be sha256: and 64 hexadecimal digits, got 'x'"):
        S3File.from_bucket(s3.Bucket(stack, "Bucket"), "a.json", content_digest="x")


def test_fails_for_a_provenance_that_is_too_long() -> None:
    with pytest.raises(ValidationError, match="length of commit_id must be 0 to 1024 characters, got 1025"):
        Provenance(commit_id="x" * 1025)


def test_fails_for_names_that_sagemaker_refuses(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match=r"profile_name must be 1 to 63 letters.*got '-'"):
        PackageValidation(transform=transform(stack), profile_name="-")
    with pytest.raises(ValidationError, match=r"name must be 1 to 63 letters.*got '-'"):
        AdditionalInference(name="-", model=small_model(stack))


def test_fails_for_an_import_of_what_is_no_package(stack: cdk.Stack) -> None:
    with pytest.raises(ValidationError, match="model_package_arn must be arn:aws:sagemaker:REGION"):
        ModelPackage.from_model_package_arn(stack, "Package", "arn:aws:s3:::bucket")
    with pytest.raises(ValidationError, match="version must be at least 1"):
        ModelPackage.from_model_package_version(
            stack, "Version", model_package_group=ModelPackageGroup(stack, "Group"), version=0
        )


def test_the_wildcard_of_a_bucket_that_is_imported_by_an_export_is_acknowledged() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    bucket = s3.Bucket.from_bucket_name(stack, "Imported", cdk.Fn.import_value("SampleBucketName"))
    unversioned(stack, validation=PackageValidation(transform=transform(stack, input_bucket=bucket)))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    assert app.synth().get_stack_by_name("Stack").template["Resources"]
