"""Every line that the documentation types at a prompt is typed here, and does what its page shows.

Two hosts in a network of their own: on one the gateway with broker, house, three wallboxes and control box at the ports
of the pages, on the other the wallbox ``carport``. So a line runs as it stands, but for what ``STAND_INS`` replaces.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.e2e.typed import Desk, Typed
from tests.support.documented import COMMANDS, LINES, ROOT, Line
from tests.support.namespaces import two_hosts

# --- what is typed instead, and what is not

STAND_INS = (
    # (expression, what takes its place, reason)
    (r"sudo (-u eebus-gw )?/opt/eebus-gw/bin/", "", "nothing is installed for the whole machine"),
    (r"docker compose -f \S+ exec eebus-gw ", "", "there is no container"),
    (r"/tmp/|(?<=--home )(?=box |steuerbox )", "{homes}/", "homes of this test only"),
    (r"(?<={homes}/)controlbox", "steuerbox", "the one control box there is"),
    (r"/var/lib/eebus-gw", "{fresh}", "no home outside of this test"),
    (r"/etc/eebus-gw.toml", "{gateway}/config.toml", "its configuration"),
    (r"tests/fixtures", f"{ROOT}/tests/fixtures", "lines are typed in a directory of this test"),
    (r"(?<=approve |.. deny )[0-9a-f]{40}", "{asking}", "the key of who asks"),
    (r"(?<=approve )\"SKI OF THE CONTROL BOX\"", "{asking}", "the key of who asks"),
    (r"27b0f463\w+|(?<!GRID-)SKI-OF-THE-GATEWAY", "{ski}", "the gateway's key"),
    (r"GRID-SKI-OF-THE-GATEWAY|SKI(?=@\S+:4713)", "{grid_ski}", "that of its grid side"),
    (r"f7b207af\w+|SKI.OF.THE.CONTROL.BOX", "{steuerbox}", "the control box's key"),
    (r"df57ab3b\w+", "{box}", "the key of the wallbox beside the gateway"),
    (r"d4eb0660\w+", "{house}", "the key of the house"),
    (r"SKI-OF-WALLBOX-1", "{box_1}", "the key of the first of three wallboxes"),
    (r"3355a6b0\w+|7c1e0b94\w+", "{carport}", "the wallbox's key"),
    (r"NAME OR SKI(?=\" --id carport)", "{carport}", "by its SKI …"),
    (r"NAME OR SKI(?=\" --id house)", "eebus-gw house", "… and by its name"),
    (r"Wallbox Pro", "eebus-gw wallbox", "brand and model of the wallbox here"),
    (r"2026-11-25T18:00:00Z", "{now}", "measured now"),
)

NOT_TYPED = {
    "sudo": "changes the machine",
    "docker": "needs Docker",
    "make": "installs, or runs these tests",
    "pip": "installs",
    "git": "needs a place to clone from",
    "export": "changes the shell of who types it",
    "scp": "needs a Home Assistant",
    "curl": "needs metrics, which are off; tests/gateway/test_metrics.py reads them",
}
"""First words of lines that call other programs. No line that calls this one is left out."""

NOT_SHOWN = {
    r"looking for it on the network": "the wallbox is found at once",
    r"it refused, or has not been told": "the wallbox here trusts whoever comes",
    r"connected$": "the pairing is done at once",
    r"[\d.]+ s .* on its own": "only after two minutes",
}
"""Documented output that does not come here."""


def replaced(text: str) -> str:
    """The line with the names of what is there in braces."""
    for expression, instead, _ in STAND_INS:
        text = re.sub(expression, lambda found, instead=instead: instead, text)  # type: ignore[misc]
    return text


def filled(desk: Desk, text: str) -> str:
    """The line as it is typed here."""
    known = {
        "homes": lambda: desk.homes,
        "fresh": desk.fresh,
        "gateway": lambda: desk.gateway,
        "asking": lambda: asking(desk),
        "ski": lambda: desk.key_of("gateway"),
        "grid_ski": lambda: desk.key_of("gateway/grid"),
        "box_1": lambda: desk.key_of("box/1"),
        "now": lambda: datetime.now(UTC).isoformat(),
    }

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return str(known[name]() if name in known else desk.key_of(name))

    return re.sub(r"\{(\w+)\}", value, text)


# --- the order of the lines, and what each needs


def boxes(desk: Desk) -> None:
    """Three wallboxes beside the gateway are paired; the line of the page pairs the first once more."""
    desk.going(filled(desk, replaced(BOXES)), home=desk.fresh())
    if '"box-3"' in desk.mqtt.output:
        return
    for number in (1, 2, 3):
        key = desk.key_of(f"box/{number}")
        desk.done(f"eebus-gw pair {key} --id box-{number} --wait 0")
    for number in (1, 2, 3):
        desk.published(f"eebus/box-{number}/availability", "online")


def somebody_asks(desk: Desk, side: str = "wallbox", port: int = 4712) -> None:
    """Somebody unknown dials the gateway, which lets him wait."""
    desk.done(f"eebus-gw pairing open --side {side}")
    name = f"stranger-{len(desk.lines)}"
    key = desk.key_of("gateway" if side == "wallbox" else "gateway/grid")
    desk.simulated(name, f"controlbox --port 0 --peer {key}@127.0.0.1:{port}")


def asking(desk: Desk) -> str:
    """The SKI of who waits for a decision."""
    for _ in range(200):
        for side in ("wallbox", "grid"):
            pending = desk.json(f"eebus-gw pairing open --side {side}")["pending"]
            if pending:
                return str(pending[0]["ski"])
    pytest.fail("nobody asks")


def somebody_asks_at_the_grid_side(desk: Desk) -> None:
    """The pairing with the control box is undone first."""
    desk.done("eebus-gw unpair steuerbox")
    somebody_asks(desk, "grid", 4713)


def archive(name: str) -> Callable[[Desk], None]:
    """The file of an earlier line."""

    def made(desk: Desk) -> None:
        desk.site()
        if not (desk.work / name).exists():
            desk.done(f"eebus-gw store export {name}")

    return made


def traces(desk: Desk) -> None:
    desk.site()
    for name in ("charging.jsonl", "trace.jsonl"):
        if not (desk.work / name).exists():
            desk.done(f"eebus-gw trace export {name}")


def log_of_evcc(desk: Desk) -> None:
    """A few lines of another program, as ship-go writes them."""
    frames = ("ship init", '{"connectionHello":[{"phase":"ready"}]}')
    lines = [
        f"[eebus ] TRACE 2026/11/25 12:00:0{second} Send: {desk.key_of('carport')} {frame}\n"
        for second, frame in enumerate(frames)
    ]
    (desk.work / "evcc.log").write_text("".join(lines))


def house(desk: Desk) -> None:
    desk.simulated("house", "house --auto-accept --pv 6000")


def wallbox_and_house(desk: Desk) -> None:
    desk.wallbox()
    house(desk)


def house_at_the_site(desk: Desk) -> None:
    desk.site()
    house(desk)
    if "eebus/house/availability online" not in desk.mqtt.output:
        desk.done(f"eebus-gw pair {desk.key_of('house')} --id house --host 127.0.0.1 --port 4716")


def two_way_car(desk: Desk) -> None:
    """The same wallbox with a car that can discharge."""
    desk.site()
    desk.wallbox("bidirectional")
    desk.published("eebus/carport/setpoint", '"discharge_bound":"')


def two_way_car_and_a_load(desk: Desk) -> None:
    """… and a grid meter that tells of a house that draws more than the car."""
    two_way_car(desk)
    now = datetime.now(UTC).isoformat()
    feed = f'{{"power_w": 16000, "ts": "{now}"}}'
    desk.done(f"mosquitto_pub -t eebus/grid/meter/set -m '{feed}'")


def grid_script(desk: Desk) -> None:
    """The script of the page, two minutes to the second; the limit that ends lasts long enough to be looked at."""
    boxes(desk)
    desk.ended(f"eebus-gw --home {desk.homes}/steuerbox simulate controlbox --peer")
    page = (ROOT / "docs" / "grid.md").read_text()
    (script,) = re.findall(r"```toml\n(.*?at = 420.*?)```", page, re.DOTALL)
    soon = re.sub(r"(?<=at = )\d+", lambda found: f"{int(found[0]) / 120:g}", script)
    (desk.work / "grid.toml").write_text(soon.replace("for = 120", "for = 6"))


def limited(desk: Desk) -> None:
    """The last limit of the script is in force."""
    grid_script(desk)
    desk.going(filled(desk, replaced(SCRIPT)))
    desk.published("eebus/grid/effective", '"consumption_w":4200')


def limits_passed(desk: Desk) -> None:
    """The script has come to its end, and what it did was measured."""
    grid_script(desk)
    desk.going(filled(desk, replaced(SCRIPT)))
    desk.published("eebus/grid/event", "expired")


def box(desk: Desk) -> None:
    desk.site()
    desk.going(filled(desk, replaced(BOX)))


def no_box(desk: Desk) -> None:
    """The port of the wallbox beside the gateway is free."""
    desk.site()
    desk.ended(filled(desk, replaced(BOX)))


def control_box(desk: Desk) -> None:
    """It is trusted."""
    desk.site()
    key = desk.key_of("steuerbox")
    desk.done(f"eebus-gw pair {key} --side grid --id steuerbox --wait 0")


def control_box_dials(desk: Desk) -> None:
    desk.site()
    key = desk.key_of("gateway/grid")
    desk.simulated("steuerbox", f"controlbox --peer {key}@127.0.0.1:4713 --limit 4200")


BOX = "eebus-gw --home /tmp/box simulate wallbox --auto-accept"
BOXES = "eebus-gw --home box simulate wallbox --count 3 --port 4721 --trust SKI-OF-THE-GATEWAY"
SCRIPT = (
    "eebus-gw --home steuerbox simulate controlbox --trust GRID-SKI-OF-THE-GATEWAY"
    " --scenario grid.toml"
)
"""Lines of the pages that others need."""

GATEWAY, FRESH = "gateway", "fresh"
INTERRUPTED = 130


@dataclass(frozen=True)
class Step:
    """How lines are typed that match ``pattern``; those of the first step that fits come first."""

    pattern: str
    needs: Callable[[Desk], None] = Desk.site
    home: str = GATEWAY
    code: int = 0
    """Exit code of a line that ends by itself."""
    ends: int | None = None
    """Exit code after Ctrl-C; ``None`` for a line that ends by itself."""
    shows: str = "\n"
    """What has come before Ctrl-C, besides what the page shows."""
    stays: bool = False
    """Whether later lines need what it starts."""
    together: str = ""
    """All lines with the same word here are typed at once, each in a terminal of its own."""

    @property
    def goes_on(self) -> bool:
        return self.stays or self.ends is not None


E = r".*\beebus-gw (--home \S+ )?"
NOT_BIDIRECTIONAL = r"(?!docs/bidir)"
STEPS = (
    Step(r".*mkdir .*", wallbox_and_house),
    Step(E + r"init", Desk.wallbox, FRESH, together="discovery"),
    Step(E + r"demo.*", Desk.wallbox, FRESH, ends=0),
    Step(E + r"completion .*", Desk.wallbox, FRESH),
    Step(E + r"pair \"NAME OR SKI\" --id house", house, FRESH, together="discovery"),
    Step(E + r"pair .*(carport|Carport.*|7c1e\w+)", Desk.wallbox, FRESH, together="discovery"),
    Step(E + r"discover.*", wallbox_and_house, FRESH, together="discovery"),
    # the gateway runs
    Step(E + r"run .*", Desk.site, stays=True),
    Step(E + r"(config (?!example)|identity|peers|inspect|sessions).*", together="site"),
    Step(E + r".*config check"),
    Step(E + r"store export.*"),
    Step(E + r"store verify eebus-gw.*", archive("eebus-gw.tar.gz")),
    Step(E + r"store .*", archive("backup.tar.gz")),
    Step(E + r"doctor.*", together="site"),
    # with a house
    Step(E + r"simulate house .*", Desk.site, stays=True),
    Step(E + r"pair \S+ --id house --host .*", house),
    Step(E + r"monitor.*", house_at_the_site, ends=INTERRUPTED),
    Step(r".*mosquitto_sub .*eebus/house.*", house_at_the_site, ends=0),
    Step(E + r"set house setpoint -2000 .*", house_at_the_site, code=1),
    Step(E + r"set house .*", house_at_the_site),
    Step(E + r"simulate wallbox --count 3 .*", Desk.site, stays=True),
    # with a car
    Step(NOT_BIDIRECTIONAL + r".*mosquitto_sub.*eebus/(carport/(meter|#).*|#.*)", ends=0),
    Step(r"(?!.* & ).*mosquitto_pub.*eebus/(carport/set(/max| )|bridge).*"),
    Step(E + r"set carport max_current_a 8"),
    # at most one write a second goes out: after the line before, the answer finds its listener
    Step(r".*mosquitto_sub .* & mosquitto_pub .*", ends=-signal.SIGTERM),
    Step(E + r"set carport max_current_a 10 --for 30m", ends=INTERRUPTED, shows="held for"),
    Step(NOT_BIDIRECTIONAL + E + r"set carport setpoint .*30m", code=6),
    Step(E + r"trace (show|decode) (charging|trace).*", traces),
    Step(E + r"trace decode evcc.log", log_of_evcc),
    Step(E + r"trace .*"),
    # with a car that gives energy back
    Step(r"docs/bidir.*eebus-gw set .*", two_way_car, code=1),
    Step(r".*mosquitto_pub .*grid/meter/set.*", two_way_car),
    Step(E + r"set carport setpoint .*--for 15m", two_way_car_and_a_load),
    Step(r"docs/bidir.*mosquitto_pub.*", two_way_car_and_a_load),
    Step(r"docs/bidir.*mosquitto_sub.*", two_way_car, ends=0),
    Step(E + r"set carport .*"),
    # simulators among themselves
    Step(E + r"simulate wallbox --auto-accept", Desk.site, stays=True),
    Step(E + r"simulate controlbox .*@\S+:4711 .*", box, ends=INTERRUPTED),
    Step(E + r"simulate wallbox --trust .*", no_box, ends=INTERRUPTED),
    # somebody asks
    Step(E + r"pairing open( --seconds 300)?"),
    Step(E + r"pairing (approve|deny) [0-9a-f]{40}", somebody_asks),
    Step(E + r"pairing close"),
    # the control box
    Step(E + r"pair .* --side grid .*--wait 0"),
    Step(E + r"config example .*", control_box),
    Step(E + r"simulate controlbox .*@\S+:4713 .*", control_box, ends=INTERRUPTED),
    Step(E + r"pair .* --side grid .*", control_box_dials),
    Step(E + r"pair SKI-OF-WALLBOX-1 .*", boxes),
    Step(E + r"simulate controlbox .*--scenario .*", grid_script, stays=True),
    Step(E + r"grid status", limited),
    Step(E + r"grid (history .*|export.*)", limited),
    Step(E + r"grid history", limits_passed),
    Step(E + r"pairing open --side grid", control_box),
    Step(
        E + r"pairing approve \"SKI OF THE CONTROL BOX\" --side grid",
        somebody_asks_at_the_grid_side,
    ),
    Step(E + r"unpair carport"),
)


@dataclass(frozen=True)
class Case:
    """One line with everything that is shown below it, on whatever pages it stands."""

    step: Step
    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return self.text


def is_typed(line: Line) -> bool:
    return line in COMMANDS or line.words[0] not in NOT_TYPED


def cases() -> Iterator[Case]:
    """Each line once for every step it belongs to, in the order of the steps."""
    grouped: dict[tuple[int, str], list[Line]] = {}
    for line in filter(is_typed, LINES):
        found = [i for i, step in enumerate(STEPS) if re.fullmatch(step.pattern, str(line))]
        assert found, f"no step for {line}"
        grouped.setdefault((found[0], replaced(line.text)), []).append(line)
    for (number, text), lines in sorted(grouped.items(), key=lambda item: item[0][0]):
        yield Case(STEPS[number], text, tuple(lines))


# --- what is shown

SKI = r"(?:[0-9a-f]{4} ){9}[0-9a-f]{4}|[0-9a-f]{40}"
VARIABLE = re.compile(
    rf"{SKI}|[0-9A-F]{{64}}|eebus-gw-[0-9a-f]{{12}}|(?<![\w])(?:/[\w.-]+){{2,}}|-?\d[\d.:-]*"
)


def shape(line: str) -> str:
    """The line without what differs from one time to another: keys, numbers, moments, widths of columns.

    Of JSON only the names of the members are left.
    """
    start, brace, rest = line.partition("{")
    if brace and '":' in rest:
        return start + " ".join(re.findall(r'"(\w+)":', rest))
    return " ".join(VARIABLE.sub("#", line).split())


def check_shown(case: Case, typed: Typed) -> None:
    """Waits for each line below the prompt; ``…`` at its end stands for the rest."""
    for line in case.lines:
        for shown in line.output:
            text = shown.strip()
            if text == "…" or any(re.match(each, text) for each in NOT_SHOWN):
                continue
            typed.until(lambda output, text=text: comes(text, output), repr(text))


def comes(text: str, output: str) -> bool:
    wanted = shape(text.removesuffix("…"))
    have = [shape(line) for line in output.splitlines()]
    return any(h.startswith(wanted) for h in have) if text.endswith("…") else wanted in have


APPLIED = '"state":"applied"'
ANSWERS = (
    (r".*eebus/carport/set/max_current_a .*", "eebus/carport/result", APPLIED),
    (r".*eebus/carport/set -m .*ems-4711.*", "eebus/carport/result", '"id":"ems-4711"'),
    (r".*eebus/carport/set/setpoint .*", "eebus/carport/result", APPLIED),
    (
        r".*eebus/bridge/request/diagnostics/export .*",
        "eebus/bridge/response/diagnostics/export",
        '"status":"ok"',
    ),
)
"""What a published line is answered with."""

# --- the tests


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with two_hosts() as (here, there):
        lines = ("ip", "address", "add", "192.0.2.7/32", "dev", "lo")
        subprocess.run([*here.inside, *lines], check=True)
        here, there = here.move("192.168.178.2"), there.move("192.168.178.40")
        desk = Desk(tmp_path_factory.mktemp("desk"), here, there)
        try:
            yield desk
        finally:
            desk.end()


@pytest.fixture(scope="module")
def terminals(desk: Desk, request: pytest.FixtureRequest) -> Callable[[Case], Typed]:
    """Types a line, and with it those of the same step that are typed together."""
    typed: dict[Case, Typed] = {}
    parameters = [getattr(item, "callspec", None) for item in request.session.items]
    given = [each.params.get("case") for each in parameters if each]
    wanted = [case for case in given if isinstance(case, Case)]

    def of(case: Case) -> Typed:
        for each in wanted if case.step.together else [case]:
            if each.step.together == case.step.together and each not in typed:
                home = None if case.step.home == GATEWAY else desk.fresh()
                begin = desk.going if case.step.goes_on else desk.type
                typed[each] = begin(filled(desk, each.text), home=home)
        return typed[case]

    return of


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_line(case: Case, desk: Desk, terminals: Callable[[Case], Typed]) -> None:
    case.step.needs(desk)
    mark = len(desk.mqtt.output)
    typed = terminals(case)
    check_shown(case, typed)
    for pattern, topic, member in ANSWERS:
        if re.fullmatch(pattern, case.text):
            desk.published(topic, member, mark)
    if case.step.ends is not None:
        typed.until(lambda output: case.step.shows in output, case.step.shows)
        # A shell keeps Ctrl-C from what it has put into the background.
        number = signal.SIGTERM if case.step.ends < 0 else signal.SIGINT
        assert typed.interrupt(number) == case.step.ends, typed.output
    elif not case.step.stays:
        assert typed.wait() == case.step.code, typed.output


def test_programs_end_in_order(desk: Desk) -> None:
    """Those that have stayed until now: simulators and the gateway, which has logged no fault of its own."""
    staying = [typed for typed in desk.lines if typed.runs and typed.text.startswith("eebus-gw")]
    for typed in staying:
        typed.send(signal.SIGTERM)
    for typed in staying:
        assert typed.wait() == 0, typed.output
        assert '"level": "error"' not in typed.output


def test_every_line_of_the_program_is_typed() -> None:
    typed = [line for case in cases() for line in case.lines]
    assert set(COMMANDS) <= set(typed)
    assert len(typed) + sum(line.words[0] in NOT_TYPED for line in LINES) >= len(LINES)


@pytest.mark.parametrize("word", NOT_TYPED)
def test_what_is_not_typed_calls_something_else(word: str) -> None:
    left_out = [line for line in LINES if line.words[0] == word and not is_typed(line)]
    assert left_out
    assert not set(left_out) & set(COMMANDS)


def test_nothing_is_replaced_in_vain() -> None:
    texts = [line.text for line in LINES]
    for expression, instead, _ in STAND_INS:
        before, texts = texts, [re.sub(expression, lambda _, to=instead: to, t) for t in texts]  # type: ignore[misc]
        assert before != texts, expression
    shown = [text.strip() for line in LINES for text in line.output]
    for expression in NOT_SHOWN:
        assert any(re.match(expression, text) for text in shown), expression


def test_an_output_that_is_not_the_documented_one_is_noticed() -> None:
    output = "paired: carport (eebus-gw wallbox)\n     0.0 s  accepted: LPC limit 4200 W\n"
    assert comes("1.5 s  accepted: LPC limit 12000 W", output)
    assert comes("paired: …", output)
    assert not comes("paired: house (eebus-gw wallbox)", output)
    assert not comes("1.5 s  refused: LPC limit 12000 W", output)
    assert not comes('{"power_w":1,"ts":"…"}', '{"power_w":1,"current_a":1,"ts":"…"}')
