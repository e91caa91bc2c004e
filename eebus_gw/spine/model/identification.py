"""Types of Identification; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import TimePeriodElementsType, TimePeriodType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class IdentificationType:
    """Values of ``IdentificationTypeEnumType``."""

    EUI48 = "eui48"
    EUI64 = "eui64"
    USER_RFID_TAG = "userRfidTag"


class IdentificationDataType(Structure):
    """Entry of ``identificationListData``."""

    identification_id: Integer | None = None
    identification_type: str | None = None  # IdentificationType
    identification_value: str | None = None
    authorized: bool | None = None


class IdentificationDataElementsType(Structure):
    """Names parts of entries of ``identificationListData``."""

    identification_id: ElementTag | None = None
    identification_type: ElementTag | None = None
    identification_value: ElementTag | None = None
    authorized: ElementTag | None = None


class IdentificationListDataType(Structure):
    """Data of ``identificationListData``."""

    identification_data: list[IdentificationDataType] | None = None


class IdentificationListDataSelectorsType(Structure):
    """Selects entries of ``identificationListData``."""

    identification_id: Integer | None = None
    identification_type: str | None = None  # IdentificationType


class SessionIdentificationDataType(Structure):
    """Entry of ``sessionIdentificationListData``."""

    session_id: Integer | None = None
    identification_id: Integer | None = None
    is_latest_session: bool | None = None
    time_period: TimePeriodType | None = None


class SessionIdentificationDataElementsType(Structure):
    """Names parts of entries of ``sessionIdentificationListData``."""

    session_id: ElementTag | None = None
    identification_id: ElementTag | None = None
    is_latest_session: ElementTag | None = None
    time_period: TimePeriodElementsType | None = None


class SessionIdentificationListDataType(Structure):
    """Data of ``sessionIdentificationListData``."""

    session_identification_data: list[SessionIdentificationDataType] | None = None


class SessionIdentificationListDataSelectorsType(Structure):
    """Selects entries of ``sessionIdentificationListData``."""

    session_id: Integer | None = None
    identification_id: Integer | None = None
    is_latest_session: bool | None = None
    time_period: TimePeriodType | None = None


class SessionMeasurementRelationDataType(Structure):
    """Entry of ``sessionMeasurementRelationListData``."""

    session_id: Integer | None = None
    measurement_id: list[Integer] | None = None


class SessionMeasurementRelationDataElementsType(Structure):
    """Names parts of entries of ``sessionMeasurementRelationListData``."""

    session_id: ElementTag | None = None
    measurement_id: ElementTag | None = None


class SessionMeasurementRelationListDataType(Structure):
    """Data of ``sessionMeasurementRelationListData``."""

    session_measurement_relation_data: list[SessionMeasurementRelationDataType] | None = None


class SessionMeasurementRelationListDataSelectorsType(Structure):
    """Selects entries of ``sessionMeasurementRelationListData``."""

    session_id: Integer | None = None
    measurement_id: Integer | None = None
