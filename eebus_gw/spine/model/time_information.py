"""Types of TimeInformation; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class TimeInformationDataType(Structure):
    """Data of ``timeInformationData``."""

    utc: str | None = None
    utc_offset: str | None = None
    day_of_week: str | None = None  # DayOfWeek
    calendar_week: Integer | None = None


class TimeInformationDataElementsType(Structure):
    """Names parts of ``timeInformationData``."""

    utc: ElementTag | None = None
    utc_offset: ElementTag | None = None
    day_of_week: ElementTag | None = None
    calendar_week: ElementTag | None = None


class TimeDistributorDataType(Structure):
    """Data of ``timeDistributorData``."""

    is_time_distributor: bool | None = None
    distributor_priority: Integer | None = None


class TimeDistributorDataElementsType(Structure):
    """Names parts of ``timeDistributorData``."""

    is_time_distributor: ElementTag | None = None
    distributor_priority: ElementTag | None = None


class TimePrecisionDataType(Structure):
    """Data of ``timePrecisionData``."""

    is_synchronised: bool | None = None
    last_sync_at: str | None = None
    clock_drift: str | None = None


class TimePrecisionDataElementsType(Structure):
    """Names parts of ``timePrecisionData``."""

    is_synchronised: ElementTag | None = None
    last_sync_at: ElementTag | None = None
    clock_drift: ElementTag | None = None


class TimeDistributorEnquiryCallType(Structure):
    """Data of ``timeDistributorEnquiryCall``."""


class TimeDistributorEnquiryCallElementsType(Structure):
    """Names parts of ``timeDistributorEnquiryCall``."""
