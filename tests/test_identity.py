"""Own key and certificate (SHIP §9.1, §12.1, §12.2; reference §1.2)."""

from __future__ import annotations

import hashlib
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from eebus_gw.errors import IdentityError
from eebus_gw.identity import Identity, check_ship_id
from eebus_gw.ship.ski import claimed_ski, ski_of_certificate

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def stored(tmp_path: Path) -> Identity:
    identity = Identity.create(at=AT)
    identity.store(tmp_path)
    return identity


def test_certificate_has_what_peers_rely_on() -> None:
    identity = Identity.create(at=AT)
    certificate = identity.certificate
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert isinstance(identity.key.curve, ec.SECP256R1)
    assert certificate.version is x509.Version.v3
    assert certificate.subject == certificate.issuer
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.ca
    assert constraints.value.path_length is None
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    ski = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert not ski.critical
    assert len(ski.value.digest) == 20
    assert len(identity.certificate_der) < 1024
    certificate.verify_directly_issued_by(certificate)


def test_validity_begins_a_day_early_and_lasts_ten_years() -> None:
    identity = Identity.create(at=AT)
    assert identity.certificate.not_valid_before_utc == AT - timedelta(days=1)
    assert timedelta(days=3650) <= identity.expires - AT
    assert identity.expires < datetime(2038, 1, 19, tzinfo=UTC)


def test_ski_is_sha1_of_the_uncompressed_point() -> None:
    identity = Identity.create(at=AT)
    point = identity.key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    assert point[0] == 4
    assert len(point) == 65
    assert identity.ski == hashlib.sha1(point).hexdigest()
    assert ski_of_certificate(identity.certificate_der) == identity.ski
    assert claimed_ski(identity.certificate_der) == identity.ski


def test_fingerprint_is_upper_case_sha256_of_the_certificate() -> None:
    identity = Identity.create(at=AT)
    assert identity.fingerprint == hashlib.sha256(identity.certificate_der).hexdigest().upper()


def test_the_text_form_hides_the_key() -> None:
    text = repr(Identity.create(at=AT))
    assert "ski=" in text
    assert "key" not in text.replace("ski", "")


def test_store_and_load(tmp_path: Path, stored: Identity) -> None:
    loaded = Identity.load(tmp_path)
    assert loaded == stored or loaded.fingerprint == stored.fingerprint
    assert loaded.ski == stored.ski
    assert loaded.ship_id == stored.ship_id
    assert stat.S_IMODE((tmp_path / "node.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["node.crt", "node.key"]


def test_an_existing_key_is_never_replaced(tmp_path: Path, stored: Identity) -> None:
    with pytest.raises(IdentityError, match="never replaced"):
        Identity.create(at=AT).store(tmp_path)
    assert Identity.load(tmp_path).ski == stored.ski


def test_ship_id_is_kept_when_it_was_chosen(tmp_path: Path) -> None:
    Identity.create(ship_id="i:99999_u:GW-0001", at=AT).store(tmp_path)
    assert Identity.load(tmp_path).ship_id == "i:99999_u:GW-0001"
    assert Identity.renew(tmp_path, at=AT).ship_id == "i:99999_u:GW-0001"


def test_default_ship_ids_differ_and_do_not_show_the_ski() -> None:
    first, second = Identity.create(at=AT), Identity.create(at=AT)
    assert first.ship_id != second.ship_id
    assert first.ski[:12] not in first.ship_id


@pytest.mark.parametrize("text", ["", "  ", "a;b", "a\nb", " a", "ü" * 32])
def test_unusable_ship_ids_are_refused(text: str) -> None:
    with pytest.raises(IdentityError):
        check_ship_id(text)


def test_renewal_keeps_key_ski_and_ship_id(tmp_path: Path, stored: Identity) -> None:
    renewed = Identity.renew(tmp_path, at=AT + timedelta(days=400))
    assert (renewed.ski, renewed.ship_id) == (stored.ski, stored.ship_id)
    assert renewed.fingerprint != stored.fingerprint
    assert renewed.expires == stored.expires + timedelta(days=400)
    assert Identity.load(tmp_path).fingerprint == renewed.fingerprint
    assert stored.renewed(at=AT).ski == stored.ski


@pytest.mark.parametrize("content", [None, b"not a certificate"], ids=["lost", "damaged"])
def test_renewal_repairs_the_certificate(
    tmp_path: Path, stored: Identity, content: bytes | None
) -> None:
    path = tmp_path / "node.crt"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(IdentityError) as failed:
        Identity.load(tmp_path)
    assert "identity renew" in failed.value.hint
    assert Identity.renew(tmp_path, at=AT).ship_id == stored.ship_id
    assert Identity.load(tmp_path).ski == stored.ski


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_open_to_others_is_refused_with_the_command(
    tmp_path: Path, stored: Identity, mode: int
) -> None:
    (tmp_path / "node.key").chmod(mode)
    with pytest.raises(IdentityError, match=f"{mode:04o}") as failed:
        Identity.load(tmp_path)
    assert failed.value.hint == f"chmod 600 {tmp_path / 'node.key'}"


def test_a_missing_key_names_init(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="no key") as failed:
        Identity.load(tmp_path)
    assert "init" in failed.value.hint


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)],
    ids=["P-384", "RSA"],
)
def test_only_p256_keys_are_used(
    tmp_path: Path, stored: Identity, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    (tmp_path / "node.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(IdentityError, match="P-256"):
        Identity.load(tmp_path)


def test_a_key_in_the_traditional_form_is_read(tmp_path: Path, stored: Identity) -> None:
    (tmp_path / "node.key").write_bytes(
        stored.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    assert Identity.load(tmp_path).ski == stored.ski


def test_an_unreadable_key_is_never_replaced(tmp_path: Path, stored: Identity) -> None:
    (tmp_path / "node.key").write_bytes(b"garbage")
    with pytest.raises(IdentityError, match="no readable"):
        Identity.load(tmp_path)
    with pytest.raises(IdentityError):
        Identity.create(at=AT).store(tmp_path)
    assert (tmp_path / "node.key").read_bytes() == b"garbage"


def test_a_certificate_of_another_key_is_refused(tmp_path: Path, stored: Identity) -> None:
    (tmp_path / "node.crt").write_bytes(Identity.create(at=AT).certificate_pem())
    with pytest.raises(IdentityError, match="another key"):
        Identity.load(tmp_path)


@pytest.mark.parametrize("digest", [None, bytes(20)], ids=["absent", "different"])
def test_a_certificate_without_the_right_ski_names_both(
    tmp_path: Path, stored: Identity, digest: bytes | None
) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(stored.key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
    )
    if digest is not None:
        builder = builder.add_extension(x509.SubjectKeyIdentifier(digest), critical=False)
    certificate = builder.sign(stored.key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "node.crt").write_bytes(pem)
    with pytest.raises(IdentityError, match=stored.ski) as failed:
        Identity.load(tmp_path)
    assert (digest.hex() if digest else "(none)") in str(failed.value)
    assert "metering operator" in failed.value.hint


@pytest.mark.parametrize(
    ("days_left", "text"), [(366, None), (364, "expires on"), (0, "expired on"), (-10, "expired")]
)
def test_expiry_is_only_a_warning(days_left: int, text: str | None) -> None:
    identity = Identity.create(at=AT)
    warnings = identity.warnings(identity.expires - timedelta(days=days_left))
    assert (text is None and not warnings) or (text is not None and text in warnings[0])
