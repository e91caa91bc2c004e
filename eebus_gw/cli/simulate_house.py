"""``simulate house``: what stands behind one grid meter, without wallboxes."""

from __future__ import annotations

from typing import Any

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.parameters import NumberRange
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


@click.command(epilog="Example: eebus-gw --home /tmp/house simulate house --auto-accept --pv 6000")
@port_option(4716)
@trust_option("gateway")
@auto_accept_option
@number_option("--load", 0, None, 500.0, "W", "What the house draws.")
@click.option(
    "--pv-peak",
    type=NumberRange(0, min_open=True),
    default=8000.0,
    show_default=True,
    metavar="W",
    help="Peak power of the PV system, which follows the sun of the local day.",
)
@click.option(
    "--pv",
    type=NumberRange(0),
    metavar="W",
    help="Constant power of the PV system instead.",
)
@click.option("--no-pv", is_flag=True, help="There is no PV system.")
@number_option("--soc", 0, 100, 50.0, "PERCENT", "State of charge of the battery at the start.")
@number_option("--capacity-kwh", 0.1, 1000, 10.0, "KWH", "Capacity of the battery.")
@number_option("--max-w", 100, 1_000_000, 5000.0, "W", "Most the battery charges and discharges.")
@click.option("--no-battery", is_flag=True, help="There is no battery.")
@offer_option("mgcp,vapd")
@scenario_option
@where_options("house")
@json_option
@pass_context
def house(context: CommandContext, /, **options: Any) -> None:
    """Run a house: grid meter, PV system, and a battery that follows setpoints.

    Left to itself the battery takes up surplus and covers the load.
    """
    from eebus_gw.cli.house_lines import HouseLines
    from eebus_gw.home import Home
    from eebus_gw.sim.house import HouseOptions
    from eebus_gw.sim.house_runner import HouseRunner

    context.setup_logging()
    pv_w: float | None = options["pv"]
    runner = HouseRunner(
        Home.open(own_directory(context, "house")),
        reach_of(options),
        HouseOptions(
            load_w=options["load"],
            pv_peak_w=0.0 if options["no_pv"] else max(options["pv_peak"], pv_w or 0.0),
            pv_w=pv_w,
            capacity_wh=0.0 if options["no_battery"] else options["capacity_kwh"] * 1000,
            soc_percent=options["soc"],
            max_w=options["max_w"],
        ),
        offer=read_offer(options["offer"]),
        scenario=read_script(options["scenario"]),
    )
    lines = Lines(context.output, "house", HouseLines().text)
    run_simulator(runner.run(lines.ready, lines.seen))
