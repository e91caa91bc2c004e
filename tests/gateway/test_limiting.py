"""Power limits of one wallbox: the grid's share and the user's wish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from eebus_gw.bridge.results import State
from eebus_gw.errors import RequestError
from eebus_gw.gateway.limiting import LimitControl
from eebus_gw.vocabulary.values import LimitValue
from tests.gateway.bench import Bench, NoBinding
from usecases.limitation import LPC, LPP, Limitation

RELEASED = LimitValue(0.0, False)


@dataclass
class Limits(Bench):
    """A control whose Energy Guard takes over what it is told; the wallbox answers when the test says so."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.control = LimitControl(self.device, self.tracker, self.hand_over)

    def hand_over(self, use_case: Limitation, point: Any, value: Any) -> None:
        self.write(use_case, point, value)

    def wish(
        self,
        watts: float | None,
        name: str = "wish",
        *,
        for_s: float | None = None,
        active: bool = True,
        field: str = "lpc",
    ) -> None:
        value = {"limit_w": watts, "active": active, "duration_s": for_s}
        self.command(self.control.execute, name, value, field=field)

    def required(self, use_case: Limitation = LPC) -> LimitValue:
        """What the Energy Guard was told last."""
        told = [
            sent.value
            for sent in self.sent
            if (sent.use_case, sent.point) == (use_case.code, "limit")
        ]
        assert told, "nothing was handed over"
        value = told[-1]
        assert isinstance(value, LimitValue)
        return value

    def report(self, value: LimitValue, use_case: Limitation = LPC) -> None:
        """The wallbox tells its limit."""
        self.tell(use_case.code, "limit", value)
        self.control.reported(use_case, self.now)

    def obey(self, use_case: Limitation = LPC) -> None:
        """The wallbox accepts what the Energy Guard was told last, and tells it."""
        self.report(self.required(use_case), use_case)
        self.control.written(use_case, 0, "", self.now)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while (deadline := self.control.next_deadline()) is not None and deadline <= end:
            self.clock.advance(deadline - self.now)
            self.control.handle_timer(self.now)
        self.clock.advance(end - self.now)
        self.tracker.handle_timer(self.now)


def test_a_wish_goes_to_the_energy_guard_and_is_applied_when_the_wallbox_tells_it() -> None:
    box = Limits()
    box.wish(4_200)
    assert box.required() == LimitValue(4_200, True)
    assert box.result("wish") is None
    box.obey()
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.error_number) == (State.APPLIED, 0)
    assert result.actual == {"limit_w": 4_200, "active": True, "duration_s": None}


def test_a_limit_that_is_not_changeable_is_not_written() -> None:
    """What was wished before goes on; the refused wish is not kept."""
    box = Limits()
    box.report(LimitValue(11_000, False, changeable=False))
    box.wish(4_200)
    assert box.ended("wish") == (State.REJECTED, "limit_not_changeable")
    assert box.sent == []
    box.report(LimitValue(11_000, False))
    box.wish(6_000, "another")
    assert box.required() == LimitValue(6_000, True)


@pytest.mark.parametrize("rejected_w", [8_000, 2_000, None])
def test_a_wish_that_cannot_be_handed_over_is_rejected_and_not_kept(
    rejected_w: float | None,
) -> None:
    """Else a release that was rejected would act after a reconnect, long after its sender gave it up."""
    box = Limits()
    box.wish(4_200, for_s=3_600)
    box.obey()
    box.impossible = NoBinding("not bound")
    box.clock.advance(10)
    box.wish(rejected_w, "another", active=rejected_w is not None)
    assert box.ended("another") == (State.REJECTED, "no_binding")
    box.impossible = None
    box.control.usable(box.now)
    assert box.required() == LimitValue(4_200, True, 3_590)
    box.pass_time(3_590)
    assert box.required() == RELEASED


def test_production_is_a_magnitude_here_and_negative_on_the_wire() -> None:
    box = Limits()
    box.wish(3_000, field="lpp")
    assert box.required(LPP) == LimitValue(-3_000, True)
    box.obey(LPP)
    result = box.result("wish")
    assert result is not None
    assert result.actual["limit_w"] == 3_000


def test_a_duration_is_counted_by_the_wallbox() -> None:
    box = Limits()
    box.wish(4_200, for_s=600)
    assert box.required() == LimitValue(4_200, True, 600)


def test_no_limit_lapses_by_itself_while_the_grid_requires_one() -> None:
    box = Limits()
    box.control.share(6_000, box.now)
    box.wish(4_200, for_s=600)
    assert box.required() == LimitValue(4_200, True)
    box.pass_time(600)
    assert box.required() == LimitValue(6_000, True)


