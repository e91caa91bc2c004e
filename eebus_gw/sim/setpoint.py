"""The server side of a power setpoint: accept or refuse, start, expire, lose the peer (DBEVC
scenario 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eebus_gw.sim.snapshot import PowerConstraints, SetpointState, SetpointView
from eebus_gw.spine.error_numbers import REJECTED

WATCHDOG_S = 120.0
_CONTROLLED = (SetpointState.SCHEDULED, SetpointState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the car permits at the moment of a decision."""

    controllable: bool
    constraints: PowerConstraints
    discharge_permitted: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a written setpoint; ``error_number`` is SPINE's, 0 when accepted."""

    accepted: bool
    error_number: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    watts: float
    start_at: float
    end_at: float


class SetpointControl:
    """Holds one setpoint. A setpoint in the gap around zero or without an end is accepted.

    It is dropped when its peer has been silent, without writes and heartbeats, for ``WATCHDOG_S``.
    """

    __slots__ = ("_heard_at", "_order", "state")

    def __init__(self) -> None:
        self.state = SetpointState.IDLE
        self._order: _Order | None = None
        self._heard_at: float | None = None

    @property
    def controlled(self) -> bool:
        """Whether a setpoint is active or about to be."""
        return self.state in _CONTROLLED

    @property
    def watts(self) -> float | None:
        """The power asked for now; ``None`` unless a setpoint is active."""
        return self._order.watts if self._order and self.state is SetpointState.ACTIVE else None

    def write(
        self,
        watts: float,
        *,
        active: bool,
        start_s: float | None,
        end_s: float | None,
        conditions: Conditions,
        now: float,
    ) -> Verdict:
        """Decides on a peer's write; times count from ``now``. A refused write changes nothing."""
        self.hear(now)
        refusal = _refusal(watts, active, start_s or 0.0, end_s, conditions)
        if refusal:
            return Verdict(False, REJECTED, refusal)
        if not active:
            self._drop(SetpointState.IDLE)
        else:
            start_at = now + (start_s or 0.0)
            self._order = _Order(watts, start_at, math.inf if end_s is None else now + end_s)
            self.state = SetpointState.SCHEDULED if start_at > now else SetpointState.ACTIVE
        return Verdict(True)

    def hear(self, now: float) -> None:
        """The controlling peer is alive."""
        self._heard_at = now
        if self.state is SetpointState.LOST:
            self.state = SetpointState.IDLE

    def lose(self) -> None:
        """The controlling peer is gone, whatever end the setpoint had."""
        self._heard_at = None
        if self.state is not SetpointState.NOT_CONTROLLABLE:
            self._drop(SetpointState.LOST)

    def update(self, controllable: bool, now: float) -> tuple[SetpointState, ...]:
        """Lets time pass; returns the states entered since the last call, in order. Each is worth a
        notify.
        """
        before = self.state
        if not controllable:
            self._drop(SetpointState.NOT_CONTROLLABLE)
            return () if before is self.state else (self.state,)
        if before is SetpointState.NOT_CONTROLLABLE:
            self.state = SetpointState.IDLE
            return (self.state,)
        return self._follow_times(now) or self._watch(now)

    def next_deadline(self) -> float | None:
        """The moment at which ``update`` has something to do, or ``None``."""
        if not self.controlled or self._order is None:
            return None
        moments = [self._order.end_at]
        if self.state is SetpointState.SCHEDULED:
            moments.append(self._order.start_at)
        if self._heard_at is not None:
            moments.append(self._heard_at + WATCHDOG_S)
        earliest = min(moments)
        return earliest if math.isfinite(earliest) else None

    def view(self, now: float) -> SetpointView:
        """What the server publishes."""
        order = self._order
        start_s = order.start_at - now if order and order.start_at > now else None
        end_s = order.end_at - now if order and math.isfinite(order.end_at) else None
        return SetpointView(
            state=self.state,
            changeable=self.state is not SetpointState.NOT_CONTROLLABLE,
            active=self.controlled,
            watts=order.watts if order else 0.0,
            start_s=start_s,
            end_s=end_s,
        )

    def _follow_times(self, now: float) -> tuple[SetpointState, ...]:
        order = self._order
        if not self.controlled or order is None:
            return ()
        if now >= order.end_at:
            self._drop(SetpointState.IDLE)
            return (SetpointState.EXPIRED, SetpointState.IDLE)
        if self.state is SetpointState.SCHEDULED and now >= order.start_at:
            self.state = SetpointState.ACTIVE
            return (SetpointState.ACTIVE,)
        return ()

    def _watch(self, now: float) -> tuple[SetpointState, ...]:
        heard_at = self._heard_at
        if not self.controlled or heard_at is None or now < heard_at + WATCHDOG_S:
            return ()
        self.lose()
        return (self.state,)

    def _drop(self, state: SetpointState) -> None:
        self._order = None
        self.state = state


def _refusal(
    watts: float, active: bool, start_s: float, end_s: float | None, conditions: Conditions
) -> str:
    if not conditions.controllable:
        return "the car does not follow setpoints now"
    if not active:
        return ""
    constraints = conditions.constraints
    if not math.isfinite(watts):
        return "the setpoint is not a finite number"
    lowest_w, highest_w = -constraints.discharge_max_w, constraints.charge_max_w
    if not lowest_w <= watts <= highest_w:
        return f"the setpoint lies outside {lowest_w:g} … {highest_w:g} W"
    if not 0 <= start_s < math.inf:
        return "the setpoint's start is no time from now on"
    if end_s is not None and not start_s < end_s < math.inf:
        return "the setpoint ends before it starts"
    if watts < 0 and not conditions.discharge_permitted:
        return "the driver does not permit discharging now"
    return ""
