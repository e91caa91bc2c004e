"""Whole nodes over loopback: connecting, pairing, losing each other, closing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from eebus_gw.errors import ConfigError, LocalProtocolError
from eebus_gw.net.events import (
    ConnectFailedWith,
    Dialling,
    Direction,
    PairingEnded,
    PairingRequested,
    PeerChangedKey,
    PeerIdentified,
    UnpairedByPeer,
)
from eebus_gw.net.options import Limits
from eebus_gw.ship.backoff import Backoff
from tests.net.nodes import LOOPBACK, QUICK, datagram, linked, node
from tests.net.support import identity
from tests.support.waiting import until


async def test_two_nodes_exchange_data_both_ways() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        a.say(b, 1)
        b.say(a, 2)
        await until(lambda: b.heard(a) and a.heard(b))
        assert b.heard(a) == [datagram(1)]
        assert a.heard(b) == [datagram(2)]
        assert a.ups(b)[0].direction is Direction.OUTGOING
        assert b.ups(a)[0].direction is Direction.INCOMING
        assert a.ups(b)[0].certificate == b.identity.certificate_der
        assert b.ups(a)[0].certificate == a.identity.certificate_der
        assert a.sessions[b.ski].started
        await until(lambda: a.seen(PeerIdentified))
        assert a.seen(PeerIdentified) == [PeerIdentified(b.ski, identity(2).ship_id)]


async def test_redials_after_the_connection_broke_with_a_new_session() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        first = a.sessions[b.ski]
        link = b.network.link(a.ski)
        assert link is not None
        link.drop("lost", "cut")
        await a.up(b, times=2)
        assert first.closed
        assert a.sessions[b.ski] is not first
        assert [down.cause for down in a.downs(b)] == ["lost"]


async def test_redials_when_the_peer_comes_back_later() -> None:
    async with node(1) as a:
        async with node(2) as b:
            await linked(a, b)
            port = b.network.port
        await until(lambda: a.downs(b))
        assert a.downs(b)[0].cause == "peer"
        again = node(2, port=port)
        again.trusted.add(a.ski)
        async with again:
            await a.up(b, times=2)


async def test_waits_before_redialling_after_a_close() -> None:
    timing = replace(QUICK, redial_gap=0.4)
    async with node(1, timing=timing) as a, node(2) as b:
        await linked(a, b)
        b.network.disconnect(a.ski)
        await until(lambda: a.downs(b))
        closed_at = time.monotonic()
        await a.up(b, times=2)
        assert time.monotonic() - closed_at >= 0.35


async def test_disconnect_closes_in_order_and_stops_dialling() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        dials = len(a.seen(Dialling))
        a.network.disconnect(b.ski)
        await until(lambda: a.downs(b) and b.downs(a))
        assert (a.downs(b)[0].cause, b.downs(a)[0].cause) == ("local", "peer")
        closes = [frame for _, _, frame in a.frames if frame[0] == 3]
        assert [b'"announce"' in frame for frame in closes] == [True, False]
        assert b'"confirm"' in closes[1]
        await asyncio.sleep(QUICK.redial_gap * 3)
        assert not a.network.connected(b.ski)
        assert len(a.seen(Dialling)) == dials


async def test_unpaired_peer_stops_dialling_until_its_user_wants_to() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        b.network.forget(a.ski)
        await until(lambda: a.downs(b))
        assert a.seen(UnpairedByPeer) == [UnpairedByPeer(b.ski)]
        assert a.downs(b)[0].cause == "removed"
        await asyncio.sleep(QUICK.redial_gap * 3)
        assert not a.network.connected(b.ski)
        a.network.reconnect(b.ski)
        await a.up(b, times=2)


async def test_reconnect_makes_a_new_connection() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        a.network.reconnect(b.ski)
        await a.up(b, times=2)
        await b.up(a, times=2)


async def test_a_connection_that_leads_nowhere_is_begun_again_without_haste(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A peer that answers nothing may go on doing so for days: the pauses grow as if it could not be reached."""
    pauses: list[float] = []
    drawn = Backoff.next_delay_s

    def next_delay_s(backoff: Backoff, **how: bool) -> float:
        pauses.append(drawn(backoff, **how))
        return pauses[-1]

    monkeypatch.setattr(Backoff, "next_delay_s", next_delay_s)
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        pauses.clear()
        for times in (2, 3, 4):
            a.network.begin_again(b.ski)
            await a.up(b, times=times)
        assert pauses == sorted(pauses)
        assert len(set(pauses)) == 3
        a.network.reconnect(b.ski)
        await a.up(b, times=5)
        assert len(pauses) == 3


