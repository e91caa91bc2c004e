"""What a running gateway can be asked, over MQTT and over its control socket.

The verbs of the contract come through ``perform`` with checked arguments; the control socket knows some more, which
are for the command line only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.commands import Origin
from eebus_gw.bridge.results import Result
from eebus_gw.bridge.shapes import ShapeError
from eebus_gw.bridge.verbs import VERBS
from eebus_gw.errors import ConfigError, EebusError, NotConnected
from eebus_gw.gateway.archive import write_archive
from eebus_gw.gateway.descriptions import device_entry, pairing_document
from eebus_gw.gateway.inspection import inspect
from eebus_gw.gateway.live_values import PERIOD_S, live_values
from eebus_gw.gateway.pairing import DEFAULT_WINDOW_S
from eebus_gw.gateway.side import GRID, Side
from eebus_gw.gateway.tracing import Tracing
from eebus_gw.logs import set_level
from eebus_gw.net.address import USUAL_PORT, format_address
from eebus_gw.node import NodeEvent
from eebus_gw.peers import Peer, find_peer

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

SCAN_S = 3.0
RAISING = ("pair", "pairing/open")
Json = dict[str, Any]


class UnknownVerb(EebusError):
    """There is no such request."""

    exit_code = 2
    reason = "unknown_verb"


class OnlyHere(EebusError):
    """Whoever can write to the broker must not lift the limits of the grid."""

    reason = "not_authorised"


class GatewayVerbs:
    """Carries out requests."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._tracing = Tracing(gateway)
        self._verbs = {
            "pairing/open": self._pairing_open,
            "pairing/close": self._pairing_close,
            "pairing/approve": self._pairing_approve,
            "pairing/deny": self._pairing_deny,
            "device/trust": self._device_trust,
            "device/remove": self._device_remove,
            "device/rename": self._device_rename,
            "device/reconnect": self._device_reconnect,
            "device/refresh": self._device_refresh,
            "discovery/republish": self._republish,
            "log/level": self._log_level,
            "trace/start": self._trace_start,
            "trace/stop": self._trace_stop,
            "diagnostics/export": self._diagnostics_export,
            "health": self._health,
            "restart": self._restart,
        }
        self._local = {
            "pair": self._pair,
            "peers": self._peers,
            "inspect": self._inspect,
            "info": self._info,
            "pairing/show": self._pairing_show,
            "grid/status": self._grid_status,
        }

    async def perform(self, verb: str, arguments: Mapping[str, Any]) -> Json:
        """A verb of the contract that came over MQTT, with checked arguments (bridge.verbs.Verbs)."""
        if verb == "device/remove" and self._peer(dict(arguments))[0] is not self._gateway.wallbox:
            raise OnlyHere("a control box is unpaired on the command line only: eebus-gw unpair")
        return await self._carry_out(verb, arguments)

    async def _carry_out(self, verb: str, arguments: Mapping[str, Any]) -> Json:
        await self._raise_grid_side(verb, arguments)
        if verb == "discovery/scan":
            return await self._scan(arguments)
        if verb not in self._verbs:
            raise UnknownVerb(f"{verb} is not available in this version")
        return self._verbs[verb](dict(arguments))

    async def dispatch(self, verb: str, arguments: Json) -> Json:
        """A request from the control socket."""
        if verb in self._local:
            await self._raise_grid_side(verb, arguments)
            return self._local[verb](arguments)
        if verb not in VERBS:
            raise UnknownVerb(f"there is no request {verb!r}")
        try:
            checked = VERBS[verb].check(arguments)
        except ShapeError as error:
            raise ConfigError(f"{verb}: {error.detail.removeprefix('.')}") from None
        return await self._carry_out(verb, checked)

    async def stream(self, verb: str, arguments: Json) -> AsyncGenerator[Json, None]:
        """A request of the control socket whose answer goes on."""
        match verb:
            case "set":
                events = self._set(arguments)
            case "watch":
                events = self._watch(arguments)
            case "monitor":
                events = self._monitor(arguments)
            case "trace/export":
                events = self._trace_export(arguments)
            case _:
                raise UnknownVerb(f"there is no stream {verb!r}")
        async with aclosing(events):
            async for event in events:
                yield event

    # --- pairing

    def _pairing_open(self, arguments: Json) -> Json:
        if arguments.get("open") is False:  # a switch has one topic for both of its positions
            return self._pairing_close(arguments)
        side = self._side(arguments)
        seconds = float(arguments.get("seconds") or DEFAULT_WINDOW_S)
        gateway = self._gateway
        side.window.open(seconds, arguments.get("by") or "request", gateway.clock.now())
        side.node.network.let_wait_again()
        gateway.bridge.publish_pairing()
        gateway.settle()
        return pairing_document(side, gateway.clock)

    def _pairing_close(self, arguments: Json) -> Json:
        side = self._side(arguments)
        side.window.close()
        self._gateway.bridge.publish_pairing()
        return pairing_document(side, self._gateway.clock)

    def _pairing_show(self, arguments: Json) -> Json:
        return pairing_document(self._side(arguments), self._gateway.clock)

    def _pairing_approve(self, arguments: Json) -> Json:
        side, ski = self._side(arguments), arguments["ski"]
        if ski not in side.window.waiting and not side.peers.trusts(ski):
            # Trusted by a slip, a device that never comes would be granted a share of every limit.
            raise NotConnected(
                f"no peer with the SKI {ski} waits for a decision",
                hint="eebus-gw peers lists who waits; eebus-gw pair PEER trusts one beforehand",
            )
        return self._pair({**arguments, "how": "window"})

    def _pairing_deny(self, arguments: Json) -> Json:
        side = self._side(arguments)
        side.deny(arguments["ski"])
        self._gateway.bridge.publish_pairing()
        return {"ski": arguments["ski"]}

    # --- devices

    def _device_trust(self, arguments: Json) -> Json:
        address = None
        if arguments.get("ip"):
            address = format_address(arguments["ip"], arguments.get("port") or USUAL_PORT)
        return self._pair({**arguments, "address": address, "how": "mqtt"})

    def _pair(self, arguments: Json) -> Json:
        """Trusts a peer; members as ``Side.trust`` takes them."""
        side = self._side(arguments)
        names = ("device_id", "alias", "address", "pin", "ship_id")
        try:
            peer = side.trust(
                arguments["ski"],
                how=arguments.get("how") or "command_line",
                **{name: arguments[name] for name in names if arguments.get(name)},
            )
        except ValueError as error:
            raise ConfigError(str(error)) from None
        self._adopted(side, peer)
        return {"id": peer.id, "ski": peer.ski}

    def _adopted(self, side: Side, peer: Peer) -> None:
        gateway = self._gateway
        if side is gateway.wallbox:
            gateway.devices.adopt(peer)
        else:
            gateway.site.refresh()
        gateway.bridge.publish_devices()
        gateway.bridge.publish_discovered()
        gateway.bridge.publish_pairing()

    def _device_remove(self, arguments: Json) -> Json:
        side, peer = self._peer(arguments)
        if side is self._gateway.wallbox:
            self._gateway.devices.forget(peer.id)
        side.remove(peer.ski)
        if side is not self._gateway.wallbox:
            self._gateway.site.refresh()
        self._gateway.publisher.event("trust_removed", id=peer.id, by="user")
        self._gateway.bridge.publish_devices()
        self._gateway.settle()
        return {"id": peer.id, "ski": peer.ski}

    def _device_rename(self, arguments: Json) -> Json:
        side, peer = self._peer(arguments)
        renamed = side.peers.rename(peer.ski, arguments["alias"])
        self._adopted(side, renamed)
        return {"id": renamed.id, "alias": renamed.alias}

    def _device_reconnect(self, arguments: Json) -> Json:
        side, peer = self._peer(arguments)
        side.node.network.reconnect(peer.ski)
        return {"id": peer.id}

    def _device_refresh(self, arguments: Json) -> Json:
        side, peer = self._peer(arguments)
        partner = side.node.host.partners.get(peer.ski)
        if partner is None:
            raise NotConnected(f"{peer.id} is not connected")
        partner.refetch(self._gateway.clock.now())
        side.node.network.wake(peer.ski)
        return {"id": peer.id}

    def _peers(self, arguments: Json) -> Json:
        pending = [
            {"side": side.name, **waiting}
            for side in self._gateway.sides
            for waiting in pairing_document(side, self._gateway.clock)["pending"]
        ]
        return {"peers": self._gateway.bridge.devices(), "pending": pending}

    def _grid_status(self, arguments: Json) -> Json:
        return self._gateway.site.status()

    def _inspect(self, arguments: Json) -> Json:
        side, peer = self._peer(arguments)
        devices = self._gateway.devices
        return inspect(side, peer, devices.verdicts(peer.ski), devices.decided(peer.ski))

    # --- the gateway itself

    async def _scan(self, arguments: Mapping[str, Any]) -> Json:
        await self._gateway.wallbox.node.network.scan()
        await asyncio.sleep(float(arguments.get("seconds") or SCAN_S))
        self._gateway.bridge.publish_discovered()
        return {"discovered": self._gateway.bridge.discovered()}

    def _republish(self, arguments: Json) -> Json:
        self._gateway.outbox.republish()
        return {}

    def _log_level(self, arguments: Json) -> Json:
        set_level(arguments.get("logger") or "eebus_gw", arguments["level"].lower())
        self._gateway.bridge.publish_info()
        return {"level": arguments["level"]}

    def _trace_start(self, arguments: Json) -> Json:
        return self._tracing.start(self._party(arguments), arguments.get("seconds"))

    def _trace_stop(self, arguments: Json) -> Json:
        return self._tracing.stop(self._party(arguments))

    def _diagnostics_export(self, arguments: Json) -> Json:
        full_skis = not arguments.get("redact", True) or self._gateway.settings.privacy.full_skis
        return write_archive(self._gateway, full_skis=full_skis)

    def _info(self, arguments: Json) -> Json:
        return self._gateway.bridge.info()

    def _health(self, arguments: Json) -> Json:
        return self._gateway.bridge.health_document()

    def _restart(self, arguments: Json) -> Json:
        asyncio.get_running_loop().call_later(0.2, lambda: self._gateway.stop(restart=True))
        return {}

    # --- streams

    async def _set(self, arguments: Json) -> AsyncGenerator[Json, None]:
        """Every state of one command, the final one last."""
        _, peer = self._peer(arguments)
        results: asyncio.Queue[Result] = asyncio.Queue()
        gateway = self._gateway
        command_id = str(arguments["members"]["id"])

        def note(result: Result) -> None:
            if result.device == peer.id and result.id == command_id:
                results.put_nowait(result)

        gateway.result_observers.add(note)
        try:
            gateway.reception.submit(peer.id, arguments["members"], Origin.CLI)
            final = False
            while not final:
                result = await results.get()
                final = result.final
                yield {
                    **result.document(),
                    "explanation": result.explanation(),
                    "exit_status": result.exit_status if final else None,
                }
        finally:
            gateway.result_observers.discard(note)

    def _monitor(self, arguments: Json) -> AsyncGenerator[Json, None]:
        device = self._peer(arguments)[1].id if arguments.get("id") else None
        return live_values(self._gateway, device, float(arguments.get("period_s") or PERIOD_S))

    def _trace_export(self, arguments: Json) -> AsyncGenerator[Json, None]:
        full_skis = arguments.get("full_skis") or self._gateway.settings.privacy.full_skis
        party = self._party({"id": arguments.get("device")})
        return self._tracing.export(party, bool(full_skis))

    async def _watch(self, arguments: Json) -> AsyncGenerator[Json, None]:
        """The state of one peer each time something about it changes."""
        side, peer = self._peer(arguments)
        changed = asyncio.Event()

        def note(at: Side, event: NodeEvent) -> None:
            if getattr(event, "ski", None) in (peer.ski, None):
                changed.set()

        self._gateway.observers.add(note)
        try:
            while True:
                yield self._state(side, peer)
                await changed.wait()
                changed.clear()
        finally:
            self._gateway.observers.discard(note)

    def _state(self, side: Side, peer: Peer) -> Json:
        link = side.link(peer.ski)
        now = self._gateway.clock.now()
        waiting = None if link.waiting_until is None else max(0.0, link.waiting_until - now)
        verdicts = self._gateway.devices.verdicts(peer.ski)
        return {
            **device_entry(side, peer, verdicts),
            "waits_for": link.turn.value,
            "waiting_s": waiting,
            "rejected": link.rejected,
            "error_code": link.error_code,
            "error": link.error_text,
            "verdict": [
                {
                    "code": v.code,
                    "title": v.title,
                    "usable": v.usable,
                    "scenarios": list(v.scenarios),
                    "why_not": v.why_not,
                }
                for v in verdicts
            ],
        }

    # --- whom a request means

    async def _raise_grid_side(self, verb: str, arguments: Mapping[str, Any]) -> None:
        """The grid side comes up as soon as a peer of it is trusted or a window for one is opened."""
        if arguments.get("side") == GRID and verb in RAISING:
            await self._gateway.site.ensure()

    def _side(self, arguments: Mapping[str, Any]) -> Side:
        wanted = arguments.get("side") or self._gateway.wallbox.name
        for side in self._gateway.sides:
            if side.name == wanted:
                return side
        raise NotConnected(f"the {wanted} side is not up")

    def _party(self, arguments: Mapping[str, Any]) -> str | None:
        """The SKI of the device that is meant, ``None`` for all."""
        return self._peer(arguments)[1].ski if arguments.get("id") else None

    def _peer(self, arguments: Mapping[str, Any]) -> tuple[Side, Peer]:
        """The device a request means, on either side; raises ``UnknownDevice`` naming the nearest one."""
        sides = self._gateway.sides
        peer = find_peer([peer for side in sides for peer in side.peers], arguments["id"])
        return next(side for side in sides if side.peers.get(peer.ski) is not None), peer
