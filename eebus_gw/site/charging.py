"""Which current a car may draw: the wish of the energy manager under everything that stands above
it (pure).

Rules of OPEV 1.0.1b: nothing between zero and the car's minimum, one value on all phases of a
symmetric car ([OPEV-002]), "no curtailment" is stated and not left out ([OPEV-003]), a pause only
once the communication standard is known, because 0 A would throw an ISO 15118 car back to IEC
61851. A limit above the wish waits for that no longer than a car takes to tell it, nor does anything
where the wallbox does not offer to.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, PhaseValues

OVERLOAD = "overload"
GRID_CONSUMPTION = "grid_consumption"
DIGITAL_LINK = "iso15118"
ISO_PAUSE_A = 0.1
IEC_PAUSE_A = 0.0


@dataclass(frozen=True, slots=True)
class ChargingWish:
    """What the energy manager wants: currents per phase (``None``: no curtailment) and whether to
    charge at all.
    """

    max_current_a: PhaseValues | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ChargingSituation:
    """What is known of the car and what stands above the wish, each ``None`` where unknown or
    unlimited.
    """

    permitted: PhaseRanges | None
    standard: str | None
    asymmetric: bool | None = None
    ceiling_a: float | None = None
    """Current per phase that a grid limit leaves to this car; 0 pauses it."""
    installed_a: float | None = None
    """Largest current per phase of the installation behind the wallbox."""
    settled: bool = False
    """Whether the car has had the time to tell all that it tells."""
    standard_offered: bool = True
    """Whether it tells its communication standard at all."""


@dataclass(frozen=True, slots=True)
class Curtailment:
    """The limits to write; ``bounded_by`` names what keeps them below the wish."""

    limits: PhaseLimits
    bounded_by: str | None = None


@dataclass(frozen=True, slots=True)
class NotNow:
    """The wish cannot be written yet; ``reason`` is a reason code.

    ``meanwhile`` keeps what stands above it as far as that can be.
    """

    reason: str
    detail: str
    meanwhile: Curtailment | None = None


def decide(wish: ChargingWish, situation: ChargingSituation) -> Curtailment | NotNow:
    """The obligation limits that follow from a wish."""
    permitted = situation.permitted
    if permitted is None:
        return NotNow("data_missing", "the wallbox has not stated the permitted currents yet")
    highest = permitted.each("highest")
    wanted = _wanted(wish, highest)
    bounded_by = None
    carried = _under(wanted, situation.installed_a)
    if carried != wanted:
        bounded_by = OVERLOAD
    capped = _under(carried, situation.ceiling_a)
    if capped != carried:
        bounded_by = GRID_CONSUMPTION
    if situation.asymmetric is not True:
        capped = _level(capped)
    lowest = permitted.each("lowest")
    pausing = _below(capped, lowest)
    if any(pausing) and situation.standard is None:
        above = _under(_under(highest, situation.installed_a), situation.ceiling_a)
        must_pause = any(_below(above, lowest)) or not situation.standard_offered
        if not (situation.settled and must_pause):
            return NotNow(
                "ev_standard_unknown",
                "the car has not told its communication standard yet",
                None if above == highest else _stated(_least(lowest, above), highest, bounded_by),
            )
    amperes = tuple(
        _pause(permitted, phase, situation.standard) if paused else a
        for phase, (a, paused) in enumerate(zip(capped, pausing, strict=True))
    )
    return _stated((amperes[0], amperes[1], amperes[2]), highest, bounded_by)


def recommend(wanted: PhaseValues | None, permitted: PhaseRanges) -> PhaseLimits:
    """The recommendation of OSCEV: active from the car's minimum on, also at its maximum (OSCEV
    1.0.1b).
    """
    highest, lowest = permitted.each("highest"), permitted.each("lowest")
    if wanted is None:
        return PhaseLimits(_zeros(highest), (False, False, False))
    capped = _level(_under_each(wanted, highest))
    usable = all(
        a is None or (low is not None and a >= low) for a, low in zip(capped, lowest, strict=True)
    )
    if not usable:
        return PhaseLimits(_zeros(highest), (False, False, False))
    return PhaseLimits(capped)


def _stated(amperes: PhaseValues, highest: PhaseValues, bounded_by: str | None) -> Curtailment:
    a, b, c = (
        None if want is None else high is None or want < high - 1e-9
        for want, high in zip(amperes, highest, strict=True)
    )
    return Curtailment(PhaseLimits(amperes, (a, b, c)), bounded_by)


def _least(lowest: PhaseValues, above: PhaseValues) -> PhaseValues:
    """The lowest current of each phase, the ceiling itself where none is stated."""
    a, b, c = (most if low is None else low for low, most in zip(lowest, above, strict=True))
    return a, b, c


def _below(amperes: PhaseValues, lowest: PhaseValues) -> list[bool]:
    return [
        a is not None and low is not None and a < low - 1e-9
        for a, low in zip(amperes, lowest, strict=True)
    ]


def _wanted(wish: ChargingWish, highest: PhaseValues) -> PhaseValues:
    if not wish.enabled:
        return _zeros(highest)
    if wish.max_current_a is None:
        return highest
    return _under_each(wish.max_current_a, highest)


def _under_each(wanted: PhaseValues, highest: PhaseValues) -> PhaseValues:
    """``wanted`` on the phases that exist; a phase the sender left open takes the lowest of the
    others.
    """
    given = [a for a in wanted if a is not None]
    a, b, c = (
        None if high is None else min(high, min(given) if want is None else want)
        for want, high in zip(wanted, highest, strict=True)
    )
    return a, b, c


def _under(wanted: PhaseValues, ceiling_a: float | None) -> PhaseValues:
    if ceiling_a is None:
        return wanted
    a, b, c = (None if want is None else min(want, ceiling_a) for want in wanted)
    return a, b, c


def _level(amperes: PhaseValues) -> PhaseValues:
    given = [a for a in amperes if a is not None]
    if not given:
        return amperes
    a, b, c = (None if each is None else min(given) for each in amperes)
    return a, b, c


def _zeros(highest: PhaseValues) -> PhaseValues:
    a, b, c = (None if high is None else 0.0 for high in highest)
    return a, b, c


def _pause(permitted: PhaseRanges, phase: int, standard: str | None) -> float:
    stated = permitted.phases[phase]
    if stated is not None and stated.pause is not None:
        return stated.pause
    return ISO_PAUSE_A if (standard or "").startswith(DIGITAL_LINK) else IEC_PAUSE_A
