"""Requests on ``bridge/request/<verb>`` and their answers (contract: request and response)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eebus_gw.bridge.intake import read_json
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.outbox import RESULT, Outbox
from eebus_gw.bridge.rates import RateLimit
from eebus_gw.bridge.reasons import REASONS, reason_of
from eebus_gw.bridge.shapes import ShapeError, nearest
from eebus_gw.bridge.topics import Topics
from eebus_gw.bridge.verbs import VERBS, Verb, Verbs
from eebus_gw.errors import EebusError

REQUESTS_PER_SECOND = 5
DEFAULT_CLIENT_PREFIX = "eebus-client/"


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request; ``transaction`` goes back unchanged where the sender gave one."""

    verb: str
    arguments: dict[str, Any]
    transaction: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not carried out; ``code`` is a reason code."""

    code: str
    error: str
    transaction: dict[str, Any]


class Requests:
    """Checks requests, has them performed, and puts the answers into the outbox.

    ``may_change_trust`` says at each request whether trust may be changed over MQTT: whoever can
    publish there then decides who controls the devices. Answers go to the default topic, and also
    to the sender's response topic where that lies below one of ``response_prefixes``.
    """

    def __init__(
        self,
        *,
        topics: Topics,
        verbs: Verbs,
        outbox: Outbox,
        may_change_trust: Callable[[], bool],
        response_prefixes: Sequence[str] | None = None,
    ) -> None:
        self._topics = topics
        self._verbs = verbs
        self._outbox = outbox
        self._may_change_trust = may_change_trust
        prefixes = (
            (f"{topics.base}/", DEFAULT_CLIENT_PREFIX)
            if response_prefixes is None
            else response_prefixes
        )
        self._response_prefixes = tuple(prefixes)
        self._cleared: set[str] = set()
        self._rate = RateLimit(REQUESTS_PER_SECOND)
        self._refusals = RateLimit(REQUESTS_PER_SECOND)

    async def handle(self, verb: str, message: Received, now: float) -> None:
        """Answers one message; the wait for what the request does is the only one."""
        if self._is_own_clearing(message):
            return
        request = self.check(verb, message, now)
        if isinstance(request, Request):
            answer = await self._perform(request)
        elif request.code == "rate_limited" and not self._refusals.permits(now):
            return  # answering a flood must not be a flood itself
        else:
            answer = _error(request.code, request.error, request.transaction)
        self._answer(verb, message, answer)

    def check(self, verb: str, message: Received, now: float) -> Request | Refusal:
        """The request in ``message``, or why there is none; never raises."""
        if message.retained:
            self._outbox.clear_foreign(message.topic)
            self._cleared.add(message.topic)
            return _refuse("retained_command")
        if not self._rate.permits(now):
            return _refuse("rate_limited")
        entry = VERBS.get(verb)
        if entry is None:
            sentence = REASONS["unknown_verb"].sentence.rstrip(".")
            return Refusal("unknown_verb", f"{sentence}; {nearest(verb[:64], VERBS)}", {})
        transaction: dict[str, Any] = {}
        try:
            members = _members(message.payload)
            if "transaction" in members:
                transaction = {"transaction": members.pop("transaction")}
            arguments = entry.check(members)
        except ShapeError as error:
            return Refusal(error.reason, error.detail.removeprefix("."), transaction)
        if entry.changes_trust and not self._permitted(entry, arguments):
            return _refuse("not_authorised", transaction)
        if arguments.pop("open", True) is False:
            return Request("pairing/close", {"side": arguments["side"]}, transaction)
        return Request(verb, arguments, transaction)

    def _is_own_clearing(self, message: Received) -> bool:
        """MQTT 3.1.1 echoes our own clearing, which must not count as a request without payload."""
        if message.payload or message.retained or message.topic not in self._cleared:
            return False
        self._cleared.discard(message.topic)
        return True

    def _permitted(self, verb: Verb, arguments: dict[str, Any]) -> bool:
        grants_grid_trust = verb.name == "pairing/approve" and arguments.get("side") == "grid"
        return self._may_change_trust() and not grants_grid_trust

    async def _perform(self, request: Request) -> dict[str, Any]:
        try:
            data = await self._verbs.perform(request.verb, request.arguments)
        except EebusError as error:
            return _error(reason_of(error), str(error), request.transaction)
        return {"status": "ok", "data": dict(data), **request.transaction}

    def _answer(self, verb: str, message: Received, answer: dict[str, Any]) -> None:
        self._outbox.send(self._topics.response(verb), answer, RESULT)
        wanted = message.response_topic
        if wanted and self._may_answer_on(wanted):
            self._outbox.send(wanted, answer, RESULT, correlation=message.correlation)

    def _may_answer_on(self, topic: str) -> bool:
        forbidden = any(character in topic for character in "+#\x00")
        is_command = self._topics.address(topic) is not None
        return topic.startswith(self._response_prefixes) and not forbidden and not is_command


def _members(payload: bytes) -> dict[str, Any]:
    if not payload.strip():
        return {}
    tree = read_json(payload)
    if not isinstance(tree, dict):
        raise ShapeError("wrong_type", "must be an object")
    return tree


def _refuse(code: str, transaction: dict[str, Any] | None = None) -> Refusal:
    return Refusal(code, REASONS[code].sentence, transaction or {})


def _error(code: str, text: str, transaction: dict[str, Any]) -> dict[str, Any]:
    return {"status": "error", "data": {}, "error": text, "code": code, **transaction}
