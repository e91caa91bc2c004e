"""Types of ActuatorSwitch; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Structure


class ActuatorSwitchFct:
    """Values of ``ActuatorSwitchFctEnumType``."""

    ON = "on"
    OFF = "off"
    TOGGLE = "toggle"


class ActuatorSwitchDataType(Structure):
    """Data of ``actuatorSwitchData``."""

    function: str | None = None  # ActuatorSwitchFct


class ActuatorSwitchDataElementsType(Structure):
    """Names parts of ``actuatorSwitchData``."""

    function: ElementTag | None = None


class ActuatorSwitchDescriptionDataType(Structure):
    """Data of ``actuatorSwitchDescriptionData``."""

    label: str | None = None
    description: str | None = None


class ActuatorSwitchDescriptionDataElementsType(Structure):
    """Names parts of ``actuatorSwitchDescriptionData``."""

    label: ElementTag | None = None
    description: ElementTag | None = None
