"""What subscribers are told of our changes."""

from __future__ import annotations

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.model.device_diagnosis import DeviceDiagnosisStateDataType
from eebus_gw.spine.model.incentive_table import IncentiveTableDataType
from eebus_gw.spine.model.measurement import MeasurementDataType, MeasurementListDataType
from eebus_gw.spine.values import number_of, scaled_number
from tests.support.wire import (
    PEER,
    PEER_ENTITIES,
    PEER_FEATURES,
    Bench,
    Place,
    Sent,
    address,
    command,
    deletion,
    discovery_of,
)

CLIENT: Place = ((1,), 3)
OTHER: Place = ((1,), 2)
MEASUREMENTS = "measurementListData"
STATE = "deviceDiagnosisStateData"


class Meter(Bench):
    """Three measurements that the peer follows."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entity = self.device.add_entity("EV")
        self.feature = self.entity.feature("Measurement", "server")
        self.feature.allow(MEASUREMENTS)
        self.values = {0: 1.0, 1: 2.0, 2: 3.0}
        self.measure()

    def measure(self, **values: float) -> None:
        changed = {int(name[1:]): value for name, value in values.items()}
        self.values |= changed
        entries = [
            MeasurementDataType(measurement_id=n, value_type="value", value=scaled_number(v))
            for n, v in self.values.items()
        ]
        data = MeasurementListDataType(measurement_data=entries)
        keys = frozenset((n, "value") for n in changed) if changed else None
        self.device.put(self.feature, MEASUREMENTS, data, keys)

    def subscribed(self) -> Meter:
        self.discovered()
        self.relate("subscription", CLIENT, self.feature)
        self.forget()
        return self


@pytest.fixture
def meter() -> Meter:
    return Meter().subscribed()


def told(sent: Sent) -> dict[int, int]:
    return {e["measurementId"]: e["value"]["number"] for e in sent.data["measurementData"]}


def test_changed_entries_are_told_complete_and_alone(meter: Meter) -> None:
    meter.measure(m1=20.0)
    (said,) = meter.drain()
    assert (said.classifier, said.function, said.ack) == ("notify", MEASUREMENTS, False)
    assert said.filters == [{"cmdControl": {"partial": []}}]
    assert said.data == {
        "measurementData": [
            {"measurementId": 1, "valueType": "value", "value": {"number": 20, "scale": 0}}
        ]
    }
    assert said.to == address(PEER, CLIENT)
    assert said.source["feature"] == meter.feature.number


def test_changes_before_sending_become_one_notify_with_the_newest_values(meter: Meter) -> None:
    meter.measure(m1=20.0)
    meter.measure(m2=30.0)
    meter.measure(m1=21.0)
    (said,) = meter.drain()
    assert told(said) == {1: 21, 2: 30}


def test_everything_changed_is_told_without_filter(meter: Meter) -> None:
    meter.measure(m0=10.0, m1=20.0, m2=30.0)
    (said,) = meter.drain()
    assert (said.filters, told(said)) == ([], {0: 10, 1: 20, 2: 30})


def test_a_change_that_cannot_be_told_by_entries_is_told_in_full(meter: Meter) -> None:
    meter.measure(m1=20.0)
    meter.measure()
    meter.measure(m2=5.0)
    (said,) = meter.drain()
    assert (said.filters, told(said)) == ([], {0: 1, 1: 20, 2: 5})


def test_functions_that_are_no_lists_or_have_no_identifiers_are_told_in_full(meter: Meter) -> None:
    state = meter.entity.feature("DeviceDiagnosis", "server")
    prices = meter.entity.feature("IncentiveTable", "server")
    state.allow(STATE)
    prices.allow("incentiveTableData")
    for feature in (state, prices):
        meter.relate("subscription", CLIENT, feature)
    meter.forget()
    meter.device.put(state, STATE, DeviceDiagnosisStateDataType(operating_state="standby"), None)
    table = IncentiveTableDataType(incentive_table=[])
    meter.device.put(prices, "incentiveTableData", table, frozenset({()}))
    assert [(said.function, said.filters) for said in meter.drain()] == [
        (STATE, []),
        ("incentiveTableData", []),
    ]


def test_every_subscribed_client_is_told_once(meter: Meter) -> None:
    meter.relate("subscription", OTHER, meter.feature)
    meter.relate("subscription", OTHER, meter.feature, client_device=None)
    meter.forget()
    meter.measure(m1=20.0)
    assert [said.to for said in meter.drain()] == [address(PEER, CLIENT), address(PEER, OTHER)]


def test_a_client_that_was_unknown_when_it_subscribed_is_addressed_in_full() -> None:
    meter = Meter()
    meter.start()
    meter.relate("subscription", CLIENT, meter.feature, client_device=None)
    meter.reply_to(meter.sent[0], discovery_of(PEER_ENTITIES, PEER_FEATURES))
    meter.measure(m1=20.0)
    (said,) = [each for each in meter.drain() if each.classifier == "notify"]
    assert said.to == address(PEER, CLIENT)


def test_who_does_not_follow_is_not_told(meter: Meter) -> None:
    stranger = Bench(device=meter.device, ski="stranger").discovered()
    meter.measure(m1=20.0)
    assert stranger.drain() == []
    assert meter.device.touched == {"peer"}


def test_who_unsubscribes_before_sending_is_not_told(meter: Meter) -> None:
    meter.measure(m1=20.0)
    place = (meter.feature.entity, meter.feature.number)
    said = meter.receive(
        "call", deletion("subscription", address(PEER, CLIENT), address(None, place))
    )
    assert said == []


def test_an_entity_that_goes_before_sending_is_not_told_of(meter: Meter) -> None:
    meter.measure(m1=20.0)
    meter.device.remove_entity(meter.entity)
    assert meter.drain() == []


def test_replies_go_before_notifies(meter: Meter) -> None:
    meter.measure(m1=20.0)
    place = (meter.feature.entity, meter.feature.number)
    said = meter.receive("read", command(MEASUREMENTS), source=CLIENT, to=place)
    assert [each.classifier for each in said] == ["reply", "notify"]
    assert [each.counter for each in said] == sorted(each.counter for each in said)


def test_what_is_not_offered_cannot_be_published(meter: Meter) -> None:
    with pytest.raises(LocalProtocolError):
        meter.device.put(meter.feature, STATE, DeviceDiagnosisStateDataType(), None)


def test_data_that_ages_is_renewed_for_a_read_without_telling_anybody(meter: Meter) -> None:
    asked = []

    def renew(feature: object, function: str, now: float) -> None:
        asked.append((feature is meter.feature, function, now))
        meter.measure(m0=now)

    meter.device.before_read = renew
    place = (meter.feature.entity, meter.feature.number)
    (reply,) = meter.receive("read", command(MEASUREMENTS), source=CLIENT, to=place)
    assert told(reply)[0] == 100
    assert asked == [(True, MEASUREMENTS, 100.0)]
    meter.measure(m1=20.0)
    (said,) = meter.drain()
    assert told(said) == {1: 20}
    data = meter.feature.data[MEASUREMENTS]
    assert isinstance(data, MeasurementListDataType)
    assert number_of((data.measurement_data or [])[0].value) == 100
