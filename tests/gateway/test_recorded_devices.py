"""Recorded devices as live peers of a gateway: what they are taken for, and what appears on MQTT.

Who they are and what they can do is recorded; the recordings hold no values, so that those are written down here. All
eight are paired with one gateway, as in one house.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from eebus_gw.bridge.commands import Origin
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import Settings, ShipSettings
from tests.net.support import identity
from tests.support.processes import LOOPBACK, eventually
from tests.support.recorded import DEVICES, HEARTBEAT, Data, RecordedDevice, Recording
from tests.support.wire import PARTIAL, Plain

pytestmark = [
    pytest.mark.skipif(not DEVICES.is_dir(), reason="the recordings are not beside the checkout"),
    pytest.mark.asyncio(loop_scope="module"),
]

ELLI, PORSCHE, SPELSBERG = (
    "elli-charger-connect-pro",
    "porsche-mobile-charger-connect",
    "spelsberg-wallbox-smart-pro",
)
KOSTAL, SMA = "kostal-kostal-smart-energy-meter", "sma-home-manager-2"
EVCC, VIESSMANN, VAILLANT = (
    "evcc-io-evcc",
    "viessmann-vitoconnect",
    "vaillant-arotherm-vwl-756a",
)
IDS = {
    ELLI: "elli",
    PORSCHE: "porsche",
    SPELSBERG: "spelsberg",
    KOSTAL: "kostal",
    SMA: "sma",
    EVCC: "evcc",
    VIESSMANN: "viessmann",
    VAILLANT: "vaillant",
}


# --- values, as such devices give them


def number(value: float) -> Plain:
    """A scaled number with up to two decimals."""
    if value == int(value):
        return {"number": int(value), "scale": 0}
    return {"number": round(value * 100), "scale": -2}


def measured(*stated: tuple[int, str, str, str, float], **phases: str) -> dict[str, Plain]:
    """Measurements as (id, type, unit, scope, value); ``m3="a"`` is measured on this phase."""
    return {
        "measurementDescriptionListData": {
            "measurementDescriptionData": [
                {
                    "measurementId": n,
                    "measurementType": kind,
                    "commodityType": "electricity",
                    "unit": unit,
                    "scopeType": scope,
                }
                for n, kind, unit, scope, _ in stated
            ]
        },
        "electricalConnectionParameterDescriptionListData": {
            "electricalConnectionParameterDescriptionData": [
                {
                    "electricalConnectionId": 0,
                    "parameterId": n,
                    "measurementId": n,
                    "voltageType": "ac",
                    "acMeasuredPhases": phases.get(f"m{n}", "abc"),
                    "scopeType": scope,
                }
                for n, kind, _, scope, _ in stated
                if kind != "percentage"
            ]
        },
        "measurementListData": {
            "measurementData": [
                {
                    "measurementId": n,
                    "valueType": "value",
                    "value": number(value),
                    "valueSource": "measuredValue",
                    "valueState": "normal",
                }
                for n, *_, value in stated
            ]
        },
    }


def connected(direction: str | None) -> dict[str, Plain]:
    """The electrical connection, and which direction it counts as positive."""
    stated: Plain = {"electricalConnectionId": 0, "powerSupplyType": "ac", "acConnectedPhases": 3}
    if direction is not None:
        stated["positiveEnergyDirection"] = direction
    return {
        "electricalConnectionDescriptionListData": {"electricalConnectionDescriptionData": [stated]}
    }


def keys(*stated: tuple[int, str, str, Any]) -> dict[str, Plain]:
    """Configuration keys as (id, name, type, value)."""
    return {
        "deviceConfigurationKeyValueDescriptionListData": {
            "deviceConfigurationKeyValueDescriptionData": [
                {"keyId": n, "keyName": name, "valueType": kind} for n, name, kind, _ in stated
            ]
        },
        "deviceConfigurationKeyValueListData": {
            "deviceConfigurationKeyValueData": [
                {"keyId": n, "value": {kind: value}} for n, _, kind, value in stated
            ]
        },
    }


def limited(*stated: tuple[int, str, str, float]) -> dict[str, Plain]:
    """Limits of a controllable system as (id, direction, scope, watts)."""
    return {
        "loadControlLimitDescriptionListData": {
            "loadControlLimitDescriptionData": [
                {
                    "limitId": n,
                    "limitType": "signDependentAbsValueLimit",
                    "limitCategory": "obligation",
                    "limitDirection": direction,
                    "measurementId": 0,
                    "unit": "W",
                    "scopeType": scope,
                }
                for n, direction, scope, _ in stated
            ]
        },
        "loadControlLimitListData": {
            "loadControlLimitData": [
                {
                    "limitId": n,
                    "isLimitChangeable": True,
                    "isLimitActive": False,
                    "value": number(watts),
                }
                for n, *_, watts in stated
            ]
        },
    }


FAILSAFES = (
    (1, "failsafeConsumptionActivePowerLimit", "scaledNumber", number(4_200)),
    (2, "failsafeProductionActivePowerLimit", "scaledNumber", number(0)),
    (3, "failsafeDurationMinimum", "duration", "PT2H"),
)
SMA_DATA: Data = {
    (6, 1): {
        **connected("consume"),
        **measured(
            (0, "power", "W", "acPowerTotal", -1_850),
            (1, "energy", "Wh", "charge", 0),  # the recording's summary: always 0 at this device
            (2, "energy", "Wh", "discharge", 912_400),
            (3, "percentage", "pct", "stateOfCharge", 73),
        ),
    },
    (7, 1): {
        **connected("produce"),
        **measured(
            (0, "power", "W", "acPowerTotal", 4_210),
            (1, "energy", "Wh", "acYieldTotal", 18_342_000),
        ),
        **keys((0, "peakPowerOfPvSystem", "scaledNumber", number(9_800))),
    },
    (8,): {
        **limited(
            (0, "consume", "activePowerLimit", 0),
            (1, "produce", "activePowerLimit", 0),
        ),
        **keys(*FAILSAFES),
    },
    # Currents and voltages are announced but not delivered (the recording's summary).
    (9,): {
        **connected("consume"),
        **measured(
            (0, "power", "W", "acPowerTotal", -312),
            (1, "energy", "Wh", "gridFeedIn", 9_120_300),
            (2, "energy", "Wh", "gridConsumption", 4_400_500),
            (3, "frequency", "Hz", "acFrequency", 50.02),
        ),
        **keys((0, "pvCurtailmentLimitFactor", "scaledNumber", number(70))),
    },
}
KOSTAL_DATA: Data = {
    (5,): {**limited((0, "consume", "activePowerLimit", 0)), **keys(*FAILSAFES)},
    (6,): {
        **connected("consume"),
        **measured(
            (0, "power", "W", "acPowerTotal", 1_234.5),
            (1, "energy", "Wh", "gridFeedIn", 100_000),
            (2, "energy", "Wh", "gridConsumption", 2_500_000),
            (3, "current", "A", "acCurrent", 2.5),
            (4, "current", "A", "acCurrent", 1.5),
            (5, "current", "A", "acCurrent", 1.25),
            (6, "voltage", "V", "acVoltage", 231),
            (7, "voltage", "V", "acVoltage", 229),
            (8, "voltage", "V", "acVoltage", 230),
            (9, "frequency", "Hz", "acFrequency", 49.98),
            m3="a", m4="b", m5="c", m6="a", m7="b", m8="c",
        ),
    },
    (7,): {
        **connected("consume"),
        **measured((0, "power", "W", "acPowerTotal", 640)),
    },
}  # fmt: skip


def charging(*, current_a: float, standard: str, soc_percent: float | None = None) -> Data:
    """A wallbox with a car that draws this current on three phases."""
    phases = {1: "a", 2: "b", 3: "c"}
    soc = () if soc_percent is None else ((9, "percentage", "pct", "stateOfCharge", soc_percent),)
    limits = [(n, "obligation", "overloadProtection") for n in (1, 2, 3)]
    limits += [(n + 3, "recommendation", "selfConsumption") for n in (1, 2, 3)]
    return {
        (1,): {
            "deviceClassificationManufacturerData": {"brandName": "a brand", "deviceName": "a box"},
            "deviceDiagnosisStateData": {"operatingState": "normalOperation"},
        },
        (1, 1): {
            "deviceDiagnosisStateData": {"operatingState": "normalOperation"},
            **connected("consume"),
            **measured(
                *((n, "current", "A", "acCurrent", current_a) for n in phases),
                *((n + 3, "power", "W", "acPower", current_a * 230) for n in phases),
                (7, "energy", "Wh", "charge", 5_400),
                *soc,
                m1="a", m2="b", m3="c", m4="a", m5="b", m6="c",
            ),
            **keys(
                (0, "communicationsStandard", "string", standard),
                (1, "asymmetricChargingSupported", "boolean", False),
            ),
            "electricalConnectionPermittedValueSetListData": {
                "electricalConnectionPermittedValueSetData": [
                    {
                        "electricalConnectionId": 0,
                        "parameterId": n,
                        "permittedValueSet": [
                            {
                                "value": [number(0.1)],
                                "range": [{"min": number(6), "max": number(16)}],
                            }
                        ],
                    }
                    for n in phases
                ]
            },
            "loadControlLimitDescriptionListData": {
                "loadControlLimitDescriptionData": [
                    {
                        "limitId": n,
                        "limitType": "maxValueLimit",
                        "limitCategory": category,
                        "measurementId": (n - 1) % 3 + 1,
                        "unit": "A",
                        "scopeType": scope,
                    }
                    for n, category, scope in limits
                ]
            },
            "loadControlLimitListData": {
                "loadControlLimitData": [
                    {
                        "limitId": n,
                        "isLimitChangeable": True,
                        "isLimitActive": False,
                        "value": number(16),
                    }
                    for n, *_ in limits
                ]
            },
        },
    }  # fmt: skip


DATA: dict[str, Data] = {
    SMA: SMA_DATA,
    KOSTAL: KOSTAL_DATA,
    ELLI: charging(current_a=10, standard="iec61851"),
    SPELSBERG: charging(current_a=0, standard="iec61851"),
    PORSCHE: charging(current_a=7, standard="iso15118-2ed2", soc_percent=61),
    VIESSMANN: {(1,): measured((0, "power", "W", "acPowerTotal", 2_100))},
}


# --- everything paired with one gateway


@dataclass
class Site:
    """A gateway and the eight, and every warning or worse that was logged."""

    gateway: Gateway
    devices: dict[str, RecordedDevice]
    logged: list[logging.LogRecord]

    def document(self, name: str, leaf: str) -> Any:
        return self.gateway.publisher.document(IDS[name], leaf)

    def entry(self, name: str) -> Any:
        return next(d for d in self.gateway.bridge.devices() if d["id"] == IDS[name])

    async def documents(self, name: str, *leaves: str) -> list[Any]:
        """The documents of a device once all of them are there."""
        await eventually(lambda: all(self.document(name, leaf) for leaf in leaves), f"{leaves}")
        return [self.document(name, leaf) for leaf in leaves]

    async def inspect(self, name: str) -> Any:
        return await self.gateway.verbs.dispatch("inspect", {"id": IDS[name]})

    def sent(self, topic: str) -> list[Any]:
        """What waits in the ordered lane for a topic; without a broker it all does."""
        waiting = [item for item in self.gateway.outbox._ordered if isinstance(item, tuple)]
        return [content for at, content, *_ in waiting if at == topic]


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = Settings(ship=ShipSettings(port=0, mdns=False))
    home: Path = tmp_path_factory.mktemp("recorded")
    records = Records()
    logging.getLogger("eebus_gw").addHandler(records)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(Gateway(Home.open(home), settings, host=LOOPBACK))
        devices = {}
        for at, name in enumerate(IDS):
            device = RecordedDevice(name, identity(40 + at), DATA.get(name, {}))
            device.trusted.add(gateway.wallbox.node.ski)
            devices[name] = await stack.enter_async_context(device)
        for name, device in devices.items():
            request = {"ski": device.ski, "device_id": IDS[name], "address": device.address}
            await gateway.verbs.dispatch("pair", request)
        understood = gateway.wallbox.understood
        await eventually(
            lambda: all(understood(device.ski) for device in devices.values()), "all are understood"
        )
        yield Site(gateway, devices, records.records)
    logging.getLogger("eebus_gw").removeHandler(records)


# --- what they are taken for

OURS = "announced only in the role {}, which is our own"
DUMMY = "announces coordinated charging and the charging summary but does not implement them"
DUMMY_SPELSBERG = "same stack as Elli; ISO 15118 scenarios are announced although ISO 15118 is off"
CHARGING = {
    "evsecc": [1, 2],
    "evcc": [1, 2, 3, 4, 5, 6, 7, 8],
    "evcem": [1, 2, 3],
    "opev": [1, 2, 3],
    "oscev": [1, 2, 3],
}
WORKS: dict[str, dict[str, list[int]]] = {
    ELLI: CHARGING,
    SPELSBERG: CHARGING,
    PORSCHE: {**CHARGING, "evsoc": [1], "cevc": [1, 2, 3, 4, 5, 6, 7, 8], "evcs": [1]},
    KOSTAL: {"lpc": [1, 2, 3, 4], "mpc": [1, 2, 3, 4, 5], "mgcp": [1, 2, 3, 4, 5, 6, 7]},
    SMA: {
        "vabd": [1, 2, 3, 4],
        "vapd": [1, 2, 3],
        "lpc": [1, 2, 3, 4],
        "lpp": [1, 2, 3, 4],
        "mgcp": [1, 2, 3, 4, 5, 6, 7],
    },
    EVCC: {},
    VIESSMANN: {},
    VAILLANT: {},
}
WHY_NOT: dict[str, dict[str, str]] = {
    ELLI: {"cevc": DUMMY, "evcs": DUMMY},
    SPELSBERG: {"cevc": DUMMY_SPELSBERG, "evcs": DUMMY_SPELSBERG},
    PORSCHE: {},
    KOSTAL: {
        **dict.fromkeys(
            ("evsecc", "evcc", "evcem", "opev", "oscev", "cevc", "evcs"), OURS.format("CEM")
        ),
        "evsoc": OURS.format("MonitoringAppliance"),
    },
    SMA: {"mpc": OURS.format("MonitoringAppliance")},
    EVCC: dict.fromkeys(("evsecc", "evcc", "evcem", "opev", "evsoc", "oscev"), OURS.format("CEM")),
    VIESSMANN: {"mpc": "announced only in the role HeatPump, which the use case does not know"},
    VAILLANT: {},
}
WHERE = {
    ELLI: {"evsecc": [1], "evcc": [1, 1], "evcem": [1, 1], "opev": [1, 1], "oscev": [1, 1]},
    KOSTAL: {"lpc": [5], "mgcp": [6], "mpc": [7]},
    SMA: {"vabd": [6, 1], "vapd": [7, 1], "lpc": [8], "lpp": [8], "mgcp": [9]},
}
HOUSES = (KOSTAL, SMA, EVCC, VIESSMANN, VAILLANT)


@pytest.mark.parametrize("name", IDS)
async def test_the_verdict_of_inspect(site: Site, name: str) -> None:
    shown = await site.inspect(name)
    assert shown["connected"]
    verdict = {v["code"]: v for v in shown["verdict"]}
    assert {c: list(v["scenarios"]) for c, v in verdict.items() if v["usable"]} == WORKS[name]
    reasons = {code: v["why_not"] for code, v in verdict.items() if not v["usable"]}
    assert reasons == {code: WHY_NOT[name].get(code, "not announced") for code in reasons}


@pytest.mark.parametrize("name", WHERE)
async def test_inspect_shows_the_entity_that_has_the_data(site: Site, name: str) -> None:
    """Two devices name a parent of it or nothing at all."""
    shown = await site.inspect(name)
    assert {u["code"]: u["entity"] for u in shown["use_cases"]} == WHERE[name]


@pytest.mark.parametrize("name", IDS)
async def test_what_kind_of_device_it_is(site: Site, name: str) -> None:
    await eventually(lambda: site.entry(name)["kind"] == ("house" if name in HOUSES else "wallbox"))
    entry = site.entry(name)
    assert entry["supported"] == bool(WORKS[name])
    # One of them refuses the read of its use cases: five seconds later it counts as one without any.
    await eventually(lambda: site.document(name, "availability") == "online", "available")
    only_houses, only_boxes = ("battery", "pv"), ("ev", "evse", "limits", "session")
    for leaf in only_boxes if name in HOUSES else only_houses:
        assert site.document(name, leaf) is None, leaf


# --- what appears


def numbers(document: Any) -> Any:
    return {k: v for k, v in document.items() if k != "ts"}


async def test_what_an_sma_home_manager_shows(site: Site) -> None:
    """The use case entries of battery and PV system name the parent of the entity that has the features."""
    meter, battery, pv = await site.documents(SMA, "meter", "battery", "pv")
    assert numbers(meter) == {
        "power_w": -312.0,
        "current_a": [None, None, None],
        "voltage_v": [None, None, None],
        "frequency_hz": 50.02,
        "energy_import_kwh": 4_400.5,
        "energy_export_kwh": 9_120.3,
        "pv_curtailment_percent": 70.0,
        "source": "mgcp",
    }
    assert numbers(battery) == {
        "power_w": -1_850.0,
        "soc_percent": 73.0,
        "energy_charged_kwh": 0.0,
        "energy_discharged_kwh": 912.4,
        "control_mode": None,
        "max_charge_w": None,
        "max_discharge_w": None,
        "default_w": None,
        "failsafe_w": None,
        "failsafe_duration_s": None,
    }
    assert numbers(pv) == {
        "production_w": 4_210.0,
        "peak_w": 9_800.0,
        "energy_yield_kwh": 18_342.0,
    }
    (lpp,) = await site.documents(SMA, "lpp")
    assert (lpp["limit_active"], lpp["failsafe_w"], lpp["failsafe_duration_s"]) == (False, 0, 7_200)


async def test_its_battery_cannot_be_steered(site: Site) -> None:
    (setpoint,) = await site.documents(SMA, "setpoint")
    assert (setpoint["state"], setpoint["active"]) == ("unsupported", False)


async def test_what_a_kostal_meter_shows(site: Site) -> None:
    (meter, lpc) = await site.documents(KOSTAL, "meter", "lpc")
    assert numbers(meter) == {
        "power_w": 1_234.5,
        "current_a": [2.5, 1.5, 1.25],
        "voltage_v": [231.0, 229.0, 230.0],
        "frequency_hz": 49.98,
        "energy_import_kwh": 2_500.0,
        "energy_export_kwh": 100.0,
        "pv_curtailment_percent": None,
        "source": "mgcp",
    }
    assert (lpc["limit_active"], lpc["failsafe_w"]) == (False, 4_200.0)
    assert site.document(KOSTAL, "battery") is None
    assert site.document(KOSTAL, "pv") is None


@pytest.mark.parametrize(
    ("name", "standard", "state", "current_a", "soc_percent"),
    [
        (ELLI, "iec61851", "active", 10.0, None),
        (SPELSBERG, "iec61851", "paused", 0.0, None),
        (PORSCHE, "iso15118-2-ed2", "active", 7.0, 61.0),
    ],
)
async def test_what_a_wallbox_shows(
    site: Site,
    name: str,
    standard: str,
    state: str,
    current_a: float,
    soc_percent: float | None,
) -> None:
    await site.documents(name, "ev")
    await eventually(lambda: site.document(name, "ev")["standard"] == standard, "the car")
    await site.documents(name, "limits")
    await eventually(lambda: site.document(name, "limits")["obligation"], "the limits")
    ev, meter, evse, limits = await site.documents(name, "ev", "meter", "evse", "limits")
    assert (ev["connected"], ev["charge_state"], ev["asymmetric"]) == (True, state, False)
    assert (ev["min_a"], ev["max_a"], ev["soc_percent"]) == ([6.0] * 3, [16.0] * 3, soc_percent)
    assert (meter["current_a"], meter["power_w"]) == ([current_a] * 3, current_a * 690)
    assert (evse["operating_state"], evse["phases"]) == ("normalOperation", 3)
    for kind in ("obligation", "recommendation"):
        assert limits[kind]["value_a"] == [16.0] * 3
        assert limits[kind]["active"] == [False] * 3


@pytest.mark.parametrize("name", [EVCC, VIESSMANN, VAILLANT])
async def test_nothing_is_made_up_of_a_device_that_offers_nothing(site: Site, name: str) -> None:
    await eventually(lambda: site.entry(name)["kind"] == "house")
    shown = ("ev", "evse", "limits", "session", "meter", "battery", "pv", "lpc", "lpp")
    assert [leaf for leaf in shown if site.document(name, leaf) is not None] == []


# --- what they are asked and told


@pytest.mark.parametrize("name", IDS)
async def test_only_what_is_announced_is_read(site: Site, name: str) -> None:
    device = site.devices[name]
    readable = {place for place, can in Recording.of(name).readable.items() if can}
    asked = {
        ((tuple(h.to["entity"]), h.to["feature"]), h.function)
        for h in device.session.heard
        if h.classifier == "read" and h.to["entity"] != [0]
    }
    assert asked <= readable


async def test_a_device_that_looks_for_a_heartbeat_gets_it(site: Site) -> None:
    """Whoever has a client feature for it subscribes to the first heartbeat that is announced."""
    for name in (KOSTAL, SMA, EVCC, ELLI, SPELSBERG, PORSCHE):
        session = site.devices[name].session
        await eventually(lambda s=session: s.asked("notify", HEARTBEAT), f"heartbeat to {name}")  # type: ignore[misc]


async def test_measured_values_go_on(site: Site) -> None:
    device = site.devices[SMA]
    await site.documents(SMA, "meter")
    values = measured((0, "power", "W", "acPowerTotal", 640))["measurementListData"]
    device.session.notify(((9,), 11), "measurementListData", values, PARTIAL)
    device.flush()
    await eventually(lambda: site.document(SMA, "meter")["power_w"] == 640.0, "the new power")
    assert site.document(SMA, "meter")["energy_export_kwh"] == 9_120.3
    found = site.gateway.site.meter.current(site.gateway.clock.now())
    assert found is not None


async def test_a_limit_is_written_and_reported(site: Site) -> None:
    device = site.devices[ELLI]
    await site.documents(ELLI, "limits")
    await eventually(lambda: site.document(ELLI, "limits")["obligation"], "the limits")
    tokens = site.gateway.reception.submit("elli", {"id": "slow", "max_current_a": 8}, Origin.CLI)
    assert tokens
    await eventually(
        lambda: site.document(ELLI, "limits")["obligation"]["value_a"] == [8.0] * 3, "8 A"
    )
    assert site.document(ELLI, "limits")["obligation"]["active"] == [True] * 3
    written = device.session.asked("write", "loadControlLimitListData")
    assert written[-1].filters == [{"cmdControl": {"partial": []}}]


async def test_a_connection_that_broke_comes_back_with_the_same_documents(site: Site) -> None:
    device = site.devices[KOSTAL]
    await site.documents(KOSTAL, "meter")
    site.gateway.wallbox.node.network.reconnect(device.ski)
    await eventually(lambda: device.ups == 2, "connected again")
    await eventually(lambda: site.document(KOSTAL, "meter")["power_w"] == 1_234.5, "the power")


# --- and nothing went wrong (the last tests: they look back at all before)


@pytest.mark.parametrize("name", IDS)
async def test_the_connection_stayed_up(site: Site, name: str) -> None:
    device = site.devices[name]
    assert device.ups - device.downs == 1
    assert device.downs <= (name == KOSTAL)
    assert site.entry(name)["connected"]


async def test_no_rule_was_broken(site: Site) -> None:
    events = site.sent("eebus/bridge/event")
    kinds = {event["type"] for event in events}
    assert kinds >= {"device_connected", "usecase_added"}
    told = [e for e in events if e["type"] in ("protocol_violation", "alarm", "write_impossible")]
    assert told == []


async def test_nothing_was_logged_that_should_not_happen(site: Site) -> None:
    assert [record.getMessage() for record in site.logged] == []
