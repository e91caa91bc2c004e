"""LPC and LPP from both ends: an Energy Guard and a Controllable System joined in memory."""

from __future__ import annotations

import pytest

from eebus_gw.roles.events import Reported, WriteDone, Written
from eebus_gw.roles.host import Entity
from eebus_gw.vocabulary.values import LimitValue
from tests.support.pair import Pair
from usecases.limitation import LPC, LPP, Limitation
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Settings


class Bench(Pair):
    """A control box (``cem`` end of the pair) and a controlled wallbox."""

    def __init__(self, use_case: Limitation) -> None:
        super().__init__()
        self.use_case = use_case
        self.sign = 1 if use_case is LPC else -1
        self.cem.host.add_entity(Entity("GridGuard", (use_case,)), self.now)
        self.cem.host.announce()
        evse = self.box.host.add_entity(Entity("EVSE"), self.now)
        self.system = ControllableSystem(use_case.wording.direction, settings=Settings())
        self.provider = self.box.host.provide(use_case, evse, self.now, behaviour=self.system)
        self.box.host.put(self.provider, use_case.nominal_max_w, 11_000)
        self.box.host.announce()

    @property
    def state(self) -> str:
        return self.system.machine.state.value

    def require(self, watts: float | None, duration_s: float | None = None) -> None:
        limit = None if watts is None else LimitValue(self.sign * watts, True, duration_s)
        self.cem.host.wish("box", self.use_case, self.use_case.limit, limit, self.now)
        self.settle()

    def published(self) -> LimitValue:
        reading = self.cem.host.get("box", self.use_case, self.use_case.limit)
        assert reading is not None
        return reading.value


@pytest.fixture(params=[LPC, LPP], ids=lambda use_case: use_case.code)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


def test_guard_takes_control_within_a_minute_of_connecting(bench: Bench) -> None:
    """[LPC-913]: heartbeat and a limit write within 60 s, also without anything to limit."""
    bench.connect()
    bench.advance(60)
    assert bench.state in ("unlimited_controlled", "limited")
    assert [w.answer.accepted for w in bench.box.of(Written)][:1] == [True]


def test_required_limit_is_obeyed_and_expires(bench: Bench) -> None:
    bench.connect()
    bench.advance(60)
    bench.require(4200, duration_s=600)
    bench.advance(400)
    assert bench.state == "limited"
    assert bench.published().watts == bench.sign * 4200
    assert bench.published().active
    assert bench.cem.of(WriteDone)[-1].error_number == 0


def test_silent_guard_leads_to_failsafe_after_two_minutes(bench: Bench) -> None:
    """[LPC-911], [LPC-912]."""
    bench.connect()
    bench.advance(60)
    bench.require(4200)
    bench.advance(310)
    bench.cem.host.heartbeats.silent = True
    bench.advance(130)
    assert bench.state == "failsafe"
    assert not bench.published().active
    states = [r.data["state"] for r in bench.box.of(Reported) if r.name == "state"]
    assert states[-1] == "failsafe"


def test_constraints_are_read(bench: Bench) -> None:
    bench.connect()
    reading = bench.cem.host.get("box", bench.use_case, bench.use_case.nominal_max_w)
    assert reading is not None
    assert reading.value == 11_000
