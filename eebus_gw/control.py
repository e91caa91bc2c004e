"""How commands ask a running gateway: a Unix socket in the home directory, one JSON object a line.

    → {"id": 1, "verb": "device/rename", "arguments": {…}}
    ← {"id": 1, "ok": true, "data": {…}}
    ← {"id": 1, "ok": false, "error": {"text", "hint", "reason", "exit_code"}}

A request with ``"stream": true`` is answered by any number of ``{"id", "event": {…}}`` before that
last line. A connection carries one request at a time; closing it cancels the request. Only the
owner of the home directory can open the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Self

from eebus_gw.errors import EebusError, NotConnected, StoreError

LINE_LIMIT = 4 * 1024 * 1024
"""Bytes of one request or answer; longer ones end the connection."""
# sun_path has 108 bytes on Linux, 104 elsewhere, with the final NUL.
_ADDRESS_LIMIT = 100

_INTERNAL = {"text": "internal error, see the gateway's log", "reason": "failed", "exit_code": 1}

logger = logging.getLogger(__name__)

Arguments = dict[str, Any]
Dispatch = Callable[[str, Arguments], Awaitable[dict[str, Any]]]
Stream = Callable[[str, Arguments], AsyncGenerator[dict[str, Any], None]]


class RequestFailed(EebusError):
    """What the running gateway answered; ``reason`` and ``exit_code`` are those of its error."""

    def __init__(
        self, text: str, *, hint: str = "", reason: str = "failed", exit_code: int = 1
    ) -> None:
        super().__init__(text, hint=hint)
        self.reason = reason
        self.exit_code = exit_code


class NotRunning(NotConnected):
    """No gateway runs on this home directory."""


class ControlServer:
    """The gateway's end; ``dispatch`` answers single requests, ``stream`` those that go on."""

    def __init__(self, path: Path, dispatch: Dispatch, *, stream: Stream | None = None) -> None:
        self._path = path
        self._dispatch = dispatch
        self._stream = stream
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Opens the socket, replacing one that a dead process left; raises ``StoreError``."""
        listening = _listening_socket(self._path)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listening, limit=LINE_LIMIT
        )

    async def close(self) -> None:
        """Ends every connection and removes the socket."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._server = None
        self._path.unlink(missing_ok=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._serve_requests(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            # A client that went away, or a server that closes.
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = await _read_line(reader)
        while line:
            answering = asyncio.create_task(self._answer(line, writer))
            # Reading on is how a client that goes away in the middle of a request is noticed.
            following = asyncio.create_task(_read_line(reader))
            try:
                await asyncio.wait({answering, following}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done() and not following.result():
                    return
                await asyncio.wait({answering})
                mistake = answering.exception()
                if isinstance(mistake, ConnectionError):
                    return  # the client went away
                if mistake is not None:
                    logger.error("control request failed", exc_info=mistake)
                    await _write(writer, {"id": None, "ok": False, "error": _INTERNAL})
                line = await following
            finally:
                answering.cancel()
                following.cancel()
                await asyncio.gather(answering, following, return_exceptions=True)

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        identifier: Any = None
        try:
            identifier, verb, arguments, streaming = _parse_request(line)
            if streaming:
                data = await self._answer_stream(identifier, verb, arguments, writer)
            else:
                data = await self._dispatch(verb, arguments)
        except EebusError as error:
            await _write(writer, {"id": identifier, "ok": False, "error": error_data(error)})
        else:
            await _write(writer, {"id": identifier, "ok": True, "data": data})

    async def _answer_stream(
        self, identifier: Any, verb: str, arguments: Arguments, writer: asyncio.StreamWriter
    ) -> dict[str, Any]:
        if self._stream is None:
            raise RequestFailed(f"{verb!r} is no stream", reason="unknown_verb", exit_code=2)
        async with contextlib.aclosing(self._stream(verb, arguments)) as events:
            async for event in events:
                await _write(writer, {"id": identifier, "event": event})
        return {}


class ControlClient:
    """The asking end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last = 0

    @classmethod
    async def connect(cls, path: Path) -> Self:
        """Raises ``NotRunning`` where no gateway listens at ``path``."""
        try:
            with _address(path) as address:
                reader, writer = await asyncio.open_unix_connection(address, limit=LINE_LIMIT)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning(
                f"no gateway is running on {path.parent}", hint="start it: eebus-gw run"
            ) from None
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
        return cls(reader, writer)

    async def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """The data of the answer; raises ``RequestFailed`` or ``NotRunning``."""
        await self._request(verb, arguments, streaming=False)
        while True:
            answer = await self._answer()
            if "event" not in answer:
                return _data_of(answer)

    async def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[dict[str, Any], None]:
        """The events of the answer until the gateway ends it; close the client to stop it."""
        await self._request(verb, arguments, streaming=True)
        while True:
            answer = await self._answer()
            if "event" not in answer:
                _data_of(answer)
                return
            yield answer["event"]

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def _request(self, verb: str, arguments: Arguments, *, streaming: bool) -> None:
        self._last += 1
        request = {"id": self._last, "verb": verb, "arguments": arguments}
        if streaming:
            request["stream"] = True
        try:
            await _write(self._writer, request)
        except ConnectionError:
            raise NotRunning("the gateway closed the connection") from None

    async def _answer(self) -> dict[str, Any]:
        while True:
            try:
                line = await _read_line(self._reader)
            except ConnectionError:
                line = b""
            if not line:
                raise NotRunning("the gateway closed the connection")
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") in (self._last, None):
                return answer


def error_data(error: EebusError) -> dict[str, Any]:
    """An error as other programs see it: text, hint, reason code, exit code, SPINE error number."""
    data: dict[str, Any] = {
        "text": str(error),
        "hint": error.hint,
        "reason": getattr(error, "reason", "failed"),
        "exit_code": error.exit_code,
    }
    number = getattr(error, "error_number", None)
    return data if number is None else {**data, "error_number": number}


def _data_of(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("ok"):
        data: dict[str, Any] = answer.get("data") or {}
        return data
    error = answer.get("error") or {}
    raise RequestFailed(
        error.get("text") or "the gateway refused",
        hint=error.get("hint") or "",
        reason=error.get("reason") or "failed",
        exit_code=error.get("exit_code") or 1,
    )


def _parse_request(line: bytes) -> tuple[Any, str, Arguments, bool]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        raise RequestFailed("no JSON", reason="invalid_json", exit_code=2) from None
    if not isinstance(request, dict) or not isinstance(request.get("verb"), str):
        raise RequestFailed("a request needs a verb", reason="invalid_json", exit_code=2)
    arguments = request.get("arguments", {})
    if not isinstance(arguments, dict):
        raise RequestFailed("arguments are an object", reason="wrong_type", exit_code=2)
    return request.get("id"), request["verb"], arguments, request.get("stream") is True


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """The next line; empty at the end, and for a line that is too long."""
    try:
        return await reader.readline()
    except ValueError:
        return b""


async def _write(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    writer.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    await writer.drain()


def _listening_socket(path: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise StoreError(f"{path} is in the way: it is no socket", hint=f"rm {path}")
        # The lock of the home directory says that no living process uses it.
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _address(path) as address:
            listening.bind(address)
    except OSError as error:
        listening.close()
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
    finally:
        os.umask(before)
    return listening


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """``path`` in a form short enough for a socket address, however deep the directory lies."""
    if len(os.fsencode(path)) <= _ADDRESS_LIMIT:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
