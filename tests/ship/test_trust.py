"""Who may talk to us."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.ship.states import Role
from eebus_gw.ship.trust import Decision, PendingPeers, Verdict, decide

OWN, PEER = "a" * 40, "b" * 40
OTHERS = [str(number) * 40 for number in range(4)]


def decision(pending: PendingPeers | None = None, now: float = 0.0, **change: Any) -> Decision:
    given: dict[str, Any] = {
        "own_ski": OWN,
        "peer_ski": PEER,
        "role": Role.SERVER,
        "trusted": False,
        "window_open": True,
    }
    return decide(**given | change, pending=PendingPeers() if pending is None else pending, now=now)


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"trusted": True}, Verdict.TRUSTED, "paired"),
        ({"trusted": True, "window_open": False}, Verdict.TRUSTED, "paired"),
        ({"role": Role.CLIENT, "window_open": False}, Verdict.TRUSTED, "asked for"),
        ({}, Verdict.PENDING, "has to decide"),
        ({"window_open": False}, Verdict.DENIED, "no pairing window"),
        ({"peer_ski": OWN, "trusted": True}, Verdict.DENIED, "our own SKI"),
        ({"peer_ski": OWN, "role": Role.CLIENT}, Verdict.DENIED, "our own SKI"),
    ],
)
def test_verdicts(change: dict[str, Any], verdict: Verdict, reason: str) -> None:
    decided = decision(**change)
    assert decided.verdict is verdict
    assert reason in decided.reason


def test_pending_peer_may_wait_half_an_hour() -> None:
    assert decision().waiting_s == 1800


def test_four_peers_wait_at_most() -> None:
    pending = PendingPeers()
    for ski in OTHERS:
        assert decision(pending, peer_ski=ski).verdict is Verdict.PENDING
        pending.enter(ski, 0)

    assert decision(pending).reason == "too many unknown peers wait for a decision"
    assert decision(pending, peer_ski=OTHERS[0]).verdict is Verdict.PENDING

    pending.leave(OTHERS[0], 1)
    assert pending.waiting == 3
    assert decision(pending).verdict is Verdict.PENDING


def test_life_goes_on_over_reconnects() -> None:
    pending = PendingPeers()
    pending.enter(PEER, 0)
    pending.leave(PEER, 600)
    assert decision(pending, now=700).waiting_s == 1100

    pending.enter(PEER, 700)
    pending.leave(PEER, 1800)
    assert decision(pending, now=1800).reason == "the peer has waited for a decision long enough"


def test_peer_is_forgotten_after_twice_its_life() -> None:
    pending = PendingPeers()
    pending.enter(PEER, 0)
    pending.leave(PEER, 1)
    pending.enter(OTHERS[0], 2)
    pending.leave(OTHERS[0], 3599)
    assert decision(pending, now=3599).verdict is Verdict.DENIED

    pending.enter(OTHERS[1], 3601)
    pending.leave(OTHERS[1], 3601)
    assert decision(pending, now=3601).verdict is Verdict.PENDING


def test_new_window_lets_every_peer_wait_again() -> None:
    pending = PendingPeers()
    pending.enter(PEER, 0)
    pending.leave(PEER, 1800)
    pending.begin_anew(1800)
    assert decision(pending, now=1801).waiting_s == 1800


def test_new_window_prolongs_the_life_of_a_peer_that_waits() -> None:
    """Its connection may end at the old time, but it may come again."""
    pending = PendingPeers()
    pending.enter(PEER, 0)
    pending.begin_anew(1700)
    pending.leave(PEER, 1800)
    assert decision(pending, now=1801).waiting_s == 1699


def test_two_connections_of_one_peer_take_one_place() -> None:
    pending = PendingPeers(limit=1)
    pending.enter(PEER, 0)
    pending.enter(PEER, 1)
    pending.leave(PEER, 2)
    assert pending.waiting == 1
    assert decision(pending, peer_ski=OTHERS[0]).verdict is Verdict.DENIED


def test_leaving_without_having_entered_is_no_error() -> None:
    pending = PendingPeers()
    pending.leave(PEER, 0)
    assert pending.waiting == 0
