"""Types of NetworkManagement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import (
    DeviceAddressElementsType,
    DeviceAddressType,
    EntityAddressElementsType,
    EntityAddressType,
    FeatureAddressElementsType,
    FeatureAddressType,
    FunctionPropertyElementsType,
    FunctionPropertyType,
)
from eebus_gw.wire.fold import ElementTag, Structure


class NetworkManagementFeatureSet:
    """Values of ``NetworkManagementFeatureSetType``."""

    GATEWAY = "gateway"
    ROUTER = "router"
    SMART = "smart"
    SIMPLE = "simple"


class NetworkManagementProcessStateState:
    """Values of ``NetworkManagementProcessStateStateType``."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"


class NetworkManagementStateChange:
    """Values of ``NetworkManagementStateChangeType``."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


class NetworkManagementAddNodeCallType(Structure):
    """Data of ``networkManagementAddNodeCall``."""

    node_address: FeatureAddressType | None = None
    native_setup: str | None = None
    timeout: str | None = None
    label: str | None = None
    description: str | None = None


class NetworkManagementAddNodeCallElementsType(Structure):
    """Names parts of ``networkManagementAddNodeCall``."""

    node_address: FeatureAddressElementsType | None = None
    native_setup: ElementTag | None = None
    timeout: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementRemoveNodeCallType(Structure):
    """Data of ``networkManagementRemoveNodeCall``."""

    node_address: FeatureAddressType | None = None
    timeout: str | None = None


class NetworkManagementRemoveNodeCallElementsType(Structure):
    """Names parts of ``networkManagementRemoveNodeCall``."""

    node_address: FeatureAddressElementsType | None = None
    timeout: ElementTag | None = None


class NetworkManagementModifyNodeCallType(Structure):
    """Data of ``networkManagementModifyNodeCall``."""

    node_address: FeatureAddressType | None = None
    native_setup: str | None = None
    timeout: str | None = None
    label: str | None = None
    description: str | None = None


class NetworkManagementModifyNodeCallElementsType(Structure):
    """Names parts of ``networkManagementModifyNodeCall``."""

    node_address: FeatureAddressElementsType | None = None
    native_setup: ElementTag | None = None
    timeout: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementScanNetworkCallType(Structure):
    """Data of ``networkManagementScanNetworkCall``."""

    scan_setup: str | None = None
    timeout: str | None = None


class NetworkManagementScanNetworkCallElementsType(Structure):
    """Names parts of ``networkManagementScanNetworkCall``."""

    scan_setup: ElementTag | None = None
    timeout: ElementTag | None = None


class NetworkManagementDiscoverCallType(Structure):
    """Data of ``networkManagementDiscoverCall``."""

    discover_address: FeatureAddressType | None = None


class NetworkManagementDiscoverCallElementsType(Structure):
    """Names parts of ``networkManagementDiscoverCall``."""

    discover_address: FeatureAddressElementsType | None = None


class NetworkManagementAbortCallType(Structure):
    """Data of ``networkManagementAbortCall``."""


class NetworkManagementAbortCallElementsType(Structure):
    """Names parts of ``networkManagementAbortCall``."""


class NetworkManagementProcessStateDataType(Structure):
    """Data of ``networkManagementProcessStateData``."""

    state: str | None = None  # NetworkManagementProcessStateState
    description: str | None = None


class NetworkManagementProcessStateDataElementsType(Structure):
    """Names parts of ``networkManagementProcessStateData``."""

    state: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementJoiningModeDataType(Structure):
    """Data of ``networkManagementJoiningModeData``."""

    setup: str | None = None


class NetworkManagementJoiningModeDataElementsType(Structure):
    """Names parts of ``networkManagementJoiningModeData``."""

    setup: ElementTag | None = None


class NetworkManagementReportCandidateDataType(Structure):
    """Data of ``networkManagementReportCandidateData``."""

    candidate_setup: str | None = None
    setup_usable_for_add: bool | None = None
    label: str | None = None
    description: str | None = None


class NetworkManagementReportCandidateDataElementsType(Structure):
    """Names parts of ``networkManagementReportCandidateData``."""

    candidate_setup: ElementTag | None = None
    setup_usable_for_add: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementDeviceDescriptionDataType(Structure):
    """Entry of ``networkManagementDeviceDescriptionListData``."""

    device_address: DeviceAddressType | None = None
    device_type: str | None = None  # DeviceType
    network_management_responsible_address: FeatureAddressType | None = None
    native_setup: str | None = None
    technology_address: str | None = None
    communications_technology_information: str | None = None
    network_feature_set: str | None = None  # NetworkManagementFeatureSet
    last_state_change: str | None = None  # NetworkManagementStateChange
    minimum_trust_level: str | None = None
    label: str | None = None
    description: str | None = None


class NetworkManagementDeviceDescriptionDataElementsType(Structure):
    """Names parts of entries of ``networkManagementDeviceDescriptionListData``."""

    device_address: DeviceAddressElementsType | None = None
    device_type: ElementTag | None = None
    network_management_responsible_address: ElementTag | None = None
    native_setup: ElementTag | None = None
    technology_address: ElementTag | None = None
    communications_technology_information: ElementTag | None = None
    network_feature_set: ElementTag | None = None
    last_state_change: ElementTag | None = None
    minimum_trust_level: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementDeviceDescriptionListDataType(Structure):
    """Data of ``networkManagementDeviceDescriptionListData``."""

    network_management_device_description_data: (
        list[NetworkManagementDeviceDescriptionDataType] | None
    ) = None


class NetworkManagementDeviceDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``networkManagementDeviceDescriptionListData``."""

    device_address: DeviceAddressType | None = None
    device_type: str | None = None  # DeviceType


