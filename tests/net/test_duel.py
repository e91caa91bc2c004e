"""Two connections to one peer (SHIP §12.2.2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from eebus_gw.net import dialer
from eebus_gw.net.address import Address
from eebus_gw.net.events import Direction
from eebus_gw.ship import rivalry
from tests.net.nodes import LOOPBACK, TestNode, datagram, node
from tests.net.support import Relay, identities_by_ski, identity
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivalry, "PING_S", 0.3)
    monkeypatch.setattr(rivalry, "SMALLER_WAITS_S", 0.3)
    monkeypatch.setattr("eebus_gw.net.duel.PING_S", 0.3)


def number_of(ski: str) -> int:
    return 1 if identity(1).ski == ski else 2


@contextlib.asynccontextmanager
async def pair(**options: object) -> AsyncIterator[tuple[TestNode, TestNode]]:
    """Two nodes that trust each other, the one with the smaller SKI first."""
    smaller, larger = identities_by_ski()
    async with (
        node(number_of(smaller.ski), **options) as a,  # type: ignore[arg-type]
        node(number_of(larger.ski), **options) as b,  # type: ignore[arg-type]
    ):
        a.trusted.add(b.ski)
        b.trusted.add(a.ski)
        yield a, b


async def open_another(a: TestNode, b: TestNode, port: int | None = None) -> asyncio.Task[None]:
    """``a`` opens a connection to ``b``, whatever exists already."""
    address = Address(LOOPBACK, port or b.network.port)
    network = a.network
    socket = await dialer.dial(network._tls, b.ski, address, a.options)
    return asyncio.create_task(network.run_outgoing(socket, b.ski, address))


def directions(a: TestNode, b: TestNode) -> list[Direction]:
    return [link.direction for link in a.network.links(b.ski)]


def carries(a: TestNode, b: TestNode) -> bool:
    """Whether the one connection that ``a`` has to ``b`` is through with its handshake."""
    (link,) = a.network.links(b.ski)
    return link.session is not None


async def one_left(a: TestNode, b: TestNode, left: Direction) -> None:
    """Exactly one connection remains, seen as ``left`` by ``a``, and it works both ways."""
    other = Direction.INCOMING if left is Direction.OUTGOING else Direction.OUTGOING
    await until(lambda: directions(a, b) == [left] and directions(b, a) == [other])
    await until(lambda: carries(a, b) and carries(b, a))
    a.say(b, 77)
    b.say(a, 78)
    await until(lambda: datagram(77) in b.heard(a) and datagram(78) in a.heard(b))
    assert not a.downs(b)
    assert not b.downs(a)


async def test_the_one_opened_by_the_larger_ski_replaces_an_older_one() -> None:
    async with pair() as (smaller, larger):
        first = await open_another(smaller, larger)
        await smaller.up(larger)
        await larger.up(smaller)
        second = await open_another(larger, smaller)
        await one_left(larger, smaller, Direction.OUTGOING)
        assert len(larger.ups(smaller)) == len(smaller.ups(larger)) == 2
        await first
    await second


async def test_the_one_opened_by_the_larger_ski_stays() -> None:
    async with pair() as (smaller, larger):
        first = await open_another(larger, smaller)
        await smaller.up(larger)
        await larger.up(smaller)
        second = await open_another(smaller, larger)
        await one_left(larger, smaller, Direction.OUTGOING)
        assert len(larger.ups(smaller)) == len(smaller.ups(larger)) == 1
        await second
    await first


async def test_setting_newest_keeps_the_newest() -> None:
    async with pair(double_connection="newest") as (smaller, larger):
        first = await open_another(larger, smaller)
        await smaller.up(larger)
        await larger.up(smaller)
        second = await open_another(smaller, larger)
        await one_left(larger, smaller, Direction.INCOMING)
        await first
    await second


async def test_both_dial_at_the_same_moment() -> None:
    async with pair() as (smaller, larger):
        smaller.network.connect(larger.ski, [larger.place])
        larger.network.connect(smaller.ski, [smaller.place])
        await smaller.up(larger)
        await larger.up(smaller)
        both = [Direction.INCOMING], [Direction.OUTGOING]
        await until(
            lambda: (directions(smaller, larger), directions(larger, smaller)) in (both, both[::-1])
        )
        await one_left(larger, smaller, directions(larger, smaller)[0])


@pytest.mark.parametrize("dead_opened_by_larger", [True, False])
async def test_a_dead_connection_loses(dead_opened_by_larger: bool) -> None:
    async with pair() as (smaller, larger):
        a, b = (larger, smaller) if dead_opened_by_larger else (smaller, larger)
        async with Relay(b.network.port) as relay:
            dead = await open_another(a, b, relay.port)
            await a.up(b)
            await b.up(a)
            relay.frozen = True
            alive = await open_another(b, a)
            await one_left(b, a, Direction.OUTGOING)
            await dead
    await alive
