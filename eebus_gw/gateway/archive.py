"""The diagnostics archive: everything somebody else needs to explain a fault, in one file without secrets."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eebus_gw.atomic import write_atomically
from eebus_gw.errors import StoreError
from eebus_gw.gateway.inspection import inspect
from eebus_gw.redaction import HIDDEN, redact

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

DIRECTORY = "diagnostics"
KEPT = 5
Json = dict[str, Any]


def write_archive(gateway: Gateway, *, full_skis: bool) -> Json:
    """Writes ``diagnostics/<time>.zip`` below the home, of which the newest five are kept; path and size in bytes.

    Keys, PINs, passwords and vehicle identifiers are never in it; SKIs are cut unless ``full_skis``.
    """
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _members(gateway, full_skis):
            archive.writestr(name, redact(text, full_skis=full_skis))
    directory = gateway.home.path / DIRECTORY
    path = directory / f"{gateway.clock.wall():%Y%m%d-%H%M%S}.zip"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, memory.getvalue())
        _prune(directory)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    return {"file": str(path), "bytes": path.stat().st_size}


def _members(gateway: Gateway, full_skis: bool) -> Iterator[tuple[str, str]]:
    yield "info.json", _text(gateway.bridge.info())
    yield "health.json", _text(gateway.bridge.health_document())
    yield "settings.json", gateway.settings.model_dump_json(indent=1)
    yield "grid.json", _text(gateway.site.status())
    for side in gateway.sides:
        for peer in side.peers:
            verdicts = gateway.devices.verdicts(peer.ski) if side is gateway.wallbox else []
            found = inspect(side, peer, verdicts, gateway.devices.decided(peer.ski))
            yield f"{side.name}/{peer.id}.json", _text(_without_identifiers(found))
    yield "trace.jsonl", "".join(f"{line}\n" for line in gateway.frames.lines(full_skis=full_skis))


def _without_identifiers(found: Json) -> Json:
    """Who was plugged in is nobody's business."""
    for use_case in found["use_cases"]:
        identification = use_case["points"].get("identification")
        if identification is not None and identification["value"] is not None:
            identification["value"] = HIDDEN
    return found


def _prune(directory: Path) -> None:
    for path in sorted(directory.glob("*.zip"))[:-KEPT]:
        path.unlink(missing_ok=True)


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, default=str)
