"""What each recorded device supports of the use cases: scenarios, or in vain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.roles.matching import verdicts
from eebus_gw.spine.discovery import apply_discovery, apply_use_cases
from eebus_gw.spine.model.node_management import (
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementUseCaseDataType,
)
from eebus_gw.spine.remote import RemoteDevice
from eebus_gw.wire.fold import decode
from usecases import catalogue

DEVICES = Path(__file__).parents[2] / ".." / "shared" / "devices"
pytestmark = pytest.mark.skipif(
    not DEVICES.exists(), reason="reference data is not beside the checkout"
)

ALL_OF_EVCC = (1, 2, 3, 4, 5, 6, 7, 8)
CHARGER = {
    "evsecc": (1, 2),
    "evcc": ALL_OF_EVCC,
    "evcem": (1, 2, 3),
    "opev": (1, 2, 3),
    "oscev": (1, 2, 3),
}
USABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "elli-charger-connect-pro": CHARGER,
    "spelsberg-wallbox-smart-pro": CHARGER,
    "porsche-mobile-charger-connect": {
        **CHARGER,
        "evsoc": (1,),
        "cevc": (1, 2, 3, 4, 5, 6, 7, 8),
        "evcs": (1,),
    },
    "kostal-kostal-smart-energy-meter": {
        "lpc": (1, 2, 3, 4),
        "mpc": (1, 2, 3, 4, 5),
        "mgcp": (1, 2, 3, 4, 5, 6, 7),
    },
    "sma-home-manager-2": {
        "lpc": (1, 2, 3, 4),
        "lpp": (1, 2, 3, 4),
        "mgcp": (1, 2, 3, 4, 5, 6, 7),
        "vabd": (1, 2, 3, 4),
        "vapd": (1, 2, 3),
    },
    "evcc-io-evcc": {},
    "viessmann-vitoconnect": {},
    "vaillant-arotherm-vwl-756a": {},
}
IN_VAIN = {
    "elli-charger-connect-pro": {"cevc", "evcs"},
    "spelsberg-wallbox-smart-pro": {"cevc", "evcs"},
}


def recorded(name: str) -> RemoteDevice:
    """A device as its recorded answers describe it."""
    device = RemoteDevice()
    discovery = _payload(name, "discovery-data", "nodeManagementDetailedDiscoveryData")
    apply_discovery(
        device, decode(discovery, NodeManagementDetailedDiscoveryDataType), partial=False
    )
    if (DEVICES / name / "usecase-data.json").exists():
        use_cases = _payload(name, "usecase-data", "nodeManagementUseCaseData")
        apply_use_cases(device, decode(use_cases, NodeManagementUseCaseDataType), partial=False)
    return device


def _payload(name: str, file: str, function: str) -> Any:
    message = json.loads((DEVICES / name / f"{file}.json").read_text())
    return message["data"]["payload"]["datagram"]["payload"]["cmd"][0][function]


@pytest.mark.parametrize("name", USABLE)
def test_usable_scenarios(name: str) -> None:
    found = {
        v.code: v.scenarios for v in verdicts(catalogue().values(), recorded(name)) if v.usable
    }
    assert found == USABLE[name]


@pytest.mark.parametrize("name", USABLE)
def test_announced_in_vain(name: str) -> None:
    vain = {
        v.code
        for v in verdicts(catalogue().values(), recorded(name))
        if v.scenarios and not v.usable
    }
    assert vain == IN_VAIN.get(name, set())


@pytest.mark.parametrize("name", USABLE)
def test_no_recorded_device_can_discharge(name: str) -> None:
    (verdict,) = (v for v in verdicts(catalogue().values(), recorded(name)) if v.code == "dbevc")
    assert not verdict.usable


def test_every_recording_is_covered() -> None:
    assert {p.name for p in DEVICES.iterdir() if p.is_dir()} == set(USABLE)
