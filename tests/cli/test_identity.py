"""``init`` and ``identity``."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.qr import qr_lines
from eebus_gw.config import load_config
from eebus_gw.home import Home
from eebus_gw.ship.qr import parse_qr


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    data: dict[str, Any] = json.loads(line)
    return data


def test_init_makes_both_identities_and_a_configuration(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answer(capsys, "init")
    assert set(made) >= {"ski", "ship_id", "qr", "grid_ski", "grid_ship_id"}
    assert made["ski"] != made["grid_ski"]
    assert made["ship_id"] != made["grid_ship_id"]
    code = parse_qr(made["qr"])
    assert (code.ski, code.ship_id) == (made["ski"], made["ship_id"])
    for path in (home / "node.key", home / "grid" / "node.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_config(home / "config.toml", environment={}, required=True).origins == {}


def test_init_shows_skis_in_groups_of_four_and_a_qr_code(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init"]) == 0
    text = capsys.readouterr().out
    assert len(re.findall(r"(?:[0-9a-f]{4} ){9}[0-9a-f]{4}$", text, re.M)) == 2
    assert len(re.findall(r"^[ █▀▄]{30,}$", text, re.M)) >= 15
    assert "\x1b" not in text


def test_init_refuses_to_replace_a_key(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "init")
    assert main(["init"]) == 2
    assert "never replaced" in capsys.readouterr().err
    assert answer(capsys, "identity", "show")["ski"] == made["ski"]


def test_init_completes_what_is_missing_and_keeps_the_rest(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ski = Home.open(home).create_identity().ski
    (home / "config.toml").write_text("# mine\n")
    made = answer(capsys, "init")
    assert made["ski"] == ski
    assert made["grid_ski"]
    assert (home / "config.toml").read_text() == "# mine\n"


def test_show_one_side_or_both(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "init")
    both = answer(capsys, "identity", "show")
    assert both["ski"] == made["ski"]
    assert both["grid_ski"] == made["grid_ski"]
    assert both["expires"].endswith("Z")
    grid = answer(capsys, "identity", "show", "--side", "grid")
    assert grid["ski"] == made["grid_ski"]
    assert "grid_ski" not in grid


def test_renew_keeps_everything_but_the_certificate(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "init")
    before = answer(capsys, "identity", "show")
    after = answer(capsys, "identity", "renew", "--side", "grid")
    assert after["ski"] == before["grid_ski"]
    assert after["ship_id"] == before["grid_ship_id"]
    assert after["fingerprint"] != before["grid_fingerprint"]
    assert answer(capsys, "identity", "show")["fingerprint"] == before["fingerprint"]


def test_renew_needs_an_identity(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identity", "renew"]) == 2
    assert "init" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["code.svg", "code.png"])
def test_qr_as_a_picture(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys, "init")
    file = home.parent / name
    shown = answer(capsys, "identity", "qr", "--save", str(file))
    assert parse_qr(shown["qr"]).ski == shown["ski"]
    assert file.stat().st_size > 500
    assert main(["identity", "qr", "--save", str(home.parent / "code.gif")]) == 2
    capsys.readouterr()
    assert main(["identity", "qr", "--save", str(home / "absent" / "code.svg")]) == 1
    assert "code.svg cannot be written: No such file" in capsys.readouterr().err


def test_qr_on_a_terminal_is_dark_on_light() -> None:
    plain, coloured = list(qr_lines("x", terminal=False)), list(qr_lines("x", terminal=True))
    assert len(plain) == len(coloured)
    swap = str.maketrans("█▀▄ ", " ▄▀█")
    for one, other in zip(plain, coloured, strict=True):
        assert other == f"\x1b[30;107m{one.translate(swap)}\x1b[0m"


def test_a_home_in_use_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Home.open(home).locked():
        assert main(["init"]) == 1
    assert "in use by process" in capsys.readouterr().err
