"""Two hosts on one link: two network namespaces, joined by a veth pair, so that mDNS crosses a real network."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import pytest

INTERFACE = "lan0"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Host:
    """One namespace; ``inside`` are the words to put before a command that shall run in it."""

    name: str
    address: str

    @property
    def inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def move(self, address: str) -> Host:
        """Gives the host another address, as a new lease does; what had the old one hears nothing any more."""
        moved = Host(self.name, address)
        _expect(*self.inside, "ip", "address", "flush", "dev", INTERFACE)
        moved.settle()
        return moved

    def settle(self) -> None:
        """Takes its address; multicast goes out on the one interface there is."""
        for command in (
            f"ip address add {self.address}/24 dev {INTERFACE}",
            f"ip link set {INTERFACE} up",
            f"ip route replace 224.0.0.0/4 dev {INTERFACE}",
        ):
            _expect(*self.inside, *command.split())


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Skips the test where namespaces cannot be made, or fails it where they are required."""
    if shutil.which("ip") is None:
        _missing("no `ip` command")
    unique = f"eebus-gw-e2e-{os.getpid()}-{next(_numbers)}"
    hosts = (Host(f"{unique}-a", "10.98.0.1"), Host(f"{unique}-b", "10.98.0.2"))
    try:
        for host in hosts:
            added = _run("ip", "netns", "add", host.name)
            if added.returncode != 0:
                _missing(added.stderr.strip())
        first, second = (host.name for host in hosts)
        pair = ["link", "add", INTERFACE, "netns", first, "type", "veth"]
        _expect("ip", *pair, "peer", "name", INTERFACE, "netns", second)
        for host in hosts:
            _expect(*host.inside, "ip", "link", "set", "lo", "up")
            host.settle()
        yield hosts
    finally:
        for host in hosts:
            _run("ip", "netns", "delete", host.name)


def _expect(*command: str) -> None:
    result = _run(*command)
    if result.returncode != 0:
        _missing(f"{' '.join(command)}: {result.stderr.strip()}")


def _missing(reason: str) -> NoReturn:
    text = f"no network namespaces: {reason}"
    if "netns" in os.environ.get("EEBUS_GW_REQUIRE", "").split(","):
        pytest.fail(text)
    pytest.skip(text)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
