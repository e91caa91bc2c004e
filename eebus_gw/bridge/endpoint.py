"""Which broker, and with which credentials."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eebus_gw.errors import ConfigError
from eebus_gw.settings import MqttSettings, check_broker_url

PLAIN_PORT = 1883
TLS_PORT = 8883


class Protocol(Enum):
    """Which versions of MQTT are tried."""

    AUTO = "auto"
    V5 = "5"
    V311 = "3.1.1"


@dataclass(frozen=True, slots=True)
class Tls:
    """How the broker is checked and what we show it; without ``ca_file`` the system's list counts.

    ``server_name`` replaces the host name in the check. ``insecure`` accepts any certificate.
    """

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    insecure: bool = False

    def context(self) -> ssl.SSLContext:
        """A fresh context; reads the files, and raises ``ConfigError`` when one is unusable."""
        context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.server_name = self.server_name
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            if self.ca_file is not None:
                context.load_verify_locations(self.ca_file)
            else:
                context.load_default_certs()
            if self.certificate_file is not None:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"the certificates for the MQTT broker: {error}") from None
        return context


class _NamedContext(ssl.SSLContext):
    """Checks the certificate for ``server_name`` where one is given, not for the host."""

    server_name: str | None = None

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        if self.server_name is not None:
            options["server_hostname"] = self.server_name
        return super().wrap_socket(*args, **options)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and credentials of the broker; the password never appears in ``repr`` or in logs.

    ``password_file`` is read at each connection, so that a changed password needs no restart.
    """

    host: str
    port: int = PLAIN_PORT
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    tls: Tls | None = None
    protocol: Protocol = Protocol.AUTO
    keep_alive_s: int = 30

    def __post_init__(self) -> None:
        if not 5 <= self.keep_alive_s <= 300:
            raise ConfigError(f"mqtt.keep_alive_s = {self.keep_alive_s} must be 5 to 300")

    @property
    def authenticated(self) -> bool:
        """Whether we show the broker who we are; decides what may be asked for over MQTT."""
        with_certificate = self.tls is not None and self.tls.certificate_file is not None
        return self.username is not None or with_certificate

    @property
    def insecure(self) -> bool:
        """Whether anybody could pose as the broker in spite of TLS."""
        return self.tls is not None and self.tls.insecure

    def warnings(self) -> list[str]:
        """What the user ought to know about the safety of the connection, a sentence each."""
        found = []
        if self.insecure:
            found.append("mqtt.insecure: the broker's certificate is not verified")
        if not self.authenticated:
            found.append(
                f"{self.text} is used without credentials: whoever reaches it may command the devices"
            )
        return found

    @property
    def text(self) -> str:
        """The address for people, without credentials."""
        scheme = "mqtts" if self.tls else "mqtt"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    def secret(self) -> str | None:
        """The password, from the file if there is one; raises ``ConfigError`` if unreadable."""
        if self.password_file is None:
            return self.password
        try:
            return self.password_file.read_text().partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"mqtt.password_file {self.password_file}: {error}") from None


def parse_url(url: str) -> Endpoint:
    """The endpoint of ``mqtt[s]://[user@]host[:port]``; port 8883 means TLS with either scheme.

    Raises ``ConfigError`` for everything else, above all for a password: command lines and process
    lists are no place for one.
    """
    try:
        parts = urlsplit(check_broker_url(url))
    except ValueError as error:
        raise ConfigError(f"the MQTT URL: {error}", hint=_URL_HINT) from None
    port = parts.port
    secure = parts.scheme == "mqtts" or port == TLS_PORT
    default_port = TLS_PORT if secure else PLAIN_PORT
    return Endpoint(
        host=parts.hostname or "",
        port=port or default_port,
        username=parts.username,
        tls=Tls() if secure else None,
    )


def endpoint_from(settings: MqttSettings) -> Endpoint | None:
    """The broker of the configuration, ``None`` where there is none; raises ``ConfigError``."""
    if settings.url is None:
        return None
    endpoint = parse_url(settings.url)
    tls = endpoint.tls
    wanted = settings.ca_file or settings.certificate_file or settings.server_name
    if tls is None and wanted is not None:
        raise ConfigError(
            f"certificates are configured for the MQTT broker, but {endpoint.text} is not encrypted",
            hint="write mqtts:// in mqtt.url, or remove ca_file, certificate_file and server_name",
        )
    if tls is not None:
        tls = Tls(
            ca_file=settings.ca_file,
            certificate_file=settings.certificate_file,
            key_file=settings.key_file,
            server_name=settings.server_name,
            insecure=settings.insecure,
        )
    password = settings.password.get_secret_value() if settings.password is not None else None
    endpoint = replace(
        endpoint,
        username=settings.username or endpoint.username,
        password=password,
        password_file=settings.password_file,
        tls=tls,
        protocol=Protocol(settings.protocol),
        keep_alive_s=settings.keepalive_s,
    )
    if settings.require_auth and not endpoint.authenticated:
        raise ConfigError(
            "mqtt.require_auth is set, but there are neither credentials nor a client certificate"
        )
    return endpoint


_URL_HINT = (
    "Write mqtt://host:1883 or mqtts://host:8883, with user@ before the host if needed;"
    " the password goes into mqtt.password_file or EEBUS_GW_MQTT__PASSWORD."
)
