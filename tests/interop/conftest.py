"""The Go peers and a network of their own, for all interop tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.lan import lan_namespace
from tests.interop.peers import PeerPrograms, build_peers
from tests.interop.site import Site
from tests.support.broker import Mosquitto
from tests.support.processes import Plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


BUILD_TIMEOUT_S = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test with Go peers builds them, which takes a minute and more where Go's caches are empty."""
    using = (item for item in items if "go_peers" in getattr(item, "fixturenames", ()))
    if (first := next(using, None)) is not None:
        first.add_marker(pytest.mark.timeout(BUILD_TIMEOUT_S))


@pytest.fixture(scope="session")
def go_peers() -> PeerPrograms:
    """The built peer programs; skips, or fails if they are required, where Go is missing."""
    programs = build_peers()
    print(f"Go peers built in {programs.build_s:.1f} s")
    return programs


@pytest.fixture
def lan() -> Iterator[tuple[str, ...]]:
    """What to put before a command so that it runs in a network of its own."""
    with lan_namespace() as inside:
        yield inside


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def plant(tmp_path: Path, broker: Mosquitto) -> Iterator[Plant]:
    """The programs of one test; they end before the broker, whose loss they would log."""
    with Plant(tmp_path) as plant:
        yield plant


@pytest.fixture
def site(plant: Plant, broker: Mosquitto) -> Site:
    return Site(plant, broker)
