"""Reading the ledger of a home directory, and writing what a command exports."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

import click

from eebus_gw.atomic import write_atomically
from eebus_gw.cli.context import CommandContext
from eebus_gw.errors import StoreError
from eebus_gw.ledger import database

output_option = click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of to standard output.",
)


@contextmanager
def reading(context: CommandContext) -> Iterator[sqlite3.Connection]:
    """The ledger, to be read only; raises ``StoreError`` where there is none or it is damaged."""
    path = context.home.ledger_path
    try:
        with closing(database.connect(path, read_only=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(
            f"the ledger {path} cannot be read: {error}",
            hint="the gateway sets a damaged ledger aside when it starts",
        ) from error


def write_out(file: Path | None, write: Callable[[TextIO], None]) -> None:
    """Lets ``write`` fill ``file``, or standard output; says on standard error what was written."""
    if file is None:
        write(sys.stdout)
        return
    text = io.StringIO()
    write(text)
    store(file, text.getvalue().encode())
    click.echo(f"{file} written", err=True)


def store(file: Path, data: bytes) -> None:
    """Writes ``file`` as a whole; raises ``StoreError``.

    A link, pipe or device, like ``/dev/stdout``, is written to and not replaced.
    """
    try:
        if file.is_symlink() or (file.exists() and not file.is_file()):
            file.write_bytes(data)
        else:
            write_atomically(file.absolute(), data)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error
