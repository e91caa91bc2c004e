"""The documents and events about the gateway itself: info, health, devices, discovered nodes, pairing."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.rates import RateLimit
from eebus_gw.bridge.results import time_text
from eebus_gw.gateway.descriptions import (
    bridge_info,
    device_entry,
    discovered_entry,
    pairing_document,
)
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.health import Health
from eebus_gw.gateway.side import Side
from eebus_gw.net import events as net
from eebus_gw.node import NodeEvent
from eebus_gw.roles.events import UseCasesMatched

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

HEALTH_PERIOD_S = 60.0
DEVICES_DELAY_S = 0.25
"""The list of devices holds all of them: when a fleet connects, it is not rendered for each one."""
NEWS_PER_SECOND = 5


class BridgeState:
    """Keeps the bridge's own topics up to date."""

    def __init__(self, gateway: Gateway) -> None:
        self.health = Health(gateway.clock)
        self._gateway = gateway
        self._seen: dict[str, tuple[datetime, datetime]] = {}
        self._allowances: dict[str, RateLimit] = {}
        self._devices_timer: asyncio.TimerHandle | None = None

    def publish(self) -> None:
        """Everything once."""
        self.publish_info()
        self.publish_devices()
        self.publish_discovered()
        self.publish_pairing()
        self.publish_health()

    def publish_info(self) -> None:
        """The ``bridge/info`` document as it is now."""
        self._gateway.publisher.bridge("info", self.info())

    def publish_health(self) -> None:
        """The ``bridge/health`` document as it is now."""
        self._gateway.publisher.health(self.health_document())

    def note(self, side: Side, device: Device | None, event: NodeEvent) -> None:
        """Turns what happened into events and, where a list changed, into a document."""
        tell = self._gateway.publisher.event
        match event:
            case net.LinkUp(ski=ski) if peer := side.peers.get(ski):
                tell("device_connected", id=peer.id)
                self._devices_changed()
            case net.LinkDown(ski=ski, cause=cause, text=text) if peer := side.peers.get(ski):
                tell("device_disconnected", id=peer.id, cause=cause, text=text)
                self._devices_changed()
            case UseCasesMatched(opened=opened, ended=ended) if device is not None:
                for code, _ in opened:
                    tell("usecase_added", id=device.id, use_case=code)
                for code, _ in ended:
                    tell("usecase_removed", id=device.id, use_case=code)
                self._devices_changed()
            case net.NodeVisible(node):
                self._sighted(node)
            case net.NodeGone(node):
                self._seen.pop(node.name, None)
                tell("device_lost", name=node.name)
                self.publish_discovered()
            case net.PairingRequested(ski=ski, address=address):
                if self._is_news(None):
                    tell("pairing_requested", ski=ski, address=address, side=side.name)
                self.publish_pairing()
            case net.PairingEnded(ski=ski, approved=approved):
                if approved or self._is_news(None):
                    kind = "pairing_accepted" if approved else "pairing_denied"
                    tell(kind, ski=ski, side=side.name)
                self.publish_pairing()
            case net.PeerChangedKey(expected=expected, found=found, address=address):
                tell("ski_changed", expected=expected, found=found, address=address)
            case net.ProtocolViolation(ski=ski, error=error) if self._is_news(device):
                tell("protocol_violation", ski=ski, text=str(error))
            case net.UnpairedByPeer(ski=ski):
                tell("trust_removed", ski=ski, by="peer")

    async def watch(self) -> None:
        """Publishes once a minute what changes without an event, for ever."""
        while True:
            await self.health.watch_loop(HEALTH_PERIOD_S)
            self.publish_health()
            self.publish_info()

    def info(self) -> dict[str, Any]:
        """The ``bridge/info`` document."""
        gateway = self._gateway
        return bridge_info(
            gateway.wallbox,
            gateway.site.grid.side if gateway.site.grid is not None else None,
            gateway_id=gateway.gateway_id,
            alias=gateway.settings.gateway.alias,
            interfaces=gateway.wallbox.node.network.interfaces,
            roles=[use_case.code for use_case in gateway.wallbox.node.host.clients],
            mdns_backend="zeroconf" if gateway.settings.ship.mdns else None,
            restart_required=False,
            log_level=logging.getLevelName(logging.getLogger("eebus_gw").getEffectiveLevel()),
        )

    def health_document(self) -> dict[str, Any]:
        """The ``bridge/health`` document."""
        gateway = self._gateway
        return self.health.document(
            [side.link(peer.ski) for side in gateway.sides for peer in side.peers],
            gateway.broker.status if gateway.broker is not None else None,
            gateway.outbox,
            [side.node.host for side in gateway.sides],
            self._store(),
        )

    def devices(self) -> list[dict[str, Any]]:
        """The ``bridge/devices`` document."""
        gateway = self._gateway
        entries = [
            device_entry(gateway.wallbox, peer, gateway.devices.verdicts(peer.ski))
            for peer in gateway.wallbox.peers
        ]
        grid = gateway.site.grid
        if grid is not None:
            entries += [device_entry(grid.side, peer, ()) for peer in grid.side.peers]
        return entries

    def discovered(self) -> list[dict[str, Any]]:
        """The ``bridge/discovered`` document: visible nodes that neither side trusts."""
        gateway, wall = self._gateway, self._gateway.clock.wall()
        return [
            discovered_entry(node, *self._seen.get(node.name, (wall, wall)))
            for node in gateway.wallbox.node.network.visible()
            if node.record is None
            or not any(side.peers.trusts(node.record.ski) for side in gateway.sides)
        ]

    def _store(self) -> dict[str, Any]:
        """Whether all that outlives a restart is written, and if not, what is wrong."""
        gateway = self._gateway
        ledger = gateway.ledger.health()
        reports = list(gateway.home.reports)
        if not ledger.ok:
            reports.append(
                f"the ledger cannot be written: {ledger.error};"
                f" {ledger.waiting} entries wait in memory, {ledger.lost} are lost"
            )
        return {"ok": not reports, "reports": reports, "last_write_ts": self._last_write()}

    def _last_write(self) -> str | None:
        """When what must survive a restart was last written."""
        clock, written_at = self._gateway.clock, self._gateway.home.retained.written_at
        if written_at is None:
            return None
        return time_text(clock.wall() - timedelta(seconds=clock.now() - written_at))

    def _devices_changed(self) -> None:
        if self._devices_timer is None:
            loop = asyncio.get_running_loop()
            self._devices_timer = loop.call_later(DEVICES_DELAY_S, self.publish_devices)

    def publish_devices(self) -> None:
        self._devices_timer = None
        self._gateway.publisher.bridge("devices", self.devices())

    def publish_discovered(self) -> None:
        self._gateway.publisher.bridge("discovered", self.discovered())

    def publish_pairing(self) -> None:
        gateway = self._gateway
        grid = gateway.site.grid
        content = {
            **pairing_document(gateway.wallbox, gateway.clock),
            "grid": None if grid is None else pairing_document(grid.side, gateway.clock),
        }
        gateway.publisher.bridge("pairing", content)

    def _is_news(self, device: Device | None) -> bool:
        """Whether one more violation or request is told: a peer that never ends must not push results out of the
        queue to the broker. Strangers share one allowance, for their number is their own choice."""
        name = device.id if device is not None else ""
        allowance = self._allowances.setdefault(name, RateLimit(NEWS_PER_SECOND))
        return allowance.permits(self._gateway.clock.now())

    def _sighted(self, node: net.VisibleNode) -> None:
        wall = self._gateway.clock.wall()
        if node.name not in self._seen:
            self._gateway.publisher.event("device_discovered", name=node.name)
        first, _ = self._seen.get(node.name, (wall, wall))
        self._seen[node.name] = (first, wall)
        self.publish_discovered()
