"""Clients that connect and say nothing: bounded, and nobody is kept out by them."""

from __future__ import annotations

import asyncio
import contextlib

from eebus_gw.net.options import Limits
from tests.net.nodes import LOOPBACK, node
from tests.net.test_listener import knock
from tests.support.waiting import until


async def still_open(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.05):
            with contextlib.suppress(ConnectionError):
                return await reader.read() != b""
    except TimeoutError:
        return True
    return False


async def test_the_oldest_stranger_gives_way() -> None:
    async with node(1, limits=Limits(strangers=3)) as a:
        ends = [await asyncio.open_connection(LOOPBACK, a.network.port) for _ in range(5)]
        await until(lambda: ends[1][0].at_eof())
        assert [await still_open(reader) for reader, _ in ends] == [False, False, True, True, True]
        for _, writer in ends:
            writer.close()


async def test_whoever_has_shown_a_certificate_stays() -> None:
    async with node(1, limits=Limits(strangers=1)) as a:
        known = await knock(a, 2)
        ends = [await asyncio.open_connection(LOOPBACK, a.network.port) for _ in range(5)]
        await until(lambda: ends[3][0].at_eof())
        await (await known.ping())
        last = await knock(a, 3)  # finds a place among the silent ones
        await (await last.ping())
        for socket in (known, last):
            await socket.close()
        for _, writer in ends:
            writer.close()


async def test_clients_that_have_gone_take_no_place() -> None:
    async with node(1, limits=Limits(strangers=2)) as a:
        waiting = await asyncio.open_connection(LOOPBACK, a.network.port)
        for _ in range(5):
            socket = await knock(a, 2)
            await socket.close()
        assert await still_open(waiting[0])
        waiting[1].close()
