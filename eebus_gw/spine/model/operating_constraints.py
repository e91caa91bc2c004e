"""Types of OperatingConstraints; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import ScaledNumberElementsType, ScaledNumberType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class OperatingConstraintsInterruptDataType(Structure):
    """Entry of ``operatingConstraintsInterruptListData``."""

    sequence_id: Integer | None = None
    is_pausable: bool | None = None
    is_stoppable: bool | None = None
    not_interruptible_at_high_power: bool | None = None
    max_cycles_per_day: Integer | None = None


class OperatingConstraintsInterruptDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsInterruptListData``."""

    sequence_id: ElementTag | None = None
    is_pausable: ElementTag | None = None
    is_stoppable: ElementTag | None = None
    not_interruptible_at_high_power: ElementTag | None = None
    max_cycles_per_day: ElementTag | None = None


class OperatingConstraintsInterruptListDataType(Structure):
    """Data of ``operatingConstraintsInterruptListData``."""

    operating_constraints_interrupt_data: list[OperatingConstraintsInterruptDataType] | None = None


class OperatingConstraintsInterruptListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsInterruptListData``."""

    sequence_id: Integer | None = None


class OperatingConstraintsDurationDataType(Structure):
    """Entry of ``operatingConstraintsDurationListData``."""

    sequence_id: Integer | None = None
    active_duration_min: str | None = None
    active_duration_max: str | None = None
    pause_duration_min: str | None = None
    pause_duration_max: str | None = None
    active_duration_sum_min: str | None = None
    active_duration_sum_max: str | None = None


class OperatingConstraintsDurationDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsDurationListData``."""

    sequence_id: ElementTag | None = None
    active_duration_min: ElementTag | None = None
    active_duration_max: ElementTag | None = None
    pause_duration_min: ElementTag | None = None
    pause_duration_max: ElementTag | None = None
    active_duration_sum_min: ElementTag | None = None
    active_duration_sum_max: ElementTag | None = None


class OperatingConstraintsDurationListDataType(Structure):
    """Data of ``operatingConstraintsDurationListData``."""

    operating_constraints_duration_data: list[OperatingConstraintsDurationDataType] | None = None


class OperatingConstraintsDurationListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsDurationListData``."""

    sequence_id: Integer | None = None


class OperatingConstraintsPowerDescriptionDataType(Structure):
    """Entry of ``operatingConstraintsPowerDescriptionListData``."""

    sequence_id: Integer | None = None
    positive_energy_direction: str | None = None  # EnergyDirection
    power_unit: str | None = None  # UnitOfMeasurement
    energy_unit: str | None = None  # UnitOfMeasurement
    description: str | None = None


class OperatingConstraintsPowerDescriptionDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsPowerDescriptionListData``."""

    sequence_id: ElementTag | None = None
    positive_energy_direction: ElementTag | None = None
    power_unit: ElementTag | None = None
    energy_unit: ElementTag | None = None
    description: ElementTag | None = None


class OperatingConstraintsPowerDescriptionListDataType(Structure):
    """Data of ``operatingConstraintsPowerDescriptionListData``."""

    operating_constraints_power_description_data: (
        list[OperatingConstraintsPowerDescriptionDataType] | None
    ) = None


class OperatingConstraintsPowerDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsPowerDescriptionListData``."""

    sequence_id: Integer | None = None


class OperatingConstraintsPowerRangeDataType(Structure):
    """Entry of ``operatingConstraintsPowerRangeListData``."""

    sequence_id: Integer | None = None
    power_min: ScaledNumberType | None = None
    power_max: ScaledNumberType | None = None
    energy_min: ScaledNumberType | None = None
    energy_max: ScaledNumberType | None = None


class OperatingConstraintsPowerRangeDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsPowerRangeListData``."""

    sequence_id: ElementTag | None = None
    power_min: ScaledNumberElementsType | None = None
    power_max: ScaledNumberElementsType | None = None
    energy_min: ScaledNumberElementsType | None = None
    energy_max: ScaledNumberElementsType | None = None


class OperatingConstraintsPowerRangeListDataType(Structure):
    """Data of ``operatingConstraintsPowerRangeListData``."""

    operating_constraints_power_range_data: list[OperatingConstraintsPowerRangeDataType] | None = (
        None
    )


class OperatingConstraintsPowerRangeListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsPowerRangeListData``."""

    sequence_id: Integer | None = None


class OperatingConstraintsPowerLevelDataType(Structure):
    """Entry of ``operatingConstraintsPowerLevelListData``."""

    sequence_id: Integer | None = None
    power: list[ScaledNumberType] | None = None


class OperatingConstraintsPowerLevelDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsPowerLevelListData``."""

    sequence_id: ElementTag | None = None
    power: ScaledNumberElementsType | None = None


class OperatingConstraintsPowerLevelListDataType(Structure):
    """Data of ``operatingConstraintsPowerLevelListData``."""

    operating_constraints_power_level_data: list[OperatingConstraintsPowerLevelDataType] | None = (
        None
    )


class OperatingConstraintsPowerLevelListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsPowerLevelListData``."""

    sequence_id: Integer | None = None


class OperatingConstraintsResumeImplicationDataType(Structure):
    """Entry of ``operatingConstraintsResumeImplicationListData``."""

    sequence_id: Integer | None = None
    resume_energy_estimated: ScaledNumberType | None = None
    energy_unit: str | None = None  # UnitOfMeasurement
    resume_cost_estimated: ScaledNumberType | None = None
    currency: str | None = None  # Currency


class OperatingConstraintsResumeImplicationDataElementsType(Structure):
    """Names parts of entries of ``operatingConstraintsResumeImplicationListData``."""

    sequence_id: ElementTag | None = None
    resume_energy_estimated: ScaledNumberElementsType | None = None
    energy_unit: ElementTag | None = None
    resume_cost_estimated: ScaledNumberElementsType | None = None
    currency: ElementTag | None = None


class OperatingConstraintsResumeImplicationListDataType(Structure):
    """Data of ``operatingConstraintsResumeImplicationListData``."""

    operating_constraints_resume_implication_data: (
        list[OperatingConstraintsResumeImplicationDataType] | None
    ) = None


class OperatingConstraintsResumeImplicationListDataSelectorsType(Structure):
    """Selects entries of ``operatingConstraintsResumeImplicationListData``."""

    sequence_id: Integer | None = None
