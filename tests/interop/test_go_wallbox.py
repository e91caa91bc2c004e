"""Our energy manager's node with the Go wallbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eebus_gw.net.events import LinkDown, LinkUp, PairingRequested, PhaseChanged, RejectedByPeer
from eebus_gw.roles.events import EntityChanged, UseCasesMatched
from eebus_gw.ship.states import Turn
from eebus_gw.vocabulary.values import (
    Identification,
    Manufacturer,
    OperatingState,
    PhaseLimits,
    PhaseRanges,
    Range,
)
from tests.interop.ends import End, energy_manager
from tests.interop.peers import GoPeer
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.monitoring import MPC

if TYPE_CHECKING:
    from pathlib import Path

    from eebus_gw.vocabulary.definition import Point, UseCase
    from tests.interop.peers import PeerPrograms

BOX = ("--no-mdns", "--interval", "200ms")
CHARGING = (*BOX, "--auto-accept", "--plugged")
FREE = PhaseLimits((32.0,) * 3, (False,) * 3)


async def connect(manager: End, box: GoPeer) -> None:
    """Dial the box and wait until its use cases are known."""
    mark = len(manager.events)
    manager.dial(box.ski, box.port)
    await matched(manager, box, since=mark)


async def matched(manager: End, box: GoPeer, *, since: int = 0, code: str = "evsecc") -> None:
    """Wait until a use case of the box works."""
    await manager.expect(
        UseCasesMatched,
        lambda event: event.ski == box.ski and any(c == code for c, _ in event.opened),
        since=since,
        within=30,
    )


async def test_every_value_that_the_wallbox_publishes_is_read(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        permitted = Range(6.0, 32.0, 0.1)
        wanted: list[tuple[UseCase, Point[Any], Any]] = [
            (EVSECC, EVSECC.operating_state, OperatingState("normalOperation")),
            (EVCC, EVCC.standard, "iso15118-2ed1"),
            (EVCC, EVCC.asymmetric, False),
            (EVCC, EVCC.identification, (Identification("eui48", "02-00-5E-10-00-01"),)),
            (EVCC, EVCC.manufacturer, Manufacturer("Peer Car", brand_name="PeerCars")),
            (EVCC, EVCC.power_range_w, Range(4140.0, 22080.0, 100.0)),
            (EVCC, EVCC.operating_state, OperatingState("normalOperation")),
            (EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0)),
            (EVCEM, EVCEM.power_w, (3680.0, 3680.0, 3680.0)),
            (EVCEM, EVCEM.energy_wh, lambda energy: energy > 0),
            (EVSOC, EVSOC.soc_percent, lambda soc: 42 <= soc < 43),
            (OPEV, OPEV.limit_a, FREE),
            (OPEV, OPEV.range_a, PhaseRanges((permitted,) * 3)),
            (OSCEV, OSCEV.limit_a, FREE),
            (OSCEV, OSCEV.range_a, PhaseRanges((permitted,) * 3)),
            (MPC, MPC.power_w, 11040.0),
            (MPC, MPC.power_phase_w, (3680.0, 3680.0, 3680.0)),
            (MPC, MPC.current_a, (16.0, 16.0, 16.0)),
            (MPC, MPC.energy_consumed_wh, lambda energy: energy > 0),
        ]
        for use_case, point, value in wanted:
            await manager.expect_value(box.ski, use_case, point, value)
        manufacturer = manager.value(box.ski, EVSECC, EVSECC.manufacturer)
        assert manufacturer.device_name == "Peer Wallbox"
        assert manufacturer.brand_name == "PeerBrand"


async def test_changes_are_followed(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await manager.expect_value(box.ski, EVCC, EVCC.standard, "iso15118-2ed1")
        await box.command("set", standard="iec61851", standby=True, soc_percent=77)
        await manager.expect_value(box.ski, EVCC, EVCC.standard, "iec61851")
        await manager.expect_value(box.ski, EVCC, EVCC.operating_state, OperatingState("standby"))
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (0.0, 0.0, 0.0))
        await manager.expect_value(box.ski, EVSOC, EVSOC.soc_percent, 77.0)
        await box.command("state", state="failure", error_code="E7")
        await manager.expect_value(
            box.ski, EVSECC, EVSECC.operating_state, OperatingState("failure", "E7")
        )


async def test_limits_are_obeyed_lifted_and_refused(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await manager.expect_value(box.ski, OPEV, OPEV.limit_a, FREE)
        limits = PhaseLimits((10.0, 11.5, 12.0))
        done = await manager.write(box.ski, OPEV, OPEV.limit_a, limits)
        assert done.error_number == 0
        await box.expect("limit", use_case="OPEV", amperes=[10, 11.5, 12])
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (10.0, 11.5, 12.0))
        await manager.expect_value(box.ski, OPEV, OPEV.limit_a, limits)

        recommended = PhaseLimits((7.0, 7.0, 7.0))
        assert (await manager.write(box.ski, OSCEV, OSCEV.limit_a, recommended)).error_number == 0
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (7.0, 7.0, 7.0))
        await manager.write(box.ski, OSCEV, OSCEV.limit_a, FREE)
        await manager.write(box.ski, OPEV, OPEV.limit_a, FREE)
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))

        await box.command("refuse")
        refused = await manager.write(box.ski, OPEV, OPEV.limit_a, limits)
        assert (refused.error_number, refused.text) == (7, "refused by command")
        await manager.expect_value(box.ski, OPEV, OPEV.limit_a, FREE)


async def test_the_car_hears_our_heartbeat_in_time(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        beat = await box.expect("heartbeat", to=[1, 1])
        assert beat["timeout_s"] == 4
        mark = box.mark()
        await box.expect("heartbeat", since=mark, to=[1, 1], classifier="notify")
        mark = box.mark()
        await box.expect("heartbeat", 3, since=mark, to=[1, 1], classifier="notify")
        assert not box.seen("heartbeat_lost")


async def test_the_car_falls_back_when_we_fall_silent(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await box.expect("heartbeat", to=[1, 1])
        manager.node.host.heartbeats.silent = True
        await box.expect("heartbeat_lost", to=[1, 1])
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (6.0, 6.0, 6.0))
        manager.node.host.heartbeats.silent = False
        await box.expect("heartbeat_back", to=[1, 1])
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))


async def test_unplug_and_plug_change_the_entity(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await manager.expect_value(box.ski, OPEV, OPEV.limit_a, FREE)
        mark = len(manager.events)
        await box.command("unplug")
        await manager.expect(EntityChanged, lambda event: not event.present, since=mark)
        assert manager.value(box.ski, OPEV, OPEV.limit_a) is None
        assert manager.value(box.ski, EVSECC, EVSECC.operating_state) is not None

        mark = len(manager.events)
        await box.command("plug", standard="iec61851", current_a=13)
        await matched(manager, box, since=mark, code="opev")
        await manager.expect_value(box.ski, EVCC, EVCC.standard, "iec61851")
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (13.0, 13.0, 13.0))
        await manager.expect_value(box.ski, OPEV, OPEV.limit_a, FREE)
        done = await manager.write(box.ski, OPEV, OPEV.limit_a, PhaseLimits((8.0, 8.0, 8.0)))
        assert done.error_number == 0
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (8.0, 8.0, 8.0))


async def test_the_wallbox_dials_us(go_peers: PeerPrograms) -> None:
    async with (
        energy_manager() as manager,
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
    ):
        manager.trusted.add(box.ski)
        await box.command("dial", address=manager.address)
        await matched(manager, box)
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))


async def test_the_wallbox_approves_us_later(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *BOX, "--wait") as box,
        energy_manager() as manager,
    ):
        manager.dial(box.ski, box.port)
        await manager.expect(PhaseChanged, lambda event: event.turn is Turn.PEER_USER)
        await box.expect("pairing", ski=manager.ski, state="received_pairing_request")
        assert not manager.of(LinkUp)
        await box.command("trust", ski=manager.ski)
        await matched(manager, box)


async def test_the_wallbox_denies_us(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *BOX, "--wait") as box,
        energy_manager() as manager,
    ):
        manager.dial(box.ski, box.port)
        await box.expect("pairing", ski=manager.ski, state="received_pairing_request")
        await box.command("deny", ski=manager.ski)
        await manager.expect(RejectedByPeer)
        assert not manager.of(LinkUp)


async def test_the_wallbox_rejects_unknown_peers(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *BOX) as box,
        energy_manager() as manager,
    ):
        manager.dial(box.ski, box.port)
        await manager.expect(RejectedByPeer)
        assert not manager.of(LinkUp)


async def test_we_approve_the_wallbox_later(go_peers: PeerPrograms) -> None:
    async with (
        energy_manager(may_wait=lambda ski: True) as manager,
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
    ):
        await box.command("dial", address=manager.address)
        request = await manager.expect(PairingRequested)
        assert request.ski == box.ski
        assert not manager.of(LinkUp)
        manager.trusted.add(box.ski)
        manager.node.network.approve(box.ski)
        await matched(manager, box)


@pytest.mark.parametrize("waits", [True, False], ids=["denied by the user", "unknown"])
async def test_we_refuse_the_wallbox(go_peers: PeerPrograms, waits: bool) -> None:
    async with (
        energy_manager(may_wait=lambda ski: waits) as manager,
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
    ):
        await box.command("dial", address=manager.address)
        if waits:
            await manager.expect(PairingRequested)
            manager.node.network.deny(box.ski)
        await box.expect("pairing", state="remote_denied_trust")
        assert not manager.of(LinkUp)


@pytest.mark.parametrize("turn", range(4))
async def test_both_dial_at_once_and_one_connection_stays(
    go_peers: PeerPrograms, turn: int
) -> None:
    async with (
        energy_manager() as manager,
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
    ):
        manager.dial(box.ski, box.port)
        await box.command("dial", address=manager.address)
        await matched(manager, box)
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))
        mark = box.mark()
        await box.expect("heartbeat", since=mark, classifier="notify")
        assert len(manager.node.network.links(box.ski)) == 1


async def test_the_link_comes_back_after_the_wallbox_closed_it(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))
        mark = len(manager.events)
        await box.command("close")
        await manager.expect(LinkDown, since=mark)
        await matched(manager, box, since=mark)
        at_box = box.mark()
        await box.expect("heartbeat", since=at_box, to=[1, 1], classifier="notify")
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))


async def test_the_link_comes_back_after_we_closed_it(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "wallbox", *CHARGING) as box,
        energy_manager() as manager,
    ):
        await connect(manager, box)
        await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))
        mark = len(manager.events)
        at_box = box.mark()
        manager.node.network.reconnect(box.ski)
        await box.expect("disconnected", since=at_box)
        await matched(manager, box, since=mark)
        at_box = box.mark()
        await box.expect("heartbeat", since=at_box, to=[1, 1], classifier="notify")


async def test_the_link_comes_back_after_a_power_cut(
    go_peers: PeerPrograms, tmp_path: Path
) -> None:
    identity = ("--cert", str(tmp_path / "box.crt"), "--key", str(tmp_path / "box.key"))
    async with energy_manager() as manager:
        box = await GoPeer.start(go_peers, "wallbox", *CHARGING, *identity)
        try:
            await connect(manager, box)
            await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))
        finally:
            await box.kill()
        await manager.expect(LinkDown)
        mark = len(manager.events)
        async with GoPeer.running(
            go_peers, "wallbox", *CHARGING, *identity, "--port", str(box.port)
        ) as again:
            assert again.ski == box.ski
            await matched(manager, again, since=mark)
            await manager.expect_value(box.ski, EVCEM, EVCEM.current_a, (16.0, 16.0, 16.0))
