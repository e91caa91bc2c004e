"""One connection to the broker: the library's client, and what it leaves open."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.enums import LogLevel, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from eebus_gw.bridge.messages import Publication, Purpose, Received
from eebus_gw.bridge.sender import IN_FLIGHT

ACKNOWLEDGE_TIMEOUT_S = 30.0
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

logger = logging.getLogger(__name__)


class VersionUnsupported(aiomqtt.MqttError):
    """The broker does not speak this version, or does not answer to it."""


class MqttConnection(aiomqtt.Client):
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
        """Connects; raises ``VersionUnsupported`` when another version is worth a try."""
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
                raise VersionUnsupported("unsupported protocol version") from None
            raise
        except aiomqtt.MqttError:
            self._drop()
            if self._reached:
                raise VersionUnsupported("no answer to the attempt to connect") from None
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

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        """The library asks from other threads, too; by the time the loop comes to it the socket may be closed."""
        self._loop.call_soon_threadsafe(self._watch_for_room, sock)

    def _watch_for_room(self, sock: Any) -> None:
        if sock.fileno() != -1:
            self._loop.add_writer(sock.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

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
