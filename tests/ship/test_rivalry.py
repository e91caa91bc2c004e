"""Two connections to one peer, against both ways others decide (SHIP 12.2.2, TC_SHIP_CONN_001)."""

from __future__ import annotations

from itertools import product

import pytest

from eebus_gw.ship.rivalry import Contender, Drop, Ping, Rivalry, RivalryAction, Setting

SMALL, LARGE = "0" * 39 + "a", "0" * 39 + "b"
OLDER, NEWER = 1, 2


def rivalry(
    *,
    own_larger: bool,
    older_dialled: bool,
    newer_dialled: bool,
    setting: Setting = "initiator",
) -> Rivalry:
    own, peer = (LARGE, SMALL) if own_larger else (SMALL, LARGE)
    return Rivalry(
        own_ski=own,
        peer_ski=peer,
        older=Contender(OLDER, older_dialled),
        newer=Contender(NEWER, newer_dialled),
        now=100.0,
        setting=setting,
    )


def drain(plan: Rivalry) -> list[RivalryAction]:
    actions = []
    while (action := plan.next_action()) is not None:
        actions.append(action)
    return actions


@pytest.mark.parametrize(
    ("own_larger", "older_dialled", "newer_dialled"), list(product([True, False], repeat=3))
)
def test_dead_older_connection_gives_way(
    own_larger: bool, older_dialled: bool, newer_dialled: bool
) -> None:
    plan = rivalry(own_larger=own_larger, older_dialled=older_dialled, newer_dialled=newer_dialled)
    assert drain(plan) == [Ping(OLDER)]
    assert plan.next_deadline() == 103

    plan.handle_timer(103.0)

    assert drain(plan) == [Drop(OLDER, dead=True)]
    assert plan.settled
    assert plan.next_deadline() is None


@pytest.mark.parametrize(
    ("older_dialled", "newer_dialled", "loser"),
    [(True, False, NEWER), (False, True, OLDER), (False, False, OLDER), (True, True, OLDER)],
)
def test_larger_ski_decides_at_once_for_the_connection_it_opened(
    older_dialled: bool, newer_dialled: bool, loser: int
) -> None:
    plan = rivalry(own_larger=True, older_dialled=older_dialled, newer_dialled=newer_dialled)
    drain(plan)

    plan.handle_pong(OLDER, 100.2)

    assert drain(plan) == [Drop(loser, dead=False)]
    assert plan.settled


@pytest.mark.parametrize(("older_dialled", "newer_dialled"), list(product([True, False], repeat=2)))
def test_conn_001_newest_passes_with_the_setting(older_dialled: bool, newer_dialled: bool) -> None:
    plan = rivalry(
        own_larger=True,
        older_dialled=older_dialled,
        newer_dialled=newer_dialled,
        setting="newest",
    )
    drain(plan)
    plan.handle_pong(OLDER, 100.2)
    assert drain(plan) == [Drop(OLDER, dead=False)]


def test_smaller_ski_waits_for_three_seconds() -> None:
    plan = rivalry(own_larger=False, older_dialled=True, newer_dialled=False)
    drain(plan)
    plan.handle_pong(OLDER, 100.2)
    assert drain(plan) == []
    assert plan.next_deadline() == 103


@pytest.mark.parametrize("ended", [OLDER, NEWER])
def test_smaller_ski_accepts_whatever_the_peer_decides(ended: int) -> None:
    plan = rivalry(own_larger=False, older_dialled=True, newer_dialled=False)
    drain(plan)
    plan.handle_pong(OLDER, 100.2)

    plan.handle_gone(ended)

    assert drain(plan) == []
    assert plan.settled
    assert plan.next_deadline() is None


@pytest.mark.parametrize(
    ("older_dialled", "newer_dialled", "loser"),
    [(True, False, OLDER), (False, True, NEWER), (False, False, OLDER)],
)
def test_smaller_ski_keeps_what_the_peer_opened_when_nobody_decides(
    older_dialled: bool, newer_dialled: bool, loser: int
) -> None:
    plan = rivalry(own_larger=False, older_dialled=older_dialled, newer_dialled=newer_dialled)
    drain(plan)
    plan.handle_pong(OLDER, 100.2)

    plan.handle_timer(103.0)
    assert drain(plan) == [Ping(OLDER), Ping(NEWER)]
    plan.handle_pong(OLDER, 103.1)
    assert drain(plan) == []
    plan.handle_pong(NEWER, 103.2)

    assert drain(plan) == [Drop(loser, dead=False)]


