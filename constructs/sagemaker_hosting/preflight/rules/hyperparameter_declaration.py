from collections.abc import Iterator

from sagemaker_hosting.preflight._declaration import DECLARATION, Declared, read_declaration
from sagemaker_hosting.preflight._finding import Severity
from sagemaker_hosting.preflight._resource import Resource
from sagemaker_hosting.preflight._rule import Rule
from sagemaker_hosting.preflight._template import ALGORITHM
from sagemaker_hosting.preflight._value import Flaw, Value

_FIX = f"Make the algorithm of {DECLARATION}, or correct the file"


def _check(algorithm: Resource) -> Iterator[Flaw]:
    training = algorithm["TrainingSpecification"]
    image = algorithm.template.assets.image(training["TrainingImage"].sub)
    declared = None if image is None else read_declaration(image.context)
    parameters = training["SupportedHyperParameters"]
    if declared is None or not (parameters.missing or parameters.complete):
        return
    there = {one["Name"].text: one for one in parameters.items}
    if None in there:
        return
    missing = sorted(declared.keys() - there.keys())
    if missing:
        yield parameters.flaw(f"lacks {', '.join(missing)}, which {DECLARATION} of the image declares", fix=_FIX)
    for name, parameter in there.items():
        if name not in declared:
            yield parameter["Name"].flaw(f"is {name}, which {DECLARATION} of the image does not declare", fix=_FIX)
        else:
            yield from _compare(parameter, declared[name])


def _compare(parameter: Value, declared: Declared) -> Iterator[Flaw]:
    kind, default = parameter["Type"], parameter["DefaultValue"]
    if kind.text is not None and kind.text != declared.kind:
        yield kind.must(f"be {declared.kind}, as {DECLARATION} of the image declares", fix=_FIX)
        return
    numeric = declared.kind in ("Integer", "Continuous")
    if not default.token and _differ(default.text, declared.default, numeric=numeric):
        yield _other(default, declared.default)
    required = parameter["IsRequired"]
    if not required.token and (required.flag is True) != declared.required:
        yield required.must(f"be {str(declared.required).lower()}, as {DECLARATION} of the image declares", fix=_FIX)
    if numeric:
        span = parameter["Range"][f"{declared.kind}ParameterRangeSpecification"]
        for end, expected in (("MinValue", declared.minimum), ("MaxValue", declared.maximum)):
            if not span[end].token and _differ(span[end].text, expected, numeric=True):
                yield _other(span[end], expected)
    elif declared.values:
        values = parameter["Range"]["CategoricalParameterRangeSpecification"]["Values"]
        texts = [one.text for one in values.items]
        if values.complete and None not in texts and set(texts) != set(declared.values):
            yield values.must(f"be {', '.join(declared.values)}, as {DECLARATION} of the image declares", fix=_FIX)


def _other(value: Value, expected: object) -> Flaw:
    if expected is None:
        return value.flaw(f"is given, but {DECLARATION} of the image declares none", fix=_FIX)
    return value.must(f"be {expected}, as {DECLARATION} of the image declares", fix=_FIX)


def _differ(written: str | None, expected: object, *, numeric: bool) -> bool:
    if written is None or expected is None:
        return (written is None) != (expected is None)
    try:
        return float(written) != float(str(expected)) if numeric else written != str(expected)
    except ValueError:
        return False


RULE = Rule(
    id="hyperparameter-declaration",
    severity=Severity.ERROR,
    types=(ALGORITHM,),
    title="An algorithm and its training script know the same hyperparameters",
    reason=(
        f"A training script whose image holds {DECLARATION} refuses values that are not as that file declares. An "
        "algorithm that promises something else lets jobs start that fail minutes later, and tuning jobs search where "
        "nothing can be found."
    ),
    fix=f"{_FIX}: Hyperparameter.from_file reads it.",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html",),
    bad="""
Resources:
  Algorithm:
    Type: AWS::SageMaker::Algorithm
    Properties:
      AlgorithmName: iris
      TrainingSpecification:
        TrainingImage: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
        SupportedTrainingInstanceTypes: [ml.m5.large]
        TrainingChannels: [{ Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }]
        SupportedHyperParameters:
          - Name: depth
            Type: Integer
            DefaultValue: "4"
            Range: { IntegerParameterRangeSpecification: { MinValue: "1", MaxValue: "16" } }
""",
    good="""
Resources:
  Algorithm:
    Type: AWS::SageMaker::Algorithm
    Properties:
      AlgorithmName: iris
      TrainingSpecification:
        TrainingImage: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/assets:a1b2c3d4
        SupportedTrainingInstanceTypes: [ml.m5.large]
        TrainingChannels: [{ Name: train, SupportedContentTypes: [text/csv], SupportedInputModes: [File] }]
        SupportedHyperParameters:
          - Name: depth
            Type: Integer
            DefaultValue: "4"
            Range: { IntegerParameterRangeSpecification: { MinValue: "1", MaxValue: "8" } }
""",
    bad_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
COPY train /opt/ml/code
""",
            "train/hyperparameters.schema.json": """
{"properties": {"depth": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4}}}
""",
        },
    },
    good_assets={
        "a1b2c3d4": {
            "Dockerfile": """
FROM python:3.12-slim
COPY train /opt/ml/code
""",
            "train/hyperparameters.schema.json": """
{"properties": {"depth": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4}}}
""",
        },
    },
    check=_check,
)
