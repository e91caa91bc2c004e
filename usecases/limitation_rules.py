"""Limitation of power: the states, transitions, timers and values both ends of LPC and LPP agree
on.

LPC and LPP are one mechanism that differs in its direction. Rule numbers are those of the use case
technical specifications 1.0.0 (``901/1``); numbers with ``TS-`` belong to the high-level test
specification.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

HEARTBEAT_LOST_S: Final = 120.0
GATE_WINDOW_S: Final = 60.0
INIT_SETTLE_S: Final = 120.0
LIMIT_AFTER_HEARTBEAT_S: Final = 120.0
FAILSAFE_SHORTEST_S: Final = 7_200.0
FAILSAFE_LONGEST_S: Final = 86_400.0

COMMAND_REJECTED: Final = 7
"""SPINE error number of every refusal that the use case itself decides."""


class Direction(Enum):
    """What is limited; the value is the word of ``limitDirection``."""

    CONSUME = "consume"
    PRODUCE = "produce"

    @property
    def code(self) -> str:
        """The use case, as rule numbers spell it."""
        return "LPC" if self is Direction.CONSUME else "LPP"

    def signed(self, magnitude_w: float) -> float:
        """A ceiling as it stands on the wire: ≥ 0 W for consumption, ≤ 0 W for production [001]."""
        # The "or" keeps a negative zero off the wire.
        return magnitude_w if self is Direction.CONSUME else -magnitude_w or 0.0

    def accepts(self, watts: float, *, tolerate_sign: bool = False) -> bool:
        """Whether ``watts`` has the sign of a limit in this direction [001].

        ``tolerate_sign`` lets a positive production limit pass, for guards of the older convention.
        """
        return watts >= 0 if self is Direction.CONSUME else watts <= 0 or tolerate_sign


class State(Enum):
    """States of the Controllable System (§2.3); the value is the word used on MQTT."""

    INIT = "init"
    UNLIMITED_CONTROLLED = "unlimited_controlled"
    LIMITED = "limited"
    FAILSAFE = "failsafe"
    UNLIMITED_AUTONOMOUS = "unlimited_autonomous"

    @property
    def controlled(self) -> bool:
        """An Energy Guard is in charge: writes pass without a fresh heartbeat, silence leads to
        failsafe.
        """
        return self in (State.UNLIMITED_CONTROLLED, State.LIMITED)


class Trigger(Enum):
    """What can move the state; the three writes count only after the gate let them through."""

    RESTARTED = "restarted"
    ACTIVATED = "limit_activated"
    DEACTIVATED = "limit_deactivated"
    REFUSED = "limit_refused"
    EXPIRED = "limit_expired"
    INTERRUPTED = "limit_interrupted"
    SILENT = "heartbeat_lost"
    SETTLED = "nobody_took_control"
    WAITED = "failsafe_duration_over"
    NOT_FOLLOWED = "heartbeat_without_limit"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; ``number`` is empty where the state stays, ``optional`` where it need
    never be taken.
    """

    number: str
    source: State
    trigger: Trigger
    target: State
    rules: tuple[str, ...]
    optional: bool = False


def _rows() -> tuple[Transition, ...]:
    init, unlimited, limited = State.INIT, State.UNLIMITED_CONTROLLED, State.LIMITED
    failsafe, autonomous = State.FAILSAFE, State.UNLIMITED_AUTONOMOUS
    restarts = (
        Transition("T0", state, Trigger.RESTARTED, init, ("901/1", "903", "009/2"))
        for state in State
    )
    return (
        *restarts,
        Transition("T1", init, Trigger.DEACTIVATED, unlimited, ("905",)),
        Transition("T1", init, Trigger.REFUSED, unlimited, ("902",)),
        Transition("T2", init, Trigger.ACTIVATED, limited, ("904",)),
        Transition("T3", init, Trigger.SETTLED, autonomous, ("906",), optional=True),
        Transition("T4", unlimited, Trigger.ACTIVATED, limited, ("910", "914/1")),
        Transition("T5", unlimited, Trigger.SILENT, failsafe, ("911", "914/2")),
        Transition("T6", limited, Trigger.EXPIRED, unlimited, ("908",)),
        Transition("T6", limited, Trigger.DEACTIVATED, unlimited, ("909",)),
        Transition("T6", limited, Trigger.INTERRUPTED, unlimited, ("923",)),
        Transition("T7", limited, Trigger.SILENT, failsafe, ("912", "914/2")),
        Transition("T8", failsafe, Trigger.DEACTIVATED, unlimited, ("920",)),
        Transition("T8", failsafe, Trigger.REFUSED, unlimited, ("918",)),
        Transition("T9", failsafe, Trigger.ACTIVATED, limited, ("919", "916")),
        Transition("T10", failsafe, Trigger.WAITED, autonomous, ("922",), optional=True),
        Transition("T10", failsafe, Trigger.NOT_FOLLOWED, autonomous, ("921",), optional=True),
        Transition("T11", autonomous, Trigger.DEACTIVATED, unlimited, ("920",)),
        Transition("T11", autonomous, Trigger.REFUSED, unlimited, ("918",)),
        Transition("T12", autonomous, Trigger.ACTIVATED, limited, ("919",)),
        Transition("", unlimited, Trigger.DEACTIVATED, unlimited, ("002/1",)),
        Transition("", unlimited, Trigger.REFUSED, unlimited, ("907/2",)),
        Transition("", limited, Trigger.ACTIVATED, limited, ("002/1",)),
        Transition("", limited, Trigger.REFUSED, limited, ("907/1",)),
    )


