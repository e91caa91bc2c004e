"""What may import what, how large a module may be, and that the cores stay pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("eebus_gw", "usecases")
    for path in sorted((ROOT / package).rglob("*.py"))
}
MAX_LINES = 500

PURE = ("wire", "ship", "spine", "vocabulary", "roles", "site", "sim", "trace")
SHELLS = {
    "eebus_gw.sim.control_box_runner",
    "eebus_gw.sim.fleet",
    "eebus_gw.sim.house_runner",
    "eebus_gw.sim.simulated_node",
    "eebus_gw.trace.recording",
}
"""Modules beside the cores that talk to the network or write files."""
IMPURE = {"asyncio", "socket", "ssl", "time", "random", "os", "logging", "threading", "subprocess"}

BELOW = {
    "wire": {"errors", "wire"},
    "ship": {"clock", "errors", "ship", "wire"},
    "spine": {"clock", "errors", "spine", "wire"},
    "vocabulary": {"errors", "spine", "vocabulary", "wire"},
    "roles": {"clock", "errors", "roles", "spine", "vocabulary", "wire"},
    "site": {"errors", "site", "vocabulary"},
    "sim": {"clock", "errors", "roles", "sim", "spine", "vocabulary"},
    "trace": {"errors", "redaction", "roles", "spine", "trace", "vocabulary", "wire"},
    "net": {"clock", "errors", "net", "ship"},
    "ledger": {"clock", "errors", "ledger"},
    "bridge": {"bridge", "clock", "device_ids", "errors", "settings", "site", "vocabulary", "wire"},
    "node": {"clock", "errors", "identity", "net", "roles", "spine", "vocabulary"},
    "diagnostics": {"bridge", "clock", "diagnostics", "errors", "home", "identity", "net", "ship"},
}
"""The parts of ``eebus_gw`` a part may import, its shells aside."""
ON_TOP = {"cli", "diagnostics", "gateway", "sim"}
"""What nobody imports but the command line and itself."""
SHELLS_BELOW = {"home", "net", "node"}
"""What a shell may import besides."""
MACHINE = ("wire", "ship", "spine", "vocabulary", "roles", "net", "node", "trace")
"""Parts that never name a use case: definitions are handed to them."""

ONLY_IN = {
    "orjson": ("eebus_gw.wire.codec",),
    "aiomqtt": ("eebus_gw.bridge",),
    "websockets": ("eebus_gw.net",),
    "zeroconf": ("eebus_gw.net",),
    "OpenSSL": ("eebus_gw.net",),
}


@cache
def imports_of(module: str) -> frozenset[str]:
    """Modules that ``module`` imports when it runs, also inside functions; not what only types need."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return frozenset(
        f"{package}{name}" if name.startswith(".") else name
        for name in _imports(ast.parse(path.read_text()))
    )


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level <= 1
        yield "." * node.level + (node.module or "")
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    for child in ast.iter_child_nodes(node):
        yield from _imports(child)


def part_of(module: str) -> str:
    """``spine`` of ``eebus_gw.spine.session``."""
    return module.split(".")[1] if module.count(".") else ""


def within(*parts: str) -> list[str]:
    return [
        module for module in MODULES if module.startswith("eebus_gw.") and part_of(module) in parts
    ]


USE_CASES = [module for module in MODULES if module.split(".")[0] == "usecases"]
CORES = [*within(*PURE), *USE_CASES]


@pytest.mark.parametrize("module", CORES)
def test_cores_are_pure(module: str) -> None:
    if module not in SHELLS:
        assert not {name.split(".")[0] for name in imports_of(module)} & IMPURE


@pytest.mark.parametrize("module", CORES)
def test_cores_ask_nobody_for_the_time(module: str) -> None:
    calls = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    tree = ast.parse(MODULES[module].read_text())
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & calls


@pytest.mark.parametrize("module", within(*BELOW))
def test_imports_point_downwards(module: str) -> None:
    ours = {part_of(name) for name in imports_of(module) if name.split(".")[0] == "eebus_gw"}
    assert ours <= BELOW[part_of(module)] | (SHELLS_BELOW if module in SHELLS else set())


@pytest.mark.parametrize("module", MODULES)
def test_the_product_stands_on_top(module: str) -> None:
    if part_of(module) in ("cli", "__main__"):
        return
    theirs = {part_of(name) for name in imports_of(module) if name.startswith("eebus_gw.")}
    assert not theirs & ON_TOP - {part_of(module)}


@pytest.mark.parametrize("module", within(*MACHINE))
def test_the_machine_names_no_use_case(module: str) -> None:
    assert not any(name.split(".")[0] == "usecases" for name in imports_of(module))


@pytest.mark.parametrize("module", USE_CASES)
def test_use_cases_know_the_vocabulary_alone(module: str) -> None:
    for name in imports_of(module):
        top = name.split(".")[0]
        known = top == "usecases" or top in sys.stdlib_module_names
        assert known or name.startswith("eebus_gw.vocabulary"), name


@pytest.mark.parametrize(("library", "places"), ONLY_IN.items())
def test_libraries_stay_where_they_are(library: str, places: tuple[str, ...]) -> None:
    users = {m for m in MODULES if any(n.split(".")[0] == library for n in imports_of(m))}
    assert users
    assert not [
        m for m in users if not any(m == place or m.startswith(f"{place}.") for place in places)
    ]


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_small(module: str) -> None:
    if not module.startswith("eebus_gw.spine.model."):
        assert len(MODULES[module].read_text().splitlines()) <= MAX_LINES
