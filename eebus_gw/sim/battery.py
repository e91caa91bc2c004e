"""A battery, of a car or of a house, that keeps its own books."""

from __future__ import annotations

from eebus_gw.errors import LocalProtocolError

SECONDS_PER_HOUR = 3600.0


class Battery:
    """Stores energy with losses in both directions.

    Powers and energies handed in and counted are those at the meter's side; ``stored_wh`` is what
    is in the cells. It is derived from the counters, so ``stored = start + charged * η − discharged
    / η`` holds at every moment.
    """

    __slots__ = (
        "_start_wh",
        "capacity_wh",
        "charge_efficiency",
        "charged_wh",
        "discharge_efficiency",
        "discharged_wh",
        "taper_from_percent",
    )

    def __init__(
        self,
        capacity_wh: float,
        soc_percent: float,
        *,
        charge_efficiency: float = 0.92,
        discharge_efficiency: float = 0.92,
        taper_from_percent: float = 90.0,
    ) -> None:
        if not capacity_wh > 0:
            raise LocalProtocolError(
                f"a battery's capacity must be above 0 Wh, not {capacity_wh:g}"
            )
        if not (0 < charge_efficiency <= 1 and 0 < discharge_efficiency <= 1):
            raise LocalProtocolError("an efficiency lies above 0 and at most at 1")
        self.capacity_wh = capacity_wh
        self.charge_efficiency = charge_efficiency
        self.discharge_efficiency = discharge_efficiency
        self.taper_from_percent = taper_from_percent
        self.charged_wh = 0.0
        self.discharged_wh = 0.0
        self._start_wh = self._energy_at(soc_percent)

    @property
    def stored_wh(self) -> float:
        """Energy in the cells."""
        gained = self.charged_wh * self.charge_efficiency
        return self._start_wh + gained - self.discharged_wh / self.discharge_efficiency

    @property
    def soc_percent(self) -> float:
        """State of charge, 0 to 100."""
        return min(100.0, max(0.0, self.stored_wh / self.capacity_wh * 100.0))

    def refill(self, soc_percent: float) -> None:
        """The car comes back from a drive with another state of charge; the counters start anew."""
        self._start_wh = self._energy_at(soc_percent)
        self.charged_wh = 0.0
        self.discharged_wh = 0.0

    def wh_to(self, soc_percent: float) -> float:
        """Energy in the cells that is missing to ``soc_percent``; negative above it."""
        return soc_percent / 100.0 * self.capacity_wh - self.stored_wh

    def charge_ceiling_w(self, full_w: float, least_w: float) -> float:
        """What the cells accept: ``full_w`` up to the taper, then falling in a line to ``least_w``
        at 100 %.
        """
        over = self.soc_percent - self.taper_from_percent
        if over <= 0 or full_w <= least_w:
            return full_w
        share = over / (100.0 - self.taper_from_percent)
        return full_w - share * (full_w - least_w)

    def bound(
        self, power_w: float, seconds: float, floor_percent: float, top_percent: float
    ) -> float:
        """``power_w``, cut so that ``seconds`` of it neither pass the floor nor the top."""
        if power_w > 0:
            room_wh = max(0.0, self.wh_to(top_percent)) / self.charge_efficiency
            return min(power_w, room_wh * SECONDS_PER_HOUR / seconds)
        stock_wh = max(0.0, -self.wh_to(floor_percent)) * self.discharge_efficiency
        return -min(-power_w, stock_wh * SECONDS_PER_HOUR / seconds)

    def exchange(self, power_w: float, seconds: float) -> None:
        """Books ``seconds`` of ``power_w`` (positive charges, negative discharges)."""
        energy_wh = power_w * seconds / SECONDS_PER_HOUR
        if energy_wh > 0:
            self.charged_wh += energy_wh
        else:
            self.discharged_wh -= energy_wh

    def _energy_at(self, soc_percent: float) -> float:
        if not 0 <= soc_percent <= 100:
            raise LocalProtocolError(
                f"a state of charge lies within 0 and 100 %, not {soc_percent:g}"
            )
        return soc_percent / 100.0 * self.capacity_wh
