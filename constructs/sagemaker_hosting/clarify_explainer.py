"""Explains each answer of an endpoint: how much every feature of the request weighed."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aws_cdk import aws_sagemaker as sagemaker

from sagemaker_hosting.data_permissions import reading_object
from sagemaker_hosting.limits import check_choice, check_length, check_number, check_texts
from sagemaker_hosting.own_policy import allow
from sagemaker_hosting.validation import Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3

_INFERENCE = "EndpointConfig.ClarifyInferenceConfig"
_SHAP = "EndpointConfig.ClarifyShapConfig"


class FeatureType(enum.Enum):
    """What a feature holds."""

    CATEGORICAL = "categorical"
    NUMERICAL = "numerical"
    TEXT = "text"


class TextGranularity(enum.Enum):
    """The parts of a text that are explained one by one."""

    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"
    TOKEN = "token"  # noqa: S105  a part of a text


@dataclass(frozen=True, kw_only=True)
class ClarifyExplainer:
    """Explanations by SageMaker Clarify with SHAP values, for endpoints that answer at once.

    Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ClarifyExplainerConfig.html

    Args:
        baseline: The records that requests are compared with, as text of 1 to 4,096 characters. Excludes
            ``baseline_bucket``.
        baseline_bucket: Bucket of an object with such records, which the roles of the models may read.
        baseline_key: Key of that object.
        baseline_mime_type: Whether the records are CSV or JSON Lines. Without it, CSV.
        content_template: How a record becomes a request, such as ``{"features":$features}``, 1 to 64 characters; needed
            for JSON Lines.
        enable_explanations: JMESPath expression, 1 to 64 characters, that says which records are explained. Without it,
            all are.
        feature_headers: 1 to 256 names of features, shown in the answer.
        feature_types: 1 to 256 types of features. Without it, the baseline tells.
        features_attribute: JMESPath expression that finds the features in a request in JSON Lines, 1 to 64 characters.
        label_attribute: JMESPath expression that finds the labels in an answer in JSON Lines, 1 to 64 characters.
        label_headers: 1 to 16 names of labels, where answers have none.
        label_index: Column of the labels in an answer in CSV, from 0.
        max_payload_in_mb: Size of a request that the explainer sends to the container, 1 to 25 MB. Without it, 6 MB.
        max_record_count: Records that the container takes in one request, at least 1. Without it, the explainer finds
            out.
        number_of_samples: Records that are made up for an explanation, at least 1. Without it, Clarify decides.
        probability_attribute: JMESPath expression that finds the probability in an answer in JSON Lines, 1 to 64
            characters.
        probability_index: Column of the probability in an answer in CSV, from 0.
        seed: Start of the random numbers, for explanations that can be repeated.
        text_granularity: The parts of a text that are explained. Needed, with ``text_language``, for text.
        text_language: ISO 639 code of its language, such as ``en``.
        use_logit: Whether probabilities become log-odds first. Without it, they do not.

    Raises:
        ValidationError: If a value is outside these limits, there is no baseline or two, or a half of what belongs
            together is missing.
    """

    baseline: str | None = None
    baseline_bucket: s3.IBucket | None = None
    baseline_key: str | None = None
    baseline_mime_type: Literal["text/csv", "application/jsonlines"] | None = None
    content_template: str | None = None
    enable_explanations: str | None = None
    feature_headers: Sequence[str] | None = None
    feature_types: Sequence[FeatureType] | None = None
    features_attribute: str | None = None
    label_attribute: str | None = None
    label_headers: Sequence[str] | None = None
    label_index: int | None = None
    max_payload_in_mb: int | None = None
    max_record_count: int | None = None
    number_of_samples: int | None = None
    probability_attribute: str | None = None
    probability_index: int | None = None
    seed: int | None = None
    text_granularity: TextGranularity | None = None
    text_language: str | None = None
    use_logit: bool | None = None

    def __post_init__(self) -> None:
        problems = Problems("ClarifyExplainer")
        problems.check(
            (self.baseline is None) is not (self.baseline_bucket is None),
            "baseline or baseline_bucket must be given, and only one of them",
        )
        for one, other, first, second in (
            ("baseline_bucket", "baseline_key", self.baseline_bucket, self.baseline_key),
            ("text_granularity", "text_language", self.text_granularity, self.text_language),
        ):
            problems.check((first is None) is (second is None), f"{one} and {other} must be given together")
        check_choice(problems, "text_language", self.text_language, "EndpointConfig.ClarifyTextConfig.Language")
        problems.check(self.baseline_key != "", "baseline_key must be the key of an object, got ''")
        check_length(problems, "baseline", self.baseline, "EndpointConfig.ClarifyShapBaselineConfig.ShapBaseline")
        check_length(
            problems,
            "enable_explanations",
            self.enable_explanations,
            "EndpointConfig.ClarifyExplainerConfig.EnableExplanations",
        )
        self._check_inference(problems)
        check_number(problems, "number_of_samples", self.number_of_samples, f"{_SHAP}.NumberOfSamples", "records")
        problems.raise_if_any()

    def _check_inference(self, problems: Problems) -> None:
        for name, value, member in (
            ("content_template", self.content_template, "ContentTemplate"),
            ("features_attribute", self.features_attribute, "FeaturesAttribute"),
            ("label_attribute", self.label_attribute, "LabelAttribute"),
            ("probability_attribute", self.probability_attribute, "ProbabilityAttribute"),
        ):
            check_length(problems, name, value, f"{_INFERENCE}.{member}")
        check_texts(problems, "feature_headers", self.feature_headers, f"{_INFERENCE}.FeatureHeaders")
        check_texts(problems, "label_headers", self.label_headers, f"{_INFERENCE}.LabelHeaders")
        problems.check(self.feature_types is None or len(self.feature_types) > 0, "feature_types must not be empty")
        for name, number, member, unit in (
            ("label_index", self.label_index, "LabelIndex", "as a column"),
            ("max_payload_in_mb", self.max_payload_in_mb, "MaxPayloadInMB", "MB"),
            ("max_record_count", self.max_record_count, "MaxRecordCount", "records"),
            ("probability_index", self.probability_index, "ProbabilityIndex", "as a column"),
        ):
            check_number(problems, name, number, f"{_INFERENCE}.{member}", unit)

    def bind(self, policy: Callable[[], iam.Policy]) -> sagemaker.CfnEndpointConfig.ExplainerConfigProperty:
        """Let the roles of the policy read the baseline, and describe the explainer to CloudFormation.

        Args:
            policy: Yields the policy of the endpoint configuration; called only if there is something to grant.
        """
        uri = None
        if self.baseline_bucket is not None and self.baseline_key is not None:
            uri = f"s3://{self.baseline_bucket.bucket_name}/{self.baseline_key}"
            allow(policy(), reading_object(self.baseline_bucket, self.baseline_key))
        return sagemaker.CfnEndpointConfig.ExplainerConfigProperty(
            clarify_explainer_config=sagemaker.CfnEndpointConfig.ClarifyExplainerConfigProperty(
                enable_explanations=self.enable_explanations,
                inference_config=self._inference(),
                shap_config=sagemaker.CfnEndpointConfig.ClarifyShapConfigProperty(
                    number_of_samples=self.number_of_samples,
                    seed=self.seed,
                    shap_baseline_config=sagemaker.CfnEndpointConfig.ClarifyShapBaselineConfigProperty(
                        mime_type=self.baseline_mime_type, shap_baseline=self.baseline, shap_baseline_uri=uri
                    ),
                    text_config=None
                    if self.text_granularity is None or self.text_language is None
                    else sagemaker.CfnEndpointConfig.ClarifyTextConfigProperty(
                        granularity=self.text_granularity.value, language=self.text_language
                    ),
                    use_logit=self.use_logit,
                ),
            )
        )

    def _inference(self) -> sagemaker.CfnEndpointConfig.ClarifyInferenceConfigProperty:
        types = self.feature_types
        return sagemaker.CfnEndpointConfig.ClarifyInferenceConfigProperty(
            content_template=self.content_template,
            feature_headers=None if self.feature_headers is None else list(self.feature_headers),
            features_attribute=self.features_attribute,
            feature_types=None if types is None else [each.value for each in types],
            label_attribute=self.label_attribute,
            label_headers=None if self.label_headers is None else list(self.label_headers),
            label_index=self.label_index,
            max_payload_in_mb=self.max_payload_in_mb,
            max_record_count=self.max_record_count,
            probability_attribute=self.probability_attribute,
            probability_index=self.probability_index,
        )
