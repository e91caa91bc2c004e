"""What happens in the demonstration, scene by scene (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
"""A line of the simulated wallbox."""


def _at_least(watts: float) -> Callable[[Json], bool]:
    return lambda line: bool(line["power_w"] >= watts)


def _at_most(watts: float) -> Callable[[Json], bool]:
    return lambda line: bool(line["power_w"] <= watts)


def _always(line: Json) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: what is said, what is published on ``set/<field>``, and when it is over.

    It lasts ``least_s`` and until ``done``, at most ``most_s``. A scene that ``needs`` a use case is
    left out where the wallbox does not offer it.
    """

    caption: str
    field: str | None = None
    value: Any = None
    done: Callable[[Json], bool] = _always
    least_s: float = 8.0
    most_s: float = 20.0
    needs: str | None = None


OPENING = Scene(
    "A car is plugged in and wants to charge. Nobody limits it: three phases with 16 A are 11 kW.",
    done=_at_least(10_800),
    least_s=4.0,
)
SCENES = (
    Scene(
        "Clouds: the energy manager allows 10 A. It publishes a number, the gateway writes it to"
        " the wallbox, the car obeys.",
        "max_current_a",
        10,
        _at_most(7_000),
        least_s=12.0,
    ),
    Scene(
        "A pause. The limit goes down to the least that keeps the car's session alive.",
        "charging_enabled",
        False,
        _at_most(100),
        least_s=9.0,
    ),
    Scene(
        "Go on. The 10 A from before still hold; nobody had to remember them.",
        "charging_enabled",
        True,
        _at_least(6_700),
        least_s=9.0,
    ),
    Scene(
        "The grid is overloaded: 4.2 kW at most (§14a EnWG), here for ten seconds.",
        "lpc",
        {"limit_w": 4_200, "active": True, "duration_s": 10},
        _at_least(6_700),
        least_s=12.0,
        most_s=30.0,
        needs="lpc",
    ),
    Scene(
        "The house needs power: the car gives 3 kW back from its battery for a while.",
        "setpoint",
        {"setpoint_w": -3_000, "active": True, "duration_s": 15},
        _at_least(100),
        least_s=16.0,
        most_s=40.0,
        needs="dbevc",
    ),
    Scene(
        "The sun is back. What the car may draw anyway is no limit: it charges with all it can.",
        "max_current_a",
        16,
        _at_least(10_800),
        least_s=10.0,
    ),
)


def scenes_for(use_cases: set[str]) -> list[Scene]:
    """The scenes that a wallbox with these usable use cases can play, after ``OPENING``."""
    return [scene for scene in SCENES if scene.needs is None or scene.needs in use_cases]
