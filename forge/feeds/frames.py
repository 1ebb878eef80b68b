"""Where one syslog message ends and the next begins in a TCP stream (RFC 6587).

Both framings, told apart message by message: octet counting ("47 <13>1 ...", section 3.4.1) and a line feed
at the end (section 3.4.2). A message longer than the limit is cut there, and the rest of it skipped.
"""

import re
from collections.abc import Iterator

#: Bytes of one message that are kept; RFC 5425 wants 8 kB at least.
LIMIT = 65_536

_COUNT = re.compile(rb"([1-9]\d{0,8}) <")
_MAYBE_COUNT = re.compile(rb"[1-9]\d{0,8} ?\Z")


class Frames:
    """Feed it bytes as they come; it gives whole messages."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._skip = 0  # bytes of a counted message past the limit
        self._skip_line = False  # inside a line past the limit
        self.cut = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that `data` completes."""
        self._bytes += data
        while (message := self._next()) is not None:
            if message.strip(b"\r\n\x00 "):
                yield message

    def rest(self) -> tuple[bytes, bool]:
        """What is left when the stream ends, and whether it is known to be half a message."""
        counted = _COUNT.match(self._bytes)
        return bytes(self._bytes[counted.end(1) + 1 :] if counted else self._bytes), counted is not None

    def _next(self) -> bytes | None:
        self._skip_over()
        if not self._bytes or self._skip or self._skip_line:
            return None
        if counted := _COUNT.match(self._bytes):
            return self._counted(counted.end(1) + 1, int(counted[1]))
        if len(self._bytes) < 11 and _MAYBE_COUNT.match(self._bytes):
            return None
        return self._line()

    def _counted(self, start: int, length: int) -> bytes | None:
        kept = min(length, self._limit)
        if len(self._bytes) < start + kept:
            return None
        message = bytes(self._bytes[start : start + kept])
        del self._bytes[: start + kept]
        self._skip = length - kept
        self.cut += self._skip > 0
        return message

    def _line(self) -> bytes | None:
        end = self._bytes.find(b"\n", 0, self._limit + 1)
        if end < 0 and len(self._bytes) <= self._limit:
            return None
        kept = end if end >= 0 else self._limit
        message = bytes(self._bytes[:kept])
        del self._bytes[: kept + (end >= 0)]
        self._skip_line = end < 0
        self.cut += end < 0
        return message

    def _skip_over(self) -> None:
        if self._skip:
            skipped = min(self._skip, len(self._bytes))
            del self._bytes[:skipped]
            self._skip -= skipped
        elif self._skip_line:
            end = self._bytes.find(b"\n")
            del self._bytes[: end + 1 if end >= 0 else len(self._bytes)]
            self._skip_line = end < 0
