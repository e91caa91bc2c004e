"""What peers read of our device: its description, the tables of relations, and the data of its features."""

from __future__ import annotations

from eebus_gw.errors import DatagramError
from eebus_gw.spine import discovery
from eebus_gw.spine.calls import RelationCalls
from eebus_gw.spine.error_numbers import REJECTED, UNSUPPORTED
from eebus_gw.spine.local import LocalDevice, LocalFeature
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.relations import Kind
from eebus_gw.wire.fold import Structure


class Reading:
    """Answers the reads of one peer; raises ``DatagramError`` with the number that refuses one."""

    def __init__(self, device: LocalDevice, calls: RelationCalls) -> None:
        self._device = device
        self._calls = calls

    def answer(self, feature: LocalFeature, function: str, now: float) -> Structure:
        """The whole data of a function; an empty instance while there is none."""
        if feature.role == "client":
            raise DatagramError(REJECTED, "a client feature has no data")
        if feature.role == "special":
            return self._management(function)
        if function not in feature.operations:
            raise DatagramError(UNSUPPORTED, f"{feature.type} does not offer {function}")
        self._device.refresh(feature, function, now)
        return feature.data.get(function) or FUNCTIONS[function].data_type()

    def _management(self, function: str) -> Structure:
        match function:
            case discovery.DISCOVERY:
                return discovery.describe_device(self._device)
            case discovery.USE_CASES:
                return discovery.describe_use_cases(self._device)
            case discovery.DESTINATIONS:
                return discovery.describe_destinations(self._device)
            case discovery.SUBSCRIPTION_TABLE:
                return self._calls.table(Kind.SUBSCRIPTION)
            case discovery.BINDING_TABLE:
                return self._calls.table(Kind.BINDING)
        raise DatagramError(UNSUPPORTED, f"{function} cannot be read")
