"""This node's own key and self-signed certificate (SHIP §9.1, §12.1, §12.2).

The key *is* the identity: peers trust the SKI computed from it. It is made once and never replaced;
a certificate may be renewed with the same key and keeps SKI and SHIP ID. The SHIP ID is stored as
the common name of the certificate, and its default follows from the key, so a lost certificate
loses neither.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from eebus_gw.atomic import write_atomically, write_once
from eebus_gw.errors import IdentityError
from eebus_gw.ship.qr import QrCode, format_qr

KEY_FILE = "node.key"
CERTIFICATE_FILE = "node.crt"

# Ten years stay below the year 2038, which peers with 32-bit clocks cannot pass.
VALIDITY = timedelta(days=3652)
# Peers without a clock believe in an earlier day.
BACKDATED = timedelta(days=1)
# A new certificate may need weeks until a metering operator has accepted it.
EXPIRY_WARNING = timedelta(days=365)
SHIP_ID_MAX_BYTES = 63


@dataclass(frozen=True, slots=True)
class Identity:
    """Key, certificate and what follows from them; the text form never shows the key."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    certificate_der: bytes = field(repr=False)
    ski: str
    """40 lower-case hex digits, computed from the key."""
    ship_id: str
    """What ``id`` in mDNS and ``accessMethods.id`` announce; at most 63 bytes."""
    fingerprint: str
    """SHA-256 over the DER certificate, 64 upper-case hex digits."""
    expires: datetime

    @property
    def qr_text(self) -> str:
        """The text of the QR code that an installer scans to pair with us (SHIP §12.6)."""
        return format_qr(
            QrCode(
                ski=self.ski,
                ship_id=self.ship_id,
                brand="eebus-gw",
                type="EnergyManagementSystem",
                model="eebus-gw",
                categories=(2,),
            )
        )

    @classmethod
    def create(cls, *, ship_id: str | None = None, at: datetime | None = None) -> Self:
        """A new identity with a new key, nothing stored yet; ``at`` is the present wall time."""
        return cls.for_key(ec.generate_private_key(ec.SECP256R1()), ship_id=ship_id, at=at)

    @classmethod
    def for_key(
        cls,
        key: ec.EllipticCurvePrivateKey,
        *,
        ship_id: str | None = None,
        at: datetime | None = None,
    ) -> Self:
        """An existing key with a fresh certificate; ``IdentityError`` for an unusable SHIP ID."""
        name = check_ship_id(default_ship_id(key) if ship_id is None else ship_id)
        return cls._of(key, _self_signed(key, name, at or datetime.now(UTC)))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The identity stored in ``directory``; ``IdentityError`` says what is wrong with it."""
        key = load_key(directory)
        certificate = _load_certificate(directory / CERTIFICATE_FILE)
        _check_certificate(directory / CERTIFICATE_FILE, certificate, key)
        return cls._of(key, certificate)

    @classmethod
    def _of(cls, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Self:
        der = certificate.public_bytes(serialization.Encoding.DER)
        return cls(
            key=key,
            certificate=certificate,
            certificate_der=der,
            ski=ski_of_key(key.public_key()),
            ship_id=_common_name(certificate) or default_ship_id(key),
            fingerprint=hashlib.sha256(der).hexdigest().upper(),
            expires=certificate.not_valid_after_utc,
        )

    def renewed(self, *, at: datetime | None = None) -> Self:
        """Same key and SHIP ID, new certificate: pairings stay, the fingerprint changes."""
        return self.for_key(self.key, ship_id=self.ship_id, at=at)

    @classmethod
    def renew(cls, directory: Path, *, at: datetime | None = None) -> Self:
        """Replaces the stored certificate, also a damaged or lost one, for the stored key.

        The SHIP ID is taken over from a certificate of the same key.
        """
        key = load_key(directory)
        try:
            old = _load_certificate(directory / CERTIFICATE_FILE)
            public = old.public_key()
        except (IdentityError, ValueError, UnsupportedAlgorithm):
            ship_id = None
        else:
            same = isinstance(public, ec.EllipticCurvePublicKey) and _point(public) == _point(
                key.public_key()
            )
            ship_id = _common_name(old) if same else None
        renewed = cls.for_key(key, ship_id=ship_id, at=at)
        renewed.store_certificate(directory)
        return renewed

    def store(self, directory: Path) -> None:
        """Writes key and certificate; ``IdentityError`` where another key is stored already."""
        path = directory / KEY_FILE
        try:
            write_once(path, self.key_pem())
        except FileExistsError:
            if ski_of_key(load_key(directory).public_key()) != self.ski:
                raise IdentityError(
                    f"{path} exists and is never replaced: a new key is a new device to every peer",
                    hint="use another home directory, or move the old one away yourself",
                ) from None
        self.store_certificate(directory)

    def store_certificate(self, directory: Path) -> None:
        """Replaces the stored certificate."""
        write_atomically(directory / CERTIFICATE_FILE, self.certificate_pem(), mode=0o644)

    def key_pem(self) -> bytes:
        """The private key as unencrypted PKCS #8 PEM: a secret."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def warnings(self, at: datetime) -> list[str]:
        """What an operator should know at ``at``; nothing that stops traffic (SHIP §12.1.1)."""
        if self.expires <= at:
            return [f"the certificate expired on {self.expires:%Y-%m-%d}; peers must not mind"]
        if self.expires - at < EXPIRY_WARNING:
            return [f"the certificate expires on {self.expires:%Y-%m-%d}"]
        return []


