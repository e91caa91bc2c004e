"""The Go energy manager with our simulated wallbox."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from eebus_gw.net.events import LinkDown, LinkUp, PairingRequested, RejectedByPeer
from tests.interop.ends import simulated_wallbox
from tests.interop.peers import GoPeer, PeerFailedError
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.interop.ends import Box
    from tests.interop.peers import Event, PeerPrograms

MANAGER = "--no-mdns"


async def limits_known(manager: GoPeer, *, since: int = 0) -> None:
    """Wait until the manager can write limits to the car."""
    for use_case in ("OPEV", "OSCEV"):
        await manager.expect("value", since=since, use_case=use_case, name="limit_a")
        await manager.expect("value", since=since, use_case=use_case, name="range_a")


@asynccontextmanager
async def trusting(go_peers: PeerPrograms) -> AsyncIterator[tuple[Box, GoPeer]]:
    """A wallbox with a car plugged in, and a manager that dials it and is trusted."""
    async with simulated_wallbox() as box:
        box.plug()
        async with GoPeer.running(
            go_peers, "energymanager", MANAGER, "--dial", box.address
        ) as manager:
            box.trusted.add(manager.ski)
            yield box, manager


async def charging(manager: GoPeer, *amperes: float, since: int = 0) -> None:
    """Wait until the manager reads these currents."""
    await manager.expect(
        "value", 20, since=since, use_case="EVCEM", name="current_a", value=near(*amperes)
    )


async def written_again(manager: GoPeer) -> Event:
    """A limit written once the manager has forgotten the old link: late news of its end takes the new one away."""
    async with asyncio.timeout(20):
        while True:
            with suppress(PeerFailedError):
                return await manager.ask("opev", amperes=[8, 8, 8])
            await asyncio.sleep(0.1)


def near(*wanted: float) -> Callable[[list[float]], bool]:
    """Whether values are within 0.1 of the wanted ones."""
    return lambda values: values == pytest.approx(wanted, abs=0.1)


async def test_every_value_of_our_wallbox_is_read(go_peers: PeerPrograms) -> None:
    async with trusting(go_peers) as (_, manager):
        wanted: dict[tuple[str, str], object] = {
            ("EVSECC", "manufacturer"): lambda data: data["deviceName"] == "box",
            ("EVSECC", "operating_state"): {"state": "normalOperation", "error_code": ""},
            ("EVCC", "standard"): "iso15118-2ed2",
            ("EVCC", "asymmetric"): False,
            ("EVCC", "identification"): [{"Value": "02-00-5E-10-00-02", "ValueType": "eui48"}],
            ("EVCC", "power_range_w"): lambda data: data["max"] == 11040,
            ("EVCC", "charge_state"): "active",
            ("EVCEM", "phases"): 3,
            ("EVCEM", "current_a"): near(16, 16, 16),
            ("EVCEM", "power_w"): lambda watts: watts == pytest.approx([3680] * 3, abs=20),
            ("EVCEM", "energy_wh"): lambda energy: energy > 0,
            ("EVSOC", "soc_percent"): lambda soc: 50 <= soc < 51,
            ("OPEV", "limit_a"): {"amperes": [16] * 3, "active": [False] * 3},
            ("OPEV", "range_a"): lambda data: data["max"] == [16] * 3,
            ("OSCEV", "limit_a"): {"amperes": [16] * 3, "active": [False] * 3},
            ("OSCEV", "range_a"): lambda data: data["max"] == [16] * 3,
            ("MPC", "power_w"): lambda watts: watts == pytest.approx(11040, abs=60),
            ("MPC", "power_phase_w"): lambda watts: watts == pytest.approx([3680] * 3, abs=20),
            ("MPC", "current_a"): near(16, 16, 16),
            ("MPC", "energy_consumed_wh"): lambda energy: energy > 0,
            ("MPC", "voltage_v"): [230, 230, 230],
            ("MPC", "frequency_hz"): 50,
        }
        for (use_case, name), value in wanted.items():
            await manager.expect("value", 20, use_case=use_case, name=name, value=value)


async def test_our_car_obeys_the_manager(go_peers: PeerPrograms) -> None:
    async with trusting(go_peers) as (_, manager):
        await limits_known(manager)
        answer = await manager.ask("opev", amperes=[10, 10, 10])
        assert answer["error_number"] == 0
        await charging(manager, 10, 10, 10)
        await manager.expect(
            "value",
            use_case="OPEV",
            name="limit_a",
            value={"amperes": [10] * 3, "active": [True] * 3},
        )
        answer = await manager.ask("oscev", amperes=[7, 7, 7])
        assert answer["error_number"] == 0
        await charging(manager, 7, 7, 7)
        mark = manager.mark()
        await manager.ask("oscev", amperes=[16, 16, 16], active=False)
        await manager.ask("opev", amperes=[16, 16, 16], active=False)
        await charging(manager, 16, 16, 16, since=mark)


async def test_our_car_falls_back_when_the_manager_falls_silent(go_peers: PeerPrograms) -> None:
    async with trusting(go_peers) as (_, manager):
        await charging(manager, 16, 16, 16)
        mark = manager.mark()
        await manager.command("heartbeat", on=False)
        await charging(manager, 6, 6, 6, since=mark)
        mark = manager.mark()
        await manager.command("heartbeat", on=True)
        await charging(manager, 16, 16, 16, since=mark)


async def test_plug_and_unplug_are_seen(go_peers: PeerPrograms) -> None:
    async with (
        simulated_wallbox() as box,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", box.address) as manager,
    ):
        box.trusted.add(manager.ski)
        await manager.expect("value", use_case="EVSECC", name="operating_state")
        assert not manager.seen("use_case", use_case="EVCC", scenarios=lambda listed: listed != [])
        box.plug()
        await manager.expect("entity_added", type="EV")
        await limits_known(manager)
        mark = manager.mark()
        box.unplug()
        await manager.expect("entity_removed", since=mark, type="EV")
        mark = manager.mark()
        box.plug()
        await manager.expect("entity_added", since=mark, type="EV")
        await limits_known(manager, since=mark)
        answer = await manager.ask("opev", amperes=[9, 9, 9])
        assert answer["error_number"] == 0
        await charging(manager, 9, 9, 9, since=mark)


async def test_our_wallbox_dials_the_manager(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "energymanager", MANAGER, "--auto-accept") as manager,
        simulated_wallbox() as box,
    ):
        box.plug()
        box.dial(manager.ski, manager.port)
        await charging(manager, 16, 16, 16)


async def test_we_approve_the_manager_later(go_peers: PeerPrograms) -> None:
    async with (
        simulated_wallbox(may_wait=lambda ski: True) as box,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", box.address) as manager,
    ):
        request = await box.expect(PairingRequested)
        assert request.ski == manager.ski
        assert not box.of(LinkUp)
        box.trusted.add(manager.ski)
        box.node.network.approve(manager.ski)
        await manager.expect("value", use_case="EVSECC", name="operating_state")


async def test_the_manager_approves_us_later(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "energymanager", MANAGER, "--wait") as manager,
        simulated_wallbox() as box,
    ):
        box.dial(manager.ski, manager.port)
        await manager.expect("pairing", ski=box.ski, state="received_pairing_request")
        assert not box.of(LinkUp)
        await manager.command("trust", ski=box.ski)
        await manager.expect("value", use_case="EVSECC", name="operating_state")


async def test_the_manager_rejects_us(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "energymanager", MANAGER) as manager,
        simulated_wallbox() as box,
    ):
        box.dial(manager.ski, manager.port)
        await box.expect(RejectedByPeer)
        assert not manager.seen("connected")


async def test_the_link_comes_back_after_the_manager_closed_it(go_peers: PeerPrograms) -> None:
    async with trusting(go_peers) as (box, manager):
        await limits_known(manager)
        mark = manager.mark()
        await manager.command("reopen")
        await box.expect(LinkDown)
        # What the manager had still to tell of the old link comes before this.
        back = await manager.expect("connected", 20, since=mark)
        await limits_known(manager, since=manager.events.index(back))
        assert (await written_again(manager))["error_number"] == 0
        await charging(manager, 8, 8, 8, since=mark)


async def test_a_second_manager_may_not_write(go_peers: PeerPrograms) -> None:
    async with simulated_wallbox() as box:
        box.plug()
        async with (
            GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", box.address) as first,
            GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", box.address) as second,
        ):
            box.trusted.add(first.ski)
            await limits_known(first)
            box.trusted.add(second.ski)
            await limits_known(second, since=0)
            assert (await second.ask("opev", amperes=[8, 8, 8]))["error_number"] == 9
            assert (await first.ask("opev", amperes=[9, 9, 9]))["error_number"] == 0
            await until(lambda: len(box.of(LinkUp)) == 2)
