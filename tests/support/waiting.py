"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], *, within: float = 20.0) -> None:
    """Returns when ``condition`` has come true; raises ``TimeoutError`` when it does not, which fails the test."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - any condition, also of another process
            await asyncio.sleep(0.002)
