"""Types of ElectricalConnection; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberSetElementsType,
    ScaledNumberSetType,
    ScaledNumberType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class ElectricalConnectionMeasurandVariant:
    """Values of ``ElectricalConnectionMeasurandVariantEnumType``."""

    AMPLITUDE = "amplitude"
    RMS = "rms"
    INSTANTANEOUS = "instantaneous"
    ANGLE = "angle"
    COS_PHI = "cosPhi"


class ElectricalConnectionVoltageType:
    """Values of ``ElectricalConnectionVoltageTypeEnumType``."""

    AC = "ac"
    DC = "dc"


class ElectricalConnectionAcMeasurementType:
    """Values of ``ElectricalConnectionAcMeasurementTypeEnumType``."""

    REAL = "real"
    REACTIVE = "reactive"
    APPARENT = "apparent"
    PHASE = "phase"


class ElectricalConnectionPhaseName:
    """Values of ``ElectricalConnectionPhaseNameEnumType``."""

    A = "a"
    B = "b"
    C = "c"
    AB = "ab"
    BC = "bc"
    AC = "ac"
    ABC = "abc"
    NEUTRAL = "neutral"
    GROUND = "ground"
    NONE = "none"


class ElectricalConnectionConnectionPoint:
    """Values of ``ElectricalConnectionConnectionPointType``."""

    GRID = "grid"
    HOME = "home"
    PV = "pv"
    SD = "sd"
    OTHER = "other"


class ElectricalConnectionCharacteristicContext:
    """Values of ``ElectricalConnectionCharacteristicContextEnumType``."""

    DEVICE = "device"
    ENTITY = "entity"
    INVERTER = "inverter"
    PV_STRING = "pvString"
    BATTERY = "battery"


class ElectricalConnectionCharacteristicType:
    """Values of ``ElectricalConnectionCharacteristicTypeEnumType``."""

    POWER_CONSUMPTION_MIN = "powerConsumptionMin"
    POWER_CONSUMPTION_MAX = "powerConsumptionMax"
    POWER_CONSUMPTION_NOMINAL_MIN = "powerConsumptionNominalMin"
    POWER_CONSUMPTION_NOMINAL_MAX = "powerConsumptionNominalMax"
    POWER_PRODUCTION_MIN = "powerProductionMin"
    POWER_PRODUCTION_MAX = "powerProductionMax"
    POWER_PRODUCTION_NOMINAL_MIN = "powerProductionNominalMin"
    POWER_PRODUCTION_NOMINAL_MAX = "powerProductionNominalMax"
    ENERGY_CAPACITY_NOMINAL_MAX = "energyCapacityNominalMax"
    CONTRACTUAL_CONSUMPTION_NOMINAL_MAX = "contractualConsumptionNominalMax"
    CONTRACTUAL_PRODUCTION_NOMINAL_MAX = "contractualProductionNominalMax"
    APPARENT_POWER_PRODUCTION_NOMINAL_MAX = "apparentPowerProductionNominalMax"
    APPARENT_POWER_CONSUMPTION_NOMINAL_MAX = "apparentPowerConsumptionNominalMax"


class ElectricalConnectionParameterDescriptionDataType(Structure):
    """Entry of ``electricalConnectionParameterDescriptionListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None
    measurement_id: Integer | None = None
    voltage_type: str | None = None  # ElectricalConnectionVoltageType
    ac_measured_phases: str | None = None  # ElectricalConnectionPhaseName
    ac_measured_in_reference_to: str | None = None  # ElectricalConnectionPhaseName
    ac_measurement_type: str | None = None  # ElectricalConnectionAcMeasurementType
    ac_measurement_variant: str | None = None  # ElectricalConnectionMeasurandVariant
    ac_measured_harmonic: Integer | None = None
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class ElectricalConnectionParameterDescriptionDataElementsType(Structure):
    """Names parts of entries of ``electricalConnectionParameterDescriptionListData``."""

    electrical_connection_id: ElementTag | None = None
    parameter_id: ElementTag | None = None
    measurement_id: ElementTag | None = None
    voltage_type: ElementTag | None = None
    ac_measured_phases: ElementTag | None = None
    ac_measured_in_reference_to: ElementTag | None = None
    ac_measurement_type: ElementTag | None = None
    ac_measurement_variant: ElementTag | None = None
    ac_measured_harmonic: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class ElectricalConnectionParameterDescriptionListDataType(Structure):
    """Data of ``electricalConnectionParameterDescriptionListData``."""

    electrical_connection_parameter_description_data: (
        list[ElectricalConnectionParameterDescriptionDataType] | None
    ) = None


class ElectricalConnectionParameterDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``electricalConnectionParameterDescriptionListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None
    measurement_id: Integer | None = None
    scope_type: str | None = None  # ScopeType


