"""Leaves for programs that read one value a topic: evcc and openWB (contract, MQTT)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eebus_gw.bridge import profiles
from eebus_gw.bridge.outbox import METER, STATE, Outbox
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock
from eebus_gw.settings import ProfileSettings

READ = frozenset({"availability", "info", "ev", "meter", "limits", "lpc"})
"""Documents that the leaves for evcc and openWB are made from."""
Json = dict[str, Any]


class Profiles:
    """Publishes what the configured programs want, from the documents of the contract."""

    def __init__(
        self, settings: ProfileSettings, topics: Topics, outbox: Outbox, clock: Clock
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._outbox = outbox
        self._clock = clock
        self._documents: dict[str, dict[str, Any]] = {}
        self._wished: dict[str, bool] = {}

    def document(self, device_id: str, leaf: str, content: Any) -> None:
        """A document changed: what rests on it follows."""
        if leaf in READ and (self._settings.evcc or self._settings.openwb):
            self._documents.setdefault(device_id, {})[leaf] = content
            self._scale(device_id)

    def wish(self, device_id: str, enabled: bool) -> None:
        """Whether a car may charge, as last wished: all that is known of it while none is there."""
        if self._wished.get(device_id, True) != enabled:
            self._wished[device_id] = enabled
            self._scale(device_id)

    def _scale(self, device_id: str) -> None:
        """The scalar leaves of a wallbox; nothing is known of one out of reach, not even that its car has left."""
        documents = self._documents.get(device_id, {})
        if not documents.keys() >= {"ev", "meter", "limits"}:
            return
        ev, meter, limits = documents["ev"], documents["meter"], documents["limits"]
        reachable = documents.get("availability") == "online"
        if self._settings.evcc:
            wished = self._wished.get(device_id, True)
            leaves = profiles.evcc(ev, meter, limits, documents.get("lpc"), wished=wished)
            self._leaves(device_id, "evcc", leaves, known=reachable)
        if self._settings.openwb:
            leaves = profiles.openwb(ev, meter, documents.get("info"))
            self._leaves(device_id, "openwb", leaves, known=reachable)

    def forget(self, device_id: str) -> None:
        """A device was removed."""
        self._documents.pop(device_id, None)
        self._wished.pop(device_id, None)

    def _leaves(self, device_id: str, profile: str, leaves: Json, *, known: bool) -> None:
        now = self._clock.now()
        for leaf, value in leaves.items():
            topic = self._topics.device(device_id, f"{profile}/{leaf}")
            delivery = METER if leaf.startswith(("power", "current", "voltage")) else STATE
            # openWB has no timeouts: it reads what is retained, and notices only what is missing. And nobody may take
            # a car for the one before.
            delivery = replace(delivery, withdrawn=profile == "openwb" or leaf == "identify")
            self._outbox.put(topic, value if known else None, delivery, now)
