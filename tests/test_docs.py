"""The documentation is true: generated parts are current, commands parse, links and paths lead somewhere."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import click
import pytest

from eebus_gw.bridge import documents
from eebus_gw.bridge.house_documents import TABLES, house_document
from eebus_gw.bridge.readings import Readings
from eebus_gw.bridge.results import Result, State
from eebus_gw.bridge.tables import table
from eebus_gw.bridge.topics import Topics
from eebus_gw.cli import cli, main
from eebus_gw.gateway.descriptions import discovered_entry, link_document
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.links import LinkState
from eebus_gw.gateway.metering import session_document
from eebus_gw.home import Home
from eebus_gw.ledger.account import Totals
from eebus_gw.ledger.session import OpenSession
from eebus_gw.net.events import VisibleNode
from eebus_gw.settings import Settings, ShipSettings
from tests.support.clock import FakeClock
from tests.support.documented import COMMANDS, PAGES, ROOT, end_of_command

MEMBERS = tomllib.loads((ROOT / "tools" / "templates" / "members.toml").read_text())
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PEER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


# --- generated parts


def test_generated_parts_are_current() -> None:
    generator = ROOT / "tools" / "generate_docs.py"
    done = subprocess.run(
        [sys.executable, generator, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}run: python tools/generate_docs.py"


@pytest.fixture
async def gateway(tmp_path: Path) -> Any:
    """A gateway with one wallbox that is not there, its grid side up, without broker."""
    home = Home.open(tmp_path / "home")
    home.ensure_identity()
    home.peers.add(PEER, device_id="carport", at=NOW)
    ship = ShipSettings(port=0, grid_port=0, mdns=False)
    async with Gateway(home, Settings(ship=ship)) as running:
        await running.site.ensure()
        yield running


async def test_members_of_published_documents_are_described(gateway: Gateway) -> None:
    """What the gateway has published by now, topic by topic, against the tables of docs/mqtt.md."""
    await asyncio.sleep(0)
    seen: dict[str, Any] = {}
    while (publication := gateway.outbox.take(gateway.clock.now())) is not None:
        seen[publication.topic.removeprefix("eebus/")] = publication.payload
    contents = {topic: _object(payload) for topic, payload in seen.items()}
    for topic, document in (
        ("bridge/info", "bridge_info"),
        ("bridge/health", "bridge_health"),
        ("bridge/pairing", "bridge_pairing"),
        ("carport/info", "info"),
        ("carport/link", "link"),
        ("carport/evse", "evse"),
        ("carport/ev", "ev"),
        ("carport/meter", "meter"),
        ("carport/limits", "limits"),
        ("carport/setpoint", "setpoint"),
        ("grid/lpc", "lpc"),
        ("grid/lpp", "lpp"),
        ("grid/effective", "grid_effective"),
    ):
        described = MEMBERS["lpc" if document == "lpp" else document]
        assert set(described) == set(contents[topic]), topic
    allocation = {*gateway.site.distribution.document(), "ts"}
    assert set(MEMBERS["grid_allocation"]) == allocation
    assert set(MEMBERS["bridge_devices"]) == set(contents["bridge/devices"][0])


def _object(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode()


def test_members_of_other_documents_are_described() -> None:
    clock = FakeClock()
    result = Result("carport", "1", "max_current_a", State.APPLIED, NOW)
    assert set(MEMBERS["result"]) == set(result.document())
    node = VisibleNode("name", ("192.0.2.1",), 4711, None, ())
    assert set(MEMBERS["bridge_discovered"]) == set(discovered_entry(node, NOW, NOW))
    assert set(MEMBERS["link"]) == set(link_document(LinkState(), clock, None))
    session = OpenSession("1", NOW, witnessed=True).view("carport", None)
    assert set(MEMBERS["session"]) == {*session_document(session, Totals()), "ts"}
    readings = Readings()
    for rows in (documents.EV, documents.METER, documents.EVSE, *chain(*TABLES.values())):
        assert list(table(rows, readings)) == [member.name for member in rows]


@pytest.mark.parametrize("leaf", TABLES)
def test_members_of_the_documents_of_a_house_are_described(leaf: str) -> None:
    readings = Readings()
    assert house_document(leaf, readings, NOW) is None
    readings.offered.add(TABLES[leaf][0][0].sources[0])
    described = MEMBERS["house_meter" if leaf == "meter" else leaf]
    assert set(described) == set(house_document(leaf, readings, NOW) or {})


def test_every_topic_of_the_page_belongs_to_the_tree() -> None:
    """Each topic in the tables is one that the gateway publishes on or listens to."""
    text = (ROOT / "docs" / "mqtt.md").read_text()
    topics = Topics()
    for topic in re.findall(r"`(eebus/(?:[a-z]+|\+)/set(?:/[^`]*)?)`", text):
        if "+" not in topic:
            assert topics.address(topic.replace("<field>", "lpc")) is not None, topic


# --- command lines

# tests/e2e/test_documented_commands.py types every line; here is what needs no other host.
LINES = [pytest.param(line.arguments, id=str(line)) for line in COMMANDS]


def parse(arguments: list[str]) -> None:
    """Goes down to the last command; raises ``click.UsageError`` when a word does not fit."""
    context: click.Context = cli.make_context("eebus-gw", arguments[: end_of_command(arguments)])
    command: click.Command = cli
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)


def test_lists_in_the_help_stay_lists_on_the_page() -> None:
    """click leaves a paragraph after \\b as it is; so does the page."""
    text = (ROOT / "docs" / "cli.md").read_text()
    assert "\b" not in text
    assert "\n  mosquitto  access rules for the broker\n" in text


def test_there_are_command_lines_to_check() -> None:
    assert len(LINES) > 30


@pytest.mark.parametrize("words", LINES)
def test_documented_command_lines_parse(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # Files of examples do not exist here.
    monkeypatch.setattr(click.Path, "convert", lambda self, value, param, ctx: Path(value))
    parse(words)


def test_a_line_that_does_not_parse_is_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse(["pair"])
    with pytest.raises(click.UsageError):
        parse(["discover", "--no-such-option"])


OFFLINE = (("init",), ("identity",), ("peers",), ("config",), ("completion",), ("store", "export"))
"""Commands that need neither network nor time; these are carried out."""


def is_offline(words: list[str]) -> bool:
    return any(tuple(words[: len(start)]) == start for start in OFFLINE)


@pytest.mark.parametrize("words", [line for line in LINES if is_offline(line.values[0])])
def test_documented_offline_commands_work(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))
    if words[0] != "init":
        assert main(["init"]) == 0
    assert main(words[: end_of_command(words)]) == 0, capsys.readouterr().err


def all_commands() -> Iterator[list[str]]:
    """The words of every command, groups as well."""

    def below(command: click.Command, words: list[str]) -> Iterator[list[str]]:
        yield words
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                yield from below(child, [*words, name])

    return below(cli, [])


@pytest.mark.parametrize(
    "words", list(all_commands()), ids=lambda words: " ".join(words) or "eebus-gw"
)
def test_help_of_every_command_has_an_example(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Usage: " in shown
    assert re.search(r"Examples?:|Start with:|Commands:", shown)


# --- links and paths


def anchors(page: Path) -> set[str]:
    """Explicit anchors and those of headings."""
    text = page.read_text()
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@by_page
def test_paths_in_texts_exist(page: Path) -> None:
    folders = "eebus_gw|usecases|tests|tools|docs|packaging|benchmarks"
    for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text()):
        assert (ROOT / path).exists(), path


@by_page
def test_pages_speak_of_the_project_alone(page: Path) -> None:
    """No paths of the machine on which the text was written: there it fails.

    ``/home/pi`` is the home of the examples, and on a Raspberry Pi the one of the tests, too.
    """
    here = {ROOT, Path.home()} - {Path("/home/pi")}
    places = [place for place in here if len(place.parts) > 2]
    assert [place for place in places if f"{place}/" in page.read_text()] == []


def topics_of_checks() -> set[str]:
    """The entries that checks of ``doctor`` point to: their fifth argument or ``topic``."""
    found: set[str] = set()
    for module in [
        *ROOT.glob("eebus_gw/diagnostics/*.py"),
        ROOT / "eebus_gw" / "cli" / "doctor.py",
    ]:
        for call in ast.walk(ast.parse(module.read_text())):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Check":
                continue
            given = [*call.args[4:5], *(k.value for k in call.keywords if k.arg == "topic")]
            words = [word for each in given for word in ast.walk(each)]
            found |= {w.value for w in words if isinstance(w, ast.Constant) and w.value}
    return found


def test_findings_point_to_entries_of_the_guide() -> None:
    topics = topics_of_checks()
    assert len(topics) > 5
    assert topics <= anchors(ROOT / "docs" / "troubleshooting.md")
