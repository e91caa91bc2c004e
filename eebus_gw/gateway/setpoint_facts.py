"""What the decision about a setpoint rests on, the same for a car and a home battery (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from eebus_gw.site.bounds import FeedInRule, Limits, Measured, PowerRange, Vehicle
from eebus_gw.site.departure import EnergyNeeds


@dataclass(frozen=True, slots=True)
class SetpointFacts:
    """Everything known about a car or battery that setpoints concern; ``power`` is ``None`` until it told it."""

    offered: bool
    power: PowerRange | None
    needs: EnergyNeeds
    limits: Limits = field(default_factory=Limits)
    discharge_permitted: bool = False
    data_stale: bool = False
    measured: Measured | None = None
    grid: Measured | None = None
    feed_in: FeedInRule = field(default_factory=FeedInRule)
    budget_left_wh: float | None = None
    minimum_percent: float | None = None
    capacity_assumed: bool = False
    """Whether energies rest on an assumed capacity: good enough to approach a floor, not to be shown."""
    held_consumption_w: float | None = None
    held_production_w: float | None = None
    """Limits (LPC, LPP) that the device says it keeps, W ≥ 0: after a release they last for up to five minutes."""

    def kept_w(self, watts: float) -> float:
        """What the device makes of a setpoint under the limits it keeps."""
        limit_w = self.held_consumption_w if watts > 0 else self.held_production_w
        return watts if limit_w is None else math.copysign(min(abs(watts), limit_w), watts)


def vehicle_of(facts: SetpointFacts) -> Vehicle:
    """The facts as the site rules take them; ``facts.power`` must be known."""
    assert facts.power is not None
    return Vehicle(
        power=facts.power,
        needs=facts.needs,
        limits=facts.limits,
        discharge_permitted=facts.discharge_permitted,
        data_stale=facts.data_stale,
        measured=facts.measured,
        grid=facts.grid,
        feed_in=facts.feed_in,
        budget_left_wh=facts.budget_left_wh,
    )
