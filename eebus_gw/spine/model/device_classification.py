"""Types of DeviceClassification; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Structure


class PowerSource:
    """Values of ``PowerSourceEnumType``."""

    UNKNOWN = "unknown"
    MAINS_SINGLE_PHASE = "mainsSinglePhase"
    MAINS3_PHASE = "mains3Phase"
    BATTERY = "battery"
    DC = "dc"


class DeviceClassificationManufacturerDataType(Structure):
    """Data of ``deviceClassificationManufacturerData``."""

    device_name: str | None = None
    device_code: str | None = None
    serial_number: str | None = None
    software_revision: str | None = None
    hardware_revision: str | None = None
    vendor_name: str | None = None
    vendor_code: str | None = None
    brand_name: str | None = None
    power_source: str | None = None  # PowerSource
    manufacturer_node_identification: str | None = None
    manufacturer_label: str | None = None
    manufacturer_description: str | None = None


class DeviceClassificationManufacturerDataElementsType(Structure):
    """Names parts of ``deviceClassificationManufacturerData``."""

    device_name: ElementTag | None = None
    device_code: ElementTag | None = None
    serial_number: ElementTag | None = None
    software_revision: ElementTag | None = None
    hardware_revision: ElementTag | None = None
    vendor_name: ElementTag | None = None
    vendor_code: ElementTag | None = None
    brand_name: ElementTag | None = None
    power_source: ElementTag | None = None
    manufacturer_node_identification: ElementTag | None = None
    manufacturer_label: ElementTag | None = None
    manufacturer_description: ElementTag | None = None


class DeviceClassificationUserDataType(Structure):
    """Data of ``deviceClassificationUserData``."""

    user_node_identification: str | None = None
    user_label: str | None = None
    user_description: str | None = None


class DeviceClassificationUserDataElementsType(Structure):
    """Names parts of ``deviceClassificationUserData``."""

    user_node_identification: ElementTag | None = None
    user_label: ElementTag | None = None
    user_description: ElementTag | None = None
