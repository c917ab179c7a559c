from __future__ import annotations

import io

import numpy as np
import pytest

from serving import codec, content_types
from serving.errors import HandlerError, MalformedBodyError, NotAcceptableError, UnsupportedMediaTypeError


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("5.1,3.5\n4.9,-3e0\n", "text/csv"),
        ('"5.1", 3.5\r\n4.9,-3\r\n\r\n', "text/csv; charset=UTF-8"),
        ("[[5.1, 3.5], [4.9, -3]]", "application/json"),
    ],
)
def test_rows_are_a_two_dimensional_array_of_32_bit_floats(body: str, content_type: str) -> None:
    rows = codec.decode(body, content_type)
    assert rows.dtype == np.float32
    assert np.array_equal(rows, np.array([[5.1, 3.5], [4.9, -3]], dtype=np.float32))


@pytest.mark.parametrize(("body", "content_type"), [("1,2,3", "text/csv"), ("[1, 2, 3]", "application/json")])
def test_a_single_row_is_two_dimensional_as_well(body: str, content_type: str) -> None:
    assert codec.decode(body, content_type).shape == (1, 3)


def test_a_missing_number_is_written_nan_in_csv() -> None:
    assert np.isnan(codec.decode("1,nan\n", "text/csv")[0, 1])


def test_plain_csv_of_several_requests_is_read_as_one_and_split_again() -> None:
    together = codec.decode_together(
        [b"1,2\n", b"3,4\r\n5,nan\n\n", b"1e39,6"], ["text/csv", "text/csv; charset=utf-8", "text/CSV"]
    )
    assert together is not None
    rows, ends = together
    assert rows.dtype == np.float32
    expected: list[list[float]] = [[1, 2], [3, 4], [5, np.nan], [np.inf, 6]]
    assert np.array_equal(rows, expected, equal_nan=True)
    assert ends == [1, 3, 4]


@pytest.mark.parametrize(
    "body", ["+1,.5\n2.,03", "1e999,-1E-2\n0,-inf", " 1 ,2\r\n3, 4", "1,2\n12345678901234567890123,4"]
)
def test_a_number_of_csv_need_not_be_one_of_json(body: str) -> None:
    expected = [[float(cell) for cell in line.split(",")] for line in body.splitlines()]
    with np.errstate(over="ignore"):
        assert np.array_equal(codec.decode(body, "text/csv"), np.array(expected, dtype=np.float32))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"3,4,5", "text/csv"),
        (b"3", "text/csv"),
        (b"", "text/csv"),
        (b"3,", "text/csv"),
        (b"3,[4]", "text/csv"),
        (b"3,true", "text/csv"),
        (b"3,null", "text/csv"),
        (b"3,4\n5", "text/csv"),
        (b'"3",4', "text/csv"),
        (b"3,1_000", "text/csv"),
        (b"3,\xff", "text/csv"),
        (b"3,4", "text/csv; charset=utf-16"),
        (b"[3, 4]", "application/json"),
        (b"3,4", ""),
    ],
)
def test_a_request_that_is_no_plain_csv_of_the_same_columns_is_not_read_together_with_others(
    body: bytes, content_type: str
) -> None:
    assert codec.decode_together([b"1,2\n", body], ["text/csv", content_type]) is None


def test_an_empty_body_is_no_row_of_another_request() -> None:
    assert codec.decode_together([b"1\n", b"", b"2\n"], ["text/csv"] * 3) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The text/csv body is empty; send at least one row."),
        ("\n\n", "The text/csv body is empty; send at least one row."),
        ("sepal,petal\n1,2", "Row 1, column 1: 'sepal' is not a number."),
        ("1,2\n3,\n5,6", "Row 2, column 2 is empty; write nan for a missing number."),
        ("1,2\n3\n", "Row 2 has 1 column, row 1 has 2."),
        ("1,2\n\n3,4\n", "Row 2 has 0 columns, row 1 has 2."),
        ("1,1_000\n", "Row 1, column 2: '1_000' is not a number."),
        ('1,"2\n', "The text/csv body is malformed: unexpected end of data."),
        ("x" * 100, f"Row 1, column 1: '{'x' * 40}'... is not a number."),
    ],
)
def test_fails_for_csv_that_is_no_table_of_numbers(body: str, message: str) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        codec.decode(body, "text/csv")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[[1, 2], [3, ]]", "The application/json body is malformed at line 1, character 12: trailing comma"),
        ("[]", "must be an array of rows such as [[5.1, 3.5]], got an empty array."),
        ('{"rows": []}', "got an object; define input_fn in inference.py to read it."),
        ("[[1, 2], 3]", "Row 2 must be an array of numbers, got '3'."),
        ('[[1, 2], [3, "4"]]', "Row 2, column 2 must be a number, got '\"4\"'."),
        ("[[1, true]]", "Row 1, column 2 must be a number, got 'true'."),
        ("[[1, null]]", "Row 1, column 2 must be a number, got 'null'."),
        ("[[1, 2], [3]]", "Row 2 has 1 column, row 1 has 2."),
        ("NaN", "The application/json body is malformed at line 1, character 1"),
    ],
)
def test_fails_for_json_that_is_no_table_of_numbers(body: str, message: str) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        codec.decode(body, "application/json")
    assert message in str(caught.value)


def test_fails_for_a_body_that_is_not_utf_8() -> None:
    with pytest.raises(MalformedBodyError, match=r"^The text/csv body is not UTF-8: byte 3 cannot be read\.$"):
        content_types.text_or_bytes(b"1,\xff", "text/csv")


def test_fails_for_a_declared_character_set_other_than_utf_8() -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="charset latin-1"):
        content_types.text_or_bytes(b"1", "text/csv; charset=latin-1")


