"""TXT records (SHIP 7.3.2, SRIP 2.2; TC_SHIP_MDNS_001)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.ship.txt import ServiceRecord, cut, read_pairs, read_properties, read_text

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
GATEWAY = ServiceRecord(
    ship_id="i:99999_u:GW-0001",
    ski=SKI,
    brand="Example",
    type="EnergyManagementSystem",
    model="Gateway",
    serial="0001",
    categories=(2,),
)
MINIMUM = {"txtvers": "1", "id": "Peer-1", "path": "/ship/", "ski": SKI, "register": "false"}


def on_the_wire(*strings: str | bytes) -> bytes:
    parts = [text.encode() if isinstance(text, str) else text for text in strings]
    return b"".join(bytes([len(part)]) + part for part in parts)


def test_mdns_001_what_the_gateway_announces() -> None:
    assert list(GATEWAY.properties().items()) == [
        ("txtvers", "1"),
        ("id", "i:99999_u:GW-0001"),
        ("path", "/ship/"),
        ("ski", SKI),
        ("register", "false"),
        ("brand", "Example"),
        ("type", "EnergyManagementSystem"),
        ("model", "Gateway"),
        ("serial", "0001"),
        ("cat", "2"),
    ]


def test_what_is_announced_can_be_read() -> None:
    record = replace(GATEWAY, categories=(3, 7), more_curves=False, other={"x-y": "z"})
    text = on_the_wire(*(f"{key}={value}" for key, value in record.properties().items()))
    assert read_text(text) == (record, [])


def test_long_values_are_cut_between_characters() -> None:
    assert replace(GATEWAY, brand="ü" * 20).properties()["brand"] == "ü" * 16
    assert cut("a" + "ü" * 20) == "a" + "ü" * 15
    assert cut("🔌" * 9) == "🔌" * 8


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (replace(GATEWAY, ship_id="x" * 64), "id has 64 bytes, at most 63"),
        (replace(GATEWAY, path="/" + "x" * 32), "path has 33 bytes, at most 32"),
        (replace(GATEWAY, ski=""), "a SKI has 40"),
        (replace(GATEWAY, other={"vendor": "x" * 400}), "at most 400"),
    ],
)
def test_what_cannot_be_announced(record: ServiceRecord, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        record.properties()


def test_minimum() -> None:
    assert read_properties(MINIMUM) == (ServiceRecord(ship_id="Peer-1", ski=SKI), [])


def test_bytes_and_keys_without_value_as_a_resolver_gives_them() -> None:
    properties: dict[bytes, bytes | None] = {
        key.encode(): value.encode() for key, value in MINIMUM.items()
    }
    properties[b"flag"] = None
    record, findings = read_properties(properties)
    assert record == ServiceRecord(ship_id="Peer-1", ski=SKI, other={"flag": ""})
    assert findings == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"txtvers": "2"}, "txtvers is '2', only 1 is known"),
        ({"txtvers": None}, "txtvers is missing, only 1 is known"),
        ({"id": None}, "id is missing"),
        ({"id": ""}, "id is missing"),
    ],
)
def test_records_to_discard(change: dict[str, str | None], why: str) -> None:
    values = {key: value for key, value in (MINIMUM | change).items() if value is not None}
    assert read_properties(values) == (None, [why])


@pytest.mark.parametrize(
    ("change", "attribute", "value", "findings"),
    [
        ({"ski": None}, "ski", "", ["ski is missing"]),
        ({"ski": "12"}, "ski", "", ["ski: a SKI has 40 hexadecimal digits, this one has 2"]),
        ({"ski": SKI.upper()}, "ski", SKI, []),
        ({"path": None}, "path", "/ship/", ["path is missing"]),
        ({"path": "ship"}, "path", "/ship", ["path holds no /"]),
        ({"path": "a/b"}, "path", "/a/b", []),
        ({"register": "true"}, "register", True, []),
        (
            {"register": "True"},
            "register",
            False,
            ["register is 'True', only true and false are allowed"],
        ),
        ({"register": None}, "register", False, ["register is missing"]),
        ({"ecc": "true"}, "more_curves", True, []),
        ({"cat": "3,7"}, "categories", (3, 7), []),
        (
            {"cat": "3,99,x,²"},
            "categories",
            (3,),
            [
                "cat: '99' is no known category",
                "cat: 'x' is no known category",
                "cat: '²' is no known category",
            ],
        ),
        ({"brand": "x" * 33}, "brand", "x" * 33, ["brand has 33 bytes, at most 32 are allowed"]),
        ({"cat": "0003"}, "categories", (), ["cat: '0003' is no known category"]),
        ({"Brand": "Elli"}, "brand", "Elli", []),
        ({"vendor": "v"}, "other", {"vendor": "v"}, []),
    ],
)
def test_records_to_use(
    change: dict[str, str | None], attribute: str, value: object, findings: list[str]
) -> None:
    values = {key: text for key, text in (MINIMUM | change).items() if text is not None}
    reading = read_properties(values)
    assert getattr(reading.record, attribute) == value
    assert reading.findings == findings


def test_of_a_key_that_comes_twice_the_first_counts() -> None:
    record, findings = read_pairs([*MINIMUM.items(), ("ID", "other")])
    assert record is not None
    assert record.ship_id == "Peer-1"
    assert findings == ["key id comes twice, the first one counts"]


def test_record_that_is_cut_off() -> None:
    assert read_text(b"\x09txtvers") == (None, ["the TXT record is cut off"])


def test_strings_without_a_key_are_skipped() -> None:
    text = on_the_wire("", "=x", *(f"{key}={value}" for key, value in MINIMUM.items()))
    assert read_text(text) == (ServiceRecord(ship_id="Peer-1", ski=SKI), [])


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_discarded(text: bytes) -> None:
    record, findings = read_text(text)
    assert record is not None or findings


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "path", "ski", "register", "ecc", "cat", "brand", "other"]),
        st.text(max_size=80),
    )
)
def test_any_values_are_read_or_discarded(values: dict[str, str]) -> None:
    record, findings = read_properties({"txtvers": "1"} | values)
    assert record is not None or findings
    if record is not None:
        assert record.ski == "" or len(record.ski) == 40
        assert record.path.startswith("/")
