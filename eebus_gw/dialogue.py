"""Explaining recorded traffic: which answer belongs to which request, and which rules were broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from eebus_gw.attribution import Attribution, Mention, Part
from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Datagram, decode_datagram
from eebus_gw.spine.values import parse_duration
from eebus_gw.transcript import CONTROL, DATA, END, INIT, Line
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.wire.codec import loads
from eebus_gw.wire.fold import WireError, members_of, scalar_of

RESPONSE_DEADLINE_S = 10.0
_ANSWERS = ("reply", "result")
_HELLO = '"connectionHello"'
_CLOSURES = ("websocket-close", "socket-closed")
_CLASSIFIERS = frozenset(("read", "reply", "notify", "write", "call", "result"))
_VERSION = re.compile(r"[1-9][0-9]*\.[0-9]+\.[0-9]+")
_SECRET_MEMBERS = frozenset(("identificationValue", "pin"))
_ERRORS = {
    1: "general error",
    2: "timeout",
    3: "overload",
    4: "destination unknown",
    5: "destination unreachable",
    6: "command not supported",
    7: "command rejected",
    8: "restricted function exchange combination not supported",
    9: "binding necessary",
}


@dataclass(slots=True)
class Step:
    """One line of a transcript, explained."""

    line: Line
    title: str
    """What the message is, in the words of the standard."""
    source: str = ""
    destination: str = ""
    content: str = ""
    """The data in short: members and numbers, entries separated by semicolons."""
    counter: int | None = None
    reference: int | None = None
    answers: int | None = None
    """Line number of the request that this one answers."""
    latency_s: float | None = None
    findings: list[str] = field(default_factory=list)
    """Broken rules, each with its source."""
    use_cases: tuple[Part, ...] = ()
    """The use cases the message belongs to, as far as the record tells."""
    _wants_answer: bool = False
    _request: Step | None = None
    _mentions: Sequence[Mention] = ()


def explain(lines: Iterable[Line], use_cases: Iterable[UseCase] = ()) -> list[Step]:
    """Every line with its meaning, and which of ``use_cases`` it belongs to.

    Requests that were never answered get a finding of their own. Each connection is a dialogue for itself.
    """
    return _Reader(tuple(use_cases)).read(lines)


class _Reader:
    """Tells the dialogues of a record apart: pairs of devices, and the connections of each pair."""

    def __init__(self, use_cases: Sequence[UseCase]) -> None:
        self._use_cases = use_cases
        self._dialogues: dict[frozenset[str], _Dialogue] = {}

    def read(self, lines: Iterable[Line]) -> list[Step]:
        steps = [self._step(line) for line in lines]
        for pair in list(self._dialogues):
            self._end(pair)
        return steps

    def _step(self, line: Line) -> Step:
        if line.event:
            if line.event in _CLOSURES:
                self._closed(line)
            return Step(line, f"{line.event} {line.text}".strip())
        # Files that do not say who receives hold one pair.
        pair = frozenset((line.sender, line.receiver) if line.receiver else ())
        dialogue = self._dialogues.get(pair)
        if dialogue is not None and dialogue.is_over(line):
            self._end(pair)
            dialogue = None
        if dialogue is None:
            dialogue = self._dialogues[pair] = _Dialogue(Attribution(self._use_cases))
        return dialogue.step(line)

    def _closed(self, line: Line) -> None:
        named = {line.sender, line.receiver} - {""}
        pairs = [pair for pair in self._dialogues if not pair or named <= pair]
        if len(pairs) == 1:
            self._end(pairs[0])

    def _end(self, pair: frozenset[str]) -> None:
        self._dialogues.pop(pair).end()


class _Dialogue:
    """One connection between two devices: what is open, what was counted."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._steps: list[Step] = []
        self._open: dict[tuple[str, int], Step] = {}
        self._last_counter: dict[str, int] = {}
        self._heartbeats: dict[tuple[str, str], tuple[float, float]] = {}
        self._greeted = self._established = False

    def is_over(self, line: Line) -> bool:
        """Whether a frame begins a new connection: SHIP initiates once, and says hello before all data."""
        if line.type == INIT:
            return self._greeted
        return self._established and line.type == CONTROL and _HELLO in line.text[:40]

    def step(self, line: Line) -> Step:
        """The next frame, explained."""
        step = self._explained(line)
        self._steps.append(step)
        return step

    def end(self) -> None:
        """What only the whole dialogue tells: requests without an answer, and the use cases of each message."""
        end = self._steps[-1].line.t if self._steps else 0.0
        for step in self._open.values():
            if step._wants_answer and end - step.line.t > RESPONSE_DEADLINE_S:
                step.findings.append("never answered (SPINE protocol 5.2.5)")
        for step in self._steps:
            named = (
                part for mention in step._mentions for part in self._attribution.parts(mention)
            )
            step.use_cases = tuple(dict.fromkeys(named))
            if step._request is not None and not step.use_cases:
                # A result, or a reply that holds none of the values asked for.
                step.use_cases = step._request.use_cases
            step._mentions, step._request = (), None

    def _explained(self, line: Line) -> Step:
        if line.type == INIT:
            return Step(line, "init")
        self._greeted = True
        self._established |= line.type == DATA
        try:
            tree = loads(line.text.encode(errors="replace"))
        except WireError as error:
            return Step(line, "unreadable", findings=[f"{error} (SHIP 11.4)"])
        if line.type in (CONTROL, END):
            return Step(line, _control(tree))
        if line.type == DATA:
            return self._data(line, tree)
        return Step(line, f"frame type {line.type}", findings=["unknown type (SHIP 13.4.2)"])

    def _data(self, line: Line, tree: Any) -> Step:
        try:
            payload = members_of(members_of(tree)["data"])["payload"]
            datagram = decode_datagram(payload)
        except (WireError, KeyError) as error:
            return Step(line, "data without a payload", findings=[f"{error} (SHIP 13.4.5)"])
        except DatagramError as error:
            return Step(line, "unreadable datagram", findings=[str(error)])
        step = _described(line, datagram)
        _check_header(step, datagram)
        self._check_heartbeat(step, datagram)
        self._check_counter(step)
        self._correlate(step, datagram)
        step._mentions = self._attribution.follow(line.sender, datagram)
        return step

    def _check_counter(self, step: Step) -> None:
        if step.counter is None:
            return
        last = self._last_counter.get(step.line.sender)
        if last is not None and step.counter <= last:
            step.findings.append(
                f"msgCounter {step.counter} after {last}: not ascending (SPINE protocol 5.2.3.1)"
            )
        self._last_counter[step.line.sender] = step.counter

    def _check_heartbeat(self, step: Step, datagram: Datagram) -> None:
        for command in datagram.commands:
            timeout = _heartbeat_timeout(command)
            if timeout is None:
                continue
            way = (step.line.sender, step.source)
            last, announced = self._heartbeats.get(way, (step.line.t, timeout))
            gap = step.line.t - last
            if gap > announced:
                step.findings.append(f"heartbeat after {gap:.1f} s, announced were {announced:g} s")
            self._heartbeats[way] = (step.line.t, timeout)

    def _correlate(self, step: Step, datagram: Datagram) -> None:
        header = datagram.header
        if header.classifier in _ANSWERS:
            request = self._request_of(step)
            if request is None:
                if step.reference is not None:
                    step.findings.append(f"answers {step.reference}, which is not in this record")
                return
            step._request = request
            step.answers = request.line.number
            step.latency_s = round(step.line.t - request.line.t, 6)
            if step.latency_s > RESPONSE_DEADLINE_S:
                step.findings.append(f"answer after {step.latency_s:.1f} s, allowed are 10 s")
        elif step.counter is not None:
            step._wants_answer = header.classifier == "read" or header.ack_request
            self._open[step.line.sender, step.counter] = step

    def _request_of(self, step: Step) -> Step | None:
        if step.reference is None:
            return None
        for sender, counter in self._open:
            if counter == step.reference and sender != step.line.sender:
                return self._open.pop((sender, counter))
        return None


