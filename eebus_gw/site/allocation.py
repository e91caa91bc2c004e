"""One site limit over several wallboxes: shares, reductions before increases, and what to do about
disobedience.

``decide`` is called on every change and at ``next_at``; it commands nothing twice and remembers in
``AllocationState``. It serves consumption and production alike: all powers are magnitudes of one
direction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from .bounds import METER_FRESH_S, Measured
from .boxes import Box, BoxState, Means
from .obedience import (
    ObedienceRules,
    beyond_control_w,
    deadline,
    defies,
    follows,
    forgiven,
    observe,
)
from .shares import Policy, Turn, divide

HOUSE_WINDOW_S = 5.0
PAUSED_S = 60.0
"""A car that what the house draws has stopped does not go on before: it would with each kettle."""


class Basis(Enum):
    """What the limit applies to: the sum of the controlled devices, or the power at the grid
    connection.
    """

    CONTROLLED = "controlled"
    METER = "meter"


@dataclass(frozen=True, slots=True)
class Site:
    """The site at one moment: ``limit_w`` in W ≥ 0, ``None`` = no limit; ``grid`` is the grid meter
    (+ = drawn).

    ``reserved_w`` is kept free for controlled devices that are not ours, ``margin_w`` for measuring
    errors.
    """

    limit_w: float | None
    boxes: tuple[Box, ...]
    grid: Measured | None = None
    reserved_w: float = 0.0
    margin_w: float = 0.0


@dataclass(frozen=True, slots=True)
class AllocationRules:
    """What the operator decided about the distribution."""

    policy: Policy = Policy.EQUAL
    basis: Basis = Basis.CONTROLLED
    rotation_s: float = 900.0
    obedience: ObedienceRules = field(default_factory=ObedienceRules)


@dataclass(frozen=True, slots=True)
class AllocationState:
    """What is carried from one decision to the next."""

    boxes: Mapping[str, BoxState] = field(default_factory=dict)
    house: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Limit ``box_id`` to ``watts`` (``None`` = release) by ``means``.

    LPC replaces what another means has set; any other joins an LPC limit, which takes ``watts``, too.
    """

    box_id: str
    watts: float | None
    means: Means


@dataclass(frozen=True, slots=True)
class Share:
    """What one box may draw once all commands are out (``None`` = no limit), and how it does."""

    box_id: str
    share_w: float | None
    means: Means
    commanded_w: float | None
    measured_w: float | None
    obeying: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """``boxes`` ignore their commands, or draw by ``excess_w`` more than allowed without being in
    our hands.
    """

    excess_w: float
    boxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """One decision: ``commands`` go out now, ``held`` as soon as the reductions have had their
    effect.

    ``taken_w`` is what each box without any means takes out of the budget, as far as it goes.
    """

    budget_w: float | None
    shares: tuple[Share, ...]
    commands: tuple[Command, ...]
    held: tuple[Command, ...]
    alarm: Alarm | None
    next_at: float | None
    state: AllocationState
    taken_w: Mapping[str, float]


def decide(site: Site, state: AllocationState, now: float, rules: AllocationRules) -> Allocation:
    """Shares for all boxes of ``site`` and the commands that lead there without ever exceeding the
    limit.
    """
    house = _house(site, state, now)
    states = {
        box.id: observe(box, state.boxes.get(box.id, BoxState()), now, rules.obedience)
        for box in site.boxes
    }
    budget = _budget_w(site, house, now, rules)
    targets = _targets(site.boxes, states, budget, now, rules)
    states = {box.id: _turn(box, states[box.id], targets[box.id], now) for box in site.boxes}
    commands, held = _plan(site.boxes, states, targets, now, rules)
    boxes = {box.id: box for box in site.boxes}
    for command in commands:
        box = boxes[command.box_id]
        states[box.id] = _commanded(box, states[box.id], command, now, rules.obedience)
    return Allocation(
        budget_w=budget,
        shares=tuple(_share(box, states[box.id], targets[box.id]) for box in site.boxes),
        commands=commands,
        held=held,
        alarm=_alarm(site.boxes, states, budget, now),
        next_at=_next_at(site.boxes, states, now, rules),
        state=AllocationState(states, house),
        taken_w=_taken(site.boxes, states, budget, now),
    )


# -- budget ----------------------------------------------------------------------------------------


