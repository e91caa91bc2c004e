"""The broker connection against a real Mosquitto, in both versions of MQTT."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from eebus_gw.bridge.broker import Backoff
from eebus_gw.bridge.client import MqttBroker
from eebus_gw.bridge.endpoint import Endpoint, Protocol, Tls
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.outbox import METER, RESULT, STATE, Outbox
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import SystemClock
from eebus_gw.errors import ConnectFailed
from tests.support.broker import Mosquitto, free_port
from tests.support.waiting import until

BOTH_VERSIONS = pytest.mark.parametrize("protocol", [Protocol.V5, Protocol.V311])


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


class Gateway:
    """A running ``MqttBroker`` with its outbox and all that it received."""

    def __init__(self, port: int, **options: Any) -> None:
        self.clock = SystemClock()
        self.outbox = Outbox()
        self.received: list[Received] = []
        self.changes: list[bool] = []
        self.fault = False
        """Whether the next message meets an error."""
        self.broker = MqttBroker(
            Endpoint("127.0.0.1", port, **options),
            client_id="eebus-gw-test",
            state_topic="eebus/bridge/state",
            subscriptions=Topics().subscriptions(),
            outbox=self.outbox,
            received=self._receive,
            changed=self.changes.append,
            clock=self.clock,
            random=lambda: 0.0,
        )
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Gateway:
        self.task = asyncio.create_task(self.broker.run())
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.broker.stop()
        assert self.task is not None
        await self.task

    def _receive(self, message: Received) -> None:
        if self.fault:
            self.fault = False
            raise RuntimeError("an error of ours")
        self.received.append(message)

    def put(self, topic: str, content: Any) -> None:
        self.outbox.put(topic, content, STATE, self.clock.now())

    async def connected(self) -> None:
        await until(lambda: self.broker.status.connected)


@asynccontextmanager
async def observer(port: int, *topics: str, **options: Any) -> AsyncIterator[Observer]:
    """Another client that notes what the broker delivers on ``topics``."""
    options.setdefault("protocol", aiomqtt.ProtocolVersion.V5)
    async with aiomqtt.Client("127.0.0.1", port, **options) as client:
        watching = Observer(client)
        reading = asyncio.create_task(watching.read())
        for topic in topics:
            await client.subscribe(topic, qos=1)
        try:
            yield watching
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class Observer:
    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.messages: list[aiomqtt.Message] = []

    async def read(self) -> None:
        async for message in self.client.messages:
            self.messages.append(message)

    def on(self, topic: str) -> list[bytes]:
        return [bytes(m.payload) for m in self.messages if m.topic.value == topic]

    async def see(self, topic: str, payload: bytes) -> None:
        await until(lambda: payload in self.on(topic))


def pour(port: int, topic: str, payloads: list[bytes]) -> None:
    """Publishes at once while nothing else runs here, so that all of it lies ready to be read."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    *most, last = payloads
    for payload in most:
        client.publish(topic, payload)
    client.publish(topic, last, qos=1).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


async def test_being_online_is_said_again_with_the_refreshed_state(mosquitto: Mosquitto) -> None:
    """For a reader whose queue at the broker was full when it was said first."""
    async with observer(mosquitto.port, "eebus/#") as watching:
        gateway = Gateway(mosquitto.port)
        gateway.outbox.refresh_s = 0.05
        gateway.put("eebus/carport/ev", {"connected": True})
        async with gateway:
            await until(lambda: watching.on("eebus/bridge/state").count(b"online") > 2)
            await until(lambda: len(watching.on("eebus/carport/ev")) > 2)
        await watching.see("eebus/bridge/state", b"offline")
        assert watching.on("eebus/bridge/state")[-1] == b"offline"


