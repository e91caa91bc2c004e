"""The CEM of COB with inverters that do not play along; the order of messages is in ``test_battery_behaviour``."""

from __future__ import annotations

from itertools import pairwise

from eebus_gw.vocabulary.behaviour import ACCEPTED, Action, Report, Write, refused
from eebus_gw.vocabulary.values import SetpointValue
from usecases.battery_behaviour import BatterySteerer

WISH = SetpointValue(-2_000.0, True, end_s=600.0)
STOP = SetpointValue(0.0, False)
NO = refused("not now")


class Steering:
    """A CEM with everything it wrote and reported; ``answers`` is what the inverter says to each write."""

    def __init__(self, *, heard: bool = True) -> None:
        self.now = 0.0
        self.cem = BatterySteerer()
        self.answers = {"control_mode": ACCEPTED, "ac_setpoint": ACCEPTED}
        self.written: list[tuple[float, str, object]] = []
        self.reports: list[str] = []
        if heard:
            self.take(self.cem.on_heartbeat_subscribed(self.now))
            self.wait(5)

    def take(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Write(key, value):
                    told = (
                        (value.active, value.watts) if isinstance(value, SetpointValue) else value
                    )
                    self.written.append((self.now, key, told))
                    if key in self.answers:
                        self.take(self.cem.on_written(key, self.answers[key], self.now))
                case Report(name):
                    self.reports.append(name)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (at := self.cem.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self.take(self.cem.handle_timer(self.now))
        self.now = end

    def wish(self, value: SetpointValue) -> None:
        self.take(self.cem.on_wish("ac_setpoint", value, self.now))

    def leave(self) -> None:
        """As a gateway ends its wish."""
        self.wish(STOP)
        self.take(self.cem.on_wish("control_mode", "auto", self.now))

    def inverter_says(self, mode: str) -> None:
        self.take(self.cem.on_update("control_mode", mode, self.now))

    @property
    def modes(self) -> list[object]:
        return [told for _, key, told in self.written if key == "control_mode"]


def test_a_wish_that_nobody_listens_for_is_given_up() -> None:
    steering = Steering(heard=False)
    steering.wish(WISH)
    steering.wait(7.9)
    assert steering.reports == []
    steering.wait(0.1)
    assert steering.reports == ["heartbeat_not_subscribed"]
    steering.take(steering.cem.on_heartbeat_subscribed(steering.now))
    steering.wait(700)
    assert steering.written == []


def test_who_listens_in_time_is_steered() -> None:
    steering = Steering(heard=False)
    steering.wish(WISH)
    steering.wait(5)
    steering.take(steering.cem.on_heartbeat_subscribed(steering.now))
    steering.wait(5)
    assert steering.written == [
        (6.0, "control_mode", "power"),
        (6.0, "ac_setpoint", (True, -2_000.0)),
    ]
    assert steering.reports == []


def test_a_wish_that_ended_before_anybody_listened_takes_no_control() -> None:
    steering = Steering(heard=False)
    steering.wish(WISH)
    steering.wait(2)
    steering.leave()
    steering.take(steering.cem.on_heartbeat_subscribed(steering.now))
    steering.wait(60)
    assert (steering.written, steering.reports) == ([], [])


def test_an_inverter_that_was_left_in_our_mode_is_let_go() -> None:
    steering = Steering(heard=False)
    steering.inverter_says("power")
    steering.leave()
    steering.wait(3)
    steering.take(steering.cem.on_heartbeat_subscribed(steering.now))
    steering.wait(60)
    assert steering.modes == ["auto"]


def test_what_was_refused_is_not_given_back() -> None:
    steering = Steering()
    steering.answers["control_mode"] = NO
    steering.wish(WISH)
    steering.leave()
    steering.wait(300)
    assert steering.modes == ["power"]
    assert steering.reports == ["control_mode_refused"]


def test_a_stop_while_the_mode_is_undecided_gives_nothing_back_that_was_refused() -> None:
    steering = Steering()
    del steering.answers["control_mode"]
    steering.wish(WISH)
    steering.leave()
    steering.take(steering.cem.on_written("control_mode", NO, steering.now))
    steering.wait(300)
    assert steering.modes == ["power"]


def test_a_stop_while_the_mode_is_undecided_gives_it_back_once_accepted() -> None:
    steering = Steering()
    del steering.answers["control_mode"]
    steering.wish(WISH)
    steering.leave()
    steering.answers["control_mode"] = ACCEPTED
    steering.take(steering.cem.on_written("control_mode", ACCEPTED, steering.now))
    steering.wait(60)
    assert steering.modes == ["power", "auto"]
    assert not any(told == (True, -2_000.0) for _, _, told in steering.written)


def test_a_new_wish_does_not_wait_for_the_retry_of_an_older_one() -> None:
    steering = Steering()
    steering.answers["control_mode"] = NO
    steering.wish(WISH)
    steering.leave()
    steering.wait(3)
    steering.answers["control_mode"] = ACCEPTED
    steering.wish(WISH)
    assert steering.modes == ["power", "power"]
    assert steering.written[-1] == (8.0, "ac_setpoint", (True, -2_000.0))


def test_an_inverter_that_restarted_is_taken_over_again_while_there_is_a_wish() -> None:
    steering = Steering()
    steering.wish(WISH)
    steering.wait(20)
    steering.inverter_says("auto")
    steering.wait(2)
    assert steering.modes == ["power", "power"]
    assert steering.written[-1] == (
        26.0,
        "ac_setpoint",
        (True, -2_000.0),
    )  # not only with the next refresh
    steering.leave()
    steering.inverter_says("auto")
    steering.wait(60)
    assert steering.modes == ["power", "power", "auto"]


def test_an_inverter_that_goes_its_own_way_again_and_again_is_asked_every_ten_seconds() -> None:
    steering = Steering()
    steering.wish(WISH)
    for _ in range(60):
        steering.wait(1)
        steering.inverter_says("auto")
    moments = [at for at, key, _ in steering.written if key == "control_mode"]
    assert all(later - earlier >= 10 for earlier, later in pairwise(moments))
    assert moments[:3] == [5.0, 15.0, 25.0]
