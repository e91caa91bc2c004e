"""The restricted function exchange (SPINE protocol 5.3.4)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.errors import DatagramError
from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.merge import MAX_ENTRIES, MAX_WRITTEN_ENTRIES, Merged, merge, overlaid
from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.spine.model.device_classification import (
    DeviceClassificationUserDataElementsType,
    DeviceClassificationUserDataType,
)
from eebus_gw.spine.model.device_configuration import (
    DeviceConfigurationKeyValueDataType,
    DeviceConfigurationKeyValueListDataType,
    DeviceConfigurationKeyValueValueType,
)
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionCharacteristicDataType,
    ElectricalConnectionCharacteristicListDataType,
)
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.model.incentive_table import IncentiveTableDataType, IncentiveTableType
from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataElementsType,
    LoadControlLimitDataType,
    LoadControlLimitListDataSelectorsType,
    LoadControlLimitListDataType,
)
from eebus_gw.spine.model.measurement import MeasurementDataType, MeasurementListDataType
from eebus_gw.spine.model.tariff_information import TariffDataType
from eebus_gw.spine.model.time_series import (
    TimeSeriesDataType,
    TimeSeriesListDataType,
    TimeSeriesSlotType,
)
from eebus_gw.wire.fold import ElementTag, Structure

LIMITS = FUNCTIONS["loadControlLimitListData"]
USER = FUNCTIONS["deviceClassificationUserData"]
TAG = ElementTag()
PARTIAL = Filter(partial=True)


def limit(number: int | None, watts: int | None = None, **more: Any) -> LoadControlLimitDataType:
    value = None if watts is None else ScaledNumberType(number=watts, scale=0)
    return LoadControlLimitDataType(limit_id=number, value=value, **more)


def limits(*entries: LoadControlLimitDataType) -> LoadControlLimitListDataType:
    return LoadControlLimitListDataType(load_control_limit_data=list(entries))


def of(*numbers: int) -> list[LoadControlLimitListDataSelectorsType]:
    return [LoadControlLimitListDataSelectorsType(limit_id=number) for number in numbers]


ONE = limit(1, 1000, is_limit_changeable=True, is_limit_active=False)
TWO = limit(2, 2000, is_limit_changeable=True, time_period=TimePeriodType(end_time="PT1H"))
FIXED = limit(3, 3000, is_limit_changeable=False)
STORED = limits(ONE, TWO, FIXED)
VALUE_TAG = LoadControlLimitDataElementsType(value=ScaledNumberElementsType())
END_TAG = LoadControlLimitDataElementsType(time_period=TimePeriodElementsType(end_time=TAG))


def keys(*numbers: int) -> frozenset[tuple[object, ...]]:
    return frozenset((number,) for number in numbers)


def changed(entry: LoadControlLimitDataType, **changes: Any) -> LoadControlLimitDataType:
    return entry.model_copy(update=changes)


WATTS_5 = ScaledNumberType(number=5, scale=0)


@pytest.mark.parametrize(
    ("filters", "data", "expected", "changes", "removals"),
    [
        pytest.param([], limits(limit(9, 5)), limits(limit(9, 5)), (9,), (1, 2, 3), id="full"),
        pytest.param([], limits(), limits(), (), (1, 2, 3), id="full-empty-list"),
        pytest.param(
            [], limits(FIXED, TWO, ONE), STORED, (), (), id="full-in-another-order-is-no-change"
        ),
        pytest.param(
            [], limits(ONE, TWO, FIXED, limit(3, 5)), limits(ONE, TWO, limit(3, 5)), (3,), (),
            id="full-last-of-a-key-counts",
        ),
        pytest.param(
            [PARTIAL], limits(limit(2, 5)), limits(ONE, changed(TWO, value=WATTS_5), FIXED), (2,), (),
            id="partial-updates-elements",
        ),
        pytest.param(
            [PARTIAL], limits(limit(0, 5)), limits(limit(0, 5), ONE, TWO, FIXED), (0,), (),
            id="partial-adds-entry-in-key-order",
        ),
        pytest.param(
            [PARTIAL], limits(limit(7)), STORED, (), (), id="partial-identifier-only-adds-nothing"
        ),
        pytest.param(
            [PARTIAL], limits(limit(1)), STORED, (), (), id="partial-identifier-only-changes-nothing"
        ),
        pytest.param(
            [PARTIAL], limits(limit(1, 1000)), STORED, (), (), id="partial-same-value"
        ),
        pytest.param(
            [PARTIAL], limits(limit(None, 5)),
            limits(*(changed(entry, value=WATTS_5) for entry in (ONE, TWO, FIXED))), (1, 2, 3), (),
            id="partial-without-identifier-means-all",
        ),
        pytest.param(
            [Filter(partial=True, selectors=of(1, 3))], limits(limit(None, 5)),
            limits(changed(ONE, value=WATTS_5), TWO, changed(FIXED, value=WATTS_5)), (1, 3), (),
            id="partial-selectors-mean-every-match",
        ),
        pytest.param(
            [Filter(partial=True, selectors=of(7))], limits(limit(None, 5)), STORED, (), (),
            id="partial-selectors-never-add",
        ),
        pytest.param(
            [Filter(partial=True, selectors=of(1, 2))], limits(limit(1, 5)),
            limits(changed(ONE, value=WATTS_5), TWO, FIXED), (1,), (),
            id="partial-selectors-and-identifier",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(2))], limits(), limits(ONE, FIXED), (), (2,),
            id="delete-selectors",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(1, 2))], None, limits(FIXED), (), (1, 2),
            id="delete-union-of-selectors-without-data",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(7))], limits(), STORED, (), (), id="delete-nothing"
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(1), elements=VALUE_TAG)], limits(),
            limits(changed(ONE, value=None), TWO, FIXED), (1,), (), id="delete-selectors-elements",
        ),
        pytest.param(
            [Filter(delete=True, elements=VALUE_TAG)], limits(),
            limits(*(changed(entry, value=None) for entry in (ONE, TWO, FIXED))), (1, 2, 3), (),
            id="delete-elements-of-all",
        ),
        pytest.param(
            [Filter(delete=True, elements=END_TAG)], limits(),
            limits(ONE, changed(TWO, time_period=None), FIXED), (2,), (),
            id="delete-nested-element-drops-what-is-empty",
        ),
        pytest.param(
            [Filter(delete=True)], limits(), limits(), (), (1, 2, 3), id="delete-without-both-clears"
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(1)), PARTIAL], limits(limit(2, 5)),
            limits(changed(TWO, value=WATTS_5), FIXED), (2,), (1,), id="delete-and-partial",
        ),
        pytest.param(
            [PARTIAL, Filter(delete=True, selectors=of(2), elements=END_TAG)],
            limits(limit(2, 5, is_limit_active=True)),
            limits(ONE, limit(2, 5, is_limit_changeable=True, is_limit_active=True), FIXED), (2,), (),
            id="LPC-3.4.1.4-limit-without-duration",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(1)), PARTIAL], limits(ONE), STORED, (), (),
            id="deleted-and-added-as-it-was",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(1)), PARTIAL], limits(limit(1, 5)),
            limits(limit(1, 5), TWO, FIXED), (1,), (), id="delete-comes-first",
        ),
    ],
)  # fmt: skip
def test_12_2_what_the_owner_sends(
    filters: list[Filter],
    data: Structure | None,
    expected: Structure,
    changes: tuple[int, ...],
    removals: tuple[int, ...],
) -> None:
    merged = merge(LIMITS, STORED, data, filters)
    assert merged.data == expected
    assert (merged.changed, merged.removed) == (keys(*changes), keys(*removals))
    if not changes and not removals:
        assert merged.data is STORED


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        pytest.param([Filter(partial=True, elements=VALUE_TAG)], 8, id="5.3.4.8-partial-elements"),
        pytest.param([Filter(partial=True, delete=True)], 8, id="partial-and-delete-in-one"),
        pytest.param([PARTIAL, PARTIAL], 8, id="two-partials"),
        pytest.param(
            [Filter(delete=True, elements=LoadControlLimitDataElementsType(limit_id=TAG))],
            7,
            id="delete-identifier",
        ),
    ],
)
@pytest.mark.parametrize("remote", [False, True], ids=["owner", "peer"])
def test_12_2_combinations_nobody_may_send(
    filters: list[Filter], number: int, remote: bool
) -> None:
    with pytest.raises(DatagramError) as caught:
        merge(LIMITS, STORED, limits(), filters, remote_write=remote)
    assert caught.value.number == number


@pytest.mark.parametrize(
    ("filters", "data", "expected"),
    [
        pytest.param(
            [PARTIAL], limits(limit(1, 5)), limits(changed(ONE, value=WATTS_5), TWO, FIXED),
            id="partial",
        ),
        pytest.param([PARTIAL], limits(limit(1)), STORED, id="identifier-only"),
        pytest.param([PARTIAL], limits(limit(3, 3000)), STORED, id="same-value-of-fixed-entry"),
        pytest.param(
            [PARTIAL], limits(limit(3, is_limit_changeable=True)), STORED,
            id="flag-of-fixed-entry-is-ignored",
        ),
        pytest.param(
            [PARTIAL], limits(limit(1, 5, is_limit_changeable=False)),
            limits(changed(ONE, value=WATTS_5), TWO, FIXED), id="flag-is-ignored",
        ),
        pytest.param(
            [Filter(delete=True, selectors=of(2), elements=END_TAG), PARTIAL], limits(limit(2, 5)),
            limits(ONE, changed(TWO, value=WATTS_5, time_period=None), FIXED), id="delete-end-time",
        ),
        pytest.param(
            [], limits(limit(1, 5), limit(2, 2000), limit(3, 3000)),
            limits(changed(ONE, value=WATTS_5), TWO, FIXED), id="full-is-taken-as-partial",
        ),
        pytest.param(
            [Filter(partial=True, selectors=of(1, 2))], limits(limit(None, 5)),
            limits(changed(ONE, value=WATTS_5), changed(TWO, value=WATTS_5), FIXED), id="selectors",
        ),
    ],
)  # fmt: skip
def test_12_5_what_a_peer_may_write(
    filters: list[Filter], data: Structure, expected: Structure
) -> None:
    assert merge(LIMITS, STORED, data, filters, remote_write=True, may_add=False).data == expected


@pytest.mark.parametrize(
    ("filters", "data", "number"),
    [
        pytest.param([PARTIAL], limits(limit(3, 5)), 7, id="fixed-entry"),
        pytest.param([PARTIAL], limits(limit(1, 5), limit(3, 5)), 7, id="5.3.4.2-one-of-two-fixed"),
        pytest.param([PARTIAL], limits(limit(None, 5)), 7, id="UC-IG-3.1-no-identifier"),
        pytest.param([PARTIAL], limits(limit(9, 5)), 7, id="new-entry"),
        pytest.param([PARTIAL], limits(limit(9)), 7, id="new-identifier-only"),
        pytest.param([Filter(delete=True)], limits(), 8, id="delete-without-both"),
        pytest.param(
            [Filter(delete=True, selectors=[LoadControlLimitListDataSelectorsType()])], limits(), 8,
            id="delete-by-empty-selectors",
        ),
        pytest.param([Filter()], limits(limit(1, 5)), 8, id="no-control"),
        pytest.param([Filter(delete=True, selectors=of(1))], limits(), 7, id="remove-entry"),
        pytest.param(
            [Filter(delete=True, elements=VALUE_TAG)], limits(), 7, id="delete-element-of-fixed-entry"
        ),
        pytest.param(
            [Filter(partial=True, selectors=of(3))], limits(limit(None, 5)), 7, id="select-fixed-entry"
        ),
        pytest.param([], limits(limit(1, 5)), 7, id="full-removes-entries"),
        pytest.param([], None, 7, id="full-without-data"),
        pytest.param([], limits(limit(1, 5), TWO, limit(3, 5)), 7, id="full-changes-fixed-entry"),
        pytest.param([], limits(ONE, TWO, FIXED, limit(4, 5)), 7, id="full-adds"),
    ],
)  # fmt: skip
def test_12_5_what_a_peer_may_not_write(
    filters: list[Filter], data: Structure | None, number: int
) -> None:
    before = STORED.model_copy(deep=True)
    with pytest.raises(DatagramError) as caught:
        merge(LIMITS, STORED, data, filters, remote_write=True, may_add=False)
    assert caught.value.number == number
    assert before == STORED


def test_an_entry_without_write_check_element_is_not_writable() -> None:
    with pytest.raises(DatagramError) as caught:
        merge(LIMITS, limits(limit(1, 1000)), limits(limit(1, 5)), [PARTIAL], remote_write=True)
    assert caught.value.number == 7


def test_a_peer_adds_and_removes_where_the_use_case_allows() -> None:
    merged = merge(LIMITS, STORED, limits(limit(9, 5)), [PARTIAL], remote_write=True)
    assert merged.data == limits(ONE, TWO, FIXED, limit(9, 5))
    merged = merge(
        LIMITS, STORED, limits(), [Filter(delete=True, selectors=of(1))], remote_write=True
    )
    assert merged.data == limits(TWO, FIXED)
    with pytest.raises(DatagramError):
        merge(LIMITS, STORED, limits(), [Filter(delete=True, selectors=of(3))], remote_write=True)
    with pytest.raises(DatagramError):
        merge(LIMITS, STORED, limits(limit(9)), [PARTIAL], remote_write=True)


@pytest.mark.parametrize(
    ("remote", "most"), [(True, MAX_WRITTEN_ENTRIES), (False, MAX_ENTRIES)], ids=["peer", "owner"]
)
def test_lists_do_not_grow_without_end(remote: bool, most: int) -> None:
    full = limits(*(limit(number, 1) for number in range(most)))
    with pytest.raises(DatagramError) as caught:
        merge(LIMITS, full, limits(limit(most, 1)), [PARTIAL], remote_write=remote)
    assert caught.value.number == 3


def test_touched_are_the_entries_spoken_of() -> None:
    message = [Filter(delete=True, selectors=of(2), elements=END_TAG), PARTIAL]
    merged = merge(LIMITS, STORED, limits(limit(1)), message, remote_write=True)
    assert (merged.touched, merged.changed) == (keys(1, 2), keys(2))


def test_first_data() -> None:
    data = limits(TWO, ONE)
    merged = merge(LIMITS, None, data)
    assert merged == Merged(limits(ONE, TWO), keys(1, 2), frozenset(), keys(1, 2))
    assert merge(LIMITS, None, limits()).data == limits()
    assert merge(LIMITS, None, limits(ONE), [PARTIAL]).changed == keys(1)


# --- values without identifiers -----------------------------------------------------------------


def user(**members: str) -> DeviceClassificationUserDataType:
    return DeviceClassificationUserDataType(**members)


NAMED = user(user_node_identification="n", user_label="a")


@pytest.mark.parametrize(
    ("filters", "data", "expected"),
    [
        pytest.param([], user(user_label="b"), user(user_label="b"), id="full"),
        pytest.param(
            [PARTIAL], user(user_label="b"), user(user_node_identification="n", user_label="b"),
            id="partial",
        ),
        pytest.param([PARTIAL], user(user_label="a"), NAMED, id="partial-same"),
        pytest.param(
            [Filter(delete=True, elements=DeviceClassificationUserDataElementsType(user_label=TAG))],
            user(), user(user_node_identification="n"), id="delete-element",
        ),
        pytest.param(
            [
                Filter(
                    delete=True,
                    elements=DeviceClassificationUserDataElementsType(user_node_identification=TAG),
                ),
                PARTIAL,
            ],
            user(user_label="b", user_description="d"), user(user_label="b", user_description="d"),
            id="delete-and-partial",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("remote", [False, True], ids=["owner", "peer"])
def test_single_values(
    filters: list[Filter], data: Structure, expected: Structure, remote: bool
) -> None:
    merged = merge(USER, NAMED, data, filters, remote_write=remote, may_add=False)
    assert merged.data == expected
    assert merged.changed == (frozenset() if expected == NAMED else frozenset({()}))
    assert (merged.data is NAMED) == (expected == NAMED)


def test_single_values_cannot_be_selected_or_cleared_by_a_peer() -> None:
    for filters in ([Filter(partial=True, selectors=of(1))], [Filter(delete=True)]):
        with pytest.raises(DatagramError) as caught:
            merge(USER, NAMED, user(), filters, remote_write=True)
        assert caught.value.number == 8
    assert merge(USER, NAMED, user(), [Filter(delete=True)]).data == user()


# --- 13.1: what is left out stays ---------------------------------------------------------------


def number(value: int | None, scale: int | None) -> ScaledNumberType:
    return ScaledNumberType(number=value, scale=scale)


@pytest.mark.parametrize(
    ("stored", "sent", "expected"),
    [
        pytest.param(number(105, -1), number(14, None), number(14, -1), id="RTS_005-scale-stays"),
        pytest.param(number(105, -1), number(14, 0), number(14, 0), id="scale-stated"),
        pytest.param(number(105, -1), number(None, 0), number(105, 0), id="IG-3.3-scale-alone"),
        pytest.param(None, number(14, None), number(14, None), id="nothing-stored"),
    ],
)
def test_13_1_omitted_scale(
    stored: ScaledNumberType | None, sent: ScaledNumberType, expected: ScaledNumberType
) -> None:
    merged = merge(
        LIMITS,
        limits(LoadControlLimitDataType(limit_id=1, value=stored, is_limit_changeable=True)),
        limits(LoadControlLimitDataType(limit_id=1, value=sent)),
        [PARTIAL],
        remote_write=True,
    )
    (entry,) = LIMITS.entries(merged.data)
    assert isinstance(entry, LoadControlLimitDataType)
    assert entry.value == expected


def test_13_1_time_periods_merge_by_element() -> None:
    sent = limit(2, time_period=TimePeriodType(start_time="PT5S"))
    (_, entry, _) = LIMITS.entries(merge(LIMITS, STORED, limits(sent), [PARTIAL]).data)
    assert isinstance(entry, LoadControlLimitDataType)
    assert entry.time_period == TimePeriodType(start_time="PT5S", end_time="PT1H")


def test_full_data_without_scale_forgets_the_scale() -> None:
    sent = limits(LoadControlLimitDataType(limit_id=1, value=number(14, None)))
    assert merge(LIMITS, STORED, sent).data == sent


def test_17_5_another_kind_of_value_takes_the_place_of_the_first() -> None:
    function = FUNCTIONS["deviceConfigurationKeyValueListData"]

    def pair(**value: Any) -> DeviceConfigurationKeyValueListDataType:
        entry = DeviceConfigurationKeyValueDataType(
            key_id=1, value=DeviceConfigurationKeyValueValueType(**value)
        )
        return DeviceConfigurationKeyValueListDataType(device_configuration_key_value_data=[entry])

    stored = pair(scaled_number=number(5, -1))
    assert merge(function, stored, pair(integer=7), [PARTIAL]).data == pair(integer=7)
    again = pair(scaled_number=number(6, None))
    assert merge(function, stored, again, [PARTIAL]).data == pair(scaled_number=number(6, -1))


# --- identifiers of several parts ---------------------------------------------------------------


def test_a_missing_value_type_means_value() -> None:
    function = FUNCTIONS["measurementListData"]

    def data(*entries: tuple[str | None, int]) -> MeasurementListDataType:
        return MeasurementListDataType(
            measurement_data=[
                MeasurementDataType(measurement_id=1, value_type=kind, value=number(value, 0))
                for kind, value in entries
            ]
        )

    stored = data(("maxValue", 9), ("value", 5))
    merged = merge(function, stored, data((None, 6)), [PARTIAL])
    assert merged.data == data(("maxValue", 9), ("value", 6))
    assert merged.changed == {(1, "value")}


CHARACTERISTICS = FUNCTIONS["electricalConnectionCharacteristicListData"]


def characteristics(
    *entries: tuple[int, int | None, int | None, int | None],
) -> ElectricalConnectionCharacteristicListDataType:
    return ElectricalConnectionCharacteristicListDataType(
        electrical_connection_characteristic_data=[
            ElectricalConnectionCharacteristicDataType(
                electrical_connection_id=connection,
                parameter_id=parameter,
                characteristic_id=characteristic,
                value=None if value is None else number(value, 0),
            )
            for connection, parameter, characteristic, value in entries
        ]
    )


@pytest.mark.parametrize("remote", [False, True], ids=["owner", "peer"])
def test_a_missing_sub_identifier_matches_when_that_is_unique(remote: bool) -> None:
    stored = characteristics((0, 1, 0, 100), (0, 2, 1, 200))
    merged = merge(
        CHARACTERISTICS,
        stored,
        characteristics((0, None, 1, 5)),
        [PARTIAL],
        remote_write=remote,
        may_add=False,
    )
    assert merged.data == characteristics((0, 1, 0, 100), (0, 2, 1, 5))
    with pytest.raises(DatagramError) as caught:
        merge(
            CHARACTERISTICS,
            stored,
            characteristics((0, None, None, 5)),
            [PARTIAL],
            remote_write=remote,
        )
    assert caught.value.number == 7


def test_an_entry_may_live_without_sub_identifier() -> None:
    stored = characteristics((0, None, 1, 100), (0, 2, 2, 200))
    merged = merge(CHARACTERISTICS, stored, characteristics((0, None, 1, 5)), [PARTIAL])
    assert merged.data == characteristics((0, None, 1, 5), (0, 2, 2, 200))


# --- lists without identifiers ------------------------------------------------------------------


def tables(*tariffs: int) -> IncentiveTableDataType:
    return IncentiveTableDataType(
        incentive_table=[
            IncentiveTableType(tariff=TariffDataType(tariff_id=tariff)) for tariff in tariffs
        ]
    )


INCENTIVES = FUNCTIONS["incentiveTableData"]


@pytest.mark.parametrize("filters", [[], [PARTIAL]], ids=["full", "partial"])
def test_12_3_lists_without_identifiers_are_replaced(filters: Sequence[Filter]) -> None:
    merged = merge(INCENTIVES, tables(1, 2), tables(3), filters)
    assert (merged.data, merged.changed) == (tables(3), {()})
    stored = tables(1)
    assert merge(INCENTIVES, stored, tables(1), filters).data is stored


def test_a_full_write_of_a_shared_list_means_the_writers_own_entries() -> None:
    function = FUNCTIONS["timeSeriesListData"]
    slot = TimeSeriesSlotType(duration="PT1H")
    stored = [TimeSeriesDataType(time_series_id=number) for number in (1, 2)]
    written = TimeSeriesDataType(time_series_id=2, time_series_slot=[slot])
    merged = merge(
        function,
        TimeSeriesListDataType(time_series_data=stored),
        TimeSeriesListDataType(time_series_data=[written]),
        remote_write=True,
        may_add=False,
    )
    assert function.entries(merged.data) == [stored[0], written]
    assert merged.touched == {(2,)}
    assert merged.removed == frozenset()


def test_lists_without_identifiers_are_written_in_full_only() -> None:
    assert merge(INCENTIVES, tables(1), tables(2), remote_write=True).data == tables(2)
    with pytest.raises(DatagramError) as caught:
        merge(INCENTIVES, tables(1), tables(2), [PARTIAL], remote_write=True)
    assert caught.value.number == 8


# --- laws ---------------------------------------------------------------------------------------

numbers = st.builds(
    ScaledNumberType, number=st.none() | st.integers(-9, 9), scale=st.none() | st.integers(-2, 2)
)
periods = st.builds(
    TimePeriodType,
    start_time=st.none() | st.just("PT0S"),
    end_time=st.none() | st.sampled_from(["PT1S", "PT2S"]),
)
entries = st.builds(
    LoadControlLimitDataType,
    limit_id=st.integers(0, 4),
    is_limit_changeable=st.none() | st.booleans(),
    is_limit_active=st.none() | st.booleans(),
    time_period=st.none() | periods,
    value=st.none() | numbers,
)
lists = st.lists(entries, max_size=5).map(lambda each: limits(*each))
selectors = st.lists(st.sampled_from(of(0, 1, 2, 3)), max_size=2)
elements = st.sampled_from(
    [
        None,
        VALUE_TAG,
        END_TAG,
        LoadControlLimitDataElementsType(value=ScaledNumberElementsType(scale=TAG)),
    ]
)
deletes = st.builds(Filter, delete=st.just(True), selectors=selectors, elements=elements)
messages = st.lists(deletes, max_size=2).flatmap(
    lambda first: st.sampled_from([first, [*first, PARTIAL]])
)


def stored_lists() -> st.SearchStrategy[LoadControlLimitListDataType]:
    def ordered(data: LoadControlLimitListDataType) -> LoadControlLimitListDataType:
        merged = merge(LIMITS, None, data).data
        assert isinstance(merged, LoadControlLimitListDataType)
        return merged

    return lists.map(ordered)


@given(stored_lists(), lists, messages)
def test_what_is_reported_is_the_difference(
    stored: LoadControlLimitListDataType,
    data: LoadControlLimitListDataType,
    filters: list[Filter],
) -> None:
    merged = merge(LIMITS, stored, data, filters)
    before = {LIMITS.key_of(entry): entry for entry in LIMITS.entries(stored)}
    after = {LIMITS.key_of(entry): entry for entry in LIMITS.entries(merged.data)}
    assert list(after) == sorted(after)
    assert len(after) == len(LIMITS.entries(merged.data))
    assert merged.removed == before.keys() - after.keys()
    assert merged.changed == {key for key, entry in after.items() if before.get(key) != entry}
    assert merged.changed | merged.removed <= merged.touched | before.keys()
    if not merged.changed and not merged.removed:
        assert merged.data is stored


@given(stored_lists(), lists, messages)
def test_a_message_twice_is_a_message_once(
    stored: LoadControlLimitListDataType,
    data: LoadControlLimitListDataType,
    filters: list[Filter],
) -> None:
    once = merge(LIMITS, stored, data, filters)
    twice = merge(LIMITS, once.data, data, filters)
    assert twice.data == once.data


@given(stored_lists(), lists, messages)
def test_nothing_given_is_modified(
    stored: LoadControlLimitListDataType,
    data: LoadControlLimitListDataType,
    filters: list[Filter],
) -> None:
    copies = stored.model_copy(deep=True), data.model_copy(deep=True)
    merge(LIMITS, stored, data, filters)
    assert (stored, data) == copies


def merge_or_none(stored: Structure, data: Structure, filters: Sequence[Filter]) -> Merged | None:
    with contextlib.suppress(DatagramError):
        return merge(LIMITS, stored, data, filters, remote_write=True, may_add=False)
    return None


@given(stored_lists(), lists, messages)
def test_a_peer_never_changes_what_is_not_its_to_change(
    stored: LoadControlLimitListDataType,
    data: LoadControlLimitListDataType,
    filters: list[Filter],
) -> None:
    merged = merge_or_none(stored, data, filters)
    if merged is None:
        return
    before = {LIMITS.key_of(entry): entry for entry in LIMITS.entries(stored)}
    after = {LIMITS.key_of(entry): entry for entry in LIMITS.entries(merged.data)}
    assert after.keys() == before.keys()
    for key, entry in before.items():
        assert after[key].is_limit_changeable == entry.is_limit_changeable
        if entry.is_limit_changeable is not True:
            assert after[key] == entry


@given(entries, entries)
def test_overlay_keeps_what_is_left_out(
    old: LoadControlLimitDataType, new: LoadControlLimitDataType
) -> None:
    joined = overlaid(old, new)
    assert overlaid(joined, new) is joined
    assert overlaid(old, old) is old
    for attribute in ("limit_id", "is_limit_changeable", "is_limit_active"):
        stated, kept = getattr(new, attribute), getattr(old, attribute)
        assert getattr(joined, attribute) == (kept if stated is None else stated)
