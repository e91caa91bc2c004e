"""What keeps a power from being what was wished, in words that follow "limited by"."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "grid_consumption": "the grid's consumption limit",
    "grid_production": "the grid's production limit",
    "overload": "the energy manager's current limit",
    "safe_current": "the safe current: no energy manager is heard",
    "guard_silent": "silence: no energy manager is heard",
    "wallbox_maximum": "what the wallbox can do",
    "car_maximum": "what the car can do",
    "recommendation": "the energy manager's recommendation",
    "plan": "the car's charging plan",
    "gap": "the car's smallest power",
    "ramp": "its own ramp",
    "driver_minimum": "the driver's minimum charge",
    "driver_target": "the driver's target charge",
    "departure": "the energy needed at departure",
    "discharge_permission": "a missing permission to discharge",
    "battery": "the battery, which is full or empty",
    "paused_by_driver": "the driver, who paused it",
    "asleep": "the car's sleep",
    "holding": "the car, which holds its charge",
    "feed_in": "the rule against feeding in",
    "budget": "the discharge budget of the day or hour",
    "stale_data": "data that are too old",
}


def bound_text(word: str) -> str:
    """Plain words for a value of ``limited_by``."""
    return _WORDS.get(word, word.replace("_", " "))
