"""The rules, one per module; a module is named after its rule."""

from importlib import import_module
from pkgutil import iter_modules

from sagemaker_hosting.preflight._rule import Rule


def _load() -> tuple[Rule, ...]:
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").RULE for name in names)


RULES = _load()
