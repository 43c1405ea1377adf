"""A new recovery sheet where the old one is lost: the passphrase once more, the code once, one group of it typed back."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit import i18n
from techkit.errors import TechkitError, WrongPassphraseError
from techkit.i18n import _, day
from techkit.ui.presenters.lanes import Lanes, Observable
from techkit.ui.presenters.unlock import code_lines

if TYPE_CHECKING:
    from techkit.credentials.slots import Limits
    from techkit.summary.handout import Handout
    from techkit.ui.presenters.sheets import PrintPages


@dataclass(frozen=True, kw_only=True)
class RecoverySheetState:
    """step: "rest", "asking" (for the passphrase) or "shown" (the code, this once).

    line: since when the sheet in use holds. group: which group of the code is to be typed back, counted from 1.
    error_field: "passphrase" or "group", "" for an error that belongs to neither. notice: what was done.
    """

    step: str = "rest"
    line: str = ""
    code: str = ""
    group: int = 0
    error: str = ""
    error_field: str = ""
    notice: str = ""
    is_busy: bool = False


class RecoverySheet:
    """Makes another recovery code for an open vault. limits: of the vault's key derivation, unless a test says otherwise."""

    def __init__(
        self,
        lanes: Lanes,
        folder: Path,
        *,
        technician: str,
        device: str,
        limits: Limits | None = None,
        today: Callable[[], date] | None = None,
    ) -> None:
        from techkit.credentials import keys  # loaded late: not before the first paint
        from techkit.credentials.slots import LIMITS, plain_code

        self._lanes = lanes
        self._plain = plain_code
        self._folder = folder
        self._technician = technician
        self._device = device
        self._limits = limits or LIMITS
        self._today = today or (lambda: datetime.now().astimezone().date())
        self._vault = keys
        self._key = b""
        self.changed = Observable()
        self.state = RecoverySheetState()

    def refresh(self) -> None:
        """Read since when the sheet in use holds."""
        self._lanes.free(lambda _ticket: self._made_at(), self._show_line, self._unread)

    def ask(self) -> None:
        """Begin: ask for the passphrase."""
        if self.state.step == "rest":
            self._show(step="asking", error="", error_field="", notice="")

    def cancel(self) -> None:
        """Leave everything as it is; a code that was shown and not typed back is forgotten, the next start shows another."""
        if self.state.is_busy:
            return
        was_shown = self.state.step == "shown"
        notice = (
            _("The old code opens nothing any more. The next start of techkit shows a new one.")
            if was_shown
            else ""
        )
        self._rest(notice)

    def make(self, passphrase: str) -> None:
        """Make a new code with the passphrase typed once more; the old code opens nothing from then on."""
        if self.state.step != "asking" or self.state.is_busy:
            return
        if not passphrase:
            self._show(error=_("Please type your passphrase."), error_field="passphrase")
            return

        def work() -> tuple[bytes, str]:
            key = self._vault.unlock(self._folder, passphrase, limits=self._limits)
            return key, self._vault.new_recovery_code(self._folder, key)

        self._show(is_busy=True, error="", error_field="")
        self._lanes.free(lambda _ticket: work(), self._made, lambda error: self._failed(error, "passphrase"))

    def confirm(self, typed: str) -> None:
        """Take the group that was typed back from the sheet; the code is forgotten here when it is right."""
        if self.state.step != "shown" or self.state.is_busy:
            return
        wanted = self.state.code.split("-")[self.state.group - 1]
        if self._plain(typed) != self._plain(wanted):
            self._show(
                error=_(
                    "That is not group {n} of this code. Please look at your sheet again.", n=self.state.group
                ),
                error_field="group",
            )
            return
        key = self._key
        self._show(is_busy=True, error="", error_field="")
        self._lanes.free(
            lambda _ticket: self._vault.note_code_kept(self._folder, key),
            lambda _none: self._rest(
                _("The new sheet opens your data. The old code opens nothing any more.")
            ),
            lambda error: self._failed(error, ""),
        )

    def print_to(
        self,
        print_pages: PrintPages,
        done: Callable[[], object],
        failed: Callable[[str], object],
        *,
        paper: str = "A4",
    ) -> None:
        """Print the sheet while the code is shown; it is never kept as a file. done or failed (a sentence) follows."""
        from techkit.ui.presenters import sheets

        sheet = self._sheet(paper)
        if sheet is not None:
            sheets.send(self._lanes, sheet, "", print_pages, done, failed)

    def _sheet(self, paper: str) -> Handout | None:
        if self.state.step != "shown":
            return None
        from techkit.summary.handout import Handout

        today, device = self._today(), self._device
        return Handout(
            language=i18n.current(),
            paper=paper,
            is_large=True,
            title=_("Recovery code"),
            text=(
                *code_lines(self.state.code),
                _("Device {device} of {technician}", device=device, technician=self._technician),
                _(
                    "It opens your data if you forget the passphrase. Keep it apart from this computer; whoever has both"
                    " can read everything."
                ),
            ),
            dated_on=today.isoformat(),
            dated=day(today, style="long"),
            provider="techkit",
            provider_reach="",
            sources=(),
            words={
                "notes": _("For your notes"),
                "sources": "",
                "questions": "",
                "given": _("Made on {day}", day=day(today, style="long")),
            },
        )

    def _made_at(self) -> str:
        return next((s.created_at for s in self._vault.slots(self._folder) if s.kind == "recovery"), "")

    def _show_line(self, made_at: str) -> None:
        try:
            made_on = datetime.fromisoformat(made_at).astimezone().date()
        except ValueError:
            self._show(line="")
            return
        self._show(line=_("In use since {day}.", day=day(made_on, style="long")))

    def _unread(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._show(line=error.sentences())

    def _made(self, made: tuple[bytes, str]) -> None:
        self._key, code = made
        group = secrets.randbelow(len(code.split("-"))) + 1
        self._show(step="shown", code=code, group=group, is_busy=False)

    def _rest(self, notice: str) -> None:
        self._key = b""
        self.state = RecoverySheetState(line=self.state.line, notice=notice)
        self.changed()
        self.refresh()

    def _failed(self, error: Exception, field: str) -> None:
        self._show(is_busy=False)
        if not isinstance(error, TechkitError):
            raise error
        if isinstance(error, WrongPassphraseError) and not error.context.get("pause_s"):
            # Not the usual advice: the recovery code is what is lost here.
            error.advice = _("Look at Caps Lock and the keyboard’s language, then try again.")
        self._show(error=error.sentences(), error_field=field)

    def _show(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
        self.changed()
