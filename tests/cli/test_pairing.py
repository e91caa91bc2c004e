"""``pairing``: a window in which unknown peers wait; each one is decided on by its SKI."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from tests.support.gateway import gateway as control
from tests.support.processes import PATIENCE_S, Gateway

from .conftest import OFFLINE, Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


@pytest.fixture
def alone(bench: Home) -> Iterator[Gateway]:
    """A running gateway that knows nobody."""
    gateway = Gateway(bench.path)
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def asking(tmp_path: Path, alone: Gateway) -> Iterator[str]:
    """The SKI of a second gateway that dials the first, which does not know it."""
    # Who is turned away once comes back only after a while.
    asyncio.run(alone.ask("pairing/open", seconds=120))
    home = Home.open(tmp_path / "other")
    home.config_path.write_text(OFFLINE)
    other = Gateway(home.path)
    other.start()
    place = f"127.0.0.1:{alone.port}"
    asyncio.run(other.ask("pair", ski=alone.ski, address=place))
    yield other.ski
    other.stop()


def open_until_somebody_asks(command: Command) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        _, window = command("pairing", "open", "--seconds", "60")
        if window["pending"]:
            return dict(window)
        time.sleep(0.1)
    pytest.fail("nobody asked")


def test_open_and_close(alone: Gateway, command: Command) -> None:
    code, window = command("pairing", "open", "--seconds", "60")
    assert (code, window["open"], window["remaining_s"]) == (0, True, 60)
    code, window = command("pairing", "close")
    assert (code, window["open"]) == (0, False)


def test_who_asks_can_be_approved(
    alone: Gateway, asking: str, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    window = open_until_somebody_asks(command)
    assert [entry["ski"] for entry in window["pending"]] == [asking]
    assert main(["pairing", "open"]) == 0
    assert f"eebus-gw pairing approve {asking}" in capsys.readouterr().out
    code, answer = command("pairing", "approve", asking, "--alias", "Neighbour")
    assert (code, answer) == (0, {"id": "neighbour", "ski": asking})
    _, peers = command("peers")
    assert peers["peers"][0]["trust"] == "trusted"


def test_or_turned_away(alone: Gateway, asking: str, command: Command) -> None:
    open_until_somebody_asks(command)
    assert command("pairing", "deny", asking) == (0, {"ski": asking})
    assert command("peers")[1]["peers"] == []


def test_without_a_gateway_the_command_is_one(
    bench: Home, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    code, window = command("pairing", "open", "--seconds", "1")
    assert (code, window["open"], window["asked"]) == (0, False, [])
    assert main(["pairing", "open", "--seconds", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "the pairing window is closed"


def test_without_a_gateway_nobody_waits(bench: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["approve", STRANGER], ["deny", STRANGER], ["close"]):
        assert main(["pairing", *words]) == 3
        error = capsys.readouterr().err
        assert "nobody waits for a decision" in error
        assert "eebus-gw pairing open" in error


def test_a_broken_ski(bench: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pairing", "approve", "7c1e"]) == 2
    assert "SKI" in capsys.readouterr().err


def test_the_side_is_passed_on(bench: Home, command: Command) -> None:
    window = {"open": False, "side": "grid", "pending": []}
    with control(bench.control_path, {"pairing/close": window}) as asked:
        assert command("pairing", "close", "--side", "grid")[0] == 0
    assert asked == [("pairing/close", {"side": "grid"})]
