"""Recorded handshakes of the Go stack, with our connection in the place of either peer.

The other peer's frames are fed in at their recorded times, and what our user would have done is
done when the recorded peer did it. What our side sends is compared with what the recorded peer
sent, message by message in order. Differences are listed below with the clause that makes them
ours; there must be no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.ship.connection import Connection, Role
from eebus_gw.ship.events import DataReceived, Established, PhaseChanged
from eebus_gw.ship.states import State
from tests.ship.support import CMI

RECORDINGS = Path(__file__).parents[1] / "fixtures" / "wire"


@dataclass(frozen=True)
class Line:
    at: float
    sender: str
    kind: int
    text: str

    @property
    def frame(self) -> bytes:
        return bytes([self.kind]) + self.text.encode()


@dataclass(frozen=True)
class Handshake:
    """One connection in a recording."""

    recording: str
    client: str
    server: str
    begins: float = 0.0
    """First moment that belongs to it."""

    def lines(self) -> list[Line]:
        pair = {self.client, self.server}
        found = []
        for text in (RECORDINGS / f"{self.recording}.jsonl").read_text().splitlines():
            raw: dict[str, Any] = json.loads(text)
            elsewhere = "to" in raw and {raw["from"], raw["to"]} != pair
            if "type" in raw and raw["t"] >= self.begins and not elsewhere:
                found.append(Line(raw["t"], raw["from"], raw["type"], raw["text"]))
        return found


HANDSHAKES = [
    Handshake("cem-evse-charging", client="cem", server="evse"),
    Handshake("evse-dials-cem", client="evse", server="cem"),
    Handshake("controlbox-evse-lpc-lpp", client="controlbox", server="evse"),
    Handshake("two-guards-one-evse", client="cem", server="evse"),
    Handshake("two-guards-one-evse", client="controlbox", server="evse"),
    Handshake("hello-pending-approved", client="evse", server="cem"),
    Handshake("hello-rejected", client="cem", server="evse"),
    Handshake("double-connection-1", client="cem", server="evse"),
    Handshake("double-connection-2", client="cem", server="evse"),
    Handshake("reconnect-after-close", client="cem", server="evse", begins=23.505),
    Handshake("testbench-simulated-load", client="testbench", server="sim"),
]

PROLONG = '{"connectionHello":[{"phase":"pending"},{"prolongationRequest":true}]}'
DIFFERENCES: dict[str, tuple[str, str]] = {
    '{"connectionHello":[{"phase":"ready"},{"waiting":60000}]}': (
        '{"connectionHello":[{"phase":"ready"},{"waiting":120000}]}',
        "SHIP 13.4.4.1.3: 60 to 240 s; with 60 s a peer that prolongs every 60 s races the timer",
    ),
    '{"connectionHello":[{"phase":"pending"},{"waiting":60000}]}': (
        '{"connectionHello":[{"phase":"pending"},{"waiting":120000}]}',
        "SHIP 13.4.4.1.3: the same",
    ),
    '{"accessMethods":[{"id":"ID"}]}': (
        '{"accessMethods":[{"id":"ID"},{"dnsSd_mDns":[]}]}',
        "SHIP 13.4.6: a node that announces itself by mDNS says so",
    ),
    '{"connectionClose":[{"phase":"announce"},{"maxTime":500},{"reason":"done"}]}': (
        '{"connectionClose":[{"phase":"announce"},{"maxTime":2000},{"reason":"unspecific"}]}',
        "SHIP 13.4.7: maxTime is the sender's choice, the reason one of two words",
    ),
    PROLONG: (
        "",
        "SHIP 13.4.4.1.3: we ask 15 s before the end of the time, the Go stack 30 s; by then the"
        " recorded user has approved",
    ),
}
"""What the recorded peer sent: what we send instead (nothing if empty), and why."""


class Replay:
    """Our connection in the place of ``us``."""

    def __init__(self, handshake: Handshake, us: str) -> None:
        self.us = us
        self.lines = handshake.lines()
        self.ours = [line for line in self.lines if line.sender == us]
        hellos = [line.text for line in self.ours if "connectionHello" in line.text]
        self.own_id = self._own_id()
        self.approves_at = self._approval()
        self.connection = Connection(
            role=Role.CLIENT if us == handshake.client else Role.SERVER,
            own_id=self.own_id,
            trusted='"ready"' in hellos[0],
            may_wait=not any('"aborted"' in hello for hello in hellos),
            now=self.lines[0].at,
        )
        self.sent: list[tuple[float, bytes]] = []
        self.told: list[Any] = []

    def _own_id(self) -> str:
        for line in self.ours:
            if line.text.startswith('{"accessMethods":'):
                return str(json.loads(line.text)["accessMethods"][0]["id"])
        return "unknown"

    def _approval(self) -> float | None:
        pending = False
        for line in self.ours:
            if '"connectionHello"' in line.text:
                if pending and '"ready"' in line.text:
                    return line.at
                pending = pending or '"pending"' in line.text
        return None

    def _collect(self, now: float) -> None:
        self.sent += [(now, frame) for frame in self.connection.to_send()]
        while (event := self.connection.next_event()) is not None:
            self.told.append(event)

    def _advance(self, until: float) -> None:
        while (at := self.connection.next_deadline()) is not None and at < until:
            self.connection.handle_timer(at)
            self._collect(at)

    def run(self) -> Replay:
        self._collect(self.lines[0].at)
        for line in self.lines:
            self._advance(line.at)
            if line.sender != self.us:
                self.connection.receive(line.frame, line.at)
            elif line.at == self.approves_at:
                self.connection.approve(line.at)
            elif '"announce"' in line.text:
                self.connection.close(line.at)
            self._collect(line.at)
        return self

    def control_sent(self) -> list[str]:
        return [frame[1:].decode() for _, frame in self.sent]

    def control_recorded(self) -> list[str]:
        return [line.text for line in self.ours if line.kind != 2]


GRANTED = (
    '{"connectionHello":[{"phase":"ready"},{"waiting":209998}]}',
    "SHIP 13.4.4.1.3: a request adds to what is left; the Go stack starts anew with its 60 s",
)
"""What the second `ready` of the one recording with a prolongation is on our side."""


def expected(recorded: list[str], own_id: str) -> list[str]:
    """What we have to send in the place of a peer that sent ``recorded``."""
    ours = []
    for at, text in enumerate(recorded):
        pattern = text.replace(f'"id":"{own_id}"', '"id":"ID"')
        if '"ready"' in text and any('"ready"' in earlier for earlier in recorded[:at]):
            ours.append(GRANTED[0])
        else:
            mine, _ = DIFFERENCES.get(pattern, (text, ""))
            ours.append(mine.replace('"ID"', f'"{own_id}"'))
    return [text for text in ours if text]


BOTH = [
    pytest.param(handshake, us, id=f"{handshake.recording}-as-{us}")
    for handshake in HANDSHAKES
    for us in (handshake.client, handshake.server)
]


@pytest.mark.parametrize(("handshake", "us"), BOTH)
def test_we_say_what_the_recorded_peer_said(handshake: Handshake, us: str) -> None:
    replay = Replay(handshake, us).run()
    recorded = expected(replay.control_recorded(), replay.own_id)
    sent = replay.control_sent()

    assert sorted(sent) == sorted(recorded)
    # The order of accessMethods and its request depends on which one the peer asked for first.
    in_order = [text for text in sent if "accessMethods" not in text]
    assert in_order == [text for text in recorded if "accessMethods" not in text]


@pytest.mark.parametrize(("handshake", "us"), BOTH)
def test_data_of_the_recorded_peer_arrives_whole_and_in_order(
    handshake: Handshake, us: str
) -> None:
    replay = Replay(handshake, us).run()
    payloads = [event.payload for event in replay.told if isinstance(event, DataReceived)]
    theirs = [line.text for line in replay.lines if line.sender != us and line.kind == 2]
    assert payloads == [json.loads(text)["data"][1]["payload"] for text in theirs]


@pytest.mark.parametrize(("handshake", "us"), BOTH)
def test_connection_gets_as_far_as_the_recorded_one(handshake: Handshake, us: str) -> None:
    replay = Replay(handshake, us).run()
    reached = [event.state for event in replay.told if isinstance(event, PhaseChanged)]
    if handshake.recording == "hello-rejected":
        assert State.ABORT in reached or State.REMOTE_ABORT_DONE in reached
        return
    assert Established() in replay.told
    assert State.COMPLETE in reached
    assert State.ERROR not in reached


def test_prolongation_request_comes_at_another_time() -> None:
    handshake = Handshake("hello-pending-approved", client="evse", server="cem")
    replay = Replay(handshake, "cem")
    replay.lines = [line for line in replay.lines if line.at < 30]
    replay.run()
    replay._advance(60)
    asked = [at for at, frame in replay.sent if frame[1:].decode() == PROLONG]
    # SHIP 13.4.4.1.3: waiting (60 s) minus the gap (15 s); the Go stack subtracts 30 s.
    assert asked == [pytest.approx(45.0012)]


def test_every_difference_occurs() -> None:
    seen = set()
    for handshake in HANDSHAKES:
        for us in (handshake.client, handshake.server):
            replay = Replay(handshake, us)
            seen |= {
                text.replace(f'"id":"{replay.own_id}"', '"id":"ID"')
                for text in replay.control_recorded()
            }
    assert DIFFERENCES.keys() <= seen


def test_recorded_cmi_is_ours() -> None:
    for handshake in HANDSHAKES:
        assert [line.frame for line in handshake.lines()[:2]] == [CMI, CMI]