@pytest.mark.parametrize(("answers", "lost"), [(OLDER, NEWER), (NEWER, OLDER)])
def test_last_ping_buries_the_dead(answers: int, lost: int) -> None:
    plan = rivalry(own_larger=False, older_dialled=True, newer_dialled=False)
    drain(plan)
    plan.handle_pong(OLDER, 100.2)
    plan.handle_timer(103.0)
    drain(plan)
    plan.handle_pong(answers, 103.1)

    plan.handle_timer(106.0)

    assert drain(plan) == [Drop(lost, dead=True)]
    assert plan.settled


def test_newest_stays_when_nothing_answers_the_last_ping() -> None:
    plan = rivalry(own_larger=False, older_dialled=True, newer_dialled=False)
    drain(plan)
    plan.handle_pong(OLDER, 100.2)
    plan.handle_timer(103.0)
    drain(plan)
    plan.handle_timer(106.0)
    assert drain(plan) == [Drop(OLDER, dead=True)]


def test_late_pong_after_the_patience() -> None:
    # The older one answers when the three seconds are over already.
    plan = rivalry(own_larger=False, older_dialled=False, newer_dialled=True)
    drain(plan)
    plan.handle_pong(OLDER, 102.999)
    plan.handle_timer(103.0)
    assert drain(plan) == [Ping(OLDER), Ping(NEWER)]


def test_pongs_nobody_asked_for_change_nothing() -> None:
    plan = rivalry(own_larger=True, older_dialled=True, newer_dialled=False)
    drain(plan)
    plan.handle_pong(NEWER, 100.1)
    assert drain(plan) == []
    assert not plan.settled


def test_both_gone() -> None:
    plan = rivalry(own_larger=False, older_dialled=True, newer_dialled=False)
    plan.handle_gone(OLDER)
    plan.handle_gone(NEWER)
    assert plan.settled


def test_same_ski_at_both_ends() -> None:
    with pytest.raises(ValueError, match="same SKI"):
        Rivalry(
            own_ski=SMALL,
            peer_ski=SMALL,
            older=Contender(1, True),
            newer=Contender(2, False),
            now=0.0,
        )


class GoPeer:
    """Decides at once and alone: keeps what the node with the larger SKI opened."""

    def __init__(self, *, larger: bool) -> None:
        self._larger = larger

    def drops(self, connections: dict[int, bool], newer: int) -> int | None:
        """Which one it ends when ``newer`` appears; values tell whether the peer opened it."""
        keeps_new = connections[newer] is self._larger
        others = [number for number in connections if number != newer]
        return others[0] if keeps_new else newer


class SpecPeer:
    """Keeps the most recent one if its SKI is the larger, waits otherwise."""

    def __init__(self, *, larger: bool) -> None:
        self._larger = larger

    def drops(self, connections: dict[int, bool], newer: int) -> int | None:
        others = [number for number in connections if number != newer]
        return others[0] if self._larger else None


@pytest.mark.parametrize("peer_kind", [GoPeer, SpecPeer])
@pytest.mark.parametrize("own_larger", [True, False])
@pytest.mark.parametrize("same_order", [True, False])
@pytest.mark.parametrize("we_are_first", [True, False])
def test_exactly_one_is_left_against_either_camp(
    peer_kind: type[GoPeer] | type[SpecPeer],
    own_larger: bool,
    same_order: bool,
    we_are_first: bool,
) -> None:
    """Both ends dial at once; each sees the two appear in its own order, and decides on its own."""
    older_dialled = True
    plan = rivalry(own_larger=own_larger, older_dialled=older_dialled, newer_dialled=False)
    opened_by_peer = {OLDER: not older_dialled, NEWER: True}
    peer = peer_kind(larger=not own_larger)
    left = {OLDER, NEWER}

    def peer_decides() -> None:
        newest_there = NEWER if same_order else OLDER
        dropped = peer.drops(opened_by_peer, newest_there)
        if dropped is not None:
            left.discard(dropped)

    def we_decide(now: float) -> None:
        for action in drain(plan):
            if isinstance(action, Drop):
                left.discard(action.number)
            elif action.number in left:
                plan.handle_pong(action.number, now)
                we_decide(now)

    if we_are_first:
        we_decide(100.1)
        peer_decides()
    else:
        peer_decides()
        for number in {OLDER, NEWER} - left:
            plan.handle_gone(number)
        we_decide(100.1)
    for number in {OLDER, NEWER} - left:
        plan.handle_gone(number)
    for now in (103.0, 106.0):
        plan.handle_timer(now)
        we_decide(now)

    assert plan.settled
    if own_larger and peer_kind is GoPeer:
        assert left == {OLDER}
    assert len(left) == 1
