"""The question that container engines ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eebus_gw import health_check
from eebus_gw.control import ControlServer

HEALTH = {
    "uptime_s": 7,
    "mqtt": {"connected": False},
    "devices": {"total": 2, "connected": 1},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path))
    return tmp_path


@contextmanager
def gateway(home: Path, *, silent: bool = False) -> Iterator[None]:
    """A gateway's control socket in a thread of its own, as it is another process."""
    listening, over = threading.Event(), threading.Event()

    async def dispatch(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert verb == "health"
        if silent:
            await asyncio.Event().wait()
        return HEALTH

    async def serve() -> None:
        async with ControlServer(home / "control.sock", dispatch):
            listening.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert listening.wait(10)
        yield
    finally:
        over.set()
        thread.join()


def test_a_gateway_that_answers_is_healthy_also_without_its_broker(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway(home):
        assert health_check.main() == 0
    said = capsys.readouterr().out
    assert said == "up for 7 s, broker not connected, 1 of 2 devices connected\n"


def test_no_gateway(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert health_check.main() == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_a_gateway_that_stands_still(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health_check, "PATIENCE_S", 0.2)
    with gateway(home, silent=True):
        assert health_check.main() == 1
    assert capsys.readouterr().out == "the gateway does not answer\n"
