"""Which specification versions of a peer are accepted (TC_SPINE_COMP_002, _006)."""

from __future__ import annotations

import re

from eebus_gw.errors import DatagramError
from eebus_gw.spine.error_numbers import GENERAL

_PATTERN = re.compile(r"[vV]?1\.[0-9]+\.[0-9]+")


def check_version(stated: str | None) -> None:
    """Accepts every 1.x.y, a leading ``v`` and a missing version; raises ``DatagramError`` for others."""
    if stated and not _PATTERN.fullmatch(stated):
        raise DatagramError(
            GENERAL, f"specification version {stated!r} is not understood", clause="SPINE 5.2"
        )
