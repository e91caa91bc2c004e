from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.bridge.commands import Command, Origin
from eebus_gw.bridge.fields import FIELDS
from eebus_gw.bridge.intake import ClearRetained, Intake, Outcome
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.results import Result, State
from eebus_gw.bridge.topics import Topics
from eebus_gw.wire.codec import dumps
from tests.support.clock import FakeClock

TOPICS = Topics()


def _intake(clock: FakeClock | None = None) -> Intake:
    return Intake(
        known=lambda device: device == "carport",
        wall=(clock or FakeClock()).wall,
        new_id=lambda: "generated",
    )


def _read(topic: str, payload: bytes | str, **options: Any) -> list[Outcome]:
    address = TOPICS.address(f"eebus/{topic}")
    assert address is not None
    data = payload.encode() if isinstance(payload, str) else payload
    return _intake().read(address, Received(f"eebus/{topic}", data, **options), now=1000.0)


def _command(topic: str, payload: bytes | str) -> Command:
    (outcome,) = _read(topic, payload)
    assert isinstance(outcome, Command), outcome
    return outcome


def _refusal(topic: str, payload: bytes | str) -> Result:
    (outcome,) = _read(topic, payload)
    assert isinstance(outcome, Result), outcome
    assert outcome.state in (State.REJECTED, State.EXPIRED)
    return outcome


def test_the_example_of_the_contract() -> None:
    command = _command(
        "carport/set",
        '{"id": "ems-4711", "ts": "2026-11-25T11:59:55.000Z", "ttl_s": 20,'
        ' "max_current_a": [10, 10, 10]}',
    )
    assert command == Command(
        token=1,
        device="carport",
        field="max_current_a",
        value=[10, 10, 10],
        requested=[10, 10, 10],
        id="ems-4711",
        source="mqtt",
        origin=Origin.MQTT,
        received=1000.0,
        expires=1015.0,
    )


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        ("true", True),
        ("false", False),
        ("1", True),
        ("0", False),
        ("ON", True),
        ("Off", False),
        ("TRUE", True),
        (" on\n", True),
    ],
)
def test_boolean_spellings(payload: str, value: bool) -> None:
    assert _command("carport/set/charging_enabled", payload).value is value


@pytest.mark.parametrize(
    ("field", "payload", "value"),
    [
        ("max_current_a", "16", [16, 16, 16]),
        ("max_current_a", "16.0", [16, 16, 16]),
        ("max_current_a", "+6", [6, 6, 6]),
        ("max_current_a", "6.", [6, 6, 6]),
        ("max_current_a", "[10,11,12]", [10, 11, 12]),
        ("recommended_current_a", "null", None),
        ("lpc", "true", {"limit_w": None, "active": True, "duration_s": None}),
        ("lpc", "off", {"limit_w": None, "active": False, "duration_s": None}),
        ("lpc", "1", {"limit_w": 1, "active": True, "duration_s": None}),
        (
            "lpc",
            '{"limit_w":4200,"active":true}',
            {"limit_w": 4200, "active": True, "duration_s": None},
        ),
        ("setpoint", "-3000", {"setpoint_w": -3000, "active": True, "duration_s": None}),
    ],
)
def test_one_field_topics_take_scalars_and_json(field: str, payload: str, value: Any) -> None:
    command = _command(f"carport/set/{field}", payload)
    assert command.value == value
    assert command.id == "generated"
    assert command.expires == 1030.0


@pytest.mark.parametrize(
    ("reserved", "command_id"),
    [
        ('"id": "ems-1", "ts": "yesterday"', "ems-1"),
        ('"id": "ems-1", "ttl_s": 1e9', "ems-1"),
        ('"id": 5', "generated"),
    ],
)
def test_a_refusal_for_the_envelope_names_the_id_of_the_sender(
    reserved: str, command_id: str
) -> None:
    assert _refusal("carport/set", f'{{{reserved}, "max_current_a": 9}}').id == command_id


