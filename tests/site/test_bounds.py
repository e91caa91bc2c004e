"""Ceilings of one vehicle: which rule ranks first, and what the house is taken to draw (S9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eebus_gw.site.bounds import (
    Bound,
    Cause,
    FeedInRule,
    Limits,
    Measured,
    PowerRange,
    Vehicle,
    charge_ceiling,
    discharge_ceiling,
    house_load_w,
    remembered,
)
from eebus_gw.site.departure import EnergyNeeds

FREE = Vehicle(
    power=PowerRange(1_400, 11_000, 1_000, 10_000),
    needs=EnergyNeeds(
        minimum_wh=-20_000, target_wh=10_000, window_known=False, below_target_permitted=True
    ),
    discharge_permitted=True,
    feed_in=FeedInRule(None),
)


@pytest.mark.parametrize(
    ("limits", "bound"),
    [
        (Limits(), Bound(11_000, Cause.CAR_MAXIMUM)),
        (Limits(consumption_w=4_200), Bound(4_200, Cause.GRID_CONSUMPTION)),
        (Limits(consumption_w=0, overload_charge_w=0), Bound(0, Cause.OVERLOAD)),
        (Limits(consumption_w=-5), Bound(0, Cause.GRID_CONSUMPTION)),
    ],
    ids=["car", "smallest", "first-in-rank", "never-negative"],
)
def test_charge_ceiling(limits: Limits, bound: Bound) -> None:
    assert charge_ceiling(replace(FREE, limits=limits)) == bound


def test_everything_that_forbids_discharging_ranks_in_order() -> None:
    nothing = Vehicle(power=FREE.power, needs=EnergyNeeds())
    causes = []
    for known in (
        nothing,
        replace(nothing, feed_in=FeedInRule(None)),
        replace(nothing, feed_in=FeedInRule(None), needs=EnergyNeeds(minimum_wh=1)),
        replace(nothing, feed_in=FeedInRule(None), needs=EnergyNeeds(minimum_wh=-1)),
    ):
        bound = discharge_ceiling(known, None)
        assert bound.watts == 0
        causes.append(bound.cause)
    assert causes == [
        Cause.FEED_IN,
        Cause.STALE_DATA,
        Cause.DRIVER_MINIMUM,
        Cause.DISCHARGE_PERMISSION,
    ]


@pytest.mark.parametrize(
    ("grid", "measured", "house_w"),
    [
        (Measured(3_000, 5.0), Measured(-1_000, 5.0), 4_000),
        (Measured(3_000, 5.0), Measured(2_000, 5.0), 1_000),
        (Measured(3_000, 0.0), Measured(0, 5.0), 3_000),
        (Measured(3_000, -0.1), Measured(0, 5.0), None),
        (None, Measured(0, 5.0), None),
        (Measured(3_000, 5.0), None, None),
    ],
    ids=["discharging", "charging", "10-s-old", "older", "no-meter", "own-power-unknown"],
)
def test_house_load(
    grid: Measured | None, measured: Measured | None, house_w: float | None
) -> None:
    assert house_load_w(replace(FREE, grid=grid, measured=measured), (), 10.0) == house_w


@pytest.mark.parametrize(
    ("house_w", "ceiling_w"),
    [(None, 2_000), (500, 2_000), (-900, 1_000), (-1_900, 0), (-5_000, 0)],
    ids=["no-meter", "drawing", "some-sun", "all-taken", "more"],
)
def test_what_the_sun_feeds_in_counts_under_a_production_limit(
    house_w: float | None, ceiling_w: float
) -> None:
    """P_discharge ≤ X + house load − PV, also where feeding in is allowed."""
    limited = replace(FREE, limits=Limits(production_w=2_000, site_production_w=2_000))
    assert discharge_ceiling(limited, house_w) == Bound(ceiling_w, Cause.GRID_PRODUCTION)


@pytest.mark.parametrize(
    ("house_w", "bound"),
    [
        (None, Bound(400, Cause.GRID_PRODUCTION)),
        (3_000, Bound(3_700, Cause.GRID_PRODUCTION)),
        (-500, Bound(200, Cause.GRID_PRODUCTION)),
    ],
    ids=["no-meter", "drawing", "some-sun"],
)
def test_contracted_feed_in_leaves_what_the_house_draws(
    house_w: float | None, bound: Bound
) -> None:
    """800 W are contracted, and two devices may feed in."""
    limits = Limits(site_production_w=800, site_production_part_w=400)
    assert discharge_ceiling(replace(FREE, limits=limits), house_w) == bound


def test_s9_a_ramp_between_two_meter_readings_does_not_feed_itself() -> None:
    """The meter still shows the draw from before the vehicle began to cover it."""
    vehicle = replace(
        FREE,
        feed_in=FeedInRule(0.0, 0.0),
        grid=Measured(3_000, 5.0),
        measured=Measured(-3_000, 9.0),
    )
    history = (Measured(0.0, 1.0), Measured(-2_000, 7.0), Measured(-3_000, 9.0))
    assert house_load_w(vehicle, history, 10.0) == 3_000


def test_history_keeps_what_a_meter_reading_may_still_ask_for() -> None:
    vehicle = replace(FREE, measured=Measured(4.0, 40.0))
    history = tuple(Measured(watts, at) for watts, at in ((1.0, 1.0), (2.0, 20.0), (3.0, 35.0)))
    assert [item.watts for item in remembered(history, vehicle, 41.0)] == [2.0, 3.0, 4.0]
    assert remembered(history, replace(FREE, measured=history[-1]), 20.0) == history
