"""The way back from the customer: the technician's passphrase or short PIN, where the organisation asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.ui.presenters.lanes import Lanes, Observable

#: After so many wrong PINs only the passphrase opens. A PIN of four digits is guessed once in 3,333 tries then.
MOST_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class HandBackState:
    """Whether it is asked for, by what ("pin" or "passphrase"), and what was wrong."""

    is_asking: bool = False
    by: str = "passphrase"
    is_checking: bool = False
    error: str = ""


class HandBack:
    """Asks before the technician's view comes back.

    setting: gives a setting's value ("sign_off.hand_back", "sign_off.pin"). check_passphrase: tells by raising
    that a passphrase is not this device's.
    """

    def __init__(
        self, lanes: Lanes, setting: Callable[[str], object], check_passphrase: Callable[[str], object]
    ) -> None:
        from techkit.credentials import pin  # loaded late: not before the first paint

        self._pins = pin
        self._lanes = lanes
        self._setting = setting
        self._check = check_passphrase
        self._go_on: Callable[[], object] | None = None
        self._wrong = 0
        self._error = ""
        self._is_checking = False
        self.changed = Observable()
        self.state = HandBackState()

    @property
    def is_needed(self) -> bool:
        """Return whether anything is asked before the technician's view comes back."""
        return str(self._setting("sign_off.hand_back")) in ("passphrase", "pin")

    def ask(self, go_on: Callable[[], object]) -> None:
        """Ask, and go on once it was right."""
        self._go_on, self._error = go_on, ""
        self._show()

    def cancel(self) -> None:
        """Stay with the customer."""
        if not self._is_checking:
            self._go_on, self._error = None, ""
            self._show()

    def give(self, text: str) -> None:
        """Take what was typed; what is wrong is said, and nothing else is shown."""
        if self._go_on is None or self._is_checking or not text:
            return
        is_pin, kept, fits = self._by() == "pin", self._pin(), self._pins.fits
        self._is_checking, self._error = True, ""
        self._show()
        if is_pin:
            self._lanes.free(lambda _ticket: fits(kept, text), self._pin_tried)
            return
        self._lanes.free(lambda _ticket: self._check(text), self._opened, self._refused)

    def _pin_tried(self, is_right: bool) -> None:
        if is_right:
            self._opened(None)
            return
        self._wrong += 1
        self._is_checking = False
        self._error = _("That is not the PIN.")
        if self._by() == "passphrase":
            self._error = _("That is not the PIN either. Please type the passphrase.")
        self._show()

    def _opened(self, _key: object) -> None:
        go_on, self._go_on = self._go_on, None
        self._wrong, self._is_checking, self._error = 0, False, ""
        self._show()
        if go_on is not None:
            go_on()

    def _refused(self, error: Exception) -> None:
        self._is_checking = False
        if not isinstance(error, TechkitError):
            raise error
        self._error = error.sentences()
        self._show()

    def _pin(self) -> str:
        return str(self._setting("sign_off.pin"))

    def _by(self) -> str:
        is_pin = str(self._setting("sign_off.hand_back")) == "pin" and self._wrong < MOST_TRIES
        return "pin" if is_pin and self._pins.is_derived(self._pin()) else "passphrase"

    def _show(self) -> None:
        is_asking = self._go_on is not None
        self.state = HandBackState(
            is_asking=is_asking,
            by=self._by() if is_asking else "passphrase",
            is_checking=self._is_checking,
            error=self._error,
        )
        self.changed()
