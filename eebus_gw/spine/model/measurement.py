"""Types of Measurement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class MeasurementType:
    """Values of ``MeasurementTypeEnumType``."""

    ACCELERATION = "acceleration"
    ANGLE = "angle"
    ANGULAR_VELOCITY = "angularVelocity"
    AREA = "area"
    ATMOSPHERIC_PRESSURE = "atmosphericPressure"
    CAPACITY = "capacity"
    CONCENTRATION = "concentration"
    COUNT = "count"
    CURRENT = "current"
    DENSITY = "density"
    DISTANCE = "distance"
    ELECTRIC_FIELD = "electricField"
    ENERGY = "energy"
    FORCE = "force"
    FREQUENCY = "frequency"
    HARMONIC_DISTORTION = "harmonicDistortion"
    HEAT = "heat"
    HEAT_FLUX = "heatFlux"
    ILLUMINANCE = "illuminance"
    IMPULSE = "impulse"
    LEVEL = "level"
    MAGNETIC_FIELD = "magneticField"
    MASS = "mass"
    MASS_FLOW = "massFlow"
    PARTICLES = "particles"
    PERCENTAGE = "percentage"
    POWER = "power"
    POWER_FACTOR = "powerFactor"
    PRESSURE = "pressure"
    RADON_ACTIVITY = "radonActivity"
    RELATIVE_HUMIDITY = "relativeHumidity"
    RESISTANCE = "resistance"
    SOLAR_RADIATION = "solarRadiation"
    SPEED = "speed"
    TEMPERATURE = "temperature"
    TIME = "time"
    TORQUE = "torque"
    UNKNOWN = "unknown"
    VELOCITY = "velocity"
    VOLTAGE = "voltage"
    VOLUME = "volume"
    VOLUMETRIC_FLOW = "volumetricFlow"


class MeasurementValueType:
    """Values of ``MeasurementValueTypeEnumType``."""

    VALUE = "value"
    AVERAGE_VALUE = "averageValue"
    MIN_VALUE = "minValue"
    MAX_VALUE = "maxValue"
    STANDARD_DEVIATION = "standardDeviation"


class MeasurementValueSource:
    """Values of ``MeasurementValueSourceEnumType``."""

    MEASURED_VALUE = "measuredValue"
    CALCULATED_VALUE = "calculatedValue"
    EMPIRICAL_VALUE = "empiricalValue"


class MeasurementValueTendency:
    """Values of ``MeasurementValueTendencyEnumType``."""

    RISING = "rising"
    STABLE = "stable"
    FALLING = "falling"


class MeasurementValueState:
    """Values of ``MeasurementValueStateEnumType``."""

    NORMAL = "normal"
    OUT_OF_RANGE = "outOfRange"
    ERROR = "error"


class MeasurementDataType(Structure):
    """Entry of ``measurementListData``."""

    measurement_id: Integer | None = None
    value_type: str | None = None  # MeasurementValueType
    timestamp: str | None = None
    value: ScaledNumberType | None = None
    evaluation_period: TimePeriodType | None = None
    value_source: str | None = None  # MeasurementValueSource
    value_tendency: str | None = None  # MeasurementValueTendency
    value_state: str | None = None  # MeasurementValueState


class MeasurementDataElementsType(Structure):
    """Names parts of entries of ``measurementListData``."""

    measurement_id: ElementTag | None = None
    value_type: ElementTag | None = None
    timestamp: ElementTag | None = None
    value: ScaledNumberElementsType | None = None
    evaluation_period: TimePeriodElementsType | None = None
    value_source: ElementTag | None = None
    value_tendency: ElementTag | None = None
    value_state: ElementTag | None = None


class MeasurementListDataType(Structure):
    """Data of ``measurementListData``."""

    measurement_data: list[MeasurementDataType] | None = None


class MeasurementListDataSelectorsType(Structure):
    """Selects entries of ``measurementListData``."""

    measurement_id: Integer | None = None
    value_type: str | None = None  # MeasurementValueType
    timestamp_interval: TimestampIntervalType | None = None


class MeasurementSeriesDataType(Structure):
    """Entry of ``measurementSeriesListData``."""

    measurement_id: Integer | None = None
    value_type: str | None = None  # MeasurementValueType
    timestamp: str | None = None
    value: ScaledNumberType | None = None
    evaluation_period: TimePeriodType | None = None
    value_source: str | None = None  # MeasurementValueSource
    value_tendency: str | None = None  # MeasurementValueTendency
    value_state: str | None = None  # MeasurementValueState


class MeasurementSeriesDataElementsType(Structure):
    """Names parts of entries of ``measurementSeriesListData``."""

    measurement_id: ElementTag | None = None
    value_type: ElementTag | None = None
    timestamp: ElementTag | None = None
    value: ScaledNumberElementsType | None = None
    evaluation_period: TimePeriodElementsType | None = None
    value_source: ElementTag | None = None
    value_tendency: ElementTag | None = None
    value_state: ElementTag | None = None


class MeasurementSeriesListDataType(Structure):
    """Data of ``measurementSeriesListData``."""

    measurement_series_data: list[MeasurementSeriesDataType] | None = None


class MeasurementSeriesListDataSelectorsType(Structure):
    """Selects entries of ``measurementSeriesListData``."""

    measurement_id: Integer | None = None
    value_type: str | None = None  # MeasurementValueType
    timestamp_interval: TimestampIntervalType | None = None


class MeasurementConstraintsDataType(Structure):
    """Entry of ``measurementConstraintsListData``."""

    measurement_id: Integer | None = None
    value_range_min: ScaledNumberType | None = None
    value_range_max: ScaledNumberType | None = None
    value_step_size: ScaledNumberType | None = None


class MeasurementConstraintsDataElementsType(Structure):
    """Names parts of entries of ``measurementConstraintsListData``."""

    measurement_id: ElementTag | None = None
    value_range_min: ScaledNumberElementsType | None = None
    value_range_max: ScaledNumberElementsType | None = None
    value_step_size: ScaledNumberElementsType | None = None


class MeasurementConstraintsListDataType(Structure):
    """Data of ``measurementConstraintsListData``."""

    measurement_constraints_data: list[MeasurementConstraintsDataType] | None = None


class MeasurementConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``measurementConstraintsListData``."""

    measurement_id: Integer | None = None


