"""QR code texts (SHIP 12.6, SRIP 3.1, SPS 12)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.ship.qr import QrCode, format_qr, parse_qr

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
TEXT = (
    "SHIP;SKI:7C1E 0B94 A2D3 5F68 017B E4C9 D2F0 6A81 B35E 7D40;ID:i:99999_u:GW-0001;"
    "BRAND:Example;TYPE:EMS;MODEL:Gateway;SERIAL:0001;CAT:2;ENDSHIP;"
)
CODE = QrCode(
    ski=SKI,
    ship_id="i:99999_u:GW-0001",
    brand="Example",
    type="EMS",
    model="Gateway",
    serial="0001",
    categories=(2,),
)
SECRET = "F0E0D0C0B0A090807060504030201000"
PRINT = "8F7F4247F4439A309B6FAF1D44140FBEE08605A6F13FE951B0137E701D1F28A9"


def test_example() -> None:
    assert parse_qr(TEXT) == CODE
    assert format_qr(CODE) == TEXT


def test_all_fields() -> None:
    code = replace(
        CODE,
        pin="4F09A1C2",
        nominal_power_w=(0, 11000),
        fingerprint=PRINT,
        pairing_secret=SECRET,
        other={"BSKI": SKI},
    )
    text = format_qr(code)
    assert text == (
        "SHIP;SKI:7C1E 0B94 A2D3 5F68 017B E4C9 D2F0 6A81 B35E 7D40;PIN:4F09 A1C2;"
        "ID:i:99999_u:GW-0001;BRAND:Example;TYPE:EMS;MODEL:Gateway;SERIAL:0001;CAT:2;"
        f"NOMINALPOWER:0,11000;FPH256:{PRINT};SPSEC:{SECRET};BSKI:{SKI};ENDSHIP;"
    )
    assert parse_qr(text) == code


def test_secrets_are_left_out_on_request_and_never_shown() -> None:
    code = replace(CODE, pin="4F09A1C2", pairing_secret=SECRET)
    assert format_qr(code, secrets=False) == TEXT
    assert "4F09" not in repr(code)
    assert SECRET not in repr(code)


@pytest.mark.parametrize(
    "text",
    [
        f"SHIP;SKI:{SKI};",
        f"SHIP;SKI:{SKI}",
        f"  SHIP;SKI:{SKI};ENDSHIP;\n",
        f"SHIP;SKI:{SKI};ENDSHIP",
        f"SHIP;SKI:{SKI};ENDSHIP;ID:after the end;",
        f"SHIP;SKI:{SKI};SKI:{SKI};ENDSHIP;",
        f"SHIP;SKI:{SKI};without a colon;lower:case;ENDSHIP;",
        f"SHIP;SKI:{SKI};NOMINALPOWER:five,11000;CAT:x;ENDSHIP;",
        f"SHIP;SKI:{SKI};NOMINALPOWER:5,11000;ENDSHIP;",
    ],
)
def test_forms_with_nothing_but_a_ski(text: str) -> None:
    assert parse_qr(text) == QrCode(ski=SKI)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin with SHIP;"),
        ("WIFI:S:x;;", "does not begin with SHIP;"),
        ("SHIP;ENDSHIP;", "holds no SKI"),
        ("SHIP;SKI:12;ENDSHIP;", "this one has 2"),
        (f"SHIP;SKI:{SKI};ID:a;ID:b;", "states ID twice"),
        (f"SHIP;SKI:{SKI};PIN:12;", "a PIN has 8 to 16"),
        (f"SHIP;SKI:{SKI};SPSEC:12;", "SPSEC"),
        (f"SHIP;SKI:{SKI};FPH256:12;", "FPH256"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_qr(text)


@pytest.mark.parametrize(
    "code",
    [
        replace(CODE, brand="a;b"),
        replace(CODE, model="a\nb"),
        replace(CODE, other={"lower": "x"}),
    ],
)
def test_what_cannot_be_written(code: QrCode) -> None:
    with pytest.raises(ValueError, match=r"cannot stand|no key"):
        format_qr(code)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("SHIP;:EKND 0123456789abcdefABCDEF,-\n"), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for tried in (text, f"SHIP;SKI:{SKI};{text}"):
        try:
            code = parse_qr(tried)
        except ValueError:
            continue
        assert len(code.ski) == 40


PLAIN = st.text(
    st.characters(exclude_characters=";\r\n", exclude_categories=["C", "Z"]), max_size=20
)


@settings(deadline=None)
@given(
    st.builds(
        QrCode,
        ski=st.from_regex(r"\A[0-9a-f]{40}\Z"),
        ship_id=PLAIN,
        brand=PLAIN,
        model=PLAIN,
        categories=st.lists(st.integers(1, 7), max_size=4).map(tuple),
        nominal_power_w=st.none() | st.tuples(st.integers(-99_999, 0), st.integers(0, 99_999)),
        pin=st.none() | st.from_regex(r"\A[0-9A-F]{8,16}\Z"),
    )
)
def test_what_is_written_is_read_again(code: QrCode) -> None:
    assert parse_qr(format_qr(code)) == code
