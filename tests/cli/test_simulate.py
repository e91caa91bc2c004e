"""``simulate``: options and lines; the simulators themselves are tested in ``sim``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.output import Output
from eebus_gw.cli.peer_address import peer_address
from eebus_gw.cli.simulator import Lines
from eebus_gw.errors import ConfigError
from eebus_gw.sim.control_box_runner import PeerAddress

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"{SKI}@192.0.2.7:4713", PeerAddress(SKI, "192.0.2.7", 4713)),
        (f"{SKI.upper()}@box.local:4711", PeerAddress(SKI, "box.local", 4711)),
        (f"{SKI}@[2001:db8::7]:4711", PeerAddress(SKI, "2001:db8::7", 4711)),
    ],
)
def test_peers_at_an_address(text: str, address: PeerAddress) -> None:
    assert peer_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", SKI, f"{SKI}@", f"{SKI}@host", f"{SKI}@host:", f"{SKI}@host:0", f"{SKI}@host:70000",
     f"{SKI}@:4713", "abcd@host:4713"],
)  # fmt: skip
def test_what_is_no_peer_at_an_address(text: str) -> None:
    with pytest.raises(ConfigError, match="--peer"):
        peer_address(text)


@pytest.mark.parametrize("simulator", ["wallbox", "controlbox", "house"])
def test_a_simulator_never_takes_the_home_of_the_gateway(
    simulator: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", simulator]) == 2
    assert "home directory of its own" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["nan", "inf", "1e307", "-3", "25:00", "soon"])
def test_a_departure_is_a_time_of_day_or_some_hours_ahead(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--home", str(tmp_path / "box"), "simulate", "wallbox", "--offer", "nothing"]
    assert main([*command, "--departure", text]) == 2
    assert "--departure" in capsys.readouterr().err


def test_a_wrong_script_names_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "day.toml"
    script.write_text("[[step]]\nat = 1\nlimits = 4200\n")
    command = ["--home", str(tmp_path / "box"), "simulate", "controlbox"]
    assert main([*command, "--scenario", str(script)]) == 2
    assert "day.toml: line 3" in capsys.readouterr().err


READY = {"event": "ready", "ski": SKI, "port": 4711}


@pytest.mark.parametrize(
    ("noun", "line", "words"),
    [
        ("house", READY, "house ready on port 4711, SKI 7c1e 0b94"),
        ("wallbox", {**READY, "box": 2}, "wallbox 2 ready on port 4711, SKI 7c1e 0b94"),
    ],
)
def test_where_a_simulator_listens(
    noun: str, line: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Lines(Output(), noun, lambda line: None).ready(line)
    assert capsys.readouterr().out.startswith(words)


def test_lines_are_sentences_or_objects(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    lines = Lines(output, "house", lambda line: f"{line['load_w']} W" if line["load_w"] else None)
    lines.seen({"load_w": 500})
    lines.seen({"load_w": 0})
    assert capsys.readouterr().out == "500 W\n"
    output.json = True
    lines.ready(READY)
    lines.seen({"load_w": 0})
    printed = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in printed] == [READY, {"load_w": 0}]
