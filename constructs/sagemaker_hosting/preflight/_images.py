import re
from dataclasses import dataclass

from sagemaker_hosting.preflight._data import data

_ECR = re.compile(
    r"(?P<account>\d{12}|\$\{[^}]*\})[.]dkr[.-]ecr(-fips)?[.](?P<region>[a-z0-9-]+|\$\{[^}]*\})"
    r"[.](?P<domain>amazonaws[.]com([.]cn)?|on[.]aws|[a-z0-9.-]+|\$\{[^}]*\})"
    r"/(?P<repository>[^:@]+)([:@](?P<tag>.+))?"
)
_CATALOGS = ("deep_learning_containers", "scikit_learn_and_xgboost")


@dataclass(frozen=True, slots=True)
class Image:
    """The parts of an Amazon ECR image URI; a part that is only known at deployment is ``None``."""

    account: str | None
    region: str | None
    repository: str | None
    tag: str | None

    @property
    def prebuilt_accounts(self) -> dict[str, str]:
        """For an image that AWS publishes for SageMaker: its account in each Region. Else empty."""
        for name in _CATALOGS:
            catalog = data("catalog")[name]
            if self.repository in catalog["repositories"] and self._published_by_aws(catalog["accounts"]):
                accounts: dict[str, str] = catalog["accounts"]
                return accounts
        return {}

    def _published_by_aws(self, accounts: dict[str, str]) -> bool:
        return self.account is None or self.account in accounts.values()

    @property
    def processor(self) -> str | None:
        """What an image that AWS publishes is built for: ``cpu``, ``gpu``, ``neuron`` or ``arm``."""
        if not self.prebuilt_accounts or self.repository is None:
            return None
        name = f"{self.repository}:{self.tag or ''}"
        if "neuron" in name:
            return "neuron"
        if "graviton" in name or "arm64" in name:
            return "arm"
        if re.search(r"-gpu-|-cu\d{3}", name):
            return "gpu"
        return "cpu" if "-cpu-" in name or self.repository.startswith("sagemaker-") else None


def parse_image(sub: str | None) -> Image | None:
    """The parts of an image URI, or ``None`` where it is not one of Amazon ECR."""
    found = _ECR.fullmatch(sub or "")
    if found is None:
        return None
    return Image(*(_literal(found[part]) for part in ("account", "region", "repository", "tag")))


def _literal(part: str | None) -> str | None:
    return None if part is None or "${" in part else part
