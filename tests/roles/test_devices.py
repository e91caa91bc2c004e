"""What the gateway can do with recorded devices, and why not the rest.

The recordings lie beside the checkout. The expectations were written down from the recorded announcements by hand,
before the code was asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.roles.events import WriteDone
from eebus_gw.roles.matching import match
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.values import PhaseLimits
from tests.support.host import HostBench
from tests.support.wire import DISCOVERY, USE_CASES, Plain, Sent, address
from usecases import catalogue
from usecases.curtailment import OPEV

DEVICES = Path(__file__).parents[3] / "shared" / "devices"

pytestmark = pytest.mark.skipif(
    not DEVICES.is_dir(), reason="the recorded devices are not beside the checkout"
)

OURS = "announced only in the role {}, which is our own"
DUMMY = "announces coordinated charging and the charging summary but does not implement them"
DUMMY_SPELSBERG = "same stack as Elli; ISO 15118 scenarios are announced although ISO 15118 is off"
ALL_EVCC = (1, 2, 3, 4, 5, 6, 7, 8)
EVSE: EntityPath = (1,)
EV: EntityPath = (1, 1)


@dataclass(frozen=True)
class Expected:
    """``works``: code → entity and scenarios. ``fails``: code → reason; what is named nowhere is not announced."""

    works: dict[str, tuple[EntityPath, tuple[int, ...]]]
    fails: dict[str, str] = field(default_factory=dict)
    partial_writes: bool | None = None
    """How the limits are written; ``None`` where there are none for us."""


EXPECTED = {
    # Addresses with device only; no useCaseAvailable; scenario lists as in the document.
    "elli-charger-connect-pro": Expected(
        works={
            "evsecc": (EVSE, (1, 2)),
            "evcc": (EV, ALL_EVCC),
            "evcem": (EV, (1, 2, 3)),
            "opev": (EV, (1, 2, 3)),
            "oscev": (EV, (1, 2, 3)),
        },
        fails={"cevc": DUMMY, "evcs": DUMMY},
        partial_writes=True,
    ),
    "spelsberg-wallbox-smart-pro": Expected(
        works={
            "evsecc": (EVSE, (1, 2)),
            "evcc": (EV, ALL_EVCC),
            "evcem": (EV, (1, 2, 3)),
            "opev": (EV, (1, 2, 3)),
            "oscev": (EV, (1, 2, 3)),
        },
        fails={"cevc": DUMMY_SPELSBERG, "evcs": DUMMY_SPELSBERG},
        partial_writes=True,
    ),
    # Everything under the actor EV and without addresses; no partial operation at all.
    "porsche-mobile-charger-connect": Expected(
        works={
            "evsecc": (EVSE, (1, 2)),
            "evcc": (EV, ALL_EVCC),
            "evcem": (EV, (1, 2, 3)),
            "evsoc": (EV, (1,)),
            "opev": (EV, (1, 2, 3)),
            "oscev": (EV, (1, 2, 3)),
            "cevc": (EV, (1, 2, 3, 4, 5, 6, 7, 8)),
            "evcs": (EVSE, (1,)),
        },
        partial_writes=False,
    ),
    # An energy manager itself: five CEM entities, several with the same announcements.
    "kostal-kostal-smart-energy-meter": Expected(
        works={
            "lpc": ((5,), (1, 2, 3, 4)),
            "mgcp": ((6,), (1, 2, 3, 4, 5, 6, 7)),
            "mpc": ((7,), (1, 2, 3, 4, 5)),
        },
        fails={
            "evsecc": OURS.format("CEM"),
            "evcc": OURS.format("CEM"),
            "evcem": OURS.format("CEM"),
            "opev": OURS.format("CEM"),
            "oscev": OURS.format("CEM"),
            "cevc": OURS.format("CEM"),
            "evcs": OURS.format("CEM"),
            "evsoc": OURS.format("MonitoringAppliance"),
        },
    ),
    # Six CEM entities with repeated entries; battery and PV are announced at the parent of the entity that has them.
    "sma-home-manager-2": Expected(
        works={
            "lpc": ((8,), (1, 2, 3, 4)),
            "lpp": ((8,), (1, 2, 3, 4)),
            "mgcp": ((9,), (1, 2, 3, 4, 5, 6, 7)),
            "vabd": ((6, 1), (1, 2, 3, 4)),
            "vapd": ((7, 1), (1, 2, 3)),
        },
        fails={"mpc": OURS.format("MonitoringAppliance")},
    ),
    # A client like we are.
    "evcc-io-evcc": Expected(
        works={},
        fails=dict.fromkeys(
            ("evsecc", "evcc", "evcem", "opev", "evsoc", "oscev"), OURS.format("CEM")
        ),
    ),
    # The actor of a draft (version "1.0.0 draft3").
    "viessmann-vitoconnect": Expected(
        works={},
        fails={"mpc": "announced only in the role HeatPump, which the use case does not know"},
    ),
    # No use cases at all, and the read of them is not even announced.
    "vaillant-arotherm-vwl-756a": Expected(works={}),
}


class Recorded(HostBench):
    """The gateway, connected to a recorded device."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.client(catalogue().values())
        self.discovery = _command(DEVICES / name / "discovery-data.json")[DISCOVERY]
        description = self.discovery["deviceInformation"]["description"]
        self.name: str = description["deviceAddress"]["device"]
        self.start()
        self.reply_to(self.last("read", DISCOVERY), self.discovery, device=self.name)
        asked = self.last("read", USE_CASES)
        path = DEVICES / name / "usecase-data.json"
        if path.is_file():
            self.reply_to(asked, _command(path)[USE_CASES], device=self.name)
        else:
            self.answer(asked, 6, device=self.name)
        self.advance(5)

    @property
    def partner(self) -> Any:
        return self.host.partners[self.ski]

    def answer_reads(self, data: dict[str, Plain]) -> None:
        """The device answers what it was asked, and accepts every call."""
        answered: set[int] = set()
        while waiting := [s for s in self.sent if s.counter not in answered]:
            for asked in waiting:
                answered.add(asked.counter)
                if asked.classifier == "call":
                    self.answer(asked, 0, device=self.name)
                elif asked.classifier == "read" and asked.function not in (DISCOVERY, USE_CASES):
                    self.reply_to(asked, data.get(asked.function, {}), device=self.name)


