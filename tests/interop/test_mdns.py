"""Finding and being found by the Go stack's mDNS, in a network of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.interop.peers import GoPeer
from tests.support.processes import Gateway, Plant, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.interop.peers import PeerPrograms

BOX = ("--auto-accept", "--plugged", "--interval", "200ms")


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path) as plant:
        yield plant


def listing(ski: str) -> Any:
    """Whether a list of services has one with this SKI."""
    return lambda services: [service for service in services if service["ski"].lower() == ski]


async def waiting(gateway: Gateway) -> list[str]:
    """SKIs of the peers that wait for approval."""
    return [peer["ski"] for peer in (await gateway.ask("peers"))["pending"]]


async def test_the_gateway_finds_and_dials_the_wallbox(
    go_peers: PeerPrograms, plant: Plant, lan: tuple[str, ...]
) -> None:
    gateway = plant.gateway(mdns=True, inside=lan)
    async with GoPeer.running(go_peers, "wallbox", "--passive", *BOX, inside=lan) as box:
        await gateway.ask("pair", ski=box.ski, alias="carport")
        await box.expect("connected", 30, ski=gateway.ski)
        await box.expect("bound", 30, feature="LoadControl", entity=[1, 1])


async def test_the_wallbox_finds_and_dials_the_gateway(
    go_peers: PeerPrograms, plant: Plant, lan: tuple[str, ...]
) -> None:
    gateway = plant.gateway(mdns=True, inside=lan)
    await gateway.ask("pairing/open", seconds=300)
    async with GoPeer.running(
        go_peers, "wallbox", "--remote-ski", gateway.ski, *BOX, inside=lan
    ) as box:
        seen = await box.expect("visible", 30, services=listing(gateway.ski))
        (service,) = listing(gateway.ski)(seen["services"])
        assert service["type"] == "EnergyManagementSystem"

        async with asyncio.timeout(30):
            while box.ski not in await waiting(gateway):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        await gateway.ask("pairing/approve", ski=box.ski, alias="carport")
        await box.expect("bound", 30, feature="LoadControl", entity=[1, 1])


async def test_the_manager_finds_our_simulated_wallbox_and_its_end(
    go_peers: PeerPrograms, plant: Plant, lan: tuple[str, ...]
) -> None:
    box = plant.wallbox(host=None, inside=lan)
    async with GoPeer.running(
        go_peers, "energymanager", "--remote-ski", box.ski, inside=lan
    ) as manager:
        seen = await manager.expect("visible", 30, services=listing(box.ski))
        (service,) = listing(box.ski)(seen["services"])
        assert service["type"] == "ChargingStation"
        await manager.expect(
            "value", 30, use_case="EVCEM", name="current_a", value=lambda amperes: amperes[0] > 1
        )
        mark = manager.mark()
        box.stop()
        await manager.expect("visible", 30, since=mark, services=[])
        await eventually(lambda: manager.seen("disconnected"))
