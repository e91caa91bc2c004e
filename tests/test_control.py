"""Control socket between commands and a running gateway (contract §2)."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.control import LINE_LIMIT, ControlClient, ControlServer, NotRunning, RequestFailed
from eebus_gw.errors import ConnectFailed, EebusError, Refused, StoreError


class Gateway:
    """A dispatcher that remembers what happened to its requests."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()
        self.stream_closed = asyncio.Event()

    async def dispatch(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if verb == "echo":
            return arguments
        if verb == "away":
            raise ConnectFailed("nobody listens", hint="switch it on")
        if verb == "refused":
            raise Refused(7, "no")
        if verb == "broken":
            raise ValueError("a mistake of ours")
        if verb == "wait":
            self.started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        raise EebusError(f"unknown verb {verb}")

    async def stream(
        self, verb: str, arguments: dict[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        try:
            for number in range(arguments.get("count", 1_000_000)):
                yield {"number": number}
                await asyncio.sleep(0)
            if verb == "fails":
                raise EebusError("in the middle")
        finally:
            self.stream_closed.set()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncGenerator[tuple[Gateway, Path], None]:
    double = Gateway()
    path = tmp_path / "control.sock"
    async with ControlServer(path, double.dispatch, stream=double.stream):
        yield double, path


async def test_questions_and_answers(gateway: tuple[Gateway, Path]) -> None:
    _, path = gateway
    async with await ControlClient.connect(path) as client:
        assert await client.ask("echo", text="ä\n", list=[1, None]) == {
            "text": "ä\n",
            "list": [1, None],
        }
        assert await client.ask("echo") == {}


async def test_the_socket_is_for_the_owner_alone(gateway: tuple[Gateway, Path]) -> None:
    _, path = gateway
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("verb", "exit_code", "reason"),
    [("away", 3, "failed"), ("refused", 1, "remote_error"), ("nonsense", 1, "failed")],
)
async def test_errors_keep_their_meaning(
    gateway: tuple[Gateway, Path], verb: str, exit_code: int, reason: str
) -> None:
    _, path = gateway
    async with await ControlClient.connect(path) as client:
        with pytest.raises(RequestFailed) as failed:
            await client.ask(verb)
        assert (failed.value.exit_code, failed.value.reason) == (exit_code, reason)
        assert await client.ask("echo", still=1) == {"still": 1}


async def test_a_mistake_of_ours_is_answered_and_logged(
    gateway: tuple[Gateway, Path], caplog: pytest.LogCaptureFixture
) -> None:
    _, path = gateway
    async with await ControlClient.connect(path) as client:
        with pytest.raises(RequestFailed, match="internal error"):
            await client.ask("broken")
        assert await client.ask("echo", still=1) == {"still": 1}
    assert "a mistake of ours" in caplog.text


async def test_streams_end_or_are_ended(gateway: tuple[Gateway, Path]) -> None:
    double, path = gateway
    async with await ControlClient.connect(path) as client:
        events = [event async for event in client.stream("count", count=3)]
        assert events == [{"number": 0}, {"number": 1}, {"number": 2}]
        with pytest.raises(RequestFailed, match="in the middle"):
            _ = [event async for event in client.stream("fails", count=1)]
        double.stream_closed.clear()
        async for event in client.stream("count"):
            if event["number"] == 5:
                break
    await asyncio.wait_for(double.stream_closed.wait(), 10)


async def test_a_client_that_goes_away_cancels_its_request(gateway: tuple[Gateway, Path]) -> None:
    double, path = gateway
    client = await ControlClient.connect(path)
    asking = asyncio.create_task(client.ask("wait"))
    await asyncio.wait_for(double.started.wait(), 10)
    asking.cancel()
    await client.close()
    await asyncio.wait_for(double.cancelled.wait(), 10)


async def test_a_client_that_leaves_a_stream_is_no_mistake(
    gateway: tuple[Gateway, Path], caplog: pytest.LogCaptureFixture
) -> None:
    double, path = gateway
    for _ in range(20):
        double.stream_closed.clear()
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b'{"id": 1, "verb": "endless", "stream": true}\n')
        await reader.readline()
        writer.transport.abort()
        await asyncio.wait_for(double.stream_closed.wait(), 5)
    assert caplog.records == []


@pytest.mark.parametrize(
    "line",
    [b"nonsense\n", b"[]\n", b'{"verb": 1}\n', b'{"verb": "echo", "arguments": []}\n', b"\xff\n"],
)
async def test_nonsense_is_answered(gateway: tuple[Gateway, Path], line: bytes) -> None:
    _, path = gateway
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(line)
    answer = json.loads(await reader.readline())
    assert not answer["ok"]
    assert answer["error"]["exit_code"] == 2
    writer.close()


async def test_an_endless_line_ends_the_connection(gateway: tuple[Gateway, Path]) -> None:
    _, path = gateway
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"x" * (2 * LINE_LIMIT + 1))
    try:
        await writer.drain()
        assert await reader.read() == b""
    except ConnectionError:
        pass
    writer.close()
    async with await ControlClient.connect(path) as client:
        assert await client.ask("echo", alive=True) == {"alive": True}


async def test_large_answers_pass(gateway: tuple[Gateway, Path]) -> None:
    _, path = gateway
    async with await ControlClient.connect(path) as client:
        assert len((await client.ask("echo", text="x" * 1_000_000))["text"]) == 1_000_000


async def test_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(NotRunning) as absent:
        await ControlClient.connect(tmp_path / "control.sock")
    assert absent.value.exit_code == 3


async def test_a_stale_socket_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    double, path = Gateway(), tmp_path / "control.sock"
    dead = ControlServer(path, double.dispatch)
    await dead.start()
    assert dead._server is not None
    dead._server.close()
    assert path.exists()
    with pytest.raises(NotRunning):
        await ControlClient.connect(path)
    async with ControlServer(path, double.dispatch), await ControlClient.connect(path) as client:
        assert await client.ask("echo") == {}
    assert not path.exists()
    path.write_text("precious")
    with pytest.raises(StoreError, match="no socket"):
        await ControlServer(path, double.dispatch).start()
    assert path.read_text() == "precious"


async def test_closing_ends_waiting_requests(tmp_path: Path) -> None:
    double, path = Gateway(), tmp_path / "control.sock"
    server = ControlServer(path, double.dispatch)
    await server.start()
    async with await ControlClient.connect(path) as client:
        asking = asyncio.create_task(client.ask("wait"))
        await asyncio.wait_for(double.started.wait(), 10)
        await server.close()
        with pytest.raises(NotRunning):
            await asking
    assert double.cancelled.is_set()


async def test_deep_directories_are_no_problem(tmp_path: Path) -> None:
    directory = tmp_path / ("d" * 100) / ("e" * 100)
    directory.mkdir(parents=True)
    double = Gateway()
    path = directory / "control.sock"
    async with ControlServer(path, double.dispatch), await ControlClient.connect(path) as client:
        assert await client.ask("echo", deep=1) == {"deep": 1}
