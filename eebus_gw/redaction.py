"""What never leaves this program: keys, PINs, pairing secrets, passwords, vehicle identifiers.

Logs and trace exports go through the same function, so that a new secret needs one new line here.
"""

from __future__ import annotations

import re

HIDDEN = "***"

SECRET_MEMBERS = ("pin", "password", "identificationValue", "spsec", "secret")
"""Members of JSON whose values are secret."""

_JSON_MEMBERS = "|".join(SECRET_MEMBERS)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]* KEY-----|\Z)", re.S),
     f"{HIDDEN} private key {HIDDEN}"),
    # Members of JSON, also of JSON inside a JSON string.
    (re.compile(rf'(\\*"(?:{_JSON_MEMBERS})\\*"\s*:\s*\\*")(?:[^"\\]|\\+[^"\\])*', re.I),
     rf"\g<1>{HIDDEN}"),
    (re.compile(rf'(\\*"(?:{_JSON_MEMBERS})\\*"\s*:\s*)-?[0-9][^\s,\]}}]*', re.I), r"\g<1>null"),
    # Fields of a QR text.
    (re.compile(r"\b(SPSEC|PIN):[0-9A-Fa-f ]+(?=;)"), rf"\g<1>:{HIDDEN}"),
    # user:password@ in a URL.
    (re.compile(r"(\w+://[^\s/@:]*:)[^\s/@]+(?=@)"), rf"\g<1>{HIDDEN}"),
    # key=value in plain text.
    (re.compile(r"\b(password|pin|spsec|secret)(\s*[=:]\s*)(?!\*)[^\s,;\"']+", re.I),
     rf"\g<1>\g<2>{HIDDEN}"),
)  # fmt: skip
_SKI = re.compile(r"(?<![0-9A-Za-z])([0-9a-fA-F]{8})[0-9a-fA-F]{32}(?![0-9A-Za-z])")


def redact(text: str, *, full_skis: bool = True) -> str:
    """``text`` without secrets; ``full_skis=False`` also cuts SKIs to their first eight digits."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text if full_skis else _SKI.sub(r"\1…", text)
