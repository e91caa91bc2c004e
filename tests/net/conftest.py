"""No test of the network may leave a task behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.waiting import until


@pytest.fixture(autouse=True)
async def no_task_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    left: set[asyncio.Task[object]] = set()

    def nothing_left() -> bool:
        nonlocal left
        left = {task for task in asyncio.all_tasks() - before if not task.done()}
        left.discard(asyncio.current_task())  # type: ignore[arg-type]
        return not left

    try:
        await until(nothing_left, within=2.0)
    except TimeoutError:
        pytest.fail(f"left behind: {left}")
