"""Turns the gateway's state into MQTT documents and events (contract, topic tree); knows no sockets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from eebus_gw.bridge import documents
from eebus_gw.bridge.house_documents import house_document
from eebus_gw.bridge.outbox import (
    AVAILABILITY,
    BRIDGE,
    EVENT,
    HEALTH,
    METER,
    STATE,
    Delivery,
    Outbox,
)
from eebus_gw.bridge.results import Result, time_text
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.links import LinkState
from eebus_gw.gateway.profiles import Profiles
from eebus_gw.gateway.side import Side
from eebus_gw.net.events import VisibleNode
from eebus_gw.peers import Peer
from eebus_gw.roles.matching import Verdict
from usecases.commissioning import EVSECC

SCHEMA = "1.0"
AGES = frozenset({"ts", "heartbeat_age_s", "limited_today_s"})
"""Members that change by themselves."""
AGES_PERIOD_S = 10.0
DEVICE_LEAVES: Mapping[str, Delivery] = {
    "availability": AVAILABILITY,
    "info": BRIDGE,
    "link": BRIDGE,
    "evse": STATE,
    "ev": STATE,
    "meter": METER,
    "battery": METER,
    "pv": METER,
    "limits": STATE,
    "session": STATE,
}

Json = dict[str, Any]


class Publisher:
    """Puts documents into the outbox."""

    def __init__(
        self,
        topics: Topics,
        outbox: Outbox,
        clock: Clock,
        profiles: Profiles,
        *,
        gateway_id: str,
        show_ids: bool,
    ) -> None:
        self.profiles = profiles
        self.topics = topics
        self.outbox = outbox
        self._clock = clock
        self._gateway_id = gateway_id
        self._show_ids = show_ids
        self._published: dict[str, tuple[float, Any]] = {}

    # --- bridge

    def bridge(self, leaf: str, content: Any, delivery: Delivery = BRIDGE) -> None:
        """A document of the bridge itself."""
        self.outbox.put(self.topics.bridge(leaf), content, delivery, self._clock.now())

    def health(self, content: Json) -> None:
        """The health document."""
        self.bridge("health", content, HEALTH)

    def event(self, kind: str, **data: Any) -> None:
        """Something happened; never retained."""
        content = {"type": kind, "data": data, "ts": self._ts()}
        self.outbox.send(self.topics.bridge("event"), content, EVENT)

    def grid(self, leaf: str, content: Any) -> None:
        """A document of the grid side."""
        self._put(self.topics.grid(leaf), content, STATE)

    def grid_event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Something happened on the grid side; never retained."""
        content = {"type": kind, **data, "ts": self._ts()}
        self.outbox.send(self.topics.grid("event"), content, EVENT)

    def result(self, result: Result) -> None:
        """The end of a command, once; the newest is kept for dashboards."""
        document = result.document()
        self.outbox.send(self.topics.device(result.device, "result"), document, EVENT)
        topic = self.topics.device(result.device, "last_result")
        self.outbox.put(topic, document, BRIDGE, self._clock.now())

    # --- devices

    def device(self, device_id: str, leaf: str, content: Any) -> None:
        """One document of a device."""
        topic = self.topics.device(device_id, leaf)
        if self._put(topic, content, DEVICE_LEAVES.get(leaf, STATE)):
            self.profiles.document(device_id, leaf, content)

    def _put(self, topic: str, content: Any, delivery: Delivery) -> bool:
        """Publishes what is new; ages and time stamps alone are news only now and then."""
        now = self._clock.now()
        known = self._published.get(topic)
        if known is not None and _same_but_time(known[1], content):
            ages = isinstance(content, dict) and "heartbeat_age_s" in content
            if not ages or now < known[0] + AGES_PERIOD_S:
                return False
        self._published[topic] = (now, content)
        turned = known is not None and _unknown(known[1]) != _unknown(content)
        self.outbox.put(topic, content, delivery, now, at_once=turned)
        return True

    def document(self, device_id: str, leaf: str) -> Any:
        """The newest document of a device; ``None`` where there is none."""
        return self._published.get(self.topics.device(device_id, leaf), (0.0, None))[1]

    def clear(self, device_id: str) -> None:
        """Removes everything retained of a device."""
        prefix = self.topics.device(device_id, "")
        self._published = {t: c for t, c in self._published.items() if not t.startswith(prefix)}
        # Programs that were told what there is let go of it before it goes.
        self.profiles.forget(device_id)
        self.outbox.clear(prefix.rstrip("/"))

    def stamped(self, device_id: str, leaf: str, content: Json) -> None:
        """A document of a device as it is now."""
        self.device(device_id, leaf, {**content, "ts": self._ts()})

    def ev(self, device: Device, driver: Json) -> None:
        """The ``ev`` document; ``driver`` holds what the driver wants."""
        car = documents.Car(device.plugged, device.settled, driver)
        ts = device.updated or self._clock.wall()
        content = documents.ev_document(device.readings, car, ts, self._identification)
        self.profiles.wish(device.id, device.wish.enabled)
        self.device(device.id, "ev", content)

    def meter(self, device: Device, energy: Json | None, limited_by: str | None) -> None:
        """The ``meter`` document."""
        ts = device.updated or self._clock.wall()
        content = documents.meter_document(
            device.readings, device.plugged, ts, energy=energy, limited_by=limited_by
        )
        self.device(device.id, "meter", content)

    def house(self, device: Device, leaf: str) -> None:
        """The ``battery``, ``pv`` or grid ``meter`` document of a device that offers such data."""
        ts = device.updated or self._clock.wall()
        content = house_document(leaf, device.readings, ts)
        if content is not None:
            self.device(device.id, leaf, content)

    def withdraw(self, device_id: str, leaf: str) -> None:
        """A document that a device does not have after all."""
        topic = self.topics.device(device_id, leaf)
        if self._published.pop(topic, None) is not None:
            self.outbox.clear(topic)

    def evse(self, device: Device) -> None:
        """The ``evse`` document."""
        ts = device.updated or self._clock.wall()
        self.device(device.id, "evse", documents.evse_document(device.readings, ts))

    def limits(self, device: Device) -> None:
        """The ``limits`` document."""
        content = documents.limits_document(
            device.readings, device.limits_written, device.limits_reported
        )
        self.device(device.id, "limits", content)

    def limit(self, device: Device, code: str, heartbeat_age_s: float | None) -> None:
        """The ``lpc`` or ``lpp`` document, where the wallbox offers such a limit."""
        facts = documents.LimitFacts(device.limit_received.get(code), heartbeat_age_s, device.id)
        ts = device.updated or self._clock.wall()
        content = documents.limit_document(device.readings, code, facts, ts)
        if content is not None:
            self.device(device.id, code, content)

    def link(self, device_id: str, link: LinkState, heartbeat_s: float | None) -> None:
        """The ``link`` document."""
        self.device(device_id, "link", link_document(link, self._clock, heartbeat_s))

    def info(self, side: Side, peer: Peer, verdicts: Iterable[Verdict]) -> None:
        """The ``info`` document."""
        self.device(peer.id, "info", info_document(side, peer, verdicts, self._clock.wall()))

    def _identification(self, value: str) -> str:
        if self._show_ids:
            return value
        return hashlib.sha256(f"{self._gateway_id}:{value}".encode()).hexdigest()[:16]

    def _ts(self) -> str:
        return time_text(self._clock.wall())


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


def _same_but_time(known: Any, content: Any) -> bool:
    if not isinstance(known, dict) or not isinstance(content, dict):
        return bool(known == content)
    return bool(_without_ages(known) == _without_ages(content))


def _without_ages(content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    return {name: value for name, value in content.items() if name not in AGES}


def _unknown(content: Any) -> set[str]:
    """Members without a value: one that gets a value or loses it is not held back as a mere new value is."""
    if not isinstance(content, dict):
        return set()
    return {
        name
        for name, value in content.items()
        if value is None or (isinstance(value, list) and None in value)
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _left(moment: float | None, now: float) -> float | None:
    return None if moment is None else round(max(0.0, moment - now), 1)
