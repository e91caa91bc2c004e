"""What happens in the demonstration, scene by scene (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eebus_gw.sim.scenario import Step

Json = Mapping[str, Any]
"""A line of the simulated wallbox."""


def _at_least(watts: float) -> Callable[[Json], bool]:
    return lambda line: bool(line["power_w"] >= watts)


def _at_most(watts: float) -> Callable[[Json], bool]:
    return lambda line: bool(line["power_w"] <= watts)


def _always(line: Json) -> bool:
    return True


def _nothing(line: Json) -> tuple[Step, ...]:
    return ()


EVENING_WH = 40.0
"""What the driver leaves for the house after dinner."""
CAPACITY_KWH = 10.0
"""Of the car: small, so that an evening fits into a minute."""


def _keeps_the_rest(line: Json) -> tuple[Step, ...]:
    """The driver's minimum comes within sight."""
    left_percent = EVENING_WH / (CAPACITY_KWH * 10)
    return (Step(0.0, "min_soc", round(line["soc_percent"] - left_percent, 2)),)


def _leaves_soon(line: Json) -> tuple[Step, ...]:
    return (Step(0.0, "departure", 1_200.0),)


def _has_left(line: Json) -> tuple[Step, ...]:
    """Another day begins."""
    return Step(0.0, "min_soc", 30.0), Step(0.0, "departure", 43_200.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: what is said, what is published on ``set/<field>``, and when it is over.

    ``house_w`` is what the house draws from now on, ``driver`` what the driver does.

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
    house_w: float | None = None
    driver: Callable[[Json], tuple[Step, ...]] = _nothing


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
        "Evening, the sun is gone. The house draws 2.4 kW from the grid, and the car 6.9 kW.",
        least_s=6.0,
        needs="dbevc",
        house_w=2_400.0,
    ),
    Scene(
        "6 kW are wished from the car. Feeding into the grid is forbidden, so it gives what the house"
        " draws by the meter, less a margin.",
        "setpoint",
        {"setpoint_w": -6_000, "active": True, "duration_s": 600},
        _at_most(-2_200),
        least_s=16.0,
        most_s=30.0,
        needs="dbevc",
    ),
    Scene(
        "Dinner is cooked, the house draws 4.5 kW: the car follows the meter.",
        done=_at_most(-4_200),
        least_s=12.0,
        needs="dbevc",
        house_w=4_500.0,
    ),
    Scene(
        "The driver wants to keep the rest of the battery: whatever is wished, the car gives nothing"
        " below this minimum.",
        done=_at_least(-100),
        least_s=10.0,
        most_s=75.0,
        needs="dbevc",
        driver=_keeps_the_rest,
    ),
    Scene(
        "The driver leaves in twenty minutes: the car charges for the departure, although the wish to"
        " discharge still stands.",
        done=_at_least(6_500),
        least_s=18.0,
        most_s=40.0,
        needs="dbevc",
        house_w=500.0,
        driver=_leaves_soon,
    ),
    Scene(
        "The wish ends, and another day begins: without a setpoint the car charges as it likes.",
        "setpoint",
        {"active": False},
        _at_least(6_700),
        least_s=8.0,
        needs="dbevc",
        driver=_has_left,
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
