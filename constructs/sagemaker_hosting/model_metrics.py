"""What was measured of a model version, and what later measurements are compared with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from constructs import Construct

if TYPE_CHECKING:
    from sagemaker_hosting.s3_file import S3File

    Described = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True, kw_only=True)
class ModelMetrics:
    """What was measured of a version, shown beside it in the registry.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html

    Args:
        quality_statistics: Accuracy and the like.
        quality_constraints: What they have to be.
        data_quality_statistics: Distribution of the input data.
        data_quality_constraints: What it has to be.
        bias_report: Of SageMaker Clarify, before and after training.
        bias_pre_training_report: Of the data alone.
        bias_post_training_report: Of the predictions.
        explainability_report: How much each feature contributes.
    """

    quality_statistics: S3File | None = None
    quality_constraints: S3File | None = None
    data_quality_statistics: S3File | None = None
    data_quality_constraints: S3File | None = None
    bias_report: S3File | None = None
    bias_pre_training_report: S3File | None = None
    bias_post_training_report: S3File | None = None
    explainability_report: S3File | None = None

    def bind(self, scope: Construct) -> Described:
        """Make the files available, and describe them as the API does.

        Args:
            scope: Where constructs are created.
        """
        return _describe(
            self,
            Construct(scope, "Metrics"),
            {
                "ModelQuality": {"Statistics": "quality_statistics", "Constraints": "quality_constraints"},
                "ModelDataQuality": {
                    "Statistics": "data_quality_statistics",
                    "Constraints": "data_quality_constraints",
                },
                "Bias": {
                    "Report": "bias_report",
                    "PreTrainingReport": "bias_pre_training_report",
                    "PostTrainingReport": "bias_post_training_report",
                },
                "Explainability": {"Report": "explainability_report"},
            },
        )


@dataclass(frozen=True, kw_only=True)
class DriftCheckBaselines:
    """What model monitoring compares the running model with.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DriftCheckBaselines.html

    Args:
        quality_statistics: Accuracy and the like, at the time of training.
        quality_constraints: What they have to be.
        data_quality_statistics: Distribution of the training data.
        data_quality_constraints: What that of the requests has to be.
        bias_config_file: Configuration of SageMaker Clarify for bias.
        bias_pre_training_constraints: What the bias of the data may be.
        bias_post_training_constraints: What the bias of the predictions may be.
        explainability_config_file: Configuration of SageMaker Clarify for explanations.
        explainability_constraints: How much each feature may contribute.
    """

    quality_statistics: S3File | None = None
    quality_constraints: S3File | None = None
    data_quality_statistics: S3File | None = None
    data_quality_constraints: S3File | None = None
    bias_config_file: S3File | None = None
    bias_pre_training_constraints: S3File | None = None
    bias_post_training_constraints: S3File | None = None
    explainability_config_file: S3File | None = None
    explainability_constraints: S3File | None = None

    def bind(self, scope: Construct) -> Described:
        """Make the files available, and describe them as the API does.

        Args:
            scope: Where constructs are created.
        """
        return _describe(
            self,
            Construct(scope, "Baselines"),
            {
                "ModelQuality": {"Statistics": "quality_statistics", "Constraints": "quality_constraints"},
                "ModelDataQuality": {
                    "Statistics": "data_quality_statistics",
                    "Constraints": "data_quality_constraints",
                },
                "Bias": {
                    "ConfigFile": "bias_config_file",
                    "PreTrainingConstraints": "bias_pre_training_constraints",
                    "PostTrainingConstraints": "bias_post_training_constraints",
                },
                "Explainability": {
                    "ConfigFile": "explainability_config_file",
                    "Constraints": "explainability_constraints",
                },
            },
        )


def _describe(
    value: ModelMetrics | DriftCheckBaselines, scope: Construct, shape: dict[str, dict[str, str]]
) -> Described:
    files: dict[str, dict[str, str]] = {}
    for field in fields(value):
        file: S3File | None = getattr(value, field.name)
        if file is not None:
            config = file.bind(scope, "".join(word.title() for word in field.name.split("_")))
            files[field.name] = {"S3Uri": config.uri, "ContentType": config.content_type}
            if config.content_digest is not None:
                files[field.name]["ContentDigest"] = config.content_digest
    described = {
        group: {member: files[name] for member, name in members.items() if name in files}
        for group, members in shape.items()
    }
    return {group: members for group, members in described.items() if members}
