from pathlib import Path

import pytest

from sagemaker_hosting.preflight import UnusableTemplateError, check_file

CONFIG = """
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: !Sub "${Name}-variant"
          ModelName: !GetAtt Model.ModelName
          InstanceType: !If [Large, ml.m5.4xlarge, ml.m5.large]
          InitialInstanceCount: !Ref Count
        - VariantName: second
          ModelName: !Select [0, !Split [",", !ImportValue Models]]
          InstanceType: ml.m5.large
          InitialInstanceCount: 0
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_short_function_tags_are_tokens_and_lines_are_known(tmp_path: Path) -> None:
    found = check_file(written(tmp_path, "template.yaml", CONFIG))

    assert [(one.rule, one.line) for one in found] == [("property-range", 14)]


def test_a_date_is_a_string(tmp_path: Path) -> None:
    text = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Version: 2012-10-17\n"

    assert check_file(written(tmp_path, "template.yaml", text)) == []


def test_lines_of_json_are_known(tmp_path: Path) -> None:
    text = """{
  "Resources": {
    "Other": {"Type": "AWS::SNS::Topic", "Properties": {"List": [1, {"a": []}, "}"]}},
    "Config": {
      "Type": "AWS::SageMaker::EndpointConfig",
      "Properties": {
        "ProductionVariants": [
          {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1},
          {
            "VariantName": "b",
            "ModelName": "m",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 0
          }
        ]
      }
    }
  }
}"""

    found = check_file(written(tmp_path, "template.json", text))

    assert [(one.rule, one.line) for one in found] == [("property-range", 13)]


def test_the_line_of_something_missing_is_that_of_its_parent(tmp_path: Path) -> None:
    text = "Resources:\n  Model:\n    Type: AWS::SageMaker::Model\n    Properties:\n      Tags: []\n"

    found = check_file(written(tmp_path, "template.yaml", text))

    assert [(one.rule, one.line) for one in found] == [("model-container-missing", 4), ("role-missing", 4)]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("template.json", '{"Resources": {"Model"', "it is not valid JSON"),
        ("template.json", "[" * 100_000, "it is nested too deeply"),
        ("template.json", "[]", "it has no Resources"),
        ("template.json", '{"Resources": []}', "it has no Resources"),
        ("template.json", "", "it is not valid JSON"),
        ("template.yaml", "Resources: {", "it is not valid YAML"),
        ("template.yaml", "a: &a [x]\nb: [*a, *a]\nResources: {}", "alias"),
        ("template.yaml", "", "it has no Resources"),
        ("template.yaml", "[" * 10_000, "it is not valid YAML"),
        ("template.yaml", "Resources: !!python/object/apply:os.system [ls]", "it is not valid YAML"),
        ("template.yaml", "? [a, b]\n: c\nResources: {}\n? {a: b}\n: c", "it is not valid YAML"),
        ("template.yaml", "x" * 3_000_000, "it is larger than 2 MB"),
    ],
)
def test_fails_with_a_sentence_for_what_is_no_template(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(UnusableTemplateError, match=reason):
        check_file(written(tmp_path, name, text))


def test_fails_with_a_sentence_for_bytes_and_for_a_missing_file(tmp_path: Path) -> None:
    binary = tmp_path / "template.json"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UnusableTemplateError, match="it is not UTF-8 text"):
        check_file(binary)
    with pytest.raises(UnusableTemplateError, match="it cannot be read: No such file"):
        check_file(tmp_path / "missing.json")
