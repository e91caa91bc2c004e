"""From the payload on ``<id>/set`` or ``<id>/set/<field>`` to commands, or to the refusal of each.

Pure, and total: whatever arrives, ``Intake.read`` answers with values and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from eebus_gw.bridge.commands import Command, Origin
from eebus_gw.bridge.fields import FIELDS, CommandField
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.rates import RateLimit
from eebus_gw.bridge.results import Result, State
from eebus_gw.bridge.shapes import (
    Boolean,
    Members,
    Moment,
    Nullable,
    Number,
    ShapeError,
    Text,
    nearest,
)
from eebus_gw.bridge.topics import Address, Target
from eebus_gw.wire.codec import loads
from eebus_gw.wire.fold import WireError

MAX_PAYLOAD_BYTES = 16_384
MAX_JSON_DEPTH = 6
COMMANDS_PER_SECOND = 20
DEFAULT_TTL_S = 30.0
PERMITTED_SKEW_S = 30.0

_RESERVED = Members(
    optional={
        "id": Nullable(Text(64)),
        "ts": Nullable(Moment()),
        "ttl_s": Nullable(Number(0, 3_600, "s")),
        "source": Nullable(Text(32)),
    },
    ignore_unknown=True,
)
_SPELLINGS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
_LOOSE_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?")


@dataclass(frozen=True, slots=True)
class ClearRetained:
    """An empty retained message has to go to ``topic``, where a sender left a command lying."""

    topic: str


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What is common to all fields of one message."""

    id: str
    source: str
    ttl_s: float
    ts: datetime | None


Outcome = Command | Result | ClearRetained


