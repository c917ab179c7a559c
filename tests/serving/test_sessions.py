"""Stateful sessions over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from waiting import PATIENCE_IN_SECONDS, until

INFERENCE = """
import os
import time
from pathlib import Path

class Model:
    def __init__(self, model_dir):
        self.folder = Path(model_dir)

    def predict(self, data, context):
        session = context.session
        if session is None:
            return [None, os.getpid(), None]
        if data == b"die":
            os._exit(7)
        if data == b"wait":
            (self.folder / "started").touch()
            while not (self.folder / "go").exists():
                time.sleep(0.01)
        if data == b"stream":
            session.state["streamed"] = True
            return iter(["a", "b"])
        session.state.setdefault("seen", []).append(len(data))
        return [session.state["seen"], os.getpid(), session.id, "streamed" in session.state]
"""

ENVIRONMENT = {"SAGEMAKER_ENABLE_STATEFUL_SESSIONS": "true", "SAGEMAKER_MODEL_SERVER_WORKERS": "3"}


def ready(start: Any, **env: str) -> Any:
    server = start(INFERENCE, **{**ENVIRONMENT, **env})
    server.wait_for_ping(200)
    return server


def control(server: Any, kind: str, **headers: str) -> Any:
    return server.invoke(json.dumps({"requestType": kind}).encode(), "application/json", **headers)


def opened(server: Any) -> str:
    answer = control(server, "NEW_SESSION", X_Amzn_SageMaker_Session_Id="NEW_SESSION")
    assert answer.status == 200, answer.text
    return str(answer.headers["x-amzn-sagemaker-new-session-id"].partition(";")[0])


def ask(server: Any, session: str | None, body: bytes = b"12345") -> Any:
    headers = {"X_Amzn_SageMaker_Session_Id": session} if session is not None else {}
    return server.invoke(body, "application/octet-stream", **headers)


def told(server: Any, session: str | None, body: bytes = b"12345") -> Any:
    answer = ask(server, session, body)
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


def test_a_new_session_has_an_id_and_a_time_in_the_form_of_sagemaker(server: Any) -> None:
    answer = control(server, "NEW_SESSION", X_Amzn_SageMaker_Session_Id="NEW_SESSION")
    header = answer.headers["x-amzn-sagemaker-new-session-id"]
    # The pattern of NewSessionResponseHeader in the service model of sagemaker-runtime.
    assert re.fullmatch(
        r"[a-zA-Z0-9](-*[a-zA-Z0-9])*;\sExpires=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", header
    )
    assert len(header) <= 256


def test_the_body_alone_opens_a_session_as_well(server: Any) -> None:
    assert "x-amzn-sagemaker-new-session-id" in control(server, "NEW_SESSION").headers


def test_all_requests_of_a_session_find_its_state(server: Any) -> None:
    first, second = opened(server), opened(server)
    answers = [told(server, session, b"x" * number) for number in (1, 2, 3) for session in (first, second)]
    assert answers[-2][0] == answers[-1][0] == [1, 2, 3]
    assert {answer[1] for answer in answers[::2]} == {answers[0][1]}
    assert [answer[2] for answer in answers[:2]] == [first, second]


def test_sessions_are_spread_over_the_workers(start: Any) -> None:
    server = ready(start)
    sessions = [opened(server) for _ in range(6)]
    workers = [told(server, session)[1] for session in sessions]
    assert sorted(workers.count(worker) for worker in set(workers)) == [2, 2, 2]


def test_a_request_without_a_session_has_none(server: Any) -> None:
    opened(server)
    assert told(server, None)[0] is None


def test_a_closed_session_is_gone_and_its_id_is_in_the_answer(server: Any) -> None:
    session = opened(server)
    told(server, session)
    answer = control(server, "CLOSE", X_Amzn_SageMaker_Session_Id=session)
    assert (answer.status, answer.headers["x-amzn-sagemaker-closed-session-id"]) == (200, session)
    refused = ask(server, session)
    assert refused.status == 404
    assert refused.text == "There is no such session: it was closed, has expired, or its worker died."
    assert control(server, "CLOSE", X_Amzn_SageMaker_Session_Id=session).status == 404


def test_responses_in_a_session_may_be_streamed(server: Any) -> None:
    session = opened(server)
    assert ask(server, session, b"stream").text == "ab"
    assert told(server, session)[3] is True


@pytest.mark.parametrize("session", ["5f0f4ee8-93d8-4c5b-9dbd-6a2f0b7a7f4e", "../..", "a\tb"])
def test_fails_with_404_for_a_session_that_was_never_opened(server: Any, session: str) -> None:
    assert ask(server, session).status == 404


def test_fails_with_400_where_id_and_body_contradict_each_other(server: Any) -> None:
    session = opened(server)
    assert "the body" in ask(server, "NEW_SESSION").text
    assert ask(server, "NEW_SESSION").status == 400
    assert control(server, "NEW_SESSION", X_Amzn_SageMaker_Session_Id=session).status == 400
    assert control(server, "CLOSE").status == 400
    assert control(server, "CLOSE", X_Amzn_SageMaker_Session_Id="NEW_SESSION").status == 400


def test_a_body_that_asks_for_more_than_a_session_is_the_handlers(server: Any) -> None:
    body = json.dumps({"requestType": "CLOSE", "data": 1}).encode()
    assert told(server, opened(server), body)[0] == [len(body)]


def test_fails_with_503_beyond_the_most_sessions_until_one_is_closed(start: Any) -> None:
    server = ready(start, SERVING_MAX_SESSIONS="2")
    first, _ = opened(server), opened(server)
    refused = control(server, "NEW_SESSION")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert "SERVING_MAX_SESSIONS" in refused.text
    control(server, "CLOSE", X_Amzn_SageMaker_Session_Id=first)
    opened(server)


def test_a_session_expires(start: Any) -> None:
    server = ready(start, SAGEMAKER_SESSIONS_EXPIRATION="1", SERVING_MAX_SESSIONS="1")
    session = opened(server)
    assert told(server, session)[0] == [5]
    deadline = time.monotonic() + PATIENCE_IN_SECONDS
    while ask(server, session).status != 404:
        assert time.monotonic() < deadline
    while control(server, "NEW_SESSION").status == 503:
        assert time.monotonic() < deadline


def test_fails_with_404_for_a_session_whose_worker_died_while_others_go_on(start: Any) -> None:
    server = ready(start)
    lost, kept = opened(server), opened(server)
    told(server, kept)
    assert ask(server, lost, b"die").status == 500
    assert ask(server, lost).status == 404
    assert told(server, kept)[0] == [5, 5]
    assert server.ping() == 200


def test_a_killed_worker_fails_what_waits_for_its_sessions(start: Any) -> None:
    server = ready(start, SERVING_METRICS="prometheus")
    session = opened(server)
    process = told(server, session)[1]
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(ask, server, session, b"wait")
        until((server.base / "model" / "started").exists)
        waiting = pool.submit(ask, server, session, b"1")
        until(lambda: "serving_queue_length 1" in server.request("GET", "/metrics").text)
        os.kill(process, signal.SIGKILL)
        assert running.result().status == 500
        assert waiting.result().status == 500


def test_requests_of_a_session_that_waited_are_answered_in_their_order_before_it_is_forgotten(start: Any) -> None:
    server = ready(start, SAGEMAKER_MODEL_SERVER_WORKERS="1", SERVING_METRICS="prometheus")
    session = opened(server)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(told, server, session, b"wait")
        until((server.base / "model" / "started").exists)
        waiting = pool.submit(told, server, session, b"12")
        until(lambda: "serving_queue_length 1" in server.request("GET", "/metrics").text)
        assert control(server, "CLOSE", X_Amzn_SageMaker_Session_Id=session).status == 200
        (server.base / "model" / "go").touch()
        assert running.result()[0] == [4]
        assert waiting.result()[0] == [4, 2]


def test_without_the_setting_the_id_is_a_header_like_any_other(start: Any) -> None:
    server = ready(start, SAGEMAKER_ENABLE_STATEFUL_SESSIONS="false")
    assert told(server, "a-session")[0] is None


def test_sigterm_does_not_wait_for_open_sessions(start: Any) -> None:
    server = ready(start)
    told(server, opened(server))
    assert server.stop() == 0
