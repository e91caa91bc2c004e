"""Writes that concern several points take effect as a whole or not at all (SPINE 5.3.4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.spine.local import LocalFeature
from eebus_gw.vocabulary.values import LimitValue
from tests.support.host import HostBench
from tests.support.wire import DIAGNOSIS, MANAGEMENT, PARTIAL, PEER_FEATURES, Plain, command
from usecases.limitation import LPC, LPP
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction, FailsafeDuration, Settings, State

GUARD = ((1,), 2)
KEYS = "deviceConfigurationKeyValueListData"
LIMITS = "loadControlLimitListData"


class System(HostBench):
    """A controllable system of both directions, bound by a guard that is heard."""

    def __init__(self) -> None:
        super().__init__()
        entity = self.host.device.add_entity("EVSE")
        duration = FailsafeDuration()
        self.lpc, self.lpp = (
            ControllableSystem(direction, settings=Settings(), duration=duration)
            for direction in Direction
        )
        self.provided = [
            self.host.provide(use_case, entity, self.now, behaviour=behaviour)
            for use_case, behaviour in ((LPC, self.lpc), (LPP, self.lpp))
        ]
        self.host.announce()
        self.discovered(
            {(0,): "DeviceInformation", (1,): "GridGuard"},
            {
                MANAGEMENT: PEER_FEATURES[MANAGEMENT],
                ((1,), 1): ("DeviceDiagnosis", "server", DIAGNOSIS),
                GUARD: ("LoadControl", "client"),
            },
        )
        self.limits, self.keys = (
            self._bound(entity.server(kind)) for kind in ("LoadControl", "DeviceConfiguration")
        )
        beat = command("deviceDiagnosisHeartbeatData", {"heartbeatCounter": 1})
        self.receive("notify", beat, source=((1,), 1))

    def _bound(self, feature: LocalFeature | None) -> LocalFeature:
        assert feature is not None
        self.relate("binding", GUARD, feature)
        return feature

    def ask(self, feature: LocalFeature, data: Plain) -> int | None:
        """The result of one partial write."""
        function = KEYS if feature is self.keys else LIMITS
        place = (feature.entity, feature.number)
        said = self.receive(
            "write", command(function, data, PARTIAL), source=GUARD, to=place, ack=True
        )
        return next(each.error for each in said if each.classifier == "result")

    def limit(self, **watts: int) -> int | None:
        """Limits of one or both directions in one message."""
        places = {"lpc": LPC.limit, "lpp": LPP.limit}
        entries = []
        for provider in self.provided:
            code = provider.use_case.code
            if code in watts:
                (key,) = provider.owned(LIMITS)[places[code]]
                value = {"number": watts[code], "scale": 0}
                entries.append({"limitId": key[0], "isLimitActive": True, "value": value})
        return self.ask(self.limits, {"loadControlLimitData": entries})

    def failsafe(self, **values: Any) -> int | None:
        """Failsafe values of consumption in one message."""
        owned = self.provided[0].owned(KEYS)
        entries = [
            {"keyId": next(iter(owned[LPC.point(name)]))[0], "value": value}
            for name, value in values.items()
        ]
        return self.ask(self.keys, {"deviceConfigurationKeyValueData": entries})

    @property
    def states(self) -> list[State]:
        """Where both directions stand."""
        return [behaviour.machine.state for behaviour in (self.lpc, self.lpp)]

    @property
    def stated(self) -> tuple[float | None, float | None]:
        """The failsafe values as they are published."""
        provider = self.provided[0]
        readings = [provider.get(point) for point in (LPC.failsafe_w, LPC.failsafe_duration_s)]
        power, duration = (reading.value if reading is not None else None for reading in readings)
        return power, duration


WATTS = {"scaledNumber": {"number": 1_111, "scale": 0}}


@pytest.mark.parametrize("duration", ["PT1H", "PT25H"])
def test_a_refused_duration_takes_the_failsafe_power_along(duration: str) -> None:
    """[LPC-022/1], [LPC-022/4]: the guard was told that nothing changed."""
    system = System()
    assert system.limit(lpc=4_200) == 0
    before = system.stated[0]
    assert system.failsafe(failsafe_w=WATTS, failsafe_duration_s={"duration": duration}) == 7
    assert system.lpc.machine.failsafe_w == before == system.stated[0]
    assert system.failsafe(failsafe_w=WATTS, failsafe_duration_s={"duration": "PT3H"}) == 0
    assert system.lpc.machine.failsafe_w == 1_111.0
    assert system.stated == (1_111.0, 10_800.0)


def test_a_refused_production_limit_takes_the_consumption_limit_along() -> None:
    """[LPP-001]: a positive production limit is refused, though evaluated ([LPP-902])."""
    system = System()
    assert system.limit(lpc=4_200, lpp=5_000) == 7
    assert system.states == [State.INIT, State.UNLIMITED_CONTROLLED]
    limit = system.provided[0].get(LPC.limit)
    assert limit is not None
    assert isinstance(limit.value, LimitValue)
    assert not limit.value.active
    assert system.limit(lpc=4_200, lpp=-5_000) == 0
    assert system.states == [State.LIMITED, State.LIMITED]


def test_foreseeing_changes_nothing() -> None:
    system = System()
    for value, accepted in ((LimitValue(4_200.0, True), True), (LimitValue(-1.0, True), False)):
        assert system.lpc.foresee("limit", value, system.now).accepted is accepted
    assert system.lpc.foresee("failsafe_duration_s", 90_000.0, system.now).accepted is False
    assert system.states == [State.INIT, State.INIT]
    assert system.lpc.machine.duration.seconds == 7_200.0
