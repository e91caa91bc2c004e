"""Delays between attempts to reach a peer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.ship.backoff import Backoff


def lowest() -> float:
    return 0.0


def highest() -> float:
    return 1.0


def test_shortest_delays() -> None:
    backoff = Backoff(lowest)
    delays = [backoff.next_delay_s() for _ in range(16)]
    assert delays == [0, 3, 10, 10, 10, 10, 10, 10, 10, 10, 20, 40, 80, 120, 120, 120]


def test_longest_delays() -> None:
    backoff = Backoff(highest)
    delays = [backoff.next_delay_s() for _ in range(14)]
    assert delays == [3, 10, 20, 20, 20, 20, 20, 20, 20, 20, 40, 80, 120, 120]


def test_peer_that_has_not_approved_us_is_asked_seldom() -> None:
    assert Backoff(lowest).next_delay_s(not_approved=True) == 60
    assert Backoff(highest).next_delay_s(not_approved=True) == 120


@pytest.mark.parametrize(("lasted_s", "next_s"), [(59.9, 10), (60.0, 0)])
def test_only_a_stable_connection_starts_anew(lasted_s: float, next_s: float) -> None:
    backoff = Backoff(lowest)
    for _ in range(5):
        backoff.next_delay_s()
    backoff.lost(lasted_s)
    assert backoff.next_delay_s() == next_s


def test_news_of_the_peer_start_anew() -> None:
    backoff = Backoff(highest)
    for _ in range(20):
        backoff.next_delay_s()
    backoff.reset()
    assert backoff.next_delay_s() == 3


@settings(deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1))
def test_never_longer_than_two_minutes(attempts: int, drawn: float) -> None:
    backoff = Backoff(lambda: drawn)
    for _ in range(attempts):
        delay_s = backoff.next_delay_s()
    assert 0 <= delay_s <= 120
