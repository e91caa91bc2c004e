"""The energy manager's side of coordinated charging: guard and broker in one, answering and renegotiating.

The car asks by raising a flag; the answer is due within 15 s, at the latest within 20 s ([CEVC-018], [CEVC-033]).
Reports: ``wanted`` (the car asks and nothing was wished yet), ``unanswerable``, ``offer_impossible``,
``offer_refused``, and ``recalculate`` five seconds after the last change of either side ([CEVC-040]…[CEVC-043]).
"""

from __future__ import annotations

from typing import Any, Final

from eebus_gw.vocabulary.behaviour import Action, Answer, Behaviour, Report, Write
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    PriceTier,
    SlotBounds,
)

from .coordination_slots import curve_refusal, fitted_curve, fitted_prices, prices_refusal

ANSWER_S: Final = 15.0
QUIET_S: Final = 5.0
CURVE, PRICES, FORM = "limit_curve", "prices", "price_form"
WANTED: Final = {"limit_curve_wanted": CURVE, "prices_wanted": PRICES}
BOUNDS: Final = {"limit_curve_bounds": CURVE, "prices_bounds": PRICES}
NEUTRAL: Final = PriceTable(None, (PriceSlot(0.0, None, (PriceTier(1.0),)),))
"""What is answered to a car that wants prices where nobody has any: the same relative price throughout."""

Offered = PowerCurve | PriceTable


class _Offer:
    """A curve or table: what we wish, since when, and whether the car waits for it."""

    def __init__(self) -> None:
        self.wish: Offered | None = None
        self.wished_at = 0.0
        self.bounds = SlotBounds()
        self.wanted = False
        self.due_at: float | None = None

    def want(self, wanted: bool, now: float) -> None:
        self.due_at = now + ANSWER_S if wanted and not self.wanted else self.due_at
        self.wanted = wanted
        if not wanted:
            self.due_at = None

    def told(self, now: float) -> Offered | None:
        """The wish as it has to be told at ``now``: its times have passed on meanwhile."""
        return self.wish.later(now - self.wished_at) if self.wish is not None else None


class CoordinatingManager(Behaviour):
    """Client side; wishes for ``limit_curve`` and ``prices`` start a renegotiation of our own.

    It lives as long as the connection and the car's stay; for the next one the program around wishes anew.
    """

    def __init__(self) -> None:
        self._offers = {CURVE: _Offer(), PRICES: _Offer()}
        self._departs_at: float | None = None
        self._pending_prices: PriceTable | None = None
        self._recalculate_at: float | None = None
        self._demand: EnergyDemand | None = None
        self._plan: ChargingPlan | None = None

    def on_wish(self, point_key: str, value: Offered, now: float) -> list[Action]:
        """Written at once, whether or not the car asked; one without slots is withdrawn."""
        offer = self._offers[point_key]
        offer.wish, offer.wished_at = value if value.slots else None, now
        return self._tell(point_key, now)

    def on_update(self, point_key: str, value: Any, now: float) -> list[Action]:
        """The car's questions, its bounds, its demand and its plan."""
        if point_key in WANTED:
            return self._asked(WANTED[point_key], value is True, now)
        if point_key in BOUNDS:
            self._offers[BOUNDS[point_key]].bounds = value
        elif point_key == "demand":
            self._demand = value
            departure_s = value.departure_s
            self._departs_at = None if departure_s is None else now + departure_s
            self._recalculate_at = now + QUIET_S
        elif point_key == "plan":
            self._plan = value
            self._recalculate_at = now + QUIET_S
        return []

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        """The form of the prices is followed by the prices; a refusal ends the attempt."""
        if not answer.accepted:
            self._pending_prices = None
            data = {"point": point_key, "error_number": answer.error_number, "text": answer.text}
            return [Report("offer_refused", data)]
        if point_key == FORM:
            prices, self._pending_prices = self._pending_prices, None
            return [Write(PRICES, prices)] if prices is not None else []
        self._offers[point_key].due_at = None
        self._recalculate_at = now + QUIET_S
        return []

    def handle_timer(self, now: float) -> list[Action]:
        """Overdue answers, and the pause before recalculating."""
        actions: list[Action] = []
        for key, offer in self._offers.items():
            if offer.due_at is not None and offer.due_at <= now:
                offer.due_at = None
                actions += self._improvise(key, now)
        if self._recalculate_at is not None and self._recalculate_at <= now:
            self._recalculate_at = None
            data = {"demand": self._demand, "plan": self._plan}
            actions.append(Report("recalculate", data))
        return actions

    def next_deadline(self) -> float | None:
        """The earliest of both."""
        moments = [*(offer.due_at for offer in self._offers.values()), self._recalculate_at]
        return min((moment for moment in moments if moment is not None), default=None)

    def _asked(self, key: str, wanted: bool, now: float) -> list[Action]:
        offer = self._offers[key]
        offer.want(wanted, now)
        if not wanted:
            return []
        if offer.wish is not None:
            return self._tell(key, now)
        return [Report("wanted", {"point": key, "within_s": ANSWER_S})]

    def _tell(self, key: str, now: float) -> list[Action]:
        offer = self._offers[key]
        told = offer.told(now)
        if told is None or not told.slots:
            return []
        return self._write(key, told, now)

    def _improvise(self, key: str, now: float) -> list[Action]:
        """Nobody wished anything in time: no limit within the car's own bounds, and no preference."""
        if key == PRICES:
            return self._write(key, NEUTRAL, now)
        watts = self._offers[key].bounds.watts_max
        if watts is None:
            return [Report("unanswerable", {"point": key})]
        return self._write(key, PowerCurve((PowerSlot(0.0, None, watts),)), now)

    def _write(self, key: str, told: Offered, now: float) -> list[Action]:
        departure_s = None if self._departs_at is None else max(0.0, self._departs_at - now)
        offer = self._offers[key]
        if isinstance(told, PowerCurve):
            curve = fitted_curve(told, departure_s)
            refusal, write = curve_refusal(curve, offer.bounds), Write(CURVE, curve)
        else:
            prices = fitted_prices(told, departure_s)
            refusal, write = prices_refusal(prices, offer.bounds), Write(FORM, prices.form)
            self._pending_prices = prices if refusal is None else None
        if refusal is not None:
            return [Report("offer_impossible", {"point": key, "text": refusal})]
        offer.due_at = None
        return [write]
