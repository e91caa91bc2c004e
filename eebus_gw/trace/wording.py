"""How a message reads: its title in the words of the standard, its data in short."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.redaction import SECRET_MEMBERS
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Datagram
from eebus_gw.spine.error_numbers import MEANINGS
from eebus_gw.wire.fold import WireError, members_of, scalar_of


def datagram_title(datagram: Datagram) -> str:
    """Classifier and functions, with the kind of filter; of a result what it means."""
    what = ", ".join(map(_command, datagram.commands)) or "nothing"
    return f"{datagram.header.classifier or 'no classifier'} {what}"


def content_text(datagram: Datagram) -> str:
    """Members and numbers of the data, entries separated by semicolons; without secrets."""
    return "; ".join(filter(None, map(_content, datagram.commands)))


def control_title(tree: Any) -> str:
    """A control message of SHIP with its members; without secrets."""
    try:
        members = members_of(tree)
        root = next(iter(members), "empty message")
        inner = members.get(root)
        content = members_of(inner) if isinstance(inner, list | dict) else {}
    except WireError:
        return "unreadable control message"
    shown = (
        f"{name}={_brief(value)}" for name, value in content.items() if name not in SECRET_MEMBERS
    )
    return " ".join([root, *shown])


def address_text(address: FeatureAddress) -> str:
    """``1.2:3`` for feature 3 of entity 1.2."""
    entity = ".".join(map(str, address.entity))
    feature = "" if address.feature is None else f":{address.feature}"
    return f"{entity}{feature}"


def _command(command: Command) -> str:
    if command.function == "resultData":
        return _result(command)
    name = command.function or "no function"
    try:
        kinds = ["delete" if one.delete else "partial" for one in command.filters]
    except DatagramError:
        kinds = ["unreadable filter"]
    return f"{name} ({', '.join(kinds)})" if kinds else name


def _content(command: Command) -> str:
    if command.raw is None or command.function == "resultData":
        return ""
    try:
        return _short(command.raw)
    except WireError:
        return "unreadable"


def _short(value: Any) -> str:
    """A tree in short; scaled numbers as numbers, secrets left out."""
    if not isinstance(value, list | dict):
        return str(value)
    if isinstance(value, list) and not all(
        isinstance(one, dict) and len(one) == 1 for one in value
    ):
        separator = "; " if any(isinstance(one, list | dict) for one in value) else "."
        return separator.join(map(_short, value))
    members = members_of(value)
    if "number" in members and members.keys() <= {"number", "scale"}:
        return _scaled(members)
    return " ".join(
        _member(name, _short(inner))
        for name, inner in members.items()
        if name not in SECRET_MEMBERS
    )


def _member(name: str, content: str) -> str:
    if not content:
        return name
    return f"{name}({content})" if "=" in content or " " in content else f"{name}={content}"


def _scaled(members: Mapping[str, Any]) -> str:
    try:
        return str(float(Decimal(members["number"]).scaleb(members.get("scale") or 0)))
    except (ArithmeticError, TypeError, ValueError):
        return f"{members['number']}e{members.get('scale')}"


def _result(command: Command) -> str:
    try:
        members = members_of(command.raw)
        number = scalar_of(members, "errorNumber", int) or 0
    except WireError:
        return "unreadable result"
    text = members.get("description")
    meaning = "ok" if number == 0 else f"error {number}: {MEANINGS.get(number, 'unknown')}"
    return f"{meaning} ({text})" if text else meaning


def _brief(value: Any) -> str:
    if isinstance(value, list | dict):
        try:
            return "/".join(_brief(part) for part in members_of(value).values()) or "yes"
        except WireError:
            return ",".join(map(str, value))
    return str(value)
