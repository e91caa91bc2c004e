"""Readable datagrams in wire form, and a session at the other end of them.

``plain`` structures are dicts and lists as people write them; ``wire`` turns them into EEBUS JSON (SHIP 11.4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eebus_gw.spine.events import Event
from eebus_gw.spine.local import LocalDevice, LocalEntity, LocalFeature
from eebus_gw.spine.session import Session
from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import members_of

OWN = "d:_n:gateway_1"
PEER = "d:_i:4711_Box-1"
MANAGEMENT = ((0,), 0)
Place = tuple[tuple[int, ...], int | None]
Plain = dict[str, Any]

EMPTY: Plain = {}


def wire(value: Any) -> Any:
    """Plain JSON as EEBUS JSON: every object becomes a list of objects with one member."""
    if isinstance(value, dict):
        return [{name: wire(member)} for name, member in value.items()]
    if isinstance(value, list | tuple):
        return [wire(member) for member in value]
    return value


def plain(tree: Any) -> Any:
    """EEBUS JSON as plain JSON, for looking at what was sent; an empty list stays one."""
    if isinstance(tree, list):
        if tree and all(isinstance(part, dict) and len(part) == 1 for part in tree):
            return {name: plain(value) for part in tree for name, value in part.items()}
        return [plain(part) for part in tree]
    if isinstance(tree, dict):
        return {name: plain(value) for name, value in tree.items()}
    return tree


def address(device: str | None, place: Place) -> Plain:
    """An address; the parts that are ``None`` are left out."""
    entity, feature = place
    stated: Plain = {"device": device, "entity": list(entity), "feature": feature}
    return {name: part for name, part in stated.items() if part is not None}


def payload(
    classifier: str | None,
    *commands: Plain,
    source: Place = MANAGEMENT,
    to: Place = MANAGEMENT,
    counter: int | None = 1,
    reference: int | None = None,
    ack: bool | None = None,
    device: str | None = PEER,
    to_device: str | None = OWN,
    version: str | None = "1.3.0",
) -> Plain:
    """A SHIP payload of the peer; ``None`` leaves a member out."""
    header: Plain = {
        "specificationVersion": version,
        "addressSource": address(device, source),
        "addressDestination": address(to_device, to),
        "msgCounter": counter,
        "msgCounterReference": reference,
        "cmdClassifier": classifier,
        "ackRequest": ack,
    }
    stated = {name: member for name, member in header.items() if member is not None}
    cmd = [wire(command) for command in commands]
    return {"datagram": [{"header": wire(stated)}, {"payload": [{"cmd": cmd}]}]}


def command(function: str, data: Any = EMPTY, *filters: Plain) -> Plain:
    """One command, stating its function as soon as there is a filter (SPINE 5.3.4.1)."""
    if not filters:
        return {function: data}
    return {"function": function, "filter": list(filters), function: data}


PARTIAL: Plain = {"cmdControl": {"partial": {}}}
DELETE: Plain = {"cmdControl": {"delete": {}}}


@dataclass(frozen=True)
class Sent:
    """One datagram of ours, taken apart."""

    classifier: str
    function: str
    data: Any
    source: Plain
    to: Plain
    counter: int
    reference: int | None
    ack: bool
    filters: Any
    version: str

    @property
    def error(self) -> int | None:
        """The number of a result."""
        return self.data.get("errorNumber") if self.classifier == "result" else None


def taken_apart(tree: Plain) -> Sent:
    """What a payload of ours says."""
    datagram = members_of(tree["datagram"])
    header = plain(datagram["header"])
    (stated,) = members_of(datagram["payload"])["cmd"]
    members = members_of(stated)
    (function,) = set(members) - {"function", "filter"}
    return Sent(
        header["cmdClassifier"],
        function,
        plain(members[function]),
        header["addressSource"],
        header["addressDestination"],
        header["msgCounter"],
        header.get("msgCounterReference"),
        header.get("ackRequest", False),
        [plain(each) for each in members.get("filter", [])],
        header["specificationVersion"],
    )


def discovery_of(
    entities: dict[tuple[int, ...], str],
    features: dict[Place, tuple[Any, ...]],
    *,
    device: str | None = PEER,
    changes: dict[tuple[int, ...], str] | None = None,
) -> Plain:
    """Detailed discovery data: entity types by path; features by place as (type, role, function → operations)."""
    listed = []
    for place, (kind, role, *functions) in features.items():
        description: Plain = {
            "featureAddress": address(None, place),
            "featureType": kind,
            "role": role,
        }
        if functions:
            description["supportedFunction"] = [
                {"function": name, "possibleOperations": _operations(letters)}
                for name, letters in functions[0].items()
            ]
        listed.append({"description": description})
    described = []
    for path, kind in entities.items():
        entity: Plain = {"entityAddress": {"entity": list(path)}, "entityType": kind}
        if path in (changes or {}):
            entity["lastStateChange"] = (changes or {})[path]
        described.append({"description": entity})
    about: Plain = {"deviceType": "ChargingStation", "networkFeatureSet": "smart"}
    if device is not None:
        about = {"deviceAddress": {"device": device}, **about}
    return {
        "specificationVersionList": {"specificationVersion": ["1.3.0"]},
        "deviceInformation": {"description": about},
        "entityInformation": described,
        "featureInformation": listed,
    }


def _operations(letters: str) -> Plain:
    """``r`` read, ``w`` write, ``p`` after one of them: partial."""
    found: Plain = {}
    for at, letter in enumerate(letters):
        if letter in "rw":
            partial = letters[at + 1 : at + 2] == "p"
            found["read" if letter == "r" else "write"] = {"partial": {}} if partial else {}
    return found


DIAGNOSIS = {"deviceDiagnosisHeartbeatData": "r", "deviceDiagnosisStateData": "r"}
CALLS = dict.fromkeys(
    (
        "nodeManagementSubscriptionRequestCall",
        "nodeManagementSubscriptionDeleteCall",
        "nodeManagementBindingRequestCall",
        "nodeManagementBindingDeleteCall",
    ),
    "",
)
READABLE = dict.fromkeys(
    (
        "nodeManagementDetailedDiscoveryData",
        "nodeManagementUseCaseData",
        "nodeManagementSubscriptionData",
        "nodeManagementBindingData",
    ),
    "r",
)
PEER_ENTITIES: dict[tuple[int, ...], str] = {(0,): "DeviceInformation", (1,): "CEM"}
PEER_FEATURES: dict[Place, tuple[Any, ...]] = {
    ((0,), 0): ("NodeManagement", "special", {**READABLE, **CALLS}),
    ((1,), 1): ("DeviceDiagnosis", "server", DIAGNOSIS),
    ((1,), 2): ("LoadControl", "client"),
    ((1,), 3): ("Generic", "client"),
}
DISCOVERY = "nodeManagementDetailedDiscoveryData"
USE_CASES = "nodeManagementUseCaseData"


@dataclass
class Bench:
    """A session of ours with everything it says and tells; the peer is what the test sends."""

    device: LocalDevice = field(default_factory=lambda: LocalDevice(OWN, "EnergyManagementSystem"))
    ski: str = "peer"
    now: float = 100.0
    counter: int = 1000
    sent: list[Sent] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = Session(self.device, self.ski)

    def start(self) -> Bench:
        """Data exchange begins."""
        self.session.start(self.now)
        self.drain()
        return self

    def discovered(
        self,
        entities: dict[tuple[int, ...], str] | None = None,
        features: dict[Place, tuple[Any, ...]] | None = None,
        use_cases: Plain | None = None,
    ) -> Bench:
        """Starts, and lets the peer answer discovery and use cases; what that took is forgotten."""
        self.start()
        data = discovery_of(entities or PEER_ENTITIES, features or PEER_FEATURES)
        self.reply_to(self.sent[-1], data)
        self.reply_to(self.last("read"), use_cases or {"useCaseInformation": []})
        self.acknowledge_calls()
        self.forget()
        return self

    def acknowledge_calls(self) -> None:
        """The peer accepts every call so far."""
        for each in list(self.sent):
            if each.classifier == "call":
                self.answer(each, 0)

    def forget(self) -> None:
        """Nothing was sent or told so far."""
        self.drain()
        self.sent.clear()
        self.events.clear()

    def receive(self, classifier: str | None, *commands: Plain, **header: Any) -> list[Sent]:
        """Takes a message of the peer and returns what was said because of it."""
        if "counter" not in header:
            self.counter += 1
            header["counter"] = self.counter
        return self.take(payload(classifier, *commands, **header))

    def take(self, tree: Any) -> list[Sent]:
        """Takes a payload through the codec and returns what was said because of it."""
        self.session.receive(loads(dumps(tree)), self.now)
        return self.drain()

    def reply_to(self, request: Sent, data: Any, **header: Any) -> list[Sent]:
        """The peer answers a read."""
        return self.receive(
            "reply",
            command(request.function, data),
            source=_place(request.to),
            to=_place(request.source),
            reference=request.counter,
            **header,
        )

    def answer(self, request: Sent, number: int, **header: Any) -> list[Sent]:
        """The peer answers with a result."""
        return self.receive(
            "result",
            command("resultData", {"errorNumber": number}),
            source=_place(request.to),
            to=_place(request.source),
            reference=request.counter,
            **header,
        )

    def advance(self, seconds: float) -> list[Sent]:
        """Moves the clock, stopping at every deadline on the way."""
        target = self.now + seconds
        said: list[Sent] = []
        while (at := self.session.next_deadline()) is not None and at <= target:
            self.now = max(self.now, at)
            self.session.handle_timer(self.now)
            said += self.drain()
        self.now = target
        return said

    def drain(self) -> list[Sent]:
        """What was said since the last call."""
        said = [taken_apart(loads(dumps(tree))) for tree in self.session.to_send()]
        self.sent += said
        while (event := self.session.next_event()) is not None:
            self.events.append(event)
        return said

    def last(self, classifier: str, function: str | None = None) -> Sent:
        """The newest message of a kind."""
        return [
            each
            for each in self.sent
            if each.classifier == classifier and function in (None, each.function)
        ][-1]

    def of(self, kind: type[Event]) -> list[Any]:
        """The events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def relate(
        self, kind: str, client: Place, server: LocalFeature | Place, **stated: Any
    ) -> list[Sent]:
        """The peer asks for a ``subscription`` or ``binding``."""
        return self.receive("call", request(kind, client, server, **stated), ack=True)


