"""A broker as docs/mqtt.md wants it: TLS, and exactly the access rules that stand there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt import client as paho

from tests.support.broker import Mosquitto
from tests.support.processes import LOOPBACK

PAGE = Path(__file__).parents[2] / "docs" / "mqtt.md"
USERS = ("eebus", "ems", "homeassistant", "display")


def documented_rules() -> str:
    """The access rules as they stand in the document."""
    _, _, chapter = PAGE.read_text().partition("\n## Access rights at the broker\n")
    blocks = re.findall(r"^```text\n(.*?)^```$", chapter, re.DOTALL | re.MULTILINE)
    (rules,) = (block for block in blocks if "acl_file" in block)
    assert set(re.findall(r"^user (\S+)$", rules, re.MULTILINE)) == set(USERS)
    return str(rules)


class Authority:
    """A certificate authority of the test's own, with what it issued in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        built = self._builder(self._name, self._key).add_extension(constraints, critical=True)
        self.file = directory / "authority.crt"
        self.file.write_bytes(_pem(built.sign(self._key, hashes.SHA256())))

    def issue(self, name: str) -> tuple[Path, Path]:
        """Certificate and key for a client of this name, or for the broker at loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        where = x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))])
        built = self._builder(subject, key).add_extension(where, critical=False)
        certificate, secret = (self._directory / f"{name}.{suffix}" for suffix in ("crt", "key"))
        certificate.write_bytes(_pem(built.sign(self._key, hashes.SHA256())))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@dataclass
class Secured:
    """``how`` its users show who they are: ``password`` or ``certificate``."""

    broker: Mosquitto
    authority: Authority
    how: str
    directory: Path
    log: Path

    @property
    def url(self) -> str:
        return f"mqtts://{LOOPBACK}:{self.broker.port}"

    def settings(self, user: str) -> str:
        """The lines of the section ``mqtt`` in a gateway's configuration."""
        lines = [f'url = "{self.url}"', f'ca_file = "{self.authority.file}"', "require_auth = true"]
        if self.how == "password":
            secret = self.directory / "mqtt-password"
            secret.write_text(f"{password(user)}\n")
            lines += [f'username = "{user}"', f'password_file = "{secret}"']
        else:
            certificate, key = self.authority.issue(user)
            lines += [f'certificate_file = "{certificate}"', f'key_file = "{key}"']
        return "\n".join(["[mqtt]", *lines, ""])

    def client(self, user: str) -> Callable[[paho.Client], None]:
        """What makes a client one of this user."""

        def prepare(client: paho.Client) -> None:
            if self.how == "password":
                client.tls_set(str(self.authority.file))
                client.username_pw_set(user, password(user))
            else:
                certificate, key = self.authority.issue(user)
                client.tls_set(str(self.authority.file), str(certificate), str(key))

        return prepare

    def denied(self, client: str) -> list[str]:
        """What the broker has denied to clients whose id begins like this."""
        return [
            line
            for line in self.log.read_text().splitlines()
            if f"Denied PUBLISH from {client}" in line
        ]


def password(user: str) -> str:
    return f"secret of {user}"


@contextmanager
def secured_broker(directory: Path, how: str) -> Iterator[Secured]:
    """A running broker that lets in nobody but the documented users."""
    authority = Authority(directory)
    certificate, key = authority.issue("broker")
    rules, log = directory / "acl", directory / "mosquitto.log"
    rules.write_text(documented_rules())
    settings = [
        f"cafile {authority.file}",
        f"certfile {certificate}",
        f"keyfile {key}",
        f"acl_file {rules}",
        f"log_dest file {log}",
        "log_type all",
        *(_by_password(directory) if how == "password" else _BY_CERTIFICATE),
    ]
    with Mosquitto(directory, settings=settings) as broker:
        yield Secured(broker, authority, how, directory, log)


_BY_CERTIFICATE = (
    "require_certificate true",
    "use_identity_as_username true",
    "allow_anonymous false",
)


def _by_password(directory: Path) -> Sequence[str]:
    file = directory / "passwords"
    file.write_text("".join(f"{user}:{password(user)}\n" for user in USERS))
    file.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(file)], check=True, capture_output=True)
    return ("allow_anonymous false", f"password_file {file}")