async def test_another_key_at_the_address_of_a_peer() -> None:
    async with node(1) as a, node(2) as b:
        expected = identity(3).ski
        a.trusted.add(expected)
        a.network.connect(expected, [b.place])
        await until(lambda: a.seen(PeerChangedKey))
        address = f"{LOOPBACK}:{b.network.port}"
        assert a.seen(PeerChangedKey)[0] == PeerChangedKey(address, expected, b.ski)
        assert not b.frames


async def test_failed_attempts_say_why_and_when_the_next_follows() -> None:
    timing = replace(QUICK, backoff_scale=1.0)
    async with node(1, timing=timing) as a:
        async with node(2) as b:
            place = b.place
        a.network.connect(b.ski, [place])
        await until(lambda: a.seen(ConnectFailedWith))
        assert a.seen(Dialling)[0] == Dialling(b.ski, f"{LOOPBACK}:{place[1]}")
        failure = a.seen(ConnectFailedWith)[0]
        assert failure.retry_s == 1.5
        assert "connect" in failure.text.lower()


async def test_addresses_are_tried_in_turn() -> None:
    async with node(1) as a, node(2) as b:
        b.trusted.add(a.ski)
        a.trusted.add(b.ski)
        a.network.connect(b.ski, [(LOOPBACK, 1, "/ship/"), b.place])
        await a.up(b)


async def test_no_more_connections_are_opened_at_once_than_the_limit() -> None:
    silent = [
        await asyncio.start_server(lambda reader, writer: None, LOOPBACK, 0) for _ in range(2)
    ]
    async with node(1, limits=Limits(opening=1), timing=replace(QUICK, open_timeout=5.0)) as a:
        for number, server in enumerate(silent, 2):
            port = server.sockets[0].getsockname()[1]
            a.network.connect(identity(number).ski, [(LOOPBACK, port, "/ship/")])
        await until(lambda: a.seen(Dialling))
        await asyncio.sleep(0.1)
        assert len(a.seen(Dialling)) == 1
    for server in silent:
        server.close()


async def test_own_ski_is_no_peer() -> None:
    async with node(1) as a:
        with pytest.raises(LocalProtocolError, match="our own SKI"):
            a.network.connect(a.ski, [a.place])


async def test_shutdown_closes_links_in_order() -> None:
    async with node(2) as b:
        async with node(1) as a:
            await linked(a, b)
        await until(lambda: b.downs(a))
        assert b.downs(a)[0].cause == "peer"
        assert a.downs(b)[0].cause == "local"
        assert a.frames[-1][2][1:] == b'{"connectionClose":[{"phase":"confirm"}]}'


async def test_shutdown_while_somebody_waits_and_somebody_is_silent() -> None:
    async with node(1) as a:
        async with node(2, window=True) as b:
            a.dial(b)
            await until(lambda: b.seen(PairingRequested))
            _, silent = await asyncio.open_connection(LOOPBACK, b.network.port)
            began = time.monotonic()
        assert time.monotonic() - began < QUICK.shutdown
        assert b.seen(PairingEnded)[-1] == PairingEnded(a.ski, approved=False)
        silent.close()


async def test_an_error_of_the_user_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with node(1):
            raise ZeroDivisionError


async def test_a_taken_port_is_an_error_of_the_system() -> None:
    async with node(1) as a:
        with pytest.raises(ConfigError, match="in use"):
            async with node(2, port=a.network.port):
                pytest.fail("two nodes listen on one port")
