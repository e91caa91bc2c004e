"""Telling the service manager how we are: READY, STATUS, WATCHDOG, STOPPING (sd_notify datagrams).

Outside a service every call does nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The supervisor of this process, or none."""

    address: str | None = None
    watchdog_interval_s: float | None = None
    """How often ``alive`` wants to be called: half of what the unit file allows."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Reads ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID``."""
        variables = os.environ if environment is None else environment
        address = variables.get("NOTIFY_SOCKET") or None
        allowed = variables.get("WATCHDOG_USEC", "")
        meant = variables.get("WATCHDOG_PID", "") in {"", str(os.getpid())}
        if address is None or not allowed.isdigit() or int(allowed) == 0 or not meant:
            return cls(address)
        return cls(address, int(allowed) / 2_000_000)

    def ready(self, status: str = "") -> None:
        """The ports are open; the service counts as started."""
        self._send("READY=1", *_status(status))

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(*_status(text))

    def alive(self) -> None:
        """Feeds the watchdog."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The service goes down on purpose."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if self.address is None or not lines:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        # A supervisor that cannot be reached is no reason to stop working.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as datagrams,
        ):
            datagrams.setblocking(False)
            datagrams.sendto("\n".join(lines).encode(), address)


def _status(text: str) -> tuple[str, ...]:
    return (f"STATUS={text.splitlines()[0]}",) if text.strip() else ()
