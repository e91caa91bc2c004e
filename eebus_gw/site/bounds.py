"""How far one vehicle may charge and discharge now, and which rule says so.

Every rule gives a ceiling in W ≥ 0; the smallest holds, and of equal ones the first in the order of
precedence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from .departure import EnergyNeeds

METER_FRESH_S = 10.0
METER_LATENCY_S = 2.0
LOOKAHEAD_S = 30.0
"""An energy that runs out is approached, not overshot: it has to last this long (the refresh of a
setpoint).
"""


class Cause(Enum):
    """What bounds a commanded power; the value is the word of ``limited_by``."""

    GRID_CONSUMPTION = "grid_consumption"
    GRID_PRODUCTION = "grid_production"
    OVERLOAD = "overload"
    CAR_MAXIMUM = "car_maximum"
    GAP = "gap"
    RAMP = "ramp"
    DRIVER_MINIMUM = "driver_minimum"
    DEPARTURE = "departure"
    DISCHARGE_PERMISSION = "discharge_permission"
    FEED_IN = "feed_in"
    BUDGET = "budget"
    STALE_DATA = "stale_data"


@dataclass(frozen=True, slots=True)
class Bound:
    """A ceiling in W ≥ 0 and the rule it comes from; ``cause`` is ``None`` where nothing bounds."""

    watts: float
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class PowerRange:
    """What the car can do: nominal powers in W ≥ 0, the minima being the smallest powers beside
    zero.
    """

    charge_min_w: float
    charge_max_w: float
    discharge_min_w: float = 0.0
    discharge_max_w: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits above driver and energy manager, W ≥ 0, ``None`` = none.

    ``consumption_w``/``production_w``: this vehicle's share of LPC/LPP. ``overload_…``: Σ of the
    active OPEV limits times voltage. ``contractual_w``: what the contract permits to draw.
    ``site_production_w``: what the whole site may feed in by LPP and contract, of which the sun may
    have taken a part already; ``site_production_part_w`` of it counts where no meter tells.
    """

    consumption_w: float | None = None
    production_w: float | None = None
    overload_charge_w: float | None = None
    overload_discharge_w: float | None = None
    contractual_w: float | None = None
    site_production_w: float | None = None
    site_production_part_w: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured power and the moment (monotonic seconds) it was measured at."""

    watts: float
    at: float


@dataclass(frozen=True, slots=True)
class Others:
    """Further vehicles and batteries of the site that are steered to discharge now.

    ``measured_w`` is what they draw together, negative while they discharge; ``wish_w`` ≥ 0 the
    most that is wished of them.
    """

    count: int = 0
    measured_w: float = 0.0
    wish_w: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedInRule:
    """``site.feed_in``: at most ``limit_w`` may flow into the grid; 0 forbids it, ``None`` allows
    it. What the house draws is shared with ``others``.
    """

    limit_w: float | None = 0.0
    margin_w: float = 100.0
    others: Others = field(default_factory=Others)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Everything known of one vehicle at one moment.

    ``data_stale``: link down, heartbeat lost, or a re-read unanswered; ``discharge_permitted``:
    driver and car let it discharge at all; ``budget_left_wh``: what may still leave the battery
    today, ``None`` = no budget. ``grid`` is the power at the grid connection (positive = drawn),
    ``measured`` that of the vehicle.
    """

    power: PowerRange
    needs: EnergyNeeds
    limits: Limits = field(default_factory=Limits)
    discharge_permitted: bool = False
    data_stale: bool = False
    measured: Measured | None = None
    grid: Measured | None = None
    feed_in: FeedInRule = field(default_factory=FeedInRule)
    budget_left_wh: float | None = None


def charge_ceiling(vehicle: Vehicle) -> Bound:
    """C: the most the vehicle may draw now."""
    return _smallest(_charge_bounds(vehicle))


def discharge_ceiling(vehicle: Vehicle, house_w: float | None) -> Bound:
    """D: the most the vehicle may give now; ``house_w`` is what ``house_load_w`` knows."""
    return _smallest(_discharge_bounds(vehicle, house_w))


