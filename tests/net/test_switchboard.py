"""Unknown peers: who waits, who is sent away, and what the node hears of it (SHIP §12.3)."""

from __future__ import annotations

import pytest

from eebus_gw.net.events import (
    PairingEnded,
    PairingRequested,
    PeerRefused,
    PhaseChanged,
    RejectedByPeer,
)
from eebus_gw.ship.states import Turn
from eebus_gw.ship.trust import PendingPeers
from eebus_gw.ship.words import Input
from tests.net.nodes import LOOPBACK, node
from tests.support.waiting import until


async def test_unknown_peer_waits_for_approval() -> None:
    async with node(1) as a, node(2, window=True) as b:
        a.dial(b)
        await until(lambda: b.seen(PairingRequested))
        request = b.seen(PairingRequested)[0]
        assert request.ski == a.ski
        assert 58 <= request.waiting_s <= 240
        assert request.address.startswith(LOOPBACK)
        assert b.network.waiting() == {a.ski}
        await until(lambda: any(e.turn is Turn.PEER_USER for e in a.seen(PhaseChanged)))
        b.trusted.add(a.ski)
        b.network.approve(a.ski)
        await a.up(b)
        await b.up(a)
        assert b.seen(PairingEnded) == [PairingEnded(a.ski, approved=True)]
        assert b.network.waiting() == frozenset()


async def test_denied_peer_is_told() -> None:
    async with node(1) as a, node(2, window=True) as b:
        a.dial(b)
        await until(lambda: b.seen(PairingRequested))
        b.network.deny(a.ski)
        await until(lambda: a.seen(RejectedByPeer))
        assert b.seen(PairingEnded)[0] == PairingEnded(a.ski, approved=False)
        assert not a.ups(b)


async def test_without_a_window_an_unknown_peer_is_refused() -> None:
    async with node(1) as a, node(2) as b:
        a.dial(b)
        await until(lambda: a.seen(RejectedByPeer))
        assert not b.seen(PairingRequested)
        assert "no pairing window is open" in b.seen(PeerRefused)[0].text


async def test_a_peer_that_comes_again_waits_no_longer_than_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ship.md 8: the life of a pending peer is capped per SKI, over its reconnects."""
    async with node(1) as a, node(2, window=True) as b:
        monkeypatch.setattr(b.network._switchboard, "_pending", PendingPeers(4, life_s=60.0))
        a.dial(b)
        await until(lambda: b.seen(PairingRequested))
        link = b.network.link(a.ski)
        assert link is not None
        ends_at = link.ship.deadlines.at(Input.PENDING_LIFE)
        assert ends_at is not None
        assert 0 < ends_at - b.clock.now() <= 60.0


async def test_a_window_opened_anew_lets_a_peer_wait_that_has_had_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with node(1) as a, node(2, window=True) as b:
        long_ago = b.clock.now() - 61.0
        spent = PendingPeers(4, life_s=60.0)
        spent.enter(a.ski, long_ago)
        spent.leave(a.ski, long_ago)
        monkeypatch.setattr(b.network._switchboard, "_pending", spent)
        b.network.let_wait_again()
        a.dial(b)
        await until(lambda: b.seen(PairingRequested) or b.seen(PeerRefused))
        assert not b.seen(PeerRefused)
