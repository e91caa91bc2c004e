"""What is known of a connection: heartbeats that stop, and how long a device was without the gateway."""

from __future__ import annotations

from datetime import UTC, datetime

from eebus_gw.gateway.links import LinkState
from eebus_gw.net.events import Direction, LinkDown, LinkUp
from tests.net.nodes import FakeSession

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
WALL = datetime(2026, 11, 25, tzinfo=UTC)


def test_a_heartbeat_that_came_again_and_again_is_missed() -> None:
    link = LinkState()
    assert link.beating(1_000)
    link.beat((1,), 0)
    link.beat((1,), 60)
    assert link.beating(180)
    assert not link.beating(181)


def test_a_single_one_promises_no_other() -> None:
    """As from a device that answers a read, but takes no subscription."""
    link = LinkState()
    link.beat((1,), 0)
    assert link.beating(1_000)


def test_each_entity_has_its_own() -> None:
    """A heartbeat of the car does not stand for the wallbox."""
    link = LinkState()
    for at in (0, 60, 120, 180):
        link.beat((1, 1), at)
    for at in (0, 60):
        link.beat((1,), at)
    assert not link.beating(190)


def test_the_time_without_the_gateway_adds_up() -> None:
    link = LinkState()
    up, down = LinkUp(SKI, Direction.OUTGOING, FakeSession()), LinkDown(SKI, "timeout", "silent")
    link.follow(down, 50.0, WALL)
    assert link.disconnected_s(60.0) == 0.0, "never connected so far: nothing was lost"
    link.follow(up, 100.0, WALL)
    assert link.disconnected_s(200.0) == 0.0
    link.follow(down, 200.0, WALL)
    link.follow(down, 210.0, WALL)
    assert link.disconnected_s(215.0) == 15.0
    link.follow(up, 220.0, WALL)
    link.follow(up, 230.0, WALL)
    assert link.disconnected_s(300.0) == 20.0, (
        "a second connection in place of the first loses nothing"
    )
    link.follow(down, 300.0, WALL)
    assert link.disconnected_s(305.0) == 25.0
