"""Types of PowerSequences; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class PowerTimeSlotValueType:
    """Values of ``PowerTimeSlotValueTypeEnumType``."""

    POWER = "power"
    POWER_MIN = "powerMin"
    POWER_MAX = "powerMax"
    POWER_EXPECTED_VALUE = "powerExpectedValue"
    POWER_STANDARD_DEVIATION = "powerStandardDeviation"
    POWER_SKEWNESS = "powerSkewness"
    ENERGY = "energy"
    ENERGY_MIN = "energyMin"
    ENERGY_MAX = "energyMax"
    ENERGY_EXPECTED_VALUE = "energyExpectedValue"
    ENERGY_STANDARD_DEVIATION = "energyStandardDeviation"
    ENERGY_SKEWNESS = "energySkewness"


class PowerSequenceScope:
    """Values of ``PowerSequenceScopeEnumType``."""

    FORECAST = "forecast"
    MEASUREMENT = "measurement"
    RECOMMENDATION = "recommendation"


class PowerSequenceState:
    """Values of ``PowerSequenceStateEnumType``."""

    RUNNING = "running"
    PAUSED = "paused"
    SCHEDULED = "scheduled"
    SCHEDULED_PAUSED = "scheduledPaused"
    PENDING = "pending"
    INACTIVE = "inactive"
    COMPLETED = "completed"
    INVALID = "invalid"


class PowerTimeSlotScheduleDataType(Structure):
    """Entry of ``powerTimeSlotScheduleListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None
    time_period: TimePeriodType | None = None
    default_duration: str | None = None
    duration_uncertainty: str | None = None
    slot_activated: bool | None = None
    description: str | None = None


class PowerTimeSlotScheduleDataElementsType(Structure):
    """Names parts of entries of ``powerTimeSlotScheduleListData``."""

    sequence_id: ElementTag | None = None
    slot_number: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    default_duration: ElementTag | None = None
    duration_uncertainty: ElementTag | None = None
    slot_activated: ElementTag | None = None
    description: ElementTag | None = None


class PowerTimeSlotScheduleListDataType(Structure):
    """Data of ``powerTimeSlotScheduleListData``."""

    power_time_slot_schedule_data: list[PowerTimeSlotScheduleDataType] | None = None


class PowerTimeSlotScheduleListDataSelectorsType(Structure):
    """Selects entries of ``powerTimeSlotScheduleListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None


class PowerTimeSlotValueDataType(Structure):
    """Entry of ``powerTimeSlotValueListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None
    value_type: str | None = None  # PowerTimeSlotValueType
    value: ScaledNumberType | None = None


class PowerTimeSlotValueDataElementsType(Structure):
    """Names parts of entries of ``powerTimeSlotValueListData``."""

    sequence_id: ElementTag | None = None
    slot_number: ElementTag | None = None
    value_type: ElementTag | None = None
    value: ScaledNumberElementsType | None = None


class PowerTimeSlotValueListDataType(Structure):
    """Data of ``powerTimeSlotValueListData``."""

    power_time_slot_value_data: list[PowerTimeSlotValueDataType] | None = None


class PowerTimeSlotValueListDataSelectorsType(Structure):
    """Selects entries of ``powerTimeSlotValueListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None
    value_type: str | None = None  # PowerTimeSlotValueType


class PowerTimeSlotScheduleConstraintsDataType(Structure):
    """Entry of ``powerTimeSlotScheduleConstraintsListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None
    earliest_start_time: str | None = None
    latest_end_time: str | None = None
    min_duration: str | None = None
    max_duration: str | None = None
    optional_slot: bool | None = None


class PowerTimeSlotScheduleConstraintsDataElementsType(Structure):
    """Names parts of entries of ``powerTimeSlotScheduleConstraintsListData``."""

    sequence_id: ElementTag | None = None
    slot_number: ElementTag | None = None
    earliest_start_time: ElementTag | None = None
    latest_end_time: ElementTag | None = None
    min_duration: ElementTag | None = None
    max_duration: ElementTag | None = None
    optional_slot: ElementTag | None = None


class PowerTimeSlotScheduleConstraintsListDataType(Structure):
    """Data of ``powerTimeSlotScheduleConstraintsListData``."""

    power_time_slot_schedule_constraints_data: (
        list[PowerTimeSlotScheduleConstraintsDataType] | None
    ) = None


class PowerTimeSlotScheduleConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``powerTimeSlotScheduleConstraintsListData``."""

    sequence_id: Integer | None = None
    slot_number: Integer | None = None


class PowerSequenceAlternativesRelationDataType(Structure):
    """Entry of ``powerSequenceAlternativesRelationListData``."""

    alternatives_id: Integer | None = None
    sequence_id: list[Integer] | None = None


class PowerSequenceAlternativesRelationDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceAlternativesRelationListData``."""

    alternatives_id: ElementTag | None = None
    sequence_id: ElementTag | None = None


class PowerSequenceAlternativesRelationListDataType(Structure):
    """Data of ``powerSequenceAlternativesRelationListData``."""

    power_sequence_alternatives_relation_data: (
        list[PowerSequenceAlternativesRelationDataType] | None
    ) = None


class PowerSequenceAlternativesRelationListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceAlternativesRelationListData``."""

    alternatives_id: Integer | None = None
    sequence_id: Integer | None = None


class PowerSequenceDescriptionDataType(Structure):
    """Entry of ``powerSequenceDescriptionListData``."""

    sequence_id: Integer | None = None
    description: str | None = None
    positive_energy_direction: str | None = None  # EnergyDirection
    power_unit: str | None = None  # UnitOfMeasurement
    energy_unit: str | None = None  # UnitOfMeasurement
    value_source: str | None = None  # MeasurementValueSource
    scope: str | None = None  # PowerSequenceScope
    task_identifier: Integer | None = None
    repetitions_total: Integer | None = None


class PowerSequenceDescriptionDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceDescriptionListData``."""

    sequence_id: ElementTag | None = None
    description: ElementTag | None = None
    positive_energy_direction: ElementTag | None = None
    power_unit: ElementTag | None = None
    energy_unit: ElementTag | None = None
    value_source: ElementTag | None = None
    scope: ElementTag | None = None
    task_identifier: ElementTag | None = None
    repetitions_total: ElementTag | None = None


class PowerSequenceDescriptionListDataType(Structure):
    """Data of ``powerSequenceDescriptionListData``."""

    power_sequence_description_data: list[PowerSequenceDescriptionDataType] | None = None


class PowerSequenceDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceDescriptionListData``."""

    sequence_id: Integer | None = None


class PowerSequenceStateDataType(Structure):
    """Entry of ``powerSequenceStateListData``."""

    sequence_id: Integer | None = None
    state: str | None = None  # PowerSequenceState
    active_slot_number: Integer | None = None
    elapsed_slot_time: str | None = None
    remaining_slot_time: str | None = None
    sequence_remote_controllable: bool | None = None
    active_repetition_number: Integer | None = None
    remaining_pause_time: str | None = None


class PowerSequenceStateDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceStateListData``."""

    sequence_id: ElementTag | None = None
    state: ElementTag | None = None
    active_slot_number: ElementTag | None = None
    elapsed_slot_time: ElementTag | None = None
    remaining_slot_time: ElementTag | None = None
    sequence_remote_controllable: ElementTag | None = None
    active_repetition_number: ElementTag | None = None
    remaining_pause_time: ElementTag | None = None


class PowerSequenceStateListDataType(Structure):
    """Data of ``powerSequenceStateListData``."""

    power_sequence_state_data: list[PowerSequenceStateDataType] | None = None


class PowerSequenceStateListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceStateListData``."""

    sequence_id: Integer | None = None


class PowerSequenceScheduleDataType(Structure):
    """Entry of ``powerSequenceScheduleListData``."""

    sequence_id: Integer | None = None
    start_time: str | None = None
    end_time: str | None = None


class PowerSequenceScheduleDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceScheduleListData``."""

    sequence_id: ElementTag | None = None
    start_time: ElementTag | None = None
    end_time: ElementTag | None = None


class PowerSequenceScheduleListDataType(Structure):
    """Data of ``powerSequenceScheduleListData``."""

    power_sequence_schedule_data: list[PowerSequenceScheduleDataType] | None = None


class PowerSequenceScheduleListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceScheduleListData``."""

    sequence_id: Integer | None = None


class PowerSequenceScheduleConstraintsDataType(Structure):
    """Entry of ``powerSequenceScheduleConstraintsListData``."""

    sequence_id: Integer | None = None
    earliest_start_time: str | None = None
    latest_start_time: str | None = None
    earliest_end_time: str | None = None
    latest_end_time: str | None = None
    optional_sequence: bool | None = None


class PowerSequenceScheduleConstraintsDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceScheduleConstraintsListData``."""

    sequence_id: ElementTag | None = None
    earliest_start_time: ElementTag | None = None
    latest_start_time: ElementTag | None = None
    earliest_end_time: ElementTag | None = None
    latest_end_time: ElementTag | None = None
    optional_sequence: ElementTag | None = None


class PowerSequenceScheduleConstraintsListDataType(Structure):
    """Data of ``powerSequenceScheduleConstraintsListData``."""

    power_sequence_schedule_constraints_data: (
        list[PowerSequenceScheduleConstraintsDataType] | None
    ) = None


class PowerSequenceScheduleConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceScheduleConstraintsListData``."""

    sequence_id: Integer | None = None


class PowerSequencePriceDataType(Structure):
    """Entry of ``powerSequencePriceListData``."""

    sequence_id: Integer | None = None
    potential_start_time: str | None = None
    price: ScaledNumberType | None = None
    currency: str | None = None  # Currency


class PowerSequencePriceDataElementsType(Structure):
    """Names parts of entries of ``powerSequencePriceListData``."""

    sequence_id: ElementTag | None = None
    potential_start_time: ElementTag | None = None
    price: ScaledNumberElementsType | None = None
    currency: ElementTag | None = None


class PowerSequencePriceListDataType(Structure):
    """Data of ``powerSequencePriceListData``."""

    power_sequence_price_data: list[PowerSequencePriceDataType] | None = None


class PowerSequencePriceListDataSelectorsType(Structure):
    """Selects entries of ``powerSequencePriceListData``."""

    sequence_id: Integer | None = None
    potential_start_time_interval: TimestampIntervalType | None = None


class PowerSequenceSchedulePreferenceDataType(Structure):
    """Entry of ``powerSequenceSchedulePreferenceListData``."""

    sequence_id: Integer | None = None
    greenest: bool | None = None
    cheapest: bool | None = None


class PowerSequenceSchedulePreferenceDataElementsType(Structure):
    """Names parts of entries of ``powerSequenceSchedulePreferenceListData``."""

    sequence_id: ElementTag | None = None
    greenest: ElementTag | None = None
    cheapest: ElementTag | None = None


class PowerSequenceSchedulePreferenceListDataType(Structure):
    """Data of ``powerSequenceSchedulePreferenceListData``."""

    power_sequence_schedule_preference_data: (
        list[PowerSequenceSchedulePreferenceDataType] | None
    ) = None


class PowerSequenceSchedulePreferenceListDataSelectorsType(Structure):
    """Selects entries of ``powerSequenceSchedulePreferenceListData``."""

    sequence_id: Integer | None = None


class PowerSequenceNodeScheduleInformationDataType(Structure):
    """Data of ``powerSequenceNodeScheduleInformationData``."""

    node_remote_controllable: bool | None = None
    supports_single_slot_scheduling_only: bool | None = None
    alternatives_count: Integer | None = None
    total_sequences_count_max: Integer | None = None
    supports_reselection: bool | None = None


class PowerSequenceNodeScheduleInformationDataElementsType(Structure):
    """Names parts of ``powerSequenceNodeScheduleInformationData``."""

    node_remote_controllable: ElementTag | None = None
    supports_single_slot_scheduling_only: ElementTag | None = None
    alternatives_count: ElementTag | None = None
    total_sequences_count_max: ElementTag | None = None
    supports_reselection: ElementTag | None = None


class PowerSequenceScheduleConfigurationRequestCallType(Structure):
    """Data of ``powerSequenceScheduleConfigurationRequestCall``."""

    sequence_id: Integer | None = None


class PowerSequenceScheduleConfigurationRequestCallElementsType(Structure):
    """Names parts of ``powerSequenceScheduleConfigurationRequestCall``."""

    sequence_id: ElementTag | None = None


class PowerSequencePriceCalculationRequestCallType(Structure):
    """Data of ``powerSequencePriceCalculationRequestCall``."""

    sequence_id: Integer | None = None
    potential_start_time: str | None = None


class PowerSequencePriceCalculationRequestCallElementsType(Structure):
    """Names parts of ``powerSequencePriceCalculationRequestCall``."""

    sequence_id: ElementTag | None = None
    potential_start_time: ElementTag | None = None