def test_an_object_on_a_field_topic_may_carry_the_reserved_members() -> None:
    command = _command(
        "carport/set/setpoint", '{"setpoint_w": -1, "id": "a", "ttl_s": 5, "source": "ems"}'
    )
    assert (command.id, command.source, command.expires) == ("a", "ems", 1005.0)
    assert command.requested == {"setpoint_w": -1}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("carport/set", '{"max_currant_a": 6}'), ("carport/set/max_currant_a", "6")],
)
def test_an_unknown_field_names_the_nearest_one(topic: str, payload: str) -> None:
    (refusal,) = _read(topic, payload)
    assert isinstance(refusal, Result)
    assert (refusal.reason, refusal.detail) == ("unknown_field", "did you mean 'max_current_a'?")


def test_several_fields_are_judged_one_by_one() -> None:
    good, bad, unknown = _read(
        "carport/set", '{"id": "x", "max_current_a": 6, "setpoint": "much", "colour": 1}'
    )
    assert isinstance(good, Command)
    assert isinstance(bad, Result)
    assert isinstance(unknown, Result)
    assert (bad.id, bad.field, bad.reason) == ("x", "setpoint", "wrong_type")
    assert (unknown.id, unknown.field, unknown.reason) == ("x", "colour", "unknown_field")
    assert unknown.requested == 1


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("carport/set", "{", "invalid_json"),
        ("carport/set", b"\xff\xfe", "invalid_json"),
        ("carport/set", '{"max_current_a": NaN}', "invalid_json"),
        ("carport/set", '{"max_current_a": Infinity}', "invalid_json"),
        ("carport/set", "[" * 5000, "invalid_json"),
        ("carport/set", '{"a":' + "[" * 6 + "1" + "]" * 6 + "}", "invalid_json"),
        ("carport/set", '{"a":"' + "x" * 16384 + '"}', "invalid_json"),
        ("carport/set", "16", "wrong_type"),
        ("carport/set", "[]", "wrong_type"),
        ("carport/set", "{}", "wrong_type"),
        ("carport/set", '{"id": "only"}', "wrong_type"),
        ("carport/set", '{"id": 7, "max_current_a": 6}', "wrong_type"),
        ("carport/set", '{"id": "' + "x" * 65 + '", "max_current_a": 6}', "out_of_range"),
        ("carport/set", '{"ttl_s": 3601, "max_current_a": 6}', "out_of_range"),
        ("carport/set", '{"ts": "yesterday", "max_current_a": 6}', "wrong_type"),
        ("carport/set", '{"source": "' + "x" * 33 + '", "max_current_a": 6}', "out_of_range"),
        ("carport/set", json.dumps({str(i): i for i in range(40)}), "unknown_field"),
        ("carport/set/colour", "1", "unknown_field"),
        ("carport/set/a/b", "1", "unknown_field"),
        ("carport/set/max_current_a", "much", "wrong_type"),
        ("carport/set/max_current_a", "NaN", "wrong_type"),
        ("carport/set/max_current_a", "12,5", "wrong_type"),
        ("carport/set/max_current_a", "[10,", "invalid_json"),
        ("carport/set/max_current_a", "true", "wrong_type"),
        ("carport/set/charging_enabled", "2", "wrong_type"),
        ("carport/set/max_current_a", "-1", "out_of_range"),
        ("attic/set", '{"max_current_a": 6}', "device_unknown"),
        ("attic/set/max_current_a", "6", "device_unknown"),
    ],
)
def test_refusals(topic: str, payload: bytes | str, reason: str) -> None:
    refusal = _refusal(topic, payload)
    assert refusal.reason == reason
    assert refusal.device == topic.split("/")[0]
    assert refusal.exit_status != 0


