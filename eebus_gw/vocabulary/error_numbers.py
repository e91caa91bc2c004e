"""The error numbers of results, for those who know the vocabulary and not SPINE itself."""

from __future__ import annotations

from eebus_gw.spine.error_numbers import (
    FILTER_UNSUPPORTED,
    GENERAL,
    NO_BINDING,
    OVERLOAD,
    REJECTED,
    TIMEOUT,
    UNKNOWN_DESTINATION,
    UNREACHABLE,
    UNSUPPORTED,
)

__all__ = [
    "FILTER_UNSUPPORTED",
    "GENERAL",
    "NO_BINDING",
    "OVERLOAD",
    "REJECTED",
    "TIMEOUT",
    "UNKNOWN_DESTINATION",
    "UNREACHABLE",
    "UNSUPPORTED",
]
