"""Slots of time series in both encodings (CEVC)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.model.time_series import TimeSeriesDataType, TimeSeriesSlotType
from eebus_gw.vocabulary.points.slots import SlotValues, period_of, read_slots, write_slots


def slot(
    start: str | None = None, end: str | None = None, duration: str | None = None
) -> TimeSeriesSlotType:
    period = TimePeriodType(start_time=start, end_time=end) if start or end else None
    return TimeSeriesSlotType(time_period=period, duration=duration)


def times(*slots: TimeSeriesSlotType, start: str | None = None, end: str | None = None) -> Any:
    period = TimePeriodType(start_time=start, end_time=end) if start or end else None
    found = read_slots(TimeSeriesDataType(time_period=period, time_series_slot=list(slots)))
    return None if found is None else [(s.start_s, s.end_s) for s in found]


ENCODINGS: dict[str, tuple[Any, list[tuple[float, float | None]] | None]] = {
    "starts, last with end": (
        times(slot("PT0S"), slot("PT1H", "PT3H")),
        [(0, 3600), (3600, 10800)],
    ),
    "durations": (
        times(slot(duration="PT1H"), slot(duration="PT2H")),
        [(0, 3600), (3600, 10800)],
    ),
    "durations after the start of the series": (
        times(slot(duration="PT1H"), slot(duration="PT1H"), start="PT30M"),
        [(1800, 5400), (5400, 9000)],
    ),
    "start and duration": (times(slot("PT10M", duration="PT5M")), [(600, 900)]),
    "end of the series": (times(slot("PT0S"), slot("PT1H"), end="PT2H"), [(0, 3600), (3600, 7200)]),
    "no end": (times(slot("PT0S")), [(0, None)]),
    "gap": (times(slot("PT0S", "PT1H"), slot("PT2H", "PT3H")), [(0, 3600), (7200, 10800)]),
    "nothing": (times(), []),
    "time of day": (times(slot("2026-01-01T00:00:00Z")), None),
    "not readable": (times(slot(duration="1h")), None),
    "unreadable series": (times(slot("PT0S"), start="now"), None),
}


@pytest.mark.parametrize(("found", "expected"), ENCODINGS.values(), ids=list(ENCODINGS))
def test_encodings(found: Any, expected: Any) -> None:
    assert found == expected


@given(st.lists(st.tuples(st.integers(1, 86_400), st.integers(0, 3_600)), max_size=20))
def test_written_slots_are_read_as_they_were(lengths: list[tuple[int, int]]) -> None:
    slots, position = [], 0.0
    for length, gap in lengths:
        slots.append(SlotValues(position, position + length, 1.0, 0.0, 2.0))
        position += length + gap
    entry = TimeSeriesDataType(time_period=period_of(slots), time_series_slot=write_slots(slots))
    assert read_slots(entry) == tuple(slots)


def test_only_the_last_slot_and_those_before_a_gap_state_their_end() -> None:
    written = write_slots(
        [SlotValues(0, 10), SlotValues(10, 20), SlotValues(30, 40), SlotValues(40, 50)]
    )
    ends = [s.time_period.end_time for s in written if s.time_period is not None]
    assert ends == [None, "PT20S", None, "PT50S"]