class ElectricalConnectionPermittedValueSetDataType(Structure):
    """Entry of ``electricalConnectionPermittedValueSetListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None
    permitted_value_set: list[ScaledNumberSetType] | None = None


class ElectricalConnectionPermittedValueSetDataElementsType(Structure):
    """Names parts of entries of ``electricalConnectionPermittedValueSetListData``."""

    electrical_connection_id: ElementTag | None = None
    parameter_id: ElementTag | None = None
    permitted_value_set: ScaledNumberSetElementsType | None = None


class ElectricalConnectionPermittedValueSetListDataType(Structure):
    """Data of ``electricalConnectionPermittedValueSetListData``."""

    electrical_connection_permitted_value_set_data: (
        list[ElectricalConnectionPermittedValueSetDataType] | None
    ) = None


class ElectricalConnectionPermittedValueSetListDataSelectorsType(Structure):
    """Selects entries of ``electricalConnectionPermittedValueSetListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None


class ElectricalConnectionCharacteristicDataType(Structure):
    """Entry of ``electricalConnectionCharacteristicListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None
    characteristic_id: Integer | None = None
    characteristic_context: str | None = None  # ElectricalConnectionCharacteristicContext
    characteristic_type: str | None = None  # ElectricalConnectionCharacteristicType
    value: ScaledNumberType | None = None
    unit: str | None = None  # UnitOfMeasurement


class ElectricalConnectionCharacteristicDataElementsType(Structure):
    """Names parts of entries of ``electricalConnectionCharacteristicListData``."""

    electrical_connection_id: ElementTag | None = None
    parameter_id: ElementTag | None = None
    characteristic_id: ElementTag | None = None
    characteristic_context: ElementTag | None = None
    characteristic_type: ElementTag | None = None
    value: ScaledNumberElementsType | None = None
    unit: ElementTag | None = None


class ElectricalConnectionCharacteristicListDataType(Structure):
    """Data of ``electricalConnectionCharacteristicListData``."""

    electrical_connection_characteristic_data: (
        list[ElectricalConnectionCharacteristicDataType] | None
    ) = None


class ElectricalConnectionCharacteristicListDataSelectorsType(Structure):
    """Selects entries of ``electricalConnectionCharacteristicListData``."""

    electrical_connection_id: Integer | None = None
    parameter_id: Integer | None = None
    characteristic_id: Integer | None = None
    characteristic_context: str | None = None  # ElectricalConnectionCharacteristicContext
    characteristic_type: str | None = None  # ElectricalConnectionCharacteristicType


class ElectricalConnectionStateDataType(Structure):
    """Entry of ``electricalConnectionStateListData``."""

    electrical_connection_id: Integer | None = None
    timestamp: str | None = None
    current_energy_mode: str | None = None  # EnergyMode
    consumption_time: str | None = None
    production_time: str | None = None
    total_consumption_time: str | None = None
    total_production_time: str | None = None


class ElectricalConnectionStateDataElementsType(Structure):
    """Names parts of entries of ``electricalConnectionStateListData``."""

    electrical_connection_id: ElementTag | None = None
    timestamp: ElementTag | None = None
    current_energy_mode: ElementTag | None = None
    consumption_time: ElementTag | None = None
    production_time: ElementTag | None = None
    total_consumption_time: ElementTag | None = None
    total_production_time: ElementTag | None = None


class ElectricalConnectionStateListDataType(Structure):
    """Data of ``electricalConnectionStateListData``."""

    electrical_connection_state_data: list[ElectricalConnectionStateDataType] | None = None


class ElectricalConnectionStateListDataSelectorsType(Structure):
    """Selects entries of ``electricalConnectionStateListData``."""

    electrical_connection_id: Integer | None = None


class ElectricalConnectionDescriptionDataType(Structure):
    """Entry of ``electricalConnectionDescriptionListData``."""

    electrical_connection_id: Integer | None = None
    power_supply_type: str | None = None  # ElectricalConnectionVoltageType
    ac_connected_phases: Integer | None = None
    ac_rms_period_duration: str | None = None
    positive_energy_direction: str | None = None  # EnergyDirection
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class ElectricalConnectionDescriptionDataElementsType(Structure):
    """Names parts of entries of ``electricalConnectionDescriptionListData``."""

    electrical_connection_id: ElementTag | None = None
    power_supply_type: ElementTag | None = None
    ac_connected_phases: ElementTag | None = None
    ac_rms_period_duration: ElementTag | None = None
    positive_energy_direction: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class ElectricalConnectionDescriptionListDataType(Structure):
    """Data of ``electricalConnectionDescriptionListData``."""

    electrical_connection_description_data: list[ElectricalConnectionDescriptionDataType] | None = (
        None
    )


class ElectricalConnectionDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``electricalConnectionDescriptionListData``."""

    electrical_connection_id: Integer | None = None
    scope_type: str | None = None  # ScopeType
