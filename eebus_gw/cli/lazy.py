"""A click group whose commands are imported when they are called: quick ``--help``, little memory."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from eebus_gw.cli.nearest import nearest_hint

_WHOLE = 1000
"""Longer than any first sentence."""

Table = Mapping[str, tuple[str, str, str]]


class NearestGroup(click.Group):
    """A group that names the nearest command for a mistyped one."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0] if arguments else ""
        if name and not name.startswith("-") and self.get_command(context, name) is None:
            names = self.list_commands(context)
            context.fail(f"There is no command {name!r}. {nearest_hint(name, names)}")
        return super().resolve_command(context, arguments)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their whole first sentence."""
        rows = []
        for name in self.list_commands(context):
            command = self.get_command(context, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(_WHOLE)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The example of the first command where the group has none of its own."""
        if self.epilog is None:
            first = self.get_command(context, self.list_commands(context)[0])
            if first is not None:
                first.format_epilog(context, formatter)
            return
        super().format_epilog(context, formatter)


class LazyGroup(NearestGroup):
    """A group over a table: command to module, attribute and short help."""

    def __init__(self, *arguments: Any, commands_table: Table, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.table = commands_table

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.table:
            return None
        module, attribute, _ = self.table[name]
        command = getattr(importlib.import_module(f"eebus_gw.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, _, short) in self.table.items()])
