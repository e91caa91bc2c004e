"""Carries out what ``ship.rivalry`` decides about two connections to one peer."""

from __future__ import annotations

import asyncio
import contextlib

from eebus_gw.clock import Clock
from eebus_gw.net.events import Direction
from eebus_gw.net.pump import Link
from eebus_gw.ship.rivalry import PING_S, Contender, Drop, Ping, Rivalry, Setting


async def settle(older: Link, newer: Link, *, own_ski: str, setting: Setting, clock: Clock) -> None:
    """Returns when one of the two is left, or none; losers are closing by then."""
    links = dict(enumerate((older, newer)))
    rivalry = Rivalry(
        own_ski=own_ski,
        peer_ski=newer.ski,
        older=_contender(0, older),
        newer=_contender(1, newer),
        now=clock.now(),
        setting=setting,
    )
    news = asyncio.Event()

    async def ping(number: int) -> None:
        if await links[number].answers(within=PING_S):
            rivalry.handle_pong(number, clock.now())
            news.set()

    async def watch(number: int) -> None:
        await links[number].wait_gone()
        rivalry.handle_gone(number)
        news.set()

    async with asyncio.TaskGroup() as group:
        helpers = [group.create_task(watch(number)) for number in links]
        while True:
            while (action := rivalry.next_action()) is not None:
                match action:
                    case Ping(number):
                        helpers.append(group.create_task(ping(number)))
                    case Drop(number, dead):
                        _drop(links[number], dead=dead)
            if rivalry.settled:
                break
            await _wait(news, rivalry, clock)
        for helper in helpers:
            helper.cancel()


def _contender(number: int, link: Link) -> Contender:
    return Contender(number, dialled=link.direction is Direction.OUTGOING)


def _drop(link: Link, *, dead: bool) -> None:
    if dead:
        link.drop("timeout", "it did not answer when a second connection appeared")
    else:
        link.discard()


async def _wait(news: asyncio.Event, rivalry: Rivalry, clock: Clock) -> None:
    deadline = rivalry.next_deadline()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None if deadline is None else deadline - clock.now()):
            await news.wait()
    news.clear()
    rivalry.handle_timer(clock.now())
