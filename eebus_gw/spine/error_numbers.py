"""Error numbers of results (SPINE resource specification, Result). Peers may send others; they are failures, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GENERAL: Final = 1
"""A malformed message, and whatever has no number of its own."""
TIMEOUT: Final = 2
"""Not decided in time; here also that no answer came, when the message may have taken effect."""
OVERLOAD: Final = 3
UNKNOWN_DESTINATION: Final = 4
UNREACHABLE: Final = 5
UNSUPPORTED: Final = 6
"""An unknown function, or one that is not offered this way."""
REJECTED: Final = 7
"""Understood and refused."""
FILTER_UNSUPPORTED: Final = 8
NO_BINDING: Final = 9

MEANINGS: Final[Mapping[int, str]] = {
    GENERAL: "general error",
    TIMEOUT: "timeout",
    OVERLOAD: "overload",
    UNKNOWN_DESTINATION: "destination unknown",
    UNREACHABLE: "destination unreachable",
    UNSUPPORTED: "command not supported",
    REJECTED: "command rejected",
    FILTER_UNSUPPORTED: "restricted function exchange combination not supported",
    NO_BINDING: "binding necessary",
}
"""The words of the standard."""