def _described(line: Line, datagram: Datagram) -> Step:
    header = datagram.header
    what = ", ".join(_command(command) for command in datagram.commands) or "nothing"
    return Step(
        line,
        f"{header.classifier or 'no classifier'} {what}",
        source=_address(header.source),
        destination=_address(header.destination),
        content="; ".join(filter(None, map(_content, datagram.commands))),
        counter=header.counter,
        reference=header.reference,
    )


def _command(command: Command) -> str:
    if command.function == "resultData":
        return _result(command)
    name = command.function or "no function"
    try:
        kinds = ["delete" if one.delete else "partial" for one in command.filters]
    except DatagramError:
        kinds = ["unreadable filter"]
    return f"{name} ({', '.join(kinds)})" if kinds else name


def _content(command: Command) -> str:
    if command.raw is None or command.function == "resultData":
        return ""
    try:
        return _short(command.raw)
    except WireError:
        return "unreadable"


def _short(value: Any) -> str:
    """A tree in short; scaled numbers as numbers, secrets left out."""
    if not isinstance(value, list | dict):
        return str(value)
    if isinstance(value, list) and not all(
        isinstance(one, dict) and len(one) == 1 for one in value
    ):
        separator = "; " if any(isinstance(one, list | dict) for one in value) else "."
        return separator.join(map(_short, value))
    members = members_of(value)
    if "number" in members and members.keys() <= {"number", "scale"}:
        return _scaled(members)
    return " ".join(
        _member(name, _short(inner))
        for name, inner in members.items()
        if name not in _SECRET_MEMBERS
    )


