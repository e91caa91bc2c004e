"""Cases of the SPINE test specification that concern whole devices: guards that return, tolerance of descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.roles.events import GuardChanged, Update, WriteDone
from eebus_gw.roles.guards import Guard
from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.values import LimitValue
from tests.support.host import HostBench
from tests.support.wire import (
    DIAGNOSIS,
    DISCOVERY,
    MANAGEMENT,
    PARTIAL,
    PEER,
    PEER_FEATURES,
    USE_CASES,
    Place,
    Plain,
    Sent,
    command,
    discovery_of,
)
from usecases.limitation import LPC
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction, Settings

SUBSCRIBE = "nodeManagementSubscriptionRequestCall"
BEAT = "deviceDiagnosisHeartbeatData"


class System(HostBench):
    """Our controllable system, and a device with guards."""

    def __init__(self) -> None:
        super().__init__()
        self.entity: LocalEntity = self.host.device.add_entity("EVSE")
        self.behaviour = ControllableSystem(Direction.CONSUME, settings=Settings())
        self.host.provide(LPC, self.entity, self.now, behaviour=self.behaviour)
        self.host.announce()
        limits = self.entity.server("LoadControl")
        assert limits is not None
        self.limits = limits

    def guards(self, *paths: tuple[int, ...]) -> System:
        """The peer has energy guards at these entities."""
        entities: dict[tuple[int, ...], str] = {(0,): "DeviceInformation"}
        features: dict[Place, tuple[Any, ...]] = {MANAGEMENT: PEER_FEATURES[MANAGEMENT]}
        for path in paths:
            entities[path] = "GridGuard"
            features[path, 1] = ("DeviceDiagnosis", "server", DIAGNOSIS)
            features[path, 2] = ("LoadControl", "client")
        guard = {"useCaseName": LPC.name, "useCaseVersion": "1.0.0", "scenarioSupport": [1, 2, 3]}
        announced = [
            {
                "address": {"device": PEER, "entity": list(path)},
                "actor": "EnergyGuard",
                "useCaseSupport": [guard],
            }
            for path in paths
        ]
        self.discovered(entities, features, {"useCaseInformation": announced})
        return self

    def followed(self) -> list[Any]:
        """Entities of the peer whose diagnosis we subscribed."""
        calls = [s.data["subscriptionRequest"] for s in self.sent if s.function == SUBSCRIBE]
        entities = [call["serverAddress"]["entity"] for call in calls]
        return [entity for entity in entities if entity != [0]]

    def beat(self, path: tuple[int, ...], counter: int = 1) -> None:
        self.receive("notify", command(BEAT, {"heartbeatCounter": counter}), source=(path, 1))

    def limit(self, path: tuple[int, ...], watts: int) -> int | None:
        entry = {
            "limitId": 0,
            "isLimitActive": True,
            "timePeriod": {"endTime": "PT10M"},
            "value": {"number": watts, "scale": 0},
        }
        data = command("loadControlLimitListData", {"loadControlLimitData": [entry]}, PARTIAL)
        place: Place = (self.limits.entity, self.limits.number)
        said = self.receive("write", data, source=(path, 2), to=place, ack=True)
        return next(s.error for s in said if s.classifier == "result")


def test_TC_SPINE_RTS_003() -> None:  # noqa: N802
    system = System().guards((1,), (2,))
    assert system.followed() == []
    system.relate("binding", ((2,), 2), system.limits)
    assert system.followed() == [[2]]
    assert system.host.guards.of((1,)) == Guard("peer", (2,))


def test_only_the_heartbeat_of_the_guard_counts() -> None:
    system = System().guards((1,), (2,))
    system.relate("binding", ((2,), 2), system.limits)
    system.beat((1,))
    assert system.limit((2,), 4200) == 7
    system.beat((2,))
    assert system.limit((2,), 4200) == 0
    assert system.limit((1,), 4200) == 9


def test_TC_SPINE_ENTITY_002() -> None:  # noqa: N802
    system = System().guards((1,))
    system.relate("binding", ((1,), 2), system.limits)
    assert system.followed() == [[1]]
    system.session.close(system.now)
    system.host.link_down("peer", system.now)
    system.now += 5
    system.session = Session(system.device, "peer")
    system.sent.clear()
    system.guards((3,))
    system.relate("binding", ((3,), 2), system.limits)
    assert system.followed() == [[3]]
    changes = [(g.guard, g.present) for g in system.heard(GuardChanged)]
    assert changes == [((1,), True), ((1,), False), ((3,), True)]
    system.beat((3,))
    assert system.limit((3,), 4200) == 0


def test_a_read_shows_the_time_that_remains() -> None:
    system = System().guards((1,))
    system.relate("binding", ((1,), 2), system.limits)
    system.relate("subscription", ((1,), 2), system.limits)
    system.beat((1,))
    assert system.limit((1,), 4200) == 0
    for _ in range(3):
        system.advance(50)
        system.beat((1,))
    system.forget()
    place: Place = (system.limits.entity, system.limits.number)
    said = system.receive("read", command("loadControlLimitListData"), source=((1,), 2), to=place)
    assert [s.classifier for s in said] == ["reply"]
    (entry,) = said[0].data["loadControlLimitData"]
    assert entry["timePeriod"] == {"endTime": "PT7M30S"}
    system.advance(440)
    assert system.behaviour.machine.limit.active is False


# --- the guard's side -------------------------------------------------------------------------------

SYSTEM_FEATURES: dict[int, tuple[Any, ...]] = {
    1: (
        "LoadControl",
        "server",
        {"loadControlLimitDescriptionListData": "r", "loadControlLimitListData": "rwp"},
    ),
    2: ("DeviceDiagnosis", "server", DIAGNOSIS),
    3: ("DeviceDiagnosis", "client"),
}
DESCRIPTION: Plain = {
    "limitId": 3,
    "limitType": "signDependentAbsValueLimit",
    "limitCategory": "obligation",
    "limitDirection": "consume",
    "measurementId": 50,
    "unit": "W",
    "scopeType": "activePowerLimit",
}


class EnergyGuard(HostBench):
    """Our energy guard, and a controllable system at an address that may change."""

    def __init__(self) -> None:
        super().__init__()
        self.client([LPC], "GridGuard")

    def system(
        self,
        path: tuple[int, ...],
        limit_id: int,
        *,
        shift: int = 0,
        available: bool | None = True,
        description: Plain | None = None,
        version: str = "1.3.0",
    ) -> None:
        """The peer answers everything; its features are numbered from ``shift`` on."""
        features: dict[Place, tuple[Any, ...]] = {
            (path, number + shift): feature for number, feature in SYSTEM_FEATURES.items()
        }
        features[MANAGEMENT] = PEER_FEATURES[MANAGEMENT]
        use_case: Plain = {"useCaseName": LPC.name, "scenarioSupport": [1, 3]}
        if available is not None:
            use_case["useCaseAvailable"] = available
        announced = {
            "address": {"device": PEER, "entity": list(path)},
            "actor": "ControllableSystem",
            "useCaseSupport": [use_case],
        }
        described = {**DESCRIPTION, "limitId": limit_id, **(description or {})}
        value = {"limitId": limit_id, "isLimitChangeable": True, "isLimitActive": False}
        answers: dict[str, Plain] = {
            DISCOVERY: discovery_of({(0,): "DeviceInformation", path: "EVSE"}, features),
            USE_CASES: {"useCaseInformation": [announced]},
            "loadControlLimitDescriptionListData": {"loadControlLimitDescriptionData": [described]},
            "loadControlLimitListData": {"loadControlLimitData": [value]},
        }
        self.start()
        answered: set[int] = set()
        while waiting := [s for s in self.sent if s.counter not in answered]:
            for asked in waiting:
                answered.add(asked.counter)
                if asked.classifier == "call":
                    self.answer(asked, 0, version=version)
                elif asked.classifier == "read":
                    self.reply_to(asked, answers.get(asked.function, {}), version=version)

    def limit(self, watts: float) -> Sent:
        self.host.write("peer", LPC, LPC.limit, LimitValue(watts, True), self.now)
        self.drain()
        return self.last("write")

    def come_back(self) -> None:
        self.session.close(self.now)
        self.host.link_down("peer", self.now)
        self.session = Session(self.device, "peer")
        self.now += 5
        self.sent.clear()


def written(sent: Sent) -> tuple[Any, Any, Any]:
    (entry,) = sent.data["loadControlLimitData"]
    return sent.to["entity"], sent.to["feature"], entry["limitId"]


def test_TC_SPINE_ENTITY_001() -> None:  # noqa: N802
    guard = EnergyGuard()
    guard.system((1,), 0)
    assert written(guard.limit(4200)) == ([1], 1, 0)
    guard.come_back()
    guard.system((2, 1), 7, shift=10)
    began = guard.now
    assert written(guard.limit(4200)) == ([2, 1], 11, 7)
    assert guard.now - began < 120


@pytest.mark.parametrize(
    ("case", "description", "version"),
    [
        ("TC_SPINE_RTC_001", {"label": "a limit"}, "1.3.0"),
        ("TC_SPINE_RTC_002", {"unknownElement": {"more": [1]}}, "1.999.999"),
    ],
)
def test_more_than_expected_in_a_description_is_ignored(
    case: str, description: Plain, version: str
) -> None:
    guard = EnergyGuard()
    guard.system((1,), 3, description=description, version=version)
    assert written(guard.limit(4200)) == ([1], 1, 3), case


@pytest.mark.parametrize("available", [True, False, None])
def test_TC_SPINE_RTC_003(available: bool | None) -> None:  # noqa: N802
    guard = EnergyGuard()
    guard.system((1,), 3, available=available)
    assert written(guard.limit(4200)) == ([1], 1, 3)
    assert [u.point.key for u in guard.heard(Update)] == ["limit"]


def test_a_guard_beats_as_soon_as_somebody_listens() -> None:
    guard = EnergyGuard()
    guard.system((1,), 3)
    guard.forget()
    feature = guard.device.entities[(1,)].server("DeviceDiagnosis")
    assert feature is not None
    said = guard.relate("subscription", ((1,), 3), feature)
    assert [(s.classifier, s.function) for s in said] == [
        ("result", "resultData"),
        ("notify", BEAT),
    ]


def test_what_a_refused_write_was_about_is_read_again() -> None:
    guard = EnergyGuard()
    guard.system((1,), 3)
    said = guard.answer(guard.limit(4200), 7)
    assert (said[0].classifier, said[0].function) == ("read", "loadControlLimitListData")
    (done,) = guard.heard(WriteDone)
    assert done.error_number == 7
