"""A bench for one connection, and the texts of SHIP messages typed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eebus_gw.ship.connection import Connection, Limits, Role
from eebus_gw.ship.events import Closed, Event, PhaseChanged
from eebus_gw.ship.states import State

CMI = b"\x00\x00"
OWN_ID = "i:99999_u:GW-0001"

READY_60 = '{"connectionHello":[{"phase":"ready"},{"waiting":60000}]}'
READY_120 = '{"connectionHello":[{"phase":"ready"},{"waiting":120000}]}'
READY_240 = '{"connectionHello":[{"phase":"ready"},{"waiting":240000}]}'
READY_BARE = '{"connectionHello":[{"phase":"ready"}]}'
PENDING_60 = '{"connectionHello":[{"phase":"pending"},{"waiting":60000}]}'
PENDING_120 = '{"connectionHello":[{"phase":"pending"},{"waiting":120000}]}'
PENDING_240 = '{"connectionHello":[{"phase":"pending"},{"waiting":240000}]}'
PENDING_BARE = '{"connectionHello":[{"phase":"pending"}]}'
PROLONG = '{"connectionHello":[{"phase":"pending"},{"prolongationRequest":true}]}'
NO_PROLONG = '{"connectionHello":[{"phase":"pending"},{"prolongationRequest":false}]}'
ABORTED = '{"connectionHello":[{"phase":"aborted"}]}'


def handshake(kind: str, major: int | str = 1, minor: int = 0, formats: str = '"JSON-UTF8"') -> str:
    return (
        f'{{"messageProtocolHandshake":[{{"handshakeType":"{kind}"}},'
        f'{{"version":[{{"major":{major}}},{{"minor":{minor}}}]}},'
        f'{{"formats":[{{"format":[{formats}]}}]}}]}}'
    )


ANNOUNCE = handshake("announceMax")
SELECT = handshake("select")
ERROR_1 = '{"messageProtocolHandshakeError":[{"error":1}]}'
ERROR_2 = '{"messageProtocolHandshakeError":[{"error":2}]}'
ERROR_3 = '{"messageProtocolHandshakeError":[{"error":3}]}'
PIN_NONE = '{"connectionPinState":[{"pinState":"none"}]}'
PIN_OK = '{"connectionPinState":[{"pinState":"pinOk"}]}'
PIN_OPTIONAL = '{"connectionPinState":[{"pinState":"optional"},{"inputPermission":"ok"}]}'
PIN_REQUIRED = '{"connectionPinState":[{"pinState":"required"},{"inputPermission":"ok"}]}'
PIN_BUSY = '{"connectionPinState":[{"pinState":"required"},{"inputPermission":"busy"}]}'
PIN_STRANGE = '{"connectionPinState":[{"pinState":"perhaps"}]}'
PIN_INPUT = '{"connectionPinInput":[{"pin":"4F09A1C2"}]}'
PIN_ERROR = '{"connectionPinError":[{"error":1}]}'
ASK_METHODS = '{"accessMethodsRequest":[]}'
OWN_METHODS = '{"accessMethods":[{"id":"i:99999_u:GW-0001"},{"dnsSd_mDns":[]}]}'
PEER_METHODS = '{"accessMethods":[{"id":"Peer-Wallbox-000001"}]}'
ANNOUNCE_CLOSE = (
    '{"connectionClose":[{"phase":"announce"},{"maxTime":2000},{"reason":"unspecific"}]}'
)
ANNOUNCE_REMOVED = (
    '{"connectionClose":[{"phase":"announce"},{"maxTime":2000},{"reason":"removedConnection"}]}'
)
CONFIRM = '{"connectionClose":[{"phase":"confirm"}]}'
DATA = '{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}'
FOREIGN_DATA = '{"data":[{"header":[{"protocolId":"ee9.9"}]},{"payload":{"datagram":[]}}]}'
STRANGE = '{"keyMaterialState":[{"updateCounter":3}]}'
PIN = "4F09A1C2"


def frame(text: str) -> bytes:
    """``text`` behind the type byte that belongs to its root."""
    kind = 2 if text.startswith('{"data"') else 3 if text.startswith('{"connectionClose"') else 1
    return bytes([kind]) + text.encode()


def wire_text(data: bytes) -> str | bytes:
    """The text of a frame we sent, after a look at its type byte; CMI stays bytes."""
    if data == CMI:
        return CMI
    text = data[1:].decode()
    assert data == frame(text), "wrong type byte"
    return text


class Bench:
    """One connection at a time of its own, and all it has sent and told."""

    def __init__(self, role: Role, **options: Any) -> None:
        self.now = 1000.0
        options.setdefault("trusted", True)
        self.connection = Connection(role=role, own_id=OWN_ID, now=self.now, **options)
        self.told: list[Event] = []
        self._sent: list[str | bytes] = []
        self._collect()

    def _collect(self) -> None:
        self._sent += map(wire_text, self.connection.to_send())
        while (event := self.connection.next_event()) is not None:
            self.told.append(event)

    def sent(self) -> list[str | bytes]:
        """What was sent since the last call."""
        sent, self._sent = self._sent, []
        return sent

    def events(self) -> list[Event]:
        """What was told since the last call, but for changes of phase."""
        told, self.told = self.told, []
        return [event for event in told if not isinstance(event, PhaseChanged)]

    def receive(self, *messages: str | bytes) -> Bench:
        for message in messages:
            data = frame(message) if isinstance(message, str) else message
            self.connection.receive(data, self.now)
            self._collect()
        return self

    def advance(self, seconds: float) -> Bench:
        """Lets time pass, stopping at every deadline as a driver does."""
        end = self.now + seconds
        while (at := self.connection.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self.connection.handle_timer(self.now)
            self._collect()
        self.now = end
        return self

    def do(self, command: Callable[[Connection, float], None]) -> Bench:
        command(self.connection, self.now)
        self._collect()
        return self

    @property
    def state(self) -> State:
        return self.connection.state

    @property
    def closed(self) -> Closed | None:
        last = self.told[-1] if self.told else None
        return last if isinstance(last, Closed) else None


def client(**options: Any) -> Bench:
    return Bench(Role.CLIENT, **options)


def server(**options: Any) -> Bench:
    return Bench(Role.SERVER, **options)


def unlimited() -> Limits:
    return Limits(messages_per_s=None)
