"""Types of Setpoint; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class SetpointType:
    """Values of ``SetpointTypeEnumType``."""

    VALUE_ABSOLUTE = "valueAbsolute"
    VALUE_RELATIVE = "valueRelative"


class SetpointDataType(Structure):
    """Entry of ``setpointListData``."""

    setpoint_id: Integer | None = None
    value: ScaledNumberType | None = None
    value_min: ScaledNumberType | None = None
    value_max: ScaledNumberType | None = None
    value_tolerance_absolute: ScaledNumberType | None = None
    value_tolerance_percentage: ScaledNumberType | None = None
    is_setpoint_changeable: bool | None = None
    is_setpoint_active: bool | None = None
    time_period: TimePeriodType | None = None


class SetpointDataElementsType(Structure):
    """Names parts of entries of ``setpointListData``."""

    setpoint_id: ElementTag | None = None
    value: ScaledNumberElementsType | None = None
    value_min: ScaledNumberElementsType | None = None
    value_max: ScaledNumberElementsType | None = None
    value_tolerance_absolute: ScaledNumberElementsType | None = None
    value_tolerance_percentage: ScaledNumberElementsType | None = None
    is_setpoint_changeable: ElementTag | None = None
    is_setpoint_active: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None


class SetpointListDataType(Structure):
    """Data of ``setpointListData``."""

    setpoint_data: list[SetpointDataType] | None = None


class SetpointListDataSelectorsType(Structure):
    """Selects entries of ``setpointListData``."""

    setpoint_id: Integer | None = None


class SetpointConstraintsDataType(Structure):
    """Entry of ``setpointConstraintsListData``."""

    setpoint_id: Integer | None = None
    setpoint_range_min: ScaledNumberType | None = None
    setpoint_range_max: ScaledNumberType | None = None
    setpoint_step_size: ScaledNumberType | None = None


class SetpointConstraintsDataElementsType(Structure):
    """Names parts of entries of ``setpointConstraintsListData``."""

    setpoint_id: ElementTag | None = None
    setpoint_range_min: ScaledNumberElementsType | None = None
    setpoint_range_max: ScaledNumberElementsType | None = None
    setpoint_step_size: ScaledNumberElementsType | None = None


class SetpointConstraintsListDataType(Structure):
    """Data of ``setpointConstraintsListData``."""

    setpoint_constraints_data: list[SetpointConstraintsDataType] | None = None


class SetpointConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``setpointConstraintsListData``."""

    setpoint_id: Integer | None = None


class SetpointDescriptionDataType(Structure):
    """Entry of ``setpointDescriptionListData``."""

    setpoint_id: Integer | None = None
    measurement_id: Integer | None = None
    time_table_id: Integer | None = None
    setpoint_type: str | None = None  # SetpointType
    unit: str | None = None  # UnitOfMeasurement
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class SetpointDescriptionDataElementsType(Structure):
    """Names parts of entries of ``setpointDescriptionListData``."""

    setpoint_id: ElementTag | None = None
    measurement_id: ElementTag | None = None
    time_table_id: ElementTag | None = None
    setpoint_type: ElementTag | None = None
    unit: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class SetpointDescriptionListDataType(Structure):
    """Data of ``setpointDescriptionListData``."""

    setpoint_description_data: list[SetpointDescriptionDataType] | None = None


class SetpointDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``setpointDescriptionListData``."""

    setpoint_id: Integer | None = None
    measurement_id: Integer | None = None
    time_table_id: Integer | None = None
    setpoint_type: str | None = None  # SetpointType
    scope_type: str | None = None  # ScopeType
