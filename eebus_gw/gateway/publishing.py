"""Turns the gateway's state into MQTT documents and events (contract, topic tree); knows no sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
from eebus_gw.gateway.descriptions import info_document, link_document
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.home_assistant import HomeAssistant
from eebus_gw.gateway.links import LinkState
from eebus_gw.gateway.profiles import Profiles
from eebus_gw.gateway.side import Side
from eebus_gw.peers import Peer
from eebus_gw.roles.matching import Verdict

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
        home_assistant: HomeAssistant,
        profiles: Profiles,
        *,
        identify: Callable[[str], str],
    ) -> None:
        """``identify`` says how the identification of a vehicle is shown."""
        self.home_assistant = home_assistant
        self.profiles = profiles
        self.topics = topics
        self.outbox = outbox
        self._clock = clock
        self._identify = identify
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

    def result(self, result: Result, *, keep: bool) -> None:
        """The end of a command, once; with ``keep`` also as the newest one, for dashboards."""
        document = result.document()
        self.outbox.send(self.topics.device(result.device, "result"), document, EVENT)
        if not keep:
            return
        topic = self.topics.device(result.device, "last_result")
        self.outbox.put(topic, document, BRIDGE, self._clock.now())

    # --- devices

    def device(self, device_id: str, leaf: str, content: Any) -> None:
        """One document of a device."""
        topic = self.topics.device(device_id, leaf)
        if self._put(topic, content, DEVICE_LEAVES.get(leaf, STATE)):
            self.home_assistant.changed(device_id, leaf)
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
        self.home_assistant.forget(device_id)
        self.profiles.forget(device_id)
        self.outbox.clear(prefix.rstrip("/"))

    def stamped(self, device_id: str, leaf: str, content: Json) -> None:
        """A document of a device as it is now."""
        self.device(device_id, leaf, {**content, "ts": self._ts()})

    def ev(self, device: Device, driver: Json) -> None:
        """The ``ev`` document; ``driver`` holds what the driver wants."""
        car = documents.Car(device.plugged, device.settled, driver)
        ts = device.updated or self._clock.wall()
        content = documents.ev_document(device.readings, car, ts, self._identify)
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
        """The ``lpc`` or ``lpp`` document, where the wallbox offers such a limit or has done so before."""
        known = self.document(device.id, code) is not None
        if device.value(code, "limit") is None and not known:
            return
        facts = documents.LimitFacts(device.limit_received.get(code), heartbeat_age_s, device.id)
        ts = device.updated or self._clock.wall()
        content = documents.limit_document(device.readings, code, facts, ts)
        self.device(device.id, code, content)

    def link(self, device_id: str, link: LinkState, heartbeat_s: float | None) -> None:
        """The ``link`` document."""
        self.device(device_id, "link", link_document(link, self._clock, heartbeat_s))

    def info(self, side: Side, peer: Peer, verdicts: Iterable[Verdict]) -> None:
        """The ``info`` document."""
        self.device(peer.id, "info", info_document(side, peer, verdicts, self._clock.wall()))

    def _ts(self) -> str:
        return time_text(self._clock.wall())


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
