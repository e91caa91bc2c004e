from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.bridge.messages import Publication, Received
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.requests import Requests
from eebus_gw.bridge.topics import Topics
from eebus_gw.bridge.verbs import VERBS
from eebus_gw.errors import NotConnected

SKI = "7c1e0b94c1a34bb1a4f1d2e3c4b5a69788776655"


class Gateway:
    """Carries out every verb by noting it; ``device/reconnect`` fails."""

    def __init__(self) -> None:
        self.performed: list[tuple[str, dict[str, Any]]] = []

    async def perform(self, verb: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if verb == "device/reconnect":
            raise NotConnected("carport is not connected")
        self.performed.append((verb, dict(arguments)))
        return {"done": verb}


class Bench:
    def __init__(self, *, may_change_trust: bool = True) -> None:
        self.gateway = Gateway()
        self.outbox = Outbox()
        self.requests = Requests(
            topics=Topics(),
            verbs=self.gateway,
            outbox=self.outbox,
            may_change_trust=lambda: may_change_trust,
        )
        self.now = 0.0

    async def ask(self, verb: str, payload: bytes | str = b"", **options: Any) -> list[Publication]:
        self.now += 1.0
        data = payload.encode() if isinstance(payload, str) else payload
        message = Received(f"eebus/bridge/request/{verb}", data, **options)
        await self.requests.handle(verb, message, self.now)
        return self.sent()

    def sent(self) -> list[Publication]:
        taken = []
        while (publication := self.outbox.take(self.now)) is not None:
            taken.append(publication)
        return taken


async def _answer(bench: Bench, verb: str, payload: bytes | str = b"") -> dict[str, Any]:
    (publication,) = await bench.ask(verb, payload)
    assert publication.topic == f"eebus/bridge/response/{verb}"
    assert (publication.qos, publication.retain) == (1, False)
    answer: dict[str, Any] = json.loads(publication.payload)
    return answer


async def test_an_empty_request_is_answered() -> None:
    assert await _answer(Bench(), "health") == {"status": "ok", "data": {"done": "health"}}


@pytest.mark.parametrize("transaction", [7, "a", None, {"b": [1]}])
async def test_the_transaction_returns_unchanged(transaction: Any) -> None:
    bench = Bench()
    payload = json.dumps({"id": "carport", "transaction": transaction})
    assert (await _answer(bench, "device/remove", payload))["transaction"] == transaction
    assert bench.gateway.performed == [("device/remove", {"id": "carport"})]
    answer = await _answer(bench, "device/reconnect", payload)
    assert answer["transaction"] == transaction


async def test_defaults_are_filled_in() -> None:
    bench = Bench()
    await bench.ask("pairing/open")
    await bench.ask("pairing/approve", json.dumps({"ski": SKI}))
    await bench.ask("diagnostics/export")
    assert bench.gateway.performed == [
        ("pairing/open", {"side": "wallbox", "seconds": 120}),
        ("pairing/approve", {"side": "wallbox", "ski": SKI}),
        ("diagnostics/export", {"redact": True}),
    ]


async def test_a_switch_opens_and_closes_the_window_on_one_topic() -> None:
    bench = Bench()
    await bench.ask("pairing/open", '{"open": true}')
    await bench.ask("pairing/open", '{"open": false}')
    assert bench.gateway.performed == [
        ("pairing/open", {"side": "wallbox", "seconds": 120}),
        ("pairing/close", {"side": "wallbox"}),
    ]


async def test_failures_carry_text_and_code() -> None:
    answer = await _answer(Bench(), "device/reconnect", '{"id": "carport"}')
    assert answer == {
        "status": "error",
        "data": {},
        "error": "carport is not connected",
        "code": "device_offline",
    }


@pytest.mark.parametrize(
    ("verb", "payload", "code"),
    [
        ("make/coffee", "", "unknown_verb"),
        ("device/remove", "", "wrong_type"),
        ("device/remove", "[]", "wrong_type"),
        ("device/remove", "{", "invalid_json"),
        ("device/remove", '{"id": 1}', "wrong_type"),
        ("device/remove", '{"id": "a", "force": true}', "unknown_field"),
        ("pairing/open", '{"seconds": 601}', "out_of_range"),
        ("pairing/open", '{"seconds": 0}', "out_of_range"),
        ("pairing/open", '{"seconds": 1.5}', "wrong_type"),
        ("pairing/open", '{"side": "south"}', "out_of_range"),
        ("log/level", '{"level": "LOUD"}', "out_of_range"),
        ("health", '{"transaction": "' + "x" * 16384 + '"}', "invalid_json"),
        ("health", '{"transaction": ' + "[" * 6 + "]" * 6 + "1}", "invalid_json"),
    ],
)
async def test_refused_requests(verb: str, payload: str, code: str) -> None:
    bench = Bench()
    answer = await _answer(bench, verb, payload)
    assert (answer["status"], answer["code"]) == ("error", code)
    assert answer["error"]
    assert bench.gateway.performed == []


@pytest.mark.parametrize(
    ("verb", "payload", "error"),
    [
        ("device/renam", "", "There is no such request; did you mean 'device/rename'?"),
        ("device/remove", '{"idd": "a", "id": "a"}', "has no member 'idd'; did you mean 'id'?"),
    ],
)
async def test_a_mistyped_word_names_the_right_one(verb: str, payload: str, error: str) -> None:
    assert (await _answer(Bench(), verb, payload))["error"] == error


TRUST = {
    "pairing/open": {},
    "pairing/close": {},
    "pairing/approve": {"ski": SKI},
    "pairing/deny": {"ski": SKI},
    "device/trust": {"ski": SKI},
    "device/remove": {"id": "carport"},
}


def test_verbs_that_change_trust() -> None:
    assert {verb.name for verb in VERBS.values() if verb.changes_trust} == TRUST.keys()


@pytest.mark.parametrize("verb", TRUST)
async def test_trust_needs_permission(verb: str) -> None:
    forbidden = Bench(may_change_trust=False)
    answer = await _answer(forbidden, verb, json.dumps(TRUST[verb]))
    assert answer["code"] == "not_authorised"
    assert forbidden.gateway.performed == []
    assert (await _answer(Bench(), verb, json.dumps(TRUST[verb])))["status"] == "ok"


async def test_trust_on_the_grid_side_is_never_granted_over_mqtt() -> None:
    bench = Bench()
    payload = json.dumps({"side": "grid", "ski": SKI})
    assert (await _answer(bench, "pairing/approve", payload))["code"] == "not_authorised"
    assert (await _answer(bench, "pairing/deny", payload))["status"] == "ok"


async def test_response_topic_and_correlation_of_mqtt_5() -> None:
    bench = Bench()
    default, wanted = await bench.ask(
        "health", response_topic="eebus-client/panel/answer", correlation=b"\x01\x02"
    )
    assert default.topic == "eebus/bridge/response/health"
    assert (wanted.topic, wanted.correlation) == ("eebus-client/panel/answer", b"\x01\x02")
    assert default.payload == wanted.payload


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/device/x/config",
        "eebus",
        "eebusx/answer",
        "eebus-client",
        "eebus/carport/set",
        "eebus/bridge/request/restart",
        "eebus-client/+",
        "eebus-client/#",
    ],
)
async def test_foreign_response_topics_are_not_written_to(topic: str) -> None:
    (publication,) = await Bench().ask("health", response_topic=topic)
    assert publication.topic == "eebus/bridge/response/health"


