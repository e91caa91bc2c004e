"""The embedded MQTT broker of the extra ``demo``: a process of its own, on loopback, gone with its user."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eebus_gw.errors import ConfigError

LOOPBACK = "127.0.0.1"
LOG_LEVEL_VARIABLE = "IOTCORE_LOG_LEVEL"

# Without a section for version 5 the broker does not answer such a client at all.
_CONFIGURATION = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 1000
max_segment_size = 16777216
max_segment_count = 4
[v5.1]
name = "demo"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 500
dynamic_filters = true
"""


@contextmanager
def embedded_broker(directory: Path) -> Iterator[int]:
    """The port of a running broker; raises ``ConfigError`` where the extra is not installed."""
    try:
        from iotcore import Broker
    except ImportError:
        raise ConfigError(
            "the demonstration needs the embedded broker, which is not installed",
            hint="pip install 'eebus-gw[demo]', or in a clone: make demo",
        ) from None
    os.environ.setdefault(LOG_LEVEL_VARIABLE, "CRITICAL")
    port = _free_port()
    configuration = directory / "broker.toml"
    configuration.write_text(_CONFIGURATION.format(host=LOOPBACK, port=port))
    with Broker(config_path=str(configuration)):
        yield port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
