"""How far the connection to a peer has come, in words for people, and waiting until it can be used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from eebus_gw.cli.context import GRID
from eebus_gw.cli.live import Live

Json = dict[str, Any]

SETTLING_S = 1.5
"""A peer whose use cases have not changed for so long has told them all."""

_PHASES = {
    "not visible": "looking for it on the network",
    "dialling": "dialling",
    "opening": "connected, greeting",
    "waiting for the peer": "waiting for the other side",
    "waiting for us": "the other side waits for this one",
    "agreeing": "both sides trust each other, agreeing on the protocol",
    "pin": "it wants a PIN",
    "closing": "the connection is being closed",
    "closed": "the connection was closed",
    "disconnected": "not connected",
    "rejected by the peer": "it refused, or has not been told to trust this gateway yet",
    "unpaired by the peer": "it has removed this gateway from its list",
}


def phase_text(state: Json) -> str:
    """What happens at present."""
    phase = str(state.get("phase") or "not visible")
    if state.get("connected"):
        known = state.get("verdict") or state.get("side") == GRID
        return "connected" if known else "connected, asking what it can do"
    return _PHASES.get(phase, phase)


def turn_text(state: Json) -> str | None:
    """Who has to do something now, and what; ``None`` when it is nobody's turn."""
    name = _kind(state)
    match state.get("waits_for"):
        case "the peer's user":
            return f"now the {name}'s user has to confirm this gateway, at the {name} or in its app"
        case "our user":
            return f"now you have to approve: eebus-gw pairing approve {state['ski']}"
        case "pin":
            return f"the {name} wants its PIN: eebus-gw pair {state['ski']} --pin PIN"
    if state.get("rejected"):
        return f"now the {name}'s user has to confirm this gateway; it is asked again and again"
    return None


def usable(state: Json) -> bool:
    """Whether the peer is connected and has told what it can do."""
    return bool(state.get("connected")) and (
        bool(state.get("verdict")) or state.get("side") == GRID
    )


async def follow(
    live: Live,
    device: str,
    wait_s: float,
    seen: Callable[[Json], None] = lambda state: None,
) -> Json:
    """Watches a peer until it is ``usable`` and settled, for ``wait_s`` at most; its last state.

    ``seen`` is called with every state on the way.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    last: Json = {}
    try:
        async with asyncio.timeout_at(deadline) as limit:
            async with aclosing(live.stream("watch", id=device)) as states:
                async for state in states:
                    if usable(state) and _told(state) != _told(last):
                        limit.reschedule(min(deadline, loop.time() + SETTLING_S))
                    elif not usable(state):
                        limit.reschedule(deadline)
                    last = state
                    seen(state)
    except TimeoutError:
        pass
    return last


def _told(state: Json) -> Any:
    return usable(state), state.get("verdict")


def _kind(state: Json) -> str:
    if state.get("side") == GRID:
        return "control box"
    return "wallbox" if state.get("type") in (None, "", "ChargingStation") else "device"
