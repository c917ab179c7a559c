"""One part of a bidirectional stream."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one frame carries.

    Attributes:
        data: Text or bytes, as the frame says.
        complete: Whether a message ends with it. Parts that are not complete are continued by the next one.
    """

    data: str | bytes
    complete: bool = True

    @classmethod
    def unpack(cls, head: bytes, body: bytes) -> "Part":
        """A part that came over the wire between front and worker."""
        return cls(data=body.decode() if head[:1] == b"t" else body, complete=head[1:] == b".")

    def pack(self) -> tuple[bytes, bytes]:
        """Kind and end of message in two letters, and the data."""
        end = b"." if self.complete else b"+"
        if isinstance(self.data, str):
            return b"t" + end, self.data.encode()
        return b"b" + end, self.data
