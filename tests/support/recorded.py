"""Recorded devices as live peers: a node whose session answers from a recording, over real TLS and WebSocket."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eebus_gw.clock import SystemClock
from eebus_gw.identity import Identity
from eebus_gw.net.events import LinkDown, LinkUp, NetworkEvent
from eebus_gw.net.network import Network
from eebus_gw.net.options import NetworkOptions, Timing
from eebus_gw.roles.host import Host
from eebus_gw.sim.house import House, HouseOptions
from eebus_gw.sim.house_station import HouseStation
from eebus_gw.spine.discovery import describe_device, describe_use_cases
from eebus_gw.spine.local import LocalDevice
from eebus_gw.vocabulary.values import Manufacturer
from eebus_gw.wire.fold import Structure, fold
from tests.support.processes import LOOPBACK
from tests.support.wire import (
    DISCOVERY,
    PARTIAL,
    USE_CASES,
    Place,
    Plain,
    Sent,
    command,
    payload,
    plain,
)
from tests.support.wire import taken_apart as taken

DEVICES = Path(__file__).parents[3] / "shared" / "devices"
"""Where the recordings lie, beside the checkout."""
HEARTBEAT = "deviceDiagnosisHeartbeatData"
OK, UNSUPPORTED = 0, 6
"""SPINE error numbers."""

Data = Mapping[tuple[int, ...], Plain]
"""What a device has beyond its recording: entity → function → data."""


@dataclass
class Recording:
    """What a device answered when it was asked who it is and what it can do."""

    discovery: Plain
    use_cases: Plain | None

    @classmethod
    def of(cls, name: str) -> Recording:
        """The recording in the folder ``name``."""
        folder = DEVICES / name
        use_cases = folder / "usecase-data.json"
        return cls(
            _command(folder / "discovery-data.json")[DISCOVERY],
            _command(use_cases)[USE_CASES] if use_cases.is_file() else None,
        )

    @property
    def address(self) -> str:
        """The device's part of its addresses."""
        return str(self.discovery["deviceInformation"]["description"]["deviceAddress"]["device"])

    @property
    def version(self) -> str:
        """The specification version it states."""
        return str(self.discovery["specificationVersionList"]["specificationVersion"][0])

    @property
    def readable(self) -> dict[tuple[Place, str], bool]:
        """Its functions by place, and whether they can be read."""
        return {
            (_place(stated["featureAddress"]), each["function"]): "read"
            in each.get("possibleOperations", {})
            for feature in self.discovery["featureInformation"]
            for stated in [feature["description"]]
            for each in stated.get("supportedFunction", [])
        }

    @property
    def listener(self) -> Plain | None:
        """The client feature that may listen to heartbeats; ``None`` where it looks at nobody."""
        clients = [
            feature["description"]
            for feature in self.discovery["featureInformation"]
            if feature["description"]["role"] == "client"
            and feature["description"]["featureType"] in ("DeviceDiagnosis", "Generic")
        ]
        return {**clients[0]["featureAddress"], "device": self.address} if clients else None


class RecordedSession:
    """Answers reads with what was recorded or given, grants what it is called for, takes writes.

    A device with client features asks us who we are, and subscribes to the first heartbeat it finds.
    """

    def __init__(self, recording: Recording, data: Data, *, listens: bool = True) -> None:
        """``listens`` is whether it asks us for anything."""
        self.recording = recording
        self._listens = listens and recording.listener is not None
        self.data: dict[tuple[tuple[int, ...], str], Any] = {
            (entity, function): content
            for entity, functions in data.items()
            for function, content in functions.items()
        }
        self.heard: list[Sent] = []
        self.refusing: dict[str, int] = {}
        """Error numbers with which writes of a function are refused."""
        self.mute: set[str] = set()
        """Functions whose reads and writes are not answered."""
        self._readable = recording.readable
        self._out: deque[Plain] = deque()
        self._counters = itertools.count(1)
        self._partner: str | None = None

    # --- the five verbs

    def start(self, now: float) -> None:
        if self._listens:
            self._say("read", DISCOVERY, {})
            self._say("read", USE_CASES, {})

    def receive(self, message: object, now: float) -> None:
        assert isinstance(message, dict)
        heard = taken(message)
        self.heard.append(heard)
        self._partner = heard.source.get("device") or self._partner
        if heard.function in self.mute and heard.classifier in ("read", "write"):
            return
        match heard.classifier:
            case "read":
                self._read(heard)
            case "call" | "write":
                number = self._written(heard) if heard.classifier == "write" else OK
                if heard.ack:
                    self._answer(heard, "result", "resultData", {"errorNumber": number})
            case "reply" if heard.function == DISCOVERY:
                self._subscribe_heartbeat(heard.data)
                if heard.ack:
                    self._answer(heard, "result", "resultData", {"errorNumber": OK})

    def handle_timer(self, now: float) -> None:
        """Nothing is due here."""

    def next_deadline(self) -> None:
        return None

    def to_send(self) -> list[Plain]:
        said = list(self._out)
        self._out.clear()
        return said

    def next_event(self) -> None:
        return None

    def close(self, now: float) -> None:
        self._out.clear()

    # --- what a test does with it

    def notify(self, place: Place, function: str, data: Plain, *filters: Plain) -> None:
        """New data of one of its features."""
        self.data[place[0], function] = data
        self._put("notify", command(function, data, *filters), source=place)

    def asked(self, classifier: str, function: str) -> list[Sent]:
        """What came of one kind."""
        return [h for h in self.heard if (h.classifier, h.function) == (classifier, function)]

    # ---

    def _read(self, heard: Sent) -> None:
        place = _place(heard.to)
        if heard.function == DISCOVERY:
            self._answer(heard, "reply", DISCOVERY, self.recording.discovery)
        elif heard.function == USE_CASES and self.recording.use_cases is not None:
            self._answer(heard, "reply", USE_CASES, self.recording.use_cases)
        elif self._readable.get((place, heard.function)):
            data = self.data.get((place[0], heard.function), {})
            self._answer(heard, "reply", heard.function, data)
        else:
            self._answer(heard, "result", "resultData", {"errorNumber": UNSUPPORTED})

    def _written(self, heard: Sent) -> int:
        number = self.refusing.get(heard.function, OK)
        if number == OK:
            partial = (PARTIAL,) if heard.filters else ()
            told = command(heard.function, heard.data, *partial)
            self._put("notify", told, source=_place(heard.to))
        return number

    def _subscribe_heartbeat(self, discovery: Plain) -> None:
        """Asks for the first heartbeat of its partner."""
        for each in discovery["featureInformation"]:
            stated = each["description"]
            if (stated["featureType"], stated["role"]) == ("DeviceDiagnosis", "server"):
                client = self.recording.listener
                server = {"device": self._partner, **stated["featureAddress"]}
                body = {"clientAddress": client, "serverAddress": server}
                call = "nodeManagementSubscriptionRequestCall"
                self._say("call", call, {"subscriptionRequest": body}, ack=True)
                return

    def _answer(self, heard: Sent, classifier: str, function: str, data: Any) -> None:
        self._put(
            classifier,
            {function: data},
            source=_place(heard.to),
            to=_place(heard.source),
            reference=heard.counter,
        )

    def _say(self, classifier: str, function: str, data: Any, *, ack: bool | None = None) -> None:
        self._put(classifier, {function: data}, ack=ack)

    def _put(self, classifier: str, stated: Plain, **header: Any) -> None:
        self._out.append(
            payload(
                classifier,
                stated,
                counter=next(self._counters),
                device=self.recording.address,
                to_device=self._partner,
                version=self.recording.version,
                **header,
            )
        )


