"""Whole nodes over loopback: connecting, pairing, losing each other, closing."""

from __future__ import annotations

from tests.net.nodes import datagram, node
from tests.net.support import until


async def test_two_nodes_exchange_data_both_ways() -> None:
    async with node(1) as a, node(2) as b:
        b.trusted.add(a.ski)
        a.dial(b)
        await a.up(b)
        await b.up(a)
        a.say(b, 1)
        b.say(a, 2)
        await until(lambda: b.heard(a) and a.heard(b))
        assert b.heard(a) == [datagram(1)]
        assert a.heard(b) == [datagram(2)]
