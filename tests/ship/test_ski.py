"""SKI as text and from certificates, with the faults of real ones (SHIP 12.1, 12.2)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.ship.ski import claimed_ski, group_ski, is_p256, parse_ski, ski_of_certificate

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
BASIC_CONSTRAINTS = bytes.fromhex("0603551d13")
CRITICAL_TRUE = bytes.fromhex("0101ff")


@pytest.mark.parametrize(
    "text",
    [
        SKI,
        SKI.upper(),
        "7C1E 0B94 A2D3 5F68 017B E4C9 D2F0 6A81 B35E 7D40",
        "7c1e-0b94-a2d3-5f68-017b-e4c9-d2f0-6a81-b35e-7d40",
        ":".join(SKI[at : at + 2] for at in range(0, 40, 2)),
        f"  {SKI}\n",
    ],
)
def test_spellings(text: str) -> None:
    assert parse_ski(text) == SKI


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "this one has 0"),
        (SKI[:-1], "this one has 39"),
        (SKI + "0", "this one has 41"),
        (SKI[:-1] + "g", "has others"),
        ("i:99999_u:GW-0001", "has others"),
        ("\u0660" * 40, "has others"),
    ],
)
def test_what_is_no_ski(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_ski(text)


def test_groups_of_four() -> None:
    assert group_ski(SKI.upper()) == "7c1e 0b94 a2d3 5f68 017b e4c9 d2f0 6a81 b35e 7d40"
    assert parse_ski(group_ski(SKI)) == SKI


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    private: ec.EllipticCurvePrivateKey | None = None,
    claimed: bytes | None = None,
    *,
    extension: bool = True,
) -> bytes:
    private = private or key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(0x1234567890)
        .not_valid_before(at)
        .not_valid_after(at + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if extension:
        digest = bytes.fromhex(computed(private)) if claimed is None else claimed
        builder = builder.add_extension(x509.SubjectKeyIdentifier(digest), critical=False)
    signed = builder.sign(private, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def computed(private: ec.EllipticCurvePrivateKey) -> str:
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    digest = hashes.Hash(hashes.SHA1())
    digest.update(point)
    return digest.finalize().hex()


def test_ski_is_computed_from_the_key() -> None:
    der = certificate()
    assert ski_of_certificate(der) == claimed_ski(der) == computed(key())
    assert is_p256(der)


def test_sec_001_forged_extension_does_not_count() -> None:
    der = certificate(claimed=bytes(20))
    assert ski_of_certificate(der) == computed(key())
    assert claimed_ski(der) == "00" * 20


def test_extension_of_another_length_is_shown_as_it_is() -> None:
    assert claimed_ski(certificate(claimed=bytes(32))) == "00" * 32


def test_extension_may_be_absent() -> None:
    der = certificate(extension=False)
    assert claimed_ski(der) is None
    assert ski_of_certificate(der) == computed(key())


def test_other_curves_are_recognised() -> None:
    assert not is_p256(certificate(ec.generate_private_key(ec.SECP384R1())))


def malformed_value() -> bytes:
    """BasicConstraints with BOOLEAN TRUE as 01, as wallboxes of the first Elli generation send."""
    der = certificate()
    good = bytes.fromhex("30030101ff")
    assert der.count(good) == 1
    return der.replace(good, bytes.fromhex("3003010101"))


def malformed_critical() -> bytes:
    """The critical flag of BasicConstraints as 01."""
    der = certificate()
    good = BASIC_CONSTRAINTS + CRITICAL_TRUE
    assert der.count(good) == 1
    return der.replace(good, BASIC_CONSTRAINTS + bytes.fromhex("010101"))


@pytest.mark.parametrize("malformed", [malformed_value, malformed_critical])
def test_wrong_boolean_does_not_hide_the_ski(malformed: object) -> None:
    assert callable(malformed)
    der = malformed()
    with pytest.raises(ValueError):  # noqa: PT011  (the library's own words)
        _ = x509.load_der_x509_certificate(der).extensions
    assert ski_of_certificate(der) == claimed_ski(der) == computed(key())
    assert is_p256(der)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x85\x01\x01\x01\x01\x01",
        b"\x30\x02\x30\x00",
        b"\x30\x05\x30\x03\x02\x01\x01",
        b"\x31\x02\x30\x00",
        b"no certificate",
    ],
)
def test_what_is_no_certificate(der: bytes) -> None:
    for read in (ski_of_certificate, claimed_ski, is_p256):
        with pytest.raises(ValueError, match="no certificate"):
            read(der)


@cache
def stored() -> bytes:
    """The same bytes for a whole run: signatures differ in length."""
    return certificate()


@settings(deadline=None)
@given(st.data())
def test_walk_ends_with_a_value_or_with_valueerror(data: st.DataObject) -> None:
    der = bytearray(stored())
    for _ in range(data.draw(st.integers(1, 5))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(der[: data.draw(st.integers(0, len(der)))])
    for read in (ski_of_certificate, claimed_ski, is_p256):
        for tried in (bytes(der), cut):
            with suppress(ValueError):
                read(tried)


@settings(deadline=None)
@given(st.text())
def test_text_is_a_ski_or_refused(text: str) -> None:
    try:
        ski = parse_ski(text)
    except ValueError:
        return
    assert len(ski) == 40
    assert parse_ski(group_ski(ski)) == ski