@dataclass
class RecordedDevice:
    """One recorded device on loopback; an asynchronous context manager."""

    name: str
    identity: Identity
    data: Data = field(default_factory=dict)
    recording: Recording | None = None
    """In place of the one in the folder ``name``."""
    listens: bool = True
    """Whether it looks at its partner and asks for heartbeats."""
    trusted: set[str] = field(default_factory=set)
    sessions: list[RecordedSession] = field(default_factory=list)
    """One for each connection so far."""
    events: list[NetworkEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        timing = Timing(backoff_scale=0.05, redial_gap=0.05, yield_to_peer=0.0, shutdown=1.0)
        self.network = Network(
            self.identity,
            trusts=self.trusted.__contains__,
            may_wait=lambda ski: False,
            make_session=self._session,
            on_event=self.events.append,
            clock=SystemClock(),
            random=lambda: 0.5,
            options=NetworkOptions(port=0, host=LOOPBACK, mdns=False, timing=timing),
            multicast=None,
            trace=lambda ski, way, frame, now: None,
        )

    async def __aenter__(self) -> RecordedDevice:
        await self.network.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.network.__aexit__(*error)

    @property
    def ski(self) -> str:
        return self.identity.ski

    @property
    def address(self) -> str:
        """Where it can be dialled."""
        return f"{LOOPBACK}:{self.network.port}"

    @property
    def session(self) -> RecordedSession:
        """Of the newest connection."""
        return self.sessions[-1]

    @property
    def ups(self) -> int:
        """How often a connection came up."""
        return sum(isinstance(event, LinkUp) for event in self.events)

    @property
    def downs(self) -> int:
        """How often one ended."""
        return sum(isinstance(event, LinkDown) for event in self.events)

    def flush(self) -> None:
        """Sends what a test made the session say."""
        for ski in self.trusted:
            self.network.wake(ski)

    def _session(self, ski: str) -> RecordedSession:
        recording = self.recording or Recording.of(self.name)
        self.sessions.append(RecordedSession(recording, self.data, listens=self.listens))
        return self.sessions[-1]


def _place(stated: Plain) -> Place:
    return tuple(stated["entity"]), stated.get("feature")


def _command(path: Path) -> Plain:
    message = json.loads(path.read_text())
    stated: Plain = message["data"]["payload"]["datagram"]["payload"]["cmd"][0]
    return stated


def simulated_house(options: HouseOptions | None = None) -> tuple[Recording, Data]:
    """The simulated house as it is at its start, for peers that shall behave otherwise."""
    device = LocalDevice("d:_i:99999_house", "Inverter")
    host = Host(device, Manufacturer(brand_name="a brand"), lambda: datetime.now(UTC))
    HouseStation(host, House(options, now=0.0), 0.0)
    data = {
        path: {
            function: _told(content)
            for feature in entity.features.values()
            for function, content in feature.data.items()
        }
        for path, entity in device.entities.items()
    }
    return Recording(_told(describe_device(device)), _told(describe_use_cases(device))), data


def _told(data: Structure) -> Plain:
    told: Plain = plain(fold(data))
    return told
