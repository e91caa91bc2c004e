"""Deadlines and repetition of requests (SPINE protocol 5.2.5.3; IG 2.6)."""

from __future__ import annotations

import pytest

from eebus_gw.spine.datagram import Command
from eebus_gw.spine.remote import RemoteFeature
from eebus_gw.spine.requests import MAX_OUTSTANDING, Request, Requests

STATE = "deviceDiagnosisStateData"
LIMITS = "loadControlLimitListData"
SOURCE = ((1,), 1)


class Table(Requests):
    """Sends everything that may go, with message counters from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.feature = RemoteFeature((1,), 1, "DeviceDiagnosis", "server")
        self.counter = 0
        self.log: list[tuple[float, str, int]] = []

    def ask(
        self,
        now: float,
        classifier: str = "read",
        function: str = STATE,
        target: RemoteFeature | None = None,
    ) -> Request:
        request = self.new(classifier, Command.empty(function), SOURCE, target or self.feature)
        self.send(now)
        return request

    def send(self, now: float) -> None:
        while (request := self.next_to_send()) is not None:
            self.counter += 1
            self.log.append((now, request.classifier, self.counter))
            self.sent(request, self.counter, now)

    def pass_time(self, until: float) -> list[tuple[float, int]]:
        """When which token was found silent."""
        silent = []
        while (at := self.next_deadline()) is not None and at <= until:
            silent += [(at, request.token) for request in self.handle_timer(at)]
            self.send(at)
        return silent


@pytest.fixture
def table() -> Table:
    return Table()


def test_ten_seconds_and_two_for_the_network(table: Table) -> None:
    table.ask(100.0)
    assert table.next_deadline() == 112.0


def test_an_announced_response_delay_counts_instead(table: Table) -> None:
    table.ask(100.0, target=RemoteFeature((1,), 2, "HVAC", "server", max_response_delay_s=60.0))
    assert table.next_deadline() == 162.0


@pytest.mark.parametrize(("announced_s", "waited_s"), [(1e9, 602.0), (-5.0, 12.0), (0.0, 12.0)])
def test_an_absurd_response_delay_is_bounded(
    table: Table, announced_s: float, waited_s: float
) -> None:
    absurd = RemoteFeature((1,), 2, "HVAC", "server", max_response_delay_s=announced_s)
    table.ask(100.0, target=absurd)
    assert table.next_deadline() == 100.0 + waited_s


@pytest.mark.parametrize("classifier", ["read", "call"])
def test_silence_is_followed_by_repetitions_after_30_s_5_min_15_min(
    table: Table, classifier: str
) -> None:
    table.ask(100.0, classifier)
    silent = table.pass_time(10_000.0)
    assert [at for at, _, _ in table.log] == [100.0, 130.0, 400.0, 1000.0]
    assert [counter for _, _, counter in table.log] == [1, 2, 3, 4]
    assert silent == [(112.0, 1), (142.0, 1), (412.0, 1), (1012.0, 1)]
    assert list(table) == []


def test_a_slow_peer_is_not_asked_again_before_its_time_is_over(table: Table) -> None:
    slow = RemoteFeature((1,), 2, "HVAC", "server", max_response_delay_s=60.0)
    table.ask(100.0, target=slow)
    table.pass_time(170.0)
    assert [at for at, _, _ in table.log] == [100.0, 162.0]


def test_a_repetition_can_be_brought_forward(table: Table) -> None:
    token = table.ask(100.0).token
    table.hasten(token)  # it is out: nothing to bring forward
    table.pass_time(120.0)
    table.hasten(token)
    table.send(120.0)
    table.pass_time(10_000.0)
    assert [at for at, _, _ in table.log] == [100.0, 120.0, 400.0, 1000.0]
    table.hasten(token)  # it has ended
    assert list(table) == []


def test_a_write_is_never_repeated(table: Table) -> None:
    table.ask(100.0, "write", LIMITS)
    assert table.pass_time(10_000.0) == [(112.0, 1)]
    assert len(table.log) == 1
    assert list(table) == []


@pytest.mark.parametrize("answered", [1, 2])
def test_an_answer_to_any_of_the_repetitions_ends_it(table: Table, answered: int) -> None:
    request = table.ask(100.0)
    table.pass_time(131.0)
    assert table.take(answered) is request
    assert table.pass_time(10_000.0) == []
    assert len(table.log) == 2
    assert (len(table), table.next_deadline()) == (0, None)


def test_an_answer_while_it_pauses_ends_it(table: Table) -> None:
    request = table.ask(100.0)
    table.pass_time(120.0)
    assert table.take(1) is request
    assert table.next_deadline() is None


def test_an_unknown_reference_is_nothing(table: Table) -> None:
    table.ask(100.0)
    assert table.take(99) is None
    assert table.take(1) is not None
    assert table.take(1) is None


def test_an_identical_question_is_shared(table: Table) -> None:
    first = table.ask(100.0)
    assert table.ask(101.0) is first
    assert table.ask(101.0, function="deviceDiagnosisHeartbeatData") is not first
    assert table.ask(101.0, target=RemoteFeature((1,), 2, "X", "server")) is not first
    table.take(1)
    assert table.ask(102.0) is not first


def test_writes_are_not_shared(table: Table) -> None:
    assert table.ask(100.0, "write", LIMITS) is not table.ask(100.0, "write", LIMITS)


def fill(table: Table) -> None:
    for number in range(MAX_OUTSTANDING):
        table.ask(100.0, target=RemoteFeature((1,), number, "X", "server"))


def test_at_most_twenty_are_out(table: Table) -> None:
    fill(table)
    table.ask(100.0)
    assert len(table) == len(table.log) == 20
    table.take(5)
    table.send(101.0)
    assert len(table) == 20
    assert table.log[-1] == (101.0, "read", 21)


def test_a_write_does_not_wait_and_calls_go_before_reads(table: Table) -> None:
    fill(table)
    table.ask(100.0)
    table.ask(100.0, "call")
    table.ask(100.0, "write", LIMITS)
    assert table.log[-1] == (100.0, "write", 21)
    table.take(1)
    table.take(2)
    table.send(101.0)
    assert [kind for _, kind, _ in table.log[-2:]] == ["write", "call"]
    table.take(3)
    table.send(102.0)
    assert table.log[-1][1] == "read"


def test_a_mute_function_does_not_hold_up_the_others(table: Table) -> None:
    fill(table)
    late = table.ask(100.0)
    table.pass_time(112.0)
    assert late.counters == [21]


def test_requests_to_a_feature_that_is_gone_end(table: Table) -> None:
    fill(table)
    waiting = table.ask(100.0)
    other = table.ask(100.0, "write", LIMITS)
    assert table.forget(table.feature) == [waiting, other]
    assert len(table) == 20
    assert table.take(21) is None


def test_the_end_of_the_connection_ends_everything(table: Table) -> None:
    fill(table)
    table.ask(100.0)
    assert len(table.clear()) == 21
    assert (len(table), list(table), table.next_deadline()) == (0, [], None)
