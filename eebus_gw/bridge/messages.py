"""What goes to the broker and what comes from it, free of any MQTT library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Purpose(Enum):
    """Why a publication exists; decides what becomes of it when the connection breaks under it."""

    STATE = "state"
    CLEAR = "clear"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True)
class Publication:
    """One message for the broker; an empty ``payload`` removes a retained message."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    purpose: Purpose = Purpose.ORDERED
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One message from the broker.

    ``retained`` says that it lay on the topic before we subscribed. ``response_topic`` and
    ``correlation`` exist with MQTT 5 senders only.
    """

    topic: str
    payload: bytes
    retained: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
