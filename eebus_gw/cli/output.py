"""Printing: text for people, or JSON; never both on standard output."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from eebus_gw.cli.foreign import harmless_lines
from eebus_gw.errors import EebusError

GAP = 2
"""Columns of the terminal between two columns of a table."""


class Output:
    """Where a command prints; ``json`` says which form."""

    def __init__(self) -> None:
        self.json = False

    @property
    def terminal(self) -> bool:
        """Whether colour and animation are wanted."""
        return not self.json and sys.stdout.isatty()

    def object(self, data: Mapping[str, Any]) -> None:
        """One object on one line, for ``--json``."""
        print(json.dumps(data, ensure_ascii=False, default=str), flush=True)

    def line(self, text: str = "") -> None:
        """One line for people, whatever a peer put into it; silent with ``--json``."""
        if not self.json:
            print(harmless_lines(text), flush=True)

    def drawing(self, lines: Iterable[str]) -> None:
        """Lines that are made of our own characters and control sequences; silent with ``--json``."""
        if not self.json:
            for line in lines:
                print(line, flush=True)

    def fields(self, rows: Iterable[tuple[str, Any]]) -> None:
        """Aligned ``label  value`` lines for people; ``None`` shows as a dash."""
        listed = list(rows)
        width = max((len(label) for label, _ in listed), default=0)
        for label, value in listed:
            self.line(f"{label:<{width}}  {_shown(value)}")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Aligned columns for people; a terminal that is too narrow gets cells of several lines."""
        cells = [list(headers), *([_shown(value) for value in row] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
        room = shutil.get_terminal_size().columns
        if self.terminal and sum(widths) + GAP * (len(widths) - 1) > room:
            widths = _fitting(cells, widths, room)
        for row in cells:
            folded = (textwrap.wrap(text, width) for text, width in zip(row, widths, strict=True))
            for parts in zip_longest(*folded, fillvalue=""):
                padded = (f"{text:<{width}}" for text, width in zip(parts, widths, strict=True))
                self.line((" " * GAP).join(padded).rstrip())

    def progress(self, text: str) -> None:
        """One line on a terminal's standard error, for somebody who waits; silent with ``--json``."""
        if not self.json and sys.stderr.isatty():
            print(harmless_lines(text), file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """One line on standard error, in both forms."""
        print(f"warning: {harmless_lines(text)}", file=sys.stderr, flush=True)

    def complain(self, text: str, hint: str = "", see: str = "") -> None:
        """What went wrong, what to do next and where to read on, on standard error, in both forms."""
        print(f"error: {harmless_lines(text)}", file=sys.stderr)
        for line in (hint, f"see {see}" if see else ""):
            if line:
                print(f"       {harmless_lines(line)}", file=sys.stderr, flush=True)

    def error(self, error: EebusError) -> None:
        """An error with its way out: standard error, and with ``--json`` the one object as well."""
        self.complain(str(error), error.hint)
        if self.json:
            from eebus_gw.control import error_data

            data = error_data(error)
            text = data.pop("text")
            self.object({"error": text, **data})


def counted(number: int, thing: str) -> str:
    """``1 frame``, ``2 frames``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _fitting(cells: Sequence[Sequence[str]], widths: Sequence[int], room: int) -> list[int]:
    """The widths made smaller, the widest first, until the table fits; words stay whole if they can."""
    words = [
        max(len(word) for cell in column for word in cell.split() or [""])
        for column in zip(*cells, strict=True)
    ]
    fitting = list(widths)
    for least in (words, [1] * len(words)):
        while sum(fitting) + GAP * (len(fitting) - 1) > room:
            spare = [width - needed for width, needed in zip(fitting, least, strict=True)]
            if max(spare) <= 0:
                break
            widest = max(range(len(fitting)), key=lambda n: (spare[n] > 0, fitting[n]))
            fitting[widest] -= 1
    return fitting


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value)
