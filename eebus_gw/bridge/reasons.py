"""Why something was refused or failed: one table for MQTT, command line and documentation.

``REASONS`` holds the reason codes of the contract with a sentence, a remedy and the exit status
of the command line (0 ok, 1 failed, 2 usage, 3 not reachable, 4 not trusted, 5 timed out, 6 not
supported). ``ERROR_NUMBERS`` holds the result numbers of the SPINE resource specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from eebus_gw.errors import ConfigError, EebusError, ProtocolError
from eebus_gw.vocabulary.error_numbers import (
    FILTER_UNSUPPORTED,
    GENERAL,
    NO_BINDING,
    OVERLOAD,
    REJECTED,
    TIMEOUT,
    UNKNOWN_DESTINATION,
    UNREACHABLE,
    UNSUPPORTED,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code; ``exit_status`` is what ``eebus-gw`` ends with for it."""

    code: str
    sentence: str
    remedy: str
    exit_status: int


@dataclass(frozen=True, slots=True)
class ErrorNumber:
    """One SPINE result number and what to do about it."""

    number: int
    name: str
    sentence: str
    remedy: str


_REASONS = (
    # validation
    Reason(
        "invalid_json",
        "The payload cannot be read.",
        "Send a JSON object of at most 16 KiB and 6 levels, without NaN or Infinity.",
        2,
    ),
    Reason(
        "unknown_field",
        "There is no such command field.",
        "Compare the spelling with the list of command fields.",
        2,
    ),
    Reason(
        "wrong_type",
        "The value has the wrong type or lacks a member.",
        "Send the type that the field asks for; units stand in its name.",
        2,
    ),
    Reason(
        "out_of_range",
        "The value lies outside the permitted range.",
        "Choose a value within the range named in the detail.",
        2,
    ),
    Reason(
        "retained_command",
        "The command lay retained on the broker; it may be old and was not carried out.",
        "Publish commands without the retain flag. The retained message has been removed.",
        1,
    ),
    Reason(
        "stale",
        "The command is too old, or its time stamp lies in the future.",
        "Check the clock of the sender, or raise ttl_s.",
        5,
    ),
    Reason(
        "rate_limited",
        "More came within one second than is taken.",
        "Send only changes: at most 20 commands a second and device, 5 requests a second.",
        1,
    ),
    Reason(
        "not_authorised",
        "This is not permitted from here.",
        "Use the command line, or permit it in the configuration (mqtt.allow_pairing).",
        4,
    ),
    # device and link
    Reason(
        "device_unknown",
        "No device has this id.",
        "List the devices with 'eebus-gw peers'.",
        2,
    ),
    Reason(
        "device_offline",
        "The device is not connected.",
        "Check its power and network; 'eebus-gw doctor' looks at the link.",
        3,
    ),
    Reason(
        "device_not_trusted",
        "The device is not paired on both sides yet.",
        "Run 'eebus-gw pair' and confirm at the device.",
        4,
    ),
    Reason(
        "link_lost",
        "The connection broke before the device answered.",
        "Wait for the reconnect and send the command again.",
        3,
    ),
    Reason(
        "result_timeout",
        "The device did not answer in time.",
        "Try again; if it repeats, look at the trace of the link.",
        5,
    ),
    # capability
    Reason(
        "usecase_unsupported",
        "The device does not offer the use case that this needs.",
        "'eebus-gw inspect' shows what it offers; some devices offer more with a car plugged in.",
        6,
    ),
    Reason(
        "scenario_unsupported",
        "The device offers the use case, but not this part of it.",
        "'eebus-gw inspect' shows the scenarios it offers.",
        6,
    ),
    Reason(
        "limit_not_changeable",
        "The device says that this value cannot be changed at present.",
        "Look at its own settings: an installer or another energy manager may own the value.",
        6,
    ),
    Reason(
        "no_binding",
        "The device does not grant the right to write.",
        "Check whether another energy manager is bound to it, then reconnect.",
        1,
    ),
    Reason(
        "remote_error",
        "The device refused.",
        "The error number says why.",
        1,
    ),
    # car
    Reason(
        "ev_not_connected",
        "No car is plugged in.",
        "Plug the car in and repeat the command.",
        1,
    ),
    Reason(
        "ev_standard_unknown",
        "The wallbox has not yet said how it communicates with the car.",
        "Wait until the standard is known: pausing earlier could force the car into basic mode.",
        1,
    ),
    Reason(
        "refused_by_ev",
        "The car refused.",
        "Look at the settings of the car.",
        1,
    ),
    # bidirectional operation
    Reason(
        "feed_in_not_allowed",
        "Discharging would feed into the grid, which is not permitted here.",
        "Set site.feed_in, or provide a fresh grid meter so that feed-in can be ruled out.",
        1,
    ),
    Reason(
        "driver_minimum",
        "The battery is at the minimum that the driver keeps.",
        "Lower min_soc_percent, or charge first.",
        1,
    ),
    Reason(
        "discharge_not_permitted",
        "The driver or the car does not permit discharging.",
        "Permit it in the car, or with driver.discharge_permitted where the car says nothing.",
        1,
    ),
    Reason(
        "data_missing",
        "A value needed for the decision is not known.",
        "The detail names it; it appears once the car or the meter delivers it.",
        1,
    ),
    Reason(
        "dry_run",
        "Bidirectional operation of this device is on trial: the setpoint was not written.",
        'Set devices.<id>.bidirectional = "on" once the published setpoints look right.',
        1,
    ),
    # requests
    Reason(
        "unknown_verb",
        "There is no such request.",
        "Compare the spelling with the list of requests.",
        2,
    ),
    Reason(
        "failed",
        "It did not succeed.",
        "The detail says why; 'eebus-gw doctor' looks for common causes.",
        1,
    ),
)

