"""Prices and power curves for a car that plans its charging (CEVC)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eebus_gw.bridge.results import State
from eebus_gw.gateway.coordination import CoordinationControl, Offer
from eebus_gw.roles.events import Reported, WriteDone
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    PlanSlot,
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    PriceTier,
)
from tests.gateway.bench import EV, SKI, Bench, NoBinding
from usecases.coordination import CEVC

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CURVE = [
    {"start": NOON, "end": NOON + HOUR, "limit_w": 4_000.0},
    {"start": NOON + HOUR, "end": NOON + 3 * HOUR, "limit_w": 11_000.0},
]
PRICES = [
    {"start": NOON, "end": NOON + HOUR, "price": 0.31, "currency": "EUR", "co2_g": 380.0},
    {"start": NOON + HOUR, "end": NOON + 2 * HOUR, "price": 0.19, "currency": "EUR"},
]


@dataclass
class Coordination(Bench):
    """A control at noon; ``during`` is called while an offer is handed over."""

    during: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.plug()
        self.control = CoordinationControl(self.device, self.tracker, self.hand_over, self.clock)

    def hand_over(self, point: Any, offer: Offer) -> None:
        self.write(CEVC, point, offer)
        self.during()

    def offer(self, field: str, slots: list[dict[str, Any]], name: str = "offer") -> None:
        self.command(self.control.execute, name, slots, field=field)

    def answer(self, point: Any, error_number: int = 0, text: str = "") -> None:
        done = WriteDone(SKI, 1, error_number, text, CEVC, point, None)
        self.control.write_done(done, self.now)

    def rule_out(self) -> None:
        """The use case finds that the car's own bounds rule the curve out."""
        data = {"point": "limit_curve", "text": "more slots than the car takes"}
        self.control.reported(Reported(SKI, CEVC, EV, "offer_impossible", data), self.now)


def test_a_curve_is_told_in_seconds_from_now_and_applied_when_the_car_accepts_it() -> None:
    car = Coordination()
    car.clock.advance(600)
    car.offer("limit_curve", CURVE)
    assert [(sent.point, sent.value) for sent in car.sent] == [
        (
            "limit_curve",
            PowerCurve((PowerSlot(0, 3_000, 4_000), PowerSlot(3_000, 10_200, 11_000))),
        )
    ]
    assert car.result("offer") is None
    car.answer(CEVC.limit_curve)
    assert car.ended("offer") == (State.APPLIED, None)


def test_prices_are_told_with_currency_and_emissions() -> None:
    car = Coordination()
    car.offer("prices", PRICES)
    assert [(sent.point, sent.value) for sent in car.sent] == [
        (
            "prices",
            PriceTable(
                "EUR",
                (
                    PriceSlot(0, 3_600, (PriceTier(0.31, co2_g=380.0),)),
                    PriceSlot(3_600, 7_200, (PriceTier(0.19),)),
                ),
            ),
        )
    ]


@pytest.mark.parametrize("field", ["limit_curve", "prices"])
def test_an_empty_list_withdraws_the_offer(field: str) -> None:
    car = Coordination()
    car.offer(field, CURVE if field == "limit_curve" else PRICES)
    car.answer(CEVC.point(field))
    car.clock.advance(2)
    car.take()
    car.offer(field, [], "withdraw")
    assert [sent.value.slots for sent in car.take()] == [()]
    # nothing is told to the car, so nothing is claimed of it
    assert car.ended("withdraw") == (State.ACCEPTED, None)
    car.control.usable()
    assert car.take() == []


def test_a_car_that_comes_back_is_told_what_still_lies_ahead() -> None:
    car = Coordination()
    car.offer("limit_curve", CURVE)
    car.answer(CEVC.limit_curve)
    car.clock.advance(5_400)
    car.take()
    car.control.usable()
    assert [sent.value for sent in car.take()] == [PowerCurve((PowerSlot(0, 5_400, 11_000),))]
    car.clock.advance(5_400)
    car.control.usable()
    assert car.take() == []


