"""A client and a server host joined in memory: one definition, read from both ends."""

from __future__ import annotations

import pytest

from eebus_gw.errors import NotConnected, NotReady
from eebus_gw.roles.events import EntityChanged, GuardChanged, Heartbeat, Update, WriteDone, Written
from eebus_gw.roles.host import Entity
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import refused
from eebus_gw.vocabulary.functions import MEASUREMENTS
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import (
    Manufacturer,
    OperatingState,
    PhaseLimits,
    PhaseRanges,
    Range,
)
from tests.support.pair import Pair
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC

CLIENT = (EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV)
EV_SIDE = (EVCC, EVCEM, EVSOC, OPEV, OSCEV)
RANGES = PhaseRanges((Range(6, 16, 0),) * 3)


class Bench(Pair):
    """An energy manager and a wallbox at which a car can be plugged in."""

    def __init__(self) -> None:
        super().__init__()
        self.cem.host.add_entity(Entity("CEM", CLIENT), self.now)
        self.cem.host.announce()
        self.evse = self.box.host.add_entity(Entity("EVSE"), self.now)
        self.providers = {"evsecc": self.box.host.provide(EVSECC, self.evse, self.now)}
        self.put("evsecc", "operating_state", OperatingState("normalOperation"))
        self.put("evsecc", "manufacturer", Manufacturer(brand_name="Example", serial_number="7"))
        self.box.host.announce()
        self.ev: LocalEntity | None = None

    def put(self, code: str, key: str, value: object) -> None:
        provider = self.providers[code]
        self.box.host.put(provider, provider.use_case.point(key), value)

    def plug(self) -> None:
        host = self.box.host
        self.ev = host.add_entity(Entity("EV"), self.now, parent=self.evse.path)
        for use_case in EV_SIDE:
            self.providers[use_case.code] = host.provide(use_case, self.ev, self.now)
        self.put("evcc", "standard", "iso15118-2ed2")
        self.put("evcc", "asymmetric", False)
        self.put("evcem", "current_a", (10.0, 10.0, 10.0))
        self.put("evcem", "power_total_w", 6900.0)
        self.put("evsoc", "soc_percent", 50)
        self.put("opev", "range_a", RANGES)
        self.put("opev", "limit_a", PhaseLimits((16.0,) * 3, (False,) * 3))
        host.announce(self.ev)
        self.settle()

    def unplug(self) -> None:
        assert self.ev is not None
        self.box.host.remove_entity(self.ev)
        self.settle()

    def read(self, use_case, point):  # type: ignore[no-untyped-def]
        reading = self.cem.host.get("box", use_case, point)
        return reading.value if reading is not None else None

    def write(self, value: PhaseLimits) -> int:
        token = self.cem.host.write("box", OPEV, OPEV.limit_a, value, self.now)
        self.settle()
        return token


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_wallbox_without_car_is_read_after_connecting(bench: Bench) -> None:
    bench.connect()
    assert bench.read(EVSECC, EVSECC.manufacturer) == Manufacturer(
        brand_name="Example", serial_number="7"
    )
    assert bench.read(EVSECC, EVSECC.operating_state) == OperatingState("normalOperation")
    verdicts = {v.code: v for v in bench.cem.host.partners["box"].verdicts()}
    assert verdicts["evsecc"].usable
    assert not verdicts["opev"].usable
    assert "no car is plugged in" in verdicts["opev"].why_not


def test_plugged_car_is_found_and_its_values_follow(bench: Bench) -> None:
    bench.connect()
    bench.plug()
    bench.advance(0.1)
    assert [e.entity.type for e in bench.cem.of(EntityChanged) if e.present][-1] == "EV"
    assert bench.read(EVCC, EVCC.standard) == "iso15118-2ed2"
    assert bench.read(EVCEM, EVCEM.current_a) == (10.0, 10.0, 10.0)
    assert bench.read(EVSOC, EVSOC.soc_percent) == 50
    assert bench.read(OPEV, OPEV.range_a) == RANGES
    bench.put("evcem", "current_a", (6.0, 10.0, 10.0))
    bench.settle()
    assert bench.read(EVCEM, EVCEM.current_a) == (6.0, 10.0, 10.0)


def test_car_that_is_there_before_connecting_is_found_at_once(bench: Bench) -> None:
    bench.plug()
    bench.connect()
    assert bench.read(EVCEM, EVCEM.power_total_w) == 6900.0


