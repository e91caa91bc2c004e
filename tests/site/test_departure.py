"""What the driver needs by when: energy requests, driver's settings, departure guard."""

from __future__ import annotations

import math

import pytest

from eebus_gw.site.departure import (
    DriverSettings,
    EnergyNeeds,
    must_charge,
    needs_from_settings,
)

STOCK = EnergyNeeds(
    minimum_wh=-10_000,
    target_wh=-2_000,
    maximum_wh=20_000,
    cycling_min_wh=-8_000,
    cycling_max_wh=5_000,
)


@pytest.mark.parametrize(
    ("changes", "dischargeable_wh"),
    [
        pytest.param({}, 2_000, id="down-to-the-target"),
        pytest.param({"below_target_permitted": True}, 8_000, id="down-to-the-window"),
        pytest.param(
            {"below_target_permitted": True, "window_known": False},
            10_000,
            id="down-to-the-minimum",
        ),
        pytest.param({"target_wh": 500}, 0, id="below-the-target"),
        pytest.param({"target_wh": None}, 0, id="target-unknown"),
        pytest.param({"minimum_wh": None, "below_target_permitted": True}, 0, id="minimum-unknown"),
        pytest.param({"minimum_wh": 1, "below_target_permitted": True}, 0, id="below-the-minimum"),
        pytest.param({"cycling_min_wh": 10}, 0, id="below-the-window"),
        pytest.param({"cycling_max_wh": -10}, 0, id="window-out-of-order"),
        pytest.param({"cycling_min_wh": None}, 0, id="window-unknown"),
        pytest.param({"cycling_min_wh": -9_000, "cycling_max_wh": -10}, 0, id="above-the-window"),
        pytest.param({"maximum_wh": -5_000}, 0, id="requests-out-of-order"),
        pytest.param({"minimum_wh": math.nan}, 0, id="nan"),
    ],
)
def test_dischargeable_energy(changes: dict[str, object], dischargeable_wh: float) -> None:
    members = {
        name: getattr(STOCK, name)
        for name in (
            "minimum_wh",
            "target_wh",
            "maximum_wh",
            "cycling_min_wh",
            "cycling_max_wh",
        )
    }
    needs = EnergyNeeds(**{**members, **changes})  # type: ignore[arg-type]
    assert needs.dischargeable_wh() == dischargeable_wh


def test_nothing_known_permits_nothing() -> None:
    assert EnergyNeeds(below_target_permitted=True).dischargeable_wh() == 0
    assert not EnergyNeeds().minimum_missing()
    assert not EnergyNeeds().full()


def test_driver_settings_stand_in_for_a_silent_car() -> None:
    needs = needs_from_settings(
        DriverSettings(minimum_percent=30, target_percent=80, discharge_permitted=True),
        soc_percent=50,
        capacity_wh=60_000,
        departure_at=100.0,
    )
    assert needs.minimum_wh == pytest.approx(-12_000)
    assert needs.target_wh == pytest.approx(18_000)
    assert needs.maximum_wh == pytest.approx(30_000)
    assert needs.dischargeable_wh() == pytest.approx(12_000)


@pytest.mark.parametrize(("soc", "capacity"), [(None, 60_000), (50, None), (50, 0)])
def test_without_state_of_charge_or_capacity_nothing_is_known(
    soc: float | None, capacity: float | None
) -> None:
    needs = needs_from_settings(
        DriverSettings(discharge_permitted=True),
        soc_percent=soc,
        capacity_wh=capacity,
        departure_at=None,
    )
    assert needs == EnergyNeeds()


def test_a_target_below_the_minimum_is_lifted_to_it() -> None:
    needs = needs_from_settings(
        DriverSettings(minimum_percent=40, target_percent=20),
        soc_percent=50,
        capacity_wh=10_000,
        departure_at=None,
    )
    assert needs.target_wh == needs.minimum_wh
    assert needs.consistent()


# 0.9 × 10 kW × 1 h = 9 kWh can still be charged
@pytest.mark.parametrize(
    ("target_wh", "departure_at", "expected"),
    [
        pytest.param(9_000, 3_600, True, id="just-in-time"),
        pytest.param(8_500, 3_600, True, id="within-the-margin"),
        pytest.param(8_499, 3_600, False, id="slack"),
        pytest.param(9_000, 0, False, id="departed"),
        pytest.param(9_000, None, False, id="no-departure"),
        pytest.param(None, 3_600, False, id="no-target"),
        pytest.param(-5_000, 60, False, id="above-the-target"),
    ],
)
def test_departure_guard(
    target_wh: float | None, departure_at: float | None, expected: bool
) -> None:
    needs = EnergyNeeds(target_wh=target_wh, departure_at=departure_at)
    assert must_charge(needs, 10_000, 0.0, margin_wh=500) is expected
