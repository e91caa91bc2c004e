"""Types of NodeManagement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.binding_management import (
    BindingManagementDeleteCallElementsType,
    BindingManagementDeleteCallType,
    BindingManagementEntryDataElementsType,
    BindingManagementEntryDataType,
    BindingManagementEntryListDataSelectorsType,
    BindingManagementRequestCallElementsType,
    BindingManagementRequestCallType,
)
from eebus_gw.spine.model.network_management import (
    NetworkManagementDeviceDescriptionDataElementsType,
    NetworkManagementDeviceDescriptionDataType,
    NetworkManagementDeviceDescriptionListDataSelectorsType,
    NetworkManagementEntityDescriptionDataElementsType,
    NetworkManagementEntityDescriptionDataType,
    NetworkManagementEntityDescriptionListDataSelectorsType,
    NetworkManagementFeatureDescriptionDataElementsType,
    NetworkManagementFeatureDescriptionDataType,
    NetworkManagementFeatureDescriptionListDataSelectorsType,
)
from eebus_gw.spine.model.subscription_management import (
    SubscriptionManagementDeleteCallElementsType,
    SubscriptionManagementDeleteCallType,
    SubscriptionManagementEntryDataElementsType,
    SubscriptionManagementEntryDataType,
    SubscriptionManagementEntryListDataSelectorsType,
    SubscriptionManagementRequestCallElementsType,
    SubscriptionManagementRequestCallType,
)
from eebus_gw.spine.model.use_case_information import (
    UseCaseInformationDataElementsType,
    UseCaseInformationDataType,
    UseCaseInformationListDataSelectorsType,
)
from eebus_gw.spine.model.version import SpecificationVersionDataElementsType
from eebus_gw.wire.fold import Structure


class NodeManagementSpecificationVersionListType(Structure):
    specification_version: list[str] | None = None


class NodeManagementDetailedDiscoveryDeviceInformationType(Structure):
    description: NetworkManagementDeviceDescriptionDataType | None = None


class NodeManagementDetailedDiscoveryEntityInformationType(Structure):
    description: NetworkManagementEntityDescriptionDataType | None = None


class NodeManagementDetailedDiscoveryFeatureInformationType(Structure):
    description: NetworkManagementFeatureDescriptionDataType | None = None


class NodeManagementDetailedDiscoveryDataType(Structure):
    """Data of ``nodeManagementDetailedDiscoveryData``."""

    specification_version_list: NodeManagementSpecificationVersionListType | None = None
    device_information: NodeManagementDetailedDiscoveryDeviceInformationType | None = None
    entity_information: list[NodeManagementDetailedDiscoveryEntityInformationType] | None = None
    feature_information: list[NodeManagementDetailedDiscoveryFeatureInformationType] | None = None


class NodeManagementSpecificationVersionListElementsType(Structure):
    specification_version: SpecificationVersionDataElementsType | None = None


class NodeManagementDetailedDiscoveryDeviceInformationElementsType(Structure):
    description: NetworkManagementDeviceDescriptionDataElementsType | None = None


class NodeManagementDetailedDiscoveryEntityInformationElementsType(Structure):
    description: NetworkManagementEntityDescriptionDataElementsType | None = None


class NodeManagementDetailedDiscoveryFeatureInformationElementsType(Structure):
    description: NetworkManagementFeatureDescriptionDataElementsType | None = None


class NodeManagementDetailedDiscoveryDataElementsType(Structure):
    """Names parts of ``nodeManagementDetailedDiscoveryData``."""

    specification_version_list: NodeManagementSpecificationVersionListElementsType | None = None
    device_information: NodeManagementDetailedDiscoveryDeviceInformationElementsType | None = None
    entity_information: NodeManagementDetailedDiscoveryEntityInformationElementsType | None = None
    feature_information: NodeManagementDetailedDiscoveryFeatureInformationElementsType | None = None


class NodeManagementDetailedDiscoveryDataSelectorsType(Structure):
    """Selects entries of ``nodeManagementDetailedDiscoveryData``."""

    device_information: NetworkManagementDeviceDescriptionListDataSelectorsType | None = None
    entity_information: NetworkManagementEntityDescriptionListDataSelectorsType | None = None
    feature_information: NetworkManagementFeatureDescriptionListDataSelectorsType | None = None


class NodeManagementBindingDataType(Structure):
    """Data of ``nodeManagementBindingData``."""

    binding_entry: list[BindingManagementEntryDataType] | None = None


class NodeManagementBindingDataElementsType(Structure):
    """Names parts of ``nodeManagementBindingData``."""

    binding_entry: BindingManagementEntryDataElementsType | None = None


class NodeManagementBindingDataSelectorsType(Structure):
    """Selects entries of ``nodeManagementBindingData``."""

    binding_entry: BindingManagementEntryListDataSelectorsType | None = None


class NodeManagementBindingRequestCallType(Structure):
    """Data of ``nodeManagementBindingRequestCall``."""

    binding_request: BindingManagementRequestCallType | None = None


class NodeManagementBindingRequestCallElementsType(Structure):
    """Names parts of ``nodeManagementBindingRequestCall``."""

    binding_request: BindingManagementRequestCallElementsType | None = None


class NodeManagementBindingDeleteCallType(Structure):
    """Data of ``nodeManagementBindingDeleteCall``."""

    binding_delete: BindingManagementDeleteCallType | None = None


class NodeManagementBindingDeleteCallElementsType(Structure):
    """Names parts of ``nodeManagementBindingDeleteCall``."""

    binding_delete: BindingManagementDeleteCallElementsType | None = None


class NodeManagementSubscriptionDataType(Structure):
    """Data of ``nodeManagementSubscriptionData``."""

    subscription_entry: list[SubscriptionManagementEntryDataType] | None = None


class NodeManagementSubscriptionDataElementsType(Structure):
    """Names parts of ``nodeManagementSubscriptionData``."""

    subscription_entry: SubscriptionManagementEntryDataElementsType | None = None


class NodeManagementSubscriptionDataSelectorsType(Structure):
    """Selects entries of ``nodeManagementSubscriptionData``."""

    subscription_entry: SubscriptionManagementEntryListDataSelectorsType | None = None


class NodeManagementSubscriptionRequestCallType(Structure):
    """Data of ``nodeManagementSubscriptionRequestCall``."""

    subscription_request: SubscriptionManagementRequestCallType | None = None


class NodeManagementSubscriptionRequestCallElementsType(Structure):
    """Names parts of ``nodeManagementSubscriptionRequestCall``."""

    subscription_request: SubscriptionManagementRequestCallElementsType | None = None


class NodeManagementSubscriptionDeleteCallType(Structure):
    """Data of ``nodeManagementSubscriptionDeleteCall``."""

    subscription_delete: SubscriptionManagementDeleteCallType | None = None


class NodeManagementSubscriptionDeleteCallElementsType(Structure):
    """Names parts of ``nodeManagementSubscriptionDeleteCall``."""

    subscription_delete: SubscriptionManagementDeleteCallElementsType | None = None


class NodeManagementDestinationDataType(Structure):
    """Entry of ``nodeManagementDestinationListData``."""

    device_description: NetworkManagementDeviceDescriptionDataType | None = None


class NodeManagementDestinationDataElementsType(Structure):
    """Names parts of entries of ``nodeManagementDestinationListData``."""

    device_description: NetworkManagementDeviceDescriptionDataElementsType | None = None


class NodeManagementDestinationListDataType(Structure):
    """Data of ``nodeManagementDestinationListData``."""

    node_management_destination_data: list[NodeManagementDestinationDataType] | None = None


class NodeManagementDestinationListDataSelectorsType(Structure):
    """Selects entries of ``nodeManagementDestinationListData``."""

    device_description: NetworkManagementDeviceDescriptionListDataSelectorsType | None = None


class NodeManagementUseCaseDataType(Structure):
    """Data of ``nodeManagementUseCaseData``."""

    use_case_information: list[UseCaseInformationDataType] | None = None


class NodeManagementUseCaseDataElementsType(Structure):
    """Names parts of ``nodeManagementUseCaseData``."""

    use_case_information: UseCaseInformationDataElementsType | None = None


class NodeManagementUseCaseDataSelectorsType(Structure):
    """Selects entries of ``nodeManagementUseCaseData``."""

    use_case_information: UseCaseInformationListDataSelectorsType | None = None
