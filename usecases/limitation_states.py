"""The Controllable System of LPC and LPP: decides writes, watches the heartbeat, says what may be
drawn or fed in.

Pure: the caller hands in monotonic seconds and carries out the effects. Transitions and clauses
stand in ``limitation_rules``; nothing else changes the state. Connection loss needs no call:
heartbeats stop, the watchdog does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from eebus_gw.vocabulary.values import LimitValue

from .limitation_rules import (
    COMMAND_REJECTED,
    FAILSAFE_SHORTEST_S,
    GATE_WINDOW_S,
    HEARTBEAT_LOST_S,
    INIT_SETTLE_S,
    LIMIT_AFTER_HEARTBEAT_S,
    TRANSITIONS,
    Direction,
    FailsafeDuration,
    Memory,
    Refusal,
    Settings,
    State,
    Transition,
    Trigger,
)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The machine took ``transition``; ``cause`` names the device's own reason, if any."""

    transition: Transition
    cause: Refusal | None = None


@dataclass(frozen=True, slots=True)
class LimitStated:
    """Publish the limit list in full, so that a duration that went away goes away at the
    subscribers, too.
    """

    limit: LimitValue


@dataclass(frozen=True, slots=True)
class FailsafeStated:
    """Publish both failsafe values."""

    power_w: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Remember:
    """Store this before the answer goes out."""

    memory: Memory