class MeasurementDescriptionDataType(Structure):
    """Entry of ``measurementDescriptionListData``."""

    measurement_id: Integer | None = None
    measurement_type: str | None = None  # MeasurementType
    commodity_type: str | None = None  # CommodityType
    unit: str | None = None  # UnitOfMeasurement
    calibration_value: ScaledNumberType | None = None
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class MeasurementDescriptionDataElementsType(Structure):
    """Names parts of entries of ``measurementDescriptionListData``."""

    measurement_id: ElementTag | None = None
    measurement_type: ElementTag | None = None
    commodity_type: ElementTag | None = None
    unit: ElementTag | None = None
    calibration_value: ScaledNumberElementsType | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class MeasurementDescriptionListDataType(Structure):
    """Data of ``measurementDescriptionListData``."""

    measurement_description_data: list[MeasurementDescriptionDataType] | None = None


class MeasurementDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``measurementDescriptionListData``."""

    measurement_id: Integer | None = None
    measurement_type: str | None = None  # MeasurementType
    commodity_type: str | None = None  # CommodityType
    scope_type: str | None = None  # ScopeType


class MeasurementThresholdRelationDataType(Structure):
    """Entry of ``measurementThresholdRelationListData``."""

    measurement_id: Integer | None = None
    threshold_id: list[Integer] | None = None


class MeasurementThresholdRelationDataElementsType(Structure):
    """Names parts of entries of ``measurementThresholdRelationListData``."""

    measurement_id: ElementTag | None = None
    threshold_id: ElementTag | None = None


class MeasurementThresholdRelationListDataType(Structure):
    """Data of ``measurementThresholdRelationListData``."""

    measurement_threshold_relation_data: list[MeasurementThresholdRelationDataType] | None = None


class MeasurementThresholdRelationListDataSelectorsType(Structure):
    """Selects entries of ``measurementThresholdRelationListData``."""

    measurement_id: Integer | None = None
    threshold_id: Integer | None = None
