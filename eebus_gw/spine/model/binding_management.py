"""Types of BindingManagement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import FeatureAddressElementsType, FeatureAddressType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class BindingManagementEntryDataType(Structure):
    """Entry of ``bindingManagementEntryListData``."""

    binding_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None
    label: str | None = None
    description: str | None = None


class BindingManagementEntryDataElementsType(Structure):
    """Names parts of entries of ``bindingManagementEntryListData``."""

    binding_id: ElementTag | None = None
    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class BindingManagementEntryListDataType(Structure):
    """Data of ``bindingManagementEntryListData``."""

    binding_management_entry_data: list[BindingManagementEntryDataType] | None = None


class BindingManagementEntryListDataSelectorsType(Structure):
    """Selects entries of ``bindingManagementEntryListData``."""

    binding_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None


class BindingManagementRequestCallType(Structure):
    """Data of ``bindingManagementRequestCall``."""

    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None
    server_feature_type: str | None = None  # FeatureType


class BindingManagementRequestCallElementsType(Structure):
    """Names parts of ``bindingManagementRequestCall``."""

    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
    server_feature_type: ElementTag | None = None


class BindingManagementDeleteCallType(Structure):
    """Data of ``bindingManagementDeleteCall``."""

    binding_id: Integer | None = None
    client_address: FeatureAddressType | None = None
    server_address: FeatureAddressType | None = None


class BindingManagementDeleteCallElementsType(Structure):
    """Names parts of ``bindingManagementDeleteCall``."""

    binding_id: ElementTag | None = None
    client_address: FeatureAddressElementsType | None = None
    server_address: FeatureAddressElementsType | None = None
