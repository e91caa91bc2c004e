"""``sessions list|export``."""

from __future__ import annotations

import builtins
import csv
import io
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from eebus_gw.ledger import Sample, energy
from eebus_gw.ledger.account import Account
from eebus_gw.ledger.database import connect

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def charge(device: str, minutes: int, power_w: float) -> Account:
    """A session of ``minutes`` at ``power_w``, followed by ten minutes without a car."""
    names = iter(f"{device}-{number}" for number in range(10))
    account = Account(device, lambda: next(names))
    drawn_wh = fed_wh = 0.0
    for minute in range(minutes + 11):
        plugged = 0 < minute <= minutes
        drawn_wh += max(0.0, power_w / 60) if 1 < minute <= minutes else 0.0
        fed_wh += max(0.0, -power_w / 60) if 1 < minute <= minutes else 0.0
        account.observe(
            Sample(
                now=60.0 * minute,
                utc=START + timedelta(minutes=minute),
                plugged=plugged,
                power_w=power_w if plugged else 0.0,
                import_wh=1_000 + drawn_wh,
                export_wh=500 + fed_wh,
                soc_percent=40.0 + minute / 10 if plugged else None,
            )
        )
    return account


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home.open(tmp_path / "home")
    monkeypatch.setenv("EEBUS_GW_HOME", str(home.path))
    home.peers.add(SKI, alias="Carport", at=START)
    with closing(connect(home.ledger_path)) as book:
        accounts = (charge("carport", 61, 6_000), charge("garage", 31, -4_000))
        energy.save(book, [account.take_changes() for account in accounts])
    return home


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_sessions_and_quarter_hours_as_one_object(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "list", "--json"]) == 0
    document = printed(capsys)
    by_device = {session["device"]: session for session in document["sessions"]}
    assert by_device["carport"]["energy_kwh"] == 6.0
    assert by_device["garage"]["energy_discharged_kwh"] == 2.0
    charged = [q["charged_kwh"] for q in document["quarters"] if q["device"] == "carport"]
    assert sum(charged) == pytest.approx(6.0)
    assert {q["quality"] for q in document["quarters"]} <= {"measured", "incomplete"}
    assert document["totals"] == [
        {
            "device": device,
            "sessions": 1,
            "energy_kwh": charged_kwh,
            "energy_discharged_kwh": discharged_kwh,
            "reversals": 0,
            "equivalent_full_cycles": 0.0,
        }
        for device, charged_kwh, discharged_kwh in (("carport", 6.0, 0.0), ("garage", 0.0, 2.0))
    ]


def test_sessions_for_people(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "list"]) == 0
    shown = capsys.readouterr().out
    assert "carport  1:01" in shown
    assert "6.00" in shown
    assert "40 → 46" in shown
    assert "garage in all: 0.0 kWh charged, 2.0 kWh given back, 0 reversals, 0.00 full" in shown


@pytest.mark.parametrize("device", ["carport", "Carport", SKI])
def test_one_wallbox_by_id_alias_or_ski(
    home: Home, device: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "list", "--device", device, "--json"]) == 0
    document = printed(capsys)
    assert {entry["device"] for entry in document["sessions"] + document["quarters"]} == {"carport"}


def test_a_wallbox_no_longer_paired_keeps_its_sessions(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "export", "--device", "garage"]) == 0
    (line,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert line["energy_discharged_kwh"] == "2.0"


def test_an_unknown_wallbox_is_an_error(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "list", "--device", "carpost"]) != 0
    assert "Carport" in capsys.readouterr().err


def test_quarter_hours_as_csv_and_the_same_again(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sessions", "export", "--quarters", "--device", "carport"]
    assert main(command) == 0
    first = capsys.readouterr().out
    assert main(command) == 0
    assert capsys.readouterr().out == first
    lines = list(csv.DictReader(io.StringIO(first)))
    assert [line["start"][11:16] for line in lines] == ["10:00", "10:15", "10:30", "10:45", "11:00"]
    assert lines[1]["charged_kwh"] == "1.5"
    assert all(one["end"] == two["start"] for one, two in pairwise(lines))


def test_a_period_without_sessions(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "list", "--until", "2020-01-01"]) == 0
    assert "no charging sessions" in capsys.readouterr().out
    assert main(["sessions", "list", "--until", "2020-01-01", "--json"]) == 0
    assert printed(capsys) == {"sessions": [], "quarters": [], "totals": []}


def test_json_into_a_file(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sessions.json"
    assert main(["sessions", "export", "--format", "json", "-o", str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert len(json.loads(file.read_text())["sessions"]) == 2


@pytest.mark.parametrize("period", [[], ["--until", "2020-01-01"]], ids=["sessions", "nothing"])
def test_sessions_as_a_picture(
    home: Home, tmp_path: Path, period: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'charts' is not installed")
    for name, start in (("week.png", b"\x89PNG"), ("week.svg", b"<?xml")):
        file = tmp_path / name
        assert main(["sessions", "list", "--chart", str(file), *period]) == 0
        assert file.read_bytes().startswith(start)
        assert f"{file} drawn" in capsys.readouterr().out


def test_another_kind_of_picture_is_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "list", "--chart", "week.jpg"]) == 2
    assert ".svg" in capsys.readouterr().err


def test_without_the_extra_it_says_how_to_get_it(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    importing = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return importing(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["sessions", "list", "--chart", "week.png"]) == 2
    assert "eebus-gw[charts]" in capsys.readouterr().err
