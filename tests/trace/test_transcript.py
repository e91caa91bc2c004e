"""The reading of trace files and of logs of other programs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.trace.recording import FrameTrace
from eebus_gw.trace.transcript import read_transcript
from tests.support.trees import TREES

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


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
