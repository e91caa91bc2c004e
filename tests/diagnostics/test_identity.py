"""Key and certificate of one side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eebus_gw.diagnostics.identity import check_identity
from eebus_gw.home import Home
from eebus_gw.ship.ski import group_ski

AT = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.open(tmp_path / "home")
    home.create_identity(at=AT)
    return home


def test_in_order(home: Home) -> None:
    check = check_identity("identity", home, AT)
    assert check.result == "ok"
    assert group_ski(home.identity().ski) in check.text


def test_none_yet(tmp_path: Path) -> None:
    assert check_identity("identity", Home.open(tmp_path), AT).result == "skipped"


def test_a_key_that_others_can_read(home: Home) -> None:
    (home.path / "node.key").chmod(0o644)
    check = check_identity("identity", home, AT)
    assert check.result in ("warning", "failed")
    assert "chmod 600" in check.remedy


def test_near_the_end(home: Home) -> None:
    check = check_identity("identity", home, home.identity().expires - timedelta(days=30))
    assert check.result == "warning"
    assert "identity renew" in check.remedy


def test_lost(home: Home) -> None:
    (home.path / "node.key").unlink()
    home = Home(home.path)
    home.peers.add("7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40", at=AT)
    check = check_identity("identity", home, AT)
    assert check.result == "failed"
    assert "store import" in check.remedy
    assert check.topic == "own-key"


def test_a_certificate_of_another_key(home: Home, tmp_path: Path) -> None:
    """The key is sound: a new certificate is all that is needed."""
    other = Home.open(tmp_path / "other").create_identity(at=AT)
    other.store_certificate(home.path)
    check = check_identity("identity", home, AT)
    assert check.result == "failed"
    assert check.see == "docs/troubleshooting.md#certificate"
