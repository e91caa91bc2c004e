"""Requests and deletions of subscriptions and bindings (SPINE protocol 7.3, 7.4)."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.spine.events import RelationChanged, WriteRequested
from eebus_gw.spine.model.load_control import LoadControlLimitListDataType
from eebus_gw.spine.relations import MAX_RELATIONS_PER_PEER, Kind
from tests.support.wire import (
    MANAGEMENT,
    OWN,
    PEER,
    PEER_ENTITIES,
    PEER_FEATURES,
    Bench,
    Place,
    Plain,
    Sent,
    address,
    command,
    deletion,
    request,
    with_load_control,
)

GUARD: Place = ((1,), 2)
GENERIC: Place = ((1,), 3)
STRANGER = "d:_n:other_1"


class Box(Bench):
    """A device with one server feature and one client feature, and a peer that is known."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entity, self.limits = with_load_control(self.device)
        self.client = self.entity.feature("DeviceDiagnosis", "client")

    def table(self, kind: str) -> Any:
        """What the peer reads of the table."""
        said = self.receive("read", command(f"nodeManagement{kind.capitalize()}Data"))
        return said[0].data

    def number(self, said: list[Sent]) -> int | None:
        """The error number of the one result."""
        (one,) = said
        return one.error


@pytest.fixture
def box() -> Box:
    box = Box()
    box.discovered()
    return box


BOTH = pytest.mark.parametrize("kind", ["subscription", "binding"])


@BOTH
def test_a_relation_is_granted_listed_and_told(box: Box, kind: str) -> None:
    said = box.relate(kind, GUARD, box.limits, server_type="LoadControl")
    assert box.number(said) == 0
    (event,) = box.of(RelationChanged)
    assert (event.kind, event.granted, event.feature) == (Kind(kind), True, box.limits)
    assert event.client == (PEER, (1,), 2)
    assert box.table(kind) == {
        f"{kind}Entry": [
            {
                f"{kind}Id": 1,
                "clientAddress": address(PEER, GUARD),
                "serverAddress": address(OWN, ((1,), box.limits.number)),
            }
        ]
    }


@BOTH
def test_an_empty_table_has_no_list(box: Box, kind: str) -> None:
    assert box.table(kind) == []


@pytest.mark.parametrize(
    ("check", "kind", "call", "number"),
    [
        ("client device is another", "binding", {"client_device": STRANGER}, 7),
        ("server device is another", "binding", {"server_device": STRANGER}, 7),
        ("server feature is missing", "binding", {"server": ((1,), 99)}, 4),
        ("server entity is missing", "subscription", {"server": ((9,), 1)}, 4),
        ("server address without feature", "subscription", {"server": ((1,), None)}, 7),
        ("client address without feature", "subscription", {"client": ((1,), None)}, 7),
        ("server feature is a client", "subscription", {"server": ((1,), 2)}, 7),
        ("client feature is a server", "subscription", {"client": ((1,), 1)}, 7),
        ("client feature was never announced", "binding", {"client": ((1,), 99)}, 4),
        ("type differs", "subscription", {"server_type": "Measurement"}, 7),
        ("TC_SPINE_BIND_001", "binding", {"client": MANAGEMENT, "server": MANAGEMENT}, 7),
    ],
)
def test_a_relation_is_refused(
    box: Box, check: str, kind: str, call: dict[str, Any], number: int
) -> None:
    stated = {"client": GUARD, "server": ((1,), box.limits.number), **call}
    client, server = stated.pop("client"), stated.pop("server")
    said = box.receive("call", request(kind, client, server, **stated), ack=True)
    assert box.number(said) == number, check
    assert box.table(kind) == []
    assert not box.of(RelationChanged)


@pytest.mark.parametrize(
    ("check", "call"),
    [
        ("type is missing", {}),
        ("client device is missing", {"client_device": None}),
        ("server device is missing", {"server_device": None}),
        ("heartbeat subscribed by a Generic client", {"client": GENERIC}),
        ("TC_SPINE_SUBS_001", {"client": MANAGEMENT, "server": MANAGEMENT}),
    ],
)
def test_a_subscription_is_accepted(box: Box, check: str, call: dict[str, Any]) -> None:
    stated = {"client": GUARD, "server": ((1,), box.limits.number), **call}
    client, server = stated.pop("client"), stated.pop("server")
    said = box.receive("call", request("subscription", client, server, **stated), ack=True)
    assert box.number(said) == 0, check


