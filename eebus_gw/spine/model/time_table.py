"""Types of TimeTable; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    AbsoluteOrRecurringTimeElementsType,
    AbsoluteOrRecurringTimeType,
    RecurrenceInformationElementsType,
    RecurrenceInformationType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class TimeSlotTimeMode:
    """Values of ``TimeSlotTimeModeEnumType``."""

    ABSOLUTE = "absolute"
    RECURRING = "recurring"
    BOTH = "both"


class TimeTableDataType(Structure):
    """Entry of ``timeTableListData``."""

    time_table_id: Integer | None = None
    time_slot_id: Integer | None = None
    recurrence_information: RecurrenceInformationType | None = None
    start_time: AbsoluteOrRecurringTimeType | None = None
    end_time: AbsoluteOrRecurringTimeType | None = None


class TimeTableDataElementsType(Structure):
    """Names parts of entries of ``timeTableListData``."""

    time_table_id: ElementTag | None = None
    time_slot_id: ElementTag | None = None
    recurrence_information: RecurrenceInformationElementsType | None = None
    start_time: AbsoluteOrRecurringTimeElementsType | None = None
    end_time: AbsoluteOrRecurringTimeElementsType | None = None


class TimeTableListDataType(Structure):
    """Data of ``timeTableListData``."""

    time_table_data: list[TimeTableDataType] | None = None


class TimeTableListDataSelectorsType(Structure):
    """Selects entries of ``timeTableListData``."""

    time_table_id: Integer | None = None
    time_slot_id: Integer | None = None


class TimeTableConstraintsDataType(Structure):
    """Entry of ``timeTableConstraintsListData``."""

    time_table_id: Integer | None = None
    slot_count_min: Integer | None = None
    slot_count_max: Integer | None = None
    slot_duration_min: str | None = None
    slot_duration_max: str | None = None
    slot_duration_step_size: str | None = None
    slot_shift_step_size: str | None = None
    first_slot_begins_at: str | None = None


class TimeTableConstraintsDataElementsType(Structure):
    """Names parts of entries of ``timeTableConstraintsListData``."""

    time_table_id: ElementTag | None = None
    slot_count_min: ElementTag | None = None
    slot_count_max: ElementTag | None = None
    slot_duration_min: ElementTag | None = None
    slot_duration_max: ElementTag | None = None
    slot_duration_step_size: ElementTag | None = None
    slot_shift_step_size: ElementTag | None = None
    first_slot_begins_at: ElementTag | None = None


class TimeTableConstraintsListDataType(Structure):
    """Data of ``timeTableConstraintsListData``."""

    time_table_constraints_data: list[TimeTableConstraintsDataType] | None = None


class TimeTableConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``timeTableConstraintsListData``."""

    time_table_id: Integer | None = None


class TimeTableDescriptionDataType(Structure):
    """Entry of ``timeTableDescriptionListData``."""

    time_table_id: Integer | None = None
    time_slot_count_changeable: bool | None = None
    time_slot_times_changeable: bool | None = None
    time_slot_time_mode: str | None = None  # TimeSlotTimeMode
    label: str | None = None
    description: str | None = None


class TimeTableDescriptionDataElementsType(Structure):
    """Names parts of entries of ``timeTableDescriptionListData``."""

    time_table_id: ElementTag | None = None
    time_slot_count_changeable: ElementTag | None = None
    time_slot_times_changeable: ElementTag | None = None
    time_slot_time_mode: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class TimeTableDescriptionListDataType(Structure):
    """Data of ``timeTableDescriptionListData``."""

    time_table_description_data: list[TimeTableDescriptionDataType] | None = None


class TimeTableDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``timeTableDescriptionListData``."""

    time_table_id: Integer | None = None
