from collections.abc import Iterator

from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._hosting import all_variants
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ENDPOINT_CONFIG
from sagemaker_hosting.preflight._value import Flaw


def _check(config: Resource) -> Iterator[Flaw]:
    for variant in all_variants(config):
        reservation = variant["CapacityReservationConfig"]
        only = reservation["CapacityReservationPreference"].text == "capacity-reservations-only"
        if only and reservation["MlReservationArn"].missing:
            yield reservation["MlReservationArn"].flaw("is missing", fix="Name the reservation to launch from")


RULE = Rule(
    id="capacity-reservation-arn",
    severity=Severity.ERROR,
    types=(ENDPOINT_CONFIG,),
    title="Reserved capacity names its reservation",
    reason="capacity-reservations-only launches instances from one reservation, which MlReservationArn names.",
    fix="Add MlReservationArn.",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantCapacityReservationConfig.html",
    ),
    bad="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.p5.48xlarge
          InitialInstanceCount: 1
          CapacityReservationConfig:
            CapacityReservationPreference: capacity-reservations-only
""",
    good="""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: iris
          InstanceType: ml.p5.48xlarge
          InitialInstanceCount: 1
          CapacityReservationConfig:
            CapacityReservationPreference: capacity-reservations-only
            MlReservationArn: arn:aws:sagemaker:us-west-2:111122223333:training-plan/reserved
""",
    check=_check,
)
