"""Types of Bill; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class BillType:
    """Values of ``BillTypeEnumType``."""

    CHARGING_SUMMARY = "chargingSummary"


class BillPositionTypeValue:
    """Values of ``BillPositionTypeEnumType``."""

    GRID_ELECTRIC_ENERGY = "gridElectricEnergy"
    SELF_PRODUCED_ELECTRIC_ENERGY = "selfProducedElectricEnergy"


class BillCostTypeValue:
    """Values of ``BillCostTypeEnumType``."""

    ABSOLUTE_PRICE = "absolutePrice"
    RELATIVE_PRICE = "relativePrice"
    CO2_EMISSION = "co2Emission"
    RENEWABLE_ENERGY = "renewableEnergy"
    RADIOACTIVE_WASTE = "radioactiveWaste"


class BillValueType(Structure):
    value_id: Integer | None = None
    unit: str | None = None  # UnitOfMeasurement
    value: ScaledNumberType | None = None
    value_percentage: ScaledNumberType | None = None


class BillValueElementsType(Structure):
    value_id: ElementTag | None = None
    unit: ElementTag | None = None
    value: ScaledNumberElementsType | None = None
    value_percentage: ScaledNumberElementsType | None = None


class BillCostType(Structure):
    cost_id: Integer | None = None
    cost_type: str | None = None  # BillCostTypeValue
    value_id: Integer | None = None
    unit: str | None = None  # UnitOfMeasurement
    currency: str | None = None  # Currency
    cost: ScaledNumberType | None = None
    cost_percentage: ScaledNumberType | None = None


class BillCostElementsType(Structure):
    cost_id: ElementTag | None = None
    cost_type: ElementTag | None = None
    value_id: ElementTag | None = None
    unit: ElementTag | None = None
    currency: ElementTag | None = None
    cost: ScaledNumberElementsType | None = None
    cost_percentage: ScaledNumberElementsType | None = None


class BillPositionType(Structure):
    position_id: Integer | None = None
    position_type: str | None = None  # BillPositionTypeValue
    time_period: TimePeriodType | None = None
    value: list[BillValueType] | None = None
    cost: list[BillCostType] | None = None
    label: str | None = None
    description: str | None = None


class BillPositionElementsType(Structure):
    position_id: ElementTag | None = None
    position_type: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None
    value: BillValueElementsType | None = None
    cost: BillCostElementsType | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class BillDataType(Structure):
    """Entry of ``billListData``."""

    bill_id: Integer | None = None
    bill_type: str | None = None  # BillType
    scope_type: str | None = None  # ScopeType
    total: BillPositionType | None = None
    position: list[BillPositionType] | None = None


class BillDataElementsType(Structure):
    """Names parts of entries of ``billListData``."""

    bill_id: ElementTag | None = None
    bill_type: ElementTag | None = None
    scope_type: ElementTag | None = None
    total: BillPositionElementsType | None = None
    position: BillPositionElementsType | None = None


class BillListDataType(Structure):
    """Data of ``billListData``."""

    bill_data: list[BillDataType] | None = None


class BillListDataSelectorsType(Structure):
    """Selects entries of ``billListData``."""

    bill_id: Integer | None = None
    scope_type: str | None = None  # ScopeType


class BillConstraintsDataType(Structure):
    """Entry of ``billConstraintsListData``."""

    bill_id: Integer | None = None
    position_count_min: Integer | None = None
    position_count_max: Integer | None = None


class BillConstraintsDataElementsType(Structure):
    """Names parts of entries of ``billConstraintsListData``."""

    bill_id: ElementTag | None = None
    position_count_min: ElementTag | None = None
    position_count_max: ElementTag | None = None


class BillConstraintsListDataType(Structure):
    """Data of ``billConstraintsListData``."""

    bill_constraints_data: list[BillConstraintsDataType] | None = None


class BillConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``billConstraintsListData``."""

    bill_id: Integer | None = None


class BillDescriptionDataType(Structure):
    """Entry of ``billDescriptionListData``."""

    bill_id: Integer | None = None
    bill_writeable: bool | None = None
    update_required: bool | None = None
    supported_bill_type: list[str] | None = None  # BillType
    session_id: Integer | None = None


class BillDescriptionDataElementsType(Structure):
    """Names parts of entries of ``billDescriptionListData``."""

    bill_id: ElementTag | None = None
    bill_writeable: ElementTag | None = None
    update_required: ElementTag | None = None
    supported_bill_type: ElementTag | None = None
    session_id: ElementTag | None = None


class BillDescriptionListDataType(Structure):
    """Data of ``billDescriptionListData``."""

    bill_description_data: list[BillDescriptionDataType] | None = None


class BillDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``billDescriptionListData``."""

    bill_id: Integer | None = None
