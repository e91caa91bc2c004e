from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.sim.household import Household


@pytest.mark.parametrize(
    ("hour", "load_w", "pv_w"),
    [(0, 250, 0), (7.25, 700, 900), (13, 950, 8_000), (18.5, 2_200, 1_080), (24, 250, 0)],
)
def test_literal_points_of_the_day(hour: float, load_w: float, pv_w: float) -> None:
    house = Household()
    assert house.load_w(hour * 3_600) == pytest.approx(load_w)
    assert house.pv_w(hour * 3_600) == pytest.approx(pv_w)


def test_the_grid_balances_house_wallboxes_and_roof() -> None:
    house = Household(pv_peak_w=5_000, cloud=0.5)
    assert house.grid_w(13 * 3_600, 4_000) == pytest.approx(950 + 4_000 - 2_500)


@given(second=st.floats(0, 10 * 86_400))
def test_every_day_is_the_same_and_the_sun_never_draws(second: float) -> None:
    house = Household()
    assert house.pv_w(second) >= 0
    assert house.load_w(second) == pytest.approx(house.load_w(second + 86_400), abs=1e-3)
