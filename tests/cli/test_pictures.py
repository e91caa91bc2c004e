"""What a chart joins and what it leaves open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eebus_gw.cli.pictures import WIDTHS, interval_start, measured_runs
from eebus_gw.clock import MACHINE_ZONE

START = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)


def test_no_line_bridges_a_silence_of_the_journal() -> None:
    seconds = (0, 10, 70, 131, 420)
    power = [(START + timedelta(seconds=at), float(at)) for at in seconds]
    runs = measured_runs(power)
    assert [[watts for _, watts in run] for run in runs] == [[0.0, 10.0, 70.0], [131.0], [420.0]]


def test_nothing_measured_is_no_run() -> None:
    assert measured_runs([]) == []


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("moment", "width", "start"),
    [
        ("2026-10-25T00:45Z", "hour", "2026-10-25T00:00Z"),
        ("2026-10-25T01:45Z", "hour", "2026-10-25T01:00Z"),
        ("2026-10-25T22:45Z", "day", "2026-10-24T22:00Z"),
        ("2026-10-25T23:00Z", "day", "2026-10-25T23:00Z"),
        ("2026-03-29T21:45Z", "day", "2026-03-28T23:00Z"),
        ("2026-03-29T21:45Z", "week", "2026-03-22T23:00Z"),
        ("2026-03-29T22:00Z", "week", "2026-03-29T22:00Z"),
    ],
)
def test_hours_days_and_weeks_are_those_of_the_calendar(
    moment: str, width: str, start: str
) -> None:
    at = datetime.fromisoformat(moment)
    span = dict(zip(("quarter", "hour", "day", "week"), WIDTHS, strict=True))[width]
    assert interval_start(at, span, MACHINE_ZONE) == datetime.fromisoformat(start)
