"""The session: order of checks, answers owed, life cycle (SPINE protocol 5)."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.events import (
    Answered,
    DataChanged,
    EntityAdded,
    EntityRemoved,
    Mute,
    Settled,
    Violation,
    WriteRequested,
)
from eebus_gw.spine.local import LocalFeature
from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataType,
    LoadControlLimitListDataType,
)
from eebus_gw.spine.remote import MAX_ENTRIES_HELD, RemoteFeature
from tests.support.wire import (
    DISCOVERY,
    EMPTY,
    OWN,
    PARTIAL,
    PEER,
    PEER_ENTITIES,
    PEER_FEATURES,
    USE_CASES,
    Bench,
    Plain,
    Sent,
    command,
    discovery_of,
    payload,
    request,
    with_load_control,
)

LIMITS = "loadControlLimitListData"
STATE = "deviceDiagnosisStateData"
BEAT = "deviceDiagnosisHeartbeatData"
GUARD = ((1,), 2)
DIAGNOSIS = ((1,), 1)
SUBSCRIBE = "nodeManagementSubscriptionRequestCall"

LIMIT_LIST = LoadControlLimitListDataType(
    load_control_limit_data=[
        LoadControlLimitDataType(limit_id=0, is_limit_changeable=True, is_limit_active=False)
    ]
)


class Box(Bench):
    """Our device offers a list of limits that the peer is bound to."""

    limits: LocalFeature

    def __post_init__(self) -> None:
        super().__post_init__()
        _, self.limits = with_load_control(self.device)
        self.device.entities[(1,)].feature("DeviceDiagnosis", "client")
        self.device.put(self.limits, LIMITS, LIMIT_LIST, None)

    @property
    def place(self) -> tuple[tuple[int, ...], int]:
        return (self.limits.entity, self.limits.number)

    def bound(self) -> Box:
        self.discovered()
        self.relate("binding", GUARD, self.limits)
        self.forget()
        return self

    def write(self, *entries: Plain, **header: Any) -> list[Sent]:
        header = {"source": GUARD, "to": self.place, "ack": True, **header}
        data = {"loadControlLimitData": list(entries)}
        return self.receive("write", command(LIMITS, data, PARTIAL), **header)

    def decide(self, number: int) -> list[Sent]:
        self.session.answer(self.of(WriteRequested)[-1].token, number)
        return self.drain()


@pytest.fixture
def box() -> Box:
    return Box().bound()


def only(said: list[Sent]) -> Sent:
    (one,) = said
    return one


# --- answers owed (PS 5.2.4, 5.2.5.1) -----------------------------------------------

READ = command(LIMITS)
STATE_DATA = command(STATE, {"operatingState": "normalOperation"})
UNREADABLE = command(STATE, {"operatingState": {"nested": 1}})
CHANGE = {"limitId": 0, "isLimitActive": True}
UNKNOWN_LIMIT = {"limitId": 9, "isLimitActive": True}


def outcome(box: Box, classifier: str, ok: bool, ack: bool | None) -> list[Sent]:
    match classifier:
        case "read":
            to = box.place if ok else ((1,), 99)
            return box.receive("read", READ, source=GUARD, to=to, ack=ack)
        case "write":
            said = box.write(CHANGE if ok else UNKNOWN_LIMIT, ack=ack)
            return said + box.decide(0) if ok else said
        case "call":
            server = box.limits if ok else ((1,), 99)
            return box.receive("call", request("subscription", GUARD, server), ack=ack)
        case "notify":
            data = STATE_DATA if ok else UNREADABLE
            return box.receive("notify", data, source=DIAGNOSIS, to=((1,), 2), ack=ack)
        case "reply":
            data = STATE_DATA if ok else UNREADABLE
            return box.receive("reply", data, source=DIAGNOSIS, to=((1,), 2), ack=ack, reference=1)
        case _:
            data = command("resultData", {"errorNumber": 0 if ok else 7})
            return box.receive("result", data, ack=ack, reference=1)


@pytest.mark.parametrize(
    ("classifier", "ok", "ack", "answers"),
    [
        ("read", True, True, ["reply"]),
        ("read", True, None, ["reply"]),
        ("read", False, True, ["result>0"]),
        ("read", False, None, ["result>0"]),
        ("write", True, True, ["result0"]),
        ("write", True, None, []),
        ("write", False, True, ["result>0"]),
        ("write", False, None, ["result>0"]),
        ("call", True, True, ["result0"]),
        ("call", True, None, []),
        ("call", False, True, ["result>0"]),
        ("call", False, None, ["result>0"]),
        ("notify", True, True, ["result0"]),
        ("notify", True, None, []),
        ("notify", False, True, ["result>0"]),
        ("notify", False, None, []),
        ("reply", True, True, ["result0"]),
        ("reply", True, None, []),
        ("reply", False, True, []),
        ("reply", False, None, []),
        ("result", True, True, []),
        ("result", True, None, []),
        ("result", False, True, []),
        ("result", False, None, []),
    ],
)
def test_answers_owed(
    box: Box, classifier: str, ok: bool, ack: bool | None, answers: list[str]
) -> None:
    said = [s for s in outcome(box, classifier, ok, ack) if s.classifier in ("reply", "result")]
    kinds = [
        "reply" if s.classifier == "reply" else "result>0" if s.error else "result0" for s in said
    ]
    assert kinds == answers
    assert all(each.reference == box.counter for each in said)


def test_a_result_goes_back_to_where_the_request_came_from(box: Box) -> None:
    said = only(box.write(UNKNOWN_LIMIT))
    assert said.source == {"device": OWN, "entity": [1], "feature": box.limits.number}
    assert said.to == {"device": PEER, "entity": [1], "feature": 2}
    assert said.error == 7


def test_a_notify_that_is_not_understood_is_read_in_full(box: Box) -> None:
    said = outcome(box, "notify", ok=False, ack=None)
    assert [(s.classifier, s.function) for s in said] == [("read", STATE)]
    assert outcome(box, "notify", ok=False, ack=None) == []  # asked already


# --- the procedure for every message -------------------------------------------------


@pytest.mark.parametrize(
    ("step", "header", "number"),
    [
        ("5.2.2 foreign destination device", {"to_device": "d:_n:other_1"}, 5),
        ("5.2.2 foreign source device", {"device": "d:_n:other_2"}, 7),
        ("unknown feature", {"to": ((1,), 99)}, 4),
        ("unknown entity", {"to": ((9,), 1)}, 4),
        ("no feature", {"to": ((1,), None)}, 4),
        ("function of another feature", {"to": ((1,), 2)}, 7),
        ("version TS1.3.0", {"version": "TS1.3.0"}, 1),
    ],
)
def test_a_read_is_refused(box: Box, step: str, header: dict[str, Any], number: int) -> None:
    said = only(box.receive("read", READ, **{"source": GUARD, "to": box.place, **header}))
    assert (said.classifier, said.error) == ("result", number), step
    assert len(box.of(Violation)) == 1


@pytest.mark.parametrize("stated", [{"to_device": None}, {"device": None}, {"version": None}])
def test_missing_parts_of_a_header_are_filled_in(box: Box, stated: dict[str, Any]) -> None:
    said = only(box.receive("read", READ, source=GUARD, to=box.place, **stated))
    assert said.classifier == "reply"
    assert said.source["device"] == OWN
    assert said.to == {"device": PEER, "entity": [1], "feature": 2}


@pytest.mark.parametrize(
    ("what", "commands", "number"),
    [
        ("5.3.2 no command", [], 1),
        ("5.3.2 two commands", [READ, READ], 1),
        ("no function at all", [EMPTY], 6),
        ("unknown function", [command("fridgeListData")], 6),
        ("function of another area", [command("hvacOverrunListData")], 6),
        ("5.3.4.1 filter without function", [{"filter": [PARTIAL], LIMITS: EMPTY}], 7),
        (
            "5.3.4.1 filter with another function",
            [{"function": STATE, "filter": [PARTIAL], LIMITS: EMPTY}],
            7,
        ),
        (
            "5.3.4.1 selectors of another function",
            [command(LIMITS, EMPTY, {**PARTIAL, "measurementListDataSelectors": EMPTY})],
            7,
        ),
    ],
)
def test_a_command_is_refused(box: Box, what: str, commands: list[Plain], number: int) -> None:
    said = only(box.receive("read", *commands, source=GUARD, to=box.place))
    assert said.error == number, what


@pytest.mark.parametrize(
    "stated",
    [
        {"function": LIMITS},  # a read may only name its function
        {"function": STATE, LIMITS: EMPTY},  # without filter a contradiction is tolerated
        command(LIMITS, EMPTY, {**PARTIAL, "loadControlLimitListDataSelectors": {"limitId": 0}}),
    ],
)
def test_a_read_is_answered_in_full(box: Box, stated: Plain) -> None:
    said = only(box.receive("read", stated, source=GUARD, to=box.place))
    assert (said.classifier, said.function, said.filters) == ("reply", LIMITS, [])
    assert said.data == {
        "loadControlLimitData": [{"limitId": 0, "isLimitChangeable": True, "isLimitActive": False}]
    }


def test_a_function_without_data_is_answered_with_an_empty_instance(box: Box) -> None:
    function = "loadControlLimitDescriptionListData"
    said = only(box.receive("read", command(function), source=GUARD, to=box.place))
    assert (said.classifier, said.function, said.data) == ("reply", function, [])


@pytest.mark.parametrize(
    ("classifier", "function", "header"),
    [
        ("read", "x" * 200_000, {}),
        ("y" * 200_000, STATE, {}),
        ("read", STATE, {"version": "9" * 200_000}),
        ("read", STATE, {"to_device": "z" * 200_000}),
    ],
    ids=["function", "classifier", "version", "device"],
)
def test_a_refusal_does_not_repeat_at_length_what_it_refuses(
    box: Box, classifier: str, function: str, header: dict[str, Any]
) -> None:
    """spine.md 17.1: own descriptions have at most 4096 characters; SHIP takes no message beyond 100 KiB."""
    box.take(payload(classifier, command(function), **header))
    result = box.last("result")
    assert result.error
    assert len(result.data["description"]) <= 4096
    (violation,) = box.of(Violation)
    assert len(str(violation.error)) <= 4096


@pytest.mark.parametrize("classifier", [None, "shout", "REPLY"])
def test_an_unknown_classifier_is_answered_if_it_can_be(box: Box, classifier: str | None) -> None:
    said = only(box.receive(classifier, READ, source=GUARD, to=box.place))
    assert said.error == 6
    assert box.receive(classifier, READ, source=GUARD, to=box.place, counter=None) == []


@pytest.mark.parametrize("classifier", ["read", "write", "call"])
def test_what_cannot_be_answered_is_not_carried_out(box: Box, classifier: str) -> None:
    assert box.receive(classifier, READ, source=GUARD, to=box.place, counter=None) == []
    assert not box.of(WriteRequested)


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        {},
        {"datagram": None},
        {"datagram": []},
        {"datagram": [{"header": []}]},
        {"datagram": [{"header": "text"}, {"payload": []}]},
        {"datagram": [{"header": [{"addressSource": [{"entity": "x"}]}]}]},
        payload("read", READ) | {"datagram": [{"payload": 7}]},
    ],
)
def test_what_has_no_header_is_dropped(box: Box, tree: Any) -> None:
    assert box.take(tree) == []
    assert len(box.of(Violation)) == 1


def test_the_data_of_an_unknown_feature_is_not_kept(box: Box) -> None:
    assert box.receive("notify", STATE_DATA, source=((7,), 1), to=((1,), 2)) == []
    assert box.events == []


def test_data_is_kept_and_told_once(box: Box) -> None:
    outcome(box, "notify", ok=True, ack=None)
    outcome(box, "notify", ok=True, ack=None)
    (event,) = box.of(DataChanged)
    assert (event.feature.entity, event.function, event.keys) == ((1,), STATE, None)
    assert box.session.remote.entities[(1,)].data("DeviceDiagnosis", STATE) is not None


def test_the_data_of_a_peer_is_bounded(box: Box) -> None:
    """One message holds thousands of entries, and a feature can be told to have any function."""
    box.discovered()
    entries = {"measurementData": [{"measurementId": number} for number in range(4_000)]}
    shapes = {
        "measurementListData": entries,
        "measurementDescriptionListData": {
            "measurementDescriptionData": [{"measurementId": n} for n in range(4_000)]
        },
        "measurementConstraintsListData": {
            "measurementConstraintsData": [{"measurementId": n} for n in range(4_000)]
        },
    }
    for number in (1, 2, 3):
        for function, data in shapes.items():
            box.receive("notify", command(function, data), source=((1,), number))
    assert box.session.remote.entries_held() <= MAX_ENTRIES_HELD
    refused = box.of(Violation)
    assert refused
    assert {violation.error.number for violation in refused} == {3}
    box.forget()
    small = {"measurementData": [{"measurementId": 1, "valueType": "value"}]}
    box.receive("notify", command("measurementListData", small), source=((1,), 1))
    assert box.of(DataChanged), "what is held already can still change"


def test_an_unknown_function_of_the_peer_is_ignored(box: Box) -> None:
    assert box.receive("notify", command("fridgeData"), source=DIAGNOSIS) == []
    assert box.events == []


def test_a_reply_with_a_broken_header_still_ends_the_request(box: Box) -> None:
    token = box.session.read(
        box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0
    )
    box.drain()
    asked = box.last("read")
    box.reply_to(asked, EMPTY, version="2.0.0")
    assert [(e.token, e.error_number) for e in box.of(Answered)] == [(token, 1)]


@pytest.mark.parametrize(
    "broken", [EMPTY, {"resultData": {"errorNumber": "seven"}}, {"resultData": 7}]
)
def test_a_broken_result_still_ends_the_request(box: Box, broken: Plain) -> None:
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0)
    box.drain()
    box.receive("result", broken, reference=box.last("read").counter)
    assert [event.error_number for event in box.of(Answered)] == [1]


def test_a_result_without_number_is_success(box: Box) -> None:
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0)
    box.drain()
    box.receive("result", command("resultData"), reference=box.last("read").counter)
    assert [event.error_number for event in box.of(Answered)] == [0]


def test_of_a_long_explanation_the_beginning_is_told(box: Box) -> None:
    """spine.md 2.3: the description of a result is free text, and no limit holds for it."""
    box.discovered()
    feature = box.session.remote.entities[(1,)].features[1]
    box.session.read(box.limits, feature, STATE, box.now)
    box.drain()
    asked = box.last("read", STATE)
    data = command("resultData", {"errorNumber": 7, "description": "because " * 20_000})
    box.receive("result", data, source=DIAGNOSIS, reference=asked.counter)
    (answered,) = [event for event in box.of(Answered) if event.error_number == 7]
    assert answered.description.startswith("because ")
    assert len(answered.description) <= 500


def test_error_numbers_beyond_the_table_are_kept(box: Box) -> None:
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0)
    box.drain()
    box.answer(box.last("read"), 4711)
    assert [event.error_number for event in box.of(Answered)] == [4711]


# --- life cycle ----------------------------------------------------------------------


CHARGING = {"actor": "EV", "useCaseSupport": [{"useCaseName": "evStateOfCharge"}]}


def test_the_first_word_asks_who_the_peer_is() -> None:
    bench = Bench().start()
    said = only(bench.sent)
    assert (said.classifier, said.function, said.data) == ("read", DISCOVERY, [])
    assert said.to == {"entity": [0], "feature": 0}
    assert (said.counter, said.version, said.ack) == (1, "1.3.0", False)


def test_discovery_is_followed_by_subscription_and_use_cases() -> None:
    bench = Bench().start()
    said = bench.reply_to(bench.sent[0], discovery_of(PEER_ENTITIES, PEER_FEATURES))
    assert [(s.classifier, s.function) for s in said] == [("call", SUBSCRIBE), ("read", USE_CASES)]
    assert said[0].ack
    assert said[0].to == {"device": PEER, "entity": [0], "feature": 0}
    assert said[0].data == {
        "subscriptionRequest": {
            "clientAddress": {"device": OWN, "entity": [0], "feature": 0},
            "serverAddress": {"device": PEER, "entity": [0], "feature": 0},
            "serverFeatureType": "NodeManagement",
        }
    }
    assert [e.entity.path for e in bench.of(EntityAdded)] == [(0,), (1,)]
    assert not bench.of(Settled)
    bench.reply_to(said[1], {"useCaseInformation": []})
    assert len(bench.of(Settled)) == 1


def test_a_peer_without_use_cases_settles_after_five_seconds() -> None:
    bench = Bench().start()
    said = bench.reply_to(bench.sent[0], discovery_of(PEER_ENTITIES, PEER_FEATURES))
    bench.answer(said[1], 6)
    bench.advance(4.9)
    assert not bench.of(Settled)
    bench.advance(0.2)
    assert len(bench.of(Settled)) == 1
    assert bench.session.remote.use_cases_known
    bench.receive("notify", command(USE_CASES, {"useCaseInformation": [CHARGING]}))
    bench.advance(0.1)
    assert len(bench.of(Settled)) == 2


def test_use_cases_that_are_not_told_in_time_stay_unknown() -> None:
    bench = Bench().start()
    bench.reply_to(bench.sent[0], discovery_of(PEER_ENTITIES, PEER_FEATURES))
    bench.advance(6)
    assert len(bench.of(Settled)) == 1
    assert not bench.session.remote.use_cases_known


def test_use_cases_before_discovery_settle_when_both_are_known() -> None:
    bench = Bench().start()
    bench.receive("notify", command(USE_CASES, {"useCaseInformation": []}))
    bench.advance(1)
    assert not bench.of(Settled)
    bench.reply_to(bench.sent[0], discovery_of(PEER_ENTITIES, PEER_FEATURES))
    bench.advance(0.1)
    assert len(bench.of(Settled)) == 1


def test_reads_are_answered_before_our_own_discovery_is() -> None:
    bench = Bench().start()
    said = only(bench.receive("read", command(DISCOVERY), to_device=None))
    assert (said.classifier, said.to["device"]) == ("reply", PEER)


def test_nothing_is_heard_or_said_before_the_start_and_after_the_end() -> None:
    bench = Bench()
    assert bench.receive("read", command(DISCOVERY)) == []
    bench.start()
    bench.session.close(101.0)
    bench.forget()
    assert bench.receive("read", command(DISCOVERY)) == []
    assert bench.session.next_deadline() is None
    assert bench.advance(100) == []
    assert bench.events == []
    feature = RemoteFeature((1,), 1, "DeviceDiagnosis", "server")
    with pytest.raises(LocalProtocolError):
        bench.session.read(bench.device.entities[(0,)].features[0], feature, STATE, 1.0)


def test_the_end_of_a_connection_ends_what_was_asked_and_granted(box: Box) -> None:
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0)
    box.write(CHANGE)
    undecided = box.of(WriteRequested)[-1].token
    box.session.close(101.0)
    box.drain()
    assert [event.error_number for event in box.of(Answered)] == [5]
    assert list(box.device.relations) == []
    box.session.answer(undecided, 0)
    assert box.limits.data[LIMITS] is LIMIT_LIST
    assert box.session.to_send() == []


def test_a_second_connection_begins_with_nothing_while_the_first_one_lingers(box: Box) -> None:
    second = Bench(device=box.device, ski=box.ski)
    second.discovered()
    assert list(box.device.relations) == []
    second.relate("binding", GUARD, box.limits)
    box.session.close(101.0)
    assert [r.kind for r in box.device.relations] == ["binding"]
    assert box.device.sessions[box.ski] is second.session


# --- test specification ---------------------------------------------------------------------------


def test_TC_SPINE_COMP_001(box: Box) -> None:  # noqa: N802
    said = only(box.receive("read", command("nonExistentFunctionData"), ack=True))
    assert said.error == 6


def test_TC_SPINE_COMP_002(box: Box) -> None:  # noqa: N802
    said = only(box.receive("read", command(DISCOVERY), version="1.999.999"))
    assert (said.classifier, said.function) == ("reply", DISCOVERY)


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        ("TS1.3.0", False),
        ("V0.3.0", False),
        ("v0.3.0", False),
        ("0.3.0", False),
        ("2.0.0", False),
        ("V1.3.0", True),
        ("v1.3.0", True),
        ("1.1.1", True),
        ("1.2.0", True),
        ("", True),
        ("1.3", False),
        ("1.3.0 draft3", False),
        ("11.3.0", False),
    ],
)
def test_TC_SPINE_COMP_006(box: Box, version: str, accepted: bool) -> None:  # noqa: N802
    said = only(box.receive("read", command(DISCOVERY), version=version))
    assert (said.classifier == "reply") is accepted
    assert accepted or said.error == 1


def test_TC_SPINE_DATA_001_and_004(box: Box) -> None:  # noqa: N802
    said = [only(box.receive("read", command(DISCOVERY), counter=500 + n)) for n in range(20)]
    counters = [each.counter for each in said]
    assert counters == sorted(set(counters))
    assert [each.reference for each in said] == [500 + n for n in range(20)]


@pytest.mark.parametrize(
    ("case", "counters"),
    [
        ("TC_SPINE_DATA_002", [1, 2, 5_000_000, 2**63, 2**64 - 1]),
        ("TC_SPINE_DATA_003", [123456, 1000, 2000]),
        ("the same counter again", [7, 7]),
    ],
)
def test_counters_of_the_peer(box: Box, case: str, counters: list[int]) -> None:
    said = [only(box.receive("read", command(DISCOVERY), counter=each)) for each in counters]
    assert [(each.classifier, each.reference) for each in said] == [
        ("reply", counter) for counter in counters
    ], case


@pytest.mark.parametrize("case", ["TC_SPINE_DATA_006", "TC_SPINE_DATA_008"])
def test_a_result_with_ack_request_is_not_answered(box: Box, case: str) -> None:
    reference = 1
    if case == "TC_SPINE_DATA_008":
        feature = box.session.remote.entities[(1,)].features[1]
        box.session.read(box.limits, feature, STATE, 100.0)
        box.drain()
        reference = box.last("read").counter
    data = command("resultData", {"errorNumber": 7})
    assert box.receive("result", data, reference=reference, ack=True) == []


def test_TC_SPINE_DATA_007(box: Box) -> None:  # noqa: N802
    said = only(box.receive("read", command("nodeManagementDestinationListData"), ack=True))
    assert said.classifier == "reply"


def test_TC_SPINE_FC_001(box: Box) -> None:  # noqa: N802
    call = request("subscription", GUARD, ((0,), 0))
    assert only(box.receive("call", call, to=((1,), 0))).error == 4
    assert only(box.receive("call", call, to=box.place)).error == 4
    assert [relation.kind for relation in box.device.relations] == ["binding"]


def test_TC_SPINE_DDISC_001() -> None:  # noqa: N802
    assert Bench().start().sent[0].function == DISCOVERY


def test_TC_SPINE_DDISC_002() -> None:  # noqa: N802
    bench = Bench().start()
    said = bench.advance(29.9)
    assert said == []
    said = bench.advance(0.2)
    assert [(s.classifier, s.function, s.counter) for s in said] == [("read", DISCOVERY, 2)]
    assert [event.waited_s for event in bench.of(Mute)] == [30.0]


def test_a_late_answer_to_the_first_of_two_questions_counts() -> None:
    bench = Bench().start()
    first = bench.sent[0]
    bench.advance(31)
    bench.reply_to(first, discovery_of(PEER_ENTITIES, PEER_FEATURES))
    assert bench.session.remote.discovered
    bench.reply_to(bench.last("read", USE_CASES), {"useCaseInformation": []})
    bench.acknowledge_calls()
    later = bench.advance(2000)
    assert DISCOVERY not in [each.function for each in later]


def test_a_peer_that_falls_silent_is_asked_who_it_is_and_then_given_up(box: Box) -> None:
    """ship.md 6.3, point 4: reads unanswered for 30 s, and not another word, are no connection any more."""
    box.discovered()
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, box.now)
    box.forget()
    assert [(s.classifier, s.function) for s in box.advance(12.1)] == [("read", DISCOVERY)]
    box.advance(29.8)
    assert not box.of(Mute)
    box.advance(0.2)
    assert [event.waited_s for event in box.of(Mute)] == [30.0]


@pytest.mark.parametrize("word", ["the answer", "a notify"])
def test_whoever_says_anything_is_not_given_up(box: Box, word: str) -> None:
    """IG 2.6.4: one mute function is no reason to drop the connection."""
    box.discovered()
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, box.now)
    box.forget()
    box.advance(12.1)
    if word == "the answer":
        box.reply_to(box.last("read", DISCOVERY), discovery_of(PEER_ENTITIES, PEER_FEATURES))
    else:
        box.receive("notify", command(BEAT, {"heartbeatCounter": 1}), source=DIAGNOSIS)
    box.advance(28)
    assert not box.of(Mute)


def test_nobody_is_given_up_without_having_been_asked_again(box: Box) -> None:
    """An earlier question may have got lost and wait for its repetition: that is none now."""
    box.discovered()
    feature = box.session.remote.entities[(1,)].features[1]
    box.session.read(box.limits, feature, STATE, box.now)
    box.forget()
    for beat in (1, 2):
        box.advance(40)
        box.receive("notify", command(BEAT, {"heartbeatCounter": beat}), source=DIAGNOSIS)
    box.advance(20)
    box.session.write(box.limits, feature, LIMITS, LIMIT_LIST, [], box.now)
    box.drain()
    assert [(s.classifier, s.function) for s in box.advance(12.1)] == [("read", DISCOVERY)]
    box.reply_to(box.last("read", DISCOVERY), discovery_of(PEER_ENTITIES, PEER_FEATURES))
    box.advance(30)
    assert not box.of(Mute)


def test_the_question_to_a_silent_peer_does_not_bring_about_the_next_one(box: Box) -> None:
    """It speaks up a second after it is asked and answers nothing: only another read, and its repetition, ask again."""
    box.discovered()
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, box.now)
    box.forget()
    said = box.advance(1)
    for beat in range(50):
        said += box.advance(12)
        beating = command(BEAT, {"heartbeatCounter": beat})
        said += box.receive("notify", beating, source=DIAGNOSIS)
    reads = [s.function for s in said if s.classifier == "read"]
    assert (reads.count(STATE), reads.count(DISCOVERY)) == (2, 3)
    assert not box.of(Mute)


def test_one_function_without_answer_is_no_silence(box: Box) -> None:
    box.discovered()
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, box.now)
    box.forget()
    box.advance(6)
    box.receive("notify", command(BEAT, {"heartbeatCounter": 1}), source=DIAGNOSIS)
    assert box.advance(20) == []


# --- what the peer takes away --------------------------------------------------------


def test_a_removed_entity_takes_requests_relations_and_undecided_writes_along(box: Box) -> None:
    box.session.read(box.limits, box.session.remote.entities[(1,)].features[1], STATE, 100.0)
    box.write(CHANGE)
    undecided = box.of(WriteRequested)[-1].token
    box.forget()
    gone = discovery_of({(1,): "CEM"}, {}, changes={(1,): "removed"})
    said = box.receive("notify", command(DISCOVERY, gone, PARTIAL))
    assert [e.entity.path for e in box.of(EntityRemoved)] == [(1,)]
    assert [event.error_number for event in box.of(Answered)] == [4]
    assert only(said).error == 9
    assert [r.client.entity for r in box.device.relations] == []
    box.session.answer(undecided, 0)
    assert box.limits.data[LIMITS] is LIMIT_LIST


def test_an_entity_of_ours_that_goes_takes_undecided_writes_along(box: Box) -> None:
    box.write(CHANGE)
    box.device.remove_entity(box.device.entities[(1,)])
    assert only(box.drain()).error == 4


def test_the_address_of_the_peer_does_not_change(box: Box) -> None:
    other = discovery_of(PEER_ENTITIES, PEER_FEATURES, device="d:_n:other_3")
    said = box.receive("notify", command(DISCOVERY, other), ack=True)
    assert [(s.function, s.error) for s in said] == [(DISCOVERY, None), ("resultData", 7)]
    assert box.session.remote.address == PEER
    assert only(box.receive("read", command(DISCOVERY))).to["device"] == PEER
