"""Sending heartbeats of local entities (SPINE resource specification, DeviceDiagnosis).

One entity has one heartbeat, counted over all connections. Watching a peer's heartbeat is the business of the use case
that needs it: it counts from local receipt, never from the peer's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eebus_gw.clock import Deadlines
from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.model.device_diagnosis import DeviceDiagnosisHeartbeatDataType
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.values import format_duration, format_timestamp

FEATURE = "DeviceDiagnosis"
FUNCTION = "deviceDiagnosisHeartbeatData"


def sending_period_s(timeout_s: float) -> float:
    """Time between two beats: some wallboxes take the announced time-out as a hard dead line."""
    return max(min(timeout_s - 2.0, timeout_s * 0.9), timeout_s / 2)


class Heartbeats:
    """The beating entities of one device."""

    def __init__(self, device: LocalDevice, wall: Callable[[], datetime]) -> None:
        self._device = device
        self._wall = wall
        self._timeouts: dict[EntityPath, float] = {}
        self._counters: dict[EntityPath, int] = {}
        self._deadlines = Deadlines()
        self.silent = False
        """While set no beat goes out: the only way to say "I am gone" (used by simulators)."""

    def start(self, entity: LocalEntity, timeout_s: float, now: float) -> None:
        """Lets ``entity`` beat; of several wishes the shortest time-out wins."""
        shortest = min(timeout_s, self._timeouts.get(entity.path, timeout_s))
        self._timeouts[entity.path] = shortest
        feature = entity.feature(FEATURE, "server")
        feature.allow(FUNCTION)
        self._beat(entity, now)

    def beat_now(self, path: EntityPath, now: float) -> None:
        """An extra beat, for a peer that has just subscribed or waits for a sign of life."""
        entity = self._device.entities.get(path)
        if entity is not None and path in self._timeouts:
            self._beat(entity, now)

    def handle_timer(self, now: float) -> None:
        """Sends what is due."""
        for name in self._deadlines.due(now):
            path = tuple(int(part) for part in name.split("."))
            entity = self._device.entities.get(path)
            if entity is None:
                del self._timeouts[path]
            else:
                self._beat(entity, now)

    def next_deadline(self) -> float | None:
        """Moment of the next beat."""
        return self._deadlines.earliest()

    def _beat(self, entity: LocalEntity, now: float) -> None:
        timeout_s = self._timeouts[entity.path]
        name = ".".join(map(str, entity.path))
        self._deadlines.set(name, now + sending_period_s(timeout_s))
        if self.silent:
            return
        counter = self._counters.get(entity.path, 0) + 1
        self._counters[entity.path] = counter
        data = DeviceDiagnosisHeartbeatDataType(
            timestamp=format_timestamp(self._wall()),
            heartbeat_counter=counter,
            heartbeat_timeout=format_duration(timeout_s),
        )
        feature = entity.feature(FEATURE, "server")
        self._device.put(feature, FUNCTION, data, None)
