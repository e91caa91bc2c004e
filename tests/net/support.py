"""Identities, certificates with faults, plain TLS ends and proxies for the tests of the network."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eebus_gw.identity import Identity

CBC = "ECDHE-ECDSA-AES128-SHA256"
GCM = "ECDHE-ECDSA-AES128-GCM-SHA256"


@cache
def identity(number: int) -> Identity:
    """The same identity for the same number, so that a run makes few keys."""
    return Identity.create(ship_id=f"i:99999_u:node-{number}")


@cache
def identities_by_ski() -> tuple[Identity, Identity]:
    """Two identities, the one with the smaller SKI first."""
    first, second = sorted((identity(1), identity(2)), key=lambda one: one.ski)
    return first, second


@dataclass(frozen=True)
class Credentials:
    """A certificate as DER with the key that belongs to it."""

    key: ec.EllipticCurvePrivateKey
    der: bytes

    def store(self, directory: Path) -> tuple[Path, Path]:
        directory.mkdir(parents=True, exist_ok=True)
        certificate, key = directory / "peer.crt", directory / "peer.key"
        certificate.write_text(ssl.DER_cert_to_PEM_cert(self.der))
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, key


def credentials(
    *,
    curve: ec.EllipticCurve | None = None,
    ski: bytes | None = None,
    with_ski: bool = True,
    ca: bool = True,
    expired: bool = False,
    patch: Callable[[bytes], bytes] = lambda der: der,
) -> Credentials:
    """Credentials of a peer, with what is asked for wrong with them."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    start = datetime.now(UTC) - timedelta(days=400 if expired else 1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if with_ski:
        extension = (
            x509.SubjectKeyIdentifier(ski)
            if ski is not None
            else x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        )
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return Credentials(key, patch(certificate.public_bytes(serialization.Encoding.DER)))


def lax_boolean(der: bytes) -> bytes:
    """BasicConstraints cA TRUE written as 01 instead of FF, as first-generation Elli boxes do."""
    good, bad = bytes.fromhex("30030101ff"), bytes.fromhex("3003010101")
    assert der.count(good) == 1
    return der.replace(good, bad)


def lax_critical(der: bytes) -> bytes:
    """The critical flag of BasicConstraints written as 01."""
    good, bad = bytes.fromhex("0603551d130101ff"), bytes.fromhex("0603551d13010101")
    assert der.count(good) == 1
    return der.replace(good, bad)


def plain_context(
    server: bool = False,
    *,
    own: Credentials | None = None,
    directory: Path | None = None,
    suite: str = GCM,
) -> ssl.SSLContext:
    """A standard-library context as an ordinary peer would use it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    if own is not None:
        assert directory is not None
        context.load_cert_chain(*own.store(directory))
    return context


class _Proxy:
    """A TCP proxy in front of a port of this machine."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, far_writer))
                group.create_task(self._pass_on(far_reader, writer))
        finally:
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            await self._write(data, writer)
        writer.close()

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class Cutter(_Proxy):
    """Passes everything on in tiny pieces."""

    def __init__(self, port: int, *, size: int) -> None:
        super().__init__(port)
        self._size = size

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for at in range(0, len(data), self._size):
            writer.write(data[at : at + self._size])
            await writer.drain()
            await asyncio.sleep(0)


class Relay(_Proxy):
    """Can stop passing anything on, as a cut cable does."""

    frozen = False

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        while self.frozen:  # noqa: ASYNC110 - a test helper
            await asyncio.sleep(0.01)
        writer.write(data)
        await writer.drain()
