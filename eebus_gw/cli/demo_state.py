"""What the demonstration shows: car, topics, captions, answers (pure)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eebus_gw.cli.chart import Sample
from eebus_gw.cli.demo_story import OPENING, Scene
from eebus_gw.site.amperes import NOMINAL_V

CHART_S = 120.0
Json = Mapping[str, Any]

_TELLING: Mapping[str, tuple[str, ...]] = {
    "ev": ("charge_state", "soc_percent"),
    "meter": ("power_w", "phases_active"),
    "session": ("energy_kwh",),
    "link": ("ship_phase",),
    "evse": ("operating_state",),
    "lpc": ("limit_w", "limit_active"),
    "lpp": ("limit_w", "limit_active"),
    "setpoint": ("mode", "applied_w"),
    "result": ("field", "state"),
    "last_result": ("field", "state"),
    "info": ("brand", "model"),
    "bridge/info": ("ski", "port"),
    "bridge/health": ("rss_mb", "loop_lag_ms"),
    "bridge/event": ("type",),
}
"""Members by which a document is shown in one line."""
_FIRST = ("meter", "ev", "limits", "lpc", "setpoint", "result", "session", "availability", "link")
"""Documents of the wallbox in the order in which they are worth seeing."""


@dataclass(slots=True)
class Topic:
    """The newest message on a topic, in short."""

    text: str
    changed_at: float
    count: int = 1


@dataclass(slots=True)
class DemoState:
    """Everything on the screen; moments in monotonic seconds."""

    device: str
    base: str
    started: float
    scene: Scene = OPENING
    answer: Json | None = None
    car: Json = field(default_factory=dict)
    grid_w: float | None = None
    """What the meter of the house shows, positive while drawing."""
    limits_w: dict[str, float | None] = field(default_factory=dict)
    bound: str | None = None
    """What keeps the setpoint from being the wish."""
    samples: deque[Sample] = field(default_factory=deque)
    topics: dict[str, Topic] = field(default_factory=dict)
    messages: int = 0

    def begin(self, scene: Scene) -> None:
        """The next scene begins."""
        self.scene, self.answer = scene, None

    def stepped(self, line: Json, now: float) -> None:
        """The simulated wallbox lived another second."""
        self.car = line
        limits_w = [watts for watts in self.limits_w.values() if watts is not None]
        self.samples.append(Sample(now, line["power_w"], min(limits_w, default=None)))
        while self.samples[0].at < now - CHART_S:
            self.samples.popleft()

    def received(self, name: str, payload: bytes, now: float) -> None:
        """Something was published on the topic ``name``."""
        self.messages += 1
        content = _content(payload)
        text = self._short(name, content, payload)
        known = self.topics.get(name)
        if known is None:
            self.topics[name] = Topic(text, now)
        else:
            known.count += 1
            if known.text != text:
                known.text, known.changed_at = text, now
        leaf = name.removeprefix(f"{self.base}/{self.device}/")
        if not isinstance(content, dict):
            return
        if leaf == "limits":
            self.limits_w[leaf] = _obligation_w(content.get("obligation"))
        elif leaf == "lpc":
            self.limits_w[leaf] = content["limit_w"] if content.get("limit_active") else None
        elif leaf == "setpoint":
            self.bound = content.get("limited_by")
        elif leaf == "result" and content["state"] != "received":
            self.answer = content

    def shown_topics(self, rows: int) -> list[tuple[str, Topic]]:
        """The topics most worth seeing, in an order that does not jump."""
        prefix = f"{self.base}/{self.device}/"
        ranks = {f"{prefix}{leaf}": rank for rank, leaf in enumerate(_FIRST)}

        def rank(name: str) -> tuple[int, int]:
            if name in ranks:
                return 0, ranks[name]
            own = name.startswith(prefix)
            return (1 if own else 2 if name.startswith(f"{self.base}/") else 3), 0

        chosen = sorted(self.topics, key=rank)[:rows]
        return [(name, self.topics[name]) for name in chosen]

    def _short(self, name: str, content: Any, payload: bytes) -> str:
        leaf = name.removeprefix(f"{self.base}/").removeprefix(f"{self.device}/")
        if leaf == "limits" and isinstance(content, dict):
            return _limits_text(content.get("obligation"))
        members = _TELLING.get(leaf)
        if members is not None and isinstance(content, dict):
            return ", ".join(f"{name} {_plain(content.get(name))}" for name in members)
        if isinstance(content, list):
            return f"{len(content)} entries"
        return payload[:200].decode("utf-8", "replace")


def answer_text(answer: Json) -> str:
    """What became of a command, in a few words."""
    state = answer["state"]
    if state in ("applied", "accepted"):
        return f"{state} after {answer['latency_ms']} ms"
    return f"{state}: {answer['reason']}" if answer["reason"] else str(state)


def payload_text(value: Any) -> str:
    """A value as it is published."""
    return json.dumps(value, separators=(",", ":"))


def _content(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _obligation_w(obligation: Any) -> float | None:
    if not isinstance(obligation, dict) or not any(obligation["active"]):
        return None
    return float(sum(NOMINAL_V * a for a in obligation["value_a"] if a is not None))


def _limits_text(obligation: Any) -> str:
    if not isinstance(obligation, dict):
        return "none"
    shown = [
        f"{value:g}" if active and value is not None else "–"
        for value, active in zip(obligation["value_a"], obligation["active"], strict=True)
    ]
    return f"obligation {' / '.join(shown)} A"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return "null" if value is None else str(value)
