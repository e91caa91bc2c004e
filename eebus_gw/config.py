"""Configuration: defaults, then the TOML file, then ``EEBUS_GW_<SECTION>__<KEY>``, then options.

``load_config`` returns validated settings and says where each value came from. An unknown key is an
error that names the nearest valid one.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union

from pydantic import BaseModel, SecretStr, ValidationError

from eebus_gw.errors import ConfigError
from eebus_gw.settings import BASE, Settings

PREFIX = "EEBUS_GW_"
# Variables of ours that are no settings.
PLAIN_VARIABLES = frozenset({"HOME", "CONFIG", "LOG_LEVEL", "REQUIRE", "COMPLETE"})
DEVICES = "devices"
OPTION_ORIGIN = "option"
DEFAULT_ORIGIN = "default"

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """Validated settings with the origin of each value that is not a default."""

    settings: Settings
    origins: Mapping[KeyPath, str]
    """Key path to ``config.toml``-like file name, environment variable or ``option``."""
    warnings: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[str, Any, str]]:
        """Every setting as (dotted key, plain value, origin); secrets show as ``***``."""
        for path, value in _leaves(self.settings, ()):
            yield ".".join(path), value, self.origins.get(path, DEFAULT_ORIGIN)


def load_config(
    file: Path | None,
    *,
    environment: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    required: bool = False,
) -> Config:
    """The settings in force; ``options`` maps dotted keys to values given on the command line.

    A missing ``file`` is an error only when ``required``. Raises ``ConfigError`` naming origin, key
    and value.
    """
    variables = os.environ if environment is None else environment
    values: dict[KeyPath, Any] = {}
    origins: dict[KeyPath, str] = {}
    base = file.parent if file else None
    if file is not None:
        for path, value in _flatten(_read_toml(file, required), ()):
            _check_known(path, file.name)
            values[path], origins[path] = value, str(file)
    warnings: list[str] = []
    for name, path, value in _from_environment(variables, warnings):
        _check_known(path, name)
        values[path], origins[path] = value, name
    for key, value in (options or {}).items():
        if value is not None:
            path = tuple(key.split("."))
            values[path], origins[path] = value, OPTION_ORIGIN
    try:
        settings = Settings.model_validate(_nest(values), context={BASE: base})
    except ValidationError as error:
        raise _explained(error, values, origins) from None
    return Config(settings, origins, tuple(warnings))


@cache
def valid_keys() -> tuple[str, ...]:
    """Every dotted key there is; devices appear as ``devices.<id>.…``."""
    return tuple(".".join(path) for path in _schema_paths(Settings, ()))


def _read_toml(file: Path, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"there is no configuration file {file}") from None
        return {}
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no TOML: {error}", hint=_toml_hint(str(error))) from None


def _toml_hint(error: str) -> str:
    if not error.startswith("Cannot "):
        return ""
    return "each section and key stands there once: change the value below the header that exists"


def _flatten(tree: Mapping[str, Any], above: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in tree.items():
        path = (*above, key)
        if isinstance(value, dict) and _is_section(path):
            yield from _flatten(value, path)
        else:
            yield path, value


def _nest(values: Mapping[KeyPath, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        place = tree
        for depth, part in enumerate(path[:-1], start=1):
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ConfigError(
                    f"{'.'.join(path[:depth])} is a section, not a value",
                    hint=f"write its keys below [{'.'.join(path[:depth])}]",
                )
        place[path[-1]] = value
    return tree


def _from_environment(
    variables: Mapping[str, str], warnings: list[str]
) -> Iterator[tuple[str, KeyPath, str]]:
    for name in sorted(variables):
        rest = name.removeprefix(PREFIX)
        if rest == name or rest in PLAIN_VARIABLES:
            continue
        if "__" in rest:
            yield name, _path_of(rest), variables[name]
            continue
        # Container platforms invent variables with our prefix (service links).
        near = difflib.get_close_matches(rest, map(_variable_of, valid_keys()), n=1, cutoff=0.9)
        if near:
            warnings.append(f"{name} is ignored; did you mean {PREFIX}{near[0]}?")


def _path_of(rest: str) -> KeyPath:
    parts = tuple(part.lower() for part in rest.split("__"))
    if parts[0] == DEVICES and len(parts) > 1:
        # Variable names cannot hold the hyphen of an id.
        return (DEVICES, parts[1].replace("_", "-"), *parts[2:])
    return parts


def _variable_of(key: str) -> str:
    return key.upper().replace(".", "__")


def _check_known(path: KeyPath, origin: str) -> None:
    keys = valid_keys()
    pattern = _with_placeholder(path)
    if pattern in keys or any(key.startswith(f"{pattern}.") for key in keys):
        return
    dotted = ".".join(path)
    raise ConfigError(f"{origin}: unknown key {dotted!r}", hint=_nearest(path, keys))


def _nearest(path: KeyPath, keys: Sequence[str]) -> str:
    pattern = _with_placeholder(path)
    close = difflib.get_close_matches(pattern, keys, n=1, cutoff=0.6)
    if not close:
        last = path[-1]
        by_last = {key.rsplit(".", 1)[-1]: key for key in keys}
        names = difflib.get_close_matches(last, by_last, n=1, cutoff=0.8)
        close = [by_last[name] for name in names]
    if close:
        device = path[1] if len(path) > 1 and path[0] == DEVICES else "<id>"
        return f"did you mean {close[0].replace('<id>', device)!r}?"
    sections = sorted({key.split(".")[0] for key in keys})
    return f"sections are {', '.join(sections)}; all keys: eebus-gw config schema"


def _with_placeholder(path: KeyPath) -> str:
    if len(path) > 1 and path[0] == DEVICES:
        path = (DEVICES, "<id>", *path[2:])
    return ".".join(path)


def _is_section(path: KeyPath) -> bool:
    pattern = _with_placeholder(path)
    return path == (DEVICES,) or any(key.startswith(f"{pattern}.") for key in valid_keys())


def _schema_paths(model: type[BaseModel], above: KeyPath) -> Iterator[KeyPath]:
    for name, info in model.model_fields.items():
        if name == DEVICES:
            inner = typing.get_args(info.annotation)[1]
            yield from _schema_paths(inner, (*above, DEVICES, "<id>"))
            continue
        section = _section_model(info.annotation)
        if section is None:
            yield (*above, name)
        else:
            yield from _schema_paths(section, (*above, name))


def _section_model(annotation: Any) -> type[BaseModel] | None:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _leaves(model: BaseModel, above: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    for name in type(model).model_fields:
        value, path = getattr(model, name), (*above, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, path)
        elif name == DEVICES:
            for device_id, device in value.items():
                yield from _leaves(device, (*path, device_id))
        elif isinstance(value, SecretStr):
            yield path, "***"
        else:
            yield (
                path,
                value if isinstance(value, str | int | float | bool | None) else _plain(value),
            )


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _explained(
    error: ValidationError, values: Mapping[KeyPath, Any], origins: Mapping[KeyPath, str]
) -> ConfigError:
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    path = next(
        (where[:size] for size in range(len(where), 0, -1) if where[:size] in values), where
    )
    origin = Path(origins.get(path, "configuration")).name
    message = re.sub(r"^(Value|Assertion) error, ", "", first["msg"])
    message = message[:1].lower() + message[1:]
    shown = "" if _is_secret(path) or path not in values else f" = {values[path]!r}"
    return ConfigError(f"{origin}: {'.'.join(path)}{shown}: {message}")


def _is_secret(path: KeyPath) -> bool:
    return path[-1] in {"password", "pin"} or path == ("mqtt", "url")
