"""Which use cases the messages of a record belong to, typed from what the recordings hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eebus_gw.trace.attribution import Part
from eebus_gw.trace.dialogue import Step, explain
from eebus_gw.trace.transcript import read_transcript
from usecases import catalogue

WIRE = Path(__file__).parents[1] / "fixtures" / "wire"


def lines_of(*names: str) -> list[str]:
    return [line for name in names for line in (WIRE / f"{name}.jsonl").read_text().splitlines()]


def explained(lines: list[str]) -> list[Step]:
    return explain(read_transcript(lines).lines, catalogue().values())


def named(step: Step) -> str:
    return ", ".join(" ".join([part.code, *part.points]) for part in step.use_cases)


def of_kind(steps: list[Step], title: str) -> list[str]:
    return [named(step) for step in steps if step.title.startswith(title)]


@pytest.fixture(scope="module")
def charging() -> list[Step]:
    return explained(lines_of("cem-evse-charging"))


class TestAnEnergyManagerAndAWallbox:
    def test_writes_are_told_apart_by_what_the_limits_are_described_as(
        self, charging: list[Step]
    ) -> None:
        assert of_kind(charging, "write loadControlLimitListData") == [
            "opev limit_a",
            "oscev limit_a",
            "opev limit_a",
            "lpc limit",
        ]

    def test_measurements_are_named_by_their_points(self, charging: list[Step]) -> None:
        assert set(of_kind(charging, "notify measurementListData")) == {
            "evcem current_a power_w energy_wh, evsoc soc_percent"
        }

    def test_an_answer_belongs_where_its_request_does(self, charging: list[Step]) -> None:
        write = next(step for step in charging if step.title.startswith("write"))
        result = next(step for step in charging if step.answers == write.line.number)
        assert (result.title, named(result)) == ("result ok", "opev limit_a")

    def test_so_does_a_reply_without_a_value(self, charging: list[Step]) -> None:
        empty = next(step for step in charging if step.title == "reply measurementListData")
        assert (empty.content, named(empty)) == ("", "mpc")

    def test_states_belong_to_the_entity_that_has_them(self, charging: list[Step]) -> None:
        assert of_kind(charging, "reply deviceDiagnosisStateData") == [
            "evsecc operating_state",
            "evcc operating_state",
            "evcc operating_state",
        ]

    def test_heartbeats_of_both_ends(self, charging: list[Step]) -> None:
        beats = Counter(
            (step.line.sender, named(step))
            for step in charging
            if step.title == "notify deviceDiagnosisHeartbeatData"
        )
        assert set(beats) == {
            ("cem", "lpc heartbeat, lpp heartbeat"),
            ("evse", "lpc heartbeat, lpp heartbeat"),
        }

    def test_subscriptions_and_bindings_belong_to_the_feature_they_are_for(
        self, charging: list[Step]
    ) -> None:
        assert of_kind(charging, "call nodeManagementBindingRequestCall") == [
            "lpc, lpp",
            "lpc, lpp",
            "opev, oscev",
            "opev, oscev",
        ]

    def test_management_belongs_to_none(self, charging: list[Step]) -> None:
        assert set(of_kind(charging, "reply nodeManagement")) == {""}


class TestAControlBox:
    def test_keys_and_directions_tell_consumption_from_production(self) -> None:
        steps = explained(lines_of("controlbox-evse-lpc-lpp"))
        writes = [(s.title.split(" ")[1], named(s)) for s in steps if s.title.startswith("write")]
        assert writes == [
            ("loadControlLimitListData", "lpc limit"),
            ("loadControlLimitListData", "lpc limit"),
            ("loadControlLimitListData", "lpc limit"),
            ("deviceConfigurationKeyValueListData", "lpc failsafe_w"),
            (
                "deviceConfigurationKeyValueListData",
                "lpc failsafe_duration_s, lpp failsafe_duration_s",
            ),
            ("loadControlLimitListData", "lpp limit"),
            ("loadControlLimitListData", "lpc limit"),
            ("loadControlLimitListData", "lpc limit"),
        ]

    def test_two_guards_of_one_wallbox_are_two_dialogues(self) -> None:
        steps = explained(lines_of("two-guards-one-evse"))
        assert [(s.line.sender, named(s)) for s in steps if s.title.startswith("write")] == [
            ("controlbox", "lpc limit")
        ]
        beats = {
            (s.line.sender, s.line.receiver, named(s))
            for s in steps
            if s.title == "notify deviceDiagnosisHeartbeatData"
        }
        both = "lpc heartbeat, lpp heartbeat"
        assert {("cem", "evse", both), ("controlbox", "evse", both)} <= beats


def test_the_log_of_another_program_is_explained_like_a_recording(charging: list[Step]) -> None:
    ski = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
    log = [
        f"[eebus ] TRACE 2024/08/23 21:05:00 {'Send' if line.sender == 'cem' else 'Recv'}: {ski} "
        + (line.text if line.type else "ship init")
        for line in read_transcript(lines_of("cem-evse-charging")).lines
        if not line.event
    ]
    frames = [step for step in charging if not step.line.event]
    logged = explained(log)
    assert [step.title for step in logged] == [step.title for step in frames]
    assert [step.use_cases for step in logged] == [step.use_cases for step in frames]


class TestAnIncompleteRecord:
    def test_the_function_alone_speaks_where_no_device_is_described(self) -> None:
        lines = lines_of("cem-evse-charging")
        write = next(line for line in lines if '\\"cmdClassifier\\":\\"write\\"' in line)
        (step,) = explained([write])
        assert step.use_cases == tuple(
            Part(code, certain=False) for code in ("opev", "oscev", "lpc", "lpp")
        )

    def test_announcements_narrow_it(self) -> None:
        def telling(line: str) -> bool:
            return "DetailedDiscovery" not in line

        lines = [line for line in lines_of("controlbox-evse-lpc-lpp") if telling(line)]
        writes = [step for step in explained(lines) if step.title.startswith("write load")]
        assert {step.use_cases for step in writes} == {
            (Part("lpc", certain=False), Part("lpp", certain=False))
        }

    def test_without_a_catalogue_nothing_is_named(self) -> None:
        steps = explain(read_transcript(lines_of("cem-evse-charging")).lines)
        assert not any(step.use_cases for step in steps)


class TestSeveralConnectionsInOneFile:
    @pytest.mark.parametrize(
        "names",
        [
            ("cem-evse-charging", "controlbox-evse-lpc-lpp"),
            ("double-connection-1", "double-connection-2"),
            ("two-guards-one-evse", "two-guards-one-evse"),
            ("reconnect-after-close", "cem-evse-charging", "cem-evse-charging"),
        ],
    )
    @pytest.mark.parametrize("left_out", ["nothing", "event", "init"])
    def test_each_is_explained_as_it_is_alone(self, names: tuple[str, ...], left_out: str) -> None:
        def told(name: str) -> list[str]:
            return [line for line in lines_of(name) if not _is(left_out, line)]

        together = explained([line for name in names for line in told(name)])
        alone = [step for name in names for step in explained(told(name))]
        assert [s.findings for s in together] == [s.findings for s in alone]
        assert [s.use_cases for s in together] == [s.use_cases for s in alone]
        assert [s.latency_s for s in together] == [s.latency_s for s in alone]


def _is(kind: str, line: str) -> bool:
    tree = json.loads(line)
    return "event" in tree if kind == "event" else kind == "init" and tree.get("type") == 0
