"""Whether a wallbox draws what it was told to, and what it has to be counted with when it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .boxes import Box, BoxState, Means

LOST_S = 120.0
"""After this silence a wallbox with LPC has fallen back to its own failsafe limit."""


@dataclass(frozen=True, slots=True)
class ObedienceRules:
    """``obey_s``: time to follow a command. ``trust_again_s``: good conduct until a box gets a
    share again.

    A measurement may exceed the command by the larger of ``tolerance_w`` and ``tolerance_share`` of
    it. ``retry_s``: pause between two commands to a box that follows none of its means.
    """

    obey_s: float = 8.0
    trust_again_s: float = 300.0
    tolerance_w: float = 200.0
    tolerance_share: float = 0.05
    retry_s: float = 30.0


def assumed_w(box: Box, state: BoxState) -> float:
    """What ``box`` draws as far as known: a stale measurement counts as the maximum, an unmetered
    box is believed.
    """
    if box.measured_w is not None:
        return box.measured_w
    if not box.wants:
        return 0.0
    if not box.metered:
        return min(box.maximum_w, commanded_w(box, state))
    return box.maximum_w


def commanded_w(box: Box, state: BoxState) -> float:
    """The ceiling in force at ``box``."""
    return box.maximum_w if state.commanded_w is None else state.commanded_w


def follows(box: Box, state: BoxState, rules: ObedienceRules) -> bool:
    """Whether ``box`` keeps to its command within the tolerance."""
    command = state.commanded_w
    if command is None or not box.controllable:
        return True
    tolerance = max(rules.tolerance_w, rules.tolerance_share * command)
    return assumed_w(box, state) <= command + tolerance


def observe(box: Box, state: BoxState, now: float, rules: ObedienceRules) -> BoxState:
    """``state`` with what ``box`` shows now; a box that comes back knows no command of ours any
    more.
    """
    if not box.reachable:
        return replace(state, lost_at=now if state.lost_at is None else state.lost_at)
    if state.lost_at is not None:
        state = replace(forgiven(state), lost_at=None)
    if follows(box, state, rules):
        return _calm(state, now, rules)
    state = replace(
        state,
        over_since=now if state.over_since is None else state.over_since,
        calm_since=None,
        seen_over=state.seen_over
        or (state.unruly_since is not None and box.measured_w is not None),
    )
    if state.unruly_since is None and now >= deadline(state, rules):
        seen = box.measured_w is not None
        return replace(state, unruly_since=now, seen_over=seen)
    return state


def forgiven(state: BoxState) -> BoxState:
    """``state`` without any command, and without what the box made of the last one; its turn stays."""
    return BoxState(
        granted_at=state.granted_at, waiting_since=state.waiting_since, lost_at=state.lost_at
    )


def deadline(state: BoxState, rules: ObedienceRules) -> float:
    """When a box that is over its command counts as unruly; ever new reductions buy it twice the
    time at most.
    """
    if state.over_since is None:
        return float("inf")
    latest = (
        state.over_since if state.reduced_at is None else max(state.reduced_at, state.over_since)
    )
    return min(latest + rules.obey_s, state.over_since + 2 * rules.obey_s)


def _calm(state: BoxState, now: float, rules: ObedienceRules) -> BoxState:
    state = replace(state, over_since=None)
    if state.unruly_since is None:
        return state
    since = now if state.calm_since is None else state.calm_since
    wait = rules.trust_again_s if state.seen_over else 0.0
    if now - since >= wait:
        return replace(state, unruly_since=None, seen_over=False, calm_since=None)
    return replace(state, calm_since=since)


def beyond_control_w(box: Box, state: BoxState, now: float) -> float:
    """What ``box`` takes out of the budget without being given a share.

    Unreachable: its own failsafe limit, before that also what it was last told. Without any means:
    its maximum while it wants power. Unruly: its maximum, or what it draws, until it follows again.
    """
    if not box.reachable:
        return _unreachable_w(box, state, now)
    if not box.means:
        return max(box.maximum_w, box.measured_w or 0.0) if box.wants else box.measured_w or 0.0
    if state.unruly_since is not None and state.over_since is not None:
        return max(box.maximum_w, box.measured_w or 0.0)
    return 0.0


def defies(box: Box, state: BoxState) -> bool:
    """Whether ``box`` is measured above its command although its time to follow is over."""
    over = state.unruly_since is not None and state.over_since is not None
    return over and state.seen_over and box.controllable


def _unreachable_w(box: Box, state: BoxState, now: float) -> float:
    if Means.LPC not in box.means or box.failsafe_w is None:
        return box.maximum_w
    if state.lost_at is not None and now - state.lost_at > LOST_S:
        return min(box.failsafe_w, box.maximum_w)
    return min(max(box.failsafe_w, commanded_w(box, state)), box.maximum_w)
