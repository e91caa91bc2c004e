"""Failsafe values of one wallbox: the site's share and the user's wish (contract §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eebus_gw.bridge.results import State
from eebus_gw.gateway.failsafe import FailsafeControl
from tests.gateway.bench import Bench, NoBinding
from usecases.limitation import Limitation

POWER, DURATION = "failsafe_w", "failsafe_duration_s"


@dataclass
class Failsafe(Bench):
    """A control towards a wallbox that keeps 4,200 W and two hours."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.control = FailsafeControl(self.device, self.tracker, self.hand_over)
        self.tell("lpc", POWER, 4_200.0)
        self.tell("lpc", DURATION, 7_200.0)

    def hand_over(self, use_case: Limitation, point: Any, value: Any) -> None:
        self.write(use_case, point, value)

    def wish(self, watts: float | None = None, seconds: float | None = None) -> None:
        given = {"limit_w": watts, "duration_s": seconds}
        value = {member: number for member, number in given.items() if number is not None}
        self.command(self.control.execute, "wish", value, field="lpc_failsafe")

    def told(self) -> list[tuple[str, Any]]:
        """What was handed over since the last call."""
        return [(sent.point, sent.value) for sent in self.take()]


def test_both_values_are_handed_over_and_applied_when_answered_and_told() -> None:
    box = Failsafe()
    box.wish(3_000, 10_800)
    assert box.told() == [(POWER, 3_000), (DURATION, 10_800)]
    box.tell("lpc", POWER, 3_000)
    box.control.reported(box.now)
    box.control.answered(POWER, 0, "", box.now)
    assert box.result("wish") is None
    box.tell("lpc", DURATION, 10_800)
    box.control.reported(box.now)
    box.control.answered(DURATION, 0, "", box.now)
    assert box.ended("wish") == (State.APPLIED, None)


def test_a_refusal_is_told_with_its_number() -> None:
    box = Failsafe()
    box.wish(3_000, 10_800)
    box.control.answered(POWER, 7, "no", box.now)
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.error_number) == (State.REJECTED, 7)
    box.control.answered(DURATION, 0, "", box.now)
    assert box.result("wish") == result


def test_what_cannot_be_handed_over_is_refused() -> None:
    box = Failsafe(impossible=NoBinding("no binding"))
    box.wish(3_000)
    assert box.ended("wish") == (State.REJECTED, "no_binding")


def test_a_wish_above_the_share_leaves_the_share() -> None:
    box = Failsafe()
    box.control.share(1_400)
    assert box.told() == [(POWER, 1_400)]
    box.wish(3_000)
    assert (POWER, 3_000) not in box.told()
    box.control.answered(POWER, 0, "", box.now)
    box.tell("lpc", POWER, 1_400)
    box.control.reported(box.now)
    result = box.result("wish")
    assert result is not None
    assert (result.state, result.limited_by) == (State.APPLIED, "grid_consumption")


def test_the_share_is_told_once_and_only_to_wallboxes_that_keep_a_value() -> None:
    box = Failsafe()
    box.device.readings.forget(("lpc",))
    box.control.share(1_400)
    assert box.told() == []
    box.tell("lpc", POWER, 4_200.0)
    box.control.share(1_400)
    box.control.share(1_400)
    assert box.told() == [(POWER, 1_400)]


def test_a_wallbox_that_comes_back_is_told_its_share_again() -> None:
    box = Failsafe()
    box.control.share(1_400)
    box.take()
    box.control.usable()
    box.control.share(1_400)
    assert box.told() == [(POWER, 1_400)]


def test_what_waits_for_a_first_limit_is_accepted_and_says_so() -> None:
    box = Failsafe()
    box.wish(3_000)
    box.control.deferred(box.now)
    result = box.result("wish")
    assert result is not None
    assert result.state is State.ACCEPTED
    assert result.detail
