"""What the driver needs by when, and what that forbids (energy requests of the car, departure).

Energies are watt-hours at the battery, still to be charged; negative means that much above the
mark. Where a car sends nothing, the driver's own settings and the state of charge stand in
(``needs_from_settings``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

EFFICIENCY = 0.9
"""Share of the power at the cable that reaches the battery, as the departure guard counts."""


@dataclass(frozen=True, slots=True)
class EnergyNeeds:
    """Energy requests of one car; ``None`` = unknown, which never permits anything.

    ``cycling_min_wh``/``cycling_max_wh`` bound the window reserved for discharging (V2X): energy to
    be charged until the battery enters and leaves it. ``window_known`` is false for cars that state
    no such window; then the driver's minimum alone counts. ``departure_at`` is a moment of the
    caller's monotonic clock.
    """

    minimum_wh: float | None = None
    target_wh: float | None = None
    maximum_wh: float | None = None
    cycling_min_wh: float | None = None
    cycling_max_wh: float | None = None
    window_known: bool = True
    below_target_permitted: bool = False
    departure_at: float | None = None

    def consistent(self) -> bool:
        """Finite, minimum ≤ target ≤ maximum, and a window whose ends are in order; unknown members
        are skipped.
        """
        values = (self.minimum_wh, self.target_wh, self.maximum_wh)
        window = (self.cycling_min_wh, self.cycling_max_wh)
        return _ascending(values) and _ascending(window)

    def dischargeable_wh(self) -> float:
        """Energy that may leave the battery now without breaking a rule of the driver's or the
        car's.
        """
        if self.minimum_wh is None or not self.consistent():
            return 0.0
        spare = [-self.minimum_wh]
        if self.window_known:
            spare.append(self._inside_window_wh())
        if not self.below_target_permitted:
            spare.append(0.0 if self.target_wh is None else -self.target_wh)
        return max(0.0, min(spare))

    def _inside_window_wh(self) -> float:
        if self.cycling_min_wh is None or self.cycling_max_wh is None or self.cycling_max_wh < 0:
            return 0.0
        return -self.cycling_min_wh

    def minimum_missing(self) -> bool:
        """The driver's minimum is known not to be reached: charge as fast as allowed."""
        return self.minimum_wh is not None and self.minimum_wh > 0 and self.consistent()

    def full(self) -> bool:
        """The battery takes nothing more."""
        return self.maximum_wh is not None and self.maximum_wh <= 0


def _ascending(values: tuple[float | None, ...]) -> bool:
    known = [value for value in values if value is not None]
    return all(math.isfinite(value) for value in known) and known == sorted(known)


@dataclass(frozen=True, slots=True)
class DriverSettings:
    """Wishes of the driver that apply where the car states none; percentages of the capacity."""

    minimum_percent: float = 30.0
    target_percent: float = 80.0
    discharge_permitted: bool = False


def needs_from_settings(
    settings: DriverSettings,
    *,
    soc_percent: float | None,
    capacity_wh: float | None,
    departure_at: float | None,
) -> EnergyNeeds:
    """The needs of a car that states no energy requests; all unknown without state of charge or
    capacity.
    """
    if soc_percent is None or capacity_wh is None or capacity_wh <= 0:
        return EnergyNeeds(departure_at=departure_at)

    def missing(percent: float) -> float:
        return (percent - soc_percent) / 100.0 * capacity_wh

    target = max(settings.minimum_percent, settings.target_percent)
    return EnergyNeeds(
        minimum_wh=missing(settings.minimum_percent),
        target_wh=missing(target),
        maximum_wh=missing(100.0),
        window_known=False,
        below_target_permitted=settings.discharge_permitted,
        departure_at=departure_at,
    )


def must_charge(
    needs: EnergyNeeds,
    ceiling_w: float,
    now: float,
    *,
    margin_wh: float,
    efficiency: float = EFFICIENCY,
) -> bool:
    """Whether the target is only met by departure if charging with ``ceiling_w`` (W ≥ 0) starts now.

    Never without a known target and departure; after the departure nothing can be made up for any
    more.
    """
    if needs.target_wh is None or needs.departure_at is None or not needs.consistent():
        return False
    left_s = needs.departure_at - now
    if left_s <= 0:
        return False
    return efficiency * ceiling_w * left_s / 3_600.0 <= needs.target_wh + margin_wh
