"""Another passphrase for an open vault: the one in use once more, the new one twice."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.errors import InputError, TechkitError, WrongPassphraseError
from techkit.i18n import _
from techkit.ui.presenters.lanes import Lanes, Observable

if TYPE_CHECKING:
    from techkit.credentials.slots import Limits


@dataclass(frozen=True, kw_only=True)
class PassphraseChangeState:
    """is_asking: the card is open. error_field: "old", "new" or "again", "" for an error that belongs to none.

    line: what else opens the data and stays as it is. notice: what was done.
    """

    is_asking: bool = False
    line: str = ""
    error: str = ""
    error_field: str = ""
    notice: str = ""
    is_busy: bool = False


class PassphraseChange:
    """Changes the passphrase of one device. limits: of the vault's key derivation, unless a test says otherwise.

    Only the key is sealed anew: the data, the recovery sheet and the computer's own key store stay as they are.
    """

    def __init__(
        self, lanes: Lanes, folder: Path, *, is_portable: bool = False, limits: Limits | None = None
    ) -> None:
        from techkit.credentials import keys  # loaded late: not before the first paint
        from techkit.credentials.slots import LIMITS

        self._lanes = lanes
        self._folder = folder
        self._is_portable = is_portable
        self._limits = limits or LIMITS
        self._vault = keys
        self.changed = Observable()
        self.state = PassphraseChangeState()

    def ask(self) -> None:
        """Begin: ask for the old one and the new one."""
        if self.state.is_asking:
            return
        line = (
            _("It is the passphrase of this stick only; other devices keep theirs.")
            if self._is_portable
            else _("It is the passphrase of this device only; sticks and other devices keep theirs.")
        )
        self.state = PassphraseChangeState(is_asking=True, line=line)
        self.changed()

    def cancel(self) -> None:
        """Leave everything as it is."""
        if self.state.is_asking and not self.state.is_busy:
            self._rest("")

    def change(self, old: str, new: str, again: str) -> None:
        """Change it; what was typed wrong is said, and the old one goes on opening until the new one is on the disk."""
        if not self.state.is_asking or self.state.is_busy:
            return
        try:
            self._check(old, new, again)
        except InputError as error:
            self._show(error=error.sentences(), error_field=error.field)
            return
        self._show(is_busy=True, error="", error_field="")
        self._lanes.free(lambda _ticket: self._work(old, new), self._rest, self._failed)

    def _check(self, old: str, new: str, again: str) -> None:
        if not old:
            raise InputError(_("Please type your passphrase."), field="old")
        try:
            self._vault.check_passphrase(new)
        except InputError as error:
            error.field = "new"
            raise
        if new != again:
            raise InputError(
                _("The two passphrases differ."),
                field="again",
                advice=_("Type the same one twice; the eye shows what stands there."),
            )
        if new == old:
            raise InputError(
                _("That is the passphrase you have."), field="new", advice=_("Choose another one.")
            )

    def _work(self, old: str, new: str) -> str:
        """Change it and return what holds now; takes about a second."""
        key = self._vault.unlock(self._folder, old, limits=self._limits)
        self._vault.change_passphrase(self._folder, key, new, limits=self._limits)
        said = [_("The new passphrase opens your data. The old one opens nothing any more.")]
        if self._vault.is_code_kept(self._folder):
            said.append(_("Your recovery sheet stays valid."))
        else:
            said.append(
                _("Your recovery sheet was not confirmed; the next start of techkit shows a new one.")
            )
        if self._vault.has_system_slot(self._folder):
            said.append(_("This computer goes on opening it by itself."))
        return " ".join(said)

    def _rest(self, notice: str) -> None:
        self.state = PassphraseChangeState(notice=notice)
        self.changed()

    def _failed(self, error: Exception) -> None:
        self._show(is_busy=False)
        if not isinstance(error, TechkitError):
            raise error
        field = "old" if isinstance(error, WrongPassphraseError) else ""
        self._show(error=error.sentences(), error_field=field)

    def _show(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
        self.changed()
