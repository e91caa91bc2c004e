"""The state machines of LPC and LPP as behaviours: machine effects become values to publish, to
write, to report.

Reports of the Controllable System: ``state`` (a transition, with clauses) and ``remember`` (what
must survive a power loss). Reports of the Energy Guard: ``limit_refused``, ``failsafe_refused``,
``limit_deferred``, ``failsafe_deferred``, ``opening_overdue``, ``wish_refused``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from eebus_gw.vocabulary.behaviour import (
    ACCEPTED,
    Action,
    Answer,
    Behaviour,
    Put,
    Report,
    refused,
)
from eebus_gw.vocabulary.error_numbers import TIMEOUT
from eebus_gw.vocabulary.values import LimitValue

from .limitation_guard import FAILSAFE_DURATION, FAILSAFE_POWER, LIMIT, GuardMachine, Phase
from .limitation_rules import Direction, FailsafeDuration, Memory, Refusal, Settings
from .limitation_states import (
    Decision,
    Effect,
    FailsafeStated,
    LimitMachine,
    LimitStated,
    Remember,
    StateChanged,
)

NOMINAL: Final = "nominal_max_w"
CONTRACTUAL: Final = "contractual_max_w"


class ControllableSystem(Behaviour):
    """Server side of one direction; ``machine`` tells the state and what may be drawn or fed in
    now.
    """

    def __init__(
        self,
        direction: Direction,
        *,
        settings: Settings | None = None,
        duration: FailsafeDuration | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.machine = LimitMachine(direction, settings=settings, duration=duration, memory=memory)

    def start(self, now: float) -> list[Action]:
        """(Re)start of the device, before any connection is up."""
        actions = self._actions(self.machine.start(now))
        maximum = self.machine.nominal_max_w
        if maximum is None:
            return actions
        # A CEM states the contract, any other device what it can do: never both [TS-039], [TS-040].
        key = CONTRACTUAL if self.machine.settings.energy_manager else NOMINAL
        return [*actions, Put(key, maximum)]

    def on_write(self, point_key: str, value: Any, now: float) -> tuple[Answer, list[Action]]:
        """Decides on the limit and the failsafe values; nothing else can be written."""
        decision = _decision(self.machine, point_key, value, now)
        if decision is None:
            return refused(f"{point_key} is not for the Energy Guard to write"), []
        return self._answer(decision)

    def foresee(self, point_key: str, value: Any, now: float) -> Answer:
        """The same decision without any effect."""
        decision = _decision(self.machine.twin(), point_key, value, now)
        return ACCEPTED if decision is None else _answer_of(decision)

    def stated(self, point_key: str, now: float) -> LimitValue | None:
        """The limit with the duration that remains."""
        return self.machine.stated(now) if point_key == LIMIT else None

    def on_heartbeat(self, now: float) -> list[Action]:
        """The bound Energy Guard gave a sign of life."""
        return self._actions(self.machine.heartbeat(now))

    def interrupt(self, reason: Refusal, now: float) -> list[Action]:
        """Ends the limit in force for a permitted reason of the device's own [923]."""
        return self._actions(self.machine.interrupt(reason, now))

    def set_failsafe(
        self, now: float, *, power_w: float | None = None, duration_s: float | None = None
    ) -> tuple[Answer, list[Action]]:
        """The operator's failsafe values; refused once the Energy Guard owns them [TS-011/2]."""
        decision = self.machine.set_failsafe(now, power_w=power_w, duration_s=duration_s)
        return self._answer(decision)

    def handle_timer(self, now: float) -> list[Action]:
        """Heartbeat loss, ends of limits, ways out of failsafe."""
        return self._actions(self.machine.handle_timer(now))

    def next_deadline(self) -> float | None:
        """The machine's next moment."""
        return self.machine.next_deadline()

    def _answer(self, decision: Decision) -> tuple[Answer, list[Action]]:
        return _answer_of(decision), self._actions(decision.effects)

    def _actions(self, effects: Iterable[Effect]) -> list[Action]:
        return [action for effect in effects for action in self._of(effect)]

    def _of(self, effect: Effect) -> list[Action]:
        match effect:
            case LimitStated(limit):
                return [Put(LIMIT, limit)]
            case FailsafeStated(power_w, duration_s):
                return [Put(FAILSAFE_POWER, power_w), Put(FAILSAFE_DURATION, duration_s)]
            case Remember(memory):
                return [Report("remember", {"memory": memory})]
            case StateChanged(transition, cause):
                code = self.machine.direction.code
                data = {
                    "transition": transition.number,
                    "trigger": transition.trigger.value,
                    "previous": transition.source.value,
                    "state": transition.target.value,
                    "clauses": tuple(f"{code}-{rule}" for rule in transition.rules),
                    "cause": None if cause is None else cause.value,
                }
                return [Report("state", data)]


