"""Types of TariffInformation; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class TierBoundaryType:
    """Values of ``TierBoundaryTypeEnumType``."""

    POWER_BOUNDARY = "powerBoundary"
    ENERGY_BOUNDARY = "energyBoundary"
    COUNT_BOUNDARY = "countBoundary"


class TierType:
    """Values of ``TierTypeEnumType``."""

    FIXED_COST = "fixedCost"
    DYNAMIC_COST = "dynamicCost"


class IncentiveType:
    """Values of ``IncentiveTypeEnumType``."""

    ABSOLUTE_COST = "absoluteCost"
    RELATIVE_COST = "relativeCost"
    RENEWABLE_ENERGY_PERCENTAGE = "renewableEnergyPercentage"
    CO2_EMISSION = "co2Emission"


class IncentiveValueType:
    """Values of ``IncentiveValueTypeEnumType``."""

    VALUE = "value"
    AVERAGE_VALUE = "averageValue"
    MIN_VALUE = "minValue"
    MAX_VALUE = "maxValue"


class TariffOverallConstraintsDataType(Structure):
    """Data of ``tariffOverallConstraintsData``."""

    max_tariff_count: Integer | None = None
    max_boundary_count: Integer | None = None
    max_tier_count: Integer | None = None
    max_incentive_count: Integer | None = None
    max_boundaries_per_tariff: Integer | None = None
    max_tiers_per_tariff: Integer | None = None
    max_boundaries_per_tier: Integer | None = None
    max_incentives_per_tier: Integer | None = None


class TariffOverallConstraintsDataElementsType(Structure):
    """Names parts of ``tariffOverallConstraintsData``."""

    max_tariff_count: ElementTag | None = None
    max_boundary_count: ElementTag | None = None
    max_tier_count: ElementTag | None = None
    max_incentive_count: ElementTag | None = None
    max_boundaries_per_tariff: ElementTag | None = None
    max_tiers_per_tariff: ElementTag | None = None
    max_boundaries_per_tier: ElementTag | None = None
    max_incentives_per_tier: ElementTag | None = None


class TariffDataType(Structure):
    """Entry of ``tariffListData``."""

    tariff_id: Integer | None = None
    active_tier_id: list[Integer] | None = None


class TariffDataElementsType(Structure):
    """Names parts of entries of ``tariffListData``."""

    tariff_id: ElementTag | None = None
    active_tier_id: ElementTag | None = None


class TariffListDataType(Structure):
    """Data of ``tariffListData``."""

    tariff_data: list[TariffDataType] | None = None


class TariffListDataSelectorsType(Structure):
    """Selects entries of ``tariffListData``."""

    tariff_id: Integer | None = None
    active_tier_id: Integer | None = None


class TariffTierRelationDataType(Structure):
    """Entry of ``tariffTierRelationListData``."""

    tariff_id: Integer | None = None
    tier_id: list[Integer] | None = None


class TariffTierRelationDataElementsType(Structure):
    """Names parts of entries of ``tariffTierRelationListData``."""

    tariff_id: ElementTag | None = None
    tier_id: ElementTag | None = None


class TariffTierRelationListDataType(Structure):
    """Data of ``tariffTierRelationListData``."""

    tariff_tier_relation_data: list[TariffTierRelationDataType] | None = None


class TariffTierRelationListDataSelectorsType(Structure):
    """Selects entries of ``tariffTierRelationListData``."""

    tariff_id: Integer | None = None
    tier_id: Integer | None = None


class TariffBoundaryRelationDataType(Structure):
    """Entry of ``tariffBoundaryRelationListData``."""

    tariff_id: Integer | None = None
    boundary_id: list[Integer] | None = None


class TariffBoundaryRelationDataElementsType(Structure):
    """Names parts of entries of ``tariffBoundaryRelationListData``."""

    tariff_id: ElementTag | None = None
    boundary_id: ElementTag | None = None


class TariffBoundaryRelationListDataType(Structure):
    """Data of ``tariffBoundaryRelationListData``."""

    tariff_boundary_relation_data: list[TariffBoundaryRelationDataType] | None = None


class TariffBoundaryRelationListDataSelectorsType(Structure):
    """Selects entries of ``tariffBoundaryRelationListData``."""

    tariff_id: Integer | None = None
    boundary_id: Integer | None = None


class TariffDescriptionDataType(Structure):
    """Entry of ``tariffDescriptionListData``."""

    tariff_id: Integer | None = None
    commodity_id: Integer | None = None
    measurement_id: Integer | None = None
    tariff_writeable: bool | None = None
    update_required: bool | None = None
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None
    slot_id_support: bool | None = None


class TariffDescriptionDataElementsType(Structure):
    """Names parts of entries of ``tariffDescriptionListData``."""

    tariff_id: ElementTag | None = None
    commodity_id: ElementTag | None = None
    measurement_id: ElementTag | None = None
    tariff_writeable: ElementTag | None = None
    update_required: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None
    slot_id_support: ElementTag | None = None


class TariffDescriptionListDataType(Structure):
    """Data of ``tariffDescriptionListData``."""

    tariff_description_data: list[TariffDescriptionDataType] | None = None


class TariffDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``tariffDescriptionListData``."""

    tariff_id: Integer | None = None
    commodity_id: Integer | None = None
    measurement_id: Integer | None = None
    scope_type: str | None = None  # ScopeType


