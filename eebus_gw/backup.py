"""Backups of a home directory: one compressed archive with a manifest, checked before it is trusted."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eebus_gw.atomic import write_atomically
from eebus_gw.errors import StoreError
from eebus_gw.home import CONFIG_FILE, GRID_DIRECTORY, LEDGER_FILE, Home
from eebus_gw.identity import CERTIFICATE_FILE, KEY_FILE, Identity
from eebus_gw.peers import PeersDocument

MANIFEST = "manifest.json"
FORMAT = "eebus-gw-backup"
VERSION = 1
MAX_BYTES = 1024**3

_FILES = (KEY_FILE, CERTIFICATE_FILE, "peers.json", "retained.json", CONFIG_FILE, LEDGER_FILE)
_NAMES = frozenset(_FILES) | {f"{GRID_DIRECTORY}/{name}" for name in _FILES}


@dataclass(frozen=True, slots=True)
class Backup:
    """The checked content of an archive."""

    created: str
    files: Mapping[str, bytes]
    ski: str | None
    grid_ski: str | None
    peers: tuple[str, ...]
    """Ids of the peers it knows."""


def export_backup(home: Home, at: datetime) -> bytes:
    """An archive of everything in ``home``, secrets included; consistent also while a gateway runs."""
    files = {name: data for name in sorted(_NAMES) if (data := _content(home.path / name))}
    if KEY_FILE not in files and f"{GRID_DIRECTORY}/{KEY_FILE}" not in files:
        home.identity()
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "created": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        _append(archive, MANIFEST, json.dumps(manifest, indent=1).encode(), at)
        for name, data in files.items():
            _append(archive, name, data, at)
    return packed.getvalue()


def read_backup(file: Path) -> Backup:
    """The archive in ``file`` after every check; raises ``StoreError`` or ``IdentityError``."""
    try:
        files = _unpack(file)
        manifest = json.loads(files.pop(MANIFEST))
        if manifest["format"] != FORMAT:
            raise ValueError(manifest["format"])
        version, sums = int(manifest["version"]), dict(manifest["sha256"])
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror or error}") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError):
        raise StoreError(f"{file} is no backup of eebus-gw, or it is damaged") from None
    if version > VERSION:
        raise StoreError(f"{file} was written by a newer eebus-gw", hint="use that one")
    wrong = [
        name for name in sums if hashlib.sha256(files.get(name, b"")).hexdigest() != sums[name]
    ]
    if wrong or set(files) != set(sums):
        raise StoreError(f"{file} is damaged: {', '.join(wrong) or 'files are missing'}")
    with tempfile.TemporaryDirectory() as scratch:
        _place(files, Path(scratch))
        skis = [_ski_in(Path(scratch)), _ski_in(Path(scratch) / GRID_DIRECTORY)]
    try:
        peers = _peer_ids(files)
    except (ValueError, TypeError):
        raise StoreError(f"{file} holds a list of peers that cannot be read") from None
    return Backup(str(manifest.get("created", "")), files, skis[0], skis[1], peers)


def import_backup(backup: Backup, home: Home) -> None:
    """Places the content in ``home``; refuses (``StoreError``) a home that is another device."""
    with home.locked():
        for one, ski in ((home, backup.ski), (home.grid, backup.grid_ski)):
            if one.has_identity() and one.identity().ski != ski:
                raise StoreError(
                    f"{one.path} holds another identity, which is never replaced",
                    hint="import into an empty home directory: --home DIR",
                )
        _place(backup.files, home.path)


def _content(path: Path) -> bytes | None:
    try:
        if path.name == LEDGER_FILE and path.exists():
            return _database(path)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


def _database(path: Path) -> bytes:
    with (
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        return copy.serialize()


def _append(archive: tarfile.TarFile, name: str, data: bytes, at: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(data), 0o600, int(at.timestamp())
    archive.addfile(entry, io.BytesIO(data))


def _unpack(file: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    with tarfile.open(file, mode="r:gz") as archive:
        for entry in archive:
            total += entry.size
            stream = archive.extractfile(entry) if entry.isreg() else None
            if stream is None or entry.name not in _NAMES | {MANIFEST} or total > MAX_BYTES:
                raise ValueError(entry.name)
            files[entry.name] = stream.read()
    return files


def _place(files: Mapping[str, bytes], directory: Path) -> None:
    # The key comes last: a home with a key is a complete one.
    for name in sorted(files, key=lambda name: name.endswith(KEY_FILE)):
        path = directory / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(
            path, files[name], mode=0o644 if name.endswith(CERTIFICATE_FILE) else 0o600
        )


def _ski_in(directory: Path) -> str | None:
    return Identity.load(directory).ski if (directory / KEY_FILE).exists() else None


def _peer_ids(files: Mapping[str, bytes]) -> tuple[str, ...]:
    ids: list[str] = []
    for name in ("peers.json", f"{GRID_DIRECTORY}/peers.json"):
        if name in files:
            tree: dict[str, Any] = json.loads(files[name])
            ids += [peer.id for peer in PeersDocument.model_validate(tree).peers]
    return tuple(ids)
