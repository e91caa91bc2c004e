"""Charging wishes on their way to a wallbox (OPEV, OSCEV)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from eebus_gw.bridge.results import State
from eebus_gw.gateway.charging import ChargingControl
from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, Range
from tests.gateway.bench import Bench, NoBinding
from usecases.curtailment import OPEV, OSCEV

THREE = (True, True, True)
NONE = (False, False, False)
RANGE = Range(6.0, 16.0, 0.1)
ISO, IEC = "iso15118-2ed2", "iec61851"


@dataclass
class Charging(Bench):
    """A control with a car of three phases, 6 to 16 A, that nobody has limited."""

    standard: str | None = ISO
    range: Range = RANGE

    def __post_init__(self) -> None:
        super().__post_init__()
        self.control = ChargingControl(self.device, self.tracker, self.write)
        self.car_comes()

    def car_comes(self) -> None:
        self.plug()
        self.tell("evcc", "asymmetric", False)
        if self.standard is not None:
            self.tell("evcc", "standard", self.standard)
        for code in ("opev", "oscev"):
            self.tell(code, "range_a", PhaseRanges((self.range,) * 3))
            self.tell(code, "limit_a", PhaseLimits((16.0,) * 3, NONE))

    def set(self, field: str, value: Any, name: str = "wish") -> None:
        self.command(self.control.execute, name, value, field=field)

    def written(self) -> PhaseLimits:
        """The newest limits that were written."""
        value = self.sent[-1].value
        assert isinstance(value, PhaseLimits)
        return value

    def report(self, limits: PhaseLimits) -> None:
        self.tell("opev", "limit_a", limits)
        self.control.limits_reported(OPEV, self.now)

    def obey(self, error_number: int = 0) -> None:
        """The wallbox answers the newest write, and tells what it took over."""
        sent = self.sent[-1]
        self.control.write_done(sent.token, error_number, "", self.now)
        if not error_number:
            self.tell(sent.use_case, "limit_a", sent.value)
            use_case = OPEV if sent.use_case == "opev" else OSCEV
            self.control.limits_reported(use_case, self.now)


def test_a_current_is_written_on_every_phase_and_applied_when_told() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    assert box.written() == PhaseLimits((10.0, 10.0, 10.0), THREE)
    assert box.result("wish") is None
    box.obey()
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.error_number, result.actual) == (State.APPLIED, 0, [10, 10, 10])


def test_at_the_maximum_the_limit_is_inactive() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0), "ten")
    box.obey()
    box.clock.advance(2)
    box.set("max_current_a", (32.0, 32.0, 32.0))
    assert box.written().active == NONE


def test_what_the_wallbox_has_already_is_applied_without_a_write() -> None:
    box = Charging()
    box.set("max_current_a", (16.0, 16.0, 16.0))
    assert box.ended("wish") == (State.APPLIED, None)
    assert box.sent == []


def test_an_answer_without_effect_is_accepted_after_five_seconds() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    box.control.write_done(box.sent[-1].token, 0, "", box.now)
    box.clock.advance(5)
    box.tracker.handle_timer(box.now)
    assert box.ended("wish") == (State.ACCEPTED, None)


def test_a_notification_may_come_before_the_answer() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    box.report(box.written())
    assert box.result("wish") is None
    box.control.write_done(box.sent[-1].token, 0, "", box.now)
    assert box.ended("wish") == (State.APPLIED, None)


def test_a_refusal_is_told_with_its_number() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    box.obey(error_number=7)
    result = box.result("wish")
    assert result is not None
    assert (result.reason, result.error_number) == ("remote_error", 7)


@pytest.mark.parametrize(("standard", "pause_a"), [(ISO, 0.1), (IEC, 0.0)])
def test_a_pause_keeps_a_digital_link(standard: str, pause_a: float) -> None:
    box = Charging(standard=standard, range=Range(6.0, 16.0, pause_a))
    box.set("charging_enabled", False)
    assert box.written() == PhaseLimits((pause_a,) * 3, THREE)


@pytest.mark.parametrize("offered", [True, False])
def test_a_pause_comes_late_where_the_wallbox_offers_no_standard(offered: bool) -> None:
    box = Charging(standard=None)
    if not offered:
        box.device.readings.forget(("evcc",))
    box.set("charging_enabled", False)
    assert box.ended("wish") == (State.REJECTED, "ev_standard_unknown")
    box.device.settled = True
    box.control.reconsider(box.now)
    assert [sent.value for sent in box.sent] == (
        [] if offered else [PhaseLimits((0.1, 0.1, 0.1), THREE)]
    )


def test_a_pause_that_is_refused_keeps_no_limit_of_the_grid_off() -> None:
    """8 A remain for the car; the pause that was wished waits for its standard."""
    box = Charging(standard=None)
    box.set("charging_enabled", False)
    assert box.ended("wish") == (State.REJECTED, "ev_standard_unknown")
    box.control.limit_current(8.0, box.now)
    assert box.written() == PhaseLimits((6.0, 6.0, 6.0), THREE)
    box.obey()
    box.control.limit_current(0.0, box.now)
    assert box.written() == PhaseLimits((6.0, 6.0, 6.0), THREE)
    box.device.settled = True
    box.control.reconsider(box.now)
    assert box.written() == PhaseLimits((0.1, 0.1, 0.1), THREE)


def test_a_wallbox_that_tells_no_limits_of_its_own_is_limited_once_it_has_settled() -> None:
    box = Charging()
    box.device.readings.forget(("opev",))
    box.tell("opev", "range_a", PhaseRanges((box.range,) * 3))
    box.control.limit_current(8.0, box.now)
    assert box.sent == []
    box.device.settled = True
    box.control.reconsider(box.now)
    assert box.written() == PhaseLimits((8.0, 8.0, 8.0), THREE)
    box.control.reconsider(box.now)
    assert len(box.sent) == 1


def test_no_pause_before_the_standard_is_known_but_the_wish_is_kept() -> None:
    box = Charging(standard=None)
    box.set("charging_enabled", False)
    assert box.ended("wish") == (State.REJECTED, "ev_standard_unknown")
    assert box.sent == []
    box.tell("evcc", "standard", ISO)
    box.control.reconsider(box.now)
    assert box.written() == PhaseLimits((0.1,) * 3, THREE)


def test_enabling_returns_to_the_last_current() -> None:
    box = Charging()
    for name, field, value in (
        ("ten", "max_current_a", (10.0, 10.0, 10.0)),
        ("off", "charging_enabled", False),
        ("on", "charging_enabled", True),
    ):
        box.set(field, value, name)
        box.obey()
        box.clock.advance(2)
    assert box.written() == PhaseLimits((10.0,) * 3, THREE)


def test_without_a_car_the_wish_waits_for_one() -> None:
    box = Charging()
    box.device.car_left()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    assert box.ended("wish") == (State.REJECTED, "ev_not_connected")
    box.car_comes()
    box.control.reconsider(box.now)
    assert box.written() == PhaseLimits((10.0,) * 3, THREE)


def test_a_new_session_gets_the_wish_again() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    box.obey()
    box.take()
    box.control.session_over()
    box.device.car_left()
    box.car_comes()
    box.control.reconsider(box.now)
    assert [sent.value.amperes for sent in box.take()] == [(10.0, 10.0, 10.0)]


def test_a_wallbox_that_nobody_controls_is_left_alone() -> None:
    box = Charging()
    box.control.reconsider(box.now)
    box.control.limit_current(None, box.now)
    assert box.sent == []


def test_a_grid_limit_comes_first_and_the_wish_returns_after_it() -> None:
    box = Charging()
    box.control.limit_current(8.0, box.now)
    assert box.written() == PhaseLimits((8.0,) * 3, THREE)
    box.obey()
    box.set("max_current_a", (12.0, 12.0, 12.0))
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.limited_by) == (State.APPLIED, "grid_consumption")
    assert result.actual == [8, 8, 8]
    assert box.control.bounded_by == "grid_consumption"
    box.control.limit_current(None, box.now)
    assert box.written() == PhaseLimits((12.0,) * 3, THREE)


def test_the_end_of_a_grid_limit_frees_a_wallbox_that_nobody_controls() -> None:
    box = Charging()
    box.control.limit_current(0.0, box.now)
    assert box.written() == PhaseLimits((0.1,) * 3, THREE)
    box.obey()
    box.control.limit_current(None, box.now)
    assert box.written().active == NONE


def test_what_was_stated_is_not_stated_again() -> None:
    box = Charging()
    box.set("max_current_a", (10.0, 10.0, 10.0))
    box.obey()
    box.take()
    box.control.reconsider(box.now)
    assert box.take() == []


def test_unchangeable_limits_are_not_written() -> None:
    box = Charging()
    box.tell("opev", "limit_a", PhaseLimits((16.0,) * 3, NONE, NONE))
    box.set("max_current_a", (10.0, 10.0, 10.0))
    assert box.ended("wish") == (State.REJECTED, "limit_not_changeable")
    assert box.sent == []


def test_what_cannot_be_written_is_refused_with_the_reason() -> None:
    box = Charging(impossible=NoBinding("no binding"))
    box.set("max_current_a", (10.0, 10.0, 10.0))
    assert box.ended("wish") == (State.REJECTED, "no_binding")


def test_a_current_for_each_phase_of_a_symmetric_car_is_the_lowest_of_them() -> None:
    box = Charging()
    box.set("max_current_a", (8.0, 12.0, 10.0))
    assert box.written().amperes == (8.0, 8.0, 8.0)


@pytest.mark.parametrize(
    ("amperes", "written"),
    [
        ((8.0, 8.0, 8.0), PhaseLimits((8.0,) * 3, THREE)),
        ((5.0, 5.0, 5.0), PhaseLimits((0.0,) * 3, NONE)),
    ],
    ids=["within the range", "below the minimum"],
)
def test_a_recommendation_is_active_from_the_minimum_on(
    amperes: tuple[float, float, float], written: PhaseLimits
) -> None:
    box = Charging()
    box.tell("oscev", "limit_a", PhaseLimits((7.0,) * 3, THREE))
    box.set("recommended_current_a", amperes)
    assert (box.sent[-1].use_case, box.written()) == ("oscev", written)
    box.obey()
    assert box.ended("wish") == (State.APPLIED, None)


def test_before_the_car_has_said_what_it_permits_the_wish_is_kept() -> None:
    box = Charging()
    box.device.readings.forget(("opev",))
    box.set("max_current_a", (8.0, 8.0, 8.0))
    assert box.ended("wish") == (State.REJECTED, "data_missing")
    box.car_comes()
    box.control.reconsider(box.now)
    assert box.written() == PhaseLimits((8.0,) * 3, THREE)


def test_a_wallbox_without_recommendations_says_so() -> None:
    box = Charging()
    box.device.settled = True
    box.device.readings.forget(("oscev",))
    box.set("recommended_current_a", (8.0, 8.0, 8.0))
    assert box.ended("wish") == (State.REJECTED, "usecase_unsupported")


def test_a_wallbox_without_limits_of_the_current_says_so() -> None:
    box = Charging()
    box.device.settled = True
    box.device.readings.forget(("opev",))
    box.set("max_current_a", (8.0, 8.0, 8.0))
    assert box.ended("wish") == (State.REJECTED, "usecase_unsupported")


@pytest.mark.parametrize("error_number", [0, 7])
def test_whoever_limits_the_current_hears_the_answer(error_number: int) -> None:
    box = Charging()
    heard: list[int] = []
    box.control.limit_current(8.0, box.now, heard.append)
    assert heard == []
    box.obey(error_number)
    assert heard == [error_number]


def test_a_limit_that_holds_already_is_answered_at_once() -> None:
    box = Charging()
    box.control.limit_current(8.0, box.now)
    box.obey()
    heard: list[int] = []
    box.control.limit_current(8.0, box.now, heard.append)
    assert heard == [0]


def test_a_limit_above_what_the_car_takes_is_answered_at_once() -> None:
    box = Charging()
    heard: list[int] = []
    box.control.limit_current(16.0, box.now, heard.append)
    assert (heard, box.sent) == ([0], [])


def test_a_limit_that_cannot_be_written_is_never_answered() -> None:
    box = Charging(impossible=NoBinding("no binding"))
    heard: list[int] = []
    box.control.limit_current(8.0, box.now, heard.append)
    assert heard == []


def test_a_limit_that_the_wallbox_refused_is_written_again() -> None:
    box = Charging()
    box.control.limit_current(8.0, box.now)
    box.obey(error_number=7)
    box.take()
    box.control.limit_current(8.0, box.now)
    assert [sent.value.amperes for sent in box.take()] == [(8.0, 8.0, 8.0)]
