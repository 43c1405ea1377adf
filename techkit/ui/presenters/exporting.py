"""Giving a check away: in which form, for whom, what is left out for them, and the very text before it leaves.

Nothing leaves as it was read: what is shortened or left out is listed and the preview is what will be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

from techkit import handed_out, i18n
from techkit.diagnostics import export
from techkit.errors import TechkitError
from techkit.i18n import N_, _, ngettext
from techkit.records.findings import CheckResult
from techkit.records.schema import Audience
from techkit.ui.presenters.choices import Choice, Notice, trouble
from techkit.ui.presenters.looking import result_of
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart
from techkit.version import VERSION

#: form -> its name, the end of its file's name.
FORMS: Final = {
    "text": (N_("Text for an e-mail"), "txt"),
    "json": (N_("All of it (JSON)"), "json"),
    "glpi": (N_("GLPI inventory"), "json"),
}

#: Who will read it; whoever may see least first, so that nothing private is shown by mistake.
AUDIENCES: Final = {
    Audience.CUSTOMER: N_("Customer and others"),
    Audience.STAFF: N_("The office"),
    Audience.INTERNAL: N_("Only myself"),
}

#: So much of it is shown; the file holds all.
PREVIEWED: Final = 12_000


@dataclass(frozen=True, kw_only=True)
class ExportState:
    """All that giving away shows. left_out: one sentence a kind of reading; "" of them all where nothing is left out.

    preview: the beginning of the very text; more_line: how much is not shown.
    """

    may_export: bool = False
    is_open: bool = False
    is_busy: bool = False
    forms: tuple[Choice, ...] = ()
    audiences: tuple[Choice, ...] = ()
    left_out: tuple[str, ...] = ()
    left_out_line: str = ""
    preview: str = ""
    more_line: str = ""
    file_name: str = ""
    notice: Notice | None = None


class Exporting(VisitPart[ExportState]):
    """The last check of the computer in hand, for somebody else."""

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, ExportState())
        self.text = ""
        self._is_open = self._is_busy = False
        self._form, self._audience = "text", Audience.CUSTOMER
        self._left_out: tuple[str, ...] = ()
        self._notice: Notice | None = None
        self._turn = 0

    def open(self) -> None:
        """Show what would be given away."""
        if self.held.last_run is not None:
            self._is_open, self._notice = True, None
            self._make()

    def close(self) -> None:
        """Give nothing away."""
        self._is_open, self.text = False, ""
        self.refresh()

    def choose_form(self, form: str) -> None:
        """Choose the form: "text", "json" or "glpi"."""
        self._form, self._notice = form, None
        self._make()

    def choose_audience(self, audience: str) -> None:
        """Choose who will read it."""
        self._audience, self._notice = Audience(audience), None
        self._make()

    def keep(self, path: str) -> None:
        """Write the text that is shown to a file; an existing file is not written over."""
        place, text = Path(path.strip()), self.text
        if not path.strip() or self._is_busy:
            return

        def write() -> None:
            safe = _("The check is kept here as it is.")
            handed_out.write(place, text.encode(errors="replace"), safe=safe, is_new=True)

        def done(_none: None) -> None:
            self._notice = Notice(kind="info", title=_("Written to {file}.", file=place))
            self.refresh()

        self.held.around.lanes.free(lambda _ticket: write(), done, self._failed)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._is_busy = False
        self._notice = trouble(error)
        self.refresh()

    def _make(self) -> None:
        run = self.held.last_run
        if run is None:
            return
        self._turn += 1
        turn, form, audience, result = self._turn, self._form, self._audience, result_of(run)
        zone = self.held.around.clock.zone()
        self._is_busy = True
        self.refresh()

        def done(made: tuple[str, tuple[str, ...]]) -> None:
            if turn == self._turn:
                self._is_busy = False
                self.text, self._left_out = made
                self.refresh()

        self.held.around.lanes.free(lambda _ticket: _made(result, form, audience, zone), done, self._failed)

    def _state(self) -> ExportState:
        run = self.held.last_run
        if run is None or not self._is_open:
            self._is_open = False
            return ExportState(may_export=run is not None)
        count = len(self._left_out)
        more = len(self.text) - PREVIEWED
        day = run.started_at.date().isoformat() if run.started_at else ""
        # The visit's number, never the computer's name: a file's name is read by everybody.
        stem = "-".join(part for part in (self.held.visit.number, day, self._form) if part)
        return ExportState(
            may_export=True,
            is_open=True,
            is_busy=self._is_busy,
            forms=tuple(
                Choice(value=form, label=_(label), is_chosen=form == self._form)
                for form, (label, _end) in FORMS.items()
            ),
            audiences=tuple(
                Choice(value=audience, label=_(label), is_chosen=audience is self._audience)
                for audience, label in AUDIENCES.items()
            ),
            left_out=self._left_out,
            left_out_line=ngettext(
                "{n} kind of reading is shortened or left out:",
                "{n} kinds of readings are shortened or left out:",
                count,
            )
            if count
            else _("Nothing private is in it, or it is for you alone."),
            preview=self.text[:PREVIEWED],
            more_line=_("… and {n} more signs in the file", n=i18n.number(more)) if more > 0 else "",
            file_name=f"{stem}.{FORMS[self._form][1]}",
            notice=self._notice,
        )


def _made(result: CheckResult, form: str, audience: Audience, zone: tzinfo) -> tuple[str, tuple[str, ...]]:
    lines = tuple(line.sentence() for line in export.left_out(result, audience))
    return export.text_of(result, form, audience, version=VERSION, zone=zone), lines
