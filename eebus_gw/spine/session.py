"""SPINE on one connection: routes datagrams between a peer and our device (SPINE protocol 5).

The session knows who gets what, in which order; the checks of messages, merging, relations, requests, discovery and the
decision about writes are parts of their own. All state of the peer starts anew with each connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from eebus_gw.clock import Deadlines
from eebus_gw.errors import LONGEST_TEXT, DatagramError
from eebus_gw.spine import discovery, heartbeat
from eebus_gw.spine.calls import RelationCalls, relation_ended
from eebus_gw.spine.datagram import (
    Command,
    Datagram,
    Filter,
    Header,
    decode_datagram,
    encode_datagram,
)
from eebus_gw.spine.error_numbers import (
    GENERAL,
    NO_BINDING,
    TIMEOUT,
    UNKNOWN_DESTINATION,
    UNREACHABLE,
    UNSUPPORTED,
)
from eebus_gw.spine.events import (
    Answered,
    DataChanged,
    EntityAdded,
    EntityRemoved,
    Event,
    HeartbeatReceived,
    Mute,
    RelationChanged,
    Settled,
    Violation,
    WriteRequested,
)
from eebus_gw.spine.incoming import addressed_feature, check_header, command_of, wants_errors
from eebus_gw.spine.local import (
    DEVICE_INFORMATION,
    NODE_MANAGEMENT,
    Keys,
    LocalDevice,
    LocalEntity,
    LocalFeature,
)
from eebus_gw.spine.merge import merge
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.model.node_management import (
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementUseCaseDataType,
)
from eebus_gw.spine.notifications import Notifications
from eebus_gw.spine.outgoing import MANAGEMENT, Outgoing
from eebus_gw.spine.reading import Reading
from eebus_gw.spine.relations import Kind, Relation
from eebus_gw.spine.remote import RemoteDevice, RemoteEntity, RemoteFeature
from eebus_gw.spine.requests import Request
from eebus_gw.spine.silence import MUTE_AFTER_S, Silence
from eebus_gw.spine.writes import PendingWrite, Writes
from eebus_gw.wire.fold import Structure

QUIET_TIME_S = 0.05
"""Discovery and use case messages come in bursts; matching waits until they pause."""
USE_CASES_DEADLINE_S = 5.0
"""Some devices never answer the read of their use cases; what is known then has to do."""


class Session:
    """One peer on one connection; five verbs, and requests of the owner."""

    def __init__(self, device: LocalDevice, peer: str) -> None:
        self.device = device
        self.peer = peer
        self.remote = RemoteDevice()
        self.received = 0
        self.refused = 0
        """Results with an error number that the peer has sent."""
        self.sent = 0
        self._outgoing = Outgoing(device, self.remote)
        self._writes = Writes(device, peer)
        self._calls = RelationCalls(device, peer, self.remote, self._outgoing)
        self._reading = Reading(device, self._calls)
        self._notifications = Notifications(device)
        self._beats = heartbeat.Beats()
        self._deadlines = Deadlines()
        self._silence = Silence()
        self._events: deque[Event] = deque()

    @property
    def open(self) -> bool:
        """Whether it was started and not closed yet: requests are possible."""
        return self._outgoing.open

    # --- the five verbs ------------------------------------------------------------------------

    def receive(self, payload: object, now: float) -> None:
        """Takes the payload of one SHIP data message, ``{"datagram": …}``."""
        if not self._outgoing.open:
            return
        self.received += 1
        self._silence.heard(now, known=self.remote.discovered)
        try:
            datagram = decode_datagram(payload)
        except DatagramError as error:
            self._events.append(Violation(error))
            return
        header = datagram.header
        try:
            self._dispatch(datagram, now)
        except DatagramError as error:
            self._events.append(Violation(error))
            if wants_errors(header):
                self._outgoing.result(header, error.number, str(error))
        self._outgoing.send_waiting(now)

    def handle_timer(self, now: float) -> None:
        """Handles every deadline that passed."""
        if self._deadlines.due(now):
            self._settled()
        if self._silence.is_over(now):
            self._events.append(Mute(MUTE_AFTER_S))
        silent = self._outgoing.requests.handle_timer(now)
        for request in silent:
            self._events.append(Answered(request.token, TIMEOUT, "no answer in time"))
        others = any(r.command.function != discovery.DISCOVERY for r in silent)
        if others and self.remote.discovered and self._silence.begins(now):
            # Perhaps it does not answer this only: who it is, every device can tell.
            asked = self._outgoing.ask_management(discovery.DISCOVERY, now)
            self._outgoing.requests.hasten(asked)
        for pending in self._writes.expired(now):
            self._outgoing.result(pending.header, TIMEOUT, "not decided in time")
        self._outgoing.send_waiting(now)

    def next_deadline(self) -> float | None:
        """The earliest deadline of the session and its parts."""
        moments = (
            self._deadlines.earliest(),
            self._silence.next_deadline(),
            self._outgoing.requests.next_deadline(),
            self._writes.next_deadline(),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def to_send(self) -> list[dict[str, object]]:
        """Drains the payloads to send, notifies of collected changes last."""
        self._tell_changes()
        output = self._outgoing.drain()
        self.sent += len(output)
        return [encode_datagram(datagram) for datagram in output]

    def _tell_changes(self) -> None:
        for relation, command in self._notifications.drain():
            self._outgoing.send("notify", command, relation.server, relation.client)

    def next_event(self) -> Event | None:
        """Drains the events."""
        return self._events.popleft() if self._events else None

    # --- life cycle ----------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """SHIP is in data exchange: ask who the peer is (SPINE Annex D.3).

        Nothing of an earlier connection to the peer is remembered.
        """
        self.device.relations.remove(lambda relation: relation.peer == self.peer)
        self.device.sessions[self.peer] = self
        self._silence.begin(now)
        self._outgoing.open = True
        self._outgoing.ask_management(discovery.DISCOVERY, now)

    def close(self, now: float) -> None:
        """The connection is gone: relations, requests and undecided writes end with it."""
        for request in self._outgoing.close():
            self._events.append(Answered(request.token, UNREACHABLE, "the connection is gone"))
        self._writes.discard(lambda pending: True)
        self._notifications.clear()
        self._deadlines = Deadlines()
        self._silence.end()
        if self.device.sessions.get(self.peer) is self:
            del self.device.sessions[self.peer]
            self.device.relations.remove(lambda relation: relation.peer == self.peer)

    # --- requests of the owner -----------------------------------------------------------------

    def read(self, client: LocalFeature, feature: RemoteFeature, function: str, now: float) -> int:
        """Reads a function of the peer; the data arrives as ``DataChanged``, the end as ``Answered``."""
        source = (client.entity, client.number)
        return self._outgoing.ask("read", Command.empty(function), source, feature, now)

    def write(
        self,
        client: LocalFeature,
        feature: RemoteFeature,
        function: str,
        data: Structure,
        filters: Sequence[Filter],
        now: float,
    ) -> int:
        """Writes data of the peer; ``filters`` as in restricted function exchange, none for a full write.

        What changed before is told before: a limit needs the heartbeat that was given for it ([LPC-TS-036]).
        """
        self._tell_changes()
        source = (client.entity, client.number)
        command = Command.of(function, data, filters)
        return self._outgoing.ask("write", command, source, feature, now)

    def subscribe(self, client: LocalFeature, feature: RemoteFeature, now: float) -> int | None:
        """Subscribes once per connection; ``None`` if that was done before."""
        return self._outgoing.relate(Kind.SUBSCRIPTION, client, feature, now)

    def bind(self, client: LocalFeature, feature: RemoteFeature, now: float) -> int | None:
        """Binds once per connection; ``None`` if that was done before."""
        return self._outgoing.relate(Kind.BINDING, client, feature, now)

    def answer(self, token: int, error_number: int, text: str = "") -> None:
        """The owner's decision on a ``WriteRequested``: 0 accepts, else the SPINE error number to refuse with."""
        pending = self._writes.take(token)
        if pending is None:
            return
        if not error_number:
            try:
                self._writes.apply(pending)
            except DatagramError as error:
                error_number, text = error.number, str(error)
        # Changes are told after results (see ``to_send``), so the writer gets its answer first.
        if error_number or pending.header.ack_request:
            self._outgoing.result(pending.header, error_number, text)

    # --- changes of our device (spine.local.Subscriber) ------------------------------------------

    def data_changed(
        self, feature: LocalFeature, function: str, keys: Keys | None, relation: Relation
    ) -> None:
        """Collected until the next sending, so that changes of one function go out as one notify."""
        self._notifications.data_changed(function, keys, relation)

    def entity_changed(self, entity: LocalEntity, change: str, relation: Relation) -> None:
        data = discovery.describe_change(self.device, entity, change)
        command = Command.of(discovery.DISCOVERY, data, [Filter(partial=True)])
        self._outgoing.send("notify", command, relation.server, relation.client)

    def entity_gone(self, entity: LocalEntity) -> None:
        self._outgoing.relations_ended(lambda key: key.client_entity == entity.path)
        self._notifications.forget(entity)
        for orphan in self._writes.discard(lambda p: p.feature.entity == entity.path):
            self._outgoing.result(orphan.header, UNKNOWN_DESTINATION, "the entity was removed")

    def use_cases_changed(self, relation: Relation) -> None:
        command = Command.of(discovery.USE_CASES, discovery.describe_use_cases(self.device), ())
        self._outgoing.send("notify", command, relation.server, relation.client)

    # --- incoming ------------------------------------------------------------------------------

    def _dispatch(self, datagram: Datagram, now: float) -> None:
        header = datagram.header
        request = None
        if header.reference is not None and header.classifier in ("reply", "result"):
            request = self._outgoing.requests.take(header.reference)
        try:
            check_header(header, self.device, self.remote.address)
            self._handle(header, command_of(datagram), request, now)
        except DatagramError as error:
            if request is not None:
                self._events.append(Answered(request.token, error.number, str(error)))
            raise

    def _handle(
        self, header: Header, command: Command, request: Request | None, now: float
    ) -> None:
        match header.classifier:
            case "read":
                self._on_read(header, command, now)
            case "write":
                self._on_write(header, command, now)
            case "call":
                self._on_call(header, command)
            case "notify":
                self._on_notify(header, command, now)
            case "reply":
                self._on_data(header, command, now)
                self._acknowledge(header)
                if request is not None:
                    self._events.append(Answered(request.token, 0, ""))
            case "result":
                self._on_result(command, request)

    def _on_read(self, header: Header, command: Command, now: float) -> None:
        feature = addressed_feature(header, command, self.device)
        reply = Command.of(command.function, self._reading.answer(feature, command.function, now))
        self._outgoing.send(
            "reply", reply, header.destination, header.source, reference=header.counter
        )

    def _on_write(self, header: Header, command: Command, now: float) -> None:
        feature = addressed_feature(header, command, self.device)
        pending: PendingWrite = self._writes.check(header, feature, command, now)
        self._events.append(
            WriteRequested(
                pending.token,
                feature,
                command,
                pending.merged.data,
                pending.merged.touched,
                header.source,
                header.counter,
            )
        )

    def _on_call(self, header: Header, command: Command) -> None:
        feature = addressed_feature(header, command, self.device)
        if feature.role != "special":
            raise DatagramError(UNSUPPORTED, f"{feature.type} offers no calls")
        changes = self._calls.apply(command.function, command.data)
        self._acknowledge(header)
        for change in changes:
            self._relation_changed(change)

    def _relation_changed(self, change: RelationChanged) -> None:
        self._events.append(change)
        if change.kind == Kind.BINDING and not change.granted:
            for orphan in self._writes.discard(
                lambda p: p.feature is change.feature and p.header.source[1:] == change.client[1:]
            ):
                self._outgoing.result(orphan.header, NO_BINDING, "the binding was removed")
        if change.kind == Kind.SUBSCRIPTION and not change.granted:
            self._notifications.unsubscribed(change.feature, change.client)

    def _on_notify(self, header: Header, command: Command, now: float) -> None:
        try:
            self._on_data(header, command, now)
        except DatagramError:
            self._read_again(header, command.function, now)
            raise
        self._acknowledge(header)

    def _read_again(self, header: Header, function: str, now: float) -> None:
        """A change that could not be understood leaves our copy wrong until it is read in full."""
        feature = self.remote.feature(header.source.entity, header.source.feature)
        client = self.device.feature(header.destination.entity, header.destination.feature)
        if feature is not None and client is not None and function in feature.operations:
            self.read(client, feature, function, now)

    def _on_result(self, command: Command, request: Request | None) -> None:
        if command.function != "resultData":
            raise DatagramError(GENERAL, "a result without result data")
        number = getattr(command.data, "error_number", None) or 0
        text = (getattr(command.data, "description", None) or "")[:LONGEST_TEXT]
        self.refused += number != 0
        if request is None:
            return
        if number and request.classifier == "call":
            self._outgoing.relation_refused(request.token)
        if number == NO_BINDING:
            self._outgoing.binding_lost(request.target)
        if number and request.command.function == discovery.USE_CASES:
            self.remote.use_cases_known = True  # it has none; ``settle`` tells
        self._events.append(Answered(request.token, number, text))

    def _on_data(self, header: Header, command: Command, now: float) -> None:
        if not command.known:
            return
        match command.function:
            case discovery.DISCOVERY:
                self._on_discovery(command, now)
                return
            case discovery.USE_CASES:
                self._on_use_cases(command, now)
                return
        feature = self.remote.feature(header.source.entity, header.source.feature)
        if feature is None:
            return
        function = FUNCTIONS[command.function]
        current = feature.data.get(command.function)
        merged = merge(function, current, command.data, command.filters)
        self.remote.hold(feature, command.function, merged.data)
        if command.function == heartbeat.FUNCTION:
            if self._beats.counts(feature.entity, merged.data, header.classifier == "notify"):
                entity = self.remote.entities[feature.entity]
                timeout_s = heartbeat.announced_timeout_s(merged.data)
                self._events.append(HeartbeatReceived(entity, timeout_s))
        elif current is None or merged.changed or merged.removed:
            keys = merged.changed | merged.removed if function.is_list else None
            self._events.append(DataChanged(feature, command.function, keys))

    def _on_discovery(self, command: Command, now: float) -> None:
        data = command.data
        if not isinstance(data, NodeManagementDetailedDiscoveryDataType):
            return
        partial = any(part.partial for part in command.filters)
        change = discovery.apply_discovery(self.remote, data, partial=partial)
        for entity in change.removed:
            self._events.append(EntityRemoved(entity))
            self._forget(entity)
        for entity in change.added:
            self._events.append(EntityAdded(entity))
        if not self.remote.discovered and not partial and self.remote.entities:
            self.remote.discovered = True
            self._discovered(now)
        elif change.added or change.removed:
            self._await_quiet(now)

    def _discovered(self, now: float) -> None:
        """First answer of the peer: follow its changes, then ask for its use cases."""
        self._silence.end()
        known = self.remote.use_cases_known
        self._deadlines.set("settle", now + (QUIET_TIME_S if known else USE_CASES_DEADLINE_S))
        own = self.remote.feature(*MANAGEMENT)
        if own is not None:
            self._outgoing.management = own
        client = self.device.entities[DEVICE_INFORMATION].features[NODE_MANAGEMENT]
        self.subscribe(client, self._outgoing.management, now)
        self._outgoing.ask_management(discovery.USE_CASES, now)

    def _on_use_cases(self, command: Command, now: float) -> None:
        data = command.data
        if not isinstance(data, NodeManagementUseCaseDataType):
            return
        first = not self.remote.use_cases_known
        partial = any(part.partial for part in command.filters)
        if not discovery.apply_use_cases(self.remote, data, partial=partial):
            return
        if first and self.remote.discovered:
            self._settled()
        else:
            self._await_quiet(now)

    def _await_quiet(self, now: float) -> None:
        """What came may be part of a burst; before both halves are known there is nothing to match."""
        if self.remote.discovered and self.remote.use_cases_known:
            self._deadlines.set("settle", now + QUIET_TIME_S)

    def _settled(self) -> None:
        self._deadlines.clear("settle")
        self._outgoing.forget_refusals()
        self._events.append(Settled())

    def _forget(self, entity: RemoteEntity) -> None:
        """An entity of the peer is gone: relations to it ceased to exist."""
        for feature in entity.features.values():
            for request in self._outgoing.requests.forget(feature):
                gone = Answered(request.token, UNKNOWN_DESTINATION, "the entity is gone")
                self._events.append(gone)
        self._beats.forget(entity.path)
        self._outgoing.relations_ended(lambda key: key.server_entity == entity.path)
        ended = self.device.relations.remove(
            lambda r: r.peer == self.peer and r.client.entity == entity.path
        )
        for change in map(relation_ended(self.device), ended):
            if change is not None:
                self._relation_changed(change)

    def _acknowledge(self, header: Header) -> None:
        if header.ack_request:
            self._outgoing.result(header, 0)
