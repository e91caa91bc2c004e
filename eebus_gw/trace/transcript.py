"""Reading recorded traffic: this project's trace files and log files of programs built on ship-go.

Log lines that carry no frame are skipped and counted, so a whole log file can be fed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

INIT, CONTROL, DATA, END = 0, 1, 2, 3
LOCAL = "local"
"""The party that wrote a log file, which does not name itself."""

_LOGGED_FRAME = re.compile(r"\b(Recv|Send):\s+([0-9a-fA-F]{40})\s+(ship init|\{.*\})\s*$")
_LOGGED_TIME = re.compile(r"(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Line:
    """One frame, or with ``event`` something below SHIP."""

    number: int
    """Line of the file, from 1."""
    t: float
    sender: str
    receiver: str
    """Empty where the file does not say."""
    type: int
    """First byte of the frame; -1 for an event."""
    text: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """All frames of a file, in its order."""

    lines: tuple[Line, ...]
    skipped: int
    """Lines without a frame."""


def read_transcript(text: Iterable[str]) -> Transcript:
    """The frames in the lines ``text`` of a trace or log file; never raises for its content."""
    lines: list[Line] = []
    skipped = 0
    start: datetime | None = None
    for number, raw in enumerate(text, 1):
        line = _traced(number, raw) if raw.lstrip().startswith("{") else None
        if line is None and (match := _LOGGED_FRAME.search(raw)):
            moment = _moment(raw)
            start = start or moment
            seconds = (moment - start).total_seconds() if moment and start else 0.0
            line = _logged(number, seconds, *match.groups())
        if line is None:
            skipped += bool(raw.strip())
        else:
            lines.append(line)
    return Transcript(tuple(lines), skipped)


def _traced(number: int, raw: str) -> Line | None:
    try:
        tree: Any = json.loads(raw)
        t, sender = float(tree.get("t", 0.0)), str(tree.get("from", ""))
        receiver, event = str(tree.get("to", "")), tree.get("event")
        if isinstance(event, str):
            details = [f"{key}={value}" for key, value in tree.items() if key not in _FRAME_MEMBERS]
            return Line(number, t, sender, receiver, -1, " ".join(details), event)
        return Line(number, t, sender, receiver, int(tree["type"]), str(tree["text"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


_FRAME_MEMBERS = frozenset(("t", "from", "to", "event"))


def _logged(number: int, t: float, direction: str, ski: str, text: str) -> Line:
    ski = ski.lower()
    sender, receiver = (ski, LOCAL) if direction == "Recv" else (LOCAL, ski)
    if text == "ship init":
        return Line(number, t, sender, receiver, INIT, "\0")
    return Line(number, t, sender, receiver, _type_of(text), text)


def _type_of(text: str) -> int:
    if text.startswith('{"data"'):
        return DATA
    return END if text.startswith('{"connectionClose"') else CONTROL


def _moment(raw: str) -> datetime | None:
    match = _LOGGED_TIME.search(raw)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction = int((match.group(7) or "").ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, fraction, tzinfo=UTC)
    except ValueError:
        return None
