"""The side towards the control box: Controllable System, contract, and what the site must obey now.

A second node with its own identity. It comes up as soon as a grid peer is trusted or a window for one is open; before
that there is no limit at all. From then on its state machine rules, also while no control box is connected: it starts
in ``init``, limited to the failsafe value ([LPC-901/1]).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from eebus_gw.clock import Clock, moment_after
from eebus_gw.errors import StoreError
from eebus_gw.gateway.grid_journal import GridJournal
from eebus_gw.gateway.grid_meter import METERED
from eebus_gw.gateway.side import GRID, Side
from eebus_gw.home import Home
from eebus_gw.net import events as net
from eebus_gw.net.options import NetworkOptions
from eebus_gw.node import NodeEvent
from eebus_gw.retained import Retained
from eebus_gw.roles.events import GuardChanged, Heartbeat, Reported, Written
from eebus_gw.roles.host import Entity
from eebus_gw.roles.provider import Provider
from eebus_gw.settings import SiteSettings
from eebus_gw.trace.recording import FrameTrace
from eebus_gw.vocabulary.definition import Point, Support
from usecases.limitation import LPC, LPP, Limitation
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction, FailsafeDuration, Memory, Settings, State
from usecases.limitation_states import LimitMachine
from usecases.monitoring import MGCP

logger = logging.getLogger(__name__)

MANDATORY = tuple(s.number for s in MGCP.scenarios if s.server is Support.MANDATORY)
"""Scenarios of MGCP that are announced whether or not there is a meter."""


class RememberedLimit(BaseModel):
    """What a direction must not forget over a power loss ([LPC-TS-044]); ``stored`` is wall time."""

    failsafe_w: float | None = None
    failsafe_duration_s: float | None = None
    owned: bool = False
    limit_w: float | None = None
    limit_remaining_s: float | None = None
    stored: datetime


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """What the site must obey now, magnitudes in W, ``None`` = no limit; ``reason`` of the tighter one."""

    consumption_w: float | None = None
    production_w: float | None = None
    reason: str = "none"
    since: datetime | None = None
    until: datetime | None = None


NO_LIMITS = SiteLimits()
_REASONS = {State.LIMITED: "limit", State.FAILSAFE: "failsafe", State.INIT: "init"}


class GridSide:
    """Owns the grid node and its two state machines; ``changed`` is called when the limits may have changed."""

    def __init__(
        self,
        home: Home,
        settings: SiteSettings,
        *,
        options: NetworkOptions,
        clock: Clock,
        retained: Retained,
        journal: GridJournal,
        changed: Callable[[], None],
        listener: Callable[[Side, NodeEvent], None],
        trace: FrameTrace | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._retained = retained
        self._journal = journal
        self._changed = changed
        self._listener = listener
        self._since: datetime = clock.wall()
        self._last: SiteLimits = NO_LIMITS
        self.side = Side(
            GRID,
            home.grid,
            [Entity("CEM")],
            options=options,
            clock=clock,
            listener=self._on_event,
            trace=trace,
        )
        (self._entity,) = self.side.entities
        duration = FailsafeDuration(settings.failsafe_duration_s)
        self.systems: dict[str, ControllableSystem] = {}
        self.providers: dict[str, Provider] = {}
        for use_case in (LPC, LPP):
            self._serve(use_case, duration)
        self.providers["mgcp"] = self.side.node.host.provide(
            MGCP, self._entity, clock.now(), scenarios=MANDATORY
        )
        self.side.node.host.announce()

    # --- what the site must obey

    @property
    def in_use(self) -> bool:
        """Whether a control box was ever trusted: without one nothing is limited."""
        return bool(self.side.peers.trusted())

    def limits(self, now: float) -> SiteLimits:
        """The effective limits; publish and distribute them when they differ from the last ones."""
        if not self.in_use:
            return NO_LIMITS
        machines = {code: system.machine for code, system in self.systems.items()}
        consumption_w = machines["lpc"].effective_w(now)
        production_w = machines["lpp"].effective_w(now) if self._production_used else None
        # A direction may also be limited by the contract alone, for which no state stands.
        watts = {"lpc": consumption_w, "lpp": production_w}
        steered = [
            m for code, m in machines.items() if watts[code] is not None and m.state in _REASONS
        ]
        reason = _REASONS[steered[0].state] if steered else "none"
        limits = SiteLimits(consumption_w, production_w, reason)
        if limits != replace(self._last, since=None, until=None):
            self._since = self._clock.wall()
            self._last = limits
        return replace(
            limits, since=self._since, until=self._until(steered[0], now) if steered else None
        )

    @property
    def held(self) -> frozenset[str]:
        """Codes of the directions in which a limit or its failsafe value is in force."""
        used = {"lpc": self.in_use, "lpp": self.in_use and self._production_used}
        return frozenset(
            code
            for code, system in self.systems.items()
            if used[code] and system.machine.state in (State.LIMITED, State.FAILSAFE)
        )

    @property
    def _production_used(self) -> bool:
        """Whether a control box has ever steered production.

        Many limit consumption only; the failsafe value of a direction nobody uses must not switch feed-in off.
        """
        machine = self.systems["lpp"].machine
        known = self._retained.get("grid.lpp", RememberedLimit) is not None
        return known or machine.state is not State.INIT

    def system(self, use_case: Limitation) -> ControllableSystem:
        """The behaviour of one direction."""
        return self.systems[use_case.code]

    def connected(self) -> bool:
        """Whether a control box is connected and its heartbeat in time."""
        if not any(self.side.link(peer.ski).connected for peer in self.side.peers.trusted()):
            return False
        return self.systems["lpc"].machine.heartbeat_ok(self._clock.now())

    def serve_meter(self, values: Mapping[Point[Any], Any]) -> None:
        """Serves the grid connection point with what is measured (MGCP); what is missing is not known any more.

        Scenarios beyond the mandatory ones are announced once their value is known.
        """
        provider, node = self.providers["mgcp"], self.side.node
        for point in METERED:
            value = values.get(point)
            if value is not None or provider.get(point) is not None:
                node.put(provider, point, value)
        served = {
            scenario.number
            for scenario in MGCP.scenarios
            if any(values.get(point) is not None for point in scenario.points)
        }
        if not served.issubset(provider.scenarios):
            node.host.restrict(provider, sorted(served.union(provider.scenarios)))
        node.flush()

    def set_values(self, values: dict[str, Any]) -> dict[str, str]:
        """The operator's values; returns what was refused and why (the control box may own them)."""
        now = self._clock.now()
        system, provider = self.systems["lpc"], self.providers["lpc"]
        refused: dict[str, str] = {}
        failsafe = {
            "power_w": values.get("failsafe_w"),
            "duration_s": values.get("failsafe_duration_s"),
        }
        if self._widens(values.get("failsafe_w")):
            refused["failsafe"] = "it is in force and can only be lowered"
        elif any(value is not None for value in failsafe.values()):
            answer, actions = system.set_failsafe(now, **failsafe)
            self.side.node.host.carry_out_at(provider, actions, now)
            if not answer.accepted:
                refused["failsafe"] = answer.text
        if values.get("contractual_max_w") is not None:
            refusal = self._contract(values["contractual_max_w"])
            if refusal is not None:
                refused["contractual_max_w"] = refusal
        if values.get("nominal_max_w") is not None:
            refused["nominal_max_w"] = (
                "a control box is told the contract only [LPC-TS-039];"
                " what is published comes from site.nominal_consumption_w"
            )
        self.side.node.flush()
        self._changed()
        return refused

    def _widens(self, failsafe_w: float | None) -> bool:
        """Whether another failsafe value would raise the limit that holds now."""
        machine = self.systems["lpc"].machine
        in_force = self.in_use and machine.state in (State.INIT, State.FAILSAFE)
        return in_force and failsafe_w is not None and failsafe_w > machine.failsafe_w

    def _contract(self, watts: float) -> str | None:
        """Another contractual maximum until the next start; why not, where it would exceed the configured one."""
        configured = self._settings.contractual_consumption_w
        if configured is not None and watts > configured:
            return f"above site.contractual_consumption_w = {configured:g} W of the configuration"
        self.systems["lpc"].machine.nominal_max_w = watts
        self.side.node.put(self.providers["lpc"], LPC.contractual_max_w, watts)
        return None

    # --- parts

    def _serve(self, use_case: Limitation, duration: FailsafeDuration) -> None:
        consumes = use_case is LPC
        settings = self._settings
        behaviour = ControllableSystem(
            use_case.wording.direction,
            settings=Settings(
                failsafe_w=settings.failsafe_w if consumes else settings.failsafe_production_w,
                nominal_max_w=settings.contractual_consumption_w
                if consumes
                else settings.contractual_production_w,
                energy_manager=True,
                stays_in_failsafe=settings.failsafe_stay,
            ),
            duration=duration,
            memory=self._remembered(use_case.wording.direction),
        )
        self.systems[use_case.code] = behaviour
        self.providers[use_case.code] = self.side.node.host.provide(
            use_case, self._entity, self._clock.now(), behaviour=behaviour
        )

    def _remembered(self, direction: Direction) -> Memory | None:
        stored = self._retained.get(f"grid.{direction.code.lower()}", RememberedLimit)
        if stored is None:
            return None
        remaining = stored.limit_remaining_s
        limit_w = stored.limit_w
        if remaining is not None:
            # A wall clock that was set back meanwhile must not make the limit last longer.
            remaining -= max(0.0, (self._clock.wall() - stored.stored).total_seconds())
            limit_w = limit_w if remaining > 0 else None
        return Memory(
            stored.failsafe_w, stored.failsafe_duration_s, stored.owned, limit_w, remaining
        )

    def _remember(self, code: str, memory: Memory) -> None:
        """On the disk before the answer goes out: what was acknowledged survives a power loss."""
        now = self._clock.now()
        remembered = RememberedLimit(**asdict(memory), stored=self._clock.wall())
        self._retained.put(f"grid.{code}", remembered, now)
        for other in self.systems.keys() - {code}:
            self._remember_duration(other, memory.failsafe_duration_s, now)
        try:
            self._retained.flush(now)
        except StoreError as error:
            # A full disk must not stop a limit from being obeyed.
            logger.error("the failsafe values could not be stored: %s", error)

    def _remember_duration(self, code: str, seconds: float | None, now: float) -> None:
        """Both directions share one duration [TS-041]: what the other has stored would bring an old one back."""
        stored = self._retained.get(f"grid.{code}", RememberedLimit)
        if stored is not None:
            shared = stored.model_copy(update={"failsafe_duration_s": seconds})
            self._retained.put(f"grid.{code}", shared, now)

    def _until(self, machine: LimitMachine, now: float) -> datetime | None:
        remaining = machine.remaining_s(now)
        if remaining is None:
            return None
        return moment_after(self._clock.wall(), remaining)

    # --- what happens

    def _on_event(self, side: Side, event: NodeEvent) -> None:
        match event:
            case Written():
                self._journal.written(event, self._states())
            case Reported(name="remember", data=data, use_case=use_case):
                self._remember(use_case.code, data["memory"])
            case Reported(name="state", data=data, use_case=use_case):
                self._journal.state_changed(use_case.code, data)
            case GuardChanged():
                self._journal.guard_changed(event)
            case net.LinkUp(ski=ski):
                self._journal.connected(ski)
            case net.LinkDown(ski=ski, text=text):
                self._journal.disconnected(ski, text)
        # What has to be remembered is reported in the middle of a write, which follows.
        remembering = isinstance(event, Reported) and event.name == "remember"
        relevant = isinstance(event, Written | Reported | GuardChanged | Heartbeat)
        if relevant and not remembering and not self._journal.awaits_write:
            self._changed()
        self._listener(side, event)

    def _states(self) -> dict[str, str]:
        return {code: system.machine.state.value for code, system in self.systems.items()}
