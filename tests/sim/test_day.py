"""A day of a house with sun, a car and curtailments, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from eebus_gw.sim.battery import Battery
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, IdleRule, Vehicle, VehicleKind
from eebus_gw.sim.snapshot import WallboxSnapshot
from eebus_gw.sim.wallbox import Wallbox
from tests.support.household import Household

HOUR = 3_600
AWAY = range(16 * HOUR, 17 * HOUR)
DEPARTURE = 31 * HOUR
LPP_UNTIL, LPP_W = 20 * HOUR, 1_500.0


def wanted_w(house: Household, second: int, soc: float) -> float:
    """What a plain energy manager asks of the car: surplus by day, the house's load by night."""
    surplus_w = -house.grid_w(second)
    if second >= 25 * HOUR:
        return 11_000 if soc < 80 else 0
    return min(11_000.0, surplus_w) if surplus_w > 0 else max(-11_000.0, surplus_w)


def day(box: Wallbox, house: Household) -> Iterator[WallboxSnapshot]:
    """The seconds from 10:00 to 07:00 of the next day in half minutes."""
    for second in range(10 * HOUR, DEPARTURE, 30):
        if second == AWAY.start:
            box.unplug(second)
        elif second == AWAY.stop:
            box.plug(second)
        if second == 19 * HOUR:
            box.restrict(replace(box.limits, production_w=LPP_W), second)
        elif second == LPP_UNTIL:
            box.restrict(replace(box.limits, production_w=None), second)
        state = box.step(second)
        if state.car is not None:
            watts = wanted_w(house, second, state.car.soc_percent or 0)
            box.write_setpoint(watts, second, end_s=120)
        yield box.step(second + 20)


def test_energies_add_up_the_target_is_met_and_no_rule_is_broken() -> None:
    vehicle = Vehicle(
        VehicleKind.BIDIRECTIONAL,
        Battery(60_000, 45),
        Driver(min_soc_percent=30, target_soc_percent=80, departure_at=DEPARTURE),
        idle=IdleRule.HOLD,
    )
    box = Wallbox(Installation(guarded=False), vehicle=vehicle, now=10 * HOUR)
    box.plug(10 * HOUR)
    start_wh = vehicle.battery.stored_wh
    totals = [(0.0, 0.0)]
    for state in day(box, Household(load_factor=2.5)):
        second = state.now
        if AWAY.start <= second < AWAY.stop:
            assert (state.plugged, state.power_w) == (False, 0)
        if 19 * HOUR <= second < LPP_UNTIL:
            assert state.power_w >= -LPP_W
        assert state.battery_percent is None or state.battery_percent >= 30 - 1e-6
        totals.append((state.total_charged_wh, state.total_discharged_wh))
    assert totals == sorted(totals)
    charged_wh, discharged_wh = totals[-1]
    assert charged_wh > 20_000
    assert discharged_wh > 5_000
    gained_wh = charged_wh * 0.92 - discharged_wh / 0.92
    assert vehicle.battery.stored_wh - start_wh == pytest.approx(gained_wh, abs=1e-6)
    assert vehicle.battery.soc_percent == pytest.approx(80, abs=0.5)
