"""The lines of a simulated house, for people."""

from __future__ import annotations

from typing import Any

from eebus_gw.cli.house_lines import STATES, HouseLines
from usecases.battery_states import State

LINE: dict[str, Any] = {
    "t": 12.34, "grid_w": -2_500.0, "load_w": 500.0, "pv_w": 6_000.0, "battery_w": 3_000.0,
    "soc_percent": 50.04, "setpoint_w": 3_000.0, "mode": "power", "state": "power_control",
}  # fmt: skip
WITHOUT = {"battery_w": 0.0, "soc_percent": None, "setpoint_w": None, "mode": None, "state": None}


def test_a_second_of_a_house() -> None:
    assert HouseLines().text(LINE) == (
        "    12.3 s  grid -2500 W  load 500 W  PV 6000 W  battery 3000 W at 50.0 %"
        "  battery power is set to 3000 W"
    )


def test_without_battery_nothing_is_said_of_it() -> None:
    text = HouseLines().text({**LINE, **WITHOUT})
    assert text == "    12.3 s  grid -2500 W  load 500 W  PV 6000 W"


def test_what_looks_the_same_is_not_said_again() -> None:
    lines = HouseLines()
    assert lines.text(LINE)
    assert lines.text({**LINE, "t": 13.3, "grid_w": -2_497.0, "soc_percent": 50.06}) is None
    assert lines.text({**LINE, "grid_w": -2_480.0})
    assert lines.text({**LINE, "grid_w": -2_480.0, "state": "failsafe", "setpoint_w": None})


def test_every_state_has_its_words() -> None:
    assert set(STATES) == {state.value for state in State}
