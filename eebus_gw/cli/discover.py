"""``discover``: SHIP nodes seen by mDNS, and what is wrong with their records."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.errors import IdentityError
from eebus_gw.ship.ski import group_ski

if TYPE_CHECKING:
    from eebus_gw.net.mdns import Sighting


@click.command(epilog="Example: eebus-gw discover --seconds 10")
@click.option(
    "--seconds",
    type=NumberRange(0.1, 3600),
    default=5.0,
    show_default=True,
    metavar="S",
    help="How long to look.",
)
@click.option("--watch", is_flag=True, help="Go on until interrupted; one node a line.")
@json_option
@pass_context
def discover(context: CommandContext, seconds: float, watch: bool) -> None:
    """List the SHIP nodes on the network."""
    context.setup_logging()
    context.output.progress(
        "watching the network; Ctrl-C ends it"
        if watch
        else f"looking for SHIP nodes on the network, {seconds:g} s …"
    )
    nodes = run_async(_search(context, None if watch else seconds))
    if watch:
        return
    listed = sorted(nodes.values(), key=lambda node: (not node["trusted"], node["ship_id"] or ""))
    if context.output.json:
        context.output.object({"nodes": listed})
        return
    for node in listed:
        _print(context, node)
    context.output.line(next_step(listed, context.program))


def next_step(nodes: Sequence[Mapping[str, Any]], program: str = "eebus-gw") -> str:
    """What to do after having seen these nodes; ``program`` is how it is called."""
    foreign = [node for node in nodes if not node["own"]]
    if not foreign:
        return f"{_NOTHING_SEEN}\n{_WITHOUT_MDNS.format(program=program)}"
    unpaired = [node for node in foreign if not node["trusted"] and node["ski"]]
    unpaired = [node for node in unpaired if node["type"] == "ChargingStation"] or unpaired
    if len(unpaired) == 1:
        return f"next: {program} pair {unpaired[0]['ski']}\n{_CONTROL_BOX}"
    if unpaired:
        return f"next: {program} pair SKI, with the SKI of the one you mean\n{_CONTROL_BOX}"
    if all(node["trusted"] for node in foreign):
        return f"all of them are paired; what works with one: {program} inspect DEVICE"
    return (
        "next: the SKI of a node that announces none stands on its label:"
        f" {program} pair SKI --host ADDRESS"
    )


_CONTROL_BOX = "      (for a control box of the grid operator: with --side grid)"
_NOTHING_SEEN = """\
no other SHIP node announces itself here. Likely causes:
  - the device is off, not in this network, or has to be switched to EEBUS or pairing in its app
  - a router, VLAN, guest Wi-Fi or container bridge is in between: mDNS does not pass them
  - a firewall blocks UDP port 5353"""
_WITHOUT_MDNS = """\
next: {program} doctor
      or, with SKI and address, without mDNS: {program} pair SKI --host ADDRESS"""


async def _search(context: CommandContext, seconds: float | None) -> dict[str, dict[str, Any]]:
    from eebus_gw.net.mdns import Multicast

    nodes: dict[str, dict[str, Any]] = {}
    interfaces = tuple(context.load_config().settings.ship.interfaces)
    own = _own_skis(context)
    # Printed by this coroutine: what fails in a callback of the network ends nothing.
    changes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def seen(name: str, sighting: Sighting | None) -> None:
        if sighting is not None:
            nodes[name] = node_row(context, sighting, own)
            changes.put_nowait({**nodes[name], "event": "seen"})
        elif (gone := nodes.pop(name, None)) is not None:
            changes.put_nowait({**gone, "event": "lost"})

    async with Multicast(interfaces) as multicast:
        multicast.watch(seen)
        for interface, problem in multicast.problems.items():
            context.output.warn(f"no mDNS on {interface}: {problem}")
        if seconds is not None:
            await asyncio.sleep(seconds)
            return nodes
        while True:
            _follow(context, await changes.get())


def node_row(context: CommandContext, sighting: Sighting, own: Collection[str]) -> dict[str, Any]:
    """A node as ``--json`` shows it (contract, ``discover``); ``own`` are the SKIs of this gateway."""
    from eebus_gw.ship.txt import read_properties

    reading = read_properties(dict[str | bytes, str | bytes | None](sighting.text))
    record = reading.record
    ski = record.ski if record else ""
    return {
        "ski": ski or None,
        "ship_id": record.ship_id if record else None,
        "brand": (record.brand or None) if record else None,
        "model": (record.model or None) if record else None,
        "type": (record.type or None) if record else None,
        "addresses": list(sighting.addresses),
        "port": sighting.port,
        "register": record.register if record else False,
        "trusted": context.home.peers.trusts(ski) or context.home.grid.peers.trusts(ski),
        "own": ski in own,
        "name": sighting.instance,
        "findings": list(reading.findings),
    }


def _own_skis(context: CommandContext) -> set[str]:
    """As far as the keys can be read: somebody else than their owner may look at the network, too."""
    skis = set()
    for home in (context.home, context.home.grid):
        try:
            if home.has_identity():
                skis.add(home.identity().ski)
        except IdentityError as error:
            context.output.warn(f"the own node is not recognised: {error}")
    return skis


def _follow(context: CommandContext, node: dict[str, Any]) -> None:
    if context.output.json:
        context.output.object(node)
        return
    context.output.line(f"{node['event']}: {node_title(node)}, SKI {_ski(node)}")


def _print(context: CommandContext, node: dict[str, Any]) -> None:
    state = "this gateway" if node["own"] else "trusted" if node["trusted"] else "not paired"
    context.output.line(f"{node_title(node)} ({state})")
    context.output.fields(
        [
            ("  SKI", _ski(node)),
            ("  SHIP ID", node["ship_id"]),
            ("  type", node["type"]),
            ("  address", [f"{address} port {node['port']}" for address in node["addresses"]]),
        ]
    )
    for finding in node["findings"]:
        context.output.line(f"  ! {finding}")
    if node["register"]:
        context.output.line("  accepts new peers at the moment")
    context.output.line()


def node_title(node: Mapping[str, Any]) -> str:
    """What a node is called: brand and model, else its name on the network."""
    return " ".join(filter(None, (node["brand"], node["model"]))) or str(node["name"])


def _ski(node: dict[str, Any]) -> str:
    return group_ski(node["ski"]) if node["ski"] else "–"
