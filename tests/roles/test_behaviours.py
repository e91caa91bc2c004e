"""How a host asks behaviours: when they begin, what they cannot do, and that their faults stay theirs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from eebus_gw.errors import NotOffered
from eebus_gw.roles.consulting import FAILED
from eebus_gw.roles.events import Reported, WriteDone, Written
from eebus_gw.roles.host import Entity
from eebus_gw.vocabulary.behaviour import Action, Answer, Behaviour, Put, Write
from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, Range
from tests.support.pair import Pair
from usecases.curtailment import OPEV

TEN = PhaseLimits((10.0,) * 3)


class Scripted(Behaviour):
    """Notes what it is told; ``reactions`` say what it does then."""

    def __init__(self, reactions: Mapping[str, Any]) -> None:
        self.told: list[str] = []
        self._reactions = reactions

    def _react(self, what: str) -> list[Action]:
        self.told.append(what)
        reaction = self._reactions.get(what, [])
        if isinstance(reaction, Exception):
            raise reaction
        return list(reaction)

    def start(self, now: float) -> list[Action]:
        return self._react("start")

    def on_update(self, point_key: str, value: Any, now: float) -> list[Action]:
        return self._react(f"update {point_key}")

    def on_wish(self, point_key: str, value: Any, now: float) -> list[Action]:
        return self._react("wish")

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        return self._react(f"written {answer.accepted}")

    def on_write(self, point_key: str, value: Any, now: float) -> tuple[Answer, list[Action]]:
        self._react("write")
        return Answer(True), []

    def on_partner_lost(self, now: float) -> list[Action]:
        return self._react("lost")


class Bench(Pair):
    """A client behaviour towards a car that offers overload protection."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        reactions: Mapping[str, Any] | None = None,
        server: Behaviour | None = None,
    ) -> None:
        super().__init__()
        client = partial(Scripted, reactions or {})
        monkeypatch.setitem(OPEV.__dict__, "client_behaviour", client)
        self.cem.host.add_entity(Entity("CEM", (OPEV,)), self.now)
        self.cem.host.announce()
        evse = self.box.host.add_entity(Entity("EVSE"), self.now)
        ev = self.box.host.add_entity(Entity("EV"), self.now, parent=evse.path)
        self.provider = self.box.host.provide(OPEV, ev, self.now, behaviour=server)
        self.provider.put(OPEV.range_a, PhaseRanges((Range(6, 16, 0),) * 3))
        self.provider.put(OPEV.limit_a, PhaseLimits((16.0,) * 3, (False,) * 3))
        self.box.host.announce()

    @property
    def behaviour(self) -> Scripted:
        consumer = self.cem.host.consumer("box", OPEV)
        assert isinstance(consumer.behaviour, Scripted)
        return consumer.behaviour

    def reports(self, name: str) -> list[Any]:
        return [r for end in (self.cem, self.box) for r in end.of(Reported) if r.name == name]


def test_a_behaviour_begins_when_what_it_needs_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, {"start": [Write("limit_a", TEN)]})
    bench.connect()
    assert bench.behaviour.told[0] == "start"
    assert "written True" in bench.behaviour.told
    assert bench.box.of(Written)[0].value.amperes == (10.0, 10.0, 10.0)


def test_a_behaviour_learns_what_was_known_before_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    bench.connect()
    assert sorted(bench.behaviour.told) == ["start", "update limit_a", "update range_a"]


def test_a_write_that_is_impossible_ends_like_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, {"start": [Write("limit_a", TEN)]})
    for feature in bench.provider.entity.features.values():
        if feature.type == "LoadControl":
            feature.data.pop("loadControlLimitDescriptionListData")
    bench.connect()
    assert bench.behaviour.told == ["start", "written False"]
    assert [r.data["key"] for r in bench.reports("write_impossible")] == ["limit_a"]
    with pytest.raises(NotOffered) as caught:
        bench.cem.host.write("box", OPEV, OPEV.limit_a, TEN, bench.now)
    assert caught.value.reason == "scenario_unsupported"


@pytest.mark.parametrize("when", ["start", "update limit_a", "wish", "lost"])
def test_a_faulty_client_behaviour_is_reported_and_the_connection_lives(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    bench = Bench(monkeypatch, {when: RuntimeError("a mistake")})
    bench.connect()
    if when == "wish":
        bench.cem.host.wish("box", OPEV, OPEV.limit_a, TEN, bench.now)
    bench.settle()
    token = bench.cem.host.write("box", OPEV, OPEV.limit_a, TEN, bench.now)
    bench.settle()
    assert [d.error_number for d in bench.cem.of(WriteDone) if d.token == token] == [0]
    bench.disconnect()
    assert "a mistake" in bench.reports(FAILED)[0].data["error"]


def test_a_faulty_server_behaviour_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, server=Scripted({"write": ValueError("a mistake")}))
    bench.connect()
    token = bench.cem.host.write("box", OPEV, OPEV.limit_a, TEN, bench.now)
    bench.settle()
    assert [d.error_number for d in bench.cem.of(WriteDone) if d.token == token] == [1]
    assert len(bench.reports(FAILED)) == 1
    reading = bench.provider.get(OPEV.limit_a)
    assert reading is not None
    assert reading.value.active == (False,) * 3


def test_a_server_behaviour_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, server=Scripted({"lost": [Put("limit_a", TEN)]}))
    bench.connect()
    bench.disconnect()
    reading = bench.provider.get(OPEV.limit_a)
    assert reading is not None
    assert reading.value.amperes == (10.0, 10.0, 10.0)