def test_unplugging_forgets_the_car_and_plugging_again_finds_the_new_one(bench: Bench) -> None:
    bench.connect()
    bench.plug()
    bench.advance(0.1)
    bench.unplug()
    bench.advance(0.1)
    assert bench.read(EVCEM, EVCEM.current_a) is None
    assert not bench.box.device.relations.of_peer("binding", "cem")
    bench.plug()
    bench.advance(0.1)
    assert bench.read(EVCEM, EVCEM.current_a) == (10.0, 10.0, 10.0)


def test_curtailment_is_written_accepted_and_read_back(bench: Bench) -> None:
    bench.plug()
    bench.connect()
    token = bench.write(PhaseLimits((10.0, 10.0, 10.0)))
    limits = PhaseLimits((10.0, 10.0, 10.0))
    done = WriteDone("box", token, 0, "", OPEV, OPEV.limit_a, limits)
    assert bench.cem.of(WriteDone) == [done]
    written = bench.box.of(Written)
    assert written[-1].value.amperes == (10.0, 10.0, 10.0)
    assert written[-1].answer.accepted
    assert bench.read(OPEV, OPEV.limit_a).amperes == (10.0, 10.0, 10.0)
    assert bench.read(OPEV, OPEV.limit_a).active == (True, True, True)


def test_refused_curtailment_changes_nothing(bench: Bench) -> None:
    bench.plug()
    bench.providers["opev"].decide = lambda point, value: refused("no", "OPEV 3.2")
    bench.connect()
    bench.write(PhaseLimits((10.0, 10.0, 10.0)))
    assert bench.cem.of(WriteDone)[-1].error_number == 7
    assert bench.read(OPEV, OPEV.limit_a).active == (False, False, False)


def test_guard_is_the_entity_that_bound_and_its_heartbeat_is_followed(bench: Bench) -> None:
    bench.plug()
    bench.connect()
    guards = bench.box.of(GuardChanged)
    assert [(g.entity, g.guard, g.present) for g in guards] == [((1, 1), (1,), True)]
    before = len(bench.box.of(Heartbeat))
    assert before >= 1
    bench.advance(4.1)
    assert len(bench.box.of(Heartbeat)) >= before + 2


def test_lost_connection_ends_pending_writes_and_the_guard(bench: Bench) -> None:
    bench.plug()
    bench.connect()
    bench.cem.host.write("box", OPEV, OPEV.limit_a, PhaseLimits((8.0,) * 3), bench.now)
    bench.disconnect()
    assert bench.cem.of(WriteDone)[-1].error_number == 2
    assert bench.box.of(GuardChanged)[-1].present is False
    with pytest.raises(NotConnected):
        bench.cem.host.write("box", OPEV, OPEV.limit_a, PhaseLimits((8.0,) * 3), bench.now)
    bench.connect()
    assert bench.write(PhaseLimits((8.0,) * 3))
    assert bench.cem.of(WriteDone)[-1].error_number == 0


def test_writing_without_car_says_what_is_missing(bench: Bench) -> None:
    bench.connect()
    with pytest.raises(NotReady, match="no car is plugged in"):
        bench.cem.host.write("box", OPEV, OPEV.limit_a, PhaseLimits((8.0,) * 3), bench.now)


def test_each_reading_is_told_once(bench: Bench) -> None:
    bench.plug()
    bench.connect()
    updates = [(u.consumer.use_case.code, u.point.key) for u in bench.cem.of(Update)]
    assert len(updates) == len(set(updates)), sorted(updates)


def test_what_a_peer_takes_away_is_told_as_unknown(bench: Bench) -> None:
    """PS 5.3.4: a notify without filter replaces everything."""
    bench.connect()
    bench.plug()
    bench.advance(0.1)
    assert bench.ev is not None
    shelf = Shelf(bench.box.device, bench.ev)
    shelf.withdraw(MEASUREMENTS, MEASUREMENTS.by_key(shelf))
    bench.settle()
    assert bench.read(EVSOC, EVSOC.soc_percent) is None
    gone = [u for u in bench.cem.of(Update) if u.reading.value is None]
    assert EVSOC.soc_percent in [update.point for update in gone]
    bench.put("evsoc", "soc_percent", 51)
    bench.settle()
    assert bench.read(EVSOC, EVSOC.soc_percent) == 51
