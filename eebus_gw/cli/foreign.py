"""Texts of peers on a terminal."""

from __future__ import annotations


def harmless(text: str) -> str:
    """``text`` without line breaks and control sequences."""
    return "".join(character if character.isprintable() else " " for character in text)


def harmless_lines(text: str) -> str:
    """``text`` without control sequences; its line breaks are ours."""
    return "\n".join(map(harmless, text.split("\n")))
