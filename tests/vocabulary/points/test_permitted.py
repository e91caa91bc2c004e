"""Permitted values belong to a parameter of one electrical connection (spine.md 12.4: both identifiers are the key)."""

from __future__ import annotations

import pytest

from eebus_gw.spine.model.common_data_types import ScaledNumberRangeType, ScaledNumberSetType
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionParameterDescriptionDataType,
    ElectricalConnectionPermittedValueSetDataType,
)
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import PARAMETERS, PERMITTED_VALUES
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PhaseRanges, Range
from tests.vocabulary.points.support import round_trip, shelf
from usecases.commissioning import EVCC
from usecases.curtailment import OPEV

RANGES = PhaseRanges((Range(6.0, 16.0, 0.0), Range(6.0, 20.0, 0.0), None))


def _permit(here: Shelf, connection: int | None, parameter: int, highest: float) -> None:
    here.put(
        PERMITTED_VALUES,
        ElectricalConnectionPermittedValueSetDataType(
            electrical_connection_id=connection,
            parameter_id=parameter,
            permitted_value_set=[
                ScaledNumberSetType(range=[ScaledNumberRangeType(max=scaled_number(highest))])
            ],
        ),
    )


def _highest_power_w(here: Shelf) -> float | None:
    place = EVCC.power_range_w.locate(here)
    assert place is not None
    reading = EVCC.power_range_w.read(here, place)
    assert reading is not None
    return reading.value.highest


def _describe_power(here: Shelf, connection: int | None) -> None:
    here.put(
        PARAMETERS,
        ElectricalConnectionParameterDescriptionDataType(
            electrical_connection_id=connection, parameter_id=3, scope_type="acPowerTotal"
        ),
    )


def test_what_is_published_is_read() -> None:
    here = shelf()
    OPEV.limit_a.describe(here)
    assert round_trip(OPEV.range_a, RANGES, here) == RANGES


def test_the_same_parameter_number_of_another_connection_is_another_parameter() -> None:
    here = shelf()
    _describe_power(here, 1)
    _permit(here, 1, 3, 11_000.0)
    _permit(here, 2, 3, 99.0)
    assert _highest_power_w(here) == 11_000.0


@pytest.mark.parametrize(("described", "permitted"), [(None, 0), (0, None), (0, 1)])
def test_a_connection_stated_on_one_side_only_or_otherwise_does_not_hide_the_values(
    described: int | None, permitted: int | None
) -> None:
    here = shelf()
    _describe_power(here, described)
    _permit(here, permitted, 3, 7_400.0)
    assert _highest_power_w(here) == 7_400.0