def test_the_smaller_of_share_and_wish_is_required() -> None:
    box = Limits()
    box.wish(4_200)
    box.control.share(6_000, box.now)
    assert box.required() == LimitValue(4_200, True)
    box.control.share(3_000, box.now)
    assert box.required() == LimitValue(3_000, True)


def test_a_wish_above_the_share_is_applied_with_the_reason() -> None:
    box = Limits()
    box.control.share(3_000, box.now)
    box.wish(4_200)
    assert box.required() == LimitValue(3_000, True)
    box.obey()
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.limited_by) == (State.APPLIED, "grid_consumption")
    assert result.actual["limit_w"] == 3_000


def test_a_wish_above_a_share_that_is_told_already_is_applied_at_once_with_the_reason() -> None:
    box = Limits()
    box.control.share(3_000, box.now)
    box.report(LimitValue(3_000, True))
    box.wish(4_200)
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.limited_by) == (State.APPLIED, "grid_consumption")


def test_the_reason_is_that_of_the_direction() -> None:
    box = Limits()
    box.control.share_production(2_000, box.now)
    box.wish(4_200, field="lpp")
    box.obey(LPP)
    result = box.result("wish")
    assert result is not None
    assert (result.actual["limit_w"], result.limited_by) == (2_000, "grid_production")


def test_the_answer_may_come_before_the_value() -> None:
    box = Limits()
    box.wish(4_200)
    box.control.written(LPC, 0, "", box.now)
    box.report(LimitValue(4_200, True))
    assert box.ended("wish") == (State.APPLIED, None)


def test_the_wish_takes_effect_when_the_share_ends() -> None:
    box = Limits()
    box.control.share(3_000, box.now)
    box.wish(4_200)
    box.control.share(None, box.now)
    assert box.required() == LimitValue(4_200, True)


def test_withdrawing_a_wish_never_withdraws_the_share() -> None:
    box = Limits()
    box.control.share(6_000, box.now)
    box.wish(4_200)
    box.clock.advance(2)
    box.wish(None, "release", active=False)
    assert box.required() == LimitValue(6_000, True)


def test_withdrawing_the_share_never_withdraws_the_wish() -> None:
    box = Limits()
    box.control.share_production(2_000, box.now)
    box.wish(4_200, field="lpp")
    box.control.share_production(None, box.now)
    assert box.required(LPP) == LimitValue(-4_200, True)


def test_without_share_and_wish_the_wallbox_is_released() -> None:
    box = Limits()
    box.wish(4_200)
    box.obey()
    box.clock.advance(2)
    box.wish(None, "release", active=False)
    assert box.required() == RELEASED
    box.obey()
    assert box.ended("release") == (State.APPLIED, None)


def test_a_repeated_wish_is_applied_at_once() -> None:
    box = Limits()
    box.wish(4_200)
    box.obey()
    box.clock.advance(2)
    box.wish(4_200, "again")
    assert box.ended("again") == (State.APPLIED, None)


def test_switching_on_takes_the_last_value() -> None:
    box = Limits()
    box.wish(4_200)
    box.obey()
    box.clock.advance(2)
    box.wish(None, "off", active=False)
    box.clock.advance(2)
    box.wish(None, "on")
    assert box.required() == LimitValue(4_200, True)


def test_switching_on_what_never_had_a_value_is_refused() -> None:
    box = Limits()
    box.wish(None)
    assert box.ended("wish") == (State.REJECTED, "out_of_range")
    assert box.sent == []


def test_a_wider_limit_that_has_to_wait_is_accepted_and_says_so() -> None:
    box = Limits()
    box.wish(4_200)
    box.obey()
    box.clock.advance(2)
    box.wish(8_000, "wider")
    box.control.deferred(LPC, 240, box.now)
    result = box.result("wider")
    assert result is not None
    assert result.state is State.ACCEPTED
    assert "240 s" in (result.detail or "")
    box.obey()  # nothing is said twice
    assert box.result("wider") == result


class Patient(Limits):
    """Its Energy Guard says at once when something has to wait."""

    waits_s: float | None = None

    def hand_over(self, use_case: Limitation, point: Any, value: Any) -> None:
        super().hand_over(use_case, point, value)
        if self.waits_s is not None:
            self.control.deferred(use_case, self.waits_s, self.now)


