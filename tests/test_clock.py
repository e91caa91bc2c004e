"""Moments that peers state reach any distance and are told all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eebus_gw.bridge.results import time_text
from eebus_gw.clock import moment_after

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3_600.0, -86_400.0])
def test_what_a_calendar_holds_is_exact(seconds: float) -> None:
    assert moment_after(NOON, seconds) == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (315_328_464_000.0, "9999-01-01T00:00:00.000Z"),
        (9_007_199_254_740_992.0, "9999-01-01T00:00:00.000Z"),
        (1e300, "9999-01-01T00:00:00.000Z"),
        (-1e12, "0002-01-01T00:00:00.000Z"),
        (-1e300, "0002-01-01T00:00:00.000Z"),
    ],
)
def test_what_none_holds_becomes_its_end(seconds: float, text: str) -> None:
    assert time_text(moment_after(NOON, seconds)) == text
