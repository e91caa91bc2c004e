"""Heartbeats of local entities, and which messages of a peer are one (SPINE resource specification, DeviceDiagnosis).

One entity has one heartbeat, counted over all connections. Missing a peer's heartbeat is the business of the use case
that needs it: it counts from local receipt, never from the peer's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eebus_gw.clock import Deadlines
from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.model.device_diagnosis import DeviceDiagnosisHeartbeatDataType
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.values import format_duration, format_timestamp, parse_duration
from eebus_gw.wire.fold import Structure

FEATURE = "DeviceDiagnosis"
FUNCTION = "deviceDiagnosisHeartbeatData"


def sending_period_s(timeout_s: float) -> float:
    """Time between two beats: some wallboxes take the announced time-out as a hard dead line."""
    return max(min(timeout_s - 2.0, timeout_s * 0.9), timeout_s / 2)


def announced_timeout_s(data: Structure) -> float | None:
    """The time-out a received heartbeat announces, ``None`` if it does not."""
    stated = data.heartbeat_timeout if isinstance(data, DeviceDiagnosisHeartbeatDataType) else None
    return parse_duration(stated)


class Beats:
    """The heartbeats of one peer: which messages are a sign of life."""

    def __init__(self) -> None:
        self._last: dict[EntityPath, tuple[int | None, str | None]] = {}

    def counts(self, entity: EntityPath, data: Structure, notified: bool) -> bool:
        """A notify always; of replies the first, and later ones only if counter or time moved."""
        if not isinstance(data, DeviceDiagnosisHeartbeatDataType):
            return False
        mark = (data.heartbeat_counter, data.timestamp)
        fresh = mark != (None, None) and self._last.get(entity) != mark
        self._last[entity] = mark
        return notified or fresh

    def forget(self, entity: EntityPath) -> None:
        """The entity is gone."""
        self._last.pop(entity, None)


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

    def stop(self, entity: LocalEntity) -> None:
        """The entity goes away; another one at its address starts anew."""
        self._timeouts.pop(entity.path, None)
        self._counters.pop(entity.path, None)
        self._deadlines.clear(_name(entity.path))

    def beat_now(self, path: EntityPath, now: float, *, only: str | None = None) -> None:
        """An extra beat for all, or only for the peer that has just subscribed or waits for a sign of life."""
        entity = self._device.entities.get(path)
        if entity is None or path not in self._timeouts:
            return
        if only is None:
            self._beat(entity, now)
        else:
            self._tell(entity, only)

    def handle_timer(self, now: float) -> None:
        """Sends what is due."""
        for name in self._deadlines.due(now):
            path = tuple(int(part) for part in name.split("."))
            entity = self._device.entities.get(path)
            if entity is not None:
                self._beat(entity, now)

    def next_deadline(self) -> float | None:
        """Moment of the next beat."""
        return self._deadlines.earliest()

    def _beat(self, entity: LocalEntity, now: float) -> None:
        period_s = sending_period_s(self._timeouts[entity.path])
        self._deadlines.set(_name(entity.path), now + period_s)
        self._tell(entity, None)

    def _tell(self, entity: LocalEntity, only: str | None) -> None:
        if self.silent:
            return
        timeout_s = self._timeouts[entity.path]
        counter = self._counters.get(entity.path, 0) + 1
        self._counters[entity.path] = counter
        data = DeviceDiagnosisHeartbeatDataType(
            timestamp=format_timestamp(self._wall()),
            heartbeat_counter=counter,
            heartbeat_timeout=format_duration(timeout_s),
        )
        feature = entity.feature(FEATURE, "server")
        self._device.put(feature, FUNCTION, data, None, only=only)


def _name(path: EntityPath) -> str:
    return ".".join(map(str, path))
