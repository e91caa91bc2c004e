"""Power setpoints at both ends: what a server refuses as such, and how a client keeps a setpoint alive.

DBEVC has no heartbeat scenario, so a setpoint is written with an end two minutes ahead and refreshed every 30 s: who
falls silent is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from eebus_gw.vocabulary.behaviour import (
    ACCEPTED,
    HEARTBEAT_LOST_S,
    Action,
    Answer,
    Behaviour,
    Put,
    Report,
    Write,
    refused,
)
from eebus_gw.vocabulary.error_numbers import TIMEOUT
from eebus_gw.vocabulary.values import PowerConstraints, SetpointFlaw, SetpointValue

from .setpoint_wire import WIRE, Wire

LEASE_S: Final = 120.0
REFRESH_S: Final = 30.0

FLAWS: Final[Mapping[SetpointFlaw, str]] = MappingProxyType(
    {
        SetpointFlaw.UNREADABLE_VALUE: "the setpoint has no readable value",
        SetpointFlaw.UNREADABLE_TIME: "the start or end of the setpoint cannot be read",
        SetpointFlaw.ABSOLUTE_TIME: "the times of a setpoint are relative to its receipt",
        SetpointFlaw.BOTH_FORMS: "total and phase-specific setpoints exclude each other",
        SetpointFlaw.INCOMPLETE_PHASES: "a phase-specific setpoint names all connected phases",
        SetpointFlaw.UNEVEN_PHASES: "the phases of a setpoint start and end together",
    }
)
CLAUSE: Final = "DBEVC scenario 1"


def refusal(
    value: SetpointValue, constraints: PowerConstraints | None = None, wire: Wire = WIRE
) -> str | None:
    """Why a written setpoint is refused whatever the device thinks of it, or ``None``."""
    if not value.changeable:
        return "the setpoint is not changeable now"
    if not value.active:
        return None
    if value.flaw is not None and not _tolerated(value.flaw, wire):
        return FLAWS[value.flaw]
    if value.end_s is not None and value.end_s <= max(value.start_s or 0.0, 0.0):
        return "the setpoint ends before it starts"
    watts = value.total_w
    if watts is None or not math.isfinite(watts):
        return FLAWS[SetpointFlaw.UNREADABLE_VALUE]
    return _out_of_reach(watts, constraints, wire) if constraints is not None else None


def _tolerated(flaw: SetpointFlaw, wire: Wire) -> bool:
    if flaw is SetpointFlaw.BOTH_FORMS:
        return not wire.total_phase_exclusive
    return flaw is SetpointFlaw.ABSOLUTE_TIME and wire.absolute_times


def _out_of_reach(watts: float, constraints: PowerConstraints, wire: Wire) -> str | None:
    least, most = constraints.charge_min_w, constraints.charge_max_w
    if watts < 0:
        least, most = constraints.discharge_min_w, constraints.discharge_max_w
    if most is not None and abs(watts) > most:
        return f"the setpoint is beyond {most:g} W"
    if wire.gap_refused and least is not None and 0 < abs(watts) < least:
        return f"between 0 and {least:g} W there is nothing"
    return None


def _no_objection(value: SetpointValue, now: float) -> Answer:
    return ACCEPTED


def _as_published(now: float) -> SetpointValue | None:
    return None


class SetpointServer(Behaviour):
    """Server side: refuses what is no setpoint, then asks ``objection``, which decides for the device.

    ``constraints`` is what the device publishes as its powers; the program around keeps it current. ``stated`` tells
    the setpoint as a read must show it, with the time that remains; ``None`` leaves it as it was published.
    """

    def __init__(
        self,
        *,
        wire: Wire = WIRE,
        constraints: PowerConstraints | None = None,
        objection: Callable[[SetpointValue, float], Answer] = _no_objection,
        stated: Callable[[float], SetpointValue | None] = _as_published,
    ) -> None:
        self.wire = wire
        self.constraints = constraints
        self._objection = objection
        self._as_stated = stated
        self._heard_at: float | None = None

    def on_write(
        self, point_key: str, value: SetpointValue, now: float
    ) -> tuple[Answer, list[Action]]:
        """Refuses with error 7, or leaves the decision to the device."""
        text = refusal(value, self.constraints, self.wire)
        if text is not None:
            return refused(text, CLAUSE), []
        if self.wire.heartbeat_required and not self._hears(now):
            return refused("no heartbeat of the client is heard", CLAUSE), []
        return self._objection(value, now), []

    def on_applied(self, point_key: str, value: SetpointValue, now: float) -> list[Action]:
        """States one form and deactivates the other."""
        return [Put(point_key, replace(value, flaw=None))]

    def stated(self, point_key: str, now: float) -> SetpointValue | None:
        """What a read shows."""
        return self._as_stated(now)

    def on_heartbeat(self, now: float) -> list[Action]:
        """The client lives."""
        self._heard_at = now
        return []

    def on_partner_lost(self, now: float) -> list[Action]:
        """The client is gone."""
        self._heard_at = None
        return []

    def _hears(self, now: float) -> bool:
        return self._heard_at is not None and now - self._heard_at < HEARTBEAT_LOST_S


class SetpointHold:
    """One setpoint a client wants to stand: when to write it, with which times, and when it is over."""

    def __init__(self, point_key: str) -> None:
        self.key = point_key
        self._wish: SetpointValue | None = None
        self._starts_at = 0.0
        self._ends_at = math.inf
        self._due_at: float | None = None
        self._written: SetpointValue | None = None
        """The wish whose write is out."""

    @property
    def held(self) -> bool:
        """Whether a setpoint is kept alive."""
        return self._wish is not None and self._wish.active

    def want(self, value: SetpointValue, now: float) -> None:
        """A new wish, times counted from ``now``; an inactive one is written until it is answered."""
        self._wish = value
        self._starts_at = now + (value.start_s or 0.0)
        self._ends_at = math.inf if value.end_s is None else now + value.end_s
        self._due_at = now

    def renew(self, now: float) -> None:
        """The peer may have forgotten what it was told: a setpoint that is kept alive is written again at once."""
        if self.held:
            self._due_at = now

    def drop(self) -> None:
        """Nothing is wanted any more, and nothing written."""
        self._wish = None
        self._due_at = None

    def answered(self, answer: Answer, now: float) -> list[Action]:
        """A write came to its end: a refused wish is dropped and reported, an unanswered one stands.

        A newer wish goes on whatever became of the older one: a stop must not get lost with it.
        """
        written, self._written = self._written, None
        if written is None:
            return []
        rejected = not answer.accepted and answer.error_number != TIMEOUT
        if self._wish is written and (rejected or (answer.accepted and not written.active)):
            self.drop()
        if rejected and self._wish is None:
            data = {"point": self.key, "error_number": answer.error_number, "text": answer.text}
            return [Report("setpoint_refused", data)]
        return self.due(now)

    def due(self, now: float) -> list[Action]:
        """The write that is due now, or the report that the wish is over."""
        wish = self._wish
        if wish is None or self._written is not None or self._due_at is None or now < self._due_at:
            return []
        if wish.active and now >= self._ends_at:
            self.drop()
            return [Report("setpoint_ended", {"point": self.key})]
        self._written = wish
        if not wish.active:
            return [Write(self.key, replace(wish, start_s=None, end_s=None))]
        self._due_at = min(now + REFRESH_S, self._ends_at)
        return [Write(self.key, self._leased(wish, now))]

    def next_deadline(self) -> float | None:
        """When ``due`` has something to do."""
        return None if self._written is not None else self._due_at

    def _leased(self, wish: SetpointValue, now: float) -> SetpointValue:
        start_s = self._starts_at - now
        end_s = min(self._ends_at - now, max(0.0, start_s) + LEASE_S)
        return replace(wish, start_s=start_s if start_s > 0 else None, end_s=end_s)


class SetpointClient(Behaviour):
    """Client side: keeps the setpoint last wished alive until its own end.

    Reports ``setpoint_refused`` (with text and error number), ``setpoint_withdrawn`` (the peer is not controllable any
    more) and ``setpoint_ended``, each with its point; after that nothing is written until the next wish. It lives as
    long as the connection: an old setpoint is never written again by itself.
    """

    def __init__(self) -> None:
        self._hold = SetpointHold("setpoint")

    def on_wish(self, point_key: str, value: SetpointValue, now: float) -> list[Action]:
        """Written at once, or right after the answer to the write that is out."""
        self._hold.want(value, now)
        return self._hold.due(now)

    def on_update(self, point_key: str, value: object, now: float) -> list[Action]:
        """A peer that takes back its permission is left alone."""
        if not isinstance(value, SetpointValue) or value.changeable or not self._hold.held:
            return []
        self._hold.drop()
        return [Report("setpoint_withdrawn", {"point": point_key})]

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        """A refused setpoint is not tried again; an unanswered one is, a stop at once."""
        return self._hold.answered(answer, now)

    def handle_timer(self, now: float) -> list[Action]:
        """Refreshes, or ends."""
        return self._hold.due(now)

    def next_deadline(self) -> float | None:
        """The next refresh."""
        return self._hold.next_deadline()
