"""What the grid journal records, and the text of a row that its hash protects."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

FIRST_HASH = "0" * 64


class Kind(StrEnum):
    """What happened. ``GAP`` and ``PRUNED`` are written by the ledger itself."""

    STARTED = "started"
    STOPPED = "stopped"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    RECEIVED = "received"
    ANSWERED = "answered"
    STATE_CHANGED = "state_changed"
    ALLOCATED = "allocated"
    APPLIED = "applied"
    MEASURED = "measured"
    EXCESS = "excess"
    GAP = "gap"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Share:
    """One wallbox's part of a site limit; ``means`` is how it was told: ``lpc``, ``opev``,
    ``pause``.
    """

    device: str
    share_w: float | None
    means: str
    commanded_w: float | None = None
    measured_w: float | None = None
    obeying: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; what does not apply stays ``None``.

    ``event`` is shared by all entries that belong to one limit, from its receipt to the power
    measured afterwards. An unreadable request has ``readable`` false and no ``requested_w``.
    ``outcome`` is ``accepted``, ``refused`` or a plain word for what else came of it.
    """

    kind: Kind
    event: str | None = None
    use_case: str | None = None
    peer_ski: str | None = None
    peer_address: str | None = None
    message_counter: int | None = None
    requested_w: float | None = None
    requested_active: bool | None = None
    requested_duration_s: float | None = None
    readable: bool | None = None
    outcome: str | None = None
    error_number: int | None = None
    reason: str | None = None
    state_before: str | None = None
    state_after: str | None = None
    power_before_w: float | None = None
    power_after_w: float | None = None
    allocation: tuple[Share, ...] = ()
    source: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happened: wall time, monotonic seconds, and whether the wall clock was set."""

    utc: datetime
    monotonic_s: float
    clock_synchronised: bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """A journal row as stored. ``content`` is the canonical JSON text of stamp and entry."""

    number: int
    utc: str
    content: str
    hash: str

    def members(self) -> dict[str, Any]:
        """The row as plain data: number, stamp, every field of the entry, hash."""
        return {
            "number": self.number,
            "utc": self.utc,
            **json.loads(self.content),
            "hash": self.hash,
        }


ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
ROW_MEMBERS = ("number", "utc", "monotonic_s", "clock_synchronised", *ENTRY_FIELDS, "hash")


def format_utc(moment: datetime) -> str:
    """RFC 3339 with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """The moment a text of ``format_utc`` names."""
    return datetime.fromisoformat(text).astimezone(UTC)


def canonical(stamp: Stamp, entry: Entry) -> str:
    """The one text of an entry: sorted members, no blanks, no number that JSON cannot carry."""
    members = {
        "monotonic_s": stamp.monotonic_s,
        "clock_synchronised": stamp.clock_synchronised,
        **asdict(entry),
    }
    return json.dumps(_plain(members), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_hash(previous: str, number: int, utc: str, content: str) -> str:
    """SHA-256 over the hash of the row before and everything in this one."""
    text = "\n".join((previous, str(number), utc, content))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value