def _decision(machine: LimitMachine, point_key: str, value: Any, now: float) -> Decision | None:
    match point_key:
        case "limit":
            return machine.limit_written(value, now)
        case "failsafe_w":
            return machine.failsafe_power_written(value, now)
        case "failsafe_duration_s":
            return machine.failsafe_duration_written(value, now)
    return None


def _answer_of(decision: Decision) -> Answer:
    return Answer(decision.accepted, decision.error_number, decision.text, decision.clause)


class EnergyGuard(Behaviour):
    """Client side of one direction towards one system; wishes are written when the rules allow it.

    A wish for ``limit`` is a ``LimitValue``, or ``None`` to require nothing any more.
    """

    def __init__(self, direction: Direction) -> None:
        self.machine = GuardMachine(direction)

    def start(self, now: float) -> list[Action]:
        """Bindings, subscriptions and first reads are done."""
        return self.machine.connected(now)

    def on_update(self, point_key: str, value: Any, now: float) -> list[Action]:
        """The system states its limit, its failsafe values or its maximum."""
        match point_key:
            case "limit":
                return self.machine.limit_reported(value, now)
            case "failsafe_w" | "failsafe_duration_s":
                return self.machine.failsafe_reported(point_key, value, now)
            case "nominal_max_w" | "contractual_max_w":
                return self.machine.nominal_reported(value, now)
        return []

    def on_wish(self, point_key: str, value: Any, now: float) -> list[Action]:
        """Takes the wish over; one that no system may accept is reported as ``wish_refused``."""
        try:
            return self._require(point_key, value, now)
        except ValueError as error:
            return [Report("wish_refused", {"key": point_key, "text": str(error)})]

    def _require(self, point_key: str, value: Any, now: float) -> list[Action]:
        match point_key:
            case "limit" if value is None or isinstance(value, LimitValue):
                actions = self.machine.require(value, now)
                if (seconds := self.machine.deferred_s(now)) > 0:
                    actions.append(Report("limit_deferred", {"seconds": seconds}))
                return actions
            case "failsafe_w":
                return self._failsafe(self.machine.require_failsafe(now, power_w=value))
            case "failsafe_duration_s":
                return self._failsafe(self.machine.require_failsafe(now, duration_s=value))
        raise ValueError(f"{point_key} is not for an Energy Guard to write")

    def _failsafe(self, actions: list[Action]) -> list[Action]:
        if self.machine.phase in (Phase.AWAY, Phase.OPENING):
            return [*actions, Report("failsafe_deferred", {})]
        return actions

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        """The system answered."""
        if point_key == LIMIT:
            timed_out = answer.error_number == TIMEOUT
            return self.machine.limit_answered(answer.accepted, now, timed_out=timed_out)
        return self.machine.failsafe_answered(point_key, answer.accepted, now)

    def on_heartbeat_subscribed(self, now: float) -> list[Action]:
        """The system listens to our heartbeat."""
        return self.machine.heartbeat_subscribed(now)

    def on_partner_lost(self, now: float) -> list[Action]:
        """The connection is gone; what is required is kept for the next one."""
        self.machine.disconnected()
        return []

    def handle_timer(self, now: float) -> list[Action]:
        """Openings, retries, increases whose turn it is, renewals."""
        return self.machine.handle_timer(now)

    def next_deadline(self) -> float | None:
        """The machine's next moment."""
        return self.machine.next_deadline()


class ConsumptionGuard(EnergyGuard):
    """The Energy Guard of LPC."""

    def __init__(self) -> None:
        super().__init__(Direction.CONSUME)


class ProductionGuard(EnergyGuard):
    """The Energy Guard of LPP."""

    def __init__(self) -> None:
        super().__init__(Direction.PRODUCE)
