from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_local.errors import LocalError
from sagemaker_local.json_path import select
from sagemaker_local.records import Processing


def processing(
    *, content_type: str = "text/csv", parameters: dict[str, Any] | None = None, **request: Any
) -> Processing:
    """Read a request whose records are lines."""
    given = {
        "TransformInput": {"ContentType": content_type, "SplitType": "Line"},
        "TransformOutput": {"Accept": content_type},
        **request,
    }
    return Processing.of(given, parameters or {})


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("$", ["a", "b", "c", "d"]),
        ("$[1:]", ["b", "c", "d"]),
        ("$[0,2:]", ["a", "c", "d"]),
        ("$[0,-1]", ["a", "d"]),
        ("$[:2]", ["a", "b"]),
        ("$[2]", "c"),
    ],
)
def test_columns_are_selected(expression: str, found: Any) -> None:
    assert select(expression, ["a", "b", "c", "d"]) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("$.features", [1, 2]),
        ("$.features[0]", 1),
        ("$['id']", 7),
        ("$['id','features']", {"id": 7, "features": [1, 2]}),
    ],
)
def test_fields_are_selected(expression: str, found: Any) -> None:
    assert select(expression, {"id": 7, "features": [1, 2]}) == found


@pytest.mark.parametrize("expression", ["features", "$features", "$[", "$.missing", "$[9]", "$[x]"])
def test_fails_for_a_filter_that_selects_nothing(expression: str) -> None:
    with pytest.raises(LocalError, match="the filter"):
        select(expression, {"features": [1]})


def test_a_request_holds_as_many_records_as_fit() -> None:
    wanted = processing(MaxPayloadInMB=1)
    record = b"x" * 400_000

    assert [len(batch) for batch in wanted.batches(b"\n".join([record] * 5))] == [2, 2, 1]


def test_a_request_holds_one_record_if_the_job_or_the_container_says_so() -> None:
    content = b"1,2\n3,4\n"

    assert list(processing(BatchStrategy="SingleRecord").batches(content)) == [[b"1,2"], [b"3,4"]]
    assert list(processing(parameters={"BatchStrategy": "SINGLE_RECORD"}).batches(content)) == [[b"1,2"], [b"3,4"]]
    assert list(processing().batches(content)) == [[b"1,2", b"3,4"]]


def test_an_object_that_is_not_split_is_one_request() -> None:
    whole = processing(TransformInput={"ContentType": "image/jpeg"})

    assert list(whole.batches(b"\xff\xd8\n\xff")) == [[b"\xff\xd8\n\xff"]]
    assert whole.body([b"\xff\xd8\n\xff"]) == b"\xff\xd8\n\xff"


def test_columns_are_left_out_of_the_request_and_joined_again() -> None:
    wanted = processing(DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"})
    batch = [b'"a,b",1,2', b"c,3,4"]

    assert wanted.body(batch) == b"1,2\n3,4"
    assert wanted.result(batch, b"one\ntwo\n") == b'"a,b",one\nc,two\n'


def test_an_object_gets_the_answer_as_a_field() -> None:
    wanted = processing(content_type="application/jsonlines", DataProcessing={"JoinSource": "Input"})

    assert json.loads(wanted.result([b'{"id": 1}'], b'{"label": "a"}\n')) == {
        "id": 1,
        "SageMakerOutput": {"label": "a"},
    }
    assert json.loads(wanted.result([b"[1]"], b'"a"\n')) == {"SageMakerInput": [1], "SageMakerOutput": "a"}


def test_answers_are_written_as_they_are_or_line_by_line() -> None:
    assert processing().result([b"1"], b"a") == b"a"
    assert processing(TransformOutput={"AssembleWith": "Line"}).result([b"1"], b"a") == b"a\n"


def test_fails_for_another_number_of_answers_than_records() -> None:
    with pytest.raises(LocalError, match="2 records got 1 answers"):
        processing(DataProcessing={"JoinSource": "Input"}).result([b"1", b"2"], b"a\n")


def test_fails_for_a_record_that_no_request_can_hold() -> None:
    with pytest.raises(LocalError, match="a record has 1048577 bytes, and a request at most 1048576"):
        list(processing(MaxPayloadInMB=1).batches(b"x" * 1_048_577))


def test_fails_for_records_that_only_sagemaker_splits() -> None:
    with pytest.raises(LocalError, match="splits records by lines only, and the job by RecordIO"):
        processing(TransformInput={"SplitType": "RecordIO"})


def test_fails_to_join_what_is_no_text() -> None:
    with pytest.raises(LocalError, match="records of image/jpeg cannot be joined or filtered"):
        processing(content_type="image/jpeg", DataProcessing={"JoinSource": "Input"}).result([b"x"], b"a\n")