@pytest.mark.parametrize(
    ("case", "kind"), [("TC_SPINE_RTS_001", "Bill"), ("TC_SPINE_RTS_002", "FlyingCarControl")]
)
def test_the_type_of_the_client_feature_does_not_matter(case: str, kind: str) -> None:
    box = Box()
    box.discovered(PEER_ENTITIES, {**PEER_FEATURES, ((1,), 7): (kind, "client")})
    for relation in ("subscription", "binding"):
        said = box.relate(relation, ((1,), 7), box.limits, server_type="LoadControl")
        assert box.number(said) == 0, case


def test_a_binding_holds_that_was_made_before_the_peer_is_known() -> None:
    early = Box()
    early.start()
    said = early.relate("binding", GUARD, early.limits, client_device=None)
    assert early.number(said) == 0
    place = ((1,), early.limits.number)
    write = command("loadControlLimitListData", {"loadControlLimitData": []})
    assert early.receive("write", write, source=GUARD, to=place) == []
    assert len(early.of(WriteRequested)) == 1


@BOTH
def test_asking_again_is_success_without_a_second_entry(box: Box, kind: str) -> None:
    box.relate(kind, GUARD, box.limits)
    box.forget()
    assert box.number(box.relate(kind, GUARD, box.limits, client_device=None)) == 0
    assert len(list(box.device.relations)) == 1
    assert not box.of(RelationChanged)


def test_a_second_client_is_refused_the_binding_but_not_the_subscription(box: Box) -> None:
    box.relate("binding", GUARD, box.limits)
    other = Bench(device=box.device, ski="other").discovered()
    (refused,) = other.relate("binding", GUARD, box.limits)
    (granted,) = other.relate("subscription", GUARD, box.limits)
    assert (refused.error, granted.error) == (7, 0)
    assert box.number(box.relate("binding", GENERIC, box.limits)) == 7


def test_too_many_relations_are_refused(box: Box) -> None:
    for number in range(MAX_RELATIONS_PER_PEER):
        feature = box.entity.feature(f"Kind{number}", "server")
        box.relate("subscription", GUARD, feature)
    assert box.number(box.relate("subscription", GUARD, box.limits)) == 3


@pytest.mark.parametrize(
    "call",
    [
        {"nodeManagementSubscriptionRequestCall": {}},
        {"nodeManagementBindingRequestCall": {"bindingRequest": {}}},
        {"nodeManagementBindingDeleteCall": {}},
        {"nodeManagementDetailedDiscoveryData": {}},
        {"loadControlLimitListData": {}},
    ],
)
def test_a_call_without_content_is_refused(box: Box, call: Plain) -> None:
    assert (box.number(box.receive("call", call)) or 0) > 0


# --- deletion -------------------------------------------------------------------------------------


def test_TC_SPINE_SUBS_002(box: Box) -> None:  # noqa: N802
    box.relate("subscription", MANAGEMENT, MANAGEMENT)
    delete = deletion("subscription", address(PEER, MANAGEMENT), address(OWN, MANAGEMENT))
    assert box.number(box.receive("call", delete, ack=True)) == 0
    assert box.table("subscription") == []
    assert box.number(box.receive("call", delete, ack=True)) == 0
    assert box.table("subscription") == []


def test_TC_SPINE_BIND_002(box: Box) -> None:  # noqa: N802
    box.relate("binding", GUARD, box.limits)
    place = ((1,), box.limits.number)
    delete = deletion("binding", address(PEER, GUARD), address(OWN, place))
    assert box.number(box.receive("call", delete, ack=True)) == 0
    assert box.table("binding") == []
    write = command("loadControlLimitListData", {"loadControlLimitData": [{"limitId": 0}]})
    assert box.number(box.receive("write", write, source=GUARD, to=place)) == 9
    (granted, ended) = box.of(RelationChanged)
    assert (granted.granted, ended.granted) == (True, False)


