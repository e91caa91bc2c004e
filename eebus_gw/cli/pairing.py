"""``pairing open|close|approve|deny``: unknown peers that ask to be let in, one by one."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from eebus_gw.cli.context import (
    WALLBOX,
    CommandContext,
    json_option,
    pass_context,
    run_async,
    side_option,
)
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.live import Live, live_gateway, running_gateway
from eebus_gw.control import NotRunning
from eebus_gw.errors import ConfigError
from eebus_gw.ship.ski import group_ski, parse_ski

LOOK_S = 0.5
Json = dict[str, Any]


@click.group(cls=NearestGroup)
def pairing() -> None:
    """Let unknown peers ask for trust, and decide on each."""


@pairing.command("open", epilog="Example: eebus-gw pairing open --seconds 300")
@side_option(WALLBOX)
@click.option(
    "--seconds",
    type=click.IntRange(1, 600),
    default=120,
    show_default=True,
    metavar="S",
    help="How long the window stays open.",
)
@click.option("--follow", is_flag=True, help="Stay and list who asks until the window closes.")
@json_option
@pass_context
def open_(context: CommandContext, side: str, seconds: int, follow: bool) -> None:
    """Keep unknown peers that connect waiting, and list them; each still needs `approve`.

    Without a running gateway, this command takes its place for as long as the window is open.
    """
    context.setup_logging()
    shown = run_async(_open(context, side, seconds, follow))
    if context.output.json:
        context.output.object(shown)


@pairing.command(epilog="Example: eebus-gw pairing close")
@side_option(WALLBOX)
@json_option
@pass_context
def close(context: CommandContext, side: str) -> None:
    """Close the window; unknown peers are turned away again."""
    shown = run_async(_ask(context, "pairing/close", side=side))
    if context.output.json:
        context.output.object(shown)
    context.output.line("the pairing window is closed")


@pairing.command(
    epilog="Example: eebus-gw pairing approve 7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
)
@click.argument("ski", metavar="SKI")
@side_option(WALLBOX)
@click.option("--alias", metavar="NAME", help="Name for people.")
@json_option
@pass_context
def approve(context: CommandContext, ski: str, side: str, alias: str | None) -> None:
    """Trust a peer that waits; compare its SKI with the label first."""
    named = {"alias": alias} if alias else {}
    shown = run_async(_ask(context, "pairing/approve", ski=_ski(ski), side=side, **named))
    if context.output.json:
        context.output.object(shown)
    context.output.line(f"{shown['id']} with the SKI {group_ski(shown['ski'])} is trusted")
    context.output.line(f"what it can do: eebus-gw inspect {shown['id']}")


@pairing.command(epilog="Example: eebus-gw pairing deny 7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40")
@click.argument("ski", metavar="SKI")
@side_option(WALLBOX)
@json_option
@pass_context
def deny(context: CommandContext, ski: str, side: str) -> None:
    """Turn away a peer that waits."""
    shown = run_async(_ask(context, "pairing/deny", ski=_ski(ski), side=side))
    if context.output.json:
        context.output.object(shown)
    context.output.line(f"{group_ski(shown['ski'])} was turned away")


async def _open(context: CommandContext, side: str, seconds: int, follow: bool) -> Json:
    async with live_gateway(context) as live:
        window = await live.ask("pairing/open", side=side, seconds=seconds)
        port = "" if live.running else " in this command"
        context.output.line(f"the pairing window is open for {seconds} s{port}")
        context.output.line(
            "now start pairing at the device; who asks has to be approved by its SKI"
        )
        if live.running and not follow:
            _list(context, window, set())
            return window
        return await _follow(context, live, side, window)


async def _follow(context: CommandContext, live: Live, side: str, window: Json) -> Json:
    known: set[str] = set()
    asked: dict[str, Json] = {}
    while window["open"]:
        asked |= {entry["ski"]: entry for entry in window["pending"]}
        _list(context, window, known)
        await asyncio.sleep(LOOK_S)
        window = await live.ask("pairing/show", side=side)
    context.output.line("the pairing window is closed")
    return {**window, "asked": list(asked.values())}


def _list(context: CommandContext, window: Json, known: set[str]) -> None:
    for entry in window["pending"]:
        if entry["ski"] in known:
            continue
        known.add(entry["ski"])
        title = " ".join(filter(None, (entry["brand"], entry["model"]))) or entry["address"]
        context.output.line(f"{title} asks, SKI {group_ski(entry['ski'])}")
        context.output.line(f"  eebus-gw pairing approve {entry['ski']}")


async def _ask(context: CommandContext, verb: str, **arguments: Any) -> Json:
    try:
        gateway = await running_gateway(context)
    except NotRunning as error:
        raise NotRunning(
            f"{error}, so nobody waits for a decision",
            hint="eebus-gw pairing open lets peers ask; eebus-gw pair PEER pairs with a known one",
        ) from None
    return await gateway.ask(verb, **arguments)


def _ski(text: str) -> str:
    try:
        return parse_ski(text)
    except ValueError as error:
        raise ConfigError(f"SKI: {error}") from None
