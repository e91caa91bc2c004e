"""``simulate``: the other ends of the cable, for desks without hardware."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from eebus_gw.cli.bounds import bound_text
from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.nearest import NearestChoice, nearest_hint
from eebus_gw.cli.peer_address import peer_address
from eebus_gw.errors import ConfigError
from eebus_gw.ship.ski import group_ski, parse_ski

EV_KINDS = ("none", "iec61851", "iso15118", "bidirectional", "bidirectional-dc")


@click.group(cls=NearestGroup)
def simulate() -> None:
    """Run a simulated wallbox, control box or house."""


def _skis(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(parse_ski(value) for value in values)
    except ValueError as error:
        raise ConfigError(f"--trust: {error}") from None


@simulate.command(epilog="Example: eebus-gw --home /tmp/box simulate wallbox --auto-accept")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4711,
    show_default=True,
    metavar="PORT",
    help="Port to listen on.",
)
@click.option("--trust", multiple=True, metavar="SKI", help="Trust this gateway; repeatable.")
@click.option("--auto-accept", is_flag=True, help="Trust whoever connects (tests only).")
@click.option(
    "--ev",
    type=NearestChoice(EV_KINDS),
    default="iso15118",
    show_default=True,
    metavar="KIND",
    help=f"Kind of car: {', '.join(EV_KINDS)}.",
)
@click.option(
    "--soc",
    type=click.FloatRange(0, 100),
    default=50.0,
    show_default=True,
    metavar="PERCENT",
    help="State of charge at the start.",
)
@click.option(
    "--capacity-kwh",
    type=click.FloatRange(1, 1000),
    default=60.0,
    show_default=True,
    metavar="KWH",
    help="Capacity of the battery.",
)
@click.option(
    "--max-a",
    type=click.FloatRange(6, 500),
    default=16.0,
    show_default=True,
    metavar="A",
    help="Most the wallbox offers per phase.",
)
@click.option(
    "--min-soc",
    type=click.FloatRange(0, 100),
    default=30.0,
    show_default=True,
    metavar="PERCENT",
    help="What the driver wants at least.",
)
@click.option(
    "--target-soc",
    type=click.FloatRange(0, 100),
    default=80.0,
    show_default=True,
    metavar="PERCENT",
    help="What the driver wants at departure.",
)
@click.option("--departure", metavar="TIME", help="Local time HH:MM, or hours from now.")
@click.option("--no-discharge", is_flag=True, help="The driver does not permit discharging.")
@click.option(
    "--offer", metavar="USECASES", help="Offer only these, for instance evsecc,evcc,opev."
)
@click.option(
    "--count", type=click.IntRange(1, 1000), metavar="N", help="That many wallboxes in one process."
)
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A script of timed steps (docs/simulators.md).",
)
@click.option("--host", metavar="ADDRESS", help="Listen only here; default: everywhere.")
@click.option("--no-mdns", is_flag=True, help="Do not announce the wallbox.")
@json_option
@pass_context
def wallbox(context: CommandContext, /, **options: Any) -> None:
    """Run a wallbox with a car that follows limits and setpoints, measures, and falls back safely."""
    from eebus_gw.sim.ev import VehicleKind
    from eebus_gw.sim.fleet import BoxOptions, Fleet
    from eebus_gw.sim.scenario import parse_scenario

    context.setup_logging()
    script: Path | None = options["scenario"]
    fleet = Fleet(
        _simulator_home(context, "wallbox"),
        options["port"],
        BoxOptions(
            ev=VehicleKind(options["ev"]),
            soc_percent=options["soc"],
            capacity_kwh=options["capacity_kwh"],
            max_a=options["max_a"],
            min_soc_percent=options["min_soc"],
            target_soc_percent=options["target_soc"],
            departure_s=_departure_s(options["departure"]),
            discharge=not options["no_discharge"],
            offer=_offer(options["offer"]),
            trust=_skis(options["trust"]),
            auto_accept=options["auto_accept"],
            host=options["host"],
            mdns=not options["no_mdns"],
        ),
        count=options["count"],
        scenario=parse_scenario(script.read_text(), str(script)) if script else None,
    )
    _run(fleet.run(lambda line: _ready(context, line), Ticker(context).seen))


@simulate.command(
    epilog="\b\nExample: eebus-gw --home /tmp/controlbox simulate controlbox \\\n"
    "             --peer SKI@192.0.2.7:4713 --limit 4200"
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4714,
    show_default=True,
    metavar="PORT",
    help="Port to listen on.",
)
@click.option("--trust", multiple=True, metavar="SKI", help="Trust this device; repeatable.")
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
    type=click.FloatRange(0),
    metavar="S",
    help="These limits end after S seconds.",
)
@click.option(
    "--silent-after",
    type=click.FloatRange(0),
    metavar="S",
    help="Send nothing any more after that.",
)
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A script of timed steps (docs/simulators.md).",
)
@click.option(
    "--patient",
    is_flag=True,
    help="Write increases at most every five minutes, as a real control box must.",
)
@click.option("--host", metavar="ADDRESS", help="Listen only here; default: everywhere.")
@click.option("--no-mdns", is_flag=True, help="Do not announce the control box.")
@json_option
@pass_context
def controlbox(context: CommandContext, /, **options: Any) -> None:
    """Run a control box (Steuerbox) that limits consumption and production.

    Powers are given as positive numbers in both directions; a negative one is sent with the wrong
    sign, to see it refused.
    """
    from eebus_gw.cli.box_lines import box_line
    from eebus_gw.home import Home
    from eebus_gw.sim.box_runner import BoxRunner, ControlBoxOptions
    from eebus_gw.sim.scenario import parse_scenario

    context.setup_logging()
    script: Path | None = options["scenario"]
    output = context.output
    runner = BoxRunner(
        Home.open(_simulator_home(context, "controlbox")),
        ControlBoxOptions(
            port=options["port"],
            trust=_skis(options["trust"]),
            peers=tuple(map(peer_address, options["peers"])),
            limit_w=options["limit"],
            production_limit_w=options["production_limit"],
            for_s=options["for_s"],
            silent_after_s=options["silent_after"],
            patient=options["patient"],
            host=options["host"],
            mdns=not options["no_mdns"],
        ),
        scenario=parse_scenario(script.read_text(), str(script)) if script else None,
    )

    def ready(line: Any) -> None:
        output.line(f"control box ready on port {line['port']}, SKI {group_ski(line['ski'])}")
        if output.json:
            output.object(line)

    def seen(line: Any) -> None:
        if output.json:
            output.object(line)
        elif line["event"] != "heartbeat":
            output.line(box_line(line))

    _run(runner.run(ready, seen))


@simulate.command(
    epilog="Example: eebus-gw --home /tmp/house simulate house --auto-accept --pv 6000"
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4716,
    show_default=True,
    metavar="PORT",
    help="Port to listen on.",
)
@click.option("--trust", multiple=True, metavar="SKI", help="Trust this gateway; repeatable.")
@click.option("--auto-accept", is_flag=True, help="Trust whoever connects (tests only).")
@click.option(
    "--load",
    type=click.FloatRange(0),
    default=500.0,
    show_default=True,
    metavar="W",
    help="What the house draws.",
)
@click.option(
    "--pv-peak",
    type=click.FloatRange(0, min_open=True),
    default=8000.0,
    show_default=True,
    metavar="W",
    help="Peak power of the PV system, which follows the sun of the local day.",
)
@click.option(
    "--pv",
    type=click.FloatRange(0),
    metavar="W",
    help="Constant power of the PV system instead.",
)
@click.option("--no-pv", is_flag=True, help="There is no PV system.")
@click.option(
    "--soc",
    type=click.FloatRange(0, 100),
    default=50.0,
    show_default=True,
    metavar="PERCENT",
    help="State of charge of the battery at the start.",
)
@click.option(
    "--capacity-kwh",
    type=click.FloatRange(0.1, 1000),
    default=10.0,
    show_default=True,
    metavar="KWH",
    help="Capacity of the battery.",
)
@click.option(
    "--max-w",
    type=click.FloatRange(100, 1_000_000),
    default=5000.0,
    show_default=True,
    metavar="W",
    help="Most the battery charges and discharges.",
)
@click.option("--no-battery", is_flag=True, help="There is no battery.")
@click.option("--offer", metavar="USECASES", help="Offer only these, for instance mgcp,vapd.")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A script of timed steps (docs/simulators.md).",
)
@click.option("--host", metavar="ADDRESS", help="Listen only here; default: everywhere.")
@click.option("--no-mdns", is_flag=True, help="Do not announce the house.")
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
    from eebus_gw.sim.scenario import parse_scenario
    from eebus_gw.sim.simulated_node import Reach

    context.setup_logging()
    script: Path | None = options["scenario"]
    output, lines = context.output, HouseLines()
    pv_w: float | None = options["pv"]
    runner = HouseRunner(
        Home.open(_simulator_home(context, "house")),
        Reach(
            port=options["port"],
            host=options["host"],
            mdns=not options["no_mdns"],
            trust=_skis(options["trust"]),
            auto_accept=options["auto_accept"],
        ),
        HouseOptions(
            load_w=options["load"],
            pv_peak_w=0.0 if options["no_pv"] else max(options["pv_peak"], pv_w or 0.0),
            pv_w=pv_w,
            capacity_wh=0.0 if options["no_battery"] else options["capacity_kwh"] * 1000,
            soc_percent=options["soc"],
            max_w=options["max_w"],
        ),
        offer=_offer(options["offer"]),
        scenario=parse_scenario(script.read_text(), str(script)) if script else None,
    )

    def ready(line: Any) -> None:
        output.line(f"house ready on port {line['port']}, SKI {group_ski(line['ski'])}")
        if output.json:
            output.object(line)

    def seen(line: Any) -> None:
        if output.json:
            output.object(line)
        elif text := lines.text(line):
            output.line(text)

    _run(runner.run(ready, seen))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Runs a simulator until it is interrupted or asked to end, and closes its links in order."""
    with contextlib.suppress(asyncio.CancelledError):
        run_async(_until_asked_to_end(work))


