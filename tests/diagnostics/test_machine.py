"""Clock, disk, store and container."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from eebus_gw.diagnostics.machine import (
    check_clock,
    check_container,
    check_disk,
    check_store,
)
from eebus_gw.home import Home
from eebus_gw.net.interfaces import Interface

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "synchronised", "result"),
    [
        (None, None, "ok"),
        (NOW, True, "ok"),
        (NOW, None, "ok"),
        (NOW, False, "warning"),
        (LATER, True, "failed"),
    ],
)
def test_clock(made: datetime | None, synchronised: bool | None, result: str) -> None:
    assert check_clock(NOW, made, synchronised).result == result


@pytest.mark.parametrize(
    ("free", "result"), [(10_000_000_000, "ok"), (300_000_000, "warning"), (1_000_000, "failed")]
)
def test_disk(free: int, result: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    check = check_disk(Home(tmp_path))
    assert check.result == result
    assert list(tmp_path.iterdir()) == []


def test_two_doctors_at_the_same_moment(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as doctors:
        checks = list(doctors.map(check_disk, [Home(tmp_path)] * 400))
    assert "cannot be written" not in " ".join(check.text for check in checks)


def test_a_directory_that_is_gone(tmp_path: Path) -> None:
    check = check_disk(Home(tmp_path / "gone"))
    assert check.result == "failed"
    assert "cannot be written" in check.text


def test_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert check_store(home).result == "ok"
    home.reports.append("peers.json is damaged")
    assert check_store(home).result == "warning"
    assert "peers.json is damaged" in check_store(home).text


def interface(name: str, *addresses: str) -> Interface:
    return Interface(name, addresses[0], addresses)


@pytest.mark.parametrize(
    ("inside", "interfaces", "result"),
    [
        (False, (interface("eth0", "172.17.0.2"),), "ok"),
        (True, (interface("eth0", "172.17.0.2"),), "failed"),
        (True, (interface("eth0", "172.31.255.2", "fd00::2"),), "failed"),
        (True, (interface("eth0", "192.168.1.5"),), "ok"),
        (True, (interface("enp3s0", "172.17.0.2"),), "ok"),
        (True, (), "ok"),
    ],
)
def test_container(
    inside: bool, interfaces: tuple[Interface, ...], result: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    if inside:
        mark.touch()
    assert check_container(interfaces, [mark]).result == result
