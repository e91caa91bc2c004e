"""Which setpoints an entity describes, told apart by scope and phase (feature Setpoint)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from eebus_gw.vocabulary.functions import SETPOINT_DESCRIPTIONS, View
from eebus_gw.vocabulary.points.topology import parameters_by_measurement
from eebus_gw.vocabulary.values import PHASES


@dataclass(frozen=True, slots=True)
class SetpointScopes:
    """How descriptions tell the forms apart; of several spellings the first is published, all are read."""

    total: tuple[str, ...]
    phase: tuple[str, ...] = ()
    direct_current: tuple[str, ...] = ()


class Places(NamedTuple):
    """Identifiers of the setpoints an entity describes."""

    total: int | None
    phases: tuple[int | None, int | None, int | None] = (None, None, None)
    direct_current: int | None = None

    @property
    def main(self) -> int | None:
        """The setpoint of the whole connection; on the direct current side where there is no other."""
        return self.total if self.total is not None else self.direct_current

    def all(self) -> list[int]:
        """Every identifier."""
        return [n for n in (self.total, *self.phases, self.direct_current) if n is not None]


def locate_setpoints(view: View, scopes: SetpointScopes) -> Places | None:
    """The setpoints ``view`` describes, ``None`` if there are none; earlier spellings win."""
    parameters = parameters_by_measurement(view)
    total: dict[str, int] = {}
    direct: dict[str, int] = {}
    phases: dict[str, int] = {}
    totals_on_a_phase: dict[str, tuple[str, int]] = {}
    for entry in SETPOINT_DESCRIPTIONS.of(view):
        if entry.setpoint_id is None or entry.scope_type is None:
            continue
        parameter = parameters.get(-1 if entry.measurement_id is None else entry.measurement_id)
        phase = parameter.ac_measured_phases if parameter is not None else None
        scope = entry.scope_type
        if phase in PHASES and scope in scopes.phase:
            phases.setdefault(phase, entry.setpoint_id)
        elif phase in PHASES and scope in scopes.total:
            totals_on_a_phase.setdefault(phase, (scope, entry.setpoint_id))
        elif scope in scopes.total:
            total.setdefault(scope, entry.setpoint_id)
        elif scope in scopes.direct_current:
            direct.setdefault(scope, entry.setpoint_id)
    if len(totals_on_a_phase) == 1 and not total:
        # A car on one phase: the power of that phase is its total.
        total.update(totals_on_a_phase.values())
    else:
        phases = {phase: number for phase, (_, number) in totals_on_a_phase.items()} | phases
    a, b, c = (phases.get(phase) for phase in PHASES)
    places = Places(_first(total, scopes.total), (a, b, c), _first(direct, scopes.direct_current))
    return places if places.all() else None


def _first(found: dict[str, int], scopes: Iterable[str]) -> int | None:
    return next((found[scope] for scope in scopes if scope in found), None)
