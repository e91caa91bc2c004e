"""What lies retained on the broker for devices that were removed while the gateway did not run.

The gateway remembers what it has published itself, instead of asking the broker what lies there: so it needs no
further access right, and never touches a topic of anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from pydantic import BaseModel

from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock
from eebus_gw.device_ids import is_device_id
from eebus_gw.retained import Retained

SECTION = "published"


class StoredTopics(BaseModel):
    """Devices with retained topics, and every leaf that any of them has had below ``base``."""

    base: str
    devices: list[str]
    leaves: list[str]


class Leftovers:
    """Remembers over restarts which devices were published; ``discovery_topic`` names a device's discovery document."""

    def __init__(
        self,
        topics: Topics,
        discovery_topic: Callable[[str], str],
        outbox: Outbox,
        retained: Retained,
        clock: Clock,
    ) -> None:
        self._base = topics.base
        self._topics = topics
        self._discovery_topic = discovery_topic
        self._outbox = outbox
        self._retained = retained
        self._clock = clock
        self._noted = -1

    def take_over(self, known: Collection[str]) -> list[str]:
        """Makes the topics of the last run ours; returns the devices in it that are not ``known`` any more.

        Another base topic than in the last run may be somebody else's tree at another broker: nothing is taken over.
        """
        stored = self._stored()
        if stored is None:
            return []
        for device in stored.devices:
            self._outbox.adopt(self._topics.device(device, leaf) for leaf in stored.leaves)
            self._outbox.adopt([self._discovery_topic(device)])
        return [device for device in stored.devices if device not in known]

    def note(self) -> None:
        """Remembers what is published by now; a removed device is remembered until the broker has let go of it."""
        if self._noted == self._outbox.owned_generation:
            return
        self._noted = self._outbox.owned_generation
        stored = self._stored()
        devices: set[str] = set()
        leaves = set(stored.leaves) if stored is not None else set()
        for device, leaf in self._published():
            devices.add(device)
            leaves.add(leaf)
        found = StoredTopics(base=self._base, devices=sorted(devices), leaves=sorted(leaves))
        self._retained.put(SECTION, found, self._clock.now())

    def _published(self) -> Iterator[tuple[str, str]]:
        prefix = f"{self._base}/"
        for topic in self._outbox.owned_topics:
            device, _, leaf = topic.removeprefix(prefix).partition("/")
            if topic.startswith(prefix) and leaf and is_device_id(device):
                yield device, leaf

    def _stored(self) -> StoredTopics | None:
        stored = self._retained.get(SECTION, StoredTopics)
        return stored if stored is not None and stored.base == self._base else None
