"""The paired devices of the gateway: what they say is kept and published, what is wished becomes writes.

Most are wallboxes; a grid meter, home battery or PV system is a device of the house.

Synchronous from event to document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.bridge.documents import LEAVES, leaves_of
from eebus_gw.clock import Clock, earliest
from eebus_gw.errors import RequestError
from eebus_gw.gateway.controls import Controls
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.facts import Facts
from eebus_gw.gateway.metering import SAMPLE_PERIOD_S, Metering
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.gateway.rendering import (
    HOUSE_ONLY,
    WALLBOX_ONLY,
    Later,
    Renderer,
    leaves_of_device,
)
from eebus_gw.gateway.side import Side
from eebus_gw.gateway.watchdog import Watchdog
from eebus_gw.gateway.wire_evidence import WireEvidence
from eebus_gw.gateway.wiring import Wiring
from eebus_gw.net import events as net
from eebus_gw.node import NodeEvent
from eebus_gw.peers import Peer
from eebus_gw.roles.events import EntityChanged, Reported, Update, UseCasesMatched, WriteDone
from eebus_gw.roles.matching import Verdict
from eebus_gw.site.bounds import Others
from eebus_gw.vocabulary.values import Manufacturer
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.limitation import LPP, Limitation
from usecases.setpoints import COB, DBEVC
from usecases.summary import EVCS

LIMITS = frozenset({(OPEV.code, OPEV.limit_a.key), (OSCEV.code, OSCEV.limit_a.key)})
STEERING = LIMITS | {
    (OPEV.code, OPEV.range_a.key),
    (OSCEV.code, OSCEV.range_a.key),
    (EVCC.code, EVCC.standard.key),
    (EVCC.code, EVCC.asymmetric.key),
}
"""Points on which the decision about the charging current rests."""
FEEDING_IN = (
    (LPP.code, LPP.limit.key),
    (DBEVC.code, DBEVC.setpoint.key),
    (COB.code, COB.ac_setpoint.key),
)
"""Points of devices that may feed in."""
SETPOINT_OVER_S = 125.0
"""After this at the latest a device that is out of reach follows no setpoint any more (contract §3)."""


class Devices:
    """All paired devices, and under the same id what can be commanded at each."""

    def __init__(
        self,
        side: Side,
        publisher: Publisher,
        tracker: CommandTracker,
        clock: Clock,
        metering: Metering,
        facts: Facts,
        *,
        later: Later,
        wished: Callable[[], None],
    ) -> None:
        """``wished`` hears of each new wish, on which shares of a limit may rest."""
        self.by_id: dict[str, Device] = {}
        self.controls: dict[str, Controls] = {}
        self._side = side
        self._publisher = publisher
        self._tracker = tracker
        self._clock = clock
        self._facts = facts
        self._wished = wished
        self._watchdog = Watchdog(facts.ems, self._fell_back)
        self._metering = metering
        self._sample_at = clock.now() + SAMPLE_PERIOD_S
        self._renderer = Renderer(
            side,
            self.by_id,
            self.controls,
            publisher,
            metering,
            facts,
            clock,
            self.verdicts,
            later=later,
        )
        self.mark = self._renderer.mark
        self._wire_evidence = WireEvidence()
        self._wiring = Wiring(side, facts, tracker, publisher, clock, self.mark)

    def __iter__(self) -> Iterator[Device]:
        return iter(self.by_id.values())

    def adopt(self, peer: Peer) -> Device:
        """Makes a peer a device; one that is a device already takes over its new SKI."""
        device = self.by_id.get(peer.id)
        if device is None:
            usual = self._facts.usual_range(peer.id)
            device = Device(peer.id, peer.ski, house=peer.kind == "house", usual=usual)
            self.by_id[peer.id] = device
            self._facts.recall_wish(device)
            if device.wished:
                self._watchdog.heard(device.id, self._clock.now())
            self.controls[peer.id] = self._wiring.controls(device)
        device.ski = peer.ski
        self.mark(device, *leaves_of_device(device))
        return device

    def forget(self, device_id: str) -> None:
        """A device is about to be removed: setpoint and session end, its topics go, its commands are refused."""
        controls = self.controls.pop(device_id, None)
        if controls is not None:
            controls.stop(self._clock.now())
        self.by_id.pop(device_id, None)
        self._facts.forget(device_id)
        self._watchdog.forget(device_id)
        self._metering.forget(device_id)
        self._tracker.forget(device_id, self._clock.now())
        self._publisher.clear(device_id)

    def of(self, ski: str) -> Device | None:
        """The device with this SKI."""
        peer = self._side.peers.get(ski)
        return self.by_id.get(peer.id) if peer is not None else None

    def verdicts(self, ski: str) -> list[Verdict]:
        """What works with a connected peer; empty while its use cases are not known."""
        if not self._side.understood(ski):
            return []
        return self._side.node.host.partners[ski].verdicts()

    def execute(self, command: Command, now: float) -> None:
        """Carries out a command whose turn it is, or refuses it with the reason."""
        device = self.by_id.get(command.device)
        if device is None:
            self._tracker.refused(command.token, "device_unknown", "", now)
            return
        self._watchdog.heard(device.id, now)
        if not self._side.peers.trusts(device.ski):
            self._tracker.refused(command.token, "device_not_trusted", "", now)
        elif not self._side.link(device.ski).connected:
            self._tracker.refused(command.token, "device_offline", "", now)
        else:
            self.controls[device.id].execute(command, now)
            self.mark(device, "ev", "meter", "setpoint")
            self._wished()

    def decided(self, ski: str) -> dict[str, object]:
        """What the user decided about discharging a device, by setting; empty for a peer that is none."""
        device = self.of(ski)
        return self._facts.decided(device) if device is not None else {}

    def production_limited(self, watts: float | None, now: float) -> None:
        """The production limit of the site: each device that takes one gets its part of it."""
        part = self.production_part(watts)
        for device in self:
            if device.value("lpp", "limit") is not None:
                self.controls[device.id].limiting.share_production(part, now)

    def production_part(self, watts: float | None) -> float | None:
        """An equal part of the site's production limit for each device that may feed in, by whatever means."""
        return None if watts is None else watts / self.feeding

    def others(self, device: Device) -> Others:
        """What else than ``device`` is steered to discharge now. Whose power is unknown counts as part of the house."""
        steered = [
            control.setpoints
            for other, control in self.controls.items()
            if other != device.id and control.setpoints.discharge_wish_w > 0
        ]
        return Others(
            len(steered),
            sum(setpoints.measured_w or 0.0 for setpoints in steered),
            sum(setpoints.discharge_wish_w for setpoints in steered),
        )

    @property
    def feeding(self) -> int:
        """How many devices may feed in, at least one."""
        now = self._clock.now()
        return max(1, sum(_feeds_in(device) or now < device.may_feed_until for device in self))

    def stop(self) -> None:
        """The gateway ends in order: no setpoint stays behind."""
        for controls in self.controls.values():
            controls.stop(self._clock.now())

    def source_lost(self, owner: str, now: float) -> None:
        """Whoever states wishes this way can no longer be heard: their setpoints end."""
        for control in self.controls.values():
            control.source_lost(owner, now)

    def reconsider(self, now: float) -> None:
        """Something above all wishes changed."""
        for control in self.controls.values():
            control.reconsider(now)

    # --- what happens

    def handle(self, device: Device, event: NodeEvent) -> None:
        """Takes over what a device's connection or its use cases report."""
        now = self._clock.now()
        match event:
            case Update():
                self._updated(device, event, now)
            case WriteDone():
                self.controls[device.id].write_done(event, now)
                self.mark(device, "setpoint")
            case Reported():
                self.controls[device.id].reported(event, now)
                self.mark(device, "setpoint")
            case EntityChanged() if event.entity.type == "EV":
                self._car_changed(device, event, now)
            case UseCasesMatched():
                self._matched(device, now)
            case net.LinkUp():
                self.mark(device, *leaves_of_device(device))
            case net.LinkDown():
                self._disconnected(device, now)
            case _:
                self.mark(device, "link")

    def handle_timer(self, now: float) -> None:
        """Handles what is due: controls, cars that have settled, the regular look at measurements."""
        for device_id, control in self.controls.items():
            deadline = control.next_deadline()
            if deadline is not None and deadline <= now:
                control.handle_timer(now)
                self.mark(self.by_id[device_id], "setpoint", "meter")
        for device in self:
            self._watchdog.check(device, now)
            settles_at = device.settles_at
            if settles_at is not None and settles_at <= now:
                device.settled = True
                self._note_offered(device)
                self.controls[device.id].reconsider(now)
                self.mark(device, "ev")
                partner = self._side.node.host.partners.get(device.ski)
                if partner is not None:
                    self._wire_evidence.note(device.id, partner.consumers.values())
        if now >= self._sample_at:
            self._sample_at = now + SAMPLE_PERIOD_S
            for device in self:
                self._listen(device, now)
                self._facts.ask_silent(device)
                if device.house:
                    self.mark(device, "setpoint")
                    continue
                self._summarize(device)
                self.mark(device, "meter", "session", "setpoint")

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        moments = [self._watchdog.next_deadline(), *(device.settles_at for device in self)]
        moments += [control.next_deadline() for control in self.controls.values()]
        if self.by_id:
            moments.append(self._sample_at)
        return earliest(*moments)

    def _listen(self, device: Device, now: float) -> None:
        """A heartbeat that stops, or comes again, is no event, but changes what is said of the device."""
        beating = self._side.link(device.ski).beating(now)
        if beating != device.beating:
            device.beating = beating
            self.mark(device, "availability", "link", "lpc", "lpp")

    def _fell_back(self, device: Device) -> None:
        """The energy manager is silent: its wish was replaced."""
        now = self._clock.now()
        self._facts.keep_wish(device)
        self._publisher.event("ems_silent", id=device.id, fallback=self._facts.ems.fallback)
        self.controls[device.id].charging.fall_back(now)
        self.mark(device, "ev", "meter")
        self._wished()

    def _updated(self, device: Device, event: Update, now: float) -> None:
        use_case, point = event.consumer.use_case, event.point
        source = (use_case.code, point.key)
        known = device.readings.value(source) is not None
        device.readings.put(source, event.reading)
        device.told_at[source] = now
        device.updated = self._clock.wall()
        if source in LIMITS:
            device.limits_reported = device.updated
        if isinstance(use_case, Limitation) and point is use_case.limit:
            device.limit_received[use_case.code] = device.updated
        self.controls[device.id].updated(event, now)
        if source in STEERING:
            self.controls[device.id].reconsider(now)
        if known and use_case.code in LEAVES["meter"] and device.value(*source) is not None:
            self._renderer.measured(device)
        else:
            self.mark(device, *leaves_of(use_case.code))
        if point is EVSECC.manufacturer and event.reading.value is not None:
            self._learn(device, event.reading.value)

    def _learn(self, device: Device, stated: Manufacturer) -> None:
        self._side.learn(
            device.ski,
            brand=stated.brand_name or stated.vendor_name,
            model=stated.device_name or stated.device_code,
            serial=stated.serial_number,
        )
        self.mark(device, "info")

    def _car_changed(self, device: Device, event: EntityChanged, now: float) -> None:
        self.controls[device.id].session_over(now)
        if event.present:
            device.car_came(event.entity.path)
        else:
            device.car_left()
        kind = "ev_plugged" if event.present else "ev_unplugged"
        self._publisher.event(kind, id=device.id)
        device.updated = self._clock.wall()
        self.mark(device, "ev", "meter", "limits", "evse", "info", "session", "setpoint", "plan")

    def _matched(self, device: Device, now: float) -> None:
        self._note_offered(device)
        partner = self._side.node.host.partners.get(device.ski)
        if partner is not None:
            entities = {entity.type for entity in partner.session.remote.entities.values()}
            self._recognise(device, {code for code, _ in partner.consumers}, entities)
        if device.plugged and device.ev_known_at is None:
            device.ev_known_at = now
        self.controls[device.id].usable(now)
        self.mark(device, "availability", "info", "ev", "setpoint")

    def _note_offered(self, device: Device) -> None:
        partner = self._side.node.host.partners.get(device.ski)
        for consumer in partner.consumers.values() if partner is not None else ():
            device.readings.offered |= {
                (consumer.use_case.code, point.key)
                for point in consumer.points
                if consumer.offers(point)
            }

    def _recognise(self, device: Device, codes: set[str], entities: set[str]) -> None:
        """Use cases and entities show what a device is; what was published of it as something else goes."""
        if not device.recognise(codes, entities):
            return
        self._side.learn(device.ski, kind="house" if device.house else "wallbox")
        for leaf in (*(WALLBOX_ONLY if device.house else HOUSE_ONLY), "meter"):
            self._publisher.withdraw(device.id, leaf)
        self.mark(device, *leaves_of_device(device))

    def _disconnected(self, device: Device, now: float) -> None:
        self.controls[device.id].session_over(now)
        self._tracker.link_lost(device.id, now)
        if _feeds_in(device):
            device.may_feed_until = now + SETPOINT_OVER_S
        device.car_left()
        device.readings.forget()
        device.updated = self._clock.wall()
        self.mark(device, *leaves_of_device(device))

    def _summarize(self, device: Device) -> None:
        """Keeps the summary of the session at hand for a wallbox that may ask for it (EVCS)."""
        summary = self._metering.summary(device)
        if summary is not None:
            with suppress(RequestError):  # most wallboxes take none
                self._side.node.wish(device.ski, EVCS, EVCS.summary, summary)


def _feeds_in(device: Device) -> bool:
    return any(device.value(code, key) is not None for code, key in FEEDING_IN)
