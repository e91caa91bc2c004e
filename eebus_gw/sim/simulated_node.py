"""What all simulators have in common as nodes on the network: a key of their own, whom they trust, what they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from eebus_gw.clock import Clock
from eebus_gw.home import Home
from eebus_gw.net.mdns import Multicast
from eebus_gw.net.options import Limits, NetworkOptions, ServiceInfo
from eebus_gw.node import Node, NodeEvent
from eebus_gw.vocabulary.values import Manufacturer

LineSeen = Callable[[Mapping[str, Any]], None]
"""Takes one line of a simulator: the members of an object of its ``--json`` output."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a simulator is, for its peers and in its announcement."""

    noun: str
    device_type: str
    categories: tuple[int, ...]
    """Device categories of SHIP Requirements for Installation Process, table 1."""

    def manufacturer(self, ski: str, device_code: str | None = None) -> Manufacturer:
        """The gateway knows its simulators by brand and device name."""
        return Manufacturer(
            brand_name="eebus-gw",
            vendor_name="eebus-gw",
            device_name=f"simulated {self.noun}",
            device_code=device_code,
            serial_number=ski[:8],
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a simulator listens (port 0: a free one) and whom it trusts besides the peers of its home."""

    port: int = 0
    host: str | None = None
    mdns: bool = True
    trust: Collection[str] = ()
    auto_accept: bool = False


def simulated_node(
    kind: Kind,
    home: Home,
    reach: Reach,
    clock: Clock,
    listener: Callable[[NodeEvent], None],
    *,
    multicast: Multicast | None = None,
    limits: Limits | None = None,
) -> Node:
    """The node of a simulator; a key is made where the home has none."""
    identity = home.ensure_identity()
    trusted = set(reach.trust)
    return Node(
        identity,
        trusts=lambda ski: reach.auto_accept or ski in trusted or home.peers.trusts(ski),
        device_type=kind.device_type,
        manufacturer=kind.manufacturer(identity.ski),
        options=NetworkOptions(
            port=reach.port,
            host=reach.host,
            mdns=reach.mdns,
            service=ServiceInfo(
                model=kind.noun,
                type=kind.device_type,
                serial=identity.ski[:8],
                categories=kind.categories,
            ),
            limits=limits or Limits(),
        ),
        clock=clock,
        listener=listener,
        multicast=multicast,
    )
