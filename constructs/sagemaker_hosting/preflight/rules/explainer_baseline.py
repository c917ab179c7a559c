from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    baseline = config["ExplainerConfig"]["ClarifyExplainerConfig"]["ShapConfig"]["ShapBaselineConfig"]
    inline, uri = baseline["ShapBaseline"], baseline["ShapBaselineUri"]
    if inline.given and uri.given:
        yield inline.flaw("is given together with ShapBaselineUri", fix="Remove one of the two")
    if baseline.literal and inline.missing and uri.missing:
        yield inline.flaw("is missing, and so is ShapBaselineUri", fix="Add one of the two")


RULE = Rule(
    id="explainer-baseline",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="An explainer has one baseline",
    reason=(
        "The API requires a SHAP baseline, either inline in ShapBaseline or in Amazon S3 with ShapBaselineUri, "
        "and states that the two are mutually exclusive."
    ),
    fix="Give ShapBaseline or ShapBaselineUri.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ClarifyShapBaselineConfig.html",),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      ExplainerConfig:
        ClarifyExplainerConfig:
          ShapConfig:
            ShapBaselineConfig:
              MimeType: text/csv
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
      ExplainerConfig:
        ClarifyExplainerConfig:
          ShapConfig:
            ShapBaselineConfig:
              MimeType: text/csv
              ShapBaseline: 5.1,3.5,1.4,0.2
""",
    check=_check,
)
