"""Datagrams to the service manager."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eebus_gw.service import ServiceManager


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def test_states_arrive(tmp_path: Path, supervisor: socket.socket) -> None:
    service = ServiceManager.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    service.ready("2 wallboxes\nmore")
    service.alive()
    service.status("idle")
    service.status(" ")
    service.stopping()
    received = [supervisor.recv(100).decode() for _ in range(4)]
    assert received == ["READY=1\nSTATUS=2 wallboxes", "WATCHDOG=1", "STATUS=idle", "STOPPING=1"]
    assert service.watchdog_interval_s is None


def test_abstract_addresses() -> None:
    name = f"eebus-gw-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        ServiceManager(f"@{name}").alive()
        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("variables", "interval_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often(
    variables: dict[str, str], interval_s: float | None
) -> None:
    service = ServiceManager.from_environment({"NOTIFY_SOCKET": "/x", **variables})
    assert service.watchdog_interval_s == interval_s


def test_no_supervisor_is_no_problem(tmp_path: Path) -> None:
    ServiceManager.from_environment({"WATCHDOG_USEC": "1000000"}).ready()
    ServiceManager(str(tmp_path / "absent")).ready()
