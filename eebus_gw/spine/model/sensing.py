"""Types of Sensing; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    ScaledNumberElementsType,
    ScaledNumberType,
    TimestampIntervalType,
)
from eebus_gw.wire.fold import ElementTag, Structure


class SensingState:
    """Values of ``SensingStateEnumType``."""

    ON = "on"
    OFF = "off"
    TOGGLE = "toggle"
    LEVEL = "level"
    LEVEL_UP = "levelUp"
    LEVEL_DOWN = "levelDown"
    LEVEL_START = "levelStart"
    LEVEL_STOP = "levelStop"
    LEVEL_ABSOLUTE = "levelAbsolute"
    LEVEL_RELATIVE = "levelRelative"
    LEVEL_PERCENTAGE_ABSOLUTE = "levelPercentageAbsolute"
    LEVEL_PERCENTAGE_RELATIVE = "levelPercentageRelative"
    PRESSED = "pressed"
    LONG_PRESSED = "longPressed"
    RELEASED = "released"
    CHANGED = "changed"
    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    MIDDLE = "middle"
    UP = "up"
    DOWN = "down"
    FORWARD = "forward"
    BACKWARDS = "backwards"
    OPEN = "open"
    CLOSED = "closed"
    OPENING = "opening"
    CLOSING = "closing"
    HIGH = "high"
    LOW = "low"
    DAY = "day"
    NIGHT = "night"
    DETECTED = "detected"
    NOT_DETECTED = "notDetected"
    ALARMED = "alarmed"
    NOT_ALARMED = "notAlarmed"


class SensingType:
    """Values of ``SensingTypeEnumType``."""

    SWITCH = "switch"
    BUTTON = "button"
    LEVEL = "level"
    LEVEL_SWITCH = "levelSwitch"
    WINDOW_HANDLE = "windowHandle"
    CONTACT_SENSOR = "contactSensor"
    OCCUPANCY_SENSOR = "occupancySensor"
    MOTION_DETECTOR = "motionDetector"
    FIRE_DETECTOR = "fireDetector"
    SMOKE_DETECTOR = "smokeDetector"
    HEAT_DETECTOR = "heatDetector"
    WATER_DETECTOR = "waterDetector"
    GAS_DETECTOR = "gasDetector"
    ALARM_SENSOR = "alarmSensor"
    POWER_ALARM_SENSOR = "powerAlarmSensor"
    DAY_NIGHT_INDICATOR = "dayNightIndicator"


class SensingDataType(Structure):
    """Entry of ``sensingListData``."""

    timestamp: str | None = None
    state: str | None = None  # SensingState
    value: ScaledNumberType | None = None


class SensingDataElementsType(Structure):
    """Names parts of entries of ``sensingListData``."""

    timestamp: ElementTag | None = None
    state: ElementTag | None = None
    value: ScaledNumberElementsType | None = None


class SensingListDataType(Structure):
    """Data of ``sensingListData``."""

    sensing_data: list[SensingDataType] | None = None


class SensingListDataSelectorsType(Structure):
    """Selects entries of ``sensingListData``."""

    timestamp_interval: TimestampIntervalType | None = None


class SensingDescriptionDataType(Structure):
    """Data of ``sensingDescriptionData``."""

    sensing_type: str | None = None  # SensingType
    unit: str | None = None  # UnitOfMeasurement
    scope_type: str | None = None  # ScopeType
    label: str | None = None
    description: str | None = None


class SensingDescriptionDataElementsType(Structure):
    """Names parts of ``sensingDescriptionData``."""

    sensing_type: ElementTag | None = None
    unit: ElementTag | None = None
    scope_type: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None
