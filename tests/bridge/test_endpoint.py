from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from eebus_gw.bridge.endpoint import Endpoint, Protocol, Tls, endpoint_from, parse_url
from eebus_gw.errors import ConfigError
from eebus_gw.settings import MqttSettings


@pytest.mark.parametrize(
    ("url", "host", "port", "username", "secure"),
    [
        ("mqtt://broker", "broker", 1883, None, False),
        ("broker", "broker", 1883, None, False),
        ("broker:1884", "broker", 1884, None, False),
        ("mqtt://user@broker:1884/", "broker", 1884, "user", False),
        ("mqtts://broker", "broker", 8883, None, True),
        ("mqtts://broker:8884", "broker", 8884, None, True),
        ("mqtt://broker:8883", "broker", 8883, None, True),
        ("mqtt://[fd00::1]:1883", "fd00::1", 1883, None, False),
    ],
)
def test_urls(url: str, host: str, port: int, username: str | None, secure: bool) -> None:
    endpoint = parse_url(url)
    assert (endpoint.host, endpoint.port, endpoint.username) == (host, port, username)
    assert (endpoint.tls is not None) is secure


@pytest.mark.parametrize(
    "url",
    ["", "mqtt://", "http://broker", "mqtt://broker:port", "mqtt://broker/base", "mqtt://broker?x"],
)
def test_unusable_urls(url: str) -> None:
    with pytest.raises(ConfigError, match="MQTT URL"):
        parse_url(url)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_url("mqtt://user:hunter2@broker")
    assert caught.value.exit_code == 2
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert "password_file" in caught.value.hint


def test_passwords_never_show() -> None:
    endpoint = Endpoint("broker", username="user", password="hunter2")
    assert "hunter2" not in f"{endpoint!r} {endpoint} {endpoint.text}"
    assert endpoint.secret() == "hunter2"


def test_the_password_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "password"
    endpoint = Endpoint("broker", username="user", password_file=file)
    with pytest.raises(ConfigError, match="password_file"):
        endpoint.secret()
    file.write_text("one\n")
    assert endpoint.secret() == "one"
    file.write_text("two\n")
    assert endpoint.secret() == "two"


def test_address_for_people() -> None:
    assert parse_url("mqtts://user@[fd00::1]").text == "mqtts://[fd00::1]:8883"


def test_authenticated_means_a_name_or_a_certificate(tmp_path: Path) -> None:
    assert not parse_url("mqtt://broker").authenticated
    assert parse_url("mqtt://user@broker").authenticated
    assert not parse_url("mqtts://broker").authenticated
    assert Endpoint("broker", tls=Tls(certificate_file=tmp_path / "c")).authenticated


@pytest.mark.parametrize("seconds", [4, 301])
def test_keep_alive_has_bounds(seconds: int) -> None:
    with pytest.raises(ConfigError, match="keep_alive_s"):
        Endpoint("broker", keep_alive_s=seconds)


def test_certificates_are_checked_unless_told_otherwise() -> None:
    strict = Tls().context()
    assert strict.verify_mode is ssl.CERT_REQUIRED
    assert strict.check_hostname
    open_context = Tls(insecure=True).context()
    assert open_context.verify_mode is ssl.CERT_NONE
    assert not open_context.check_hostname


def test_what_is_not_safe_about_a_connection_is_said() -> None:
    plain = Endpoint("broker.example")
    assert ["without credentials" in warning for warning in plain.warnings()] == [True]
    assert replace(plain, username="eebus", tls=Tls()).warnings() == []
    open_door = replace(plain, username="eebus", tls=Tls(insecure=True))
    assert ["not verified" in warning for warning in open_door.warnings()] == [True]


def test_missing_certificate_files_are_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="certificates"):
        Tls(ca_file=tmp_path / "missing").context()


def test_endpoint_of_the_configuration() -> None:
    assert endpoint_from(MqttSettings()) is None
    endpoint = endpoint_from(
        MqttSettings.model_validate(
            {
                "url": "mqtts://broker",
                "username": "user",
                "password": "hunter2",
                "server_name": "broker.test",
                "protocol": "3.1.1",
                "keepalive_s": 60,
            }
        )
    )
    assert endpoint is not None
    assert (endpoint.port, endpoint.username, endpoint.secret()) == (8883, "user", "hunter2")
    assert (endpoint.protocol, endpoint.keep_alive_s) == (Protocol.V311, 60)
    assert endpoint.tls == Tls(server_name="broker.test")


def test_required_credentials() -> None:
    settings = {"url": "mqtt://broker", "require_auth": True}
    with pytest.raises(ConfigError, match="require_auth"):
        endpoint_from(MqttSettings.model_validate(settings))
    assert endpoint_from(MqttSettings.model_validate({**settings, "username": "user"}))
