"""``store export|import|verify``: backups of the home directory."""

from __future__ import annotations

from pathlib import Path

import click

from eebus_gw.atomic import write_atomically
from eebus_gw.backup import Backup, export_backup, import_backup, read_backup
from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.clock import SystemClock
from eebus_gw.errors import StoreError
from eebus_gw.ship.ski import group_ski

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group(cls=NearestGroup)
def store() -> None:
    """Back up, restore and verify the home directory."""


@store.command("export", epilog="Example: eebus-gw store export eebus-gw.tar.gz")
@_file
@json_option
@pass_context
def export(context: CommandContext, file: Path) -> None:
    """Write identity, trust, state, ledger and configuration to FILE; it contains the private keys."""
    if file.exists():
        raise StoreError(f"{file} exists already and is not overwritten")
    data = export_backup(context.home, SystemClock().wall())
    try:
        write_atomically(file.absolute(), data)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error
    _print(context, file, read_backup(file), "written; keep it as safe as the keys in it")


@store.command(
    "import", epilog="Example: eebus-gw --home /var/lib/eebus-gw store import backup.tar.gz"
)
@_file
@json_option
@pass_context
def import_(context: CommandContext, file: Path) -> None:
    """Restore FILE into the home directory; another identity there is never replaced."""
    backup = read_backup(file)
    import_backup(backup, context.home)
    _print(context, file, backup, f"restored into {context.home.path}")


@store.command(epilog="Example: eebus-gw store verify eebus-gw.tar.gz")
@_file
@json_option
@pass_context
def verify(context: CommandContext, file: Path) -> None:
    """Check FILE: complete, undamaged, keys and certificates belong together."""
    _print(context, file, read_backup(file), "complete and undamaged")


def _print(context: CommandContext, file: Path, backup: Backup, verdict: str) -> None:
    if context.output.json:
        context.output.object(
            {
                "file": str(file),
                "created": backup.created,
                "ski": backup.ski,
                "grid_ski": backup.grid_ski,
                "peers": list(backup.peers),
                "files": sorted(backup.files),
            }
        )
        return
    context.output.line(f"{file}: {verdict}")
    context.output.fields(
        [
            ("created", backup.created),
            ("SKI", group_ski(backup.ski) if backup.ski else None),
            ("grid SKI", group_ski(backup.grid_ski) if backup.grid_ski else None),
            ("peers", list(backup.peers)),
            ("files", sorted(backup.files)),
        ]
    )
