"""``grid status|history|export``."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from eebus_gw.ledger import journal
from eebus_gw.ledger.database import connect
from tests.support.gateway import gateway
from tests.support.journal import LIMIT

SKI = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"
LIMIT_DOCUMENT = {
    "state": "limited",
    "limit_w": 4_200.0,
    "limit_active": True,
    "received": "2026-01-15T10:00:01.000Z",
    "until": None,
    "failsafe_w": 4_200.0,
    "failsafe_duration_s": 7_200.0,
    "nominal_max_w": None,
    "contractual_max_w": 30_000.0,
    "heartbeat_ok": True,
    "heartbeat_age_s": 12,
    "peer": "steuerbox",
}
STATUS: dict[str, Any] = {
    "up": True,
    "ski": SKI,
    "port": 4713,
    "connected": True,
    "guaranteed_w": 7560.0,
    "peers": [{"id": "steuerbox", "ski": SKI, "phase": "connected"}],
    "lpc": LIMIT_DOCUMENT,
    "lpp": {**LIMIT_DOCUMENT, "state": "unlimited_controlled", "limit_active": False},
    "effective": {
        "consumption_w": 4_200.0,
        "production_w": None,
        "reason": "limit",
        "since": "2026-01-15T10:00:01.000Z",
        "until": None,
    },
    "allocation": {
        "wallboxes": [
            {
                "id": "carport",
                "share_w": 4_200.0,
                "means": "opev",
                "measured_w": 11_040.0,
                "obeying": False,
            }
        ]
    },
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home.open(tmp_path / "home")
    monkeypatch.setenv("EEBUS_GW_HOME", str(home.path))
    with closing(connect(home.ledger_path)) as book:
        journal.append(book, LIMIT)
    return home


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# --- status


def test_status_is_the_answer_of_the_gateway(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway(home.control_path, {"grid/status": STATUS}) as asked:
        assert main(["grid", "status", "--json"]) == 0
        assert printed(capsys) == STATUS
        assert asked == [("grid/status", {})]


def test_status_for_people_says_what_holds_and_who_does_not_obey(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway(home.control_path, {"grid/status": STATUS}):
        assert main(["grid", "status"]) == 0
    shown = capsys.readouterr().out
    for words in (
        "the site may draw     4200 W",
        "the site may feed in  any power",
        "limit of the control box",
        "heartbeat            in time, 12 s ago",
        "maximum by contract  30000 W",
        "control box          steuerbox",
        "4200 W, by opev, draws 11040 W, does NOT obey",
        "unlimited controlled",
        "guaranteed minimum  7560 W for the wallboxes paired now",
    ):
        assert words in shown


def test_status_says_who_takes_what_is_missing(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    alarm = {"excess_w": 2_040.0, "devices": ["strict", "attic"]}
    answer = {**STATUS, "allocation": {**STATUS["allocation"], "alarm": alarm}}
    with gateway(home.control_path, {"grid/status": answer}):
        assert main(["grid", "status"]) == 0
    shown = capsys.readouterr().out
    assert "too much  2040 W: strict, attic may draw more than is left (eebus-gw peers)" in shown


def test_status_without_a_control_box_says_so(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"up": False, "effective": {"reason": "none"}}
    with gateway(home.control_path, {"grid/status": answer}):
        assert main(["grid", "status"]) == 0
    assert "no control box is paired" in capsys.readouterr().out


def test_status_needs_the_gateway(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grid", "status"]) == 3
    assert "eebus-gw run" in capsys.readouterr().err


# --- history


def test_history_as_one_object(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grid", "history", "--json"]) == 0
    entries = printed(capsys)["entries"]
    assert [entry["kind"] for entry in entries] == [
        "started",
        "received",
        "answered",
        "allocated",
        "measured",
        "received",
    ]
    assert entries[1]["requested_w"] == 4_200


def test_history_for_people(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grid", "history"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(LIMIT)
    assert "4200 W for 3600 s" in lines[2]
    assert "unlimited controlled → limited" in lines[3]
    assert "carport 4200 W" in lines[4]
    assert "11040 → 4140" in lines[5]
    assert "unreadable" in lines[6]


def test_history_of_a_period(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    period = ["--since", "2026-01-15T10:00:30Z", "--until", "2026-01-15T10:00:40Z"]
    assert main(["grid", "history", *period, "--json"]) == 0
    assert [entry["kind"] for entry in printed(capsys)["entries"]] == ["measured"]
    assert main(["grid", "history", "--until", "2020-01-01"]) == 0
    assert "no entries" in capsys.readouterr().out


def test_without_a_ledger_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "other"))
    assert main(["grid", "history"]) == 1
    assert "run the gateway once" in capsys.readouterr().err


def test_a_damaged_ledger_is_no_traceback(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.ledger_path.write_bytes(b"no database at all" * 100)
    assert main(["grid", "history"]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["day.png", "day.svg", "day.PNG"])
def test_history_as_a_picture(
    home: Home, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'charts' is not installed")
    file = tmp_path / name
    assert main(["grid", "history", "--chart", str(file), "--json"]) == 0
    assert len(printed(capsys)["entries"]) == len(LIMIT)
    data = file.read_bytes()
    if name.endswith("svg"):
        assert b"limit of consumption" in data or b"<svg" in data
        return
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) >= (800, 400)


# --- export


def test_export_verifies_first_and_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grid", "export"]) == 0
    out, err = capsys.readouterr()
    assert err.strip() == "journal verified: sound, 6 rows, rows 1 to 6"
    lines = list(csv.DictReader(io.StringIO(out)))
    assert [line["kind"] for line in lines][:2] == ["started", "received"]


def test_a_changed_row_is_found_and_exported_all_the_same(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(home.ledger_path)) as book:
        book.execute("DROP TRIGGER journal_rows_stay")
        book.execute("UPDATE journal SET content = replace(content, '4200', '8400')")
        book.commit()
    for form, words in (("csv", "8400"), ("report", "- chain: NOT SOUND")):
        assert main(["grid", "export", "--format", form]) == 1
        out, err = capsys.readouterr()
        assert words in out
        assert "journal verified: NOT SOUND" in err
        assert "row 2 is not the one that was written" in err
    assert main(["grid", "export", "--json"]) == 1
    document = printed(capsys)
    assert document["sound"] is False
    assert document["problems"]
    assert len(document["entries"]) == 6


def test_export_into_a_file(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "proof.md"
    assert main(["grid", "export", "--format", "report", "-o", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{file} written" in err
    assert file.read_text().startswith("# Grid journal")
    assert main(["grid", "export", "-o", str(tmp_path / "no" / "such.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err