Effect = StateChanged | LimitStated | FailsafeStated | Remember


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a write, what it rests on, and what has to be done about it (in this order)."""

    accepted: bool
    error_number: int
    clause: str
    text: str = ""
    transition: Transition | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class _Carried:
    """The limit accepted before a restart: no state any more, but still a ceiling for what is
    commanded.
    """

    watts: float
    ends_at: float | None

    @classmethod
    def of(cls, memory: Memory, now: float) -> _Carried | None:
        """What ``memory``, read back at ``now``, still forbids."""
        if memory.limit_w is None:
            return None
        remaining = memory.limit_remaining_s
        return cls(memory.limit_w, None if remaining is None else now + remaining)


def _no_objection(_ceiling_w: float, _now: float) -> Refusal | None:
    return None


class LimitMachine:
    """One Controllable System in one direction; call ``start`` first and again after each restart
    of the device.

    ``objection(ceiling_w, now)`` is asked about every readable, activated limit (watts ≥ 0) and
    names the permitted reason to refuse it, or ``None``.
    """

    def __init__(
        self,
        direction: Direction,
        *,
        settings: Settings | None = None,
        duration: FailsafeDuration | None = None,
        memory: Memory | None = None,
        objection: Callable[[float, float], Refusal | None] | None = None,
    ) -> None:
        self.direction = direction
        self.settings = settings or Settings()
        self.duration = duration or FailsafeDuration()
        self.duration.share(lambda: self.state.controlled)
        self.nominal_max_w = self.settings.nominal_max_w
        self.state = State.INIT
        self._objection = objection or _no_objection
        self._memory = memory or Memory()
        self._started = False
        stored_w, stored_s = self._memory.failsafe_w, self._memory.failsafe_duration_s
        self.failsafe_w = self.settings.failsafe_w if stored_w is None else stored_w
        self._preset = stored_w is None
        if stored_s is not None:
            self.duration.change(min(stored_s, self.duration.longest_s))
        self._owned = self._memory.owned
        self.limit = LimitValue(direction.signed(self.nominal_max_w or 0.0), False, None)
        self._ends_at: float | None = None
        self._carried: _Carried | None = None
        self._entered_at = 0.0
        self._heard_at: float | None = None
        self._returned_at: float | None = None

    # -- what is the case --------------------------------------------------------------------------

    @property
    def owned(self) -> bool:
        """The Energy Guard has changed a failsafe value; the operator should no longer change them
        [TS-011/2].
        """
        return self._owned or self.duration.owned

    def remaining_s(self, now: float) -> float | None:
        """Seconds the stated limit is still valid, ``None`` = no end."""
        return None if self._ends_at is None else max(0.0, self._ends_at - now)

    def stated(self, now: float) -> LimitValue:
        """The limit as a read must show it at ``now``: signed watts, remaining duration."""
        return replace(self.limit, duration_s=self.remaining_s(now))

    def heartbeat_age_s(self, now: float) -> float | None:
        """Seconds since the Energy Guard was last heard, ``None`` = never since the start."""
        return None if self._heard_at is None else now - self._heard_at

    def heartbeat_ok(self, now: float) -> bool:
        """The Energy Guard was heard within the last 120 s."""
        age = self.heartbeat_age_s(now)
        return age is not None and age < HEARTBEAT_LOST_S

    def effective_w(self, now: float) -> float | None:
        """The ceiling to obey now in W ≥ 0 of this direction, ``None`` = none.

        Never above the nominal maximum [TS-010]; after a restart also not above the limit accepted
        before it.
        """
        ceilings = [self.nominal_max_w]
        if self.state is State.LIMITED:
            ceilings.append(abs(self.limit.watts or 0.0))
        elif self.state in (State.INIT, State.FAILSAFE):
            ceilings.append(self.failsafe_w)
        carried = self._carried
        if carried is not None and (carried.ends_at is None or now < carried.ends_at):
            ceilings.append(carried.watts)
        return min((ceiling for ceiling in ceilings if ceiling is not None), default=None)

    def memory(self, now: float) -> Memory:
        """What has to survive a power loss at ``now``."""
        watts, ends_at = None, None
        if self.state is State.LIMITED:
            watts, ends_at = abs(self.limit.watts or 0.0), self._ends_at
        elif self._carried is not None:
            watts, ends_at = self._carried.watts, self._carried.ends_at
        return Memory(
            failsafe_w=None if self._preset else self.failsafe_w,
            failsafe_duration_s=None if self.duration.preset else self.duration.seconds,
            owned=self.owned,
            limit_w=watts,
            limit_remaining_s=None if ends_at is None else max(0.0, ends_at - now),
        )

    def twin(self) -> LimitMachine:
        """A machine in the same state, whose decisions have no effect on this one."""
        twin = copy(self)
        twin.duration = copy(self.duration)
        return twin

    # -- stimuli -----------------------------------------------------------------------------------

    def start(self, now: float) -> list[Effect]:
        """(Re)start of the device, T0: limited to the failsafe value, limit inactive, heartbeat
        forgotten.
        """
        stored = self.memory(now) if self._started else self._memory
        self._started = True
        self._carried = _Carried.of(stored, now)
        self._heard_at = None
        effects = self._enter(TRANSITIONS[self.state, Trigger.RESTARTED], now)
        self._state_limit(self.limit.watts, active=False, duration_s=None, now=now)
        return [
            *effects,
            LimitStated(self.stated(now)),
            FailsafeStated(self.failsafe_w, self.duration.seconds),
        ]

    def heartbeat(self, now: float) -> list[Effect]:
        """The Energy Guard gave a sign of life: a notify, or the first reply after connecting."""
        effects = self.handle_timer(now)
        self._heard_at = now
        if self.state is State.FAILSAFE and self._returned_at is None:
            self._returned_at = now
        return effects

    def limit_written(self, limit: LimitValue, now: float) -> Decision:
        """Decides a write of the limit; ``limit`` is the merged state, not the fragment (SPINE
        §5.3.4.2).
        """
        due = self.handle_timer(now)
        if not self._gate_open(now):
            return self._refused("TS-036", "no heartbeat within the last 60 s", due)
        if (fault := self._fault(limit)) is not None:
            return self._refuse_limit(*fault, due, now)
        ceiling = abs(limit.watts or 0.0)
        active = limit.active and limit.duration_s != 0
        cause = self._objection(ceiling, now) if active else None
        if cause is not None and cause.permitted(energy_manager=self.settings.energy_manager):
            return self._refuse_limit("TS-035/3", cause.value, due, now, cause)
        return self._accept_limit(ceiling, active, limit.duration_s, due, now)

    def failsafe_power_written(self, watts: float | None, now: float) -> Decision:
        """Decides a write of the failsafe limit; ≥ 0 W in both directions [010]."""
        due = self.handle_timer(now)
        if not self.state.controlled:
            return self._refused("TS-037", "nothing but the limit before heartbeat and limit", due)
        if watts is None or not math.isfinite(watts) or watts < 0:
            return self._refused("010", "the failsafe limit is at least 0 W", due)
        self.failsafe_w, self._preset, self._owned = watts + 0.0, False, True
        return self._accepted("002/2", [*due, *self._failsafe_effects(now)])

    def failsafe_duration_written(self, seconds: float | None, now: float) -> Decision:
        """Decides a write of the failsafe duration minimum; one too long leaves the own maximum
        behind [022/5].
        """
        due = self.handle_timer(now)
        if not self.duration.writable():
            return self._refused("TS-037", "nothing but the limit before heartbeat and limit", due)
        if seconds is None or not math.isfinite(seconds) or seconds < FAILSAFE_SHORTEST_S:
            return self._refused("022/1", "the failsafe duration is at least 2 h", due)
        longest = self.duration.longest_s
        if seconds > longest:
            changed = self.duration.seconds != longest
            self.duration.change(longest)
            effects = [*due, *(self._failsafe_effects(now) if changed else ())]
            return self._refused(
                "022/4", f"the failsafe duration is at most {longest:g} s", effects
            )
        self.duration.change(seconds)
        self.duration.owned = True
        return self._accepted("002/2", [*due, *self._failsafe_effects(now)])

    def set_failsafe(
        self, now: float, *, power_w: float | None = None, duration_s: float | None = None
    ) -> Decision:
        """The operator sets failsafe values; refused once the Energy Guard has set one [TS-011/2],
        [TS-013/2].
        """
        if self.owned:
            return self._refused("TS-011/2", "the Energy Guard owns the failsafe values", [])
        if power_w is not None and not 0 <= power_w < math.inf:
            return self._refused("010", "the failsafe limit is at least 0 W", [])
        if (
            duration_s is not None
            and not FAILSAFE_SHORTEST_S <= duration_s <= self.duration.longest_s
        ):
            return self._refused(
                "022/1", "the failsafe duration lies between 2 h and its maximum", []
            )
        if power_w is not None:
            self.failsafe_w, self._preset = power_w + 0.0, False
        if duration_s is not None:
            self.duration.change(duration_s)
        return self._accepted("021/1", self._failsafe_effects(now))

    def interrupt(self, reason: Refusal, now: float) -> list[Effect]:
        """The device itself ends the limit in force for a permitted reason, T6 [923]; otherwise
        nothing happens.
        """
        effects = self.handle_timer(now)
        permitted = reason.permitted(energy_manager=self.settings.energy_manager)
        if self.state is not State.LIMITED or not permitted:
            return effects
        return [*effects, *self._leave_limit(Trigger.INTERRUPTED, now, reason)]

    def handle_timer(self, now: float) -> list[Effect]:
        """Carries out everything that is due; heartbeat loss comes before the end of a limit due at
        once.
        """
        effects: list[Effect] = []
        while pending := self._pending():
            at, _, act = min(pending, key=lambda item: item[:2])
            if at > now:
                break
            effects += act(now)
        return effects

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called, ``None`` = no need."""
        return min((at for at, _, _ in self._pending()), default=None)

    # -- timers ------------------------------------------------------------------------------------

    def _pending(self) -> list[tuple[float, int, Callable[[float], list[Effect]]]]:
        pending: list[tuple[float, int, Callable[[float], list[Effect]]]] = []
        if self.state.controlled:
            heard_at = self._entered_at if self._heard_at is None else self._heard_at
            pending.append((heard_at + HEARTBEAT_LOST_S, 0, self._fall_silent))
        if self._ends_at is not None:
            pending.append((self._ends_at, 1, self._expire))
        if self._carried is not None and self._carried.ends_at is not None:
            pending.append((self._carried.ends_at, 1, self._drop_carried))
        if self.state is State.FAILSAFE and self._returned_at is not None:
            pending.append((self._returned_at + LIMIT_AFTER_HEARTBEAT_S, 2, self._not_followed))
        if not self.settings.stays_in_failsafe:
            pending += self._ways_out()
        return pending

    def _ways_out(self) -> list[tuple[float, int, Callable[[float], list[Effect]]]]:
        if self.state is State.INIT:
            return [
                (self._entered_at + INIT_SETTLE_S, 3, lambda now: self._pass(Trigger.SETTLED, now))
            ]
        if self.state is State.FAILSAFE:
            ends_at = self._entered_at + self.duration.seconds
            return [(ends_at, 3, lambda now: self._pass(Trigger.WAITED, now))]
        return []

    def _fall_silent(self, now: float) -> list[Effect]:
        # The number stays readable, the duration goes: the limit does not come back on its own.
        return self._leave_limit(Trigger.SILENT, now)

    def _expire(self, now: float) -> list[Effect]:
        if self.state is State.LIMITED:
            return self._leave_limit(Trigger.EXPIRED, now)
        self._state_limit(self.limit.watts, active=False, duration_s=None, now=now)
        return [LimitStated(self.limit)]

    def _drop_carried(self, now: float) -> list[Effect]:
        self._carried = None
        return [Remember(self.memory(now))]

    def _not_followed(self, now: float) -> list[Effect]:
        # A beat that came once and died again is no Energy Guard that came back: wait for the next
        # first one.
        self._returned_at = None
        if self.settings.stays_in_failsafe or not self.heartbeat_ok(now):
            return []
        return self._pass(Trigger.NOT_FOLLOWED, now)

    # -- writes ------------------------------------------------------------------------------------

    def _gate_open(self, now: float) -> bool:
        age = self.heartbeat_age_s(now)
        return self.state.controlled or (age is not None and age <= GATE_WINDOW_S)

    def _fault(self, limit: LimitValue) -> tuple[str, str] | None:
        """Rule and text of what is wrong with ``limit`` in itself."""
        if limit.watts is None or not math.isfinite(limit.watts):
            return "003/1", "the limit cannot be read"
        if limit.duration_s is not None and not 0 <= limit.duration_s < math.inf:
            return "004", "the duration cannot be read"
        if not self.direction.accepts(limit.watts, tolerate_sign=self.settings.tolerate_sign):
            side = "at least" if self.direction is Direction.CONSUME else "at most"
            return "001", f"the limit is {side} 0 W"
        return None

    def _accept_limit(
        self, ceiling: float, active: bool, duration_s: float | None, due: list[Effect], now: float
    ) -> Decision:
        self._carried = None
        row = TRANSITIONS[self.state, Trigger.ACTIVATED if active else Trigger.DEACTIVATED]
        effects = self._enter(row, now)
        self._state_limit(
            self.direction.signed(ceiling), active=active, duration_s=duration_s or None, now=now
        )
        effects += [LimitStated(self.limit), Remember(self.memory(now))]
        return self._accepted(row.rules[0], [*due, *effects], row)

    def _refuse_limit(
        self, rule: str, text: str, due: list[Effect], now: float, cause: Refusal | None = None
    ) -> Decision:
        # Refused, but evaluated: the guard is alive, so init, failsafe and autonomous end (902,
        # 918).
        carried, self._carried = self._carried, None
        row = TRANSITIONS[self.state, Trigger.REFUSED]
        effects = [*due, *self._enter(row, now, cause)]
        if carried is not None:
            effects.append(Remember(self.memory(now)))
        return self._refused(rule, text, effects, row)

    def _accepted(
        self, rule: str, effects: list[Effect], row: Transition | None = None
    ) -> Decision:
        return Decision(True, 0, self._clause(rule), "", row, tuple(effects))

    def _refused(
        self, rule: str, text: str, effects: list[Effect], row: Transition | None = None
    ) -> Decision:
        return Decision(False, COMMAND_REJECTED, self._clause(rule), text, row, tuple(effects))

    def _clause(self, rule: str) -> str:
        return f"{self.direction.code}-{rule}"

    # -- changes -----------------------------------------------------------------------------------

    def _pass(self, trigger: Trigger, now: float) -> list[Effect]:
        return self._enter(TRANSITIONS[self.state, trigger], now)

    def _enter(self, row: Transition, now: float, cause: Refusal | None = None) -> list[Effect]:
        if not row.number:
            return []
        self.state = row.target
        self._entered_at = now
        self._returned_at = None
        return [StateChanged(row, cause)]

    def _leave_limit(
        self, trigger: Trigger, now: float, cause: Refusal | None = None
    ) -> list[Effect]:
        effects = self._enter(TRANSITIONS[self.state, trigger], now, cause)
        self._state_limit(self.limit.watts, active=False, duration_s=None, now=now)
        return [*effects, LimitStated(self.limit), Remember(self.memory(now))]

    def _state_limit(
        self, watts: float | None, *, active: bool, duration_s: float | None, now: float
    ) -> None:
        self.limit = LimitValue(watts, active, duration_s)
        self._ends_at = None if duration_s is None else now + duration_s

    def _failsafe_effects(self, now: float) -> list[Effect]:
        return [FailsafeStated(self.failsafe_w, self.duration.seconds), Remember(self.memory(now))]
