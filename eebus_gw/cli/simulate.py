"""``simulate``: the other ends of the cable, for desks without hardware; each has a module of its own."""

from __future__ import annotations

import click

from eebus_gw.cli.lazy import LazyGroup

SIMULATORS = {
    "wallbox": (
        "simulate_wallbox",
        "wallbox",
        "Run a wallbox with a car that follows limits and setpoints, measures, and falls back safely.",
    ),
    "controlbox": (
        "simulate_controlbox",
        "controlbox",
        "Run a control box (Steuerbox) that limits consumption and production.",
    ),
    "house": (
        "simulate_house",
        "house",
        "Run a house: grid meter, PV system, and a battery that follows setpoints.",
    ),
}


@click.group(cls=LazyGroup, commands_table=SIMULATORS)
def simulate() -> None:
    """Run a simulated wallbox, control box or house."""
