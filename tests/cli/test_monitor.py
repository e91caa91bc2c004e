"""``monitor``: lines, objects, and the screen as text."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from eebus_gw.cli import main
from eebus_gw.cli.monitor import PlainScreen, limit_text, summary
from eebus_gw.cli.monitor_view import MonitorView
from eebus_gw.cli.output import Output
from eebus_gw.home import Home

VALUES: dict[str, Any] = {
    "ts": "2026-11-25T12:00:00.000Z",
    "id": "carport",
    "alias": "Carport",
    "kind": "wallbox",
    "connected": True,
    "phase": "connected",
    "charge_state": "active",
    "power_w": 6900.0,
    "source": "mpc",
    "current_a": [10.0, 10.0, 10.0],
    "battery_w": None,
    "pv_w": None,
    "soc_percent": 50.2,
    "limit_a": [10.0, 10.0, 10.0],
    "limit_w": 6900.0,
    "recommended_a": None,
    "setpoint_w": None,
    "limited_by": None,
    "energy_kwh": 1.5,
}


def test_objects_of_a_real_wallbox(paired: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "carport", "--period", "0.2", "--seconds", "2", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) >= 4
    assert lines[0].keys() == VALUES.keys()
    assert lines[-1]["connected"] is True
    assert lines[-1]["power_w"] is not None


def test_a_line_only_when_something_changed(capsys: pytest.CaptureFixture[str]) -> None:
    screen = PlainScreen(Output())
    for watts in (6900.0, 6910.0, 3000.0):
        screen.show({**VALUES, "power_w": watts})
    assert capsys.readouterr().out.splitlines() == [
        "12:00:00  carport           active  6.90 kW  50.2 %  limit 10 A",
        "12:00:00  carport           active  3.00 kW  50.2 %  limit 10 A",
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"connected": False, "phase": "dialling"}, "dialling"),
        ({"soc_percent": None, "limit_a": None, "limit_w": None}, "active  6.90 kW"),
        ({"charge_state": None, "power_w": None}, "unknown  50.2 %  limit 10 A"),
    ],
)
def test_one_line(changes: dict[str, Any], text: str) -> None:
    assert summary({**VALUES, **changes}) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "limit 10 A"),
        ({"limit_a": [10.0, 8.0, None]}, "limit 10 / 8 A"),
        ({"limit_a": None, "limit_w": 4200.0}, "limit 4.20 kW"),
        ({"limit_w": 4200.0}, "limit 4.20 kW"),
        ({"limit_w": 0.0}, "limit 0.00 kW"),
        ({"limit_w": 6500.0}, "limit 10 A"),
        ({"limit_a": None, "limit_w": None}, None),
    ],
)
def test_the_limit(changes: dict[str, Any], text: str | None) -> None:
    assert limit_text({**VALUES, **changes}) == text


def screen(width: int, height: int, *values: dict[str, Any]) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    view = MonitorView(60.0, console)
    for each in values:
        view.show(each)
    console.print(view.render())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_a_screen_with_a_chart(width: int, height: int) -> None:
    lines = screen(width, height, VALUES)
    assert lines[0].startswith("╭─ Carport ─")
    assert lines[1].startswith("│ charging   6.90 kW   limit 10 A   battery 50.2 %   1.50 kWh")
    assert lines[2].startswith("│   8 kW┤")
    assert any("─ │" in line for line in lines), "the limit at the newest moment"
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)


def test_discharging_has_a_word_of_its_own() -> None:
    assert "discharging   -3.00 kW" in screen(80, 24, {**VALUES, "power_w": -3000.0})[1]


def test_many_devices_become_a_table() -> None:
    many = [{**VALUES, "id": f"box-{n}", "alias": None} for n in range(6)]
    lines = screen(80, 24, *many)
    assert "battery" in lines[0] or "battery" in lines[1]
    assert sum("box-" in line for line in lines) == 6
    assert len(lines) <= 24


def test_a_device_that_is_away_shows_no_values_of_the_past() -> None:
    away = {**VALUES, "id": "away", "alias": None, "connected": False, "phase": "not connected"}
    rows = screen(80, 12, VALUES, away)
    (row,) = (line for line in rows if "away" in line)
    assert row.split() == ["away", "not", "connected", "–", "–"]


def test_without_devices_there_is_a_hint() -> None:
    assert "eebus-gw pair PEER" in screen(80, 24)[0]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_without_devices_there_is_a_hint_in_a_pipe_too(
    form: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EEBUS_GW_SHIP__MDNS", "false")
    monkeypatch.setenv("EEBUS_GW_SHIP__PORT", "0")
    assert main(["monitor", "--seconds", "0.1", *form]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "warning: no device is paired yet: eebus-gw pair PEER\n"


HOUSE = {
    **VALUES,
    "id": "house",
    "alias": None,
    "kind": "house",
    "source": "mgcp",
    "charge_state": None,
    "power_w": -1200.0,
    "battery_w": 2000.0,
    "pv_w": 4300.0,
    "limit_a": None,
    "limit_w": None,
    "energy_kwh": None,
}


def test_a_house_shows_grid_battery_and_pv(capsys: pytest.CaptureFixture[str]) -> None:
    screen = PlainScreen(Output())
    screen.show(HOUSE)
    screen.show({**HOUSE, "battery_w": 2010.0})
    screen.show({**HOUSE, "power_w": None, "battery_w": -500.0, "pv_w": None})
    screen.show({**HOUSE, "source": "mpc", "power_w": 1900.0, "battery_w": None, "pv_w": None})
    assert capsys.readouterr().out.splitlines() == [
        "12:00:00  house             grid -1.20 kW  battery 2.00 kW  PV 4.30 kW  50.2 %",
        "12:00:00  house             battery -0.50 kW  50.2 %",
        "12:00:00  house             power 1.90 kW  50.2 %",
    ]
