"""Distributes a site limit over the wallboxes and follows it to its effect.

``site.allocation`` decides; this module gathers what it needs to know, gives its commands to the wallboxes by the best
means each offers, and reports shares, alarms and proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from eebus_gw.bridge.documents import power
from eebus_gw.clock import Clock, earliest
from eebus_gw.gateway.controls import Controls
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.grid import NO_LIMITS, SiteLimits
from eebus_gw.gateway.grid_journal import MEASURED_AFTER_S, GridJournal
from eebus_gw.gateway.side import Side
from eebus_gw.ledger.entries import Share as JournalShare
from eebus_gw.settings import Settings
from eebus_gw.site.allocation import (
    Allocation,
    AllocationRules,
    AllocationState,
    Basis,
    Command,
    Share,
    Site,
    decide,
)
from eebus_gw.site.amperes import amperes_of
from eebus_gw.site.bounds import Measured
from eebus_gw.site.boxes import Box, Means
from eebus_gw.site.shares import Policy, plan_failsafe
from eebus_gw.vocabulary.values import LimitValue
from usecases.curtailment import OPEV
from usecases.limitation import LPC

UNKNOWN_MAXIMUM_W = 11_040.0
LOWEST_V, HIGHEST_V = 100.0, 300.0
"""A measured phase voltage beyond these is none: too low a figure would make a share too large a current."""
VOLTAGE_HELD_S = 300.0
"""A car at its smallest current does not stop and go on with each volt."""
ALARM_AFTER_S = 15.0
"""Wallboxes that are not back yet count with their maximum: after a start or a reconnect that is no alarm."""
WIDER_A = 1.0
"""A share is stated as a larger current for a difference that matters only, as a smaller one always."""
SETTLE_S = 1.0
"""Measurements lead to a new decision at most this often; limits always at once."""


@dataclass(frozen=True, slots=True)
class _Voltage:
    """The highest of the phases, and when it was measured."""

    volts: float
    at: float


class Distribution:
    """The shares of all wallboxes under the limits of the grid and of the operator."""

    def __init__(
        self,
        side: Side,
        controls: Mapping[str, Controls],
        devices: Mapping[str, Device],
        settings: Settings,
        clock: Clock,
        journal: GridJournal,
        *,
        publish: Callable[[dict[str, Any]], None],
    ) -> None:
        self._side = side
        self._controls = controls
        self._devices = devices
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._publish = publish
        self._limits = NO_LIMITS
        self._grid: Measured | None = None
        self._state = AllocationState()
        self._allocation: Allocation | None = None
        self._next_at: float | None = None
        self._measure_at: tuple[float, str | None] | None = None
        self._largest_w: dict[str, float] = {}
        """The most each wallbox could draw since the start."""
        self._voltages: dict[str, _Voltage] = {}
        self._alarm_since: float | None = None
        self._alarmed = False
        site = settings.site
        self._rules = AllocationRules(
            policy=Policy(site.policy),
            basis=Basis(site.limit_basis),
            rotation_s=site.rotation_s,
        )

    @property
    def limit_w(self) -> float | None:
        """The consumption limit in force: the grid's or the operator's own, whichever is tighter."""
        given = (self._limits.consumption_w, self._settings.site.limit_w)
        return min((watts for watts in given if watts is not None), default=None)

    @property
    def active(self) -> bool:
        """Whether anything is limited, or still commanded from before."""
        commanded = any(box.commanded_w is not None for box in self._state.boxes.values())
        return self.limit_w is not None or commanded

    def ceiling_w(self, device_id: str) -> float | None:
        """What a device may be commanded to draw now, ``None`` = no limit.

        Nothing under a limit for one that has been given no share yet; for one that offers no means to be given one
        what it is counted with, as far as the limit goes.
        """
        state = self._state.boxes.get(device_id)
        if state is not None and state.commanded_w is not None:
            return state.commanded_w
        if self.limit_w is None:
            return None
        return self._allocation.taken_w.get(device_id, 0.0) if self._allocation is not None else 0.0

    @property
    def _wallboxes(self) -> list[Device]:
        """Devices of the house take no share."""
        return [device for device in self._devices.values() if not device.house]

    @property
    def grid(self) -> Measured | None:
        """The newest value of the grid meter, positive while drawing."""
        return self._grid

    def limits_changed(self, limits: SiteLimits, now: float) -> None:
        """The site must obey other limits: distributed at once."""
        before, self._limits = self._limits, limits
        if limits.consumption_w != before.consumption_w:
            self._measure_at = (now + MEASURED_AFTER_S, self._journal.event)
            self.distribute(now)
        elif limits.reason != before.reason:
            self._publish(self.document())

    @property
    def _reason(self) -> str:
        """Why consumption is limited; a limit of production is not distributed here."""
        return "none" if self._limits.consumption_w is None else self._limits.reason

    def meter_fed(self, measured: Measured | None, now: float) -> None:
        """A fresh value of the grid meter, positive while drawing; ``None`` when there is none any more."""
        self._grid = measured
        self.soon(now)

    def soon(self, now: float) -> None:
        """Something a share rests on changed: decided within a second."""
        if self.active and (self._next_at is None or self._next_at > now + SETTLE_S):
            self._next_at = now + SETTLE_S

    def handle_timer(self, now: float) -> None:
        """Decides again when its time has come, and measures the effect of a limit."""
        if self._measure_at is not None and self._measure_at[0] <= now:
            _, event = self._measure_at
            self._measure_at = None
            self._journal.measured(event)
        if self._next_at is not None and self._next_at <= now:
            self.distribute(now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        return earliest(
            self._next_at, self._measure_at[0] if self._measure_at is not None else None
        )

    def answered(self, device_id: str, watts: float | None, error_number: int) -> None:
        """A wallbox answered a limit written by LPC."""
        self._journal.applied(device_id, watts, Means.LPC.value, error_number)

    def distribute(self, now: float) -> None:
        """Decides and commands."""
        self._next_at = None
        if not self.active:
            self._allocation = None
            self._publish(self.document())
            return
        boxes = tuple(self._box(device) for device in self._wallboxes)
        site = Site(self.limit_w, boxes, self._grid, reserved_w=self._settings.site.reserved_w)
        allocation = decide(site, self._state, now, self._rules)
        self._state = allocation.state
        self._next_at = allocation.next_at
        for command in allocation.commands:
            self._command(command, now)
        if allocation.commands:
            self._journal.allocated(self.limit_w, self._reason, _journalled(allocation))
        for share in allocation.shares:
            self._keep_current(share, now)
        self._watch(allocation, now)
        self._allocation = allocation
        self._publish(self.document())

    def share_failsafe(self, site_failsafe_w: float) -> None:
        """Divides the site's failsafe value over the wallboxes that keep one of their own."""
        boxes = tuple(self._box(device) for device in self._wallboxes)
        plan = plan_failsafe(site_failsafe_w, boxes, reserved_w=self._settings.site.reserved_w)
        for device_id, watts in plan.shares_w.items():
            self._controls[device_id].limiting.share_failsafe(watts)

    def document(self) -> dict[str, Any]:
        """The ``grid/allocation`` document: what was decided last."""
        allocation = self._allocation
        return {
            "limit_w": self.limit_w,
            "reason": self._reason,
            "budget_w": allocation.budget_w if allocation is not None else None,
            "alarm": None
            if allocation is None or allocation.alarm is None
            else {
                "excess_w": round(allocation.alarm.excess_w, 1),
                "devices": list(allocation.alarm.boxes),
            },
            "wallboxes": [
                {
                    "id": share.box_id,
                    "share_w": share.share_w,
                    "means": share.means.value,
                    "commanded_w": share.commanded_w,
                    "measured_w": share.measured_w,
                    "obeying": share.obeying,
                }
                for share in (allocation.shares if allocation is not None else ())
            ],
        }

    # --- one wallbox

    def _box(self, device: Device) -> Box:
        settings = self._settings.device(device.id)
        volts = self._settings.site.voltage_v
        permitted = device.permitted()
        highest = [a for a in permitted.each("highest") if a is not None] if permitted else []
        phases = max(1, len(highest)) if permitted else 3
        watts, _ = power(device.readings)
        nominal = device.value("lpc", "nominal_max_w")
        known = max(highest) * phases * volts if highest else nominal or None
        maximum = self._assumed_w(device.id) if known is None else known
        self._largest_w[device.id] = max(maximum, self._largest_w.get(device.id, 0.0))
        means = self._means(device)
        # By LPC a wallbox sees itself to what its car can do with a share.
        lowest_v = volts if Means.LPC in means else self._voltage(device)
        minimum = device.least_a() * phases * lowest_v
        failsafe_w = device.value("lpc", "failsafe_w")
        # Negative figures of a peer would widen what is left for the others.
        maximum = max(0.0, maximum)
        return Box(
            id=device.id,
            minimum_w=max(0.0, min(minimum, maximum)),
            maximum_w=maximum,
            means=means,
            wants=device.plugged and self._draws(device),
            measured_w=None if watts is None else max(0.0, watts),
            metered=watts is not None,
            failsafe_w=None if failsafe_w is None else max(0.0, failsafe_w),
            reachable=self._side.link(device.ski).connected,
            priority=settings.priority,
            weight=settings.weight,
        )

    def _assumed_w(self, device_id: str) -> float:
        """The most a wallbox may draw that does not say so now: what it once could, or its installation carries."""
        installed_a = self._settings.device(device_id).max_current_a
        carried_w = UNKNOWN_MAXIMUM_W
        if installed_a is not None:
            carried_w = installed_a * 3 * self._settings.site.voltage_v
        return max(carried_w, self._largest_w.get(device_id, 0.0))

    def _means(self, device: Device) -> frozenset[Means]:
        partner = self._side.node.host.partners.get(device.ski)
        limit: LimitValue | None = device.value(LPC.code, LPC.limit.key)
        changeable = limit is None or limit.changeable
        found = set()
        if partner is not None and partner.find(LPC) is not None and changeable:
            found.add(Means.LPC)
        if device.plugged and device.permitted() is not None:
            found |= {Means.OPEV, Means.PAUSE}
        return frozenset(found)

    @staticmethod
    def _draws(device: Device) -> bool:
        state = device.value("evcc", "operating_state")
        return device.wish.enabled and (state is None or state.state not in ("finished", "failure"))

    def _command(self, command: Command, now: float) -> None:
        device = self._devices[command.box_id]
        controls = self._controls[device.id]
        if command.means is Means.LPC:
            controls.limiting.share(command.watts, now)
            if command.watts is None or _in_force(device, command.watts):
                controls.charging.limit_current(None, now)
            return
        # A stronger means joins the limit that was not kept: without it the wallbox would draw all it can.
        joins = Means.LPC in self._means(device)
        controls.limiting.share(command.watts if joins else None, now)
        controls.charging.limit_current(
            self._amperes(device, command.watts, command.means),
            now,
            partial(self._journal.applied, device.id, command.watts, command.means.value),
        )

    def _keep_current(self, share: Share, now: float) -> None:
        """On other phases, or with a higher voltage, the same share is another current; by LPC it soon needs none."""
        device, charging = self._devices[share.box_id], self._controls[share.box_id].charging
        stated = charging.ceiling_a
        if share.commanded_w is None or stated is None or share.means is Means.PAUSE:
            return
        if share.means is Means.LPC and _in_force(device, share.commanded_w):
            charging.limit_current(None, now)
            return
        amperes = self._amperes(device, share.commanded_w, Means.OPEV)
        if amperes is not None and not 0 <= amperes - stated < WIDER_A:
            charging.limit_current(amperes, now)

    def _amperes(self, device: Device, watts: float | None, means: Means) -> float | None:
        if watts is None:
            return None
        if means is Means.PAUSE:
            return 0.0
        permitted = device.permitted(OPEV.code)
        phases = sum(1 for phase in permitted.phases if phase is not None) if permitted else 3
        return amperes_of(
            watts,
            phases=max(1, phases),
            minimum_a=device.least_a(OPEV.code),
            volts=self._voltage(device),
        )

    def _voltage(self, device: Device) -> float:
        """The highest voltage between phase and neutral that a wallbox has measured lately."""
        now, highest = self._clock.now(), self._voltages.get(device.id)
        measured = device.value("mpc", "voltage_v") or ()
        plausible = (v for v in measured if v is not None and LOWEST_V <= v <= HIGHEST_V)
        volts = max(plausible, default=self._settings.site.voltage_v)
        if highest is None or volts >= highest.volts or now - highest.at >= VOLTAGE_HELD_S:
            highest = self._voltages[device.id] = _Voltage(volts, now)
        return highest.volts

    def _watch(self, allocation: Allocation, now: float) -> None:
        """An excess that lasts is recorded, once."""
        alarm = allocation.alarm
        if alarm is None:
            self._alarm_since, self._alarmed = None, False
            return
        since = self._alarm_since = now if self._alarm_since is None else self._alarm_since
        if self._alarmed:
            return
        if now < since + ALARM_AFTER_S:
            due_at = since + ALARM_AFTER_S
            self._next_at = due_at if self._next_at is None else min(self._next_at, due_at)
            return
        self._alarmed = True
        self._journal.excess(alarm.excess_w, alarm.boxes)


def _in_force(device: Device, watts: float) -> bool:
    """Whether a wallbox tells by LPC that it draws no more than ``watts``; one that tells nothing is believed."""
    told: LimitValue | None = device.value(LPC.code, LPC.limit.key)
    return told is None or (told.active and abs(told.watts or 0.0) <= watts + 1)


def _journalled(allocation: Allocation) -> list[JournalShare]:
    return [
        JournalShare(
            share.box_id,
            share.share_w,
            share.means.value,
            share.commanded_w,
            share.measured_w,
            share.obeying,
        )
        for share in allocation.shares
    ]
