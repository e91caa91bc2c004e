"""Whole nodes over loopback: connecting, pairing, losing each other, closing."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.net.events import (
    ConnectFailedWith,
    Direction,
    PairingEnded,
    PairingRequested,
    PeerChangedKey,
    PeerIdentified,
    PeerRefused,
    PhaseChanged,
    RejectedByPeer,
    UnpairedByPeer,
)
from eebus_gw.ship.states import Turn
from tests.net.nodes import LOOPBACK, QUICK, TestNode, datagram, node
from tests.net.support import Relay, identity, until


async def linked(a: TestNode, b: TestNode) -> None:
    """``a`` dials ``b``, and data flows."""
    b.trusted.add(a.ski)
    a.dial(b)
    await a.up(b)
    await b.up(a)


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
        assert a.sessions[b.ski].started
        await until(lambda: a.seen(PeerIdentified))
        assert a.seen(PeerIdentified) == [PeerIdentified(b.ski, identity(2).ship_id)]


async def test_small_messages_leave_at_once_on_both_ends() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        for link in (*a.network.links(b.ski), *b.network.links(a.ski)):
            plain = link._socket.transport.get_extra_info("socket")
            assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


async def test_every_frame_is_traced_on_both_ends() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        a.say(b, 1)
        await until(lambda: b.heard(a))
        sent = [frame for _, way, frame in a.frames if way == "out"]
        received = [frame for _, way, frame in b.frames if way == "in"]
        assert sent == received
        assert sent[0] == b"\x00\x00"


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
        a.network.disconnect(b.ski)
        await until(lambda: a.downs(b) and b.downs(a))
        assert (a.downs(b)[0].cause, b.downs(a)[0].cause) == ("local", "peer")
        closes = [frame for _, _, frame in a.frames if frame[0] == 3]
        assert [b'"announce"' in frame for frame in closes] == [True, False]
        assert b'"confirm"' in closes[1]
        await asyncio.sleep(QUICK.redial_gap * 3)
        assert not a.network.connected(b.ski)


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


async def test_unknown_peer_waits_for_approval() -> None:
    async with node(1) as a, node(2, window=True) as b:
        a.dial(b)
        await until(lambda: b.seen(PairingRequested))
        request = b.seen(PairingRequested)[0]
        assert request.ski == a.ski
        assert 58 <= request.waiting_s <= 240
        assert request.address.startswith(LOOPBACK)
        assert b.network.waiting() == {a.ski}
        await until(lambda: any(e.turn is Turn.PEER_USER for e in a.seen(PhaseChanged)))
        b.trusted.add(a.ski)
        b.network.approve(a.ski)
        await a.up(b)
        await b.up(a)
        assert b.seen(PairingEnded) == [PairingEnded(a.ski, approved=True)]
        assert b.network.waiting() == frozenset()


async def test_denied_peer_is_told() -> None:
    async with node(1) as a, node(2, window=True) as b:
        a.dial(b)
        await until(lambda: b.seen(PairingRequested))
        b.network.deny(a.ski)
        await until(lambda: a.seen(RejectedByPeer))
        assert b.seen(PairingEnded)[0] == PairingEnded(a.ski, approved=False)
        assert not a.ups(b)


async def test_without_a_window_an_unknown_peer_is_refused() -> None:
    async with node(1) as a, node(2) as b:
        a.dial(b)
        await until(lambda: a.seen(RejectedByPeer))
        assert not b.seen(PairingRequested)
        assert "no pairing window is open" in b.seen(PeerRefused)[0].text


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
        failure = a.seen(ConnectFailedWith)[0]
        assert failure.retry_s == 1.5
        assert "connect" in failure.text.lower()


async def test_addresses_are_tried_in_turn() -> None:
    async with node(1) as a, node(2) as b:
        b.trusted.add(a.ski)
        a.trusted.add(b.ski)
        a.network.connect(b.ski, [(LOOPBACK, 1, "/ship/"), b.place])
        await a.up(b)


async def test_own_ski_is_no_peer() -> None:
    async with node(1) as a:
        with pytest.raises(LocalProtocolError, match="our own SKI"):
            a.network.connect(a.ski, [a.place])


async def test_silent_peer_is_dropped_by_pings() -> None:
    timing = replace(QUICK, ping_interval=0.2, ping_timeout=0.2)
    async with node(1, timing=timing) as a, node(2) as b, Relay(b.network.port) as relay:
        b.trusted.add(a.ski)
        a.trusted.add(b.ski)
        a.network.connect(b.ski, [(LOOPBACK, relay.port, "/ship/")])
        await a.up(b)
        relay.frozen = True
        await until(lambda: a.downs(b))
        assert a.downs(b)[0].cause == "timeout"


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


async def test_an_error_in_a_session_ends_its_link_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with node(1) as a, node(2) as b, node(3) as c:
        await linked(a, b)
        await linked(a, c)

        def broken(payload: object, now: float) -> None:
            raise RuntimeError("broken on purpose")

        a.sessions[b.ski].receive = broken  # type: ignore[method-assign]
        b.say(a, 1)
        await until(lambda: a.downs(b))
        assert a.downs(b)[0].cause == "error"
        assert "broken on purpose" in caplog.text
        await a.up(b, times=2)
        assert not a.downs(c)


async def test_session_timer_fires() -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        session = a.sessions[b.ski]
        session.deadline = a.clock.now() + 0.05
        wanted = session.deadline
        a.network.wake(b.ski)
        await until(lambda: session.fired)
        assert session.fired[0] >= wanted


async def test_a_peer_that_takes_nothing_is_dropped_and_never_blocks_us() -> None:
    limits = replace(node(1).options.limits, unsent_bytes=200_000)
    async with (
        node(1, limits=limits) as a,
        node(2) as b,
        Relay(b.network.port) as relay,
    ):
        b.trusted.add(a.ski)
        a.trusted.add(b.ski)
        a.network.connect(b.ski, [(LOOPBACK, relay.port, "/ship/")])
        await a.up(b)
        relay.frozen = True
        big = {"datagram": [{"header": "x" * 90_000}]}
        session = a.sessions[b.ski]

        def send_more() -> bool:
            session.outgoing.append(big)
            a.network.wake(b.ski)
            return bool(a.downs(b))

        await until(send_more)
        assert a.downs(b)[0].cause == "timeout"


async def test_an_error_of_the_user_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with node(1):
            raise ZeroDivisionError


async def test_a_taken_port_is_an_error_of_the_system() -> None:
    async with node(1) as a:
        with pytest.raises(OSError, match="in use"):
            async with node(2, port=a.network.port):
                pytest.fail("two nodes listen on one port")
