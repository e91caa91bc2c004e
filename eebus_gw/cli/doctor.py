"""``doctor``: looks for what keeps the gateway from working, and names a remedy for each finding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import GRID, WALLBOX, CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.finding import NOT_REACHABLE, UNSUPPORTED, judge
from eebus_gw.cli.following import follow
from eebus_gw.cli.foreign import harmless
from eebus_gw.cli.live import Live, RunningGateway, gateway_if_running, is_taken, live_gateway
from eebus_gw.cli.output import Output, counted
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.clock import SystemClock, clock_synchronised
from eebus_gw.errors import ConfigError, EebusError

if TYPE_CHECKING:
    from rich.table import Table

    from eebus_gw.diagnostics.check import Check
    from eebus_gw.settings import Settings

RUNNING_LOOK_S = 0.5
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}
_SKIPPED = ("–", "bright_black")


@click.command(epilog="Example: eebus-gw doctor --json")
@click.option(
    "--seconds",
    type=NumberRange(0.1, 120),
    default=5.0,
    show_default=True,
    metavar="S",
    help="How long to look for announcements, and to wait for paired devices.",
)
@json_option
@pass_context
def doctor(context: CommandContext, seconds: float) -> int:
    """Check clock, disk, identity, network, broker and every paired device, with a remedy for each finding."""
    context.setup_logging()
    checks = run_async(_examine(context, seconds))
    failed = sum(check.result.value == "failed" for check in checks)
    if context.output.json:
        context.output.object({"checks": [check.document() for check in checks]})
    else:
        warnings = sum(check.result.value == "warning" for check in checks)
        context.output.line(
            f"\n{counted(len(checks), 'check')}, {failed} failed, {counted(warnings, 'warning')}"
        )
    return 1 if failed else 0


async def _examine(context: CommandContext, seconds: float) -> list[Check]:
    checks = []
    async for check in _checks(context, seconds):
        checks.append(check)
        _print(context.output, check)
    return checks


async def _checks(context: CommandContext, seconds: float) -> AsyncIterator[Check]:
    from eebus_gw.diagnostics.check import Check, Grade, ok, skipped

    try:
        settings = context.load_config().settings
    except EebusError as error:
        yield Check("configuration", Grade.FAILED, str(error), error.hint)
        if isinstance(error, ConfigError):  # else there is no home directory to look into
            for check in _of_the_machine(context):
                yield check
            yield skipped("network", "ports, broker and devices: once the configuration is valid")
        return
    yield ok("configuration", "valid")
    gateway = await gateway_if_running(context)
    for check in _of_the_machine(context):
        yield check
    async for check in _of_the_network(context, settings, gateway, seconds):
        yield check
    yield await _of_the_broker(settings, gateway)
    async for check in _of_the_peers(context, seconds):
        yield check


def _of_the_machine(context: CommandContext) -> list[Check]:
    from eebus_gw.diagnostics.identity import check_identity
    from eebus_gw.diagnostics.machine import check_clock, check_disk, check_store

    wall = SystemClock().wall()
    identities = [
        check_identity(name, context.home_of(side), wall)
        for name, side in (("identity", WALLBOX), ("grid-identity", GRID))
    ]
    made = None
    if identities[0].result.value != "failed" and context.home.has_identity():
        made = context.home.identity().certificate.not_valid_before_utc
    machine = [check_clock(wall, made, clock_synchronised()), check_disk(context.home)]
    store = check_store(context.home)
    context.home.reports.clear()
    return [*machine, store, *identities]


async def _of_the_network(
    context: CommandContext, settings: Settings, gateway: RunningGateway | None, seconds: float
) -> AsyncIterator[Check]:
    from eebus_gw.diagnostics import network
    from eebus_gw.diagnostics.check import skipped
    from eebus_gw.diagnostics.machine import check_container
    from eebus_gw.net.interfaces import usable_interfaces

    ship = settings.ship
    interfaces = usable_interfaces(tuple(ship.interfaces))
    yield network.check_interfaces(interfaces, ship.interfaces)
    yield check_container(interfaces)
    info = await gateway.ask("info") if gateway is not None else {}
    if not ship.mdns:
        yield skipped("multicast", "mDNS is switched off (ship.mdns)")
    else:
        announced = [info["ski"]] if info.get("mdns_backend") else []
        seen, problems = await network.look_around(ship.interfaces, seconds)
        yield network.check_multicast(seen, problems, announced)
    for name, port, member in (
        ("port", ship.port, "port"),
        ("grid-port", ship.grid_port, "grid_port"),
    ):
        if info.get(member):
            yield await network.check_open_port(name, info[member], interfaces)
        else:
            yield network.check_free_port(name, port, port != 0 and is_taken(port))


async def _of_the_broker(settings: Settings, gateway: RunningGateway | None) -> Check:
    from eebus_gw.bridge.endpoint import endpoint_from
    from eebus_gw.diagnostics.broker import check_broker, check_broker_of
    from eebus_gw.diagnostics.check import Check, Grade

    if gateway is not None:
        return check_broker_of(await gateway.ask("health"), settings.mqtt.url is not None)
    try:
        endpoint = endpoint_from(settings.mqtt)
    except EebusError as error:
        return Check("broker", Grade.FAILED, str(error), error.hint, "broker")
    return await check_broker(endpoint)


async def _of_the_peers(context: CommandContext, seconds: float) -> AsyncIterator[Check]:
    from eebus_gw.diagnostics.check import Check, Grade, skipped

    try:
        peers = [p for side in (WALLBOX, GRID) for p in context.home_of(side).peers.trusted()]
        if not peers:
            yield skipped(
                "peers", "no device is paired: eebus-gw discover, then eebus-gw pair PEER"
            )
            return
        async with live_gateway(context) as live:
            wait_s = RUNNING_LOOK_S if live.running else seconds
            findings = (_of_a_peer(live, peer.id, peer.ski, wait_s) for peer in peers)
            for check in await asyncio.gather(*findings):
                yield check
    except EebusError as error:
        yield Check("peers", Grade.FAILED, str(error), error.hint)


async def _of_a_peer(live: Live, device: str, ski: str, wait_s: float) -> Check:
    from eebus_gw.diagnostics.check import Check, Grade, ok

    state: dict[str, Any] = {**await follow(live, device, wait_s), "id": device, "ski": ski}
    finding = judge(state)
    name = f"peer:{device}"
    if finding.code == 0:
        working = sum(1 for each in state["verdict"] if each["usable"])
        able = f", {working} use cases work" if state["verdict"] else ""
        return ok(name, f"connected{able}")
    grade = Grade.WARNING if finding.code == UNSUPPORTED else Grade.FAILED
    hint, topic = finding.hint, finding.topic
    if finding.code == NOT_REACHABLE:
        hint = f"Is it switched on and in this network? With its address: eebus-gw pair {ski} --host ADDRESS."
        topic = "offline-device"
    return Check(name, grade, finding.text, hint, topic)


def _print(output: Output, check: Check) -> None:
    if output.json:
        return
    if not output.terminal:
        output.line(f"{check.result.value:8}  {check.id:16}  {check.text}")
        if check.remedy:
            output.line(f"{'':28}{check.remedy}")
        if check.see:
            output.line(f"{'':28}see {check.see}")
        return
    from rich.console import Console

    Console(highlight=False).print(rendered(check))


def rendered(check: Check) -> Table:
    """One finding for a terminal: mark, id, text, and the remedy below."""
    from rich.table import Table
    from rich.text import Text

    mark, colour = _MARKS.get(check.result.value, _SKIPPED)
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(width=16, no_wrap=True, overflow="ellipsis")
    table.add_column(overflow="fold")
    style = _SKIPPED[1] if check.result.value == "skipped" else ""
    table.add_row(
        Text(mark, style=f"bold {colour}"), Text(check.id), Text(harmless(check.text), style=style)
    )
    if check.remedy:
        table.add_row("", "", Text(check.remedy, style=colour))
    if check.see:
        table.add_row("", "", Text(f"see {check.see}", style="dim"))
    return table