def ski_of_key(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-1 over the uncompressed point, lower-case hex (SHIP §12.2, RFC 5280 §4.2.1.2)."""
    return hashlib.sha1(_point(key), usedforsecurity=False).hexdigest()


def default_ship_id(key: ec.EllipticCurvePrivateKey) -> str:
    """A name that is unique, says nothing about the host and follows from the key alone."""
    return f"eebus-gw-{hashlib.sha256(_point(key.public_key())).hexdigest()[:12]}"


def check_ship_id(text: str) -> str:
    """``text`` where it can serve as SHIP ID (SHIP §3); raises ``IdentityError`` otherwise."""
    size = len(text.encode())
    if not text.strip() or text != text.strip() or not text.isprintable() or ";" in text:
        raise IdentityError(
            f"{text!r} is no SHIP ID: it needs printable characters without ';' and outer blanks"
        )
    if size > SHIP_ID_MAX_BYTES:
        raise IdentityError(f"a SHIP ID has at most {SHIP_ID_MAX_BYTES} bytes, this one has {size}")
    return text


def load_key(directory: Path) -> ec.EllipticCurvePrivateKey:
    """The stored private key; ``IdentityError`` when absent, exposed or of the wrong kind."""
    path = directory / KEY_FILE
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
        pem = path.read_bytes()
    except FileNotFoundError:
        raise IdentityError(
            f"there is no key at {path}", hint=f"create one: eebus-gw --home {directory} init"
        ) from None
    except OSError as error:
        raise IdentityError(f"the key {path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise IdentityError(
            f"the key {path} can be read by others (mode {mode:04o})", hint=f"chmod 600 {path}"
        )
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise IdentityError(
            f"{path} holds no readable, unencrypted private key",
            hint="restore it from a backup; a new key would be a new device to every peer",
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise IdentityError(
            f"the key {path} is not on the curve P-256 (secp256r1), which SHIP §9.1 demands",
            hint="this key cannot be used; start in an empty home directory and pair again",
        )
    return key


def _load_certificate(path: Path) -> x509.Certificate:
    renew = f"make a new one for the same key, pairings stay: {_renew_command(path)}"
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        raise IdentityError(f"the certificate {path} is missing", hint=renew) from None
    except OSError as error:
        raise IdentityError(f"the certificate {path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise IdentityError(f"{path} holds no readable certificate", hint=renew) from None


def _check_certificate(
    path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    computed = ski_of_key(key.public_key())
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or ski_of_key(public) != computed:
        raise IdentityError(
            f"the certificate {path} belongs to another key; SKI of the key: {computed}",
            hint=f"restore the matching pair from a backup, or: {_renew_command(path)}",
        )
    stated = _stated_ski(certificate)
    if stated != computed:
        raise IdentityError(
            f"the certificate {path} states the SKI {stated or '(none)'},"
            f" its key has {computed} (SHIP §12.2); it must be replaced",
            hint=f"{_renew_command(path)}; peers that know the stated SKI have to be paired again,"
            " and for a control box (§14a) the metering operator must accept the new SKI first",
        )


def _stated_ski(certificate: x509.Certificate) -> str | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        return None
    return extension.value.digest.hex()


def _renew_command(path: Path) -> str:
    return f"eebus-gw --home {path.parent} identity renew"


def _common_name(certificate: x509.Certificate) -> str | None:
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        if isinstance(attribute.value, str):
            return attribute.value
    return None


def _self_signed(key: ec.EllipticCurvePrivateKey, ship_id: str, at: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "eebus-gw"),
            x509.NameAttribute(NameOID.COMMON_NAME, ship_id),
        ]
    )
    public = key.public_key()
    only_signatures = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    both_roles = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + VALIDITY)
        # CA=TRUE is what most of the installed base sends and expects.
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(only_signatures, critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_roles), critical=False)
        .add_extension(x509.SubjectKeyIdentifier(bytes.fromhex(ski_of_key(public))), critical=False)
        .sign(key, hashes.SHA256())
    )


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