def test_fails_for_a_body_without_a_content_type() -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="The request has no Content-Type"):
        codec.decode(b"1", "")


@pytest.mark.parametrize(
    ("value", "json", "csv"),
    [
        (np.array(["setosa", "a,b"]), b'["setosa","a,b"]', b'setosa\n"a,b"\n'),
        (np.array([[0.1, 2.0]], dtype=np.float32), b"[[0.1,2.0]]", b"0.1,2.0\n"),
        (np.array([[0.1, 2.0]]), b"[[0.1,2.0]]", b"0.1,2.0\n"),
        (np.array([[1, 2], [3, 4]])[:, 1], b"[2,4]", b"2\n4\n"),
        ([np.float64(0.25), np.int64(3)], b"[0.25,3]", b"0.25\n3\n"),
        ("setosa", b'"setosa"', b"setosa\n"),
        (7, b"7", b"7\n"),
    ],
)
def test_arrays_lists_and_scalars_are_written_as_json_and_csv(value: object, json: bytes, csv: bytes) -> None:
    assert codec.encode(value, "application/json") == json
    assert codec.encode(value, "text/csv") == csv


@pytest.mark.parametrize("value", [np.zeros((2, 2, 2)), [{"a": 1}], [[None]]])
def test_fails_for_what_has_no_form_as_csv(value: object) -> None:
    with pytest.raises(HandlerError, match=r"has no form as text/csv; inference.py must define an output_fn"):
        codec.encode(value, "text/csv")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV; header=absent", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.1, text/csv", "text/csv"),
        ("image/png, */*;q=0.1", "application/json"),
    ],
)
def test_the_type_that_the_client_wants_most_and_the_server_can_write_is_chosen(accept: str, chosen: str) -> None:
    assert content_types.negotiate(accept, "application/json") == chosen


def test_the_default_type_answers_a_request_that_leaves_it_open() -> None:
    assert content_types.negotiate("*/*", "text/csv") == "text/csv"


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "text/csv;q=high"])
def test_fails_for_an_accept_that_leaves_nothing(accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        content_types.negotiate(accept, "application/json")


def npy(array: object, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[5.1, 3.5]\n[4.9, -3]\n", "application/jsonlines"),
        (npy([[5.1, 3.5], [4.9, -3]]), "application/x-npy"),
        (npy(np.asfortranarray([[5.1, 3.5], [4.9, -3]])), "application/x-npy"),
        (npy(np.array([[5.1, 3.5], [4.9, -3]], dtype=">f4")), "application/x-npy"),
    ],
)
def test_json_lines_and_npy_are_read_as_rows(body: bytes, content_type: str) -> None:
    rows = codec.decode(body, content_type)
    assert rows.dtype == np.float32
    assert np.array_equal(rows, np.array([[5.1, 3.5], [4.9, -3]], dtype=np.float32))


def test_an_npy_array_keeps_its_dimensions_and_one_of_one_dimension_is_a_row() -> None:
    assert codec.decode(npy(np.zeros((2, 3, 4))), "application/x-npy").shape == (2, 3, 4)
    assert codec.decode(npy([1, 2, 3]), "application/x-npy").shape == (1, 3)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1, 2]\n[3, }", "malformed at line 2, character 5"),
        (b"[1, 2]\n\n[3, 4]", "malformed at line 2, character 1"),
        (b"[1, 2]\n[3]", "Row 2 has 1 column, row 1 has 2."),
        (b'[1, 2]\n{"a": 1}', "Row 2 must be an array of numbers, got an object"),
        (b"", "malformed at line 1"),
        (b"\xff", "is not valid UTF-8"),
    ],
)
def test_fails_for_json_lines_that_are_no_table_of_numbers(body: bytes, message: str) -> None:
    with pytest.raises(MalformedBodyError, match=message):
        codec.decode(body, "application/jsonlines")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\x80\x04.", "is malformed"),
        (npy([{"a": 1}], allow_pickle=True), "must be an array of numbers, got object"),
        (npy(["a"]), "must be an array of numbers, got <U1"),
        (npy([[1.0, 2.0]])[:-1], "has 15 bytes of data, its header says 16"),
        (npy([[1.0, 2.0]]) + b"x", "has 17 bytes of data, its header says 16"),
        (npy([[1.0, 2.0]]).replace(b"(1, 2)", b"(9**9,)"), "is malformed"),
        (npy([[1.0, 2.0]]).replace(b"(1, 2), }", b"(999999999999999, 2), }")[:-3], "is malformed|of data"),
        (npy(np.zeros((0, 4))), "must have at least one row"),
        (npy(5.0), "must have at least one row"),
    ],
)
def test_fails_for_an_npy_body_that_is_not_what_its_header_says(body: bytes, message: str) -> None:
    with pytest.raises(MalformedBodyError, match=message):
        codec.decode(body, "application/x-npy")


def test_json_lines_and_npy_are_written() -> None:
    value = np.array([[1, 2], [3, 4]])
    assert codec.encode(value, "application/jsonlines") == b"[1,2]\n[3,4]\n"
    assert codec.encode("setosa", "application/jsonlines") == b'"setosa"\n'
    assert np.array_equal(np.load(io.BytesIO(codec.encode(value, "application/x-npy"))), value)


def test_fails_rather_than_write_a_pickle_into_npy() -> None:
    with pytest.raises(HandlerError, match="has no form as application/x-npy"):
        codec.encode([{"a": 1}], "application/x-npy")
    with pytest.raises(HandlerError, match="has no form as application/x-npy"):
        codec.encode([[1], [1, 2]], "application/x-npy")
