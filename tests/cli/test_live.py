"""Reaching a gateway: the running one, else an own one; never two on one identity."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from eebus_gw.cli import live
from eebus_gw.cli.context import CommandContext
from eebus_gw.cli.live import is_taken, live_gateway, running_gateway, with_free_ports
from eebus_gw.control import NotRunning
from eebus_gw.home import Home, HomeInUse
from eebus_gw.settings import Settings, ShipSettings
from tests.support.broker import free_port
from tests.support.processes import Gateway


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("", 0)) as other:
        yield other.getsockname()[1]


async def test_without_a_gateway_there_is_an_own_one(bench: Home) -> None:
    async with live_gateway(CommandContext()) as gateway:
        assert not gateway.running
        assert (await gateway.ask("peers"))["peers"] == []
        assert bench.control_path.exists(), "other commands can ask it"
        async with live_gateway(CommandContext()) as second:
            assert second.running
            assert (await second.ask("health"))["devices"]["total"] == 0
    assert not bench.control_path.exists()


async def test_a_running_one_is_asked(running: Gateway) -> None:
    async with live_gateway(CommandContext()) as gateway:
        assert gateway.running
        assert (await gateway.ask("info"))["ski"] == running.ski
        states = gateway.stream("watch", id="carport")
        assert (await anext(states))["id"] == "carport"
        await states.aclose()


async def test_running_gateway_needs_one(bench: Home) -> None:
    with pytest.raises(NotRunning, match="no gateway is running"):
        await running_gateway(CommandContext())


async def test_a_home_that_stays_locked(bench: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BUSY_S", 0.2)
    bench.lock()
    with pytest.raises(HomeInUse):
        async with live_gateway(CommandContext()):
            pass


async def test_a_gateway_that_is_just_ending_is_waited_for(bench: Home) -> None:
    bench.lock()
    asyncio.get_running_loop().call_later(0.2, bench.unlock)
    async with live_gateway(CommandContext()) as gateway:
        assert not gateway.running


def test_a_taken_port_is_no_hindrance(taken: int) -> None:
    free = free_port()
    settings = with_free_ports(Settings(ship=ShipSettings(port=taken, grid_port=free)))
    assert (settings.ship.port, settings.ship.grid_port) == (0, free)
    assert is_taken(taken)
    assert not is_taken(free)
