"""DBEVC at both ends: the wire map with its alternatives, write checks, and how a setpoint is kept alive."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.roles.events import WriteDone
from eebus_gw.vocabulary.behaviour import ACCEPTED, Answer, Write, refused
from eebus_gw.vocabulary.error_numbers import TIMEOUT
from eebus_gw.vocabulary.points.energy_request import DepartureField, DischargeSign, EnergyFields
from eebus_gw.vocabulary.values import (
    DischargeRequest,
    EnergyRequest,
    PowerConstraints,
    Range,
    SetpointFlaw,
    SetpointValue,
)
from tests.support.bench import Bench
from usecases.setpoint_behaviour import SetpointClient, SetpointServer
from usecases.setpoint_wire import WIRE, DeviceWire, Wire
from usecases.setpoints import DBEVC, BidirectionalCharging

CONSTRAINTS = PowerConstraints(1380.0, 11040.0, 1380.0, 11040.0)
REQUEST = EnergyRequest(-5000.0, 12000.0, 30000.0, 7200.0)
WINDOW = DischargeRequest(-5000.0, 30000.0)
IDLE = SetpointValue(0.0, False)

ALTERNATIVES: dict[str, Wire] = {
    "default": WIRE,
    "use_case_name in another case": replace(WIRE, use_case_name="dynamicBidirectionalEVCharging"),
    "version": replace(WIRE, version="1.1.0", sub_revision="RC1"),
    "scope_total": replace(WIRE, scope_total="acPowerTotal"),
    "scope_phase": replace(WIRE, scope_phase="acPower"),
    "scope_total and scope_phase": replace(WIRE, scope_total="acPowerTotal", scope_phase="acPower"),
    "energy_series_type": replace(WIRE, energy_series_type="singleDemand"),
    "departure as duration": replace(WIRE, departure_field=DepartureField.DURATION),
    "departure as end time": replace(WIRE, departure_field=DepartureField.END_TIME),
    "characteristic_context": replace(WIRE, characteristic_context="battery"),
    "negative production": replace(WIRE, negative_production=True),
}
AMBIGUOUS: dict[str, dict[str, Any]] = {
    "energy_field_map": {
        "energy_field_map": EnergyFields(minimum="value", target="max_value", maximum="min_value")
    },
    "discharge_sign": {"discharge_sign": DischargeSign.POSITIVE_MAGNITUDE},
    "flag_key": {"flag_key": "dischargingPermitted"},
    "discharge_series_type": {"discharge_series_type": "dischargingDemand"},
    "setpoint_type": {"setpoint_type": "valueRelative"},
}


def bench(
    wire: Wire = WIRE,
    *,
    client: BidirectionalCharging = DBEVC,
    setpoint: SetpointValue = IDLE,
    objection: Any = None,
) -> Bench:
    """A car that speaks ``wire`` and a client."""
    pair = Bench([client])
    server = BidirectionalCharging(wire)
    arguments = {"objection": objection} if objection is not None else {}
    pair.provide(
        server,
        SetpointServer(wire=wire, constraints=CONSTRAINTS, **arguments),
        setpoint=setpoint,
        setpoint_range_w=Range(-11040.0, 11040.0),
        energy_request=REQUEST,
        discharge_request=WINDOW,
        discharge_below_target=True,
        power_constraints=CONSTRAINTS,
    )
    pair.open()
    return pair


def expect_everything_read(
    pair: Bench, client: BidirectionalCharging = DBEVC, window: DischargeRequest = WINDOW
) -> None:
    assert pair.read(client, "setpoint") == IDLE
    assert pair.read(client, "setpoint_range_w") == Range(-11040.0, 11040.0)
    assert pair.read(client, "energy_request") == REQUEST
    assert pair.read(client, "discharge_request") == window
    assert pair.read(client, "discharge_below_target") is True
    assert pair.read(client, "power_constraints") == CONSTRAINTS


# ── the wire map


@pytest.mark.parametrize("wire", ALTERNATIVES.values(), ids=list(ALTERNATIVES))
def test_alternatives_are_read_at_once(wire: Wire) -> None:
    pair = bench(wire)
    expect_everything_read(pair)
    done = pair.write(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=120.0))
    assert (done.error_number, done.text) == (0, "")
    assert pair.read(DBEVC, "setpoint") == SetpointValue(-3000.0, True, end_s=120.0)


@pytest.mark.parametrize("members", AMBIGUOUS.values(), ids=list(AMBIGUOUS))
def test_what_cannot_be_told_apart_is_corrected_for_one_device(
    members: dict[str, Any],
) -> None:
    corrected = BidirectionalCharging(
        devices=(DeviceWire(r"^d:_n:test_box$", "a recording of this test", members),)
    )
    pair = bench(replace(WIRE, **members), client=corrected)
    # As magnitudes the window's upper edge is not told.
    told = replace(WINDOW, leave_wh=0.0) if "discharge_sign" in members else WINDOW
    expect_everything_read(pair, corrected, told)
    assert told.dischargeable_wh == 5000.0
    done = pair.write(corrected, "setpoint", SetpointValue(2000.0, True, end_s=60.0))
    assert done.error_number == 0
    assert (done.use_case, done.point) == (corrected, corrected.setpoint)


def test_a_correction_touches_no_other_device() -> None:
    other = BidirectionalCharging(
        devices=(DeviceWire("another", "", {"discharge_sign": DischargeSign.POSITIVE_MAGNITUDE}),)
    )
    assert other.for_device("d:_n:test_box") is other
    changed = other.for_device("d:_n:another_box")
    assert isinstance(changed, BidirectionalCharging)
    assert changed.wire.discharge_sign is DischargeSign.POSITIVE_MAGNITUDE
    assert [p.key for p in changed.points] == [p.key for p in DBEVC.points]


SIGNS = {
    "signed form, magnitudes expected": (WIRE, DischargeSign.POSITIVE_MAGNITUDE, 5000.0),
    "magnitudes, signed form expected": (
        replace(WIRE, discharge_sign=DischargeSign.POSITIVE_MAGNITUDE),
        DischargeSign.ISO,
        0.0,
    ),
}


@pytest.mark.parametrize(("wire", "expected", "energy_wh"), SIGNS.values(), ids=list(SIGNS))
def test_a_wrong_expectation_of_the_sign_never_permits_more(
    wire: Wire, expected: DischargeSign, energy_wh: float
) -> None:
    client = BidirectionalCharging(replace(WIRE, discharge_sign=expected))
    pair = bench(wire, client=client)
    assert pair.read(client, "discharge_request").dischargeable_wh == energy_wh


def test_matched_rows_are_evidence() -> None:
    pair = bench(replace(WIRE, scope_total="acPowerTotal", characteristic_context="battery"))
    consumer = pair.cem.host.consumer("box", DBEVC)
    assert DBEVC.evidence(consumer.entity) == {
        "scope_total": "acPowerTotal",
        "energy_series_type": "energyRequest",
        "discharge_series_type": "dischargingEnergyRequest",
        "characteristic_context": "battery",
        "flag_key": "dischargingBelowTargetEnergyRequestPermitted",
    }


@pytest.mark.parametrize("member", [each.name for each in fields(Wire)])
def test_every_member_is_documented(member: str) -> None:
    """Whoever corrects one has to find its name."""
    page = Path(__file__).parents[2] / "docs" / "bidirectional.md"
    rows = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    assert any(f"`{member}`" in row.split("|")[1] for row in rows)


# ── what goes over the wire


def sent_writes(pair: Bench) -> list[str]:
    return [text for text in map(json.dumps, pair.cem.sent) if '"cmdClassifier": "write"' in text]


def test_write_as_illustrated() -> None:
    pair = bench()
    pair.write(DBEVC, "setpoint", SetpointValue(-1650.0, True, end_s=120.0))
    text = sent_writes(pair)[-1]
    assert '"ackRequest": true' in text
    assert (
        '[{"function": "setpointListData"}, {"filter": [[{"cmdControl": [{"partial": []}]}]]}'
        in text
    )
    entry = (
        '[{"setpointId": 1}, {"value": [{"number": -1650}, {"scale": 0}]},'
        ' {"isSetpointActive": true}, {"timePeriod": [{"endTime": "PT2M"}]}]'
    )
    assert entry in text


def test_server_content() -> None:
    pair = bench(setpoint=replace(IDLE, phase_w=(0.0, 0.0, 0.0)))
    server = pair.box.host.providers[0].entity
    descriptions = server.data("Setpoint", "setpointDescriptionListData")
    rows = [
        (d.setpoint_id, d.setpoint_type, d.unit, d.scope_type)
        for d in descriptions.setpoint_description_data  # type: ignore[union-attr]
    ]
    assert rows == [
        (1, "valueAbsolute", "W", "batteryAcPower"),
        (2, "valueAbsolute", "W", "batteryAcPowerPhaseSpecific"),
        (3, "valueAbsolute", "W", "batteryAcPowerPhaseSpecific"),
        (4, "valueAbsolute", "W", "batteryAcPowerPhaseSpecific"),
    ]
    constraints = server.data("Setpoint", "setpointConstraintsListData")
    ranges = [
        (c.setpoint_range_min.number, c.setpoint_range_max.number, c.setpoint_step_size.number)
        for c in constraints.setpoint_constraints_data  # type: ignore[union-attr]
    ]
    assert ranges == [(-11040, 11040, 10), *[(-3680, 3680, 10)] * 3]


def test_an_end_that_is_not_wanted_any_more_is_deleted() -> None:
    pair = bench()
    pair.write(DBEVC, "setpoint", SetpointValue(2000.0, True, start_s=60.0, end_s=600.0))
    assert pair.read(DBEVC, "setpoint") == SetpointValue(2000.0, True, 60.0, 600.0)
    assert pair.write(DBEVC, "setpoint", SetpointValue(3000.0, True)).error_number == 0
    assert pair.read(DBEVC, "setpoint") == SetpointValue(3000.0, True)


def test_a_server_without_partial_write_gets_the_whole_list() -> None:
    pair = Bench([DBEVC])
    pair.provide(
        DBEVC, SetpointServer(constraints=CONSTRAINTS), setpoint=replace(IDLE, phase_w=(0.0,) * 3)
    )
    feature = pair.entity.server("Setpoint")
    assert feature is not None
    operations = feature.operations["setpointListData"]
    feature.operations["setpointListData"] = replace(operations, write_partial=False)
    pair.open()
    assert pair.write(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=60.0)).error_number == 0
    text = sent_writes(pair)[-1]
    assert '"filter"' not in text
    assert [f'"setpointId": {number}' in text for number in (1, 2, 3, 4)] == [True] * 4


# ── total and phases


@pytest.fixture
def asymmetric() -> Bench:
    return bench(setpoint=replace(IDLE, phase_w=(0.0, 0.0, 0.0)))


def test_phases_deactivate_the_total_and_the_other_way_round(asymmetric: Bench) -> None:
    total = SetpointValue(2000.0, True, end_s=60.0)
    phases = SetpointValue(None, True, end_s=60.0, phase_w=(1000.0, 1500.0, 2000.0))
    for value in (total, phases, total):
        assert asymmetric.write(DBEVC, "setpoint", value).error_number == 0
        assert asymmetric.read(DBEVC, "setpoint") == value
    assert phases.total_w == 4500.0


def test_server_deactivates_the_other_form_by_itself(asymmetric: Bench) -> None:
    asymmetric.write(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=60.0))
    raw_write(
        asymmetric,
        [entry(number, 1000, active=True, end="PT1M") for number in (2, 3, 4)],
    )
    data = asymmetric.entity.data("Setpoint", "setpointListData")
    active = [e.is_setpoint_active for e in data.setpoint_data]  # type: ignore[union-attr]
    assert active == [False, True, True, True]


def entry(
    number: int, watts: int | None, *, active: bool | None = None, **times: str
) -> list[dict[str, Any]]:
    """One entry of ``setpointListData`` in wire form."""
    members: list[dict[str, Any]] = [{"setpointId": number}]
    if watts is not None:
        members.append({"value": [{"number": watts}, {"scale": 0}]})
    if active is not None:
        members.append({"isSetpointActive": active})
    if times:
        names = {"start": "startTime", "end": "endTime"}
        members.append({"timePeriod": [{names[k]: v} for k, v in times.items()]})
    return members


def raw_write(pair: Bench, entries: list[Any], *, bound: bool = True) -> int:
    """Writes entries as they are and returns the error number of the answer."""
    session = pair.box.session
    assert session is not None
    consumer = pair.cem.host.consumer("box", DBEVC)
    server = consumer.entity.server("Setpoint")
    assert server is not None
    number = consumer.local.feature("Setpoint", "client").number if bound else 99
    counter = 9000 + len(pair.cem.sent)
    header = [
        {"specificationVersion": "1.3.0"},
        {
            "addressSource": [
                {"device": "d:_n:test_cem"},
                {"entity": list(consumer.local.path)},
                {"feature": number},
            ]
        },
        {
            "addressDestination": [
                {"device": "d:_n:test_box"},
                {"entity": list(server.entity)},
                {"feature": server.number},
            ]
        },
        {"msgCounter": counter},
        {"cmdClassifier": "write"},
        {"ackRequest": True},
    ]
    command = [
        {"function": "setpointListData"},
        {"filter": [[{"cmdControl": [{"partial": []}]}]]},
        {"setpointListData": [{"setpointData": entries}]},
    ]
    session.receive({"datagram": [{"header": header}, {"payload": [{"cmd": [command]}]}]}, pair.now)
    before = len(pair.box.sent)
    pair.settle()
    for payload in pair.box.sent[before:]:
        text = json.dumps(payload)
        if f'"msgCounterReference": {counter}' in text:
            return int(text.split('"errorNumber": ')[1].split("}")[0].split(",")[0])
    raise AssertionError("no answer")


CHECKS = {
    "client not bound": ([entry(1, 1000, active=True, end="PT1M")], False, 9),
    "unknown setpointId": ([entry(7, 1000, active=True, end="PT1M")], True, 7),
    "beyond constraints": ([entry(1, 20000, active=True, end="PT1M")], True, 7),
    "beyond constraints, discharging": ([entry(1, -20000, active=True, end="PT1M")], True, 7),
    "total and phase-specific together": (
        [entry(n, 2000, active=True, end="PT1M") for n in (1, 2, 3, 4)],
        True,
        7,
    ),
    "phase-specific incomplete": (
        [entry(n, 2000, active=True, end="PT1M") for n in (2, 3)],
        True,
        7,
    ),
    "phases that end apart": (
        [entry(n, 2000, active=True, end=f"PT{n}M") for n in (2, 3, 4)],
        True,
        7,
    ),
    "endTime not parseable": ([entry(1, 2000, active=True, end="soon")], True, 7),
    "endTime as time of day": ([entry(1, 2000, active=True, end="2026-01-01T12:30:00Z")], True, 7),
    "endTime in months": ([entry(1, 2000, active=True, end="P1M")], True, 7),
    "endTime before startTime": (
        [entry(1, 2000, active=True, start="PT10M", end="PT5M")],
        True,
        7,
    ),
    "endTime at startTime": ([entry(1, 2000, active=True, start="PT5M", end="PT5M")], True, 7),
    "expired at once": ([entry(1, 2000, active=True, end="PT0S")], True, 7),
    "no identifier": ([entry(1, 2000, active=True)[1:]], True, 7),
    "inside the gap": ([entry(1, 500, active=True, end="PT1M")], True, 0),
    "without end": ([entry(1, 2000, active=True)], True, 0),
    "all phases": ([entry(n, 2000, active=True, end="PT1M") for n in (2, 3, 4)], True, 0),
    "deactivated": ([entry(1, 0, active=False)], True, 0),
}


@pytest.mark.parametrize(("entries", "bound", "number"), CHECKS.values(), ids=list(CHECKS))
def test_write_checks(asymmetric: Bench, entries: list[Any], bound: bool, number: int) -> None:
    before = asymmetric.entity.data("Setpoint", "setpointListData")
    assert raw_write(asymmetric, entries, bound=bound) == number
    if number:
        assert asymmetric.entity.data("Setpoint", "setpointListData") == before


def test_not_changeable() -> None:
    pair = bench(setpoint=replace(IDLE, changeable=False))
    assert pair.read(DBEVC, "setpoint").changeable is False
    done = pair.write(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=60.0))
    assert done.error_number == 7


def test_the_car_has_its_own_reasons() -> None:
    def objection(value: SetpointValue, now: float) -> Answer:
        return refused("the driver does not permit discharging now")

    pair = bench(objection=objection)
    done = pair.write(DBEVC, "setpoint", SetpointValue(-2000.0, True, end_s=60.0))
    assert (done.error_number, done.text) == (7, "the driver does not permit discharging now")
    assert pair.read(DBEVC, "setpoint") == IDLE


def test_gap_policy_reject() -> None:
    pair = bench(replace(WIRE, gap_refused=True))
    assert pair.write(DBEVC, "setpoint", SetpointValue(500.0, True, end_s=60.0)).error_number == 7
    assert pair.write(DBEVC, "setpoint", SetpointValue(0.0, True, end_s=60.0)).error_number == 0


def test_total_phase_exclusive_false() -> None:
    wire = replace(WIRE, total_phase_exclusive=False)
    pair = bench(wire, setpoint=replace(IDLE, phase_w=(0.0, 0.0, 0.0)))
    assert raw_write(pair, [entry(n, 2000, active=True, end="PT1M") for n in (1, 2, 3, 4)]) == 0
    assert pair.read(DBEVC, "setpoint") == SetpointValue(2000.0, True, end_s=60.0)


def test_heartbeat_required_true() -> None:
    pair = bench(replace(WIRE, heartbeat_required=True))
    done = pair.write(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=60.0))
    assert (done.error_number, done.text) == (7, "no heartbeat of the client is heard")
    wire = replace(WIRE, heartbeat_required=True)
    pair = bench(wire, client=BidirectionalCharging(wire))
    done = pair.write(BidirectionalCharging(wire), "setpoint", SetpointValue(2000.0, True))
    assert done.error_number == 0


def test_times_of_day_of_a_peer_are_readable_but_flagged() -> None:
    pair = bench(replace(WIRE, absolute_times=True))
    written = [entry(1, 2000, active=True, end="2026-01-01T12:30:00Z")]
    assert raw_write(pair, written) == 0
    value = pair.read(DBEVC, "setpoint")
    assert value.end_s is None
    assert value.end_at == datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    assert value.flaw is SetpointFlaw.ABSOLUTE_TIME


# ── a setpoint on the direct current side


def test_direct_current_is_used_where_there_is_no_other() -> None:
    pair = bench(replace(WIRE, scope_total="batteryDcPower"))
    assert pair.write(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=60.0)).error_number == 0
    assert pair.read(DBEVC, "setpoint") == SetpointValue(2000.0, True, end_s=60.0)


# ── how the client keeps a setpoint alive

STOP = SetpointValue(0.0, False)
UNANSWERED = Answer(False, TIMEOUT, "no answer in time")


def setpoints_asked(pair: Bench) -> list[tuple[float | None, bool, float | None]]:
    return [(v.watts, v.active, v.end_s) for key, v, _ in pair.asked() if key == "setpoint"]


def test_setpoint_is_written_two_minutes_ahead_and_refreshed_every_30_s() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=100.0))
    assert setpoints_asked(pair) == [(-3000.0, True, 100.0)]
    pair.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=1800.0))
    pair.advance(61.0)
    assert setpoints_asked(pair)[1:] == [(-3000.0, True, 120.0)] * 3


def test_wish_ends_by_itself() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=70.0))
    pair.advance(200.0)
    assert setpoints_asked(pair) == [
        (-3000.0, True, 70.0),
        (-3000.0, True, 40.0),
        (-3000.0, True, 10.0),
    ]
    assert pair.reports("cem", "setpoint_ended") == [{"point": "setpoint"}]


def test_a_start_ahead_moves_nearer() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, start_s=45.0, end_s=900.0))
    pair.advance(61.0)
    times = [(v.start_s, v.end_s) for _, v, _ in pair.asked()]
    assert times == [(45.0, 165.0), (15.0, 135.0), (None, 120.0)]


def test_inactive_wish_is_written_once() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=900.0))
    pair.wish(DBEVC, "setpoint", SetpointValue(0.0, False))
    pair.advance(120.0)
    assert [active for _, active, _ in setpoints_asked(pair)] == [True, False]
    assert pair.read(DBEVC, "setpoint").active is False


def test_refused_wish_is_not_tried_again() -> None:
    pair = bench(objection=lambda value, now: refused("no"))
    pair.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=900.0))
    pair.advance(120.0)
    assert len(setpoints_asked(pair)) == 1
    assert pair.reports("cem", "setpoint_refused") == [
        {"point": "setpoint", "error_number": 7, "text": "no"}
    ]


@pytest.mark.parametrize("fate", [refused("no"), UNANSWERED, ACCEPTED])
def test_a_stop_is_written_whatever_became_of_the_setpoint_before_it(fate: Answer) -> None:
    client = SetpointClient()
    client.on_wish("setpoint", SetpointValue(-3000.0, True, end_s=900.0), 0.0)
    assert client.on_wish("setpoint", STOP, 1.0) == []
    assert client.on_written("setpoint", fate, 2.0) == [Write("setpoint", STOP)]


def test_an_unanswered_stop_is_written_again_at_once() -> None:
    client = SetpointClient()
    assert client.on_wish("setpoint", STOP, 0.0) == [Write("setpoint", STOP)]
    assert client.on_written("setpoint", UNANSWERED, 12.0) == [Write("setpoint", STOP)]
    assert client.on_written("setpoint", ACCEPTED, 13.0) == []
    assert client.next_deadline() is None


def test_permission_taken_back_ends_the_wish() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=900.0))
    provider = pair.box.host.providers[0]
    provider.put(provider.use_case.point("setpoint"), replace(IDLE, changeable=False))
    pair.advance(120.0)
    assert len(setpoints_asked(pair)) == 1
    assert pair.reports("cem", "setpoint_withdrawn") == [{"point": "setpoint"}]


def test_old_setpoints_are_not_replayed_after_reconnecting() -> None:
    pair = bench()
    pair.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=900.0))
    pair.disconnect()
    pair.connect()
    pair.advance(120.0)
    assert len(setpoints_asked(pair)) == 1


def test_unplugging_while_a_write_is_pending_ends_it_and_nothing_is_left() -> None:
    pair = bench()
    pair.cem.host.write(
        "box", DBEVC, DBEVC.setpoint, SetpointValue(2000.0, True, end_s=60.0), pair.now
    )
    pair.box.host.remove_entity(pair.entity)
    pair.settle()
    pair.advance(15.0)
    assert [done.error_number for done in pair.cem.of(WriteDone)] != [0]
    assert pair.read(DBEVC, "setpoint") is None
