"""``init`` and ``identity show|qr|renew``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eebus_gw.cli.context import (
    GRID,
    WALLBOX,
    CommandContext,
    json_option,
    pass_context,
    side_option,
)
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.qr import qr_lines, save_qr
from eebus_gw.clock import SystemClock
from eebus_gw.errors import IdentityError
from eebus_gw.home import Home
from eebus_gw.identity import Identity
from eebus_gw.ship.ski import group_ski

_HEADINGS = {
    WALLBOX: "towards wallboxes (enter this SKI in the wallbox)",
    GRID: "towards the grid (register this SKI for the control box)",
}


@click.command(epilog="Example: eebus-gw --home /var/lib/eebus-gw init")
@click.option(
    "--ship-id", metavar="ID", help="SHIP ID of the wallbox side instead of one made from the key."
)
@json_option
@pass_context
def init(context: CommandContext, ship_id: str | None) -> None:
    """Create both identities and a commented config.toml in the home directory.

    An existing key is never replaced: it is what every paired device knows this gateway by.
    """
    home = context.home
    _refuse_replacing(home)
    with home.locked():
        _create_missing(home, ship_id)
        if not home.config_path.exists():
            from eebus_gw.config_template import write_template

            write_template(home.config_path)
    context.report_damage()
    identities = {side: context.home_of(side).identity() for side in (WALLBOX, GRID)}
    if context.output.json:
        context.output.object(_as_json(identities))
        return
    context.output.line(f"home directory  {home.path}")
    context.output.line(f"configuration   {home.config_path}")
    for side, identity in identities.items():
        context.output.line()
        _show(context, side, identity)
    context.output.line()
    code = qr_lines(identities[WALLBOX].qr_text, terminal=context.output.terminal)
    context.output.drawing(code)
    context.output.line(f"\nnext: {context.program} discover")


@click.group(cls=NearestGroup)
def identity() -> None:
    """Show or renew this gateway's own identity."""


@identity.command(epilog="Example: eebus-gw identity show --side grid --json")
@side_option()
@json_option
@pass_context
def show(context: CommandContext, side: str | None) -> None:
    """Show the own SKI, SHIP ID, fingerprint and certificate expiry."""
    identities = _existing(context, side)
    if context.output.json:
        context.output.object(_as_json(identities, details=True))
        return
    for index, (name, identity) in enumerate(identities.items()):
        if index:
            context.output.line()
        _show(context, name, identity)


@identity.command(epilog="Example: eebus-gw identity qr --save gateway.svg")
@side_option(WALLBOX)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the code to a .svg or .png file.",
)
@json_option
@pass_context
def qr(context: CommandContext, side: str, save: Path | None) -> None:
    """Show the QR code that an installer scans (SHIP §12.6)."""
    identity = context.home_of(side).identity()
    text = identity.qr_text
    if save is not None:
        save_qr(text, save)
    if context.output.json:
        context.output.object(_as_json({side: identity}))
        return
    context.output.drawing(qr_lines(text, terminal=context.output.terminal))
    context.output.line(text)


@identity.command(epilog="Example: eebus-gw identity renew --side wallbox")
@side_option()
@json_option
@pass_context
def renew(context: CommandContext, side: str | None) -> None:
    """Make a new certificate with the same key; SKI, SHIP ID and pairings stay.

    A running gateway uses it after its next start.
    """
    at = SystemClock().wall()
    sides = [side] if side else [name for name in (WALLBOX, GRID) if _has(context, name)]
    if not sides:
        context.home.identity()
    renewed = {name: Identity.renew(context.home_of(name).path, at=at) for name in sides}
    if context.output.json:
        context.output.object(_as_json(renewed, details=True))
        return
    for name, identity in renewed.items():
        _show(context, name, identity)
    context.output.line("\na running gateway uses the new certificate after its next start")


def _refuse_replacing(home: Home) -> None:
    if home.has_identity() and home.grid.has_identity():
        raise IdentityError(
            f"{home.path} holds both identities already; a key is never replaced:"
            " a new key is a new device to every peer",
            hint=f"show them: eebus-gw --home {home.path} identity show",
        )


def _create_missing(home: Home, ship_id: str | None) -> None:
    at = SystemClock().wall()
    if not home.has_identity():
        home.create_identity(ship_id=ship_id, at=at)
    if not home.grid.has_identity():
        home.grid.create_identity(at=at)


def _has(context: CommandContext, side: str) -> bool:
    return context.home_of(side).has_identity()


def _existing(context: CommandContext, side: str | None) -> dict[str, Identity]:
    if side is not None:
        return {side: context.home_of(side).identity()}
    found = {WALLBOX: context.home.identity()}
    if _has(context, GRID):
        found[GRID] = context.home.grid.identity()
    return found


def _show(context: CommandContext, side: str, identity: Identity) -> None:
    context.output.line(_HEADINGS[side])
    context.output.fields(
        [
            ("  SKI", group_ski(identity.ski)),
            ("  SHIP ID", identity.ship_id),
            ("  fingerprint", identity.fingerprint),
            ("  expires", f"{identity.expires:%Y-%m-%d}"),
        ]
    )
    for warning in identity.warnings(SystemClock().wall()):
        context.output.warn(f"{side} side: {warning}")


def _as_json(identities: dict[str, Identity], *, details: bool = False) -> dict[str, Any]:
    """One side: plain members; both: the grid's with the prefix ``grid_``."""
    data: dict[str, Any] = {}
    for side, identity in identities.items():
        prefix = "grid_" if side == GRID and len(identities) > 1 else ""
        data[f"{prefix}ski"] = identity.ski
        data[f"{prefix}ship_id"] = identity.ship_id
        data[f"{prefix}qr"] = identity.qr_text
        if details:
            data[f"{prefix}expires"] = identity.expires.isoformat().replace("+00:00", "Z")
            data[f"{prefix}fingerprint"] = identity.fingerprint
    return data
