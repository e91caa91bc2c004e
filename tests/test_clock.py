"""What the clocks of the machine say, and moments that peers state, which reach any distance."""

from __future__ import annotations

import ctypes
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from types import SimpleNamespace

import pytest

from eebus_gw.bridge.results import time_text
from eebus_gw.clock import (
    MACHINE_ZONE,
    SystemClock,
    clock_synchronised,
    earliest,
    moment_after,
    next_time_of_day,
)

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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux stops its monotonic clock in sleep")
def test_time_passes_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a setpoint of five minutes would go on after a night in sleep; LPC asks for due timers first."""
    slept_s = {time.CLOCK_MONOTONIC: 0.0, time.CLOCK_BOOTTIME: 28_800.0}
    monkeypatch.setattr(time, "clock_gettime", lambda clock: 100.0 + slept_s[clock])
    assert SystemClock().now() == 28_900.0


@pytest.mark.parametrize(("answer", "known"), [(0, True), (4, True), (5, False), (-1, None)])
def test_the_kernel_tells_whether_its_clock_is_kept(
    answer: int, known: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    kernel = SimpleNamespace(adjtimex=lambda timex: answer)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: kernel)
    assert clock_synchronised() is known


def test_the_kernel_of_this_machine_can_be_asked() -> None:
    assert clock_synchronised() in (True, False, None)


@pytest.mark.parametrize(
    ("moments", "first"),
    [((), None), ((None, None), None), ((7.0, None, 3.0), 3.0), ((0.0, 5.0), 0.0)],
)
def test_what_never_comes_is_not_the_first_moment(
    moments: tuple[float | None, ...], first: float | None
) -> None:
    assert earliest(*moments) == first


@pytest.mark.parametrize(
    ("at", "day"), [(time_of_day(18, 0, 1), 15), (time_of_day(18, 0), 16), (time_of_day(6, 30), 16)]
)
def test_a_time_of_day_that_is_over_comes_tomorrow(at: time_of_day, day: int) -> None:
    now = datetime(2026, 1, 15, 18, 0, tzinfo=UTC)
    assert next_time_of_day(at, now) == datetime.combine(now.replace(day=day), at, UTC)


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("wall", "at", "moment"),
    [
        ("2026-03-28T20:00Z", time_of_day(7), "2026-03-29T05:00Z"),
        ("2026-03-29T04:00Z", time_of_day(7), "2026-03-29T05:00Z"),
        ("2026-03-29T06:00Z", time_of_day(7), "2026-03-30T05:00Z"),
        ("2026-10-24T20:00Z", time_of_day(7), "2026-10-25T06:00Z"),
        ("2026-10-25T00:15Z", time_of_day(2, 30), "2026-10-25T00:30Z"),
        ("2026-10-25T01:15Z", time_of_day(2, 30), "2026-10-25T01:30Z"),
    ],
    ids=["spring", "spring-after", "spring-next", "autumn", "autumn-first", "autumn-again"],
)
def test_a_time_of_day_follows_summer_time(wall: str, at: time_of_day, moment: str) -> None:
    local = datetime.fromisoformat(wall).astimezone(MACHINE_ZONE)
    assert next_time_of_day(at, local) == datetime.fromisoformat(moment)


@pytest.mark.usefixtures("in_berlin")
def test_the_machine_s_zone_tells_the_two_hours_of_autumn_apart() -> None:
    first, again = (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    shown = [moment.astimezone(MACHINE_ZONE) for moment in (first, again)]
    assert [f"{moment:%H:%M %z %Z}" for moment in shown] == ["02:30 +0200 CEST", "02:30 +0100 CET"]
    assert [moment.astimezone(UTC) for moment in shown] == [first, again]
    assert [moment.dst() for moment in shown] == [timedelta(hours=1), timedelta(0)]
