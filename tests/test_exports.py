"""What programs may build on: pinned, importable, and cheap until it is used."""

from __future__ import annotations

import subprocess
import sys

import eebus_gw


def test_exported_names_are_pinned() -> None:
    assert sorted(eebus_gw.__all__) == [
        "EebusError",
        "Entity",
        "Gateway",
        "Home",
        "Identity",
        "NetworkOptions",
        "Node",
        "NotConnected",
        "NotReady",
        "Refused",
        "TimedOut",
        "Update",
    ]


def test_every_exported_name_can_be_had() -> None:
    for name in eebus_gw.__all__:
        assert getattr(eebus_gw, name).__name__ == name


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, eebus_gw; print('pydantic' in sys.modules or 'asyncio' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
