"""Calls to node management: a peer requests and deletes subscriptions and bindings (SPINE protocol 7.3, 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.error_numbers import OVERLOAD, REJECTED, UNKNOWN_DESTINATION, UNSUPPORTED
from eebus_gw.spine.events import RelationChanged
from eebus_gw.spine.local import DEVICE_INFORMATION, NODE_MANAGEMENT, LocalDevice, LocalFeature
from eebus_gw.spine.model.binding_management import BindingManagementEntryDataType
from eebus_gw.spine.model.common_data_types import FeatureAddressType
from eebus_gw.spine.model.node_management import (
    NodeManagementBindingDataType,
    NodeManagementBindingDeleteCallType,
    NodeManagementBindingRequestCallType,
    NodeManagementSubscriptionDataType,
    NodeManagementSubscriptionDeleteCallType,
    NodeManagementSubscriptionRequestCallType,
)
from eebus_gw.spine.model.subscription_management import SubscriptionManagementEntryDataType
from eebus_gw.spine.outgoing import Outgoing, RelationKey
from eebus_gw.spine.relations import MAX_RELATIONS_PER_PEER, Kind, Relation
from eebus_gw.spine.remote import GENERIC, EntityPath, RemoteDevice
from eebus_gw.wire.fold import Structure


class _Ends(NamedTuple):
    client: FeatureAddressType | None
    server: FeatureAddressType | None
    server_type: str | None = None
    number: int | None = None
    """The number of the relation in our table, if a deletion states it."""


class RelationCalls:
    """Carries out the calls of one peer against the registry of our device."""

    def __init__(
        self, device: LocalDevice, peer: str, remote: RemoteDevice, outgoing: Outgoing
    ) -> None:
        self._device = device
        self._peer = peer
        self._remote = remote
        self._outgoing = outgoing

    def apply(self, function: str, data: Structure | None) -> list[RelationChanged]:
        """Carries out one call; raises ``DatagramError`` with the number that refuses it."""
        match data:
            case NodeManagementSubscriptionRequestCallType(subscription_request=wanted) if wanted:
                ends = _Ends(
                    wanted.client_address, wanted.server_address, wanted.server_feature_type
                )
                return self._grant(Kind.SUBSCRIPTION, ends)
            case NodeManagementBindingRequestCallType(binding_request=wished) if wished:
                ends = _Ends(
                    wished.client_address, wished.server_address, wished.server_feature_type
                )
                return self._grant(Kind.BINDING, ends)
            case NodeManagementSubscriptionDeleteCallType(subscription_delete=old) if old:
                ends = _Ends(old.client_address, old.server_address, number=old.subscription_id)
                return self._delete(Kind.SUBSCRIPTION, ends)
            case NodeManagementBindingDeleteCallType(binding_delete=past) if past:
                ends = _Ends(past.client_address, past.server_address, number=past.binding_id)
                return self._delete(Kind.BINDING, ends)
        raise DatagramError(UNSUPPORTED, f"{function} is no call this device knows or is empty")

    def table(self, kind: Kind) -> Structure:
        """The entries of the registry in which the asking peer takes part (7.4.3)."""
        relations = self._device.relations.of_peer(kind, self._peer)
        if kind is Kind.SUBSCRIPTION:
            return NodeManagementSubscriptionDataType(
                subscription_entry=[
                    SubscriptionManagementEntryDataType(
                        subscription_id=relation.number,
                        client_address=relation.client.to_wire(),
                        server_address=relation.server.to_wire(),
                    )
                    for relation in relations
                ]
                or None
            )
        return NodeManagementBindingDataType(
            binding_entry=[
                BindingManagementEntryDataType(
                    binding_id=relation.number,
                    client_address=relation.client.to_wire(),
                    server_address=relation.server.to_wire(),
                )
                for relation in relations
            ]
            or None
        )

    def _grant(self, kind: Kind, ends: _Ends) -> list[RelationChanged]:
        client, feature = self._client(ends.client), self._server(ends.server)
        self._check_server(kind, feature, ends.server_type)
        server = FeatureAddress(self._device.address, feature.entity, feature.number)
        registry = self._device.relations
        if registry.find(kind, self._peer, client, server) is not None:
            return []
        if len(registry.of_peer(kind, self._peer)) >= MAX_RELATIONS_PER_PEER:
            raise DatagramError(OVERLOAD, f"too many {kind}s of one device")
        if kind is Kind.BINDING and registry.of_server(kind, server):
            raise DatagramError(
                REJECTED, f"{feature.type} is bound to another client", clause="UC-IG 3.3"
            )
        registry.add(kind, self._peer, client, server)
        return [RelationChanged(kind, True, feature, client)]

    def _client(self, address: FeatureAddressType | None) -> FeatureAddress:
        if address is None or not address.entity or address.feature is None:
            raise DatagramError(REJECTED, "the client address is incomplete", clause="SPINE 7.3")
        if address.device not in (None, self._remote.address) and self._remote.address:
            raise DatagramError(REJECTED, "the client is another device", clause="SPINE 7.3")
        path, number = tuple(address.entity), address.feature
        feature = self._remote.feature(path, number)
        if feature is None and self._remote.discovered:
            raise DatagramError(UNKNOWN_DESTINATION, "the client feature was never announced")
        if feature is not None and feature.role == "server":
            raise DatagramError(REJECTED, "a server feature cannot be the client of a relation")
        return FeatureAddress(self._remote.address or address.device, path, number)

    def _server(self, address: FeatureAddressType | None) -> LocalFeature:
        if address is None or not address.entity or address.feature is None:
            raise DatagramError(REJECTED, "the server address is incomplete", clause="SPINE 7.3")
        if address.device not in (None, self._device.address):
            raise DatagramError(REJECTED, "the server is another device", clause="SPINE 7.3")
        feature = self._device.feature(tuple(address.entity), address.feature)
        if feature is None:
            raise DatagramError(UNKNOWN_DESTINATION, "there is no such server feature here")
        return feature

    @staticmethod
    def _check_server(kind: Kind, feature: LocalFeature, stated_type: str | None) -> None:
        management = feature.entity == DEVICE_INFORMATION and feature.number == NODE_MANAGEMENT
        if management and kind is Kind.BINDING:
            raise DatagramError(REJECTED, "node management cannot be bound", clause="SPINE 7.3.1")
        if feature.role == "client":
            raise DatagramError(REJECTED, "the server address names a client feature")
        if stated_type and stated_type != feature.type and feature.type != GENERIC:
            raise DatagramError(REJECTED, f"the feature is a {feature.type}, not a {stated_type}")

    def _delete(self, kind: Kind, ends: _Ends) -> list[RelationChanged]:
        """A missing feature stands for all of an entity, a missing entity for all of a device (7.3.4)."""
        if self._we_are_client(kind, ends):
            self._outgoing.relations_ended(lambda key: _is_meant(kind, ends, key))
            return []
        gone = self._device.relations.remove(
            lambda r: (
                r.kind is kind
                and r.peer == self._peer
                and ends.number in (None, r.number)
                and _covers(ends.client, r.client.entity, r.client.feature)
                and _covers(ends.server, r.server.entity, r.server.feature)
            )
        )
        return list(filter(None, map(relation_ended(self._device), gone)))

    def _we_are_client(self, kind: Kind, ends: _Ends) -> bool:
        """Whose relation is meant; either side may end one, and either device may be left out (7.3.4)."""
        own, theirs = self._device.address, self._remote.address
        client, server = (end.device if end is not None else None for end in ends[:2])
        for stated in (client, server):
            if stated not in (None, own) and theirs is not None and stated != theirs:
                raise DatagramError(REJECTED, "the relation is another device's")
        if client is not None or server is not None:
            return client == own or server not in (None, own)
        # Without devices the receiver counts as client, but some peers mean their own relation.
        return any(_is_meant(kind, ends, key) for key in self._outgoing.relations)


def _is_meant(kind: Kind, ends: _Ends, key: RelationKey) -> bool:
    return (
        key.kind is kind
        and _covers(ends.client, key.client_entity, key.client_feature)
        and _covers(ends.server, key.server_entity, key.server_feature)
    )


def relation_ended(device: LocalDevice) -> Callable[[Relation], RelationChanged | None]:
    """Turns a relation that was removed into the event about it, unless the feature is gone as well."""

    def event(relation: Relation) -> RelationChanged | None:
        feature = device.feature(relation.server.entity, relation.server.feature)
        if feature is None:
            return None
        return RelationChanged(relation.kind, False, feature, relation.client)

    return event


def _covers(stated: FeatureAddressType | None, entity: EntityPath, feature: int | None) -> bool:
    if stated is None or not stated.entity:
        return True
    return tuple(stated.entity) == entity and stated.feature in (None, feature)
