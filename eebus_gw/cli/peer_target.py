"""Whom ``pair`` means: a SKI in any spelling, the text of a QR code, a peer of the book, or a name on the network."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any

from eebus_gw.cli.context import CommandContext
from eebus_gw.cli.discover import node_title
from eebus_gw.cli.live import Live
from eebus_gw.errors import ConfigError, EebusError
from eebus_gw.peers import UnknownDevice
from eebus_gw.ship.qr import parse_qr
from eebus_gw.ship.ski import group_ski, parse_ski

SCAN_S = 3.0
LOOK_S = 1.0
SIMILAR = 0.8
"""Share of two SKIs that agrees where one is the other with typing errors; of two unrelated ones it is half."""
_LIKE_A_SKI = re.compile(r"[0-9A-Fa-f][0-9A-Fa-f :.\-]{11,}")


class NotSeen(EebusError):
    """No node on the network answers to a name."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A peer to pair with; ``how`` is the way it was named."""

    ski: str
    how: str = "command_line"
    ship_id: str | None = None
    pin: str | None = None


def stated_target(context: CommandContext, side: str, text: str) -> Target | None:
    """The peer that ``text`` states by itself; ``None`` for a name to be looked for on the network.

    Raises ``ConfigError`` for a broken SKI or QR text.
    """
    text = text.strip()
    try:
        if text.startswith("SHIP;"):
            code = parse_qr(text)
            return Target(code.ski, "qr", code.ship_id or None, code.pin)
        return Target(parse_ski(text))
    except ValueError as error:
        if text.startswith("SHIP;") or _LIKE_A_SKI.fullmatch(text):
            hint = "it has 40 hexadecimal digits, in groups or not, and stands on the label"
            raise ConfigError(f"PEER: {error}", hint=hint) from None
    try:
        return Target(context.home_of(side).peers.find(text).ski)
    except UnknownDevice:
        return None


async def seen_target(live: Live, text: str) -> Target:
    """The node that announces itself under the name, SHIP ID, or brand and model ``text``.

    Raises ``NotSeen`` naming what is seen instead.
    """
    nodes = (await live.ask("discovery/scan", seconds=SCAN_S))["discovered"]
    wanted = text.strip().casefold()
    found = [node for node in nodes if wanted in _names(node)]
    found = found or [node for node in nodes if any(wanted in name for name in _names(node))]
    if len(found) > 1:
        raise NotSeen(
            f"{len(found)} nodes on the network answer to {text!r}",
            hint=f"use one of the SKIs: {', '.join(str(node['ski']) for node in found)}",
        )
    if not found:
        raise NotSeen(
            f"no unpaired node on the network is called {text!r}", hint=_nearest(nodes, wanted)
        )
    (node,) = found
    if not node["ski"]:
        raise NotSeen(
            f"{node['name']} announces no usable SKI: {'; '.join(node['findings'])}",
            hint="pair it by the SKI on its label: eebus-gw pair SKI --host ADDRESS",
        )
    return Target(node["ski"], ship_id=node["ship_id"])


async def similar_node(live: Live, ski: str) -> str | None:
    """SKI and name of a node on the network whose SKI is nearly ``ski``: somebody mistyped it."""
    nodes = (await live.ask("discovery/scan", seconds=LOOK_S))["discovered"]
    titles = {node["ski"]: node_title(node) for node in nodes if node["ski"]}
    close = difflib.get_close_matches(ski, titles, n=1, cutoff=SIMILAR)
    if not close or close[0] == ski:
        return None
    return f"{group_ski(close[0])} ({titles[close[0]]})"


def _names(node: dict[str, Any]) -> list[str]:
    titles = [node["name"], node["ship_id"], f"{node['brand'] or ''} {node['model'] or ''}".strip()]
    return [title.casefold() for title in titles if title]


def _nearest(nodes: list[dict[str, Any]], wanted: str) -> str:
    if not nodes:
        return (
            "paired ones go by their id: eebus-gw peers. Nothing else announces itself here"
            " (eebus-gw doctor looks into it); with its SKI and address it works without:"
            " eebus-gw pair SKI --host ADDRESS"
        )
    # Called as `discover` lists them.
    titles = {name: node_title(node) for node in nodes for name in _names(node)}
    close = difflib.get_close_matches(wanted, titles, n=1, cutoff=0.5)
    if close:
        return f"did you mean {titles[close[0]]!r}?"
    return f"there are: {', '.join(dict.fromkeys(map(node_title, nodes[:8])))}"