class NetworkManagementEntityDescriptionDataType(Structure):
    """Entry of ``networkManagementEntityDescriptionListData``."""

    entity_address: EntityAddressType | None = None
    entity_type: str | None = None  # EntityType
    last_state_change: str | None = None  # NetworkManagementStateChange
    minimum_trust_level: str | None = None
    label: str | None = None
    description: str | None = None


class NetworkManagementEntityDescriptionDataElementsType(Structure):
    """Names parts of entries of ``networkManagementEntityDescriptionListData``."""

    entity_address: EntityAddressElementsType | None = None
    entity_type: ElementTag | None = None
    last_state_change: ElementTag | None = None
    minimum_trust_level: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class NetworkManagementEntityDescriptionListDataType(Structure):
    """Data of ``networkManagementEntityDescriptionListData``."""

    network_management_entity_description_data: (
        list[NetworkManagementEntityDescriptionDataType] | None
    ) = None


class NetworkManagementEntityDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``networkManagementEntityDescriptionListData``."""

    entity_address: EntityAddressType | None = None
    entity_type: str | None = None  # EntityType


class NetworkManagementFeatureDescriptionDataType(Structure):
    """Entry of ``networkManagementFeatureDescriptionListData``."""

    feature_address: FeatureAddressType | None = None
    feature_type: str | None = None  # FeatureType
    specific_usage: list[str] | None = None  # FeatureSpecificUsage
    feature_group: str | None = None
    role: str | None = None  # Role
    supported_function: list[FunctionPropertyType] | None = None
    last_state_change: str | None = None  # NetworkManagementStateChange
    minimum_trust_level: str | None = None
    label: str | None = None
    description: str | None = None
    max_response_delay: str | None = None


class NetworkManagementFeatureDescriptionDataElementsType(Structure):
    """Names parts of entries of ``networkManagementFeatureDescriptionListData``."""

    feature_address: FeatureAddressElementsType | None = None
    feature_type: ElementTag | None = None
    specific_usage: ElementTag | None = None
    feature_group: ElementTag | None = None
    role: ElementTag | None = None
    supported_function: FunctionPropertyElementsType | None = None
    last_state_change: ElementTag | None = None
    minimum_trust_level: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None
    max_response_delay: ElementTag | None = None


class NetworkManagementFeatureDescriptionListDataType(Structure):
    """Data of ``networkManagementFeatureDescriptionListData``."""

    network_management_feature_description_data: (
        list[NetworkManagementFeatureDescriptionDataType] | None
    ) = None


class NetworkManagementFeatureDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``networkManagementFeatureDescriptionListData``."""

    feature_address: FeatureAddressType | None = None
    feature_type: str | None = None  # FeatureType
