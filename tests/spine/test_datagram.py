"""Datagrams (SPINE protocol 5.2, 5.3)."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import (
    Command,
    Datagram,
    Filter,
    Header,
    decode_datagram,
    encode_datagram,
)
from eebus_gw.spine.model.common_data_types import ScaledNumberType, TimePeriodElementsType
from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataElementsType,
    LoadControlLimitDataType,
    LoadControlLimitListDataSelectorsType,
    LoadControlLimitListDataType,
)
from eebus_gw.spine.model.measurement import MeasurementListDataType
from eebus_gw.spine.model.result import ResultDataType
from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import ElementTag, members_of
from tests.spine.reference import DEVICES, WIRE, needs

FIXTURES = Path(__file__).parents[1] / "fixtures" / "wire"
LIMITS = "loadControlLimitListData"

SOURCE = FeatureAddress("d:_n:Guard_1", (1,), 2)
DESTINATION = FeatureAddress("d:_n:Box_1", (1, 1), 3)
WRITE = Datagram(
    Header(
        source=SOURCE,
        destination=DESTINATION,
        classifier="write",
        counter=12,
        ack_request=True,
        specification_version="1.3.0",
    ),
    [
        Command.of(
            LIMITS,
            LoadControlLimitListDataType(
                load_control_limit_data=[
                    LoadControlLimitDataType(
                        limit_id=0,
                        is_limit_active=True,
                        value=ScaledNumberType(number=4200, scale=0),
                    )
                ]
            ),
            [
                Filter(
                    delete=True,
                    selectors=[LoadControlLimitListDataSelectorsType(limit_id=0)],
                    elements=LoadControlLimitDataElementsType(
                        time_period=TimePeriodElementsType(end_time=ElementTag())
                    ),
                ),
                Filter(partial=True),
            ],
        )
    ],
)
WRITE_TEXT = (
    '{"datagram":[{"header":[{"specificationVersion":"1.3.0"},'
    '{"addressSource":[{"device":"d:_n:Guard_1"},{"entity":[1]},{"feature":2}]},'
    '{"addressDestination":[{"device":"d:_n:Box_1"},{"entity":[1,1]},{"feature":3}]},'
    '{"msgCounter":12},{"cmdClassifier":"write"},{"ackRequest":true}]},'
    '{"payload":[{"cmd":[[{"function":"loadControlLimitListData"},'
    '{"filter":[[{"cmdControl":[{"delete":[]}]},'
    '{"loadControlLimitListDataSelectors":[{"limitId":0}]},'
    '{"loadControlLimitDataElements":[{"timePeriod":[{"endTime":[]}]}]}],'
    '[{"cmdControl":[{"partial":[]}]}]]},'
    '{"loadControlLimitListData":[{"loadControlLimitData":[[{"limitId":0},{"isLimitActive":true},'
    '{"value":[{"number":4200},{"scale":0}]}]]}]}]]}]}]}'
)


def header(**changes: Any) -> list[dict[str, Any]]:
    members: dict[str, Any] = {
        "specificationVersion": "1.3.0",
        "addressSource": [{"entity": [1]}, {"feature": 2}],
        "addressDestination": [{"entity": [0]}, {"feature": 0}],
        "msgCounter": 1,
        "cmdClassifier": "notify",
        **changes,
    }
    return [{name: value} for name, value in members.items()]


def tree(*commands: Any, **changes: Any) -> dict[str, Any]:
    return {"datagram": [{"header": header(**changes)}, {"payload": [{"cmd": list(commands)}]}]}


def only_command(*members: dict[str, Any]) -> Command:
    (command,) = decode_datagram(tree(list(members))).commands
    return command


def test_a_datagram_is_written_in_schema_order() -> None:
    assert dumps(encode_datagram(WRITE)).decode() == WRITE_TEXT


def test_a_datagram_is_read() -> None:
    read = decode_datagram(loads(WRITE_TEXT.encode()))
    assert read.header == WRITE.header
    (command,), (sent,) = read.commands, WRITE.commands
    assert (command.function, command.stated_function, command.known) == (LIMITS, LIMITS, True)
    assert command.data == sent.data
    assert [list(each.selectors) for each in command.filters] == [
        [LoadControlLimitListDataSelectorsType(limit_id=0)],
        [],
    ]
    assert [(each.delete, each.partial) for each in command.filters] == [
        (True, False),
        (False, True),
    ]
    assert command.filters[0].elements == sent.filters[0].elements
    assert dumps(encode_datagram(read)).decode() == WRITE_TEXT


@pytest.mark.parametrize(
    ("changes", "attribute", "expected"),
    [
        pytest.param({"msgCounter": "17"}, "counter", 17, id="counter-as-text"),
        pytest.param({"msgCounter": 2**64 - 1}, "counter", 2**64 - 1, id="largest-counter"),
        pytest.param({"msgCounter": None}, "counter", None, id="counter-null"),
        pytest.param({"ackRequest": "true"}, "ack_request", True, id="ack-as-text"),
        pytest.param({"ackRequest": False}, "ack_request", False, id="ack-false"),
        pytest.param({"cmdClassifier": "shout"}, "classifier", "shout", id="unknown-classifier"),
        pytest.param(
            {"specificationVersion": None}, "specification_version", None, id="no-version"
        ),
        pytest.param({"newer": [{"a": 1}]}, "counter", 1, id="unknown-member"),
        pytest.param(
            {"addressDestination": None},
            "destination",
            FeatureAddress(None, (), None),
            id="no-dest",
        ),
        pytest.param(
            {"addressSource": {"device": "d", "entity": 1, "feature": "2"}},
            "source",
            FeatureAddress("d", (1,), 2),
            id="source-as-object",
        ),
        pytest.param(
            {"addressSource": [{"device": "d"}]},
            "source",
            FeatureAddress("d", (), None),
            id="device",
        ),
        pytest.param(
            {"addressSource": [{"entity": {}}, {"feature": 1}]},
            "source",
            FeatureAddress(None, (), 1),
            id="entity-as-empty-object",
        ),
    ],
)
def test_headers_of_real_devices_are_read(
    changes: dict[str, Any], attribute: str, expected: object
) -> None:
    assert getattr(decode_datagram(tree(**changes)).header, attribute) == expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="list"),
        pytest.param({"datagram": None}, id="no-datagram"),
        pytest.param({"datagram": [{"payload": []}]}, id="no-header"),
        pytest.param(tree(addressSource=None), id="no-source"),
        pytest.param(tree(addressSource="x"), id="source-is-text"),
        pytest.param(tree(addressSource=[{"entity": ["a"]}]), id="entity-is-text"),
        pytest.param(tree(msgCounter="x"), id="counter-is-text"),
        pytest.param(tree(5), id="command-is-scalar"),
    ],
)
def test_what_nobody_could_be_answered_for_is_refused(raw: object) -> None:
    with pytest.raises(DatagramError) as caught:
        decode_datagram(raw)
    assert caught.value.number == 1


def test_forms_of_the_envelope() -> None:
    plain = {
        "datagram": {
            "header": {"addressSource": {"entity": [1], "feature": 2}, "msgCounter": 1},
            "payload": {"cmd": [{"resultData": {"errorNumber": 7}}]},
        }
    }
    (command,) = decode_datagram(plain).commands
    assert command.data == ResultDataType(error_number=7)
    assert decode_datagram([plain]).header.counter == 1
    lone = {"cmd": [{"function": "resultData"}, {"resultData": []}]}
    assert (
        len(decode_datagram({"datagram": [{"header": header()}, {"payload": lone}]}).commands) == 1
    )


@pytest.mark.parametrize("payload", [None, [], {}, [{"cmd": []}], [{"cmd": {}}]])
def test_a_datagram_may_come_without_command(payload: object) -> None:
    raw = {"datagram": [{"header": header()}, {"payload": payload}]}
    assert decode_datagram(raw).commands == []


def test_several_commands_are_all_there_to_be_refused() -> None:
    assert len(decode_datagram(tree([{"resultData": []}], [{"resultData": []}])).commands) == 2


def test_function_only_commands() -> None:
    command = only_command({"function": LIMITS})
    assert (command.function, command.data, command.filters) == (LIMITS, None, ())


def test_empty_instances() -> None:
    command = only_command({LIMITS: []})
    assert command.data == LoadControlLimitListDataType()
    assert command.stated_function is None
    read = Command.empty(LIMITS)
    assert encode_datagram(Datagram(WRITE.header, [read]))["datagram"][1] == {
        "payload": [{"cmd": [[{LIMITS: []}]]}]
    }


def test_stated_function_may_contradict_the_data() -> None:
    command = only_command({"function": "measurementListData"}, {LIMITS: []})
    assert (command.function, command.stated_function) == (LIMITS, "measurementListData")


def test_unknown_functions_stay_raw() -> None:
    command = only_command({"function": "teapotData"}, {"teapotData": [{"a": 1}]})
    assert (command.function, command.known, command.data) == ("teapotData", False, None)
    assert command.raw == [{"a": 1}]
    assert encode_datagram(Datagram(WRITE.header, [command]))["datagram"][1] == {
        "payload": [{"cmd": [[{"function": "teapotData"}, {"teapotData": [{"a": 1}]}]]}]
    }


def test_a_known_function_is_preferred_to_an_unknown_member() -> None:
    assert only_command({"newer": []}, {LIMITS: []}).function == LIMITS


def test_extensions_are_no_data() -> None:
    command = only_command(
        {LIMITS: []}, {"manufacturerSpecificExtension": "00"}, {"lastUpdateAt": "PT0S"}
    )
    assert command.function == LIMITS
    assert only_command({"lastUpdateAt": "PT0S"}).function == ""


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([{LIMITS: []}, {"measurementListData": []}], id="two-functions"),
        pytest.param([{LIMITS: 5}], id="scalar-data"),
        pytest.param([{LIMITS: [{"loadControlLimitData": [[{"limitId": "x"}]]}]}], id="bad-scalar"),
    ],
)
def test_faulty_data_shows_when_it_is_read(members: list[dict[str, Any]]) -> None:
    command = only_command(*members)
    with pytest.raises(DatagramError) as caught:
        _ = command.data
    assert caught.value.number == 1


def filtered(*members: dict[str, Any]) -> Command:
    return only_command({"function": LIMITS}, {"filter": [list(members)]}, {LIMITS: []})


SELECTORS = f"{LIMITS}Selectors"
PARTIAL = {"cmdControl": [{"partial": []}]}


def test_repeated_selectors_all_count() -> None:
    (read,) = filtered(
        PARTIAL, {SELECTORS: [{"limitId": 0}]}, {SELECTORS: [{"limitId": 1}]}
    ).filters
    assert list(read.selectors) == [
        LoadControlLimitListDataSelectorsType(limit_id=0),
        LoadControlLimitListDataSelectorsType(limit_id=1),
    ]
    sent = Command.of(LIMITS, LoadControlLimitListDataType(), [read])
    raw = members_of(encode_datagram(Datagram(WRITE.header, [sent]))["datagram"])["payload"]
    assert raw == [
        {
            "cmd": [
                [
                    {"function": LIMITS},
                    {
                        "filter": [
                            [PARTIAL, {SELECTORS: [{"limitId": 0}]}, {SELECTORS: [{"limitId": 1}]}]
                        ]
                    },
                    {LIMITS: []},
                ]
            ]
        }
    ]


@pytest.mark.parametrize(
    ("raw", "partial", "delete"),
    [
        pytest.param([{"cmdControl": [{"partial": []}]}], True, False, id="array"),
        pytest.param({"cmdControl": {"partial": {}}}, True, False, id="object"),
        pytest.param([[{"cmdControl": [{"delete": []}]}]], False, True, id="list"),
        pytest.param([{"cmdControl": []}], False, False, id="no-control"),
        pytest.param([{"filterId": 3}, PARTIAL], True, False, id="filter-id"),
        pytest.param([{"cmdControl": [{"partial": True}]}], True, False, id="tag-as-true"),
        pytest.param([PARTIAL, {SELECTORS: None}], True, False, id="null-selectors"),
    ],
)
def test_forms_of_a_filter(raw: object, partial: bool, delete: bool) -> None:
    (read,) = only_command({"function": LIMITS}, {"filter": raw}, {LIMITS: []}).filters
    assert (read.partial, read.delete, tuple(read.selectors)) == (partial, delete, ())


@pytest.mark.parametrize(
    ("member", "number"),
    [
        pytest.param({"measurementListDataSelectors": [{"measurementId": 1}]}, 7, id="selectors"),
        pytest.param({"measurementDataElements": []}, 7, id="elements"),
        pytest.param({"newerListDataSelectors": []}, 7, id="unknown-selectors"),
        pytest.param({SELECTORS: [{"limitId": "x"}]}, 1, id="bad-scalar"),
        pytest.param({SELECTORS: 5}, 1, id="scalar"),
    ],
)
def test_filters_of_another_function_are_refused(member: dict[str, Any], number: int) -> None:
    command = filtered(PARTIAL, member)
    with pytest.raises(DatagramError) as caught:
        _ = command.filters
    assert caught.value.number == number


def frames(path: Path) -> list[str]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line["text"] for line in lines if line.get("type") == 2]


TRANSCRIPTS = sorted(FIXTURES.glob("*.jsonl"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_recorded_datagrams_are_written_as_they_came(path: Path) -> None:
    texts = frames(path)
    for text in texts:
        payload = members_of(members_of(loads(text.encode()))["data"])["payload"]
        read = decode_datagram(payload)
        for command in read.commands:
            assert command.known
            again = Command.of(command.function, command.data, command.filters)
            again.stated_function = command.stated_function
            assert encode_datagram(Datagram(read.header, [again])) == payload


def test_there_are_recorded_datagrams() -> None:
    assert sum(len(frames(path)) for path in TRANSCRIPTS) > 1000


def test_recorded_measurement_is_typed() -> None:
    raw = (FIXTURES / "bench-measurement.json").read_bytes()
    payload = members_of(members_of(loads(raw))["data"])["payload"]
    (command,) = decode_datagram(payload).commands
    assert isinstance(command.data, MeasurementListDataType)
    entries = command.data.measurement_data or []
    assert [entry.measurement_id for entry in entries] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert entries[3].value == ScaledNumberType(number=362993, scale=-2)


def folded(value: Any) -> Any:
    """Plain JSON in wire form."""
    if isinstance(value, dict):
        return [{name: folded(part)} for name, part in value.items()]
    if isinstance(value, list):
        return [folded(part) for part in value]
    return value


@needs(DEVICES)
@pytest.mark.parametrize(
    "path",
    sorted(DEVICES.glob("*/*-data.json")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_recorded_devices_are_read_in_both_forms(path: Path) -> None:
    plain = json.loads(path.read_text(encoding="utf-8"))["data"]["payload"]
    wire = {"datagram": folded(plain["datagram"])}
    (from_plain,) = decode_datagram(plain).commands
    (from_wire,) = decode_datagram(wire).commands
    assert from_wire.known
    assert from_wire.data is not None
    assert from_wire.data == from_plain.data
    read = decode_datagram(wire)
    sent = Command.of(from_wire.function, from_wire.data, from_wire.filters)
    sent.stated_function = from_wire.stated_function
    written = encode_datagram(Datagram(read.header, [sent]))
    assert without_timestamp(written) == without_timestamp(wire)


def without_timestamp(tree: dict[str, Any]) -> dict[str, Any]:
    head = [part for part in members_of(tree["datagram"])["header"] if "timestamp" not in part]
    return {"datagram": [{"header": head}, *tree["datagram"][1:]]}


@needs(WIRE / "golden")
@pytest.mark.parametrize(
    "path", sorted((WIRE / "golden").glob("*/*.json")), ids=lambda path: path.stem
)
def test_golden_datagrams_are_read(path: Path) -> None:
    (command,) = decode_datagram(json.loads(path.read_text(encoding="utf-8"))).commands
    assert command.known
    assert command.data is not None
    assert all(each.partial or each.delete for each in command.filters)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["x", LIMITS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["function", "filter", "cmdControl", "partial", LIMITS, SELECTORS, "limitId"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_arbitrary_commands_are_read_or_refused(value: Any) -> None:
    with contextlib.suppress(DatagramError):
        for command in decode_datagram(tree(value)).commands:
            with contextlib.suppress(DatagramError):
                _ = command.data
            _ = command.filters
