"""Real wallboxes and gateways for commands, on loopback with free ports and without mDNS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from tests.support.processes import Gateway, Wallbox

OFFLINE = "[ship]\nport = 0\ngrid_port = 0\nmdns = false\n"


@pytest.fixture(scope="session")
def wallbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallbox]:
    """A simulated wallbox with a car that trusts whoever connects."""
    box = Wallbox(tmp_path_factory.mktemp("box") / "home")
    box.start()
    yield box
    box.stop()
    box.check_healthy()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An own home directory that commands find without options; a link counts as settled soon."""
    monkeypatch.delenv("EEBUS_GW_CONFIG", raising=False)
    monkeypatch.setattr("eebus_gw.cli.following.SETTLING_S", 0.3)
    home = Home.open(tmp_path / "home")
    home.config_path.write_text(OFFLINE)
    monkeypatch.setenv("EEBUS_GW_HOME", str(home.path))
    return home


@pytest.fixture
def paired(bench: Home, wallbox: Wallbox) -> Home:
    """``bench`` that trusts the wallbox as ``carport``."""
    host, port = wallbox.address.split(":")
    words = ["--host", host, "--port", port, "--id", "carport", "--wait", "0", "--json"]
    assert main(["pair", wallbox.ski, *words]) == 0
    return Home.open(bench.path)


@pytest.fixture
def running(paired: Home) -> Iterator[Gateway]:
    """A gateway that runs on ``paired``."""
    gateway = Gateway(paired.path)
    gateway.start()
    yield gateway
    gateway.stop()
    gateway.check_healthy()


Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command with ``--json`` and returns its exit code and the one object it printed."""

    def run(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run
