"""Markdown tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CODE = re.compile(r"(`[^`]*`)")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; what Markdown would take for structure or HTML is escaped."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text for one cell; code spans stay as they are, but for bars."""
    parts = _CODE.split(" ".join(text.split()).replace("|", "\\|"))
    return "".join(p if p.startswith("`") else p.replace("<", "&lt;") for p in parts)
