"""Which use cases can work with a peer, on which of its entities, and why others cannot (use case documents 3.1.2).

A scenario counts if it is announced and the entity has the server features it needs. ``useCaseAvailable`` of a server
is ignored (SPINE IG 2.2), versions do not gate, and several announcements for one entity are united.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eebus_gw.roles.quirks import is_dummy
from eebus_gw.spine.remote import AnnouncedUseCase, EntityPath, RemoteDevice, RemoteEntity
from eebus_gw.vocabulary.definition import Scenario, Support, UseCase


@dataclass(frozen=True, slots=True)
class Match:
    """A use case that can be used with one remote entity, in these scenarios."""

    use_case: UseCase
    entity: RemoteEntity
    scenarios: frozenset[int]

    @property
    def key(self) -> tuple[str, EntityPath]:
        """Identifies the match within one peer."""
        return (self.use_case.code, self.entity.path)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one use case with a peer: usable in ``scenarios``, or ``why_not``.

    ``scenarios`` of one that is not usable are those that are announced in vain.
    """

    code: str
    title: str
    usable: bool
    scenarios: tuple[int, ...] = ()
    why_not: str = ""


def match(use_cases: Iterable[UseCase], device: RemoteDevice) -> list[Match]:
    """Every usable combination, in the order of ``use_cases`` and addresses."""
    return [
        found
        for use_case in use_cases
        if is_dummy(device, use_case.code) is None
        for found in _matches(use_case, device)
    ]


def _matches(use_case: UseCase, device: RemoteDevice) -> list[Match]:
    found: dict[EntityPath, Match] = {}
    for announced in _announcements(use_case, device):
        for entity in _entities(use_case, announced, device):
            usable = _usable(use_case, announced, entity)
            if usable:
                known = found[entity.path].scenarios if entity.path in found else frozenset()
                found[entity.path] = Match(use_case, entity, known | usable)
    return list(found.values())


def verdicts(use_cases: Iterable[UseCase], device: RemoteDevice) -> list[Verdict]:
    """One verdict a use case, with the reason where it cannot be used."""
    return [_verdict(use_case, device) for use_case in use_cases]


def _verdict(use_case: UseCase, device: RemoteDevice) -> Verdict:
    matches = _matches(use_case, device)
    if matches:
        scenarios = sorted(frozenset().union(*(m.scenarios for m in matches)))
        dummy = is_dummy(device, use_case.code)
        return Verdict(use_case.code, use_case.title, dummy is None, tuple(scenarios), dummy or "")
    return Verdict(use_case.code, use_case.title, False, (), _why_not(use_case, device))


def _why_not(use_case: UseCase, device: RemoteDevice) -> str:
    announcements = list(_announcements(use_case, device))
    if not announcements:
        if _is_about_cars(use_case) and _has(device, "EVSE") and not _has(device, "EV"):
            return "no car is plugged in, so the wallbox announces nothing for it yet"
        return _other_roles(use_case, device) or "not announced"
    for announced in announcements:
        if not _entities(use_case, announced, device):
            return (
                f"announced, but there is no entity of type {' or '.join(use_case.server.entities)}"
            )
    for announced in announcements:
        for entity in _entities(use_case, announced, device):
            missing = _missing(use_case, announced, entity)
            if missing:
                return f"announced, but entity {_dotted(entity)} lacks {missing}"
    return "announced without any scenario this gateway can use"


def _other_roles(use_case: UseCase, device: RemoteDevice) -> str:
    others = sorted({a.actor for a in device.use_cases if _same_name(use_case, a)})
    if not others:
        return ""
    ours = all(any(client.accepts(role) for client in use_case.clients) for role in others)
    why = "which is our own" if ours else "which the use case does not know"
    return f"announced only in the role {', '.join(others)}, {why}"


def _announcements(use_case: UseCase, device: RemoteDevice) -> Iterable[AnnouncedUseCase]:
    return (
        announced
        for announced in device.use_cases
        if _same_name(use_case, announced) and use_case.server.accepts(announced.actor)
    )


def _same_name(use_case: UseCase, announced: AnnouncedUseCase) -> bool:
    return announced.name.lower() == use_case.name.lower()


def _entities(
    use_case: UseCase, announced: AnnouncedUseCase, device: RemoteDevice
) -> list[RemoteEntity]:
    """Where the announcement can be meant: the address is missing or off by one level at several devices."""
    types = use_case.server.entities
    if announced.entity is None:
        return [e for _, e in sorted(device.entities.items()) if e.type in types]
    addressed = device.entities.get(announced.entity)
    if addressed is None:
        return []
    children = [child for child in device.children(addressed.path) if child.type in types]
    if addressed.type in types and (not children or _usable(use_case, announced, addressed)):
        return [addressed]
    if children:
        return children
    # Types are no proof: some devices call everything Generic. The features decide.
    return [] if _is_about_cars(use_case) else [addressed]


def _usable(use_case: UseCase, announced: AnnouncedUseCase, entity: RemoteEntity) -> frozenset[int]:
    return frozenset(
        scenario.number
        for scenario in _stated(use_case, announced)
        if not _lacking(scenario, entity)
    )


def _stated(use_case: UseCase, announced: AnnouncedUseCase) -> list[Scenario]:
    if not announced.scenarios:
        return [s for s in use_case.scenarios if s.server is Support.MANDATORY]
    return [s for s in use_case.scenarios if s.number in announced.scenarios]


def _lacking(scenario: Scenario, entity: RemoteEntity) -> list[str]:
    """Features a scenario needs and the entity lacks; a scenario lives if one of its points can."""
    if not scenario.points:
        return []
    lacking: list[str] = []
    for point in scenario.points:
        missing = [
            use.function.feature
            for use in point.uses
            if use.required and entity.server(use.function.feature, use.function.name) is None
        ]
        if not missing:
            return []
        lacking += missing
    return lacking


def _missing(use_case: UseCase, announced: AnnouncedUseCase, entity: RemoteEntity) -> str:
    features = {f for s in _stated(use_case, announced) for f in _lacking(s, entity)}
    return ", ".join(sorted(f"the feature {feature}" for feature in features))


def _is_about_cars(use_case: UseCase) -> bool:
    return use_case.server.entities == ("EV",)


def _has(device: RemoteDevice, entity_type: str) -> bool:
    return any(entity.type == entity_type for entity in device.entities.values())


def _dotted(entity: RemoteEntity) -> str:
    return f"{entity.type} [{','.join(map(str, entity.path))}]"
