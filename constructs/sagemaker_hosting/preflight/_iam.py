import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sagemaker_hosting.preflight._intrinsics import UNKNOWN_TEXT
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._template import ROLE
from sagemaker_hosting.preflight._value import Value

_POLICY_TYPES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_ACCOUNT = re.compile(r"\b\d{12}\b")
_REGION = re.compile(r"\b[a-z]{2}(-[a-z]+){1,2}-\d\b")

_BUCKET_ARN = re.compile(r"^arn:(aws[a-z-]*|\$\{AWS::Partition\}):s3:::")
_ARN_ATTRIBUTE = re.compile(r"^\$\{([^}.]+)\.Arn\}")
_PATH_STYLE = re.compile(r"https://s3[.-][^/]*/")
_PARTITION = re.compile(r"^arn:(aws[a-z-]*|\$\{AWS::Partition\}):")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a role may do, as far as the template shows.

    Attributes:
        allowed: Pairs of an action pattern and a resource pattern.
        complete: Whether the template shows all of it. A policy that is managed elsewhere, or that is only known at
            deployment, may allow more.
    """

    allowed: tuple[tuple[str, str], ...]
    complete: bool

    def allow(self, action: str, resource: str | None = None) -> bool:
        """Whether an action is allowed, on a resource or on any."""
        return any(
            _matches(pattern.lower(), action.lower()) and (resource is None or _covers(where, resource))
            for pattern, where in self.allowed
        )


def permissions(role: Resource) -> Permissions:
    """Collects the statements of every policy that the template attaches to a role."""
    allowed: list[tuple[str, str]] = []
    complete = True
    for document in _documents(role):
        statements = document["Statement"]
        if document.token or statements.token or statements.missing:
            complete = False
            continue
        for statement in statements.walk():
            if statement.token or statement["Effect"].text not in ("Allow", "Deny"):
                complete = False
            elif statement["Effect"].text == "Allow":
                allowed.extend(_pairs(statement))
                complete = complete and statement["NotAction"].missing and statement["NotResource"].missing
    return Permissions(tuple(allowed), complete and _all_shown(role))


def trusts(role: Resource, service: str) -> bool | None:
    """Whether a role lets a service assume it; ``None`` where that is only known at deployment."""
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    if statements.missing or statements.token:
        return None
    for statement in statements.walk():
        principal = statement["Principal"]
        named = list(principal["Service"].walk())
        if statement.token or principal.token or any(one.text is None for one in named):
            return None
        texts = [one.text for one in named]
        anyone = principal.text == "*" or any(one.text == "*" for one in principal["AWS"].walk())
        if statement["Effect"].text == "Allow" and (service in texts or anyone):
            return True
    return False


def policies_of(role: Resource) -> list[Resource]:
    """The policies that are resources of their own and name the role."""
    memo = role.template.memo
    if "policies" not in memo:
        index: dict[str, list[Resource]] = {}
        for policy in role.template.of_type(*_POLICY_TYPES):
            for value in (*policy["Roles"].items, policy["RoleName"]):
                role_named = value.target(ROLE)
                if role_named is not None:
                    index.setdefault(role_named.logical_id, []).append(policy)
        memo["policies"] = index
    found: list[Resource] = memo["policies"].get(role.logical_id, [])
    return found


def policy_allows(policy: Resource, action: str, resource: str | None = None) -> bool:
    """Whether a policy allows an action, on a resource or on any."""
    statements = policy["PolicyDocument"]["Statement"].walk()
    allowed = [pair for one in statements if one["Effect"].text == "Allow" for pair in _pairs(one)]
    return Permissions(tuple(allowed), complete=True).allow(action, resource)


def _documents(role: Resource) -> Iterator[Value]:
    for inline in role["Policies"].items:
        yield inline["PolicyDocument"]
    for policy in policies_of(role):
        yield policy["PolicyDocument"]
    for value in role["ManagedPolicyArns"].items:
        managed = value.target(_MANAGED_POLICY)
        if managed is not None:
            yield managed["PolicyDocument"]


def _all_shown(role: Resource) -> bool:
    managed = role["ManagedPolicyArns"]
    lists_shown = all(one.missing or one.complete for one in (managed, role["Policies"]))
    return lists_shown and all(one.target(_MANAGED_POLICY) is not None for one in managed.items)


def _pairs(statement: Value) -> Iterator[tuple[str, str]]:
    for action in statement["Action"].walk():
        for resource in statement["Resource"].walk():
            yield action.sub or UNKNOWN_TEXT, resource.sub or UNKNOWN_TEXT


def s3_location(uri: str) -> str | None:
    """``s3://bucket/key`` of an S3 URI or of a path-style S3 URL."""
    if uri.startswith("s3://"):
        return uri
    found = _PATH_STYLE.match(uri)
    return f"s3://{uri[found.end() :]}" if found is not None else None


def object_arn(location: str) -> str:
    """The ARN, with placeholders, of the object at ``s3://bucket/key``."""
    return "arn:aws:s3:::" + location.removeprefix("s3://")


def _covers(pattern: str, resource: str) -> bool:
    return _matches(_normal(pattern), _normal(resource))


@lru_cache(maxsize=4096)
def _normal(arn: str) -> str:
    """An ARN without what may be written in two ways: partition, account, Region, and the bucket's own reference."""
    arn = _ARN_ATTRIBUTE.sub(r"s3://${\1}", arn)
    arn = _BUCKET_ARN.sub("s3://", arn)
    arn = _PARTITION.sub("arn:", arn)
    arn = _ACCOUNT.sub("${AWS::AccountId}", arn)
    return _REGION.sub("${AWS::Region}", arn)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = re.sub(r"\*+", "*", pattern[:2048].replace(UNKNOWN_TEXT, "*"))
    return re.compile("".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern))


def _matches(pattern: str, text: str) -> bool:
    """IAM's own wildcards; a part that is only known at deployment matches anything."""
    if UNKNOWN_TEXT in text:
        return True
    if pattern.count("*") > 8:  # noqa: PLR2004  nobody writes that; matching it could take long
        return True
    return _compiled(pattern).fullmatch(text[:2048]) is not None
