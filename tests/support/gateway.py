"""The control socket of a running gateway, answering from a table."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eebus_gw.control import ControlServer

Answers = Mapping[str, dict[str, Any] | list[dict[str, Any]]]


@contextmanager
def gateway(path: Path, answers: Answers) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Answers each verb with its object, or streams its list; yields the requests that came."""
    asked: list[tuple[str, dict[str, Any]]] = []
    loop = asyncio.new_event_loop()

    async def dispatch(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        asked.append((verb, arguments))
        answer = answers[verb]
        assert isinstance(answer, dict)
        return answer

    async def stream(verb: str, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        asked.append((verb, arguments))
        for event in answers[verb]:
            assert isinstance(event, dict)
            yield event

    server = ControlServer(path, dispatch, stream=stream)
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asked
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
