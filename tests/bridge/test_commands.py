from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from eebus_gw.bridge.commands import Command, CommandTracker, Origin
from eebus_gw.bridge.fields import FIELDS
from eebus_gw.bridge.results import Result, State
from eebus_gw.errors import LocalProtocolError


class Bench:
    """A tracker with short hands: commands by value, executed values, final results."""

    def __init__(self) -> None:
        self.tracker = CommandTracker(wall=lambda: datetime(2026, 11, 25, tzinfo=UTC))
        self._tokens = count(1)

    def ask(
        self,
        value: Any,
        now: float,
        *,
        field: str = "max_current_a",
        device: str = "carport",
        ttl_s: float = 30.0,
    ) -> int:
        token = next(self._tokens)
        checked = FIELDS[field].shape.check(value)
        self.tracker.submit(
            Command(
                token=token,
                device=device,
                field=field,
                value=checked,
                requested=value,
                id=f"id-{token}",
                source="mqtt",
                origin=Origin.MQTT,
                received=now,
                expires=now + ttl_s,
            ),
            now,
        )
        return token

    def executed(self) -> list[Any]:
        return [entry.command.requested for entry in self.tracker.to_execute()]

    def states(self) -> list[tuple[str, str]]:
        return [(result.id, result.state.value) for result in self.tracker.results()]

    def final(self) -> Result:
        (result,) = [result for result in self.tracker.results() if result.final]
        return result


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_applied_when_answered_and_read_back(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    assert bench.executed() == [10]
    bench.tracker.sent(token, 100.01)
    bench.tracker.answered(token, 0, "", 100.2)
    assert bench.states() == [("id-1", "received"), ("id-1", "sent")]
    bench.tracker.read_back(token, [10, 10, 10], 100.388)
    result = bench.final()
    assert result.state is State.APPLIED
    assert result.actual == [10, 10, 10]
    assert (result.error_number, result.reason, result.latency_ms) == (0, None, 388)
    assert len(bench.tracker) == 0
    assert bench.tracker.next_deadline() is None


def test_the_notification_may_come_before_the_answer(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.sent(token, 100.0)
    bench.tracker.read_back(token, [10, 10, 6], 100.1, limited_by="grid_consumption")
    assert [state for _, state in bench.states()] == ["received", "sent"]
    bench.tracker.answered(token, 0, "", 100.2)
    result = bench.final()
    assert result.state is State.APPLIED
    assert (result.actual, result.limited_by) == ([10, 10, 6], "grid_consumption")


def test_accepted_after_five_seconds_without_read_back(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.sent(token, 100.0)
    bench.tracker.answered(token, 0, "", 101.0)
    assert bench.tracker.next_deadline() == 106.0
    bench.tracker.handle_timer(105.999)
    assert len(bench.tracker) == 1
    bench.tracker.handle_timer(106.0)
    result = bench.final()
    assert (result.state, result.reason, result.error_number) == (State.ACCEPTED, None, 0)


def test_timeout_ten_seconds_after_sending(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.sent(token, 100.5)
    assert bench.tracker.next_deadline() == 110.5
    bench.tracker.handle_timer(110.499)
    assert len(bench.tracker) == 1
    bench.tracker.handle_timer(110.5)
    result = bench.final()
    assert (result.state, result.reason) == (State.TIMEOUT, "result_timeout")
    bench.tracker.answered(token, 0, "", 110.6)
    assert bench.states() == []


def test_rejected_by_the_device(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.sent(token, 100.0)
    bench.tracker.answered(token, 7, "not now", 100.1)
    result = bench.final()
    assert (result.state, result.reason) == (State.REJECTED, "remote_error")
    assert (result.error_number, result.detail) == (7, "not now")


def test_a_lost_binding_is_named(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.sent(token, 100.0)
    bench.tracker.answered(token, 9, "", 100.1)
    result = bench.final()
    assert (result.state, result.reason) == (State.REJECTED, "no_binding")
    assert result.error_number == 9


def test_rejected_before_sending_leaves_the_next_command_its_turn(bench: Bench) -> None:
    token = bench.ask(10, now=100.0)
    bench.tracker.refused(token, "usecase_unsupported", "OPEV", 100.0)
    result = bench.final()
    assert (result.state, result.reason, result.detail) == (
        State.REJECTED,
        "usecase_unsupported",
        "OPEV",
    )
    bench.executed()
    bench.ask(16, now=100.1)
    assert bench.executed() == [16]


def test_expired_when_never_sent(bench: Bench) -> None:
    token = bench.ask(10, now=100.0, ttl_s=20.0)
    assert bench.tracker.next_deadline() == 120.0
    bench.tracker.handle_timer(120.0)
    result = bench.final()
    assert (result.state, result.reason) == (State.EXPIRED, "stale")
    bench.tracker.sent(token, 121.0)
    assert bench.states() == []


def test_expired_while_waiting_for_its_turn(bench: Bench) -> None:
    bench.ask(10, now=100.0)
    bench.ask(16, now=100.1, ttl_s=0.5)
    bench.tracker.handle_timer(100.6)
    bench.executed()
    assert ("id-2", "expired") in bench.states()
    bench.tracker.handle_timer(101.0)
    assert bench.executed() == []


def test_applied_without_a_write(bench: Bench) -> None:
    token = bench.ask(16, now=100.0)
    bench.tracker.applied(token, [6, 6, 6], 100.0, limited_by="grid_consumption")
    result = bench.final()
    assert (result.state, result.error_number) == (State.APPLIED, None)
    assert (result.actual, result.limited_by) == ([6, 6, 6], "grid_consumption")


def test_one_write_a_second_and_the_newest_waits(bench: Bench) -> None:
    bench.ask(6, now=100.0)
    bench.ask(8, now=100.2)
    bench.ask(10, now=100.4)
    assert bench.executed() == [6]
    assert bench.tracker.next_deadline() == 101.0
    bench.tracker.handle_timer(100.999)
    assert bench.executed() == []
    bench.tracker.handle_timer(101.0)
    assert bench.executed() == [10]
    finals = [result for result in bench.tracker.results() if result.final]
    assert [(r.id, r.state, r.reason, r.detail) for r in finals] == [
        ("id-2", State.SUPERSEDED, None, "replaced by id-3"),
        # executing, never reported as sent, and now replaced
        ("id-1", State.SUPERSEDED, None, "replaced by id-3"),
    ]


def test_a_reduction_goes_at_once_and_takes_the_waiting_one_out(bench: Bench) -> None:
    sent = bench.ask(16, now=100.0)
    bench.tracker.sent(sent, 100.0)
    bench.ask(20, now=100.1)
    bench.ask(6, now=100.2)
    assert bench.executed() == [16, 6]
    assert ("id-2", "superseded") in bench.states()
    bench.ask(16, now=100.3)
    assert bench.executed() == []
    assert bench.tracker.next_deadline() == 101.2
    assert len(bench.tracker) == 3


def test_fields_and_devices_do_not_slow_each_other(bench: Bench) -> None:
    bench.ask(6, now=100.0)
    bench.ask(True, now=100.0, field="charging_enabled")
    bench.ask(7, now=100.0, device="garage")
    assert bench.executed() == [6, True, 7]


def test_a_command_already_sent_is_not_superseded(bench: Bench) -> None:
    first = bench.ask(6, now=100.0)
    bench.tracker.sent(first, 100.0)
    second = bench.ask(10, now=101.0)
    bench.tracker.sent(second, 101.0)
    bench.tracker.answered(first, 0, "", 101.1)
    bench.tracker.answered(second, 0, "", 101.2)
    bench.tracker.read_back(second, 10, 101.3)
    bench.tracker.handle_timer(106.1)
    states = bench.states()
    assert ("id-2", "applied") in states
    assert ("id-1", "accepted") in states


def test_link_lost(bench: Bench) -> None:
    unanswered = bench.ask(6, now=100.0)
    bench.tracker.sent(unanswered, 100.0)
    answered = bench.ask(-3000, now=100.0, field="setpoint")
    bench.tracker.sent(answered, 100.0)
    bench.tracker.answered(answered, 0, "", 100.1)
    elsewhere = bench.ask(6, now=100.0, device="garage")
    bench.tracker.sent(elsewhere, 100.0)
    bench.tracker.results()
    bench.tracker.link_lost("carport", 100.2)
    finals = {result.id: (result.state, result.reason) for result in bench.tracker.results()}
    assert finals == {
        "id-1": (State.FAILED, "link_lost"),
        "id-2": (State.ACCEPTED, None),
    }
    assert len(bench.tracker) == 1


def test_a_removed_device_leaves_nothing_open(bench: Bench) -> None:
    bench.ask(6, now=100.0)
    bench.ask(10, now=100.1)
    bench.tracker.results()
    bench.tracker.forget("carport", 100.2)
    assert {r.reason for r in bench.tracker.results()} == {"device_unknown"}
    assert bench.tracker.next_deadline() is None


def test_an_unknown_reason_is_a_mistake_of_the_caller(bench: Bench) -> None:
    token = bench.ask(6, now=100.0)
    with pytest.raises(LocalProtocolError, match="no_such_reason"):
        bench.tracker.refused(token, "no_such_reason", "", 100.0)


@pytest.mark.parametrize(
    "report",
    [
        lambda tracker: tracker.sent(99, 1.0),
        lambda tracker: tracker.answered(99, 0, "", 1.0),
        lambda tracker: tracker.read_back(99, 1, 1.0),
        lambda tracker: tracker.applied(99, 1, 1.0),
        lambda tracker: tracker.refused(99, "dry_run", "", 1.0),
        lambda tracker: tracker.failed(99, "link_lost", "", 1.0),
    ],
)
def test_reports_about_finished_commands_change_nothing(
    bench: Bench, report: Callable[[CommandTracker], None]
) -> None:
    report(bench.tracker)
    assert bench.states() == []
