from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.bridge.profiles import (
    charging_enabled,
    evcc,
    evcc_grid,
    grid_scalars,
    openwb,
)

EV = {
    "connected": True,
    "status_letter": "C",
    "soc_percent": 55.6,
    "ids": [{"type": "eui48", "value": "3f2a"}],
    "max_a": [16, 16, None],
}
METER = {
    "power_w": 6900.5,
    "power_w_phase": [2300, 2300.5, 2300],
    "current_a": [10, 10, 10],
    "voltage_v": [230, 231, 229],
    "energy_import_kwh": 123.456,
    "energy_export_kwh": 7.5,
    "frequency_hz": 50.01,
    "phases_active": 3,
}
PER_PHASE = ("current", "voltage", "power")
NOTHING = {
    "power_w": None,
    "power_w_phase": [None] * 3,
    "current_a": [None] * 3,
    "voltage_v": [None] * 3,
    "energy_import_kwh": None,
    "energy_export_kwh": None,
}


def _limits(value_a: list[float | None], active: list[bool | None]) -> dict[str, Any]:
    return {"obligation": {"value_a": value_a, "active": active}}


@pytest.mark.parametrize(
    ("limits", "enabled"),
    [
        ({"obligation": None}, None),
        (_limits([10, 10, 10], [True] * 3), True),
        (_limits([0, 0, 0], [True] * 3), False),
        (_limits([0.1, None, None], [True, None, None]), False),
        (_limits([0, 0, 0], [False] * 3), True),
        (_limits([0, 6, 0], [True] * 3), True),
        (_limits([None] * 3, [None] * 3), True),
    ],
)
def test_charging_enabled(limits: dict[str, Any], enabled: bool | None) -> None:
    assert charging_enabled(limits) is enabled


def test_leaves_for_evcc() -> None:
    leaves = evcc(EV, METER, _limits([16, 16, 16], [False] * 3), {"limit_active": True})
    assert leaves == {
        "status": "C",
        "enabled": True,
        "power": 6900.5,
        "energy": 123.456,
        "returnenergy": 7.5,
        "soc": 56,
        "identify": "3f2a",
        "dimmed": True,
        "current_l1": 10,
        "current_l2": 10,
        "current_l3": 10,
        "voltage_l1": 230,
        "voltage_l2": 231,
        "voltage_l3": 229,
        "power_l1": 2300,
        "power_l2": 2300.5,
        "power_l3": 2300,
    }


def test_what_evcc_cannot_know_is_withheld() -> None:
    unknown = {"status_letter": "B", "connected": True, "ids": [], "soc_percent": None}
    leaves = evcc(unknown, NOTHING, {"obligation": None})
    known = {leaf: value for leaf, value in leaves.items() if value is not None}
    words = {f"{leaf}_l{n}": "ErrNotAvailable" for leaf in PER_PHASE for n in (1, 2, 3)}
    assert known == {"status": "B", "soc": "ErrMustRetry", **words}


@pytest.mark.parametrize("wished", [True, False])
def test_without_a_car_enabled_is_what_the_next_one_may(wished: bool) -> None:
    """evcc reads it all night; after a timeout it would log an error at every look."""
    nobody = {"connected": False, "status_letter": "A"}
    leaves = evcc(nobody, NOTHING, {"obligation": None}, wished=wished)
    assert leaves["enabled"] is wished


def test_a_car_of_one_phase_draws_nothing_from_the_others() -> None:
    """evcc reads all three currents or none, and counts the car's phases by them."""
    meter = {**METER, "current_a": [16, None, None]}
    leaves = evcc(EV, meter, _limits([16, None, None], [True, None, None]))
    assert [leaves[f"current_l{n}"] for n in (1, 2, 3)] == [16, 0, 0]


@pytest.mark.parametrize(
    ("consumption_w", "production_w", "leaves"),
    [
        (None, None, {"lpc_w": 0, "lpp_w": 0, "active": False}),
        (4200, None, {"lpc_w": 4200, "lpp_w": 0, "active": True}),
        (0, 0, {"lpc_w": 1, "lpp_w": 1, "active": True}),
        (None, 5000, {"lpc_w": 0, "lpp_w": 5000, "active": True}),
    ],
)
def test_scalars_of_the_grid_side(
    consumption_w: float | None, production_w: float | None, leaves: dict[str, Any]
) -> None:
    effective = {"consumption_w": consumption_w, "production_w": production_w}
    assert grid_scalars(effective) == leaves


@pytest.mark.parametrize(
    ("production_w", "nominal_w", "percent"),
    [
        (None, None, 100),
        (None, 10_000, 100),
        (6000, 10_000, 60),
        (0, 10_000, 0),
        (12_000, 10_000, 100),
        (6000, None, None),
        (6000, 0, None),
    ],
)
def test_curtailment_in_percent(
    production_w: float | None, nominal_w: float | None, percent: int | None
) -> None:
    leaves = evcc_grid({"production_w": production_w}, {"nominal_max_w": nominal_w})
    assert leaves == {"curtailed_percent": percent}


def test_leaves_for_openwb_are_in_watt_hours() -> None:
    assert openwb(EV, METER, {"serial": "0815"}) == {
        "power": 6900.5,
        "phases_in_use": 3,
        "imported": 123_456,
        "exported": 7_500,
        "currents": [10, 10, 10],
        "plug_state": True,
        "charge_state": True,
        "voltages": [230, 231, 229],
        "powers": [2300, 2300.5, 2300],
        "frequency": 50.01,
        "soc": 56,
        "serial_number": '"0815"',
        "max_evse_current": 16,
    }


def test_required_values_of_openwb_that_are_unknown_are_withheld() -> None:
    leaves = openwb({"connected": None, "status_letter": None}, NOTHING)
    assert {leaf: value for leaf, value in leaves.items() if value is not None} == {"exported": 0}