def _house(site: Site, state: AllocationState, now: float) -> tuple[Measured, ...]:
    """What the rest of the site draws, over the last seconds; the last value stays while the meter
    is silent.
    """
    grid = _fresh(site.grid, now)
    if grid is None:
        return state.house[-1:]
    # An unknown power of a box stays in the house load: that leaves less for the boxes, not more.
    known = sum(box.measured_w for box in site.boxes if box.measured_w is not None)
    recent = tuple(item for item in state.house if now - item.at < HOUSE_WINDOW_S)
    return (*recent, Measured(grid.watts - known, now))


def _fresh(grid: Measured | None, now: float) -> Measured | None:
    return grid if grid is not None and 0 <= now - grid.at <= METER_FRESH_S else None


def _budget_w(
    site: Site, house: Sequence[Measured], now: float, rules: AllocationRules
) -> float | None:
    if site.limit_w is None:
        return None
    budget = site.limit_w - site.reserved_w - site.margin_w
    if rules.basis is Basis.METER:
        if not house:
            return 0.0
        load = max(item.watts for item in house)
        # Surplus widens the budget only as long as somebody measures it.
        budget -= max(0.0, load) if _fresh(site.grid, now) is None else load
    return max(0.0, budget)


# -- shares ----------------------------------------------------------------------------------------


def _targets(
    boxes: Sequence[Box],
    states: Mapping[str, BoxState],
    budget: float | None,
    now: float,
    rules: AllocationRules,
) -> dict[str, float | None]:
    if budget is None:
        return dict.fromkeys((box.id for box in boxes), None)
    left = budget - sum(beyond_control_w(box, states[box.id], now) for box in boxes)
    if any(defies(box, states[box.id]) for box in boxes):
        # One that was seen to ignore its command may do anything: the others make room for it.
        left = 0.0
    eligible = [
        box
        for box in boxes
        if box.controllable
        and box.wants
        and states[box.id].unruly_since is None
        and now >= _goes_on_at(states[box.id], rules)
    ]
    order = Turn(rules.policy, rules.rotation_s).order(eligible, states, now)
    shares = divide(max(0.0, left), order, rules.policy)
    idle = [
        box
        for box in boxes
        if box.controllable and not box.wants and states[box.id].unruly_since is None
    ]
    shares |= _spare(max(0.0, left - sum(shares.values())), idle, states)
    return {box.id: shares.get(box.id, 0.0) for box in boxes}


def _goes_on_at(state: BoxState, rules: AllocationRules) -> float:
    """When a box may have a share again; only a meter makes the budget waver."""
    if rules.basis is not Basis.METER or state.paused_at is None or state.commanded_w:
        return -math.inf
    return state.paused_at + PAUSED_S


def _taken(
    boxes: Sequence[Box], states: Mapping[str, BoxState], budget: float | None, now: float
) -> dict[str, float]:
    """What boxes without any means are counted with, as far as the budget goes."""
    if budget is None:
        return {}
    counted = {box.id: beyond_control_w(box, states[box.id], now) for box in boxes}
    loose = {box.id: counted[box.id] for box in boxes if box.reachable and not box.means}
    most = sum(loose.values())
    left = max(0.0, budget - sum(counted.values()) + most)
    part = min(1.0, left / most) if most else 0.0
    return {box_id: watts * part for box_id, watts in loose.items()}


def _spare(left_w: float, idle: Sequence[Box], states: Mapping[str, BoxState]) -> dict[str, float]:
    """What nobody uses, over the boxes whose car does not charge: each keeps what it has where it can.

    With nothing, a car that starts would have to wait: limits by LPC are widened only every five minutes.
    """
    having = [replace(box, demand_w=states[box.id].commanded_w) for box in idle]
    kept = divide(left_w, [box for box in having if box.demand_w is not None], Policy.EQUAL)
    lowest = {box.id: max(box.minimum_w, kept.get(box.id, 0.0)) for box in idle}
    more = [replace(box, minimum_w=lowest[box.id], demand_w=None) for box in idle]
    more.sort(key=lambda box: -kept.get(box.id, 0.0))
    return divide(left_w, more, Policy.EQUAL)


def _turn(box: Box, state: BoxState, target: float | None, now: float) -> BoxState:
    served = target is None or target > 0
    if not box.wants or target is None:
        return replace(state, granted_at=None, waiting_since=None)
    if served:
        granted = now if state.granted_at is None else state.granted_at
        return replace(state, granted_at=granted, waiting_since=None)
    waiting = now if state.waiting_since is None else state.waiting_since
    return replace(state, granted_at=None, waiting_since=waiting)


