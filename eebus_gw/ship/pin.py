"""PIN verification, the half that enters the peer's PIN; our own side never wants one
(SHIP 13.4.4.3)."""

from __future__ import annotations

import re

from eebus_gw.errors import LocalProtocolError
from eebus_gw.ship import states
from eebus_gw.ship.core import Actions, Core
from eebus_gw.ship.events import PinRefused, PinRequired
from eebus_gw.ship.messages import ConnectionPinInput, ConnectionPinState
from eebus_gw.ship.words import Action, Input

_A, _I = Action, Input

_PIN = re.compile(r"[0-9A-Fa-f]{8,16}", re.ASCII)


def parse_pin(text: str) -> str:
    """``text`` without blanks; a PIN has 8 to 16 hexadecimal digits (SHIP 12.5).

    Raises ``ValueError``, which does not show the text.
    """
    pin = "".join(text.split())
    if not _PIN.fullmatch(pin):
        raise ValueError("a PIN has 8 to 16 hexadecimal digits")
    return pin


class Pin:
    """The PIN phase of one connection."""

    __slots__ = ("_core", "_permitted", "_pin", "_sent", "_wanted")

    def __init__(self, core: Core, pin: str | None) -> None:
        self._core = core
        self._pin = None if pin is None else _checked(pin)
        self._sent: str | None = None
        self._wanted = False
        self._permitted = False

    def judge(self, message: ConnectionPinState) -> Input:
        """Takes note of the peer's state and says which input it is."""
        self._wanted = message.pin_state in ("required", "optional")
        self._permitted = self._wanted and message.input_permission != "busy"
        match message.pin_state:
            case "none" | "pinOk":
                return _I.PIN_OK
            case "optional":
                return _I.PIN_OPTIONAL
            case "required" if not self._permitted:
                # While busy the peer verifies nothing, so the PIN on its way has to be sent again.
                self._pin = self._pin or self._sent
                self._sent = None
                return _I.PIN_BUSY
            case "required":
                return _I.PIN_REQUIRED_UNKNOWN if self._pin is None else _I.PIN_REQUIRED_KNOWN
        return _I.PIN_STATE_UNKNOWN

    def enter(self, pin: str) -> Input:
        """Takes the PIN the user entered and says whether it may be sent now."""
        self._pin = _checked(pin)
        return _I.ENTER_PIN if self._permitted else _I.ENTER_PIN_LATER

    def actions(self) -> Actions:
        """What this part does."""
        return {
            _A.SEND_PIN_STATE: self._send_state,
            _A.START_PIN_TIMER: self._start_timer,
            _A.SEND_PIN: self._offer_pin,
            _A.OFFER_PIN: self._offer_pin,
            _A.ASK_FOR_PIN: self._ask_for_pin,
            _A.TELL_PIN_REFUSED: self._tell_refused,
        }

    def _send_state(self, _: float, __: object) -> None:
        self._core.send(ConnectionPinState(pin_state="none"))

    def _start_timer(self, now: float, _: object) -> None:
        self._core.arm(_I.PIN_TIMEOUT, now, states.PIN_TIMEOUT_S)

    def _offer_pin(self, _: float, __: object) -> None:
        if self._pin is not None and self._permitted:
            self._core.send(ConnectionPinInput(pin=self._pin))
            self._sent, self._pin = self._pin, None

    def _ask_for_pin(self, _: float, __: object) -> None:
        self._core.emit(PinRequired(self._permitted))

    def _tell_refused(self, _: float, __: object) -> None:
        self._sent = self._pin = None
        self._core.emit(PinRefused())


def _checked(pin: str) -> str:
    try:
        return parse_pin(pin)
    except ValueError as error:
        raise LocalProtocolError(str(error), clause="SHIP 13.4.4.3") from None
