"""``store export|import|verify``."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import stat
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.open(tmp_path / "home")
    home.create_identity(at=AT)
    home.grid.create_identity(at=AT)
    home.peers.add(SKI, alias="Carport", at=AT)
    home.config_path.write_text("[mqtt]\nbase_topic = 'wall'\n")
    with sqlite3.connect(home.ledger_path) as ledger:
        ledger.execute("PRAGMA journal_mode=WAL")
        ledger.execute("CREATE TABLE session (wh INTEGER)")
        ledger.execute("INSERT INTO session VALUES (4711)")
    ledger.close()
    return home


def run(home: Path, *arguments: str | Path) -> int:
    return main(["--home", str(home), "store", *map(str, arguments)])


def test_a_backup_restores_everything(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = tmp_path / "backup.tar.gz", tmp_path / "other"
    assert run(home.path, "export", file) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    capsys.readouterr()
    assert run(other, "import", file, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ski"] == home.identity().ski
    assert answer["peers"] == ["carport"]
    restored = Home.open(other)
    assert restored.identity().fingerprint == home.identity().fingerprint
    assert restored.grid.identity().ski == home.grid.identity().ski
    assert restored.peers.find("Carport").ski == SKI
    assert restored.config_path.read_text() == home.config_path.read_text()
    with sqlite3.connect(restored.ledger_path) as ledger:
        assert ledger.execute("SELECT wh FROM session").fetchall() == [(4711,)]
    ledger.close()
    assert stat.S_IMODE((other / "node.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((other / "grid").stat().st_mode) == 0o700


def test_export_overwrites_nothing(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    file.write_text("precious")
    assert run(home.path, "export", file) == 1
    assert file.read_text() == "precious"


def test_an_empty_home_has_nothing_to_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "empty", "export", tmp_path / "x.tar.gz") == 2
    assert not (tmp_path / "x.tar.gz").exists()


def test_another_identity_is_never_replaced(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.tar.gz"
    run(home.path, "export", file)
    other = Home.open(tmp_path / "other")
    ski = other.create_identity(at=AT).ski
    assert run(other.path, "import", file) == 1
    assert "never replaced" in capsys.readouterr().err
    assert other.identity().ski == ski


def test_import_heals_a_home_that_lost_its_key(home: Home, tmp_path: Path) -> None:
    file, ski = tmp_path / "backup.tar.gz", home.identity().ski
    run(home.path, "export", file)
    (home.path / "node.key").unlink()
    assert run(home.path, "import", file) == 0
    assert Home.open(home.path).identity().ski == ski


def test_import_waits_for_nobody(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    run(home.path, "export", file)
    with home.locked():
        assert run(home.path, "import", file) == 1


def packed(*files: tuple[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        for name, data in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return memory.getvalue()


MANIFEST = json.dumps({"format": "eebus-gw-backup", "version": 1, "sha256": {}, "created": ""})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        gzip.compress(b"no archive"),
        packed(),
        packed(("manifest.json", b"{}")),
        packed(("manifest.json", b'{"format": "other"}')),
        packed(("manifest.json", MANIFEST.encode()), ("../escape", b"x")),
        packed(("manifest.json", MANIFEST.encode()), ("/etc/passwd", b"x")),
        packed(("manifest.json", MANIFEST.encode()), ("node.key", b"unlisted")),
        packed(("manifest.json", MANIFEST.replace("1,", "2,", 1).encode())),
    ],
)
def test_what_is_no_backup_is_refused(
    tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(data)
    assert run(tmp_path / "home", "import", file) == 1
    assert str(file) in capsys.readouterr().err
    assert not (tmp_path / "home" / "node.key").exists()
    assert not (tmp_path / "escape").exists()


def test_verify_notices_a_changed_file(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.tar.gz"
    run(home.path, "export", file)
    assert run(home.path, "verify", file) == 0
    with tarfile.open(file) as archive:
        contents = [
            (entry.name, archive.extractfile(entry).read())  # type: ignore[union-attr]
            for entry in archive
        ]
    changed = [(name, data + b" " if name == "peers.json" else data) for name, data in contents]
    file.write_bytes(packed(*changed))
    assert run(home.path, "verify", file) == 1
    assert "peers.json" in capsys.readouterr().err
