"""``run``: the gateway itself."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.ship.ski import group_ski

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway
    from eebus_gw.service import ServiceManager
    from eebus_gw.settings import Settings

logger = logging.getLogger(__name__)

RESTART_EXIT = 75
"""Exit status that asks the service manager for a new start (EX_TEMPFAIL)."""


@click.command(epilog="Example: eebus-gw run --mqtt mqtt://localhost")
@click.option("--mqtt", metavar="URL", help="mqtt://host[:port] or mqtts://…, without a password.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", help="Port towards wallboxes."
)
@click.option(
    "--grid-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port towards the control box.",
)
@click.option(
    "--no-mdns", is_flag=True, help="Neither announce this gateway by mDNS nor look for others."
)
@json_option
@pass_context
def run(
    context: CommandContext,
    mqtt: str | None,
    port: int | None,
    grid_port: int | None,
    no_mdns: bool,
) -> int:
    """Run the gateway until it is stopped."""
    given = {
        "mqtt.url": mqtt,
        "ship.port": port,
        "ship.grid_port": grid_port,
        "ship.mdns": False if no_mdns else None,
    }
    config = context.load_config({key: value for key, value in given.items() if value is not None})
    context.setup_logging(config)
    return run_async(_serve(context, config.settings))


async def _serve(context: CommandContext, settings: Settings) -> int:
    from eebus_gw.bridge.endpoint import endpoint_from
    from eebus_gw.gateway.gateway import Gateway
    from eebus_gw.service import ServiceManager

    endpoint = endpoint_from(settings.mqtt)
    for warning in endpoint.warnings() if endpoint is not None else ():
        logger.warning("%s", warning)
    service = ServiceManager.from_environment()
    gateway = Gateway(context.home, settings, endpoint=endpoint)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gateway.stop)
    async with gateway:
        context.report_damage()
        _ready(context, gateway)
        service.ready(f"SKI {gateway.wallbox.node.ski}")
        watchdog = asyncio.create_task(_feed(service))
        await gateway.wait_stopped()
        watchdog.cancel()
        service.stopping()
    return RESTART_EXIT if gateway.restart_wanted else 0


async def _feed(service: ServiceManager) -> None:
    while service.watchdog_interval_s is not None:
        service.alive()
        await asyncio.sleep(service.watchdog_interval_s)


def _ready(context: CommandContext, gateway: Gateway) -> None:
    side, grid = gateway.wallbox, gateway.site.grid
    line = {
        "event": "ready",
        "ski": side.node.ski,
        "port": side.node.network.port,
        "grid_ski": gateway.home.grid.ensure_identity().ski,
        "grid_port": None if grid is None else grid.side.node.network.port,
    }
    if context.output.json:
        context.output.object(line)
        return
    context.output.line(
        f"gateway ready on port {line['port']}, SKI {group_ski(side.node.ski)}, "
        f"{len(side.peers.trusted())} paired, "
        f"MQTT {gateway.endpoint.text if gateway.endpoint else 'off'}"
    )
