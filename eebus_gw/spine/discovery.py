"""Detailed discovery, use case announcement and destination list (SPINE protocol 7.1, 7.2; use case discovery).

The local half renders our device; the remote half applies what a peer says to its ``RemoteDevice``. These functions
hold three parallel lists in one value, so the generic merge does not apply to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from eebus_gw.errors import DatagramError
from eebus_gw.spine.error_numbers import GENERAL, REJECTED
from eebus_gw.spine.local import DEVICE_INFORMATION, LocalDevice, LocalEntity, LocalFeature
from eebus_gw.spine.model.common_data_types import (
    DeviceAddressType,
    EntityAddressType,
    FeatureAddressType,
    FunctionPropertyType,
    PossibleOperationsReadType,
    PossibleOperationsType,
    PossibleOperationsWriteType,
)
from eebus_gw.spine.model.network_management import (
    NetworkManagementDeviceDescriptionDataType,
    NetworkManagementEntityDescriptionDataType,
    NetworkManagementFeatureDescriptionDataType,
)
from eebus_gw.spine.model.node_management import (
    NodeManagementDestinationDataType,
    NodeManagementDestinationListDataType,
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementDetailedDiscoveryDeviceInformationType,
    NodeManagementDetailedDiscoveryEntityInformationType,
    NodeManagementDetailedDiscoveryFeatureInformationType,
    NodeManagementSpecificationVersionListType,
    NodeManagementUseCaseDataType,
)
from eebus_gw.spine.model.use_case_information import (
    UseCaseInformationDataType,
    UseCaseSupportType,
)
from eebus_gw.spine.outgoing import SPECIFICATION_VERSION
from eebus_gw.spine.remote import (
    AnnouncedUseCase,
    EntityPath,
    Operations,
    RemoteDevice,
    RemoteEntity,
    RemoteFeature,
)
from eebus_gw.spine.values import parse_duration
from eebus_gw.wire.fold import ElementTag

DISCOVERY = "nodeManagementDetailedDiscoveryData"
USE_CASES = "nodeManagementUseCaseData"
DESTINATIONS = "nodeManagementDestinationListData"
SUBSCRIPTION_TABLE = "nodeManagementSubscriptionData"
BINDING_TABLE = "nodeManagementBindingData"
CALLS = (
    "nodeManagementSubscriptionRequestCall",
    "nodeManagementSubscriptionDeleteCall",
    "nodeManagementBindingRequestCall",
    "nodeManagementBindingDeleteCall",
)
MAX_ENTITIES = 256
MAX_FEATURES = 1024
MAX_USE_CASES = 1024
"""Each far more than any device has; what a peer names beyond that is ignored."""
MAX_ADDRESS = 256

READABLE = (DISCOVERY, USE_CASES, DESTINATIONS, SUBSCRIPTION_TABLE, BINDING_TABLE)

EntityInformation = NodeManagementDetailedDiscoveryEntityInformationType
FeatureInformation = NodeManagementDetailedDiscoveryFeatureInformationType


# --- our side -----------------------------------------------------------------------------------------------------


def describe_device(device: LocalDevice) -> NodeManagementDetailedDiscoveryDataType:
    """The complete answer to a discovery read: parents before children, features by entity."""
    entities = [device.entities[path] for path in sorted(device.entities)]
    return _discovery(
        device,
        [_entity_information(entity) for entity in entities],
        [_feature_information(f) for entity in entities for f in _features(entity)],
    )


def describe_change(
    device: LocalDevice, entity: LocalEntity, change: str
) -> NodeManagementDetailedDiscoveryDataType:
    """The partial notify for an entity that was ``added`` (with its features) or ``removed``."""
    features = _features(entity) if change == "added" else []
    return _discovery(
        device,
        [_entity_information(entity, change)],
        [_feature_information(feature) for feature in features],
    )


def describe_use_cases(device: LocalDevice) -> NodeManagementUseCaseDataType:
    """Our use cases, one entry for each entity and actor."""
    by_actor = groupby(
        sorted(device.use_cases, key=lambda u: (u.entity, u.actor)),
        key=lambda u: (u.entity, u.actor),
    )
    return NodeManagementUseCaseDataType(
        use_case_information=[
            UseCaseInformationDataType(
                address=FeatureAddressType(device=device.address, entity=list(path)),
                actor=actor,
                use_case_support=[
                    UseCaseSupportType(
                        use_case_name=use_case.name,
                        use_case_version=use_case.version,
                        use_case_available=True,
                        scenario_support=list(use_case.scenarios),
                        use_case_document_sub_revision=use_case.sub_revision,
                    )
                    for use_case in use_cases
                ],
            )
            for (path, actor), use_cases in by_actor
        ]
    )


def describe_destinations(device: LocalDevice) -> NodeManagementDestinationListDataType:
    """The own device only: this node routes for nobody."""
    return NodeManagementDestinationListDataType(
        node_management_destination_data=[
            NodeManagementDestinationDataType(device_description=_device_description(device))
        ]
    )


def _discovery(
    device: LocalDevice,
    entities: list[EntityInformation],
    features: list[FeatureInformation],
) -> NodeManagementDetailedDiscoveryDataType:
    return NodeManagementDetailedDiscoveryDataType(
        specification_version_list=NodeManagementSpecificationVersionListType(
            specification_version=[SPECIFICATION_VERSION]
        ),
        device_information=NodeManagementDetailedDiscoveryDeviceInformationType(
            description=_device_description(device)
        ),
        entity_information=entities,
        feature_information=features,
    )


def _device_description(device: LocalDevice) -> NetworkManagementDeviceDescriptionDataType:
    return NetworkManagementDeviceDescriptionDataType(
        device_address=DeviceAddressType(device=device.address),
        device_type=device.type,
        network_feature_set="smart",
    )


def _entity_information(entity: LocalEntity, change: str | None = None) -> EntityInformation:
    return EntityInformation(
        description=NetworkManagementEntityDescriptionDataType(
            entity_address=EntityAddressType(entity=list(entity.path)),
            entity_type=entity.type,
            last_state_change=change,
        )
    )


def _features(entity: LocalEntity) -> list[LocalFeature]:
    return [entity.features[number] for number in sorted(entity.features)]


def _feature_information(feature: LocalFeature) -> FeatureInformation:
    functions = [
        FunctionPropertyType(function=name, possible_operations=_possible_operations(operations))
        for name, operations in feature.operations.items()
    ]
    if feature.role == "special":
        functions = [
            FunctionPropertyType(
                function=name,
                possible_operations=PossibleOperationsType(read=PossibleOperationsReadType()),
            )
            for name in READABLE
        ] + [
            FunctionPropertyType(function=name, possible_operations=PossibleOperationsType())
            for name in CALLS
        ]
    return FeatureInformation(
        description=NetworkManagementFeatureDescriptionDataType(
            feature_address=FeatureAddressType(entity=list(feature.entity), feature=feature.number),
            feature_type=feature.type,
            role=feature.role,
            supported_function=functions or None,
        )
    )


def _possible_operations(operations: Operations) -> PossibleOperationsType:
    return PossibleOperationsType(
        read=PossibleOperationsReadType() if operations.read else None,
        write=PossibleOperationsWriteType(
            partial=ElementTag() if operations.write_partial else None
        )
        if operations.write
        else None,
    )


# --- the peer's side ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TopologyChange:
    """Entities that came and went through one discovery message."""

    added: list[RemoteEntity] = field(default_factory=list)
    removed: list[RemoteEntity] = field(default_factory=list)


def apply_discovery(
    device: RemoteDevice, data: NodeManagementDetailedDiscoveryDataType, *, partial: bool
) -> TopologyChange:
    """Takes over a discovery reply or notify; a message without partial filter is the complete picture (7.1).

    Raises ``DatagramError`` and takes over nothing where the peer claims to be another device than before.
    """
    _apply_device(device, data)
    change = TopologyChange()
    features = _features_by_entity(data.feature_information or ())
    mentioned: set[EntityPath] = set()
    for description, path in _described(data.entity_information or ()):
        if description.last_state_change == "removed":
            if path != DEVICE_INFORMATION:
                _remove(device, path, change)
            continue
        mentioned.add(path)
        if len(device.entities) < MAX_ENTITIES or path in device.entities:
            _place(device, path, description, features.get(path), change, partial=partial)
    # Some devices leave the filter out: without entity 0 it cannot be the complete picture.
    if not partial and DEVICE_INFORMATION in mentioned and len(mentioned) > 1:
        for path in sorted(set(device.entities) - mentioned, reverse=True):
            _remove(device, path, change)
    return change


def _described(
    stated: Iterable[EntityInformation],
) -> Iterable[tuple[NetworkManagementEntityDescriptionDataType, EntityPath]]:
    for information in stated:
        description = information.description
        path = _path(description.entity_address) if description is not None else None
        if description is not None and path is not None:
            yield description, path


def apply_use_cases(
    device: RemoteDevice, data: NodeManagementUseCaseDataType, *, partial: bool
) -> bool:
    """Takes over a use case message; without partial filter it replaces everything. True if something changed."""
    announced = tuple(dict.fromkeys(_announced(data.use_case_information or ())))
    if partial:
        named = {(u.entity, u.actor) for u in announced}
        kept = tuple(u for u in device.use_cases if (u.entity, u.actor) not in named)
        announced = kept + announced
    announced = announced[:MAX_USE_CASES]
    changed = announced != device.use_cases or not device.use_cases_known
    device.use_cases = announced
    device.use_cases_known = True
    return changed


def _apply_device(device: RemoteDevice, data: NodeManagementDetailedDiscoveryDataType) -> None:
    information = data.device_information
    description = information.description if information is not None else None
    if description is not None:
        stated = description.device_address
        _apply_address(device, stated.device if stated is not None else None)
        device.type = description.device_type or device.type
        device.feature_set = description.network_feature_set or device.feature_set
    versions = data.specification_version_list
    if versions is not None and versions.specification_version:
        device.specification_versions = tuple(versions.specification_version)


def _apply_address(device: RemoteDevice, stated: str | None) -> None:
    """Addresses of peers are opaque texts; what a peer is called does not change on a connection (PS 4.2)."""
    if not stated or stated == device.address:
        return
    if device.address is not None:
        raise DatagramError(REJECTED, f"{device.address} claims to be another device now")
    if len(stated) > MAX_ADDRESS or not stated.isprintable():
        raise DatagramError(GENERAL, "the device address is no text of at most 256 characters")
    device.address = stated


def _place(
    device: RemoteDevice,
    path: EntityPath,
    description: NetworkManagementEntityDescriptionDataType,
    features: dict[int, RemoteFeature] | None,
    change: TopologyChange,
    *,
    partial: bool,
) -> None:
    known = device.entities.get(path)
    entity = RemoteEntity(
        path,
        description.entity_type or (known.type if known is not None else ""),
        features or (known.features if known is not None else {}),
        description.label,
    )
    renewed = partial and description.last_state_change == "added"
    if known is not None:
        if not renewed and known.type == entity.type and _same_shape(known, entity):
            known.label = description.label or known.label
            return
        if renewed:
            _remove(device, path, change)
        else:
            change.removed.append(device.entities.pop(path))
        entity.features = {number: replace(f, data={}) for number, f in entity.features.items()}
    room = MAX_FEATURES - sum(len(other.features) for other in device.entities.values())
    entity.features = dict(islice(entity.features.items(), room))
    device.entities[path] = entity
    change.added.append(entity)


def _same_shape(known: RemoteEntity, stated: RemoteEntity) -> bool:
    """Whether a repeated announcement says nothing new, so that cached data may stay."""
    return known.features.keys() == stated.features.keys() and all(
        (before.type, before.role, before.operations) == (now.type, now.role, now.operations)
        for before, now in (
            (known.features[number], stated.features[number]) for number in known.features
        )
    )


def _remove(device: RemoteDevice, path: EntityPath, change: TopologyChange) -> None:
    """Takes an entity with all its descendants away, the deepest first."""
    for gone in sorted(device.entities, reverse=True):
        if gone[: len(path)] == path:
            change.removed.append(device.entities.pop(gone))


def _features_by_entity(
    stated: Iterable[FeatureInformation],
) -> dict[EntityPath, dict[int, RemoteFeature]]:
    found: dict[EntityPath, dict[int, RemoteFeature]] = {}
    for information in stated:
        description = information.description
        address = description.feature_address if description is not None else None
        path = _path(address)
        if description is None or address is None or path is None or address.feature is None:
            continue
        feature = RemoteFeature(
            path,
            address.feature,
            description.feature_type or "",
            description.role or "",
            _operations(description.supported_function or ()),
            parse_duration(description.max_response_delay)
            if description.max_response_delay
            else None,
        )
        found.setdefault(path, {})[address.feature] = feature
    return found


def _operations(stated: Iterable[FunctionPropertyType]) -> dict[str, Operations]:
    operations: dict[str, Operations] = {}
    for stated_function in stated:
        if not stated_function.function:
            continue
        possible = stated_function.possible_operations
        read = possible.read if possible is not None else None
        write = possible.write if possible is not None else None
        operations[stated_function.function] = Operations(
            read=read is not None,
            read_partial=read is not None and read.partial is not None,
            write=write is not None,
            write_partial=write is not None and write.partial is not None,
        )
    return operations


def _path(address: EntityAddressType | FeatureAddressType | None) -> EntityPath | None:
    return tuple(address.entity) if address is not None and address.entity else None


def _announced(stated: Iterable[UseCaseInformationDataType]) -> Iterable[AnnouncedUseCase]:
    for information in stated:
        for support in information.use_case_support or ():
            if information.actor and support.use_case_name:
                yield AnnouncedUseCase(
                    information.actor,
                    support.use_case_name,
                    support.use_case_version,
                    tuple(support.scenario_support or ()),
                    _path(information.address),
                    support.use_case_available,
                )
