"""The command line as Markdown, from the commands themselves."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

import click

from docs_text.tables import table
from eebus_gw.cli import cli


def commands() -> str:
    """Every command with usage, options and example."""
    return "\n\n".join(_chapters(cli, click.Context(cli, info_name="eebus-gw"), 0))


def _chapters(command: click.Command, context: click.Context, depth: int) -> Iterator[str]:
    if depth > 0:
        yield _chapter(command, context)
    else:
        yield _options(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                inner = click.Context(child, info_name=name, parent=context)
                yield from _chapters(child, inner, depth + 1)


def _chapter(command: click.Command, context: click.Context) -> str:
    path = context.command_path
    level = "##" if path.count(" ") == 1 else "###"
    text = [f"{level} {path.removeprefix('eebus-gw ')}", ""]
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    text += ["```text", usage, "```", ""]
    if command.help:
        text += [_paragraphs(command.help), ""]
    if options := _options(command, context):
        text += [options, ""]
    if command.epilog:
        text += [_example(command.epilog), ""]
    return "\n".join(text).rstrip()


def _options(command: click.Command, context: click.Context) -> str:
    records = (
        parameter.get_help_record(context)
        for parameter in command.get_params(context)
        if parameter.name != "help"
    )
    rows = [(f"`{names}`", text) for names, text in filter(None, records)]
    return table(("Option", "Meaning"), rows) if rows else ""


def _example(epilog: str) -> str:
    word, _, text = epilog.replace("\b", "").strip().partition(": ")
    if not word.startswith("Example"):
        return _one_line(epilog.replace("\b", ""))
    commands = text.replace("\\\n", "").splitlines()
    lines = "\n".join(f"$ {_one_line(command)}" for command in commands)
    return f"{word}:\n\n```console\n{lines}\n```"


def _paragraphs(text: str) -> str:
    return "\n\n".join(map(_paragraph, inspect.cleandoc(text).split("\n\n")))


def _paragraph(block: str) -> str:
    """What click does not wrap stays as it is written."""
    if not block.startswith("\b"):
        return _one_line(block)
    return f"```text\n{textwrap.dedent(block.removeprefix(chr(8)).strip(chr(10)))}\n```"


def _one_line(text: str) -> str:
    return " ".join(text.split())
