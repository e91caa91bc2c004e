"""Nominal powers: magnitudes whatever their sign, in either context."""

from __future__ import annotations

from itertools import product

import pytest

from eebus_gw.vocabulary.functions import CHARACTERISTICS
from eebus_gw.vocabulary.points.characteristic import NominalPowers
from eebus_gw.vocabulary.values import PowerConstraints
from tests.vocabulary.points.support import round_trip, shelf

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
