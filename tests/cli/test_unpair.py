"""``unpair``: the trust goes, the device is told where it can be."""

from __future__ import annotations

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from tests.support.processes import Gateway, Wallbox

from .conftest import Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def test_a_connected_device_is_told(paired: Home, wallbox: Wallbox, command: Command) -> None:
    code, answer = command("unpair", "carport")
    assert code == 0
    assert answer == {"id": "carport", "ski": wallbox.ski, "side": "wallbox", "told": True}
    assert not Home.open(paired.path).peers.trusts(wallbox.ski)


def test_one_that_is_away_has_to_be_told_by_hand(
    bench: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eebus_gw.cli.unpair.FAREWELL_S", 0.2)
    assert main(["pair", STRANGER, "--id", "away", "--wait", "0"]) == 0
    assert main(["unpair", "away"]) == 0
    shown = capsys.readouterr().out
    assert "no longer trusted" in shown
    assert "remove this gateway at the device as well" in shown
    assert not Home.open(bench.path).peers.trusts(STRANGER)


def test_through_a_running_gateway(running: Gateway, wallbox: Wallbox, command: Command) -> None:
    assert command("unpair", "carport")[0] == 0
    _, answer = command("peers")
    assert answer["running"] is True
    assert answer["peers"] == []


def test_nobody_of_that_name(bench: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unpair", "garage"]) == 2
    assert "no device answers to 'garage'" in capsys.readouterr().err
