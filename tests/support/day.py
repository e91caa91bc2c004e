"""The day of a house with sun, a bidirectional car and curtailments: one definition for every test that lives it.

In virtual time an hour takes an hour. Over real sockets each phase is shortened as far as ramps, reversals and
reaction times allow, which stay as long as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tests.support.household import Household

HOUR = 3_600.0
HOUSE = Household(load_factor=2.0, pv_peak_w=9_000)

CONSUMPTION_W, PRODUCTION_W = 4_200.0, 1_500.0
"""What the grid operator permits in the phases of the same name."""
MINIMUM, TARGET = 30.0, 80.0
"""The driver's wishes in %; the target is needed at ``DEPARTURE_HOUR``."""
ENOUGH = 85.0
"""Up to here the energy manager charges while electricity is cheap."""
STRONGEST_W = 11_040.0
EFFICIENCY = 0.92
"""Of the car, in each direction."""

DEPARTURE_HOUR = 30.0


class Phase(Enum):
    """What the day consists of: the hour at which it begins, and the seconds it takes when shortened."""

    MORNING = 6.0, 6.0
    AWAY = 9.0, 3.0
    """The car drives; before and after it is plugged in."""
    NOON = 11.0, 8.0
    CONSUMPTION = 13.0, 4.0
    """Consumption is curtailed (LPC)."""
    AFTERNOON = 14.0, 1.0
    EVENING = 18.0, 18.0
    PRODUCTION = 19.0, 4.0
    """Production is curtailed (LPP)."""
    LATE = 20.0, 4.0
    SPEECHLESS = 21.0, 12.0
    """The gateway restarts, and the energy manager with it, which takes longer."""
    NIGHT = 21.25, 2.0
    CHEAP = 25.0, 18.0

    @property
    def hour(self) -> float:
        """When it begins; beyond 24 it is the next day."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of a test's clock, the end excluded."""

    start: float
    stop: float

    def __contains__(self, second: float) -> bool:
        return self.start <= second < self.stop


class Course:
    """When the phases come on a clock that shows ``start_s`` when the day begins."""

    def __init__(self, start_s: float, lengths: Mapping[Phase, float]) -> None:
        self._spans: dict[Phase, Span] = {}
        for phase in Phase:
            self._spans[phase] = Span(start_s, start_s + lengths[phase])
            start_s += lengths[phase]
        self.departure = start_s

    def span(self, phase: Phase) -> Span:
        """When ``phase`` is."""
        return self._spans[phase]

    def phase(self, second: float) -> Phase:
        """What is at ``second``; after the departure still the last phase."""
        return next((p for p in Phase if second < self._spans[p].stop), Phase.CHEAP)

    def time_of_day(self, second: float) -> float:
        """What a clock in the house shows at ``second``, in seconds since the first midnight."""
        phase = self.phase(second)
        span, hours = self._spans[phase], _HOURS[phase]
        share = (second - span.start) / (span.stop - span.start)
        return (phase.hour + share * hours) * HOUR


def wanted_w(phase: Phase, surplus_w: float, soc_percent: float) -> float:
    """What a greedy energy manager asks of the car: all the surplus; for more than the house needs; at night all."""
    if phase is Phase.CHEAP:
        return STRONGEST_W if soc_percent < ENOUGH else 0.0
    if surplus_w > 0:
        return min(STRONGEST_W, surplus_w)
    return max(-STRONGEST_W, 2 * surplus_w)


def stored_wh(charged_wh: float, discharged_wh: float) -> float:
    """What energies at the meter leave in the battery."""
    return charged_wh * EFFICIENCY - discharged_wh / EFFICIENCY


_HOURS = {
    one: until - one.hour
    for one, until in zip(Phase, [*(p.hour for p in list(Phase)[1:]), DEPARTURE_HOUR], strict=True)
}
FULL = Course(Phase.MORNING.hour * HOUR, {p: h * HOUR for p, h in _HOURS.items()})
"""Seconds are those of the day."""
SHORTENED = Course(0.0, {phase: phase.value[1] for phase in Phase})
