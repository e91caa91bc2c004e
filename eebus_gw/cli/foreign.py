"""Texts of peers on a terminal."""

from __future__ import annotations


def harmless(text: str) -> str:
    """``text`` without line breaks and control sequences."""
    return "".join(character if character.isprintable() else " " for character in text)
