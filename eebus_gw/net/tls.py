"""Mutual TLS with peers nobody vouches for (SHIP §9, §12.1).

Every self-signed P-256 certificate may connect; what its SKI may do is decided later. The standard
library verifies a client certificate against a CA store or does not ask for one. ``TlsContext``
therefore drives pyOpenSSL behind the few methods that asyncio asks of an ``ssl`` context and
object, for both roles, so that asyncio and websockets keep doing all connection handling.
"""

from __future__ import annotations

import ssl
from asyncio import sslproto
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL, crypto

from eebus_gw.ship.ski import claimed_ski, is_p256, ski_of_certificate

SUITES: Final = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256")
"""Cipher suites by our preference; the second is the one every SHIP node has (SHIP §9.1)."""

READ_BUFFER: Final = 16 * 1024

Result = TypeVar("Result")

_CHUNK: Final = 17 * 1024  # one TLS record with its overhead


class IdentityLike(Protocol):
    """What the network needs to know of this node's identity."""

    @property
    def key(self) -> ec.EllipticCurvePrivateKey: ...

    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def ski(self) -> str: ...

    @property
    def ship_id(self) -> str: ...


class TlsContext:
    """Settings of all TLS connections of one node; goes where asyncio takes an ``ssl`` context.

    ``allow_tls13`` lifts the ceiling of TLS 1.2. ``record_size`` cuts what is sent into TLS records
    of at most so many bytes, for peers with small buffers (SHIP §9.2). ``on_refused`` is told why a
    peer's certificate was refused.
    """

    def __init__(
        self,
        identity: IdentityLike,
        *,
        allow_tls13: bool = False,
        record_size: int | None = None,
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        # asyncio gives each TLS connection a zeroed read buffer of this size, by default 256 KiB:
        # with 200 wallboxes that is more than all the rest of the program.
        sslproto.SSLProtocol.max_size = READ_BUFFER
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_max_proto_version(SSL.TLS1_3_VERSION if allow_tls13 else SSL.TLS1_2_VERSION)
        context.set_cipher_list(":".join(SUITES).encode())
        context.set_tmp_ecdh(ec.SECP256R1())
        context.set_options(
            SSL.OP_CIPHER_SERVER_PREFERENCE
            | SSL.OP_NO_COMPRESSION
            | SSL.OP_NO_TICKET
            | SSL.OP_NO_RENEGOTIATION
        )
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        context.use_privatekey(identity.key)
        context.use_certificate(identity.certificate)
        context.check_privatekey()
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _verify)
        self._context = context
        self._record_size = record_size
        self._on_refused = on_refused
        self._check_suites()

    def _check_suites(self) -> None:
        offered = SSL.Connection(self._context).get_cipher_list()
        missing = [suite for suite in SUITES if suite not in offered]
        if missing:
            raise RuntimeError(f"the TLS library does not offer {', '.join(missing)}")

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | None = None,
        session: None = None,
        *,
        expected: str | None = None,
    ) -> TlsObject:
        """Called by asyncio for each connection; a server name is never sent."""
        del server_hostname, session
        return TlsObject(
            SSL.Connection(self._context),
            incoming,
            outgoing,
            server_side=server_side,
            expected=expected,
            record_size=self._record_size,
            on_refused=self._on_refused,
        )


class DialContext:
    """The context of one outgoing connection: it goes through only to the peer ``expected``."""

    def __init__(self, context: TlsContext, expected: str) -> None:
        self._context = context
        self._expected = expected
        self._tls: TlsObject | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | None = None,
        session: None = None,
    ) -> TlsObject:
        """Called by asyncio once per TCP connection."""
        self._tls = self._context.wrap_bio(
            incoming, outgoing, server_side, server_hostname, session, expected=self._expected
        )
        return self._tls

    @property
    def found(self) -> str | None:
        """The SKI of whoever answered; ``None`` as long as nobody has shown a sound certificate."""
        return self._tls.peer_ski if self._tls is not None else None

    @property
    def failure(self) -> str:
        """Why TLS failed, in words; empty when it did not or never began."""
        return self._tls.failure if self._tls is not None else ""


