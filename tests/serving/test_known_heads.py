from __future__ import annotations

import pytest

from serving.known_heads import LONGEST, MOST, Head, KnownHeads

ROWS = b"POST /invocations HTTP/1.1\r\nContent-Length: 3\r\n\r\n"


def head(**headers: str) -> Head:
    names = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return Head(method=b"POST", path="/invocations", query=b"", headers=names)


def test_a_head_that_was_parsed_is_known_with_another_body_of_its_length() -> None:
    heads = KnownHeads()
    assert heads.find(ROWS + b"1,2") is None
    heads.remember(ROWS + b"1,2", head(content_length="3"), 3)
    assert heads.find(ROWS + b"3,4") == (head(content_length="3"), b"3,4")


@pytest.mark.parametrize(
    "data",
    [ROWS, ROWS + b"1,", ROWS + b"1,23", ROWS + b"1,2" + ROWS + b"1,2", ROWS[:-2], ROWS[:-1] + b" 1,2", b"", b"\r\n"],
)
def test_what_is_not_that_head_with_a_body_of_its_length_is_for_the_parser(data: bytes) -> None:
    heads = KnownHeads()
    heads.remember(ROWS + b"1,2", head(content_length="3"), 3)
    assert heads.find(data) is None


@pytest.mark.parametrize("name", ["transfer_encoding", "expect", "upgrade"])
def test_a_request_that_needs_more_than_its_body_is_not_kept(name: str) -> None:
    heads = KnownHeads()
    heads.remember(ROWS + b"1,2", head(**{name: "a"}), 3)
    assert heads.find(ROWS + b"1,2") is None


def test_a_request_that_came_with_anything_else_is_not_kept() -> None:
    heads = KnownHeads()
    heads.remember(ROWS + b"1,2" + ROWS + b"1,2", head(), 3)
    heads.remember(b"\r\n\r\n" + ROWS + b"1,2", head(), 3)
    assert heads.find(ROWS + b"1,2") is None


def test_few_heads_are_kept_and_no_long_ones() -> None:
    heads = KnownHeads()
    requests = [b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(MOST + 1)]
    for request in requests:
        heads.remember(request, head(), 0)
    assert heads.find(requests[0]) is None
    assert heads.find(requests[1]) is not None
    long = b"GET /" + b"a" * LONGEST + b" HTTP/1.1\r\n\r\n"
    heads.remember(long, head(), 0)
    assert heads.find(long) is None
