"""The QR code text of a SHIP node (SHIP 12.6, SRIP 3.1, SPS 12).

    SHIP;SKI:<40 hexadecimal digits>;ID:<SHIP ID>;…;ENDSHIP;

A value reaches to the next semicolon and may hold colons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from eebus_gw.ship.pin import parse_pin
from eebus_gw.ship.ski import group_ski, parse_ski

_START, _END = "SHIP", "ENDSHIP"
_KEY = re.compile(r"[A-Z0-9]+", re.ASCII)
_SECRET = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_PLAIN = {"ID": "ship_id", "BRAND": "brand", "TYPE": "type", "MODEL": "model", "SERIAL": "serial"}


@dataclass(frozen=True, slots=True)
class QrCode:
    """What a QR code says; texts that are absent are empty."""

    ski: str
    """40 lower-case hexadecimal digits."""
    ship_id: str = ""
    brand: str = ""
    type: str = ""
    model: str = ""
    serial: str = ""
    categories: tuple[int, ...] = ()
    nominal_power_w: tuple[int, int] | None = None
    """Highest production (zero or less) and highest consumption."""
    fingerprint: str = ""
    """SHA-256 of the certificate, 64 upper-case hexadecimal digits."""
    pin: str | None = field(default=None, repr=False)
    pairing_secret: str | None = field(default=None, repr=False)
    """Secret of the pairing service; whoever has it can make the node trust a control unit."""
    other: Mapping[str, str] = field(default_factory=dict)
    """Fields without a meaning here, kept for writing."""


def parse_qr(text: str) -> QrCode:
    """Reads the text of a QR code; unknown fields are kept, what follows `ENDSHIP` is not read.

    Raises ``ValueError`` with a text for the user, which never shows a secret.
    """
    start, *fields = text.strip().split(";")
    if start != _START:
        raise ValueError("this is no EEBUS QR code: it does not begin with SHIP;")
    return _code(_values(fields))


def format_qr(code: QrCode, *, secrets: bool = True) -> str:
    """The text to show as QR code; without ``secrets`` PIN and pairing secret are left out.

    Raises ``ValueError`` when a value holds a semicolon or a line break.
    """
    values = {"SKI": group_ski(code.ski).upper()}
    if secrets and code.pin is not None:
        values["PIN"] = _in_fours(code.pin)
    values |= {key: getattr(code, attribute) for key, attribute in _PLAIN.items()}
    values["CAT"] = ",".join(map(str, code.categories))
    if code.nominal_power_w is not None:
        values["NOMINALPOWER"] = ",".join(map(str, code.nominal_power_w))
    values["FPH256"] = code.fingerprint
    if secrets and code.pairing_secret is not None:
        values["SPSEC"] = code.pairing_secret.upper()
    values |= code.other
    fields = [f"{key}:{_checked(key, value)}" for key, value in values.items() if value]
    return ";".join([_START, *fields, _END, ""])


def _values(fields: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in fields:
        if part.strip() == _END:
            break
        key, colon, value = part.partition(":")
        if not colon or not _KEY.fullmatch(key.strip()):
            continue
        if values.setdefault(key.strip(), value) != value:
            raise ValueError(f"the QR code states {key.strip()} twice")
    return values


def _code(values: dict[str, str]) -> QrCode:
    ski = values.pop("SKI", None)
    if ski is None:
        raise ValueError("the QR code holds no SKI")
    pin = values.pop("PIN", None)
    secret = values.pop("SPSEC", None)
    plain = {attribute: values.pop(key, "").strip() for key, attribute in _PLAIN.items()}
    return QrCode(
        ski=parse_ski(ski),
        pin=None if pin is None else parse_pin(pin),
        pairing_secret=None if secret is None else _secret(secret),
        categories=_categories(values.pop("CAT", "")),
        nominal_power_w=_powers(values.pop("NOMINALPOWER", "")),
        fingerprint=_fingerprint(values.pop("FPH256", "")),
        other=values,
        **plain,
    )


def _secret(text: str) -> str:
    secret = text.strip().upper()
    if not _SECRET.fullmatch(secret):
        raise ValueError("SPSEC in the QR code has to be 32 hexadecimal digits")
    return secret


def _fingerprint(text: str) -> str:
    fingerprint = text.strip().upper()
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError("FPH256 in the QR code has to be 64 hexadecimal digits")
    return fingerprint


def _categories(text: str) -> tuple[int, ...]:
    parts = (part.strip() for part in text.split(","))
    return tuple(int(part) for part in parts if re.fullmatch(r"[0-9]{1,3}", part))


def _powers(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"\s*(-?\d{1,9})\s*,\s*(\d{1,9})\s*", text, re.ASCII)
    if match is None:
        return None
    production, consumption = map(int, match.groups())
    return (production, consumption) if production <= 0 else None


def _in_fours(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _checked(key: str, value: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a QR code")
    if any(character in ";\r\n" for character in value):
        raise ValueError(f"{key} cannot stand in a QR code: it holds a semicolon or a line break")
    return value
