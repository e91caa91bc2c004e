"""What became of a command, as published on ``<id>/result``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from eebus_gw.bridge.reasons import REASONS, error_number


class State(Enum):
    """Life of a command; everything but ``received`` and ``sent`` is final."""

    RECEIVED = "received"
    SENT = "sent"
    APPLIED = "applied"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    TIMEOUT = "timeout"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self not in (State.RECEIVED, State.SENT)


_EXIT_STATUS = {
    State.APPLIED: 0,
    State.ACCEPTED: 0,
    State.SUPERSEDED: 1,
    State.EXPIRED: 5,
    State.TIMEOUT: 5,
}


@dataclass(frozen=True, slots=True)
class Result:
    """One state of one command.

    ``actual`` is what the device reports, ``limited_by`` why that is not what was ``requested``;
    ``latency_ms`` counts from reception.
    """

    device: str
    id: str
    field: str | None
    state: State
    ts: datetime
    reason: str | None = None
    error_number: int | None = None
    detail: str | None = None
    requested: Any = None
    actual: Any = None
    limited_by: str | None = None
    latency_ms: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing follows for this command."""
        return self.state.final

    @property
    def exit_status(self) -> int:
        """What ``eebus-gw set`` ends with."""
        if self.state in _EXIT_STATUS:
            return _EXIT_STATUS[self.state]
        return REASONS[self.reason or "failed"].exit_status

    def explanation(self) -> str:
        """One or two plain sentences for people; empty where nothing went wrong."""
        if self.reason is None:
            return ""
        if self.reason == "remote_error" and self.error_number is not None:
            entry = error_number(self.error_number)
            return f"{entry.sentence} {entry.remedy}".rstrip()
        return f"{REASONS[self.reason].sentence} {REASONS[self.reason].remedy}"

    def document(self) -> dict[str, Any]:
        """The JSON object of the contract; every member is always there."""
        return {
            "id": self.id,
            "field": self.field,
            "state": self.state.value,
            "reason": self.reason,
            "error_number": self.error_number,
            "detail": self.detail,
            "requested": self.requested,
            "actual": self.actual,
            "limited_by": self.limited_by,
            "ts": time_text(self.ts),
            "latency_ms": self.latency_ms,
        }


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as everywhere on MQTT."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
