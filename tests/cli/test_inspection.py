"""``inspect``: the tree of a device with its values, and the verdict."""

from __future__ import annotations

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.inspection import _use_cases
from eebus_gw.cli.inspection import _value as shown
from eebus_gw.home import Home
from tests.support.processes import Wallbox

from .conftest import Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def test_one_object(paired: Home, wallbox: Wallbox, command: Command) -> None:
    code, found = command("inspect", wallbox.ski)
    assert code == 0
    assert (found["id"], found["ski"], found["connected"]) == ("carport", wallbox.ski, True)
    assert {entity["type"] for entity in found["entities"]} >= {"EVSE", "EV"}
    points = {u["code"]: u["points"] for u in found["use_cases"]}
    assert points["evsoc"]["capacity_wh"]["value"] == 60_000
    assert any(each["code"] == "opev" and each["usable"] for each in found["verdict"])
    assert found["rules"] == {
        "site.feed_in": "forbidden",
        "devices.carport.bidirectional": "on",
        "devices.carport.discharge_budget_kwh_per_day": 20,
        "devices.carport.reversals_per_hour": 12,
        "devices.carport.driver.min_soc_percent": 30,
        "devices.carport.driver.target_soc_percent": 80,
        "devices.carport.driver.departure": found["rules"]["devices.carport.driver.departure"],
        "devices.carport.driver.discharge_permitted": False,
    }


def test_plain_text_for_pipes(paired: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "carport", "--data"]) == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0] == "carport"
    assert "  devices.carport.driver.min_soc_percent: 30" in lines
    assert "    soc_percent: 5" in text
    assert "  1 EVSE" in lines
    assert "loadControlLimitListData  [read, write, write partial]" in text
    assert '"isLimitChangeable": true' in text
    assert any(line.startswith("works   OPEV") for line in lines)


def test_a_device_that_is_away(
    paired: Home, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair", STRANGER, "--id", "away", "--wait", "0"]) == 0
    code, found = command("inspect", "away", "--wait", "0.3")
    assert (code, found["connected"], found["entities"]) == (3, False, [])
    assert main(["inspect", "away", "--wait", "0.3"]) == 3
    captured = capsys.readouterr()
    assert "link      not visible" in captured.out
    assert "not seen on the network" in captured.err


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (None, []),
        ({}, ["wire form: the device confirms none of its inferred words"]),
        (
            {"scope_total": "acPowerTotal", "flag_key": "dischargeBelowTarget"},
            [
                (
                    "words of the wire form it confirms",
                    ["scope_total: acPowerTotal", "flag_key: dischargeBelowTarget"],
                )
            ],
        ),
    ],
)
def test_bidirectional_charging_tells_what_the_device_confirms(
    evidence: dict[str, str] | None, told: list[object]
) -> None:
    use_case = {"code": "dbevc", "entity": [1, 1], "scenarios": [1], "points": {}}
    if evidence is not None:
        use_case["wire_evidence"] = evidence
    assert list(_use_cases({"use_cases": [use_case]})) == [
        ("DBEVC on entity 1.1, scenarios 1", told)
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "W", "unknown"),
        (True, None, "yes"),
        (16.0, "A", "16 A"),
        (50.25, "pct", "50.25 %"),
        (12_345_678.0, "Wh", "12345678 Wh"),
        ([6.0, None, None], "A", "6 / – / – A"),
        ({"watts": 4200.0, "active": False, "duration_s": None}, "W", "watts 4200, active no"),
        ("iso15118-2ed2", None, "iso15118-2ed2"),
    ],
)
def test_values_for_people(value: object, unit: str | None, text: str) -> None:
    assert shown(value, unit) == text
