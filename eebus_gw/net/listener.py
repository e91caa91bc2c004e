"""The side of the network that peers dial."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from eebus_gw.errors import ConfigError
from eebus_gw.net.address import format_address
from eebus_gw.net.door import Door
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.tls import TlsContext, TlsObject

logger = logging.getLogger(__name__)

SHIP = Subprotocol("ship")


class Quiet(logging.LoggerAdapter[logging.Logger]):
    """Keeps what websockets has to say about strangers at debug level."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        del level
        super().log(logging.DEBUG, msg, *args, **kwargs)


websocket_logger = Quiet(logging.getLogger("eebus_gw.net.websocket"), {})


class Listener:
    """Accepts WebSocket connections of the sub-protocol ``ship`` from whoever has a certificate.

    ``admit`` is asked with the SKI before the upgrade and says why not, or nothing; ``handle`` has
    the connection as long as it runs.
    """

    def __init__(
        self,
        context: TlsContext,
        options: NetworkOptions,
        admit: Callable[[str], str | None],
        handle: Callable[[ServerConnection, str], Awaitable[None]],
    ) -> None:
        self._context = context
        self._options = options
        self._admit = admit
        self._handle = handle
        self._server: Server | None = None
        self._door: Door | None = None

    async def start(self) -> int:
        """Begins to listen and returns the port; ``ConfigError`` when it cannot be had."""
        timing = self._options.timing
        try:
            listening = listening_socket(self._options.host, self._options.port)
        except OSError as error:
            raise ConfigError(
                f"port {self._options.port} cannot be used: {os.strerror(error.errno or 0)}",
                hint="end the other program (often another EEBUS program), or choose another port",
            ) from error
        self._door = Door(listening, self._options.limits.strangers)
        self._server = await serve(
            self._accept,
            sock=self._door,
            ssl=self._context,
            subprotocols=[SHIP],
            process_request=self._check,
            compression=None,
            server_header=None,
            max_size=self._options.limits.message_bytes,
            open_timeout=timing.open_timeout,
            ping_interval=timing.ping_interval,
            ping_timeout=timing.ping_timeout,
            close_timeout=timing.close_timeout,
            logger=websocket_logger,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    def stop_accepting(self) -> None:
        """Takes no further connections; those that exist stay."""
        if self._server is not None:
            self._server.close(close_connections=False)

    async def wait_closed(self, within: float) -> None:
        """Returns when the last accepted connection is gone, at the latest after ``within``."""
        if self._server is None:
            return
        try:
            async with asyncio.timeout(within):
                await self._server.wait_closed()
        except TimeoutError:  # somebody is silent in the middle of the TLS handshake
            if self._server.close_task is not None:
                self._server.close_task.cancel()

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        del request  # every path is right (SHIP §10)
        ski = peer_ski(connection)
        if self._door is not None:
            self._door.introduced(connection.remote_address)
        reason = self._admit(ski) if ski is not None else "no certificate"
        return None if reason is None else connection.respond(503, reason)

    async def _accept(self, connection: ServerConnection) -> None:
        ski = peer_ski(connection)
        assert ski is not None
        tune(connection.transport)
        try:
            await self._handle(connection, ski)
        except Exception:  # websockets would only mention it where nobody looks
            logger.exception("the connection of %s failed by an error of ours", ski)


def peer_ski(connection: Any) -> str | None:
    """The SKI computed from the key that the other end has shown in TLS."""
    tls: TlsObject | None = connection.transport.get_extra_info("ssl_object")
    return tls.peer_ski if tls is not None else None


def tune(transport: asyncio.Transport) -> None:
    """Sends small messages at once, and lets the kernel notice dead peers, too."""
    plain: socket.socket | None = transport.get_extra_info("socket")
    if plain is not None:
        # asyncio does this only for sockets made with an explicit protocol number.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def address_of(connection: Any) -> str:
    """Host and port of the other end, as text."""
    host, port = (connection.remote_address or ("?", 0))[:2]
    return format_address(str(host).removeprefix("::ffff:"), int(port))


def listening_socket(host: str | None, port: int) -> socket.socket:
    """One listening socket; without ``host`` for IPv4 and IPv6 where the system has both."""
    if host is None and socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError as error:  # IPv6 may be compiled in and yet switched off
            if error.errno == errno.EADDRINUSE:
                raise
    family = socket.AF_INET6 if host is not None and ":" in host else socket.AF_INET
    return socket.create_server((host or "", port), family=family)
