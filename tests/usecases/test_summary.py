"""EVCS at both ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eebus_gw.roles.host import Entity
from eebus_gw.vocabulary.values import ChargingSummary, SummaryShare
from tests.support.bench import Bench
from usecases.summary import EVCS, SummarizedStation

SUMMARY = ChargingSummary(
    energy_wh=12345.6,
    cost=3.87,
    currency="EUR",
    duration_s=5400.0,
    grid=SummaryShare(40.0, 75.5),
    self_produced=SummaryShare(60.0, 24.5),
)


class Session(Bench):
    def __init__(self) -> None:
        super().__init__([EVCS], server="EVSE")
        self.station = SummarizedStation()
        self.provider = self.provide(EVCS, self.station)
        self.open()

    def ask(self) -> None:
        self.box.host.carry_out_at(self.provider, self.station.ask(self.now), self.now)
        self.settle()


@pytest.fixture
def pair() -> Session:
    return Session()


def test_009_the_wallbox_asks_and_the_answer_ends_the_question(pair: Session) -> None:
    pair.wish(EVCS, "summary", SUMMARY)
    assert pair.asked() == []
    pair.ask()
    assert pair.asked() == [("summary", SUMMARY, True)]
    assert pair.read(EVCS, "summary_wanted") is False
    assert pair.reports("box", "summary") == [{"summary": SUMMARY}]


def test_007_nothing_to_answer_with_is_told_and_made_up_for(pair: Session) -> None:
    pair.ask()
    assert pair.reports("cem", "summary_missing") == [{}]
    pair.wish(EVCS, "summary", SUMMARY)
    assert pair.read(EVCS, "summary") == SUMMARY


def test_008_still_answered_60_s_after_unplugging(pair: Session) -> None:
    host = pair.box.host
    car = host.add_entity(Entity("EV"), pair.now, parent=pair.evse.path)
    host.announce(car)
    pair.wish(EVCS, "summary", SUMMARY)
    host.remove_entity(car)
    pair.advance(60.0)
    pair.ask()
    assert pair.read(EVCS, "summary") == SUMMARY


def test_008_a_question_nobody_answers_is_taken_back_after_60_s(pair: Session) -> None:
    pair.ask()
    pair.advance(59.9)
    assert pair.read(EVCS, "summary_wanted") is True
    pair.advance(0.1)
    assert pair.read(EVCS, "summary_wanted") is False


def test_008_the_next_session_replaces_it(pair: Session) -> None:
    pair.wish(EVCS, "summary", SUMMARY)
    pair.wish(EVCS, "summary", ChargingSummary(energy_wh=1.0))
    pair.ask()
    assert pair.read(EVCS, "summary") == ChargingSummary(energy_wh=1.0)


def test_content_as_the_tables_say(pair: Session) -> None:
    assert pair.write(EVCS, "summary", SUMMARY).error_number == 0
    data: Any = pair.entity.data("Bill", "billListData")
    (bill,) = data.bill_data
    assert (bill.bill_id, bill.bill_type) == (0, "chargingSummary")
    total = bill.total
    assert (total.time_period.start_time, total.time_period.end_time) == ("-PT1H30M", "PT0S")
    assert (total.value[0].unit, total.value[0].value.number) == ("Wh", 123456)
    assert (total.cost[0].cost_type, total.cost[0].currency) == ("absolutePrice", "EUR")
    positions = [
        (p.position_type, p.value[0].value_percentage.number, p.cost[0].cost_percentage.number)
        for p in bill.position
    ]
    assert positions == [
        ("gridElectricEnergy", 40, 755),
        ("selfProducedElectricEnergy", 60, 245),
    ]
    descriptions: Any = pair.entity.data("Bill", "billDescriptionListData")
    described = descriptions.bill_description_data[0]
    assert (described.bill_writeable, described.supported_bill_type) == (True, ["chargingSummary"])


def test_absent_duration_and_shares_are_accepted(pair: Session) -> None:
    assert pair.write(EVCS, "summary", ChargingSummary(energy_wh=500.0)).error_number == 0
    assert pair.read(EVCS, "summary") == ChargingSummary(energy_wh=500.0)


@pytest.mark.parametrize(
    "summary",
    [
        ChargingSummary(energy_wh=None),
        ChargingSummary(energy_wh=1.0, grid=SummaryShare(101.0)),
        ChargingSummary(energy_wh=1.0, self_produced=SummaryShare(10.0, -1.0)),
    ],
    ids=["nothing stated", "more than 100 %", "less than 0 %"],
)
def test_refused(pair: Session, summary: ChargingSummary) -> None:
    pair.ask()
    assert pair.write(EVCS, "summary", summary).error_number == 7
    assert pair.read(EVCS, "summary") is None
    assert pair.read(EVCS, "summary_wanted") is True


def test_the_bill_is_found_by_what_it_supports() -> None:
    pair = Session()
    text = json.dumps(pair.box.sent)
    assert "billDescriptionListData" in text
    assert EVCS.summary.locate(pair.entity) == 0  # type: ignore[arg-type]
