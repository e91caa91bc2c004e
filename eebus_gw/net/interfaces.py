"""Which network interfaces of this machine to use for discovery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ifaddr

_VIRTUAL: Final = ("lo", "docker", "veth", "br-", "virbr", "cni", "flannel", "cali", "vmnet")
_STATES: Final = Path("/sys/class/net")


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface with its addresses: IPv4 first, link-local ones left out."""

    name: str
    multicast: str
    """The IPv4 address that stands for the interface towards multicast."""
    addresses: tuple[str, ...]


def usable_interfaces(wanted: tuple[str, ...] = ()) -> tuple[Interface, ...]:
    """The interfaces named in ``wanted``, by name or IPv4 address.

    Without ``wanted`` all that are up, but loopback and those of containers and virtual machines.
    """
    found = (_interface(adapter) for adapter in ifaddr.get_adapters())
    return tuple(
        interface for interface in found if interface is not None and _is_meant(interface, wanted)
    )


def _interface(adapter: ifaddr.Adapter) -> Interface | None:
    ipv4 = [ip.ip for ip in adapter.ips if isinstance(ip.ip, str)]
    ipv6 = [ip.ip[0] for ip in adapter.ips if not isinstance(ip.ip, str)]
    routable = [address for address in ipv6 if not address.startswith(("fe80", "::1"))]
    if not ipv4:
        return None
    return Interface(adapter.nice_name, ipv4[0], (*ipv4, *routable))


def _is_meant(interface: Interface, wanted: tuple[str, ...]) -> bool:
    if wanted:
        return interface.name in wanted or not set(wanted).isdisjoint(interface.addresses)
    return not interface.name.startswith(_VIRTUAL) and not _is_down(interface.name)


def _is_down(name: str) -> bool:
    try:
        return (_STATES / name / "operstate").read_text().strip() == "down"
    except OSError:
        return False
