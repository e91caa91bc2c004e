"""Types of Messaging; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import TimestampIntervalType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class MessagingType:
    """Values of ``MessagingTypeEnumType``."""

    LOGGING = "logging"
    INFORMATION = "information"
    WARNING = "warning"
    ALARM = "alarm"
    EMERGENCY = "emergency"
    OBSOLETE = "obsolete"


class MessagingDataType(Structure):
    """Entry of ``messagingListData``."""

    timestamp: str | None = None
    messaging_number: Integer | None = None
    type: str | None = None  # MessagingType
    text: str | None = None


class MessagingDataElementsType(Structure):
    """Names parts of entries of ``messagingListData``."""

    timestamp: ElementTag | None = None
    messaging_number: ElementTag | None = None
    type: ElementTag | None = None
    text: ElementTag | None = None


class MessagingListDataType(Structure):
    """Data of ``messagingListData``."""

    messaging_data: list[MessagingDataType] | None = None


class MessagingListDataSelectorsType(Structure):
    """Selects entries of ``messagingListData``."""

    timestamp_interval: TimestampIntervalType | None = None
    messaging_number: Integer | None = None
