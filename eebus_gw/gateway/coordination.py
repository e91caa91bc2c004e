"""Coordinated charging of one car: hands prices and power curves over, shows the plan it made of them (CEVC).

What was offered belongs to the time it names, not to the connection: a car that comes back is told again what still
lies ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.bridge.results import time_text
from eebus_gw.clock import Clock, moment_after
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from eebus_gw.roles.events import Reported, WriteDone
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    PriceTier,
)
from usecases.coordination import CEVC, strategy_of

Json = dict[str, Any]
Offer = PowerCurve | PriceTable
COORDINATION_FIELDS = (CEVC.limit_curve.key, CEVC.prices.key)
IMPOSSIBLE = "offer_impossible"
WITHDRAWN = "it is not offered again; the car keeps what it has accepted until it asks for another"

Wish = Callable[[Any, Offer], None]
"""Hands an offer to the energy manager's side of the use case; raises ``RequestError``."""


class CoordinationControl:
    """The offers to one car, and what it answers."""

    def __init__(self, device: Device, tracker: CommandTracker, wish: Wish, clock: Clock) -> None:
        self.device = device
        self._tracker = tracker
        self._wish = wish
        self._clock = clock
        self._offered: dict[str, list[Json]] = {}
        self._commands: dict[str, Command] = {}

    def execute(self, command: Command, now: float) -> None:
        """Offers prices or a curve; an empty list withdraws what was offered before."""
        field = command.field
        offer = self._offer(field, command.value)
        self._offered[field] = command.value
        self._commands[field] = command  # what is impossible is reported before the call returns
        try:
            self._wish(CEVC.point(field), offer)
        except RequestError as error:
            del self._offered[field], self._commands[field]
            self._tracker.refused(command.token, error.reason, str(error), now)
            return
        if not offer.slots:
            self._commands.pop(field, None)
            self._tracker.kept(command.token, WITHDRAWN, now)
        elif field in self._commands:
            self._tracker.sent(command.token, now)

    def usable(self) -> None:
        """The car's use cases are known (again): what was offered and still lies ahead is offered again."""
        for field, slots in self._offered.items():
            offer = self._offer(field, slots)
            if offer.slots:
                try:
                    self._wish(CEVC.point(field), offer)
                except RequestError:
                    return  # this car does not coordinate

    def write_done(self, event: WriteDone, now: float) -> None:
        """The car answered: what it accepted is in force, as it may not change an offer."""
        field = event.point.key
        if field == CEVC.price_form.key and event.error_number:
            field = CEVC.prices.key
        if field not in self._commands:
            return
        command = self._commands.pop(field)
        self._tracker.answered(command.token, event.error_number, event.text, now)
        if not event.error_number:
            self._tracker.read_back(command.token, command.requested, now)

    def reported(self, event: Reported, now: float) -> None:
        """An offer that the car's own bounds rule out was not sent."""
        if event.name == IMPOSSIBLE:
            field = event.data["point"]
            command = self._commands.pop(field, None)
            if command is not None:
                self._offered.pop(field, None)
                self._tracker.refused(command.token, "out_of_range", event.data["text"], now)

    def document(self) -> Json | None:
        """The ``plan`` document, empty while no car is there, ``None`` where none has coordinated yet."""
        device = self.device
        if not any(code == CEVC.code for code, _ in device.told_at):
            return None
        demand: EnergyDemand | None = device.value(CEVC.code, "demand")
        plan: ChargingPlan | None = device.value(CEVC.code, "plan")
        curve: PowerCurve | None = device.value(CEVC.code, "limit_curve")
        return {
            "strategy": strategy_of(demand).value,
            "demand": None if demand is None else self._demand(demand),
            "slots": []
            if plan is None
            else [
                {
                    **self._interval("plan", slot.start_s, slot.end_s),
                    "power_w": slot.watts,
                    "min_w": slot.minimum_w,
                    "max_w": slot.maximum_w,
                }
                for slot in plan.slots
            ],
            "limit_curve": []
            if curve is None
            else [
                {**self._interval("limit_curve", slot.start_s, slot.end_s), "limit_w": slot.watts}
                for slot in curve.slots
            ],
            "wants": [
                field
                for field in COORDINATION_FIELDS
                if device.value(CEVC.code, f"{field}_wanted") is True
            ],
        }

    # --- times: the wire counts seconds from a message, people read clocks

    def _offer(self, field: str, slots: list[Json]) -> Offer:
        wall = self._clock.wall()
        ahead = [
            (max(0.0, (slot["start"] - wall).total_seconds()), seconds, slot)
            for slot in slots
            if (seconds := (slot["end"] - wall).total_seconds()) > 0
        ]
        if field == CEVC.limit_curve.key:
            return PowerCurve(tuple(PowerSlot(a, b, slot["limit_w"]) for a, b, slot in ahead))
        currency = ahead[0][2]["currency"] if ahead else None
        return PriceTable(
            currency,
            tuple(
                PriceSlot(a, b, (PriceTier(slot["price"], co2_g=slot.get("co2_g")),))
                for a, b, slot in ahead
            ),
        )

    def _demand(self, demand: EnergyDemand) -> Json:
        return {
            "min_wh": demand.minimum_wh,
            "target_wh": demand.target_wh,
            "max_wh": demand.maximum_wh,
            "departure": self._moment("demand", demand.departure_s),
        }

    def _interval(self, key: str, start_s: float, end_s: float | None) -> Json:
        return {"start": self._moment(key, start_s), "end": self._moment(key, end_s)}

    def _moment(self, key: str, seconds: float | None) -> str | None:
        """Told as seconds after the message; the same message always gives the same clock time."""
        told_at = self.device.told_at.get((CEVC.code, key))
        if seconds is None or told_at is None:
            return None
        moment = moment_after(self._clock.wall(), told_at - self._clock.now() + seconds + 0.5)
        return time_text(moment.replace(microsecond=0))
