"""One device and its open commands, with what would go to the wallbox kept instead of sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eebus_gw.bridge.commands import Command, CommandTracker, Origin
from eebus_gw.bridge.results import Result, State
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import Reading
from tests.support.clock import FakeClock

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
EV: EntityPath = (1, 1)
TTL_S = 30.0

Execute = Callable[[Command, float], None]


class Sent(NamedTuple):
    """What was handed to the wallbox's side, and when; ``token`` names it in the answer."""

    at: float
    use_case: str
    point: str
    value: Any
    token: int


class NoBinding(RequestError):
    """The wallbox takes no writes."""

    reason = "no_binding"


@dataclass
class Bench:
    """``impossible`` is raised instead of sending."""

    clock: FakeClock = field(default_factory=FakeClock)
    device: Device = field(default_factory=lambda: Device("carport", SKI))
    sent: list[Sent] = field(default_factory=list)
    impossible: RequestError | None = None

    def __post_init__(self) -> None:
        self.tracker = CommandTracker(wall=self.clock.wall)
        self._results: dict[str, list[Result]] = {}
        self._tokens = 0

    @property
    def now(self) -> float:
        return self.clock.now()

    # --- the wallbox

    def plug(self) -> None:
        """A car comes, and its use cases are known."""
        self.device.car_came(EV)
        self.device.ev_known_at = self.now

    def tell(self, code: str, key: str, value: Any) -> None:
        """The wallbox tells a value."""
        self.device.readings.put((code, key), Reading(value))
        self.device.told_at[code, key] = self.now

    def write(self, use_case: UseCase, point: Any, value: Any) -> int:
        """As ``Node.write``: keeps what would be sent and returns its token."""
        if self.impossible is not None:
            raise self.impossible
        self._tokens += 1
        self.sent.append(Sent(self.now, use_case.code, point.key, value, self._tokens))
        return self._tokens

    def take(self) -> list[Sent]:
        """What was sent since the last call."""
        taken, self.sent = self.sent, []
        return taken

    # --- commands

    def command(
        self,
        execute: Execute,
        name: str,
        value: Any,
        *,
        field: str,
        origin: Origin = Origin.MQTT,
    ) -> None:
        """Submits a command and carries out whatever's turn it is."""
        self._tokens += 1
        self.tracker.submit(
            Command(
                self._tokens,
                self.device.id,
                field,
                value,
                value,
                name,
                "",
                origin,
                self.now,
                self.now + TTL_S,
            ),
            self.now,
        )
        self.run(execute)

    def run(self, execute: Execute) -> None:
        """Lets the tracker look at the clock, and carries out what is due."""
        self.tracker.handle_timer(self.now)
        for execution in self.tracker.to_execute():
            execute(execution.command, self.now)

    def results(self, name: str) -> list[Result]:
        """Every state of a command so far."""
        for result in self.tracker.results():
            self._results.setdefault(result.id, []).append(result)
        return self._results.get(name, [])

    def result(self, name: str) -> Result | None:
        """The final result of a command, ``None`` while it is open."""
        final = [result for result in self.results(name) if result.final]
        assert len(final) <= 1, final
        return final[0] if final else None

    def ended(self, name: str) -> tuple[State, str | None]:
        """State and reason with which a command ended."""
        result = self.result(name)
        assert result is not None, self.results(name)
        return result.state, result.reason
