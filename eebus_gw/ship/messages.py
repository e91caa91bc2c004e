"""SHIP messages: the control messages as structures, the data message as a bare payload.

Reading is as tolerant as SHIP 11.4 and observed peers demand (arrays or objects, unknown members,
an error without its root) and strict where tolerance would hide a fault: numbers must be numbers
within their schema type, a member must not repeat.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, Field

from eebus_gw.wire.fold import ElementTag, Structure, WireError, decode, fold

PROTOCOL_ID = "ee1.0"


def _unsigned(bits: int) -> BeforeValidator:
    """A number of the schema's unsigned type with ``bits``: no text, no boolean, no other value."""

    def check(value: Any) -> Any:
        if value is None or (type(value) in (int, float) and 0 <= value < 2**bits):
            return value
        raise ValueError(f"an unsigned number of {bits} bits was expected")

    return BeforeValidator(check)


UnsignedByte = Annotated[int | None, _unsigned(8)]
UnsignedShort = Annotated[int | None, _unsigned(16)]
UnsignedInt = Annotated[int | None, _unsigned(32)]


class ControlMessage(Structure):
    """Base of the messages with a root element of their own."""

    root: ClassVar[str]


class ConnectionHello(ControlMessage):
    """Whether a side is ready to talk (SHIP 13.4.4.1); ``waiting`` in milliseconds."""

    root = "connectionHello"
    phase: str | None = None
    waiting: UnsignedInt = None
    prolongation_request: bool | None = None


class Version(Structure):
    """A protocol version."""

    major: UnsignedShort = None
    minor: UnsignedShort = None


class Formats(Structure):
    """Names of message formats."""

    format: list[str] | None = None


class MessageProtocolHandshake(ControlMessage):
    """Proposal or choice of version and format (SHIP 13.4.4.2)."""

    root = "messageProtocolHandshake"
    handshake_type: str | None = None
    version: Version | None = None
    formats: Formats | None = None


class MessageProtocolHandshakeError(ControlMessage):
    """Why a protocol handshake failed: 1 timeout, 2 unexpected message, 3 selection mismatch."""

    root = "messageProtocolHandshakeError"
    error: UnsignedByte = None


class ConnectionPinState(ControlMessage):
    """Whether a side wants its PIN before it exchanges data (SHIP 13.4.4.3)."""

    root = "connectionPinState"
    pin_state: str | None = None
    input_permission: str | None = None


class ConnectionPinInput(ControlMessage):
    """The PIN of the receiving side."""

    root = "connectionPinInput"
    pin: str | None = Field(default=None, repr=False)


class ConnectionPinError(ControlMessage):
    """1: the PIN was wrong."""

    root = "connectionPinError"
    error: UnsignedByte = None


class AccessMethodsRequest(ElementTag):
    """Question for the SHIP ID and the ways to reach a node (SHIP 13.4.6)."""

    root: ClassVar[str] = "accessMethodsRequest"


class Dns(Structure):
    """A name that unicast DNS resolves."""

    uri: str | None = None


class AccessMethods(ControlMessage):
    """SHIP ID of a node and the ways to reach it."""

    root = "accessMethods"
    wire_names: ClassVar[dict[str, str]] = {"dns_sd_mdns": "dnsSd_mDns"}
    id: str | None = None
    dns_sd_mdns: ElementTag | None = None
    dns: Dns | None = None


class ConnectionClose(ControlMessage):
    """Announcement or confirmation of the end (SHIP 13.4.7); ``max_time`` in milliseconds."""

    root = "connectionClose"
    phase: str | None = None
    max_time: UnsignedInt = None
    reason: str | None = None


Message: TypeAlias = ControlMessage | AccessMethodsRequest

_MESSAGES: dict[str, type[Message]] = {
    message.root: message
    for message in (
        ConnectionHello,
        MessageProtocolHandshake,
        MessageProtocolHandshakeError,
        ConnectionPinState,
        ConnectionPinInput,
        ConnectionPinError,
        AccessMethodsRequest,
        AccessMethods,
        ConnectionClose,
    )
}


def read_message(tree: dict[str, Any]) -> Message | None:
    """The control message in ``tree``, ``None`` when its root is unknown.

    Raises ``WireError`` when the message is malformed.
    """
    for root, body in tree.items():
        if root in _MESSAGES:
            _refuse_repeats(body, root)
            return decode(body, _MESSAGES[root])
    if list(tree) == ["error"]:
        # The Go implementation sends its protocol handshake error without the root element.
        return decode(tree, MessageProtocolHandshakeError)
    return None


def write_message(message: Message) -> dict[str, Any]:
    """``message`` as the tree to send."""
    return {message.root: fold(message)}


def read_data(body: Any) -> tuple[str, dict[str, Any]]:
    """Protocol id and payload of a data message's ``body``; only the shell is looked at.

    Raises ``WireError`` when either is missing.
    """
    header = payload = None
    for part in body if type(body) is list else (body,):
        if type(part) is not dict:
            raise WireError("data: a structure was expected")
        header = part.get("header", header)
        payload = part.get("payload", payload)
    if type(payload) is list:
        payload = _merged(payload)
    if type(payload) is not dict or not payload:
        raise WireError("data: the payload is missing")
    if type(header) is list:
        header = _merged(header)
    protocol_id = header.get("protocolId") if type(header) is dict else None
    if type(protocol_id) is not str:
        raise WireError("data: the protocol id is missing")
    return protocol_id, payload


def write_data(payload: dict[str, Any]) -> dict[str, Any]:
    """The data message around ``payload``, whose root stays an object (SHIP 11.4)."""
    return {"data": [{"header": [{"protocolId": PROTOCOL_ID}]}, {"payload": payload}]}


def _merged(parts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        if type(part) is not dict:
            raise WireError("data: a structure was expected")
        merged |= part
    return merged


def _refuse_repeats(body: Any, name: str) -> None:
    """No SHIP message holds a list of structures, so a member that comes twice is a fault."""
    seen: set[str] = set()
    for part in body if type(body) is list else (body,):
        if type(part) is not dict:
            continue
        for member, value in part.items():
            if member in seen:
                raise WireError(f"{name}: {member} comes twice")
            seen.add(member)
            _refuse_repeats(value, f"{name}.{member}")
