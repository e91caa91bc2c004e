"""Detailed discovery and use cases, both directions (SPINE protocol 7.1, 7.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from eebus_gw.spine import discovery
from eebus_gw.spine.events import EntityAdded, EntityRemoved, Settled, Violation
from eebus_gw.spine.local import LocalUseCase
from tests.support.wire import (
    DISCOVERY,
    MANAGEMENT,
    OWN,
    PARTIAL,
    PEER,
    PEER_ENTITIES,
    PEER_FEATURES,
    USE_CASES,
    Bench,
    Place,
    Plain,
    Sent,
    command,
    discovery_of,
    with_load_control,
)

EV: dict[tuple[int, ...], str] = {(1, 1): "EV"}
EV_FEATURES: dict[Place, tuple[Any, ...]] = {
    ((1, 1), 1): ("Measurement", "server", {"measurementListData": "rp"}),
}
EVSE: dict[tuple[int, ...], str] = {(0,): "DeviceInformation", (1,): "EVSE"}
EVSE_FEATURES: dict[Place, tuple[Any, ...]] = {
    MANAGEMENT: PEER_FEATURES[MANAGEMENT],
    ((1,), 1): ("DeviceDiagnosis", "server", {"deviceDiagnosisStateData": "r"}),
}
VERSION = re.compile(r"[1-9][0-9]*\.[0-9]+\.[0-9]+")


@pytest.fixture
def bench() -> Bench:
    return Bench().discovered(EVSE, EVSE_FEATURES)


def announce(bench: Bench, *, full: bool = False, **changes: str) -> list[Sent]:
    """The car is announced, in the words of the test."""
    state: dict[tuple[int, ...], str] = {(1, 1): changes["state"]} if "state" in changes else {}
    entities = {**EVSE, **EV} if full else EV
    features = {**EVSE_FEATURES, **EV_FEATURES} if full else EV_FEATURES
    data = discovery_of(entities, features, changes=state)
    return bench.receive("notify", command(DISCOVERY, data, *([] if full else [PARTIAL])))


def added(bench: Bench) -> list[tuple[int, ...]]:
    return [event.entity.path for event in bench.of(EntityAdded)]


def removed(bench: Bench) -> list[tuple[int, ...]]:
    return [event.entity.path for event in bench.of(EntityRemoved)]


# --- what a peer says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "full", "state"),
    [
        ("notify in full", True, None),
        ("partial, added", False, "added"),
        ("partial, modified", False, "modified"),
        ("partial, without state", False, None),
        ("partial, unknown state", False, "beamed"),
    ],
)
def test_a_car_is_found(bench: Bench, form: str, full: bool, state: str | None) -> None:
    announce(bench, full=full, **({"state": state} if state else {}))
    assert added(bench) == [(1, 1)], form
    assert removed(bench) == []
    car = bench.session.remote.entities[(1, 1)]
    assert car.type == "EV"
    operations = car.operations("Measurement", "measurementListData")
    assert operations is not None
    assert (operations.read, operations.read_partial, operations.write) == (True, True, False)


@pytest.mark.parametrize("full", [True, False])
def test_saying_the_same_again_changes_nothing(bench: Bench, full: bool) -> None:
    announce(bench, full=full)
    known = bench.session.remote.entities[(1, 1)]
    bench.forget()
    announce(bench, full=full)
    assert bench.events == []
    assert bench.session.remote.entities[(1, 1)] is known


def test_added_again_is_another_car(bench: Bench) -> None:
    announce(bench, state="added")
    known = bench.session.remote.entities[(1, 1)]
    bench.forget()
    announce(bench, state="added")
    assert (removed(bench), added(bench)) == ([(1, 1)], [(1, 1)])
    assert bench.session.remote.entities[(1, 1)] is not known


def test_added_again_without_features_keeps_them_but_no_data(bench: Bench) -> None:
    announce(bench, state="added")
    data = command("measurementListData", {"measurementData": [{"measurementId": 1}]})
    bench.receive("notify", data, source=((1, 1), 1))
    again = discovery_of(EV, {}, changes={(1, 1): "added"})
    bench.receive("notify", command(DISCOVERY, again, PARTIAL))
    (feature,) = bench.session.remote.entities[(1, 1)].features.values()
    assert (feature.type, feature.data) == ("Measurement", {})


@pytest.mark.parametrize("state", ["added", None])
def test_added_in_an_ordinary_reply_is_no_event(bench: Bench, state: str | None) -> None:
    announce(bench, full=True, **({"state": state} if state else {}))
    bench.forget()
    announce(bench, full=True, state="added")
    assert bench.events == []


@pytest.mark.parametrize("path", [(1, 1), (1,)])
def test_removed_takes_the_descendants_along(bench: Bench, path: tuple[int, ...]) -> None:
    announce(bench)
    bench.forget()
    description = {"entityAddress": {"entity": list(path)}, "lastStateChange": "removed"}
    gone = {"entityInformation": [{"description": description}]}
    bench.receive("notify", command(DISCOVERY, gone, PARTIAL))
    assert removed(bench) == ([(1, 1)] if path == (1, 1) else [(1, 1), (1,)])


@pytest.mark.parametrize("path", [(9,), (1, 2), (0,)])
def test_removing_what_is_not_there_or_cannot_go_is_ignored(
    bench: Bench, path: tuple[int, ...]
) -> None:
    gone = discovery_of({path: "X"}, {}, changes={path: "removed"})
    bench.receive("notify", command(DISCOVERY, gone, PARTIAL))
    assert bench.events == []
    assert sorted(bench.session.remote.entities) == [(0,), (1,)]


@pytest.mark.parametrize("classifier", ["notify", "reply"])
def test_a_full_message_without_the_car_takes_it_away(bench: Bench, classifier: str) -> None:
    announce(bench)
    bench.forget()
    data = discovery_of(EVSE, EVSE_FEATURES)
    bench.receive(classifier, command(DISCOVERY, data), reference=1)
    assert removed(bench) == [(1, 1)]


def test_a_change_told_without_filter_is_still_only_a_change(bench: Bench) -> None:
    """7.1: the complete picture has entity 0; ``removed`` says what it says with and without filter."""
    data = discovery_of(EV, EV_FEATURES, changes={(1, 1): "added"})
    bench.receive("notify", command(DISCOVERY, data))
    assert (removed(bench), added(bench)) == ([], [(1, 1)])
    bench.forget()
    bench.receive("notify", command(DISCOVERY, discovery_of(EV, {}, changes={(1, 1): "removed"})))
    assert (removed(bench), added(bench)) == ([(1, 1)], [])
    assert sorted(bench.session.remote.entities) == [(0,), (1,)]


def test_what_a_complete_picture_calls_removed_is_gone(bench: Bench) -> None:
    announce(bench)
    bench.forget()
    data = discovery_of({**EVSE, **EV}, EVSE_FEATURES, changes={(1, 1): "removed"})
    bench.receive("notify", command(DISCOVERY, data))
    assert removed(bench) == [(1, 1)]


@pytest.mark.parametrize("empty", [{}, {"entityInformation": [], "featureInformation": []}])
def test_a_message_without_entities_is_no_picture_of_a_device(bench: Bench, empty: Plain) -> None:
    bench.receive("notify", command(DISCOVERY, empty))
    assert removed(bench) == []
    young = Bench().start()
    young.receive("notify", command(DISCOVERY, empty))
    assert not young.session.remote.discovered


def test_a_partial_message_does_not_stand_for_the_whole() -> None:
    young = Bench().start()
    announce(young, state="added")
    assert not young.session.remote.discovered
    young.reply_to(young.sent[0], discovery_of({**EVSE, **EV}, {**EVSE_FEATURES, **EV_FEATURES}))
    assert young.session.remote.discovered
    assert sorted(young.session.remote.entities) == [(0,), (1,), (1, 1)]


@pytest.mark.parametrize(
    "features",
    [
        {((1, 1), 1): ("Measurement", "server", {"measurementListData": "r"})},
        {((1, 1), 2): ("Measurement", "server", {"measurementListData": "rp"})},
        {**EV_FEATURES, ((1, 1), 2): ("LoadControl", "server", {})},
    ],
)
def test_other_features_make_another_entity(
    bench: Bench, features: dict[Place, tuple[Any, ...]]
) -> None:
    announce(bench)
    bench.forget()
    data = discovery_of(EV, features, changes={(1, 1): "modified"})
    bench.receive("notify", command(DISCOVERY, data, PARTIAL))
    assert (removed(bench), added(bench)) == ([(1, 1)], [(1, 1)])


CHANGED_EVSE: dict[Place, tuple[Any, ...]] = {
    **EVSE_FEATURES,
    ((1,), 2): ("LoadControl", "server", {"loadControlLimitListData": "rw"}),
}


def test_an_entity_with_other_features_keeps_its_children(bench: Bench) -> None:
    """7.1: only ``removed`` takes descendants along; a car is not unplugged by what its wallbox learns."""
    announce(bench)
    car = bench.session.remote.entities[(1, 1)]
    bench.forget()
    data = discovery_of({(1,): "EVSE"}, CHANGED_EVSE, changes={(1,): "modified"})
    bench.receive("notify", command(DISCOVERY, data, PARTIAL))
    assert (removed(bench), added(bench)) == ([(1,)], [(1,)])
    assert bench.session.remote.entities[(1, 1)] is car


def test_a_full_message_may_name_children_first(bench: Bench) -> None:
    announce(bench)
    car = bench.session.remote.entities[(1, 1)]
    data = discovery_of(
        {(0,): "DeviceInformation", **EV, (1,): "EVSE"}, {**EV_FEATURES, **CHANGED_EVSE}
    )
    bench.receive("notify", command(DISCOVERY, data))
    assert bench.session.remote.entities[(1, 1)] is car
    assert sorted(bench.session.remote.entities[(1,)].features) == [1, 2]


def test_entries_without_address_are_skipped(bench: Bench) -> None:
    data = discovery_of({**EVSE, **EV}, {**EVSE_FEATURES, **EV_FEATURES})
    data["entityInformation"] += [{}, {"description": {"entityType": "Lost"}}]
    data["featureInformation"] += [{}, {"description": {"featureType": "Lost"}}]
    bench.receive("notify", command(DISCOVERY, data))
    assert added(bench) == [(1, 1)]


def test_addresses_with_device_are_read(bench: Bench) -> None:
    data = discovery_of(EV, EV_FEATURES)
    for each in (*data["entityInformation"], *data["featureInformation"]):
        for name in ("entityAddress", "featureAddress"):
            if name in each["description"]:
                each["description"][name] = {"device": PEER, **each["description"][name]}
    bench.receive("notify", command(DISCOVERY, data, PARTIAL))
    assert added(bench) == [(1, 1)]


def test_more_entities_than_any_device_has_are_ignored(bench: Bench) -> None:
    many: dict[tuple[int, ...], str] = {(2, number): "EV" for number in range(1000)}
    bench.receive("notify", command(DISCOVERY, discovery_of(many, {}), PARTIAL))
    assert len(bench.session.remote.entities) == discovery.MAX_ENTITIES


def test_more_features_than_any_device_has_are_ignored(bench: Bench) -> None:
    """One message holds thousands of features, and a peer may send any number of them."""
    for number in range(1, 6):
        path = (2, number)
        many: dict[Place, tuple[Any, ...]] = {(path, n): ("Bill", "server") for n in range(500)}
        bench.receive("notify", command(DISCOVERY, discovery_of({path: "EV"}, many), PARTIAL))
    entities = bench.session.remote.entities.values()
    assert sum(len(entity.features) for entity in entities) <= discovery.MAX_FEATURES


def test_use_cases_told_bit_by_bit_do_not_pile_up(bench: Bench) -> None:
    """A partial message keeps what it does not name, so a peer could go on for ever."""
    for number in range(20):
        many = use_cases(*(f"{number}/{each}" for each in range(100)))
        many["useCaseInformation"][0]["actor"] = f"actor {number}"
        bench.receive("notify", command(USE_CASES, many, PARTIAL))
    known = bench.session.remote.use_cases
    assert len(known) == discovery.MAX_USE_CASES
    assert known[0].actor == "actor 0"


@pytest.mark.parametrize("name", ["d:_i:EVCC_HEMS-1", "EVCC_HEMS", "x", "ü" * 256])
def test_addresses_of_peers_are_opaque(name: str) -> None:
    young = Bench().start()
    data = discovery_of(EVSE, EVSE_FEATURES, device=name)
    young.reply_to(young.sent[0], data, device=name)
    assert young.session.remote.address == name


@pytest.mark.parametrize("name", ["a\nb", "x" * 257, "\x00"])
def test_addresses_of_peers_are_texts(name: str) -> None:
    young = Bench().start()
    young.reply_to(young.sent[0], discovery_of(EVSE, EVSE_FEATURES, device=name), device=None)
    assert young.session.remote.address is None
    assert len(young.of(Violation)) == 1


@pytest.mark.parametrize(
    ("stated", "read", "write"),
    [("r", True, False), ("rw", True, True), ("rpwp", True, True), ("", False, False)],
)
def test_possible_operations(bench: Bench, stated: str, read: bool, write: bool) -> None:
    features: dict[Place, tuple[Any, ...]] = {
        ((1, 1), 1): ("LoadControl", "server", {"loadControlLimitListData": stated})
    }
    bench.receive("notify", command(DISCOVERY, discovery_of(EV, features), PARTIAL))
    operations = bench.session.remote.entities[(1, 1)].features[1].operations
    found = operations["loadControlLimitListData"]
    assert (found.read, found.write) == (read, write)
    assert (found.read_partial, found.write_partial) == ("rp" in stated, "wp" in stated)


def test_missing_possible_operations_are_none() -> None:
    bench = Bench().start()
    data = discovery_of(EVSE, EVSE_FEATURES)
    data["featureInformation"][1]["description"]["supportedFunction"] = [{"function": "f"}, {}]
    data["featureInformation"][1]["description"]["maxResponseDelay"] = "PT1M"
    bench.reply_to(bench.sent[0], data)
    feature = bench.session.remote.entities[(1,)].features[1]
    assert not feature.operations["f"].read
    assert feature.max_response_delay_s == 60.0


# --- quiet time -----------------------------------------------------------------------------------

SUPPORT = {"useCaseName": "evCommissioningAndConfiguration", "scenarioSupport": [1, 8]}


def use_cases(*names: str) -> Plain:
    return {
        "useCaseInformation": [
            {
                "address": {"device": PEER, "entity": [1, 1]},
                "actor": "EV",
                "useCaseSupport": [{**SUPPORT, "useCaseName": name} for name in names],
            }
        ]
    }


def test_a_burst_is_matched_once(bench: Bench) -> None:
    announce(bench, state="added")
    for count in range(1, 6):
        bench.advance(0.001)
        bench.receive("notify", command(USE_CASES, use_cases(*"abcde"[:count])))
    bench.advance(0.049)
    assert not bench.of(Settled)
    bench.advance(0.002)
    assert len(bench.of(Settled)) == 1
    assert [u.name for u in bench.session.remote.use_cases] == list("abcde")


def test_the_same_use_cases_again_are_no_news(bench: Bench) -> None:
    bench.receive("notify", command(USE_CASES, use_cases("a", "b")))
    bench.advance(1)
    bench.forget()
    bench.receive("notify", command(USE_CASES, use_cases("a", "b", "a")))
    bench.advance(1)
    assert bench.events == []


def test_a_message_in_full_replaces_and_a_partial_one_does_so_for_what_it_names(
    bench: Bench,
) -> None:
    bench.receive("notify", command(USE_CASES, use_cases("a")))
    other = use_cases("b")
    other["useCaseInformation"][0]["actor"] = "EVSE"
    bench.receive("notify", command(USE_CASES, other, PARTIAL))
    assert [u.name for u in bench.session.remote.use_cases] == ["a", "b"]
    bench.receive("notify", command(USE_CASES, use_cases("c"), PARTIAL))
    assert [u.name for u in bench.session.remote.use_cases] == ["b", "c"]
    bench.receive("notify", command(USE_CASES, use_cases("d")))
    assert [u.name for u in bench.session.remote.use_cases] == ["d"]


@pytest.mark.parametrize(
    ("stated", "entity"),
    [
        (None, None),
        ({"device": PEER}, None),
        ({"device": PEER, "entity": [1]}, (1,)),
        ({"entity": [1, 1]}, (1, 1)),
    ],
)
def test_the_address_of_a_use_case_may_be_missing(
    bench: Bench, stated: Plain | None, entity: tuple[int, ...] | None
) -> None:
    data = use_cases("a")
    data["useCaseInformation"][0]["address"] = stated
    if stated is None:
        del data["useCaseInformation"][0]["address"]
    bench.receive("notify", command(USE_CASES, data))
    (found,) = bench.session.remote.use_cases
    assert (found.entity, found.actor, found.scenarios) == (entity, "EV", (1, 8))
    assert (found.version, found.available) == (None, None)


# --- test specification ---------------------------------------------------------------------------


def test_TC_SPINE_COMP_003() -> None:  # noqa: N802
    bench = Bench().start()
    data = discovery_of(
        {**PEER_ENTITIES, (2,): "UnknownEntity"},
        {**PEER_FEATURES, ((2,), 1): ("UnknownFeature", "server", {"unknownData": "r"})},
    )
    data["entityInformation"][2]["description"]["unknownElement"] = {"more": [1, {"a": 2}]}
    said = bench.reply_to(bench.sent[0], data)
    assert [each.classifier for each in said] == ["call", "read"]
    assert bench.session.remote.entities[(2,)].type == "UnknownEntity"
    assert bench.session.remote.entities[(2,)].features[1].type == "UnknownFeature"


@pytest.mark.parametrize(
    "broken",
    [
        {"entityInformation": 7},
        {"deviceInformation": "text"},
        {"entityInformation": [{"description": {"entityAddress": {"entity": ["x"]}}}]},
    ],
)
def test_TC_SPINE_COMP_004(broken: Plain) -> None:  # noqa: N802
    bench = Bench().start()
    said = bench.reply_to(bench.sent[0], broken, ack=True)
    assert said == []
    assert not bench.session.remote.discovered


def test_TC_SPINE_COMP_005(bench: Bench) -> None:  # noqa: N802
    entity, _ = with_load_control(bench.device)
    bench.device.announce_use_cases(
        [LocalUseCase(entity.path, "EVSE", "anything", "1.0.1", "release", (1, 2))]
    )
    (reply,) = bench.receive("read", command(DISCOVERY))
    stated = reply.data["specificationVersionList"]["specificationVersion"]
    assert all(VERSION.fullmatch(version) for version in (*stated, reply.version))
    (reply,) = bench.receive("read", command(USE_CASES))
    (support,) = reply.data["useCaseInformation"][0]["useCaseSupport"]
    assert VERSION.fullmatch(support["useCaseVersion"])
    assert support["useCaseDocumentSubRevision"]


# --- what we say ------------------------------------------------------------------------------------


@pytest.fixture
def watched(bench: Bench) -> Bench:
    """The peer follows our node management."""
    bench.relate("subscription", MANAGEMENT, MANAGEMENT)
    bench.forget()
    return bench


def test_our_description_has_parents_first_and_addresses_without_device(bench: Bench) -> None:
    evse, _ = with_load_control(bench.device)
    car = bench.device.add_entity("EV", parent=evse.path)
    car.feature("Measurement", "server").allow("measurementListData")
    (reply,) = bench.receive("read", command(DISCOVERY))
    assert list(reply.data) == [
        "specificationVersionList",
        "deviceInformation",
        "entityInformation",
        "featureInformation",
    ]
    assert reply.data["deviceInformation"]["description"] == {
        "deviceAddress": {"device": OWN},
        "deviceType": "EnergyManagementSystem",
        "networkFeatureSet": "smart",
    }
    entities = [each["description"] for each in reply.data["entityInformation"]]
    assert entities == [
        {"entityAddress": {"entity": [0]}, "entityType": "DeviceInformation"},
        {"entityAddress": {"entity": [1]}, "entityType": "EVSE"},
        {"entityAddress": {"entity": [1, 1]}, "entityType": "EV"},
    ]
    features = [each["description"] for each in reply.data["featureInformation"]]
    assert features[1:] == [
        {
            "featureAddress": {"entity": [1], "feature": 1},
            "featureType": "LoadControl",
            "role": "server",
            "supportedFunction": [
                {
                    "function": "loadControlLimitListData",
                    "possibleOperations": {"read": [], "write": {"partial": []}},
                },
                {
                    "function": "loadControlLimitDescriptionListData",
                    "possibleOperations": {"read": []},
                },
            ],
        },
        {
            "featureAddress": {"entity": [1, 1], "feature": 1},
            "featureType": "Measurement",
            "role": "server",
            "supportedFunction": [
                {"function": "measurementListData", "possibleOperations": {"read": []}}
            ],
        },
    ]
    assert (features[0]["featureType"], features[0]["role"]) == ("NodeManagement", "special")
    operations = {
        each["function"]: each["possibleOperations"] for each in features[0]["supportedFunction"]
    }
    assert operations[DISCOVERY] == {"read": []}
    assert operations["nodeManagementBindingRequestCall"] == []


def test_a_car_of_ours_that_comes_is_told_with_its_features(watched: Bench) -> None:
    car = watched.device.add_entity("EV")
    car.feature("Measurement", "server").allow("measurementListData")
    watched.device.announce(car)
    (said,) = watched.drain()
    assert (said.classifier, said.function) == ("notify", DISCOVERY)
    assert said.filters == [{"cmdControl": {"partial": []}}]
    assert said.to == {"device": PEER, "entity": [0], "feature": 0}
    assert said.data["deviceInformation"]["description"]["deviceAddress"] == {"device": OWN}
    (entity,) = said.data["entityInformation"]
    assert entity["description"] == {
        "entityAddress": {"entity": [1]},
        "entityType": "EV",
        "lastStateChange": "added",
    }
    assert len(said.data["featureInformation"]) == 1


def test_a_car_of_ours_that_goes_is_told_before_the_use_cases(watched: Bench) -> None:
    evse = watched.device.add_entity("EVSE")
    car = watched.device.add_entity("EV", parent=evse.path)
    use_case = LocalUseCase(car.path, "EV", "anything", "1.0.1", "release", (1,))
    watched.device.announce_use_cases([use_case])
    watched.forget()
    watched.device.remove_entity(evse)
    removal, update = watched.drain()
    assert removal.function == DISCOVERY
    (entity,) = removal.data["entityInformation"]
    assert entity["description"]["lastStateChange"] == "removed"
    assert (update.function, update.filters) == (USE_CASES, [])
    assert not update.data
    assert sorted(watched.device.entities) == [(0,)]


def test_use_cases_are_told_by_entity_and_actor_and_only_when_they_change(watched: Bench) -> None:
    def supported(path: tuple[int, ...], actor: str, name: str) -> LocalUseCase:
        return LocalUseCase(path, actor, name, "1.0.1", "release", (1, 3))

    wanted = [
        supported((1,), "CEM", "a"),
        supported((1,), "EnergyGuard", "b"),
        supported((1,), "CEM", "c"),
        supported((2,), "CEM", "d"),
    ]
    watched.device.announce_use_cases(wanted)
    (said,) = watched.drain()
    watched.device.announce_use_cases(list(wanted))
    assert watched.drain() == []
    found = [
        (
            each["address"]["entity"],
            each["actor"],
            [s["useCaseName"] for s in each["useCaseSupport"]],
        )
        for each in said.data["useCaseInformation"]
    ]
    assert found == [([1], "CEM", ["a", "c"]), ([1], "EnergyGuard", ["b"]), ([2], "CEM", ["d"])]
    assert said.data["useCaseInformation"][0]["useCaseSupport"][0] == {
        "useCaseName": "a",
        "useCaseVersion": "1.0.1",
        "useCaseAvailable": True,
        "scenarioSupport": [1, 3],
        "useCaseDocumentSubRevision": "release",
    }


def test_the_destination_list_is_our_device_alone(bench: Bench) -> None:
    (said,) = bench.receive("read", command("nodeManagementDestinationListData"))
    (only,) = said.data["nodeManagementDestinationData"]
    assert only["deviceDescription"]["deviceAddress"] == {"device": OWN}
