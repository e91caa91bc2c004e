"""Types of ActuatorLevel; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import ScaledNumberElementsType, ScaledNumberType
from eebus_gw.wire.fold import ElementTag, Structure


class ActuatorLevelFct:
    """Values of ``ActuatorLevelFctEnumType``."""

    START = "start"
    UP = "up"
    DOWN = "down"
    STOP = "stop"
    PERCENTAGE_ABSOLUTE = "percentageAbsolute"
    PERCENTAGE_RELATIVE = "percentageRelative"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class ActuatorLevelDataType(Structure):
    """Data of ``actuatorLevelData``."""

    function: str | None = None  # ActuatorLevelFct
    value: ScaledNumberType | None = None


class ActuatorLevelDataElementsType(Structure):
    """Names parts of ``actuatorLevelData``."""

    function: ElementTag | None = None
    value: ScaledNumberElementsType | None = None


class ActuatorLevelDescriptionDataType(Structure):
    """Data of ``actuatorLevelDescriptionData``."""

    label: str | None = None
    description: str | None = None
    level_default_unit: str | None = None  # UnitOfMeasurement


class ActuatorLevelDescriptionDataElementsType(Structure):
    """Names parts of ``actuatorLevelDescriptionData``."""

    label: ElementTag | None = None
    description: ElementTag | None = None
    level_default_unit: ElementTag | None = None
