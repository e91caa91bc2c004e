"""Control of a battery (COB 1.0.0): who is in charge of the inverter, and which power holds without a setpoint.

Pure: the caller hands in monotonic seconds and carries out the effects. Rule numbers are those of the use case
technical specification (``913`` stands for [COB-913]).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from eebus_gw.vocabulary.behaviour import HEARTBEAT_LOST_S

GATE_WINDOW_S: Final = 60.0
INIT_SETTLE_S: Final = 120.0
MODE_AFTER_HEARTBEAT_S: Final = 120.0
FAILSAFE_SHORTEST_S: Final = 7_200.0
FAILSAFE_LONGEST_S: Final = 86_400.0

AC, DC, PCC = "ac_setpoint", "dc_setpoint", "pcc_setpoint"
"""Keys of the three setpoints."""


class Mode(Enum):
    """Control modes; the value is the text of the key ``batteryActiveControlMode`` [031]."""

    POWER = "power"
    PCC = "pcc"
    AUTO = "auto"


class State(Enum):
    """States of the inverter (§2.3)."""

    INIT = "init"
    POWER_CONTROL = "power_control"
    PCC_CONTROL = "pcc_control"
    AUTO_CONTROL = "auto_control"
    AUTO_UNCONTROLLED = "auto_uncontrolled"
    FAILSAFE = "failsafe"

    @property
    def controlled(self) -> bool:
        """A CEM is in charge; its silence leads to failsafe."""
        return self in (State.POWER_CONTROL, State.PCC_CONTROL, State.AUTO_CONTROL)


class Trigger(Enum):
    """What can move the state; writes of the mode count only with a fresh heartbeat."""

    RESTARTED = "restarted"
    POWER_WRITTEN = "power_written"
    PCC_WRITTEN = "pcc_written"
    AUTO_WRITTEN = "auto_written"
    MODE_REFUSED = "mode_refused"
    SILENT = "heartbeat_lost"
    SETTLED = "nobody_took_control"
    WAITED = "failsafe_duration_over"
    NOT_FOLLOWED = "heartbeat_without_mode"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    source: State
    trigger: Trigger
    target: State
    rules: tuple[str, ...]


def _rows() -> tuple[Transition, ...]:
    failsafe, uncontrolled = State.FAILSAFE, State.AUTO_UNCONTROLLED
    rows = [Transition(state, Trigger.RESTARTED, State.INIT, ("901",)) for state in State]
    for state in State:
        refused = ("914/3",) if state is failsafe else ("904/3",)
        rows += (
            Transition(state, Trigger.POWER_WRITTEN, State.POWER_CONTROL, ("031/1",)),
            Transition(state, Trigger.PCC_WRITTEN, State.PCC_CONTROL, ("031/2",)),
            Transition(state, Trigger.AUTO_WRITTEN, State.AUTO_CONTROL, ("031/3",)),
            Transition(state, Trigger.MODE_REFUSED, State.AUTO_CONTROL, refused),
        )
        if state.controlled:
            rows.append(Transition(state, Trigger.SILENT, failsafe, ("913", "009/2")))
    rows += (
        Transition(State.INIT, Trigger.SETTLED, uncontrolled, ("905",)),
        Transition(failsafe, Trigger.WAITED, uncontrolled, ("915",)),
        Transition(failsafe, Trigger.NOT_FOLLOWED, uncontrolled, ("916",)),
    )
    return tuple(rows)


ROWS: Final = _rows()
TRANSITIONS: Final = {(row.source, row.trigger): row for row in ROWS}
"""Every state and trigger that belong together; a pair that is missing has no effect."""

_WRITTEN: Final = {
    Mode.POWER: Trigger.POWER_WRITTEN,
    Mode.PCC: Trigger.PCC_WRITTEN,
    Mode.AUTO: Trigger.AUTO_WRITTEN,
}
_APPLICABLE: Final[Mapping[State, tuple[str, ...]]] = {
    State.POWER_CONTROL: (AC, DC),
    State.PCC_CONTROL: (PCC,),
}


@dataclass(slots=True)
class BatterySettings:
    """What holds without a setpoint, by setpoint key and in watts; duration in seconds, 2 h to 24 h."""

    defaults: dict[str, float] = field(default_factory=dict)
    failsafe: dict[str, float] = field(default_factory=dict)
    failsafe_duration_s: float = FAILSAFE_SHORTEST_S
    modes: tuple[Mode, ...] = tuple(Mode)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the inverter obeys: watts of one setpoint key; ``key`` is ``None`` where it sees to itself."""

    key: str | None
    watts: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a write and what came of it."""

    accepted: bool
    text: str = ""
    rule: str = ""
    transition: Transition | None = None
    ended: tuple[str, ...] = ()
    """Setpoints that were deactivated."""


@dataclass(slots=True)
class _Order:
    watts: float
    active: bool
    ends_at: float | None


class BatteryMachine:
    """One inverter; call ``start`` first and again after each restart."""

    def __init__(self, settings: BatterySettings | None = None) -> None:
        self.settings = settings or BatterySettings()
        self.state = State.INIT
        self._orders: dict[str, _Order] = {}
        self._entered_at = 0.0
        self._heard_at: float | None = None
        self._returned_at: float | None = None

    def start(self, now: float) -> Outcome:
        """(Re)start: the failsafe setpoint holds until somebody takes control [901]."""
        self._heard_at = self._returned_at = None
        return self._move(Trigger.RESTARTED, now)

    def heartbeat(self, now: float) -> None:
        """The CEM gave a sign of life."""
        self._heard_at = now
        if self.state is State.FAILSAFE and self._returned_at is None:
            self._returned_at = now

    def mode_written(self, text: str, now: float) -> Outcome:
        """The CEM wants a control mode; counts only with a heartbeat within the preceding 60 s."""
        if self._heard_at is None or now - self._heard_at > GATE_WINDOW_S:
            return Outcome(False, "no heartbeat within the preceding 60 s", "031")
        mode = next((mode for mode in self.settings.modes if mode.value == text), None)
        if mode is None:
            moved = self._move(Trigger.MODE_REFUSED, now)
            rules = moved.transition.rules if moved.transition is not None else ("904/3",)
            return Outcome(
                False,
                "this inverter does not have that control mode",
                rules[0],
                moved.transition,
                moved.ended,
            )
        return self._move(_WRITTEN[mode], now)

    def setpoint_written(
        self, key: str, watts: float, *, active: bool, end_s: float | None, now: float
    ) -> Outcome:
        """The CEM sets a power; its duration runs from now on, also while it is inactive [005], [006].

        One that is not for the present control mode is refused and the old one stands [002], [003].
        """
        if active and key not in _APPLICABLE.get(self.state, ()):
            return Outcome(False, "the setpoint is not for the present control mode", "003")
        ends_at = None if end_s is None else now + end_s
        self._orders[key] = _Order(watts, active, ends_at)
        return Outcome(True, rule="002")

    def handle_timer(self, now: float) -> Outcome:
        """Setpoints that end, silence, and ways out of Init and Failsafe."""
        ended = tuple(
            key
            for key, order in self._orders.items()
            if order.ends_at is not None and order.ends_at <= now
        )
        for key in ended:
            del self._orders[key]
        trigger = next((t for t, at in self._moments().items() if at <= now), None)
        if trigger is None:
            return Outcome(True, ended=ended)
        moved = self._move(trigger, now)
        return Outcome(True, transition=moved.transition, ended=(*ended, *moved.ended))

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` has something to do."""
        ends = [o.ends_at for o in self._orders.values() if o.ends_at is not None]
        return min((*ends, *self._moments().values()), default=None)

    def ruling(self) -> Ruling:
        """What holds now: setpoint, its default [917], the failsafe setpoint, or the inverter's own rule."""
        if self.state in (State.INIT, State.FAILSAFE):
            key = next(iter(self.settings.failsafe), None)
            return Ruling(key, None if key is None else self.settings.failsafe[key])
        applicable = _APPLICABLE.get(self.state, ())
        for key in applicable:
            order = self._orders.get(key)
            if order is not None and order.active:
                return Ruling(key, order.watts)
        key = next((k for k in applicable if k in self.settings.defaults), None)
        return Ruling(key, None if key is None else self.settings.defaults[key])

    def remaining_s(self, key: str, now: float) -> float | None:
        """Seconds a setpoint is still valid, ``None`` without one or without an end."""
        order = self._orders.get(key)
        return None if order is None or order.ends_at is None else max(0.0, order.ends_at - now)

    def _moments(self) -> dict[Trigger, float]:
        """The time-outs that run in the present state."""
        if self.state.controlled and self._heard_at is not None:
            return {Trigger.SILENT: self._heard_at + HEARTBEAT_LOST_S}
        if self.state is State.INIT:
            return {Trigger.SETTLED: self._entered_at + INIT_SETTLE_S}
        if self.state is State.FAILSAFE:
            moments = {Trigger.WAITED: self._entered_at + self.settings.failsafe_duration_s}
            if self._returned_at is not None:
                moments[Trigger.NOT_FOLLOWED] = self._returned_at + MODE_AFTER_HEARTBEAT_S
            return moments
        return {}

    def _move(self, trigger: Trigger, now: float) -> Outcome:
        row = TRANSITIONS.get((self.state, trigger))
        if row is None:
            return Outcome(True)
        kept = () if row.target is not row.source else tuple(self._orders)
        ended = tuple(
            key for key, order in self._orders.items() if key not in kept and order.active
        )
        self._orders = {key: order for key, order in self._orders.items() if key in kept}
        self.state = row.target
        self._entered_at = now
        self._returned_at = None
        return Outcome(True, rule=row.rules[0], transition=row, ended=ended)
