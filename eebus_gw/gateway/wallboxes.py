"""The wallboxes of the gateway: what they say becomes documents, what is wished becomes writes.

Synchronous from event to document; documents are rendered once per turn of the event loop, however many readings one
message brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.bridge.documents import leaves_of
from eebus_gw.clock import Clock
from eebus_gw.gateway.charging import CHARGING_FIELDS, ChargingControl
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.limiting import FAILSAFE_FIELD, LIMIT_FIELDS, LimitControl
from eebus_gw.gateway.metering import SAMPLE_PERIOD_S, Metering
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.gateway.side import Side
from eebus_gw.net import events as net
from eebus_gw.node import NodeEvent
from eebus_gw.peers import Peer
from eebus_gw.roles.events import EntityChanged, Update, UseCasesMatched, WriteDone
from eebus_gw.roles.matching import Verdict
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import Manufacturer
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.limitation import Limitation

ALL_LEAVES = (
    "availability",
    "info",
    "link",
    "evse",
    "ev",
    "meter",
    "limits",
    "lpc",
    "lpp",
    "session",
)
STEERING_POINTS = (
    OPEV.limit_a,
    OPEV.range_a,
    OSCEV.limit_a,
    OSCEV.range_a,
    EVCC.standard,
    EVCC.asymmetric,
)


class Wallboxes:
    """All paired wallboxes; ``soon`` calls a function in the next turn of the event loop."""

    def __init__(
        self,
        side: Side,
        publisher: Publisher,
        tracker: CommandTracker,
        clock: Clock,
        metering: Metering,
        *,
        soon: Callable[[Callable[[], None]], None],
    ) -> None:
        self.devices: dict[str, Device] = {}
        self._side = side
        self._publisher = publisher
        self._tracker = tracker
        self._clock = clock
        self._metering = metering
        self._sample_at = clock.now() + SAMPLE_PERIOD_S
        self._soon = soon
        self.charging: dict[str, ChargingControl] = {}
        self.limiting: dict[str, LimitControl] = {}
        self._dirty: dict[tuple[str, str], None] = {}
        self._rendering = False

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices.values())

    def adopt(self, peer: Peer) -> Device:
        """Makes a peer a device; one that is a device already takes over its new SKI."""
        device = self.devices.get(peer.id)
        if device is None:
            device = self.devices[peer.id] = Device(peer.id, peer.ski)
            self.charging[peer.id] = self._charging_control(device)
            self.limiting[peer.id] = self._limit_control(device)
        device.ski = peer.ski
        self.mark(device, *ALL_LEAVES)
        return device

    def forget(self, device_id: str) -> None:
        """A device was removed: its topics go, its open commands are refused."""
        self.devices.pop(device_id, None)
        self.charging.pop(device_id, None)
        self.limiting.pop(device_id, None)
        self._tracker.forget(device_id, self._clock.now())
        self._publisher.clear(device_id)

    def of(self, ski: str) -> Device | None:
        """The device with this SKI."""
        peer = self._side.peers.get(ski)
        return self.devices.get(peer.id) if peer is not None else None

    def verdicts(self, ski: str) -> list[Verdict]:
        """What works with a connected peer; empty while its use cases are not known."""
        partner = self._side.node.host.partners.get(ski)
        if partner is None or not partner.session.remote.use_cases_known:
            return []
        return partner.verdicts()

    # --- what happens

    def handle(self, device: Device, event: NodeEvent) -> None:
        """Takes over what a device's connection or its use cases report."""
        now = self._clock.now()
        match event:
            case Update():
                self._updated(device, event, now)
            case WriteDone():
                self._write_done(device, event, now)
            case EntityChanged() if event.entity.type == "EV":
                self._car_changed(device, event)
            case UseCasesMatched():
                self._matched(device, now)
            case net.LinkUp():
                self.mark(device, *ALL_LEAVES)
            case net.LinkDown():
                self._disconnected(device, now)
            case _:
                self.mark(device, "link")

    def execute(self, command: Command, now: float) -> None:
        """Carries out a command whose turn it is, or refuses it with the reason."""
        device = self.devices.get(command.device)
        if device is None:
            self._tracker.refused(command.token, "device_unknown", "", now)
        elif not self._side.peers.trusts(device.ski):
            self._tracker.refused(command.token, "device_not_trusted", "", now)
        elif not self._side.link(device.ski).connected:
            self._tracker.refused(command.token, "device_offline", "", now)
        elif command.field in CHARGING_FIELDS:
            self.charging[device.id].execute(command, now)
        elif command.field in (*LIMIT_FIELDS, FAILSAFE_FIELD):
            self.limiting[device.id].execute(command, now)
        else:
            self._tracker.refused(command.token, "usecase_unsupported", command.field, now)

    def production_limited(self, watts: float | None, now: float) -> None:
        """The production limit of the site: each wallbox that takes one gets an equal part of it."""
        takers = [
            device for device in self.devices.values() if device.value("lpp", "limit") is not None
        ]
        for device in takers:
            part = None if watts is None else watts / len(takers)
            self.limiting[device.id].share_production(part, now)

    def _updated(self, device: Device, event: Update, now: float) -> None:
        use_case, point = event.consumer.use_case, event.point
        device.readings.put((use_case.code, point.key), event.reading)
        device.updated = self._clock.wall()
        if point in (OPEV.limit_a, OSCEV.limit_a):
            device.limits_reported = device.updated
            self.charging[device.id].limits_reported(use_case, now)
        if isinstance(use_case, Limitation) and point is use_case.limit:
            device.limit_received[use_case.code] = device.updated
            self.limiting[device.id].reported(use_case, now)
        if point in STEERING_POINTS:
            self.charging[device.id].reconsider(now)
        self.mark(device, *leaves_of(use_case.code))
        if point is EVSECC.manufacturer:
            self._learn(device, event.reading.value)

    def _write_done(self, device: Device, event: WriteDone, now: float) -> None:
        number, text = event.error_number, event.text
        if isinstance(event.use_case, Limitation):
            if event.point is event.use_case.limit:
                self.limiting[device.id].written(event.use_case, number, text, now)
        else:
            self.charging[device.id].write_done(event.token, number, text, now)

    def _learn(self, device: Device, stated: Manufacturer) -> None:
        self._side.peers.learn(
            device.ski,
            brand=stated.brand_name or stated.vendor_name,
            model=stated.device_name or stated.device_code,
            serial=stated.serial_number,
        )
        self.mark(device, "info")

    def handle_timer(self, now: float) -> None:
        """A car that has had its time to describe itself has settled."""
        for control in self.limiting.values():
            control.handle_timer(now)
        for device in self.devices.values():
            settles_at = device.settles_at
            if settles_at is not None and settles_at <= now:
                device.settled = True
                self.mark(device, "ev")
        if now >= self._sample_at:
            self._sample_at = now + SAMPLE_PERIOD_S
            for device in self.devices.values():
                self.mark(device, "meter", "session")

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        moments = [device.settles_at for device in self.devices.values()]
        moments += [control.next_deadline() for control in self.limiting.values()]
        if self.devices:
            moments.append(self._sample_at)
        return min((moment for moment in moments if moment is not None), default=None)

    def _car_changed(self, device: Device, event: EntityChanged) -> None:
        self.charging[device.id].session_over()
        if event.present:
            device.car_came(event.entity.path)
        else:
            device.car_left()
        kind = "ev_plugged" if event.present else "ev_unplugged"
        self._publisher.event(kind, id=device.id)
        device.updated = self._clock.wall()
        self.mark(device, "ev", "meter", "limits", "evse", "info", "session")

    def _matched(self, device: Device, now: float) -> None:
        partner = self._side.node.host.partners.get(device.ski)
        for consumer in partner.consumers.values() if partner is not None else ():
            device.readings.offered |= {
                (consumer.use_case.code, point.key)
                for point in consumer.points
                if consumer.offers(point)
            }
        if device.plugged and device.ev_known_at is None:
            device.ev_known_at = now
        self.charging[device.id].reconsider(now)
        self.limiting[device.id].usable(now)
        self.mark(device, "availability", "info", "ev")

    def _disconnected(self, device: Device, now: float) -> None:
        self.charging[device.id].session_over()
        self._tracker.link_lost(device.id, now)
        device.car_left()
        device.readings.forget()
        device.updated = self._clock.wall()
        self.mark(device, *ALL_LEAVES)

    def _limit_control(self, device: Device) -> LimitControl:
        def wish(use_case: Limitation, point: Any, value: Any) -> None:
            self._side.node.wish(device.ski, use_case, point, value)

        return LimitControl(device, self._tracker, wish)

    def _charging_control(self, device: Device) -> ChargingControl:
        def write(use_case: UseCase, point: Any, value: Any) -> int:
            token = self._side.node.write(device.ski, use_case, point, value, device.ev)
            device.limits_written = self._clock.wall()
            self.mark(device, "limits")
            return token

        return ChargingControl(device, self._tracker, write)

    # --- documents

    def mark(self, device: Device, *leaves: str) -> None:
        """These documents of a device may have changed."""
        for leaf in leaves:
            self._dirty[(device.id, leaf)] = None
        if not self._rendering:
            self._rendering = True
            self._soon(self._render)

    def _render(self) -> None:
        self._rendering = False
        dirty, self._dirty = self._dirty, {}
        for device_id, leaf in dirty:
            device = self.devices.get(device_id)
            peer = self._side.peers.get(device.ski) if device is not None else None
            if device is not None and peer is not None:
                self._render_leaf(device, peer, leaf)

    def _render_leaf(self, device: Device, peer: Peer, leaf: str) -> None:
        publisher = self._publisher
        match leaf:
            case "ev":
                publisher.ev(device)
            case "meter":
                self._render_meter(device)
            case "session":
                session = self._metering.session(device)
                if session is not None:
                    publisher.device(device.id, "session", session)
            case "evse":
                publisher.evse(device)
            case "limits":
                publisher.limits(device)
            case "lpc" | "lpp":
                heard_at = self._side.link(device.ski).heartbeat_at
                age_s = None if heard_at is None else self._clock.now() - heard_at
                publisher.limit(device, leaf, age_s)
            case "link":
                link = self._side.link(device.ski)
                publisher.link(device.id, link, OPEV.heartbeat_timeout_s)
            case "info":
                verdicts = self.verdicts(device.ski)
                publisher.info(self._side, peer, verdicts)
                usable = [verdict.code for verdict in verdicts if verdict.usable]
                publisher.profiles.announce(device, peer, usable)
            case "availability":
                online = "online" if self.verdicts(device.ski) else "offline"
                publisher.device(device.id, "availability", online)

    def _render_meter(self, device: Device) -> None:
        bounded_by = self.charging[device.id].bounded_by
        if self._side.link(device.ski).connected and self.verdicts(device.ski):
            self._metering.observe(device, limited=bounded_by is not None, cause=bounded_by)
        self._publisher.meter(device, self._metering.energy(device), bounded_by)