def _command(path: Path) -> Plain:
    message = json.loads(path.read_text())
    command: Plain = message["data"]["payload"]["datagram"]["payload"]["cmd"][0]
    return command


@pytest.fixture(params=sorted(EXPECTED))
def case(request: pytest.FixtureRequest) -> tuple[Recorded, Expected]:
    return Recorded(request.param), EXPECTED[request.param]


def test_what_works_and_why_not_the_rest(case: tuple[Recorded, Expected]) -> None:
    recorded, expected = case
    verdicts = {v.code: v for v in recorded.partner.verdicts()}
    assert {c: v.scenarios for c, v in verdicts.items() if v.usable} == {
        code: scenarios for code, (_, scenarios) in expected.works.items()
    }
    reasons = {code: v.why_not for code, v in verdicts.items() if not v.usable}
    assert reasons == {code: expected.fails.get(code, "not announced") for code in reasons}


def test_where_it_works(case: tuple[Recorded, Expected]) -> None:
    recorded, expected = case
    found = {
        m.use_case.code: (m.entity.path, tuple(sorted(m.scenarios)))
        for m in match(catalogue().values(), recorded.session.remote)
        if m.use_case.code in expected.works
    }
    assert found == expected.works


def test_consumers_are_open_for_what_works_and_nothing_else(
    case: tuple[Recorded, Expected],
) -> None:
    recorded, expected = case
    assert set(recorded.partner.consumers) == {
        (code, entity) for code, (entity, _) in expected.works.items()
    }


def test_every_function_is_read_once_and_every_feature_subscribed_once(
    case: tuple[Recorded, Expected],
) -> None:
    recorded, _ = case
    recorded.answer_reads({})
    asked = [(s.classifier, s.function, str(s.to), str(s.data)) for s in recorded.sent]
    assert len(asked) == len(set(asked))
    assert all(s.ack for s in recorded.sent if s.classifier == "call")


def test_only_announced_functions_of_servers_are_read(case: tuple[Recorded, Expected]) -> None:
    recorded, _ = case
    recorded.answer_reads({})
    readable = {
        (*_place(each["description"]["featureAddress"]), function["function"])
        for each in recorded.discovery["featureInformation"]
        for function in each["description"].get("supportedFunction", [])
        if "read" in function["possibleOperations"]
    }
    asked = [s for s in recorded.sent if s.classifier == "read" and s.to["entity"] != [0]]
    assert {(*_place(s.to), s.function) for s in asked} <= readable


def _place(stated: Plain) -> tuple[tuple[int, ...], int]:
    return tuple(stated["entity"]), stated["feature"]


# --- writing of limits: the order of phases, foreign limits, with and without partial writes -----------

