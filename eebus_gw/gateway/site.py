"""The site as a whole: the grid side while there is one, the limits in force, and what is published of both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.documents import power
from eebus_gw.bridge.grid_input import MeterFeed
from eebus_gw.bridge.profiles import evcc_grid, grid_scalars
from eebus_gw.bridge.results import time_text
from eebus_gw.clock import earliest, moment_after
from eebus_gw.gateway.descriptions import pairing_document
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.devices import FEEDING_IN
from eebus_gw.gateway.distribution import Distribution
from eebus_gw.gateway.facts import SiteView
from eebus_gw.gateway.grid import NO_LIMITS, GridSide, SiteLimits
from eebus_gw.gateway.grid_journal import GridJournal
from eebus_gw.gateway.grid_meter import GridMeter
from eebus_gw.gateway.limited_time import LimitedTime
from eebus_gw.net.events import LinkDown
from eebus_gw.node import NodeEvent
from eebus_gw.roles.events import EntityChanged, Update, UseCasesMatched, WriteDone
from eebus_gw.site.steuve import guaranteed_minimum_w
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation import LPC, LPP, Limitation
from usecases.monitoring import MGCP

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

Json = dict[str, Any]
WATCH_S = 1.0
"""How often timers of the standard are looked at from outside (LPC: at least once a second)."""


class SiteControl:
    """Brings the grid side up when it is wanted, and keeps limits, shares and documents in step."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._clock = gateway.clock
        self.grid: GridSide | None = None
        self.journal = GridJournal(
            gateway.ledger, gateway.publisher, gateway.clock, self.wallbox_power_w
        )
        self.distribution = Distribution(
            gateway.wallbox,
            gateway.devices.controls,
            gateway.devices.by_id,
            gateway.settings,
            gateway.clock,
            self.journal,
            publish=self._publish_allocation,
        )
        self.meter = GridMeter(gateway.wallbox, lambda: gateway.devices, gateway.clock)
        self._limits: SiteLimits = NO_LIMITS
        self._held: frozenset[str] = frozenset()
        self._failsafe_w: float | None = None
        self._watch_at = gateway.clock.now() + WATCH_S
        retained = gateway.home.retained
        self._limited_time = {
            LPC.code: LimitedTime(retained, gateway.clock),
            LPP.code: LimitedTime(retained, gateway.clock, "grid.limited_production"),
        }

    # --- the grid side

    async def start(self) -> None:
        """Brings the grid side up if a control box was trusted before."""
        home = self._gateway.home.grid
        if home.has_identity() and home.peers.trusted():
            await self.ensure()

    async def ensure(self) -> GridSide:
        """The grid side, up."""
        if self.grid is None:
            gateway = self._gateway
            grid = GridSide(
                gateway.home,
                gateway.settings.site,
                options=gateway.network_options(gateway.settings.ship.grid_port),
                clock=gateway.clock,
                retained=gateway.home.retained,
                journal=self.journal,
                changed=self.refresh,
                listener=gateway.on_event,
                trace=gateway.frames,
            )
            await gateway.enter(grid.side)
            self.grid = grid
            self.journal.started(f"grid side up on port {grid.side.node.network.port}")
            gateway.bridge.publish()
            gateway.home_assistant.announce_grid()
        self.refresh()
        return self.grid

    # --- limits

    @property
    def limits(self) -> SiteLimits:
        """What the site must obey now."""
        return self._limits

    def view(self, device: Device) -> SiteView:
        """What stands above one device now: its share of both limits, and the grid meter."""
        devices, feed_in_w = self._gateway.devices, self._feed_in_w
        # The contract alone leaves each device all that the house draws; only a limit of the grid is divided.
        contract_alone = feed_in_w == self._gateway.settings.site.contractual_production_w
        return SiteView(
            self.distribution.ceiling_w(device.id),
            None if contract_alone else devices.production_part(feed_in_w),
            self.distribution.grid,
            devices.others(device),
            limited=self._limited,
            feed_in_w=feed_in_w,
            feed_in_part_w=devices.production_part(feed_in_w),
        )

    @property
    def _limited(self) -> bool:
        """Whether the grid limits consumption, which neither the contract alone nor a limit for wallboxes is."""
        limit_w = self._limits.consumption_w
        contract_w = self.grid.system(LPC).machine.nominal_max_w if self.grid is not None else None
        return limit_w is not None and limit_w != contract_w

    @property
    def _feed_in_w(self) -> float | None:
        """What the site may feed in: by the grid's limit, and by contract."""
        given = (self._limits.production_w, self._gateway.settings.site.contractual_production_w)
        return min((watts for watts in given if watts is not None), default=None)

    def refresh(self) -> None:
        """Limits may have changed: distributes and publishes them."""
        now = self._clock.now()
        self._count()
        grid = self.grid
        limits = grid.limits(now) if grid is not None else NO_LIMITS
        self._limits = limits
        self.distribution.limits_changed(limits, now)
        self._gateway.devices.production_limited(limits.production_w, now)
        self._gateway.devices.reconsider(now)
        if self._site_failsafe_w() != self._failsafe_w:
            self._share_failsafe()
        if grid is not None:
            self._publish(grid, limits)

    def heard(self, device: Device, event: NodeEvent) -> None:
        """A wallbox reported something: shares may have to change, and answers are proof."""
        now = self._clock.now()
        if isinstance(event, WriteDone) and event.point is LPC.limit:
            watts = event.value.watts if event.value.active else None
            self.distribution.answered(device.id, watts, event.error_number)
        if isinstance(event, EntityChanged | UseCasesMatched | LinkDown | Update):
            self.distribution.soon(now)
        if _changes_who_feeds_in(event):
            self._gateway.devices.production_limited(self._limits.production_w, now)
        if isinstance(event, Update) and event.point is LPC.failsafe_w:
            self._share_failsafe()
        if isinstance(event, Update) and event.consumer.use_case is MGCP:
            self._look_at_meter(now)

    def _look_at_meter(self, now: float) -> None:
        """The meter at the grid connection tells something new or has fallen silent; the control box is told, too."""
        measured = self.meter.current(now)
        if measured != self.distribution.grid:
            self.distribution.meter_fed(measured, now)
        if self.grid is not None:
            self.grid.serve_meter(self.meter.values(now))

    def _site_failsafe_w(self) -> float | None:
        """What all wallboxes together may draw by themselves; ``None`` while no grid limits them."""
        if self.grid is None or not self.grid.in_use:
            return None
        return self.grid.system(LPC).machine.failsafe_w

    def _share_failsafe(self) -> None:
        self._failsafe_w = self._site_failsafe_w()
        if self._failsafe_w is not None:
            self.distribution.share_failsafe(self._failsafe_w)

    def handle_timer(self, now: float) -> None:
        """Decides again where its time has come."""
        self.distribution.handle_timer(now)
        if now >= self._watch_at:
            self._watch_at = now + WATCH_S
            self.meter.ask(now)
            self._look_at_meter(now)
        if self.grid is not None and self.grid.limits(now) != self._limits:
            self.refresh()

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        moments = [self.distribution.next_deadline()]
        if self.grid is not None or self.meter.fed or self.meter.metered:
            moments.append(self._watch_at)
        return earliest(*moments)

    # --- what the operator and the meter say

    def feed_meter(self, feed: MeterFeed) -> None:
        """A measurement of the grid connection over MQTT; it can only tighten what is commanded."""
        self.meter.feed(feed)
        self._look_at_meter(self._clock.now())

    def set_values(self, values: Json) -> dict[str, str]:
        """The operator's grid values; what was refused, and why."""
        if self.grid is None:
            return {"grid": "the grid side is not up: no control box is paired"}
        return self.grid.set_values(values)

    def wallbox_power_w(self) -> float | None:
        """What all wallboxes draw together now."""
        boxes = (device for device in self._gateway.devices if not device.house)
        values = [power(device.readings)[0] for device in boxes]
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    # --- documents

    def status(self) -> Json:
        """Everything about the grid side, for people."""
        grid = self.grid
        if grid is None:
            return {"up": False, "effective": self._effective_document(NO_LIMITS)}
        return {
            "up": True,
            "ski": grid.side.node.ski,
            "port": grid.side.node.network.port,
            "connected": grid.connected(),
            "peers": [
                {"id": peer.id, "ski": peer.ski, "phase": grid.side.link(peer.ski).phase}
                for peer in grid.side.peers
            ],
            "pairing": pairing_document(grid.side, self._clock),
            "lpc": self._limit_document(grid, LPC),
            "lpp": self._limit_document(grid, LPP),
            "effective": self._effective_document(self._limits),
            "allocation": self.distribution.document(),
            "guaranteed_w": self._guaranteed_w(),
        }

    def _guaranteed_w(self) -> float | None:
        """What §14a EnWG leaves all wallboxes together: for comparison, it never changes a limit."""
        wallboxes = sum(not device.house for device in self._gateway.devices)
        return guaranteed_minimum_w(wallboxes) if wallboxes else None

    def _publish(self, grid: GridSide, limits: SiteLimits) -> None:
        publisher = self._gateway.publisher
        publisher.grid("availability", "online" if grid.connected() else "offline")
        lpp = self._limit_document(grid, LPP)
        publisher.grid("lpc", self._limit_document(grid, LPC))
        publisher.grid("lpp", lpp)
        effective = self._effective_document(limits)
        publisher.grid("effective", effective)
        for leaf, value in grid_scalars(effective).items():
            publisher.grid(leaf, value)
        if self._gateway.settings.profiles.evcc:
            for leaf, value in evcc_grid(effective, lpp).items():
                publisher.grid(f"evcc/{leaf}", value)

    def _publish_allocation(self, document: Json) -> None:
        if self.grid is not None or document["limit_w"] is not None:
            document["ts"] = time_text(self._clock.wall())
            self._gateway.publisher.grid("allocation", document)

    def _effective_document(self, limits: SiteLimits) -> Json:
        return {
            "consumption_w": limits.consumption_w,
            "production_w": limits.production_w,
            "reason": limits.reason,
            "since": _time(limits.since),
            "until": _time(limits.until),
            "ts": time_text(self._clock.wall()),
        }

    def _limit_document(self, grid: GridSide, use_case: Limitation) -> Json:
        """A limit as this gateway holds it in the role of Controllable System."""
        now, wall = self._clock.now(), self._clock.wall()
        machine = grid.system(use_case).machine
        stated: LimitValue = machine.stated(now)
        age_s = machine.heartbeat_age_s(now)
        until = None
        if stated.active and stated.duration_s is not None:
            until = moment_after(wall, stated.duration_s)
        return {
            "state": machine.state.value,
            "limit_w": None if stated.watts is None else abs(stated.watts),
            "limit_active": stated.active,
            "limit_changeable": True,
            "received": _time(self.journal.received(use_case.code)),
            "until": _rounded(until),
            "failsafe_w": machine.failsafe_w,
            "failsafe_duration_s": machine.duration.seconds,
            "nominal_max_w": self._nominal_w(use_case),
            "contractual_max_w": machine.nominal_max_w,
            "heartbeat_ok": machine.heartbeat_ok(now),
            "heartbeat_age_s": None if age_s is None else round(age_s),
            "peer": self._guard(grid),
            "limited_today_s": round(self._limited_time[use_case.code].seconds),
            "ts": time_text(wall),
        }

    def _nominal_w(self, use_case: Limitation) -> float | None:
        settings = self._gateway.settings.site
        return settings.nominal_consumption_w if use_case is LPC else settings.nominal_production_w

    def _guard(self, grid: GridSide) -> str | None:
        for entity in grid.side.entities:
            guard = grid.side.node.host.guards.of(entity.path)
            peer = grid.side.peers.get(guard.ski) if guard is not None else None
            if peer is not None:
                return peer.id
        return None

    # --- counting

    def _count(self) -> None:
        """Time under an active limit since local midnight, when also the oldest journal rows go."""
        new_day = [
            time.pass_time(limited=code in self._held) for code, time in self._limited_time.items()
        ]
        if any(new_day):
            self._gateway.ledger.prune()
        self._held = self.grid.held if self.grid is not None else frozenset()

    def stop(self) -> None:
        """The gateway ends: what was counted is kept."""
        self._count()
        for time in self._limited_time.values():
            time.store()


def _changes_who_feeds_in(event: NodeEvent) -> bool:
    if isinstance(event, Update):
        return (event.consumer.use_case.code, event.point.key) in FEEDING_IN
    return isinstance(event, EntityChanged | UseCasesMatched | LinkDown)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _rounded(moment: datetime | None) -> str | None:
    """To the second: computed anew each time, it would otherwise change with every look."""
    if moment is None:
        return None
    return time_text((moment + timedelta(milliseconds=500)).replace(microsecond=0))