def request(
    kind: str,
    client: Place,
    server: LocalFeature | Place,
    *,
    client_device: str | None = PEER,
    server_device: str | None = OWN,
    server_type: str | None = None,
) -> Plain:
    """The call that asks for a relation."""
    place = (server.entity, server.number) if isinstance(server, LocalFeature) else server
    body: Plain = {
        "clientAddress": address(client_device, client),
        "serverAddress": address(server_device, place),
    }
    if server_type is not None:
        body["serverFeatureType"] = server_type
    return {f"nodeManagement{kind.capitalize()}RequestCall": {f"{kind}Request": body}}


def deletion(kind: str, client: Plain | None, server: Plain | None, number: int = -1) -> Plain:
    """The call that ends relations; ``None`` leaves an address out."""
    body: Plain = {f"{kind}Id": number} if number >= 0 else {}
    if client is not None:
        body["clientAddress"] = client
    if server is not None:
        body["serverAddress"] = server
    return {f"nodeManagement{kind.capitalize()}DeleteCall": {f"{kind}Delete": body}}


def _place(stated: Plain) -> Place:
    return tuple(stated["entity"]), stated.get("feature")


def with_load_control(device: LocalDevice) -> tuple[LocalEntity, LocalFeature]:
    """An EVSE of ours with a writable list of limits."""
    entity = device.add_entity("EVSE")
    feature = entity.feature("LoadControl", "server")
    feature.allow("loadControlLimitListData", write=True)
    feature.allow("loadControlLimitDescriptionListData")
    return entity, feature
