"""The predictor of the documents' container: CSV becomes a DataFrame, the predictions become one again."""

import io
import os
from pathlib import Path

import flask
import joblib
import pandas as pd

app = flask.Flask(__name__)
MODEL = joblib.load(Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model" / "model.joblib")


@app.get("/ping")
def ping() -> flask.Response:
    """The model is there."""
    return flask.Response("\n", mimetype="application/json")


@app.post("/invocations")
def invocations() -> flask.Response:
    """A label per row."""
    if flask.request.content_type != "text/csv":
        return flask.Response("This predictor only supports CSV data", status=415, mimetype="text/plain")
    rows = pd.read_csv(io.StringIO(flask.request.data.decode("utf-8")), header=None)
    labels = MODEL.predict(rows)
    text = io.StringIO()
    pd.DataFrame({"results": labels}).to_csv(text, header=False, index=False)
    return flask.Response(text.getvalue(), mimetype="text/csv")
