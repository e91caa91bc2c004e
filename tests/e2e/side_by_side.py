"""Scenarios that mostly wait run at the same time; each is a test of its own all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.support.broker import Mosquitto
from tests.support.processes import Plant

Scenario = Callable[[Plant, Mosquitto], Awaitable[None]]


class Outcomes:
    """Runs every scenario with a plant and a broker of its own; ``check`` raises what one of them met."""

    def __init__(self, scenarios: Sequence[Scenario], directory: Path) -> None:
        self._met: dict[Scenario, BaseException] = {}
        for each in scenarios:
            (directory / each.__name__).mkdir()
        asyncio.run(self._run_all(scenarios, directory))

    def check(self, scenario: Scenario) -> None:
        if scenario in self._met:
            raise self._met[scenario]

    async def _run_all(self, scenarios: Sequence[Scenario], directory: Path) -> None:
        await asyncio.gather(*(self._run(each, directory / each.__name__) for each in scenarios))

    async def _run(self, scenario: Scenario, directory: Path) -> None:
        try:
            with Mosquitto(directory) as broker, Plant(directory) as plant:
                await scenario(plant, broker)
        except asyncio.CancelledError:
            raise
        except BaseException as met:  # a failed expectation is no Exception
            self._met[scenario] = met
