"""The setpoint of a simulated car that can discharge (DBEVC): the model decides, this tells it to peers."""

from __future__ import annotations

from eebus_gw.sim.publications import Publisher
from eebus_gw.sim.snapshot import CarView, EnergyRequest, SetpointView
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary import values
from eebus_gw.vocabulary.behaviour import ACCEPTED, Answer, refused
from usecases.setpoint_behaviour import CLAUSE, SetpointServer
from usecases.setpoints import DBEVC

ENERGY_STEP_WH = 100.0
"""Energies are told again once they have moved this far; the countdown to departure alone is not worth a message."""


class ControlledCar:
    """Serves DBEVC for the car that is plugged in."""

    def __init__(
        self, publisher: Publisher, entity: LocalEntity, model: Wallbox, now: float
    ) -> None:
        self._publisher = publisher
        self._model = model
        self._server = SetpointServer(objection=self._decide, stated=self._stated)
        self._offered = publisher.provide(DBEVC, entity, now, self._server)
        self._told: object = None
        self._requested: object = None

    def publish(self, car: CarView, now: float) -> None:
        """Tells what changed enough to be worth it."""
        if not self._offered or car.setpoint is None or car.constraints is None:
            return
        constraints = values.PowerConstraints(
            car.constraints.charge_min_w,
            car.constraints.charge_max_w,
            car.constraints.discharge_min_w,
            car.constraints.discharge_max_w,
        )
        self._publish_setpoint(car.setpoint, constraints)
        if self._server.constraints != constraints:
            self._server.constraints = constraints
            reach = values.Range(-car.constraints.discharge_max_w, car.constraints.charge_max_w)
            self._publisher.put(DBEVC, DBEVC.setpoint_range_w, reach)
            self._publisher.put(DBEVC, DBEVC.power_constraints, constraints)
        if car.request is not None:
            self._publish_request(car.request, now)

    def _decide(self, value: values.SetpointValue, now: float) -> Answer:
        verdict = self._model.write_setpoint(
            value.total_w or 0.0,
            now,
            active=value.active,
            start_s=value.start_s,
            end_s=value.end_s,
        )
        if verdict.accepted:
            return ACCEPTED
        return refused(verdict.text, CLAUSE, verdict.error_number)

    def _publish_setpoint(self, view: SetpointView, constraints: values.PowerConstraints) -> None:
        told = (view.state, view.changeable, view.active, view.watts)
        if told == self._told:
            return
        self._told = told
        self._publisher.put(DBEVC, DBEVC.setpoint, _value(view, constraints))

    def _stated(self, now: float) -> values.SetpointValue | None:
        constraints = self._server.constraints
        return None if constraints is None else _value(self._model.setpoint.view(now), constraints)

    def _publish_request(self, request: EnergyRequest, now: float) -> None:
        departure_at = None if request.departure_s is None else round(now + request.departure_s)
        energies = (
            request.minimum_wh,
            request.target_wh,
            request.maximum_wh,
            request.cycle_enter_wh,
            request.cycle_leave_wh,
        )
        coarse = tuple(round(energy / ENERGY_STEP_WH) for energy in energies)
        told = (*coarse, departure_at, request.discharge_below_target)
        if told == self._requested:
            return
        self._requested = told
        put = self._publisher.put
        put(
            DBEVC,
            DBEVC.energy_request,
            values.EnergyRequest(
                request.minimum_wh, request.target_wh, request.maximum_wh, request.departure_s
            ),
        )
        window = values.DischargeRequest(request.cycle_enter_wh, request.cycle_leave_wh)
        put(DBEVC, DBEVC.discharge_request, window)
        put(DBEVC, DBEVC.discharge_below_target, request.discharge_below_target)


def _value(view: SetpointView, constraints: values.PowerConstraints) -> values.SetpointValue:
    return values.SetpointValue(
        _applied(view.watts, constraints),
        view.active,
        view.start_s,
        view.end_s,
        changeable=view.changeable,
    )


def _applied(watts: float, constraints: values.PowerConstraints) -> float:
    """The setpoint as the car applies it: inside the gap around zero there is only 0."""
    least = constraints.charge_min_w if watts >= 0 else constraints.discharge_min_w
    return 0.0 if least is not None and abs(watts) < least else watts
