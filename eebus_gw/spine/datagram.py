"""SPINE datagrams: header and commands (SPINE protocol 5.2, 5.3).

Decoding reads the header and finds out which function a command carries; payload and filters stay
as they came until somebody asks for them. Messages that are only routed or refused never pay for
their content, and a faulty content can be answered because header and function are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.error_numbers import GENERAL, REJECTED
from eebus_gw.spine.model.common_data_types import FeatureAddressType
from eebus_gw.spine.model.functions import FUNCTIONS, Function
from eebus_gw.wire.fold import (
    Structure,
    WireError,
    decode,
    entries_of,
    fold,
    members_of,
    scalar_of,
)

_NOT_DATA = frozenset(("function", "filter", "manufacturerSpecificExtension", "lastUpdateAt"))
_INTEGERS = {int}


@dataclass(slots=True)
class Header:
    """The header of one datagram."""

    source: FeatureAddress
    destination: FeatureAddress
    classifier: str | None
    counter: int | None = None
    reference: int | None = None
    ack_request: bool = False
    specification_version: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One option of the restricted function exchange (SPINE protocol 5.3.4)."""

    partial: bool = False
    delete: bool = False
    selectors: Sequence[Structure] = ()
    """Which entries are meant: the union of these; all when there are none."""
    elements: Structure | None = None
    """Which parts of them are meant."""


class Command:
    """One command: a function with its data and filters.

    ``data`` and ``filters`` of a received command are decoded when they are first read, which
    raises ``DatagramError`` for faulty content. ``function`` is empty when the command names none.
    """

    __slots__ = (
        "_data",
        "_filters",
        "ambiguous",
        "function",
        "raw",
        "raw_filters",
        "stated_function",
    )

    def __init__(
        self,
        function: str,
        stated_function: str | None = None,
        raw: Any = None,
        raw_filters: Any = None,
    ) -> None:
        self.function = function
        self.stated_function = stated_function
        """The function as the command itself states it, apart from its data."""
        self.raw = raw
        """The data as it came."""
        self.raw_filters = raw_filters
        self.ambiguous = False
        """Whether it carries the data of several functions, which no reading covers."""
        self._data: Structure | None = None
        self._filters: Sequence[Filter] | None = None

    @classmethod
    def of(cls, function: str, data: Structure | None, filters: Sequence[Filter] = ()) -> Command:
        """A command to send; it states its function where filters require that (5.3.4.1)."""
        command = cls(function, function if filters else None)
        command._data = data
        command._filters = tuple(filters)
        return command

    @classmethod
    def empty(cls, function: str) -> Command:
        """The command that reads a function in full: an empty instance of its data."""
        return cls.of(function, FUNCTIONS[function].data_type())

    def __repr__(self) -> str:
        return f"Command({self.function!r})"

    @property
    def known(self) -> bool:
        """Whether the function exists in SPINE 1.3.0."""
        return self.function in FUNCTIONS

    @property
    def data(self) -> Structure | None:
        """The payload; ``None`` when the command carries none or its function is unknown."""
        if self.ambiguous:
            raise DatagramError(GENERAL, "a command carries one function", clause="SPINE 5.3.2")
        if self._data is None and self.raw is not None and self.known:
            try:
                self._data = decode(self.raw, FUNCTIONS[self.function].data_type)
            except WireError as error:
                raise DatagramError(GENERAL, str(error)) from error
        return self._data

    @property
    def filters(self) -> Sequence[Filter]:
        """The filters, in the order stated."""
        if self._filters is None:
            self._filters = tuple(self._decoded_filters())
        return self._filters

    def _decoded_filters(self) -> Iterator[Filter]:
        if self.raw_filters is None:
            return
        function = FUNCTIONS.get(self.function)
        try:
            for raw in entries_of(self.raw_filters):
                yield _decode_filter(raw, function)
        except WireError as error:
            raise DatagramError(GENERAL, str(error)) from error


@dataclass(slots=True)
class Datagram:
    """A header with its commands; anything but one command is against SPINE protocol 5.3.2."""

    header: Header
    commands: list[Command] = field(default_factory=list)


def decode_datagram(tree: object) -> Datagram:
    """The datagram of a SHIP payload ``{"datagram": …}``.

    Raises ``DatagramError`` when there is no readable header with a source, so that nobody could be
    answered; faults of a command show when it is looked into.
    """
    try:
        datagram = members_of(members_of(tree).get("datagram"))
        header = _decode_header(datagram.get("header"))
        payload = datagram.get("payload")
        commands = [] if payload is None else entries_of(members_of(payload).get("cmd"))
        return Datagram(header, [_decode_command(raw) for raw in commands])
    except WireError as error:
        raise DatagramError(GENERAL, str(error)) from error


