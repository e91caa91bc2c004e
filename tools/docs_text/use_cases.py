"""Use cases as Markdown, from their definitions and from what our programs hold of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from docs_text.tables import table
from eebus_gw.gateway.gateway import WALLBOX_ENTITIES
from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from usecases import catalogue

GRID_SIDE = ("lpc", "lpp", "mgcp")
"""What the grid side serves (``eebus_gw/gateway/grid.py``)."""
CONTROL_BOX = ("lpc", "lpp")
"""What the simulated control box is the client of."""
OF_SOME_CARS = frozenset({"dbevc", "cevc"})
"""What bidirectional and planning cars of the simulator serve besides (``eebus_gw/sim/station.py``)."""
OF_THE_STATION = frozenset({"evsecc", "evcs", "mpc", "lpc", "lpp"})
"""What the simulated wallbox serves without a car (``eebus_gw/sim/station.py``)."""


@cache
def gateway_clients() -> frozenset[str]:
    """Codes of the use cases whose client side the gateway plays towards wallboxes."""
    return frozenset(u.code for entity in WALLBOX_ENTITIES for u in entity.client)


@cache
def simulated_servers() -> frozenset[str]:
    """Codes of the use cases whose server side the simulated wallbox plays."""
    from eebus_gw.sim.station import EV_SIDE

    cars = {use_case.code for offered in EV_SIDE.values() for use_case in offered}
    return frozenset(cars | OF_SOME_CARS | OF_THE_STATION)


def client_ends(code: str) -> str:
    """Who plays the client."""
    who = ["gateway"] if code in gateway_clients() else []
    return ", ".join([*who, *(["control box"] if code in CONTROL_BOX else [])]) or "definition only"


@cache
def house_servers() -> frozenset[str]:
    """Codes of the use cases whose server side the simulated house plays."""
    from eebus_gw.sim.house_station import SERVED

    return frozenset(use_case.code for use_case in SERVED)


def server_ends(code: str) -> str:
    """Who plays the server."""
    who = ["wallbox"] if code in simulated_servers() else []
    who += ["house"] if code in house_servers() else []
    return ", ".join([*who, *(["gateway"] if code in GRID_SIDE else [])]) or "definition only"


def use_case_table() -> str:
    """One line a use case."""
    rows = [
        (
            f"[{u.code.upper()}](docs/use-cases.md#{u.code}) {u.title}",
            u.version,
            " or ".join(a.name for a in u.clients),
            u.server.name,
            _numbers(u),
            client_ends(u.code),
            server_ends(u.code),
        )
        for u in catalogue().values()
    ]
    head = ("Use case", "Version", "Client", "Server", "Scenarios", "Client end", "Server end")
    return table(head, rows)


def use_case_chapters() -> str:
    """One chapter a use case."""
    return "\n\n".join("\n".join(_chapter(u)) for u in catalogue().values())


def _chapter(use_case: UseCase) -> Iterator[str]:
    yield f'<a id="{use_case.code}"></a>'
    yield f"## {use_case.code.upper()} – {use_case.title}"
    yield ""
    yield f"`{use_case.name}`, version {use_case.version} {use_case.sub_revision}."
    yield ""
    for role, actors in (("Client", use_case.clients), ("Server", (use_case.server,))):
        for actor in actors:
            yield f"* {role}: {_actor(actor)}"
    yield f"* Played by: client {client_ends(use_case.code)}; server {server_ends(use_case.code)}"
    if use_case.heartbeat_timeout_s is not None:
        yield f"* Heartbeat: announced time-out {use_case.heartbeat_timeout_s:g} s"
    yield ""
    yield table(("#", "Scenario", "Client", "Server", "Values"), map(_scenario, use_case.scenarios))


def _scenario(scenario: Scenario) -> tuple[str, ...]:
    points = [*scenario.points, *scenario.client_points]
    values = ", ".join(f"`{p.key}`{' (written)' if p.writable else ''}" for p in points)
    numbered = (str(scenario.number), scenario.name)
    return (*numbered, str(scenario.client), str(scenario.server), values or "–")


def _actor(actor: Actor) -> str:
    also = f", also announced as {' or '.join(actor.also)}" if actor.also else ""
    part = ""
    if actor.scenarios is not None:
        part = f", scenarios {', '.join(map(str, actor.scenarios))}"
    return f"{actor.name} on {' or '.join(actor.entities)}{also}{part}"


def _numbers(use_case: UseCase) -> str:
    numbers = [s.number for s in use_case.scenarios if s.server is not Support.NONE]
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2:
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(map(str, numbers))
