from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eebus_gw.cli.period import moment
from eebus_gw.errors import ConfigError

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90min", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("1.5 h", timedelta(hours=1.5)),
        ("7d", timedelta(days=7)),
        ("4w", timedelta(weeks=4)),
    ],
)
def test_how_long_ago(text: str, ago: timedelta) -> None:
    assert moment(text, NOW) == NOW - ago


@pytest.mark.parametrize("text", ["99999999999d", f"{'9' * 400}w"])
def test_longer_ago_than_any_calendar_goes_is_from_the_start(text: str) -> None:
    assert moment(text, NOW) == datetime(2, 1, 1, tzinfo=UTC)


def test_dates_and_times_are_local_unless_they_say_otherwise() -> None:
    assert moment("2026-01-14T18:00:00Z", NOW) == datetime(2026, 1, 14, 18, tzinfo=UTC)
    assert moment("2026-01-14T18:00+01:00", NOW) == datetime(2026, 1, 14, 17, tzinfo=UTC)
    local = datetime(2026, 1, 14).astimezone()
    assert moment("2026-01-14", NOW) == local


def test_today_begins_at_the_local_midnight() -> None:
    local = NOW.astimezone().replace(hour=0, minute=0)
    assert moment("today", NOW) == local
    assert moment("Yesterday", NOW) == local - timedelta(days=1)


@pytest.mark.parametrize("text", ["", "soon", "25h61", "2026-13-01", "-3h"])
def test_nonsense_names_what_is_possible(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        moment(text, NOW)
    assert "7d" in caught.value.hint


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("now", "today", "yesterday"),
    [
        ("2026-03-29T10:00Z", "2026-03-28T23:00Z", "2026-03-27T23:00Z"),
        ("2026-03-30T10:00Z", "2026-03-29T22:00Z", "2026-03-28T23:00Z"),
        ("2026-10-25T10:00Z", "2026-10-24T22:00Z", "2026-10-23T22:00Z"),
        ("2026-10-26T10:00Z", "2026-10-25T23:00Z", "2026-10-24T22:00Z"),
    ],
)
def test_days_begin_at_midnight_also_when_clocks_are_changed(
    now: str, today: str, yesterday: str
) -> None:
    wall = datetime.fromisoformat(now)
    assert moment("today", wall) == datetime.fromisoformat(today)
    assert moment("yesterday", wall) == datetime.fromisoformat(yesterday)
