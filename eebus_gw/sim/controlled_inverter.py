"""The inverter of a simulated home battery under COB: it obeys setpoints, their defaults, and failsafe powers."""

from __future__ import annotations

from eebus_gw.sim.house import AT_REST, ON_ITS_OWN, House, Order, Rule
from eebus_gw.sim.publications import Publisher
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import ACCEPTED, Answer, refused
from eebus_gw.vocabulary.values import SetpointValue
from usecases.aggregates import VABD
from usecases.battery_behaviour import BatteryServer
from usecases.battery_states import AC, PCC, BatterySettings, Mode, State
from usecases.setpoints import COB

MODES = {State.POWER_CONTROL: Mode.POWER, State.PCC_CONTROL: Mode.PCC}
RULES = {AC: Rule.BATTERY_POWER, PCC: Rule.GRID_POWER}
CLAUSE = "COB-003"


class ControlledInverter:
    """Serves COB for the battery of ``model``: its power (AC), or that at the meter (PCC).

    ``refusing`` makes it refuse every setpoint that would take effect.
    """

    def __init__(
        self,
        publisher: Publisher,
        entity: LocalEntity,
        model: House,
        now: float,
        before: ControlledInverter | None = None,
    ) -> None:
        """``before`` is this inverter until its restart: what a CEM has configured is remembered."""
        self.refusing = False
        self._publisher = publisher
        self._model = model
        settings = (
            before.server.machine.settings
            if before is not None
            else BatterySettings(defaults={AC: 0.0, PCC: 0.0}, failsafe={AC: 0.0})
        )
        self.server: BatteryServer = BatteryServer(settings, self._objection)
        publisher.provide(COB, entity, now, self.server)
        for point in (COB.max_ac_charge_w, COB.max_ac_discharge_w):
            publisher.put(COB, point, model.options.max_w)
        self.follow(now)

    @property
    def state(self) -> State:
        """Who is in charge."""
        return self.server.machine.state

    @property
    def mode(self) -> Mode:
        """The control mode that holds now."""
        return MODES.get(self.state, Mode.AUTO)

    def setpoint_w(self, now: float) -> float | None:
        """The setpoint that rules now, ``None`` while none is active."""
        ruling = self.server.machine.ruling()
        stated = self.server.stated(ruling.key, now) if ruling.key is not None else None
        return ruling.watts if stated is not None and stated.active else None

    def follow(self, now: float) -> None:
        """Makes the model obey what holds now; the time until then passes under the order before."""
        ruling = self.server.machine.ruling()
        order = ON_ITS_OWN
        if ruling.key is not None and ruling.watts is not None:
            order = Order(RULES.get(ruling.key, AT_REST.rule), ruling.watts)
        if order != self._model.order:
            self._model.step(now)
            self._model.order = order

    def publish(self, power_w: float) -> None:
        """The power that the AC setpoint sets, as it is measured."""
        self._publisher.put(COB, VABD.power_w, power_w)

    def _objection(self, key: str, value: SetpointValue, now: float) -> Answer:
        if not value.active:
            return ACCEPTED
        if self.refusing:
            return refused("the inverter takes no setpoints now", CLAUSE)
        most_w = self._model.options.max_w
        if key == AC and abs(value.watts or 0.0) > most_w:
            return refused(f"the inverter has no more than {most_w:g} W", CLAUSE)
        return ACCEPTED
