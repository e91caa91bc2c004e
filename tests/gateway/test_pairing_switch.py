"""The pairing window as a switch: one topic for both positions."""

from __future__ import annotations

from pathlib import Path

from .test_tracing import running


async def test_the_switch_opens_and_closes(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        opened = await gateway.verbs.dispatch("pairing/open", {"open": True, "seconds": 60})
        assert opened["open"] is True
        closed = await gateway.verbs.dispatch("pairing/open", {"open": False})
        assert closed["open"] is False
        assert (await gateway.verbs.dispatch("pairing/show", {}))["open"] is False
