"""Real processes for each test, and a site under attack that several modules share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.hostile import besieged_site, obeys
from tests.e2e.side_by_side import Outcomes
from tests.e2e.site import Site
from tests.support.broker import Mosquitto
from tests.support.processes import Plant


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path) as plant:
        yield plant


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Of all scenarios among the tests of this run."""
    parameters = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [each.params["scenario"] for each in parameters if each and "scenario" in each.params]
    return Outcomes(wanted, tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="session")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One gateway with two wallboxes that has to survive every attack of the session."""
    with besieged_site(tmp_path_factory.mktemp("besieged")) as site:
        yield site


@pytest.fixture
async def unharmed(besieged: Site) -> AsyncIterator[None]:
    """After the attack a command to a wallbox that has nothing to do with it has its effect."""
    yield
    await obeys(besieged, besieged.devices[0])
