"""What never leaves this program."""

from __future__ import annotations

import pytest

from eebus_gw.redaction import redact

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://me:sesame@host:1883", "mqtt://me:***@host:1883"),
        ("SHIP;SKI:AA;PIN:1234 5678;SPSEC:00FF;ENDSHIP;", "SHIP;SKI:AA;PIN:***;SPSEC:***;ENDSHIP;"),
        ('{"password": "a b", "user": "me"}', '{"password": "***", "user": "me"}'),
        ("password=sesame, host=x", "password=***, host=x"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----\nrest",
            "*** private key ***\nrest",
        ),
        ("-----BEGIN EC PRIVATE KEY-----\nAAA", "*** private key ***"),
        ('{"pinState":"none"}', '{"pinState":"none"}'),
        (f"connected to {SKI}", f"connected to {SKI}"),
    ],
)
def test_redaction(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(redact(text)) == expected
