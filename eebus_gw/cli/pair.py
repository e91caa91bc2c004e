"""``pair``: trusts a peer, connects, shows whose turn it is, and says what can work with it."""

from __future__ import annotations

import asyncio
from ipaddress import IPv6Address
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
from eebus_gw.cli.finding import FINE, judge, unseen
from eebus_gw.cli.following import follow, usable
from eebus_gw.cli.live import Live, gateway_if_running, live_gateway
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.cli.peer_target import Target, seen_target, similar_node, stated_target
from eebus_gw.cli.verdict import print_verdict
from eebus_gw.clock import SystemClock
from eebus_gw.net.address import USUAL_PORT, format_address
from eebus_gw.ship.ski import group_ski

Json = dict[str, Any]


@click.command(
    epilog="\b\nExample: eebus-gw pair 7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40\n"
    '         eebus-gw pair "Wallbox Pro" --alias Carport --wait 300',
)
@click.argument("peer", metavar="PEER")
@side_option(WALLBOX)
@click.option("--id", "device_id", metavar="ID", help="Id in topics; never changes later.")
@click.option("--alias", metavar="NAME", help="Name for people; may change at any time.")
@click.option(
    "--host",
    callback=lambda _context, _option, host: host and _host(host),
    metavar="ADDRESS",
    help="Where it is, when mDNS does not show it.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help=f"Its port there.  [default: {USUAL_PORT}]",
)
@click.option("--pin", metavar="PIN", help="Its PIN, if it has one.")
@click.option(
    "--wait",
    "wait_s",
    type=NumberRange(0, 86_400),
    default=120.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for the other side; 0 only records the trust.",
)
@json_option
@pass_context
def pair(context: CommandContext, /, peer: str, side: str, wait_s: float, **facts: Any) -> int:
    """Trust a peer, connect to it, and say what can work with it.

    PEER is a SKI in any spelling, a name that `eebus-gw discover` shows, or the text of a QR code.
    """
    context.setup_logging()
    if facts["port"] is not None and facts["host"] is None:
        raise click.UsageError("--port needs --host")
    target = stated_target(context, side, peer)
    if target is not None and wait_s == 0 and run_async(gateway_if_running(context)) is None:
        answer = _record(context, side, target, facts)
        return _finish(context, {**answer, "phase": "trust recorded"}, recorded=True)
    return run_async(_pair(context, side, target, peer, facts, wait_s))


async def _pair(
    context: CommandContext,
    side: str,
    target: Target | None,
    text: str,
    facts: Json,
    wait_s: float,
) -> int:
    async with live_gateway(context) as live:
        chosen = target or await seen_target(live, text)
        answer = await live.ask("pair", side=side, **_arguments(chosen, facts))
        if wait_s == 0:
            return _finish(context, {**answer, "phase": "trust recorded"}, recorded=True)
        try:
            state = await _wait(context, live, side, answer, wait_s)
        except asyncio.CancelledError:
            name, program = answer["id"], context.program
            context.output.complain(
                f"interrupted; the trust in {name} stays recorded",
                f"go on waiting: {program} pair {name}; undo it: {program} unpair {name}",
            )
            raise
        if unseen(state):
            state["similar"] = await similar_node(live, answer["ski"])
        return _finish(context, {**answer, **state}, running=live.running)


def _host(text: str) -> str:
    """A name or address without port; IPv6 with or without brackets."""
    host = text.removeprefix("[").removesuffix("]")
    if ":" not in host:
        return host
    try:
        return str(IPv6Address(host))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no host; a port goes into --port") from None


def _arguments(target: Target, facts: Json) -> Json:
    address = None
    if facts["host"]:
        address = format_address(facts["host"], facts["port"] or USUAL_PORT)
    given = {
        "device_id": facts["device_id"],
        "alias": facts["alias"],
        "address": address,
        "pin": facts["pin"] or target.pin,
        "ship_id": target.ship_id,
        "how": target.how,
    }
    return {"ski": target.ski, **{name: value for name, value in given.items() if value}}


def _record(context: CommandContext, side: str, target: Target, facts: Json) -> Json:
    """Only the entry in the peer book, where no gateway runs and nothing has to be connected."""
    home = context.home_of(side)
    given = _arguments(target, facts)
    address = given.pop("address", None)
    with context.home.locked():
        home.ensure_identity()
        peer = home.peers.add(
            given.pop("ski"),
            at=SystemClock().wall(),
            **given,
            **({"static_address": address} if address else {}),
        )
    context.report_damage()
    return {"id": peer.id, "ski": peer.ski, "side": side}


async def _wait(
    context: CommandContext, live: Live, side: str, answer: Json, wait_s: float
) -> Json:
    own = context.home_of(side).identity()
    if context.output.json:
        return await follow(live, answer["id"], wait_s)
    if context.output.terminal:
        from eebus_gw.cli.pair_view import PairView

        with PairView(own, answer["ski"], wait_s, program=context.program) as view:
            return await follow(live, answer["id"], wait_s, view.seen)
    from eebus_gw.cli.pair_view import PlainPairing

    plain = PlainPairing(context.output, own, answer["ski"])
    state = await follow(live, answer["id"], wait_s, plain.seen)
    plain.close()
    return state


def _finish(
    context: CommandContext, state: Json, *, recorded: bool = False, running: bool = True
) -> int:
    finding = FINE if recorded else judge(state)
    verdict = state.get("verdict") or []
    paired = not recorded and usable(state)
    if context.output.json:
        members = {name: state.get(name) for name in ("id", "ski")}
        context.output.object(
            {
                **members,
                "paired": paired,
                "phase": state.get("phase"),
                "verdict": verdict,
                "see": finding.see or None,
            }
        )
    name = state["id"]
    if recorded:
        context.output.line(f"{name} with the SKI {group_ski(state['ski'])} is trusted from now on")
        context.output.line(f"it is connected as soon as a gateway runs: {context.program} run")
    elif paired:
        context.output.line(f"paired: {name}{_title(state)}")
        if verdict:
            context.output.line()
            print_verdict(context.output, verdict)
    if finding.code:
        context.output.complain(finding.text, finding.hint, finding.see)
    elif paired and not running:
        context.output.line(f"\nnext: {context.program} run --mqtt mqtt://BROKER")
    return finding.code


def _title(state: Json) -> str:
    title = " ".join(filter(None, (state.get("brand"), state.get("model"))))
    return f" ({title})" if title else ""
