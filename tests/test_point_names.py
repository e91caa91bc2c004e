"""Outside the use cases points are named by two words; one that the catalogue lacks would read as unknown for ever."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from usecases import catalogue

ROOT = Path(__file__).parents[1]
MODULES = [
    path
    for part in ("bridge", "cli", "gateway", "sim")
    for path in sorted((ROOT / "eebus_gw" / part).rglob("*.py"))
]
KEYS = {code: {point.key for point in use_case.points} for code, use_case in catalogue().items()}
EVERY_KEY = set().union(*KEYS.values())
READERS = {"value", "state", "source", "reading", "Member"}
"""Functions that take names of points as ``(code, key)``, or as two words."""


def names_in(tree: ast.AST) -> Iterator[tuple[str | None, str]]:
    """Code and key wherever a point is named; the code is ``None`` where only the key is a literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            yield from _of_a_table(node)
        elif isinstance(node, ast.Call) and _name(node.func) in READERS:
            if _name(node.func) == "value":
                yield from _pair(node.args)
            for argument in node.args:
                for part in ast.walk(argument):
                    if isinstance(part, ast.Tuple):
                        yield from _pair(part.elts)


def _of_a_table(node: ast.Tuple) -> Iterator[tuple[str, str]]:
    words = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    code, *keys = [word for word in words if isinstance(word, str) and word.isidentifier()] or [""]
    named = len(keys) + 1 == len(node.elts) > 1 and code in KEYS
    if named and not KEYS.keys() >= set(keys):  # else a row of codes
        yield from ((code, key) for key in keys)


def _pair(nodes: list[ast.expr]) -> Iterator[tuple[str | None, str]]:
    match nodes:
        case [ast.Constant(value=str(code)), ast.Constant(value=str(key))]:
            yield code, key
        case [ast.Name(), ast.Constant(value=str(key))]:
            yield None, key


def _name(function: ast.expr) -> str | None:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def unknown_in(source: str) -> list[tuple[str | None, str]]:
    return [
        (code, key)
        for code, key in names_in(ast.parse(source))
        if key not in (EVERY_KEY if code is None else KEYS.get(code, ()))
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: ".".join(path.relative_to(ROOT).parts))
def test_points_that_are_named_exist(module: Path) -> None:
    assert unknown_in(module.read_text()) == []


def test_the_tables_and_the_gateway_are_looked_through() -> None:
    for module, most in (("bridge/documents.py", 30), ("gateway/vehicle.py", 15)):
        source = (ROOT / "eebus_gw" / module).read_text()
        assert len(list(names_in(ast.parse(source)))) > most


@pytest.mark.parametrize(
    "source",
    [
        'device.value("lpc", "nominal_w")',
        'device.value("lpx", "nominal_max_w")',
        'readings.value(("opev", "range_a"), ("mpc", "range_a"))',
        'readings.value((code, "nominal_w"))',
        'Member("max_w", (("evc", "power_range_w"),), rounded)',
        'TOLD = {("evsoc", "soc")}',
        'for code, total in (("evcem", "power_total"),): pass',
    ],
)
def test_a_wrong_name_is_found(source: str) -> None:
    assert unknown_in(source)
