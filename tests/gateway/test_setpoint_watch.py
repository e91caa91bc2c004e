"""Whether a device follows its setpoint."""

from __future__ import annotations

import pytest

from eebus_gw.gateway.setpoint_watch import SetpointWatch


class Watched:
    def __init__(self) -> None:
        self.alarms: list[str] = []
        self.watch = SetpointWatch("battery", self.alarms.append)

    def live(self, watts: float, measured_w: float, *, until: int, since: int = 0) -> bool:
        """Whether the device still counted as obedient each second."""
        seconds = range(since, until + 1)
        return all(self.watch.obeyed(watts, measured_w, float(second)) for second in seconds)


@pytest.mark.parametrize(
    ("watts", "measured_w"),
    [(-3_000.0, -2_750.0), (-3_000.0, -3_290.0), (800.0, 990.0), (0.0, 49.0)],
)
def test_within_the_tolerance_it_follows(watts: float, measured_w: float) -> None:
    device = Watched()
    assert device.live(watts, measured_w, until=60)
    assert device.alarms == []


def test_one_that_does_not_follow_is_told_once_even_if_it_is_looked_at_rarely() -> None:
    device = Watched()
    assert device.live(-3_000.0, 0.0, until=9)
    assert device.alarms == []
    assert device.watch.obeyed(-3_000.0, 0.0, 12.5)
    assert device.watch.obeyed(-3_000.0, 0.0, 40.0)
    assert device.alarms == ["the measured power does not follow the setpoint"]


def test_one_that_does_the_opposite_is_let_go_after_13_s() -> None:
    device = Watched()
    assert device.live(-3_000.0, 3_000.0, until=12)
    assert not device.watch.obeyed(-3_000.0, 3_000.0, 13.0)
    assert "the battery does the opposite" in device.alarms[-1]


def test_on_a_ramp_the_setpoints_of_the_last_four_seconds_count() -> None:
    device = Watched()
    device.watch.replaced(0.0, 100.0)
    assert device.live(-3_000.0, -100.0, since=101, until=103)
    assert device.live(-3_000.0, -100.0, since=104, until=113)
    assert device.alarms == []
    assert device.watch.obeyed(-3_000.0, -100.0, 114.0)
    assert len(device.alarms) == 1


def test_the_next_setpoint_gets_its_own_time() -> None:
    device = Watched()
    assert device.live(-3_000.0, 3_000.0, until=12)
    device.watch.begin_anew()
    assert device.live(-3_000.0, 3_000.0, since=13, until=25)
