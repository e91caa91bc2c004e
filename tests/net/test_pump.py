"""One link: everything from frames to the session and back, and how it ends."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from tests.net.nodes import LOOPBACK, QUICK, datagram, linked, node
from tests.net.support import Relay
from tests.support.waiting import until


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


async def test_a_message_that_is_too_long_is_lost_alone(caplog: pytest.LogCaptureFixture) -> None:
    async with node(1) as a, node(2) as b:
        await linked(a, b)
        a.sessions[b.ski].outgoing.append({"datagram": [{"header": "x" * 110_000}]})
        a.say(b, 2)
        await until(lambda: b.heard(a))
        assert b.heard(a) == [datagram(2)]
        assert "was not sent" in caplog.text
