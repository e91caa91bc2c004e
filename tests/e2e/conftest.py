"""A plant of real processes for each test, and one that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.broker import Mosquitto
from tests.support.processes import Plant


@contextmanager
def running_plant(directory: Path) -> Iterator[Plant]:
    plant = Plant(directory)
    try:
        yield plant
        plant.close()
    finally:
        plant.abort()


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Ends everything after the test, and fails it when a process died or logged an error."""
    with running_plant(tmp_path) as plant:
        yield plant


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running
