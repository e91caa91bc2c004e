"""What may be the id of a device: it is a part of topics, and fixed when the device is paired (contract §2)."""

from __future__ import annotations

import re

LONGEST_ID = 64
PATTERN = rf"[a-z0-9-]{{1,{LONGEST_ID}}}"
RESERVED_IDS = frozenset({"bridge", "grid"})
"""Branches of the topic tree that are no device."""


def is_slug(text: str) -> bool:
    """Whether ``text`` has the form of an id."""
    return re.fullmatch(PATTERN, text) is not None


def is_device_id(text: str) -> bool:
    """Whether ``text`` may name a device."""
    return is_slug(text) and text not in RESERVED_IDS
