"""A discovery reply that resembles the reference frame, for where that is not at hand."""

from __future__ import annotations

from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Datagram, Header
from eebus_gw.spine.model.common_data_types import (
    EntityAddressType,
    FeatureAddressType,
    FunctionPropertyType,
    PossibleOperationsReadType,
    PossibleOperationsType,
)
from eebus_gw.spine.model.network_management import (
    NetworkManagementDeviceDescriptionDataType,
    NetworkManagementEntityDescriptionDataType,
    NetworkManagementFeatureDescriptionDataType,
)
from eebus_gw.spine.model.node_management import (
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementDetailedDiscoveryDeviceInformationType,
    NodeManagementDetailedDiscoveryEntityInformationType,
    NodeManagementDetailedDiscoveryFeatureInformationType,
    NodeManagementSpecificationVersionListType,
)


def synthetic_discovery() -> Datagram:
    """A device with as many entities, features and functions as the reference frame has."""
    paths = [[0], *([number] for number in range(1, 10)), [6, 1], [7, 1]]
    entities = [
        NodeManagementDetailedDiscoveryEntityInformationType(
            description=NetworkManagementEntityDescriptionDataType(
                entity_address=EntityAddressType(entity=path), entity_type="CEM"
            )
        )
        for path in paths
    ]
    read = PossibleOperationsType(read=PossibleOperationsReadType())
    functions = [
        FunctionPropertyType(function=name, possible_operations=read)
        for name in (
            "electricalConnectionParameterDescriptionListData",
            "electricalConnectionDescriptionListData",
        )
    ]
    features = [
        NodeManagementDetailedDiscoveryFeatureInformationType(
            description=NetworkManagementFeatureDescriptionDataType(
                feature_address=FeatureAddressType(entity=path, feature=number),
                feature_type="ElectricalConnection",
                role="server",
                supported_function=functions,
            )
        )
        for path in paths
        for number in (1, 2)
    ]
    data = NodeManagementDetailedDiscoveryDataType(
        specification_version_list=NodeManagementSpecificationVersionListType(
            specification_version=["1.3.0"]
        ),
        device_information=NodeManagementDetailedDiscoveryDeviceInformationType(
            description=NetworkManagementDeviceDescriptionDataType(
                device_type="Generic", network_feature_set="smart"
            )
        ),
        entity_information=entities,
        feature_information=features,
    )
    management = FeatureAddress("d:_n:Benchmark_1", (0,), 0)
    header = Header(management, management, "reply", 2, 1, specification_version="1.3.0")
    return Datagram(header, [Command.of("nodeManagementDetailedDiscoveryData", data)])