@pytest.mark.parametrize(
    ("meaning", "client", "server", "left"),
    [
        ("one relation", address(PEER, GUARD), "limits", {"generic-limits", "guard-other"}),
        ("all of one client entity", {"device": PEER, "entity": [1]}, "limits", {"guard-other"}),
        ("all between two entities", {"device": PEER, "entity": [1]}, "entity", set()),
        ("all between the devices", {"device": PEER}, {"device": OWN}, set()),
        ("client alone", address(PEER, GUARD), None, {"generic-limits"}),
        (
            "device of the client missing",
            address(None, GUARD),
            "limits",
            {"generic-limits", "guard-other"},
        ),
        ("no device at all", address(None, GUARD), "bare", {"generic-limits", "guard-other"}),
        (
            "nobody it fits",
            address(PEER, ((5,), 1)),
            "limits",
            {"guard-limits", "generic-limits", "guard-other"},
        ),
    ],
)
def test_what_a_deletion_covers(
    box: Box, meaning: str, client: Plain, server: Any, left: set[str]
) -> None:
    other = box.entity.feature("Measurement", "server")
    box.relate("subscription", GUARD, box.limits)
    box.relate("subscription", GENERIC, box.limits)
    box.relate("subscription", GUARD, other)
    places: dict[str, Plain] = {
        "limits": address(OWN, ((1,), box.limits.number)),
        "bare": address(None, ((1,), box.limits.number)),
        "entity": {"device": OWN, "entity": [1]},
    }
    target = places[server] if isinstance(server, str) else server
    said = box.receive("call", deletion("subscription", client, target), ack=True)
    assert box.number(said) == 0
    clients = {2: "guard", 3: "generic"}
    servers = {box.limits.number: "limits", other.number: "other"}
    rest = {
        f"{clients[r.client.feature or 0]}-{servers[r.server.feature or 0]}"
        for r in box.device.relations
    }
    assert rest == left, meaning


def test_a_deletion_by_number_means_that_relation(box: Box) -> None:
    box.relate("subscription", GUARD, box.limits)
    box.relate("subscription", GENERIC, box.limits)
    box.receive("call", deletion("subscription", {"device": PEER}, None, 1))
    assert [r.client.feature for r in box.device.relations] == [3]


def test_the_relations_of_others_cannot_be_deleted(box: Box) -> None:
    other = Bench(device=box.device, ski="other").discovered()
    other.relate("subscription", GUARD, box.limits)
    place = ((1,), box.limits.number)
    box.receive("call", deletion("subscription", address(PEER, GUARD), address(OWN, place)))
    box.receive("call", deletion("subscription", {"device": PEER}, {"device": OWN}))
    said = box.receive("call", deletion("subscription", address(STRANGER, GUARD), None))
    assert box.number(said) == 7
    assert len(list(box.device.relations)) == 1


@pytest.mark.parametrize("devices", [(OWN, PEER), (None, PEER), (OWN, None), (None, None)])
def test_the_peer_ends_a_relation_of_ours(box: Box, devices: tuple[str | None, str | None]) -> None:
    remote = box.session.remote.entities[(1,)].features[1]
    assert box.session.subscribe(box.client, remote, box.now) is not None
    box.drain()
    box.answer(box.last("call"), 0)
    assert box.session.subscribe(box.client, remote, box.now) is None
    client = address(devices[0], ((1,), box.client.number))
    delete = deletion("subscription", client, address(devices[1], ((1,), 1)))
    assert box.number(box.receive("call", delete, ack=True)) == 0
    assert box.session.subscribe(box.client, remote, box.now) is not None


# --- relations we ask for ---------------------------------------------------------------------------


def test_a_refused_relation_is_asked_for_again_only_when_the_peer_changed(box: Box) -> None:
    remote = box.session.remote.entities[(1,)].features[1]
    box.session.bind(box.client, remote, box.now)
    box.drain()
    box.answer(box.last("call"), 7)
    assert box.session.bind(box.client, remote, box.now) is None
    use_case = {"useCaseName": "anything", "scenarioSupport": [1]}
    changed = {"useCaseInformation": [{"actor": "CEM", "useCaseSupport": [use_case]}]}
    box.receive("notify", command("nodeManagementUseCaseData", changed))
    box.advance(0.1)
    assert box.session.bind(box.client, remote, box.now) is not None


def test_a_binding_the_peer_no_longer_knows_is_asked_for_again(box: Box) -> None:
    remote = box.session.remote.entities[(1,)].features[1]
    box.session.bind(box.client, remote, box.now)
    box.drain()
    box.answer(box.last("call"), 0)
    assert box.session.bind(box.client, remote, box.now) is None
    data = LoadControlLimitListDataType(load_control_limit_data=[])
    box.session.write(box.client, remote, "loadControlLimitListData", data, (), box.now)
    box.drain()
    box.answer(box.last("write"), 9)
    assert box.session.bind(box.client, remote, box.now) is not None
