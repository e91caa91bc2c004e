"""Types of DeviceDiagnosis; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class DeviceDiagnosisOperatingState:
    """Values of ``DeviceDiagnosisOperatingStateEnumType``."""

    NORMAL_OPERATION = "normalOperation"
    STANDBY = "standby"
    FAILURE = "failure"
    SERVICE_NEEDED = "serviceNeeded"
    OVERRIDE_DETECTED = "overrideDetected"
    IN_ALARM = "inAlarm"
    NOT_REACHABLE = "notReachable"
    FINISHED = "finished"
    TEMPORARILY_NOT_READY = "temporarilyNotReady"
    OFF = "off"


class PowerSupplyCondition:
    """Values of ``PowerSupplyConditionEnumType``."""

    GOOD = "good"
    LOW = "low"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    ERROR = "error"


class DeviceDiagnosisStateDataType(Structure):
    """Data of ``deviceDiagnosisStateData``."""

    timestamp: str | None = None
    operating_state: str | None = None  # DeviceDiagnosisOperatingState
    vendor_state_code: str | None = None
    last_error_code: str | None = None
    up_time: str | None = None
    total_up_time: str | None = None
    power_supply_condition: str | None = None  # PowerSupplyCondition


class DeviceDiagnosisStateDataElementsType(Structure):
    """Names parts of ``deviceDiagnosisStateData``."""

    timestamp: ElementTag | None = None
    operating_state: ElementTag | None = None
    vendor_state_code: ElementTag | None = None
    last_error_code: ElementTag | None = None
    up_time: ElementTag | None = None
    total_up_time: ElementTag | None = None
    power_supply_condition: ElementTag | None = None


class DeviceDiagnosisHeartbeatDataType(Structure):
    """Data of ``deviceDiagnosisHeartbeatData``."""

    timestamp: str | None = None
    heartbeat_counter: Integer | None = None
    heartbeat_timeout: str | None = None


class DeviceDiagnosisHeartbeatDataElementsType(Structure):
    """Names parts of ``deviceDiagnosisHeartbeatData``."""

    timestamp: ElementTag | None = None
    heartbeat_counter: ElementTag | None = None
    heartbeat_timeout: ElementTag | None = None


class DeviceDiagnosisServiceDataType(Structure):
    """Data of ``deviceDiagnosisServiceData``."""

    timestamp: str | None = None
    installation_time: str | None = None
    boot_counter: Integer | None = None
    next_service: str | None = None


class DeviceDiagnosisServiceDataElementsType(Structure):
    """Names parts of ``deviceDiagnosisServiceData``."""

    timestamp: ElementTag | None = None
    installation_time: ElementTag | None = None
    boot_counter: ElementTag | None = None
    next_service: ElementTag | None = None
