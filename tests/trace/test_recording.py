"""The frame trace: what is kept, for how long, and what leaves it."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

from eebus_gw.trace.recording import FrameTrace, TraceFile, TraceRecord

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
