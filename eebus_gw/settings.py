"""The settings there are: sections, units, ranges, defaults; each description is the help text."""

from __future__ import annotations

import math
import re
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from eebus_gw.device_ids import PATTERN

BASE = "base"
"""Key of the validation context that holds the directory of the configuration file."""


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    value = value.expanduser()
    if value.is_absolute():
        return value
    base = (info.context or {}).get(BASE)
    if base is None:
        raise ValueError("a relative path needs a configuration file to start from")
    return Path(base) / value


def _topic(value: str) -> str:
    if not value or value != value.strip("/") or re.search(r"[+#\x00]", value):
        raise ValueError("no wildcards, no '/' at either end, not empty")
    return value


def _levels(value: Any) -> Any:
    if isinstance(value, str):
        return dict(part.strip().split("=", 1) for part in value.split(",") if "=" in part)
    return value


Names = Annotated[list[str], BeforeValidator(_split)]
FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
Topic = Annotated[str, AfterValidator(_topic)]
Port = Annotated[int, Field(ge=0, le=65535)]
Watts = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100)]
Level = Literal["debug", "info", "warning", "error"]
DeviceId = Annotated[str, Field(pattern=f"^{PATTERN}$")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FeedIn(StrEnum):
    FORBIDDEN = "forbidden"
    ALLOWED = "allowed"


class GatewaySettings(Section):
    """What this gateway calls itself."""

    id: DeviceId | None = None
    """Name in MQTT and Home Assistant ids; default: from the SHIP ID. Never changed later."""
    alias: str = "eebus-gw"
    """Name shown to people."""


class ShipSettings(Section):
    """The local network."""

    port: Port = 4712
    """TCP port for wallboxes; 0 takes a free one."""
    grid_port: Port = 4713
    """TCP port for the control box."""
    interfaces: Names = []
    """Network interfaces to find and announce on; empty: all that are up, but those of containers."""
    mdns: bool = True
    """Announce and browse; without it peers need a static address."""
    double_connection: Literal["initiator", "newest"] = "initiator"
    """Which of two connections to one peer survives."""
    tls_1_3: bool = False
    """Offer TLS 1.3 besides 1.2."""
    small_records: bool = False
    """Send TLS records of at most 1024 bytes, for constrained peers."""
    max_message_bytes: Annotated[int, Field(ge=16_384, le=4_194_304)] = 262_144
    """Larger incoming messages end the connection."""


class MqttSettings(Section):
    """The broker."""

    url: str | None = None
    """mqtt://host[:port] or mqtts://host[:port]; without it no MQTT. Never holds the password."""
    username: str | None = None
    """User name at the broker."""
    password: SecretStr | None = None
    """Password; better in password_file or EEBUS_GW_MQTT__PASSWORD."""
    password_file: FilePath | None = None
    """File whose first line is the password."""
    client_id: str | None = None
    """Default: eebus-gw-<gateway id>."""
    base_topic: Topic = "eebus"
    """First part of every topic."""
    keepalive_s: Annotated[int, Field(ge=5, le=300)] = 30
    """Keep-alive interval."""
    refresh_s: Annotated[int, Field(ge=0, le=3600)] = 30
    """Unchanged state is published again after this time; 0: only changes."""
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """MQTT version; auto tries 5 first."""
    ca_file: FilePath | None = None
    """CA certificates that the broker's certificate must lead to; default: those of the system."""
    certificate_file: FilePath | None = None
    """Client certificate for the broker."""
    key_file: FilePath | None = None
    """Key of the client certificate."""
    server_name: str | None = None
    """Expected name in the broker's certificate where it differs from the host."""
    insecure: bool = False
    """Do not verify the broker's certificate."""
    require_auth: bool = False
    """Refuse to start without broker credentials."""
    allow_pairing: bool | None = None
    """Trust changes over MQTT; default: only on an authenticated connection."""
    response_prefixes: Names = ["eebus-client"]
    """Topics below which a requester may want its answer, besides the base topic."""
    log: bool = False
    """Publish log lines on <base>/bridge/log."""

    @field_validator("url")
    @classmethod
    def _broker_url(cls, value: str | None) -> str | None:
        return None if not value else check_broker_url(value)

    @model_validator(mode="after")
    def _certificate_with_key(self) -> MqttSettings:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")
        if self.password is not None and self.password_file is not None:
            raise ValueError("give either password or password_file")
        return self


class HomeAssistantSettings(Section):
    """Discovery documents for Home Assistant."""

    enabled: bool = True
    """Publish discovery documents."""
    prefix: Topic = "homeassistant"
    """Discovery prefix."""


class ProfileSettings(Section):
    """Additional topics for energy managers."""

    evcc: bool = False
    """Scalar topics for evcc's custom charger."""
    openwb: bool = False
    """Topics with openWB's names."""


class SiteSettings(Section):
    """The grid connection and what wallboxes may do with it."""

    feed_in: FeedIn | Watts = FeedIn.FORBIDDEN
    """forbidden: discharging never exceeds the house's own load; or a limit in W; or allowed."""
    limit_w: Watts | None = None
    """Own limit for all wallboxes together, W."""
    limit_basis: Literal["controlled", "meter"] = "controlled"
    """controlled: a grid limit holds for the wallboxes; meter: for the metered connection."""
    policy: Literal["equal", "priority", "demand"] = "equal"
    """How a limit is shared: evenly, by devices.<id>.priority first, or in proportion to demand."""
    rotation_s: Annotated[int, Field(ge=60, le=86_400)] = 900
    """Wallboxes that got nothing take turns after this time."""
    reserved_w: Watts = 0
    """Share of controlled devices that are not managed here, W."""
    failsafe_w: Watts = 4200
    """Consumption limit while the control box is silent, W."""
    failsafe_duration_s: Annotated[int, Field(ge=7200, le=86_400)] = 7200
    """Minimum stay in the failsafe state, 2 to 24 hours."""
    failsafe_production_w: Watts = 0
    """Production limit while the control box is silent, W."""
    failsafe_stay: bool = True
    """Keep the failsafe limit for as long as the control box is silent, also after the duration."""
    contractual_consumption_w: Watts | None = None
    """Contracted power of the grid connection, W."""
    contractual_production_w: Watts | None = None
    """Contracted feed-in power, W."""
    nominal_consumption_w: Watts | None = None
    """Largest power that the controlled devices can draw together, W; published only."""
    nominal_production_w: Watts | None = None
    """Nominal generation power, W; what evcc's curtailed percent relates to."""
    voltage_v: Annotated[float, Field(ge=100, le=300)] = 230
    """Phase voltage, V, with which limits are converted between A and W where none is measured."""

    @field_validator("feed_in", mode="before")
    @classmethod
    def _number_or_word(cls, value: Any) -> Any:
        if isinstance(value, str) and value in set(FeedIn):
            return value
        try:
            watts = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            watts = math.nan
        if not 0 <= watts < math.inf:
            raise ValueError("expected forbidden, allowed or a limit in W")
        return watts


class DriverSettings(Section):
    """What the driver wants where the car does not say it."""

    min_soc_percent: Percent = 30
    """Never discharge below this state of charge, %."""
    target_soc_percent: Percent = 80
    """State of charge wanted at departure, %."""
    departure: time | None = None
    """Daily local time of departure, HH:MM."""
    discharge_permitted: bool = False
    """Permit discharging where the car sends no permission of its own."""

    @model_validator(mode="after")
    def _minimum_below_target(self) -> DriverSettings:
        if self.min_soc_percent > self.target_soc_percent:
            raise ValueError("min_soc_percent lies above target_soc_percent")
        return self


class DeviceSettings(Section):
    """One paired device, by its id."""

    priority: Annotated[int, Field(ge=0, le=100)] = 50
    """Higher is served first when a limit is shared."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1
    """Share of what remains after the minimum currents."""
    bidirectional: Literal["dry_run", "on"] | None = None
    """dry_run: setpoints are only published. Default: on for simulated and known models."""
    discharge_budget_kwh_per_day: Annotated[float, Field(ge=0, le=1000)] = 20
    """Energy that may be discharged per day, kWh."""
    reversals_per_hour: Annotated[int, Field(ge=0, le=3600)] = 12
    """Changes of direction per hour."""
    min_current_a: Annotated[float, Field(ge=0, le=32)] | None = None
    """Smallest charging current where the car does not say, A."""
    max_current_a: Annotated[float, Field(gt=0, le=500)] | None = None
    """Largest charging current of the installation behind this wallbox, A per phase."""
    reserve_percent: Percent = 10
    """Of a home battery: setpoints do not discharge it below this state of charge, %."""
    capacity_kwh: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Usable capacity of a home battery, kWh."""
    driver: DriverSettings = DriverSettings()


class EmsSettings(Section):
    """Watchdog for the energy manager that sends wishes."""

    timeout_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    """Without a command for this long the fallback applies; 0: off."""
    fallback: Literal["keep", "pause", "min", "release"] = "keep"
    """What then happens to a charging wish."""


class PrivacySettings(Section):
    """What others get to see."""

    ev_identifiers: bool = False
    """Publish vehicle identifiers on MQTT as they are; else a hash that tells cars apart."""
    full_skis: bool = False
    """Show full SKIs in trace and diagnostics exports."""
    trace_minutes: Annotated[int, Field(ge=0, le=120)] = 10
    """Frames kept in memory for trace export; 0: none."""
    trace_bytes: Annotated[int, Field(ge=65_536, le=268_435_456)] = 4_194_304
    """Upper bound of that memory."""


class LoggingSettings(Section):
    """Log output."""

    level: Level = "info"
    """Lowest level that is written."""
    format: Literal["auto", "text", "json"] = "auto"
    """auto: text on a terminal, JSON lines elsewhere."""
    levels: Annotated[dict[str, Level], BeforeValidator(_levels)] = {}
    """Levels of single loggers, e.g. {"eebus_gw.ship" = "debug"}."""


class MetricsSettings(Section):
    """Prometheus endpoint (extra ``metrics``)."""

    port: Port | None = None
    """TCP port of the endpoint; none: off."""
    host: str = "127.0.0.1"
    """Address to listen on."""


class Settings(Section):
    """All settings."""

    gateway: GatewaySettings = GatewaySettings()
    ship: ShipSettings = ShipSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    profiles: ProfileSettings = ProfileSettings()
    site: SiteSettings = SiteSettings()
    devices: dict[DeviceId, DeviceSettings] = {}
    ems: EmsSettings = EmsSettings()
    privacy: PrivacySettings = PrivacySettings()
    logging: LoggingSettings = LoggingSettings()
    metrics: MetricsSettings = MetricsSettings()

    def device(self, device_id: str) -> DeviceSettings:
        """Settings of one device; the defaults where the file says nothing about it."""
        return self.devices.get(device_id) or DeviceSettings()


def check_broker_url(value: str) -> str:
    """``value`` as a usable broker URL; ``ValueError`` says what is wrong, without a secret."""
    try:
        parts = urlsplit(value if "://" in value else f"mqtt://{value}")
        port = parts.port
    except ValueError:
        # The library's own text may show what stands where the port should: a password.
        raise ValueError("host or port cannot be read") from None
    if parts.scheme not in {"mqtt", "mqtts"}:
        raise ValueError(f"the scheme is mqtt or mqtts, not {parts.scheme}")
    if parts.password is not None:
        raise ValueError("no password in the URL: use password_file or EEBUS_GW_MQTT__PASSWORD")
    if not parts.hostname:
        raise ValueError("the host is missing")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("only scheme, user, host and port; topics go into base_topic")
    if port == 0:
        raise ValueError("the port is 1 to 65535")
    return parts.geturl()
