"""Renders the documents of the paired devices, once per turn of the event loop however much one message brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eebus_gw.bridge.documents import charge_state
from eebus_gw.clock import Clock
from eebus_gw.gateway.controls import Controls
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.facts import Facts
from eebus_gw.gateway.metering import Metering
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.gateway.side import Side
from eebus_gw.peers import Peer
from eebus_gw.roles.matching import Verdict
from usecases.curtailment import OPEV

COMMON = ("availability", "info", "link", "meter", "lpc", "lpp", "setpoint")
WALLBOX_ONLY = ("evse", "ev", "limits", "plan", "session")
HOUSE_ONLY = ("battery", "pv")

MEASUREMENT_DELAY_S = 0.1
"""Measurements of many wallboxes are shown together: to wake the broker for each costs more than all the rest."""

Later = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds, with 0 in the next turn of the event loop."""


def leaves_of_device(device: Device) -> tuple[str, ...]:
    """The documents a device of this kind can have."""
    return (*COMMON, *(HOUSE_ONLY if device.house else WALLBOX_ONLY))


class Renderer:
    """Knows which documents may have changed."""

    def __init__(
        self,
        side: Side,
        devices: Mapping[str, Device],
        controls: Mapping[str, Controls],
        publisher: Publisher,
        metering: Metering,
        facts: Facts,
        clock: Clock,
        verdicts: Callable[[str], list[Verdict]],
        *,
        later: Later,
    ) -> None:
        self._side = side
        self._devices = devices
        self._controls = controls
        self._publisher = publisher
        self._metering = metering
        self._facts = facts
        self._clock = clock
        self._verdicts = verdicts
        self._later = later
        self._dirty: dict[tuple[str, str], None] = {}
        self._scheduled = False
        self._measured = False

    def mark(self, device: Device, *leaves: str) -> None:
        """These documents of a device may have changed."""
        possible = leaves_of_device(device)
        for leaf in leaves:
            if leaf not in possible:
                continue
            self._dirty[(device.id, leaf)] = None
        if not self._scheduled:
            self._scheduled = True
            self._later(0.0, self._render)

    def measured(self, device: Device) -> None:
        """New values of what was measured before."""
        self._dirty[(device.id, "meter")] = None
        if not self._measured:
            self._measured = True
            self._later(MEASUREMENT_DELAY_S, self._render_measured)

    def _render_measured(self) -> None:
        self._measured = False
        self._render()

    def _render(self) -> None:
        self._scheduled = False
        dirty, self._dirty = self._dirty, {}
        for device_id, leaf in dirty:
            device = self._devices.get(device_id)
            peer = self._side.peers.get(device.ski) if device is not None else None
            if device is not None and peer is not None:
                self._leaf(device, peer, leaf)

    def _leaf(self, device: Device, peer: Peer, leaf: str) -> None:
        publisher = self._publisher
        match leaf:
            case "ev":
                publisher.ev(device, self._facts.driver_members(device))
            case "meter":
                self._meter(device)
            case "evse":
                publisher.evse(device)
            case "limits":
                publisher.limits(device)
            case "lpc" | "lpp":
                publisher.limit(device, leaf, self._heartbeat_age_s(device))
            case "setpoint" | "plan":
                document = self._controls[device.id].document(leaf, self._clock.now())
                if document is not None:
                    publisher.stamped(device.id, leaf, document)
            case "battery" | "pv":
                publisher.house(device, leaf)
            case "session":
                session = self._metering.session(device)
                if session is not None:
                    publisher.stamped(device.id, "session", session)
            case "link":
                link = self._side.link(device.ski)
                publisher.link(device.id, link, OPEV.heartbeat_timeout_s)
            case "info":
                self._info(device, peer)
            case "availability":
                online = "online" if self._side.available(device.ski) else "offline"
                publisher.device(device.id, "availability", online)

    def _meter(self, device: Device) -> None:
        if device.house:
            self._publisher.house(device, "meter")
            return
        state = charge_state(device.readings, device.plugged)
        if state != device.charge_state:
            device.charge_state = state
            self.mark(device, "ev")
        limited_by = self._controls[device.id].limited_by
        if self._side.understood(device.ski):
            limited = limited_by in ("grid_consumption", "grid_production")
            self._metering.observe(device, limited=limited, cause=limited_by)
        self._publisher.meter(device, self._metering.energy(device), limited_by)

    def _info(self, device: Device, peer: Peer) -> None:
        verdicts = self._verdicts(device.ski)
        self._publisher.info(self._side, peer, verdicts)
        usable = [verdict.code for verdict in verdicts if verdict.usable]
        self._publisher.home_assistant.announce(device, peer, usable)

    def _heartbeat_age_s(self, device: Device) -> float | None:
        heard_at = self._side.link(device.ski).heartbeat_at
        return None if heard_at is None else self._clock.now() - heard_at
