from typing import Any

import yaml

from sagemaker_hosting.preflight._load import Lines, UnusableTemplateError

# CloudFormation's short forms; every other function is written !Name for Fn::Name.
_SHORT = {"Ref": "Ref", "Condition": "Condition"}


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's YAML: short function tags, no aliases, and dates as the strings they are."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401  PyYAML's own signature
        if self.check_event(yaml.AliasEvent):
            raise UnusableTemplateError("it uses a YAML alias, which CloudFormation does not support")
        return super().compose_node(parent, index)


def _function(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, object]:
    name = _SHORT.get(suffix, f"Fn::{suffix}")
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    return {name: None}


_TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_TemplateLoader.add_multi_constructor("!", _function)


def parse_yaml(text: str) -> tuple[object, Lines]:
    """Parses a YAML template.

    Raises:
        UnusableTemplateError: It is not YAML, or not the part of YAML that CloudFormation supports.
    """
    loader = _TemplateLoader(text)
    try:
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        raise UnusableTemplateError(f"it is not valid YAML: {' '.join(str(error).split())}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusableTemplateError("it is not valid YAML, or nested too deeply") from error
    finally:
        loader.dispose()
    return raw, lambda path: _line(node, path)


def _line(node: yaml.Node | None, path: tuple[str | int, ...]) -> int | None:
    if node is None:
        return None
    line: int = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1
