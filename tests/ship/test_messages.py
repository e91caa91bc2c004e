"""Reading and writing SHIP messages (SHIP 11.4, 13.4, message table of the schema)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eebus_gw.ship.messages import (
    AccessMethods,
    AccessMethodsRequest,
    ConnectionClose,
    ConnectionHello,
    ConnectionPinError,
    ConnectionPinInput,
    ConnectionPinState,
    Dns,
    Formats,
    Message,
    MessageProtocolHandshake,
    MessageProtocolHandshakeError,
    Version,
    read_data,
    read_message,
    write_data,
    write_message,
)
from eebus_gw.wire.codec import dumps
from eebus_gw.wire.fold import ElementTag, WireError

ON_THE_WIRE: list[tuple[Message, str]] = [
    (
        ConnectionHello(phase="ready", waiting=120000),
        '{"connectionHello":[{"phase":"ready"},{"waiting":120000}]}',
    ),
    (
        ConnectionHello(phase="pending", prolongation_request=True),
        '{"connectionHello":[{"phase":"pending"},{"prolongationRequest":true}]}',
    ),
    (ConnectionHello(phase="aborted"), '{"connectionHello":[{"phase":"aborted"}]}'),
    (
        MessageProtocolHandshake(
            handshake_type="announceMax",
            version=Version(major=1, minor=0),
            formats=Formats(format=["JSON-UTF8"]),
        ),
        '{"messageProtocolHandshake":[{"handshakeType":"announceMax"},'
        '{"version":[{"major":1},{"minor":0}]},{"formats":[{"format":["JSON-UTF8"]}]}]}',
    ),
    (MessageProtocolHandshakeError(error=2), '{"messageProtocolHandshakeError":[{"error":2}]}'),
    (ConnectionPinState(pin_state="none"), '{"connectionPinState":[{"pinState":"none"}]}'),
    (
        ConnectionPinState(pin_state="required", input_permission="ok"),
        '{"connectionPinState":[{"pinState":"required"},{"inputPermission":"ok"}]}',
    ),
    (ConnectionPinInput(pin="4F09A1C2"), '{"connectionPinInput":[{"pin":"4F09A1C2"}]}'),
    (ConnectionPinError(error=1), '{"connectionPinError":[{"error":1}]}'),
    (AccessMethodsRequest(), '{"accessMethodsRequest":[]}'),
    (
        AccessMethods(id="i:99999_u:GW-0001", dns_sd_mdns=ElementTag()),
        '{"accessMethods":[{"id":"i:99999_u:GW-0001"},{"dnsSd_mDns":[]}]}',
    ),
    (
        AccessMethods(id="a", dns=Dns(uri="wss://gw.example:4712")),
        '{"accessMethods":[{"id":"a"},{"dns":[{"uri":"wss://gw.example:4712"}]}]}',
    ),
    (
        ConnectionClose(phase="announce", max_time=2000, reason="removedConnection"),
        '{"connectionClose":[{"phase":"announce"},{"maxTime":2000},{"reason":"removedConnection"}]}',
    ),
    (ConnectionClose(phase="confirm"), '{"connectionClose":[{"phase":"confirm"}]}'),
]


@pytest.mark.parametrize(("message", "text"), ON_THE_WIRE, ids=lambda value: str(value)[:40])
def test_both_directions(message: Message, text: str) -> None:
    assert dumps(write_message(message)).decode() == text
    assert read_message(json.loads(text)) == message


READY = ConnectionHello(phase="ready", waiting=60000)


@pytest.mark.parametrize(
    "text",
    [
        '{"connectionHello":{"phase":"ready","waiting":60000}}',
        '{"connectionHello":[{"phase":"ready","waiting":60000}]}',
        '{"connectionHello":[{"waiting":60000},{"phase":"ready"}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":60000.0}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":60000},{"newMember":[{"a":1}]}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":60000},{"keyMaterialState":[]}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":60000},{"prolongationRequest":null}]}',
        '{"connectionHello":[{"waiting":6e4},{"phase":"ready"}]}',
    ],
)
def test_tolerated_forms(text: str) -> None:
    assert read_message(json.loads(text)) == READY


@pytest.mark.parametrize(
    "text",
    [
        '{"connectionHello":[{"phase":"ready"},{"waiting":"60000"}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":true}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":1.5}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":-1}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":4294967296}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":1e300}]}',
        '{"connectionHello":[{"phase":"ready"},{"waiting":[1]}]}',
        '{"connectionHello":[{"phase":"ready"},{"phase":"pending"}]}',
        '{"connectionHello":["ready"]}',
        '{"connectionHello":"ready"}',
        '{"connectionHello":null}',
        '{"messageProtocolHandshakeError":[{"error":256}]}',
        '{"messageProtocolHandshake":[{"version":[{"major":65536},{"minor":0}]}]}',
        '{"messageProtocolHandshake":[{"version":[{"major":1},{"major":2}]}]}',
        '{"messageProtocolHandshake":[{"version":"1.0"}]}',
        '{"connectionClose":[{"phase":"announce"},{"maxTime":-1}]}',
    ],
)
def test_refused_forms(text: str) -> None:
    with pytest.raises(WireError):
        read_message(json.loads(text))


@pytest.mark.parametrize("tree", [{"error": None}, {"messageProtocolHandshakeError": []}])
def test_number_may_be_absent_or_null(tree: dict[str, Any]) -> None:
    assert read_message(tree) == MessageProtocolHandshakeError()


def test_handshake_error_without_its_root() -> None:
    assert read_message({"error": 2}) == MessageProtocolHandshakeError(error=2)


@pytest.mark.parametrize("tree", [{}, {"keyMaterialState": []}, {"error": 2, "x": 1}])
def test_unknown_root(tree: dict[str, Any]) -> None:
    assert read_message(tree) is None


@pytest.mark.parametrize("reason", ["", "done", "whatever"])
def test_any_reason_for_a_close(reason: str) -> None:
    message = read_message({"connectionClose": [{"phase": "announce"}, {"reason": reason}]})
    assert message == ConnectionClose(phase="announce", reason=reason)


@pytest.mark.parametrize("body", [[], {}, [{"id": None}]])
def test_access_methods_without_id(body: Any) -> None:
    assert read_message({"accessMethods": body}) == AccessMethods()


PAYLOAD: dict[str, Any] = {"datagram": [{"header": []}, {"payload": []}]}


@pytest.mark.parametrize(
    "body",
    [
        [{"header": [{"protocolId": "ee1.0"}]}, {"payload": PAYLOAD}],
        [{"payload": PAYLOAD}, {"header": [{"protocolId": "ee1.0"}]}],
        {"header": {"protocolId": "ee1.0"}, "payload": PAYLOAD},
        [{"header": [{"protocolId": "ee1.0"}], "payload": PAYLOAD}],
        [{"header": [{"protocolId": "ee1.0"}]}, {"payload": [PAYLOAD]}],
        [
            {"header": [{"protocolId": "ee1.0"}]},
            {"payload": PAYLOAD},
            {"extension": [{"extensionId": "x"}]},
        ],
    ],
)
def test_forms_of_data(body: Any) -> None:
    assert read_data(body) == ("ee1.0", PAYLOAD)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        "x",
        ["x"],
        [{"header": [{"protocolId": "ee1.0"}]}],
        [{"header": [{"protocolId": "ee1.0"}]}, {"payload": []}],
        [{"header": [{"protocolId": "ee1.0"}]}, {"payload": "x"}],
        [{"header": [{"protocolId": "ee1.0"}]}, {"payload": ["x"]}],
        [{"header": ["x"]}, {"payload": PAYLOAD}],
        [{"header": []}, {"payload": PAYLOAD}],
        [{"header": [{"protocolId": 1}]}, {"payload": PAYLOAD}],
        [{"payload": PAYLOAD}],
    ],
)
def test_data_without_its_parts(body: Any) -> None:
    with pytest.raises(WireError):
        read_data(body)


def test_payload_stays_an_object_on_the_wire() -> None:
    assert dumps(write_data({"datagram": []})).decode() == (
        '{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}'
    )


def test_pin_is_not_shown() -> None:
    assert "4F09A1C2" not in repr(ConnectionPinInput(pin="4F09A1C2"))
