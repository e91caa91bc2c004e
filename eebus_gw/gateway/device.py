"""One paired device as the gateway sees it: readings, car, wishes (pure)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eebus_gw.bridge.readings import Readings
from eebus_gw.site.charging import ChargingWish
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, PhaseValues, Range

SETTLING_TIME_S = 5.0
UNKNOWN_LOWEST_A = 6.0
UNKNOWN_HIGHEST_A = 32.0
UNKNOWN_RANGE = Range(UNKNOWN_LOWEST_A, UNKNOWN_HIGHEST_A, None)
"""For wallboxes that describe a limit but no permitted values (first-generation Elli, Bender)."""


WALLBOX_USE_CASES = frozenset(
    {"evsecc", "evcc", "evcem", "evsoc", "opev", "oscev", "cevc", "evcs", "dbevc"}
)
WALLBOX_ENTITIES = frozenset({"EVSE", "EV"})
"""A wallbox has such an entity also while nothing of it works."""


@dataclass(slots=True)
class Device:
    """The state of one paired device; everything about the car is forgotten when it leaves."""

    id: str
    ski: str
    house: bool = False
    """Something else than a wallbox, like a meter, home battery, PV system or heat pump: it takes no share of a limit
    and has no car."""
    usual: Range = UNKNOWN_RANGE
    """Permitted currents where the wallbox has limits but states no range."""
    readings: Readings = field(default_factory=Readings)
    ev: EntityPath | None = None
    """Address of the car's entity while one is plugged in."""
    ev_known_at: float | None = None
    """When the use cases of the car were matched."""
    settled: bool = False
    """Whether the car has had the time to describe all it offers."""
    wish: ChargingWish = field(default_factory=ChargingWish)
    recommendation_a: PhaseValues | None = None
    wished: bool = False
    """Whether any charging wish was ever stated; without one the gateway leaves the wallbox alone."""
    limits_written: datetime | None = None
    limits_reported: datetime | None = None
    limit_received: dict[str, datetime] = field(default_factory=dict)
    """When the wallbox last told its LPC and LPP limits."""
    charge_state: str = ""
    """As it was when the measurements were shown last."""
    updated: datetime | None = None
    told_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """Monotonic moment of the newest reading of each point."""
    received: int = 0
    """Messages of the connection when something was last heard."""
    heard_at: float = 0.0
    beating: bool = True
    """Whether its heartbeat was in time when that was looked at last."""
    may_feed_until: float = 0.0
    """Until when a device that is out of reach counts as feeding in."""
    asked_at: float | None = None
    """When data was read again after a long silence."""

    def recognise(self, codes: Collection[str], entities: Collection[str]) -> bool:
        """Takes a device for what its use cases and types of entities show it to be; whether that is news.

        A device that has not told its entities yet remains what it was.
        """
        known = self.house
        if entities:
            charges = not WALLBOX_ENTITIES.isdisjoint(entities)
            self.house = not charges and WALLBOX_USE_CASES.isdisjoint(codes)
        return self.house != known

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self.ev is not None

    def car_came(self, path: EntityPath) -> None:
        """A car was plugged in."""
        self.ev = path
        self.ev_known_at = None
        self.settled = False

    def car_left(self) -> None:
        """The car was unplugged, or the connection through which it was seen is gone."""
        self.ev = None
        self.ev_known_at = None
        self.settled = False
        self.readings.forget(("evcc", "evcem", "evsoc", "opev", "oscev", "cevc", "dbevc"))
        self.limits_written = self.limits_reported = None

    @property
    def settles_at(self) -> float | None:
        """When what the car has not described by then counts as never offered."""
        known = self.ev_known_at if not self.settled else None
        return None if known is None else known + SETTLING_TIME_S

    def permitted(self, code: str = "opev") -> PhaseRanges | None:
        """Permitted currents, or the usual ones where the wallbox has limits but states no range."""
        stated: PhaseRanges | None = self.readings.value((code, "range_a"))
        if stated is not None:
            return stated
        limits: PhaseLimits | None = self.readings.value((code, "limit_a"))
        if limits is None:
            return None
        a, b, c = (self.usual if value is not None else None for value in limits.active)
        return PhaseRanges((a, b, c))

    def least_a(self, code: str = "opev") -> float:
        """The smallest current beside zero with which the car charges on all its phases."""
        permitted = self.permitted(code)
        stated = [a for a in permitted.each("lowest") if a is not None] if permitted else []
        return max(stated, default=self.usual.lowest or UNKNOWN_LOWEST_A)

    def value(self, code: str, key: str) -> Any:
        """A usable reading, ``None`` where there is none."""
        return self.readings.value((code, key))
