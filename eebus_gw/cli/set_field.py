"""``set``: one command to a device, followed to its final state."""

from __future__ import annotations

import asyncio
import json
import re
import textwrap
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import click

from eebus_gw.bridge.fields import FIELDS, CommandField, LimitShape, SetpointShape
from eebus_gw.bridge.shapes import Boolean, Nullable, ShapeError
from eebus_gw.cli.bounds import bound_text
from eebus_gw.cli.context import (
    CommandContext,
    DeviceParameter,
    json_option,
    pass_context,
    run_async,
)
from eebus_gw.cli.finding import NOT_TRUSTED, judge
from eebus_gw.cli.following import follow, usable
from eebus_gw.cli.live import Live, live_gateway
from eebus_gw.cli.nearest import nearest_hint
from eebus_gw.cli.pair_view import clock_text
from eebus_gw.cli.parameters import DurationParameter
from eebus_gw.control import RequestFailed
from eebus_gw.errors import ConfigError

Json = dict[str, Any]

CONNECT_S = 20.0
ANY_CURRENT_A = 1000
"""From the permitted maximum on a limit is none."""
WITHDRAWALS: Mapping[str, Callable[[Any], Any]] = {
    "charging_enabled": lambda value: not value,
    "max_current_a": lambda value: ANY_CURRENT_A,
    "recommended_current_a": lambda value: None,
}
"""What ends the effect of a field whose command carries no duration itself."""
_WORDS = {"on": True, "yes": True, "off": False, "no": False, "none": None}


def _described(name: str, field: CommandField) -> str:
    indent = " " * 25
    first = f"  {name:21}  "
    return textwrap.fill(field.effect, 76, initial_indent=first, subsequent_indent=indent)


_HELP = """\
Send one command to a device and follow it to its final state.

VALUE is a number, three numbers with commas, on or off, name=value pairs with commas, or JSON.
FIELD is one of:

\b
{fields}
""".format(fields="\n".join(_described(name, field) for name, field in FIELDS.items()))


class FieldParameter(click.ParamType[CommandField]):
    """FIELD: a command field; names the nearest one and completes."""

    name = "field"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> CommandField:
        """The field called ``value``."""
        if isinstance(value, CommandField):
            return value
        name = str(value)
        if name in FIELDS:
            return FIELDS[name]
        hint = nearest_hint(name, FIELDS)
        raise click.BadParameter(f"There is no field {name!r}. {hint}", context, parameter)

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[Any]:
        """The fields that begin like ``incomplete``."""
        from click.shell_completion import CompletionItem

        return [
            CompletionItem(name, help=field.effect)
            for name, field in FIELDS.items()
            if name.startswith(incomplete)
        ]


@click.command(
    "set",
    # A negative VALUE is no option.
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExample: eebus-gw set carport max_current_a 10 --for 30m\n"
    "         eebus-gw set carport setpoint -3000 --for 15m\n"
    "         eebus-gw set carport lpc limit_w=4200,active=on --for 1h",
    help=_HELP,
)
@click.argument("device", type=DeviceParameter(), metavar="DEVICE")
@click.argument("field", type=FieldParameter(), metavar="FIELD")
@click.argument("value", metavar="VALUE")
@click.option(
    "--for",
    "for_s",
    type=DurationParameter(),
    metavar="DURATION",
    help="How long it shall hold: 90s, 15m, 1h30m; where the device takes no end, the command stays.",
)
@json_option
@pass_context
def set_(
    context: CommandContext, device: str, field: CommandField, value: str, for_s: float | None
) -> int:
    """The command itself; its help is made from the table of fields."""
    context.setup_logging()
    wanted = read_value(field, value, for_s)
    _, peer = context.find_peer(device)
    final = run_async(_set(context, peer.id, peer.ski, field, wanted, for_s))
    code = int(final.pop("exit_status"))
    if context.output.json:
        context.output.object(final)
    return code


