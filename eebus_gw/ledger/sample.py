"""What the accounts are fed with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of a device at one moment; unknown is ``None``.

    ``now`` is monotonic, ``utc`` wall time. ``import_wh``/``export_wh`` are lifetime counters of a
    meter, ``session_wh`` what the wallbox counts as charged since plug-in. Power is positive while
    charging. ``limited``: under a grid limit. ``cause``: what rules the power now.
    """

    now: float
    utc: datetime
    plugged: bool
    power_w: float | None = None
    import_wh: float | None = None
    export_wh: float | None = None
    session_wh: float | None = None
    soc_percent: float | None = None
    capacity_wh: float | None = None
    limited: bool = False
    cause: str | None = None
