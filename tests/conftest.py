"""What a test changes about logging and the time zone ends with it: no other test may depend on the order."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, levels = list(root.handlers), _levels()
    yield
    root.handlers[:] = handlers
    for name, level in _levels().items():
        if level != levels.get(name, logging.NOTSET):
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands where clocks are changed on 2026-03-29 and 2026-10-25."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def _levels() -> dict[str, int]:
    """The level set at each logger; the root has the empty name."""
    known = logging.Logger.manager.loggerDict.items()
    own = {name: logger.level for name, logger in known if isinstance(logger, logging.Logger)}
    return {"": logging.getLogger().level, **own}
