"""Words for the state of a link, and waiting until a peer can be used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from eebus_gw.cli import following
from eebus_gw.cli.following import follow, phase_text, turn_text, usable
from eebus_gw.ship.states import Phase

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
VERDICT = [{"code": "opev", "usable": True}]
UP = {"connected": True, "phase": "connected", "verdict": VERDICT}


class Script:
    """A gateway whose ``watch`` says these states, with pauses in between, and then nothing."""

    running = True

    def __init__(self, *states: dict[str, Any] | float) -> None:
        self._states = states
        self.closed = False

    async def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        raise AssertionError(verb)

    async def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[dict[str, Any], None]:
        assert (verb, arguments) == ("watch", {"id": "carport"})
        try:
            for state in self._states:
                if isinstance(state, float):
                    await asyncio.sleep(state)
                else:
                    yield state
            await asyncio.Event().wait()
        finally:
            self.closed = True


@pytest.fixture(autouse=True)
def _settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SETTLING_S", 0.05)


async def test_waits_until_usable_and_settled() -> None:
    script = Script({"phase": "dialling"}, {"phase": "opening"}, UP)
    seen: list[dict[str, Any]] = []
    assert await follow(script, "carport", 60.0, seen.append) == UP
    assert [state["phase"] for state in seen] == ["dialling", "opening", "connected"]
    assert script.closed


async def test_a_longer_verdict_starts_the_wait_anew() -> None:
    more = {**UP, "verdict": [*VERDICT, {"code": "evcc", "usable": True}]}
    assert await follow(Script(UP, 0.03, more), "carport", 60.0) == more


async def test_a_lost_link_is_waited_for_again() -> None:
    down = {"connected": False, "phase": "dialling", "verdict": []}
    assert await follow(Script(UP, 0.01, down, 0.1, UP), "carport", 60.0) == UP


async def test_gives_up_with_the_last_state() -> None:
    assert await follow(Script({"phase": "dialling"}), "carport", 0.05) == {"phase": "dialling"}


async def test_the_grid_side_needs_no_verdict() -> None:
    up = {"connected": True, "side": "grid", "verdict": []}
    assert usable(up)
    assert await follow(Script(up), "carport", 60.0) == up


@pytest.mark.parametrize("phase", [str(phase.value) for phase in Phase])
def test_every_phase_has_words(phase: str) -> None:
    assert phase_text({"phase": phase}) != ""
    assert phase == "connected" or phase_text({"phase": phase}) != phase


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, "looking for it on the network"),
        ({"connected": True, "verdict": []}, "connected, asking what it can do"),
        ({"connected": True, "verdict": VERDICT}, "connected"),
        ({"phase": "something new"}, "something new"),
    ],
)
def test_phases(state: dict[str, Any], text: str) -> None:
    assert phase_text(state) == text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"waits_for": "nobody"}, None),
        ({"waits_for": "the peer's user"}, "now the wallbox's user has to confirm"),
        ({"waits_for": "the peer's user", "side": "grid"}, "now the control box's user"),
        ({"waits_for": "the peer's user", "type": "HeatPump"}, "now the device's user"),
        ({"waits_for": "our user"}, f"eebus-gw pairing approve {SKI}"),
        ({"waits_for": "pin"}, f"eebus-gw pair {SKI} --pin PIN"),
        ({"waits_for": "nobody", "rejected": True}, "has to confirm this gateway"),
    ],
)
def test_whose_turn_it_is(state: dict[str, Any], text: str | None) -> None:
    turn = turn_text({"ski": SKI, **state})
    assert (turn is None) == (text is None)
    assert text is None or text in str(turn)
