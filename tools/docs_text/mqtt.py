"""Topics, documents, commands and entities as Markdown, from the tables of the bridge."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from docs_text.tables import table
from eebus_gw.bridge import documents, house_documents
from eebus_gw.bridge.entities import ENTITIES, Place
from eebus_gw.bridge.fields import FIELDS
from eebus_gw.bridge.reasons import ERROR_NUMBERS, REASONS
from eebus_gw.bridge.verbs import VERBS
from eebus_gw.cli.examples import Installation, mosquitto
from eebus_gw.settings import Settings
from eebus_gw.site.bounds import Cause

MEMBERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    tomllib.loads(
        (Path(__file__).parent.parent / "templates" / "members.toml").read_text(encoding="utf-8")
    )
)
"""Document to member to meaning; ``tests/test_docs.py`` compares the names with what is published."""

UNITS = {
    "_w": "W",
    "_kwh": "kWh",
    "_a": "A",
    "_v": "V",
    "_s": "s",
    "_ms": "ms",
    "_mb": "MB",
    "_percent": "%",
    "_hz": "Hz",
    "_m": "m",
    "_w_phase": "W",
}
TABLES = {
    "ev": documents.EV,
    "meter": documents.METER,
    "evse": documents.EVSE,
    "house_meter": house_documents.GRID_METER,
    "battery": house_documents.BATTERY,
    "pv": house_documents.PV,
}
PLACES = {Place.DEVICE: "device", Place.GRID: "grid", Place.GATEWAY: "gateway"}


def unit_of(member: str) -> str:
    """The unit that a member's name states."""
    ends = [end for end in UNITS if member.endswith(end)]
    return UNITS[max(ends, key=len)] if ends else ""


def members(document: str) -> str:
    """The members of one document."""
    sources = {m.name: m.sources for m in TABLES.get(document, ())}

    def rows() -> Iterator[tuple[str, ...]]:
        for name, meaning in MEMBERS[document].items():
            codes = dict.fromkeys(code.upper() for code, _ in sources.get(name, ()))
            origin = f" ({', '.join(codes)})" if codes else ""
            yield f"`{name}`", unit_of(name), meaning + origin

    return table(("Member", "Unit", "Meaning"), rows())


def fields() -> str:
    """The command fields."""
    rows = ((f"`{f.name}`", f.shape.describe(), f.effect) for f in FIELDS.values())
    return table(("Field", "Value", "Effect"), rows)


def verbs() -> str:
    """The requests."""
    rows = (
        (
            f"`{v.name}`",
            f"`{v.arguments.describe()}`" if v.arguments.describe() != "{}" else "–",
            "yes" if v.changes_trust else "",
            v.effect,
        )
        for v in VERBS.values()
    )
    return table(("Verb", "Members", "Changes trust", "Effect"), rows)


def bounds() -> str:
    """What may bound a power."""
    described = {name: MEMBERS["limited_by"].get(name, "") for name in (c.value for c in Cause)}
    return table(("Value", "Meaning"), ((f"`{n}`", text) for n, text in described.items()))


def reasons() -> str:
    """The reason codes."""
    rows = ((f"`{r.code}`", r.sentence, r.remedy, str(r.exit_status)) for r in REASONS.values())
    return table(("Code", "Meaning", "Remedy", "Exit code"), rows)


def error_numbers() -> str:
    """The result numbers of SPINE."""
    rows = ((str(e.number), e.name, e.sentence, e.remedy) for e in ERROR_NUMBERS.values())
    return table(("Number", "Name", "Meaning", "Remedy"), rows)


def entities() -> str:
    """The entities of Home Assistant."""

    def rows() -> Iterator[tuple[str, ...]]:
        for e in ENTITIES:
            needs = " or ".join(need.value for need in e.needs)
            kind = " / ".join(word for word in (e.device_class, e.state_class) if word)
            yield (
                f"`{e.key}`",
                e.name,
                PLACES[e.place],
                e.platform,
                kind,
                e.unit or "",
                e.category or "",
                "yes" if e.enabled else "no",
                needs,
            )

    return table(
        ("Key", "Name", "Device", "Platform", "Class", "Unit", "Category", "Enabled", "Only with"),
        rows(),
    )


def access_rights() -> str:
    """The access rules for a broker with nothing configured."""
    return mosquitto(Installation(Settings(), ())).rstrip()
