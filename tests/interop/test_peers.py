"""The Go peers against each other: what later tests expect of them holds among themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.interop.peers import GoPeer, PeerFailedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.interop.peers import PeerPrograms

QUICK = ("--no-mdns", "--interval", "200ms")


async def test_energy_manager_reads_everything_of_a_car(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await manager.expect("value", use_case="EVSECC", name="operating_state")
        await box.command("plug", soc_percent=55, current_a=20)
        expected = {
            ("EVCC", "standard"): "iso15118-2ed1",
            ("EVCC", "asymmetric"): False,
            ("EVCC", "identification"): [{"Value": "02-00-5E-10-00-01", "ValueType": "eui48"}],
            ("EVCC", "power_range_w"): {"min": 4140, "max": 22080, "pause": 100},
            ("EVCC", "charge_state"): "active",
            ("EVCEM", "phases"): 3,
            ("EVCEM", "current_a"): [20, 20, 20],
            ("EVCEM", "power_w"): [4600, 4600, 4600],
            ("OPEV", "range_a"): {"min": [6] * 3, "max": [32] * 3, "pause": [0.1] * 3},
            ("OSCEV", "limit_a"): {"amperes": [32] * 3, "active": [False] * 3},
            ("MPC", "power_w"): 13800,
        }
        for (use_case, name), value in expected.items():
            await manager.expect("value", use_case=use_case, name=name, value=value)
        await manager.expect(
            "value", use_case="EVSOC", name="soc_percent", value=lambda soc: 55 <= soc < 56
        )
        await manager.expect("value", use_case="EVCEM", name="energy_wh", value=lambda wh: wh > 0)


async def test_car_obeys_overload_protection_and_goes_to_standby(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", "--plugged", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await manager.expect("value", use_case="OPEV", name="limit_a")
        await manager.expect("value", use_case="OPEV", name="range_a")
        answer = await manager.ask("opev", amperes=[10, 11, 12])
        assert answer["error_number"] == 0
        await box.expect("limit", use_case="OPEV", amperes=[10, 11, 12])
        await manager.expect("value", use_case="EVCEM", name="current_a", value=[10, 11, 12])

        await manager.ask("oscev", amperes=[7, 7, 7])
        await box.expect("measured", current_a=[7, 7, 7])
        mark = box.mark()
        await manager.ask("opev", amperes=[32, 32, 32], active=False)
        await manager.ask("oscev", amperes=[32, 32, 32], active=False)
        await box.expect("measured", since=mark, current_a=[16, 16, 16])

        await box.command("set", standby=True)
        await manager.expect("value", use_case="EVCC", name="charge_state", value="paused")
        await box.expect("measured", current_a=[0, 0, 0])


async def test_car_falls_back_when_the_heartbeat_stops(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", "--plugged", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await box.expect("heartbeat", to=[1, 1])
        await box.expect("measured", current_a=[16, 16, 16])
        await manager.command("heartbeat", on=False)
        await box.expect("heartbeat_lost", to=[1, 1])
        await box.expect("measured", current_a=[6, 6, 6])
        mark = box.mark()
        await manager.command("heartbeat", on=True)
        await box.expect("heartbeat_back", to=[1, 1])
        await box.expect("measured", since=mark, current_a=[16, 16, 16])


async def test_plug_and_unplug_add_and_remove_the_entity(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", "--plugged", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        # A car that leaves earlier makes the manager believe in a binding it has not got.
        await box.expect("bound", feature="LoadControl", entity=[1, 1])
        await manager.expect("value", use_case="OPEV", name="range_a")
        await manager.expect("value", use_case="OPEV", name="limit_a")
        mark = manager.mark()
        await box.command("unplug")
        await manager.expect("entity_removed", since=mark, type="EV")
        with pytest.raises(PeerFailedError):
            await box.command("unplug")

        mark = manager.mark()
        await box.command("plug", standard="iec61851")
        await manager.expect("entity_added", since=mark, type="EV")
        await manager.expect(
            "value", since=mark, use_case="EVCC", name="standard", value="iec61851"
        )
        await manager.expect("value", since=mark, use_case="OPEV", name="range_a")
        await manager.expect("value", since=mark, use_case="OPEV", name="limit_a")
        answer = await manager.ask("opev", amperes=[8, 8, 8])
        assert answer["error_number"] == 0


async def test_control_box_limits_and_is_refused(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", "--plugged", *QUICK) as box,
        GoPeer.running(
            go_peers, "controlbox", "--no-mdns", "--heartbeat", "10s", "--dial", box.address
        ) as guard,
    ):
        await guard.expect("value", use_case="LPC", name="limit")
        await guard.expect("value", use_case="LPP", name="failsafe_w")
        await guard.expect("heartbeat")
        await box.expect("heartbeat", timeout_s=10)

        answer = await guard.ask("limit", value_w=4201, duration_s=2)
        assert answer["error_number"] == 0
        await box.expect("measured", power_w=lambda watts: 4100 < watts < 4210)
        await box.expect("limit_expired", use_case="LPC")

        assert (await guard.ask("failsafe", value_w=3000))["error_number"] == 0
        await box.expect("failsafe", use_case="LPC", name="failsafe_w", value=3000)
        assert (await guard.ask("failsafe_duration", duration_s=14400))["error_number"] == 0
        await box.expect("failsafe", name="failsafe_duration_s", value=14400)
        assert (await guard.ask("production_limit", value_w=-5000))["error_number"] == 0

        await box.command("refuse")
        refusal = await guard.ask("limit", value_w=4200)
        assert (refusal["error_number"], refusal["text"]) == (7, "refused by command")


async def test_unknown_peer_waits_until_it_is_trusted(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", "--wait", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await box.expect("pairing", ski=manager.ski, state="received_pairing_request")
        assert not box.seen("connected")
        await box.command("trust", ski=manager.ski)
        await box.expect("connected")
        await manager.expect("discovered")


async def test_unknown_peer_is_rejected(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await manager.expect("pairing", state="remote_denied_trust")
        assert not manager.seen("connected")


async def test_both_dial_and_one_connection_survives(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *QUICK) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns") as manager,
    ):
        await asyncio.gather(
            box.command("dial", address=manager.address),
            manager.command("dial", address=box.address),
        )
        await manager.expect("value", 30, use_case="EVSECC", name="manufacturer")
        await manager.expect("heartbeat", 30)


async def test_connection_comes_back_after_a_close_and_after_a_crash(
    go_peers: PeerPrograms, tmp_path: Path
) -> None:
    identity = ("--cert", str(tmp_path / "box.crt"), "--key", str(tmp_path / "box.key"))
    options = ("--auto-accept", *identity, *QUICK)
    async with (
        GoPeer.running(go_peers, "wallbox", *options) as box,
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--dial", box.address) as manager,
    ):
        await settled(manager)
        mark = manager.mark()
        await manager.command("reopen")
        await settled(manager, since=mark)

        mark = manager.mark()
        await box.kill()
        await manager.expect("disconnected", since=mark)
        mark = manager.mark()
        async with GoPeer.running(
            go_peers, "wallbox", "--port", str(box.port), *options
        ) as successor:
            assert successor.ski == box.ski
            await settled(manager, since=mark)


async def settled(manager: GoPeer, *, since: int = 0) -> None:
    """The manager has read everything; a link that ends earlier can crash the stack."""
    for use_case in ("LPC", "LPP"):
        await manager.expect("value", 40, since=since, use_case=use_case, name="limit")
        await manager.expect("value", 40, since=since, use_case=use_case, name="failsafe_w")
    await manager.expect("value", 40, since=since, use_case="MPC", name="power_w")


async def test_peers_find_each_other_by_mdns(go_peers: PeerPrograms, lan: tuple[str, ...]) -> None:
    def shows(ski: str) -> Callable[[list[dict[str, str]]], bool]:
        return lambda services: any(service["ski"] == ski for service in services)

    async with (
        GoPeer.running(go_peers, "wallbox", "--auto-accept", "--passive", inside=lan) as box,
        GoPeer.running(go_peers, "energymanager", "--remote-ski", box.ski, inside=lan) as manager,
    ):
        await manager.expect("visible", services=shows(box.ski))
        await manager.expect("discovered", 20)
        mark = manager.mark()
        await box.command("announce", on=False)
        await manager.expect("visible", since=mark, services=[])


async def test_twenty_wallboxes_on_one_energy_manager(go_peers: PeerPrograms) -> None:
    boxes = 20
    async with (
        GoPeer.running(
            go_peers, "wallbox", "--auto-accept", "--plugged", "--no-mdns", "--count", str(boxes)
        ) as fleet,
        GoPeer.running(go_peers, "energymanager", "--no-mdns") as manager,
    ):
        for box in range(1, boxes + 1):
            ready = fleet.ready(box)
            await manager.command("dial", address=f"{ready['ski']}@127.0.0.1:{ready['port']}")
        for box in range(1, boxes + 1):
            await manager.expect(
                "value", 30, ski=fleet.ready(box)["ski"], use_case="EVCEM", name="current_a"
            )
        third = fleet.ready(3)["ski"]
        await manager.expect("value", 30, ski=third, use_case="OPEV", name="range_a")
        await manager.expect("value", 30, ski=third, use_case="OPEV", name="limit_a")
        await manager.ask("opev", ski=third, amperes=[9, 9, 9])
        await fleet.expect("measured", box=3, current_a=[9, 9, 9])
        assert not fleet.seen("limit", box=4)
