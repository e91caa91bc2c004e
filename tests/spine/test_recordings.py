"""Recorded dialogues of the Go stack, with our session and host in the place of either peer.

What we ask, write, answer and tell is compared with what the recorded peer said, by meaning. Differences stand in
``tests/interop/differences.py``; there must be no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from eebus_gw.roles.events import Heartbeat, Update, WriteDone, Written
from eebus_gw.roles.host import Entity
from eebus_gw.roles.provider import Provider
from eebus_gw.spine import discovery
from eebus_gw.spine.events import Violation
from eebus_gw.spine.heartbeat import FUNCTION as HEARTBEAT
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import ACCEPTED, Answer, refused
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import LimitValue, OperatingState, PhaseLimits, Range
from tests.interop.differences import DIFFERENCES
from tests.spine.recording import BEGIN, Dialogue, Frame, Replay, named, place
from tests.support.host import HostBench
from tests.support.wire import Plain, Sent
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.limitation import LPC, LPP
from usecases.monitoring import MGCP, MPC

MANAGER = (EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV, LPC, LPP, MPC, MGCP)
GUARD = (LPC, LPP)
CAR = (EVCC, EVCEM, EVSOC, OPEV, OSCEV)
WALLBOX = (EVSECC, MPC, LPC, LPP)

CHARGING = Dialogue("cem-evse-charging", client="cem", server="evse")
CAR_FIRST = Dialogue("evse-dials-cem", client="evse", server="cem")
APPROVED = Dialogue("hello-pending-approved", client="evse", server="cem")
RECONNECTED = Dialogue("reconnect-after-close", client="cem", server="evse", begins=23.505)
LIMITS = Dialogue("controlbox-evse-lpc-lpp", client="controlbox", server="evse")
FIRST_GUARD = Dialogue("two-guards-one-evse", client="cem", server="evse")
SECOND_GUARD = Dialogue("two-guards-one-evse", client="controlbox", server="evse")
TESTBENCH = Dialogue("testbench-simulated-load", client="testbench", server="sim")


@dataclass(frozen=True)
class Case:
    """A recording with its client and server in the sense of use cases."""

    dialogue: Dialogue
    manager: str
    box: str
    use_cases: Sequence[UseCase] = MANAGER
    entity: str = "CEM"
    offers: Sequence[UseCase] = WALLBOX
    car: bool = False
    """Whether the car is there from the start."""
    timeout_s: float = 4.0

    @property
    def id(self) -> str:
        return f"{self.dialogue.recording}-{self.manager}"


CASES = (
    Case(CHARGING, "cem", "evse"),
    Case(CAR_FIRST, "cem", "evse", car=True),
    Case(APPROVED, "cem", "evse", car=True),
    Case(RECONNECTED, "cem", "evse", car=True),
    Case(LIMITS, "controlbox", "evse", GUARD, "GridGuard", timeout_s=10.0),
    Case(FIRST_GUARD, "cem", "evse"),
    Case(SECOND_GUARD, "controlbox", "evse", GUARD, "GridGuard"),
    Case(TESTBENCH, "testbench", "sim", (LPC, LPP, MPC, MGCP), "CEM", (LPC, MPC)),
)
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)

WISHES: dict[Dialogue, list[tuple[UseCase, str, Any]]] = {
    CHARGING: [
        (OPEV, "limit_a", PhaseLimits((10.0,) * 3, (True,) * 3)),
        (OSCEV, "limit_a", PhaseLimits((13.0,) * 3, (True,) * 3)),
        (OPEV, "limit_a", PhaseLimits((32.0,) * 3, (False,) * 3)),
        (LPC, "limit", LimitValue(4200, True, 600.0)),
    ],
    LIMITS: [
        (LPC, "limit", LimitValue(4200, True, 600.0)),
        (LPC, "limit", LimitValue(6000, True)),
        (LPC, "limit", LimitValue(0, False)),
        (LPC, "failsafe_w", 3700.0),
        (LPC, "failsafe_duration_s", 7200.0),
        (LPP, "limit", LimitValue(-5000, True, 900.0)),
        (LPC, "limit", LimitValue(1000, True)),
        (LPC, "limit", LimitValue(4200, True)),
    ],
    SECOND_GUARD: [(LPC, "limit", LimitValue(4200, True, 600.0))],
    TESTBENCH: [(LPC, "limit", LimitValue(6000, True, 8.0)), (LPC, "failsafe_w", 4000.0)],
}
"""What the recorded clients wrote, in order (README of the recordings)."""


class Manager(Replay):
    """We are the client: what the recorded one wrote is wished of us."""

    def __init__(self, case: Case) -> None:
        bench = HostBench(ski="box")
        entity = Entity(case.entity, tuple(case.use_cases), heartbeat_timeout_s=case.timeout_s)
        bench.host.add_entity(entity, bench.now)
        bench.host.announce()
        super().__init__(case.dialogue, case.manager, bench)
        self.wishes = iter(WISHES.get(case.dialogue, ()))
        self.writes: list[tuple[Sent, Sent]] = []
        """Recorded ones with ours."""

    def instead_of(self, frame: Frame) -> None:
        if frame.sent.classifier == "write":
            use_case, key, value = next(self.wishes)
            self.bench.host.write("box", use_case, use_case.point(key), value, self.bench.now)
            self._note(self.bench.drain())
            self.writes.append((frame.sent, self.times[-1][1]))

    def readings(self, until: float) -> dict[tuple[str, str], Any]:
        """The newest readings at a moment."""
        told = zip(self.bench.told_at, self.bench.told, strict=True)
        return {
            (event.consumer.use_case.code, event.point.key): event.reading.value
            for at, event in told
            if isinstance(event, Update) and at - BEGIN <= until
        }


class Box(Replay):
    """We are the server: values are published when the recorded one published them."""

    def __init__(self, case: Case, bench: HostBench | None = None) -> None:
        first = bench is None
        super().__init__(case.dialogue, case.box, bench or HostBench(ski="manager"))
        self.case = case
        self.refusing = False
        self.providers: dict[str, Provider] = {}
        self.script = published(case)
        self.car: LocalEntity | None = None
        if not first:
            return
        host = self.bench.host
        self.evse = host.add_entity(Entity("EVSE"), self.bench.now)
        for use_case in case.offers:
            self._provide(use_case, self.evse)
        host.heartbeats.start(self.evse, case.timeout_s, self.bench.now)
        if case.car:
            self._plug()
        host.announce()

    def before(self, frame: Frame) -> None:
        due = [entry for entry in self.script if entry[0] <= frame.at]
        self.script = self.script[len(due) :]
        for _, code, key, value in due:
            provider = self.providers.get(code)
            point = provider.use_case.point(key) if provider is not None else None
            if provider is not None and point is not None and not point.writable:
                self.bench.host.put(provider, point, value)
        answers = recorded_answers(self.dialogue, self.us, frame)
        self.refusing = [each.error for each in answers] == [7]

    def instead_of(self, frame: Frame) -> None:
        if frame.sent.function != discovery.DISCOVERY or not frame.sent.filters:
            return
        change = frame.sent.data["entityInformation"][0]["description"]["lastStateChange"]
        if change == "added":
            self._plug()
            assert self.car is not None
            self.bench.host.announce(self.car)
        elif self.car is not None:
            self.bench.host.remove_entity(self.car)
            for use_case in CAR:
                del self.providers[use_case.code]

    def data(self, tree: Plain, frame: Frame) -> Plain:
        """Identifiers in a write are those of the recorded server: ours stand for the same."""
        if frame.sent.classifier != "write":
            return tree
        known = identifiers(self.case)
        numbers: dict[int, int] = {}
        target, function = self.recorded_us.name(place(frame.sent.to)), frame.sent.function
        for code, provider in self.providers.items():
            shelf = Shelf(self.bench.device, provider.entity)
            for point in provider.points:
                if point.writable and target == _home(provider, point, function):
                    theirs, ours = known.get((code, point.key)), point.locate(shelf)
                    numbers |= dict(zip(_flat(theirs), _flat(ours), strict=True))
        renumbered: Plain = _renumbered(tree, numbers)
        return renumbered

    def _plug(self) -> None:
        host = self.bench.host
        self.car = host.add_entity(Entity("EV"), self.bench.now, parent=self.evse.path)
        for use_case in CAR:
            self._provide(use_case, self.car)

    def _provide(self, use_case: UseCase, entity: LocalEntity) -> None:
        """With the first values from the start, as the recorded server had them."""
        scenarios = (1, 2, 3) if use_case is MPC else None
        provider = self.bench.host.provide(use_case, entity, self.bench.now, scenarios=scenarios)
        provider.decide = self._decide
        self.providers[use_case.code] = provider
        first: dict[str, Any] = {}
        for _, code, key, value in published(self.case):
            if code == use_case.code:
                first.setdefault(key, value)
        for key, value in first.items():
            provider.put(use_case.point(key), value)

    def _decide(self, point: Point[Any], value: Any) -> Answer:
        return refused("limit not accepted") if self.refusing else ACCEPTED


def _home(provider: Provider, point: Point[Any], function: str) -> str | None:
    """The feature of a function of a point, in words."""
    for use in point.uses:
        if use.function.name == function:
            return f"{provider.entity.type}.{use.function.feature}"
    return None


def _flat(found: Any) -> list[int]:
    return [each for each in (found if isinstance(found, tuple) else (found,)) if each is not None]


def _renumbered(tree: Any, numbers: dict[int, int]) -> Any:
    if isinstance(tree, dict):
        return {
            name: numbers.get(value, value)
            if name in ("limitId", "keyId")
            else _renumbered(value, numbers)
            for name, value in tree.items()
        }
    return [_renumbered(each, numbers) for each in tree] if isinstance(tree, list) else tree


@cache
def manager(case: Case) -> Manager:
    replay = Manager(case)
    replay.run()
    return replay


@cache
def box(case: Case) -> Box:
    beside = None
    if case.dialogue is SECOND_GUARD:
        first = next(each for each in CASES if each.dialogue is FIRST_GUARD)
        beside = HostBench(ski="second", beside=box(first).bench)
        beside.now = BEGIN
    replay = Box(case, beside)
    replay.run()
    return replay


@cache
def published(case: Case) -> list[tuple[float, str, str, Any]]:
    """When the recorded server published what, as our client understood it."""
    bench = manager(case).bench
    return [
        (at - BEGIN, event.consumer.use_case.code, event.point.key, event.reading.value)
        for at, event in zip(bench.told_at, bench.told, strict=True)
        if isinstance(event, Update) and event.point.key != "heartbeat"
    ]


def identifiers(case: Case) -> dict[tuple[str, str], Any]:
    """Where the recorded server keeps its writable points."""
    partner = manager(case).bench.host.partners["box"]
    return {
        (consumer.use_case.code, point.key): point.locate(consumer.entity)
        for consumer in partner.consumers.values()
        for point in consumer.points
        if point.writable
    }


def recorded_answers(dialogue: Dialogue, us: str, frame: Frame) -> list[Sent]:
    return [
        each.sent
        for each in dialogue.frames()
        if each.sender == us and each.sent.reference == frame.sent.counter
    ]


# --- differences ------------------------------------------------------------------------------------

Pair = tuple[str, str, str]


def request_differences(replay: Replay) -> set[Pair]:
    ours, recorded = set(replay.requests()), set(replay.recorded_requests())
    missing = {("request", words, "") for words in recorded - ours}
    return missing | {("request", "", words) for words in ours - recorded}


def answer_differences(replay: Replay) -> set[Pair]:
    found = set()
    for frame in replay.dialogue.frames():
        if frame.sender == replay.us or frame.sent.classifier not in ("read", "write", "call"):
            continue
        recorded = _answers(frame, recorded_answers(replay.dialogue, replay.us, frame))
        ours = _answers(frame, replay.answers[frame.sent.counter])
        if recorded != ours:
            found.add(("answer", recorded, ours))
    return found


def _answers(frame: Frame, said: Sequence[Sent]) -> str:
    words = ["reply" if each.classifier == "reply" else f"result {each.error}" for each in said]
    return f"{frame.sent.function}: {', '.join(words)}"


def write_differences(replay: Manager) -> set[Pair]:
    return {
        ("write", f"limit {_watts(recorded)} W", f"limit {_watts(ours)} W")
        for recorded, ours in replay.writes
        if (recorded.filters, recorded.data) != (ours.filters, ours.data)
    }


def _watts(sent: Sent) -> int:
    (entry,) = sent.data["loadControlLimitData"]
    number: int = entry["value"]["number"]
    return number


def notify_differences(replay: Replay) -> set[Pair]:
    """By function: how it was told; a function that only one of the two told about is a difference, too."""
    ours = _told(
        ((s, named(replay.bench.device)) for _, s in replay.times if s.classifier == "notify")
    )
    recorded = _told(
        (f.sent, replay.recorded_us.features)
        for f in replay.dialogue.frames()
        if f.sender == replay.us and f.sent.classifier == "notify"
    )
    found = set()
    for function in ours.keys() | recorded.keys():
        mine, theirs = ours.get(function, set()), recorded.get(function, set())
        if mine - theirs or (theirs and not mine):
            found.add(("notify", _form(function, theirs), _form(function, mine - theirs)))
    return found


def _told(notifies: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sent, names in notifies:
        entity = place(sent.source)
        words = names.get(entity, "EV.gone" if len(entity[0]) > 1 else str(entity))
        form = " partial" if sent.filters else ""
        found.setdefault(f"{words} {sent.function}", set()).add(form)
    return found


def _form(function: str, forms: set[str]) -> str:
    return " and ".join(f"{function}{form}" for form in sorted(forms))


def order_differences(replay: Replay) -> set[Pair]:
    """Result and notify of an accepted write."""
    sequences = {
        "recorded": [f.sent for f in replay.dialogue.frames() if f.sender == replay.us],
        "ours": [sent for _, sent in replay.times],
    }
    found = {}
    for name, said in sequences.items():
        for before, after in pairwise(said):
            kinds = {before.classifier, after.classifier}
            if kinds == {"notify", "result"} and before.source == after.source:
                found[name] = f"{before.classifier}, {after.classifier}"
    if len(set(found.values())) < 2:
        return set()
    return {("order", found["recorded"], found["ours"])}


def differences(case: Case) -> set[Pair]:
    client, server = manager(case), box(case)
    return (
        request_differences(client)
        | answer_differences(client)
        | write_differences(client)
        | notify_differences(client)
        | request_differences(server)
        | answer_differences(server)
        | notify_differences(server)
        | order_differences(server)
    )


@ALL
def test_there_are_no_other_differences(case: Case) -> None:
    assert differences(case) <= {each.pair for each in DIFFERENCES}


def test_every_difference_occurs() -> None:
    found = set().union(*(differences(case) for case in CASES))
    assert {each.pair for each in DIFFERENCES} == found


@ALL
def test_nothing_recorded_breaks_a_rule_for_us(case: Case) -> None:
    violations = [e for e in manager(case).bench.events if isinstance(e, Violation)]
    assert violations == []
    refused_here = [str(e.error) for e in box(case).bench.events if isinstance(e, Violation)]
    assert all(
        "does not offer" in text or "bound" in text or "binding" in text for text in refused_here
    )


# --- as client: what we understood ----------------------------------------------------------------------


def test_a_charging_car_is_read_as_it_was_recorded() -> None:
    replay = manager(CASES[0])
    early = replay.readings(until=2.9)
    assert early[("evsecc", "manufacturer")].serial_number == "000001"
    assert early[("lpc", "failsafe_w")] == 4200.0
    assert not [key for key in early if key[0] == "evcc"]
    plugged = replay.readings(until=3.95)
    assert plugged[("evcc", "standard")] == "iso15118-2ed2"
    assert plugged[("evcc", "asymmetric")] is False
    assert plugged[("evcc", "power_range_w")] == Range(4140.0, 22080.0, 100.0)
    assert plugged[("evcem", "current_a")] == (15.6, 15.6, 15.6)
    assert plugged[("evcem", "energy_wh")] == 2.99
    assert plugged[("evsoc", "soc_percent")] == 42.01
    assert plugged[("opev", "range_a")].phases[0] == Range(6.0, 32.0, 0.1)
    limited = replay.readings(until=6.5)
    assert limited[("opev", "limit_a")].amperes == (10.0, 10.0, 10.0)
    assert limited[("opev", "limit_a")].active == (True, True, True)
    assert replay.readings(until=10.5)[("opev", "limit_a")].active == (False, False, False)
    assert replay.readings(until=12.5)[("lpc", "limit")] == LimitValue(4200.0, True, 600.0)
    assert replay.readings(until=14.5)[("evcc", "operating_state")] == OperatingState("standby")


@pytest.mark.parametrize(
    ("case", "errors"),
    [(CASES[0], [0] * 4), (CASES[4], [0] * 6 + [7, 0]), (CASES[6], [9]), (CASES[7], [0, 0])],
    ids=lambda value: value.id if isinstance(value, Case) else "",
)
def test_our_writes_end_as_the_recorded_ones(case: Case, errors: list[int]) -> None:
    done = manager(case).bench.heard(WriteDone)
    assert [each.error_number for each in done] == errors


@pytest.mark.parametrize("case", [CASES[0], CASES[4], CASES[7]], ids=lambda case: case.id)
def test_recorded_heartbeats_are_heard(case: Case) -> None:
    replay = manager(case)
    recorded = [f for f in replay.dialogue.frames() if f.sender == replay.peer and _is_beat(f.sent)]
    assert len(replay.bench.heard(Heartbeat)) == len(recorded) > 2


def _is_beat(sent: Sent) -> bool:
    return sent.function == HEARTBEAT and sent.classifier in ("notify", "reply")


# --- as server: what we were asked for ------------------------------------------------------------------


def asked(case: Case) -> list[tuple[str, str, Any, bool]]:
    return [
        (w.provider.use_case.code, w.point.key, w.value, w.answer.accepted)
        for w in box(case).bench.heard(Written)
    ]


def test_recorded_curtailments_reach_the_car() -> None:
    on, off = (True,) * 3, (False,) * 3
    assert asked(CASES[0]) == [
        ("opev", "limit_a", PhaseLimits((10.0,) * 3, on), True),
        ("oscev", "limit_a", PhaseLimits((13.0,) * 3, on), True),
        ("opev", "limit_a", PhaseLimits((32.0,) * 3, off), True),
        ("lpc", "limit", LimitValue(4200.0, True, 600.0), True),
    ]


def test_recorded_limits_reach_the_wallbox() -> None:
    assert asked(CASES[4]) == [
        ("lpc", "limit", LimitValue(4200.0, True, 600.0), True),
        ("lpc", "limit", LimitValue(6000.0, True), True),
        ("lpc", "limit", LimitValue(0.0, False), True),
        ("lpc", "failsafe_w", 3700.0, True),
        ("lpc", "failsafe_duration_s", 7200.0, True),
        ("lpp", "failsafe_duration_s", 7200.0, True),
        ("lpp", "limit", LimitValue(5000.0, True, 900.0), True),
        ("lpc", "limit", LimitValue(1000.0, True), False),
        ("lpc", "limit", LimitValue(4200.0, True), True),
    ]


def test_the_second_guard_writes_nothing() -> None:
    assert box(CASES[6]).bench.heard(Written) == []
    assert box(CASES[5]).bench.heard(Written) == []
