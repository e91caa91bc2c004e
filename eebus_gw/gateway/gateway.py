"""The gateway as a whole: composition and life; the parts have modules of their own.

An event of a node runs synchronously through the devices to the outbox; commands and requests come through the
reception or the control socket. One timer drives what is not driven by events.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from eebus_gw.bridge.client import MqttBroker
from eebus_gw.bridge.commands import CommandTracker, Origin
from eebus_gw.bridge.endpoint import Endpoint
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.results import Result
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock, SystemClock, clock_synchronised, earliest
from eebus_gw.control import ControlServer
from eebus_gw.errors import StoreError
from eebus_gw.gateway.bridge_state import BridgeState
from eebus_gw.gateway.devices import Devices
from eebus_gw.gateway.facts import Facts
from eebus_gw.gateway.home_assistant import HomeAssistant
from eebus_gw.gateway.identifications import hashed
from eebus_gw.gateway.leftovers import Leftovers
from eebus_gw.gateway.log_lines import log_lines
from eebus_gw.gateway.metering import Metering
from eebus_gw.gateway.metrics import metrics_endpoint
from eebus_gw.gateway.profiles import Profiles
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.gateway.reception import Reception
from eebus_gw.gateway.side import WALLBOX, Side
from eebus_gw.gateway.site import SiteControl
from eebus_gw.gateway.verbs import GatewayVerbs
from eebus_gw.home import Home
from eebus_gw.ledger.ledger import Health, Ledger
from eebus_gw.net.events import (
    CertificateRefused,
    LinkUp,
    PeerChangedKey,
    PeerRefused,
    RejectedByPeer,
)
from eebus_gw.net.options import Limits, NetworkOptions, ServiceInfo
from eebus_gw.node import NodeEvent
from eebus_gw.roles.consulting import FAILED
from eebus_gw.roles.events import PeerMute, Reported
from eebus_gw.roles.host import Entity
from eebus_gw.settings import Settings
from eebus_gw.trace.recording import FrameTrace
from usecases.aggregates import VABD, VAPD
from usecases.commissioning import EVCC, EVSECC
from usecases.coordination import CEVC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.limitation import LPC, LPP
from usecases.monitoring import MGCP, MPC
from usecases.setpoints import COB, DBEVC
from usecases.summary import EVCS

logger = logging.getLogger(__name__)

WALLBOX_ENTITIES = (
    Entity("CEM", (EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV, DBEVC, CEVC, EVCS, COB, VABD, VAPD)),
    # Apart from the car's use cases, so that heartbeats, bindings and subscriptions do not mix.
    Entity("GridGuard", (LPC, LPP, MPC, MGCP)),
)
MAX_PEERS = 512
BROKER_PATIENCE_S = 60.0
"""A setpoint that came over MQTT ends when nothing was heard of the broker for this long and it is away."""
ARMING_DELAY_S = 0.05


class Gateway:
    """An asynchronous context manager; without ``endpoint`` it works without MQTT.

    ``host`` is where to listen, for demonstrations and tests; the default is everywhere.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        *,
        endpoint: Endpoint | None = None,
        clock: Clock | None = None,
        host: str | None = None,
    ) -> None:
        self.home = home
        self._host = host
        self.settings = settings
        self.clock = clock or SystemClock()
        self.endpoint = endpoint
        self.frames = FrameTrace(
            max_age_s=settings.privacy.trace_minutes * 60.0,
            max_bytes=settings.privacy.trace_bytes,
            started=self.clock.wall(),
            started_at=self.clock.now(),
        )
        self.wallbox = Side(
            WALLBOX,
            home,
            WALLBOX_ENTITIES,
            options=self.network_options(settings.ship.port),
            clock=self.clock,
            listener=self.on_event,
            trace=self.frames,
        )
        self.gateway_id = settings.gateway.id or f"gw-{self.wallbox.node.ski[-8:]}"
        self.topics = Topics(settings.mqtt.base_topic, settings.homeassistant.prefix)
        self.outbox = Outbox(refresh_s=settings.mqtt.refresh_s)
        self.home_assistant = HomeAssistant(
            self.topics,
            self.outbox,
            self.clock,
            self.gateway_id,
            home.retained,
            enabled=settings.homeassistant.enabled,
        )
        self._leftovers = Leftovers(
            self.topics, self.home_assistant.discovery_topic, self.outbox, home.retained, self.clock
        )
        self.ledger = Ledger(
            home.ledger_path,
            self.clock,
            clock_synchronised=clock_synchronised,
            on_health=_tell_of_ledger,
        )
        self.publisher = Publisher(
            self.topics,
            self.outbox,
            self.clock,
            self.home_assistant,
            Profiles(settings.profiles, self.topics, self.outbox, self.clock),
            identify=str if settings.privacy.ev_identifiers else hashed(home.retained, self.clock),
        )
        self.tracker = CommandTracker(wall=self.clock.wall)
        metering = Metering(self.ledger, self.clock)
        self.devices = Devices(
            self.wallbox,
            self.publisher,
            self.tracker,
            self.clock,
            metering,
            Facts(
                self.wallbox,
                settings,
                self.clock,
                metering,
                home.retained,
                lambda device: self.site.view(device),
            ),
            later=self._later,
            wished=lambda: self.site.distribution.soon(self.clock.now()),
        )
        self.broker: MqttBroker | None = None
        self.bridge = BridgeState(self)
        self.site = SiteControl(self)
        self.verbs = GatewayVerbs(self)
        self.observers: set[Callable[[Side, NodeEvent], None]] = set()
        self.result_observers: set[Callable[[Result], None]] = set()
        self.restart_wanted = False
        self.reception = Reception(self)
        self._broker_lost_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._arming: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stack = AsyncExitStack()
        self._stopping = asyncio.Event()
        # Before all devices: Home Assistant links none to a gateway that it does not know yet.
        self.home_assistant.announce_gateway(pairing=self.may_change_trust())
        for peer in self.wallbox.peers:
            self.devices.adopt(peer)

    # --- life

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()  # what came up before must not stay behind
            raise
        return self

    async def _start(self) -> None:
        stack = self._stack
        stack.enter_context(self.home.locked())
        stack.enter_context(log_lines(self))
        self.ledger.open()
        self.ledger.prune()
        stack.callback(self.ledger.close)
        stack.push_async_callback(self._end_tasks)
        await stack.enter_async_context(self.wallbox)
        stack.callback(self.devices.stop)
        control = ControlServer(
            self.home.control_path, self.verbs.dispatch, stream=self.verbs.stream
        )
        await stack.enter_async_context(control)
        for device_id in self._leftovers.take_over(self.devices.by_id):
            logger.info("%s was removed meanwhile; its retained topics go", device_id)
            self.devices.forget(device_id)
        await self.site.start()
        self.bridge.publish()
        await stack.enter_async_context(metrics_endpoint(self))
        if self.endpoint is not None:
            self._start_broker(self.endpoint)
        self.background(self.bridge.watch())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, traceback)

    async def enter(self, side: Side) -> None:
        """Brings a further side up; it ends with the gateway."""
        await self._stack.enter_async_context(side)

    @property
    def sides(self) -> list[Side]:
        """The side towards the devices, and that towards the control box once it is up."""
        grid = self.site.grid
        return [self.wallbox, *([grid.side] if grid is not None else [])]

    async def wait_stopped(self) -> None:
        """Returns when ``stop`` was called."""
        await self._stopping.wait()

    def stop(self, *, restart: bool = False) -> None:
        """Asks whoever runs the gateway to end it, or to start it anew."""
        self.restart_wanted = restart
        self._stopping.set()

    def background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs ``work`` until it is done or the gateway ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the gateway failed", exc_info=error)

    async def _end_tasks(self) -> None:
        if self.broker is not None:
            for device_id in self.devices.by_id:
                self.publisher.device(device_id, "availability", "offline")
            await self.broker.stop()
        for timer in (self._timer, self._arming):
            if timer is not None:
                timer.cancel()
        self._leftovers.note()
        if self.site.grid is not None:
            self.site.stop()
        with suppress(StoreError):
            self.home.retained.flush(self.clock.now())
        if self.site.grid is not None:
            self.site.journal.stopped()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what nodes report

    def on_event(self, side: Side, event: NodeEvent) -> None:
        """Takes what a node reports; called synchronously."""
        ski = event.expected if isinstance(event, PeerChangedKey) else getattr(event, "ski", None)
        device = self.devices.of(ski) if ski and side is self.wallbox else None
        match event:
            case PeerMute(ski=ski):
                logger.warning("%s answers nothing; a new connection is tried in a while", ski)
                side.node.network.begin_again(ski)
            case Reported(name=name, data=data, use_case=use_case) if name == FAILED:
                logger.error(
                    "%s towards %s failed, which is a fault of this program; the connection goes on: %s\n%s",
                    use_case.code,
                    device.id if device is not None else side.name,
                    data["error"],
                    data["traceback"],
                )
            case Reported(name=name, data=data, use_case=use_case) if device is not None:
                self.publisher.event(name, **{**data, "id": device.id, "use_case": use_case.code})
            case LinkUp():
                self.bridge.health.handshakes_ok += 1
            case CertificateRefused() | PeerChangedKey() | PeerRefused() | RejectedByPeer():
                self.bridge.health.handshakes_failed += 1
        if device is not None:
            self.devices.handle(device, event)
            self.site.heard(device, event)
        self.bridge.note(side, device, event)
        for observer in tuple(self.observers):
            observer(side, event)
        self.settle()

    def settle(self) -> None:
        """Carries out commands whose turn it is, tells results, and sets the timer."""
        now = self.clock.now()
        while executions := self.tracker.to_execute():
            for execution in executions:
                self.devices.execute(execution.command, now)
        if results := self.tracker.results():
            self._store(self.clock.now())  # what is told as done has to survive a crash
        for result in results:
            self.tell(result)
        self._arm_soon()

    def tell(self, result: Result) -> None:
        """Publishes what became of a command, and hands it to whoever follows it.

        Of a device that does not exist nothing is kept: nobody would ever remove it.
        """
        if result.final:
            self.publisher.result(result, keep=result.device in self.devices.by_id)
        for observer in tuple(self.result_observers):
            observer(result)

    # --- time

    def _arm_soon(self) -> None:
        """Looks for the next deadline a moment later: asking every device after each message would cost more
        than the message."""
        if self._arming is None:
            self._arming = asyncio.get_running_loop().call_later(ARMING_DELAY_S, self._arm)

    def _arm(self) -> None:
        self._arming = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = earliest(
            self.home.retained.next_deadline(),
            None if self._broker_lost_at is None else self._broker_lost_at + BROKER_PATIENCE_S,
            self.tracker.next_deadline(),
            self.devices.next_deadline(),
            *(side.window.next_deadline() for side in self.sides),
            self.site.next_deadline(),
        )
        if deadline is not None:
            loop = asyncio.get_running_loop()
            delay = max(0.0, deadline - self.clock.now())
            self._timer = loop.call_later(delay, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        # Armed first: an error of ours in one of the parts must not stop the clock of the others.
        self._arm_soon()
        now = self.clock.now()
        self._store(now)
        if self._broker_lost_at is not None and now >= self._broker_lost_at + BROKER_PATIENCE_S:
            self._broker_lost_at = None
            self.devices.source_lost(Origin.MQTT.value, now)
        self.tracker.handle_timer(now)
        self.devices.handle_timer(now)
        self.site.handle_timer(now)
        closed = [side.window.handle_timer(now) for side in self.sides]
        if any(closed):
            self.bridge.publish_pairing()
        self.settle()

    def _store(self, now: float) -> None:
        """Writes what must survive a restart; a full disk is reported and does not stop anything."""
        self._leftovers.note()
        try:
            self.home.retained.handle_timer(now)
        except StoreError as error:
            if str(error) not in self.home.reports:
                self.home.reports.append(str(error))
                logger.error("%s", error)

    @staticmethod
    def _later(delay_s: float, work: Callable[[], None]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            work()  # before the loop runs there is nothing to coalesce with
            return
        if delay_s:
            loop.call_later(delay_s, work)
        else:
            loop.call_soon(work)

    # --- parts

    def network_options(self, port: int) -> NetworkOptions:
        """How a node of this gateway is on the network."""
        ship = self.settings.ship
        return NetworkOptions(
            port=port,
            host=self._host,
            interfaces=tuple(ship.interfaces),
            mdns=ship.mdns,
            service=ServiceInfo(model="gateway"),
            double_connection=ship.double_connection,
            limits=replace(Limits.for_fleet(MAX_PEERS), message_bytes=ship.max_message_bytes),
            record_bytes=1024 if ship.small_records else None,
            allow_tls13=ship.tls_1_3,
        )

    def _start_broker(self, endpoint: Endpoint) -> None:
        self.broker = MqttBroker(
            endpoint,
            client_id=self.settings.mqtt.client_id or f"eebus-gw-{self.gateway_id}",
            state_topic=self.topics.bridge_state,
            subscriptions=self.topics.subscriptions(),
            outbox=self.outbox,
            received=self.reception.receive,
            changed=self._broker_changed,
            clock=self.clock,
            random=random.random,
        )
        self.background(self.broker.run())

    def _broker_changed(self, connected: bool) -> None:
        assert self.broker is not None
        self._broker_lost_at = None if connected else self.broker.status.heard_at
        if connected:
            self.bridge.publish_health()
        self.settle()

    def may_change_trust(self) -> bool:
        """Whoever can write to the broker would decide who controls the wallbox (contract, broker security)."""
        allowed = self.settings.mqtt.allow_pairing
        if allowed is not None:
            return allowed
        return self.endpoint is not None and self.endpoint.authenticated


def _tell_of_ledger(health: Health) -> None:
    """In the ledger's own thread."""
    if health.ok:
        logger.warning("the ledger is written again; %d entries were lost meanwhile", health.lost)
    else:
        logger.error(
            "the ledger cannot be written: %s. Sessions and grid decisions wait in memory; make room on the disk",
            health.error,
        )
