"""Commands on their way to a device, from reception to the one final result.

``CommandTracker`` is pure. It is given commands (``submit``) and what happens to them (``sent``,
``answered``, ``read_back``, ``applied``, ``refused``, ``failed``), and drains ``to_execute`` and
``results``. It writes nothing itself: whoever drains ``to_execute`` does, and reports by token.

Rate: at most one write per second, device and field. The newest command waits for its turn, the
one it replaces ends as ``superseded``; a command that asks for less power than the last one goes
at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from eebus_gw.bridge.fields import FIELDS
from eebus_gw.bridge.reasons import REASONS
from eebus_gw.bridge.results import Result, State
from eebus_gw.errors import LocalProtocolError
from eebus_gw.vocabulary.error_numbers import NO_BINDING

WRITE_INTERVAL_S = 1.0
ANSWER_TIMEOUT_S = 10.0
READ_BACK_TIMEOUT_S = 5.0


class Origin(Enum):
    """Where a command came from, which decides when its wish ends (contract: silence)."""

    MQTT = "mqtt"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Command:
    """One checked command for one field.

    ``value`` has the settled form of the field's shape, ``requested`` is what was sent.
    ``received`` and ``expires`` are monotonic seconds. ``token`` names the command within this
    process; ``id`` is the sender's and need not be unique.
    """

    token: int
    device: str
    field: str
    value: Any
    requested: Any
    id: str
    source: str
    origin: Origin
    received: float
    expires: float


@dataclass(frozen=True, slots=True)
class Execute:
    """It is ``command``'s turn: write it, or refuse it."""

    command: Command


class _Phase(Enum):
    WAITING = "waiting"
    EXECUTING = "executing"
    SENT = "sent"
    ANSWERED = "answered"


@dataclass(slots=True)
class _Open:
    command: Command
    phase: _Phase
    deadline: float
    read_back: bool = False
    actual: Any = None
    limited_by: str | None = None


@dataclass(slots=True)
class _Lane:
    """The commands of one device and field: when the next may go, and the value that went last."""

    turn: float = -math.inf
    last_value: Any = None
    waiting: int | None = None


