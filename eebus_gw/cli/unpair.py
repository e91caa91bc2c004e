"""``unpair``: revokes trust, tells the peer, clears its topics."""

from __future__ import annotations

from typing import Any

import click

from eebus_gw.cli.context import (
    CommandContext,
    device_argument,
    json_option,
    pass_context,
    run_async,
)
from eebus_gw.cli.following import follow
from eebus_gw.cli.live import live_gateway
from eebus_gw.ship.ski import group_ski

FAREWELL_S = 5.0
"""How long an own gateway tries to reach the peer, so that it can be told."""


@click.command(epilog="Example: eebus-gw unpair carport")
@device_argument
@json_option
@pass_context
def unpair(context: CommandContext, device: str) -> None:
    """Revoke the trust in a device, close its link, and clear its topics.

    The device keeps this gateway in its own list where it could not be told.
    """
    context.setup_logging()
    side, peer = context.find_peer(device)
    told, running = run_async(_unpair(context, peer.id))
    if context.output.json:
        context.output.object({"id": peer.id, "ski": peer.ski, "side": side, "told": told})
        return
    context.output.line(f"{peer.id} with the SKI {group_ski(peer.ski)} is no longer trusted")
    if not told:
        context.output.line("it was not connected: remove this gateway at the device as well")
    if not running:
        context.output.line("what it left on the MQTT broker is cleared when the gateway next runs")


async def _unpair(context: CommandContext, device: str) -> tuple[bool, bool]:
    async with live_gateway(context) as live:
        state: dict[str, Any] = await follow(live, device, 0.5 if live.running else FAREWELL_S)
        await live.ask("device/remove", id=device)
        return bool(state.get("connected")), live.running
