"""Types of StateInformation; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class StateInformationFunctionality:
    """Values of ``StateInformationFunctionalityEnumType``."""

    EXTERNAL_OVERRIDE_FROM_GRID = "externalOverrideFromGrid"
    AUTONOMOUS_GRID_SUPPORT = "autonomousGridSupport"
    ISLANDING_MODE = "islandingMode"
    BALANCING = "balancing"
    TRICKLE_CHARGING = "trickleCharging"
    CALIBRATION = "calibration"
    COMMISSIONING_MISSING = "commissioningMissing"
    SLEEPING = "sleeping"
    STARTING = "starting"
    MPPT = "mppt"
    THROTTLED = "throttled"
    SHUTTING_DOWN = "shuttingDown"
    MANUAL_SHUTDOWN = "manualShutdown"


class StateInformationFailure:
    """Values of ``StateInformationFailureEnumType``."""

    INVERTER_DEFECTIVE = "inverterDefective"
    BATTERY_OVERCURRENT_PROTECTION = "batteryOvercurrentProtection"
    PV_STRING_OVERCURRENT_PROTECTION = "pvStringOvercurrentProtection"
    GRID_FAULT = "gridFault"
    GROUND_FAULT = "groundFault"
    AC_DISCONNECTED = "acDisconnected"
    DC_DISCONNECTED = "dcDisconnected"
    CABINET_OPEN = "cabinetOpen"
    OVER_TEMPERATURE = "overTemperature"
    UNDER_TEMPERATURE = "underTemperature"
    FREQUENCY_ABOVE_LIMIT = "frequencyAboveLimit"
    FREQUENCY_BELOW_LIMIT = "frequencyBelowLimit"
    AC_VOLTAGE_ABOVE_LIMIT = "acVoltageAboveLimit"
    AC_VOLTAGE_BELOW_LIMIT = "acVoltageBelowLimit"
    DC_VOLTAGE_ABOVE_LIMIT = "dcVoltageAboveLimit"
    DC_VOLTAGE_BELOW_LIMIT = "dcVoltageBelowLimit"
    HARDWARE_TEST_FAILURE = "hardwareTestFailure"
    GENERIC_INTERNAL_ERROR = "genericInternalError"


class StateInformation(StateInformationFunctionality, StateInformationFailure):
    """Values of ``StateInformationType``."""


class StateInformationCategory:
    """Values of ``StateInformationCategoryEnumType``."""

    FUNCTIONALITY = "functionality"
    FAILURE = "failure"


class StateInformationDataType(Structure):
    """Entry of ``stateInformationListData``."""

    state_information_id: Integer | None = None
    state_information: str | None = None  # StateInformation
    is_active: bool | None = None
    category: str | None = None  # StateInformationCategory
    time_of_last_change: str | None = None


class StateInformationDataElementsType(Structure):
    """Names parts of entries of ``stateInformationListData``."""

    state_information_id: ElementTag | None = None
    state_information: ElementTag | None = None
    is_active: ElementTag | None = None
    category: ElementTag | None = None
    time_of_last_change: ElementTag | None = None


class StateInformationListDataType(Structure):
    """Data of ``stateInformationListData``."""

    state_information_data: list[StateInformationDataType] | None = None


class StateInformationListDataSelectorsType(Structure):
    """Selects entries of ``stateInformationListData``."""

    state_information_id: Integer | None = None
    state_information: str | None = None  # StateInformation
    is_active: bool | None = None
    category: str | None = None  # StateInformationCategory
