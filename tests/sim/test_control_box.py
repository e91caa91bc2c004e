"""The simulated control box and the simulated wallbox it limits, joined in memory."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eebus_gw.sim.battery import Battery
from eebus_gw.sim.control_box import ControlBox, Requirements
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, Vehicle, VehicleKind
from eebus_gw.sim.scenario import Step
from eebus_gw.sim.station import Station
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.vocabulary.values import Manufacturer
from tests.support.pair import End, Pair
from usecases.limitation import LPC, LPP
from usecases.limitation_rules import State

LIMITED_ONLY = ("evsecc", "evcc", "evcem", "evsoc", "mpc", "lpc", "lpp")
FULL_W = 11_040.0
FAILSAFE_W = 4_200.0


class Bench(Pair):
    """A control box (end ``cem``) and a wallbox with a car that wants to charge (end ``box``)."""

    def __init__(self, *, patient: bool = False, kind: VehicleKind = VehicleKind.ISO15118) -> None:
        super().__init__()
        self._told = {"cem": 0, "box": 0}
        self.lines: list[dict[str, Any]] = []
        car = Vehicle(kind, Battery(60_000, 50), Driver(target_soc_percent=100))
        self.model = Wallbox(Installation(guarded=False), vehicle=car, now=self.now)
        self.station = Station(
            self.box.host, self.model, Manufacturer(), self.now, offer=LIMITED_ONLY
        )
        self.station.plug(self.now)
        self.patient = patient
        self.guard = ControlBox(self.cem.host, self.now, patient=patient)

    def _pass(self, source: End, target: End) -> bool:
        busy = super()._pass(source, target)
        while self._told[source.name] < len(source.events):
            event = source.events[self._told[source.name]]
            self._told[source.name] += 1
            if source is self.cem:
                self.guard.handle(event, self.now)
            else:
                self.station.handle(event, self.now)
        self.lines += self.guard.take_lines()
        return busy

    def play(self, action: str, value: Any = True, **options: Any) -> None:
        """One step of a script, and everything that follows at once."""
        assert self.guard.apply(Step(0, action, value, **options), self.now)
        self.settle()

    def pass_time(self, seconds: float) -> None:
        """Time with the guard's own timer, second by second."""
        for _ in range(int(seconds)):
            self.advance(1)
            self.guard.handle_timer(self.now)
            self.settle()
            self.station.step(self.now)

    @property
    def power_w(self) -> float:
        return self.station.step(self.now).power_w

    @property
    def states(self) -> tuple[State, State]:
        systems = self.station.limited.systems
        return systems["lpc"].machine.state, systems["lpp"].machine.state

    def of_kind(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    def clear(self) -> None:
        self.lines.clear()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_wallbox_nobody_limits_charges_as_it_likes(bench: Bench) -> None:
    bench.pass_time(30)
    assert bench.power_w == FULL_W
    assert bench.states == (State.INIT, State.INIT)


def test_limit_required_before_the_connection_is_its_first_write(bench: Bench) -> None:
    bench.play("limit", 4_200.0)
    assert bench.lines == []
    bench.connect()
    (written,) = bench.of_kind("limit_written")
    (answered,) = bench.of_kind("answered")
    assert written == {
        "event": "limit_written",
        "peer": "box",
        "use_case": "lpc",
        "limit_w": 4_200.0,
        "active": True,
        "duration_s": None,
    }
    assert answered == {**written, "event": "answered", "error_number": 0, "text": ""}


def test_the_car_goes_below_the_limit_and_back_when_it_is_released(bench: Bench) -> None:
    bench.connect()
    bench.pass_time(30)
    bench.play("limit", 5_000.0)
    bench.pass_time(10)
    assert bench.power_w == 5_000
    assert bench.station.step(bench.now).limited_by == "grid_consumption"
    bench.play("release")
    bench.pass_time(20)
    assert bench.power_w == FULL_W
    assert bench.states[0] is State.UNLIMITED_CONTROLLED


def test_a_limit_below_the_smallest_power_of_the_car_stops_it(bench: Bench) -> None:
    bench.connect()
    bench.pass_time(20)
    bench.play("limit", 2_000.0)
    bench.pass_time(10)
    assert bench.power_w == 0


def test_a_limit_of_0_w_is_a_limit(bench: Bench) -> None:
    bench.connect()
    bench.play("limit", 0.0)
    bench.pass_time(5)
    assert bench.states[0] is State.LIMITED
    assert bench.power_w == 0


def test_a_limit_ends_by_itself_after_its_duration(bench: Bench) -> None:
    bench.play("limit", 4_200.0, duration_s=60.0)
    bench.connect()
    assert bench.of_kind("limit_written")[0]["duration_s"] == 60
    bench.pass_time(59)
    assert bench.power_w == 4_200
    bench.pass_time(20)
    assert bench.states[0] is State.UNLIMITED_CONTROLLED
    assert bench.power_w == FULL_W


def test_a_production_limit_is_sent_negative_and_bounds_discharging() -> None:
    bench = Bench(kind=VehicleKind.BIDIRECTIONAL)
    bench.connect()
    bench.play("production_limit", 3_000.0)
    (written,) = bench.of_kind("limit_written")
    assert (written["use_case"], written["limit_w"]) == ("lpp", -3_000.0)
    assert bench.of_kind("answered")[0]["error_number"] == 0
    assert bench.model.limits.production_w == 3_000
    bench.play("release", "production_limit")
    assert bench.model.limits.production_w == FULL_W


@pytest.mark.parametrize(
    ("action", "value", "code", "sent_w"),
    [("limit", -1.0, "lpc", -1.0), ("production_limit", -1.0, "lpp", 1.0)],
    ids=["LPC-001", "LPP-001"],
)
def test_a_wrong_sign_is_sent_once_and_refused(
    bench: Bench, action: str, value: float, code: str, sent_w: float
) -> None:
    bench.play("limit", 6_000.0)
    bench.play("production_limit", 6_000.0)
    bench.connect()
    bench.clear()
    bench.play(action, value)
    (answered,) = bench.of_kind("answered")
    assert (answered["use_case"], answered["limit_w"]) == (code, sent_w)
    assert answered["error_number"] == 7
    assert answered["text"]
    assert bench.states == (State.LIMITED, State.LIMITED)
    bench.pass_time(400)
    assert len(bench.of_kind("answered")) == 1


@pytest.mark.parametrize("watts", [math.nan, math.inf])
def test_a_number_that_cannot_be_sent_is_said_to_be_so(bench: Bench, watts: float) -> None:
    bench.connect()
    bench.play("limit", watts)
    (line,) = bench.of_kind("not_written")
    assert line["use_case"] == "lpc"
    assert not bench.of_kind("limit_written")


def test_failsafe_values_follow_the_first_limit(bench: Bench) -> None:
    bench.play("failsafe", 5_000.0)
    bench.play("production_failsafe", 1_000.0)
    bench.play("failsafe_duration", 10_800.0)
    bench.play("limit", 6_000.0)
    bench.play("production_limit", 6_000.0)
    bench.connect()
    written = [line["event"] for line in bench.lines if line["event"].endswith("_written")]
    assert written.index("limit_written") < written.index("failsafe_written")
    assert {line["error_number"] for line in bench.of_kind("answered")} == {0}
    machines = {code: s.machine for code, s in bench.station.limited.systems.items()}
    assert machines["lpc"].failsafe_w == 5_000
    assert machines["lpp"].failsafe_w == 1_000
    assert machines["lpc"].duration.seconds == machines["lpp"].duration.seconds == 10_800


@pytest.mark.parametrize(
    ("action", "value"),
    [("failsafe", -1.0), ("production_failsafe", -1.0), ("failsafe_duration", 60.0)],
    ids=["LPC-010", "LPP-010", "LPC-022/1"],
)
def test_failsafe_values_no_system_may_take_are_refused(
    bench: Bench, action: str, value: float
) -> None:
    bench.play("limit", 6_000.0)
    bench.play("production_limit", 6_000.0)
    bench.connect()
    bench.clear()
    bench.play(action, value)
    (answered,) = bench.of_kind("answered")
    assert answered["error_number"] == 7


@pytest.mark.parametrize("rule", ["LPC-911", "LPC-912"])
def test_silence_leads_to_the_failsafe_limit_within_120_s(bench: Bench, rule: str) -> None:
    bench.play(*(("release",) if rule == "LPC-911" else ("limit", 8_000.0)))
    bench.connect()
    bench.pass_time(30)
    bench.play("silence", math.inf)
    assert bench.of_kind("silent") == [{"event": "silent", "seconds": None}]
    bench.clear()
    bench.pass_time(60)
    assert bench.states[0] in (State.LIMITED, State.UNLIMITED_CONTROLLED)
    bench.pass_time(70)
    assert bench.states[0] is State.FAILSAFE
    assert bench.power_w == FAILSAFE_W
    bench.pass_time(300)
    assert not bench.of_kind("limit_written")


def test_silence_over_brings_heartbeat_and_limit_at_once(bench: Bench) -> None:
    bench.play("limit", 8_000.0)
    bench.connect()
    bench.play("silence", 150.0)
    bench.clear()
    bench.pass_time(149)
    assert bench.states[0] is State.FAILSAFE
    bench.pass_time(10)
    assert [line["error_number"] for line in bench.of_kind("answered")] == [0]
    assert bench.states[0] is State.LIMITED
    assert bench.power_w == 8_000


def test_a_peer_that_connects_during_silence_hears_nothing(bench: Bench) -> None:
    bench.play("limit", 8_000.0)
    bench.play("silence", 300.0)
    bench.connect()
    bench.pass_time(100)
    assert not bench.of_kind("limit_written")
    assert bench.states[0] is State.INIT


def test_what_is_required_holds_over_a_reconnection(bench: Bench) -> None:
    bench.play("limit", 5_000.0, duration_s=600.0)
    bench.connect()
    bench.pass_time(20)
    bench.disconnect()
    bench.pass_time(10)
    assert bench.states[0] is State.LIMITED
    bench.clear()
    bench.connect()
    (written,) = bench.of_kind("limit_written")
    assert (written["limit_w"], written["duration_s"]) == (5_000, 570)


def test_requirements_survive_a_restart_of_the_box(bench: Bench) -> None:
    requirements = Requirements()
    first = ControlBox(Bench().cem.host, 0.0, requirements=requirements)
    first.limit("lpc", 4_200.0, 0.0, 100.0)
    first.fall_silent(math.inf, 10.0)
    bench.guard = ControlBox(bench.cem.host, 30.0, requirements=first.requirements)
    bench.now = 60.0
    bench.connect()
    (written,) = bench.of_kind("limit_written")
    assert (written["limit_w"], written["duration_s"]) == (4_200, 40)


@pytest.mark.parametrize(("last_w", "commanded_w"), [(8_000.0, FAILSAFE_W), (4_150.0, 4_150.0)])
def test_a_wallbox_that_restarts_draws_no_more_than_failsafe_and_last_limit(
    bench: Bench, last_w: float, commanded_w: float
) -> None:
    bench.play("limit", last_w)
    bench.connect()
    bench.pass_time(20)
    after = Pair()
    station = Station(
        after.box.host,
        bench.model,
        Manufacturer(),
        bench.now,
        offer=LIMITED_ONLY,
        before=bench.station,
    )
    assert station.limited.systems["lpc"].machine.state is State.INIT
    assert bench.model.limits.consumption_w == commanded_w


def test_releases_come_at_once_on_a_desk_and_after_five_minutes_with_patience() -> None:
    for patient, at_once in ((False, True), (True, False)):
        bench = Bench(patient=patient)
        bench.play("limit", 4_200.0)
        bench.connect()
        bench.play("release")
        assert (bench.states[0] is State.UNLIMITED_CONTROLLED) is at_once
        assert bool(bench.of_kind("limit_deferred")) is not at_once
        bench.pass_time(301)
        assert bench.states[0] is State.UNLIMITED_CONTROLLED
        bench.play("limit", 4_000.0)
        assert bench.states[0] is State.LIMITED, "reductions never wait"


def test_steps_of_the_wallbox_are_not_for_the_control_box(bench: Bench) -> None:
    assert not bench.guard.apply(Step(0, "plug", True), bench.now)


def test_links_are_told(bench: Bench) -> None:
    bench.guard.link_up("a")
    bench.guard.link_down("a", "closed by the peer")
    assert list(bench.guard.take_lines()) == [
        {"event": "connected", "peer": "a"},
        {"event": "disconnected", "peer": "a", "text": "closed by the peer"},
    ]


def test_what_keeps_a_peer_from_being_connected_is_told_once(bench: Bench) -> None:
    list(bench.guard.take_lines())
    for text in ("refused", "refused", "no answer", "refused"):
        bench.guard.not_connected("z", text)
    assert [line["text"] for line in bench.guard.take_lines()] == [
        "refused",
        "no answer",
        "refused",
    ]
    bench.guard.link_up("z")
    bench.guard.not_connected("z", "refused")
    told = [line["event"] for line in bench.guard.take_lines()]
    assert told == ["connected", "not_connected"]


def test_the_wallbox_states_its_nominal_maximum_in_both_directions(bench: Bench) -> None:
    bench.connect()
    guard = bench.cem.host
    by_code = {c.use_case.code: c for c in guard.partners["box"].consumers.values()}
    for code, use_case in (("lpc", LPC), ("lpp", LPP)):
        readings = by_code[code].readings
        assert readings["nominal_max_w"].value == FULL_W, use_case
        assert "contractual_max_w" not in readings


def test_a_wallbox_offers_limits_only_where_it_may() -> None:
    pair = Pair()
    model = Wallbox(now=pair.now)
    station = Station(pair.box.host, model, Manufacturer(), pair.now, offer=("evsecc", "lpc"))
    assert set(station.limited.systems) == {"lpc"}
