"""The machine below the gateway: clock, disk, container."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

from eebus_gw.diagnostics.check import Check, Grade, ok
from eebus_gw.home import Home
from eebus_gw.net.interfaces import Interface

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
BRIDGE_NETWORK = ip_network("172.16.0.0/12")
LEAST_FREE_BYTES = 50 * 1024 * 1024
SCARCE_BYTES = 500 * 1024 * 1024


def check_clock(wall: datetime, made: datetime | None, synchronised: bool | None) -> Check:
    """The clock against the day the certificate was ``made``, and whether a time service disciplines it."""
    shown = f"{wall:%Y-%m-%d %H:%M:%S} UTC"
    if made is not None and wall < made:
        return Check(
            "clock",
            Grade.FAILED,
            f"the clock says {shown}, before this gateway's certificate was made ({made:%Y-%m-%d})",
            "Set the clock, or let a time service set it (systemd-timesyncd, chrony).",
            "clock",
        )
    if synchronised is False:
        return Check(
            "clock",
            Grade.WARNING,
            f"{shown}; no time service keeps the clock right",
            "Switch one on (systemd-timesyncd, chrony): limits with an end and the journal need it.",
            "clock",
        )
    kept = "" if synchronised is None else ", kept by a time service"
    return ok("clock", f"{shown}{kept}")


def check_disk(home: Home) -> Check:
    """Room and write access where the home directory lies."""
    path = home.path
    try:
        free = shutil.disk_usage(path).free
        # A name of its own: another doctor may look at the same moment.
        with tempfile.NamedTemporaryFile(dir=path, prefix=".write-test-"):
            pass
    except OSError as error:
        return Check(
            "disk",
            Grade.FAILED,
            f"{path} cannot be written: {error.strerror}",
            "Let the user of the gateway own the directory; look at the mount and its room.",
            "disk",
        )
    shown = f"{free / 1e9:.1f} GB" if free >= 1e9 else f"{free / 1e6:.0f} MB"
    if free >= SCARCE_BYTES:
        return ok("disk", f"{shown} free for {path}")
    return Check(
        "disk",
        Grade.FAILED if free < LEAST_FREE_BYTES else Grade.WARNING,
        f"only {shown} free for {path}",
        "Make room: sessions and the grid journal are kept there.",
        "disk",
    )


def check_store(home: Home) -> Check:
    """Whether everything in the home directory could be read."""
    if not home.reports:
        return ok("store", f"the documents in {home.path} are in order")
    return Check(
        "store",
        Grade.WARNING,
        "; ".join(home.reports),
        "Restore a backup (eebus-gw store import FILE), or pair again what is missing.",
        "disk",
    )


def check_container(
    interfaces: Sequence[Interface], marks: Sequence[Path] = CONTAINER_MARKS
) -> Check:
    """Whether this runs in a container whose network no wallbox can reach."""
    if not any(mark.exists() for mark in marks):
        return ok("container", "not in a container")
    bridged = [
        address
        for interface in interfaces
        if interface.name.startswith("eth")
        for address in interface.addresses
        if ":" not in address and ip_address(address) in BRIDGE_NETWORK
    ]
    if not bridged:
        return ok("container", "in a container with an own place in the network")
    return Check(
        "container",
        Grade.FAILED,
        f"in a container behind a bridge ({', '.join(bridged)}): mDNS does not pass it, and no"
        " wallbox reaches that address",
        "Use host networking (eebus-gw config example docker), or pair by address.",
        "container",
    )