def encode_datagram(datagram: Datagram) -> dict[str, Any]:
    """The SHIP payload ``{"datagram": …}``, members in schema order."""
    commands = [_encode_command(command) for command in datagram.commands]
    return {
        "datagram": [
            {"header": _encode_header(datagram.header)},
            {"payload": [{"cmd": commands}]},
        ]
    }


def _decode_header(raw: Any) -> Header:
    members = members_of(raw)
    source = members.get("addressSource")
    if source is None:
        raise DatagramError(GENERAL, "the header names no source", clause="SPINE 5.2.2")
    return Header(
        source=_decode_address(source),
        destination=_decode_address(members.get("addressDestination") or []),
        classifier=scalar_of(members, "cmdClassifier", str),
        counter=scalar_of(members, "msgCounter", int),
        reference=scalar_of(members, "msgCounterReference", int),
        ack_request=scalar_of(members, "ackRequest", bool) is True,
        specification_version=scalar_of(members, "specificationVersion", str),
    )


def _decode_address(raw: Any) -> FeatureAddress:
    members = members_of(raw)
    entity = members.get("entity")
    if type(entity) is not list or {*map(type, entity)} != _INTEGERS:
        return FeatureAddress.of(decode(raw, FeatureAddressType))
    return FeatureAddress(
        scalar_of(members, "device", str), tuple(entity), scalar_of(members, "feature", int)
    )


def _decode_command(raw: Any) -> Command:
    members = members_of(raw)
    stated = members.get("function")
    stated = stated if isinstance(stated, str) else None
    carried = [
        name for name, value in members.items() if name not in _NOT_DATA and value is not None
    ]
    known = [name for name in carried if name in FUNCTIONS]
    function = (known or carried or [stated or ""])[0]
    command = Command(function, stated, members.get(function), members.get("filter"))
    command.ambiguous = len(known) > 1
    return command


def _decode_filter(raw: Any, function: Function | None) -> Filter:
    control: dict[str, Any] = {}
    selectors: list[Structure] = []
    elements: Structure | None = None
    for part in raw if type(raw) is list else (raw,):
        # A repeated member is a further choice of selectors (5.3.4.4), so none may get lost here.
        for name, value in members_of(part).items():
            if value is None:
                continue
            if name == "cmdControl":
                control = members_of(value)
            elif function is not None and name == function.selectors_name:
                selectors.append(_decode_part(value, function.selectors_type))
            elif function is not None and name == function.elements_name:
                elements = _decode_part(value, function.elements_type)
            elif name.endswith(("Selectors", "Elements")):
                raise DatagramError(
                    REJECTED, f"{name} does not belong to the function", clause="SPINE 5.3.4.1"
                )
    return Filter(
        control.get("partial") is not None,
        control.get("delete") is not None,
        tuple(selectors),
        elements,
    )


def _decode_part(raw: Any, cls: type[Structure] | None) -> Structure:
    if cls is None:
        raise DatagramError(REJECTED, "the function has no such filter", clause="SPINE 5.3.4.1")
    return decode(raw, cls)


def _encode_header(header: Header) -> list[dict[str, Any]]:
    members = (
        ("specificationVersion", header.specification_version),
        ("addressSource", _encode_address(header.source)),
        ("addressDestination", _encode_address(header.destination)),
        ("msgCounter", header.counter),
        ("msgCounterReference", header.reference),
        ("cmdClassifier", header.classifier),
        ("ackRequest", header.ack_request or None),
    )
    return [{name: value} for name, value in members if value is not None]


def _encode_address(address: FeatureAddress) -> list[dict[str, Any]]:
    members = (
        ("device", address.device),
        ("entity", list(address.entity) or None),
        ("feature", address.feature),
    )
    return [{name: value} for name, value in members if value is not None]


def _encode_command(command: Command) -> list[dict[str, Any]]:
    members: list[dict[str, Any]] = []
    if command.stated_function is not None:
        members.append({"function": command.stated_function})
    if command.filters:
        function = FUNCTIONS[command.function]
        members.append({"filter": [_encode_filter(each, function) for each in command.filters]})
    if command.data is not None:
        members.append({command.function: fold(command.data)})
    elif command.raw is not None:
        members.append({command.function: command.raw})
    return members


def _encode_filter(each: Filter, function: Function) -> list[dict[str, Any]]:
    control: list[dict[str, Any]] = []
    if each.delete:
        control.append({"delete": []})
    if each.partial:
        control.append({"partial": []})
    members: list[dict[str, Any]] = [{"cmdControl": control}]
    members += [{function.selectors_name: fold(selectors)} for selectors in each.selectors]
    if each.elements is not None:
        members.append({function.elements_name: fold(each.elements)})
    return members
