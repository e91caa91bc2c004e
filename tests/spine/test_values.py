"""Numbers and times (ScaledNumber, durations, time stamps)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.model.common_data_types import ScaledNumberType
from eebus_gw.spine.values import (
    format_duration,
    format_timestamp,
    number_of,
    parse_duration,
    parse_timestamp,
    scaled_number,
)


@pytest.mark.parametrize(
    ("value", "number", "scale"),
    [
        (0, 0, 0),
        (4200, 4200, 0),
        (4200.0, 4200, 0),
        (-11000, -11000, 0),
        (0.29, 29, -2),
        (10.5, 105, -1),
        (0.1 + 0.2, 3, -1),
        (1.23456, 12346, -4),
        (0.00001, 0, 0),
        (1e15, 10**15, 0),
        (Decimal("15.50"), 155, -1),
        (Decimal("1E+3"), 1000, 0),
    ],
)
def test_numbers_get_the_shortest_exact_scale(
    value: int | float | Decimal, number: int, scale: int
) -> None:
    assert scaled_number(value) == ScaledNumberType(number=number, scale=scale)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**63, Decimal("1e40"), Decimal("922337203685477580.75")]
)
def test_numbers_beyond_64_bits_are_a_mistake_of_the_caller(value: float | Decimal) -> None:
    with pytest.raises(LocalProtocolError):
        scaled_number(value)


@pytest.mark.parametrize(
    ("number", "scale", "value"),
    [
        (105, -1, 10.5),
        (29, -2, 0.29),
        (14, None, 14.0),
        (7, 3, 7000.0),
        (-(2**62), 0, -4611686018427387904.0),
        (-(2**63), 0, None),  # cannot be sent again
        (2**63 - 1, 3, None),
        (1, 19, None),
        (1, -30, 1e-30),
        (1, -31, None),
        (1, 31, None),
        (2**64 - 1, 0, None),
        (None, -1, None),
    ],
)
def test_numbers_are_exact_or_nothing(
    number: int | None, scale: int | None, value: float | None
) -> None:
    assert number_of(ScaledNumberType(number=number, scale=scale)) == value


def test_absent_number_is_nothing() -> None:
    assert number_of(None) is None


@given(st.decimals(-(10**9), 10**9, places=4))
def test_numbers_of_four_decimals_survive(value: Decimal) -> None:
    assert number_of(scaled_number(value)) == float(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT4S", 4),
        ("PT90S", 90),
        ("PT1M30S", 90),
        ("PT0S", 0),
        ("PT2H", 7200),
        ("P1D", 86_400),
        ("P1DT1H", 90_000),
        ("P1Y2M", 365 * 86_400 + 60 * 86_400),
        ("PT0.5S", 0.5),
        ("-PT10S", -10),
        ("PT100H0M", 360_000),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("1M", None),
        ("PT1.5M", None),
        ("PT1S ", None),
        ("PT-1S", None),
        ("pt1s", None),
        ("P1W", None),
        ("PT٣S", None),
        ("PT" + "9" * 400 + "S", None),
        ("", None),
        (None, None),
    ],
)
def test_durations(text: str | None, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("P1Y", None),
        ("P1M", None),
        ("P1DT1M", 86_460),
        ("P0Y1D", 86_400),
        ("P0Y0M0DT0H30M0.000S", 1_800),
    ],
)
def test_durations_of_limits_have_no_years_and_months(text: str, seconds: float | None) -> None:
    """spine.md 17.3; how long none of them lasts is certain, and some XML libraries always write every part."""
    assert parse_duration(text, exact=True) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (4, "PT4S"),
        (90, "PT1M30S"),
        (600, "PT10M"),
        (7200, "PT2H"),
        (86_400, "PT24H"),
        (1.5, "PT1.5S"),
        (0.0004, "PT0S"),
        (59.9999, "PT1M"),
        (-10, "-PT10S"),
    ],
)
def test_durations_are_written_in_hours_minutes_seconds(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(-(10**12), 10**12))
def test_durations_survive_to_the_millisecond(milliseconds: int) -> None:
    seconds = parse_duration(format_duration(milliseconds / 1000))
    assert seconds is not None
    assert round(seconds * 1000) == milliseconds


NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T12:00:00Z", NOON),
        ("2026-11-22T12:00:00", NOON),
        ("2026-11-22T13:00:00+01:00", NOON),
        ("2026-11-22T12:00:00.0Z", NOON),
        ("2026-11-22T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2026-11-21T24:00:00Z", NOON.replace(hour=0)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-22T11:59:60Z", NOON - timedelta(seconds=1)),
        ("2026-11-22T24:00:01Z", None),
        ("2026-02-30T12:00:00Z", None),
        ("2026-11-22", None),
        ("2026-11-22 12:00:00Z", None),
        ("9999-12-31T24:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("PT5S", None),
        ("", None),
        (None, None),
    ],
)
def test_timestamps(text: str | None, moment: datetime | None) -> None:
    assert parse_timestamp(text) == moment


def test_timestamps_are_written_in_utc() -> None:
    assert format_timestamp(NOON) == "2026-11-22T12:00:00Z"
    assert format_timestamp(NOON.replace(microsecond=250_000)) == "2026-11-22T12:00:00.250Z"
    zone = timezone(timedelta(hours=1))
    assert format_timestamp(NOON.astimezone(zone)) == "2026-11-22T12:00:00Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamps_survive_to_the_millisecond(moment: datetime) -> None:
    again = parse_timestamp(format_timestamp(moment))
    assert again == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
