"""``config check|show|schema|example``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
BATTERY = SKI[::-1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = Home.open(tmp_path / "home")
    monkeypatch.setenv("EEBUS_GW_HOME", str(home.path))
    return home.path


def test_check_names_file_key_and_nearest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config.toml").write_text("[site]\nfeed_inn = 1\n")
    assert main(["config", "check"]) == 2
    shown = capsys.readouterr().err
    assert "config.toml" in shown
    assert "site.feed_inn" in shown
    assert "site.feed_in'" in shown


def test_check_warns_of_devices_that_are_not_paired(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("[devices.carport]\npriority = 1\n[devices.garage]\n")
    Home.open(home).peers.add(SKI, device_id="carport", at=datetime.now(UTC))
    assert main(["config", "check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["valid"]
    assert answer["warnings"] == []
    (home / "config.toml").write_text("[devices.garage]\npriority = 1\n")
    main(["config", "check", "--json"])
    assert "devices.garage" in json.loads(capsys.readouterr().out)["warnings"][0]


def test_show_with_origins(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text("[mqtt]\npassword = 'sesame'\n")
    monkeypatch.setenv("EEBUS_GW_SHIP__PORT", "5000")
    assert main(["--log-level", "debug", "config", "show", "--origin"]) == 0
    shown = capsys.readouterr().out
    assert "ship.port = 5000   # EEBUS_GW_SHIP__PORT" in shown
    assert 'logging.level = "debug"   # option' in shown
    assert 'mqtt.password = "***"' in shown
    assert "sesame" not in shown
    main(["config", "show", "--json"])
    assert json.loads(capsys.readouterr().out)["ship.port"] == 5000


def test_a_named_file_must_exist(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(tmp_path / "absent.toml"), "config", "check"]) == 2
    assert "absent.toml" in capsys.readouterr().err


def test_schema(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["additionalProperties"] is False
    port = schema["$defs"]["ShipSettings"]["properties"]["port"]
    assert (port["default"], port["maximum"]) == (4712, 65535)
    assert port["description"]


@pytest.mark.parametrize("name", ["docker", "evcc", "mosquitto", "systemd"])
def test_examples(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config.toml").write_text("[mqtt]\nbase_topic = 'wall'\n[profiles]\nevcc = true\n")
    Home.open(home).peers.add(SKI, device_id="garage", at=datetime.now(UTC))
    assert main(["config", "example", name]) == 0
    text = capsys.readouterr().out
    assert text.strip()
    if name in ("evcc", "mosquitto"):
        assert "wall/" in text
    if name == "evcc":
        assert "topic: wall/garage/set/max_current_a" in text
        assert "profiles" not in text


def test_the_snippet_for_evcc_is_complete(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """evcc reads three currents or none; a limit needs a circuit, and without its topic evcc does not start."""
    now = datetime.now(UTC)
    peers = Home.open(home).peers
    peers.add(SKI, device_id="garage", at=now)
    peers.add(BATTERY, device_id="battery", at=now)
    peers.learn(BATTERY, kind="house")
    peers.flush()
    assert main(["config", "example", "evcc"]) == 0
    alone = capsys.readouterr().out
    assert "eebus-battery" not in alone
    for number in (1, 2, 3):
        assert f"      - {{source: mqtt, topic: eebus/garage/evcc/current_l{number}, " in alone
    assert "#hems:" in alone
    (home / "grid").mkdir()
    Home.open(home).grid.peers.add(SKI, device_id="steuerbox", at=now)
    assert main(["config", "example", "evcc"]) == 0
    limited = capsys.readouterr().out
    assert "\nhems:\n  type: custom\n  maxConsumptionPower: " in limited
    assert "\ncircuits:\n  - name: main\n" in limited
