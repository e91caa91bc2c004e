"""Types of TimeSeries; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    AbsoluteOrRecurringTimeElementsType,
    AbsoluteOrRecurringTimeType,
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class TimeSeriesType:
    """Values of ``TimeSeriesTypeEnumType``."""

    PLAN = "plan"
    SINGLE_DEMAND = "singleDemand"
    CONSTRAINTS = "constraints"
    ENERGY_REQUEST = "energyRequest"
    DISCHARGING_ENERGY_REQUEST = "dischargingEnergyRequest"
    CONSUMPTION_LIMIT_CURVE = "consumptionLimitCurve"
    PRODUCTION_LIMIT_CURVE = "productionLimitCurve"


class TimeSeriesSlotType(Structure):
    time_series_slot_id: Integer | None = None
    time_period: TimePeriodType | None = None
    duration: str | None = None
    recurrence_information: AbsoluteOrRecurringTimeType | None = None
    value: ScaledNumberType | None = None
    min_value: ScaledNumberType | None = None
    max_value: ScaledNumberType | None = None


class TimeSeriesSlotElementsType(Structure):
    time_series_slot_id: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    duration: ElementTag | None = None
    recurrence_information: AbsoluteOrRecurringTimeElementsType | None = None
    value: ElementTag | None = None
    min_value: ElementTag | None = None
    max_value: ElementTag | None = None


class TimeSeriesDataType(Structure):
    """Entry of ``timeSeriesListData``."""

    time_series_id: Integer | None = None
    time_period: TimePeriodType | None = None
    time_series_slot: list[TimeSeriesSlotType] | None = None


class TimeSeriesDataElementsType(Structure):
    """Names parts of entries of ``timeSeriesListData``."""

    time_series_id: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    time_series_slot: TimeSeriesSlotElementsType | None = None


class TimeSeriesListDataType(Structure):
    """Data of ``timeSeriesListData``."""

    time_series_data: list[TimeSeriesDataType] | None = None


class TimeSeriesListDataSelectorsType(Structure):
    """Selects entries of ``timeSeriesListData``."""

    time_series_id: Integer | None = None
    time_series_slot_id: Integer | None = None


class TimeSeriesDescriptionDataType(Structure):
    """Entry of ``timeSeriesDescriptionListData``."""

    time_series_id: Integer | None = None
    time_series_type: str | None = None  # TimeSeriesType
    time_series_writeable: bool | None = None
    update_required: bool | None = None
    measurement_id: Integer | None = None
    currency: str | None = None  # Currency
    unit: str | None = None  # UnitOfMeasurement
    label: str | None = None
    description: str | None = None
    scope_type: str | None = None  # ScopeType


class TimeSeriesDescriptionDataElementsType(Structure):
    """Names parts of entries of ``timeSeriesDescriptionListData``."""

    time_series_id: ElementTag | None = None
    time_series_type: ElementTag | None = None
    time_series_writeable: ElementTag | None = None
    update_required: ElementTag | None = None
    measurement_id: ElementTag | None = None
    currency: ElementTag | None = None
    unit: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None
    scope_type: ElementTag | None = None


class TimeSeriesDescriptionListDataType(Structure):
    """Data of ``timeSeriesDescriptionListData``."""

    time_series_description_data: list[TimeSeriesDescriptionDataType] | None = None


class TimeSeriesDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``timeSeriesDescriptionListData``."""

    time_series_id: Integer | None = None
    time_series_type: str | None = None  # TimeSeriesType
    measurement_id: Integer | None = None
    scope_type: str | None = None  # ScopeType


class TimeSeriesConstraintsDataType(Structure):
    """Entry of ``timeSeriesConstraintsListData``."""

    time_series_id: Integer | None = None
    slot_count_min: Integer | None = None
    slot_count_max: Integer | None = None
    slot_duration_min: str | None = None
    slot_duration_max: str | None = None
    slot_duration_step_size: str | None = None
    earliest_time_series_start_time: str | None = None
    latest_time_series_end_time: str | None = None
    slot_value_min: ScaledNumberType | None = None
    slot_value_max: ScaledNumberType | None = None
    slot_value_step_size: ScaledNumberType | None = None


class TimeSeriesConstraintsDataElementsType(Structure):
    """Names parts of entries of ``timeSeriesConstraintsListData``."""

    time_series_id: ElementTag | None = None
    slot_count_min: ElementTag | None = None
    slot_count_max: ElementTag | None = None
    slot_duration_min: ElementTag | None = None
    slot_duration_max: ElementTag | None = None
    slot_duration_step_size: ElementTag | None = None
    earliest_time_series_start_time: ElementTag | None = None
    latest_time_series_end_time: ElementTag | None = None
    slot_value_min: ScaledNumberElementsType | None = None
    slot_value_max: ScaledNumberElementsType | None = None
    slot_value_step_size: ScaledNumberElementsType | None = None


class TimeSeriesConstraintsListDataType(Structure):
    """Data of ``timeSeriesConstraintsListData``."""

    time_series_constraints_data: list[TimeSeriesConstraintsDataType] | None = None


class TimeSeriesConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``timeSeriesConstraintsListData``."""

    time_series_id: Integer | None = None
