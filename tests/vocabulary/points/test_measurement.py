"""Measured values as a server publishes them and a client reads them."""

from __future__ import annotations

import pytest

from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.functions import MEASUREMENT_DESCRIPTIONS, MEASUREMENTS
from eebus_gw.vocabulary.points.measurement import PhaseMeasurement
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PhaseValues, Reading
from tests.vocabulary.points.support import round_trip, shelf
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