async def _until_asked_to_end(work: Coroutine[Any, Any, None]) -> None:
    running = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await running


class Ticker:
    """Prints a line a second with ``--json``; for people only what changed."""

    def __init__(self, context: CommandContext) -> None:
        self._context = context
        self._last: dict[int, tuple[Any, ...]] = {}

    def seen(self, elapsed_s: float, box: int, snapshot: Any) -> None:
        line = snapshot.line(round(elapsed_s, 3), box)
        if self._context.output.json:
            self._context.output.object(line)
            return
        shown = (line["plugged"], round(line["power_w"], -1), line["limit_a"], line["limited_by"])
        if self._last.get(box) != shown:
            self._last[box] = shown
            soc = "" if line["soc_percent"] is None else f"  {line['soc_percent']:.1f} %"
            car = f"{line['power_w']:.0f} W{soc}" if line["plugged"] else "no car"
            bound = f"  limited by {bound_text(line['limited_by'])}" if line["limited_by"] else ""
            self._context.output.line(
                f"{elapsed_s:8.1f} s  box {box}  {car}  offers {line['limit_a']} A{bound}"
            )


def _ready(context: CommandContext, line: Any) -> None:
    if context.output.json:
        context.output.object(line)
    else:
        context.output.line(
            f"wallbox {line['box']} ready on port {line['port']}, SKI {group_ski(line['ski'])}"
        )


def _simulator_home(context: CommandContext, name: str) -> Path:
    if context.home_option is not None:
        return context.home_option.absolute()
    raise ConfigError(
        "a simulator needs a home directory of its own",
        hint=f"for instance: eebus-gw --home /tmp/{name} simulate {name}",
    )


def _offer(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    from usecases import catalogue

    codes = frozenset(code.strip().lower() for code in text.split(",") if code.strip())
    unknown = sorted(codes - set(catalogue()))
    if unknown:
        raise ConfigError(
            f"--offer: there is no use case {unknown[0]!r}",
            hint=nearest_hint(unknown[0], catalogue()),
        )
    return codes


def _departure_s(text: str | None) -> float | None:
    if text is None:
        return 12 * 3600.0
    if text in ("none", "never"):
        return None
    hours, colon, minutes = text.partition(":")
    try:
        if not colon:
            return float(text) * 3600.0
        from datetime import datetime, timedelta

        now = datetime.now().astimezone()
        at = now.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
        if at <= now:
            at += timedelta(days=1)
        return (at - now).total_seconds()
    except ValueError:
        raise ConfigError(f"--departure: {text!r} is neither HH:MM nor a number of hours") from None
