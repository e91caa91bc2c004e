"""Recorded traffic explained: answers find their requests, broken rules their source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.trace.dialogue import Step, explain
from eebus_gw.trace.transcript import Line, read_transcript
from tests.support.trees import TREES
from usecases import catalogue

WIRE = Path(__file__).parents[1] / "fixtures" / "wire"


def datagram(
    classifier: str | None,
    command: str,
    counter: int | None = 1,
    reference: int | None = None,
    *,
    ack: bool = False,
    version: str = "1.3.0",
) -> str:
    header = [
        f'{{"specificationVersion":"{version}"}}',
        '{"addressSource":[{"device":"d"},{"entity":[1]},{"feature":2}]}',
        '{"addressDestination":[{"device":"e"},{"entity":[1,1]},{"feature":3}]}',
    ]
    header += [f'{{"msgCounter":{counter}}}'] if counter is not None else []
    header += [f'{{"msgCounterReference":{reference}}}'] if reference is not None else []
    header += [f'{{"cmdClassifier":"{classifier}"}}'] if classifier else []
    header += ['{"ackRequest":true}'] if ack else []
    return (
        '{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[{"header":['
        + ",".join(header)
        + f']}},{{"payload":[{{"cmd":[{command}]}}]}}]}}}}]}}'
    )


READ = '[{"measurementListData":[]}]'
RESULT = '[{"resultData":[{"errorNumber":%d},{"description":"because"}]}]'


def steps(*frames: tuple[float, str, str]) -> list[Step]:
    return explain(
        Line(number, t, sender, "", 2, text) for number, (t, sender, text) in enumerate(frames, 1)
    )


class TestExplaining:
    def test_answers_find_their_requests(self) -> None:
        read, notify, reply = steps(
            (1.0, "a", datagram("read", READ, 7)),
            (1.1, "b", datagram("notify", READ, 7)),
            (1.25, "b", datagram("reply", READ, 8, 7)),
        )
        assert (read.title, read.source, read.destination) == (
            "read measurementListData",
            "1:2",
            "1.1:3",
        )
        assert (notify.answers, reply.answers, reply.latency_s) == (None, 1, 0.25)
        assert not read.findings + notify.findings + reply.findings

    def test_results_are_named(self) -> None:
        _, refused, accepted = steps(
            (1.0, "a", datagram("write", READ, 1, ack=True)),
            (1.1, "b", datagram("result", RESULT % 7, 1, 1)),
            (1.2, "b", datagram("result", '[{"resultData":[]}]', 2, 9)),
        )
        assert refused.title == "result error 7: command rejected (because)"
        assert accepted.title == "result ok"
        assert accepted.findings == ["answers 9, which is not in this record"]

    def test_silence_and_slowness_are_findings(self) -> None:
        read, call, slow, _ = steps(
            (1.0, "a", datagram("read", READ, 1)),
            (1.0, "a", datagram("call", '[{"nodeManagementBindingRequestCall":[]}]', 2, ack=True)),
            (12.5, "b", datagram("result", RESULT % 0, 1, 2)),
            (13.0, "b", datagram("notify", READ, 2)),
        )
        assert read.findings == ["never answered (SPINE protocol 5.2.5)"]
        assert call.findings == []
        assert "11.5 s" in slow.findings[0]

    @pytest.mark.parametrize(
        ("text", "finding"),
        [
            ("nonsense", "SHIP 11.4"),
            ('{"data":[]}', "SHIP 13.4.5"),
            (datagram("read", READ, None), "5.2.3.1"),
            (datagram("ask", READ), "5.2.4"),
            (datagram("reply", READ), "5.2.3.2"),
            (datagram("read", READ, version="v1.3"), "malformed"),
            (datagram("read", f"{READ},{READ}"), "5.3.2"),
            (datagram("read", '[{"fancyData":[]}]'), "fancyData does not exist"),
            (
                datagram(
                    "notify",
                    '[{"filter":[[{"cmdControl":[{"partial":[]}]}]]},{"measurementListData":[]}]',
                ),
                "5.3.4.1",
            ),
        ],
    )
    def test_broken_rules_name_their_source(self, text: str, finding: str) -> None:
        (step,) = steps((1.0, "a", text))
        assert any(finding in one for one in step.findings)

    def test_counters_that_fall_back(self) -> None:
        *_, last = steps(
            (1.0, "a", datagram("notify", READ, 5)), (1.1, "a", datagram("notify", READ, 4))
        )
        assert "4 after 5" in last.findings[0]

    @given(TREES, st.sampled_from([0, 1, 2, 3, 9, -1]))
    def test_nothing_in_a_frame_can_stop_the_reading(self, tree: object, kind: int) -> None:
        frames = [
            json.dumps(tree),
            datagram("notify", json.dumps(tree)),
            datagram("write", json.dumps([{"measurementListData": tree}])),
            datagram("result", json.dumps([{"resultData": tree}])),
            datagram("notify", json.dumps([{"deviceDiagnosisHeartbeatData": tree}])),
            json.dumps({"data": [{"payload": {"datagram": tree}}]}),
        ]
        lines = [Line(number, 0.0, "a", "", kind, text) for number, text in enumerate(frames)]
        assert len(explain(lines, catalogue().values())) == len(lines)

    def test_content_in_short(self) -> None:
        data = (
            '[{"measurementListData":[{"measurementData":[[{"measurementId":1},'
            '{"value":[{"number":1519},{"scale":-2}]}],[{"measurementId":2}]]}]}]'
        )
        secret = '[{"identificationListData":[{"identificationValue":"DE-1"}]}]'
        values, hidden = steps(
            (1.0, "a", datagram("notify", data)), (1.1, "a", datagram("notify", secret, 2))
        )
        assert values.content == "measurementData(measurementId=1 value=15.19; measurementId=2)"
        assert hidden.content == ""

    def test_late_heartbeats(self) -> None:
        beat = '[{"deviceDiagnosisHeartbeatData":[{"heartbeatTimeout":"PT4S"}]}]'
        first, good, late = steps(
            (1.0, "a", datagram("notify", beat, 1)),
            (4.9, "a", datagram("notify", beat, 2)),
            (9.0, "a", datagram("notify", beat, 3)),
        )
        assert not first.findings + good.findings
        assert late.findings == ["heartbeat after 4.1 s, announced were 4 s"]

    def test_control_messages_hide_the_pin(self) -> None:
        pin = '{"connectionPinInput":[{"pin":"1234ABCD"}]}'
        hello = '{"connectionHello":[{"phase":"pending"},{"waiting":60000}]}'
        titles = [
            step.title
            for step in explain([Line(1, 0, "a", "", 1, pin), Line(2, 0, "a", "", 1, hello)])
        ]
        assert titles == ["connectionPinInput", "connectionHello phase=pending waiting=60000"]

    @pytest.mark.parametrize("name", ["cem-evse-charging", "controlbox-evse-lpc-lpp"])
    def test_recordings_of_real_stacks(self, name: str) -> None:
        text = (WIRE / f"{name}.jsonl").read_text().splitlines()
        transcript = read_transcript(text)
        assert transcript.skipped == 0
        explained = explain(transcript.lines)
        answers = [step for step in explained if step.title.startswith(("reply", "result"))]
        assert len(answers) > 20
        assert all(step.answers is not None for step in answers)
        findings = {finding for step in explained for finding in step.findings}
        assert all("not ascending" in finding for finding in findings)
