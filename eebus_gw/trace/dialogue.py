"""Explaining recorded traffic: which answer belongs to which request, and which rules were broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.spine.datagram import Datagram, decode_datagram
from eebus_gw.trace.attribution import Attribution, Mention, Part
from eebus_gw.trace.rules import ANSWERS, announced_interval_s, header_findings
from eebus_gw.trace.transcript import CONTROL, DATA, END, INIT, Line
from eebus_gw.trace.wording import address_text, content_text, control_title, datagram_title
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.wire.codec import loads
from eebus_gw.wire.fold import WireError, members_of

RESPONSE_DEADLINE_S = 10.0
_HELLO = '"connectionHello"'
_CLOSURES = ("websocket-close", "socket-closed")


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
            return Step(line, control_title(tree))
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
        step.findings += header_findings(datagram)
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
            timeout = announced_interval_s(command)
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
        if header.classifier in ANSWERS:
            request = self._request_of(step)
            if request is None:
                if step.reference is not None:
                    step.findings.append(f"answers {step.reference}, which is not in this record")
                return
            step._request = request
            step.answers = request.line.number
            step.latency_s = round(step.line.t - request.line.t, 6)
            if step.latency_s > RESPONSE_DEADLINE_S:
                step.findings.append(
                    f"answer after {step.latency_s:.1f} s, allowed are 10 s (SPINE protocol 5.2.5.3)"
                )
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
    return Step(
        line,
        datagram_title(datagram),
        source=address_text(header.source),
        destination=address_text(header.destination),
        content=content_text(datagram),
        counter=header.counter,
        reference=header.reference,
    )
