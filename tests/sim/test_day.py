"""The day of ``tests/support/day.py`` for the model of the car alone, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from eebus_gw.sim.battery import Battery
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, IdleRule, Vehicle, VehicleKind
from eebus_gw.sim.snapshot import WallboxSnapshot
from eebus_gw.sim.wallbox import Wallbox
from tests.support.day import (
    ENOUGH,
    FULL,
    HOUSE,
    MINIMUM,
    PRODUCTION_W,
    TARGET,
    Phase,
    stored_wh,
    wanted_w,
)

START = round(FULL.span(Phase.MORNING).start)
AWAY, PRODUCTION = FULL.span(Phase.AWAY), FULL.span(Phase.PRODUCTION)
STEP_S = 30


def modest_w(second: float, soc_percent: float) -> float:
    """As the energy manager of the day, but never more than the house needs: nothing stands above the car here."""
    surplus_w = -HOUSE.grid_w(second)
    return max(surplus_w, wanted_w(FULL.phase(second), surplus_w, soc_percent))


def day(box: Wallbox) -> Iterator[WallboxSnapshot]:
    """The whole day in half minutes."""
    for second in range(START, round(FULL.departure), STEP_S):
        if second == AWAY.start:
            box.unplug(second)
        elif second == AWAY.stop:
            box.plug(second)
        if second == PRODUCTION.start:
            box.restrict(replace(box.limits, production_w=PRODUCTION_W), second)
        elif second == PRODUCTION.stop:
            box.restrict(replace(box.limits, production_w=None), second)
        state = box.step(second)
        if state.car is not None:
            watts = modest_w(second, state.car.soc_percent or 0.0)
            box.write_setpoint(watts, second, end_s=120)
        yield box.step(second + 20)


def test_energies_add_up_the_target_is_met_and_no_rule_is_broken() -> None:
    vehicle = Vehicle(
        VehicleKind.BIDIRECTIONAL,
        Battery(60_000, 55),
        Driver(MINIMUM, TARGET, departure_at=FULL.departure),
        idle=IdleRule.HOLD,
    )
    box = Wallbox(Installation(guarded=False), vehicle=vehicle, now=START)
    box.plug(START)
    start_wh = vehicle.battery.stored_wh
    totals = [(0.0, 0.0)]
    for state in day(box):
        second = state.now
        if second in AWAY:
            assert (state.plugged, state.power_w) == (False, 0)
        if second in PRODUCTION:
            assert state.power_w >= -PRODUCTION_W
        assert state.battery_percent is None or state.battery_percent >= MINIMUM - 1e-6
        totals.append((state.total_charged_wh, state.total_discharged_wh))
    assert totals == sorted(totals)
    charged_wh, discharged_wh = totals[-1]
    assert charged_wh > 20_000
    assert discharged_wh > 5_000
    gained_wh = stored_wh(charged_wh, discharged_wh)
    assert vehicle.battery.stored_wh - start_wh == pytest.approx(gained_wh, abs=1e-6)
    assert TARGET <= vehicle.battery.soc_percent <= ENOUGH + 0.5
