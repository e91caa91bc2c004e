"""Types of HVAC; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class HvacSystemFunctionType:
    """Values of ``HvacSystemFunctionTypeEnumType``."""

    HEATING = "heating"
    COOLING = "cooling"
    VENTILATION = "ventilation"
    DHW = "dhw"


class HvacOperationModeType:
    """Values of ``HvacOperationModeTypeEnumType``."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"
    ECO = "eco"


class HvacOverrunType:
    """Values of ``HvacOverrunTypeEnumType``."""

    ONE_TIME_DHW = "oneTimeDhw"
    PARTY = "party"
    SG_READY_CONDITION1 = "sgReadyCondition1"
    SG_READY_CONDITION3 = "sgReadyCondition3"
    SG_READY_CONDITION4 = "sgReadyCondition4"
    ONE_DAY_AWAY = "oneDayAway"
    ONE_DAY_AT_HOME = "oneDayAtHome"
    ONE_TIME_VENTILATION = "oneTimeVentilation"
    HVAC_SYSTEM_OFF = "hvacSystemOff"
    VALVE_KICK = "valveKick"


class HvacOverrunStatus:
    """Values of ``HvacOverrunStatusEnumType``."""

    ACTIVE = "active"
    RUNNING = "running"
    FINISHED = "finished"
    INACTIVE = "inactive"


class HvacSystemFunctionDataType(Structure):
    """Entry of ``hvacSystemFunctionListData``."""

    system_function_id: Integer | None = None
    current_operation_mode_id: Integer | None = None
    is_operation_mode_id_changeable: bool | None = None
    current_setpoint_id: Integer | None = None
    is_setpoint_id_changeable: bool | None = None
    is_overrun_active: bool | None = None


class HvacSystemFunctionDataElementsType(Structure):
    """Names parts of entries of ``hvacSystemFunctionListData``."""

    system_function_id: ElementTag | None = None
    current_operation_mode_id: ElementTag | None = None
    is_operation_mode_id_changeable: ElementTag | None = None
    current_setpoint_id: ElementTag | None = None
    is_setpoint_id_changeable: ElementTag | None = None
    is_overrun_active: ElementTag | None = None


class HvacSystemFunctionListDataType(Structure):
    """Data of ``hvacSystemFunctionListData``."""

    hvac_system_function_data: list[HvacSystemFunctionDataType] | None = None


class HvacSystemFunctionListDataSelectorsType(Structure):
    """Selects entries of ``hvacSystemFunctionListData``."""

    system_function_id: Integer | None = None


class HvacSystemFunctionOperationModeRelationDataType(Structure):
    """Entry of ``hvacSystemFunctionOperationModeRelationListData``."""

    system_function_id: Integer | None = None
    operation_mode_id: list[Integer] | None = None


class HvacSystemFunctionOperationModeRelationDataElementsType(Structure):
    """Names parts of entries of ``hvacSystemFunctionOperationModeRelationListData``."""

    system_function_id: ElementTag | None = None
    operation_mode_id: ElementTag | None = None


class HvacSystemFunctionOperationModeRelationListDataType(Structure):
    """Data of ``hvacSystemFunctionOperationModeRelationListData``."""

    hvac_system_function_operation_mode_relation_data: (
        list[HvacSystemFunctionOperationModeRelationDataType] | None
    ) = None


class HvacSystemFunctionOperationModeRelationListDataSelectorsType(Structure):
    """Selects entries of ``hvacSystemFunctionOperationModeRelationListData``."""

    system_function_id: Integer | None = None


class HvacSystemFunctionSetpointRelationDataType(Structure):
    """Entry of ``hvacSystemFunctionSetpointRelationListData``."""

    system_function_id: Integer | None = None
    operation_mode_id: Integer | None = None
    setpoint_id: list[Integer] | None = None


class HvacSystemFunctionSetpointRelationDataElementsType(Structure):
    """Names parts of entries of ``hvacSystemFunctionSetpointRelationListData``."""

    system_function_id: ElementTag | None = None
    operation_mode_id: ElementTag | None = None
    setpoint_id: ElementTag | None = None


class HvacSystemFunctionSetpointRelationListDataType(Structure):
    """Data of ``hvacSystemFunctionSetpointRelationListData``."""

    hvac_system_function_setpoint_relation_data: (
        list[HvacSystemFunctionSetpointRelationDataType] | None
    ) = None


class HvacSystemFunctionSetpointRelationListDataSelectorsType(Structure):
    """Selects entries of ``hvacSystemFunctionSetpointRelationListData``."""

    system_function_id: Integer | None = None
    operation_mode_id: Integer | None = None


