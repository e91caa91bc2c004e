"""A site limit on its way to the wallboxes: shares, means, order, proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from eebus_gw.gateway.device import Device
from eebus_gw.gateway.distribution import Distribution
from eebus_gw.gateway.grid import SiteLimits
from eebus_gw.settings import Settings
from eebus_gw.vocabulary.values import (
    LimitValue,
    OperatingState,
    PhaseRanges,
    Range,
    Reading,
)
from tests.support.clock import FakeClock

FULL_W = 11_040.0


@dataclass
class Box:
    """One wallbox with a car of three phases; ``ceiling_a`` and ``share_w`` are what it was told last."""

    name: str
    lpc: bool = False
    share_w: float | None = None
    ceiling_a: float | None = None
    failsafe_w: float | None = None
    connected: bool = True
    error_number: int = 0

    def __post_init__(self) -> None:
        self.device = Device(self.name, self.name)
        self.device.car_came((1, 1))
        self.tell("opev", "range_a", PhaseRanges((Range(6.0, 16.0, 0.1),) * 3))
        self.draws(FULL_W)

    def tell(self, code: str, key: str, value: Any) -> None:
        self.device.readings.put((code, key), Reading(value))

    def draws(self, watts: float) -> None:
        self.tell("evcem", "power_total_w", watts)

    # --- as the controls of a wallbox

    @property
    def limiting(self) -> Box:
        return self

    @property
    def charging(self) -> Box:
        return self

    def share(self, watts: float | None, now: float) -> None:
        self.share_w = watts

    @property
    def failsafe(self) -> SimpleNamespace:
        return SimpleNamespace(share=self.share_failsafe)

    def share_failsafe(self, watts: float) -> None:
        self.failsafe_w = watts

    def limit_current(self, ceiling_a: float | None, now: float, answered: Any = None) -> None:
        self.ceiling_a = ceiling_a
        if answered is not None:
            answered(self.error_number)

    # --- as its partner

    def find(self, use_case: Any) -> object | None:
        return self if self.lpc else None

    @property
    def told_w(self) -> float:
        """The most it may draw by what it was told."""
        by_current = FULL_W if self.ceiling_a is None else self.ceiling_a * 3 * 230
        return min(FULL_W if self.share_w is None else self.share_w, by_current)


@dataclass
class Journal:
    """What was recorded, in order."""

    event: str = "first"
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def applied(self, device: str, watts: float | None, means: str, error_number: int) -> None:
        self.rows.append(("applied", device, watts, means, error_number))

    def allocated(self, limit_w: float | None, reason: str, shares: Any) -> None:
        self.rows.append(("allocated", limit_w, reason, len(list(shares))))

    def measured(self, event: str) -> None:
        self.rows.append(("measured", event))

    def excess(self, excess_w: float, boxes: tuple[str, ...]) -> None:
        self.rows.append(("excess", excess_w, boxes))

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        return [row for row in self.rows if row[0] == kind]


class Site:
    """Wallboxes below one distribution."""

    def __init__(self, *boxes: Box, **site: Any) -> None:
        self.boxes = {box.name: box for box in boxes}
        self.clock = FakeClock()
        self.journal = Journal()
        self.documents: list[dict[str, Any]] = []
        side = SimpleNamespace(
            link=lambda ski: SimpleNamespace(connected=self.boxes[ski].connected),
            node=SimpleNamespace(host=SimpleNamespace(partners=self.boxes)),
        )
        self.distribution = Distribution(
            side,  # type: ignore[arg-type]
            self.boxes,  # type: ignore[arg-type]
            {name: box.device for name, box in self.boxes.items()},
            Settings.model_validate({"site": site}),
            self.clock,
            self.journal,  # type: ignore[arg-type]
            publish=self.documents.append,
        )

    @property
    def now(self) -> float:
        return self.clock.now()

    def limit(self, watts: float | None, reason: str = "limit") -> None:
        limits = SiteLimits(watts, reason=reason if watts is not None else "none")
        self.distribution.limits_changed(limits, self.now)

    def pass_time(self, seconds: float, *, obeying: bool = True) -> None:
        """Calls the distribution whenever it wants to be called; cars obey what they were told."""
        end = self.now + seconds
        while (at := self.distribution.next_deadline()) is not None and at <= end:
            self.clock.advance(max(0.0, at - self.now))
            if obeying:
                self.obey()
            self.distribution.handle_timer(self.now)
        self.clock.advance(end - self.now)

    def obey(self) -> None:
        for box in self.boxes.values():
            box.draws(box.told_w)
        self.distribution.soon(self.now)

    @property
    def told_w(self) -> float:
        return sum(box.told_w for box in self.boxes.values())

    @property
    def document(self) -> dict[str, Any]:
        return self.documents[-1]


def site_of_three(**settings: Any) -> Site:
    return Site(Box("one", lpc=True), Box("two"), Box("three"), **settings)


def test_without_a_limit_nothing_is_commanded() -> None:
    site = site_of_three()
    site.distribution.soon(site.now)
    assert site.distribution.next_deadline() is None
    assert site.told_w == 3 * FULL_W


def test_a_limit_is_shared_evenly_by_the_best_means_of_each_at_once() -> None:
    site = site_of_three()
    site.limit(13_800)
    assert site.boxes["one"].share_w == 4_600
    assert site.boxes["one"].ceiling_a is None
    assert [site.boxes[name].ceiling_a for name in ("two", "three")] == [6.6, 6.6]
    assert site.told_w <= 13_800


def test_a_limit_that_the_wallbox_does_not_let_change_is_no_means() -> None:
    """As in commands (``limit_not_changeable``): the current goes instead, with no refusal to wait for."""
    boxes = Box("a", lpc=True), Box("b", lpc=True)
    boxes[0].tell("lpc", "limit", LimitValue(11_000.0, False, changeable=False))
    boxes[1].tell("lpc", "limit", LimitValue(11_000.0, False))
    site = Site(*boxes)
    site.limit(10_000)
    assert (boxes[0].share_w, boxes[0].ceiling_a) == (None, pytest.approx(7.2, abs=0.1))
    assert (boxes[1].share_w, boxes[1].ceiling_a) == (5_000, None)


def test_the_document_tells_why_consumption_is_limited_and_nothing_else() -> None:
    site = site_of_three()
    site.limit(13_800, reason="init")
    site.limit(13_800, reason="failsafe")
    assert site.document["reason"] == "failsafe"
    ended = SiteLimits(None, 3_000, "limit")  # production alone
    site.distribution.limits_changed(ended, site.now)
    assert (site.document["limit_w"], site.document["reason"]) == (None, "none")


def test_the_document_tells_who_got_what_and_why() -> None:
    site = site_of_three()
    site.limit(13_800, reason="failsafe")
    assert (site.document["limit_w"], site.document["reason"]) == (13_800, "failsafe")
    assert site.document["alarm"] is None
    assert [
        (box["id"], box["share_w"], box["means"], box["commanded_w"], box["measured_w"])
        for box in site.document["wallboxes"]
    ] == [
        ("one", 4_600, "lpc", 4_600, FULL_W),
        ("two", 4_600, "opev", 4_600, FULL_W),
        ("three", 4_600, "opev", 4_600, FULL_W),
    ]


@pytest.mark.parametrize("limit_w", [0.0, 100.0, 4_139.0, 4_200.0, 9_000.0, 20_000.0])
def test_a_car_is_paused_rather_than_the_limit_exceeded(limit_w: float) -> None:
    site = site_of_three()
    site.limit(limit_w)
    site.pass_time(120)
    assert site.told_w <= limit_w
    assert all(box.told_w == 0 or box.told_w >= 4_140 for box in site.boxes.values())


def test_a_release_gives_everything_back() -> None:
    site = site_of_three()
    site.limit(6_000)
    site.pass_time(30)
    site.limit(None)
    site.pass_time(30)
    assert site.told_w == 3 * FULL_W
    assert site.distribution.active is False
    assert site.document["limit_w"] is None


def test_reductions_go_before_increases() -> None:
    site = site_of_three()
    site.limit(20_000)
    site.pass_time(30)
    site.boxes["two"].device.wish = type(site.boxes["two"].device.wish)(enabled=False)
    site.boxes["two"].draws(0)
    before = {name: box.told_w for name, box in site.boxes.items()}
    site.limit(12_000)
    assert all(box.told_w <= before[name] + 1 for name, box in site.boxes.items())
    assert site.told_w <= 12_000


def test_a_limit_bounds_setpoints_of_what_has_no_share_of_it() -> None:
    """One wallbox is still to be given its share, the other takes setpoints (DBEVC) and nothing else."""
    late, only_setpoints = Box("late", connected=False), Box("setpoints")
    only_setpoints.device.readings.forget(("opev",))
    site = Site(Box("one"), late, only_setpoints)
    assert site.distribution.ceiling_w("late") is None
    site.limit(33_120)
    site.obey()
    assert site.distribution.ceiling_w("one") == FULL_W
    late.connected = True
    assert site.distribution.ceiling_w("late") == 0
    site.pass_time(10)
    assert site.distribution.ceiling_w("late") == FULL_W
    assert site.distribution.ceiling_w("setpoints") == FULL_W
    site.limit(4_200)
    assert site.distribution.ceiling_w("setpoints") == 4_200
    assert site.boxes["one"].ceiling_a == late.ceiling_a == 0
    site.limit(None)
    assert site.distribution.ceiling_w("setpoints") is None


def test_the_operators_own_limit_holds_without_a_control_box() -> None:
    site = site_of_three(limit_w=15_000)
    site.distribution.distribute(site.now)
    assert site.told_w <= 15_000
    site.limit(9_000)
    assert site.told_w <= 9_000
    site.limit(None)
    site.pass_time(60)
    assert 9_000 < site.told_w <= 15_000


def test_a_wallbox_that_does_not_obey_pauses_the_others_and_raises_one_alarm() -> None:
    site = site_of_three()
    site.limit(13_800)
    stubborn = site.boxes["three"]
    for _ in range(30):
        site.clock.advance(1)
        for box in site.boxes.values():
            box.draws(FULL_W if box is stubborn else box.told_w)
        site.distribution.soon(site.now)
        site.pass_time(1, obeying=False)
    assert site.document["alarm"]["devices"] == ["three"]
    assert sum(site.boxes[name].told_w for name in ("one", "two")) <= 13_800 - FULL_W
    assert len(site.journal.of("excess")) == 1


def test_a_stronger_means_joins_the_limit_that_was_not_kept_to_the_watt() -> None:
    """The wallbox may refuse the current, or not follow it either; without its limit it would draw all it can."""
    box = Box("one", lpc=True)
    site = Site(box)
    site.limit(4_200)
    assert (box.share_w, box.ceiling_a) == (4_200, None)
    for _ in range(20):
        site.clock.advance(1)
        box.draws(4_500)
        site.distribution.soon(site.now)
        site.pass_time(1, obeying=False)
        assert box.share_w is not None
        assert box.share_w <= 4_200
    assert box.ceiling_a == 0
    site.limit(None)
    assert (box.share_w, box.ceiling_a) == (None, None)


def test_a_current_is_let_go_once_the_power_limit_that_replaces_it_is_in_force() -> None:
    """An Energy Guard waits for its heartbeat to be heard, and the wallbox may refuse at first."""
    box = Box("one")
    site = Site(box)
    site.limit(4_200)
    site.pass_time(2)
    assert box.ceiling_a == 6.0
    box.lpc = True
    box.tell("lpc", "limit", LimitValue(0.0, False))
    site.distribution.soon(site.now)
    site.pass_time(10)
    assert (box.share_w, box.ceiling_a) == (4_200, 6.0)
    site.limit(6_900)
    site.pass_time(10)
    assert (box.share_w, box.ceiling_a) == (6_900, 10.0)
    site.limit(4_200)
    site.pass_time(10)
    assert (box.share_w, box.ceiling_a) == (4_200, 6.0)
    box.tell("lpc", "limit", LimitValue(4_200.0, True))
    site.distribution.soon(site.now)
    site.pass_time(1)
    assert (box.share_w, box.ceiling_a) == (4_200, None)


def test_an_unreachable_wallbox_is_counted_with_what_it_may_still_draw() -> None:
    site = site_of_three()
    site.boxes["three"].connected = False
    site.limit(20_000)
    site.pass_time(30)
    reachable_w = sum(site.boxes[name].told_w for name in ("one", "two"))
    assert reachable_w <= 20_000 - FULL_W + 1


def test_an_unreachable_wallbox_of_22_kw_is_not_counted_with_11() -> None:
    """What it told is forgotten with the connection, what it can draw is not."""
    large, other = Box("large"), Box("other")
    large.tell("opev", "range_a", PhaseRanges((Range(6.0, 32.0, 0.1),) * 3))
    site = Site(large, other)
    site.limit(20_000)
    site.pass_time(10)
    large.connected = False
    large.device.car_left()
    large.device.readings.forget()
    site.distribution.soon(site.now)
    site.pass_time(1)
    assert site.distribution.ceiling_w("other") == 0


def test_a_car_that_is_full_leaves_its_share_to_the_others() -> None:
    site = site_of_three()
    full = site.boxes["three"]
    full.tell("evcc", "operating_state", OperatingState("finished"))
    full.draws(0)
    site.limit(16_000)
    site.pass_time(30)
    given = [site.boxes[name].told_w for name in ("one", "two")]
    assert given == pytest.approx([8_000, 8_000], abs=0.1 * 3 * 230)


def test_the_journal_tells_decision_answers_and_effect() -> None:
    site = site_of_three()
    site.limit(13_800)
    site.distribution.answered("one", 4_600, 0)
    site.obey()
    site.journal.event = "second"
    site.pass_time(11)
    assert site.journal.of("allocated")[0] == ("allocated", 13_800, "limit", 3)
    assert set(site.journal.of("applied")) == {
        ("applied", "one", 4_600, "lpc", 0),
        ("applied", "two", 4_600, "opev", 0),
        ("applied", "three", 4_600, "opev", 0),
    }
    assert site.journal.of("measured") == [("measured", "first")]


def test_a_refused_current_is_not_journalled_as_accepted() -> None:
    site = site_of_three()
    site.boxes["two"].error_number = 7
    site.limit(13_800)
    assert ("applied", "two", 4_600, "opev", 7) in site.journal.rows


def test_the_failsafe_shares_stay_within_the_sites_value() -> None:
    site = Site(Box("one", lpc=True), Box("two", lpc=True), Box("three"))
    for name in ("one", "two"):
        site.boxes[name].tell("lpc", "failsafe_w", 4_200.0)
    site.distribution.share_failsafe(4_200)
    given = [box.failsafe_w for box in site.boxes.values() if box.failsafe_w is not None]
    assert given
    assert sum(given) <= 4_200


def test_the_highest_measured_voltage_keeps_the_power_below_the_share() -> None:
    site = Site(Box("one"))
    site.boxes["one"].tell("mpc", "voltage_v", (238.0, 241.5, 236.0))
    site.limit(6_000)
    ceiling_a = site.boxes["one"].ceiling_a
    assert ceiling_a is not None
    assert ceiling_a * 3 * 241.5 <= 6_000


# --- devices that are no wallboxes


def test_a_car_at_its_smallest_current_does_not_stop_and_go_on_with_each_volt() -> None:
    """4,200 W are 6.0 A on three phases up to 233.3 V, and less than a car can take above."""
    box = Box("one")
    site = Site(box)
    site.limit(4_200)
    told = []
    for volts in (233.0, 233.6) * 10:
        box.tell("mpc", "voltage_v", (volts, volts, volts))
        site.distribution.soon(site.now)
        site.pass_time(10)
        told.append(box.ceiling_a)
    assert told == [6.0] + [0.0] * 19
    box.tell("mpc", "voltage_v", (233.0, 233.0, 233.0))
    site.pass_time(310)
    site.distribution.soon(site.now)
    site.pass_time(1)
    assert box.ceiling_a == 6.0


def test_one_car_charges_where_the_voltage_leaves_too_little_for_two() -> None:
    """8,400 W would be 4,200 W each: at 235 V less than 6 A on three phases."""
    one, two = Box("one"), Box("two")
    for box in (one, two):
        box.tell("mpc", "voltage_v", (235.0, 235.0, 235.0))
    site = Site(one, two)
    site.limit(8_400)
    site.pass_time(20)
    assert sorted((one.ceiling_a or 0.0, two.ceiling_a or 0.0)) == [0.0, 11.9]


def test_a_share_becomes_another_current_when_the_phases_change() -> None:
    """A car of one phase makes way for one of three, or a wallbox switches: 21.7 A each would be 15 kW."""
    box = Box("one")
    box.tell("opev", "range_a", PhaseRanges((Range(6.0, 32.0, 0.1), None, None)))
    box.draws(5_000)
    site = Site(box)
    site.limit(5_000)
    assert box.ceiling_a == 21.7
    box.tell("opev", "range_a", PhaseRanges((Range(6.0, 32.0, 0.1),) * 3))
    site.distribution.soon(site.now)
    site.pass_time(1, obeying=False)
    assert box.ceiling_a == 7.2
    box.tell("opev", "range_a", PhaseRanges((Range(6.0, 32.0, 0.1), None, None)))
    site.distribution.soon(site.now)
    site.pass_time(1, obeying=False)
    assert box.ceiling_a == 21.7


def test_a_device_of_the_house_takes_no_share() -> None:
    house = Box("house", lpc=True)
    house.device.house = True
    site = Site(Box("left"), house)
    site.limit(6_900)
    assert site.boxes["left"].told_w == pytest.approx(6_900)
    assert (house.share_w, house.ceiling_a) == (None, None)
    assert [entry["id"] for entry in site.documents[-1]["wallboxes"]] == ["left"]
    site.distribution.share_failsafe(4_200)
    assert house.failsafe_w is None


def test_wallboxes_that_are_not_back_yet_are_no_alarm() -> None:
    """They count with their maximum until they are; after a restart of the gateway none is there for seconds."""
    left, right = Box("left", connected=False), Box("right", connected=False)
    site = Site(left, right)
    site.limit(12_600)
    assert site.documents[-1]["alarm"] is not None
    site.pass_time(10)
    left.connected = right.connected = True
    site.distribution.soon(site.now)
    site.pass_time(60)
    assert site.documents[-1]["alarm"] is None
    assert site.journal.of("excess") == []


def test_wallboxes_that_stay_away_are_one() -> None:
    site = Site(Box("left", connected=False), Box("right", connected=False))
    site.limit(12_600)
    site.pass_time(14)
    assert site.journal.of("excess") == []
    site.pass_time(2)
    ((_, excess_w, boxes),) = site.journal.of("excess")
    assert excess_w == pytest.approx(2 * FULL_W - 12_600)
    assert boxes == ("left", "right")
