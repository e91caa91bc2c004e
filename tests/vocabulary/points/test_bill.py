"""The charging summary as a bill."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.spine.model.bill import BillDescriptionDataType
from eebus_gw.vocabulary.functions import BILL_DESCRIPTIONS, BILLS
from eebus_gw.vocabulary.points.bill import SummaryPoint, SummaryWanted
from eebus_gw.vocabulary.values import ChargingSummary, SummaryShare
from tests.vocabulary.points.support import round_trip, shelf

POINT = SummaryPoint("summary")
tenths = st.integers(0, 1000).map(lambda n: n / 10)
shares = st.builds(SummaryShare, tenths, st.one_of(st.none(), tenths))


@given(
    st.builds(
        ChargingSummary,
        energy_wh=st.integers(0, 1_000_000).map(lambda n: n / 10),
        cost=st.integers(-10_000, 1_000_000).map(lambda n: n / 100),
        currency=st.sampled_from(["EUR", "CHF"]),
        duration_s=st.one_of(st.none(), st.integers(0, 604_800).map(float)),
        grid=st.one_of(st.none(), shares),
        self_produced=st.one_of(st.none(), shares),
    )
)
def test_what_is_published_is_read(summary: ChargingSummary) -> None:
    assert round_trip(POINT, summary) == summary


def test_bill_is_found_by_its_type() -> None:
    here = shelf("EVSE")
    for number, kinds in ((0, ["somethingElse"]), (5, ["chargingSummary"])):
        here.put(
            BILL_DESCRIPTIONS, BillDescriptionDataType(bill_id=number, supported_bill_type=kinds)
        )
    assert POINT.locate(here) == 5


def test_empty_bill_is_there_to_be_written_and_is_no_summary() -> None:
    here = shelf("EVSE")
    POINT.describe(here)
    assert [bill.bill_id for bill in BILLS.of(here)] == [0]
    assert POINT.read(here, 0) is None


def test_flag() -> None:
    here = shelf("EVSE")
    POINT.describe(here)
    assert round_trip(SummaryWanted("wanted"), True, here) is True
