"""What a test changes about logging ends with it: no other test may depend on the order."""

from __future__ import annotations

import logging
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


def _levels() -> dict[str, int]:
    """The level set at each logger; the root has the empty name."""
    known = logging.Logger.manager.loggerDict.items()
    own = {name: logger.level for name, logger in known if isinstance(logger, logging.Logger)}
    return {"": logging.getLogger().level, **own}
