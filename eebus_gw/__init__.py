"""EEBUS gateway: wallboxes on the LAN, bridged to MQTT.

The names below are what programs may build on; everything else may change between minor versions. They are imported
when they are first used, so that ``import eebus_gw`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "EebusError": "eebus_gw.errors",
    "Entity": "eebus_gw.roles.host",
    "Gateway": "eebus_gw.gateway.gateway",
    "Home": "eebus_gw.home",
    "Identity": "eebus_gw.identity",
    "NetworkOptions": "eebus_gw.net.options",
    "Node": "eebus_gw.node",
    "NotConnected": "eebus_gw.errors",
    "NotReady": "eebus_gw.errors",
    "Refused": "eebus_gw.errors",
    "TimedOut": "eebus_gw.errors",
    "Update": "eebus_gw.roles.events",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'eebus_gw' has no attribute {name!r}")
