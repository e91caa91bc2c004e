"""Types of Threshold; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import ScaledNumberElementsType, ScaledNumberType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class ThresholdType:
    """Values of ``ThresholdTypeEnumType``."""

    GOOD_ABOVE = "goodAbove"
    BAD_ABOVE = "badAbove"
    GOOD_BELOW = "goodBelow"
    BAD_BELOW = "badBelow"
    MIN_VALUE_THRESHOLD = "minValueThreshold"
    MAX_VALUE_THRESHOLD = "maxValueThreshold"
    MIN_VALUE_THRESHOLD_EXTREME = "minValueThresholdExtreme"
    MAX_VALUE_THRESHOLD_EXTREME = "maxValueThresholdExtreme"
    SAG_THRESHOLD = "sagThreshold"
    SWELL_THRESHOLD = "swellThreshold"


class ThresholdDataType(Structure):
    """Entry of ``thresholdListData``."""

    threshold_id: Integer | None = None
    threshold_value: ScaledNumberType | None = None


class ThresholdDataElementsType(Structure):
    """Names parts of entries of ``thresholdListData``."""

    threshold_id: ElementTag | None = None
    threshold_value: ScaledNumberElementsType | None = None


class ThresholdListDataType(Structure):
    """Data of ``thresholdListData``."""

    threshold_data: list[ThresholdDataType] | None = None


class ThresholdListDataSelectorsType(Structure):
    """Selects entries of ``thresholdListData``."""

    threshold_id: Integer | None = None


class ThresholdConstraintsDataType(Structure):
    """Entry of ``thresholdConstraintsListData``."""

    threshold_id: Integer | None = None
    threshold_range_min: ScaledNumberType | None = None
    threshold_range_max: ScaledNumberType | None = None
    threshold_step_size: ScaledNumberType | None = None


class ThresholdConstraintsDataElementsType(Structure):
    """Names parts of entries of ``thresholdConstraintsListData``."""

    threshold_id: ElementTag | None = None
    threshold_range_min: ScaledNumberElementsType | None = None
    threshold_range_max: ScaledNumberElementsType | None = None
    threshold_step_size: ScaledNumberElementsType | None = None


class ThresholdConstraintsListDataType(Structure):
    """Data of ``thresholdConstraintsListData``."""

    threshold_constraints_data: list[ThresholdConstraintsDataType] | None = None


class ThresholdConstraintsListDataSelectorsType(Structure):
    """Selects entries of ``thresholdConstraintsListData``."""

    threshold_id: Integer | None = None


class ThresholdDescriptionDataType(Structure):
    """Entry of ``thresholdDescriptionListData``."""

    threshold_id: Integer | None = None
    threshold_type: str | None = None  # ThresholdType
    unit: str | None = None  # UnitOfMeasurement
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class ThresholdDescriptionDataElementsType(Structure):
    """Names parts of entries of ``thresholdDescriptionListData``."""

    threshold_id: ElementTag | None = None
    threshold_type: ElementTag | None = None
    unit: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class ThresholdDescriptionListDataType(Structure):
    """Data of ``thresholdDescriptionListData``."""

    threshold_description_data: list[ThresholdDescriptionDataType] | None = None


class ThresholdDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``thresholdDescriptionListData``."""

    threshold_id: Integer | None = None
    scope_type: str | None = None  # ScopeType
