"""``completion``: the script that makes a shell complete commands, options and device ids."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_NAME = "eebus-gw"


@click.command(epilog="Example: eebus-gw completion bash > ~/.local/share/bash-completion/eebus-gw")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root().command
    click.echo(kind(root, {}, _NAME, "_EEBUS_GW_COMPLETE").source())
