"""Which inferred words of the DBEVC wire form a device uses: to be reported for the next device of its kind."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from eebus_gw.roles.consumer import Consumer
from usecases.setpoints import DBEVC

logger = logging.getLogger(__name__)


def confirmed(consumer: Consumer) -> Mapping[str, str] | None:
    """Members of the wire map with the words found; ``None`` for every other use case."""
    return DBEVC.evidence(consumer.entity) if consumer.use_case is DBEVC else None


class WireEvidence:
    """Writes it to the log, once for each device and wording."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, str]] = {}

    def note(self, device_id: str, consumers: Iterable[Consumer]) -> None:
        """Looks at what works with a device whose car has described itself."""
        for found in map(confirmed, consumers):
            if found and found != self._known.get(device_id):
                self._known[device_id] = found
                words = ", ".join(f"{member} {word}" for member, word in found.items())
                logger.info("%s: provisional mapping of DBEVC, confirmed: %s", device_id, words)