def test_a_later_end_of_the_limit_in_force_is_not_called_a_wider_limit() -> None:
    box = Patient()
    box.wish(4_200, for_s=3_600)
    box.obey()
    box.clock.advance(60)
    box.waits_s = 3_500
    box.wish(4_200, "again", for_s=3_600)
    result = box.result("again")
    assert result is not None
    assert result.state is State.ACCEPTED
    assert result.detail == (
        "the limit is in force; its new end is written before the present one passes, in 3500 s"
    )


def test_a_refusal_of_the_wallbox_is_told_with_its_number() -> None:
    box = Limits()
    box.wish(4_200)
    box.control.written(LPC, 7, "not now", box.now)
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.reason, result.error_number, result.detail) == (
        State.REJECTED,
        "remote_error",
        7,
        "not now",
    )


class NotOffered(RequestError):
    reason = "usecase_unsupported"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(NotOffered("no LPC"), "usecase_unsupported"), (NoBinding("refused"), "no_binding")],
)
def test_what_cannot_be_handed_over_is_refused(error: RequestError, reason: str) -> None:
    box = Limits(impossible=error)
    box.wish(4_200)
    assert box.ended("wish") == (State.REJECTED, reason)


@pytest.mark.parametrize("refused_w", [8_000, 2_000, None])
def test_a_refused_wish_gives_way_to_the_one_before(refused_w: float | None) -> None:
    """The Energy Guard tries again after a refusal: what was told as rejected must not act a minute later."""
    box = Limits()
    box.wish(4_200, for_s=3_600)
    box.obey()
    box.clock.advance(10)
    box.wish(refused_w, "another", active=refused_w is not None)
    assert box.required() == (RELEASED if refused_w is None else LimitValue(refused_w, True))
    box.control.written(LPC, 7, "not now", box.now)
    assert box.ended("another") == (State.REJECTED, "remote_error")
    assert box.required() == LimitValue(4_200, True, 3_590)


def test_a_wish_that_held_already_counts_as_the_one_before() -> None:
    box = Limits()
    box.report(LimitValue(4_200, True))
    box.wish(4_200)
    assert box.ended("wish") == (State.APPLIED, None)
    box.wish(8_000, "another")
    box.control.written(LPC, 7, "not now", box.now)
    assert box.required() == LimitValue(4_200, True)


def test_a_refused_share_of_the_grid_stays_required() -> None:
    box = Limits()
    box.wish(6_000)
    box.obey()
    box.control.share(4_200, box.now)
    box.control.written(LPC, 7, "not now", box.now)
    assert box.required() == LimitValue(4_200, True)


def test_the_answer_alone_is_not_taken_for_the_effect() -> None:
    box = Limits()
    box.wish(4_200)
    box.control.written(LPC, 0, "", box.now)
    assert box.result("wish") is None
    box.clock.advance(5)
    box.tracker.handle_timer(box.now)
    assert box.ended("wish") == (State.ACCEPTED, None)


def test_a_wallbox_that_comes_back_is_told_again() -> None:
    box = Limits()
    box.wish(4_200)
    box.obey()
    box.take()
    box.control.usable(box.now)
    assert box.required() == LimitValue(4_200, True)


def test_a_wallbox_that_nobody_limits_is_left_alone() -> None:
    box = Limits()
    box.control.usable(box.now)
    box.report(LimitValue(4_200, True))
    box.pass_time(3_600)
    assert box.sent == []


def test_a_wish_that_ended_while_the_wallbox_was_away_is_not_told_again() -> None:
    box = Limits()
    box.wish(4_200, for_s=60)
    box.obey()
    box.clock.advance(61)
    box.take()
    box.control.usable(box.now)
    assert box.required() == RELEASED


@pytest.mark.parametrize(
    ("share_w", "wish_w", "nominal_w", "bound"),
    [
        (None, None, 11_040.0, None),
        (4_200.0, None, 11_040.0, "grid_consumption"),
        (4_200.0, None, None, "grid_consumption"),
        (4_200.0, 8_000.0, 11_040.0, "grid_consumption"),
        (4_200.0, 3_000.0, 11_040.0, None),
        (11_040.0, None, 11_040.0, None),
        (20_000.0, None, 11_040.0, None),
    ],
)
def test_a_share_of_the_grid_bounds_what_the_wallbox_could_draw(
    share_w: float | None, wish_w: float | None, nominal_w: float | None, bound: str | None
) -> None:
    limits = Limits()
    if nominal_w is not None:
        limits.tell("lpc", "nominal_max_w", nominal_w)
    if wish_w is not None:
        limits.wish(wish_w)
    limits.control.share(share_w, limits.now)
    assert limits.control.bounded_by == bound
