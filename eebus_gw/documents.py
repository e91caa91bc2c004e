"""Versioned JSON documents that survive power cuts, old versions and damage.

A document that cannot be understood is set aside under a name that says so and reported; nothing is
ever thrown away. A document written by a *newer* version of this program stays untouched and is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from eebus_gw.atomic import write_atomically
from eebus_gw.errors import StoreError

D = TypeVar("D", bound=BaseModel)
Migration = Callable[[dict[str, Any]], dict[str, Any]]
Report = Callable[[str], None]


class _DamagedError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class DocumentFile(Generic[D]):
    """One document: its place, model and version, and how older versions become the present one."""

    path: Path
    model: type[D]
    version: int
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    """Old version to the function that makes the next version of it."""
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)

    def load(self, report: Report) -> D | None:
        """The stored document or ``None``; damage is set aside and told to ``report``.

        Raises ``StoreError`` where the file cannot be read or is from a newer version.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from error
        try:
            return self._decode(data)
        except _DamagedError as damage:
            aside = self._set_aside()
            report(f"{self.path.name} is damaged ({damage}); it was set aside as {aside.name}")
            return None

    def save(self, document: D) -> None:
        """Writes ``document`` durably; raises ``StoreError``."""
        tree = {"version": self.version, **document.model_dump(mode="json", exclude_none=True)}
        text = json.dumps(tree, indent=1, ensure_ascii=False)
        try:
            write_atomically(self.path, text.encode() + b"\n")
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error

    def set_aside_before(self) -> list[Path]:
        """Damaged predecessors of this document that still lie beside it."""
        return sorted(self.path.parent.glob(f"{self.path.name}.corrupt-*"))

    def _decode(self, data: bytes) -> D:
        try:
            tree = json.loads(data)
        except (ValueError, RecursionError):
            raise _DamagedError("no JSON") from None
        version = tree.pop("version", None) if isinstance(tree, dict) else None
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise _DamagedError("no version")
        if version > self.version:
            raise StoreError(
                f"{self.path} was written by a newer eebus-gw (document version {version},"
                f" this one knows {self.version})",
                hint="use the newer eebus-gw, or another home directory",
            )
        try:
            for step in range(version, self.version):
                tree = self.migrations[step](tree)
            return self.model.model_validate(tree)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _DamagedError(f"{where}: {first['msg']}") from None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _DamagedError(f"version {version} cannot be migrated: {error}") from None

    def _set_aside(self) -> Path:
        stamp = f"{self.wall():%Y%m%dT%H%M%SZ}"
        aside = self.path.with_name(f"{self.path.name}.corrupt-{stamp}")
        counter = 1
        while aside.exists():
            counter += 1
            aside = self.path.with_name(f"{self.path.name}.corrupt-{stamp}-{counter}")
        try:
            self.path.rename(aside)
        except OSError as error:
            raise StoreError(
                f"{self.path} is damaged and cannot be set aside: {error.strerror}"
            ) from error
        return aside
