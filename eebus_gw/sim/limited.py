"""The power limits of a simulated wallbox: Controllable System of LPC and LPP on its EVSE entity.

Pure. Limits hold from the first limit an Energy Guard writes: a wallbox nobody ever limited draws what it likes,
instead of standing at its failsafe limit. What was accepted is not remembered beyond the process.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from eebus_gw.roles.host import Host
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.spine.local import LocalEntity
from usecases.limitation import LPC, LPP, Limitation
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import FailsafeDuration, Settings, State

FAILSAFE_W = 4_200.0


class PowerLimits:
    """Serves LPC and LPP, as far as ``offer`` has them, and makes ``model`` obey."""

    def __init__(
        self,
        host: Host,
        entity: LocalEntity,
        model: Wallbox,
        now: float,
        *,
        offer: Collection[str] | None = None,
        before: PowerLimits | None = None,
    ) -> None:
        """``before`` is what held until a restart of the device: its memory is kept, its state is not."""
        self._model = model
        self._taken: set[str] = set() if before is None else before._taken
        self.systems: dict[str, ControllableSystem] = {}
        installation = model.installation
        settings = Settings(
            failsafe_w=FAILSAFE_W,
            nominal_max_w=installation.watts(installation.max_current_a),
            energy_manager=False,
            stays_in_failsafe=False,
        )
        duration = FailsafeDuration()
        for use_case in (LPC, LPP):
            if offer is not None and use_case.code not in offer:
                continue
            if before is not None:
                system = before.systems[use_case.code]
            else:
                direction = use_case.wording.direction
                system = ControllableSystem(direction, settings=settings, duration=duration)
            self.systems[use_case.code] = system
            host.provide(use_case, entity, now, behaviour=system)
        self.follow(now)

    def follow(self, now: float) -> None:
        """Makes the model obey what holds now; cheap when nothing changed."""
        limits = replace(
            self._model.limits,
            consumption_w=self._ceiling_w(LPC, now),
            production_w=self._ceiling_w(LPP, now),
        )
        if limits != self._model.limits:
            self._model.restrict(limits, now)

    def _ceiling_w(self, use_case: Limitation, now: float) -> float | None:
        system = self.systems.get(use_case.code)
        if system is None:
            return None
        if system.machine.state not in (State.INIT, State.UNLIMITED_AUTONOMOUS):
            self._taken.add(use_case.code)
        return system.machine.effective_w(now) if use_case.code in self._taken else None
