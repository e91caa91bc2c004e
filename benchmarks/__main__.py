"""``python -m benchmarks [NAME …] [--json]``: measures the figures whose names start so."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import benchmarks
from benchmarks import Figure


class Group(Protocol):
    """A module that measures."""

    FIGURES: Sequence[str]

    def measure(self, wanted: frozenset[str]) -> dict[str, Figure]:
        """The figures named in ``wanted``, all of which are in ``FIGURES``."""
        ...


def groups() -> list[Group]:
    """The measuring modules of this package, by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__))
    return [
        cast("Group", importlib.import_module(f"benchmarks.{name}"))
        for name in names
        if not name.startswith("_")
    ]


def selected(figures: Sequence[str], names: Sequence[str]) -> frozenset[str]:
    """The figures meant by ``names``: a name itself, or one it is a prefix of; all without names."""
    return frozenset(
        figure for figure in figures if not names or any(figure.startswith(name) for name in names)
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 2 when no figure has such a name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="figure, or how its name starts")
    parser.add_argument("--json", action="store_true", help="one object, figure to number")
    options = parser.parse_args(arguments)
    wanted = [(group, selected(group.FIGURES, options.names)) for group in groups()]
    if not any(figures for _, figures in wanted):
        sys.stderr.write(f"no figure is called {' or '.join(options.names)}\n")
        return 2
    results: dict[str, Figure] = {}
    for group, figures in wanted:
        if not figures:
            continue
        measured = group.measure(figures)
        results |= measured
        if not options.json:
            _print_rows(measured)
    if options.json:
        sys.stdout.write(json.dumps(results) + "\n")
    return 0


def _print_rows(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        text = figure if isinstance(figure, str) else f"{figure:.4g}"
        sys.stdout.write(f"{name:<32} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
