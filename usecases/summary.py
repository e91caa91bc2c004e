"""Charging summary (EVCS 1.0.1): the wallbox learns what a session took, cost, and where the energy came from."""

from __future__ import annotations

from eebus_gw.vocabulary.behaviour import (
    ACCEPTED,
    Action,
    Answer,
    Behaviour,
    Put,
    Report,
    Write,
    refused,
)
from eebus_gw.vocabulary.definition import Actor, Scenario, UseCase
from eebus_gw.vocabulary.points.bill import SummaryPoint, SummaryWanted
from eebus_gw.vocabulary.values import ChargingSummary

SUMMARY, WANTED = "summary", "summary_wanted"
PERCENT = 100.0
AVAILABLE_S = 60.0
"""[EVCS-008]."""


class SummaryBroker(Behaviour):
    """Client side: answers whenever the wallbox asks, with the summary last wished.

    The program around keeps the summary of a session current; it is kept here after unplugging, so that a wallbox may
    ask for it then ([EVCS-007], [EVCS-008]), until that of the next session replaces it. Reports ``summary_missing``.
    """

    def __init__(self) -> None:
        self._summary: ChargingSummary | None = None
        self._wanted = False

    def on_wish(self, point_key: str, value: ChargingSummary, now: float) -> list[Action]:
        """A newer summary, written at once if the wallbox waits for one."""
        self._summary = value
        return self._answer() if self._wanted else []

    def on_update(self, point_key: str, value: object, now: float) -> list[Action]:
        """The wallbox asks for a summary, or is content with what it has."""
        if point_key != WANTED:
            return []
        self._wanted = value is True
        return self._answer() if self._wanted else []

    def _answer(self) -> list[Action]:
        if self._summary is None:
            return [Report("summary_missing")]
        return [Write(SUMMARY, self._summary)]


class SummarizedStation(Behaviour):
    """Server side: takes a summary that can be one, and stops asking ([EVCS-009]). Reports ``summary``."""

    def __init__(self) -> None:
        self._asking_until: float | None = None

    def ask(self, now: float) -> list[Action]:
        """Asks the broker for a summary, as long as it has to have one after unplugging ([EVCS-008])."""
        self._asking_until = now + AVAILABLE_S
        return [Put(WANTED, True)]

    def on_write(
        self, point_key: str, value: ChargingSummary, now: float
    ) -> tuple[Answer, list[Action]]:
        """Energy and cost may be missing, but what is stated has to make sense."""
        if value.energy_wh is None and value.cost is None:
            return refused("the summary states neither energy nor cost", "EVCS-001, EVCS-002"), []
        shares = [share for share in (value.grid, value.self_produced) if share is not None]
        percentages = [p for s in shares for p in (s.energy_percent, s.cost_percent)]
        if any(p is not None and not 0 <= p <= PERCENT for p in percentages):
            return refused("a share lies outside 0 … 100 %", "EVCS-003…EVCS-006"), []
        return ACCEPTED, []

    def on_applied(self, point_key: str, value: ChargingSummary, now: float) -> list[Action]:
        """The question is answered."""
        self._asking_until = None
        return [Put(WANTED, False), Report(SUMMARY, {"summary": value})]

    def handle_timer(self, now: float) -> list[Action]:
        """Nobody answered."""
        if self._asking_until is None or now < self._asking_until:
            return []
        self._asking_until = None
        return [Put(WANTED, False)]

    def next_deadline(self) -> float | None:
        """When the question is taken back."""
        return self._asking_until


class ChargingSummaries(UseCase):
    """EVCS: the summary, and the wallbox's question for it."""

    summary = SummaryPoint(SUMMARY)
    summary_wanted = SummaryWanted(WANTED)

    def __init__(self) -> None:
        super().__init__(
            code="evcs",
            name="evChargingSummary",
            title="EV charging summary",
            version="1.0.1",
            sub_revision="release",
            # The catalogue says Energy Broker; who is guard and broker in one announces CEM.
            clients=(Actor("CEM", ("CEM",), also=("EnergyBroker",)),),
            # The Porsche Mobile Charger announces everything under the actor EV.
            server=Actor("EVSE", ("EVSE",), also=("EV",)),
            scenarios=(
                Scenario(1, "charging session summary", (self.summary, self.summary_wanted)),
            ),
            client_behaviour=SummaryBroker,
            server_behaviour=SummarizedStation,
        )


EVCS = ChargingSummaries()