def test_a_car_that_does_not_coordinate_is_no_fault_when_it_comes_back() -> None:
    car = Coordination()
    car.offer("limit_curve", CURVE)
    car.answer(CEVC.limit_curve)
    car.take()
    car.impossible = NoBinding("no CEVC")
    car.control.usable()
    assert car.take() == []


def test_a_refusal_of_the_car_is_told_with_its_number() -> None:
    car = Coordination()
    car.offer("limit_curve", CURVE)
    car.answer(CEVC.limit_curve, 7, "no")
    result = car.result("offer")
    assert result is not None
    assert (result.state, result.reason, result.error_number) == (State.REJECTED, "remote_error", 7)


def test_a_refused_form_of_the_prices_refuses_the_prices() -> None:
    car = Coordination()
    car.offer("prices", PRICES)
    car.answer(CEVC.price_form)  # the form is accepted: the prices themselves follow
    assert car.result("offer") is None
    car.answer(CEVC.price_form, 7)
    assert car.ended("offer") == (State.REJECTED, "remote_error")


@pytest.mark.parametrize("at_once", [True, False], ids=["while it is handed over", "later"])
def test_an_offer_that_the_cars_bounds_rule_out_is_refused(at_once: bool) -> None:
    car = Coordination()
    if at_once:
        car.during = car.rule_out
    car.offer("limit_curve", CURVE)
    if not at_once:
        car.rule_out()
    result = car.result("offer")
    assert result is not None
    assert (result.state, result.reason) == (State.REJECTED, "out_of_range")
    assert result.detail == "more slots than the car takes"
    car.take()
    car.control.usable()
    assert car.take() == []


def test_what_cannot_be_handed_over_is_refused_and_forgotten() -> None:
    car = Coordination(impossible=NoBinding("no binding"))
    car.offer("prices", PRICES)
    assert car.ended("offer") == (State.REJECTED, "no_binding")
    car.impossible = None
    car.control.usable()
    assert car.sent == []


# --- the plan document


def test_there_is_no_plan_of_a_car_that_does_not_coordinate() -> None:
    assert Coordination().control.document() is None


def test_the_plan_of_a_car_that_has_left_does_not_stay() -> None:
    car = Coordination()
    car.tell("cevc", "demand", EnergyDemand(5_000, 20_000, 30_000, departure_s=7_200))
    car.tell("cevc", "plan", ChargingPlan((PlanSlot(0, 1_800, 7_000.0),)))
    car.device.car_left()
    assert car.control.document() == {
        "strategy": "unknown",
        "demand": None,
        "slots": [],
        "limit_curve": [],
        "wants": [],
    }


def test_the_plan_is_told_in_clock_times_that_stay() -> None:
    car = Coordination()
    car.tell("cevc", "demand", EnergyDemand(5_000, 20_000, 30_000, departure_s=7_200))
    car.tell("cevc", "plan", ChargingPlan((PlanSlot(0, 1_800, 0.0), PlanSlot(1_800, None, 7_000))))
    car.tell("cevc", "limit_curve", PowerCurve((PowerSlot(0, 3_600, 4_000),)))
    car.tell("cevc", "prices_wanted", True)
    first = car.control.document()
    assert first is not None
    assert first["demand"] == {
        "min_wh": 5_000,
        "target_wh": 20_000,
        "max_wh": 30_000,
        "departure": "2026-11-25T14:00:00.000Z",
    }
    assert [(s["start"], s["end"], s["power_w"]) for s in first["slots"]] == [
        ("2026-11-25T12:00:00.000Z", "2026-11-25T12:30:00.000Z", 0.0),
        ("2026-11-25T12:30:00.000Z", None, 7_000),
    ]
    assert first["limit_curve"] == [
        {
            "start": "2026-11-25T12:00:00.000Z",
            "end": "2026-11-25T13:00:00.000Z",
            "limit_w": 4_000,
        }
    ]
    assert first["wants"] == ["prices"]
    car.clock.advance(1_234.5)
    assert car.control.document() == first
