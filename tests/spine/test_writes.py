"""Writes of peers: permission, decision, effect (SPINE protocol 5.2.5, 5.3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.spine.events import WriteRequested
from eebus_gw.spine.model.load_control import LoadControlLimitListDataType
from eebus_gw.spine.values import number_of
from eebus_gw.spine.writes import MAX_PENDING
from eebus_gw.wire.fold import decode
from tests.support.wire import (
    DELETE,
    PARTIAL,
    Bench,
    Place,
    Plain,
    Sent,
    command,
    wire,
    with_load_control,
)

LIMITS = "loadControlLimitListData"
GUARD: Place = ((1,), 2)
STORED = {
    "loadControlLimitData": [
        {
            "limitId": 0,
            "isLimitChangeable": True,
            "isLimitActive": False,
            "timePeriod": {"endTime": "PT10M"},
            "value": {"number": 42, "scale": 2},
        },
        {"limitId": 1, "isLimitChangeable": False, "value": {"number": 1, "scale": 0}},
        {"limitId": 2, "value": {"number": 2, "scale": 0}},
    ]
}


class Box(Bench):
    """A list of limits of which only the first one may be changed."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entity, self.limits = with_load_control(self.device)
        self.place: Place = (self.limits.entity, self.limits.number)
        self.stored = decode(wire(STORED), LoadControlLimitListDataType)
        self.device.put(self.limits, LIMITS, self.stored, None)

    def bound(self) -> Box:
        self.discovered()
        self.relate("binding", GUARD, self.limits)
        self.relate("subscription", GUARD, self.limits)
        self.forget()
        return self

    def write(self, *entries: Plain, filters: tuple[Plain, ...] = (PARTIAL,), **header: Any) -> Any:
        stated = {"source": GUARD, "to": self.place, "ack": True, **header}
        data = {"loadControlLimitData": list(entries)}
        return self.receive("write", command(LIMITS, data, *filters), **stated)

    def decide(self, number: int = 0, text: str = "", which: int = -1) -> list[Sent]:
        self.session.answer(self.of(WriteRequested)[which].token, number, text)
        return self.drain()

    def entry(self, limit_id: int = 0) -> Any:
        data = self.limits.data[LIMITS]
        assert isinstance(data, LoadControlLimitListDataType)
        (found,) = [e for e in data.load_control_limit_data or () if e.limit_id == limit_id]
        return found


@pytest.fixture
def box() -> Box:
    return Box().bound()


ACTIVE = {"limitId": 0, "isLimitActive": True}


def test_the_owner_sees_the_whole_and_the_fragment(box: Box) -> None:
    assert box.write(ACTIVE) == []
    (event,) = box.of(WriteRequested)
    assert event.feature is box.limits
    assert event.keys == frozenset({(0,)})
    assert event.client[1:] == GUARD
    assert event.counter == box.counter
    (first, *_) = event.candidate.load_control_limit_data
    assert (first.is_limit_active, first.time_period.end_time) == (True, "PT10M")
    (fragment,) = event.command.data.load_control_limit_data
    assert (fragment.is_limit_active, fragment.time_period) == (True, None)
    assert box.limits.data[LIMITS] is box.stored


def test_an_accepted_write_is_answered_before_every_subscriber_is_told(box: Box) -> None:
    other = Bench(device=box.device, ski="other").discovered()
    other.relate("subscription", GUARD, box.limits)
    other.forget()
    box.write(ACTIVE)
    result, notify = box.decide()
    assert (result.error, notify.classifier) == (0, "notify")
    assert notify.filters == [{"cmdControl": {"partial": []}}]
    (told,) = notify.data["loadControlLimitData"]
    assert told == {
        "limitId": 0,
        "isLimitChangeable": True,
        "isLimitActive": True,
        "timePeriod": {"endTime": "PT10M"},
        "value": {"number": 42, "scale": 2},
    }
    (elsewhere,) = other.drain()
    assert elsewhere.data == notify.data
    assert box.device.touched >= {"peer", "other"}


def test_a_refused_write_changes_nothing(box: Box) -> None:
    box.write(ACTIVE)
    (result,) = box.decide(7, "not now")
    assert result.data == {"errorNumber": 7, "description": "not now"}
    assert box.limits.data[LIMITS] is box.stored


def test_a_write_that_changes_nothing_is_accepted_and_not_told(box: Box) -> None:
    box.write({"limitId": 0, "isLimitActive": False})
    assert [each.error for each in box.decide()] == [0]


@pytest.mark.parametrize(
    ("clause", "header", "number"),
    [
        ("7.3.5 without binding", {"source": ((1,), 3)}, 9),
        ("no such feature", {"to": ((1,), 99)}, 4),
        ("to node management", {"to": ((0,), 0)}, 6),
    ],
)
def test_where_a_write_is_refused(
    box: Box, clause: str, header: dict[str, Any], number: int
) -> None:
    (result,) = box.write(ACTIVE, **header)
    assert result.error == number, clause
    assert not box.of(WriteRequested)


