"""The SKI, by which peers know each other: its text forms, and how a certificate yields it.

The SKI that counts is always the one computed from the public key; the extension in a certificate
is a claim to compare it with (SHIP §12.2). Certificates are read with a small walk over their DER
bytes, because wallboxes of the first Elli generation encode BOOLEAN TRUE as 01, which strict
readers refuse.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

SKI_DIGITS = 40

_SEPARATORS = re.compile(r"[\s\-:]+")
_SKI = re.compile(r"[0-9a-f]{40}", re.ASCII)

_INTEGER, _BIT_STRING, _OCTET_STRING, _OBJECT_ID, _SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_SUBJECT_KEY_IDENTIFIER = bytes.fromhex("551d0e")
_EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")
_SECP256R1 = bytes.fromhex("2a8648ce3d030107")
_FIELDS_BEFORE_KEY = 5
"""serialNumber, signature, issuer, validity, subject (RFC 5280 §4.1)."""


def parse_ski(text: str) -> str:
    """``text`` as 40 lower-case hexadecimal digits; blanks, hyphens and colons in it do not matter.

    Raises ``ValueError`` with a text for the user.
    """
    ski = _SEPARATORS.sub("", text).lower()
    if _SKI.fullmatch(ski):
        return ski
    if re.fullmatch(r"[0-9a-f]*", ski, re.ASCII):
        raise ValueError(f"a SKI has {SKI_DIGITS} hexadecimal digits, this one has {len(ski)}")
    raise ValueError(f"a SKI consists of {SKI_DIGITS} hexadecimal digits, this text has others")


def group_ski(ski: str) -> str:
    """``ski`` in groups of four, as on labels and in this program's output."""
    digits = parse_ski(ski)
    return " ".join(digits[at : at + 4] for at in range(0, SKI_DIGITS, 4))


def ski_of_certificate(der: bytes) -> str:
    """The SKI computed from the public key of the certificate ``der`` (SHA-1 of its bits).

    Raises ``ValueError`` when ``der`` is no certificate.
    """
    return hashlib.sha1(_key(der).bits, usedforsecurity=False).hexdigest()


def claimed_ski(der: bytes) -> str | None:
    """What the SubjectKeyIdentifier extension says, in hexadecimal digits of whatever number;
    ``None`` without the extension.

    Raises ``ValueError`` when ``der`` is no certificate.
    """
    for extension in _extensions(der):
        parts = list(_elements(extension))
        if parts and parts[0] == (_OBJECT_ID, _SUBJECT_KEY_IDENTIFIER):
            return _expect(_first(parts[-1].content), _OCTET_STRING).hex()
    return None


def is_p256(der: bytes) -> bool:
    """Whether the public key of the certificate lies on secp256r1, the curve SHIP §9.1 requires.

    Raises ``ValueError`` when ``der`` is no certificate.
    """
    return _key(der).algorithm == [(_OBJECT_ID, _EC_PUBLIC_KEY), (_OBJECT_ID, _SECP256R1)]


class _Element(NamedTuple):
    tag: int
    content: bytes


class _Key(NamedTuple):
    algorithm: list[_Element]
    bits: bytes


def _key(der: bytes) -> _Key:
    key = _certificate_fields(der)[_FIELDS_BEFORE_KEY]
    parts = list(_elements(_expect(key, _SEQUENCE)))
    if len(parts) != 2:
        raise ValueError("no certificate: malformed public key")
    bits = _expect(parts[1], _BIT_STRING)
    if len(bits) < 2:
        raise ValueError("no certificate: empty public key")
    # The first octet counts unused bits and is no part of the key (RFC 5280 §4.2.1.2).
    return _Key(list(_elements(_expect(parts[0], _SEQUENCE))), bits[1:])


def _extensions(der: bytes) -> Iterator[bytes]:
    for field in _certificate_fields(der)[_FIELDS_BEFORE_KEY + 1 :]:
        if field.tag == _EXTENSIONS:
            for extension in _elements(_expect(_first(field.content), _SEQUENCE)):
                yield _expect(extension, _SEQUENCE)


def _certificate_fields(der: bytes) -> list[_Element]:
    """The fields of the tbsCertificate from the serial number on."""
    certificate = _expect(_first(der), _SEQUENCE)
    fields = list(_elements(_expect(_first(certificate), _SEQUENCE)))
    if fields and fields[0].tag == _VERSION:
        del fields[0]
    if not fields or fields[0].tag != _INTEGER:
        raise ValueError("no certificate: the serial number is missing")
    if len(fields) <= _FIELDS_BEFORE_KEY:
        raise ValueError("no certificate: it ends before the public key")
    return fields


def _expect(element: _Element, tag: int) -> bytes:
    if element.tag != tag:
        raise ValueError(f"no certificate: tag {element.tag:#04x} instead of {tag:#04x}")
    return element.content


def _first(data: bytes) -> _Element:
    for element in _elements(data):
        return element
    raise ValueError("no certificate: an element is missing")


def _elements(data: bytes) -> Iterator[_Element]:
    """The elements in ``data`` one after the other; only single-byte tags and definite lengths
    exist in a certificate."""
    at = 0
    while at < len(data):
        header = data[at : at + 2]
        if len(header) < 2:
            raise ValueError("no certificate: it is cut off")
        tag, length = header
        at += 2
        if length >= 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4 or at + octets > len(data):
                raise ValueError("no certificate: malformed length")
            length = int.from_bytes(data[at : at + octets])
            at += octets
        if at + length > len(data):
            raise ValueError("no certificate: it is cut off")
        yield _Element(tag, data[at : at + length])
        at += length
