"""What the gateway says of itself and of its peers: identity, connection, what works with them, pairing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from eebus_gw.bridge.results import time_text
from eebus_gw.clock import Clock
from eebus_gw.gateway.links import LinkState
from eebus_gw.gateway.side import Side
from eebus_gw.net.events import VisibleNode
from eebus_gw.peers import Peer
from eebus_gw.roles.matching import Verdict
from usecases.commissioning import EVSECC

SCHEMA = "1.0"

Json = dict[str, Any]


def bridge_info(wallbox: Side, grid: Side | None, **more: Any) -> Json:
    """The ``bridge/info`` document; the grid side's members are there once it is up."""
    identity = wallbox.node.identity
    content: Json = {
        "version": version("eebus-gw"),
        "schema": SCHEMA,
        "ship_id": identity.ship_id,
        "ski": identity.ski,
        "qr": identity.qr_text,
        "port": wallbox.node.network.port,
        **more,
    }
    if grid is not None:
        content |= {
            "grid_ship_id": grid.node.identity.ship_id,
            "grid_ski": grid.node.identity.ski,
            "grid_port": grid.node.network.port,
        }
    return content


def link_document(link: LinkState, clock: Clock, heartbeat_s: float | None) -> Json:
    """How the connection to a peer stands, and why."""
    now = clock.now()
    age = None if link.heartbeat_at is None else now - link.heartbeat_at
    error = None
    if link.error_code is not None and link.error_at is not None:
        error = {
            "code": link.error_code,
            "text": link.error_text,
            "ts": time_text(link.error_at),
        }
    return {
        "ship_phase": link.phase,
        "waits_for": link.turn.value if link.turn.name != "NOBODY" else None,
        "waiting_s": _left(link.waiting_until, now),
        "direction": link.direction,
        "connected_since": _time(link.connected_at),
        "last_error": error,
        "reconnects": link.reconnects,
        "disconnected_s": round(link.disconnected_s(now)),
        "next_attempt_s": _left(link.next_attempt, now),
        "heartbeat": {
            "tx_ok": link.connected,
            "rx_ok": None if age is None else age < 120.0,
            "rx_age_s": None if age is None else round(age, 1),
            "interval_s": heartbeat_s,
        },
        "ts": time_text(clock.wall()),
    }


def device_entry(side: Side, peer: Peer, verdicts: Iterable[Verdict]) -> Json:
    """One entry of ``bridge/devices``."""
    known = list(verdicts)
    usable = [v for v in known if v.usable]
    partner = side.node.host.partners.get(peer.ski)
    announced = partner.session.remote.use_cases if partner is not None else ()
    connected = side.link(peer.ski).connected
    return {
        "id": peer.id,
        "alias": peer.alias,
        "side": side.name,
        "ski": peer.ski,
        "ship_id": peer.ship_id,
        "brand": peer.brand,
        "model": peer.model,
        "type": peer.device_type,
        "kind": peer.kind,
        "trust": peer.trust.value,
        "connected": connected,
        "phase": side.link(peer.ski).phase,
        "roles": sorted({use_case.actor for use_case in announced if use_case.actor}),
        "use_cases": [{"code": v.code, "scenarios": list(v.scenarios)} for v in usable],
        "supported": bool(usable) if connected and known else None,
        "why_not": {v.code: v.why_not for v in known if not v.usable},
    }


def info_document(side: Side, peer: Peer, verdicts: Iterable[Verdict], wall: datetime) -> Json:
    """Everything about a device that hardly changes."""
    partner = side.node.host.partners.get(peer.ski)
    remote = partner.session.remote if partner is not None else None
    manufacturer = _manufacturer(side, peer.ski)
    return {
        "brand": manufacturer.get("brand_name") or peer.brand,
        "vendor": manufacturer.get("vendor_name"),
        "model": manufacturer.get("device_name") or peer.model,
        "serial": manufacturer.get("serial_number") or peer.serial,
        "software": manufacturer.get("software_revision"),
        "hardware": manufacturer.get("hardware_revision"),
        "ship_id": peer.ship_id,
        "ski": peer.ski,
        "fingerprint": peer.fingerprint,
        "certificate_expires": _time(peer.certificate_expires),
        "spine_address": remote.address if remote is not None else None,
        "entities": [
            {"address": list(path), "type": entity.type}
            for path, entity in sorted(remote.entities.items())
        ]
        if remote is not None
        else [],
        "use_cases": [_shown(verdict) for verdict in verdicts],
        "ts": time_text(wall),
    }


def discovered_entry(node: VisibleNode, first: datetime, last: datetime) -> Json:
    """One entry of ``bridge/discovered``."""
    record = node.record
    return {
        "name": node.name,
        "ski": record.ski if record is not None else None,
        "ship_id": record.ship_id if record is not None else None,
        "brand": (record.brand or None) if record is not None else None,
        "model": (record.model or None) if record is not None else None,
        "type": (record.type or None) if record is not None else None,
        "addresses": list(node.addresses),
        "port": node.port,
        "register": record.register if record is not None else None,
        "findings": list(node.findings),
        "first_seen": time_text(first),
        "last_seen": time_text(last),
    }


def pairing_document(side: Side, clock: Clock) -> Json:
    """The ``bridge/pairing`` document of one side."""
    now, wall = clock.now(), clock.wall()
    window = side.window
    remaining = window.remaining_s(now)
    pending = []
    for waiting in window.waiting.values():
        node = side.visible(waiting.ski)
        record = node.record if node is not None else None
        pending.append(
            {
                "ski": waiting.ski,
                "ship_id": record.ship_id if record is not None else None,
                "brand": (record.brand or None) if record is not None else None,
                "model": (record.model or None) if record is not None else None,
                "address": waiting.address,
                "since": time_text(wall - timedelta(seconds=now - waiting.since)),
                "waiting_until": time_text(wall + timedelta(seconds=waiting.waiting_until - now)),
            }
        )
    return {
        "open": window.is_open(now),
        "side": side.name,
        "until": None if remaining is None else time_text(wall + timedelta(seconds=remaining)),
        "remaining_s": None if remaining is None else round(remaining),
        "opened_by": window.opened_by,
        "pending": pending,
    }


def _manufacturer(side: Side, ski: str) -> Json:
    reading = side.node.get(ski, EVSECC, EVSECC.manufacturer)
    if reading is None:
        return {}
    return {name: getattr(reading.value, name) for name in type(reading.value).__slots__}


def _shown(verdict: Verdict) -> Json:
    return {
        "code": verdict.code,
        "name": verdict.title,
        "usable": verdict.usable,
        "scenarios": list(verdict.scenarios),
        "why_not": verdict.why_not or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _left(moment: float | None, now: float) -> float | None:
    return None if moment is None else round(max(0.0, moment - now), 1)
