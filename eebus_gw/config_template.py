"""The commented ``config.toml`` that ``init`` writes, made from the settings themselves."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Union

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from eebus_gw.atomic import write_once
from eebus_gw.settings import DeviceSettings, DriverSettings, Settings

_HEAD = """\
# Configuration of eebus-gw. Every line shows a default; remove the "#" before a key to change it.
#
# The environment wins over this file (EEBUS_GW_<SECTION>__<KEY>, as EEBUS_GW_MQTT__URL), options of
# the command line win over both. Check with: eebus-gw config check
#
# Before a car may discharge, decide these: site.feed_in, and for each wallbox bidirectional,
# discharge_budget_kwh_per_day, reversals_per_hour and the driver's minimum (sections below).
"""
_EXAMPLES = {
    "url": '"mqtt://localhost:1883"',
    "username": '"eebus"',
    "password_file": '"mqtt-password"',
    "interfaces": '["eth0"]',
    "departure": '"07:30"',
    "bidirectional": '"dry_run"',
}


def template() -> str:
    """The text of a new ``config.toml``."""
    blocks = [_HEAD]
    for name, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            blocks.append("\n".join(_section(name, section)))
        elif name == "devices":
            blocks.append("\n".join(_device()))
    return "\n".join(f"{block.rstrip()}\n" for block in blocks)


def write_template(path: Path) -> None:
    """Writes the template where there is no file yet; raises ``FileExistsError`` otherwise."""
    write_once(path, template().encode())


def _section(name: str, section: type[BaseModel]) -> Iterator[str]:
    yield f"# --- {_title(section)}"
    yield f"[{name}]"
    yield from _keys(section)


def _device() -> Iterator[str]:
    yield "# --- One section for each paired device, by its id; `eebus-gw peers` lists them."
    yield "#[devices.carport]"
    yield from _keys(DeviceSettings)
    yield f"# --- {_title(DriverSettings)}"
    yield "#[devices.carport.driver]"
    yield from _keys(DriverSettings)


def _title(section: type[BaseModel]) -> str:
    return (section.__doc__ or "").strip()


def _keys(section: type[BaseModel]) -> Iterator[str]:
    for name, info in section.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            continue
        yield f"# {info.description}{_choices(info)}"
        yield f"#{name} = {_value(name, info)}"


def _value(name: str, info: FieldInfo) -> str:
    default = info.default
    if default is None:
        return f"{_EXAMPLES.get(name, _placeholder(info.annotation))}   # not set"
    return _toml(default)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:_}" if isinstance(value, int) and value >= 100_000 else str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{}"
    return f'"{value}"'


def _choices(info: FieldInfo) -> str:
    words: list[str] = []
    for part in _parts(info.annotation):
        if typing.get_origin(part) is typing.Literal:
            words += map(str, typing.get_args(part))
    return f" ({' | '.join(words)})" if words else ""


def _placeholder(annotation: Any) -> str:
    kinds = _parts(annotation)
    if bool in kinds:
        return "true"
    if int in kinds or float in kinds:
        return "0"
    return '""'


def _parts(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return [inner for part in typing.get_args(annotation) for inner in _parts(part)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _parts(typing.get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [str]
    return [annotation]
