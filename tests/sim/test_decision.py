"""The chain of ceilings, order of precedence: fuse, grid, driver, battery, setpoint, advice."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.ceilings import Limits
from eebus_gw.sim.decision import Installation, Situation, Wish
from eebus_gw.sim.ev import Vehicle, VehicleKind
from eebus_gw.sim.snapshot import Bound

SIX = (6.0, 6.0, 6.0)
TEN = (10.0, 10.0, 10.0)


def wish(setpoint_w: float | None = None, *, silent: bool = False, **limits: Any) -> Wish:
    """What a bidirectional car at 50 % (minimum 30 %, target 80 %) does with three phases, 16 A."""
    return Situation(
        vehicle=Vehicle(VehicleKind.BIDIRECTIONAL, Battery(60_000, 50)),
        installation=Installation(),
        limits=Limits(**limits),
        guard_silent=silent,
        now=0,
    ).wish(setpoint_w)


@pytest.mark.parametrize(
    ("found", "power_w", "bound"),
    [
        pytest.param(wish(), 11_040, None, id="free"),
        pytest.param(wish(obligation_a=TEN), 6_900, Bound.OVERLOAD, id="obligation"),
        pytest.param(wish(recommendation_a=SIX), 4_140, Bound.RECOMMENDATION, id="advice"),
        pytest.param(
            wish(obligation_a=SIX, recommendation_a=TEN), 4_140, Bound.OVERLOAD, id="obligation-wins"
        ),
        pytest.param(
            wish(obligation_a=TEN, consumption_w=4_200), 4_200, Bound.GRID_CONSUMPTION, id="lpc-wins"
        ),
        pytest.param(wish(plan_w=0.0), 0, Bound.PLAN, id="plan-waits"),
        pytest.param(wish(silent=True), 4_140, Bound.SAFE_CURRENT, id="safe-current"),
        pytest.param(
            wish(silent=True, recommendation_a=(0.0, 0.0, 0.0)),
            4_140,
            Bound.SAFE_CURRENT,
            id="advice-void",
        ),
        pytest.param(wish(5_000), 5_000, None, id="setpoint"),
        pytest.param(wish(5_000, recommendation_a=SIX), 5_000, None, id="setpoint-over-advice"),
        pytest.param(wish(9_000, obligation_a=TEN), 6_900, Bound.OVERLOAD, id="setpoint-under-fuse"),
        pytest.param(wish(9_000, consumption_w=0), 0, Bound.GRID_CONSUMPTION, id="setpoint-under-lpc"),
        pytest.param(wish(-9_000), -9_000, None, id="discharge"),
        pytest.param(wish(-9_000, consumption_w=0), -9_000, None, id="lpc-leaves-discharge"),
        pytest.param(wish(-9_000, obligation_a=(0.0,) * 3), -9_000, None, id="fuse-leaves-discharge"),
        pytest.param(wish(-9_000, production_w=2_000), -2_000, Bound.GRID_PRODUCTION, id="lpp"),
        pytest.param(wish(-9_000, production_w=1_000), 0, Bound.GRID_PRODUCTION, id="lpp-in-the-gap"),
        pytest.param(wish(-9_000, discharge_a=SIX), -4_140, Bound.OVERLOAD, id="discharge-limit"),
        pytest.param(wish(-9_000, silent=True), 0, Bound.GUARD_SILENT, id="silent-no-discharge"),
        pytest.param(wish(1_379), 0, Bound.GAP, id="gap"),
        pytest.param(wish(1_380), 1_380, None, id="smallest"),
        pytest.param(wish(-1_380), -1_380, None, id="smallest-discharge"),
        pytest.param(wish(0), 0, None, id="zero"),
    ],
)  # fmt: skip
def test_what_bounds_a_wish(found: Wish, power_w: float, bound: Bound | None) -> None:
    assert found.power_w == pytest.approx(power_w)
    assert found.bound is bound


@pytest.mark.parametrize("phases", [0, 4])
def test_a_wallbox_has_one_to_three_phases(phases: int) -> None:
    with pytest.raises(LocalProtocolError):
        Installation(phases=phases)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_limit_is_a_magnitude(value: float) -> None:
    with pytest.raises(LocalProtocolError):
        Limits(consumption_w=value)
