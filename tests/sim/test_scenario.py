from __future__ import annotations

import math
from datetime import time

import pytest

from eebus_gw.errors import ConfigError
from eebus_gw.sim.scenario import ACTIONS, Step, parse_scenario

EVENING = """
[[step]]
at = 0
plug = true
soc = 60

[[step]]
at = 600
departure = 06:30:00
box = 2

[[step]]
at = 60
limit = 4200
for = 300

[[step]]
at = 60
refuse = "limits"
"""


def test_steps_come_in_order_of_time_and_keep_their_order_within_a_moment() -> None:
    assert parse_scenario(EVENING).steps == (
        Step(0, "plug", True, soc_percent=60),
        Step(60, "limit", 4_200, duration_s=300),
        Step(60, "refuse", "limits"),
        Step(600, "departure", time(6, 30), box=2),
    )


def test_each_step_is_due_once() -> None:
    scenario = parse_scenario(EVENING)
    assert scenario.next_at() == 0
    assert [step.action for step in scenario.due(59.9)] == ["plug"]
    assert list(scenario.due(59.9)) == []
    assert scenario.next_at() == 60
    assert [step.action for step in scenario.due(1e6)] == ["limit", "refuse", "departure"]
    assert scenario.next_at() is None


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("plug", "true"), ("unplug", "true"), ("pause", "true"), ("resume", "true"),
        ("departure", "false"), ("departure", "28800"), ("min_soc", "40"), ("refuse", "false"),
        ("refuse", '"setpoints"'), ("silence", "130"), ("limit", "-1"), ("limit", "inf"),
        ("production_limit", "0"), ("release", "true"), ("release", '"limit"'), ("restart", "5"),
    ],
)  # fmt: skip
def test_every_action_has_its_values(action: str, value: str) -> None:
    (step,) = parse_scenario(f"[[step]]\nat = 1\n{action} = {value}\n").steps
    assert (step.at, step.action) == (1, action)


def test_the_contract_s_actions_are_all_there() -> None:
    assert set(ACTIONS) == {
        "plug", "unplug", "pause", "resume", "departure", "min_soc", "refuse", "silence", "limit",
        "production_limit", "release", "restart", "failsafe", "production_failsafe",
        "failsafe_duration", "load", "pv",
    }  # fmt: skip


def test_a_wrong_value_for_the_gateway_may_be_scripted() -> None:
    (step,) = parse_scenario("[[step]]\nat = 1\nlimit = nan\n").steps
    assert isinstance(step.value, float)
    assert math.isnan(step.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[step]]\nat = 1\nlimt = 5\n", ["line 3", "'limt'", "'limit'"]),
        ("\n[[step]]\nat = 1\nplug = 3\n", ["line 4", "'plug'", "must be true", "3"]),
        ("[[step]]\nat = 1\n[[step]]\nat=2\n", ["line 1", "exactly one action", "none"]),
        ("[[step]]\nat = 1\nplug = true\n[[step]]\nat = 2\nplug = true\nunplug = true\n",
         ["line 4", "step 2", "2: plug, unplug"]),
        ("[[step]]\nplug = true\n", ["line 1", "'at' is missing"]),
        ("[[step]]\nat = -1\nplug = true\n", ["line 2", "'at'", "-1"]),
        ("[[step]]\nat = true\nplug = true\n", ["'at'", "true"]),
        ("[[step]]\nat = 1\nunplug = true\nfor = 3\n", ["line 4", "'for'", "'unplug'"]),
        ("[[step]]\nat = 1\nmin_soc = 130\n", ["line 3", "0 and 100", "130"]),
        ("[[step]]\nat = 1\nlimit = '4 kW'\n", ["line 3", "number in W", "4 kW"]),
        ("[[step]]\nat = 1\nrefuse = 'all'\n", ["setpoints, limits", "all"]),
        ("[[step]]\nat = 1\nplug = true\nbox = 0\n", ["line 4", "'box'"]),
        ("[[stpe]]\nat = 1\n", ["'stpe'", "'step'"]),
        ("step = 3\n", ["[[step]]"]),
        ("step = [{at = 1, plug = 3}]\n", ["step 1", "'plug'"]),
        ("[[step]\n", ["line 1"]),
    ],
)  # fmt: skip
def test_errors_name_the_place_and_the_nearest_word(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "evening.toml")
    message = str(caught.value)
    assert message.startswith("evening.toml: ")
    for word in words:
        assert word in message


def test_an_empty_script_does_nothing() -> None:
    assert parse_scenario("").next_at() is None
