"""What can be set about the network of one node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from eebus_gw.ship.backoff import AFTER_ORDERLY_CLOSE_S
from eebus_gw.ship.rivalry import Setting


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """What the node says of itself in its announcement; each at most 32 bytes."""

    brand: str = "eebus-gw"
    model: str = "gateway"
    type: str = "EnergyManagementSystem"
    serial: str = ""
    categories: tuple[int, ...] = (2,)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds against too many and too much; what is over them is refused, never what exists."""

    incoming: int = 16
    """Open connections that peers have opened."""
    incoming_per_ski: int = 2
    pending: int = 4
    """Unknown peers waiting for approval at a time."""
    handshakes_per_minute: int = 10
    """New connections a minute from one SKI."""
    strangers: int = 64
    """Accepted connections that have not shown a certificate yet; the oldest gives way to a new one."""
    opening: int = 32
    """Outgoing connections being opened at a time; more would keep each other up to their time limit."""
    message_bytes: int = 262_144
    unsent_bytes: int = 4_194_304
    """What a slow peer may leave in our buffers before its link is dropped."""

    @classmethod
    def for_fleet(cls, peers: int) -> Self:
        """Room for ``peers`` peers that all dial in."""
        normal = cls()
        return replace(
            normal,
            incoming=max(normal.incoming, 2 * peers),
            strangers=max(normal.strangers, peers // 2),
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """Periods in seconds; only tests have a reason to change them."""

    open_timeout: float = 10.0
    """For TCP, TLS and WebSocket handshake together, for each address."""
    close_timeout: float = 2.0
    ping_interval: float = 50.0
    ping_timeout: float = 10.0
    backoff_scale: float = 1.0
    """Factor for the pauses of ``ship.backoff``."""
    redial_gap: float = AFTER_ORDERLY_CLOSE_S
    """The least time between the end of a connection and the next dial to the same peer."""
    yield_to_peer: float = 3.0
    """Head start of a peer with the larger SKI that may dial us."""
    shutdown: float = 3.0
    rescan: float = 15.0
    """Between two looks at the network interfaces."""


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How one node is on the network.

    ``port`` 0 takes a free one. ``host`` is where to listen; the default is every interface.
    ``interfaces`` names those (or their IPv4 addresses) on which to use mDNS; the default is all
    that are up, without loopback and those of containers. ``mdns`` switches browsing and
    announcing off, ``announce`` only the latter.
    """

    port: int = 4712
    host: str | None = None
    interfaces: tuple[str, ...] = ()
    mdns: bool = True
    announce: bool = True
    service: ServiceInfo = ServiceInfo()
    double_connection: Setting = "initiator"
    limits: Limits = Limits()
    timing: Timing = Timing()
    record_bytes: int | None = None
    allow_tls13: bool = False
