"""``monitor``: live values of the paired devices, with a power chart on a terminal."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any, Protocol

import click

from eebus_gw.cli.context import (
    CommandContext,
    DeviceParameter,
    json_option,
    pass_context,
    run_async,
)
from eebus_gw.cli.live import live_gateway
from eebus_gw.cli.output import Output
from eebus_gw.cli.parameters import NumberRange

Json = dict[str, Any]

LOWEST_V = 207.0
"""What the mains may fall to (230 V − 10 %): the current limit permits no less power than with this."""


class Screen(Protocol):
    """Where the values go."""

    def show(self, values: Json) -> None:
        """Takes the newest values of one device."""
        ...


@click.command(epilog="Example: eebus-gw monitor carport --json")
@click.argument("device", type=DeviceParameter(), metavar="[DEVICE]", required=False)
@click.option(
    "--period",
    "period_s",
    type=NumberRange(0.2, 3600),
    default=1.0,
    show_default=True,
    metavar="S",
    help="Seconds between two values.",
)
@click.option(
    "--minutes",
    type=NumberRange(0.5, 1440),
    default=5.0,
    show_default=True,
    metavar="MIN",
    help="Minutes that the chart shows.",
)
@click.option(
    "--seconds", type=NumberRange(0), metavar="S", help="End after so long; default: never."
)
@json_option
@pass_context
def monitor(
    context: CommandContext,
    device: str | None,
    period_s: float,
    minutes: float,
    seconds: float | None,
) -> None:
    """Watch live values: power, currents, limits, state of charge."""
    context.setup_logging()
    chosen = context.find_peer(device)[1].id if device is not None else None
    if not context.output.terminal and not context.home.peers.trusted():
        context.output.warn("no device is paired yet: eebus-gw pair PEER")
    run_async(_monitor(context, chosen, period_s, minutes * 60.0, seconds))


async def _monitor(
    context: CommandContext,
    device: str | None,
    period_s: float,
    span_s: float,
    seconds: float | None,
) -> None:
    async with live_gateway(context) as live:
        try:
            async with (
                asyncio.timeout(seconds),
                aclosing(live.stream("monitor", id=device, period_s=period_s)) as stream,
            ):
                with _screen(context, span_s) as screen:
                    async for values in stream:
                        screen.show(values)
        except TimeoutError:
            pass


def _screen(context: CommandContext, span_s: float) -> AbstractContextManager[Screen]:
    if not context.output.terminal:
        return nullcontext(PlainScreen(context.output))
    from eebus_gw.cli.monitor_view import MonitorView

    return MonitorView(span_s)


class PlainScreen:
    """A line when something worth reading has changed, or an object each time with ``--json``."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._last: dict[str, tuple[Any, ...]] = {}

    def show(self, values: Json) -> None:
        """See ``Screen``."""
        if self._output.json:
            self._output.object(values)
            return
        powers = (values["power_w"], values["battery_w"], values["pv_w"])
        worth = (
            values["connected"],
            values["charge_state"],
            *(None if watts is None else round(watts, -2) for watts in powers),
            values["limit_a"],
            values["limit_w"],
        )
        if self._last.get(values["id"]) != worth:
            self._last[values["id"]] = worth
            self._output.line(f"{values['ts'][11:19]}  {values['id']:16}  {summary(values)}")


def summary(values: Json) -> str:
    """The values of one device in one line."""
    if not values["connected"]:
        return str(values["phase"])
    house = values["kind"] == "house"
    parts = [house_powers(values) if house else str(values["charge_state"] or "unknown")]
    if not house and values["power_w"] is not None:
        parts.append(f"{values['power_w'] / 1000:.2f} kW")
    if values["soc_percent"] is not None:
        parts.append(f"{values['soc_percent']:.1f} %")
    if (limit := limit_text(values)) is not None:
        parts.append(limit)
    return "  ".join(parts)


def house_powers(values: Json) -> str:
    """What a grid meter or another appliance, a home battery and a PV system tell, as far as they are there."""
    measured = "grid" if values["source"] == "mgcp" else "power"
    powers = ((measured, "power_w"), ("battery", "battery_w"), ("PV", "pv_w"))
    known = ((name, values[member]) for name, member in powers)
    told = (f"{name} {watts / 1000:.2f} kW" for name, watts in known if watts is not None)
    return "  ".join(told) or "–"


def limit_text(values: Json) -> str | None:
    """The limit in force, as the wallbox knows it: the one in watts where it is the tighter one."""
    stated = [a for a in values["limit_a"] or () if a is not None]
    watts = values["limit_w"]
    if stated and (watts is None or watts >= sum(stated) * LOWEST_V):
        same = len(set(stated)) == 1
        return f"limit {f'{stated[0]:g}' if same else ' / '.join(f'{a:g}' for a in stated)} A"
    if watts is not None:
        return f"limit {watts / 1000:.2f} kW"
    return None
