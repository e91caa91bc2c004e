"""What to say about a name that does not exist: the nearest one that does, or all there are."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

import click


def nearest_hint(wanted: str, names: Collection[str]) -> str:
    """A sentence that names the one of ``names`` that ``wanted`` is most like, else all of them."""
    spelled = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(wanted.casefold(), spelled, n=1, cutoff=0.5)
    return f"Did you mean {spelled[close[0]]!r}?" if close else f"There are: {', '.join(names)}."


class NearestChoice(click.Choice[str]):
    """One of a few words; names the nearest one for a mistyped word."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """The message for ``value``, which is none of the words."""
        return f"There is no {value!r}. {nearest_hint(str(value), self.choices)}"
