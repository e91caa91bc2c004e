"""Frame trace, its export, and the reading of recorded traffic."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.dialogue import Step, explain
from eebus_gw.redaction import redact
from eebus_gw.trace import FrameTrace, TraceFile, TraceRecord
from eebus_gw.transcript import Line, read_transcript
from usecases import catalogue

SHARED = Path(__file__).parents[1] / ".." / "shared" / "wire"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(
    ["data", "payload", "datagram", "header", "cmd", "filter", "function", "number", "scale", "value",
     "measurementListData", "resultData", "deviceDiagnosisHeartbeatData", "heartbeatTimeout",
     "addressSource", "entity", "msgCounter", "cmdClassifier", "connectionHello"]
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def exported(trace: FrameTrace, **options: bool | str) -> list[dict[str, object]]:
    return [json.loads(line) for line in trace.lines(**options)]  # type: ignore[arg-type]


class TestRing:
    def test_lines_have_the_format_of_the_recordings(self) -> None:
        trace = FrameTrace(started=datetime(2026, 11, 25, 12, tzinfo=UTC), started_at=90.0)
        trace.event(100.0, "box", "", "websocket-close", code=4001)
        trace.frame(100.25, "gateway", "box", b"\x00\x00")
        trace.frame(101.5, "box", "gateway", b'\x02{"data":[]}')
        assert exported(trace) == [
            {"t": 0.0, "event": "trace", "wall": "2026-11-25T12:00:10.000Z"},
            {"t": 0.0, "from": "box", "event": "websocket-close", "code": 4001},
            {"t": 0.25, "from": "gateway", "to": "box", "type": 0, "text": "\x00"},
            {"t": 1.5, "from": "box", "to": "gateway", "type": 2, "text": '{"data":[]}'},
        ]

    def test_it_forgets_by_age(self) -> None:
        trace = FrameTrace(max_age_s=10)
        for second in range(20):
            trace.frame(float(second), "a", "b", b"\x01x")
        assert len(trace) == 11

    def test_it_forgets_by_size(self) -> None:
        trace = FrameTrace(max_bytes=100_000)
        for number in range(50):
            trace.frame(float(number), "a", "b", b"\x02" + bytes(9_999))
        assert len(trace) == 9
        assert trace.size <= 100_000

    def test_no_age_means_no_memory(self) -> None:
        trace = FrameTrace(max_age_s=0)
        trace.frame(1.0, "a", "b", b"\x01x")
        assert len(trace) == 0
        assert exported(trace) == []

    def test_a_sink_sees_everything_until_it_is_detached(self) -> None:
        trace, seen = FrameTrace(max_age_s=0), list[TraceRecord]()
        detach = trace.attach(seen.append)
        trace.frame(1.0, "a", "b", b"\x01x")
        detach()
        trace.frame(2.0, "a", "b", b"\x01y")
        assert [record.payload for record in seen] == [b"\x01x"]

    def test_a_file_takes_what_fits(self, tmp_path: Path) -> None:
        trace, file = FrameTrace(), TraceFile(tmp_path / "x.jsonl", 1.0, max_bytes=200)
        trace.attach(file)
        for number in range(20):
            trace.frame(1.5 + number, "box", "gateway", b'\x01{"pin":"1234"}')
        file.close()
        trace.frame(99.0, "box", "gateway", b"\x01late")
        lines = (tmp_path / "x.jsonl").read_text().splitlines()
        assert 1 <= len(lines) <= 3
        assert json.loads(lines[0])["t"] == 0.5
        assert "1234" not in lines[0]
        assert stat.S_IMODE((tmp_path / "x.jsonl").stat().st_mode) == 0o600

    def test_one_link_alone(self) -> None:
        trace = FrameTrace()
        trace.frame(1.0, "box", "gateway", b"\x01x")
        trace.frame(2.0, "other", "gateway", b"\x01y")
        assert [line.get("text") for line in exported(trace, party="box")] == [None, "x"]

    def test_bytes_that_are_no_text_survive_as_escapes(self) -> None:
        trace = FrameTrace()
        trace.frame(1.0, "a", "b", b"\x01\xff{")
        trace.frame(1.0, "a", "b", b"")
        assert [(line.get("type"), line.get("text")) for line in exported(trace)[1:]] == [
            (1, "\\xff{"),
            (-1, ""),
        ]

    def test_secrets_leave_only_on_demand(self) -> None:
        trace = FrameTrace()
        trace.frame(1.0, SKI, "gateway", b'\x01{"connectionPinInput":[{"pin":"1234ABCD"}]}')
        trace.frame(2.0, SKI, "gateway", b'\x02{"identificationValue":"DE-1-ABC"}')
        text = "\n".join(trace.lines())
        assert "1234ABCD" not in text
        assert "DE-1-ABC" not in text
        assert SKI not in text
        assert "7c1e0b94…" in text
        assert exported(trace)[1]["text"] == '{"connectionPinInput":[{"pin":"***"}]}'
        assert SKI in "\n".join(trace.lines(full_skis=True))
        assert "1234ABCD" in "\n".join(trace.lines(secrets=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://me:sesame@host:1883", "mqtt://me:***@host:1883"),
        ("SHIP;SKI:AA;PIN:1234 5678;SPSEC:00FF;ENDSHIP;", "SHIP;SKI:AA;PIN:***;SPSEC:***;ENDSHIP;"),
        ('{"password": "a b", "user": "me"}', '{"password": "***", "user": "me"}'),
        ("password=sesame, host=x", "password=***, host=x"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----\nrest",
            "*** private key ***\nrest",
        ),
        ("-----BEGIN EC PRIVATE KEY-----\nAAA", "*** private key ***"),
        ('{"pinState":"none"}', '{"pinState":"none"}'),
        (f"connected to {SKI}", f"connected to {SKI}"),
    ],
)
def test_redaction(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(redact(text)) == expected


def log_line(way: str, text: str, second: int = 5, program: str = "[eebus ] TRACE ") -> str:
    return f"{program}2024/08/23 21:05:{second:02} {way}: {SKI} {text}"


class TestReading:
    def test_logs_of_programs_on_ship_go(self) -> None:
        transcript = read_transcript(
            [
                "[main  ] INFO 2024/08/23 21:05:00 starting",
                log_line("Send", "ship init", 5),
                log_line("Recv", '{"connectionHello":[{"phase":"ready"}]}', 6),
                log_line("Recv", '{"data":[]}', 7, "evcc | 2024-08-23 TRACE "),
                log_line("Send", '{"connectionClose":[{"phase":"announce"}]}', 8),
                "[eebus ] DEBUG 2024/08/23 21:05:09 Send: d:_n:Demo notify 39 X",
            ]
        )
        assert transcript.skipped == 2
        assert [(line.t, line.type, line.sender) for line in transcript.lines] == [
            (0.0, 0, "local"),
            (1.0, 1, SKI),
            (2.0, 2, SKI),
            (3.0, 3, "local"),
        ]

    @pytest.mark.parametrize(
        "line",
        ["", "{", "{}", "[]", '{"t": "x"}', '{"type": 1}', "[" * 9999, '{"t": 1, "from": "a"}'],
    )
    def test_nonsense_is_counted(self, line: str) -> None:
        transcript = read_transcript([line])
        assert transcript.lines == ()
        assert transcript.skipped == (1 if line else 0)

    @given(st.binary(max_size=60) | TREES.map(lambda tree: json.dumps(tree).encode()))
    def test_any_file_can_be_read(self, data: bytes) -> None:
        lines = data.decode("utf-8", "replace").splitlines()
        transcript = read_transcript(lines)
        assert len(transcript.lines) + transcript.skipped <= len(lines)

    def test_an_own_export_reads_back(self) -> None:
        trace = FrameTrace()
        trace.event(1.0, "box", "", "accepted", address="192.0.2.7")
        trace.frame(2.0, "box", "gateway", b'\x01{"connectionHello":[]}')
        lines = read_transcript(trace.lines()).lines
        assert [(line.event, line.type, line.text) for line in lines] == [
            ("trace", -1, ""),
            ("accepted", -1, "address=192.0.2.7"),
            ("", 1, '{"connectionHello":[]}'),
        ]


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

    @pytest.mark.skipif(not SHARED.is_dir(), reason="recordings lie beside the checkout")
    @pytest.mark.parametrize("name", ["cem-evse-charging", "controlbox-evse-lpc-lpp"])
    def test_recordings_of_real_stacks(self, name: str) -> None:
        text = (SHARED / f"{name}.jsonl").read_text().splitlines()
        transcript = read_transcript(text)
        assert transcript.skipped == 0
        explained = explain(transcript.lines)
        answers = [step for step in explained if step.title.startswith(("reply", "result"))]
        assert len(answers) > 20
        assert all(step.answers is not None for step in answers)
        findings = {finding for step in explained for finding in step.findings}
        assert all("not ascending" in finding for finding in findings)
