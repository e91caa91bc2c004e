"""The power at the grid connection: fed over MQTT, else told by a paired meter (MGCP).

A meter notifies what changes. What has not changed for a while is read again: as fresh as the request that the meter
answered. Whatever else its device says, for instance of a battery, says nothing about the meter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eebus_gw.bridge.grid_input import MeterFeed
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.side import Side
from eebus_gw.site.bounds import METER_FRESH_S, Measured
from usecases.monitoring import MGCP

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

    def current(self, now: float) -> Measured | None:
        """Positive while drawing, and when it was so; ``None`` while nobody tells."""
        return self._fed_value(now) or self._told_value(now)

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

    def _fed_value(self, now: float) -> Measured | None:
        feed = self._feed
        if feed is None:
            return None
        age_s = max(0.0, (self._clock.wall() - feed.ts).total_seconds())
        if age_s > METER_FRESH_S:
            self._feed = None
            return None
        return None if feed.power_w is None else Measured(feed.power_w, now - age_s)

    def _told_value(self, now: float) -> Measured | None:
        for device in self._meters():
            self._note_answer(device)
            at = self._moment(device)
            if now - at <= METER_FRESH_S:
                return Measured(device.value(*SOURCE), at)
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
