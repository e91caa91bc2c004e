"""The gateway as a client of the broker: connects again and again, with one `connection` at a time.

``MqttBroker.run`` connects, publishes what the ``Outbox`` holds and hands on what arrives, for
ever, whatever the broker does. The rest of the gateway only touches the outbox, synchronously,
and so never waits for a broker.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Any

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from eebus_gw.bridge import endpoint as endpoints
from eebus_gw.bridge.broker import Backoff, BrokerStatus
from eebus_gw.bridge.connection import (
    ACKNOWLEDGE_TIMEOUT_S,
    SOCKET_OPTIONS,
    MqttConnection,
    VersionUnsupported,
)
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.sender import IN_FLIGHT, Sender
from eebus_gw.clock import Clock
from eebus_gw.errors import ConfigError, ConnectFailed

CONNACK_TIMEOUT_S = 3.0
STOP_TIMEOUT_S = 2.0
STABLE_AFTER_S = 30.0
SUSPICIOUS_AFTER = 3

ONLINE = b"online"
OFFLINE = b"offline"

_NUMBER = re.compile(r"^\[(Errno -?\d+|code:\d+)\] ")

logger = logging.getLogger(__name__)


class ReasonNumber(IntEnum):
    """Reason codes of MQTT 5 (2.4) for the end of a connection; an end without one is unspecified."""

    UNSPECIFIED = 128
    SESSION_TAKEN_OVER = 142


class MqttBroker:
    """``Broker`` over MQTT 5, or 3.1.1 where the broker knows no better.

    ``state_topic`` carries birth and will. ``received`` is called for each message, ``changed``
    with ``True`` and ``False`` as the connection comes and goes; both are synchronous and short.
    """

    def __init__(
        self,
        endpoint: endpoints.Endpoint,
        *,
        client_id: str,
        state_topic: str,
        subscriptions: Sequence[str],
        outbox: Outbox,
        received: Callable[[Received], None],
        changed: Callable[[bool], None] = lambda connected: None,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._client_id = client_id
        self._state_topic = state_topic
        self._subscriptions = tuple(subscriptions)
        self._outbox = outbox
        self._received = received
        self._changed = changed
        self._clock = clock
        self._backoff = Backoff(random)
        self._status = BrokerStatus(since=clock.now(), insecure=endpoint.insecure)
        self._short_lived = 0
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()
        self._work = asyncio.Event()
        outbox.wake = self._work.set

    @property
    def status(self) -> BrokerStatus:
        return self._status

    async def run(self) -> None:
        self._finished.clear()
        try:
            while not self._stopping.is_set():
                await self._one_connection()
                if not self._stopping.is_set():
                    await self._pause(self._backoff.next_s())
        finally:
            self._finished.set()

    async def stop(self) -> None:
        self._stopping.set()
        self._work.set()
        await self._finished.wait()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _one_connection(self) -> None:
        try:
            client = await self._connect()
        except (aiomqtt.MqttError, ConnectFailed, ConfigError) as error:
            self._note_error(_words(error))
            return
        started = self._clock.now()
        self._note_connected(client, started)
        try:
            await self._serve(client)
        except aiomqtt.MqttError as error:
            self._note_error(self._explained(error))
        finally:
            self._note_disconnected()
            await self._say_goodbye(client)
        if self._clock.now() - started >= STABLE_AFTER_S:
            self._backoff.reset()
            self._short_lived = 0
            return
        self._short_lived += 1
        if self._short_lived == SUSPICIOUS_AFTER:
            logger.warning(
                "the broker keeps ending our connections; does another client use the id %s?",
                self._client_id,
            )

    async def probe(self) -> str:
        """Connects once, disconnects, and returns the MQTT version; raises ``ConnectFailed``."""
        try:
            client = await self._connect()
        except aiomqtt.MqttError as error:
            raise ConnectFailed(_words(error), phase="connack") from None
        await client.close()
        return client.version

    async def _connect(self) -> MqttConnection:
        """A connected client; tries MQTT 5, then 3.1.1 when the broker does not answer to it."""
        secret = await asyncio.to_thread(self._endpoint.secret)
        match self._endpoint.protocol:
            case endpoints.Protocol.V5:
                versions = [aiomqtt.ProtocolVersion.V5]
            case endpoints.Protocol.V311:
                versions = [aiomqtt.ProtocolVersion.V311]
            case _:
                versions = [aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311]
        complaint = ""
        for version in versions:
            client = await self._client(version, secret)
            try:
                await client.open()
            except VersionUnsupported as error:
                logger.info("%s: MQTT %s: %s", self._endpoint.text, client.version, error)
                complaint = client.complaint
            else:
                return client
            if self._stopping.is_set():
                break
        why = "answers no MQTT" + (f": {complaint}" if complaint else "")
        raise ConnectFailed(f"{self._endpoint.text} {why}", phase="connack")

    async def _client(self, version: aiomqtt.ProtocolVersion, secret: str | None) -> MqttConnection:
        tls = self._endpoint.tls
        options: dict[str, Any] = {}
        if version is aiomqtt.ProtocolVersion.V5:
            options["clean_start"] = True
        else:
            options["clean_session"] = True
        return MqttConnection(
            self._endpoint.host,
            self._endpoint.port,
            username=self._endpoint.username,
            password=secret,
            identifier=self._client_id,
            protocol=version,
            will=aiomqtt.Will(self._state_topic, OFFLINE, qos=1, retain=True),
            timeout=CONNACK_TIMEOUT_S,
            keepalive=self._endpoint.keep_alive_s,
            received=self._received,
            heard=self._note_heard,
            max_inflight_messages=IN_FLIGHT,
            socket_options=SOCKET_OPTIONS,
            tls_context=None if tls is None else await asyncio.to_thread(tls.context),
            **options,
        )

    async def _serve(self, client: MqttConnection) -> None:
        """Subscribes, publishes everything, announces itself, and goes on until something ends."""
        sender = Sender(client, self._outbox, self._status, self._clock, self._work)
        tasks = [
            # Also while subscribing: who waits for an answer does not notice that the connection has gone.
            asyncio.create_task(client.wait_disconnected()),
            asyncio.create_task(self._begin(client, sender)),
            asyncio.create_task(self._stop_overdue(client)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            sender.abandon()

    async def _stop_overdue(self, client: MqttConnection) -> None:
        await self._stopping.wait()
        await asyncio.sleep(STOP_TIMEOUT_S)
        client.stalled = True

    async def _say_goodbye(self, client: MqttConnection) -> None:
        """A clean end suppresses the will, so ``offline`` has to be said."""
        if client.alive:
            with suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await client.announce(self._state_topic, OFFLINE)
        await client.close()

    async def _subscribe(self, client: MqttConnection) -> None:
        topics = list(self._subscriptions)
        if not topics:
            return
        if client.speaks_5:
            quiet = SubscribeOptions(
                qos=1, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
            )
            wanted: Any = [(topic, quiet) for topic in topics]
        else:
            wanted = [(topic, 1) for topic in topics]
        answers: Sequence[int | ReasonCode] = await client.subscribe(
            wanted, timeout=ACKNOWLEDGE_TIMEOUT_S
        )
        for topic, answer in zip(topics, answers, strict=True):
            if (answer.value if isinstance(answer, ReasonCode) else answer) >= 0x80:
                logger.error("the broker does not let us subscribe to %s", topic)
                self._status.last_error = f"subscription to {topic} refused"

    async def _begin(self, client: MqttConnection, sender: Sender) -> None:
        await self._subscribe(client)
        self._outbox.republish()
        await self._send(client, sender)

    async def _send(self, client: MqttConnection, sender: Sender) -> None:
        while not self._outbox.republished and not self._stopping.is_set():
            await sender.send_ready()
        await sender.settle()
        due = self._clock.now()
        while not self._stopping.is_set():
            # Again and again, as the refreshed state, whose refresh also ends the wait.
            if self._clock.now() >= due:
                await client.announce(self._state_topic, ONLINE)
                due = self._clock.now() + (self._outbox.refresh_s or math.inf)
            await sender.send_ready()
            await sender.wait()
        await sender.send_ready()
        await sender.settle()

    def _explained(self, error: aiomqtt.MqttError) -> str:
        cause = error.__cause__ if isinstance(error.__cause__, aiomqtt.MqttCodeError) else error
        code = getattr(cause, "rc", None)
        match code.value if isinstance(code, ReasonCode) else None:
            case ReasonNumber.SESSION_TAKEN_OVER:
                return f"another client uses the client id {self._client_id}"
            case ReasonNumber.UNSPECIFIED:
                return "it ended the connection without a reason"
        return _words(cause)

    def _note_connected(self, client: MqttConnection, now: float) -> None:
        self._status.connected = True
        self._status.since = self._status.heard_at = now
        self._status.protocol = client.version
        self._status.connections += 1
        self._status.last_error = None
        logger.info("connected to %s with MQTT %s", self._endpoint.text, self._status.protocol)
        self._changed(True)

    def _note_heard(self) -> None:
        self._status.heard_at = self._clock.now()

    def _note_disconnected(self) -> None:
        self._status.connected = False
        self._status.since = self._clock.now()
        self._changed(False)

    def _note_error(self, text: str) -> None:
        if text != self._status.last_error:
            logger.warning("MQTT broker %s: %s", self._endpoint.text, text)
        self._status.last_error = text


def _words(error: Exception) -> str:
    """What an error says to people, without the numbers of libraries before it."""
    return _NUMBER.sub("", str(error))