def house_load_w(
    vehicle: Vehicle,
    history: tuple[Measured, ...],
    now: float,
    before_w: float | None = None,
) -> float | None:
    """What the site draws without what is steered to discharge (negative = surplus); ``None``
    without a fresh grid meter, or while the vehicle's own power is unknown.

    Meter and vehicles are measured at different moments: while their power changes, a reading leaves
    a range. Within it the house draws what it drew ``before_w``, else they would take their own
    ramps for a change of the house and turn back. Without that the least discharge since the reading
    counts (``history``), so that a ramp never makes the house look hungrier than it is.
    """
    grid = vehicle.grid
    if grid is None or not math.isfinite(grid.watts) or not 0 <= now - grid.at <= METER_FRESH_S:
        return None
    steered = _steered(vehicle, now)
    if steered is None:
        return None
    since = grid.at - METER_LATENCY_S
    powers = [*history, steered]
    # A power holds until the next one: the last before the meter's reading was still there at that
    # moment.
    recent = [powers[-1].watts, *(one.watts for one, after in pairwise(powers) if after.at > since)]
    least_w, most_w = grid.watts - max(recent), grid.watts - steered.watts
    if before_w is None:
        return least_w
    return min(max(before_w, least_w), most_w)


def _steered(vehicle: Vehicle, now: float) -> Measured | None:
    """The power of all that is steered to discharge together."""
    own, others = vehicle.measured, vehicle.feed_in.others
    if own is None or not others.count:
        return own
    return Measured(own.watts + others.measured_w, now)


def remembered(history: tuple[Measured, ...], vehicle: Vehicle, now: float) -> tuple[Measured, ...]:
    """``history`` with the present power of what is steered, without what no meter reading can ask
    for any more.
    """
    steered = _steered(vehicle, now)
    if steered is not None and (not history or history[-1].watts != steered.watts):
        history = (*history, steered)
    since = now - METER_FRESH_S - METER_LATENCY_S
    older = sum(1 for item in history if item.at <= since)
    return history[max(0, older - 1) :]


def _charge_bounds(vehicle: Vehicle) -> Iterator[Bound]:
    limits = vehicle.limits
    yield from _bound(limits.overload_charge_w, Cause.OVERLOAD)
    yield from _bound(limits.consumption_w, Cause.GRID_CONSUMPTION)
    yield from _bound(limits.contractual_w, Cause.GRID_CONSUMPTION)
    yield Bound(max(0.0, vehicle.power.charge_max_w), Cause.CAR_MAXIMUM)
    if vehicle.needs.full():
        yield Bound(0.0, Cause.CAR_MAXIMUM)


def _discharge_bounds(vehicle: Vehicle, house_w: float | None) -> Iterator[Bound]:
    limits, needs = vehicle.limits, vehicle.needs
    yield from _bound(limits.overload_discharge_w, Cause.OVERLOAD)
    yield from _bound(limits.production_w, Cause.GRID_PRODUCTION)
    if house_w is None:
        yield from _bound(limits.site_production_part_w, Cause.GRID_PRODUCTION)
    elif limits.site_production_w is not None:
        left_w = _part_w(vehicle.feed_in, house_w + limits.site_production_w)
        yield from _bound(left_w, Cause.GRID_PRODUCTION)
    yield from _bound(_feed_in_w(vehicle, house_w), Cause.FEED_IN)
    if vehicle.data_stale or needs.minimum_wh is None or not needs.consistent():
        yield Bound(0.0, Cause.STALE_DATA)
    if needs.minimum_wh is not None:
        yield from _bound(_sustained_w(-needs.minimum_wh), Cause.DRIVER_MINIMUM)
    permitted_wh = needs.dischargeable_wh() if vehicle.discharge_permitted else 0.0
    yield from _bound(_sustained_w(permitted_wh), Cause.DISCHARGE_PERMISSION)
    if vehicle.budget_left_wh is not None:
        yield from _bound(_sustained_w(vehicle.budget_left_wh), Cause.BUDGET)
    yield Bound(max(0.0, vehicle.power.discharge_max_w), Cause.CAR_MAXIMUM)


def _feed_in_w(vehicle: Vehicle, house_w: float | None) -> float | None:
    rule = vehicle.feed_in
    if rule.limit_w is None:
        return None
    if house_w is None:
        return 0.0
    return _part_w(rule, house_w + rule.limit_w)


def _part_w(rule: FeedInRule, together_w: float) -> float:
    """An equal part each, and what is wished of the others leaves over."""
    together_w -= rule.margin_w
    part_w = together_w / (1 + rule.others.count)
    return max(part_w, together_w - rule.others.wish_w)


def _sustained_w(energy_wh: float) -> float:
    """Power that ``energy_wh`` sustains until a later decision takes effect for certain."""
    return energy_wh * 3_600.0 / LOOKAHEAD_S


def _bound(watts: float | None, cause: Cause) -> Iterator[Bound]:
    if watts is not None:
        # A limit that is no number forbids: nothing may be widened by what cannot be read.
        yield Bound(max(0.0, watts) if math.isfinite(watts) else 0.0, cause)


def _smallest(bounds: Iterator[Bound]) -> Bound:
    # min() keeps the first of equals, which is the one that ranks highest.
    return min(bounds, key=lambda bound: bound.watts)
