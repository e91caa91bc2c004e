"""The mDNS TXT record of `_ship._tcp`: what a node says about itself (SHIP 7.3.2, SRIP 2.2).

Reading keeps what can be used and lists what is wrong, so that a user learns why a node is not
offered; writing refuses what others would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eebus_gw.ship.ski import parse_ski

SERVICE_TYPE = "_ship._tcp.local."
DEFAULT_PATH = "/ship/"

_LONGEST_ID = 63
_LONGEST_VALUE = 32
_LONGEST_RECORD = 400
_VERSION = "1"
_KNOWN = frozenset(
    ("txtvers", "id", "path", "ski", "register", "ecc", "brand", "type", "model", "serial", "cat")
)

CATEGORIES: Mapping[int, str] = {
    1: "grid connection point hub",
    2: "energy management system",
    3: "e-mobility",
    4: "HVAC",
    5: "inverter",
    6: "domestic appliance",
    7: "metering device",
}
"""Device categories by number (SRIP table 1)."""


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """What a node announces; texts that are absent are empty."""

    ship_id: str
    ski: str
    """40 lower-case hexadecimal digits; empty when the record holds none: never connect then."""
    path: str = DEFAULT_PATH
    register: bool = False
    """Whether the node says that it trusts anybody at present; a hint, nothing more."""
    brand: str = ""
    type: str = ""
    model: str = ""
    serial: str = ""
    categories: tuple[int, ...] = ()
    more_curves: bool | None = None
    """Key `ecc`: whether the node knows other curves than secp256r1."""
    other: Mapping[str, str] = field(default_factory=dict)
    """Keys without a meaning here."""

    def properties(self) -> dict[str, str]:
        """Keys and values to announce, in order; brand, type, model and serial are cut to 32 bytes.

        Raises ``ValueError`` when a value cannot be announced.
        """
        values = {
            "txtvers": _VERSION,
            "id": self.ship_id,
            "path": self.path,
            "ski": parse_ski(self.ski),
            "register": _flag(self.register),
            "ecc": "" if self.more_curves is None else _flag(self.more_curves),
            "brand": cut(self.brand),
            "type": cut(self.type),
            "model": cut(self.model),
            "serial": cut(self.serial),
            "cat": ",".join(map(str, self.categories)),
        }
        values = {key: value for key, value in {**values, **self.other}.items() if value}
        for finding in _check_lengths(values):
            raise ValueError(finding)
        return values


class Reading(NamedTuple):
    """What was read of a TXT record."""

    record: ServiceRecord | None
    """``None`` when the record must be discarded."""
    findings: list[str]
    """What is wrong with it, for a user."""


def read_properties(properties: Mapping[Any, str | bytes | None]) -> Reading:
    """Reads a TXT record that a resolver has split into keys and values, text or bytes."""
    return read_pairs((_text(key), _text(value or "")) for key, value in properties.items())


def read_text(text: bytes) -> Reading:
    """Reads a TXT record as it is on the wire: character-strings with a length byte each."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        end = at + 1 + text[at]
        if end > len(text):
            return Reading(None, ["the TXT record is cut off"])
        key, _, value = text[at + 1 : end].partition(b"=")
        if key:
            pairs.append((_text(key), _text(value)))
        at = end
    return read_pairs(pairs)


def read_pairs(pairs: Iterable[tuple[str, str]]) -> Reading:
    """Reads keys and values in their order; keys are compared without regard to case."""
    findings: list[str] = []
    values: dict[str, str] = {}
    for key, value in pairs:
        name = key.lower()
        if name in values:
            findings.append(f"key {name} comes twice, the first one counts")
        else:
            values[name] = value
    version = values.get("txtvers")
    if version != _VERSION:
        stated = "is missing" if version is None else f"is {version!r}"
        return Reading(None, [*findings, f"txtvers {stated}, only 1 is known"])
    if not values.get("id"):
        return Reading(None, [*findings, "id is missing"])
    return Reading(_record(values, findings), findings)


def _record(values: Mapping[str, str], findings: list[str]) -> ServiceRecord:
    findings += _check_lengths(values)
    for key in ("ski", "register", "path"):
        if key not in values:
            findings.append(f"{key} is missing")
    return ServiceRecord(
        ship_id=values["id"],
        ski=_ski(values.get("ski"), findings),
        path=_path(values.get("path"), findings),
        register=_read_flag("register", values, findings) or False,
        brand=values.get("brand", ""),
        type=values.get("type", ""),
        model=values.get("model", ""),
        serial=values.get("serial", ""),
        categories=_categories(values.get("cat", ""), findings),
        more_curves=_read_flag("ecc", values, findings),
        other={key: value for key, value in values.items() if key not in _KNOWN},
    )


def cut(text: str, limit: int = _LONGEST_VALUE) -> str:
    """``text`` in at most ``limit`` bytes of UTF-8, cut between characters."""
    return text.encode()[:limit].decode(errors="ignore")


def _check_lengths(values: Mapping[str, str]) -> list[str]:
    limits = {"id": _LONGEST_ID} | dict.fromkeys(
        ("path", "brand", "type", "model", "serial"), _LONGEST_VALUE
    )
    sizes = {key: len(value.encode(errors="replace")) for key, value in values.items()}
    findings = [
        f"{key} has {sizes[key]} bytes, at most {limit} are allowed"
        for key, limit in limits.items()
        if sizes.get(key, 0) > limit
    ]
    total = sum(2 + len(key.encode(errors="replace")) + size for key, size in sizes.items())
    if total > _LONGEST_RECORD:
        findings.append(f"the record has {total} bytes, at most {_LONGEST_RECORD} are allowed")
    return findings


def _ski(text: str | None, findings: list[str]) -> str:
    if text is None:
        return ""
    try:
        return parse_ski(text)
    except ValueError as error:
        findings.append(f"ski: {error}")
        return ""


def _path(text: str | None, findings: list[str]) -> str:
    if text is None:
        return DEFAULT_PATH
    if "/" not in text:
        findings.append("path holds no /")
    return text if text.startswith("/") else f"/{text}"


def _read_flag(key: str, values: Mapping[str, str], findings: list[str]) -> bool | None:
    value = values.get(key)
    if value is not None and value not in ("true", "false"):
        findings.append(f"{key} is {value!r}, only true and false are allowed")
    return None if value is None else value == "true"


def _categories(text: str, findings: list[str]) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in filter(None, text.split(",")):
        number = int(part) if re.fullmatch(r"[0-9]{1,3}", part) else 0
        if number in CATEGORIES:
            numbers.append(number)
        else:
            findings.append(f"cat: {part!r} is no known category")
    return tuple(numbers)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")
