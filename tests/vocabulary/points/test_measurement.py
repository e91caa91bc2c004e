"""Measured values as a server publishes them and a client reads them."""

from __future__ import annotations

import pytest

from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionDescriptionDataType,
    ElectricalConnectionParameterDescriptionDataType,
)
from eebus_gw.spine.model.measurement import MeasurementDataType, MeasurementDescriptionDataType
from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.functions import (
    CONNECTIONS,
    MEASUREMENT_DESCRIPTIONS,
    MEASUREMENTS,
    PARAMETERS,
)
from eebus_gw.vocabulary.points.measurement import Measurement, PhaseMeasurement
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PhaseValues, Reading
from tests.vocabulary.points.support import round_trip, shelf
from usecases.ev_monitoring import EVCEM
from usecases.monitoring import MGCP, MPC, Monitoring


def reading(on: Shelf) -> Reading[float] | None:
    """What a client reads of the power."""
    place = MGCP.power_w.locate(on)
    assert place is not None
    return MGCP.power_w.read(on, place)


def test_a_value_that_is_not_known_any_more_is_not_to_be_used() -> None:
    """[MGCP-003]: the number of a value in the state ``error`` has to be ignored."""
    here = shelf("CEM")
    assert round_trip(MGCP.power_w, 1_250.0, here) == 1_250.0
    MGCP.power_w.publish(here, None)
    gone = reading(here)
    assert gone is not None
    assert gone.state == "error"
    MGCP.power_w.publish(here, 1_300.0)
    assert reading(here) == Reading(1_300.0)


def test_a_value_that_never_was_known_has_no_entry() -> None:
    here = shelf("CEM")
    MGCP.power_w.describe(here)
    MGCP.power_w.publish(here, None)
    assert reading(here) is None


@pytest.mark.parametrize(
    ("then", "usable"),
    [
        ((6.0, None, 8.0), {6.0, 8.0}),
        ((None, None, None), set()),
        (None, set()),
    ],
)
def test_a_phase_that_is_not_known_any_more(then: PhaseValues | None, usable: set[float]) -> None:
    here = shelf("CEM")
    point: PhaseMeasurement = MGCP.current_a
    assert round_trip(point, (1.0, 2.0, 3.0), here) == (1.0, 2.0, 3.0)
    point.publish(here, then)
    numbers = {
        number_of(entry.value) for entry in MEASUREMENTS.of(here) if entry.value_state == "normal"
    }
    assert numbers == usable
    assert len(MEASUREMENTS.of(here)) == len(MEASUREMENT_DESCRIPTIONS.of(here)) == 3


@pytest.mark.parametrize("use_case", [MPC, MGCP])
def test_what_is_produced_counts_downwards_on_the_wire_only(use_case: Monitoring) -> None:
    """[MPC-TS-009], [MGCP-TS-010]: exchanged energy is positive when consumed, negative when produced."""
    here = shelf("EVSE")
    assert round_trip(use_case.energy_consumed_wh, 1_500.0, here) == 1_500.0
    assert round_trip(use_case.energy_produced_wh, 700.0, here) == 700.0
    assert [number_of(entry.value) for entry in MEASUREMENTS.of(here)] == [1_500.0, -700.0]


def test_peers_that_count_what_is_produced_upwards_are_understood() -> None:
    here = shelf("EVSE")
    MPC.energy_produced_wh.publish(here, 700.0)
    (entry,) = MEASUREMENTS.of(here)
    here.put(MEASUREMENTS, entry.model_copy(update={"value": scaled_number(700.0)}))
    place = MPC.energy_produced_wh.locate(here)
    assert place is not None
    assert MPC.energy_produced_wh.read(here, place) == Reading(700.0)


def described(here: Shelf, *rows: tuple[str, str | None, int]) -> Shelf:
    """Powers by scope, phases and the electrical connection they are measured at; each reads 1 000 W and its number."""
    for number, (scope, phases, connection) in enumerate(rows):
        here.put(
            MEASUREMENT_DESCRIPTIONS,
            MeasurementDescriptionDataType(
                measurement_id=number, measurement_type="power", unit="W", scope_type=scope
            ),
        )
        here.put(
            PARAMETERS,
            ElectricalConnectionParameterDescriptionDataType(
                electrical_connection_id=connection,
                parameter_id=number,
                measurement_id=number,
                ac_measured_phases=phases,
                scope_type=scope,
            ),
        )
        value = MeasurementDataType(measurement_id=number, value=scaled_number(1_000 + number))
        here.put(MEASUREMENTS, value)
    return here


@pytest.mark.parametrize(
    ("rows", "watts"),
    [
        ([("acPower", "a", 0), ("acPowerTotal", "abc", 0)], 1_001.0),
        ([("acPowerTotal", "a", 0)], 1_000.0),
        ([("acPower", "b", 0), ("acPowerTotal", "b", 0)], 1_001.0),
        ([("acPower", "a", 0)], 1_000.0),
        ([("acPower", "a", 0), ("acPower", "b", 0), ("acPower", "c", 0)], None),
        ([("acPowerTotal", "a", 0), ("acPowerTotal", "b", 0)], None),
    ],
    ids=str,
)
@pytest.mark.parametrize("point", [MPC.power_w, MGCP.power_w, EVCEM.power_total_w], ids=str)
def test_the_total_is_the_only_one_or_that_of_all_phases(
    point: Measurement, rows: list[tuple[str, str, int]], watts: float | None
) -> None:
    """usecases-grid.md 6.2: the total of a device on one phase names that phase."""
    here = described(shelf("EVSE"), *rows)
    place = point.locate(here)
    found = point.read(here, place) if place is not None else None
    assert (found.value if found is not None else None) == watts


@pytest.mark.parametrize(
    ("scopes", "watts"),
    [
        (["acPower", "acPower", "acPower"], None),
        (["acPower", "acPower", "acPower", "acPowerTotal"], 1_003.0),
        (["acPower"], 1_000.0),
    ],
    ids=str,
)
def test_while_phases_are_unknown_none_of_several_is_the_total(
    scopes: list[str], watts: float | None
) -> None:
    """Parameters come after the values they explain, or never: a third of the power is not all of it."""
    here = described(shelf("EVSE"), *((scope, None, 0) for scope in scopes))
    place = MPC.power_w.locate(here)
    found = MPC.power_w.read(here, place) if place is not None else None
    assert (found.value if found is not None else None) == watts


@pytest.mark.parametrize(("connection", "watts"), [(1, -1_000.0), (0, 1_000.0), (7, 1_000.0)])
def test_the_direction_is_that_of_the_connection_measured_at(connection: int, watts: float) -> None:
    """SPINE RS: ``positiveEnergyDirection`` speaks of its own electrical connection."""
    here = described(shelf("Inverter"), ("acPowerTotal", "abc", connection))
    for number, direction in enumerate(("consume", "produce")):
        here.put(
            CONNECTIONS,
            ElectricalConnectionDescriptionDataType(
                electrical_connection_id=number, positive_energy_direction=direction
            ),
        )
    place = MPC.power_w.locate(here)
    assert place is not None
    assert MPC.power_w.read(here, place) == Reading(watts)
