"""``peers``: the peer book, with link states where a gateway runs."""

from __future__ import annotations

from typing import Any

import click

from eebus_gw.cli.context import (
    GRID,
    WALLBOX,
    CommandContext,
    json_option,
    pass_context,
    run_async,
    side_option,
)
from eebus_gw.cli.live import gateway_if_running
from eebus_gw.peers import Peer
from eebus_gw.ship.ski import group_ski


@click.command(epilog="Example: eebus-gw peers --json")
@side_option()
@json_option
@pass_context
def peers(context: CommandContext, side: str | None) -> None:
    """List trusted and pending peers.

    Link states come from the running gateway, the rest from the peer book.
    """
    live = run_async(_live(context))
    running = live is not None
    listed = _merged(
        [peer_row(one, peer) for one in (WALLBOX, GRID) for peer in context.home_of(one).peers],
        live or {},
    )
    context.report_damage()
    if side is not None:
        listed = [row for row in listed if row.get("side") == side]
    if context.output.json:
        context.output.object({"running": running, "peers": listed})
        return
    if not listed:
        context.output.line("no peers yet: eebus-gw discover, then eebus-gw pair PEER")
        return
    context.output.table(
        ["ID", "SIDE", "TRUST", "LINK", "DEVICE", "SKI"],
        [
            (
                row["id"],
                row["side"],
                row["trust"],
                _link(row, running),
                row.get("alias") or f"{row.get('brand') or ''} {row.get('model') or ''}".strip(),
                group_ski(row["ski"]),
            )
            for row in listed
        ],
    )


def peer_row(side: str, peer: Peer) -> dict[str, Any]:
    """A peer as ``--json`` shows it; ``connected`` and ``phase`` are known to a running gateway."""
    row = peer.model_dump(mode="json", exclude={"pin"}, exclude_none=True)
    return {"side": side, **row, "connected": None, "phase": None}


def _merged(book: list[dict[str, Any]], live: dict[str, Any]) -> list[dict[str, Any]]:
    """The book's rows with what the running gateway knows about them, then who waits for approval."""
    by_ski = {entry["ski"]: entry for entry in live.get("peers", ())}
    rows = [{**row, **by_ski.get(row["ski"], {})} for row in book]
    known = {row["ski"] for row in rows if row["trust"] == "trusted"}
    waiting = [entry for entry in live.get("pending", ()) if entry["ski"] not in known]
    blank = {"id": None, "side": WALLBOX, "trust": "pending", "connected": None, "phase": "waiting"}
    return rows + [{**blank, **entry} for entry in waiting]


def _link(row: dict[str, Any], running: bool) -> str | None:
    if not running:
        return "gateway not running"
    if row.get("phase"):
        return str(row["phase"])
    return {True: "connected", False: "not connected"}.get(row["connected"])


async def _live(context: CommandContext) -> dict[str, Any] | None:
    gateway = await gateway_if_running(context)
    return None if gateway is None else await gateway.ask("peers")