class TierBoundaryDataType(Structure):
    """Entry of ``tierBoundaryListData``."""

    boundary_id: Integer | None = None
    time_period: TimePeriodType | None = None
    time_table_id: Integer | None = None
    lower_boundary_value: ScaledNumberType | None = None
    upper_boundary_value: ScaledNumberType | None = None


class TierBoundaryDataElementsType(Structure):
    """Names parts of entries of ``tierBoundaryListData``."""

    boundary_id: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    time_table_id: ElementTag | None = None
    lower_boundary_value: ScaledNumberElementsType | None = None
    upper_boundary_value: ScaledNumberElementsType | None = None


class TierBoundaryListDataType(Structure):
    """Data of ``tierBoundaryListData``."""

    tier_boundary_data: list[TierBoundaryDataType] | None = None


class TierBoundaryListDataSelectorsType(Structure):
    """Selects entries of ``tierBoundaryListData``."""

    boundary_id: Integer | None = None


class TierBoundaryDescriptionDataType(Structure):
    """Entry of ``tierBoundaryDescriptionListData``."""

    boundary_id: Integer | None = None
    boundary_type: str | None = None  # TierBoundaryType
    valid_for_tier_id: Integer | None = None
    switch_to_tier_id_when_lower: Integer | None = None
    switch_to_tier_id_when_higher: Integer | None = None
    boundary_unit: str | None = None  # UnitOfMeasurement
    label: str | None = None
    description: str | None = None


class TierBoundaryDescriptionDataElementsType(Structure):
    """Names parts of entries of ``tierBoundaryDescriptionListData``."""

    boundary_id: ElementTag | None = None
    boundary_type: ElementTag | None = None
    valid_for_tier_id: ElementTag | None = None
    switch_to_tier_id_when_lower: ElementTag | None = None
    switch_to_tier_id_when_higher: ElementTag | None = None
    boundary_unit: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class TierBoundaryDescriptionListDataType(Structure):
    """Data of ``tierBoundaryDescriptionListData``."""

    tier_boundary_description_data: list[TierBoundaryDescriptionDataType] | None = None


class TierBoundaryDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``tierBoundaryDescriptionListData``."""

    boundary_id: Integer | None = None
    boundary_type: str | None = None  # TierBoundaryType


class CommodityDataType(Structure):
    """Entry of ``commodityListData``."""

    commodity_id: Integer | None = None
    commodity_type: str | None = None  # CommodityType
    positive_energy_direction: str | None = None  # EnergyDirection
    label: str | None = None
    description: str | None = None


class CommodityDataElementsType(Structure):
    """Names parts of entries of ``commodityListData``."""

    commodity_id: ElementTag | None = None
    commodity_type: ElementTag | None = None
    positive_energy_direction: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class CommodityListDataType(Structure):
    """Data of ``commodityListData``."""

    commodity_data: list[CommodityDataType] | None = None


class CommodityListDataSelectorsType(Structure):
    """Selects entries of ``commodityListData``."""

    commodity_id: Integer | None = None
    commodity_type: str | None = None  # CommodityType


class TierDataType(Structure):
    """Entry of ``tierListData``."""

    tier_id: Integer | None = None
    time_period: TimePeriodType | None = None
    time_table_id: Integer | None = None
    active_incentive_id: list[Integer] | None = None


class TierDataElementsType(Structure):
    """Names parts of entries of ``tierListData``."""

    tier_id: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    time_table_id: ElementTag | None = None
    active_incentive_id: ElementTag | None = None


class TierListDataType(Structure):
    """Data of ``tierListData``."""

    tier_data: list[TierDataType] | None = None


class TierListDataSelectorsType(Structure):
    """Selects entries of ``tierListData``."""

    tier_id: Integer | None = None
    active_incentive_id: Integer | None = None


class TierIncentiveRelationDataType(Structure):
    """Entry of ``tierIncentiveRelationListData``."""

    tier_id: Integer | None = None
    incentive_id: list[Integer] | None = None


class TierIncentiveRelationDataElementsType(Structure):
    """Names parts of entries of ``tierIncentiveRelationListData``."""

    tier_id: ElementTag | None = None
    incentive_id: ElementTag | None = None


class TierIncentiveRelationListDataType(Structure):
    """Data of ``tierIncentiveRelationListData``."""

    tier_incentive_relation_data: list[TierIncentiveRelationDataType] | None = None


class TierIncentiveRelationListDataSelectorsType(Structure):
    """Selects entries of ``tierIncentiveRelationListData``."""

    tier_id: Integer | None = None
    incentive_id: Integer | None = None


class TierDescriptionDataType(Structure):
    """Entry of ``tierDescriptionListData``."""

    tier_id: Integer | None = None
    tier_type: str | None = None  # TierType
    label: str | None = None
    description: str | None = None


class TierDescriptionDataElementsType(Structure):
    """Names parts of entries of ``tierDescriptionListData``."""

    tier_id: ElementTag | None = None
    tier_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class TierDescriptionListDataType(Structure):
    """Data of ``tierDescriptionListData``."""

    tier_description_data: list[TierDescriptionDataType] | None = None


class TierDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``tierDescriptionListData``."""

    tier_id: Integer | None = None
    tier_type: str | None = None  # TierType


class IncentiveDataType(Structure):
    """Entry of ``incentiveListData``."""

    incentive_id: Integer | None = None
    value_type: str | None = None  # IncentiveValueType
    timestamp: str | None = None
    time_period: TimePeriodType | None = None
    time_table_id: Integer | None = None
    value: ScaledNumberType | None = None


class IncentiveDataElementsType(Structure):
    """Names parts of entries of ``incentiveListData``."""

    incentive_id: ElementTag | None = None
    value_type: ElementTag | None = None
    timestamp: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    time_table_id: ElementTag | None = None
    value: ElementTag | None = None


class IncentiveListDataType(Structure):
    """Data of ``incentiveListData``."""

    incentive_data: list[IncentiveDataType] | None = None


class IncentiveListDataSelectorsType(Structure):
    """Selects entries of ``incentiveListData``."""

    incentive_id: Integer | None = None
    value_type: str | None = None  # IncentiveValueType
    timestamp_interval: TimestampIntervalType | None = None


class IncentiveDescriptionDataType(Structure):
    """Entry of ``incentiveDescriptionListData``."""

    incentive_id: Integer | None = None
    incentive_type: str | None = None  # IncentiveType
    incentive_priority: Integer | None = None
    currency: str | None = None  # Currency
    unit: str | None = None  # UnitOfMeasurement
    label: str | None = None
    description: str | None = None


class IncentiveDescriptionDataElementsType(Structure):
    """Names parts of entries of ``incentiveDescriptionListData``."""

    incentive_id: ElementTag | None = None
    incentive_type: ElementTag | None = None
    incentive_priority: ElementTag | None = None
    currency: ElementTag | None = None
    unit: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class IncentiveDescriptionListDataType(Structure):
    """Data of ``incentiveDescriptionListData``."""

    incentive_description_data: list[IncentiveDescriptionDataType] | None = None


class IncentiveDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``incentiveDescriptionListData``."""

    incentive_id: Integer | None = None
    incentive_type: str | None = None  # IncentiveType
