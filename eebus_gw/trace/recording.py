"""The frame trace: what went over the wires, kept in memory always, written out on demand.

One JSON object a line: ``{"t", "from", "to", "type", "text"}`` for a frame and ``{"t", "from",
"to", "event", …}`` for what happens below SHIP; ``t`` in seconds since the trace began, ``type`` the
first byte of the WebSocket message (0 init, 1 control, 2 data, 3 end), ``text`` the rest of it.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from eebus_gw.redaction import redact

DEFAULT_AGE_S = 600.0
DEFAULT_BYTES = 4 * 1024 * 1024
# What one record costs besides its payload, roughly.
_RECORD_OVERHEAD = 200


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One frame (``payload`` with its first byte) or, with ``event``, something below SHIP."""

    t: float
    sender: str
    receiver: str
    payload: bytes = b""
    event: str | None = None
    details: tuple[tuple[str, Any], ...] = field(default=())

    @property
    def size(self) -> int:
        return len(self.payload) + _RECORD_OVERHEAD

    def tree(self, start: float) -> dict[str, Any]:
        """The record as an object of the trace format, ``t`` counted from ``start``."""
        line: dict[str, Any] = {"t": round(self.t - start, 6), "from": self.sender}
        if self.receiver:
            line["to"] = self.receiver
        if self.event is not None:
            return {**line, "event": self.event, **dict(self.details)}
        line["type"] = self.payload[0] if self.payload else -1
        line["text"] = self.payload[1:].decode("utf-8", "backslashreplace")
        return line


class FrameTrace:
    """The last minutes of all links of one node, bounded in time and bytes."""

    def __init__(
        self,
        *,
        max_age_s: float = DEFAULT_AGE_S,
        max_bytes: int = DEFAULT_BYTES,
        started: datetime | None = None,
        started_at: float = 0.0,
    ) -> None:
        self._max_age_s = max_age_s
        self._max_bytes = max_bytes
        self._records: deque[TraceRecord] = deque()
        self._bytes = 0
        self._started = started
        self._started_at = started_at
        self._sinks: list[Callable[[TraceRecord], None]] = []

    def frame(self, now: float, sender: str, receiver: str, message: bytes) -> None:
        """Notes a complete WebSocket message; call it before sending, after receiving."""
        self._note(TraceRecord(now, sender, receiver, message))

    def event(self, now: float, sender: str, receiver: str, event: str, **details: Any) -> None:
        """Notes something below SHIP: ``tcp-connect``, ``websocket-close`` with ``code`` …"""
        self._note(TraceRecord(now, sender, receiver, b"", event, tuple(details.items())))

    def attach(self, sink: Callable[[TraceRecord], None]) -> Callable[[], None]:
        """Hands every further record to ``sink`` as well; the returned call ends that."""
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    @property
    def size(self) -> int:
        """Bytes held, roughly."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._records)

    def lines(
        self, *, party: str | None = None, secrets: bool = False, full_skis: bool = False
    ) -> Iterator[str]:
        """JSON lines, oldest first; ``party`` keeps one link, ``secrets`` leaves all content."""
        records = [r for r in self._records if party is None or party in (r.sender, r.receiver)]
        if not records:
            return
        start = records[0].t
        yield json.dumps({"t": 0.0, "event": "trace", **self._origin(start)})
        for record in records:
            yield trace_line(record, start, secrets=secrets, full_skis=full_skis)

    def _origin(self, start: float) -> dict[str, str]:
        if self._started is None:
            return {}
        wall = self._started + timedelta(seconds=start - self._started_at)
        return {"wall": wall.isoformat(timespec="milliseconds").replace("+00:00", "Z")}

    def _note(self, record: TraceRecord) -> None:
        for sink in self._sinks:
            sink(record)
        if self._max_age_s <= 0:
            return
        records = self._records
        records.append(record)
        self._bytes += record.size
        oldest = record.t - self._max_age_s
        while records and (self._bytes > self._max_bytes or records[0].t < oldest):
            self._bytes -= records.popleft().size


class TraceFile:
    """A sink of ``FrameTrace`` that writes to a file, private to the owner, up to ``max_bytes``."""

    def __init__(self, path: Path, start: float, *, max_bytes: int = 64 * 1024 * 1024) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)
        self._start = start
        self._left = max_bytes

    def __call__(self, record: TraceRecord) -> None:
        """Writes one record; nothing once the file is full or closed."""
        line = trace_line(record, self._start)
        self._left -= len(line)
        if self._left < 0 or self._file.closed:
            return
        try:
            self._file.write(f"{line}\n")
        except OSError:
            self._left = -1  # a full disk ends the trace, not the link it is taken of

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()


def trace_line(
    record: TraceRecord, start: float, *, secrets: bool = False, full_skis: bool = False
) -> str:
    """One line of the trace format, without secrets unless ``secrets``."""
    line = json.dumps(record.tree(start), ensure_ascii=False)
    return line if secrets else redact(line, full_skis=full_skis)
