"""Types of IncentiveTable; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.tariff_information import (
    IncentiveDataElementsType,
    IncentiveDataType,
    IncentiveDescriptionDataElementsType,
    IncentiveDescriptionDataType,
    TariffDataElementsType,
    TariffDataType,
    TariffDescriptionDataElementsType,
    TariffDescriptionDataType,
    TariffDescriptionListDataSelectorsType,
    TariffListDataSelectorsType,
    TariffOverallConstraintsDataElementsType,
    TariffOverallConstraintsDataType,
    TierBoundaryDataElementsType,
    TierBoundaryDataType,
    TierBoundaryDescriptionDataElementsType,
    TierBoundaryDescriptionDataType,
    TierDataElementsType,
    TierDataType,
    TierDescriptionDataElementsType,
    TierDescriptionDataType,
)
from eebus_gw.spine.model.time_table import (
    TimeTableConstraintsDataElementsType,
    TimeTableConstraintsDataType,
    TimeTableDataElementsType,
    TimeTableDataType,
)
from eebus_gw.wire.fold import Structure


class IncentiveTableTierType(Structure):
    tier: TierDataType | None = None
    boundary: list[TierBoundaryDataType] | None = None
    incentive: list[IncentiveDataType] | None = None


class IncentiveTableIncentiveSlotType(Structure):
    time_interval: TimeTableDataType | None = None
    tier: list[IncentiveTableTierType] | None = None


class IncentiveTableType(Structure):
    tariff: TariffDataType | None = None
    incentive_slot: list[IncentiveTableIncentiveSlotType] | None = None


class IncentiveTableDataType(Structure):
    """Data of ``incentiveTableData``."""

    incentive_table: list[IncentiveTableType] | None = None


class IncentiveTableTierElementsType(Structure):
    tier: TierDataElementsType | None = None
    boundary: TierBoundaryDataElementsType | None = None
    incentive: IncentiveDataElementsType | None = None


class IncentiveTableIncentiveSlotElementsType(Structure):
    time_interval: TimeTableDataElementsType | None = None
    tier: IncentiveTableTierElementsType | None = None


class IncentiveTableElementsType(Structure):
    tariff: TariffDataElementsType | None = None
    incentive_slot: IncentiveTableIncentiveSlotElementsType | None = None


class IncentiveTableDataElementsType(Structure):
    """Names parts of ``incentiveTableData``."""

    incentive_table: IncentiveTableElementsType | None = None


class IncentiveTableDataSelectorsType(Structure):
    """Selects entries of ``incentiveTableData``."""

    tariff: TariffListDataSelectorsType | None = None


class IncentiveTableDescriptionTierType(Structure):
    tier_description: TierDescriptionDataType | None = None
    boundary_description: list[TierBoundaryDescriptionDataType] | None = None
    incentive_description: list[IncentiveDescriptionDataType] | None = None


class IncentiveTableDescriptionType(Structure):
    tariff_description: TariffDescriptionDataType | None = None
    tier: list[IncentiveTableDescriptionTierType] | None = None


class IncentiveTableDescriptionDataType(Structure):
    """Data of ``incentiveTableDescriptionData``."""

    incentive_table_description: list[IncentiveTableDescriptionType] | None = None


class IncentiveTableDescriptionTierElementsType(Structure):
    tier_description: TierDescriptionDataElementsType | None = None
    boundary_description: TierBoundaryDescriptionDataElementsType | None = None
    incentive_description: IncentiveDescriptionDataElementsType | None = None


class IncentiveTableDescriptionElementsType(Structure):
    tariff_description: TariffDescriptionDataElementsType | None = None
    tier: IncentiveTableDescriptionTierElementsType | None = None


class IncentiveTableDescriptionDataElementsType(Structure):
    """Names parts of ``incentiveTableDescriptionData``."""

    incentive_table_description: IncentiveTableDescriptionElementsType | None = None


class IncentiveTableDescriptionDataSelectorsType(Structure):
    """Selects entries of ``incentiveTableDescriptionData``."""

    tariff_description: TariffDescriptionListDataSelectorsType | None = None


class IncentiveTableConstraintsType(Structure):
    tariff: TariffDataType | None = None
    tariff_constraints: TariffOverallConstraintsDataType | None = None
    incentive_slot_constraints: TimeTableConstraintsDataType | None = None


class IncentiveTableConstraintsDataType(Structure):
    """Data of ``incentiveTableConstraintsData``."""

    incentive_table_constraints: list[IncentiveTableConstraintsType] | None = None


class IncentiveTableConstraintsElementsType(Structure):
    tariff: TariffDataElementsType | None = None
    tariff_constraints: TariffOverallConstraintsDataElementsType | None = None
    incentive_slot_constraints: TimeTableConstraintsDataElementsType | None = None


class IncentiveTableConstraintsDataElementsType(Structure):
    """Names parts of ``incentiveTableConstraintsData``."""

    incentive_table_constraints: IncentiveTableConstraintsElementsType | None = None


class IncentiveTableConstraintsDataSelectorsType(Structure):
    """Selects entries of ``incentiveTableConstraintsData``."""

    tariff: TariffListDataSelectorsType | None = None
