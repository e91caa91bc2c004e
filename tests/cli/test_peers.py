"""``peers``: from the book alone, and from a running gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from tests.support.gateway import gateway

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home.open(tmp_path / "home")
    monkeypatch.setenv("EEBUS_GW_HOME", str(home.path))
    return home


def test_both_sides_without_a_gateway(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.peers.add(SKI, alias="Carport", at=AT, pin="12345678")
    home.grid.path.mkdir()
    home.grid.peers.add(OTHER, device_id="steuerbox", at=AT)
    assert main(["peers", "--json"]) == 0
    text = capsys.readouterr().out
    answer = json.loads(text)
    assert [(peer["id"], peer["side"]) for peer in answer["peers"]] == [
        ("carport", "wallbox"),
        ("steuerbox", "grid"),
    ]
    assert answer["running"] is False
    assert answer["peers"][0]["connected"] is None
    assert "12345678" not in text
    assert main(["peers", "--side", "grid"]) == 0
    shown = capsys.readouterr().out
    assert "steuerbox" in shown
    assert "carport" not in shown
    assert "a9cf a5fa" in shown


def test_an_empty_book_says_what_to_do(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peers"]) == 0
    assert "eebus-gw pair" in capsys.readouterr().out


def test_a_damaged_book_is_reported(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.path / "peers.json").write_text("{")
    assert main(["peers"]) == 0
    assert "peers.json is damaged" in capsys.readouterr().err


def test_a_running_gateway_knows_more(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.peers.add(SKI, alias="Carport", at=AT)
    live = {
        "peers": [{"id": "carport", "ski": SKI, "trust": "trusted", "connected": True}],
        "pending": [{"ski": OTHER, "brand": "Example", "waiting_until": "2026-11-25T12:01:00Z"}],
    }
    with gateway(home.control_path, {"peers": live}):
        assert main(["peers", "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert main(["peers"]) == 0
    paired, waiting = answer["peers"]
    assert answer["running"] is True
    assert (paired["side"], paired["alias"], paired["connected"]) == ("wallbox", "Carport", True)
    assert (waiting["id"], waiting["trust"], waiting["phase"]) == (None, "pending", "waiting")
    shown = capsys.readouterr().out.splitlines()
    assert "connected" in shown[1]
    assert "waiting" in shown[2]
