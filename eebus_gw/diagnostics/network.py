"""The network: interfaces, multicast, and the ports that peers dial."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from eebus_gw.diagnostics.check import Check, Grade, ok, skipped
from eebus_gw.net.interfaces import Interface
from eebus_gw.net.mdns import Multicast, Sighting
from eebus_gw.ship.txt import read_properties

REACH_S = 2.0


def check_interfaces(interfaces: Sequence[Interface], wanted: Sequence[str]) -> Check:
    """The interfaces on which the gateway announces itself."""
    names = {interface.name for interface in interfaces}
    addresses = {address for interface in interfaces for address in interface.addresses}
    missing = [name for name in wanted if name not in names | addresses]
    if missing:
        return Check(
            "interfaces",
            Grade.FAILED,
            f"ship.interfaces names {', '.join(missing)}, which is not there or has no IPv4 address",
            "Correct the name (ip addr lists them), or remove the setting.",
            "interfaces",
        )
    if not interfaces:
        return Check(
            "interfaces",
            Grade.FAILED,
            "no network interface is up but loopback and those of containers",
            "Connect the machine to the network of the wallbox.",
            "interfaces",
        )
    shown = ", ".join(f"{each.name} ({', '.join(each.addresses)})" for each in interfaces)
    if len(interfaces) > 1 and not wanted:
        return Check(
            "interfaces",
            Grade.OK,
            f"{shown}; wallboxes are looked for on all of them",
        )
    return ok("interfaces", shown)


async def look_around(
    wanted: Sequence[str], seconds: float
) -> tuple[dict[str, Sighting], dict[str, str]]:
    """The SHIP nodes that announce themselves within so many seconds, and what is wrong with interfaces."""
    seen: dict[str, Sighting] = {}

    def note(name: str, sighting: Sighting | None) -> None:
        if sighting is not None:
            seen[name] = sighting

    async with Multicast(tuple(wanted)) as multicast:
        multicast.watch(note)
        await asyncio.sleep(seconds)
        return seen, dict(multicast.problems)


def check_multicast(
    seen: Mapping[str, Sighting], problems: Mapping[str, str], announced: Collection[str]
) -> Check:
    """What mDNS shows; ``announced`` are our own SKIs that a running gateway announces."""
    records = [read_properties(dict(sighting.text)).record for sighting in seen.values()]
    skis = {record.ski for record in records if record is not None}
    others = len(seen) - len(skis & set(announced))
    if problems:
        shown = "; ".join(f"{name}: {why}" for name, why in problems.items())
        return Check(
            "multicast",
            Grade.FAILED,
            f"mDNS does not work on {shown}",
            "Let other programs share UDP port 5353, or name other interfaces (ship.interfaces).",
            "port-5353",
        )
    if announced and not skis & set(announced):
        return Check(
            "multicast",
            Grade.FAILED,
            "this gateway's own announcement cannot be seen: multicast is blocked on this machine",
            "Let UDP port 5353 and the address 224.0.0.251 through the firewall.",
            "no-multicast",
        )
    if others == 0:
        return Check(
            "multicast",
            Grade.WARNING,
            "no other SHIP node announces itself",
            "Switch EEBUS on in the wallbox; mDNS passes no router, VLAN or guest network. With its"
            " address it works without: eebus-gw pair SKI --host ADDRESS.",
            "no-multicast",
        )
    return ok("multicast", f"{others} other SHIP node{'' if others == 1 else 's'} seen")


def check_free_port(name: str, port: int, taken: bool) -> Check:
    """The port of a gateway that does not run at present."""
    if port == 0:
        return skipped(name, "any free port, chosen at start")
    if not taken:
        return ok(name, f"TCP port {port} is free")
    return Check(
        name,
        Grade.FAILED,
        f"another program has TCP port {port}; peers could not dial this gateway",
        f"End that program (ss -ltnp 'sport = :{port}' names it), or choose another port.",
        "port",
    )


async def check_open_port(name: str, port: int, interfaces: Sequence[Interface]) -> Check:
    """The port of a running gateway, from the addresses that it announces."""
    addresses = [address for interface in interfaces for address in interface.addresses]
    results = await asyncio.gather(*(_answers(address, port) for address in addresses))
    deaf = [address for address, answers in zip(addresses, results, strict=True) if not answers]
    if not addresses:
        return skipped(name, f"TCP port {port}, but no address to try it from")
    if not deaf:
        return ok(name, f"TCP port {port} answers at {', '.join(addresses)}")
    return Check(
        name,
        Grade.WARNING if len(deaf) < len(addresses) else Grade.FAILED,
        f"TCP port {port} does not answer at {', '.join(deaf)}; peers cannot dial this gateway",
        f"Let TCP port {port} through the firewall.",
        "port",
    )


async def _answers(address: str, port: int) -> bool:
    try:
        async with asyncio.timeout(REACH_S):
            _, writer = await asyncio.open_connection(address, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
