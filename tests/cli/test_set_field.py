"""``set``: values as people write them, every state, exit codes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from eebus_gw.bridge.fields import FIELDS
from eebus_gw.cli import main
from eebus_gw.cli.set_field import loose_value, read_value, state_text
from eebus_gw.errors import ConfigError
from eebus_gw.home import Home
from tests.support.processes import PATIENCE_S, Gateway, Wallbox

from .conftest import Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("max_current_a", "10", 10),
        ("max_current_a", "10.5", 10.5),
        ("max_current_a", "10,11,12", [10, 11, 12]),
        ("max_current_a", "10,none,none", [10, None, None]),
        ("charging_enabled", "off", False),
        ("charging_enabled", "1", True),
        ("charging_enabled", "true", True),
        ("recommended_current_a", "none", None),
        ("setpoint", "-3000", -3000),
        ("lpc", "limit_w=4200,active=on", {"limit_w": 4200, "active": True}),
        ("lpc", '{"limit_w": 4200}', {"limit_w": 4200}),
        ("driver", "min_soc_percent=40", {"min_soc_percent": 40}),
        ("max_current_a", "lots", "lots"),
    ],
)
def test_what_a_text_means(field: str, text: str, value: Any) -> None:
    assert loose_value(FIELDS[field], text) == value


def test_a_duration_goes_into_values_that_have_one() -> None:
    assert read_value(FIELDS["lpc"], "4200", 900.0) == {
        "limit_w": 4200,
        "active": True,
        "duration_s": 900.0,
    }
    assert read_value(FIELDS["max_current_a"], "10", 900.0) == 10


@pytest.mark.parametrize(
    ("field", "text", "for_s", "complaint"),
    [
        ("max_current_a", "-1", None, "must be 0 … 1 000 A"),
        ("max_current_a", "lots", None, "must be a number"),
        ("charging_enabled", "2", None, "must be true or false"),
        ("setpoint", "-3000", 7200.0, "duration_s"),
        ("driver", "min_soc_percent=40", 60.0, "does not end by itself"),
    ],
)
def test_what_does_not_fit(field: str, text: str, for_s: float | None, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_value(FIELDS[field], text, for_s)


RESULT: dict[str, Any] = {
    "state": "received",
    "actual": None,
    "explanation": "",
    "detail": None,
    "limited_by": None,
    "exit_status": None,
    "latency_ms": 7,
}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "received"),
        (
            {"state": "applied", "actual": [10.0, 10.0, None], "exit_status": 0},
            "applied: 10 / 10 / – A after 7 ms",
        ),
        (
            {"state": "applied", "actual": [6.0] * 3, "exit_status": 0, "limited_by": "overload"},
            "applied: 6 / 6 / 6 A limited by the energy manager's current limit after 7 ms",
        ),
        (
            {
                "state": "applied",
                "actual": {"limit_w": 4200.0, "active": True, "duration_s": None},
                "exit_status": 0,
            },
            "applied: limit_w 4200, active yes after 7 ms",
        ),
        (
            {"state": "applied", "actual": 6.0, "exit_status": 0, "limited_by": "grid_consumption"},
            "applied: 6 A limited by the grid's consumption limit after 7 ms",
        ),
        (
            {"state": "rejected", "explanation": "No car is plugged in.", "exit_status": 1},
            "rejected: No car is plugged in.",
        ),
    ],
)
def test_one_state_in_one_line(changes: dict[str, Any], text: str) -> None:
    assert state_text({**RESULT, **changes}, "A") == text


def connected(gateway: Gateway) -> None:
    """Waits until the gateway knows the car."""
    deadline = time.monotonic() + PATIENCE_S
    while not known(gateway):
        assert time.monotonic() < deadline, gateway.log_text()
        time.sleep(0.05)


def known(gateway: Gateway) -> bool:
    found = asyncio.run(gateway.ask("inspect", id="carport"))
    points = [u["points"] for u in found["use_cases"] if u["code"] == "opev"]
    return bool(points) and points[0]["limit_a"]["value"] is not None


def test_a_limit_through_the_running_gateway(
    running: Gateway, wallbox: Wallbox, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    connected(running)
    code, result = command("set", "carport", "max_current_a", "9")
    assert (code, result["state"]) == (0, "applied")
    assert (result["actual"], result["field"]) == ([9.0, 9.0, 9.0], "max_current_a")
    assert main(["set", "carport", "max_current_a", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["received", "sent"]
    assert lines[2].startswith("applied: 8 / 8 / 8 A after")


def test_without_a_gateway_for_some_time(
    paired: Home, wallbox: Wallbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["set", "carport", "max_current_a", "7", "--for", "0.5s"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "received",
        "sent",
        "applied",
        "held for 0 s; Ctrl-C ends it earlier",
        "received",
        "sent",
        "applied",
    ]
    assert lines[2].startswith("applied: 7 / 7 / 7 A")
    assert lines[6].startswith("applied: 16 / 16 / 16 A")


def test_without_a_gateway_it_does_not_last(
    paired: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["set", "carport", "max_current_a", "11"]) == 0
    assert "falls back by itself" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["carport", "max_curent", "10"], "Did you mean 'max_current_a'?"),
        (["carport", "zzz", "10"], "There are: charging_enabled"),
        (["carpot", "max_current_a", "10"], "did you mean carport?"),
        (["carport", "max_current_a", "2000"], "takes 0 … 1 000 A"),
        (["carport", "max_current_a", "10", "--for", "soon"], "90s, 15m, 1h30m"),
    ],
)
def test_wrong_words_name_the_right_ones(
    paired: Home, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["set", *words]) == 2
    assert text in capsys.readouterr().err


def test_a_device_that_is_away(
    bench: Home, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    monkeypatch.setattr("eebus_gw.cli.set_field.CONNECT_S", 0.5)
    assert command("pair", STRANGER, "--id", "away", "--wait", "0")[0] == 0
    code, answer = command("set", "away", "max_current_a", "10")
    assert (code, answer["reason"]) == (3, "device_offline")
    assert "not seen on the network" in answer["error"]
