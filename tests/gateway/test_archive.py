"""The diagnostics archive, and what may not be asked for over MQTT."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from eebus_gw.gateway.archive import KEPT
from eebus_gw.gateway.verbs import OnlyHere
from tests.gateway.test_tracing import OTHER, PIN, SKI, frame, running


async def test_one_file_without_secrets(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        frame(gateway, payload=PIN)
        answer = await gateway.verbs.perform("diagnostics/export", {"redact": True})
    facts = os.stat(answer["file"])
    assert (facts.st_size, facts.st_mode & 0o077) == (answer["bytes"], 0)
    with zipfile.ZipFile(answer["file"]) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {
        "info.json",
        "health.json",
        "settings.json",
        "grid.json",
        "wallbox/carport.json",
        "trace.jsonl",
    }
    assert json.loads(texts["wallbox/carport.json"])["id"] == "carport"
    everything = "".join(texts.values())
    assert "12345678" not in everything
    assert SKI not in everything
    assert SKI[:8] in everything


async def test_skis_are_shown_where_that_is_wanted(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        answer = await gateway.verbs.perform("diagnostics/export", {"redact": False})
    with zipfile.ZipFile(answer["file"]) as archive:
        assert SKI in archive.read("wallbox/carport.json").decode()


async def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    directory = tmp_path / "diagnostics"
    directory.mkdir()
    for day in range(1, 9):
        (directory / f"2020010{day}-000000.zip").write_bytes(b"")
    async with running(tmp_path) as gateway:
        answer = await gateway.verbs.perform("diagnostics/export", {})
    left = sorted(path.name for path in directory.iterdir())
    assert len(left) == KEPT
    assert left[-1] == Path(answer["file"]).name


async def test_a_control_box_is_not_removed_over_mqtt(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        await gateway.site.ensure()
        gateway.home.grid.peers.add(OTHER, at=gateway.clock.wall(), device_id="box")
        with pytest.raises(OnlyHere, match="unpair"):
            await gateway.verbs.perform("device/remove", {"id": "box"})
        assert gateway.home.grid.peers.trusts(OTHER)
        await gateway.verbs.dispatch("device/remove", {"id": "box"})
        assert not gateway.home.grid.peers.trusts(OTHER)
