"""The requests a running gateway answers, over MQTT and over its control socket: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from eebus_gw.bridge.shapes import Boolean, Choice, Members, Number, Shape, Text

_SIDE = Choice(("wallbox", "grid"))
_SKI = Text(96)
_ID = Text(64)
_ALIAS = Text(64)
_WINDOW = Number(1, 600, "s", whole=True)
_LEVEL = Choice(("DEBUG", "INFO", "WARNING", "ERROR"))


@dataclass(frozen=True, slots=True)
class Verb:
    """One request; ``changes_trust`` marks those that decide who may control devices."""

    name: str
    effect: str
    arguments: Members = field(default_factory=Members)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    changes_trust: bool = False

    def check(self, members: Any) -> dict[str, Any]:
        """The arguments in ``members``, completed; raises ``ShapeError`` when they do not fit."""
        return {**self.defaults, **self.arguments.check(members)}


def _arguments(optional: Mapping[str, Shape] | None = None, **required: Shape) -> Members:
    return Members(required=required, optional=optional or {})


_VERBS = (
    Verb(
        "pairing/open",
        "keeps unknown peers of one side waiting and lists them; closes itself after the seconds,"
        " or at once with open = false, which switches with one topic need",
        _arguments({"side": _SIDE, "seconds": _WINDOW, "open": Boolean()}),
        defaults={"side": "wallbox", "seconds": 120},
        changes_trust=True,
    ),
    Verb(
        "pairing/close",
        "closes the pairing window",
        _arguments({"side": _SIDE}),
        changes_trust=True,
    ),
    Verb(
        "pairing/approve",
        "trusts a waiting peer; the grid side only from the command line",
        _arguments({"alias": _ALIAS, "side": _SIDE}, ski=_SKI),
        defaults={"side": "wallbox"},
        changes_trust=True,
    ),
    Verb(
        "pairing/deny",
        "turns a waiting peer away",
        _arguments({"side": _SIDE}, ski=_SKI),
        defaults={"side": "wallbox"},
        changes_trust=True,
    ),
    Verb(
        "device/trust",
        "trusts a peer beforehand and connects to it",
        _arguments(
            {"alias": _ALIAS, "ip": Text(45), "port": Number(1, 65_535, whole=True)}, ski=_SKI
        ),
        changes_trust=True,
    ),
    Verb(
        "device/remove",
        "revokes trust, closes the link, clears all topics of the device",
        _arguments(id=_ID),
        changes_trust=True,
    ),
    Verb("device/rename", "changes the alias only", _arguments(id=_ID, alias=_ALIAS)),
    Verb("device/reconnect", "drops one link and dials again", _arguments(id=_ID)),
    Verb("device/refresh", "reads all data of one device again", _arguments(id=_ID)),
    Verb(
        "discovery/scan",
        "asks the network for SHIP nodes",
        _arguments({"seconds": Number(1, 60, "s")}),
    ),
    Verb("discovery/republish", "publishes discovery and state again"),
    Verb(
        "log/level",
        "changes a log level until the next start",
        _arguments({"logger": Text(64)}, level=_LEVEL),
    ),
    Verb(
        "trace/start",
        "writes frames to a file",
        _arguments({"id": _ID, "seconds": Number(1, 86_400, "s")}),
    ),
    Verb("trace/stop", "ends the trace", _arguments({"id": _ID})),
    Verb(
        "diagnostics/export",
        "writes a diagnostics archive without secrets; answers with its path and size",
        _arguments({"redact": Boolean()}),
        defaults={"redact": True},
    ),
    Verb("health", "answers with the content of the health topic"),
    Verb("restart", "answers, then stops with the exit status that asks for a restart"),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _VERBS})


class Verbs(Protocol):
    """Who carries requests out: the gateway."""

    async def perform(self, verb: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Does ``verb`` with checked ``arguments`` and returns the answer's ``data``.

        Raises ``EebusError`` when it does not succeed; its text and reason code go to the sender.
        """
        ...
