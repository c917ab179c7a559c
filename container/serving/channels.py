"""The input channels of a training job: folders of files, or pipes that are read epoch by epoch.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

import itertools
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from serving.errors import TrainingInputError

InputMode = Literal["File", "FastFile", "Pipe"]
RecordWrapper = Literal["None", "RecordIO"]

PIPE_SECONDS = 60
"""How long to wait for the pipe of an epoch to be there."""

_MAGIC = 0xCED7230A
_HEADER = struct.Struct("<II")
_LENGTH_BITS = 29


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What `inputdataconfig.json` says of a channel.

    Attributes:
        name: Its name.
        mode: `File` and `FastFile` have a folder, `Pipe` has a pipe for each epoch.
        content_type: MIME type of the data, or None if the job does not say.
        record_wrapper: `RecordIO` if each record of a pipe is wrapped so that it can be told from the next one.
        distribution: `FullyReplicated`, or `ShardedByS3Key` if each host has a part of the objects.
        path: The folder. In Pipe mode, what the paths of the pipes begin with.
    """

    name: str
    mode: InputMode
    content_type: str | None
    record_wrapper: RecordWrapper
    distribution: str
    path: Path


class Pipe:
    """A channel in Pipe mode: iterating it gives one epoch after the other, without end.

    Each epoch is a pipe of its own, which is opened when the epoch begins and closed before the next one is opened, as
    SageMaker demands. A program reads as many epochs as it wants:

        for epoch in itertools.islice(job.pipes["training"], 3):
            for record in epoch: ...

    Args:
        channel: What the job says of it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._following = itertools.count()

    def __iter__(self) -> Iterator["Epoch"]:
        """The epochs that were not begun yet.

        Raises:
            TrainingInputError: The pipe of an epoch does not appear.
        """
        for number in self._following:
            path = self._channel.path.with_name(f"{self._channel.name}_{number}")
            deadline = time.monotonic() + PIPE_SECONDS
            while not path.exists():
                if time.monotonic() > deadline:
                    raise TrainingInputError(f"{path} did not appear within {PIPE_SECONDS} s; it is the pipe to read.")
                time.sleep(0.01)
            with path.open("rb") as stream:
                yield Epoch(number, stream, self._channel.record_wrapper)


class Epoch:
    """One pass over the data of a pipe: an iterator over its records, those of RecordIO, else lines without their end.

    Attributes:
        number: Which one it is, from 0.
        stream: All its bytes, for who reads something else than records.

    Args:
        number: Which one it is.
        stream: The opened pipe.
        wrapper: How records are told apart.
    """

    def __init__(self, number: int, stream: BinaryIO, wrapper: RecordWrapper) -> None:
        self.number = number
        self.stream = stream
        self._wrapper = wrapper

    def __iter__(self) -> Iterator[bytes]:
        """The records that were not read yet.

        Raises:
            TrainingInputError: A record is no RecordIO, or ends before its end.
        """
        if self._wrapper == "None":
            for line in self.stream:
                yield line.rstrip(b"\r\n")
            return
        begun: list[bytes] = []
        while header := self.stream.read(_HEADER.size):
            magic, described = _HEADER.unpack(header) if len(header) == _HEADER.size else (0, 0)
            part, length = described >> _LENGTH_BITS, described & ((1 << _LENGTH_BITS) - 1)
            padded = length + -length % 4
            data = self.stream.read(padded) if magic == _MAGIC else b""
            if magic != _MAGIC or len(data) < padded:
                raise TrainingInputError(f"Epoch {self.number} has what is no RecordIO: no magic number, or cut off.")
            begun.append(data[:length])
            # 0: a whole record. One that holds the magic number is cut there: 1 its first part, 2 a middle, 3 the last.
            if part in (0, 3):
                yield _MAGIC.to_bytes(4, "little").join(begun)
                begun = []
