"""Series are found by their type and told in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.spine.model.time_series import (
    TimeSeriesDataType,
    TimeSeriesDescriptionDataType,
    TimeSeriesSlotType,
)
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import SERIES, SERIES_DESCRIPTIONS
from eebus_gw.vocabulary.points.series import (
    CurveSeries,
    DemandSeries,
    PlanSeries,
    SeriesBounds,
    SeriesWanted,
)
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    PlanSlot,
    PowerCurve,
    PowerSlot,
    SlotBounds,
)
from tests.vocabulary.points.support import round_trip, shelf

DEMAND = DemandSeries("demand", "Wh", "singleDemand")
CURVE = CurveSeries("curve", "W", "constraints", writable=True)
PLAN = PlanSeries("plan", "W", "plan")
energy = st.one_of(st.none(), st.integers(0, 100_000).map(float))


@given(energy, energy, st.integers(0, 100_000).map(float), energy)
def test_demand(
    minimum: float | None, target: float | None, maximum: float, departure: float | None
) -> None:
    value = EnergyDemand(minimum, target, maximum, departure, 0.0)
    assert round_trip(DEMAND, value) == value


@given(st.lists(st.tuples(st.integers(1, 7200), st.integers(0, 22_000)), min_size=1, max_size=30))
def test_curve(parts: list[tuple[int, int]]) -> None:
    slots, position = [], 0.0
    for length, watts in parts:
        slots.append(PowerSlot(position, position + length, float(watts)))
        position += length
    assert round_trip(CURVE, PowerCurve(tuple(slots))) == PowerCurve(tuple(slots))


def test_plan_and_what_it_says_at_a_moment() -> None:
    plan = ChargingPlan((PlanSlot(0.0, 60.0, 0.0, 0.0, 11e3), PlanSlot(60.0, 90.0, 7e3, 0.0, 11e3)))
    assert round_trip(PLAN, plan) == plan
    assert [slot.watts if (slot := plan.at(s)) else None for s in (0, 59.9, 60, 89.9, 90)] == [
        0.0,
        0.0,
        7000.0,
        7000.0,
        None,
    ]


def test_curve_later() -> None:
    curve = PowerCurve((PowerSlot(0.0, 60.0, 1.0), PowerSlot(60.0, None, 2.0)))
    assert curve.later(30.0) == PowerCurve((PowerSlot(0.0, 30.0, 1.0), PowerSlot(30.0, None, 2.0)))
    assert curve.later(60.0) == PowerCurve((PowerSlot(0.0, None, 2.0),))


def test_series_share_one_list_and_keep_their_own_identifiers() -> None:
    here = shelf()
    for point in (DEMAND, CURVE, PLAN):
        point.describe(here)
        point.describe(here)
    assert [point.locate(here) for point in (DEMAND, CURVE, PLAN)] == [1, 2, 3]
    assert len(SERIES.of(here)) == 3


def test_a_series_is_found_under_any_identifier_and_of_two_the_first_counts() -> None:
    here = shelf()
    for number, kind in ((17, "plan"), (4, "constraints"), (9, "constraints")):
        here.put(
            SERIES_DESCRIPTIONS,
            TimeSeriesDescriptionDataType(time_series_id=number, time_series_type=kind),
        )
    assert CURVE.locate(here) == 4
    assert DEMAND.locate(here) is None


@pytest.mark.parametrize(
    "slots",
    [
        [],
        [TimeSeriesSlotType(duration="PT1H")],
        [TimeSeriesSlotType(max_value=scaled_number(1), duration="x")],
    ],
    ids=["no slots", "no power", "no duration"],
)
def test_what_is_no_curve_is_not_read_as_one(slots: list[TimeSeriesSlotType]) -> None:
    assert CURVE.unpack(TimeSeriesDataType(time_series_slot=slots)) is None


def test_start_of_a_demand_may_stand_at_the_slot() -> None:
    entry = DEMAND.pack(EnergyDemand(0.0, 1.0, 2.0, 60.0, 30.0))
    slot = entry.time_series_slot[0].model_copy(update={"time_period": entry.time_period})  # type: ignore[index]
    moved = TimeSeriesDataType(time_series_slot=[slot])
    assert DEMAND.unpack(moved) == EnergyDemand(0.0, 1.0, 2.0, 60.0, 30.0)


def test_wanted_flag() -> None:
    here = shelf()
    CURVE.describe(here)
    wanted = SeriesWanted("wanted", "constraints")
    assert wanted.read(here, wanted.locate(here) or 0).value is False  # type: ignore[union-attr]
    assert round_trip(wanted, True, here) is True


def test_bounds() -> None:
    here = shelf()
    CURVE.describe(here)
    bounds = SlotBounds(1, 96, 60.0, 86_400.0, 60.0, 11_040.0)
    assert round_trip(SeriesBounds("bounds", "constraints"), bounds, here) == bounds
