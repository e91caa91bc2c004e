"""Log lines on ``bridge/log`` (setting ``mqtt.log``), for those who look at the broker and not at the host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eebus_gw.bridge.outbox import LOG
from eebus_gw.bridge.results import time_text
from eebus_gw.clock import Clock
from eebus_gw.logs import RedactionFilter, context_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from eebus_gw.bridge.outbox import Content
    from eebus_gw.gateway.gateway import Gateway

PROGRAM = "eebus_gw"
BROKER_SIDE = f"{PROGRAM}.bridge"


class LogLines(logging.Handler):
    """Hands each record of this program to ``send``, redacted, in the thread of the event loop."""

    def __init__(
        self, send: Callable[[Content], None], clock: Clock, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__()
        self._send = send
        self._clock = clock
        self._loop = loop
        self.addFilter(RedactionFilter())

    def emit(self, record: logging.LogRecord) -> None:
        # What publishing itself has to say would be published again without end.
        if record.name.startswith(BROKER_SIDE) and record.levelno < logging.WARNING:
            return
        context = context_of(record)
        line = {
            "ts": time_text(self._clock.wall()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "device": context.get("device"),
        }
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send, line)


@contextmanager
def log_lines(gateway: Gateway) -> Iterator[None]:
    """Publishes log lines while it is entered, if the settings want that."""
    if not gateway.settings.mqtt.log:
        yield
        return
    topic = gateway.topics.bridge("log")
    handler = LogLines(
        lambda line: gateway.outbox.send(topic, line, LOG),
        gateway.clock,
        asyncio.get_running_loop(),
    )
    program = logging.getLogger(PROGRAM)
    program.addHandler(handler)
    try:
        yield
    finally:
        program.removeHandler(handler)
