"""A device laid open: entities, features, functions, use cases with values, and the verdict (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from eebus_gw.gateway.side import Side
from eebus_gw.gateway.wire_evidence import confirmed
from eebus_gw.peers import Peer
from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.matching import Verdict
from eebus_gw.spine.remote import Operations, RemoteEntity, RemoteFeature
from eebus_gw.wire.fold import fold

Json = dict[str, Any]


def inspect(
    side: Side,
    peer: Peer,
    verdicts: list[Verdict],
    rules: Mapping[str, Any],
) -> Json:
    """Everything known of a peer, with the user's ``rules`` for it; members that need a connection are empty
    without one."""
    partner = side.node.host.partners.get(peer.ski)
    remote = partner.session.remote if partner is not None else None
    consumers = list(partner.consumers.values()) if partner is not None else []
    return {
        "id": peer.id,
        "alias": peer.alias,
        "ski": peer.ski,
        "ship_id": peer.ship_id,
        "connected": side.link(peer.ski).connected,
        "phase": side.link(peer.ski).phase,
        "address": remote.address if remote is not None else None,
        "device_type": remote.type if remote is not None else None,
        "specification_versions": list(remote.specification_versions) if remote else [],
        "entities": [_entity(e) for _, e in sorted(remote.entities.items())] if remote else [],
        "announced": [
            {
                "actor": u.actor,
                "name": u.name,
                "version": u.version,
                "scenarios": list(u.scenarios),
                "entity": list(u.entity) if u.entity else None,
            }
            for u in (remote.use_cases if remote is not None else ())
        ],
        "use_cases": [_values(consumer) for consumer in consumers],
        "rules": dict(rules),
        "verdict": [asdict(verdict) for verdict in verdicts],
    }


def _entity(entity: RemoteEntity) -> Json:
    return {
        "address": list(entity.path),
        "type": entity.type,
        "features": [_feature(f) for _, f in sorted(entity.features.items())],
    }


def _feature(feature: RemoteFeature) -> Json:
    shown: Json = {"number": feature.number, "type": feature.type, "role": feature.role}
    shown["functions"] = [
        {
            "name": name,
            "operations": _operations(operations),
            **({"data": fold(feature.data[name])} if name in feature.data else {}),
        }
        for name, operations in feature.operations.items()
    ]
    return shown


def _operations(operations: Operations) -> str:
    parts = [
        name
        for name in ("read", "read_partial", "write", "write_partial")
        if getattr(operations, name)
    ]
    return ", ".join(parts).replace("_", " ") or "none"


def _values(consumer: Consumer) -> Json:
    return {
        "code": consumer.use_case.code,
        "entity": list(consumer.entity.path),
        "scenarios": sorted(consumer.scenarios),
        **_evidence(consumer),
        "points": {
            point.key: {
                "value": _plain(reading.value) if reading is not None else None,
                "unit": point.unit,
                "offered": consumer.offers(point),
            }
            for point in consumer.points
            for reading in [consumer.readings.get(point.key)]
        },
    }


def _evidence(consumer: Consumer) -> Json:
    found = confirmed(consumer)
    return {} if found is None else {"wire_evidence": dict(found)}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
