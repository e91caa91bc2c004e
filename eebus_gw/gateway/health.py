"""How the gateway itself is doing."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Iterable
from typing import Any

from eebus_gw.bridge.broker import BrokerStatus
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.results import time_text
from eebus_gw.clock import Clock
from eebus_gw.gateway.links import LinkState
from eebus_gw.roles.host import Host

SAMPLE_S = 5.0


class Health:
    """Counts what happened and measures how late the event loop is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self.handshakes_ok = 0
        self.handshakes_failed = 0
        self.loop_lag_ms = 0.0

    async def watch_loop(self, seconds: float) -> None:
        """Watches the event loop for so long; ``loop_lag_ms`` is then the worst of that time."""
        worst = 0.0
        until = self._clock.now() + seconds
        while (now := self._clock.now()) < until:
            await asyncio.sleep(SAMPLE_S)
            worst = max(worst, self._clock.now() - now - SAMPLE_S)
        self.loop_lag_ms = round(worst * 1000, 1)

    def document(
        self,
        links: Iterable[LinkState],
        broker: BrokerStatus | None,
        outbox: Outbox,
        hosts: Iterable[Host],
        store: dict[str, Any],
    ) -> dict[str, Any]:
        """The ``bridge/health`` document."""
        known = list(links)
        sessions = [p.session for host in hosts for p in host.partners.values()]
        return {
            "uptime_s": round(self._clock.now() - self._started),
            "rss_mb": _rss_mb(),
            "loop_lag_ms": self.loop_lag_ms,
            "mqtt": {
                "connected": broker.connected if broker is not None else False,
                "reconnects": broker.reconnects if broker is not None else 0,
                "queued": outbox.queued,
                "dropped": outbox.dropped + (broker.dropped if broker is not None else 0),
                "last_error": broker.last_error if broker is not None else None,
                "insecure": broker.insecure if broker is not None else False,
            },
            "devices": {
                "total": len(known),
                "connected": sum(1 for link in known if link.connected),
            },
            "ship": {
                "handshakes_ok": self.handshakes_ok,
                "handshakes_failed": self.handshakes_failed,
            },
            "spine": {
                "msgs_in": sum(session.received for session in sessions),
                "msgs_out": sum(session.sent for session in sessions),
                "results_err": sum(session.refused for session in sessions),
            },
            "store": store,
            "ts": time_text(self._clock.wall()),
        }


def _rss_mb() -> float:
    """Memory in use; where the system does not tell, the most there ever was."""
    try:
        with open("/proc/self/statm") as statm:
            return round(int(statm.read().split()[1]) * resource.getpagesize() / 1e6, 1)
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
