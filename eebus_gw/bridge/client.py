"""The connection to the broker; nothing else imports the MQTT library.

``MqttBroker.run`` connects, publishes what the ``Outbox`` holds and hands on what arrives, for
ever, whatever the broker does. The rest of the gateway only touches the outbox, synchronously,
and so never waits for a broker.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.enums import LogLevel, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from eebus_gw.bridge import endpoint as endpoints
from eebus_gw.bridge.broker import Backoff, BrokerStatus
from eebus_gw.bridge.messages import Publication, Purpose, Received
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.sender import IN_FLIGHT, Sender
from eebus_gw.clock import Clock
from eebus_gw.errors import ConfigError, ConnectFailed

CONNACK_TIMEOUT_S = 3.0
ACKNOWLEDGE_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 2.0
STABLE_AFTER_S = 30.0
SUSPICIOUS_AFTER = 3
SESSION_TAKEN_OVER = 142

SOCKET_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        # A broker that vanished from the network is noticed within 15 s, whether or not something is on its way to it.
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (
            ("TCP_KEEPIDLE", 5),
            ("TCP_KEEPINTVL", 5),
            ("TCP_KEEPCNT", 2),
            ("TCP_USER_TIMEOUT", 15_000),
        )
        if hasattr(socket, name)
    ),
)
ONLINE = b"online"
OFFLINE = b"offline"

logger = logging.getLogger(__name__)


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
        self._status = BrokerStatus(since=clock.now())
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
            self._note_error(str(error))
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
            raise ConnectFailed(str(error), phase="connack") from None
        await client.close()
        return client.version

    async def _connect(self) -> _Client:
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
            except _VersionUnsupported as error:
                logger.info("%s: MQTT %s: %s", self._endpoint.text, client.version, error)
                complaint = client.complaint
            else:
                return client
            if self._stopping.is_set():
                break
        why = "answers no MQTT" + (f": {complaint}" if complaint else "")
        raise ConnectFailed(f"{self._endpoint.text} {why}", phase="connack")

    async def _client(self, version: aiomqtt.ProtocolVersion, secret: str | None) -> _Client:
        tls = self._endpoint.tls
        options: dict[str, Any] = {}
        if version is aiomqtt.ProtocolVersion.V5:
            options["clean_start"] = True
        else:
            options["clean_session"] = True
        return _Client(
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

    async def _serve(self, client: _Client) -> None:
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

    async def _stop_overdue(self, client: _Client) -> None:
        await self._stopping.wait()
        await asyncio.sleep(STOP_TIMEOUT_S)
        client.stalled = True

    async def _say_goodbye(self, client: _Client) -> None:
        """A clean end suppresses the will, so ``offline`` has to be said."""
        if client.alive:
            with suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await client.announce(self._state_topic, OFFLINE)
        await client.close()

    async def _subscribe(self, client: _Client) -> None:
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

    async def _begin(self, client: _Client, sender: Sender) -> None:
        await self._subscribe(client)
        self._outbox.republish(self._clock.now())
        await self._send(client, sender)

    async def _send(self, client: _Client, sender: Sender) -> None:
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
        if isinstance(code, ReasonCode) and code.value == SESSION_TAKEN_OVER:
            return f"another client uses the client id {self._client_id}"
        return str(cause)

    def _note_connected(self, client: _Client, now: float) -> None:
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


class _VersionUnsupported(aiomqtt.MqttError):
    """The broker does not speak this version, or does not answer to it."""


class _Client(aiomqtt.Client):
    """The library's client, with what the broker says in its CONNACK and a clean end on failure."""

    maximum_packet_size = 268_435_455
    receive_maximum = 65_535

    def __init__(
        self,
        *args: Any,
        protocol: aiomqtt.ProtocolVersion,
        received: Callable[[Received], None],
        heard: Callable[[], None],
        **options: Any,
    ) -> None:
        super().__init__(*args, protocol=protocol, **options)
        self._received = received
        self._heard = heard
        self.speaks_5 = protocol is aiomqtt.ProtocolVersion.V5
        self.version = "5" if self.speaks_5 else "3.1.1"
        self.pending_calls_threshold = 2 * IN_FLIGHT
        self.stalled = False
        self.complaint = ""
        """What the library found wrong last, for instance why TLS ended; it raises no error for that."""
        self._client.disable_logger()
        self._client.on_log = self._on_log
        self._refusal_said = False
        self._reached = False
        self._opening = False
        self._unwritten = 0

    @property
    def alive(self) -> bool:
        """Whether a farewell may still reach the broker."""
        return not self.stalled and not self._disconnected.done()

    async def open(self) -> None:
        """Connects; raises ``_VersionUnsupported`` when another version is worth a try."""
        self._opening = True
        opening = asyncio.ensure_future(self.__aenter__())
        try:
            # The blocking part runs in a thread that cannot be cancelled.
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            with suppress(aiomqtt.MqttError):
                await opening
            self._drop()
            raise
        except MqttConnectError as error:
            self._drop()
            code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
            if code in (1, 132):
                raise _VersionUnsupported("unsupported protocol version") from None
            raise
        except aiomqtt.MqttError:
            self._drop()
            if self._reached:
                raise _VersionUnsupported("no answer to the attempt to connect") from None
            raise
        self._opening = False

    async def close(self) -> None:
        """Disconnects cleanly if there still is a connection."""
        with suppress(aiomqtt.MqttError):
            await self.__aexit__(None, None, None)
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # taken note of, or the loop would complain
        self._drop()

    def post(self, publication: Publication) -> bool:
        """Hands over a message that nobody acknowledges; waiting for its bytes would cost more than they do."""
        if not self._client.want_write():
            self._unwritten = 0
        if self._unwritten >= IN_FLIGHT:
            return False
        self._unwritten += 1
        info = self._client.publish(
            publication.topic, publication.payload, publication.qos, publication.retain
        )
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(info.rc, "Could not publish message")
        return True

    async def deliver(self, publication: Publication) -> None:
        """Publishes and, above quality of service 0, waits until the broker has it."""
        properties = None
        if publication.correlation is not None and self.speaks_5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = publication.correlation
        await self.publish(
            publication.topic,
            publication.payload,
            publication.qos,
            publication.retain,
            properties,
            timeout=ACKNOWLEDGE_TIMEOUT_S,
        )
        if publication.qos:
            self._heard()

    async def announce(self, topic: str, payload: bytes) -> None:
        """Publishes birth or farewell."""
        await self.deliver(Publication(topic, payload, qos=1, retain=True, purpose=Purpose.STATE))

    async def wait_disconnected(self) -> None:
        """Raises ``MqttError`` when the connection is gone."""
        await asyncio.wait((self._disconnected,))
        error = self._disconnected.exception()
        raise (
            error
            if isinstance(error, aiomqtt.MqttError)
            else aiomqtt.MqttError(str(error or "disconnected"))
        )

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        """Hands the message on while it is read: in a queue between, a flood would drown what is due."""
        properties = message.properties
        self._heard()
        try:
            self._received(
                Received(
                    topic=message.topic,
                    payload=bytes(message.payload),
                    retained=bool(message.retain),
                    response_topic=getattr(properties, "ResponseTopic", None),
                    correlation=getattr(properties, "CorrelationData", None),
                )
            )
        except Exception:
            logger.exception("a message on %s could not be handled", message.topic)

    def _on_log(self, client: Any, userdata: Any, level: int, text: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:
            self.complaint = text
            logger.debug("%s", text)

    def _drop(self) -> None:
        self._opening = False
        if self._client.socket() is not None:
            self._client.disconnect()

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        self._reached = True
        super()._on_socket_open(client, userdata, sock)

    def _on_connect(
        self,
        client: Any,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.maximum_packet_size = getattr(
            properties, "MaximumPacketSize", self.maximum_packet_size
        )
        self.receive_maximum = getattr(properties, "ReceiveMaximum", self.receive_maximum)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure and not self._refusal_said:
            self._refusal_said = True
            logger.error("the broker refuses what we publish: %s", reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_disconnect(
        self,
        client: Any,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if self._opening:
            self._loop.call_soon_threadsafe(self._fail_opening)
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _fail_opening(self) -> None:
        if self._opening and not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("closed without an answer"))
