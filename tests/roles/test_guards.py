"""Who steers an entity of ours when several peers hold bindings."""

from __future__ import annotations

import pytest

from eebus_gw.roles.events import GuardChanged
from eebus_gw.roles.guards import Guard
from eebus_gw.spine.local import LocalFeature
from tests.support.host import HostBench
from tests.support.wire import OWN, PEER, Place, address, deletion

CLIENT: Place = ((1,), 2)
GENERIC: Place = ((1,), 3)


class Box(HostBench):
    """An entity with limits and configuration keys that peers may bind."""

    def __init__(self) -> None:
        super().__init__(ski="first")
        self.entity = self.device.add_entity("EVSE")
        self.limits = self.entity.feature("LoadControl", "server")
        self.keys = self.entity.feature("DeviceConfiguration", "server")
        self.discovered()
        self.second = HostBench(ski="second", beside=self)
        self.second.discovered()

    @property
    def guard(self) -> str | None:
        guard = self.host.guards.of((1,))
        return guard.ski if guard is not None else None

    def changes(self) -> list[tuple[str, bool]]:
        events = [*self.heard(GuardChanged), *self.second.heard(GuardChanged)]
        return [(event.ski, event.present) for event in events]


@pytest.fixture
def box() -> Box:
    return Box()


def unbind(bench: HostBench, feature: LocalFeature, client: Place = CLIENT) -> None:
    server = address(OWN, (feature.entity, feature.number))
    bench.receive("call", deletion("binding", address(PEER, client), server))


def test_a_subscription_makes_no_guard(box: Box) -> None:
    box.relate("subscription", CLIENT, box.limits)
    assert box.guard is None


def test_a_second_binding_of_the_guard_changes_nothing(box: Box) -> None:
    box.relate("binding", CLIENT, box.limits)
    box.relate("binding", CLIENT, box.keys)
    assert (box.guard, box.changes()) == ("first", [("first", True)])


def test_the_guard_stays_until_its_last_binding_is_gone(box: Box) -> None:
    box.relate("binding", CLIENT, box.limits)
    box.relate("binding", CLIENT, box.keys)
    unbind(box, box.limits)
    assert (box.guard, box.changes()) == ("first", [("first", True)])
    unbind(box, box.keys)
    assert (box.guard, box.changes()) == (None, [("first", True), ("first", False)])


def test_who_bound_the_limits_is_the_guard(box: Box) -> None:
    box.relate("binding", CLIENT, box.keys)
    assert box.guard == "first"
    box.second.relate("binding", CLIENT, box.limits)
    assert box.guard == "second"
    unbind(box.second, box.limits)
    assert box.guard == "first"


@pytest.mark.parametrize("how", ["the connection ends", "the binding is deleted"])
def test_another_one_that_is_bound_takes_over(box: Box, how: str) -> None:
    box.relate("binding", CLIENT, box.limits)
    box.second.relate("binding", CLIENT, box.keys)
    assert box.guard == "first"
    if how == "the connection ends":
        box.session.close(box.now)
        box.host.link_down("first", box.now)
    else:
        unbind(box, box.limits)
    box.drain()
    assert box.guard == "second"
    assert box.host.guards.steered_by(Guard("second", (1,))) == [(1,)]


def test_an_entity_of_ours_that_goes_has_no_guard(box: Box) -> None:
    box.relate("binding", CLIENT, box.limits)
    box.host.remove_entity(box.entity)
    box.drain()
    assert box.guard is None
