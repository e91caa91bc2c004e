"""What the demonstration shows, from messages and seconds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eebus_gw.cli.demo_state import DemoState, answer_text
from eebus_gw.cli.demo_story import SCENES, scenes_for

LINE = {"power_w": 6900.0, "limit_a": 10.0, "limited_by": "overload", "soc_percent": 50.0}
OBLIGATION = {"value_a": [10, 10, 10], "active": [True, True, True]}


@pytest.fixture
def state() -> DemoState:
    return DemoState("demo-box", "eebus", started=0.0)


def say(state: DemoState, topic: str, content: Any, now: float = 1.0) -> None:
    state.received(topic, json.dumps(content).encode(), now)


def test_limits_end_up_in_the_chart(state: DemoState) -> None:
    state.stepped(LINE, 1.0)
    say(state, "eebus/demo-box/limits", {"obligation": OBLIGATION})
    state.stepped(LINE, 2.0)
    say(state, "eebus/demo-box/lpc", {"limit_w": 4200, "limit_active": True})
    state.stepped(LINE, 3.0)
    say(state, "eebus/demo-box/lpc", {"limit_w": 4200, "limit_active": False})
    say(state, "eebus/demo-box/limits", {"obligation": {**OBLIGATION, "active": [False] * 3}})
    state.stepped(LINE, 4.0)
    assert [sample.limit_w for sample in state.samples] == [None, 6900.0, 4200, None]


@pytest.mark.parametrize(
    ("topic", "content", "text"),
    [
        ("eebus/demo-box/meter", {"power_w": 6900.0, "phases_active": 3}, "power_w 6900"),
        ("eebus/demo-box/ev", {"charge_state": "active", "soc_percent": None}, "soc_percent null"),
        ("eebus/demo-box/limits", {"obligation": OBLIGATION}, "obligation 10 / 10 / 10 A"),
        ("eebus/demo-box/limits", {"obligation": None}, "none"),
        ("eebus/bridge/devices", [{}, {}], "2 entries"),
        ("eebus/demo-box/set/max_current_a", 10, "10"),
    ],
)
def test_documents_in_one_line(state: DemoState, topic: str, content: Any, text: str) -> None:
    say(state, topic, content)
    assert text in state.topics[topic].text


def test_topics_do_not_jump(state: DemoState) -> None:
    for leaf in ("bridge/info", "demo-box/info", "demo-box/ev", "demo-box/meter"):
        say(state, f"eebus/{leaf}", {})
    before = [name for name, _ in state.shown_topics(10)]
    say(state, "eebus/bridge/info", {"port": 1}, 5.0)
    assert [name for name, _ in state.shown_topics(10)] == before
    assert before[:2] == ["eebus/demo-box/meter", "eebus/demo-box/ev"]
    assert len(state.shown_topics(2)) == 2
    assert state.topics["eebus/bridge/info"].changed_at == 5.0


def test_the_answer_belongs_to_the_scene(state: DemoState) -> None:
    say(state, "eebus/demo-box/result", {"state": "received"})
    assert state.answer is None
    say(state, "eebus/demo-box/result", {"state": "applied", "latency_ms": 5, "reason": None})
    assert state.answer is not None
    state.begin(SCENES[0])
    assert state.answer is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"state": "applied", "latency_ms": 5, "reason": None}, "applied after 5 ms"),
        ({"state": "rejected", "latency_ms": 5, "reason": "dry_run"}, "rejected: dry_run"),
        ({"state": "sent", "latency_ms": 5, "reason": None}, "sent"),
    ],
)
def test_answers(answer: dict[str, Any], text: str) -> None:
    assert answer_text(answer) == text


def test_old_seconds_leave_the_chart(state: DemoState) -> None:
    for second in range(200):
        state.stepped(LINE, float(second))
    assert state.samples[0].at == 79.0


def test_scenes_need_their_use_case() -> None:
    with_them, without = scenes_for({"dbevc", "lpc"}), scenes_for(set())
    needed = {scene.needs for scene in with_them if scene not in without}
    assert needed == {"lpc", "dbevc"}
    assert [s.needs for s in without] == [None] * 4
    assert all(len(scene.caption) <= 150 for scene in SCENES), "two lines in 80 columns"


def test_the_evening_goes_down_to_the_minimum_and_up_for_the_departure() -> None:
    """The driver decides relative to what is in the battery then."""
    steps = [step for scene in SCENES for step in scene.driver(LINE)]
    assert [(step.action, step.value) for step in steps] == [
        ("min_soc", 49.6),
        ("departure", 1_200.0),
        ("min_soc", 30.0),
        ("departure", 43_200.0),
    ]
    assert [scene.house_w for scene in SCENES if scene.house_w] == [2_400.0, 4_500.0, 500.0]


def test_what_bounds_a_setpoint_is_taken_from_its_document(state: DemoState) -> None:
    say(state, "eebus/demo-box/setpoint", {"limited_by": "feed_in"})
    assert state.bound == "feed_in"
    say(state, "eebus/demo-box/setpoint", {"limited_by": None})
    assert state.bound is None
