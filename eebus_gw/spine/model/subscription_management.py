"""Types of SubscriptionManagement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import FeatureAddressElementsType, FeatureAddressType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class SubscriptionManagementEntryDataType(Structure):
    """Entry of ``subscriptionManagementEntryListData``."""

    subscription_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None
    label: str | None = None
    description: str | None = None


class SubscriptionManagementEntryDataElementsType(Structure):
    """Names parts of entries of ``subscriptionManagementEntryListData``."""

    subscription_id: ElementTag | None = None
    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class SubscriptionManagementEntryListDataType(Structure):
    """Data of ``subscriptionManagementEntryListData``."""

    subscription_management_entry_data: list[SubscriptionManagementEntryDataType] | None = None


class SubscriptionManagementEntryListDataSelectorsType(Structure):
    """Selects entries of ``subscriptionManagementEntryListData``."""

    subscription_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None


class SubscriptionManagementRequestCallType(Structure):
    """Data of ``subscriptionManagementRequestCall``."""

    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None
    server_feature_type: str | None = None  # FeatureType


class SubscriptionManagementRequestCallElementsType(Structure):
    """Names parts of ``subscriptionManagementRequestCall``."""

    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
    server_feature_type: ElementTag | None = None


class SubscriptionManagementDeleteCallType(Structure):
    """Data of ``subscriptionManagementDeleteCall``."""

    subscription_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None


class SubscriptionManagementDeleteCallElementsType(Structure):
    """Names parts of ``subscriptionManagementDeleteCall``."""

    subscription_id: ElementTag | None = None
    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
