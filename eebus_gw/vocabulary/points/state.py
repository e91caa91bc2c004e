"""Single structures: operating state, heartbeat, manufacturer data, identification."""

from __future__ import annotations

from dataclasses import asdict

from eebus_gw.spine.model.device_classification import DeviceClassificationManufacturerDataType
from eebus_gw.spine.model.device_diagnosis import DeviceDiagnosisStateDataType
from eebus_gw.spine.model.identification import IdentificationDataType
from eebus_gw.spine.values import parse_duration
from eebus_gw.vocabulary.definition import Point, Use
from eebus_gw.vocabulary.functions import HEARTBEAT, IDENTIFICATIONS, MANUFACTURER, STATE, View
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Identification, Manufacturer, OperatingState, Reading


class StatePoint(Point[OperatingState]):
    """The operating state of an entity."""

    uses = (Use(STATE),)

    def locate(self, view: View) -> bool | None:
        return STATE.of(view) is not None or None

    def read(self, view: View, place: bool) -> Reading[OperatingState] | None:
        data = STATE.of(view)
        if data is None or data.operating_state is None:
            return None
        return Reading(OperatingState(data.operating_state, data.last_error_code))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(STATE)

    def publish(self, shelf: Shelf, value: OperatingState) -> None:
        shelf.set(
            STATE,
            DeviceDiagnosisStateDataType(
                operating_state=value.state, last_error_code=value.error_code
            ),
        )


class HeartbeatPoint(Point[float]):
    """A sign of life; its value is the announced time-out in seconds. Sending is the device's business."""

    uses = (Use(HEARTBEAT),)

    def locate(self, view: View) -> bool | None:
        return HEARTBEAT.of(view) is not None or None

    def read(self, view: View, place: bool) -> Reading[float] | None:
        data = HEARTBEAT.of(view)
        timeout_s = parse_duration(data.heartbeat_timeout or "") if data is not None else None
        return Reading(timeout_s) if timeout_s is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(HEARTBEAT)


class ManufacturerPoint(Point[Manufacturer]):
    """Names, serial number and revisions of a device."""

    uses = (Use(MANUFACTURER),)

    def locate(self, view: View) -> bool | None:
        return MANUFACTURER.of(view) is not None or None

    def read(self, view: View, place: bool) -> Reading[Manufacturer] | None:
        data = MANUFACTURER.of(view)
        if data is None:
            return None
        return Reading(
            Manufacturer(**{name: getattr(data, name) for name in Manufacturer.__slots__})
        )

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(MANUFACTURER)

    def publish(self, shelf: Shelf, value: Manufacturer) -> None:
        shelf.set(MANUFACTURER, DeviceClassificationManufacturerDataType(**asdict(value)))


class IdentificationPoint(Point[tuple[Identification, ...]]):
    """Identifications of a vehicle ([EVCC-007]); upper-case and grouped as the document wants."""

    uses = (Use(IDENTIFICATIONS),)

    def locate(self, view: View) -> bool | None:
        return bool(IDENTIFICATIONS.of(view)) or None

    def read(self, view: View, place: bool) -> Reading[tuple[Identification, ...]] | None:
        found = tuple(
            Identification(entry.identification_type or "", entry.identification_value.upper())
            for entry in IDENTIFICATIONS.of(view)
            if entry.identification_value
        )
        return Reading(found) if found else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(IDENTIFICATIONS)

    def publish(self, shelf: Shelf, value: tuple[Identification, ...]) -> None:
        shelf.put(
            IDENTIFICATIONS,
            *(
                IdentificationDataType(
                    identification_id=number,
                    identification_type=identification.type,
                    identification_value=identification.value,
                )
                for number, identification in enumerate(value)
            ),
        )