def read_value(field: CommandField, text: str, for_s: float | None) -> Any:
    """The value to send; raises ``ConfigError`` when it does not fit the field."""
    value = loose_value(field, text)
    timed = isinstance(field.shape, LimitShape | SetpointShape)
    try:
        if timed and for_s is not None:
            value = {**field.shape.check(value), "duration_s": for_s}
            value = {name: each for name, each in value.items() if each is not None}
        field.shape.check(value)
    except ShapeError as error:
        detail = error.detail.removeprefix(".")
        hint = f"{field.name} takes {field.shape.describe()}"
        raise ConfigError(f"{field.name} = {text!r}: {detail}", hint=hint) from None
    if for_s is not None and not timed and field.name not in WITHDRAWALS:
        raise ConfigError(f"{field.name} does not end by itself, so --for has no meaning here")
    return value


def loose_value(field: CommandField, text: str) -> Any:
    """What ``text`` means: JSON, a word, numbers with commas, ``name=value`` pairs, else itself."""
    stripped = text.strip()
    if stripped.lower() in _WORDS:
        return _WORDS[stripped.lower()]
    try:
        value = json.loads(stripped)
    except ValueError:
        pass
    else:
        shape = field.shape.shape if isinstance(field.shape, Nullable) else field.shape
        return bool(value) if isinstance(shape, Boolean) and value in (0, 1) else value
    parts = [part.strip() for part in stripped.split(",")]
    if all("=" in part for part in parts):
        pairs = (part.split("=", 1) for part in parts)
        return {name.strip(): _scalar(each) for name, each in pairs}
    return [_scalar(part) for part in parts] if len(parts) > 1 else stripped


def _scalar(text: str) -> Any:
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return json.loads(text)
    except ValueError:
        return text


async def _set(
    context: CommandContext,
    device: str,
    ski: str,
    field: CommandField,
    value: Any,
    for_s: float | None,
) -> Json:
    async with live_gateway(context) as live:
        if not live.running:
            await _connect(context, live, device, ski)
        final = await _command(context, live, device, field, value)
        if final["exit_status"] == 0 and for_s is not None and field.name in WITHDRAWALS:
            await _hold(context, live, device, field, value, for_s)
        elif final["exit_status"] == 0 and not live.running:
            context.output.warn(
                "no gateway is running: the wallbox falls back by itself soon after this command;"
                " hold the value with --for, or start one: eebus-gw run"
            )
        return final


async def _connect(context: CommandContext, live: Live, device: str, ski: str) -> None:
    state = await follow(live, device, CONNECT_S)
    if not usable(state):
        finding = judge({**state, "id": device, "ski": ski})
        reason = "device_not_trusted" if finding.code == NOT_TRUSTED else "device_offline"
        raise RequestFailed(finding.text, hint=finding.hint, reason=reason, exit_code=finding.code)


async def _command(
    context: CommandContext, live: Live, device: str, field: CommandField, value: Any
) -> Json:
    members = {"id": uuid.uuid4().hex[:8], "source": "cli", field.name: value}
    final: Json = {}
    async for result in live.stream("set", id=device, members=members):
        context.output.line(state_text(result, field.unit))
        final = result
    return final


async def _hold(
    context: CommandContext, live: Live, device: str, field: CommandField, value: Any, for_s: float
) -> None:
    context.output.line(f"held for {clock_text(for_s)}; Ctrl-C ends it earlier")
    try:
        await asyncio.sleep(for_s)
    finally:
        await _command(context, live, device, field, WITHDRAWALS[field.name](value))


def state_text(result: Json, unit: str) -> str:
    """One state of a command in one line."""
    parts = [result["state"]]
    if result["actual"] is not None and result["state"] in ("applied", "accepted"):
        named = isinstance(result["actual"], dict)
        # What switching leads to is told as the currents of the three phases.
        told = "A" if isinstance(result["actual"], list) else unit
        parts.append(f"{_shown(result['actual'])} {'' if named else told}".rstrip())
    if result["explanation"]:
        parts.append(result["explanation"])
    if result["detail"] and result["detail"] not in result["explanation"]:
        parts.append(f"({result['detail']})")
    if result["limited_by"]:
        parts.append(f"limited by {bound_text(result['limited_by'])}")
    if result["exit_status"] == 0:
        parts.append(f"after {result['latency_ms']} ms")
    return re.sub(r"\s+", " ", f"{parts[0]}{': ' if len(parts) > 1 else ''}{' '.join(parts[1:])}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(v)}" for name, v in value.items() if v is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " / ".join("–" if each is None else f"{each:g}" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
