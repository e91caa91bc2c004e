"""Types of Alarm; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class AlarmType:
    """Values of ``AlarmTypeEnumType``."""

    ALARM_CANCELLED = "alarmCancelled"
    UNDER_THRESHOLD = "underThreshold"
    OVER_THRESHOLD = "overThreshold"


class AlarmDataType(Structure):
    """Entry of ``alarmListData``."""

    alarm_id: Integer | None = None
    threshold_id: Integer | None = None
    timestamp: str | None = None
    alarm_type: str | None = None  # AlarmType
    measured_value: ScaledNumberType | None = None
    evaluation_period: TimePeriodType | None = None
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class AlarmDataElementsType(Structure):
    """Names parts of entries of ``alarmListData``."""

    alarm_id: ElementTag | None = None
    threshold_id: ElementTag | None = None
    timestamp: ElementTag | None = None
    alarm_type: ElementTag | None = None
    measured_value: ScaledNumberElementsType | None = None
    evaluation_period: TimePeriodElementsType | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class AlarmListDataType(Structure):
    """Data of ``alarmListData``."""

    alarm_data: list[AlarmDataType] | None = None


class AlarmListDataSelectorsType(Structure):
    """Selects entries of ``alarmListData``."""

    alarm_id: Integer | None = None
    scope_type: str | None = None  # ScopeType
