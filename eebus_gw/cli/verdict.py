"""What can work with a peer and what cannot, and why, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eebus_gw.cli.foreign import harmless
from eebus_gw.cli.output import Output


def print_verdict(output: Output, verdict: Iterable[Mapping[str, Any]]) -> None:
    """One line a use case: whether it works, in which scenarios, or why not."""
    rows = [
        (
            "works" if each["usable"] else "no",
            each["code"].upper(),
            each["title"],
            scenarios(each) if each["usable"] else each["why_not"],
        )
        for each in sorted(verdict, key=lambda each: not each["usable"])
    ]
    if not output.terminal:
        output.table(["RESULT", "USE CASE", "WHAT IT IS FOR", "SCENARIOS, OR WHY NOT"], rows)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading, ratio in (("", None), ("use case", None), ("what it is for", 2), ("", 3)):
        table.add_column(heading, ratio=ratio, no_wrap=ratio is None)
    for works, code, title, why in rows:
        mark = "[green]✓[/]" if works == "works" else "[dim]–[/]"
        style = "" if works == "works" else "dim"
        table.add_row(mark, code, title, Text(harmless(why)), style=style)
    Console().print(table)


def scenarios(verdict: Mapping[str, Any]) -> str:
    """``scenarios 1, 2`` or ``scenario 1``."""
    numbers = [str(number) for number in verdict["scenarios"]]
    return f"scenario{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"
