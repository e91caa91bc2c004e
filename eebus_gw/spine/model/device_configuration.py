"""Types of DeviceConfiguration; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import ScaledNumberElementsType, ScaledNumberType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class DeviceConfigurationKeyName:
    """Values of ``DeviceConfigurationKeyNameEnumType``."""

    PEAK_POWER_OF_PV_SYSTEM = "peakPowerOfPvSystem"
    PV_CURTAILMENT_LIMIT_FACTOR = "pvCurtailmentLimitFactor"
    ASYMMETRIC_CHARGING_SUPPORTED = "asymmetricChargingSupported"
    COMMUNICATIONS_STANDARD = "communicationsStandard"
    INVERTER_GRID_CODE = "inverterGridCode"
    PV_STRING_AVAILABILITY_STATUS = "pvStringAvailabilityStatus"
    BATTERY_AVAILABILITY_STATUS = "batteryAvailabilityStatus"
    GRID_CONNECTION_STATUS = "gridConnectionStatus"
    TIME_TO_AC_CHARGE_POWER_MAX = "timeToAcChargePowerMax"
    TIME_TO_AC_DISCHARGE_POWER_MAX = "timeToAcDischargePowerMax"
    TILT = "tilt"
    AZIMUTH = "azimuth"
    BATTERY_TYPE = "batteryType"
    MAX_CYCLE_COUNT_PER_DAY = "maxCycleCountPerDay"
    FAILSAFE_CONSUMPTION_ACTIVE_POWER_LIMIT = "failsafeConsumptionActivePowerLimit"
    FAILSAFE_PRODUCTION_ACTIVE_POWER_LIMIT = "failsafeProductionActivePowerLimit"
    FAILSAFE_POSITIVE_REACTIVE_POWER_LIMIT = "failsafePositiveReactivePowerLimit"
    FAILSAFE_NEGATIVE_REACTIVE_POWER_LIMIT = "failsafeNegativeReactivePowerLimit"
    FAILSAFE_POSITIVE_COS_PHI_LIMIT = "failsafePositiveCosPhiLimit"
    FAILSAFE_NEGATIVE_COS_PHI_LIMIT = "failsafeNegativeCosPhiLimit"
    MAX_AC_CHARGE_POWER = "maxAcChargePower"
    MAX_AC_DISCHARGE_POWER = "maxAcDischargePower"
    MAX_DC_CHARGE_POWER = "maxDcChargePower"
    MAX_DC_DISCHARGE_POWER = "maxDcDischargePower"
    BATTERY_ACTIVE_CONTROL_MODE = "batteryActiveControlMode"
    DEFAULT_AC_POWER = "defaultAcPower"
    DEFAULT_DC_POWER = "defaultDcPower"
    DEFAULT_PCC_POWER = "defaultPccPower"
    FAILSAFE_AC_POWER_SETPOINT = "failsafeAcPowerSetpoint"
    FAILSAFE_DC_POWER_SETPOINT = "failsafeDcPowerSetpoint"
    FAILSAFE_PCC_POWER_SETPOINT = "failsafePccPowerSetpoint"
    FAILSAFE_DURATION_MINIMUM = "failsafeDurationMinimum"
    DISCHARGING_BELOW_TARGET_ENERGY_REQUEST_PERMITTED = (
        "dischargingBelowTargetEnergyRequestPermitted"
    )
    INCENTIVES_SIMULATION_CYCLES_MAX = "incentivesSimulationCyclesMax"
    INCENTIVES_SIMULATION_CONCURRENT = "incentivesSimulationConcurrent"
    INCENTIVES_TIMEOUT_INCENTIVE_REQUEST = "incentivesTimeoutIncentiveRequest"
    INCENTIVES_WAIT_INCENTIVE_WRITEABLE = "incentivesWaitIncentiveWriteable"


class DeviceConfigurationKeyValueType:
    """Values of ``DeviceConfigurationKeyValueTypeType``."""

    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "dateTime"
    DURATION = "duration"
    STRING = "string"
    TIME = "time"
    SCALED_NUMBER = "scaledNumber"
    INTEGER = "integer"


class DeviceConfigurationKeyValueValueType(Structure):
    boolean: bool | None = None
    date: str | None = None
    date_time: str | None = None
    duration: str | None = None
    string: str | None = None
    time: str | None = None
    scaled_number: ScaledNumberType | None = None
    integer: Integer | None = None


class DeviceConfigurationKeyValueValueElementsType(Structure):
    boolean: ElementTag | None = None
    date: ElementTag | None = None
    date_time: ElementTag | None = None
    duration: ElementTag | None = None
    string: ElementTag | None = None
    time: ElementTag | None = None
    scaled_number: ScaledNumberElementsType | None = None


class DeviceConfigurationKeyValueDataType(Structure):
    """Entry of ``deviceConfigurationKeyValueListData``."""

    key_id: Integer | None = None
    value: DeviceConfigurationKeyValueValueType | None = None
    is_value_changeable: bool | None = None


class DeviceConfigurationKeyValueDataElementsType(Structure):
    """Names parts of entries of ``deviceConfigurationKeyValueListData``."""

    key_id: ElementTag | None = None
    value: DeviceConfigurationKeyValueValueElementsType | None = None
    is_value_changeable: ElementTag | None = None


class DeviceConfigurationKeyValueListDataType(Structure):
    """Data of ``deviceConfigurationKeyValueListData``."""

    device_configuration_key_value_data: list[DeviceConfigurationKeyValueDataType] | None = None


class DeviceConfigurationKeyValueListDataSelectorsType(Structure):
    """Selects entries of ``deviceConfigurationKeyValueListData``."""

    key_id: Integer | None = None


class DeviceConfigurationKeyValueDescriptionDataType(Structure):
    """Entry of ``deviceConfigurationKeyValueDescriptionListData``."""

    key_id: Integer | None = None
    key_name: str | None = None  # DeviceConfigurationKeyName
    value_type: str | None = None  # DeviceConfigurationKeyValueType
    unit: str | None = None  # UnitOfMeasurement
    label: str | None = None
    description: str | None = None


class DeviceConfigurationKeyValueDescriptionDataElementsType(Structure):
    """Names parts of entries of ``deviceConfigurationKeyValueDescriptionListData``."""

    key_id: ElementTag | None = None
    key_name: ElementTag | None = None
    value_type: ElementTag | None = None
    unit: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class DeviceConfigurationKeyValueDescriptionListDataType(Structure):
    """Data of ``deviceConfigurationKeyValueDescriptionListData``."""

    device_configuration_key_value_description_data: (
        list[DeviceConfigurationKeyValueDescriptionDataType] | None
    ) = None


class DeviceConfigurationKeyValueDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``deviceConfigurationKeyValueDescriptionListData``."""

    key_id: Integer | None = None
    key_name: str | None = None  # DeviceConfigurationKeyName


class DeviceConfigurationKeyValueConstraintsDataType(Structure):
    """Entry of ``deviceConfigurationKeyValueConstraintsListData``."""

    key_id: Integer | None = None
    value_range_min: DeviceConfigurationKeyValueValueType | None = None
    value_range_max: DeviceConfigurationKeyValueValueType | None = None
    value_step_size: DeviceConfigurationKeyValueValueType | None = None


class DeviceConfigurationKeyValueConstraintsDataElementsType(Structure):
    """Names parts of entries of ``deviceConfigurationKeyValueConstraintsListData``."""

    key_id: ElementTag | None = None
    value_range_min: DeviceConfigurationKeyValueValueElementsType | None = None
    value_range_max: DeviceConfigurationKeyValueValueElementsType | None = None
    value_step_size: DeviceConfigurationKeyValueValueElementsType | None = None


class DeviceConfigurationKeyValueConstraintsListDataType(Structure):
    """Data of ``deviceConfigurationKeyValueConstraintsListData``."""

    device_configuration_key_value_constraints_data: (
        list[DeviceConfigurationKeyValueConstraintsDataType] | None
    ) = None


class DeviceConfigurationKeyValueConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``deviceConfigurationKeyValueConstraintsListData``."""

    key_id: Integer | None = None
