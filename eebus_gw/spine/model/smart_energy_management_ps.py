"""Types of SmartEnergyManagementPs; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.operating_constraints import (
    OperatingConstraintsDurationDataElementsType,
    OperatingConstraintsDurationDataType,
    OperatingConstraintsInterruptDataElementsType,
    OperatingConstraintsInterruptDataType,
    OperatingConstraintsResumeImplicationDataElementsType,
    OperatingConstraintsResumeImplicationDataType,
)
from eebus_gw.spine.model.power_sequences import (
    PowerSequenceAlternativesRelationListDataSelectorsType,
    PowerSequenceDescriptionDataElementsType,
    PowerSequenceDescriptionDataType,
    PowerSequenceDescriptionListDataSelectorsType,
    PowerSequenceNodeScheduleInformationDataElementsType,
    PowerSequenceNodeScheduleInformationDataType,
    PowerSequencePriceCalculationRequestCallElementsType,
    PowerSequencePriceCalculationRequestCallType,
    PowerSequencePriceDataElementsType,
    PowerSequencePriceDataType,
    PowerSequencePriceListDataSelectorsType,
    PowerSequenceScheduleConfigurationRequestCallElementsType,
    PowerSequenceScheduleConfigurationRequestCallType,
    PowerSequenceScheduleConstraintsDataElementsType,
    PowerSequenceScheduleConstraintsDataType,
    PowerSequenceScheduleDataElementsType,
    PowerSequenceScheduleDataType,
    PowerSequenceSchedulePreferenceDataElementsType,
    PowerSequenceSchedulePreferenceDataType,
    PowerSequenceStateDataElementsType,
    PowerSequenceStateDataType,
    PowerTimeSlotScheduleConstraintsDataElementsType,
    PowerTimeSlotScheduleConstraintsDataType,
    PowerTimeSlotScheduleDataElementsType,
    PowerTimeSlotScheduleDataType,
    PowerTimeSlotScheduleListDataSelectorsType,
    PowerTimeSlotValueDataElementsType,
    PowerTimeSlotValueDataType,
    PowerTimeSlotValueListDataSelectorsType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class SmartEnergyManagementPsAlternativesRelationType(Structure):
    alternatives_id: Integer | None = None


class SmartEnergyManagementPsPowerTimeSlotValueListType(Structure):
    value: list[PowerTimeSlotValueDataType] | None = None


class SmartEnergyManagementPsPowerTimeSlotType(Structure):
    schedule: PowerTimeSlotScheduleDataType | None = None
    value_list: SmartEnergyManagementPsPowerTimeSlotValueListType | None = None
    schedule_constraints: PowerTimeSlotScheduleConstraintsDataType | None = None


class SmartEnergyManagementPsPowerSequenceType(Structure):
    description: PowerSequenceDescriptionDataType | None = None
    state: PowerSequenceStateDataType | None = None
    schedule: PowerSequenceScheduleDataType | None = None
    schedule_constraints: PowerSequenceScheduleConstraintsDataType | None = None
    schedule_preference: PowerSequenceSchedulePreferenceDataType | None = None
    operating_constraints_interrupt: OperatingConstraintsInterruptDataType | None = None
    operating_constraints_duration: OperatingConstraintsDurationDataType | None = None
    operating_constraints_resume_implication: (
        OperatingConstraintsResumeImplicationDataType | None
    ) = None
    power_time_slot: list[SmartEnergyManagementPsPowerTimeSlotType] | None = None


class SmartEnergyManagementPsAlternativesType(Structure):
    relation: SmartEnergyManagementPsAlternativesRelationType | None = None
    power_sequence: list[SmartEnergyManagementPsPowerSequenceType] | None = None


class SmartEnergyManagementPsDataType(Structure):
    """Data of ``smartEnergyManagementPsData``."""

    node_schedule_information: PowerSequenceNodeScheduleInformationDataType | None = None
    alternatives: list[SmartEnergyManagementPsAlternativesType] | None = None


class SmartEnergyManagementPsAlternativesRelationElementsType(Structure):
    alternatives_id: ElementTag | None = None


class SmartEnergyManagementPsPowerTimeSlotValueListElementsType(Structure):
    value: PowerTimeSlotValueDataElementsType | None = None


class SmartEnergyManagementPsPowerTimeSlotElementsType(Structure):
    schedule: PowerTimeSlotScheduleDataElementsType | None = None
    value_list: SmartEnergyManagementPsPowerTimeSlotValueListElementsType | None = None
    schedule_constraints: PowerTimeSlotScheduleConstraintsDataElementsType | None = None


class SmartEnergyManagementPsPowerSequenceElementsType(Structure):
    description: PowerSequenceDescriptionDataElementsType | None = None
    state: PowerSequenceStateDataElementsType | None = None
    schedule: PowerSequenceScheduleDataElementsType | None = None
    schedule_constraints: PowerSequenceScheduleConstraintsDataElementsType | None = None
    schedule_preference: PowerSequenceSchedulePreferenceDataElementsType | None = None
    operating_constraints_interrupt: OperatingConstraintsInterruptDataElementsType | None = None
    operating_constraints_duration: OperatingConstraintsDurationDataElementsType | None = None
    operating_constraints_resume_implication: (
        OperatingConstraintsResumeImplicationDataElementsType | None
    ) = None
    power_time_slot: SmartEnergyManagementPsPowerTimeSlotElementsType | None = None


class SmartEnergyManagementPsAlternativesElementsType(Structure):
    relation: SmartEnergyManagementPsAlternativesRelationElementsType | None = None
    power_sequence: SmartEnergyManagementPsPowerSequenceElementsType | None = None


class SmartEnergyManagementPsDataElementsType(Structure):
    """Names parts of ``smartEnergyManagementPsData``."""

    node_schedule_information: PowerSequenceNodeScheduleInformationDataElementsType | None = None
    alternatives: SmartEnergyManagementPsAlternativesElementsType | None = None


class SmartEnergyManagementPsDataSelectorsType(Structure):
    """Selects entries of ``smartEnergyManagementPsData``."""

    alternatives_relation: PowerSequenceAlternativesRelationListDataSelectorsType | None = None
    power_sequence_description: PowerSequenceDescriptionListDataSelectorsType | None = None
    power_time_slot_schedule: PowerTimeSlotScheduleListDataSelectorsType | None = None
    power_time_slot_value: PowerTimeSlotValueListDataSelectorsType | None = None


class SmartEnergyManagementPsPriceDataType(Structure):
    """Data of ``smartEnergyManagementPsPriceData``."""

    price: list[PowerSequencePriceDataType] | None = None


class SmartEnergyManagementPsPriceDataElementsType(Structure):
    """Names parts of ``smartEnergyManagementPsPriceData``."""

    price: PowerSequencePriceDataElementsType | None = None


class SmartEnergyManagementPsPriceDataSelectorsType(Structure):
    """Selects entries of ``smartEnergyManagementPsPriceData``."""

    price: PowerSequencePriceListDataSelectorsType | None = None


class SmartEnergyManagementPsConfigurationRequestCallType(Structure):
    """Data of ``smartEnergyManagementPsConfigurationRequestCall``."""

    schedule_configuration_request: PowerSequenceScheduleConfigurationRequestCallType | None = None


class SmartEnergyManagementPsConfigurationRequestCallElementsType(Structure):
    """Names parts of ``smartEnergyManagementPsConfigurationRequestCall``."""

    schedule_configuration_request: (
        PowerSequenceScheduleConfigurationRequestCallElementsType | None
    ) = None


class SmartEnergyManagementPsPriceCalculationRequestCallType(Structure):
    """Data of ``smartEnergyManagementPsPriceCalculationRequestCall``."""

    price_calculation_request: PowerSequencePriceCalculationRequestCallType | None = None


class SmartEnergyManagementPsPriceCalculationRequestCallElementsType(Structure):
    """Names parts of ``smartEnergyManagementPsPriceCalculationRequestCall``."""

    price_calculation_request: PowerSequencePriceCalculationRequestCallElementsType | None = None
