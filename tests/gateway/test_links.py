"""What is known of a connection: heartbeats that stop."""

from __future__ import annotations

from eebus_gw.gateway.links import LinkState


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
