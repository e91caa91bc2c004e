"""What the library leaves open about one connection to the broker."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aiomqtt

from eebus_gw.bridge.connection import MqttConnection


async def test_a_socket_that_is_closed_before_the_loop_comes_to_it_is_no_error() -> None:
    """A broker that ends the connection while something is written must not fill the log with tracebacks."""
    faults: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    connection = MqttConnection(
        "127.0.0.1",
        protocol=aiomqtt.ProtocolVersion.V5,
        received=lambda message: None,
        heard=lambda: None,
    )
    ours, theirs = socket.socketpair()
    with theirs:
        connection._on_socket_register_write(None, None, ours)
        ours.close()
        for _ in range(3):
            await asyncio.sleep(0)
    assert faults == []
