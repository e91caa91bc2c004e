"""A network of its own for tests that need mDNS, so that nothing is announced to the real one."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

LAN_ADDRESS = "10.99.0.1"


@contextmanager
def lan_namespace() -> Iterator[tuple[str, ...]]:
    """A network namespace with loopback and one multicast interface at `LAN_ADDRESS`.

    Yields the words to put before a command that shall run in it. Skips the calling test where
    namespaces cannot be made, and fails it instead if `EEBUS_GW_REQUIRE` names `netns`.
    """
    if shutil.which("ip") is None:
        _missing("no `ip` command")
    name = f"eebus-gw-{os.getpid()}"
    inside = ("ip", "netns", "exec", name)
    added = _run("ip", "netns", "add", name)
    if added.returncode != 0:
        _missing(added.stderr.strip())
    try:
        for command in (
            "ip link set lo up",
            "ip link add lan0 type veth peer name lan1",
            f"ip address add {LAN_ADDRESS}/24 dev lan0",
            "ip link set lan0 up",
            "ip link set lan1 up",
            "ip route add 224.0.0.0/4 dev lan0",
        ):
            result = _run(*inside, *command.split())
            if result.returncode != 0:
                _missing(f"{command}: {result.stderr.strip()}")
        yield inside
    finally:
        _run("ip", "netns", "delete", name)


def _missing(reason: str) -> NoReturn:
    text = f"no network namespace: {reason}"
    if "netns" in os.environ.get("EEBUS_GW_REQUIRE", "").split(","):
        pytest.fail(text)
    pytest.skip(text)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
