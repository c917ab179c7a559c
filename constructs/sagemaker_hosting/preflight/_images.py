import re
from dataclasses import dataclass
from functools import cache

from sagemaker_hosting.facts import facts

_ECR = re.compile(
    r"(?P<account>\d{12}|\$\{[^}]*\})[.]dkr[.-]ecr(-fips)?[.](?P<region>[a-z0-9-]+|\$\{[^}]*\})"
    r"[.](?P<domain>amazonaws[.]com([.]cn)?|on[.]aws|[a-z0-9.-]+|\$\{[^}]*\})"
    r"/(?P<repository>[^:@]+)([:@](?P<tag>.+))?"
)
_PROCESSORS = {"graviton": "arm", "inferentia": "neuron", "neuronx": "neuron"}
_CPU_ONLY = ("sagemaker-scikit-learn", "sagemaker-sparkml-serving", "sagemaker-xgboost")


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
        images = facts("images")
        if not self.repository or self.repository not in images["repositories"]:
            return {}
        accounts: dict[str, str] = images["accounts"][str(images["repositories"][self.repository])]
        # Plain names such as xgboost are as likely the user's own where the account is not known.
        is_published = self.account in accounts.values() or (self.account is None and "-" in self.repository)
        return accounts if is_published else {}

    @property
    def processor(self) -> str | None:
        """What an image that AWS publishes is built for: ``cpu``, ``gpu``, ``neuron`` or ``arm``."""
        if not self.prebuilt_accounts or self.repository is None:
            return None
        listed = _processor_of().get((self.repository, self.tag))
        if listed is not None:
            return listed
        name = f"{self.repository}:{self.tag or ''}"
        if "neuron" in name:
            return "neuron"
        if "graviton" in name or "arm64" in name:
            return "arm"
        if re.search(r"-gpu(-|$)|-cu\d{3}", name):
            return "gpu"
        return "cpu" if re.search(r"-cpu(-|$)", name) or self.repository in _CPU_ONLY else None


@cache
def _processor_of() -> dict[tuple[str, str | None], str]:
    rows = [row for images in facts("images")["images"].values() for row in images]
    return {(repository, tag): _PROCESSORS.get(processor, processor) for processor, _, _, repository, tag, _ in rows}


def parse_image(sub: str | None) -> Image | None:
    """The parts of an image URI, or ``None`` where it is not one of Amazon ECR."""
    found = _ECR.fullmatch(sub or "")
    if found is None:
        return None
    return Image(*(_literal(found[part]) for part in ("account", "region", "repository", "tag")))


def _literal(part: str | None) -> str | None:
    return None if part is None or "${" in part else part
