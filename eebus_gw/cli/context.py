"""What every command gets: home directory, configuration, logging, output."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eebus_gw.cli.nearest import NearestChoice
from eebus_gw.cli.output import Output

if TYPE_CHECKING:
    from eebus_gw.config import Config
    from eebus_gw.home import Home
    from eebus_gw.peers import Peer

T = TypeVar("T")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

WALLBOX, GRID = "wallbox", "grid"


@dataclass
class CommandContext:
    """The options before the command, and what follows from them; nothing is opened before its use."""

    home_option: Path | None = None
    config_option: Path | None = None
    log_level: str | None = None
    output: Output = field(default_factory=Output)

    @cached_property
    def home(self) -> Home:
        """The home directory, created where it is missing."""
        from eebus_gw.home import Home

        return Home.open(self.home_option)

    @property
    def program(self) -> str:
        """How to call the program again for the same home directory."""
        if self.home_option is None:
            return "eebus-gw"
        return f"eebus-gw --home {shlex.quote(str(self.home.path))}"

    def home_of(self, side: str) -> Home:
        """The home of one side: ``wallbox`` or ``grid``."""
        return self.home.grid if side == GRID else self.home

    def load_config(self, options: Mapping[str, Any] | None = None) -> Config:
        """The configuration in force; ``options`` (dotted keys) win over file and environment."""
        from eebus_gw.config import load_config

        file = self.config_option.absolute() if self.config_option else self.home.config_path
        merged = dict(options or {})
        if self.log_level:
            merged["logging.level"] = self.log_level
        return load_config(file, options=merged, required=self.config_option is not None)

    def setup_logging(self, config: Config | None = None) -> None:
        """Logs to standard error; without a configuration only warnings, or what ``--log-level`` says."""
        from eebus_gw.logs import setup_logging

        if config is None:
            setup_logging(self.log_level or "warning")
            return
        logging = config.settings.logging
        setup_logging(logging.level, format=logging.format, levels=logging.levels)

    def find_peer(self, reference: str) -> tuple[str, Peer]:
        """Side and peer meant by DEVICE; raises ``UnknownDevice`` naming the nearest one."""
        from eebus_gw.peers import find_peer

        sides = {peer.ski: side for side in (GRID, WALLBOX) for peer in self.home_of(side).peers}
        peer = find_peer([*self.home.peers, *self.home.grid.peers], reference)
        return sides[peer.ski], peer

    def report_damage(self) -> None:
        """Says on standard error what was set aside while reading the home directory."""
        for report in self.home.reports:
            self.output.warn(report)
        self.home.reports.clear()


pass_context = click.make_pass_decorator(CommandContext)


def json_option(command: Decorated) -> Decorated:
    """``--json``: switches the output of the context to one object on standard output."""

    def switch(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value:
            context.ensure_object(CommandContext).output.json = True

    return click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=switch,
        help="Print JSON.",
    )(command)


def side_option(default: str | None = None) -> Callable[[Decorated], Decorated]:
    """``--side wallbox|grid``: which of the two identities is meant."""
    return click.option(
        "--side",
        type=NearestChoice([WALLBOX, GRID]),
        default=default,
        show_default=default is not None,
        help="The side of the wallboxes, or of the grid operator's control box.",
    )


class DeviceParameter(click.ParamType[str]):
    """DEVICE: a device id, a unique alias or a SKI; completes from the peer book."""

    name = "device"

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[Any]:
        from click.shell_completion import CompletionItem

        home = context.find_root().ensure_object(CommandContext).home
        known = [*home.peers, *home.grid.peers]
        return [
            CompletionItem(peer.id, help=peer.label)
            for peer in known
            if peer.id.startswith(incomplete)
        ]


device_argument = click.argument("device", type=DeviceParameter(), metavar="DEVICE")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs one coroutine to its end, as the whole concurrency of a command."""
    import asyncio

    try:
        return asyncio.run(work)
    except BaseExceptionGroup as group:
        if group.split(BrokenPipeError)[1] is None:  # the reader of our output went away
            raise BrokenPipeError from None
        raise
