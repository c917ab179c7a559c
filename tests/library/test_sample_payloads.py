from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sagemaker_hosting import SamplePayload, SamplePayloads, ValidationError

if TYPE_CHECKING:
    from pathlib import Path

    from library.templates import Inputs

ENTRY = {"name": "one", "body": "one.csv", "content_type": "text/csv", "accept": "text/csv"}


def read(inputs: Inputs, *entries: Any) -> SamplePayloads:
    (inputs.payloads / "payloads.json").write_text(json.dumps({"payloads": list(entries)}))
    return SamplePayloads.from_directory(inputs.payloads)


def test_a_manifest_is_read_with_all_its_fields(inputs: Inputs) -> None:
    payloads = read(inputs, {**ENTRY, "expected": "one.expected.csv", "tolerance": 0.5})

    assert payloads.payloads == (
        SamplePayload(
            name="one",
            body="one.csv",
            content_type="text/csv",
            accept="text/csv",
            expected="one.expected.csv",
            tolerance=0.5,
        ),
    )


def test_a_payload_without_an_expected_answer_accepts_any(inputs: Inputs) -> None:
    assert read(inputs, ENTRY).payloads[0].expected is None


def test_mime_types_are_listed_once_in_the_order_of_the_manifest(inputs: Inputs) -> None:
    payloads = read(
        inputs,
        ENTRY,
        {**ENTRY, "name": "two", "content_type": "application/json"},
        {**ENTRY, "name": "three", "accept": "application/json"},
    )

    assert payloads.content_types == ("text/csv", "application/json")
    assert payloads.response_types == ("text/csv", "application/json")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("one", r"payloads\[0\] must be an object, got 'one'"),
        ({key: value for key, value in ENTRY.items() if key != "body"}, r"payloads\[0\]\.body must be given"),
        ({**ENTRY, "body": 1}, r"payloads\[0\]\.body must be text, got 1"),
        ({**ENTRY, "body": "missing.csv"}, r"body must name an existing file, got '.*missing\.csv'"),
        ({**ENTRY, "body": "../model/model.txt"}, r"body must lie in '.*', got '\.\./model/model\.txt'"),
        ({**ENTRY, "tolerance": "1"}, r"tolerance must be a number, got '1'"),
        ({**ENTRY, "tolerance": True}, r"tolerance must be a number, got True"),
        ({**ENTRY, "tolerance": -1}, r"tolerance must be at least 0 .*, got -1"),
        ({**ENTRY, "expects": "x"}, r"must hold only name, body, .*, got expects"),
    ],
)
def test_fails_for_an_entry_that_cannot_be_sent(inputs: Inputs, entry: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        read(inputs, entry)


def test_fails_for_two_payloads_of_one_name(inputs: Inputs) -> None:
    with pytest.raises(ValidationError, match=r"must be there once, got \['one', 'one'\]"):
        read(inputs, ENTRY, ENTRY)


def test_fails_without_payloads(inputs: Inputs) -> None:
    with pytest.raises(ValidationError, match=r"must be a list of at least one object, got \[\]"):
        read(inputs)


def test_fails_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"directory must hold payloads\.json, got"):
        SamplePayloads.from_directory(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_fails_for_a_manifest_that_is_not_one(inputs: Inputs, text: str) -> None:
    (inputs.payloads / "payloads.json").write_text(text)

    with pytest.raises(ValidationError, match="must be a JSON object with a list 'payloads'"):
        SamplePayloads.from_directory(inputs.payloads)
