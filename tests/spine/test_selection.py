"""Selectors and elements (SPINE protocol 5.3.4)."""

from __future__ import annotations

import pytest

from eebus_gw.errors import DatagramError
from eebus_gw.spine.model.binding_management import (
    BindingManagementEntryDataType,
    BindingManagementEntryListDataSelectorsType,
)
from eebus_gw.spine.model.common_data_types import (
    FeatureAddressType,
    ScaledNumberElementsType,
    ScaledNumberRangeElementsType,
    ScaledNumberRangeType,
    ScaledNumberSetElementsType,
    ScaledNumberSetType,
    ScaledNumberType,
    TimestampIntervalType,
)
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionPermittedValueSetDataElementsType,
    ElectricalConnectionPermittedValueSetDataType,
)
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.model.measurement import (
    MeasurementDataType,
    MeasurementListDataSelectorsType,
    MeasurementThresholdRelationDataType,
    MeasurementThresholdRelationListDataSelectorsType,
)
from eebus_gw.spine.model.time_series import (
    TimeSeriesDataType,
    TimeSeriesListDataSelectorsType,
)
from eebus_gw.spine.selection import is_selected, without
from eebus_gw.wire.fold import ElementTag, Structure

MEASUREMENTS = FUNCTIONS["measurementListData"]
ENTRY = MeasurementDataType(measurement_id=1, timestamp="2026-11-22T12:00:00Z")


def between(start: str | None, end: str | None) -> MeasurementListDataSelectorsType:
    interval = TimestampIntervalType(start_time=start, end_time=end)
    return MeasurementListDataSelectorsType(timestamp_interval=interval)


def ids(number: int | None, kind: str | None = None) -> MeasurementListDataSelectorsType:
    return MeasurementListDataSelectorsType(measurement_id=number, value_type=kind)


@pytest.mark.parametrize(
    ("selectors", "selected"),
    [
        pytest.param([], True, id="none-means-all"),
        pytest.param([ids(None)], True, id="empty-means-all"),
        pytest.param([ids(1)], True, id="identifier"),
        pytest.param([ids(2)], False, id="other-identifier"),
        pytest.param([ids(1, "value")], True, id="missing-value-type-is-value"),
        pytest.param([ids(1, "maxValue")], False, id="all-fields-must-match"),
        pytest.param([ids(2), ids(1)], True, id="union"),
        pytest.param([between("2026-11-22T12:00:00Z", None)], True, id="from-this-moment"),
        pytest.param([between(None, "2026-11-22T13:00:00+01:00")], True, id="until-this-moment"),
        pytest.param([between("2026-11-22T12:00:01Z", None)], False, id="later"),
        pytest.param([between(None, "2026-11-22T11:59:59Z")], False, id="earlier"),
        pytest.param([between("soon", None)], False, id="unreadable-start"),
        pytest.param([between(None, "soon")], False, id="unreadable-end"),
    ],
)
def test_selection_of_measurements(selectors: list[Structure], selected: bool) -> None:
    assert is_selected(MEASUREMENTS, ENTRY, selectors) is selected


def test_an_entry_without_timestamp_is_in_no_interval() -> None:
    assert not is_selected(
        MEASUREMENTS, MeasurementDataType(measurement_id=1), [between(None, "2026-11-22T12:00:00Z")]
    )


def test_addresses_match_in_the_parts_that_are_stated() -> None:
    function = FUNCTIONS["bindingManagementEntryListData"]
    entry = BindingManagementEntryDataType(
        client_address=FeatureAddressType(device="d", entity=[1, 1], feature=2)
    )

    def selected(**parts: object) -> bool:
        address = FeatureAddressType(**parts)
        wanted = BindingManagementEntryListDataSelectorsType(client_address=address)
        return is_selected(function, entry, [wanted])

    assert selected(device="d")
    assert selected(device="d", entity=[1, 1], feature=2)
    assert not selected(device="d", entity=[1])
    assert not selected(device="e", entity=[1, 1])


def test_a_list_matches_by_one_of_its_values() -> None:
    function = FUNCTIONS["measurementThresholdRelationListData"]
    entry = MeasurementThresholdRelationDataType(measurement_id=1, threshold_id=[4, 5])

    def selected(threshold: int) -> bool:
        wanted = MeasurementThresholdRelationListDataSelectorsType(threshold_id=threshold)
        return is_selected(function, entry, [wanted])

    assert selected(5)
    assert not selected(6)


def test_what_lies_within_an_entry_cannot_be_selected() -> None:
    with pytest.raises(DatagramError) as caught:
        is_selected(
            FUNCTIONS["timeSeriesListData"],
            TimeSeriesDataType(time_series_id=1),
            [TimeSeriesListDataSelectorsType(time_series_slot_id=1)],
        )
    assert caught.value.number == 8


def number(value: int, scale: int | None = None) -> ScaledNumberType:
    return ScaledNumberType(number=value, scale=scale)


PERMITTED = ElectricalConnectionPermittedValueSetDataType(
    parameter_id=1,
    permitted_value_set=[
        ScaledNumberSetType(range=[ScaledNumberRangeType(min=number(6), max=number(16))]),
        ScaledNumberSetType(value=[number(0)]),
    ],
)


def test_nested_elements_are_removed_in_every_part_of_a_list() -> None:
    tags = ElectricalConnectionPermittedValueSetDataElementsType(
        permitted_value_set=ScaledNumberSetElementsType(
            range=ScaledNumberRangeElementsType(min=ScaledNumberElementsType())
        )
    )
    rest = without(PERMITTED, tags)
    assert isinstance(rest, ElectricalConnectionPermittedValueSetDataType)
    assert rest.permitted_value_set == [
        ScaledNumberSetType(range=[ScaledNumberRangeType(max=number(16))]),
        ScaledNumberSetType(value=[number(0)]),
    ]


def test_an_empty_structure_names_the_whole_branch() -> None:
    tags = ElectricalConnectionPermittedValueSetDataElementsType(
        permitted_value_set=ScaledNumberSetElementsType()
    )
    assert without(PERMITTED, tags) == ElectricalConnectionPermittedValueSetDataType(parameter_id=1)


def test_removing_what_is_not_there_changes_nothing() -> None:
    tags = ElectricalConnectionPermittedValueSetDataElementsType(
        electrical_connection_id=ElementTag(),
        permitted_value_set=ScaledNumberSetElementsType(
            range=ScaledNumberRangeElementsType(max=ScaledNumberElementsType(scale=ElementTag()))
        ),
    )
    assert without(PERMITTED, tags) is PERMITTED
