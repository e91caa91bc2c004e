"""``config check|show|schema|example``."""

from __future__ import annotations

import json

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.examples import EXAMPLES, Installation
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.nearest import NearestChoice


@click.group(cls=NearestGroup)
def config() -> None:
    """Check, show and explain the configuration."""


@config.command(epilog="Example: eebus-gw --config /etc/eebus-gw.toml config check")
@json_option
@pass_context
def check(context: CommandContext) -> None:
    """Read file and environment and say what is wrong with them."""
    loaded = context.load_config()
    known = {peer.id for peer in context.home.peers}
    warnings = list(loaded.warnings)
    warnings += [
        f"devices.{name}: no such device is paired (yet)"
        for name in loaded.settings.devices
        if name not in known
    ]
    if loaded.settings.mqtt.insecure:
        warnings.append("mqtt.insecure: the broker's certificate is not verified")
    if context.output.json:
        context.output.object({"valid": True, "warnings": warnings})
        return
    for warning in warnings:
        context.output.warn(warning)
    context.output.line("the configuration is valid")


@config.command(epilog="Example: eebus-gw config show --origin")
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@json_option
@pass_context
def show(context: CommandContext, origin: bool) -> None:
    """Print every setting in force; secrets are hidden."""
    rows = list(context.load_config().rows())
    if context.output.json:
        values = {key: {"value": value, "origin": source} for key, value, source in rows}
        context.output.object(values if origin else {key: value for key, value, _ in rows})
        return
    for key, value, source in rows:
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        context.output.line(f"{key} = {shown}{f'   # {source}' if origin else ''}")


@config.command(epilog="Example: eebus-gw config schema > eebus-gw.schema.json")
@json_option
@pass_context
def schema(context: CommandContext) -> None:
    """Print the JSON schema of config.toml: every key, its range and its default."""
    from eebus_gw.settings import Settings

    described = Settings.model_json_schema()
    if context.output.json:
        context.output.object(described)
    else:
        context.output.line(json.dumps(described, indent=2, ensure_ascii=False))


@config.command(epilog="Example: eebus-gw config example evcc")
@click.argument("name", type=NearestChoice(sorted(EXAMPLES)), metavar="NAME")
@json_option
@pass_context
def example(context: CommandContext, name: str) -> None:
    """Print a ready snippet for another program.

    \b
    NAME is one of:
      docker     compose file (host networking, as mDNS needs it)
      evcc       chargers and the grid limit for evcc.yaml
      mosquitto  access rules for the broker
      systemd    unit file with watchdog
    """
    settings = context.load_config().settings
    trusted = context.home.peers.trusted()
    wallboxes = tuple((peer.id, peer.label) for peer in trusted if peer.kind == "wallbox")
    control_box = any(context.home.grid.peers.trusted())
    installation = Installation(settings, wallboxes or (("carport", "Carport"),), control_box)
    text = EXAMPLES[name](installation)
    if context.output.json:
        context.output.object({"name": name, "text": text})
    else:
        context.output.line(text.rstrip())