PHASES = {11: "c", 12: "a", 13: "b"}
LIMITS = [
    (4, 13, "obligation", "overloadProtection"),
    (5, 13, "recommendation", "selfConsumption"),
    (6, 11, "obligation", "overloadProtection"),
    (7, 12, "obligation", "overloadProtection"),
    (8, 11, "recommendation", "selfConsumption"),
    (9, 12, "obligation", "discharge"),
]
AT_THE_CAR: dict[str, Plain] = {
    "electricalConnectionParameterDescriptionListData": {
        "electricalConnectionParameterDescriptionData": [
            {"electricalConnectionId": 0, "parameterId": n, "measurementId": n, "acMeasuredPhases": phase}
            for n, phase in PHASES.items()
        ]
    },
    "measurementDescriptionListData": {
        "measurementDescriptionData": [
            {"measurementId": n, "measurementType": "current", "scopeType": "acCurrent"} for n in PHASES
        ]
    },
    "loadControlLimitDescriptionListData": {
        "loadControlLimitDescriptionData": [
            {"limitId": n, "limitCategory": category, "measurementId": measured, "unit": "A", "scopeType": scope}
            for n, measured, category, scope in LIMITS
        ]
    },
    "loadControlLimitListData": {
        "loadControlLimitData": [
            {"limitId": n, "isLimitChangeable": True, "isLimitActive": False, "value": {"number": 16 + n, "scale": 0}}
            for n, *_ in LIMITS
        ]
    },
}  # fmt: skip


def written(recorded: Recorded) -> Sent:
    recorded.answer_reads(AT_THE_CAR)
    recorded.host.write(
        recorded.ski, OPEV, OPEV.limit_a, PhaseLimits((6.0, 7.5, 8.0)), recorded.now
    )
    recorded.drain()
    return recorded.last("write")


WALLBOXES = [name for name, expected in EXPECTED.items() if expected.partial_writes is not None]


@pytest.mark.parametrize("name", WALLBOXES)
def test_limits_are_read_by_phase_whatever_their_order(name: str) -> None:
    recorded = Recorded(name)
    recorded.answer_reads(AT_THE_CAR)
    reading = recorded.host.get(recorded.ski, OPEV, OPEV.limit_a)
    assert reading is not None
    assert reading.value.amperes == (23.0, 20.0, 22.0)


@pytest.mark.parametrize("name", WALLBOXES)
def test_limits_are_written_as_the_device_permits(name: str) -> None:
    recorded = Recorded(name)
    said = written(recorded)
    entries = {entry["limitId"]: entry for entry in said.data["loadControlLimitData"]}
    wanted = {
        7: {"limitId": 7, "isLimitActive": True, "value": {"number": 6, "scale": 0}},
        4: {"limitId": 4, "isLimitActive": True, "value": {"number": 75, "scale": -1}},
        6: {"limitId": 6, "isLimitActive": True, "value": {"number": 8, "scale": 0}},
    }
    assert said.ack
    assert said.to == address(recorded.name, (EV, said.to["feature"]))
    if EXPECTED[name].partial_writes:
        assert said.filters == [{"cmdControl": {"partial": []}}]
        assert entries == wanted
        return
    assert said.filters == []
    assert sorted(entries) == [4, 5, 6, 7, 8, 9]
    assert {n: entries[n]["value"] for n in wanted} == {n: e["value"] for n, e in wanted.items()}
    stored = {e["limitId"]: e for e in AT_THE_CAR["loadControlLimitListData"]["loadControlLimitData"]}  # fmt: skip
    assert {n: entries[n] for n in (5, 8, 9)} == {n: stored[n] for n in (5, 8, 9)}


@pytest.mark.parametrize("name", WALLBOXES)
def test_the_binding_is_asked_for_before_the_first_write(name: str) -> None:
    recorded = Recorded(name)
    said = written(recorded)
    (binding,) = [
        s
        for s in recorded.sent
        if s.function == "nodeManagementBindingRequestCall"
        and s.data["bindingRequest"]["serverAddress"] == said.to
    ]
    assert binding.counter < said.counter
    assert binding.data["bindingRequest"]["clientAddress"] == said.source


@pytest.mark.parametrize("name", WALLBOXES)
def test_a_refused_write_is_told_and_the_limits_are_read_again(name: str) -> None:
    recorded = Recorded(name)
    said = written(recorded)
    again = recorded.answer(said, 7, device=recorded.name)
    (done,) = recorded.heard(WriteDone)
    assert done.error_number == 7
    assert [(s.classifier, s.function) for s in again] == [("read", "loadControlLimitListData")]
