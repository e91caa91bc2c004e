"""Several vehicles discharge at one grid connection whose meter tells all of them the same (`site.feed_in`)."""

from __future__ import annotations

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


def grid_powers(vehicles: int, house_w: float, seconds: int = 120) -> list[float]:
    """What flows at the grid connection, positive while drawing, every half second."""
    powers = [0.0] * vehicles
    states = [VehicleState()] * vehicles
    grid: list[float] = []
    for half in range(2 * seconds):
        now = half / 2
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
