"""This gateway's own QR code: its text, for terminals, and as a picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import click

# Dark on light whatever the terminal's colours are: scanners often refuse the inverse.
_LIGHT_BACKGROUND = "\x1b[30;107m"
_PLAIN = "\x1b[0m"
_QUIET_ZONE = 2


def qr_lines(text: str, *, terminal: bool) -> Iterator[str]:
    """``text`` as lines of half-block characters, two modules high."""
    import segno

    rows = [
        list(row)
        for row in segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET_ZONE)
    ]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        if terminal:
            line = "".join(
                " ▄▀█"[2 * bool(up) + bool(low)] for up, low in zip(upper, lower, strict=True)
            )
            yield f"{_LIGHT_BACKGROUND}{line}{_PLAIN}"
        else:
            yield "".join(
                "█▀▄ "[2 * bool(up) + bool(low)] for up, low in zip(upper, lower, strict=True)
            )


def save_qr(text: str, file: Path) -> None:
    """Writes the code as SVG or PNG, by the ending of ``file``; raises ``StoreError``."""
    import segno

    from eebus_gw.cli.records import store

    form = file.suffix.lower()
    if form not in {".svg", ".png"}:
        raise click.BadParameter("the file ends in .svg or .png", param_hint="--save")
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind=form[1:], scale=6, border=4)
    store(file, picture.getvalue())
