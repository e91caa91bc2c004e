"""``completion``: the script that makes a shell complete commands, options and device ids."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from eebus_gw.cli.nearest import NearestChoice

_NAME = "eebus-gw"
_EXAMPLE = "Example: eebus-gw completion fish > ~/.config/fish/completions/eebus-gw.fish"


@click.command(epilog=_EXAMPLE)
@click.argument("shell", type=NearestChoice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL: bash, zsh or fish.

    \b
    Where each shell looks for it:
      bash  ~/.local/share/bash-completion/completions/eebus-gw
      zsh   _eebus-gw in a directory of $fpath
      fish  ~/.config/fish/completions/eebus-gw.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root().command
    click.echo(kind(root, {}, _NAME, "_EEBUS_GW_COMPLETE").source())
