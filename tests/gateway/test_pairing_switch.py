"""The pairing window as a switch: one topic for both positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from eebus_gw.ship.trust import PendingPeers

from .test_tracing import running


async def test_the_switch_opens_and_closes(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        opened = await gateway.verbs.dispatch("pairing/open", {"open": True, "seconds": 60})
        assert opened["open"] is True
        closed = await gateway.verbs.dispatch("pairing/open", {"open": False})
        assert closed["open"] is False
        assert (await gateway.verbs.dispatch("pairing/show", {}))["open"] is False


async def test_a_peer_that_has_had_its_time_may_come_to_the_next_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was overlooked in one window would else be refused for half an hour more."""
    async with running(tmp_path) as gateway:
        now, stranger = gateway.clock.now(), "2" * 40
        spent = PendingPeers()
        spent.enter(stranger, now - 1800.0)
        spent.leave(stranger, now)
        monkeypatch.setattr(gateway.wallbox.node.network._switchboard, "_pending", spent)
        assert spent.remaining_s(stranger, now) == 0.0
        await gateway.verbs.dispatch("pairing/open", {})
        assert spent.remaining_s(stranger, now) == 1800.0
