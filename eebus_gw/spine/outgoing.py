"""The sending half of a session: counters, requests with their deadlines, relations we asked for, results."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Datagram, Header
from eebus_gw.spine.local import DEVICE_INFORMATION, NODE_MANAGEMENT, LocalDevice, LocalFeature
from eebus_gw.spine.model.binding_management import BindingManagementRequestCallType
from eebus_gw.spine.model.node_management import (
    NodeManagementBindingRequestCallType,
    NodeManagementSubscriptionRequestCallType,
)
from eebus_gw.spine.model.result import ResultDataType
from eebus_gw.spine.model.subscription_management import SubscriptionManagementRequestCallType
from eebus_gw.spine.relations import Kind
from eebus_gw.spine.remote import EntityPath, RemoteDevice, RemoteFeature
from eebus_gw.spine.requests import Request, Requests

SPECIFICATION_VERSION = "1.3.0"
MANAGEMENT = (DEVICE_INFORMATION, NODE_MANAGEMENT)


class RelationKey(NamedTuple):
    """A relation in which our feature ``client`` is the client of the peer's feature ``server``."""

    kind: Kind
    client_entity: EntityPath
    client_feature: int
    server_entity: EntityPath
    server_feature: int


class Outgoing:
    """What this device says on one connection."""

    def __init__(self, device: LocalDevice, remote: RemoteDevice) -> None:
        self.requests = Requests()
        self.management = RemoteFeature(
            DEVICE_INFORMATION, NODE_MANAGEMENT, "NodeManagement", "special"
        )
        self.open = False
        self._device = device
        self._remote = remote
        self._counter = 0
        self.relations: dict[RelationKey, int] = {}
        """What we asked for and were not refused, with the token of the request."""
        self._refused: set[RelationKey] = set()
        self._output: list[Datagram] = []

    def drain(self) -> list[Datagram]:
        """Everything that is ready to go out, in order."""
        output, self._output = self._output, []
        return output

    def ask(
        self,
        classifier: str,
        command: Command,
        source: tuple[EntityPath, int],
        target: RemoteFeature,
        now: float,
    ) -> int:
        """Sends a request, or shares an identical unanswered one; returns its token."""
        if not self.open:
            raise LocalProtocolError("the session was not started or is closed")
        request = self.requests.new(classifier, command, source, target)
        self.send_waiting(now)
        return request.token

    def ask_management(self, function: str, now: float) -> int:
        """Reads a function of the peer's node management."""
        return self.ask("read", Command.empty(function), MANAGEMENT, self.management, now)

    def relate(
        self, kind: Kind, client: LocalFeature, feature: RemoteFeature, now: float
    ) -> int | None:
        """Asks for a subscription or binding unless that was done on this connection already."""
        key = RelationKey(kind, client.entity, client.number, feature.entity, feature.number)
        if key in self.relations or key in self._refused:
            return None
        command = self._relation_request(kind, client, feature)
        token = self.ask("call", command, MANAGEMENT, self.management, now)
        self.relations[key] = token
        return token

    def relation_refused(self, token: int) -> None:
        """A refused relation is not asked for again until ``forget_refusals`` (IG 2.6.1)."""
        refused = {key for key, asked in self.relations.items() if asked == token}
        self._refused |= refused
        for key in refused:
            del self.relations[key]

    def binding_lost(self, feature: RemoteFeature) -> None:
        """The peer no longer knows of a binding it granted; it may be asked for again."""
        place = (feature.entity, feature.number)
        self.relations = {
            key: token
            for key, token in self.relations.items()
            if key.kind is not Kind.BINDING or key[3:] != place
        }

    def forget_refusals(self) -> None:
        """The topology or the use cases of the peer changed, which may change its mind."""
        self._refused.clear()

    def relations_ended(self, unwanted: Callable[[RelationKey], bool]) -> None:
        """Relations that are no more may be asked for again."""
        self.relations = {key: token for key, token in self.relations.items() if not unwanted(key)}
        self._refused = {key for key in self._refused if not unwanted(key)}

    def close(self) -> list[Request]:
        """The connection is gone: nothing more goes out; returns what was still unanswered."""
        self.open = False
        self.relations.clear()
        self._output.clear()
        return self.requests.clear()

    def send_waiting(self, now: float) -> None:
        """Sends queued requests as far as the number of outstanding ones permits."""
        while (request := self.requests.next_to_send()) is not None:
            self._send_request(request, now)

    def result(self, header: Header, number: int, text: str = "") -> None:
        """Answers a message with an error number; 0 acknowledges it."""
        if header.counter is None:
            return
        data = ResultDataType(error_number=number, description=text or None)
        command = Command.of("resultData", data, ())
        self.send("result", command, header.destination, header.source, reference=header.counter)

    def send(
        self,
        classifier: str,
        command: Command,
        source: FeatureAddress,
        destination: FeatureAddress,
        *,
        reference: int | None = None,
        ack: bool = False,
    ) -> int:
        """Queues one datagram and returns its counter."""
        self._counter += 1
        if destination.device is None:
            destination = destination._replace(device=self._remote.address)
        header = Header(
            specification_version=SPECIFICATION_VERSION,
            source=FeatureAddress(self._device.address, source.entity, source.feature),
            destination=destination,
            counter=self._counter,
            reference=reference,
            classifier=classifier,
            ack_request=ack,
        )
        self._output.append(Datagram(header, [command]))
        return self._counter

    def _send_request(self, request: Request, now: float) -> None:
        counter = self.send(
            request.classifier,
            request.command,
            FeatureAddress(self._device.address, *request.source),
            self._remote.address_of(request.target),
            ack=request.classifier != "read",
        )
        self.requests.sent(request, counter, now)

    def _relation_request(
        self, kind: Kind, client: LocalFeature, feature: RemoteFeature
    ) -> Command:
        ours = FeatureAddress(self._device.address, client.entity, client.number).to_wire()
        theirs = self._remote.address_of(feature).to_wire()
        if kind is Kind.SUBSCRIPTION:
            wanted = SubscriptionManagementRequestCallType(
                client_address=ours, server_address=theirs, server_feature_type=feature.type
            )
            call = NodeManagementSubscriptionRequestCallType(subscription_request=wanted)
            return Command.of("nodeManagementSubscriptionRequestCall", call, ())
        wished = BindingManagementRequestCallType(
            client_address=ours, server_address=theirs, server_feature_type=feature.type
        )
        binding = NodeManagementBindingRequestCallType(binding_request=wished)
        return Command.of("nodeManagementBindingRequestCall", binding, ())