@pytest.mark.parametrize(
    ("ts", "ttl_s", "outcome"),
    [
        ("2026-11-25T11:59:30.001Z", 30, 1000.001),
        ("2026-11-25T11:59:30.000Z", 30, "expired"),
        ("2026-11-25T11:00:00.000Z", 3600, "expired"),
        ("2026-11-25T12:00:30.000Z", 30, 1030.0),
        ("2026-11-25T12:00:30.001Z", 30, "rejected"),
        ("2026-11-25T13:00:00+01:00", 5, 1005.0),
    ],
)
def test_age_and_skew_at_noon(ts: str, ttl_s: int, outcome: float | str) -> None:
    payload = json.dumps({"ts": ts, "ttl_s": ttl_s, "max_current_a": 6})
    (read,) = _read("carport/set", payload)
    if isinstance(read, Command):
        assert read.expires == pytest.approx(outcome)
    else:
        assert isinstance(read, Result)
        assert (read.state.value, read.reason) == (outcome, "stale")


def test_a_retained_command_is_refused_and_cleared() -> None:
    refusal, clearing = _read("carport/set/max_current_a", "16", retained=True)
    assert isinstance(refusal, Result)
    assert (refusal.state, refusal.reason) == (State.REJECTED, "retained_command")
    assert refusal.field == "max_current_a"
    assert clearing == ClearRetained("eebus/carport/set/max_current_a")


def test_the_echo_of_a_clearing_is_no_command() -> None:
    assert _read("carport/set/max_current_a", "") == []


def test_twenty_commands_a_second_and_device() -> None:
    intake = _intake()
    address = TOPICS.address("eebus/carport/set/max_current_a")
    assert address is not None
    message = Received("eebus/carport/set/max_current_a", b"6")
    for index in range(20):
        (outcome,) = intake.read(address, message, now=1000.0 + index * 0.01)
        assert isinstance(outcome, Command)
    (refused,) = intake.read(address, message, now=1000.999)
    assert isinstance(refused, Result)
    assert refused.reason == "rate_limited"
    (taken,) = intake.read(address, message, now=1001.0)
    assert isinstance(taken, Command)


def test_a_flood_is_refused_by_id_and_not_one_to_one() -> None:
    intake = _intake()
    address = TOPICS.address("eebus/carport/set")
    assert address is not None
    answers: list[Outcome] = []
    for index in range(1000):
        payload = b'{"id": "n%d", "max_current_a": 6}' % index
        answers += intake.read(address, Received("eebus/carport/set", payload), now=1000.0)
    refused = [outcome for outcome in answers if isinstance(outcome, Result)]
    assert [result.id for result in refused] == [f"n{index}" for index in range(20, 40)]
    assert {result.reason for result in refused} == {"rate_limited"}


def test_a_flood_for_unknown_devices_is_not_answered_one_to_one() -> None:
    intake = _intake()
    answers = 0
    for index in range(100):
        address = TOPICS.address(f"eebus/unknown-{index}/set")
        assert address is not None
        answers += len(intake.read(address, Received("", b"{}"), now=1000.0))
    assert answers == 20


def test_members_from_the_command_line_are_read_alike() -> None:
    (command,) = _intake().read_members(
        "carport", {"setpoint": -3000, "source": "cli"}, Origin.CLI, now=5.0
    )
    assert isinstance(command, Command)
    assert (command.origin, command.received) == (Origin.CLI, 5.0)
    (refusal,) = _intake().read_members("attic", {"setpoint": 1}, Origin.CLI, now=5.0)
    assert isinstance(refusal, Result)
    assert refusal.reason == "device_unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*FIELDS]), inner),
    max_leaves=20,
)
COMMANDS = st.dictionaries(
    st.sampled_from([*FIELDS, "id", "ts", "ttl_s", "source", "limit_w", "active"]), JSON
)
PAYLOADS = (
    st.binary() | JSON.map(json.dumps).map(str.encode) | COMMANDS.map(json.dumps).map(str.encode)
)


@given(
    topic=st.sampled_from(
        ["carport/set", "attic/set", *(f"carport/set/{name}" for name in FIELDS)]
    ),
    payload=PAYLOADS,
)
def test_intake_never_raises_and_every_refusal_can_be_published(topic: str, payload: bytes) -> None:
    for outcome in _read(topic, payload):
        if isinstance(outcome, Result):
            assert outcome.final
            dumps(outcome.document())
        else:
            assert isinstance(outcome, Command)
            assert outcome.expires > outcome.received
