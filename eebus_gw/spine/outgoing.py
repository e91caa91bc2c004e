"""The sending half of a session: counters, requests with their deadlines, relations we asked for, results."""

from __future__ import annotations

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

_RelationKey = tuple[Kind, EntityPath, int, EntityPath, int]


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
        self._relations: dict[_RelationKey, int] = {}
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
        request, new = self.requests.new(classifier, command, source, target)
        if new:
            self.requests.queue(request)
            self.send_waiting(now)
        return request.token

    def ask_management(self, function: str, now: float) -> int:
        """Reads a function of the peer's node management."""
        return self.ask("read", Command.empty(function), MANAGEMENT, self.management, now)

    def relate(
        self, kind: Kind, client: LocalFeature, feature: RemoteFeature, now: float
    ) -> int | None:
        """Asks for a subscription or binding unless that was done on this connection already."""
        key = (kind, client.entity, client.number, feature.entity, feature.number)
        if key in self._relations:
            return None
        command = self._relation_request(kind, client, feature)
        token = self.ask("call", command, MANAGEMENT, self.management, now)
        self._relations[key] = token
        return token

    def relation_refused(self, token: int) -> None:
        """A refused relation may be asked for again once the peer's topology changed (IG 2.6.1)."""
        self._relations = {key: t for key, t in self._relations.items() if t != token}

    def forget_relations(
        self, *, client: EntityPath | None = None, server: EntityPath | None = None
    ) -> None:
        """Drops the relations of an entity of ours or of the peer that went away."""
        self._relations = {
            key: token
            for key, token in self._relations.items()
            if key[1] != client and key[3] != server
        }

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
        header = Header(
            specification_version=SPECIFICATION_VERSION,
            source=source._replace(device=self._device.address),
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
