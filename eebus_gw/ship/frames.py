"""SHIP frames: one WebSocket binary message is a type byte and a value (SHIP 13.4.2)."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from eebus_gw.wire.codec import dumps

MAX_RECEIVED_BYTES = 262_144
MAX_SENT_BYTES = 102_400
"""What we send at most: the Go implementation refuses anything beyond 100 KiB."""


class FrameType(IntEnum):
    """The first byte."""

    INIT = 0
    CONTROL = 1
    DATA = 2
    END = 3


CMI_FRAME = bytes([FrameType.INIT, 0])
"""Connection mode initialisation: the only frame whose value is no JSON (SHIP 13.4.3)."""

_TYPE_BYTES = {kind: bytes([kind]) for kind in FrameType}


def build(kind: FrameType, tree: Any) -> bytes:
    """The frame of type ``kind`` with ``tree`` as minified JSON, which some peers depend on."""
    return _TYPE_BYTES[kind] + dumps(tree)
