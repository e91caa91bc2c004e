"""Recorded SPINE dialogues, with our device in the place of either peer.

The other peer's frames are fed in at their recorded times. Only what differs by nature is translated: our address, the
numbers of our features, and the counters its answers refer to. Messages are compared by what they mean: features by
entity type, feature type and role.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from eebus_gw.spine import discovery
from eebus_gw.spine.datagram import Datagram, decode_datagram
from eebus_gw.spine.local import LocalDevice
from eebus_gw.spine.model.node_management import NodeManagementDetailedDiscoveryDataType
from eebus_gw.spine.remote import RemoteDevice
from tests.support.host import HostBench
from tests.support.wire import Place, Plain, Sent, plain, taken_apart

RECORDINGS = Path(__file__).parents[1] / "fixtures" / "wire"
CALLS = {
    "nodeManagementSubscriptionRequestCall": ("subscribe", "subscriptionRequest"),
    "nodeManagementBindingRequestCall": ("bind", "bindingRequest"),
}
BEGIN = 100.0


@dataclass(frozen=True)
class Frame:
    """One data frame of a recording."""

    at: float
    sender: str
    tree: Plain
    sent: Sent

    @property
    def datagram(self) -> Datagram:
        return decode_datagram(self.tree)


@dataclass(frozen=True)
class Dialogue:
    """The data exchange between two peers of a recording, from ``begins`` on."""

    recording: str
    client: str
    server: str
    begins: float = 0.0

    def frames(self) -> list[Frame]:
        return _frames(self)

    def device(self, peer: str) -> RecordedDevice:
        return _device(self, peer)


@cache
def _frames(dialogue: Dialogue) -> list[Frame]:
    pair = {dialogue.client, dialogue.server}
    found = []
    for text in (RECORDINGS / f"{dialogue.recording}.jsonl").read_text().splitlines():
        line: dict[str, Any] = json.loads(text)
        elsewhere = "to" in line and {line["from"], line["to"]} != pair
        if line.get("type") == 2 and line["t"] >= dialogue.begins and not elsewhere:
            tree = json.loads(line["text"])["data"][1]["payload"]
            found.append(Frame(line["t"] - dialogue.begins, line["from"], tree, taken_apart(tree)))
    return found


@dataclass
class RecordedDevice:
    """A peer of a recording: its address, and what stands behind its numbers."""

    address: str
    features: dict[Place, str] = field(default_factory=dict)
    entities: dict[tuple[int, ...], str] = field(default_factory=dict)

    def name(self, place: Place) -> str:
        """A feature in words, for instance ``EV.Measurement``."""
        return self.features.get(place, f"unknown {place}")


@cache
def _device(dialogue: Dialogue, peer: str) -> RecordedDevice:
    frames = [f for f in dialogue.frames() if f.sender == peer]
    found = RecordedDevice(frames[0].sent.source["device"])
    remote = RemoteDevice()
    for frame in frames:
        if frame.sent.function == discovery.DISCOVERY and frame.sent.classifier != "read":
            (command,) = frame.datagram.commands
            assert isinstance(command.data, NodeManagementDetailedDiscoveryDataType)
            partial = bool(command.filters)
            discovery.apply_discovery(remote, command.data, partial=partial)
            for path, entity in remote.entities.items():
                found.entities[path] = entity.type
                for number, feature in entity.features.items():
                    found.features[path, number] = _words(entity.type, feature.type, feature.role)
    return found


def named(device: LocalDevice) -> dict[Place, str]:
    """Our features in the same words."""
    return {
        (path, number): _words(entity.type, feature.type, feature.role)
        for path, entity in device.entities.items()
        for number, feature in entity.features.items()
    }


def _words(entity_type: str, feature_type: str, role: str) -> str:
    return f"{entity_type}.{feature_type}" + (" client" if role == "client" else "")


def place(stated: Plain) -> Place:
    return tuple(stated["entity"]), stated.get("feature")


def request_of(sent: Sent, names: dict[Place, str]) -> str | None:
    """A request in words, ``None`` for other messages; ``names`` are those of the device asked."""
    if sent.classifier == "call" and sent.function in CALLS:
        verb, member = CALLS[sent.function]
        target = place(sent.data[member]["serverAddress"])
        return f"{verb} {names.get(target, target)}"
    if sent.classifier in ("read", "write", "call"):
        target = place(sent.to)
        return f"{sent.classifier} {names.get(target, target)} {sent.function}"
    return None


class Replay:
    """Our host in the place of ``us``."""

    def __init__(self, dialogue: Dialogue, us: str, bench: HostBench) -> None:
        self.dialogue = dialogue
        self.us = us
        self.bench = bench
        self.peer = dialogue.server if us == dialogue.client else dialogue.client
        self.recorded_us = dialogue.device(us)
        self.recorded_peer = dialogue.device(self.peer)
        self.times: list[tuple[float, Sent]] = []
        self.answers: dict[int, list[Sent]] = defaultdict(list)
        """What we answered, by the counter of the peer."""
        self._asked = {
            f.sent.counter: request_of(f.sent, self.recorded_peer.features)
            for f in dialogue.frames()
            if f.sender == us
        }
        self._open: dict[str, list[int]] = defaultdict(list)
        self._known: set[str] = set()
        self._held: dict[str, list[Frame]] = defaultdict(list)

    def run(self, until: float = float("inf")) -> Replay:
        """Plays the recording up to a moment."""
        self.bench.start()
        self._note(list(self.bench.sent))
        for frame in self.dialogue.frames():
            if frame.at > until:
                break
            self._note(self.bench.advance(BEGIN + frame.at - self.bench.now))
            self.before(frame)
            if frame.sender != self.us:
                self._hear(frame)
            else:
                self.instead_of(frame)
            self._note(self.bench.drain())
        return self

    def before(self, frame: Frame) -> None:
        """What the test does before a frame is due."""

    def instead_of(self, frame: Frame) -> None:
        """What the test does when the recorded peer sent ``frame``."""

    def requests(self) -> list[str]:
        """What we asked for, in words."""
        names = self.recorded_peer.features
        return [r for _, s in self.times if (r := request_of(s, names)) is not None]

    def recorded_requests(self) -> list[str]:
        """What the recorded peer asked for."""
        return [request for request in self._asked.values() if request is not None]

    def _hear(self, frame: Frame) -> None:
        reference = frame.sent.reference
        asked = self._asked.get(reference) if reference is not None else None
        if asked is None:
            if frame.sent.function == discovery.DISCOVERY and frame.sent.filters:
                self._known.clear()
                self._held.clear()
            self._feed(frame, reference)
        elif self._open[asked]:
            self._known.add(asked)
            self._feed(frame, self._open[asked].pop(0))
        elif asked in self._known:
            self._feed(frame, 2**40)  # asked more often there than by us
        else:
            self._held[asked].append(frame)

    def _feed(self, frame: Frame, reference: int | None) -> None:
        said = self.bench.take(self._translated(frame, reference))
        self.answers[frame.sent.counter] += [s for s in said if s.reference == frame.sent.counter]
        self._note(said)

    def _note(self, said: list[Sent]) -> None:
        for sent in said:
            self.times.append((self.bench.now - BEGIN, sent))
            request = request_of(sent, self.recorded_peer.features)
            if request is None:
                continue
            if self._held[request]:
                self._known.add(request)
                self._feed(self._held[request].pop(0), sent.counter)
            else:
                self._open[request].append(sent.counter)

    # --- translation

    def _translated(self, frame: Frame, reference: int | None) -> Plain:
        places = self._places()
        tree = self.data(_mapped(frame.tree, lambda value: self._address(value, places)), frame)
        datagram = tree["datagram"]
        header = [
            {"msgCounterReference": reference} if "msgCounterReference" in member else member
            for member in datagram[0]["header"]
        ]
        return {"datagram": [{"header": header}, datagram[1]]}

    def data(self, tree: Plain, frame: Frame) -> Plain:
        """Lets a test translate identifiers of data."""
        return tree

    def _places(self) -> dict[Place, Place]:
        ours = {words: where for where, words in named(self.bench.device).items()}
        return {
            there: ours[words]
            for there, words in self.recorded_us.features.items()
            if words in ours
        }

    def _address(self, value: Any, places: dict[Place, Place]) -> Any:
        members = plain(value) if _is_address(value) else {}
        if members.get("device") != self.recorded_us.address:
            return value
        here = place(members) if "entity" in members else None
        if here is not None:
            here = places.get(here, ((99,), 99) if here[1] is not None else here)
        ours: list[Plain] = [{"device": self.bench.device.address}]
        if here is not None:
            ours.append({"entity": list(here[0])})
            if here[1] is not None:
                ours.append({"feature": here[1]})
        return ours


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(m, dict) and len(m) == 1 for m in value)
        and {name for member in value for name in member} <= {"device", "entity", "feature"}
        and "device" in value[0]
    )


def _mapped(value: Any, change: Any) -> Any:
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, dict):
        return {name: _mapped(member, change) for name, member in value.items()}
    if isinstance(value, list):
        return [_mapped(member, change) for member in value]
    return value
