"""Where a peer can be dialled."""

from __future__ import annotations

import ipaddress
from typing import Final, NamedTuple

from eebus_gw.ship.txt import DEFAULT_PATH

USUAL_PORT: Final = 4711
"""Where most wallboxes listen; SHIP prescribes no port."""


class Address(NamedTuple):
    """One way to a peer: an address or host name, a port and the path of its WebSocket."""

    host: str
    port: int
    path: str = DEFAULT_PATH

    def __str__(self) -> str:
        return format_address(self.host, self.port)

    def uri(self, path: str | None = None) -> str:
        """The WebSocket URI; a scope stays out of it, for it means something on this host only."""
        host, _, _ = self.host.partition("%")
        path = self.path if path is None else path
        return f"wss://{format_address(host, self.port)}/{path.lstrip('/')}"


def format_address(host: str, port: int) -> str:
    """``host:port``, with brackets round an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def by_preference(hosts: list[str]) -> tuple[str, ...]:
    """IPv4, then IPv6 with more than link scope, then link-local IPv6, which needs its scope."""
    ranked = sorted((_rank(host), at, host) for at, host in enumerate(dict.fromkeys(hosts)))
    return tuple(host for rank, _, host in ranked if rank < _UNUSABLE)


_UNUSABLE = 3


def _rank(host: str) -> int:
    address = ipaddress.ip_address(host)
    if address.version == 4:
        return 0
    if not address.is_link_local:
        return 1
    return 2 if address.scope_id else _UNUSABLE
