"""Nominal powers: magnitudes whatever their sign, in either context."""

from __future__ import annotations

from itertools import product

import pytest

from eebus_gw.spine.model.electrical_connection import ElectricalConnectionCharacteristicDataType
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import CHARACTERISTICS
from eebus_gw.vocabulary.points.characteristic import NominalPowers
from eebus_gw.vocabulary.values import PowerConstraints
from tests.vocabulary.points.support import round_trip, shelf
from usecases.limitation import LPC

READER = NominalPowers("power_constraints")
VALUE = PowerConstraints(1380.0, 11_040.0, 1500.0, 9000.0)


@pytest.mark.parametrize(
    ("context", "negative"), list(product(("entity", "battery"), (False, True))), ids=str
)
def test_every_form_is_read(context: str, negative: bool) -> None:
    here = shelf()
    writer = NominalPowers("power_constraints", context=context, negative_production=negative)
    assert round_trip(writer, VALUE, here) == VALUE
    place = READER.locate(here)
    assert place is not None
    reading = READER.read(here, place)
    assert reading is not None
    assert reading.value == VALUE


def test_published_as_described() -> None:
    here = shelf()
    round_trip(READER, VALUE, here)
    rows = [
        (
            c.characteristic_context,
            c.characteristic_type,
            c.unit,
            c.value.number if c.value else None,
        )
        for c in CHARACTERISTICS.of(here)
    ]
    assert rows == [
        ("entity", "powerConsumptionNominalMin", "W", 1380),
        ("entity", "powerConsumptionNominalMax", "W", 11040),
        ("entity", "powerProductionNominalMin", "W", 1500),
        ("entity", "powerProductionNominalMax", "W", 9000),
    ]


def test_unknown_members_stay_unknown() -> None:
    part = PowerConstraints(None, 11_040.0, None, None)
    assert round_trip(READER, part) == part


def test_numbers_of_characteristics_repeat_under_other_parameters() -> None:
    """spine.md 12.4: the key is connection, parameter and characteristic; the last alone tells nothing apart."""
    here = shelf("EVSE")
    here.put(
        CHARACTERISTICS,
        *(
            ElectricalConnectionCharacteristicDataType(
                electrical_connection_id=0,
                parameter_id=parameter,
                characteristic_id=number,
                characteristic_type=kind,
                value=scaled_number(watts),
            )
            for parameter, number, kind, watts in (
                (0, 0, "powerConsumptionNominalMax", 11_000),
                (1, 0, "powerProductionNominalMax", 5_000),
                (2, None, "contractualConsumptionNominalMax", 25_000),
            )
        ),
    )
    read = {
        point.key: reading.value
        for point in (LPC.nominal_max_w, LPC.contractual_max_w)
        if (place := point.locate(here)) is not None
        and (reading := point.read(here, place)) is not None
    }
    assert read == {"nominal_max_w": 11_000.0, "contractual_max_w": 25_000.0}
