"""Several vehicles discharge at one grid connection whose meter tells all of them the same (`site.feed_in`)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from eebus_gw.site.bounds import FeedInRule, Measured, PowerRange, Vehicle
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
        for at in range(vehicles):
            vehicle = Vehicle(
                PowerRange(1_380.0, 11_000.0, 0.0, 11_000.0),
                NEEDS,
                discharge_permitted=True,
                measured=Measured(powers[at], now),
                grid=meter,
                feed_in=FeedInRule(0.0, vehicles=vehicles),
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


@pytest.mark.parametrize("vehicles", [1, 2, 3])
def test_together_they_serve_most_of_the_house(vehicles: int) -> None:
    assert grid_powers(vehicles, 6_000.0)[-1] < 3_000.0


@pytest.mark.parametrize("house_w", [1_700.0, 2_500.0, 6_000.0])
def test_alone_it_serves_the_house_steadily(house_w: float) -> None:
    """Its own ramp is no change of the house: the vehicle does not turn back from what it covers."""
    grid = grid_powers(1, house_w)
    assert min(grid) >= 0.0
    assert set(grid[30:]) == {100.0}


@pytest.mark.parametrize("second", [1, 2, 3, 4, 5, 6, 20])
def test_a_house_that_draws_less_is_followed_also_within_a_ramp(second: int) -> None:
    """Nothing is fed in for longer than the meter's delay, the car's way down, and one decision."""
    grid = grid_powers(1, 6_000.0, less_w={second: 2_000.0})
    fed_in_s = sum(watts < 0 for watts in grid) / 2
    assert fed_in_s <= METER_DELAY_S + 2_000 / CAR_W_PER_S + 0.5
    assert grid[-1] == 100.0
