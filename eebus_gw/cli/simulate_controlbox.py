"""``simulate controlbox``: the grid operator's end."""

from __future__ import annotations

from typing import Any

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.cli.peer_address import peer_address
from eebus_gw.cli.simulator import (
    Lines,
    own_directory,
    port_option,
    reach_of,
    read_script,
    run_simulator,
    scenario_option,
    trust_option,
    where_options,
)


@click.command(
    epilog="\b\nExample: eebus-gw --home /tmp/controlbox simulate controlbox \\\n"
    "             --peer SKI@192.0.2.7:4713 --limit 4200"
)
@port_option(4714)
@trust_option("device")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    metavar="SKI@HOST:PORT",
    help="Trust this device and dial it there; repeatable.",
)
@click.option("--limit", type=float, metavar="W", help="Limit consumption from the start (LPC).")
@click.option("--production-limit", type=float, metavar="W", help="Limit production (LPP).")
@click.option(
    "--for",
    "for_s",
    type=NumberRange(0),
    metavar="S",
    help="These limits end after S seconds.",
)
@click.option(
    "--silent-after",
    type=NumberRange(0),
    metavar="S",
    help="Send nothing any more after that.",
)
@scenario_option
@click.option(
    "--patient",
    is_flag=True,
    help="Write increases at most every five minutes, as a real control box must.",
)
@where_options("control box")
@json_option
@pass_context
def controlbox(context: CommandContext, /, **options: Any) -> None:
    """Run a control box (Steuerbox) that limits consumption and production.

    Powers are given as positive numbers in both directions; a negative one is sent with the wrong
    sign, to see it refused.
    """
    from eebus_gw.cli.control_box_lines import event_text
    from eebus_gw.home import Home
    from eebus_gw.sim.control_box_runner import ControlBoxOptions, ControlBoxRunner

    context.setup_logging()
    runner = ControlBoxRunner(
        Home.open(own_directory(context, "controlbox")),
        reach_of(options),
        ControlBoxOptions(
            peers=tuple(map(peer_address, options["peers"])),
            limit_w=options["limit"],
            production_limit_w=options["production_limit"],
            for_s=options["for_s"],
            silent_after_s=options["silent_after"],
            patient=options["patient"],
        ),
        scenario=read_script(options["scenario"]),
    )
    lines = Lines(context.output, "control box", event_text)
    run_simulator(runner.run(lines.ready, lines.seen))
