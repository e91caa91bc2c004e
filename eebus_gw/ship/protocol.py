"""Protocol handshake: both sides agree on version 1.0 and JSON in UTF-8 (SHIP 13.4.4.2)."""

from __future__ import annotations

from eebus_gw.ship import states
from eebus_gw.ship.core import Actions, Core
from eebus_gw.ship.messages import (
    Formats,
    MessageProtocolHandshake,
    MessageProtocolHandshakeError,
    Version,
)
from eebus_gw.ship.words import Action, Input

_A, _I = Action, Input

_FORMAT = "JSON-UTF8"
_VERSION = (1, 0)


def _handshake(kind: str) -> MessageProtocolHandshake:
    major, minor = _VERSION
    return MessageProtocolHandshake(
        handshake_type=kind,
        version=Version(major=major, minor=minor),
        formats=Formats(format=[_FORMAT]),
    )


class ProtocolHandshake:
    """The protocol handshake of one connection; both of its choices are constants."""

    __slots__ = ("_core",)

    def __init__(self, core: Core) -> None:
        self._core = core

    def judge(self, message: MessageProtocolHandshake) -> Input:
        """The input that ``message`` is."""
        version = message.version
        if version is None or version.major is None or version.minor is None:
            return _I.UNEXPECTED
        stated = (version.major, version.minor)
        formats = (message.formats and message.formats.format) or []
        match message.handshake_type:
            case "announceMax":
                # A node supports every version from 1.0 up to the one it announces.
                suitable = stated >= _VERSION and _FORMAT in formats
                return _I.PROTOCOL_ANNOUNCE if suitable else _I.ANNOUNCE_UNSUITABLE
            case "select":
                suitable = stated == _VERSION and formats == [_FORMAT]
                return _I.PROTOCOL_SELECT if suitable else _I.SELECT_UNSUITABLE
        return _I.UNEXPECTED

    def actions(self) -> Actions:
        """What this part does."""
        return {
            _A.SEND_ANNOUNCE: lambda now, _: self._core.send(_handshake("announceMax")),
            _A.SEND_SELECT: lambda now, _: self._core.send(_handshake("select")),
            _A.SEND_ERROR_TIMEOUT: lambda now, _: self._send_error(1),
            _A.SEND_ERROR_UNEXPECTED: lambda now, _: self._send_error(2),
            _A.SEND_ERROR_MISMATCH: lambda now, _: self._send_error(3),
            _A.START_PROTOCOL_TIMER: lambda now, _: self._core.arm(
                _I.PROTOCOL_TIMEOUT, now, states.PROTOCOL_TIMEOUT_S
            ),
        }

    def _send_error(self, number: int) -> None:
        self._core.send(MessageProtocolHandshakeError(error=number))