def _member(name: str, content: str) -> str:
    if not content:
        return name
    return f"{name}({content})" if "=" in content or " " in content else f"{name}={content}"


def _scaled(members: Mapping[str, Any]) -> str:
    try:
        return str(float(Decimal(members["number"]).scaleb(members.get("scale") or 0)))
    except (ArithmeticError, TypeError, ValueError):
        return f"{members['number']}e{members.get('scale')}"


def _heartbeat_timeout(command: Command) -> float | None:
    if command.function != "deviceDiagnosisHeartbeatData" or not command.raw:
        return None
    try:
        text = members_of(command.raw).get("heartbeatTimeout")
    except WireError:
        return None
    return parse_duration(text) if isinstance(text, str) else None


def _result(command: Command) -> str:
    try:
        members = members_of(command.raw)
        number = scalar_of(members, "errorNumber", int) or 0
    except WireError:
        return "unreadable result"
    text = members.get("description")
    meaning = "ok" if number == 0 else f"error {number}: {_ERRORS.get(number, 'unknown')}"
    return f"{meaning} ({text})" if text else meaning


def _check_header(step: Step, datagram: Datagram) -> None:
    header, commands = datagram.header, datagram.commands
    found = step.findings.append
    if header.counter is None:
        found("msgCounter is missing (SPINE protocol 5.2.3.1)")
    if header.classifier not in _CLASSIFIERS:
        found(f"cmdClassifier {header.classifier!r} is unknown (SPINE protocol 5.2.4)")
    if header.classifier in _ANSWERS and header.reference is None:
        found(f"{header.classifier} without msgCounterReference (SPINE protocol 5.2.3.2)")
    if not _VERSION.fullmatch(header.specification_version or ""):
        found(f"specificationVersion {header.specification_version!r} is malformed")
    if len(commands) != 1:
        found(f"{len(commands)} commands, exactly one is allowed (SPINE protocol 5.3.2)")
    for command in commands:
        _check_command(command, step)


def _check_command(command: Command, step: Step) -> None:
    if command.function and not command.known:
        step.findings.append(f"function {command.function} does not exist in SPINE 1.3.0")
    try:
        filtered = bool(command.filters)
        _ = command.data
    except DatagramError as error:
        step.findings.append(str(error))
        return
    if filtered and command.stated_function is None:
        step.findings.append("filter without function (SPINE protocol 5.3.4.1)")
    elif command.stated_function not in (None, command.function):
        step.findings.append(f"function says {command.stated_function}, data says otherwise")


def _control(tree: Any) -> str:
    try:
        members = members_of(tree)
        root = next(iter(members), "empty message")
        inner = members.get(root)
        content = members_of(inner) if isinstance(inner, list | dict) else {}
    except WireError:
        return "unreadable control message"
    shown = (f"{name}={_brief(value)}" for name, value in content.items() if name != "pin")
    return " ".join([root, *shown])


def _brief(value: Any) -> str:
    if isinstance(value, list | dict):
        try:
            return "/".join(_brief(part) for part in members_of(value).values()) or "yes"
        except WireError:
            return ",".join(map(str, value))
    return str(value)


def _address(address: FeatureAddress) -> str:
    entity = ".".join(map(str, address.entity))
    feature = "" if address.feature is None else f":{address.feature}"
    return f"{entity}{feature}"
