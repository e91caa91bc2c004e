"""Types of LoadControl; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class LoadControlEventAction:
    """Values of ``LoadControlEventActionEnumType``."""

    PAUSE = "pause"
    RESUME = "resume"
    REDUCE = "reduce"
    INCREASE = "increase"
    EMERGENCY = "emergency"
    NORMAL = "normal"


class LoadControlEventState:
    """Values of ``LoadControlEventStateEnumType``."""

    EVENT_ACCEPTED = "eventAccepted"
    EVENT_STARTED = "eventStarted"
    EVENT_STOPPED = "eventStopped"
    EVENT_REJECTED = "eventRejected"
    EVENT_CANCELLED = "eventCancelled"
    EVENT_ERROR = "eventError"


class LoadControlLimitType:
    """Values of ``LoadControlLimitTypeEnumType``."""

    MIN_VALUE_LIMIT = "minValueLimit"
    MAX_VALUE_LIMIT = "maxValueLimit"
    SIGN_DEPENDENT_ABS_VALUE_LIMIT = "signDependentAbsValueLimit"


class LoadControlCategory:
    """Values of ``LoadControlCategoryEnumType``."""

    OBLIGATION = "obligation"
    RECOMMENDATION = "recommendation"
    OPTIMIZATION = "optimization"


class LoadControlNodeDataType(Structure):
    """Data of ``loadControlNodeData``."""

    is_node_remote_controllable: bool | None = None


class LoadControlNodeDataElementsType(Structure):
    """Names parts of ``loadControlNodeData``."""

    is_node_remote_controllable: ElementTag | None = None


class LoadControlEventDataType(Structure):
    """Entry of ``loadControlEventListData``."""

    timestamp: str | None = None
    event_id: Integer | None = None
    event_action_consume: str | None = None  # LoadControlEventAction
    event_action_produce: str | None = None  # LoadControlEventAction
    time_period: TimePeriodType | None = None


class LoadControlEventDataElementsType(Structure):
    """Names parts of entries of ``loadControlEventListData``."""

    timestamp: ElementTag | None = None
    event_id: ElementTag | None = None
    event_action_consume: ElementTag | None = None
    event_action_produce: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None


class LoadControlEventListDataType(Structure):
    """Data of ``loadControlEventListData``."""

    load_control_event_data: list[LoadControlEventDataType] | None = None


class LoadControlEventListDataSelectorsType(Structure):
    """Selects entries of ``loadControlEventListData``."""

    timestamp_interval: TimestampIntervalType | None = None
    event_id: Integer | None = None


class LoadControlStateDataType(Structure):
    """Entry of ``loadControlStateListData``."""

    timestamp: str | None = None
    event_id: Integer | None = None
    event_state_consume: str | None = None  # LoadControlEventState
    applied_event_action_consume: str | None = None  # LoadControlEventAction
    event_state_produce: str | None = None  # LoadControlEventState
    applied_event_action_produce: str | None = None  # LoadControlEventAction


class LoadControlStateDataElementsType(Structure):
    """Names parts of entries of ``loadControlStateListData``."""

    timestamp: ElementTag | None = None
    event_id: ElementTag | None = None
    event_state_consume: ElementTag | None = None
    applied_event_action_consume: ElementTag | None = None
    event_state_produce: ElementTag | None = None
    applied_event_action_produce: ElementTag | None = None


class LoadControlStateListDataType(Structure):
    """Data of ``loadControlStateListData``."""

    load_control_state_data: list[LoadControlStateDataType] | None = None


class LoadControlStateListDataSelectorsType(Structure):
    """Selects entries of ``loadControlStateListData``."""

    timestamp_interval: TimestampIntervalType | None = None
    event_id: Integer | None = None


class LoadControlLimitDataType(Structure):
    """Entry of ``loadControlLimitListData``."""

    limit_id: Integer | None = None
    is_limit_changeable: bool | None = None
    is_limit_active: bool | None = None
    time_period: TimePeriodType | None = None
    value: ScaledNumberType | None = None


class LoadControlLimitDataElementsType(Structure):
    """Names parts of entries of ``loadControlLimitListData``."""

    limit_id: ElementTag | None = None
    is_limit_changeable: ElementTag | None = None
    is_limit_active: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    value: ScaledNumberElementsType | None = None


class LoadControlLimitListDataType(Structure):
    """Data of ``loadControlLimitListData``."""

    load_control_limit_data: list[LoadControlLimitDataType] | None = None


class LoadControlLimitListDataSelectorsType(Structure):
    """Selects entries of ``loadControlLimitListData``."""

    limit_id: Integer | None = None


class LoadControlLimitConstraintsDataType(Structure):
    """Entry of ``loadControlLimitConstraintsListData``."""

    limit_id: Integer | None = None
    value_range_min: ScaledNumberType | None = None
    value_range_max: ScaledNumberType | None = None
    value_step_size: ScaledNumberType | None = None


class LoadControlLimitConstraintsDataElementsType(Structure):
    """Names parts of entries of ``loadControlLimitConstraintsListData``."""

    limit_id: ElementTag | None = None
    value_range_min: ScaledNumberElementsType | None = None
    value_range_max: ScaledNumberElementsType | None = None
    value_step_size: ScaledNumberElementsType | None = None


class LoadControlLimitConstraintsListDataType(Structure):
    """Data of ``loadControlLimitConstraintsListData``."""

    load_control_limit_constraints_data: list[LoadControlLimitConstraintsDataType] | None = None


class LoadControlLimitConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``loadControlLimitConstraintsListData``."""

    limit_id: Integer | None = None


class LoadControlLimitDescriptionDataType(Structure):
    """Entry of ``loadControlLimitDescriptionListData``."""

    limit_id: Integer | None = None
    limit_type: str | None = None  # LoadControlLimitType
    limit_category: str | None = None  # LoadControlCategory
    limit_direction: str | None = None  # EnergyDirection
    measurement_id: Integer | None = None
    unit: str | None = None  # UnitOfMeasurement
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class LoadControlLimitDescriptionDataElementsType(Structure):
    """Names parts of entries of ``loadControlLimitDescriptionListData``."""

    limit_id: ElementTag | None = None
    limit_type: ElementTag | None = None
    limit_category: ElementTag | None = None
    limit_direction: ElementTag | None = None
    measurement_id: ElementTag | None = None
    unit: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class LoadControlLimitDescriptionListDataType(Structure):
    """Data of ``loadControlLimitDescriptionListData``."""

    load_control_limit_description_data: list[LoadControlLimitDescriptionDataType] | None = None


class LoadControlLimitDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``loadControlLimitDescriptionListData``."""

    limit_id: Integer | None = None
    limit_type: str | None = None  # LoadControlLimitType
    limit_direction: str | None = None  # EnergyDirection
    measurement_id: Integer | None = None
    scope_type: str | None = None  # ScopeType
