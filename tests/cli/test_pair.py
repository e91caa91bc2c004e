"""``pair`` against a simulated wallbox (contract §2)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from eebus_gw.ship.ski import group_ski
from tests.support.broker import free_port
from tests.support.processes import Gateway, Wallbox

from .conftest import Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def at(wallbox: Wallbox) -> list[str]:
    host, port = wallbox.address.split(":")
    return ["--host", host, "--port", port]


def test_both_sides_trust_each_other(bench: Home, wallbox: Wallbox, command: Command) -> None:
    words = [*at(wallbox), "--alias", "Carport", "--wait", "30"]
    code, answer = command("pair", group_ski(wallbox.ski).upper(), *words)
    assert code == 0
    assert (answer["id"], answer["ski"]) == ("carport", wallbox.ski)
    assert (answer["paired"], answer["phase"]) == (True, "connected")
    verdict = {each["code"]: each["usable"] for each in answer["verdict"]}
    assert verdict["opev"] is True
    peer = Home.open(bench.path).peers.find("carport")
    assert (peer.trusted, peer.static_address) == (True, wallbox.address)


def test_people_see_both_skis_and_the_verdict(
    paired: Home, wallbox: Wallbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair", "carport", "--wait", "30"]) == 0
    shown = capsys.readouterr().out
    assert f"this gateway  {group_ski(paired.identity().ski)}" in shown
    assert f"the device    {group_ski(wallbox.ski)}" in shown
    assert "paired: carport" in shown
    assert "works   OPEV" in shown
    assert "next: eebus-gw run" in shown
    assert "\x1b" not in shown


def test_a_running_gateway_does_it(
    running: Gateway, wallbox: Wallbox, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = command("pair", wallbox.ski, "--wait", "30")
    assert (code, answer["id"], answer["paired"]) == (0, "carport", True)
    assert main(["pair", wallbox.ski, "--wait", "30"]) == 0
    assert "next:" not in capsys.readouterr().out


def test_waiting_zero_seconds_only_records(bench: Home, command: Command) -> None:
    code, answer = command("pair", STRANGER, "--pin", "12345678", "--wait", "0")
    assert (code, answer["paired"]) == (0, False)
    peer = Home.open(bench.path).peers.find(STRANGER)
    assert (peer.id, peer.trusted, peer.how) == ("peer-7c1e0b94", True, "command_line")
    assert peer.pin is not None
    assert "12345678" not in json.dumps(answer)


def test_the_grid_side_has_a_book_of_its_own(bench: Home, command: Command) -> None:
    code, answer = command("pair", STRANGER, "--side", "grid", "--id", "steuerbox", "--wait", "0")
    assert (code, answer["id"]) == (0, "steuerbox")
    home = Home.open(bench.path)
    assert home.grid.peers.trusts(STRANGER)
    assert not home.peers.trusts(STRANGER)


def test_a_qr_text_names_ski_and_ship_id(bench: Home, command: Command) -> None:
    code, answer = command("pair", f"SHIP;SKI:{STRANGER};ID:Box 7;ENDSHIP;", "--wait", "0")
    assert (code, answer["id"]) == (0, "box-7")
    assert Home.open(bench.path).peers.find("box-7").how == "qr"


def test_not_there_is_not_reachable(
    bench: Home, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--host", "127.0.0.1", "--port", str(free_port())]
    code, answer = command("pair", STRANGER, *place, "--wait", "1")
    assert (code, answer["paired"]) == (3, False)
    assert main(["pair", STRANGER, *place, "--wait", "1"]) == 3
    error = capsys.readouterr().err
    assert "nobody listens there" in error
    assert "see docs/troubleshooting.md#addresses" in error
    assert answer["see"] == "docs/troubleshooting.md#addresses"
    assert "eebus-gw doctor" in error


def test_not_seen_is_not_reachable(
    bench: Home, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("pair", STRANGER, "--wait", "0.5")[0] == 3
    assert main(["pair", STRANGER, "--wait", "0.5"]) == 3
    assert "--host ADDRESS" in capsys.readouterr().err


def test_another_key_is_not_trusted(
    bench: Home, wallbox: Wallbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair", STRANGER, *at(wallbox), "--wait", "3"]) == 4
    error = capsys.readouterr().err
    assert wallbox.ski in error
    assert "label" in error


def test_a_wallbox_that_does_not_trust_us(
    bench: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = Wallbox(tmp_path / "box", trust=STRANGER)
    box.start()
    try:
        assert main(["pair", box.ski, *at(box), "--wait", "3"]) == 4
    finally:
        box.stop()
    captured = capsys.readouterr()
    assert "does not trust this gateway" in captured.err
    assert "user has to confirm" in captured.err
    assert Home.open(bench.path).peers.trusts(box.ski), "the trust stays recorded"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["7c1e 0b94 a2d3"], "40"),
        (["SHIP;SKI:12;ENDSHIP;"], "SKI"),
        ([STRANGER, "--id", "bridge", "--wait", "0"], "reserved"),
        ([STRANGER, "--id", "Carport", "--wait", "0"], "did you mean 'carport'?"),
        ([STRANGER, "--port", "4711"], "--host"),
        ([STRANGER, "--host", "192.168.178.40:4711"], "--port"),
        ([STRANGER, "--side", "gird"], "'grid'"),
        ([STRANGER, "--wait", "-1"], "--wait"),
    ],
)
def test_wrong_words_are_usage_errors(
    bench: Home, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair", *words]) == 2
    assert text in capsys.readouterr().err


def test_an_interrupt_says_what_stays_and_how_to_undo_it(bench: Home) -> None:
    words = ["--home", str(bench.path), "pair", STRANGER, "--id", "garage", "--wait", "60"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eebus_gw", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("this gateway")
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the trust in garage stays recorded" in error
    assert f"eebus-gw --home {bench.path} unpair garage" in error
    assert "Traceback" not in error
    assert Home.open(bench.path).peers.trusts(STRANGER)


def test_the_own_ski_is_no_peer(bench: Home, capsys: pytest.CaptureFixture[str]) -> None:
    own = bench.ensure_identity().ski
    assert main(["pair", own, "--wait", "0"]) == 2
    error = capsys.readouterr().err
    assert "this gateway's own SKI" in error
    assert "shown by the wallbox" in error
