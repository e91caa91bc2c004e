"""What a chart joins and what it leaves open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eebus_gw.cli.pictures import measured_runs

START = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)


def test_no_line_bridges_a_silence_of_the_journal() -> None:
    seconds = (0, 10, 70, 131, 420)
    power = [(START + timedelta(seconds=at), float(at)) for at in seconds]
    runs = measured_runs(power)
    assert [[watts for _, watts in run] for run in runs] == [[0.0, 10.0, 70.0], [131.0], [420.0]]


def test_nothing_measured_is_no_run() -> None:
    assert measured_runs([]) == []
