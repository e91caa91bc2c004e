"""Feeds the ledger with what wallboxes measure, and shows its sums: energies and charging sessions.

A wallbox may count per charge or not at all; the ledger's counters only ever rise, and say whether they rest on a
meter.
"""

from __future__ import annotations

from typing import Any

from eebus_gw.bridge.documents import power
from eebus_gw.bridge.results import time_text
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.ledger.account import Totals
from eebus_gw.ledger.ledger import Ledger
from eebus_gw.ledger.sample import Sample
from eebus_gw.ledger.session import Session
from eebus_gw.vocabulary.values import ChargingSummary

SAMPLE_PERIOD_S = 10.0
"""A steady measurement is not notified again, so time has to be booked without news, too."""

Json = dict[str, Any]


class Metering:
    """The account of each connected wallbox."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def observe(self, device: Device, *, limited: bool, cause: str | None) -> None:
        """Books what flowed since the last call; only while the wallbox is connected."""
        power_w, _ = power(device.readings)
        self._ledger.observe(
            device.id,
            Sample(
                now=self._clock.now(),
                utc=self._clock.wall(),
                plugged=device.plugged,
                power_w=power_w if device.plugged else 0.0,
                import_wh=device.value("mpc", "energy_consumed_wh"),
                export_wh=device.value("mpc", "energy_produced_wh"),
                session_wh=device.value("evcem", "energy_wh"),
                soc_percent=device.value("evsoc", "soc_percent"),
                capacity_wh=device.value("evsoc", "capacity_wh"),
                limited=limited,
                cause=cause,
            ),
        )

    def forget(self, device_id: str) -> None:
        """A device is about to be removed."""
        self._ledger.leave(device_id)

    def energy(self, device: Device) -> Json:
        """The energy members of the ``meter`` document."""
        totals = self._ledger.totals(device.id)
        metered = device.value("mpc", "energy_consumed_wh") is not None
        return {
            "energy_import_kwh": round(totals.charged_wh / 1000, 3),
            "energy_export_kwh": round(totals.discharged_wh / 1000, 3),
            "energy_source": "meter" if metered else "accumulated",
        }

    def discharged_wh(self, device: Device) -> float:
        """Everything a device has ever discharged."""
        return self._ledger.totals(device.id).discharged_wh

    def session(self, device: Device) -> Json | None:
        """The ``session`` document, ``None`` before the first session."""
        session = self._ledger.session(device.id)
        return (
            None if session is None else session_document(session, self._ledger.totals(device.id))
        )

    def summary(self, device: Device) -> ChargingSummary | None:
        """The newest session as the wallbox may show it to the driver, ``None`` before the first one."""
        session = self._ledger.session(device.id)
        if session is None:
            return None
        return ChargingSummary(round(session.charged_wh), duration_s=round(session.duration_s))


def session_document(session: Session, totals: Totals) -> Json:
    """One charging session as it is published, and the sums of the device's whole life."""
    cycles = session.equivalent_full_cycles
    return {
        "id": session.id,
        "started": time_text(session.started),
        "ended": time_text(session.ended) if session.ended is not None else None,
        "energy_kwh": round(session.charged_wh / 1000, 3),
        "energy_discharged_kwh": round(session.discharged_wh / 1000, 3),
        "duration_s": round(session.duration_s),
        "peak_w": round(session.peak_w, 1),
        "peak_discharge_w": round(session.peak_discharge_w, 1),
        "soc_start_percent": session.soc_start_percent,
        "soc_end_percent": session.soc_end_percent,
        "limit_seconds": round(session.limit_seconds),
        "reversals": session.reversals,
        "equivalent_full_cycles": None if cycles is None else round(cycles, 4),
        "quality": session.quality.value,
        "total": {
            "charged_kwh": round(totals.charged_wh / 1000, 3),
            "discharged_kwh": round(totals.discharged_wh / 1000, 3),
            "reversals": totals.reversals,
            "equivalent_full_cycles": round(totals.equivalent_full_cycles, 4),
            "sessions": totals.sessions,
        },
    }
