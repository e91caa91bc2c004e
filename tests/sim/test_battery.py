from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import Battery


def test_charging_loses_on_the_way_in() -> None:
    battery = Battery(60_000, 50)
    battery.exchange(11_040, 3600)
    assert battery.charged_wh == 11_040
    assert battery.stored_wh == pytest.approx(30_000 + 11_040 * 0.92)


def test_discharging_loses_on_the_way_out() -> None:
    battery = Battery(60_000, 50)
    battery.exchange(-4_600, 3600)
    assert battery.discharged_wh == 4_600
    assert battery.stored_wh == pytest.approx(30_000 - 5_000)


def test_taper_falls_in_a_line_to_the_least_power() -> None:
    assert Battery(60_000, 90).charge_ceiling_w(11_000, 1_000) == 11_000
    assert Battery(60_000, 95).charge_ceiling_w(11_000, 1_000) == pytest.approx(6_000)
    assert Battery(60_000, 100).charge_ceiling_w(11_000, 1_000) == pytest.approx(1_000)


def test_a_step_ends_at_the_floor_and_at_the_top() -> None:
    battery = Battery(
        10_000, 50, charge_efficiency=0.5, discharge_efficiency=0.5, taper_from_percent=100
    )
    assert battery.bound(100_000, 3600, 0, 60) == pytest.approx(2_000)
    assert battery.bound(-100_000, 3600, 40, 100) == pytest.approx(-500)
    assert battery.bound(-100_000, 3600, 55, 100) == 0


def test_energy_to_a_state_of_charge_is_negative_above_it() -> None:
    battery = Battery(60_000, 50)
    assert battery.wh_to(80) == 18_000
    assert battery.wh_to(30) == -12_000


def test_a_drive_starts_new_books() -> None:
    battery = Battery(60_000, 50)
    battery.exchange(6_000, 3600)
    battery.refill(20)
    assert (battery.soc_percent, battery.charged_wh) == (20, 0)


@pytest.mark.parametrize(("capacity", "soc"), [(0, 50), (-1, 50), (60_000, 101), (60_000, -1)])
def test_nonsense_is_refused(capacity: float, soc: float) -> None:
    with pytest.raises(LocalProtocolError):
        Battery(capacity, soc)


@given(
    moves=st.lists(
        st.tuples(st.floats(-50_000, 50_000), st.floats(0.01, 7_200)), min_size=1, max_size=40
    ),
    soc=st.floats(0, 100),
)
def test_bounded_exchange_conserves_energy_and_stays_within_the_cells(
    moves: list[tuple[float, float]], soc: float
) -> None:
    battery = Battery(40_000, soc, charge_efficiency=0.9, discharge_efficiency=0.95)
    start_wh = battery.stored_wh
    charged_wh = discharged_wh = 0.0
    for power_w, seconds in moves:
        bounded_w = battery.bound(power_w, seconds, 0, 100)
        battery.exchange(bounded_w, seconds)
        charged_wh += max(0.0, bounded_w) * seconds / 3600
        discharged_wh += max(0.0, -bounded_w) * seconds / 3600
        assert -1e-6 <= battery.stored_wh <= 40_000 + 1e-6
    expected_wh = start_wh + charged_wh * 0.9 - discharged_wh / 0.95
    assert battery.stored_wh == pytest.approx(expected_wh, abs=1e-6)
