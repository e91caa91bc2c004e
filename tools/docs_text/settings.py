"""The settings as Markdown, from their models."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Union

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs_text.tables import table
from eebus_gw.settings import DeviceSettings, Settings

SECRET = "secret"
WORDS = {"int": "whole number", "float": "number", "bool": "true or false", "str": "text"}


def settings() -> str:
    """A table for each section of the configuration file."""
    chapters = []
    for name, info in Settings.model_fields.items():
        section = info.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            chapters += list(_section(name, section))
        else:
            chapters += list(_section(f"{name}.<id>", DeviceSettings))
    return "\n\n".join(chapters)


def _section(name: str, section: type[BaseModel]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = []
    inner: list[tuple[str, type[BaseModel]]] = []
    for key, info in section.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            inner.append((f"{name}.{key}", info.annotation))
            continue
        kind = "; ".join(dict.fromkeys(_kinds(info.annotation, info)))
        rows.append((f"`{key}`", kind, _default(info.default), info.description or ""))
    head = f"## [{name}]\n\n{(section.__doc__ or '').strip()}"
    yield f"{head}\n\n{table(('Key', 'Value', 'Default', 'Meaning'), rows)}"
    for path, model in inner:
        yield from _section(path, model)


def _kinds(annotation: Any, info: FieldInfo | None) -> Iterator[str]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    bounds = _bounds(info.metadata if info is not None else [])
    if origin in (Union, types.UnionType):
        for part in arguments:
            if part is not type(None):
                yield from _kinds(part, info)
    elif origin is typing.Annotated:
        found = [m for argument in arguments[1:] for m in getattr(argument, "metadata", [argument])]
        for kind in _kinds(arguments[0], None):
            yield f"{kind}{_bounds(found) or bounds}"
    elif origin is typing.Literal:
        yield " | ".join(f"`{word}`" for word in arguments)
    elif origin is list:
        yield "list of text"
    elif origin is dict:
        yield "table"
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield " | ".join(f"`{word.value}`" for word in annotation)
    else:
        name = getattr(annotation, "__name__", str(annotation))
        words = {"Path": "file", "SecretStr": SECRET, "time": "HH:MM", **WORDS}
        yield f"{words.get(name, name)}{bounds}"


def _bounds(metadata: Any) -> str:
    low: float | None = None
    high: float | None = None
    for each in metadata:
        low = getattr(each, "ge", getattr(each, "gt", low))
        high = getattr(each, "le", getattr(each, "lt", high))
    if low is None or high is None:
        return ""
    return f" {low:,} … {high:,}".replace(",", " ")


def _default(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "`true`" if value else "`false`"
        case []:
            return "`[]`"
        case {}:
            return "`{}`"
        case list():
            return f"`[{', '.join(f'{chr(34)}{each}{chr(34)}' for each in value)}]`"
        case StrEnum():
            return f'`"{value.value}"`'
        case str():
            return f'`"{value}"`'
    return f"`{value}`"
