"""Control of a battery as behaviours: the inverter, and the CEM that keeps the order heartbeat, mode, setpoint.

Reports of the inverter: ``state`` (a transition, with rules). Reports of the CEM: ``heartbeat_not_subscribed``,
``control_mode_refused``, ``setpoint_refused``, ``setpoint_ended``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Final

from eebus_gw.vocabulary.behaviour import (
    ACCEPTED,
    Action,
    Answer,
    Behaviour,
    Put,
    Report,
    Write,
    refused,
)
from eebus_gw.vocabulary.values import SetpointValue

from .battery_states import (
    AC,
    DC,
    FAILSAFE_LONGEST_S,
    FAILSAFE_SHORTEST_S,
    PCC,
    BatteryMachine,
    BatterySettings,
    Mode,
    Outcome,
    Trigger,
)
from .setpoint_behaviour import SetpointHold, refusal

CONTROL_MODE: Final = "control_mode"
FAILSAFE_DURATION: Final = "failsafe_duration_s"
DEFAULTS: Final = {AC: "default_ac_w", DC: "default_dc_w", PCC: "default_pcc_w"}
FAILSAFES: Final = {AC: "failsafe_ac_w", DC: "failsafe_dc_w", PCC: "failsafe_pcc_w"}
MODES: Final = {AC: Mode.POWER, DC: Mode.POWER, PCC: Mode.PCC}
TAKEN_BACK: Final = (
    Trigger.SILENT,
    Trigger.WAITED,
    Trigger.NOT_FOLLOWED,
    Trigger.SETTLED,
    Trigger.MODE_REFUSED,
)
"""Transitions after which the mode that was written no longer holds."""
AFTER_HEARTBEAT_S: Final = 1.0
"""Between the first heartbeat and the mode: the two must not overtake each other on the wire."""
RETRY_S: Final = 60.0
AGAIN_S: Final = 10.0
"""At least this long after the last time an inverter that leaves our mode again and again is asked for it."""
HEARING_S: Final = 8.0
"""For how long a setpoint waits for an inverter that has not subscribed the heartbeat."""


def _no_objection(key: str, value: SetpointValue, now: float) -> Answer:
    return ACCEPTED


class BatteryServer(Behaviour):
    """Server side; ``machine.ruling()`` says what the inverter has to do, ``objection`` is its say on a setpoint."""

    def __init__(
        self,
        settings: BatterySettings | None = None,
        objection: Callable[[str, SetpointValue, float], Answer] = _no_objection,
    ) -> None:
        self.machine = BatteryMachine(settings)
        self._objection = objection
        self._stated: dict[str, SetpointValue] = {}

    def start(self, now: float) -> list[Action]:
        """Publishes what holds without a CEM."""
        outcome = self.machine.start(now)
        settings = self.machine.settings
        actions: list[Action] = [Put(CONTROL_MODE, Mode.AUTO.value)]
        actions += [Put(DEFAULTS[key], watts) for key, watts in settings.defaults.items()]
        actions += [Put(FAILSAFES[key], watts) for key, watts in settings.failsafe.items()]
        actions.append(Put(FAILSAFE_DURATION, settings.failsafe_duration_s))
        for key in settings.defaults:
            self._stated[key] = SetpointValue(0.0, False)
            actions.append(Put(key, self._stated[key]))
        return [*actions, *self._effects(outcome)]

    def on_write(self, point_key: str, value: object, now: float) -> tuple[Answer, list[Action]]:
        """Decides on mode, setpoints and failsafe values."""
        if isinstance(value, SetpointValue):
            return self._setpoint(point_key, value, now)
        if point_key == CONTROL_MODE:
            outcome = self.machine.mode_written(str(value), now)
            return _answer(outcome), self._effects(outcome)
        if point_key == FAILSAFE_DURATION and not _is_failsafe_duration(value):
            return refused("the failsafe duration lies between 2 h and 24 h", "COB-044"), []
        return ACCEPTED, []

    def on_applied(self, point_key: str, value: object, now: float) -> list[Action]:
        """Takes over what is published now."""
        if isinstance(value, SetpointValue):
            self._stated[point_key] = value
        elif isinstance(value, float | int):
            self._configured(point_key, float(value))
        return []

    def stated(self, point_key: str, now: float) -> SetpointValue | None:
        """A setpoint with the time that remains."""
        stated = self._stated.get(point_key)
        remaining_s = self.machine.remaining_s(point_key, now)
        return None if stated is None else replace(stated, end_s=remaining_s)

    def on_heartbeat(self, now: float) -> list[Action]:
        """The CEM lives."""
        self.machine.heartbeat(now)
        return []

    def handle_timer(self, now: float) -> list[Action]:
        """Ends of setpoints, silence, ways out of Init and Failsafe."""
        return self._effects(self.machine.handle_timer(now))

    def next_deadline(self) -> float | None:
        """The machine's next moment."""
        return self.machine.next_deadline()

    def _setpoint(self, key: str, value: SetpointValue, now: float) -> tuple[Answer, list[Action]]:
        text = refusal(value)
        if text is not None:
            return refused(text, "COB-003"), []
        answer = self._objection(key, value, now)
        if not answer.accepted:
            return answer, []
        outcome = self.machine.setpoint_written(
            key, value.watts or 0.0, active=value.active, end_s=value.end_s, now=now
        )
        return _answer(outcome), self._effects(outcome)

    def _configured(self, point_key: str, value: float) -> None:
        settings = self.machine.settings
        if point_key == FAILSAFE_DURATION:
            settings.failsafe_duration_s = value
        for key, name in FAILSAFES.items():
            if name == point_key:
                settings.failsafe[key] = value

    def _effects(self, outcome: Outcome) -> list[Action]:
        actions: list[Action] = []
        for key in outcome.ended:
            stated = self._stated.get(key)
            if stated is not None:
                self._stated[key] = replace(stated, active=False, start_s=None, end_s=None)
                actions.append(Put(key, self._stated[key]))
        row = outcome.transition
        if row is not None:
            rules = tuple(f"COB-{rule}" for rule in row.rules)
            data = {"previous": row.source.value, "state": row.target.value, "clauses": rules}
            actions.append(Report("state", {**data, "trigger": row.trigger.value}))
            if row.trigger in TAKEN_BACK:
                actions.append(Put(CONTROL_MODE, Mode.AUTO.value))
        return actions