@BOTH_VERSIONS
async def test_birth_comes_after_all_retained_state(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with observer(mosquitto.port, "eebus/#") as watching:
        gateway = Gateway(mosquitto.port, protocol=protocol)
        for number in range(100):
            gateway.put(f"eebus/box-{number}/ev", {"connected": False})
        gateway.outbox.put("eebus/box-0/meter", {"power_w": 0}, METER, gateway.clock.now())
        async with gateway:
            await watching.see("eebus/bridge/state", b"online")
            topics = [message.topic.value for message in watching.messages]
            assert topics.index("eebus/bridge/state") == 101
            assert gateway.broker.status.protocol == protocol.value
        await watching.see("eebus/bridge/state", b"offline")
        assert watching.on("eebus/bridge/state") == [b"online", b"offline"]


@BOTH_VERSIONS
async def test_retain_and_quality_of_service_on_the_wire(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with Gateway(mosquitto.port, protocol=protocol) as gateway:
        gateway.put("eebus/carport/ev", {"connected": True})
        gateway.outbox.put("eebus/carport/meter", {"power_w": 1}, METER, gateway.clock.now())
        async with observer(mosquitto.port, "eebus/#") as live:
            gateway.outbox.send("eebus/carport/result", {"state": "applied"}, RESULT)
            await live.see("eebus/carport/result", b'{"state":"applied"}')
            result = next(m for m in live.messages if m.topic.value == "eebus/carport/result")
            assert (result.qos, result.retain) == (1, False)
            # The birth comes last of all; a later observer finds it retained only once it is there.
            await live.see("eebus/bridge/state", b"online")
        async with observer(mosquitto.port, "eebus/#") as later:
            await until(lambda: len(later.messages) == 3)
            found = {m.topic.value: (m.qos, m.retain) for m in later.messages}
            assert found == {
                "eebus/carport/ev": (1, True),
                "eebus/carport/meter": (0, True),
                "eebus/bridge/state": (1, True),
            }


@BOTH_VERSIONS
async def test_the_will_says_offline_when_the_gateway_dies(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with (
        Relay(mosquitto.port) as relay,
        observer(mosquitto.port, "eebus/#") as watching,
        Gateway(relay.port, protocol=protocol) as gateway,
    ):
        await watching.see("eebus/bridge/state", b"online")
        relay.open_for_new = False
        relay.cut()
        await watching.see("eebus/bridge/state", b"offline")
        await until(lambda: not gateway.broker.status.connected)
        assert gateway.changes == [True, False]


@BOTH_VERSIONS
async def test_commands_arrive_on_every_kind_of_topic(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    topics = [
        "eebus/carport/set",
        "eebus/carport/set/max_current_a",
        "eebus/grid/set",
        "eebus/grid/meter/set",
        "eebus/bridge/request/pairing/open",
        "homeassistant/status",
    ]
    async with (
        observer(mosquitto.port, "eebus/bridge/state") as sender,
        Gateway(mosquitto.port, protocol=protocol) as gateway,
    ):
        await sender.see("eebus/bridge/state", b"online")
        for topic in topics:
            await sender.client.publish(topic, "6", qos=1)
        await until(lambda: len(gateway.received) >= len(topics))
        assert gateway.received == [Received(topic, b"6") for topic in topics]


async def test_a_burst_drowns_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """More at once than any queue holds, and the command behind it arrives all the same."""
    with Mosquitto(tmp_path, settings=["max_queued_messages 0"]) as mosquitto:
        async with Gateway(mosquitto.port) as gateway:
            async with observer(mosquitto.port, "eebus/bridge/state") as watching:
                await watching.see("eebus/bridge/state", b"online")
            pour(mosquitto.port, "eebus/carport/set", [b"nonsense"] * 5_000 + [b"the command"])
            await until(lambda: bool(gateway.received) and gateway.received[-1].payload[:1] == b"t")
            assert len(gateway.received) == 5_001
    assert not caplog.records


async def test_a_message_that_cannot_be_handled_is_reported_and_the_next_one_arrives(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with Gateway(mosquitto.port) as gateway, observer(mosquitto.port, "eebus/#") as sender:
        gateway.fault = True
        await sender.see("eebus/bridge/state", b"online")
        await sender.client.publish("eebus/carport/set", b"first", qos=1)
        await until(lambda: not gateway.fault)
        await sender.client.publish("eebus/carport/set", b"second", qos=1)
        await until(lambda: [m.payload for m in gateway.received] == [b"second"])
        assert gateway.broker.status.connections == 1
    assert "eebus/carport/set could not be handled" in caplog.text


async def test_response_topic_and_correlation_data_arrive_and_return(mosquitto: Mosquitto) -> None:
    async with (
        observer(mosquitto.port, "eebus/bridge/state", "eebus-client/answer") as sender,
        Gateway(mosquitto.port) as gateway,
    ):
        await sender.see("eebus/bridge/state", b"online")
        properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic = "eebus-client/answer"
        properties.CorrelationData = b"\x00\x01"
        await sender.client.publish(
            "eebus/bridge/request/health", "{}", qos=1, properties=properties
        )
        await until(lambda: bool(gateway.received))
        (message,) = gateway.received
        assert message.response_topic == "eebus-client/answer"
        assert message.correlation == b"\x00\x01"
        gateway.outbox.send("eebus-client/answer", {}, RESULT, correlation=message.correlation)
        await sender.see("eebus-client/answer", b"{}")
        assert getattr(sender.messages[-1].properties, "CorrelationData", None) == b"\x00\x01"


async def test_retained_commands_with_mqtt_5_are_not_delivered(mosquitto: Mosquitto) -> None:
    """Retain Handling 2: what lay there before is not sent at subscribe."""
    async with observer(mosquitto.port, "eebus/bridge/state") as sender:
        await sender.client.publish("eebus/carport/set", "{}", qos=1, retain=True)
        async with Gateway(mosquitto.port, protocol=Protocol.V5) as gateway:
            await sender.see("eebus/bridge/state", b"online")
            await sender.client.publish("eebus/carport/set/lpc", "1", qos=1, retain=True)
            await until(lambda: bool(gateway.received))
            assert gateway.received == [Received("eebus/carport/set/lpc", b"1", retained=False)]


async def test_retained_commands_with_mqtt_311_are_marked_and_can_be_cleared(
    mosquitto: Mosquitto,
) -> None:
    async with observer(mosquitto.port, "eebus/bridge/state") as sender:
        await sender.client.publish("eebus/carport/set", "{}", qos=1, retain=True)
        async with Gateway(mosquitto.port, protocol=Protocol.V311) as gateway:
            await until(lambda: bool(gateway.received))
            assert gateway.received == [Received("eebus/carport/set", b"{}", retained=True)]
            gateway.outbox.clear_foreign("eebus/carport/set")
            await until(lambda: len(gateway.received) == 2)
            assert gateway.received[1] == Received("eebus/carport/set", b"", retained=False)
        async with observer(mosquitto.port, "eebus/carport/set", "eebus/bridge/state") as later:
            await later.see("eebus/bridge/state", b"offline")
            assert later.on("eebus/carport/set") == []


async def test_the_clearing_does_not_come_back_with_mqtt_5(mosquitto: Mosquitto) -> None:
    async with (
        observer(mosquitto.port, "eebus/#") as watching,
        Gateway(mosquitto.port, protocol=Protocol.V5) as gateway,
    ):
        gateway.outbox.clear_foreign("eebus/carport/set")
        await watching.see("eebus/carport/set", b"")
        await watching.client.publish("eebus/grid/set", "x", qos=1)
        await until(lambda: bool(gateway.received))
        assert [message.topic for message in gateway.received] == ["eebus/grid/set"]


@BOTH_VERSIONS
async def test_everything_is_published_again_after_a_restart(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with Gateway(mosquitto.port, protocol=protocol) as gateway:
        gateway.put("eebus/carport/ev", {"connected": True})
        gateway.put("eebus/carport/info", {"brand": "x"})
        await gateway.connected()
        mosquitto.kill()
        await until(lambda: not gateway.broker.status.connected)
        gateway.put("eebus/carport/ev", {"connected": False})
        gateway.outbox.send("eebus/carport/result", {"n": 1}, RESULT)
        gateway.outbox.send("eebus/carport/result", {"n": 2}, RESULT)
        mosquitto.start()
        async with observer(mosquitto.port, "eebus/#") as watching:
            await watching.see("eebus/bridge/state", b"online")
            assert watching.on("eebus/carport/ev") == [b'{"connected":false}']
            assert watching.on("eebus/carport/info") == [b'{"brand":"x"}']
            seen = watching.on("eebus/carport/result")
            assert [b'{"n":1}', b'{"n":2}'][2 - len(seen) :] == seen
        assert gateway.broker.status.reconnects == 1
        assert gateway.outbox.queued == 0


@pytest.mark.parametrize(("receive_maximum", "in_flight"), [(100, 32), (20, 20)])
async def test_what_was_not_acknowledged_goes_again(
    tmp_path: Path, receive_maximum: int, in_flight: int
) -> None:
    with Mosquitto(tmp_path, settings=[f"max_inflight_messages {receive_maximum}"]) as broker:
        async with (
            Relay(broker.port) as relay,
            observer(broker.port, "eebus/#") as watching,
            Gateway(relay.port) as gateway,
        ):
            await watching.see("eebus/bridge/state", b"online")
            relay.mute = True
            for number in range(50):
                gateway.outbox.send("eebus/carport/result", number, RESULT)
            await watching.see("eebus/carport/result", b"%d" % (in_flight - 1))
            assert gateway.outbox.queued == 50 - in_flight
            relay.mute = False
            relay.cut()
            await watching.see("eebus/carport/result", b"49")
            seen = watching.on("eebus/carport/result")
            assert seen == [b"%d" % n for n in [*range(in_flight), *range(50)]]


async def test_a_stalled_broker_does_not_slow_us_and_keeps_only_the_newest(
    mosquitto: Mosquitto,
) -> None:
    async with (
        observer(mosquitto.port, "eebus/carport/#") as watching,
        Gateway(mosquitto.port) as gateway,
    ):
        gateway.put("eebus/carport/0", 0)
        await watching.see("eebus/carport/0", b"0")
        mosquitto.freeze()
        for number in range(1, 5_001):
            gateway.put(f"eebus/carport/{number % 100}", number)
            if number % 50 == 0:
                await asyncio.sleep(0)
        assert gateway.outbox.queued <= 100
        mosquitto.thaw()
        await watching.see("eebus/carport/0", b"5000")
        await watching.see("eebus/carport/99", b"4999")
        assert len(watching.messages) < 500


async def test_starts_without_a_broker_and_connects_when_it_comes(tmp_path: Path) -> None:
    late = Mosquitto(tmp_path)
    async with Gateway(late.port) as gateway:
        await until(lambda: gateway.broker.status.last_error is not None)
        assert not gateway.broker.status.connected
        assert gateway.broker.status.last_error == "Connection refused"
        with pytest.raises(ConnectFailed, match=r"^Connection refused$"):
            await gateway.broker.probe()
        with late:
            await gateway.connected()
            assert gateway.broker.status.reconnects == 0


async def test_stop_returns_soon_without_a_broker() -> None:
    async with asyncio.timeout(5):
        async with Gateway(free_port()) as gateway:
            await until(lambda: gateway.broker.status.last_error is not None)


async def test_stop_returns_soon_with_a_stalled_broker(mosquitto: Mosquitto) -> None:
    gateway = Gateway(mosquitto.port)
    async with gateway:
        await gateway.connected()
        mosquitto.freeze()
        gateway.put("eebus/carport/ev", 1)
        started = gateway.clock.now()
    assert gateway.clock.now() - started < 15


async def test_cancelling_says_offline(mosquitto: Mosquitto) -> None:
    async with observer(mosquitto.port, "eebus/bridge/state") as watching:
        gateway = Gateway(mosquitto.port)
        task = asyncio.create_task(gateway.broker.run())
        await watching.see("eebus/bridge/state", b"online")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watching.see("eebus/bridge/state", b"offline")


@pytest.mark.parametrize("manner", ["v5 reason code", "v3 return code", "silence", "close"])
async def test_falls_back_to_311(
    mosquitto: Mosquitto, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eebus_gw.bridge.client.CONNACK_TIMEOUT_S", 0.5)
    async with Relay(mosquitto.port, refuse_5=manner) as relay, Gateway(relay.port) as gateway:
        await gateway.connected()
        assert gateway.broker.status.protocol == "3.1.1"


async def test_prefers_mqtt_5(mosquitto: Mosquitto) -> None:
    async with Gateway(mosquitto.port) as gateway:
        await gateway.connected()
        assert gateway.broker.status.protocol == "5"


@BOTH_VERSIONS
async def test_wrong_credentials_are_reported_without_the_password(
    tmp_path: Path, protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    caplog.set_level(logging.DEBUG)
    with Mosquitto(tmp_path, settings=[f"password_file {passwords}"]) as closed:
        options = {"username": "user", "password": "hunter2", "protocol": protocol}
        async with Gateway(closed.port, **options) as gateway:
            await until(lambda: gateway.broker.status.last_error is not None)
            assert "uthori" in str(gateway.broker.status.last_error)
    assert "hunter2" not in caplog.text


async def test_maximum_packet_size_is_respected(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, settings=["max_packet_size 1000"]) as small:
        async with (
            observer(small.port, "eebus/#") as watching,
            Gateway(small.port, protocol=Protocol.V5) as gateway,
        ):
            gateway.put("eebus/carport/info", "x" * 2000)
            gateway.put("eebus/carport/ev", "y" * 800)
            await watching.see("eebus/carport/ev", b"y" * 800)
            await watching.see("eebus/bridge/state", b"online")
            assert watching.on("eebus/carport/info") == []
            assert gateway.broker.status.dropped == 1
            assert gateway.broker.status.connected


@BOTH_VERSIONS
async def test_a_refused_subscription_is_said_and_the_rest_goes_on(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with (
        Relay(mosquitto.port, refuse_subscription=True) as relay,
        observer(mosquitto.port, "eebus/#") as watching,
        Gateway(relay.port, protocol=protocol) as gateway,
    ):
        await watching.see("eebus/bridge/state", b"online")
        refused = "subscription to homeassistant/status refused"
        assert gateway.broker.status.last_error == refused


async def test_a_refused_publish_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite eebus/bridge/#\n")
    with Mosquitto(tmp_path, settings=[f"acl_file {rules}"]) as strict:
        async with Gateway(strict.port, protocol=Protocol.V5) as gateway:
            gateway.put("eebus/carport/ev", 1)
            await until(lambda: "refuses what we publish" in caplog.text)
            assert gateway.broker.status.connected


async def test_a_second_client_with_our_id_is_named_as_the_cause(mosquitto: Mosquitto) -> None:
    async with (
        Relay(mosquitto.port) as relay,
        observer(mosquitto.port, "eebus/bridge/state") as watching,
        Gateway(relay.port, protocol=Protocol.V5) as gateway,
    ):
        await watching.see("eebus/bridge/state", b"online")
        # MQTT 5, 3.14: DISCONNECT with reason 0x8E, session taken over.
        relay.inject(b"\xe0\x01\x8e")
        await until(lambda: not gateway.broker.status.connected)
        expected = "another client uses the client id eebus-gw-test"
        assert gateway.broker.status.last_error == expected


async def test_a_connection_that_ends_once_without_a_reason_raises_no_suspicion(
    mosquitto: Mosquitto,
) -> None:
    async with Relay(mosquitto.port) as relay, Gateway(relay.port) as gateway:
        await until(lambda: gateway.broker.status.connected)
        relay.cut()
        await until(lambda: not gateway.broker.status.connected)
        assert gateway.broker.status.last_error == "it ended the connection without a reason"


async def test_connections_that_keep_ending_soon_raise_a_suspicion(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eebus_gw.bridge.broker.SHORTEST_PAUSE_S", 0.01)
    async with Relay(mosquitto.port) as relay, Gateway(relay.port) as gateway:
        for number in (1, 2, 3):
            await until(lambda: gateway.broker.status.connections == number)  # noqa: B023
            assert "keeps ending our connections" not in caplog.text
            relay.cut()
        expected = "keeps ending our connections; does another client use the id eebus-gw-test?"
        await until(lambda: expected in caplog.text)


async def test_a_connection_that_ends_while_subscribing_is_noticed_at_once(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eebus_gw.bridge.broker.SHORTEST_PAUSE_S", 0.01)
    monkeypatch.setattr("eebus_gw.bridge.client.ACKNOWLEDGE_TIMEOUT_S", 3_600.0)
    async with (
        Relay(mosquitto.port, swallow_subscription=True) as relay,
        Gateway(relay.port) as gateway,
    ):
        await until(lambda: gateway.broker.status.connections == 1)
        relay.cut()
        await until(lambda: gateway.broker.status.connections == 2)


class Certificates:
    """A certificate of its own authority for the name ``broker.test``."""

    def __init__(self, directory: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.test")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("broker.test")]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        self.certificate = directory / "broker.crt"
        self.key = directory / "broker.key"
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def settings(self) -> list[str]:
        return [
            f"certfile {self.certificate}",
            f"keyfile {self.key}",
            f"cafile {self.certificate}",
            "require_certificate true",
        ]


async def test_tls(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    own: dict[str, Any] = {"certificate_file": files.certificate, "key_file": files.key}
    good = [
        Tls(ca_file=files.certificate, server_name="broker.test", **own),
        Tls(insecure=True, **own),
    ]
    bad = [
        Tls(ca_file=files.certificate, **own),
        Tls(server_name="broker.test", **own),
        Tls(ca_file=files.certificate, server_name="broker.test"),
    ]
    with Mosquitto(tmp_path, settings=files.settings()) as broker:
        for tls in good:
            async with Gateway(broker.port, tls=tls) as gateway:
                await gateway.connected()
                assert gateway.broker.status.insecure is tls.insecure
        for tls in bad:
            async with Gateway(broker.port, tls=tls) as gateway:
                await until(lambda: gateway.broker.status.last_error is not None)
                assert not gateway.broker.status.connected


def test_back_off_doubles_from_one_to_sixty_seconds_with_a_fifth_of_jitter() -> None:
    low, high = Backoff(lambda: 0.0), Backoff(lambda: 1.0)
    assert [round(low.next_s(), 3) for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 48, 48]
    assert [round(high.next_s(), 3) for _ in range(8)] == [1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 72, 72]
    middle = Backoff(random.Random(1).random)
    middle.next_s()
    middle.reset()
    assert 0.8 <= middle.next_s() <= 1.2


class Relay:
    """A TCP relay in front of the broker, with faults.

    ``refuse_5`` is how it answers a CONNECT of MQTT 5, ``refuse_subscription`` lets the last topic
    of each SUBSCRIBE fail, ``swallow_subscription`` leaves them unanswered. ``mute`` keeps all of the broker's
    answers back.
    """

    def __init__(
        self,
        target: int,
        *,
        refuse_5: str | None = None,
        refuse_subscription: bool = False,
        swallow_subscription: bool = False,
    ) -> None:
        self._refuse_subscription = refuse_subscription
        self._swallow_subscription = swallow_subscription
        self.port = free_port()
        self.mute = False
        self.open_for_new = True
        self._target = target
        self._refuse_5 = refuse_5
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Breaks every connection at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._clients.clear()

    def inject(self, packet: bytes) -> None:
        """Sends ``packet`` to every client as if the broker had."""
        for writer in self._clients:
            writer.write(packet)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self._clients.add(writer)
        first = await reader.read(4096)
        # MQTT 3.1.2.2: the protocol level follows the six bytes of the protocol name.
        level = first[first.index(b"\x00\x04MQTT") + 6] if b"\x00\x04MQTT" in first else 0
        if not self.open_for_new or (level == 5 and await self._refused(writer)):
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.add(upstream_writer)
        upstream_writer.write(first)
        await asyncio.gather(
            self._pump(reader, upstream_writer, answers=False),
            self._pump(upstream_reader, writer, answers=True),
        )

    async def _refused(self, writer: asyncio.StreamWriter) -> bool:
        match self._refuse_5:
            case None:
                return False
            case "v5 reason code":
                writer.write(b"\x20\x03\x00\x84\x00")
            case "v3 return code":
                writer.write(b"\x20\x02\x00\x01")
            case "silence":
                await asyncio.sleep(30)
            case _:
                return True
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        return True

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while data := await reader.read(65536):
                if answers and self._refuse_subscription and data[0] == 0x90:
                    # MQTT 3.9: the SUBACK ends in one code per topic.
                    data = data[:-1] + b"\x87"
                if answers and self._swallow_subscription and data[0] == 0x90:
                    continue
                if not (answers and self.mute):
                    writer.write(data)
        except ConnectionError:
            pass
        writer.transport.abort()


@BOTH_VERSIONS
async def test_a_broker_that_hangs_gives_no_sign_of_life(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    """Contract §3: setpoints end 65 s after the broker was heard last, not after its silence was noticed."""
    async with Gateway(mosquitto.port, protocol=protocol) as gateway:
        await gateway.connected()
        status, first = gateway.broker.status, gateway.broker.status.heard_at
        gateway.put("eebus/carport/ev", {"soc_percent": 50})
        await until(lambda: status.heard_at > first)
        mosquitto.freeze()
        last = status.heard_at
        try:
            gateway.put("eebus/carport/ev", {"soc_percent": 51})
            for watts in range(50):
                gateway.outbox.put("eebus/carport/meter", watts, METER, gateway.clock.now())
                await asyncio.sleep(0)
            await until(lambda: not gateway.outbox.queued)
            assert status.connected
            assert status.heard_at == last
        finally:
            mosquitto.thaw()
        await until(lambda: status.heard_at > last)
