"""``inspect``: a device laid open, with the verdict on every use case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import (
    CommandContext,
    device_argument,
    json_option,
    pass_context,
    run_async,
)
from eebus_gw.cli.finding import judge
from eebus_gw.cli.following import follow
from eebus_gw.cli.foreign import harmless
from eebus_gw.cli.live import live_gateway
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.cli.verdict import print_verdict
from eebus_gw.ship.ski import group_ski

if TYPE_CHECKING:
    from rich.tree import Tree

Json = dict[str, Any]
Branch = tuple[str, list[Any]]
_UNITS = {"pct": "%"}


@click.command("inspect", epilog="Example: eebus-gw inspect carport --data")
@device_argument
@click.option("--data", is_flag=True, help="Show the data of every function as well.")
@click.option(
    "--wait",
    "wait_s",
    type=NumberRange(0, 600),
    default=20.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for the connection when no gateway is running.",
)
@json_option
@pass_context
def inspect(context: CommandContext, device: str, data: bool, wait_s: float) -> int:
    """Show entities, features, functions and use cases of a device with their values, and the verdict."""
    context.setup_logging()
    _, peer = context.find_peer(device)
    found, state = run_async(_inspect(context, peer.id, wait_s))
    if context.output.json:
        context.output.object(found)
    else:
        _print(context, found, data)
    if found["connected"]:
        return 0
    finding = judge({**state, "id": peer.id, "ski": peer.ski})
    context.output.complain(finding.text, finding.hint, finding.see)
    return finding.code


async def _inspect(context: CommandContext, device: str, wait_s: float) -> tuple[Json, Json]:
    async with live_gateway(context) as live:
        state = await follow(live, device, 0.3 if live.running else wait_s)
        return await live.ask("inspect", id=device), state


def _print(context: CommandContext, found: Json, data: bool) -> None:
    output = context.output
    output.line(f"{found['id']}  {found['alias'] or ''}".rstrip())
    output.fields(
        [
            ("  SKI", group_ski(found["ski"])),
            ("  SHIP ID", found["ship_id"]),
            ("  link", found["phase"]),
            ("  SPINE", found["address"]),
            ("  type", found["device_type"]),
            ("  versions", found["specification_versions"]),
        ]
    )
    if not found["connected"]:
        return
    output.line()
    trees: list[Branch] = [
        ("what you decided about discharging", list(_rules(found["rules"]))),
        ("use cases and their values", list(_use_cases(found))),
        ("entities, features, functions", list(_entities(found, data))),
    ]
    for tree in trees:
        if not tree[1]:
            continue
        if output.terminal:
            _print_rich(tree)
        else:
            for line in _lines(tree, 0):
                output.line(line)
        output.line()
    output.line("verdict")
    print_verdict(output, found["verdict"])


def _rules(rules: Json) -> Iterator[str]:
    for name, value in rules.items():
        unit = "W" if name == "site.feed_in" and not isinstance(value, str) else ""
        yield f"{name}: {'none' if value is None else _value(value, unit)}"


def _use_cases(found: Json) -> Iterator[Branch]:
    for use_case in found["use_cases"]:
        numbers = ", ".join(map(str, use_case["scenarios"]))
        yield (
            f"{use_case['code'].upper()} on entity {_dotted(use_case['entity'])}, scenarios {numbers}",
            [
                *(
                    f"{name}: {_value(point['value'], point['unit'])}"
                    for name, point in use_case["points"].items()
                    if point["offered"] or point["value"] is not None
                ),
                *_wire_evidence(use_case),
            ],
        )


def _wire_evidence(use_case: Json) -> Iterator[str | Branch]:
    """Which words of a wire form that is not published the device confirms."""
    if "wire_evidence" not in use_case:
        return
    confirmed = use_case["wire_evidence"]
    if confirmed:
        yield "words of the wire form it confirms", [f"{k}: {v}" for k, v in confirmed.items()]
    else:
        yield "wire form: the device confirms none of its inferred words"


def _entities(found: Json, data: bool) -> Iterator[Branch]:
    for entity in found["entities"]:
        features = [
            (
                f"{feature['number']} {feature['type']} ({feature['role']})",
                [_function(function, data) for function in feature["functions"]],
            )
            for feature in entity["features"]
        ]
        yield f"{_dotted(entity['address'])} {entity['type']}", features


def _function(function: Json, data: bool) -> str | Branch:
    title = f"{function['name']}  [{function['operations']}]"
    if not data or "data" not in function:
        return title
    return title, [json.dumps(function["data"], ensure_ascii=False)]


def _value(value: Any, unit: str | None) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {_value(each, '')}" for name, each in value.items() if each is not None
        )
    if isinstance(value, list | tuple):
        shown = " / ".join("–" if each is None else _value(each, "") for each in value)
    elif isinstance(value, float):
        shown = f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    else:
        shown = str(value)
    return f"{shown} {_UNITS.get(unit or '', unit or '')}".rstrip()


def _dotted(address: list[int]) -> str:
    return ".".join(map(str, address))


def _lines(branch: str | Branch, depth: int) -> Iterator[str]:
    title, inner = (branch, []) if isinstance(branch, str) else branch
    yield f"{'  ' * depth}{title}"
    for each in inner:
        yield from _lines(each, depth + 1)


def _print_rich(branch: Branch) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    title, inner = branch
    tree = Tree(Text(harmless(title), style="bold"), guide_style="dim")
    for each in inner:
        _grow(tree, each)
    Console().print(tree)


def _grow(tree: Tree, branch: str | Branch) -> None:
    from rich.text import Text

    title, inner = (branch, []) if isinstance(branch, str) else branch
    text = Text(harmless(title))
    text.highlight_regex(r"^[^:\[]+(?=:)", "cyan")
    text.highlight_regex(r"\[.*\]$", "dim")
    below = tree.add(text)
    for each in inner:
        _grow(below, each)