class CommandTracker:
    """Follows every open command; see the module for the rules.

    Reports about a token that is already final are ignored, so a late answer changes nothing.
    """

    def __init__(self, *, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self._open: dict[int, _Open] = {}
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._execute: list[Execute] = []
        self._results: list[Result] = []

    def __len__(self) -> int:
        """How many commands have no final result yet."""
        return len(self._open)

    def submit(self, command: Command, now: float) -> None:
        """Takes ``command`` in; it appears in ``to_execute`` at once or when its turn comes."""
        lane = self._lanes.setdefault((command.device, command.field), _Lane())
        self._open[command.token] = _Open(command, _Phase.WAITING, command.expires)
        self._report(command, State.RECEIVED, now)
        if lane.waiting is not None:
            self._supersede(lane.waiting, command, now)
        lane.waiting = command.token
        if self._may_go(lane, command, now):
            self._go(lane, now)

    def sent(self, token: int, now: float) -> None:
        """The write for ``token`` is on its way to the device."""
        if entry := self._open.get(token):
            entry.phase = _Phase.SENT
            entry.deadline = now + ANSWER_TIMEOUT_S
            self._report(entry.command, State.SENT, now)

    def answered(self, token: int, error_number: int, text: str, now: float) -> None:
        """The device answered the write with a SPINE result number (0: accepted)."""
        entry = self._open.get(token)
        if entry is None:
            return
        if error_number != 0:
            self._finish(
                entry,
                State.REJECTED,
                now,
                reason="no_binding" if error_number == NO_BINDING else "remote_error",
                error_number=error_number,
                detail=text or None,
            )
        elif entry.read_back:
            self._finish(entry, State.APPLIED, now, error_number=0)
        else:
            entry.phase = _Phase.ANSWERED
            entry.deadline = now + READ_BACK_TIMEOUT_S

    def read_back(
        self, token: int, actual: Any, now: float, *, limited_by: str | None = None
    ) -> None:
        """The device reports ``actual`` as the value that ``token`` asked for.

        May come before the answer, as devices notify first and answer afterwards.
        """
        if entry := self._open.get(token):
            entry.read_back = True
            entry.actual = actual
            entry.limited_by = limited_by
            if entry.phase is _Phase.ANSWERED:
                self._finish(entry, State.APPLIED, now, error_number=0)

    def applied(
        self, token: int, actual: Any, now: float, *, limited_by: str | None = None
    ) -> None:
        """``token`` is in force without a write: stored here, or commanded already."""
        if entry := self._open.get(token):
            entry.actual = actual
            entry.limited_by = limited_by
            self._finish(entry, State.APPLIED, now)

    def kept(self, token: int, detail: str, now: float) -> None:
        """The wish holds, but is written later, when ``detail`` says."""
        if entry := self._open.get(token):
            self._finish(entry, State.ACCEPTED, now, detail=detail)

    def refused(self, token: int, reason: str, detail: str, now: float) -> None:
        """``token`` will not be written; ``reason`` is a code of ``REASONS``."""
        entry = self._open.get(token)
        if entry is not None and entry.phase is _Phase.EXECUTING:
            # Nothing was written, so the next command has no distance to keep.
            self._lanes[entry.command.device, entry.command.field].turn = now
        self._fail(token, State.REJECTED, reason, detail, now)

    def superseded(self, token: int, now: float) -> None:
        """A newer command took the place of ``token`` before the device answered it, if it was written at all."""
        if entry := self._open.get(token):
            self._finish(entry, State.SUPERSEDED, now, detail="replaced by a newer one")

    def failed(self, token: int, reason: str, detail: str, now: float) -> None:
        """``token`` went wrong on the way; ``reason`` is a code of ``REASONS``."""
        self._fail(token, State.FAILED, reason, detail, now)

    def link_lost(self, device: str, now: float) -> None:
        """The link to ``device`` broke: what was written and not answered has failed."""
        for entry in self._of(device):
            if entry.phase is _Phase.SENT:
                self._finish(entry, State.FAILED, now, reason="link_lost")
            elif entry.phase is _Phase.ANSWERED:
                self._finish(entry, State.ACCEPTED, now, error_number=0)

    def forget(self, device: str, now: float) -> None:
        """``device`` was removed: refuses what is open for it."""
        for entry in self._of(device):
            self._finish(entry, State.REJECTED, now, reason="device_unknown")
        for key in [key for key in self._lanes if key[0] == device]:
            del self._lanes[key]

    def handle_timer(self, now: float) -> None:
        """Gives waiting commands their turn and ends those whose time is over."""
        for lane in self._lanes.values():
            if lane.waiting is not None and now >= lane.turn:
                self._go(lane, now)
        for entry in [entry for entry in self._open.values() if now >= entry.deadline]:
            self._overdue(entry, now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` has something to do, in monotonic seconds."""
        moments = [entry.deadline for entry in self._open.values()]
        moments += [lane.turn for lane in self._lanes.values() if lane.waiting is not None]
        return min(moments, default=None)

    def to_execute(self) -> list[Execute]:
        """Drains the commands whose turn it is."""
        drained, self._execute = self._execute, []
        return drained

    def results(self) -> list[Result]:
        """Drains every state reached, in order; ``Result.final`` marks the last of a command."""
        drained, self._results = self._results, []
        return drained

    def _may_go(self, lane: _Lane, command: Command, now: float) -> bool:
        if now >= lane.turn:
            return True
        return FIELDS[command.field].reduces(command.value, lane.last_value)

    def _go(self, lane: _Lane, now: float) -> None:
        assert lane.waiting is not None
        entry = self._open[lane.waiting]
        lane.waiting = None
        command = entry.command
        if now >= command.expires:
            self._overdue(entry, now)
            return
        for other in self._of(command.device):
            if other.phase is _Phase.EXECUTING and other.command.field == command.field:
                self._supersede(other.command.token, command, now)
        lane.turn, lane.last_value = now + WRITE_INTERVAL_S, command.value
        entry.phase = _Phase.EXECUTING
        self._execute.append(Execute(command))

    def _supersede(self, token: int, newer: Command, now: float) -> None:
        self._finish(self._open[token], State.SUPERSEDED, now, detail=f"replaced by {newer.id}")

    def _overdue(self, entry: _Open, now: float) -> None:
        match entry.phase:
            case _Phase.ANSWERED:
                self._finish(entry, State.ACCEPTED, now, error_number=0)
            case _Phase.SENT:
                self._finish(entry, State.TIMEOUT, now, reason="result_timeout")
            case _:
                self._finish(entry, State.EXPIRED, now, reason="stale")

    def _fail(self, token: int, state: State, reason: str, detail: str, now: float) -> None:
        if reason not in REASONS:
            raise LocalProtocolError(f"{reason!r} is no reason code")
        if entry := self._open.get(token):
            self._finish(entry, state, now, reason=reason, detail=detail or None)

    def _of(self, device: str) -> list[_Open]:
        return [entry for entry in self._open.values() if entry.command.device == device]

    def _finish(
        self,
        entry: _Open,
        state: State,
        now: float,
        *,
        reason: str | None = None,
        error_number: int | None = None,
        detail: str | None = None,
    ) -> None:
        command = entry.command
        del self._open[command.token]
        lane = self._lanes[command.device, command.field]
        if lane.waiting == command.token:
            lane.waiting = None
        self._results.append(
            Result(
                device=command.device,
                id=command.id,
                field=command.field,
                state=state,
                ts=self._wall(),
                reason=reason,
                error_number=error_number,
                detail=detail,
                requested=command.requested,
                actual=entry.actual,
                limited_by=entry.limited_by,
                latency_ms=_milliseconds(command, now),
            )
        )

    def _report(self, command: Command, state: State, now: float) -> None:
        self._results.append(
            Result(
                device=command.device,
                id=command.id,
                field=command.field,
                state=state,
                ts=self._wall(),
                requested=command.requested,
                latency_ms=_milliseconds(command, now),
            )
        )


def _milliseconds(command: Command, now: float) -> int:
    return max(0, round((now - command.received) * 1000))
