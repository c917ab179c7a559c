"""The records of a transform job: what is sent, and what is written."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import LocalError
from sagemaker_local.json_path import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MIB = 1024 * 1024
_CSV = "text/csv"
_JSON_LINES = ("application/jsonlines", "application/x-jsonlines", "application/jsonl")


@dataclass(frozen=True, kw_only=True)
class Processing:
    """How records are cut, filtered and joined, as ``CreateTransformJob`` describes it.

    Attributes:
        content_type: MIME type of the records.
        accept: MIME type of the answers.
        split: ``None`` or ``Line``.
        single: Whether a request holds one record.
        most_bytes: Largest request.
        input_filter: What is sent of each record.
        output_filter: What is written of each joined record.
        join: Whether answers are written together with their records.
        assemble_by_line: Whether each answer is written as a line of its own.
    """

    content_type: str
    accept: str
    split: str
    single: bool
    most_bytes: int
    input_filter: str
    output_filter: str
    join: bool
    assemble_by_line: bool

    @classmethod
    def of(cls, request: Mapping[str, Any], parameters: Mapping[str, Any]) -> Processing:
        """Read a request.

        Args:
            request: Parameters of ``CreateTransformJob``.
            parameters: What the container answered at ``/execution-parameters``.

        Raises:
            LocalError: If records are split in a way that only SageMaker knows.
        """
        split = request["TransformInput"].get("SplitType", "None")
        if split not in ("None", "Line"):
            raise LocalError(f"the local twin splits records by lines only, and the job by {split}")
        strategy = request.get("BatchStrategy") or parameters.get("BatchStrategy", "MULTI_RECORD")
        payload = request.get("MaxPayloadInMB")
        filters = request.get("DataProcessing", {})
        content_type = request["TransformInput"].get("ContentType", "application/octet-stream")
        return cls(
            content_type=content_type,
            accept=request["TransformOutput"].get("Accept", content_type),
            split=split,
            single=strategy.replace("_", "").lower() == "singlerecord",
            most_bytes=int(parameters.get("MaxPayloadInMB", 6) if payload is None else payload or 100) * _MIB,
            input_filter=filters.get("InputFilter", "$"),
            output_filter=filters.get("OutputFilter", "$"),
            join=filters.get("JoinSource") == "Input",
            assemble_by_line=request["TransformOutput"].get("AssembleWith") == "Line",
        )

    def batches(self, content: bytes) -> Iterator[list[bytes]]:
        """Cut an object into the records of each request.

        Raises:
            LocalError: If a record is larger than a request may be.
        """
        records = content.splitlines(keepends=False) if self.split == "Line" else [content]
        batch: list[bytes] = []
        size = 0
        for record in records:
            length = len(record) + 1
            if length > self.most_bytes + 1:
                raise LocalError(f"a record has {len(record)} bytes, and a request at most {self.most_bytes}")
            if batch and (self.single or size + length > self.most_bytes + 1):
                yield batch
                batch, size = [], 0
            batch.append(record)
            size += length
        if batch:
            yield batch

    def body(self, batch: Sequence[bytes]) -> bytes:
        """Return what is sent for some records."""
        if self.input_filter == "$":
            return b"\n".join(batch)
        return b"\n".join(self._write(select(self.input_filter, self._read(record))) for record in batch)

    def result(self, batch: Sequence[bytes], answer: bytes) -> bytes:
        """Return what is written for some records and their answer.

        Raises:
            LocalError: If there is not one answer for each record.
        """
        if not self.join and self.output_filter == "$":
            ends = self.assemble_by_line and not answer.endswith(b"\n")
            return answer + b"\n" if ends else answer
        answers = answer.splitlines() if self.split == "Line" else [answer.rstrip(b"\n")]
        if len(answers) != len(batch):
            raise LocalError(
                f"{len(batch)} records got {len(answers)} answers: to be joined or filtered, each needs one of its own"
            )
        lines = [self._write(self._processed(*pair)) for pair in zip(batch, answers, strict=True)]
        return b"".join(line + b"\n" for line in lines)

    def _processed(self, record: bytes, answer: bytes) -> Any:
        value = self._read(answer, self.accept)
        if self.join:
            value = _joined(self._read(record), value, is_csv=self._is_csv)
        return select(self.output_filter, value)

    @property
    def _is_csv(self) -> bool:
        return self.content_type.startswith(_CSV)

    def _read(self, record: bytes, content_type: str | None = None) -> Any:
        kind = self.content_type if content_type is None else content_type
        text = record.decode("utf-8")
        if kind.startswith(_CSV):
            return next(csv.reader([text]), [])
        if kind.startswith(("application/json", *_JSON_LINES)):
            return json.loads(text)
        raise LocalError(f"records of {kind} cannot be joined or filtered, only CSV and JSON can")

    def _write(self, value: Any) -> bytes:
        if not self._is_csv:
            return json.dumps(value).encode()
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return line.getvalue().encode()


def _joined(record: Any, answer: Any, *, is_csv: bool) -> Any:
    if is_csv:
        return [*record, *(answer if isinstance(answer, list) else [json.dumps(answer)])]
    if isinstance(record, dict):
        return {**record, "SageMakerOutput": answer}
    return {"SageMakerInput": record, "SageMakerOutput": answer}
