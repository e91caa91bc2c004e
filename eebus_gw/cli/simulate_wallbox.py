"""``simulate wallbox``: wallboxes with a car each, one or many in one process."""

from __future__ import annotations

import math
from datetime import time
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.nearest import NearestChoice
from eebus_gw.cli.simulator import (
    Lines,
    auto_accept_option,
    number_option,
    offer_option,
    own_directory,
    port_option,
    reach_of,
    read_offer,
    read_script,
    run_simulator,
    scenario_option,
    trust_option,
    where_options,
)
from eebus_gw.clock import MACHINE_ZONE, SystemClock, next_time_of_day
from eebus_gw.errors import ConfigError
from eebus_gw.net.address import USUAL_PORT

if TYPE_CHECKING:
    from eebus_gw.sim.snapshot import WallboxSnapshot

EV_KINDS = ("none", "iec61851", "iso15118", "bidirectional", "bidirectional-dc")


@click.command(epilog="Example: eebus-gw --home /tmp/box simulate wallbox --auto-accept")
@port_option(USUAL_PORT)
@trust_option("gateway")
@auto_accept_option
@click.option(
    "--ev",
    type=NearestChoice(EV_KINDS),
    default="iso15118",
    show_default=True,
    metavar="KIND",
    help=f"Kind of car: {', '.join(EV_KINDS)}.",
)
@number_option("--soc", 0, 100, 50.0, "PERCENT", "State of charge at the start.")
@number_option("--capacity-kwh", 1, 1000, 60.0, "KWH", "Capacity of the battery.")
@number_option("--max-a", 6, 500, 16.0, "A", "Most the wallbox offers per phase.")
@number_option("--min-soc", 0, 100, 30.0, "PERCENT", "What the driver wants at least.")
@number_option("--target-soc", 0, 100, 80.0, "PERCENT", "What the driver wants at departure.")
@click.option("--departure", metavar="TIME", help="Local time HH:MM, or hours from now.")
@click.option("--no-discharge", is_flag=True, help="The driver does not permit discharging.")
@offer_option("evsecc,evcc,opev")
@click.option(
    "--count", type=click.IntRange(1, 1000), metavar="N", help="That many wallboxes in one process."
)
@scenario_option
@where_options("wallbox")
@json_option
@pass_context
def wallbox(context: CommandContext, /, **options: Any) -> None:
    """Run a wallbox with a car that follows limits and setpoints, measures, and falls back safely."""
    from eebus_gw.cli.wallbox_lines import WallboxLines
    from eebus_gw.sim.ev import VehicleKind
    from eebus_gw.sim.fleet import Fleet, WallboxOptions

    context.setup_logging()
    fleet = Fleet(
        own_directory(context, "wallbox"),
        reach_of(options),
        WallboxOptions(
            ev=VehicleKind(options["ev"]),
            soc_percent=options["soc"],
            capacity_kwh=options["capacity_kwh"],
            max_a=options["max_a"],
            min_soc_percent=options["min_soc"],
            target_soc_percent=options["target_soc"],
            departure_s=_departure_s(options["departure"]),
            discharge=not options["no_discharge"],
            offer=read_offer(options["offer"]),
        ),
        count=options["count"],
        scenario=read_script(options["scenario"]),
    )
    lines = Lines(context.output, "wallbox", WallboxLines().text)

    def seen(elapsed_s: float, box: int, snapshot: WallboxSnapshot) -> None:
        lines.seen(snapshot.line(round(elapsed_s, 3), box))

    run_simulator(fleet.run(lines.ready, seen))


def _departure_s(text: str | None) -> float | None:
    if text is None:
        return 12 * 3600.0
    if text in ("none", "never"):
        return None
    hours, colon, minutes = text.partition(":")
    try:
        if not colon:
            return _ahead_s(float(text))
        local = SystemClock().wall().astimezone(MACHINE_ZONE)
        at = next_time_of_day(time(int(hours), int(minutes)), local)
        return (at - local).total_seconds()
    except ValueError:
        raise ConfigError(f"--departure: {text!r} is neither HH:MM nor a number of hours") from None


def _ahead_s(hours: float) -> float:
    seconds = hours * 3600.0
    if not 0 <= seconds < math.inf:
        raise ValueError("no time to come")
    return seconds