def _is_failsafe_duration(value: object) -> bool:
    return isinstance(value, float | int) and FAILSAFE_SHORTEST_S <= value <= FAILSAFE_LONGEST_S


def _answer(outcome: Outcome) -> Answer:
    return ACCEPTED if outcome.accepted else refused(outcome.text, f"COB-{outcome.rule}")


class Step(Enum):
    """How far the CEM is with the inverter."""

    UNHEARD = "heartbeat_not_subscribed"
    HEARD = "heartbeat_sent"
    MODE_WRITTEN = "mode_written"
    IN_CONTROL = "in_control"


class BatterySteerer(Behaviour):
    """Client side: a wished setpoint brings its control mode along; both wait for the heartbeat to be heard."""

    def __init__(self) -> None:
        self.step = Step.UNHEARD
        self._mode: Mode | None = None
        self._pending: Mode | None = None
        self._active: Mode | None = None
        self._on_its_own = True
        """Whether the inverter says so, or has not said anything yet."""
        self._mode_due_at: float | None = None
        self._mode_asked_at = -AGAIN_S
        self._refused = False
        """Whether ``_mode_due_at`` is for what was refused."""
        self._given_up_at: float | None = None
        """When a wish ends that no heartbeat was subscribed for."""
        self._holds = {key: SetpointHold(key) for key in MODES}

    def on_wish(self, point_key: str, value: object, now: float) -> list[Action]:
        """A setpoint, a control mode (its text), or any other value, which is written as it is."""
        if isinstance(value, SetpointValue):
            self._holds[point_key].want(value, now)
            if not value.active:
                self._given_up_at = None
                return self._setpoints(now)
            if self.step is Step.UNHEARD and self._given_up_at is None:
                self._given_up_at = now + HEARING_S
            return self._want_mode(MODES[point_key], now)
        if point_key == CONTROL_MODE:
            return self._want_mode(Mode(value), now)
        return [Write(point_key, value)]

    def on_heartbeat_subscribed(self, now: float) -> list[Action]:
        """The inverter hears us from now on."""
        if self.step is Step.UNHEARD:
            self.step = Step.HEARD
        self._given_up_at = None
        self._ask_for_mode(now + AFTER_HEARTBEAT_S)
        return []

    def on_update(self, point_key: str, value: object, now: float) -> list[Action]:
        """An inverter that left our mode, for instance for failsafe, is asked for it again."""
        if point_key != CONTROL_MODE:
            return []
        self._on_its_own = value == Mode.AUTO.value
        if self._active is None or value == self._active.value:
            return []
        if self.step is Step.IN_CONTROL:
            self.step, self._active = Step.HEARD, None
            self._ask_for_mode(max(now + AFTER_HEARTBEAT_S, self._mode_asked_at + AGAIN_S))
        return []

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        """Goes on to the setpoint once the mode is accepted."""
        if point_key == CONTROL_MODE:
            return self._mode_answered(answer, now)
        hold = self._holds.get(point_key)
        return hold.answered(answer, now) if hold is not None else []

    def handle_timer(self, now: float) -> list[Action]:
        """The mode after the heartbeat, refreshes, and the end of a wish that nobody listens for."""
        actions: list[Action] = []
        if self._given_up_at is not None and self._given_up_at <= now:
            actions += self._give_up()
        if self._mode_due_at is not None and self._mode_due_at <= now:
            self._mode_due_at = None
            actions += self._write_mode(now)
        return [*actions, *self._setpoints(now)]

    def next_deadline(self) -> float | None:
        """The earliest of both."""
        waiting = (self._mode_due_at, self._given_up_at)
        moments = [*(hold.next_deadline() for hold in self._steering()), *waiting]
        return min((moment for moment in moments if moment is not None), default=None)

    def _ask_for_mode(self, at: float, *, refused: bool = False) -> None:
        self._mode_due_at, self._refused = at, refused

    def _give_up(self) -> list[Action]:
        self._given_up_at = self._mode = None
        for hold in self._holds.values():
            hold.drop()
        return [Report("heartbeat_not_subscribed", {"waited_s": HEARING_S})]

    def _want_mode(self, mode: Mode, now: float) -> list[Action]:
        waiting = self.step is Step.UNHEARD or self._mode_due_at is not None
        if mode is Mode.AUTO and waiting and self._active is None and self._on_its_own:
            # To write what holds already would take control of the inverter.
            self._mode = self._mode_due_at = None
            return []
        self._mode = mode
        if self.step is Step.IN_CONTROL and self._active is mode:
            return self._setpoints(now)
        if self._refused:  # a new wish need not wait for what became of an older one
            self._mode_due_at, self._refused = None, False
        return self._write_mode(now) if self._mode_due_at is None else []

    def _write_mode(self, now: float) -> list[Action]:
        if self.step not in (Step.HEARD, Step.IN_CONTROL) or self._mode in (None, self._active):
            return []
        assert self._mode is not None
        self.step, self._pending, self._mode_asked_at = Step.MODE_WRITTEN, self._mode, now
        return [Write(CONTROL_MODE, self._mode.value)]

    def _mode_answered(self, answer: Answer, now: float) -> list[Action]:
        if answer.accepted:
            self.step, self._active = Step.IN_CONTROL, self._pending
            for hold in self._steering():
                hold.renew(now)
            return self._write_mode(now) or self._setpoints(now)
        if self._active is None and self._mode is Mode.AUTO and self._on_its_own:
            self._mode = None
        self.step, self._active = Step.HEARD, None
        self._ask_for_mode(now + RETRY_S, refused=True)
        data = {"error_number": answer.error_number, "text": answer.text}
        return [Report("control_mode_refused", data)]

    def _setpoints(self, now: float) -> list[Action]:
        """Setpoints that are due."""
        return [action for hold in self._steering() for action in hold.due(now)]

    def _steering(self) -> list[SetpointHold]:
        """The setpoints that belong to the mode that is active."""
        if self.step is not Step.IN_CONTROL:
            return []
        return [hold for key, hold in self._holds.items() if MODES[key] is self._active]
