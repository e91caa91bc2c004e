"""What a wallbox and everything above it leave to its car: amperes, then watts, each with its
reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.snapshot import Bound, Phases

PhaseLimit = tuple[float | None, float | None, float | None]
NO_LIMIT: PhaseLimit = (None, None, None)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The highest power in one direction, in W, and what sets it."""

    watts: float
    bound: Bound

    def under(self, watts: float | None, bound: Bound) -> Ceiling:
        """This ceiling, or the lower one of ``watts``."""
        return self if watts is None or watts >= self.watts else Ceiling(watts, bound)


@dataclass(frozen=True, slots=True)
class Limits:
    """What others tell the wallbox. ``None`` is "not limited": an absent or inactive limit.

    ``obligation_a``: OPEV per phase; ``discharge_a``: obligation with scope discharge;
    ``recommendation_a``: OSCEV. ``consumption_w`` and ``production_w``: what LPC and LPP leave
    (limit, failsafe or nothing), both as magnitudes. ``plan_w``: the power of the present slot of
    the car's own charging plan (CEVC).
    """

    obligation_a: PhaseLimit = NO_LIMIT
    discharge_a: PhaseLimit = NO_LIMIT
    recommendation_a: PhaseLimit = NO_LIMIT
    consumption_w: float | None = None
    production_w: float | None = None
    plan_w: float | None = None

    def __post_init__(self) -> None:
        amperes = (*self.obligation_a, *self.discharge_a, *self.recommendation_a)
        for value in (*amperes, self.consumption_w, self.production_w, self.plan_w):
            if value is not None and not 0 <= value < math.inf:
                raise LocalProtocolError(f"a limit is a magnitude of 0 or more, not {value:g}")

    @property
    def ends_link(self) -> bool:
        """Whether an obligation of exactly 0 A is stated: ISO 15118-2 cars take it as the end of
        the link.
        """
        return any(amperes == 0 for amperes in self.obligation_a)


def cap_phases(amperes: Phases, limit: PhaseLimit) -> Phases:
    """``amperes``, phase by phase not above ``limit``."""
    a, b, c = (
        have if cap is None else min(have, cap) for have, cap in zip(amperes, limit, strict=True)
    )
    return a, b, c


def level(amperes: Phases, phases: int) -> Phases:
    """The same current on each connected phase: the lowest of them (OPEV-002, cars without
    asymmetric charging).
    """
    return on_phases(min(amperes[:phases]), phases)


def usable(amperes: Phases, minimum_a: float) -> Phases:
    """Amperes that carry power: below its minimum a phase stays dead instead of going slower."""
    a, b, c = (value if value >= minimum_a else 0.0 for value in amperes)
    return a, b, c


def on_phases(value: float, phases: int) -> Phases:
    """``value`` on each connected phase, 0 on the others."""
    return value, value if phases > 1 else 0.0, value if phases > 2 else 0.0