@pytest.mark.parametrize(
    ("rule", "entries", "filters", "number"),
    [
        ("5.3.4.2 not changeable", [{"limitId": 1, "isLimitActive": True}], (PARTIAL,), 7),
        ("5.3.4.2 permission not stated", [{"limitId": 2, "isLimitActive": True}], (PARTIAL,), 7),
        ("5.3.4.2 as a whole", [ACTIVE, {"limitId": 1, "isLimitActive": True}], (PARTIAL,), 7),
        ("no entry is added", [{"limitId": 7, "isLimitActive": True}], (PARTIAL,), 7),
        ("no entry is removed", [ACTIVE], (), 7),
        ("UC-IG 3.1 no identifier", [{"isLimitActive": True}], (PARTIAL,), 7),
        ("5.3.4 delete everything", [], (DELETE,), 8),
        ("5.3.4 delete an entry", [], ({**DELETE, f"{LIMITS}Selectors": {"limitId": 0}},), 7),
        ("5.3.4.8 elements", [ACTIVE], ({**PARTIAL, "loadControlLimitDataElements": {"value": {}}},), 8),
        ("5.3.4 two partial filters", [ACTIVE], (PARTIAL, PARTIAL), 8),
        ("5.3.4 neither delete nor partial", [ACTIVE], ({"cmdControl": {}},), 8),
        ("5.3.4 identifier deleted", [], ({**DELETE, "loadControlLimitDataElements": {"limitId": {}}},), 7),
    ],
)  # fmt: skip
def test_what_is_refused_without_asking(
    box: Box, rule: str, entries: list[Plain], filters: tuple[Plain, ...], number: int
) -> None:
    (result,) = box.write(*entries, filters=filters)
    assert result.error == number, rule
    assert not box.of(WriteRequested)
    assert box.limits.data[LIMITS] is box.stored


def test_a_function_that_is_not_writable_is_refused(box: Box) -> None:
    function = "loadControlLimitDescriptionListData"
    (result,) = box.receive("write", command(function), source=GUARD, to=box.place)
    assert result.error == 6


def test_a_peer_never_changes_the_permission(box: Box) -> None:
    box.write({"limitId": 0, "isLimitChangeable": False, "isLimitActive": True})
    box.decide()
    assert (box.entry().is_limit_changeable, box.entry().is_limit_active) == (True, True)


@pytest.mark.parametrize("elements", [{"timePeriod": {"endTime": {}}}, {"timePeriod": {}}])
def test_the_end_of_a_limit_is_deleted_and_the_value_set_in_one_write(
    box: Box, elements: Plain
) -> None:
    selectors = {f"{LIMITS}Selectors": {"limitId": 0}}
    delete = {**DELETE, **selectors, "loadControlLimitDataElements": elements}
    box.write({**ACTIVE, "value": {"number": 6000, "scale": 0}}, filters=(delete, PARTIAL))
    result, notify = box.decide()
    assert result.error == 0
    assert notify.filters == []  # what is gone can only be told in full
    period = box.entry().time_period
    assert period is None or period.end_time is None
    assert number_of(box.entry().value) == 6000


# --- time -----------------------------------------------------------------------------------------


def test_an_undecided_write_ends_after_ten_seconds(box: Box) -> None:
    box.write(ACTIVE)
    assert box.advance(9.9) == []
    (result,) = box.advance(0.2)
    assert result.error == 2
    assert box.decide() == []
    assert box.limits.data[LIMITS] is box.stored


def test_other_messages_go_on_while_a_write_waits(box: Box) -> None:
    box.write(ACTIVE)
    (reply,) = box.receive("read", command(LIMITS), source=GUARD, to=box.place)
    assert reply.classifier == "reply"


def test_writes_are_decided_in_any_order_on_the_data_of_then(box: Box) -> None:
    box.write(ACTIVE)
    box.write({"limitId": 0, "value": {"number": 50, "scale": 2}})
    box.decide(which=1)
    box.decide(which=0)
    assert box.entry().is_limit_active
    assert number_of(box.entry().value) == 5000


def test_what_changed_meanwhile_may_forbid_it(box: Box) -> None:
    box.write(ACTIVE)
    without = box.stored.model_copy(
        update={"load_control_limit_data": (box.stored.load_control_limit_data or [])[1:]}
    )
    box.device.put(box.limits, LIMITS, without, None)
    result, *_ = box.decide()
    assert result.error == 7
    assert box.limits.data[LIMITS] is without


def test_too_many_undecided_writes_are_refused(box: Box) -> None:
    for _ in range(MAX_PENDING):
        assert box.write(ACTIVE) == []
    (result,) = box.write(ACTIVE)
    assert result.error == 3


def test_a_decision_without_a_write_is_nothing(box: Box) -> None:
    box.session.answer(4711, 0)
    assert box.drain() == []


# --- test specification ---------------------------------------------------------------------------


def test_TC_SPINE_RTS_004(box: Box) -> None:  # noqa: N802
    box.write({**ACTIVE, "unknownElement": {"a": [1]}})
    assert box.decide()[0].error == 0
    assert box.entry().is_limit_active


def test_TC_SPINE_RTS_005(box: Box) -> None:  # noqa: N802
    box.write({"limitId": 0, "value": {"number": 14}})
    assert box.decide()[0].error == 0
    assert (box.entry().value.number, box.entry().value.scale) == (14, 2)
