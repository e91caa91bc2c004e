"""The registry of bindings and subscriptions (SPINE protocol 7.3, 7.4)."""

from __future__ import annotations

import pytest

from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.relations import Kind, Registry

CLIENT = FeatureAddress("d:_n:peer_1", (1,), 2)
SERVER = FeatureAddress("d:_n:own_1", (1,), 1)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(Kind.BINDING, "peer", CLIENT, SERVER)
    return registry


def test_entering_twice_is_entering_once(registry: Registry) -> None:
    known = registry.find(Kind.BINDING, "peer", CLIENT, SERVER)
    assert registry.add(Kind.BINDING, "peer", CLIENT, SERVER) is known
    assert len(list(registry)) == 1


@pytest.mark.parametrize("device", [None, "d:_n:peer_1"])
def test_the_device_part_of_the_client_does_not_matter(
    registry: Registry, device: str | None
) -> None:
    assert registry.is_bound("peer", CLIENT._replace(device=device), SERVER)


@pytest.mark.parametrize(
    ("peer", "client", "server"),
    [
        ("other", CLIENT, SERVER),
        ("peer", CLIENT._replace(entity=(1, 1)), SERVER),
        ("peer", CLIENT._replace(feature=3), SERVER),
        ("peer", CLIENT, SERVER._replace(feature=2)),
        ("peer", CLIENT, SERVER._replace(entity=(2,))),
    ],
)
def test_everything_else_does(
    registry: Registry, peer: str, client: FeatureAddress, server: FeatureAddress
) -> None:
    assert not registry.is_bound(peer, client, server)


def test_a_subscription_is_no_binding(registry: Registry) -> None:
    assert registry.find(Kind.SUBSCRIPTION, "peer", CLIENT, SERVER) is None
    assert registry.of_server(Kind.SUBSCRIPTION, SERVER) == []
    assert registry.of_peer(Kind.SUBSCRIPTION, "peer") == []


def test_what_is_removed_is_found_nowhere(registry: Registry) -> None:
    other = registry.add(Kind.BINDING, "other", CLIENT, SERVER)
    (gone,) = registry.remove(lambda relation: relation.peer == "peer")
    assert gone.client == CLIENT
    assert registry.of_server(Kind.BINDING, SERVER) == [other]
    assert registry.of_peer(Kind.BINDING, "peer") == []
    assert list(registry) == [other]
    assert registry.add(Kind.BINDING, "peer", CLIENT, SERVER).number > other.number
