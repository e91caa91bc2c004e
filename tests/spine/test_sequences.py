"""Any messages in any order: nothing raises, everything owed is answered once, other peers notice nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eebus_gw.errors import NotConnected, NotReady
from eebus_gw.roles.consulting import FAILED
from eebus_gw.roles.host import Entity, Host
from eebus_gw.spine.datagram import decode_datagram
from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.values import Manufacturer, PhaseLimits
from tests.support.wire import (
    DELETE,
    DISCOVERY,
    MANAGEMENT,
    OWN,
    PARTIAL,
    PEER,
    USE_CASES,
    Place,
    Plain,
    address,
    command,
    deletion,
    discovery_of,
    payload,
    request,
    taken_apart,
)
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.limitation import LPC
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction, Settings
from usecases.monitoring import MGCP, MPC

START = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT = (EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV, LPC, MPC, MGCP)
CLIENT_FEATURE: Place = ((1,), 2)
PLACES: tuple[Place, ...] = (
    MANAGEMENT,
    *(((1,), number) for number in range(1, 7)),
    ((2,), 1),
    ((2,), 2),
    ((2,), 3),
    ((1, 1), 1),
    ((1, 1), 2),
    ((1, 1), 3),
    ((9,), 9),
    ((1,), None),
)
FUNCTIONS = {
    "loadControlLimitListData": "loadControlLimitData",
    "loadControlLimitDescriptionListData": "loadControlLimitDescriptionData",
    "measurementListData": "measurementData",
    "measurementDescriptionListData": "measurementDescriptionData",
    "electricalConnectionParameterDescriptionListData": "electricalConnectionParameterDescriptionData",
    "electricalConnectionPermittedValueSetListData": "electricalConnectionPermittedValueSetData",
    "electricalConnectionCharacteristicListData": "electricalConnectionCharacteristicData",
    "deviceConfigurationKeyValueListData": "deviceConfigurationKeyValueData",
    "deviceConfigurationKeyValueDescriptionListData": "deviceConfigurationKeyValueDescriptionData",
    "identificationListData": "identificationData",
    "deviceDiagnosisHeartbeatData": "",
    "deviceDiagnosisStateData": "",
    "deviceClassificationManufacturerData": "",
    "unknownFunctionListData": "unknownFunctionData",
    "resultData": "",
    DISCOVERY: "entityInformation",
    USE_CASES: "useCaseInformation",
    "nodeManagementSubscriptionData": "subscriptionEntry",
    "nodeManagementBindingData": "bindingEntry",
    "incentiveTableData": "incentiveTable",
}
EV_FEATURES: dict[Place, tuple[Any, ...]] = {
    MANAGEMENT: ("NodeManagement", "special", {DISCOVERY: "r", USE_CASES: "r"}),
    ((1,), 1): ("DeviceDiagnosis", "server", {"deviceDiagnosisStateData": "r"}),
    ((1,), 2): ("Generic", "client"),
    ((1, 1), 1): (
        "LoadControl",
        "server",
        {"loadControlLimitListData": "rwp", "loadControlLimitDescriptionListData": "r"},
    ),
    ((1, 1), 2): (
        "Measurement",
        "server",
        {"measurementListData": "r", "measurementDescriptionListData": "r"},
    ),
    ((1, 1), 3): (
        "ElectricalConnection",
        "server",
        {name: "r" for name in FUNCTIONS if name.startswith("electrical")},
    ),
}
EV_ENTITIES: dict[tuple[int, ...], str] = {
    (0,): "DeviceInformation",
    (1,): "EVSE",
    (1, 1): "EV",
}
WITHOUT_CAR = {path: kind for path, kind in EV_ENTITIES.items() if path != (1, 1)}


def announced(*use_cases: Any) -> Plain:
    return {
        "useCaseInformation": [
            {
                "actor": use_case.server.name,
                "useCaseSupport": [
                    {
                        "useCaseName": use_case.name,
                        "scenarioSupport": [s.number for s in use_case.scenarios],
                    }
                ],
            }
            for use_case in use_cases
        ]
    }


# --- what a peer may say ----------------------------------------------------------------------------

numbers = st.integers(-2, 12) | st.sampled_from([2**31, 2**63, 2**64, -(2**63), 10**30])
WORTH_A_TRY = ["", "value", "PT10S", "P1Y", "2026-01-01T00:00:00Z", "x" * 300, "\x00", "consume"]
scalars = st.none() | st.booleans() | numbers | st.floats() | st.sampled_from(WORTH_A_TRY)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["limitId", "value", "number", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = (
    "limitId", "measurementId", "electricalConnectionId", "parameterId", "keyId", "value",
    "isLimitActive", "isLimitChangeable", "scopeType", "limitCategory", "measurementType",
    "acMeasuredPhases", "timePeriod", "keyName", "permittedValueSet", "description",
    "errorNumber", "heartbeatCounter", "heartbeatTimeout", "operatingState", "actor",
    "useCaseSupport", "address",
)  # fmt: skip
WORDS = (
    "overloadProtection", "selfConsumption", "obligation", "recommendation", "acCurrent",
    "acPower", "current", "power", "a", "b", "c", "abc", "normalOperation", "PT4S", "EV",
)  # fmt: skip
plausible = (
    st.integers(0, 4)
    | st.booleans()
    | st.sampled_from(WORDS)
    | st.fixed_dictionaries({"number": st.integers(-50, 50), "scale": st.integers(-3, 3)})
    | st.fixed_dictionaries({"endTime": st.sampled_from(["PT10S", "PT0S", "P1M", "never"])})
)
entries = st.dictionaries(st.sampled_from(MEMBERS), plausible | junk, max_size=6)


@st.composite
def function_data(draw: st.DrawFn) -> Plain:
    name = draw(st.sampled_from(list(FUNCTIONS)))
    field_name = FUNCTIONS[name]
    if draw(st.integers(0, 9)) == 0:
        data: Any = draw(junk)
    elif field_name:
        data = {field_name: draw(st.lists(entries, max_size=4))}
    else:
        data = draw(entries)
    if draw(st.integers(0, 2)):
        return {name: data}
    selectors: Plain = {}
    if draw(st.booleans()):
        selectors[f"{name}Selectors"] = draw(entries)
    if draw(st.integers(0, 3)) == 0:
        selectors[f"{field_name or name}Elements"] = draw(entries)
    filters = draw(
        st.sampled_from([[PARTIAL], [DELETE], [{**DELETE, **selectors}, PARTIAL], [selectors]])
    )
    return command(name, data, *filters)


@st.composite
def call_data(draw: st.DrawFn) -> Plain:
    kind = draw(st.sampled_from(["subscription", "binding"]))
    client, server = draw(st.sampled_from(PLACES)), draw(st.sampled_from(PLACES))
    devices = st.sampled_from([PEER, OWN, None, "d:_n:x_1"])
    if draw(st.integers(0, 2)):
        return request(
            kind,
            client,
            server,
            client_device=draw(st.sampled_from([PEER, None])),
            server_device=draw(st.sampled_from([OWN, None])),
        )
    return deletion(kind, address(draw(devices), client), address(draw(devices), server))


topology = st.sampled_from(
    [
        {DISCOVERY: discovery_of(EV_ENTITIES, EV_FEATURES)},
        {DISCOVERY: discovery_of(WITHOUT_CAR, EV_FEATURES)},
        {DISCOVERY: {}},
        command(DISCOVERY, discovery_of({(1, 1): "EV"}, EV_FEATURES, changes={(1, 1): "added"}), PARTIAL),
        command(DISCOVERY, discovery_of({(1, 1): "EV"}, {}, changes={(1, 1): "removed"}), PARTIAL),
        command(DISCOVERY, discovery_of({(1,): "EVSE"}, {}, changes={(1,): "removed"}), PARTIAL),
        {DISCOVERY: discovery_of(EV_ENTITIES, EV_FEATURES, device="d:_n:other_1")},
        {USE_CASES: announced(EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV)},
        {USE_CASES: announced(EVSECC, MPC, LPC)},
        {USE_CASES: announced()},
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Message:
    classifier: str | None
    commands: list[Plain]
    source: Place
    to: Place
    back: int
    """A reference to one of the last messages of ours; 0 for none."""
    ack: bool | None
    version: str | None


def of_phases(**members: Any) -> list[Plain]:
    return [{**members, "measurementId": n, "parameterId": n, "limitId": n} for n in range(3)]


def amount(number: Any, scale: int = 0) -> Plain:
    return {"number": number, "scale": scale}


SENSIBLE: dict[str, list[Plain]] = {
    "measurementDescriptionListData": of_phases(measurementType="current", scopeType="acCurrent"),
    "electricalConnectionParameterDescriptionListData": [
        {**entry, "electricalConnectionId": 0, "acMeasuredPhases": phase}
        for entry, phase in zip(of_phases(), "abc", strict=True)
    ],
    "loadControlLimitDescriptionListData": of_phases(
        limitCategory="obligation", scopeType="overloadProtection"
    ),
    "loadControlLimitListData": of_phases(
        isLimitChangeable=True, isLimitActive=False, value=amount(16)
    ),
    "measurementListData": of_phases(valueType="value", value=amount(105, -1)),
    "electricalConnectionPermittedValueSetListData": [
        {
            "electricalConnectionId": 0,
            "parameterId": number,
            "permittedValueSet": [{"range": [{"min": amount(6), "max": amount(16)}]}],
        }
        for number in range(3)
    ],
}
MANGLED = (None, {}, [], amount(None), amount(2**63 - 1, 30), amount(1, -999), "text", -1, [[{}]])


@dataclass(frozen=True)
class Answer:
    """A reply or result to one of our last requests."""

    back: int
    error: int | None
    take: int
    """How many of the sensible entries."""
    member: str
    mangled: Any
    """What stands in the place of ``member`` of the first entry, if it has one."""


@dataclass(frozen=True)
class News:
    """A notify of the car."""

    function: str
    take: int
    member: str
    mangled: Any
    partial: bool


@dataclass(frozen=True)
class Limit:
    """A write of our consumption limit by the guard, if the peer is one."""

    watts: Any
    active: bool
    ack: bool | None


limits = st.builds(
    Limit,
    watts=st.sampled_from([amount(4200), amount(-1), amount(42, 2), *MANGLED]),
    active=st.booleans(),
    ack=st.sampled_from([None, True]),
)
takes = st.sampled_from([3, 3, 3, 1, 0])
members = st.sampled_from(["nothing", "nothing", *MEMBERS])
answers = st.builds(
    Answer,
    back=st.integers(1, 12),
    error=st.sampled_from([None, None, 0, 0, 1, 7, 9]),
    take=takes,
    member=members,
    mangled=st.sampled_from(MANGLED),
)
news = st.builds(
    News,
    function=st.sampled_from([*SENSIBLE, "deviceDiagnosisHeartbeatData"]),
    take=takes,
    member=members,
    mangled=st.sampled_from(MANGLED),
    partial=st.booleans(),
)


def sensible(function: str, take: int, member: str, mangled: Any) -> Plain:
    """Data of a function as a wallbox sends it, but for one member."""
    entries = [dict(entry) for entry in SENSIBLE.get(function, [])[:take]]
    if entries and member in entries[0]:
        entries[0][member] = mangled
    if function == "deviceDiagnosisHeartbeatData":
        return {"heartbeatCounter": take, "heartbeatTimeout": "PT4S"}
    return {FUNCTIONS.get(function) or "value": entries}


classifiers = st.sampled_from(["read", "write", "call", "notify", "reply", "result"])
messages = st.builds(
    Message,
    classifier=classifiers | st.sampled_from([None, "shout"]),
    commands=st.lists(function_data() | call_data() | topology, min_size=1, max_size=1)
    | st.lists(function_data(), max_size=3),
    source=st.sampled_from(PLACES),
    to=st.sampled_from(PLACES),
    back=st.integers(0, 30),
    ack=st.sampled_from([None, True, False]),
    version=st.sampled_from(["1.3.0", "1.3.0", "1.3.0", "1.1.1", None, "2.0.0"]),
)
likely = st.builds(
    Message,
    classifier=st.sampled_from(["reply", "notify"]),
    commands=st.lists(topology, min_size=1, max_size=1),
    source=st.just(MANAGEMENT),
    to=st.just(MANAGEMENT),
    back=st.integers(0, 3),
    ack=st.none(),
    version=st.just("1.3.0"),
)
actions = st.sampled_from(
    ["tick", "minute", "plug", "unplug", "write", "measure", "reconnect", "later"]
)
steps = st.lists(
    messages | likely | actions | answers | news | limits | answers | news, max_size=50
)
beginnings = st.sampled_from(["unknown", "known", "bound"])


# --- the device under test --------------------------------------------------------------------------


@dataclass
class Device:
    """A host with every role, one well-behaved peer, and one that says anything."""

    now: float = 100.0
    counter: int = 0
    sent: list[Any] = field(default_factory=list)
    plugged: LocalEntity | None = None

    def __post_init__(self) -> None:
        self.device = LocalDevice(OWN, "Generic")
        self.host = Host(self.device, Manufacturer(), self.wall)
        self.host.add_entity(Entity("CEM", CLIENT), self.now)
        self.evse = self.host.add_entity(Entity("EVSE"), self.now)
        self.host.provide(EVSECC, self.evse, self.now)
        system = ControllableSystem(Direction.CONSUME, settings=Settings())
        self.lpc = self.host.provide(LPC, self.evse, self.now, behaviour=system)
        self.mpc = self.host.provide(MPC, self.evse, self.now)
        self.host.announce()
        self.good = Session(self.device, "good")
        self.host.link_up("good", self.good, self.now)
        self.good.start(self.now)
        for relation in ("subscription", "subscription"):
            self.good.receive(
                payload("call", request(relation, MANAGEMENT, MANAGEMENT), ack=True), self.now
            )
        self.settle()
        self.bad = Session(self.device, "bad")
        self.connect()

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def connect(self) -> None:
        self.bad.close(self.now)
        self.settle()
        self.host.link_down("bad", self.now)
        self.bad = Session(self.device, "bad")
        self.host.link_up("bad", self.bad, self.now)
        self.bad.start(self.now)
        self.sent = []
        self.settle()

    def settle(self) -> list[Any]:
        """Until nothing moves any more, as a link does it; what the bad peer was told."""
        said = []
        busy = True
        while busy:
            busy = False
            for ski, session in (("good", self.good), ("bad", getattr(self, "bad", None))):
                if session is None:
                    continue
                while (event := session.next_event()) is not None:
                    self.host.session_event(ski, session, event, self.now)
                    busy = True
                for tree in session.to_send():
                    busy = True
                    decode_datagram(tree)
                    if ski == "bad":
                        said.append(taken_apart(tree))
            while (told := self.host.next_event()) is not None:
                busy = True
                assert getattr(told, "name", "") != FAILED, told
            self.host.take_touched()
        self.sent += said
        return said

    def advance(self, seconds: float) -> None:
        target = self.now + seconds
        while True:
            moments = [c.next_deadline() for c in (self.host, self.good, self.bad)]
            due = [at for at in moments if at is not None and at <= target]
            if not due:
                break
            self.now = max(self.now, min(due))
            for core in (self.host, self.good, self.bad):
                core.handle_timer(self.now)
            self.settle()
        self.now = target

    def act(self, action: str) -> None:
        match action:
            case "tick":
                self.advance(0.1)
            case "minute":
                self.advance(61.0)
            case "plug" if self.plugged is None:
                car = Entity("EV")
                self.plugged = self.host.add_entity(car, self.now, parent=self.evse.path)
                self.host.provide(OPEV, self.plugged, self.now)
                self.host.announce(self.plugged)
            case "unplug" if self.plugged is not None:
                self.host.remove_entity(self.plugged)
                self.plugged = None
            case "write":
                try:
                    limits = PhaseLimits((10.0, 10.0, 10.0))
                    self.host.write("bad", OPEV, OPEV.limit_a, limits, self.now)
                except (NotReady, NotConnected):
                    pass
            case "measure":
                self.host.put(self.mpc, MPC.power_w, self.now)
            case "reconnect":
                self.connect()
        if action != "later":
            self.settle()

    def begin(self, beginning: str) -> None:
        """How far the peer is before the script begins."""
        if beginning == "unknown":
            return
        everything = announced(EVSECC, EVCC, EVCEM, OPEV, OSCEV)
        for data in ({DISCOVERY: discovery_of(EV_ENTITIES, EV_FEATURES)}, {USE_CASES: everything}):
            self.hear(Message("notify", [data], MANAGEMENT, MANAGEMENT, 0, None, "1.3.0"))
        assert self.host.partners["bad"].consumers
        if beginning == "bound":
            limits = self.evse.server("LoadControl")
            assert limits is not None
            place = (limits.entity, limits.number)
            self.answer_reads()
            for kind in ("binding", "subscription"):
                call = request(kind, CLIENT_FEATURE, place)
                self.hear(Message("call", [call], MANAGEMENT, MANAGEMENT, 0, True, "1.3.0"))
            assert self.host.guards.of(self.evse.path) is not None

    def answer_reads(self) -> None:
        """The peer answers everything sensibly."""
        asked = [s for s in self.sent if s.classifier == "read"]
        for back in range(len(asked), 0, -1):
            self.answer(Answer(back, None, 3, "", None))
        assert self.host.get("bad", OPEV, OPEV.limit_a) is not None

    def answer(self, step: Answer) -> None:
        asked = [s for s in self.sent if s.classifier in ("read", "write", "call")]
        if len(asked) < step.back:
            return
        question = asked[-step.back]
        data = sensible(question.function, step.take, step.member, step.mangled)
        said = command(question.function, data)
        if step.error is not None or question.classifier != "read":
            said = command("resultData", {"errorNumber": step.error or 0})
        self.counter += 1
        kind = "result" if "resultData" in said else "reply"
        source = (tuple(question.to["entity"]), question.to["feature"])
        to = (tuple(question.source["entity"]), question.source["feature"])
        tree = payload(
            kind, said, source=source, to=to, counter=self.counter, reference=question.counter
        )
        self.bad.receive(tree, self.now)
        assert not [s for s in self.settle() if s.reference == self.counter]

    def notify(self, step: News) -> None:
        data = sensible(step.function, step.take, step.member, step.mangled)
        kind = {"loadC": 1, "measu": 2, "elect": 3}.get(step.function[:5])
        source: Place = ((1,), 1) if kind is None else ((1, 1), kind)
        said = command(step.function, data, *([PARTIAL] if step.partial else []))
        self.hear(Message("notify", [said], source, ((1,), 1), 0, None, "1.3.0"))

    def limit(self, step: Limit) -> None:
        limits = self.evse.server("LoadControl")
        assert limits is not None
        entry = {"limitId": 0, "isLimitActive": step.active, "value": step.watts}
        data = command("loadControlLimitListData", {"loadControlLimitData": [entry]}, PARTIAL)
        place = (limits.entity, limits.number)
        self.hear(Message("write", [data], CLIENT_FEATURE, place, 0, step.ack, "1.3.0"))

    def hear(self, message: Message) -> None:
        self.counter += 1
        reference = None
        if message.back and message.back <= len(self.sent):
            reference = self.sent[-message.back].counter
        tree = payload(
            message.classifier,
            *message.commands,
            source=message.source,
            to=message.to,
            counter=self.counter,
            reference=reference,
            ack=message.ack,
            version=message.version,
        )
        self.bad.receive(tree, self.now)
        said = self.settle()
        answers = [s for s in said if s.reference == self.counter]
        assert all(s.classifier in ("reply", "result") for s in answers)
        self.check(message, answers)

    def check(self, message: Message, answers: list[Any]) -> None:
        match message.classifier:
            case "read":
                assert len(answers) == 1
            case "write" | "call":
                assert len(answers) == (1 if message.ack else len(answers)) <= 1
                assert all(a.classifier == "result" for a in answers)
                assert message.ack or all(a.error for a in answers)
            case "notify":
                assert len(answers) == (1 if message.ack else 0)
            case "reply":
                assert [a.error for a in answers] in ([], [0])
            case "result":
                assert answers == []
            case _:
                (answer,) = answers
                assert answer.error


@example("bound", ["write", "reconnect"])
@example(
    "bound",
    [
        News("deviceDiagnosisHeartbeatData", 1, "", None, False),
        Limit(amount(2**63 - 1, 30), False, True),
    ],
)
@given(beginnings, steps)
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_sequence(beginning: str, script: list[Message | Answer | News | Limit | str]) -> None:
    device = Device()
    device.begin(beginning)
    described = {
        name: feature.data[name]
        for feature in device.evse.features.values()
        for name in feature.data
        if "Description" in name
    }
    relations = [r for r in device.device.relations if r.peer == "good"]
    for step in script:
        if isinstance(step, str):
            device.act(step)
        elif isinstance(step, Answer):
            device.answer(step)
        elif isinstance(step, News):
            device.notify(step)
        elif isinstance(step, Limit):
            device.limit(step)
        else:
            device.hear(step)
    counters = [each.counter for each in device.sent]
    assert counters == sorted(set(counters))
    assert Counter(r.peer for r in device.device.relations)["good"] == len(relations)
    assert device.good.remote.entities == {}
    assert sorted(device.device.entities)[:3] == [(0,), (1,), (2,)]
    for feature in device.evse.features.values():
        for name, data in feature.data.items():
            assert described.get(name, data) == data
    device.bad.close(device.now)
    device.host.link_down("bad", device.now)
    assert {r.peer for r in device.device.relations} <= {"good"}
    assert "bad" not in device.host.partners
