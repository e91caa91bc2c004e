"""What the commands of ``simulate`` share: options, a home of its own, lines, the end in order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import CommandContext, Decorated, run_async
from eebus_gw.cli.nearest import nearest_hint
from eebus_gw.cli.output import Output
from eebus_gw.cli.parameters import NumberRange
from eebus_gw.errors import ConfigError
from eebus_gw.ship.ski import group_ski, parse_ski

if TYPE_CHECKING:
    from eebus_gw.sim.scenario import Scenario
    from eebus_gw.sim.simulated_node import Reach

auto_accept_option = click.option(
    "--auto-accept", is_flag=True, help="Trust whoever connects (tests only)."
)
scenario_option = click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A script of timed steps (docs/simulators.md).",
)


def port_option(default: int) -> Callable[[Decorated], Decorated]:
    """``--port``: where to listen, 0 for a free one."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        metavar="PORT",
        help="Port to listen on.",
    )


def number_option(
    name: str, lowest: float, highest: float | None, default: float, unit: str, text: str
) -> Callable[[Decorated], Decorated]:
    """A quantity of the model with its bounds; ``unit`` is shown in the place of the value."""
    return click.option(
        name,
        type=NumberRange(lowest, highest),
        default=default,
        show_default=True,
        metavar=unit,
        help=text,
    )


def trust_option(whom: str) -> Callable[[Decorated], Decorated]:
    """``--trust``: whose SKI is accepted."""
    return click.option(
        "--trust",
        multiple=True,
        metavar="SKI",
        help=f"Trust this {whom}; repeatable.",
    )


def offer_option(example: str) -> Callable[[Decorated], Decorated]:
    """``--offer``: for ``read_offer``."""
    return click.option(
        "--offer",
        metavar="USECASES",
        help=f"Offer only these, for instance {example}.",
    )


def where_options(what: str) -> Callable[[Decorated], Decorated]:
    """``--host`` and ``--no-mdns``: how ``what`` is found."""

    def both(command: Decorated) -> Decorated:
        host = click.option(
            "--host", metavar="ADDRESS", help="Listen only here; default: everywhere."
        )
        silent = click.option("--no-mdns", is_flag=True, help=f"Do not announce the {what}.")
        return host(silent(command))

    return both


class Lines:
    """Prints the lines of a simulator: as they are with ``--json``, else as sentences.

    ``noun`` names the simulator; ``text`` makes a sentence of a line, ``None`` where people need none.
    """

    def __init__(
        self, output: Output, noun: str, text: Callable[[Mapping[str, Any]], str | None]
    ) -> None:
        self._output = output
        self._noun = noun
        self._text = text

    def ready(self, line: Mapping[str, Any]) -> None:
        """The line that says where a device listens; ``box`` is its number where there are many."""
        self._print(line, self._ready_text)

    def seen(self, line: Mapping[str, Any]) -> None:
        """Every other line."""
        self._print(line, self._text)

    def _print(
        self, line: Mapping[str, Any], text_of: Callable[[Mapping[str, Any]], str | None]
    ) -> None:
        if self._output.json:
            self._output.object(line)
        elif text := text_of(line):
            self._output.line(text)

    def _ready_text(self, line: Mapping[str, Any]) -> str:
        name = f"{self._noun} {line['box']}" if "box" in line else self._noun
        return f"{name} ready on port {line['port']}, SKI {group_ski(line['ski'])}"


def own_directory(context: CommandContext, name: str) -> Path:
    """The home directory that was named; a simulator never takes that of the gateway."""
    if context.home_option is not None:
        return context.home_option.absolute()
    raise ConfigError(
        "a simulator needs a home directory of its own",
        hint=f"for instance: eebus-gw --home /tmp/{name} simulate {name}",
    )


def reach_of(options: Mapping[str, Any]) -> Reach:
    """What ``--port``, ``--host``, ``--no-mdns``, ``--trust`` and, where there is one, ``--auto-accept`` say.

    Raises ``ConfigError`` for what is no SKI.
    """
    from eebus_gw.sim.simulated_node import Reach

    return Reach(
        port=options["port"],
        host=options["host"],
        mdns=not options["no_mdns"],
        trust=_skis(options["trust"]),
        auto_accept=options.get("auto_accept", False),
    )


def read_script(file: Path | None) -> Scenario | None:
    """The script of timed steps; raises ``ConfigError`` naming file and line."""
    from eebus_gw.sim.scenario import parse_scenario

    return None if file is None else parse_scenario(file.read_text(), str(file))


def read_offer(text: str | None) -> frozenset[str] | None:
    """Codes of the catalogue, ``None`` for all that the simulator has; raises ``ConfigError`` for others."""
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


def _skis(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(parse_ski(value) for value in values)
    except ValueError as error:
        raise ConfigError(f"--trust: {error}") from None


def run_simulator(work: Coroutine[Any, Any, None]) -> None:
    """Runs a simulator until it is interrupted or asked to end, and closes its links in order."""
    with contextlib.suppress(asyncio.CancelledError):
        run_async(_until_asked_to_end(work))


async def _until_asked_to_end(work: Coroutine[Any, Any, None]) -> None:
    running = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await running
