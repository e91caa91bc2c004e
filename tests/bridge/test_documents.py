"""Documents of a wallbox: members and rules of the contract, section payloads and units."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eebus_gw.bridge.documents import (
    Car,
    LimitFacts,
    charge_state,
    ev_document,
    evse_document,
    leaves_of,
    limit_document,
    limits_document,
    meter_document,
    power,
    status_letter,
)
from eebus_gw.bridge.readings import Readings
from eebus_gw.vocabulary.values import (
    Identification,
    LimitValue,
    OperatingState,
    PhaseLimits,
    PhaseRanges,
    Range,
    Reading,
)

TS = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def readings(**values: Any) -> Readings:
    """Readings by ``code__key``."""
    found = Readings()
    for name, value in values.items():
        code, key = name.split("__")
        reading = value if isinstance(value, Reading) else Reading(value)
        found.put((code, key), reading)
    return found


@pytest.mark.parametrize(
    ("known", "watts", "source"),
    [
        pytest.param({}, None, None, id="nothing known is null, never 0"),
        pytest.param({"evcem__power_total_w": 5000.0}, 5000.0, "evcem", id="the total"),
        pytest.param({"evcem__power_w": (1.0, 2.0, None)}, 3.0, "evcem", id="sum of the phases"),
        pytest.param(
            {"evcem__current_a": (10.0, None, None)}, 2300.0, "derived", id="currents × 230 V"
        ),
        pytest.param({"mpc__power_w": 7.0}, 7.0, "mpc", id="the wallbox's own meter"),
        pytest.param(
            {"evcem__power_total_w": Reading(9.0, "error"), "mpc__power_w": 7.0},
            7.0,
            "mpc",
            id="MPC-003 a faulty value is no value",
        ),
    ],
)
def test_power(known: dict[str, Any], watts: float | None, source: str | None) -> None:
    assert power(readings(**known)) == (watts, source)


@pytest.mark.parametrize(
    ("known", "connected", "state"),
    [
        pytest.param({}, False, "unplugged", id="no car"),
        pytest.param({}, True, "unknown", id="a car that has said nothing"),
        pytest.param({"evcem__power_total_w": 4140.0}, True, "active", id="draws power"),
        pytest.param(
            {"evcem__power_total_w": 500.0, "evcc__power_range_w": Range(1380, 11040)},
            True,
            "paused",
            id="less than 60 % of the minimum is not charging",
        ),
        pytest.param(
            {"evcc__operating_state": OperatingState("finished")}, True, "finished", id="full"
        ),
        pytest.param(
            {"evcc__operating_state": OperatingState("failure")}, True, "error", id="faulty car"
        ),
        pytest.param(
            {"evsecc__operating_state": OperatingState("failure")}, True, "error", id="EVSECC-020"
        ),
        pytest.param({"evcem__power_total_w": -3000.0}, True, "active", id="discharging"),
    ],
)
def test_charge_state(known: dict[str, Any], connected: bool, state: str) -> None:
    assert charge_state(readings(**known), connected) == state


def test_status_letters_follow_iec_61851() -> None:
    letters = {state: status_letter(state) for state in ("unplugged", "paused", "active", "error")}
    assert letters == {"unplugged": "A", "paused": "B", "active": "C", "error": "F"}


def test_meter_without_a_car_shows_zero_and_not_null() -> None:
    document = meter_document(readings(), False, TS)
    assert document["power_w"] == 0
    assert document["current_a"] == [0, 0, 0]
    assert document["phases_active"] == 0


def test_meter_counts_the_phases_that_carry_current() -> None:
    known = readings(evcem__current_a=(10.0, 0.2, None), evcem__power_total_w=2300.0)
    document = meter_document(known, True, TS)
    assert document["phases_active"] == 1
    assert document["current_a"] == [10.0, 0.2, None]


def test_meter_says_why_a_value_is_missing() -> None:
    document = meter_document(readings(evcem__power_total_w=Reading(1.0, "outOfRange")), True, TS)
    assert document["power_w"] is None
    assert document["power_w_state"] == "outOfRange"


def test_any_value_that_must_not_be_used_has_its_reason_beside_it() -> None:
    document = ev_document(readings(evsoc__soc_percent=Reading(7.0, "error")), Car(True), TS, str)
    assert (document["soc_percent"], document["soc_percent_state"]) == (None, "error")
    assert "capacity_kwh_state" not in document


def test_ev_members_are_complete_and_null_where_unknown() -> None:
    document = ev_document(readings(), Car(True, settled=False), TS, str)
    assert document["soc_percent"] is None
    assert document["min_a"] == [None, None, None]
    assert document["standard"] == "unknown"
    assert document["not_offered"] == []


def test_ev_names_what_the_car_never_offers_once_it_had_its_time() -> None:
    document = ev_document(readings(evcc__standard="iec61851"), Car(True), TS, str)
    assert "soc_percent" in document["not_offered"]
    assert "standard" not in document["not_offered"]
    assert {"ids", "sleep"} <= set(document["not_offered"])


def test_ev_shows_or_hashes_identifications() -> None:
    known = readings(evcc__identification=(Identification("eui48", "AA-BB"),))
    document = ev_document(known, Car(True), TS, lambda value: f"hash of {value}")
    assert document["ids"] == [{"type": "eui48", "value": "hash of AA-BB"}]


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ("iec61851", "iec61851"),
        ("iso15118-2ed1", "iso15118-2-ed1"),
        ("iso15118-2ed2", "iso15118-2-ed2"),
        ("iso15118-20", "iso15118-20"),
        ("iso15118-20-ac", "iso15118-20"),
        ("chademo", "unknown"),
    ],
)
def test_standards(wire: str, shown: str) -> None:
    assert ev_document(readings(evcc__standard=wire), Car(True), TS, str)["standard"] == shown


def test_limits_are_those_the_wallbox_reports() -> None:
    known = readings(
        opev__limit_a=PhaseLimits((10.0, 10.0, 10.0)),
        opev__range_a=PhaseRanges((Range(6, 16, 0),) * 3),
    )
    document = limits_document(known, None, TS)
    assert document["obligation"] == {
        "value_a": [10.0] * 3,
        "active": [True] * 3,
        "changeable": [True] * 3,
        "min_a": [6] * 3,
        "max_a": [16] * 3,
        "default_a": [0] * 3,
    }
    assert document["recommendation"] is None


def test_production_limits_are_shown_as_magnitudes() -> None:
    document = limit_document(
        readings(lpp__limit=LimitValue(-5000.0, True, 60.0)), "lpp", LimitFacts(TS, 5.0), TS
    )
    assert document["limit_w"] == 5000
    assert document["until"] == "2026-01-02T03:05:05.000Z"
    assert document["heartbeat_ok"] is True


def test_limit_without_duration_has_no_end() -> None:
    document = limit_document(
        readings(lpc__limit=LimitValue(4200.0, True)), "lpc", LimitFacts(TS), TS
    )
    assert document["until"] is None
    assert document["limit_active"] is True
    assert document["limited_today_s"] is None


@pytest.mark.parametrize("changeable", [True, False])
def test_whether_a_limit_can_be_changed_is_what_the_wallbox_says(changeable: bool) -> None:
    limit = LimitValue(4200.0, True, changeable=changeable)
    document = limit_document(readings(lpc__limit=limit), "lpc", LimitFacts(TS), TS)
    assert document["limit_changeable"] is changeable


def test_a_limit_that_is_not_told_any_more_is_unknown() -> None:
    """The wallbox is gone: what it told last is not what holds there now."""
    document = limit_document(readings(), "lpc", LimitFacts(TS, 1.0, "carport"), TS)
    unknown = set(document) - {"heartbeat_ok", "peer", "ts"}
    assert {document[member] for member in unknown} == {None}
    assert document["heartbeat_ok"] is False


def test_evse_counts_its_phases() -> None:
    known = readings(
        evsecc__operating_state=OperatingState("failure", "E7"),
        opev__range_a=PhaseRanges((Range(6, 16), None, None)),
    )
    document = evse_document(known, TS)
    assert (document["operating_state"], document["error_text"]) == ("failure", "E7")
    assert document["phases"] == 1


def test_every_use_case_of_a_document_leads_to_it() -> None:
    assert "meter" in leaves_of("evcem")
    assert set(leaves_of("opev")) == {"ev", "evse", "limits"}
    assert leaves_of("nothing") == []
