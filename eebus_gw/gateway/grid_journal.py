"""Proof of what the grid asked for and what the site did about it: journal rows and grid events.

All rows of one limit share an event id: received, answered, distributed, applied by each wallbox, and the power
measured before and after.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from eebus_gw.clock import Clock
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.ledger.entries import Entry, Kind, Share
from eebus_gw.ledger.ledger import Ledger
from eebus_gw.roles.events import GuardChanged, Written
from eebus_gw.vocabulary.values import LimitValue

MEASURED_AFTER_S = 10.0
_WRITES = ("limit_activated", "limit_deactivated", "limit_refused")
"""Triggers of state changes that belong to a write, which is reported after them."""


class GridJournal:
    """Writes both; ``power_w`` tells what all wallboxes draw together now."""

    def __init__(
        self,
        ledger: Ledger,
        publisher: Publisher,
        clock: Clock,
        power_w: Callable[[], float | None],
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._publisher = publisher
        self._power_w = power_w
        self._event: str | None = None
        self._before: dict[str, str] = {}
        self._received: dict[str, datetime] = {}
        self._held: list[tuple[str, Mapping[str, Any]]] = []

    def received(self, code: str) -> datetime | None:
        """When the last accepted limit of a use case came."""
        return self._received.get(code)

    @property
    def awaits_write(self) -> bool:
        """Whether a state changed by a write that is still to be reported."""
        return bool(self._held)

    @property
    def event(self) -> str | None:
        """Id of the limit that is being worked on."""
        return self._event

    def started(self, detail: str) -> None:
        """The gateway (re)started."""
        self._record(Entry(Kind.STARTED, detail=detail))

    def stopped(self) -> None:
        """The gateway ends in order."""
        self._record(Entry(Kind.STOPPED))

    def connected(self, ski: str) -> None:
        """A control box is connected."""
        self._record(Entry(Kind.CONNECTED, peer_ski=ski))

    def disconnected(self, ski: str, text: str) -> None:
        """A control box is gone."""
        self._record(Entry(Kind.DISCONNECTED, peer_ski=ski, reason=text))

    def guard_changed(self, event: GuardChanged) -> None:
        """A control box took or lost the right to steer us."""
        self._tell("guard_changed", peer=event.ski, present=event.present)

    def written(self, event: Written, states: dict[str, str]) -> None:
        """The control box asked for something and was answered; the answer is on its way."""
        code = event.provider.use_case.code
        if event.point.key == "limit":
            self._event = uuid.uuid4().hex
            if event.answer.accepted:
                self._received[code] = self._clock.wall()
        request = self._request(event)
        self._record(request)
        self._record(self._answer(event, states[code]))
        self._before = states
        self._tell_written(event, request, states[code])
        held, self._held = self._held, []
        for changed, data in held:
            self._note_state(changed, data)

    def _request(self, event: Written) -> Entry:
        code = event.provider.use_case.code
        limit = event.value if isinstance(event.value, LimitValue) else None
        return Entry(
            Kind.RECEIVED,
            event=self._event,
            use_case=code,
            peer_ski=event.ski,
            message_counter=event.counter,
            requested_w=limit.watts if limit is not None else _number(event.value),
            requested_active=limit.active if limit is not None else None,
            requested_duration_s=limit.duration_s if limit is not None else None,
            readable=event.value is not None and (limit is None or limit.watts is not None),
            state_before=self._before.get(code),
            power_before_w=self._power_w(),
            detail=None if event.point.key == "limit" else event.point.key,
        )

    def _answer(self, event: Written, state: str) -> Entry:
        code, answer = event.provider.use_case.code, event.answer
        return Entry(
            Kind.ANSWERED,
            event=self._event,
            use_case=code,
            peer_ski=event.ski,
            message_counter=event.counter,
            outcome="accepted" if answer.accepted else "refused",
            error_number=answer.error_number,
            reason=answer.text or answer.clause or None,
            state_before=self._before.get(code),
            state_after=state,
        )

    def _tell_written(self, event: Written, request: Entry, state: str) -> None:
        self._tell(
            "limit" if event.point.key == "limit" else "failsafe_value",
            use_case=request.use_case,
            peer=event.ski,
            requested_w=request.requested_w,
            active=request.requested_active,
            duration_s=request.requested_duration_s,
            point=event.point.key,
            accepted=event.answer.accepted,
            error_number=event.answer.error_number,
            reason=event.answer.text or None,
            state=state,
        )

    def state_changed(self, code: str, data: Mapping[str, Any]) -> None:
        """A state machine took a transition; one that a write caused is noted after the write."""
        if data["trigger"] in _WRITES:
            self._held.append((code, data))
        else:
            self._event = uuid.uuid4().hex
            self._note_state(code, data)

    def _note_state(self, code: str, data: Mapping[str, Any]) -> None:
        self._before = {**self._before, code: data["state"]}
        self._record(
            Entry(
                Kind.STATE_CHANGED,
                event=self._event,
                use_case=code,
                state_before=data["previous"],
                state_after=data["state"],
                reason=data["trigger"],
                detail=", ".join(data["clauses"]),
                power_before_w=self._power_w(),
            )
        )
        self._tell(
            "grid_state", use_case=code, **{k: data[k] for k in ("previous", "state", "trigger")}
        )
        if "failsafe" in (data["state"], data["previous"]):
            entered = data["state"] == "failsafe"
            kind = "failsafe_entered" if entered else "failsafe_left"
            self._publisher.event(kind, use_case=code, cause=data["trigger"])
        self._publisher.event("grid_state", use_case=code, state=data["state"])

    def allocated(self, limit_w: float | None, reason: str, shares: Iterable[Share]) -> None:
        """A site limit was distributed."""
        self._record(
            Entry(
                Kind.ALLOCATED,
                event=self._event,
                requested_w=limit_w,
                reason=reason,
                allocation=tuple(shares),
                power_before_w=self._power_w(),
            )
        )

    def applied(self, device: str, watts: float | None, means: str, error_number: int) -> None:
        """A wallbox answered its share."""
        self._record(
            Entry(
                Kind.APPLIED,
                event=self._event,
                outcome="accepted" if error_number == 0 else "refused",
                error_number=error_number,
                allocation=(Share(device, watts, means),),
            )
        )

    def measured(self, event: str | None) -> None:
        """What is drawn some seconds after a distribution."""
        self._record(Entry(Kind.MEASURED, event=event, power_after_w=self._power_w()))

    def excess(self, excess_w: float, boxes: Iterable[str]) -> None:
        """Wallboxes do not obey, or more is drawn than allowed."""
        names = ", ".join(boxes)
        self._record(
            Entry(
                Kind.EXCESS,
                event=self._event,
                power_after_w=self._power_w(),
                detail=f"{excess_w:.0f} W too much: {names}",
            )
        )
        self._tell("alarm", excess_w=round(excess_w, 1), devices=list(boxes))

    def _record(self, entry: Entry) -> None:
        self._ledger.record(entry)

    def _tell(self, kind: str, **data: Any) -> None:
        self._publisher.grid_event(kind, data)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
