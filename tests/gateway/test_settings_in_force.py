"""No setting is there for nothing: each is read where something is decided by it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

import eebus_gw
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import DeviceSettings, Settings, ShipSettings

PACKAGE = Path(eebus_gw.__file__).parent
ELSEWHERE = ("settings.py", "sim/", "config_template.py")


def keys(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from keys(info.annotation, f"{path}{name}.")
        elif name == "devices":
            yield from keys(DeviceSettings, "devices.")
        else:
            yield f"{path}{name}"


@cache
def read_attributes() -> set[str]:
    """Names of attributes that the program reads, without the simulators, which have settings of their own."""
    found: set[str] = set()
    for module in PACKAGE.rglob("*.py"):
        if str(module.relative_to(PACKAGE)).startswith(ELSEWHERE):
            continue
        tree = ast.parse(module.read_text(encoding="utf-8"))
        found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_every_setting_is_read(key: str) -> None:
    assert key.rpartition(".")[2] in read_attributes()


def test_the_largest_message_is_a_setting_of_the_network(tmp_path: Path) -> None:
    settings = Settings(ship=ShipSettings(max_message_bytes=16_384))
    gateway = Gateway(Home.open(tmp_path), settings)
    assert gateway.network_options(0).limits.message_bytes == 16_384
