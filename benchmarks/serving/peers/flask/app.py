"""A Flask application without anything around it."""

import flask
import task

app = flask.Flask(__name__)
TASK = task.load()


@app.get("/ping")
def ping() -> flask.Response:
    """The model is there."""
    return flask.Response()


@app.post("/invocations")
def invocations() -> flask.Response:
    """The model's answer."""
    return flask.Response(TASK.answer(flask.request.data), mimetype=TASK.content_type)