class HvacSystemFunctionPowerSequenceRelationDataType(Structure):
    """Entry of ``hvacSystemFunctionPowerSequenceRelationListData``."""

    system_function_id: Integer | None = None
    sequence_id: list[Integer] | None = None


class HvacSystemFunctionPowerSequenceRelationDataElementsType(Structure):
    """Names parts of entries of ``hvacSystemFunctionPowerSequenceRelationListData``."""

    system_function_id: ElementTag | None = None
    sequence_id: ElementTag | None = None


class HvacSystemFunctionPowerSequenceRelationListDataType(Structure):
    """Data of ``hvacSystemFunctionPowerSequenceRelationListData``."""

    hvac_system_function_power_sequence_relation_data: (
        list[HvacSystemFunctionPowerSequenceRelationDataType] | None
    ) = None


class HvacSystemFunctionPowerSequenceRelationListDataSelectorsType(Structure):
    """Selects entries of ``hvacSystemFunctionPowerSequenceRelationListData``."""

    system_function_id: Integer | None = None


class HvacSystemFunctionDescriptionDataType(Structure):
    """Entry of ``hvacSystemFunctionDescriptionListData``."""

    system_function_id: Integer | None = None
    system_function_type: str | None = None  # HvacSystemFunctionType
    label: str | None = None
    description: str | None = None


class HvacSystemFunctionDescriptionDataElementsType(Structure):
    """Names parts of entries of ``hvacSystemFunctionDescriptionListData``."""

    system_function_id: ElementTag | None = None
    system_function_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class HvacSystemFunctionDescriptionListDataType(Structure):
    """Data of ``hvacSystemFunctionDescriptionListData``."""

    hvac_system_function_description_data: list[HvacSystemFunctionDescriptionDataType] | None = None


class HvacSystemFunctionDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``hvacSystemFunctionDescriptionListData``."""

    system_function_id: Integer | None = None


class HvacOperationModeDescriptionDataType(Structure):
    """Entry of ``hvacOperationModeDescriptionListData``."""

    operation_mode_id: Integer | None = None
    operation_mode_type: str | None = None  # HvacOperationModeType
    label: str | None = None
    description: str | None = None


class HvacOperationModeDescriptionDataElementsType(Structure):
    """Names parts of entries of ``hvacOperationModeDescriptionListData``."""

    operation_mode_id: ElementTag | None = None
    operation_mode_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class HvacOperationModeDescriptionListDataType(Structure):
    """Data of ``hvacOperationModeDescriptionListData``."""

    hvac_operation_mode_description_data: list[HvacOperationModeDescriptionDataType] | None = None


class HvacOperationModeDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``hvacOperationModeDescriptionListData``."""

    operation_mode_id: Integer | None = None


class HvacOverrunDataType(Structure):
    """Entry of ``hvacOverrunListData``."""

    overrun_id: Integer | None = None
    overrun_status: str | None = None  # HvacOverrunStatus
    time_table_id: Integer | None = None
    is_overrun_status_changeable: bool | None = None


class HvacOverrunDataElementsType(Structure):
    """Names parts of entries of ``hvacOverrunListData``."""

    overrun_id: ElementTag | None = None
    overrun_status: ElementTag | None = None
    time_table_id: ElementTag | None = None
    is_overrun_status_changeable: ElementTag | None = None


class HvacOverrunListDataType(Structure):
    """Data of ``hvacOverrunListData``."""

    hvac_overrun_data: list[HvacOverrunDataType] | None = None


class HvacOverrunListDataSelectorsType(Structure):
    """Selects entries of ``hvacOverrunListData``."""

    overrun_id: Integer | None = None


class HvacOverrunDescriptionDataType(Structure):
    """Entry of ``hvacOverrunDescriptionListData``."""

    overrun_id: Integer | None = None
    overrun_type: str | None = None  # HvacOverrunType
    affected_system_function_id: list[Integer] | None = None
    label: str | None = None
    description: str | None = None


class HvacOverrunDescriptionDataElementsType(Structure):
    """Names parts of entries of ``hvacOverrunDescriptionListData``."""

    overrun_id: ElementTag | None = None
    overrun_type: ElementTag | None = None
    affected_system_function_id: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class HvacOverrunDescriptionListDataType(Structure):
    """Data of ``hvacOverrunDescriptionListData``."""

    hvac_overrun_description_data: list[HvacOverrunDescriptionDataType] | None = None


class HvacOverrunDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``hvacOverrunDescriptionListData``."""

    overrun_id: Integer | None = None
