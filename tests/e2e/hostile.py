"""A site under attack, those who attack it, and the proof that it does its work all the same."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eebus_gw.identity import Identity
from tests.e2e.site import Site, build_site
from tests.support.broker import Mosquitto
from tests.support.peer import ShipPeer
from tests.support.processes import Plant

MOST_MEMORY_MB = 160
MOST_LOG_LINES = 300

_currents = itertools.cycle(range(15, 6, -1))  # a reduction never waits for its turn
_numbers = itertools.count()


@contextmanager
def besieged_site(directory: Path) -> Iterator[Site]:
    """A gateway with two wallboxes; in the end no link broke, and neither memory nor log has overflown."""
    with Mosquitto(directory) as broker, Plant(directory) as plant:
        site = asyncio.run(build_site(plant, broker, boxes=2))
        yield site
        for device in site.devices:
            link = site.mqtt.document(f"{device}/link")
            assert link["reconnects"] == 0, f"{device} has noticed: {link}"
        assert site.gateway.rss_mb < MOST_MEMORY_MB
        assert len(site.gateway.log_text().splitlines()) < MOST_LOG_LINES


async def obeys(site: Site, device: str, *, patience_s: float = 0) -> None:
    """A command to ``device`` is carried out; refusals for the rate may go on for ``patience_s``."""
    deadline = time.monotonic() + patience_s
    ampere = next(_currents)
    while True:
        result = await site.mqtt.command(device, f"obey-{next(_numbers)}", max_current_a=ampere)
        if result["reason"] != "rate_limited" or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    assert (result["state"], result["actual"]) == ("applied", [ampere] * 3), result


def stranger(site: Site) -> ShipPeer:
    """A peer that nobody knows; a new one each time, for one SKI is limited to ten a minute."""
    return ShipPeer(Identity.create(), site.gateway.port)


async def trusted(site: Site) -> ShipPeer:
    """A peer whom the gateway trusts."""
    identity = Identity.create()
    await site.gateway.ask("pair", ski=identity.ski, alias=f"bad {identity.ski[:6]}")
    return ShipPeer(identity, site.gateway.port)


def violations(site: Site, peer: ShipPeer) -> list[str]:
    """What the gateway has told of the peer's violations."""
    events = site.mqtt.events("protocol_violation")
    return [event["text"] for event in events if event["ski"] == peer.identity.ski]
