"""Heartbeats, both directions (SPINE resource specification, DeviceDiagnosis)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eebus_gw.spine.events import HeartbeatReceived
from eebus_gw.spine.heartbeat import FEATURE, FUNCTION, Heartbeats, sending_period_s
from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.model.load_control import LoadControlLimitListDataType
from tests.support.wire import Bench, Place, Sent, command

CLIENT: Place = ((1,), 3)
REMOTE: Place = ((1,), 1)
NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timeout_s", "period_s"), [(60, 54), (10, 8), (4, 2), (3, 1.5), (2, 1), (120, 108)]
)
def test_the_period_stays_well_below_the_timeout(timeout_s: float, period_s: float) -> None:
    assert sending_period_s(timeout_s) == period_s


class Guard(Bench):
    """Our entity beats, the peer follows it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entity = self.device.add_entity("CEM")
        self.beats = Heartbeats(self.device, lambda: NOON + timedelta(seconds=self.now - 100))

    def following(self, timeout_s: float = 4.0) -> Guard:
        self.beats.start(self.entity, timeout_s, self.now)
        self.discovered()
        feature = self.entity.server(FEATURE)
        assert feature is not None
        self.relate("subscription", CLIENT, feature)
        self.forget()
        return self

    def advance_beats(self, seconds: float) -> list[tuple[float, Sent]]:
        target, said = self.now + seconds, []
        while (at := self.beats.next_deadline()) is not None and at <= target:
            self.now = at
            self.beats.handle_timer(at)
            said += [(at, each) for each in self.drain()]
        self.now = target
        return said


def test_beats_are_told_in_full_with_counter_time_and_timeout() -> None:
    guard = Guard().following(4.0)
    said = guard.advance_beats(4.0)
    assert [at for at, _ in said] == [102.0, 104.0]
    assert [each.data for _, each in said] == [
        {"timestamp": "2026-01-01T12:00:02Z", "heartbeatCounter": 2, "heartbeatTimeout": "PT4S"},
        {"timestamp": "2026-01-01T12:00:04Z", "heartbeatCounter": 3, "heartbeatTimeout": "PT4S"},
    ]
    assert [(each.filters, each.ack) for _, each in said] == [([], False), ([], False)]


def test_the_first_beat_is_there_at_once_for_who_reads() -> None:
    guard = Guard().following(60.0)
    place = (guard.entity.path, 1)
    (reply,) = guard.receive("read", command(FUNCTION), source=CLIENT, to=place)
    assert reply.data["heartbeatCounter"] == 1
    assert reply.data["heartbeatTimeout"] == "PT1M"


def test_of_several_wishes_the_shortest_timeout_wins() -> None:
    guard = Guard().following(60.0)
    guard.beats.start(guard.entity, 4.0, guard.now)
    guard.beats.start(guard.entity, 60.0, guard.now)
    guard.forget()
    assert [at for at, _ in guard.advance_beats(4.0)] == [102.0, 104.0]


def test_an_extra_beat_delays_the_next_one() -> None:
    guard = Guard().following(4.0)
    guard.now = 101.0
    guard.beats.beat_now(guard.entity.path, guard.now)
    assert [each.data["heartbeatCounter"] for each in guard.drain()] == [2]
    assert guard.beats.next_deadline() == 103.0


def test_an_extra_beat_for_one_peer_is_no_beat_for_the_others() -> None:
    guard = Guard().following(4.0)
    guard.now = 101.0
    guard.beats.beat_now(guard.entity.path, guard.now, only="another")
    assert guard.drain() == []
    assert guard.beats.next_deadline() == 102.0
    guard.beats.beat_now(guard.entity.path, guard.now, only=guard.session.peer)
    assert [each.data["heartbeatCounter"] for each in guard.drain()] == [3]
    assert guard.beats.next_deadline() == 102.0


