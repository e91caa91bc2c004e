"""``simulate``: options, and what people read; the simulators themselves are tested in ``sim``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.box_lines import box_line
from eebus_gw.cli.context import CommandContext
from eebus_gw.cli.peer_address import peer_address
from eebus_gw.cli.simulate_wallbox import Ticker
from eebus_gw.errors import ConfigError
from eebus_gw.sim.box_runner import PeerAddress

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
LIMIT = {"use_case": "lpc", "limit_w": 4_200.0, "active": True, "duration_s": 60.0}


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"event": "limit_written", **LIMIT}, "writes LPC limit 4200 W for 60 s"),
        (
            {"event": "answered", **LIMIT, "error_number": 0, "text": ""},
            "accepted: LPC limit 4200 W for 60 s",
        ),
        (
            {"event": "answered", **LIMIT, "error_number": 7, "text": "no"},
            "REFUSED (error 7: no): LPC limit 4200 W for 60 s",
        ),
        (
            {"event": "limit_written", **LIMIT, "use_case": "lpp", "active": False},
            "writes LPP no limit",
        ),
        (
            {"event": "failsafe_written", "use_case": "lpc", "failsafe_w": 5_000.0},
            "writes LPC failsafe 5000 W",
        ),
        (
            {"event": "limit_deferred", "use_case": "lpc", "seconds": 299.6},
            "LPC limit waits 300 s for its turn",
        ),
        ({"event": "silent", "seconds": None}, "silent from now on"),
        ({"event": "silent", "seconds": 130.0}, "silent for 130 s"),
        ({"event": "disconnected", "text": "closed by the peer"}, "closed by the peer"),
        ({"event": "connected", "peer": SKI}, "connected  7c1e 0b94"),
    ],
)
def test_lines_for_people(line: dict[str, Any], words: str) -> None:
    shown = box_line({"t": 12.34, **line})
    assert shown.startswith("    12.3 s  ")
    assert words in shown


@pytest.mark.parametrize("simulator", ["wallbox", "controlbox", "house"])
def test_a_simulator_never_takes_the_home_of_the_gateway(
    simulator: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", simulator]) == 2
    assert "home directory of its own" in capsys.readouterr().err


def test_a_wrong_script_names_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "day.toml"
    script.write_text("[[step]]\nat = 1\nlimits = 4200\n")
    command = ["--home", str(tmp_path / "box"), "simulate", "controlbox"]
    assert main([*command, "--scenario", str(script)]) == 2
    assert "day.toml: line 3" in capsys.readouterr().err


def test_what_bounds_the_power_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    class Snapshot:
        def line(self, t: float, box: int) -> dict[str, Any]:
            facts = {"plugged": True, "power_w": 4_140.0, "limit_a": 6.0, "soc_percent": 50.0}
            return {"t": t, "box": box, **facts, "limited_by": "safe_current"}

    context = CommandContext()
    Ticker(context).seen(1.0, 1, Snapshot())
    assert capsys.readouterr().out.endswith(
        "4140 W  50.0 %  offers 6.0 A  limited by the safe current: no energy manager is heard\n"
    )
    context.output.json = True
    Ticker(context).seen(1.0, 1, Snapshot())
    assert '"limited_by": "safe_current"' in capsys.readouterr().out
