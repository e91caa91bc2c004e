"""Announcing and finding nodes by multicast DNS, on loopback (SHIP §7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf import ServiceInfo as Record
from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

from eebus_gw.net import mdns
from eebus_gw.net.events import NodeGone, NodeVisible, VisibleNode
from eebus_gw.net.interfaces import Interface, usable_interfaces
from eebus_gw.net.mdns import Announcement, Multicast, Sighting
from eebus_gw.net.options import ServiceInfo
from eebus_gw.ship.txt import SERVICE_TYPE
from tests.net.nodes import LOOPBACK, TestNode, node
from tests.net.support import identity
from tests.support.waiting import until


@pytest.fixture
async def multicast() -> AsyncIterator[Multicast]:
    async with Multicast((LOOPBACK,)) as shared:
        if shared.problems:
            pytest.skip(f"no multicast on loopback: {shared.problems}")
        yield shared


def announcing(number: int, multicast: Multicast | None, **options: Any) -> TestNode:
    plain = node(number, interfaces=(LOOPBACK,), **options)
    return TestNode(plain.identity, options=replace(plain.options, mdns=True), multicast=multicast)


def sees(a: TestNode, b: TestNode) -> VisibleNode | None:
    return next(
        (
            seen
            for seen in a.network.visible()
            if seen.record is not None and seen.record.ski == b.ski
        ),
        None,
    )


async def test_nodes_see_each_other_and_connect_without_an_address(multicast: Multicast) -> None:
    service = ServiceInfo(brand="Example", model="Box", type="ChargingStation", serial="7")
    async with (
        announcing(1, multicast) as a,
        announcing(2, multicast, service=service) as b,
    ):
        await until(lambda: sees(a, b) and sees(b, a))
        seen = sees(a, b)
        assert seen is not None
        assert seen.record is not None
        assert (seen.port, seen.addresses) == (b.network.port, (LOOPBACK,))
        assert seen.record.ship_id == identity(2).ship_id
        assert a.network.interfaces == ("lo",)
        assert (seen.record.brand, seen.record.model, seen.record.serial) == ("Example", "Box", "7")
        assert not seen.record.register
        assert seen.findings == ()
        assert sees(a, a) is None
        assert seen in [event.node for event in a.seen(NodeVisible)]
        a.trusted.add(b.ski)
        b.trusted.add(a.ski)
        a.network.connect(b.ski)
        await a.up(b)
        await b.up(a)


async def test_two_processes_find_each_other_and_a_goodbye_is_noticed() -> None:
    """Two zeroconf instances on one machine behave as two processes do."""
    async with announcing(1, None) as a:
        async with announcing(2, None) as b:
            a.trusted.add(b.ski)
            b.trusted.add(a.ski)
            a.network.connect(b.ski)
            await a.up(b)
        await until(lambda: a.seen(NodeGone))
        assert sees(a, b) is None


async def test_announcing_can_be_switched_off(multicast: Multicast) -> None:
    async with announcing(1, multicast) as a, announcing(2, multicast, announce=False) as b:
        await until(lambda: sees(b, a))
        assert sees(a, b) is None


async def test_records_with_faults_are_listed_with_what_is_wrong(multicast: Multicast) -> None:
    record = Record(
        SERVICE_TYPE,
        f"Odd.{SERVICE_TYPE}",
        port=9,
        properties={"txtvers": "1", "id": "odd", "path": "/ship/", "ski": "12", "register": "no"},
        server="odd.local.",
        parsed_addresses=[LOOPBACK],
    )
    stranger = AsyncZeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    try:
        await (await stranger.async_register_service(record, cooperating_responders=True))
        async with announcing(1, multicast) as a:
            await until(lambda: any(seen.name == "Odd" for seen in a.network.visible()))
            (odd,) = [seen for seen in a.network.visible() if seen.name == "Odd"]
            assert odd.record is not None
            assert odd.record.ski == ""
            assert any("ski" in finding for finding in odd.findings)
            assert any("register" in finding for finding in odd.findings)
    finally:
        await stranger.async_close()


def sighting(*addresses: str, port: int = 4712) -> Sighting:
    return Sighting(f"Box.{SERVICE_TYPE}", addresses, port, {"txtvers": "1"})


ETHERNET = Interface("eth9", "192.0.2.9", ("192.0.2.9", "2001:db8::9"))
WIRELESS = Interface("wlan9", "198.51.100.9", ("198.51.100.9",))


class FakeResponder:
    """Stands in for zeroconf on one interface."""

    made: list[FakeResponder]

    def __init__(self, interface: Interface, report: Any) -> None:
        if interface.name == "broken":
            raise OSError("address in use")
        self.interface, self.report = interface, report
        self.announced: list[Announcement] = []
        self.closed = False
        FakeResponder.made.append(self)

    def announce(self, announcement: Announcement) -> None:
        self.announced.append(announcement)

    async def withdraw(self, announcement: Announcement) -> None:
        self.announced.remove(announcement)

    async def close(self, *, goodbye: bool = True) -> None:
        self.said_goodbye = goodbye
        self.closed = True


@pytest.fixture
def interfaces(monkeypatch: pytest.MonkeyPatch) -> list[Interface]:
    """What the machine has; a test changes it. No packet leaves the machine."""
    present = [ETHERNET]
    FakeResponder.made = []
    monkeypatch.setattr(mdns, "_Responder", FakeResponder)
    monkeypatch.setattr(mdns, "usable_interfaces", lambda wanted: tuple(present))
    return present


ANNOUNCEMENT = Announcement("Gateway", "ship-1", 4712, {"txtvers": "1"})


async def test_a_new_interface_is_set_up_before_the_old_one_is_given_up(
    interfaces: list[Interface],
) -> None:
    async with Multicast() as multicast:
        multicast.announce(ANNOUNCEMENT)
        interfaces[:] = [WIRELESS]
        await multicast.scan()
        first, second = FakeResponder.made
        assert first.closed
        assert second.announced == [ANNOUNCEMENT]
        assert multicast.interfaces == (WIRELESS,)


async def test_only_a_network_that_is_left_hears_a_goodbye(interfaces: list[Interface]) -> None:
    """ship.md 2.5: peers drop whoever says goodbye; another address on the same network is none."""
    interfaces.append(WIRELESS)
    async with Multicast() as multicast:
        responders = {made.interface: made for made in FakeResponder.made}
        wired, wireless = responders[ETHERNET], responders[WIRELESS]
        interfaces[:] = [replace(ETHERNET, addresses=("192.0.2.9", "2001:db8::10"))]
        await multicast.scan()
        assert wired.closed
        assert not wired.said_goodbye
        assert wireless.said_goodbye
        renewed = FakeResponder.made[-1]
    assert renewed.said_goodbye


@pytest.mark.parametrize("goodbye", [True, False])
async def test_a_responder_leaves_with_or_without_a_goodbye(goodbye: bool) -> None:
    said: list[str] = []
    responder = mdns._Responder(Interface("lo", LOOPBACK, (LOOPBACK,)), lambda *report: None)
    responder.announce(ANNOUNCEMENT)
    registry = responder._zeroconf.zeroconf.registry
    await until(registry.async_get_service_infos)

    def hear(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        said.append(state_change.name)

    other = AsyncZeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    try:
        browser = AsyncServiceBrowser(other.zeroconf, SERVICE_TYPE, handlers=[hear])
        await until(lambda: "Added" in said)
        await responder.close(goodbye=goodbye)
        if goodbye:
            await until(lambda: "Removed" in said)
        assert ("Removed" in said) is goodbye
        await browser.async_cancel()
    finally:
        await other.async_close()


async def test_looks_for_new_interfaces_by_itself(interfaces: list[Interface]) -> None:
    async with Multicast(rescan=0.01) as multicast:
        interfaces.append(WIRELESS)
        await until(lambda: set(multicast.interfaces) == {ETHERNET, WIRELESS})


async def test_an_unusable_interface_is_a_problem_not_an_error(
    interfaces: list[Interface],
) -> None:
    interfaces.append(Interface("broken", "203.0.113.1", ("203.0.113.1",)))
    async with Multicast() as multicast:
        assert multicast.interfaces == (ETHERNET,)
        assert multicast.problems == {"broken": "address in use"}


async def test_sightings_on_several_interfaces_are_one_node(interfaces: list[Interface]) -> None:
    interfaces.append(WIRELESS)
    told: list[Sighting | None] = []
    async with Multicast() as multicast:
        multicast.watch(lambda name, seen: told.append(seen))
        wired, wireless = FakeResponder.made
        name = sighting().name
        wired.report(wired.interface, name, sighting("fe80::1%eth9", "192.0.2.1"))
        wireless.report(wireless.interface, name, sighting("198.51.100.1"))
        wireless.report(wireless.interface, name, sighting("198.51.100.1"))
        wired.report(wired.interface, name, None)
        wireless.report(wireless.interface, name, None)
    assert told == [
        sighting("192.0.2.1", "fe80::1%eth9"),
        sighting("192.0.2.1", "198.51.100.1", "fe80::1%eth9"),
        sighting("198.51.100.1"),
        None,
    ]


async def test_who_watches_later_hears_what_is_known(interfaces: list[Interface]) -> None:
    told: list[Sighting | None] = []
    async with Multicast() as multicast:
        (responder,) = FakeResponder.made
        responder.report(responder.interface, sighting().name, sighting("192.0.2.1"))
        multicast.watch(lambda name, seen: told.append(seen))
    assert told == [sighting("192.0.2.1")]


def test_each_interface_hears_of_its_own_addresses_only() -> None:
    record = ANNOUNCEMENT.on(ETHERNET)
    assert record is not None
    assert record.parsed_addresses() == ["192.0.2.9", "2001:db8::9"]
    assert record.server == "ship-1.local."
    restricted = replace(ANNOUNCEMENT, host="192.0.2.9")
    on_ethernet, on_wireless = restricted.on(ETHERNET), restricted.on(WIRELESS)
    assert on_ethernet is not None
    assert on_ethernet.parsed_addresses() == ["192.0.2.9"]
    assert on_wireless is None


def test_txtvers_comes_first() -> None:
    record = announced_text()
    assert record[1:].startswith(b"txtvers=1")


def announced_text() -> bytes:
    async def text() -> bytes:
        async with Multicast(("none",)) as nowhere, announcing(1, nowhere) as a:
            announcement = a.network._announcement
            assert announcement is not None
            record = announcement.on(Interface("lo", LOOPBACK, (LOOPBACK,)))
            assert record is not None
            return record.text

    return asyncio.run(text())


def test_loopback_is_used_only_when_named() -> None:
    assert all(not one.name.startswith("lo") for one in usable_interfaces())
    assert [one.multicast for one in usable_interfaces((LOOPBACK,))] == [LOOPBACK]
    assert usable_interfaces(("lo",)) == usable_interfaces((LOOPBACK,))


@pytest.mark.parametrize(
    ("again", "asked"),
    [(("192.0.2.2", 4712), 1), (("192.0.2.1", 12480), 1), (("192.0.2.1", 4712), 0)],
    ids=["address", "port", "text"],
)
async def test_a_trusted_peer_that_shows_up_elsewhere_has_to_answer_on_the_old_connection(
    monkeypatch: pytest.MonkeyPatch, again: tuple[str, int], asked: int
) -> None:
    """ship.md 2.4: replace what is known; a connection that is not alive is given up at once."""
    doubts: list[str] = []

    async def check_alive(ski: str) -> None:
        doubts.append(ski)

    async with node(1) as a:
        a.network.connect(identity(2).ski)
        monkeypatch.setattr(a.network._switchboard, "check_alive", check_alive)
        text: dict[str | bytes, str | bytes | None] = {
            "txtvers": "1",
            "id": "box",
            "path": "/ship/",
            "ski": identity(2).ski,
        }
        for (host, port), brand in ((("192.0.2.1", 4712), "old"), (again, "new")):
            seen = Sighting(f"Box.{SERVICE_TYPE}", (host,), port, {**text, "brand": brand})
            a.network._sighted(seen.name, seen)
        await asyncio.sleep(0)
        assert doubts == [identity(2).ski] * asked