class Intake:
    """Reads commands.

    ``known`` says which device ids exist, ``wall`` gives UTC, ``new_id`` an id for senders
    without one.
    """

    def __init__(
        self,
        *,
        known: Callable[[str], bool],
        wall: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._known = known
        self._wall = wall
        self._new_id = new_id
        self._tokens = count(1)
        self._rates: dict[str, RateLimit] = {}
        self._refusals: dict[str, RateLimit] = {}

    def read(self, address: Address, message: Received, now: float) -> list[Outcome]:
        """Commands and final results for one message; an empty payload only clears."""
        if not message.payload:
            return []
        device = address.device
        name = address.name[:64] or None
        if message.retained:
            refusal = self._refusal(device, name, "retained_command", None)
            return [refusal, ClearRetained(message.topic)]
        if not self._known(device):
            return self._unknown(device, name, now)
        if not self._permits(device, now):
            return self._over_the_rate(device, name, message.payload, now)
        try:
            if address.target is Target.FIELD:
                given, members = _scalar_or_object(address.name, message.payload)
            else:
                given = members = read_json(message.payload)
        except ShapeError as error:
            return [self._refusal(device, name, error.reason, error.detail)]
        if not isinstance(members, dict):
            return [self._refusal(device, name, "wrong_type", "must be an object", given)]
        return self._commands(device, members, Origin.MQTT, now)

    def read_members(
        self, device: str, members: Mapping[str, Any], origin: Origin, now: float
    ) -> list[Outcome]:
        """The same for a parsed ``<id>/set`` object that came another way."""
        if not self._known(device):
            return self._unknown(device, None, now)
        return self._commands(device, dict(members), origin, now)

    def _commands(
        self, device: str, members: dict[str, Any], origin: Origin, now: float
    ) -> list[Outcome]:
        wall = self._wall()
        try:
            envelope = self._envelope(members, origin)
        except ShapeError as error:
            detail = error.detail.removeprefix(".")
            return [self._refusal(device, None, error.reason, detail, None, _stated_id(members))]
        fields = {name: value for name, value in members.items() if name not in _RESERVED.optional}
        if not fields:
            return [self._refusal(device, None, "wrong_type", "names no field", None, envelope.id)]
        if len(fields) > len(FIELDS):
            detail = "names more fields than there are"
            return [self._refusal(device, None, "unknown_field", detail, None, envelope.id)]
        return [
            self._command(device, name, value, envelope, origin, wall, now)
            for name, value in fields.items()
        ]

    def _command(
        self,
        device: str,
        name: str,
        value: Any,
        envelope: _Envelope,
        origin: Origin,
        wall: datetime,
        now: float,
    ) -> Outcome:
        left_s = _time_left(envelope, wall)
        if left_s is None:
            detail = "ts lies in the future"
            return self._refusal(device, name[:64], "stale", detail, value, envelope.id)
        if left_s <= 0:
            detail = f"older than {envelope.ttl_s:g} s"
            return self._refusal(
                device, name[:64], "stale", detail, value, envelope.id, State.EXPIRED
            )
        field = FIELDS.get(name)
        if field is None:
            known = nearest(name[:64], FIELDS)
            return self._refusal(device, name[:64], "unknown_field", known, value, envelope.id)
        try:
            checked = field.shape.check(value)
        except ShapeError as error:
            detail = error.detail
            return self._refusal(device, name, error.reason, detail, value, envelope.id)
        return Command(
            token=next(self._tokens),
            device=device,
            field=name,
            value=checked,
            requested=value,
            id=envelope.id,
            source=envelope.source,
            origin=origin,
            received=now,
            expires=now + left_s,
        )

    def _envelope(self, members: dict[str, Any], origin: Origin) -> _Envelope:
        reserved = _RESERVED.check(members)
        ttl_s = reserved.get("ttl_s")
        return _Envelope(
            id=reserved.get("id") or self._new_id(),
            source=reserved.get("source") or origin.value,
            ttl_s=DEFAULT_TTL_S if ttl_s is None else ttl_s,
            ts=reserved.get("ts"),
        )

    def _unknown(self, device: str, name: str | None, now: float) -> list[Outcome]:
        # All unknown ids share one allowance: their number is the sender's choice.
        if not self._permits("", now):
            return []
        return [self._refusal(device, name, "device_unknown", None)]

    def _permits(self, device: str, now: float) -> bool:
        rate = self._rates.setdefault(device, RateLimit(COMMANDS_PER_SECOND))
        return rate.permits(now)

    def _over_the_rate(
        self, device: str, name: str | None, payload: bytes, now: float
    ) -> list[Outcome]:
        """The refusal, as long as answering a flood is no flood itself."""
        rate = self._refusals.setdefault(device, RateLimit(COMMANDS_PER_SECOND))
        if not rate.permits(now):
            return []
        try:
            members = read_json(payload)
        except ShapeError:
            members = None
        command_id = _stated_id(members) if isinstance(members, dict) else None
        return [self._refusal(device, name, "rate_limited", None, None, command_id)]

    def _refusal(
        self,
        device: str,
        field: str | None,
        reason: str,
        detail: str | None,
        requested: Any = None,
        command_id: str | None = None,
        state: State = State.REJECTED,
    ) -> Result:
        return Result(
            device=device,
            id=command_id or self._new_id(),
            field=field,
            state=state,
            ts=self._wall(),
            reason=reason,
            detail=detail,
            requested=requested,
        )


def _time_left(envelope: _Envelope, wall: datetime) -> float | None:
    """Seconds until the command expires; ``None`` when its time stamp is too far ahead."""
    if envelope.ts is None:
        return envelope.ttl_s
    age_s = (wall - envelope.ts).total_seconds()
    if age_s < -PERMITTED_SKEW_S:
        return None
    return envelope.ttl_s - max(age_s, 0.0)


def _stated_id(members: dict[str, Any]) -> str | None:
    """The sender's id, also where another reserved member is unusable."""
    try:
        stated: str | None = _RESERVED.optional["id"].check(members.get("id"))
    except ShapeError:
        return None
    return stated


def read_json(payload: bytes) -> Any:
    """The JSON in ``payload`` within the limits of the contract; raises ``ShapeError``."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ShapeError("invalid_json", f"longer than {MAX_PAYLOAD_BYTES} bytes")
    try:
        return loads(payload, max_bytes=MAX_PAYLOAD_BYTES, max_depth=MAX_JSON_DEPTH)
    except WireError as error:
        raise ShapeError("invalid_json", str(error)) from None


def _scalar_or_object(name: str, payload: bytes) -> tuple[Any, dict[str, Any]]:
    """The value on ``<id>/set/<field>`` and the ``<id>/set`` object that says the same.

    An object may carry the reserved members besides its own.
    """
    field = FIELDS.get(name)
    if field is None:
        raise ShapeError("unknown_field", nearest(name[:64], FIELDS))
    value = _loose_value(field, payload)
    if not isinstance(value, dict):
        return value, {name: value}
    reserved = {key: value.pop(key) for key in _RESERVED.optional if key in value}
    return value, {**reserved, name: value}


def _loose_value(field: CommandField, payload: bytes) -> Any:
    """JSON, or what programs send that know only text: ``ON``, ``+16``, ``7.``."""
    text = payload[:32].strip(b"\x00 \t\r\n").decode("ascii", "replace").lower()
    if isinstance(field.shape, Boolean) and text in _SPELLINGS:
        return _SPELLINGS[text]
    try:
        return read_json(payload)
    except ShapeError:
        if text in _SPELLINGS:
            return _SPELLINGS[text]
        if _LOOSE_NUMBER.fullmatch(text) and len(payload) <= 32:
            return float(text)
        if text[:1] in {"{", "[", '"'} or len(payload) > 32:
            raise
        raise ShapeError("wrong_type", f"must be {field.shape.describe()}") from None
