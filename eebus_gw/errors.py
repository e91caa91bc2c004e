"""The errors of eebus-gw.

    EebusError                      every error of ours; ``hint`` says what to do next
    ├─ ConfigError                  names file, key and value
    ├─ IdentityError                key or certificate missing, unreadable, wrong curve, readable by others
    ├─ StoreError                   a document cannot be read or written
    ├─ ProtocolError                ``clause`` names the rule of the standard
    │  ├─ LocalProtocolError        we asked for what the state forbids: a mistake of the caller
    │  └─ RemoteProtocolError       the peer broke a rule
    │     ├─ FrameError             below JSON: frame type, size, text
    │     ├─ HandshakeError         SHIP handshake
    │     └─ DatagramError          SPINE; ``number`` is the SPINE error number that answers it
    ├─ TransportError               ``phase`` says how far the connection got
    │  ├─ ConnectFailed
    │  └─ TlsFailed
    └─ RequestError                 one command to a peer
       ├─ Refused                   ``error_number`` and text of the peer's result
       ├─ TimedOut                  no answer within the response deadline
       ├─ NotConnected              the peer is away
       └─ NotReady                  the use case is not usable (yet)

Pure cores raise only ``LocalProtocolError``; a peer's mistake becomes an event that carries a ``RemoteProtocolError``.
"""

from __future__ import annotations

LONGEST_TEXT = 500
"""Characters that an error about a peer may have: it is logged, published, and sent back as description."""


class EebusError(Exception):
    """Base of every error of eebus-gw."""

    exit_code = 1

    def __init__(self, text: str, *, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class ConfigError(EebusError):
    """A configuration value is wrong; the text names its origin, key and value."""

    exit_code = 2


class IdentityError(EebusError):
    """This node's key or certificate cannot be used."""

    exit_code = 2


class StoreError(EebusError):
    """A document in the home directory cannot be read or written."""


class ProtocolError(EebusError):
    """A rule of SHIP or SPINE was broken."""

    def __init__(self, text: str, *, clause: str = "", hint: str = "") -> None:
        super().__init__(f"{text} ({clause})" if clause else text, hint=hint)
        self.clause = clause


class LocalProtocolError(ProtocolError):
    """The caller asked for what the present state forbids."""


class RemoteProtocolError(ProtocolError):
    """The peer broke a rule; the text repeats no more than the beginning of what it said."""

    def __init__(self, text: str, *, clause: str = "", hint: str = "") -> None:
        shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
        super().__init__(shown, clause=clause, hint=hint)


class FrameError(RemoteProtocolError):
    """A frame or its JSON text cannot be read."""


class HandshakeError(RemoteProtocolError):
    """The SHIP handshake failed."""


class DatagramError(RemoteProtocolError):
    """A SPINE datagram is refused with ``number`` (SPINE resource specification, Result)."""

    def __init__(self, number: int, text: str, *, clause: str = "", hint: str = "") -> None:
        super().__init__(text, clause=clause, hint=hint)
        self.number = number


class TransportError(EebusError):
    """TCP, TLS or WebSocket failed."""

    exit_code = 3

    def __init__(self, text: str, *, phase: str = "", hint: str = "") -> None:
        super().__init__(text, hint=hint)
        self.phase = phase


class ConnectFailed(TransportError):
    """No TCP connection could be made."""


class TlsFailed(TransportError):
    """The TLS handshake failed."""


class RequestError(EebusError):
    """A command to a peer did not succeed; ``reason`` is its reason code on MQTT (contract, reason codes)."""

    reason = "failed"


class Refused(RequestError):
    """The peer answered with a SPINE error number."""

    reason = "remote_error"

    def __init__(self, error_number: int, description: str = "", *, hint: str = "") -> None:
        text = f"the peer refused with SPINE error {error_number}"
        super().__init__(f"{text}: {description}" if description else text, hint=hint)
        self.error_number = error_number
        self.description = description


class TimedOut(RequestError):
    """No answer came within the response deadline."""

    exit_code = 5
    reason = "result_timeout"


class NotConnected(RequestError):
    """The peer is not connected."""

    exit_code = 3
    reason = "device_offline"


class NotReady(RequestError):
    """The use case is not usable with this peer, or not yet."""

    exit_code = 6
    reason = "usecase_unsupported"


class NotOffered(NotReady):
    """The peer has the use case, but not the part of it that is asked for."""

    reason = "scenario_unsupported"
