"""Traces on request, through the verbs of a gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.peers import UnknownDevice
from eebus_gw.settings import PrivacySettings, Settings, ShipSettings

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"
FRAME = b'\x01{"connectionHello":[{"phase":"ready"}]}'
PIN = b'\x01{"connectionPinInput":[{"pin":"12345678"}]}'


@asynccontextmanager
async def running(directory: Path, **privacy: Any) -> AsyncIterator[Gateway]:
    home = Home.open(directory)
    settings = Settings(ship=ShipSettings(port=0, mdns=False), privacy=PrivacySettings(**privacy))
    async with Gateway(home, settings, host="127.0.0.1") as gateway:
        await gateway.verbs.dispatch("pair", {"ski": SKI, "device_id": "carport"})
        yield gateway


def frame(gateway: Gateway, ski: str = SKI, payload: bytes = FRAME) -> None:
    own = gateway.wallbox.node.ski
    gateway.frames.frame(gateway.clock.now(), ski, own, payload)


async def export(gateway: Gateway, **arguments: Any) -> list[dict[str, Any]]:
    lines = gateway.verbs.stream("trace/export", arguments)
    return [json.loads(each["line"]) async for each in lines]


async def test_export_of_what_is_in_memory(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        frame(gateway)
        frame(gateway, OTHER)
        frame(gateway, payload=PIN)
        everything = await export(gateway)
        of_one = await export(gateway, device="carport")
    assert [line.get("event", line.get("from")) for line in everything] == [
        "trace",
        f"{SKI[:8]}…",
        f"{OTHER[:8]}…",
        f"{SKI[:8]}…",
    ]
    assert len(of_one) == 3
    assert "12345678" not in json.dumps(everything)


async def test_full_skis_on_request_or_by_setting(tmp_path: Path) -> None:
    async with running(tmp_path / "a") as gateway:
        frame(gateway)
        assert (await export(gateway, full_skis=True))[1]["from"] == SKI
    async with running(tmp_path / "b", full_skis=True) as gateway:
        frame(gateway)
        assert (await export(gateway))[1]["from"] == SKI


async def test_an_export_of_nobody(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        with pytest.raises(UnknownDevice, match="garage"):
            await export(gateway, device="garage")


async def test_from_now_on_to_a_file(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        frame(gateway)
        started = await gateway.verbs.dispatch("trace/start", {"id": "carport", "seconds": 60})
        frame(gateway)
        frame(gateway, OTHER)
        stopped = await gateway.verbs.dispatch("trace/stop", {"id": "carport"})
        frame(gateway)
    assert (started["seconds"], stopped["file"]) == (60, started["file"])
    check_file(tmp_path, started["file"], [f"{SKI[:8]}…"])


async def test_a_trace_ends_with_the_gateway(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        started = await gateway.verbs.dispatch("trace/start", {})
        frame(gateway)
    check_file(tmp_path, started["file"], [f"{SKI[:8]}…"])


async def test_stopping_what_does_not_run(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        assert await gateway.verbs.dispatch("trace/stop", {}) == {"file": None}


def check_file(home: Path, file: str, senders: list[str]) -> None:
    path = Path(file)
    assert path.parent == home / "traces"
    assert path.stat().st_mode & 0o077 == 0
    assert [json.loads(line)["from"] for line in path.read_text().splitlines()] == senders


async def test_the_oldest_files_make_room(tmp_path: Path) -> None:
    directory = tmp_path / "traces"
    directory.mkdir()
    for hour in range(24):
        (directory / f"20260101-{hour:02}0000.jsonl").touch()
    (directory / "notes.txt").touch()
    async with running(tmp_path) as gateway:
        started = gateway.verbs.dispatch("trace/start", {})
        name = Path((await started)["file"]).name
    kept = sorted(path.name for path in directory.iterdir())
    assert kept == [f"20260101-{hour:02}0000.jsonl" for hour in range(5, 24)] + sorted(
        [name, "notes.txt"]
    )