class TlsObject:
    """One TLS connection between asyncio's two memory buffers; stands in for ``ssl.SSLObject``."""

    def __init__(
        self,
        connection: SSL.Connection,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        *,
        server_side: bool,
        expected: str | None = None,
        record_size: int | None = None,
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        self._incoming = incoming
        self._outgoing = outgoing
        self._expected = expected
        self._record_size = record_size
        self._on_refused = on_refused
        self._fatal: ssl.SSLError | None = None
        self._verdict: bool | None = None
        self.server_side = server_side
        self.peer_ski: str | None = None
        """SKI computed from the peer's key, known once its certificate was found sound."""
        self.failure = ""
        """Why the handshake failed; empty while it did not."""
        connection.set_app_data(self)
        if server_side:
            connection.set_accept_state()
        else:
            connection.set_connect_state()

    # --- what asyncio calls

    def do_handshake(self) -> None:
        if self._fatal is not None:
            raise self._fatal
        try:
            self._run(self._connection.do_handshake)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            # asyncio drops a failed connection without sending what is in the buffer, and the peer
            # would never see the alert: ask for more input once, which flushes, and fail next time.
            self._fatal = error
            self.failure = self.failure or str(error)
            if not self._outgoing.pending:
                raise
            raise ssl.SSLWantReadError from error

    def read(self, size: int = _CHUNK, buffer: memoryview | None = None) -> bytes | int:
        try:
            data = self._run(lambda: self._connection.recv(min(size, _CHUNK)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            data = b""
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        piece = bytes(data[: self._record_size])
        return self._run(lambda: self._connection.send(piece))

    def unwrap(self) -> None:
        if not self._run(self._connection.shutdown):
            self._run(self._connection.shutdown)

    def getpeercert(self, binary_form: bool = False) -> dict[str, object] | bytes | None:
        """The peer's certificate as DER; the decoded form stays empty: nothing may depend on it."""
        if not binary_form:
            return {}
        certificate = self._connection.get_peer_certificate()
        return None if certificate is None else _der(certificate)

    def cipher(self) -> tuple[str, str, int] | None:
        name = self._connection.get_cipher_name()
        if name is None:
            return None
        version = self._connection.get_cipher_version()
        bits = self._connection.get_cipher_bits()
        return name, version or "", bits or 0

    def compression(self) -> None:
        return None

    def version(self) -> str:
        return self._connection.get_protocol_version_name()

    # ---

    def _run(self, operation: Callable[[], Result]) -> Result:
        """Runs one operation on what arrived and hands over what it wants sent, also on failure."""
        if self._incoming.pending:
            self._connection.bio_write(self._incoming.read())
        elif self._incoming.eof:
            self._connection.bio_shutdown()
        try:
            return operation()
        except SSL.WantReadError as error:
            raise ssl.SSLWantReadError from error
        except SSL.WantWriteError as error:
            raise ssl.SSLWantWriteError from error
        except SSL.ZeroReturnError as error:
            raise ssl.SSLZeroReturnError from error
        except SSL.SysCallError as error:
            raise ssl.SSLEOFError(*error.args) from error
        except SSL.Error as error:
            raise ssl.SSLError(_text(error)) from error
        finally:
            self._flush()

    def _flush(self) -> None:
        while True:
            try:
                data = self._connection.bio_read(_CHUNK)
            except SSL.WantReadError:
                return
            self._outgoing.write(data)
            if len(data) < _CHUNK:
                return

    def accepts(self, certificate: crypto.X509) -> bool:
        """Judges the peer's own certificate, once per connection; never raises."""
        if self._verdict is None:
            try:
                self.peer_ski = checked_ski(_der(certificate))
                self._verdict = self._expected in (None, self.peer_ski)
                if not self._verdict:
                    self.failure = f"another key answered, its SKI is {self.peer_ski}"
            except (
                Exception
            ) as error:  # an exception inside an OpenSSL callback would surface somewhere else
                self.failure = str(error)
                self._verdict = False
                if self._on_refused is not None:
                    self._on_refused(self.failure)
        return self._verdict


def checked_ski(der: bytes) -> str:
    """The SKI computed from the key of certificate ``der``.

    Raises ``ValueError`` when the certificate must be refused. Expiry, issuer, key usage and path
    are nobody's business here (SHIP §12.1.1).
    """
    if not is_p256(der):
        raise ValueError("the certificate's key does not lie on secp256r1")
    computed = ski_of_certificate(der)
    claimed = claimed_ski(der)
    if claimed is not None and claimed != computed:
        raise ValueError(f"the certificate claims SKI {claimed}, its key has {computed}")
    return computed


def _verify(
    connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, ok: int
) -> bool:
    del error, ok
    tls: TlsObject = connection.get_app_data()
    return depth > 0 or tls.accepts(certificate)


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _text(error: SSL.Error) -> str:
    reasons = [str(entry[-1]) for arg in error.args for entry in arg if entry]
    return ", ".join(reasons) or "TLS failed"
