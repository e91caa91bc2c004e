"""The power at the grid connection, and how fresh it is (contract §3: a fresh grid meter)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from eebus_gw.bridge.grid_input import MeterFeed
from eebus_gw.gateway.grid_meter import GridMeter
from eebus_gw.site.bounds import Measured
from tests.gateway.bench import Bench
from usecases.monitoring import MGCP


class Metered(Bench):
    """A device that may be a meter; ``asked`` are the moments it was read again, ``answered`` whether it has answered
    all of that."""

    def __init__(self) -> None:
        super().__init__()
        self.clock.advance(1_000)
        self.asked: list[float] = []
        self.answered = True
        partner = SimpleNamespace(refetch=self.read_again, confirms=lambda *of: self.answered)
        node = SimpleNamespace(
            host=SimpleNamespace(partners={self.device.ski: partner}),
            network=SimpleNamespace(wake=lambda ski: None),
        )
        self.meter = GridMeter(
            SimpleNamespace(node=node),  # type: ignore[arg-type]
            lambda: [self.device],
            self.clock,
        )

    def read_again(self, now: float, use_case: object) -> None:
        self.asked.append(now)
        self.answered = False

    def tells(self, watts: float) -> None:
        self.tell("mgcp", "power_w", watts)

    def feed(self, watts: float | None, *, age_s: float = 0.0) -> None:
        ts = self.clock.wall() - timedelta(seconds=age_s)
        self.meter.feed(MeterFeed(ts, power_w=watts))

    def wait(self, seconds: int, *, answering: bool = True) -> None:
        """Looks once a second, as the gateway does."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.meter.ask(self.now)
            self.answered = self.answered or answering

    @property
    def current(self) -> Measured | None:
        return self.meter.current(self.now)


def test_nobody_tells() -> None:
    metered = Metered()
    assert metered.current is None
    assert not metered.meter.metered
    metered.wait(20)
    assert metered.asked == []


def test_what_a_meter_notifies_counts_from_then_on() -> None:
    metered = Metered()
    metered.tells(4_200)
    assert metered.current == Measured(4_200, metered.now)
    metered.clock.advance(3)
    assert metered.current == Measured(4_200, metered.now - 3)


def test_what_does_not_change_is_read_again_and_stays_fresh() -> None:
    metered = Metered()
    metered.tells(4_200)
    for _ in range(60):
        metered.wait(1)
        current = metered.current
        assert current is not None
        assert metered.now - current.at <= 5
    assert len(metered.asked) == 15


def test_a_meter_that_does_not_answer_is_none_after_10_s() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.wait(10, answering=False)
    assert metered.current is not None
    metered.wait(1, answering=False)
    assert metered.current is None
    metered.tells(-500)
    assert metered.current == Measured(-500, metered.now)


def test_an_answer_makes_a_value_as_fresh_as_the_question() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.wait(4, answering=False)
    (asked,) = metered.asked
    metered.clock.advance(2)
    metered.answered = True
    assert metered.current == Measured(4_200, asked)


def test_a_late_answer_counts_from_the_first_question() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.wait(9, answering=False)
    first, *_ = metered.asked
    metered.answered = True
    assert metered.current == Measured(4_200, first)


def test_what_is_fed_goes_before_the_meter_while_it_is_fresh() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.feed(3_000, age_s=2)
    assert metered.current == Measured(3_000, metered.now - 2)
    metered.wait(9)
    current = metered.current
    assert current is not None
    assert current.watts == 4_200


def test_a_feed_without_a_power_leaves_it_to_the_meter() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.feed(None)
    assert metered.current == Measured(4_200, metered.now)


def test_a_feed_expires_after_10_s() -> None:
    metered = Metered()
    metered.feed(3_000)
    metered.clock.advance(10)
    assert metered.current is not None
    assert metered.meter.fed
    metered.clock.advance(1)
    assert metered.current is None
    assert not metered.meter.fed


@pytest.mark.parametrize("set_by_s", [-3_600, -5, 5, 3_600])
def test_a_feed_expires_after_10_s_whatever_becomes_of_the_wall_clock(set_by_s: int) -> None:
    """Set back by an hour, a value of then would permit discharging for an hour."""
    metered = Metered()
    metered.feed(3_000)
    metered.clock.set_wall(metered.clock.wall() + timedelta(seconds=set_by_s))
    metered.clock.advance(10)
    assert metered.current == Measured(3_000, metered.now - 10)
    metered.clock.advance(1)
    assert metered.current is None


def test_a_feed_from_a_clock_that_is_ahead_is_fresh_for_10_s_as_well() -> None:
    metered = Metered()
    metered.feed(3_000, age_s=-20)
    metered.clock.advance(11)
    assert metered.current is None


def test_a_meter_that_is_gone_tells_nothing() -> None:
    metered = Metered()
    metered.tells(4_200)
    metered.device.readings.forget()
    assert metered.current is None


def test_all_that_is_measured_comes_from_one_source() -> None:
    """What is fed goes before what a paired meter tells, while it is fresh; energies are in Wh (MGCP)."""
    metered = Metered()
    assert metered.meter.values(metered.now) == {}
    metered.tells(4_200)
    metered.tell("mgcp", "voltage_v", (229.0, 230.0, 231.0))
    told = metered.meter.values(metered.now)
    assert told[MGCP.power_w] == 4_200
    assert told[MGCP.voltage_v] == (229.0, 230.0, 231.0)
    assert told[MGCP.energy_consumed_wh] is None
    metered.meter.feed(
        MeterFeed(metered.clock.wall(), power_w=900, energy_import_kwh=1.5, frequency_hz=49.9)
    )
    fed = metered.meter.values(metered.now)
    assert {point.key: value for point, value in fed.items() if value is not None} == {
        "power_w": 900,
        "energy_consumed_wh": 1_500,
        "frequency_hz": 49.9,
    }
    metered.wait(11)
    assert metered.meter.values(metered.now)[MGCP.power_w] == 4_200
    metered.wait(11, answering=False)
    assert metered.meter.values(metered.now) == {}
