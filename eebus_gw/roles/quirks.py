"""Deviations of real devices, as data.

General tolerance needs no entry here: full writes follow from what a device announces, missing addresses and
``Generic`` features are looked for everywhere. An entry exists where a device means something else than it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eebus_gw.spine.remote import RemoteDevice


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation: which devices show it (a pattern over the SPINE device address), and where that is known from."""

    pattern: str
    source: str
    dummy_use_cases: frozenset[str] = frozenset()
    """Codes of use cases that are announced without anything behind them."""
    note: str = ""

    def applies(self, device: RemoteDevice) -> bool:
        """Whether ``device`` is one of those."""
        return re.search(self.pattern, device.address or "", re.IGNORECASE) is not None


QUIRKS = (
    Quirk(
        pattern=r"Elli|(?:Volkswagen|Skoda|Cupra|Audi).*(?:ID|Charger|Wallbox)",
        source="recording of firmware 3.8.12",
        dummy_use_cases=frozenset({"cevc", "evcs"}),
        note="announces coordinated charging and the charging summary but does not implement them",
    ),
    Quirk(
        pattern=r"Spelsberg|^d:_i:4711_",
        source="recording of firmware 5.30",
        dummy_use_cases=frozenset({"cevc", "evcs"}),
        note="same stack as Elli; ISO 15118 scenarios are announced although ISO 15118 is off",
    ),
)


def quirks_of(device: RemoteDevice) -> tuple[Quirk, ...]:
    """The entries that apply to a device."""
    return tuple(quirk for quirk in QUIRKS if quirk.applies(device))


def is_dummy(device: RemoteDevice, code: str) -> str | None:
    """Why a use case of this device is announced in vain, or ``None``."""
    for quirk in quirks_of(device):
        if code in quirk.dummy_use_cases:
            return quirk.note
    return None
