"""The topic tree (contract: topic tree): building names, reading the names of incoming messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eebus_gw.device_ids import is_device_id
from eebus_gw.errors import ConfigError


class Target(Enum):
    """Whom an incoming message addresses."""

    COMMAND = "command"
    FIELD = "field"
    REQUEST = "request"
    GRID = "grid"
    GRID_METER = "grid_meter"
    HOME_ASSISTANT = "home_assistant"


@dataclass(frozen=True, slots=True)
class Address:
    """Meaning of an incoming topic: ``device`` for commands, ``name`` the field or verb."""

    target: Target
    device: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """Names below one base topic; raises ``ConfigError`` when ``base`` cannot be one."""

    base: str = "eebus"
    discovery_prefix: str = "homeassistant"

    def __post_init__(self) -> None:
        _check_prefix("mqtt.base_topic", self.base)
        _check_prefix("homeassistant.prefix", self.discovery_prefix)

    @property
    def bridge_state(self) -> str:
        """Where ``online`` and ``offline`` stand; also the topic of the last will."""
        return f"{self.base}/bridge/state"

    @property
    def home_assistant_status(self) -> str:
        """Where Home Assistant announces its own start."""
        return f"{self.discovery_prefix}/status"

    def bridge(self, leaf: str) -> str:
        return f"{self.base}/bridge/{leaf}"

    def response(self, verb: str) -> str:
        return f"{self.base}/bridge/response/{verb}"

    def grid(self, leaf: str) -> str:
        return f"{self.base}/grid/{leaf}"

    def device(self, device: str, leaf: str) -> str:
        return f"{self.base}/{device}/{leaf}"

    def discovery(self, object_id: str) -> str:
        """The topic of one Home Assistant device discovery document."""
        return f"{self.discovery_prefix}/device/{object_id}/config"

    def subscriptions(self) -> tuple[str, ...]:
        """Filters for everything the gateway listens to; no two of them match the same topic."""
        return (
            f"{self.base}/+/set/#",
            f"{self.base}/grid/meter/set",
            f"{self.base}/bridge/request/#",
            self.home_assistant_status,
        )

    def address(self, topic: str) -> Address | None:
        """What ``topic`` addresses, or ``None`` when the gateway takes nothing there."""
        if topic == self.home_assistant_status:
            return Address(Target.HOME_ASSISTANT)
        if not topic.startswith(f"{self.base}/"):
            return None
        match topic.removeprefix(f"{self.base}/").split("/"):
            case ["bridge", "request", *verb] if verb:
                return Address(Target.REQUEST, name="/".join(verb))
            case ["grid", "set"]:
                return Address(Target.GRID, device="grid")
            case ["grid", "meter", "set"]:
                return Address(Target.GRID_METER, device="grid")
            case [device, "set"] if is_device_id(device):
                return Address(Target.COMMAND, device=device)
            case [device, "set", *field] if is_device_id(device):
                return Address(Target.FIELD, device=device, name="/".join(field))
        return None


def _check_prefix(key: str, text: str) -> None:
    if not text or text.startswith("/") or text.endswith("/"):
        raise ConfigError(f"{key} = {text!r} must not be empty or begin or end with '/'")
    if any(character in "+#" or not character.isprintable() for character in text):
        raise ConfigError(f"{key} = {text!r} must not hold '+', '#' or control characters")
    if text.startswith("$"):
        raise ConfigError(f"{key} = {text!r} must not begin with '$', which belongs to the broker")
