"""A simulated control box (Steuerbox) as a SPINE device: a GridGuard that limits whoever it is connected to.

Pure. Steps of a script and options go in, one line for each thing that happened comes out. What is required holds for
every peer, for those that connect later, too.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from eebus_gw.errors import EebusError
from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.events import Heartbeat, Reported, RoleEvent, UseCasesMatched, WriteDone
from eebus_gw.roles.host import Entity, Host
from eebus_gw.sim.desk_guard import WRITING, ConsumptionDesk, DeskGuard, ProductionDesk
from eebus_gw.sim.scenario import Step
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation import CONSUMPTION, PRODUCTION, Limitation
from usecases.limitation_guard import FAILSAFE_DURATION, FAILSAFE_POWER, LIMIT
from usecases.limitation_rules import FAILSAFE_LONGEST_S, FAILSAFE_SHORTEST_S

Line = dict[str, Any]
LPC, LPP = "lpc", "lpp"
_LIMITS = {"limit": LPC, "production_limit": LPP}
_FAILSAFES = {"failsafe": LPC, "production_failsafe": LPP}
OPENING_AFTER_BEAT_S = 0.5
"""After a silence the limit follows the heartbeat that opens the gate of the peer [LPC-TS-036]."""
_RELEASED = LimitValue(0.0, active=False)


@dataclass(frozen=True, slots=True)
class _Required:
    limit: LimitValue
    until: float | None


@dataclass(slots=True)
class Requirements:
    """What the grid operator wants; survives a restart of the box."""

    limits: dict[str, _Required] = field(default_factory=dict)
    failsafe: dict[tuple[str, str], float] = field(default_factory=dict)

    def limit(self, code: str, now: float) -> LimitValue | None:
        """The limit required at ``now`` with the time it has left, ``None`` = no requirement."""
        required = self.limits.get(code)
        if required is None or required.until is None:
            return required.limit if required is not None else None
        left = required.until - now
        return replace(required.limit, duration_s=left) if left > 0 else None


class ControlBox:
    """The use cases of one control box on ``host``.

    ``patient`` keeps increases to one every five minutes, as a real one has to [IG §2.10].
    """

    def __init__(
        self,
        host: Host,
        now: float,
        *,
        patient: bool = False,
        requirements: Requirements | None = None,
    ) -> None:
        self.requirements = requirements or Requirements()
        self._host = host
        self._patient = patient
        self._lines: deque[Line] = deque()
        self._hindrances: dict[str, str] = {}
        self._silent_until: float | None = None
        self._opening_at: float | None = None
        self._use_cases: dict[str, UseCase] = {
            LPC: Limitation(replace(CONSUMPTION, guard=ConsumptionDesk)),
            LPP: Limitation(replace(PRODUCTION, guard=ProductionDesk)),
        }
        host.add_entity(Entity("GridGuard", tuple(self._use_cases.values())), now)
        host.announce()

    # --- what the operator wants

    def apply(self, step: Step, now: float) -> bool:
        """Plays one step of a script; false for steps that are not for a control box.

        A number below 0 is sent with the wrong sign, and any value as it is: to see it refused.
        ``restart`` is for the program around to carry out.
        """
        value = float(step.value) if isinstance(step.value, int | float) else 0.0
        match step.action:
            case "limit" | "production_limit":
                self.limit(_LIMITS[step.action], value, now, step.duration_s)
            case "release":
                codes = [_LIMITS[step.value]] if isinstance(step.value, str) else [LPC, LPP]
                for code in codes:
                    self.release(code, now)
            case "failsafe" | "production_failsafe":
                self.require_failsafe(_FAILSAFES[step.action], FAILSAFE_POWER, value, now)
            case "failsafe_duration":
                self.require_failsafe(LPC, FAILSAFE_DURATION, value, now)
            case "silence":
                self.fall_silent(value, now)
            case _:
                return False
        return True

    def limit(self, code: str, watts: float, now: float, duration_s: float | None = None) -> None:
        """Limits consumption (``lpc``) or production (``lpp``) to ``watts`` ≥ 0, at once."""
        signed = watts if code == LPC else -watts or 0.0
        limit = LimitValue(signed, active=True, duration_s=duration_s)
        if not 0 <= watts < math.inf or duration_s == 0:
            self._write_as_it_is(code, LIMIT, limit, now)
            return
        until = None if duration_s is None else now + duration_s
        self._require(code, _Required(limit, until), now)

    def release(self, code: str, now: float) -> None:
        """Ends the limit of one direction by a deactivation."""
        self._require(code, _Required(_RELEASED, None), now)

    def require_failsafe(self, code: str, key: str, value: float, now: float) -> None:
        """Sets a failsafe value."""
        if not _permitted(key, value):
            self._write_as_it_is(code, key, value, now)
            return
        self.requirements.failsafe[code, key] = value
        for ski, consumer in self._consumers(code):
            self._wish(ski, consumer, key, value, now)

    def fall_silent(self, seconds: float, now: float) -> None:
        """Sends nothing any more for ``seconds``, ``math.inf`` for good; the link stays."""
        self._host.heartbeats.silent = True
        for _, consumer in self._consumers():
            if isinstance(consumer.behaviour, DeskGuard):
                consumer.behaviour.fall_silent()
        self._silent_until = now + seconds
        self._tell("silent", seconds=seconds if math.isfinite(seconds) else None)

    # --- what happens

    def link_up(self, ski: str) -> None:
        """Data may flow with a peer."""
        self._hindrances.pop(ski, None)
        self._tell("connected", peer=ski)

    def not_connected(self, ski: str, text: str) -> None:
        """An attempt to reach a peer failed; told when the reason is a new one."""
        if self._hindrances.get(ski) != text:
            self._hindrances[ski] = text
            self._tell("not_connected", peer=ski, text=text)

    def link_down(self, ski: str, text: str) -> None:
        """The connection to a peer is gone."""
        self._tell("disconnected", peer=ski, text=text)

    def handle(self, event: RoleEvent, now: float) -> None:
        """Follows what the host reports."""
        match event:
            case UseCasesMatched(ski, opened):
                for code, path in opened:
                    self._begin(ski, code, path, now)
            case Reported(ski=str(ski), use_case=use_case, name=name, data=data):
                if name == WRITING:
                    self._written(ski, use_case, data["key"], data["value"])
                elif name == "limit_deferred":
                    self._tell(name, peer=ski, use_case=use_case.code, seconds=data["seconds"])
                elif name == "write_impossible":
                    self._not_written(ski, use_case, data["text"])
            case WriteDone(ski=ski, use_case=use_case, point=point, value=value):
                self._tell(
                    "answered",
                    peer=ski,
                    use_case=use_case.code,
                    **_shown(point.key, value),
                    error_number=event.error_number,
                    text=event.text,
                )
            case Heartbeat(ski=ski):
                self._tell("heartbeat", peer=ski)

    def handle_timer(self, now: float) -> None:
        """Ends a silence whose time is over: heartbeat, and a moment later the limit required."""
        if self._silent_until is not None and now >= self._silent_until:
            self._silent_until, self._opening_at = None, now + OPENING_AFTER_BEAT_S
            self._host.heartbeats.silent = False
            for path in {entity.path for entity in self._host.clients.values()}:
                self._host.heartbeats.beat_now(path, now)
        if self._opening_at is not None and now >= self._opening_at:
            self._opening_at = None
            for ski, consumer in self._consumers():
                if isinstance(consumer.behaviour, DeskGuard):
                    consumer.behaviour.speak()
                limit = self.requirements.limit(consumer.use_case.code, now)
                self._wish(ski, consumer, LIMIT, limit, now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        moments = [m for m in (self._silent_until, self._opening_at) if m is not None]
        return min((moment for moment in moments if math.isfinite(moment)), default=None)

    def take_lines(self) -> Iterator[Line]:
        """What happened since the last call, one object each (contract, section 4), without ``t``."""
        while self._lines:
            yield self._lines.popleft()

    # --- parts

    def _require(self, code: str, required: _Required, now: float) -> None:
        self.requirements.limits[code] = required
        for ski, consumer in self._consumers(code):
            self._wish(ski, consumer, LIMIT, required.limit, now)

    def _begin(self, ski: str, code: str, path: EntityPath, now: float) -> None:
        """A peer can be limited: it gets what is required now."""
        consumer = self._host.consumer(ski, self._use_cases[code], path)
        if isinstance(consumer.behaviour, DeskGuard):
            consumer.behaviour.patient = self._patient
            if self._silent_until is not None:
                consumer.behaviour.fall_silent()
        limit = self.requirements.limit(code, now)
        if limit is not None:
            self._wish(ski, consumer, LIMIT, limit, now)
        for (wanted, key), value in self.requirements.failsafe.items():
            if wanted == code:
                self._wish(ski, consumer, key, value, now)

    def _wish(self, ski: str, consumer: Consumer, key: str, value: Any, now: float) -> None:
        use_case = self._use_cases[consumer.use_case.code]
        point = use_case.point(key)
        self._host.wish(ski, use_case, point, value, now, consumer.entity.path)

    def _write_as_it_is(self, code: str, key: str, value: Any, now: float) -> None:
        """Past every rule, once, so that the peers can be seen refusing it."""
        if self._silent_until is not None:
            return
        for ski, consumer in self._consumers(code):
            self._write(ski, consumer, key, value, now)

    def _write(self, ski: str, consumer: Consumer, key: str, value: Any, now: float) -> None:
        use_case = self._use_cases[consumer.use_case.code]
        path = consumer.entity.path
        try:
            self._host.write(ski, use_case, use_case.point(key), value, now, path)
        except EebusError as error:
            self._not_written(ski, use_case, str(error))
            return
        self._written(ski, use_case, key, value)

    def _written(self, ski: str, use_case: UseCase, key: str, value: Any) -> None:
        event = "limit_written" if key == LIMIT else "failsafe_written"
        self._tell(event, peer=ski, use_case=use_case.code, **_shown(key, value))

    def _not_written(self, ski: str, use_case: UseCase, text: str) -> None:
        self._tell("not_written", peer=ski, use_case=use_case.code, text=text)

    def _consumers(self, code: str | None = None) -> Iterator[tuple[str, Consumer]]:
        for ski, partner in self._host.partners.items():
            for consumer in list(partner.consumers.values()):
                if code in (None, consumer.use_case.code):
                    yield ski, consumer

    def _tell(self, event: str, **members: Any) -> None:
        self._lines.append({"event": event, **members})


def _permitted(key: str, value: float) -> bool:
    if key == FAILSAFE_POWER:
        return 0 <= value < math.inf
    return FAILSAFE_SHORTEST_S <= value <= FAILSAFE_LONGEST_S


def _shown(key: str, value: Any) -> Line:
    """A written value as it stands on the wire: production limits are negative."""
    if isinstance(value, LimitValue):
        return {"limit_w": value.watts, "active": value.active, "duration_s": value.duration_s}
    return {key: value}