ROWS: Final = _rows()
TRANSITIONS: Final = {(row.source, row.trigger): row for row in ROWS}
"""Every state and trigger that belong together (§2.3.3); a pair that is missing has no effect."""


class Refusal(Enum):
    """The only reasons for which an otherwise correct limit may be refused or interrupted
    [TS-035/3], [923].
    """

    SELF_PROTECTION = "self_protection"
    SAFETY = "safety"
    LEGAL = "legal_requirement"
    UNCONTROLLED_LOADS = "uncontrolled_loads"

    def permitted(self, *, energy_manager: bool) -> bool:
        """Loads it does not control excuse an energy manager only."""
        return energy_manager or self is not Refusal.UNCONTROLLED_LOADS


class FailsafeDuration:
    """The failsafe duration minimum of one entity, shared by its LPC and LPP [022], [TS-041];
    seconds.
    """

    __slots__ = ("_controlled", "longest_s", "owned", "preset", "seconds")

    def __init__(
        self,
        seconds: float = FAILSAFE_SHORTEST_S,
        *,
        longest_s: float = FAILSAFE_LONGEST_S,
        owned: bool = False,
    ) -> None:
        if not FAILSAFE_SHORTEST_S <= seconds <= longest_s <= FAILSAFE_LONGEST_S:
            raise ValueError(
                "the failsafe duration lies between 2 h and its own maximum of at most 24 h"
            )
        self.seconds = seconds
        self.longest_s = longest_s
        self.owned = owned
        self.preset = True
        self._controlled: list[Callable[[], bool]] = []

    def change(self, seconds: float) -> None:
        """Replaces the preset value, also for later starts."""
        self.seconds, self.preset = seconds, False

    def share(self, controlled: Callable[[], bool]) -> None:
        """Adds a direction that uses this value; ``controlled`` says whether a guard is in charge."""
        self._controlled.append(controlled)

    def writable(self) -> bool:
        """A guard is in charge of at least one of the directions, as far as gate G2 is concerned.

        A guard that limits one direction only would otherwise never get through [TS-037], [TS-041].
        """
        return any(controlled() for controlled in self._controlled)


@dataclass(frozen=True, slots=True)
class Settings:
    """What vendor or installer decided about one Controllable System.

    ``stays_in_failsafe`` never enters ``unlimited/autonomous``, which the specification permits;
    ``energy_manager`` says that it serves a CEM entity; ``tolerate_sign`` is the compatibility
    switch for positive LPP limits.
    """

    failsafe_w: float = 4_200.0
    nominal_max_w: float | None = None
    energy_manager: bool = True
    stays_in_failsafe: bool = True
    tolerate_sign: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What must survive a power loss, to be stored before the write that changed it is answered
    [TS-044].

    ``limit_w`` is the ceiling last accepted (≥ 0 W, ``None`` = none is in force) and
    ``limit_remaining_s`` its time left at the moment of storing (``None`` = no end). Each failsafe
    value is ``None`` until somebody changed it.
    """

    failsafe_w: float | None = None
    failsafe_duration_s: float | None = None
    owned: bool = False
    limit_w: float | None = None
    limit_remaining_s: float | None = None
