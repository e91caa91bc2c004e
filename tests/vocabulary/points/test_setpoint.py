"""Setpoints: which entries belong to which form, and what a server finds in a write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.model.setpoint import SetpointDataType, SetpointDescriptionDataType
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import SETPOINT_DESCRIPTIONS, SETPOINTS
from eebus_gw.vocabulary.points.setpoint import Setpoint, SetpointRange
from eebus_gw.vocabulary.points.setpoint_places import Places, SetpointScopes
from eebus_gw.vocabulary.points.topology import POWER, POWER_TOTAL, ensure_measurement
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Range, SetpointFlaw, SetpointValue
from tests.vocabulary.points.support import round_trip, shelf

SCOPES = SetpointScopes(
    ("batteryAcPower", "acPowerTotal"),
    ("batteryAcPowerPhaseSpecific", "acPower"),
    ("batteryDcPower",),
)
POINT = Setpoint("setpoint", SCOPES)
watts = st.integers(-22_000, 22_000).map(float)
seconds = st.one_of(st.none(), st.integers(0, 86_400).map(float))


@given(watts, st.booleans(), seconds, seconds, st.booleans())
def test_what_is_published_is_read(
    power: float, active: bool, start: float | None, end: float | None, changeable: bool
) -> None:
    value = SetpointValue(power, active, start, end, changeable=changeable)
    assert round_trip(POINT, value) == value


@given(st.tuples(watts, watts, watts), seconds)
def test_phases_are_one_value(phases: tuple[float, float, float], end: float | None) -> None:
    value = SetpointValue(None, True, end_s=end, phase_w=phases)
    assert round_trip(POINT, value) == value


def describe(here: Shelf, number: int, scope: str, phase: str | None) -> None:
    quantity = POWER if phase in ("a", "b", "c") else POWER_TOTAL
    measurement = ensure_measurement(here, quantity, phase) if phase else None
    here.put(
        SETPOINT_DESCRIPTIONS,
        SetpointDescriptionDataType(
            setpoint_id=number, scope_type=scope, measurement_id=measurement, unit="W"
        ),
    )


PLACES = {
    "total": ([(1, "batteryAcPower", "abc")], Places(1)),
    "alternative spelling": ([(1, "acPowerTotal", "abc")], Places(1)),
    "the configured spelling wins": (
        [(1, "acPowerTotal", "abc"), (2, "batteryAcPower", "abc")],
        Places(2),
    ),
    "without measurement": ([(4, "batteryAcPower", None)], Places(4)),
    "identifier 0": ([(0, "batteryAcPower", "abc")], Places(0)),
    "phases": (
        [(n, "batteryAcPowerPhaseSpecific", p) for n, p in ((5, "b"), (6, "a"), (7, "c"))],
        Places(None, (6, 5, 7)),
    ),
    "the scope of the total on one phase": (
        [(1, "batteryAcPower", "abc"), (2, "batteryAcPower", "a")],
        Places(1, (2, None, None)),
    ),
    "the total of a car on one phase": ([(1, "batteryAcPower", "a")], Places(1)),
    "total and phase of a car on one phase": (
        [(1, "batteryAcPower", "b"), (2, "batteryAcPowerPhaseSpecific", "b")],
        Places(1, (None, 2, None)),
    ),
    "the scope of the total on every phase": (
        [(n, "batteryAcPower", p) for n, p in ((1, "a"), (2, "b"), (3, "c"))],
        Places(None, (1, 2, 3)),
    ),
    "a phase that cannot be told": ([(1, "batteryAcPowerPhaseSpecific", None)], None),
    "direct current": ([(3, "batteryDcPower", None)], Places(None, direct_current=3)),
    "foreign": ([(1, "dhwTemperature", None)], None),
}


@pytest.mark.parametrize(("described", "places"), PLACES.values(), ids=list(PLACES))
def test_places(described: list[tuple[int, str, str | None]], places: Places | None) -> None:
    here = shelf()
    for number, scope, phase in described:
        describe(here, number, scope, phase)
    assert POINT.locate(here) == places


def state(
    number: int, power: float | None = 0.0, *, active: bool = False, end: str | None = None
) -> SetpointDataType:
    return SetpointDataType(
        setpoint_id=number,
        value=None if power is None else scaled_number(power),
        is_setpoint_changeable=True,
        is_setpoint_active=active,
        time_period=None if end is None else TimePeriodType(end_time=end),
    )


def on(*entries: SetpointDataType) -> Shelf:
    """A total (1) and phases (2 to 4) with these states."""
    here = shelf()
    describe(here, 1, "batteryAcPower", "abc")
    for number, phase in ((2, "a"), (3, "b"), (4, "c")):
        describe(here, number, "batteryAcPowerPhaseSpecific", phase)
    here.put(SETPOINTS, *entries)
    return here


def only(*entries: SetpointDataType) -> Shelf:
    here = shelf()
    here.put(SETPOINTS, *entries)
    return here


ALL = [state(n, 1000.0, active=True) for n in (2, 3, 4)]
ASKED = {
    "total": ([state(1, 500.0, active=True)], SetpointValue(500.0, True)),
    "phases": (ALL, SetpointValue(None, True, phase_w=(1000.0, 1000.0, 1000.0))),
    "both": (
        [state(1, 500.0, active=True), *ALL],
        SetpointValue(500.0, True, flaw=SetpointFlaw.BOTH_FORMS),
    ),
    "two of three": (
        ALL[:2],
        SetpointValue(None, True, flaw=SetpointFlaw.INCOMPLETE_PHASES),
    ),
    "no value": (
        [state(1, None, active=True)],
        SetpointValue(None, True, flaw=SetpointFlaw.UNREADABLE_VALUE),
    ),
    "unreadable end": (
        [state(1, 5.0, active=True, end="later")],
        SetpointValue(5.0, True, flaw=SetpointFlaw.UNREADABLE_TIME),
    ),
    "nothing activated": ([state(1, 0.0)], SetpointValue(0.0, False)),
}


@pytest.mark.parametrize(("written", "value"), ASKED.values(), ids=list(ASKED))
def test_what_a_write_asks_for(written: list[SetpointDataType], value: SetpointValue) -> None:
    rest = [state(n) for n in (1, 2, 3, 4) if n not in {e.setpoint_id for e in written}]
    reading = POINT.asked(on(*written, *rest), only(*written), Places(1, (2, 3, 4)))
    assert reading is not None
    assert reading.value == value


def test_writing_one_form_while_the_other_is_active_is_no_contradiction() -> None:
    after = on(state(1, 500.0, active=True), *ALL)
    reading = POINT.asked(after, only(*ALL), Places(1, (2, 3, 4)))
    assert reading is not None
    assert reading.value == SetpointValue(None, True, phase_w=(1000.0,) * 3)


def test_deactivating_one_form_leaves_what_the_other_says() -> None:
    after = on(state(1, 500.0), *ALL)
    reading = POINT.asked(after, only(state(1, 500.0)), Places(1, (2, 3, 4)))
    assert reading is not None
    assert reading.value.per_phase


def test_change_deactivates_only_what_is_active() -> None:
    value = SetpointValue(700.0, True, end_s=60.0)
    quiet = POINT.change(on(state(1), *(state(n) for n in (2, 3, 4))), Places(1, (2, 3, 4)), value)
    assert [e.setpoint_id for e in quiet.entries] == [1]  # type: ignore[attr-defined]
    busy = POINT.change(on(state(1), *ALL), Places(1, (2, 3, 4), 9), value)
    assert [(e.setpoint_id, e.is_setpoint_active) for e in busy.entries] == [  # type: ignore[attr-defined]
        (1, True),
        (2, False),
        (3, False),
        (4, False),
    ]


def test_change_never_states_what_is_the_servers() -> None:
    change = POINT.change(on(state(1)), Places(1), SetpointValue(1.0, True))
    (entry,) = change.entries
    assert isinstance(entry, SetpointDataType)
    assert entry.is_setpoint_changeable is None
    assert entry.value_min is None


def test_optional_setpoint_is_described_with_its_first_value() -> None:
    here = shelf()
    point = Setpoint("dc", SetpointScopes(("batteryDcPower",)), measured=False, optional=True)
    point.describe(here)
    assert point.locate(here) is None
    point.publish(here, SetpointValue(0.0, False))
    assert point.locate(here) == Places(1)


def test_range_has_a_share_for_each_phase() -> None:
    here = shelf()
    POINT.describe(here)
    POINT.publish(here, SetpointValue(0.0, False, phase_w=(0.0, 0.0, 0.0)))
    assert round_trip(SetpointRange("range", SCOPES), Range(-9000.0, 9000.0), here) == Range(
        -9000.0, 9000.0
    )


def test_owns_every_form() -> None:
    keys = POINT.owns(Places(1, (2, 3, None), 9), "setpointListData")
    assert keys == {(1,), (2,), (3,), (9,)}
    assert POINT.owns(Places(1), "setpointDescriptionListData") == frozenset()
