from collections.abc import Iterator
from dataclasses import dataclass

from sagemaker_hosting.facts import facts
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._template import ALARM, ENDPOINT
from sagemaker_hosting.preflight._value import Value

INVOCATIONS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that an alarm watches or that a scaling policy follows."""

    namespace: Value
    name: Value
    dimensions: Value

    def dimension(self, name: str) -> Value | None:
        """The value of a dimension."""
        found = (one["Value"] for one in self.dimensions.items if one["Name"].text == name)
        return next(found, None)

    @property
    def dimension_names(self) -> list[str] | None:
        """The names of the dimensions, or ``None`` where one is only known at deployment."""
        if self.dimensions.missing:
            return []
        names = [one["Name"].text for one in self.dimensions.items]
        return [name for name in names if name is not None] if self.dimensions.complete and None not in names else None

    @property
    def endpoint(self) -> Resource | None:
        """The endpoint that the metric is about, where it is in the template."""
        value = self.dimension("EndpointName")
        return value.target(ENDPOINT) if value is not None else None

    def is_in(self, group: str) -> bool:
        """Whether the name is one of the ``invocation``, ``instance`` or ``asynchronous`` metrics of endpoints."""
        return self.name.text in facts("catalog")["endpoint_metrics"][group]


def metrics(resource: Resource) -> Iterator[Metric]:
    """The single metrics and those inside metric math."""
    root = resource.properties
    if resource.type != ALARM:
        root = resource["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    for place in (root, *(query["MetricStat"]["Metric"] for query in root["Metrics"].items)):
        if not place["MetricName"].missing:
            yield Metric(place["Namespace"], place["MetricName"], place["Dimensions"])


def endpoint_metrics(resource: Resource) -> Iterator[Metric]:
    """Metrics in the two namespaces of SageMaker endpoints."""
    return (one for one in metrics(resource) if one.namespace.text in (INVOCATIONS, INSTANCES))
