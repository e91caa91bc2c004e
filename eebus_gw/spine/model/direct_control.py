"""Types of DirectControl; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class DirectControlActivityState:
    """Values of ``DirectControlActivityStateEnumType``."""

    RUNNING = "running"
    PAUSED = "paused"
    INACTIVE = "inactive"


class DirectControlActivityDataType(Structure):
    """Entry of ``directControlActivityListData``."""

    timestamp: str | None = None
    activity_state: str | None = None  # DirectControlActivityState
    is_activity_state_changeable: bool | None = None
    energy_mode: str | None = None  # EnergyMode
    is_energy_mode_changeable: bool | None = None
    power: ScaledNumberType | None = None
    is_power_changeable: bool | None = None
    energy: ScaledNumberType | None = None
    is_energy_changeable: bool | None = None
    sequence_id: Integer | None = None


class DirectControlActivityDataElementsType(Structure):
    """Names parts of entries of ``directControlActivityListData``."""

    timestamp: ElementTag | None = None
    activity_state: ElementTag | None = None
    is_activity_state_changeable: ElementTag | None = None
    energy_mode: ElementTag | None = None
    is_energy_mode_changeable: ElementTag | None = None
    power: ScaledNumberElementsType | None = None
    is_power_changeable: ElementTag | None = None
    energy: ScaledNumberElementsType | None = None
    is_energy_changeable: ElementTag | None = None
    sequence_id: ElementTag | None = None


class DirectControlActivityListDataType(Structure):
    """Data of ``directControlActivityListData``."""

    direct_control_activity_data: list[DirectControlActivityDataType] | None = None


class DirectControlActivityListDataSelectorsType(Structure):
    """Selects entries of ``directControlActivityListData``."""

    timestamp_interval: TimestampIntervalType | None = None


class DirectControlDescriptionDataType(Structure):
    """Data of ``directControlDescriptionData``."""

    positive_energy_direction: str | None = None  # EnergyDirection
    power_unit: str | None = None  # UnitOfMeasurement
    energy_unit: str | None = None  # UnitOfMeasurement


class DirectControlDescriptionDataElementsType(Structure):
    """Names parts of ``directControlDescriptionData``."""

    positive_energy_direction: ElementTag | None = None
    power_unit: ElementTag | None = None
    energy_unit: ElementTag | None = None