# -- commands --------------------------------------------------------------------------------------


def _plan(
    boxes: Sequence[Box],
    states: Mapping[str, BoxState],
    targets: Mapping[str, float | None],
    now: float,
    rules: AllocationRules,
) -> tuple[tuple[Command, ...], tuple[Command, ...]]:
    reductions: list[Command] = []
    increases: list[Command] = []
    awaited = False
    for box in boxes:
        state, target = states[box.id], targets[box.id]
        command = _command(box, state, target, now, rules) if box.controllable else None
        if command is not None:
            raises = _ceiling(target) > _ceiling(state.commanded_w)
            (increases if raises else reductions).append(command)
        # A box known not to follow is counted with its maximum: nobody waits for it.
        if box.controllable and state.unruly_since is None:
            ceiling = min(_ceiling(target), _ceiling(state.commanded_w))
            told = replace(state, commanded_w=None if ceiling == math.inf else ceiling)
            awaited = awaited or not follows(box, told, rules.obedience)
    if awaited:
        return tuple(reductions), tuple(increases)
    return (*reductions, *increases), ()


def _command(
    box: Box, state: BoxState, target: float | None, now: float, rules: AllocationRules
) -> Command | None:
    means = state.means or box.best_means()
    if state.unruly_since is None:
        means = box.best_means()
    elif state.over_since is not None and _patience_over(box, state, means, now, rules.obedience):
        # What was tried has not helped: the next stronger means, or the last one again.
        return Command(box.id, target, box.stronger_means(means))
    if state.commanded_w == target and (state.means in (None, means)):
        return None
    return Command(box.id, target, means)


def _patience_over(
    box: Box, state: BoxState, means: Means, now: float, rules: ObedienceRules
) -> bool:
    if state.commanded_at is None or state.unruly_since is None:
        return True
    if state.commanded_at < state.unruly_since:
        return True
    last = box.stronger_means(means) is means
    return now - state.commanded_at >= (rules.retry_s if last else rules.obey_s)


def _commanded(
    box: Box, state: BoxState, command: Command, now: float, rules: ObedienceRules
) -> BoxState:
    if command.watts is None:
        return forgiven(state)
    reduces = _ceiling(command.watts) < _ceiling(state.commanded_w)
    state = replace(
        state,
        commanded_w=command.watts,
        means=command.means,
        commanded_at=now,
        paused_at=now if state.commanded_w and not command.watts else state.paused_at,
        reduced_at=now if reduces else state.reduced_at,
    )
    if state.over_since is None and not follows(box, state, rules):
        return replace(state, over_since=now)
    return state


def _ceiling(watts: float | None) -> float:
    return math.inf if watts is None else watts


# -- account ---------------------------------------------------------------------------------------


def _share(box: Box, state: BoxState, target: float | None) -> Share:
    return Share(
        box_id=box.id,
        share_w=target,
        means=state.means or box.best_means(),
        commanded_w=state.commanded_w,
        measured_w=box.measured_w,
        obeying=state.unruly_since is None or state.over_since is None,
    )


def _alarm(
    boxes: Sequence[Box], states: Mapping[str, BoxState], budget: float | None, now: float
) -> Alarm | None:
    if budget is None:
        return None
    counted = {box.id: beyond_control_w(box, states[box.id], now) for box in boxes}
    excess = max(0.0, sum(counted.values()) - budget)
    defiant = [box.id for box in boxes if defies(box, states[box.id])]
    if not excess and not defiant:
        return None
    guilty = [box_id for box_id, watts in counted.items() if watts > 0] if excess else defiant
    return Alarm(excess, tuple(guilty))


def _next_at(
    boxes: Sequence[Box], states: Mapping[str, BoxState], now: float, rules: AllocationRules
) -> float | None:
    moments: list[float] = []
    for box in boxes:
        state = states[box.id]
        if state.over_since is not None and state.unruly_since is None:
            moments.append(deadline(state, rules.obedience))
        if state.over_since is not None and state.unruly_since is not None:
            moments.append((state.commanded_at or now) + rules.obedience.retry_s)
        if state.calm_since is not None:
            moments.append(state.calm_since + rules.obedience.trust_again_s)
        moments.append(_goes_on_at(state, rules))
    if any(state.waiting_since is not None for state in states.values()):
        granted = [state.granted_at for state in states.values() if state.granted_at is not None]
        moments += [at + rules.rotation_s for at in granted]
    return min((moment for moment in moments if moment > now), default=None)
