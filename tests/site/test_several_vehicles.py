"""Several vehicles discharge at one grid connection whose meter tells all of them the same (`site.feed_in`)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.site.bounds import FeedInRule, Measured, Others, PowerRange, Vehicle
from eebus_gw.site.departure import EnergyNeeds
from eebus_gw.site.precedence import Rules, VehicleState, decide

WISH_W = -11_000.0
CAR_W_PER_S = 1_500.0
METER_DELAY_S = 1.0
NEEDS = EnergyNeeds(
    minimum_wh=-30_000.0,
    target_wh=-20_000.0,
    maximum_wh=10_000.0,
    cycling_min_wh=-25_000.0,
    cycling_max_wh=5_000.0,
    below_target_permitted=True,
)


def grid_powers(
    vehicles: int, house_w: float, seconds: int = 120, less_w: Mapping[float, float] | None = None
) -> list[float]:
    """What flows at the grid connection, positive while drawing, every half second.

    From the seconds that ``less_w`` names on the house draws so much less.
    """
    powers = [0.0] * vehicles
    states = [VehicleState()] * vehicles
    grid: list[float] = []
    for half in range(2 * seconds):
        now = half / 2
        house_w -= (less_w or {}).get(now, 0.0)
        grid.append(house_w + sum(powers))
        meter = Measured(grid[max(0, half - int(2 * METER_DELAY_S))], now)
        before = tuple(powers)
        for at in range(vehicles):
            others = Others(vehicles - 1, sum(before) - before[at], (vehicles - 1) * abs(WISH_W))
            vehicle = Vehicle(
                PowerRange(1_380.0, 11_000.0, 0.0, 11_000.0),
                NEEDS,
                discharge_permitted=True,
                measured=Measured(powers[at], now),
                grid=meter,
                feed_in=FeedInRule(0.0, others=others),
            )
            decision = decide(vehicle, WISH_W, states[at], now, Rules())
            states[at] = decision.state
            step = decision.commanded_w - powers[at]
            powers[at] += max(-CAR_W_PER_S / 2, min(CAR_W_PER_S / 2, step))
    return grid


@pytest.mark.parametrize("vehicles", [1, 2, 3, 5])
@pytest.mark.parametrize("house_w", [500.0, 4_000.0, 9_000.0])
def test_together_they_feed_nothing_in(vehicles: int, house_w: float) -> None:
    assert min(grid_powers(vehicles, house_w)) >= 0.0


@pytest.mark.parametrize("vehicles", [1, 2, 3, 5])
@pytest.mark.parametrize("house_w", [1_700.0, 2_500.0, 6_000.0])
def test_they_serve_the_house_steadily(vehicles: int, house_w: float) -> None:
    """Their own ramps are no change of the house: none turns back from what they cover together."""
    grid = grid_powers(vehicles, house_w)
    assert set(grid[60:]) == {100.0}


def test_what_one_does_not_want_is_left_to_the_others() -> None:
    small, large = (
        Vehicle(
            PowerRange(1_380.0, 11_000.0, 0.0, 11_000.0),
            NEEDS,
            discharge_permitted=True,
            measured=Measured(0.0, 0.0),
            grid=Measured(4_100.0, 0.0),
            feed_in=FeedInRule(0.0, others=Others(1, 0.0, others_want_w)),
        )
        for others_want_w in (9_000.0, 500.0)
    )
    bounds = [
        decide(vehicle, WISH_W, VehicleState(), 0.0, Rules()).lowest_w for vehicle in (small, large)
    ]
    assert bounds == [-2_000.0, -3_500.0]


@settings(max_examples=300)
@given(
    wishes=st.lists(st.floats(0, 12_000), min_size=1, max_size=5),
    house_w=st.floats(-2_000, 20_000),
)
def test_what_all_may_give_together_never_exceeds_what_the_house_draws(
    wishes: list[float], house_w: float
) -> None:
    given_w = 0.0
    for wish_w in wishes:
        others_want_w = sum(wishes) - wish_w
        vehicle = Vehicle(
            PowerRange(0.0, 12_000.0, 0.0, 12_000.0),
            NEEDS,
            discharge_permitted=True,
            measured=Measured(0.0, 0.0),
            grid=Measured(house_w, 0.0),
            feed_in=FeedInRule(0.0, others=Others(len(wishes) - 1, 0.0, others_want_w)),
        )
        bound_w = -decide(vehicle, -wish_w, VehicleState(), 0.0, Rules()).lowest_w
        given_w += min(wish_w, bound_w)
    assert given_w <= max(0.0, house_w - 100.0) + 1e-6


@pytest.mark.parametrize("second", [1, 2, 3, 4, 5, 6, 20])
def test_a_house_that_draws_less_is_followed_also_within_a_ramp(second: int) -> None:
    """Nothing is fed in for longer than the meter's delay, the car's way down, and one decision."""
    grid = grid_powers(1, 6_000.0, less_w={second: 2_000.0})
    fed_in_s = sum(watts < 0 for watts in grid) / 2
    assert fed_in_s <= METER_DELAY_S + 2_000 / CAR_W_PER_S + 0.5
    assert grid[-1] == 100.0
