"""Whoever goes quiet while a car discharges: how soon the measured power is back (end of contract §3).

The death of the gateway, tightened limits and the feed-in rule are rows of the day over sockets; the end of a setpoint
on the wire, two minutes long, is one of the models.
"""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.e2e.side_by_side import Outcomes, Scenario
from tests.e2e.site import Site, build_site
from tests.support.broker import Mosquitto
from tests.support.processes import Plant, eventually

IDLE_W = 50.0
WISH_W = -3_000.0
CAR = ("--ev", "bidirectional", "--soc", "80", "--min-soc", "20")
CONFIG = '[site]\nfeed_in = "allowed"\n'
SEEN_S = 2.0
"""A line of the wallbox is up to a second old, and a slow machine takes its time to read it."""


async def discharging(plant: Plant, broker: Mosquitto, duration_s: float) -> tuple[Site, float]:
    """A car that gives what is wished, and the moment in which that was wished."""
    site = await build_site(plant, broker, *CAR, config=CONFIG)
    await eventually(lambda: site.mqtt.document(f"{site.device}/setpoint").get("state") == "ready")
    wished_at = time.monotonic()
    wish = {"setpoint_w": WISH_W, "active": True, "duration_s": duration_s}
    result = await site.mqtt.command(site.device, "wish", setpoint=wish)
    assert result["state"] == "applied", result
    await eventually(lambda: site.box.now["power_w"] <= WISH_W + IDLE_W, "the car gives it")
    return site, wished_at


async def ended(site: Site, since: float, within_s: float) -> float:
    """Returns how long after ``since`` the measured power was back."""
    left_s = since + within_s + SEEN_S - time.monotonic()
    await eventually(
        lambda: site.box.now["power_w"] > -IDLE_W, "the end of discharging", within=left_s
    )
    return time.monotonic() - since


async def the_gateway_stands_still(plant: Plant, broker: Mosquitto) -> None:
    """The socket stays open; only the heartbeat is missing."""
    site, _ = await discharging(plant, broker, 600)
    site.gateway.process.send_signal(signal.SIGSTOP)
    try:
        await ended(site, time.monotonic(), 10)
    finally:
        site.gateway.process.send_signal(signal.SIGCONT)


async def the_command_has_an_end(plant: Plant, broker: Mosquitto) -> None:
    site, wished_at = await discharging(plant, broker, 12)
    lasted_s = await ended(site, wished_at, 12 + SEEN_S)
    assert lasted_s > 11, "not before"
    await eventually(lambda: not site.mqtt.document(f"{site.device}/setpoint")["active"])


async def the_broker_cannot_be_reached(plant: Plant, broker: Mosquitto) -> None:
    site, _ = await discharging(plant, broker, 600)
    broker.kill()
    gone_at = time.monotonic()
    # An outage that is soon over ends nothing; that it lasts is what this waits for.
    await asyncio.sleep(40)
    assert site.box.now["power_w"] <= WISH_W + IDLE_W
    await ended(site, gone_at, 65)


SCENARIOS = (
    the_gateway_stands_still,
    the_command_has_an_end,
    the_broker_cannot_be_reached,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_discharging_ends_in_time(scenario: Scenario, outcomes: Outcomes) -> None:
    outcomes.check(scenario)
