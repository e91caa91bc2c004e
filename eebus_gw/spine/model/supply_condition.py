"""Types of SupplyCondition; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class SupplyConditionEventType:
    """Values of ``SupplyConditionEventTypeEnumType``."""

    THESHOLD_EXCEEDED = "thesholdExceeded"
    FALLEN_BELOW_THRESHOLD = "fallenBelowThreshold"
    SUPPLY_INTERRUPT = "supplyInterrupt"
    RELEASE_OF_LIMITATIONS = "releaseOfLimitations"
    OTHER_PROBLEM = "otherProblem"
    GRID_CONDITION_UPDATE = "gridConditionUpdate"


class SupplyConditionOriginator:
    """Values of ``SupplyConditionOriginatorEnumType``."""

    EXTERN_DSO = "externDSO"
    EXTERN_SUPPLIER = "externSupplier"
    INTERNAL_LIMIT = "internalLimit"
    INTERNAL_SERVICE = "internalService"
    INTERNAL_USER = "internalUser"


class GridCondition:
    """Values of ``GridConditionEnumType``."""

    CONSUMPTION_RED = "consumptionRed"
    CONSUMPTION_YELLOW = "consumptionYellow"
    GOOD = "good"
    PRODUCTION_YELLOW = "productionYellow"
    PRODUCTION_RED = "productionRed"


class SupplyConditionDataType(Structure):
    """Entry of ``supplyConditionListData``."""

    condition_id: Integer | None = None
    timestamp: str | None = None
    event_type: str | None = None  # SupplyConditionEventType
    originator: str | None = None  # SupplyConditionOriginator
    threshold_id: Integer | None = None
    threshold_percentage: ScaledNumberType | None = None
    relevant_period: TimePeriodType | None = None
    description: str | None = None
    grid_condition: str | None = None  # GridCondition


class SupplyConditionDataElementsType(Structure):
    """Names parts of entries of ``supplyConditionListData``."""

    condition_id: ElementTag | None = None
    timestamp: ElementTag | None = None
    event_type: ElementTag | None = None
    originator: ElementTag | None = None
    threshold_id: ElementTag | None = None
    threshold_percentage: ScaledNumberElementsType | None = None
    relevant_period: TimePeriodElementsType | None = None
    description: ElementTag | None = None
    grid_condition: ElementTag | None = None


class SupplyConditionListDataType(Structure):
    """Data of ``supplyConditionListData``."""

    supply_condition_data: list[SupplyConditionDataType] | None = None


class SupplyConditionListDataSelectorsType(Structure):
    """Selects entries of ``supplyConditionListData``."""

    condition_id: Integer | None = None
    timestamp_interval: TimestampIntervalType | None = None
    event_type: str | None = None  # SupplyConditionEventType
    originator: str | None = None  # SupplyConditionOriginator


class SupplyConditionDescriptionDataType(Structure):
    """Entry of ``supplyConditionDescriptionListData``."""

    condition_id: Integer | None = None
    commodity_type: str | None = None  # CommodityType
    positive_energy_direction: str | None = None  # EnergyDirection
    label: str | None = None
    description: str | None = None


class SupplyConditionDescriptionDataElementsType(Structure):
    """Names parts of entries of ``supplyConditionDescriptionListData``."""

    condition_id: ElementTag | None = None
    commodity_type: ElementTag | None = None
    positive_energy_direction: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class SupplyConditionDescriptionListDataType(Structure):
    """Data of ``supplyConditionDescriptionListData``."""

    supply_condition_description_data: list[SupplyConditionDescriptionDataType] | None = None


class SupplyConditionDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``supplyConditionDescriptionListData``."""

    condition_id: Integer | None = None


class SupplyConditionThresholdRelationDataType(Structure):
    """Entry of ``supplyConditionThresholdRelationListData``."""

    condition_id: Integer | None = None
    threshold_id: list[Integer] | None = None


class SupplyConditionThresholdRelationDataElementsType(Structure):
    """Names parts of entries of ``supplyConditionThresholdRelationListData``."""

    condition_id: ElementTag | None = None
    threshold_id: ElementTag | None = None


class SupplyConditionThresholdRelationListDataType(Structure):
    """Data of ``supplyConditionThresholdRelationListData``."""

    supply_condition_threshold_relation_data: (
        list[SupplyConditionThresholdRelationDataType] | None
    ) = None


class SupplyConditionThresholdRelationListDataSelectorsType(Structure):
    """Selects entries of ``supplyConditionThresholdRelationListData``."""

    condition_id: Integer | None = None
    threshold_id: Integer | None = None
