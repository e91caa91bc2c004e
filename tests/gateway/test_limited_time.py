"""Time under a limit since local midnight (contract, ``limited_today_s``)."""

from __future__ import annotations

from eebus_gw.gateway.limited_time import LimitedTime
from eebus_gw.retained import Retained
from tests.support.clock import FakeClock


def counted(retained: Retained, clock: FakeClock) -> LimitedTime:
    return LimitedTime(retained, clock)


def test_only_limited_time_counts() -> None:
    clock = FakeClock()
    time = counted(Retained(), clock)
    for seconds, limited in ((30, False), (40, True), (50, False), (5, True)):
        clock.advance(seconds)
        assert not time.pass_time(limited=limited)
    assert time.seconds == 45


def test_a_restart_goes_on_counting() -> None:
    clock, retained = FakeClock(), Retained()
    time = counted(retained, clock)
    clock.advance(40)
    time.pass_time(limited=True)
    time.store()
    clock.advance(1_000)
    again = counted(retained, clock)
    assert again.seconds == 40
    clock.advance(10)
    again.pass_time(limited=True)
    assert again.seconds == 50


def test_what_a_crash_may_lose_is_a_minute() -> None:
    clock, retained = FakeClock(), Retained()
    time = counted(retained, clock)
    for _ in range(100):
        clock.advance(1)
        time.pass_time(limited=True)
    assert counted(retained, clock).seconds >= 100 - 60


def test_a_new_day_begins_at_zero() -> None:
    clock, retained = FakeClock(), Retained()
    time = counted(retained, clock)
    clock.advance(600)
    time.pass_time(limited=True)
    clock.advance(86_400)
    assert time.pass_time(limited=False)
    assert time.seconds == 0
    assert not time.pass_time(limited=False)
    assert counted(retained, clock).seconds == 0


def test_each_direction_has_its_own_time() -> None:
    clock, retained = FakeClock(), Retained()
    drawn, fed = counted(retained, clock), LimitedTime(retained, clock, "of production")
    clock.advance(60)
    drawn.pass_time(limited=True)
    fed.pass_time(limited=False)
    assert LimitedTime(retained, clock, "of production").seconds == 0
    assert counted(retained, clock).seconds == 60


def test_yesterdays_time_is_not_todays() -> None:
    clock, retained = FakeClock(), Retained()
    time = counted(retained, clock)
    clock.advance(600)
    time.pass_time(limited=True)
    time.store()
    clock.advance(86_400)
    assert counted(retained, clock).seconds == 0
