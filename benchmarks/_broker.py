"""The embedded broker of the extra ``demo``, on a free loopback port, with MQTT 5."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"

_CONFIGURATION = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 1000
max_segment_size = 16777216
max_segment_count = 4
[v5.1]
name = "loopback"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 500
dynamic_filters = true
"""


@contextmanager
def running_broker(directory: Path) -> Iterator[int]:
    """The port of a broker that runs as long as the block, in a process of its own."""
    from iotcore import Broker

    port = _free_port()
    configuration = directory / "broker.toml"
    configuration.write_text(_CONFIGURATION.format(host=LOOPBACK, port=port))
    with Broker(config_path=str(configuration)):
        yield port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