REASONS: Mapping[str, Reason] = MappingProxyType({reason.code: reason for reason in _REASONS})

_ERROR_NUMBERS = (
    ErrorNumber(0, "no error", "The device accepted.", ""),
    ErrorNumber(
        GENERAL,
        "general error",
        "The device could not work with the command.",
        "Export a trace: one of the two sides gets the command wrong.",
    ),
    ErrorNumber(
        TIMEOUT,
        "timeout",
        "The device did not decide in time.",
        "Try again.",
    ),
    ErrorNumber(
        OVERLOAD,
        "overload",
        "The device has no room for this at present.",
        "Send less often; other partners of the device may use its places up.",
    ),
    ErrorNumber(
        UNKNOWN_DESTINATION,
        "destination unknown",
        "The device knows no such part of itself.",
        "Its structure changed, for instance because a car was unplugged: reconnect.",
    ),
    ErrorNumber(
        UNREACHABLE,
        "destination unreachable",
        "The addressed part cannot be reached.",
        "Reconnect; if it repeats, restart the device.",
    ),
    ErrorNumber(
        UNSUPPORTED,
        "command not supported",
        "The device does not know this function here.",
        "'eebus-gw inspect' shows what it offers.",
    ),
    ErrorNumber(
        REJECTED,
        "command rejected",
        "The device understood the value and refuses it.",
        "Check range, changeability, and whether the device is controlled locally.",
    ),
    ErrorNumber(
        FILTER_UNSUPPORTED,
        "restricted exchange not supported",
        "The device cannot change single entries this way.",
        "Report the device: the gateway should write complete lists to it.",
    ),
    ErrorNumber(
        NO_BINDING,
        "binding required",
        "The device wants a binding before it is written to.",
        "Reconnect; check whether another energy manager is bound to it.",
    ),
)

ERROR_NUMBERS: Mapping[int, ErrorNumber] = MappingProxyType(
    {entry.number: entry for entry in _ERROR_NUMBERS}
)


def error_number(number: int) -> ErrorNumber:
    """The table's entry for ``number``; numbers above 9 are legal and mean a plain failure."""
    return ERROR_NUMBERS.get(number) or ErrorNumber(
        number,
        f"error {number}",
        "The device refused with a number of its own.",
        "Look the number up in the documentation of the device.",
    )


def reason_of(error: EebusError) -> str:
    """The reason code that reports ``error``."""
    match error:
        case ConfigError():
            return "out_of_range"
        case ProtocolError():
            return "remote_error"
    return str(getattr(error, "reason", "failed"))