@pytest.mark.parametrize("path", [(9,), (0,)])
def test_who_does_not_beat_has_no_extra_beat(path: tuple[int, ...]) -> None:
    guard = Guard().following(4.0)
    guard.beats.beat_now(path, guard.now)
    assert guard.drain() == []


def test_silence_is_kept_and_ended() -> None:
    guard = Guard().following(4.0)
    guard.beats.silent = True
    assert guard.advance_beats(10.0) == []
    guard.beats.silent = False
    (said,) = guard.advance_beats(2.0)
    assert said[1].data["heartbeatCounter"] == 2


def test_an_entity_that_is_gone_beats_no_more() -> None:
    guard = Guard().following(4.0)
    guard.device.remove_entity(guard.entity)
    guard.beats.stop(guard.entity)
    assert guard.beats.next_deadline() is None
    other: LocalEntity = guard.device.add_entity("CEM")
    assert other.path == guard.entity.path
    guard.beats.start(other, 60.0, guard.now)
    assert guard.beats.next_deadline() == 154.0


def test_an_entity_that_went_without_notice_is_forgotten_with_its_next_beat() -> None:
    guard = Guard().following(4.0)
    guard.device.remove_entity(guard.entity)
    assert guard.advance_beats(10.0) == []
    assert guard.beats.next_deadline() is None


# --- the peer's ------------------------------------------------------------------------------------


@pytest.fixture
def bench() -> Bench:
    return Bench().discovered()


def beat(bench: Bench, classifier: str, counter: int | None, **header: Any) -> list[float | None]:
    bench.events.clear()
    data: dict[str, Any] = {"heartbeatTimeout": "PT4S"}
    if counter is not None:
        data["heartbeatCounter"] = counter
    header = {"source": REMOTE, "to": ((0,), 0), **header}
    if classifier == "reply":
        header["reference"] = 1
    bench.receive(classifier, command(FUNCTION, data), **header)
    return [event.timeout_s for event in bench.of(HeartbeatReceived)]


def test_every_notify_counts_even_without_a_moving_counter(bench: Bench) -> None:
    assert beat(bench, "notify", 7) == [4.0]
    assert beat(bench, "notify", 7) == [4.0]
    assert beat(bench, "notify", None) == [4.0]


def test_of_replies_the_first_counts_and_later_ones_that_moved(bench: Bench) -> None:
    assert beat(bench, "reply", 7) == [4.0]
    assert beat(bench, "reply", 7) == []
    assert beat(bench, "reply", 8) == [4.0]
    assert beat(bench, "notify", 9) == [4.0]
    assert beat(bench, "reply", 9) == []


def test_an_empty_reply_is_no_sign_of_life(bench: Bench) -> None:
    assert beat(bench, "reply", None) == []


def test_an_announced_timeout_that_cannot_be_read_is_none(bench: Bench) -> None:
    data = command(FUNCTION, {"heartbeatCounter": 1, "heartbeatTimeout": "soon"})
    bench.receive("notify", data, source=REMOTE)
    assert [event.timeout_s for event in bench.of(HeartbeatReceived)] == [None]


def test_TC_SPINE_DATA_005(bench: Bench) -> None:  # noqa: N802
    data = command(FUNCTION, {"heartbeatCounter": 1})
    (said,) = bench.receive("notify", data, source=REMOTE, ack=True)
    assert (said.error, said.reference) == (0, bench.counter)


def test_a_beat_given_for_a_write_goes_before_it() -> None:
    """A limit is only evaluated after a heartbeat of the last 60 s ([LPC-TS-036])."""
    guard = Guard().following(60.0)
    client = guard.entity.feature("LoadControl", "client")
    remote = guard.session.remote.entities[(1,)].features[1]
    guard.beats.beat_now(guard.entity.path, guard.now)
    data = LoadControlLimitListDataType()
    guard.session.write(client, remote, "loadControlLimitListData", data, (), guard.now)
    assert [(each.classifier, each.function) for each in guard.drain()] == [
        ("notify", FUNCTION),
        ("write", "loadControlLimitListData"),
    ]
