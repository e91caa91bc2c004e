"""CEVC at both ends: demand, curve, prices, plan, and renegotiation from each side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    OperatingState,
    PlanSlot,
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    PriceTier,
    SlotBounds,
)
from tests.support.bench import Bench
from usecases.coordination import CEVC, Strategy, strategy_of
from usecases.coordination_car import CoordinatedCar

HOUR = 3600.0
DEMAND = EnergyDemand(2000.0, 20000.0, 40000.0, departure_s=8 * HOUR, start_s=0.0)
CURVE = PowerCurve((PowerSlot(0.0, 4 * HOUR, 11000.0), PowerSlot(4 * HOUR, 8 * HOUR, 4200.0)))
PRICES = PriceTable(
    "EUR",
    (
        PriceSlot(0.0, 2 * HOUR, (PriceTier(0.3215),)),
        PriceSlot(2 * HOUR, 8 * HOUR, (PriceTier(0.1234),)),
    ),
)
PLAN = ChargingPlan(
    (
        PlanSlot(0.0, 2 * HOUR, 0.0, 0.0, 11000.0),
        PlanSlot(2 * HOUR, 4 * HOUR, 10000.0, 0.0, 11000.0),
    )
)


class Dialogue(Bench):
    """A car with a demand."""

    def __init__(self, *, bounds: SlotBounds | None = None) -> None:
        super().__init__([CEVC])
        self.car = CoordinatedCar(bounds) if bounds is not None else CoordinatedCar()
        self.provider = self.provide(CEVC, self.car, demand=DEMAND)
        self.open()

    def renegotiate(self) -> None:
        host = self.box.host
        host.carry_out_at(self.provider, self.car.renegotiate(self.now), self.now)
        self.settle()

    def keys(self) -> list[str]:
        return [key for key, _, _ in self.asked()]


@pytest.fixture
def pair() -> Dialogue:
    return Dialogue()


# ── announcement and content


def test_two_client_actors_with_their_scenarios() -> None:
    numbers = {actor.name: CEVC.client_numbers(actor) for actor in CEVC.clients}
    assert numbers == {"EnergyGuard": (1, 2, 4, 5, 7), "EnergyBroker": (1, 2, 3, 4, 6, 8)}
    assert CEVC.server_numbers() == (1, 2, 3, 4, 5, 6, 7, 8)


def test_series_as_described(pair: Dialogue) -> None:
    data: Any = pair.entity.data("TimeSeries", "timeSeriesDescriptionListData")
    rows = [
        (d.time_series_type, d.time_series_writeable, d.update_required, d.unit)
        for d in data.time_series_description_data
    ]
    assert rows == [
        ("singleDemand", False, None, "Wh"),
        ("constraints", True, False, "W"),
        ("plan", False, None, "W"),
    ]


def test_demand_is_one_slot_whose_duration_is_the_departure(pair: Dialogue) -> None:
    data: Any = pair.entity.data("TimeSeries", "timeSeriesListData")
    demand = data.time_series_data[0]
    (slot,) = demand.time_series_slot
    assert (slot.duration, demand.time_period.start_time) == ("PT8H", "PT0S")
    assert (slot.min_value.number, slot.value.number, slot.max_value.number) == (2000, 20000, 40000)
    assert pair.read(CEVC, "demand") == DEMAND


@pytest.mark.parametrize(
    ("demand", "strategy"),
    [
        (None, Strategy.UNKNOWN),
        (EnergyDemand(0, 1000, 2000), Strategy.DIRECT),
        (EnergyDemand(0, 0, 2000), Strategy.NO_DEMAND),
        (EnergyDemand(0, None, 2000), Strategy.NO_DEMAND),
        (EnergyDemand(500, 1000, 2000, 3600), Strategy.MINIMUM_SOC),
        (EnergyDemand(0, 1000, 2000, 3600), Strategy.TIMED),
        (EnergyDemand(0, 0, 2000, 3600), Strategy.NO_DEMAND),
        (EnergyDemand(0, None, 2000, 3600), Strategy.UNKNOWN),
    ],
    ids=str,
)
def test_strategy(demand: EnergyDemand | None, strategy: Strategy) -> None:
    assert strategy_of(demand) is strategy


def test_037_plan_always_states_its_least_power(pair: Dialogue) -> None:
    pair.provider.put(CEVC.plan, ChargingPlan((PlanSlot(0.0, HOUR, 5000.0),)))
    pair.settle()
    assert pair.read(CEVC, "plan") == ChargingPlan((PlanSlot(0.0, HOUR, 5000.0, 0.0),))
    pair.provider.put(CEVC.plan, PLAN)
    pair.settle()
    assert pair.read(CEVC, "plan") == PLAN


# ── the dialogue


def test_dialogue_from_demand_to_plan(pair: Dialogue) -> None:
    pair.renegotiate()
    assert pair.read(CEVC, "limit_curve_wanted") is True
    assert pair.read(CEVC, "prices_wanted") is True
    assert pair.reports("cem", "wanted") == [
        {"point": "limit_curve", "within_s": 15.0},
        {"point": "prices", "within_s": 15.0},
    ]
    pair.advance(3.0)
    pair.wish(CEVC, "limit_curve", CURVE)
    pair.wish(CEVC, "prices", PRICES)
    assert pair.asked() == [
        ("limit_curve", CURVE, True),
        ("price_form", PRICES.form, True),
        ("prices", PRICES, True),
    ]
    assert pair.read(CEVC, "limit_curve_wanted") is False
    assert pair.read(CEVC, "prices_wanted") is False
    assert pair.read(CEVC, "prices") == PRICES
    written_at = pair.now
    pair.advance(4.9)
    assert pair.reports("box", "replan") == []
    pair.advance(0.1)
    assert pair.reports("box", "replan") == [
        {"curve": CURVE, "curve_at": written_at, "prices": PRICES, "prices_at": written_at}
    ]
    pair.provider.put(CEVC.plan, PLAN)
    pair.settle()
    assert pair.read(CEVC, "plan") == PLAN
    pair.advance(5.0)
    assert pair.reports("cem", "recalculate")[-1] == {"demand": DEMAND, "plan": PLAN}


def test_040_to_043_several_updates_are_one_pause(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", CURVE)
    pair.advance(3.0)
    pair.wish(CEVC, "prices", PRICES)
    pair.advance(4.9)
    assert pair.reports("box", "replan") == []
    pair.advance(0.2)
    assert len(pair.reports("box", "replan")) == 1


def test_renegotiation_from_the_manager_needs_no_question(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", CURVE)
    assert pair.asked() == [("limit_curve", CURVE, True)]


def test_renegotiation_from_the_car_is_answered_with_what_is_left_of_the_wish(
    pair: Dialogue,
) -> None:
    pair.wish(CEVC, "limit_curve", CURVE)
    pair.advance(5 * HOUR)
    pair.provider.put(CEVC.demand, EnergyDemand(0.0, 1000.0, 9000.0, 3 * HOUR, 0.0))
    pair.renegotiate()
    assert pair.asked()[-1] == (
        "limit_curve",
        PowerCurve((PowerSlot(0.0, 3 * HOUR, 4200.0),)),
        True,
    )


def test_018_033_without_a_wish_the_answer_after_15_s_is_no_limit_and_no_preference() -> None:
    pair = Dialogue(bounds=SlotBounds(1, 96, watts_max=11040.0))
    pair.renegotiate()
    pair.advance(14.9)
    assert pair.keys() == []
    pair.advance(0.1)
    assert pair.keys() == ["limit_curve", "price_form", "prices"]
    (slot,) = pair.read(CEVC, "limit_curve").slots
    assert (slot.start_s, slot.watts) == (0.0, 11040.0)
    assert slot.end_s == pytest.approx(8 * HOUR - 15.0, abs=1)
    assert pair.read(CEVC, "prices").currency is None
    pair.advance(60.0)
    assert pair.reports("box", "unanswered") == []


def test_without_a_known_maximum_the_manager_says_that_it_cannot_answer(pair: Dialogue) -> None:
    pair.renegotiate()
    pair.advance(20.0)
    assert pair.reports("cem", "unanswerable") == [{"point": "limit_curve"}]
    assert pair.reports("box", "unanswered") == [{"points": ("limit_curve",)}]
    assert len(pair.reports("box", "replan")) >= 1


def test_045_048_silent_manager_is_no_longer_relied_on(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", CURVE)
    pair.advance(10.0)
    pair.cem.host.heartbeats.silent = True
    pair.advance(180.0)
    assert pair.reports("box", "partner_silent") == [{}]
    assert pair.reports("box", "replan")[-1]["curve"] is None


def test_scenarios_7_and_8_failed_manager_is_no_longer_relied_on(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", CURVE)
    pair.advance(10.0)
    entity = pair.cem.device.entities[(1,)]
    CEVC.partner_state.publish(Shelf(pair.cem.device, entity), OperatingState("failure"))
    pair.settle()
    assert pair.reports("box", "partner_failed") == [{}]


# ── what is refused

BAD_CURVES = {
    "negative power": PowerCurve((PowerSlot(0.0, HOUR, -1.0),)),
    "overlap": PowerCurve((PowerSlot(0.0, 2 * HOUR, 1.0), PowerSlot(HOUR, 3 * HOUR, 2.0))),
    "ends before it starts": PowerCurve((PowerSlot(HOUR, HOUR, 1.0),)),
    "CEVC-012 more than 168 h": PowerCurve((PowerSlot(0.0, 168 * HOUR + 1, 1.0),)),
    "too many slots": PowerCurve(
        tuple(PowerSlot(60.0 * n, 60.0 * (n + 1), float(n)) for n in range(97))
    ),
}


@pytest.mark.parametrize("curve", BAD_CURVES.values(), ids=list(BAD_CURVES))
def test_curves_that_are_refused(pair: Dialogue, curve: PowerCurve) -> None:
    pair.renegotiate()
    assert pair.write(CEVC, "limit_curve", curve).error_number == 7
    assert pair.read(CEVC, "limit_curve") is None
    assert pair.read(CEVC, "limit_curve_wanted") is True


@pytest.mark.parametrize(
    "bounds", [SlotBounds(count_max=1), SlotBounds(duration_max_s=HOUR)], ids=str
)
def test_manager_obeys_the_bounds_before_writing(bounds: SlotBounds) -> None:
    pair = Dialogue(bounds=bounds)
    pair.wish(CEVC, "limit_curve", CURVE)
    assert pair.asked() == []
    assert [r["point"] for r in pair.reports("cem", "offer_impossible")] == ["limit_curve"]


def test_equal_neighbours_become_one_slot_014(pair: Dialogue) -> None:
    slots = (PowerSlot(0.0, HOUR, 5000.0), PowerSlot(HOUR, 8 * HOUR, 5000.0))
    pair.wish(CEVC, "limit_curve", PowerCurve(slots))
    assert pair.read(CEVC, "limit_curve") == PowerCurve((PowerSlot(0.0, 8 * HOUR, 5000.0),))


def test_010_a_short_curve_is_held_until_departure(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", PowerCurve((PowerSlot(0.0, HOUR, 5000.0),)))
    assert pair.read(CEVC, "limit_curve").slots[-1].end_s == pytest.approx(8 * HOUR, abs=1)


def test_empty_wish_writes_nothing(pair: Dialogue) -> None:
    pair.wish(CEVC, "limit_curve", PowerCurve(()))
    assert pair.asked() == []


def write_series(pair: Dialogue, entry: list[dict[str, Any]], *, partial: bool) -> str:
    """Writes one series as it is and returns the answer."""
    consumer = pair.cem.host.consumer("box", CEVC)
    server = consumer.entity.server("TimeSeries")
    assert server is not None
    assert pair.box.session is not None
    number = consumer.local.feature("TimeSeries", "client").number
    header = [
        {"specificationVersion": "1.3.0"},
        {"addressSource": [{"device": "d:_n:test_cem"}, {"entity": [1]}, {"feature": number}]},
        {
            "addressDestination": [
                {"device": "d:_n:test_box"},
                {"entity": list(server.entity)},
                {"feature": server.number},
            ]
        },
        {"msgCounter": 9000},
        {"cmdClassifier": "write"},
        {"ackRequest": True},
    ]
    command: list[dict[str, Any]] = [{"timeSeriesListData": [{"timeSeriesData": [entry]}]}]
    if partial:
        command = [
            {"function": "timeSeriesListData"},
            {"filter": [[{"cmdControl": [{"partial": []}]}]]},
            *command,
        ]
    payload = {"datagram": [{"header": header}, {"payload": [{"cmd": [command]}]}]}
    pair.box.session.receive(payload, pair.now)
    before = len(pair.box.sent)
    pair.settle()
    answers = [json.dumps(p) for p in pair.box.sent[before:]]
    return next(text for text in answers if '"msgCounterReference": 9000' in text)


def series(number: int, *slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"timeSeriesId": number}, {"timeSeriesSlot": list(slots)}]


def power(watts: int) -> dict[str, Any]:
    return {"maxValue": [{"number": watts}, {"scale": 0}]}


@pytest.mark.parametrize("number", [1, 3], ids=["singleDemand", "plan"])
@pytest.mark.parametrize("partial", [True, False], ids=["partial", "full"])
def test_series_of_the_car_cannot_be_written(pair: Dialogue, number: int, partial: bool) -> None:
    slot = [{"duration": "PT1H"}, power(9000)]
    assert '"errorNumber": 7' in write_series(pair, series(number, slot), partial=partial)
    assert pair.read(CEVC, "demand") == DEMAND


def test_durations_instead_of_starts_are_read(pair: Dialogue) -> None:
    slots = [[{"duration": "PT1H"}, power(9000)], [{"duration": "PT2H"}, power(5000)]]
    assert '"errorNumber": 0' in write_series(pair, series(2, *slots), partial=True)
    assert pair.read(CEVC, "limit_curve") == PowerCurve(
        (PowerSlot(0.0, HOUR, 9000.0), PowerSlot(HOUR, 3 * HOUR, 5000.0))
    )


def test_full_write_of_the_curve_alone_leaves_the_other_series(pair: Dialogue) -> None:
    slot = [{"timePeriod": [{"startTime": "PT0S"}, {"endTime": "P7D"}]}, power(9000)]
    assert '"errorNumber": 0' in write_series(pair, series(2, slot), partial=False)
    assert pair.read(CEVC, "demand") == DEMAND


@pytest.mark.parametrize(
    "slot",
    [
        [{"timePeriod": [{"startTime": "2026-01-01T13:00:00Z"}]}, power(9000)],
        [{"duration": "one hour"}, power(9000)],
        [{"duration": "PT0S"}, power(9000)],
        [{"duration": "PT1H"}],
    ],
    ids=["time of day", "no duration", "empty duration", "no power"],
)
def test_unreadable_slots_are_refused(pair: Dialogue, slot: list[dict[str, Any]]) -> None:
    assert '"errorNumber": 7' in write_series(pair, series(2, slot), partial=True)
    assert pair.read(CEVC, "limit_curve") is None


# ── prices


def test_prices_are_per_wh_on_the_wire_and_nothing_is_rounded_away(pair: Dialogue) -> None:
    pair.wish(CEVC, "prices", PRICES)
    data: Any = pair.entity.data("IncentiveTable", "incentiveTableData")
    first = data.incentive_table[0].incentive_slot[0].tier[0].incentive[0].value
    assert (first.number, first.scale) == (3215, -7)
    times = [
        (
            slot.time_interval.start_time.relative,
            slot.time_interval.end_time and slot.time_interval.end_time.relative,
        )
        for slot in data.incentive_table[0].incentive_slot
    ]
    assert times == [("PT0S", None), ("PT2H", "PT8H")]


def test_the_table_is_written_whole_and_without_filter(pair: Dialogue) -> None:
    pair.wish(CEVC, "prices", PRICES)
    writes = [t for t in map(json.dumps, pair.cem.sent) if "incentiveTable" in t and '"write"' in t]
    assert len(writes) == 2
    assert not any('"filter"' in text for text in writes)
    assert "incentiveTableDescriptionData" in writes[0]
    assert '"incentiveTableData"' in writes[1]


def test_tiers_emissions_and_renewables(pair: Dialogue) -> None:
    tiers = (
        PriceTier(0.08, 0.0, co2_g=50.0, renewable_percent=90.0),
        PriceTier(0.32, 4000.0, co2_g=400.0, renewable_percent=45.0),
    )
    table = PriceTable("EUR", (PriceSlot(0.0, 8 * HOUR, tiers),))
    pair.wish(CEVC, "prices", table)
    assert pair.read(CEVC, "prices") == table
    assert pair.read(CEVC, "price_form") == table.form


BAD_PRICES = {
    "no tier": PriceTable("EUR", (PriceSlot(0.0, HOUR, ()),)),
    "four tiers": PriceTable(
        "EUR", (PriceSlot(0.0, HOUR, tuple(PriceTier(0.1, 1000.0 * n) for n in range(4))),)
    ),
    "falling boundaries": PriceTable(
        "EUR", (PriceSlot(0.0, HOUR, (PriceTier(0.1, 2000.0), PriceTier(0.2, 1000.0))),)
    ),
    "overlap": PriceTable(
        "EUR",
        (
            PriceSlot(0.0, 2 * HOUR, (PriceTier(0.1),)),
            PriceSlot(HOUR, 3 * HOUR, (PriceTier(0.2),)),
        ),
    ),
}


@pytest.mark.parametrize("table", BAD_PRICES.values(), ids=list(BAD_PRICES))
def test_tables_that_are_refused_and_not_even_offered(pair: Dialogue, table: PriceTable) -> None:
    pair.write(CEVC, "price_form", PriceTable("EUR", PRICES.slots).form)
    assert pair.write(CEVC, "prices", table).error_number == 7
    before = len(pair.asked())
    pair.wish(CEVC, "prices", table)
    assert len(pair.asked()) == before
    assert len(pair.reports("cem", "offer_impossible")) == 1


def test_prices_before_their_description_are_refused(pair: Dialogue) -> None:
    assert pair.write(CEVC, "prices", PRICES).error_number == 7


def test_a_written_description_keeps_what_is_the_cars_to_say(pair: Dialogue) -> None:
    pair.renegotiate()
    pair.wish(CEVC, "prices", PRICES)
    data: Any = pair.entity.data("IncentiveTable", "incentiveTableDescriptionData")
    tariff = data.incentive_table_description[0].tariff_description
    assert tariff.tariff_writeable is True
    assert tariff.scope_type == "simpleIncentiveTable"
    assert tariff.update_required is False
