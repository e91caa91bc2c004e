from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from eebus_gw.ledger.quarters import (
    OpenQuarter,
    Portion,
    Quality,
    Source,
    quarter_start,
    spans,
)

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_quarters_are_aligned_to_utc() -> None:
    assert quarter_start(NOON + timedelta(minutes=29, seconds=59)) == NOON + timedelta(minutes=15)
    found = list(spans(NOON + timedelta(minutes=14), NOON + timedelta(minutes=46)))
    assert [(f"{start:%H:%M}", seconds) for start, seconds in found] == [
        ("12:00", 60), ("12:15", 900), ("12:30", 900), ("12:45", 60),
    ]  # fmt: skip


def test_a_moment_on_the_boundary_belongs_to_the_later_quarter() -> None:
    assert [seconds for _, seconds in spans(NOON, NOON)] == [0]
    found = list(spans(NOON, NOON + timedelta(minutes=15)))
    assert [(f"{start:%H:%M}", seconds) for start, seconds in found] == [
        ("12:00", 900),
        ("12:15", 0),
    ]


@pytest.mark.parametrize(
    ("portions", "source", "quality"),
    [
        ([], None, Quality.MISSING),
        ([(Source.METER, Quality.MEASURED, 900)], Source.METER, Quality.MEASURED),
        (
            [(Source.METER, Quality.MEASURED, 450), (Source.POWER, Quality.DERIVED, 450)],
            Source.POWER,
            Quality.DERIVED,
        ),
        ([(Source.METER, Quality.ESTIMATED, 900)], Source.METER, Quality.ESTIMATED),
        ([(Source.METER, Quality.MEASURED, 800)], Source.METER, Quality.INCOMPLETE),
        ([(None, Quality.MEASURED, 900)], None, Quality.MISSING),
    ],
)
def test_a_quarter_is_as_good_as_its_worst_part(
    portions: list[tuple[Source | None, Quality, float]], source: Source | None, quality: Quality
) -> None:
    quarter = OpenQuarter(NOON)
    for found, rank, seconds in portions:
        quarter.add(Portion(100, 0, found, rank, None), 1.0, seconds)
    closed = quarter.close("carport")
    assert (closed.source, closed.quality) == (source, quality)
    assert (closed.charged_wh is None) is (source is None)


def test_state_survives_being_written_down() -> None:
    quarter = OpenQuarter(NOON)
    quarter.add(Portion(100, 20, Source.POWER, Quality.DERIVED, "driver"), 0.5, 60)
    assert OpenQuarter.from_state(json.loads(json.dumps(quarter.to_state()))) == quarter