async def test_five_requests_a_second() -> None:
    bench = Bench()
    answers = []
    for _ in range(6):
        bench.now = 9.0
        (publication,) = await bench.ask("health")
        answers.append(json.loads(publication.payload)["status"])
    assert answers == ["ok"] * 5 + ["error"]


async def test_a_retained_request_is_refused_cleared_and_its_echo_ignored() -> None:
    """MQTT 3.1.1 has no No Local: the clearing comes back as an empty request."""
    bench = Bench()
    clearing, answer = await bench.ask("restart", "{}", retained=True)
    assert (clearing.topic, clearing.payload, clearing.retain) == (
        "eebus/bridge/request/restart",
        b"",
        True,
    )
    assert json.loads(answer.payload)["code"] == "retained_command"
    assert await bench.ask("restart", b"") == []
    assert bench.gateway.performed == []
    await bench.ask("restart", b"")
    assert bench.gateway.performed == [("restart", {})]


@given(verb=st.sampled_from([*VERBS, "x"]), payload=st.binary(), retained=st.booleans())
def test_checking_never_raises(verb: str, payload: bytes, retained: bool) -> None:
    Bench().requests.check(verb, Received("t", payload, retained), 0.0)


async def test_a_flood_of_requests_is_answered_by_a_trickle() -> None:
    bench = Bench()
    message = Received("eebus/bridge/request/health", b"")
    for _ in range(1000):
        await bench.requests.handle("health", message, 5.0)
    answers = [json.loads(publication.payload) for publication in bench.sent()]
    assert [answer.get("code") for answer in answers] == [None] * 5 + ["rate_limited"] * 5
