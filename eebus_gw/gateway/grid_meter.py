"""The power at the grid connection: fed over MQTT, else told by a paired meter (MGCP).

A meter notifies what changes. What has not changed for a while is read again: as fresh as the request that the meter
answered. Whatever else its device says, for instance of a battery, says nothing about the meter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eebus_gw.bridge.grid_input import MeterFeed
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.side import Side
from eebus_gw.site.bounds import METER_FRESH_S, Measured
from eebus_gw.vocabulary.definition import Point
from usecases.monitoring import MGCP

METERED = (
    MGCP.power_w,
    MGCP.energy_produced_wh,
    MGCP.energy_consumed_wh,
    MGCP.current_a,
    MGCP.voltage_v,
    MGCP.frequency_hz,
)
"""What a meter at the grid connection tells, apart from the feed-in factor of scenario 1."""
ASK_AFTER_S = 4.0
SOURCE = (MGCP.code, MGCP.power_w.key)


class GridMeter:
    """Answers what flows through the grid connection now, if that is known.

    ``devices`` are those that may be a meter. What is fed over MQTT goes before what a meter says.
    """

    def __init__(self, side: Side, devices: Callable[[], Iterable[Device]], clock: Clock) -> None:
        self._side = side
        self._devices = devices
        self._clock = clock
        self._feed: MeterFeed | None = None
        self._fed_at = 0.0
        """When the fed value was measured, by the clock that nobody sets."""
        self._tried: dict[str, float] = {}
        """When a meter was asked last."""
        self._asked: dict[str, float] = {}
        """When it was asked what it has not answered yet: an answer may be the one to the first time."""
        self._confirmed: dict[str, float] = {}

    @property
    def fed(self) -> bool:
        """Whether a fed value is to expire."""
        return self._feed is not None

    def feed(self, feed: MeterFeed) -> None:
        """A measurement over MQTT."""
        self._feed = feed
        age_s = (self._clock.wall() - feed.ts).total_seconds()
        self._fed_at = self._clock.now() - max(0.0, age_s)

    def current(self, now: float) -> Measured | None:
        """Positive while drawing, and when it was so; ``None`` while nobody tells."""
        feed = self._fresh_feed(now)
        if feed is not None and feed.power_w is not None:
            return Measured(feed.power_w, self._fed_at)
        device = self._teller(now)
        return Measured(device.value(*SOURCE), self._moment(device)) if device is not None else None

    def values(self, now: float) -> Mapping[Point[Any], Any]:
        """All that is measured, in the units of MGCP; empty while nobody tells.

        Each fed message replaces the one before: what it lacks is ``None``, as is what a meter does not tell.
        """
        feed = self._fresh_feed(now)
        if feed is not None:
            return _in_watt_hours(feed)
        device = self._teller(now)
        if device is None:
            return {}
        return {point: device.value(MGCP.code, point.key) for point in METERED}

    def ask(self, now: float) -> None:
        """Reads what a meter has not told for a while; to be called about once a second."""
        for device in self._meters():
            self._note_answer(device)
            latest = max(self._moment(device), self._tried.get(device.id, 0.0))
            partner = self._side.node.host.partners.get(device.ski)
            if partner is not None and now - latest >= ASK_AFTER_S:
                self._tried[device.id] = now
                self._asked.setdefault(device.id, now)
                partner.refetch(now, MGCP)
                self._side.node.network.wake(device.ski)

    @property
    def metered(self) -> bool:
        """Whether a paired device says what flows through the grid connection."""
        return any(True for _ in self._meters())

    def _fresh_feed(self, now: float) -> MeterFeed | None:
        if self._feed is not None and now - self._fed_at > METER_FRESH_S:
            self._feed = None
        return self._feed

    def _teller(self, now: float) -> Device | None:
        """The first paired meter that is fresh."""
        for device in self._meters():
            self._note_answer(device)
            if now - self._moment(device) <= METER_FRESH_S:
                return device
        return None

    def _meters(self) -> Iterable[Device]:
        return (d for d in self._devices() if d.value(*SOURCE) is not None)

    def _note_answer(self, device: Device) -> None:
        partner = self._side.node.host.partners.get(device.ski)
        asked = device.id in self._asked
        if asked and partner is not None and partner.confirms(MGCP, MGCP.power_w):
            self._confirmed[device.id] = self._asked.pop(device.id)

    def _moment(self, device: Device) -> float:
        """When the value that is known was the true one at the latest."""
        return max(device.told_at.get(SOURCE, 0.0), self._confirmed.get(device.id, 0.0))


def _in_watt_hours(feed: MeterFeed) -> Mapping[Point[Any], Any]:
    drawn_kwh, fed_kwh = feed.energy_import_kwh, feed.energy_export_kwh
    return {
        MGCP.power_w: feed.power_w,
        MGCP.energy_produced_wh: None if fed_kwh is None else fed_kwh * 1000,
        MGCP.energy_consumed_wh: None if drawn_kwh is None else drawn_kwh * 1000,
        MGCP.current_a: feed.current_a,
        MGCP.voltage_v: feed.voltage_v,
        MGCP.frequency_hz: feed.frequency_hz,
    }
