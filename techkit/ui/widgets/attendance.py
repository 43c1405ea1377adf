"""Who took part in a training: there or absent, skill before and after, how it was judged, feedback."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit, Select
from techkit.ui.presenters.attendance import PersonRow, minutes_offered
from techkit.ui.presenters.choices import Choice as Offered
from techkit.ui.widgets.boxes import TOP, At, Grow, clear, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Choice, IconButton
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.print_sheet import TO_FILE, PrintSheet, print_pages

if TYPE_CHECKING:
    from techkit.ui.presenters.work import Work, WorkStepState


class AttendancePart(QWidget):
    """The people of a training; a row keeps its controls and focus while it changes."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work
        self._rows: dict[str, _Person] = {}
        self._shown: tuple[str, ...] = ()
        self._sheet: PrintSheet | None = None
        self._printing = ""
        self._everybody = Button(_("Everybody was there"), "outline", icon="users", press=work.all_present)
        self._name = LineEdit(
            "", _("Name of somebody who took part"), name=_("Name of somebody who took part")
        )
        self._name.setMaxLength(200)
        self._name.returnPressed.connect(self._add)
        for told in (self._name.typing, self._name.left):
            told.connect(work.attendance.type_ahead)
        add = IconButton("user-plus", _("Took part"), self._add)
        self._error = Label("", "small", wraps=True, tone="bad")
        self._gain = Label("", "small_strong", wraps=True)
        self._list = column(gap=4)
        self.setLayout(
            column(
                row(Grow(Label(_("Who took part"), "section")), self._everybody, gap=8),
                self._list,
                row(Grow(self._name), add, gap=6),
                self._error,
                self._gain,
                gap=8,
            )
        )

    def show_people(self, state: WorkStepState) -> None:
        """Show everybody of the customer, in their order."""
        people = state.people
        theme.show_or_hide(self._everybody, len(people) > 1)
        self._name.set_text(state.attendee_typed)
        self._error.setText(state.attendee_error)
        theme.show_or_hide(self._error, bool(state.attendee_error))
        names = tuple(person.contact_id for person in people)
        if names != self._shown:
            clear(self._list)
            self._shown = names
            self._rows = {
                person.contact_id: _Person(person, self._work, state.skills, state.ways, self._print)
                for person in people
            }
            for number, made in enumerate(self._rows.values()):
                if number:
                    self._list.addWidget(line())
                self._list.addWidget(made)
        for person in people:
            self._rows[person.contact_id].show_person(person)
        self._gain.setText(state.gain_line)
        theme.show_or_hide(self._gain, bool(state.gain_line))

    def _add(self) -> None:
        self._work.add_attendee(self._name.text())
        if not self._work.state.attendee_error:
            self._name.clear()

    # --- a page of one's own

    def _print(self, contact_id: str, name: str) -> None:
        if self._sheet is None:
            self._sheet = PrintSheet()
            self._sheet.chosen.connect(self._send)
        page = self.window()
        self._sheet.setParent(page)
        self._sheet.setGeometry(page.rect())
        self._printing = contact_id
        folder = Path(self._work.papers) if self._work.papers else None
        self._sheet.open_sheet(name, folder, note=_("A sheet for {name} to keep.", name=name))

    def _send(self, printer: str, path: str) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        send = None if printer == TO_FILE else functools.partial(_send_to, printer)
        self._work.print_own_page(self._printing, path, send, sheet.leave, sheet.show_error)

    def release(self) -> None:
        """Take the sheet away with the page."""
        if self._sheet is not None:
            self._sheet.hide()
            self._sheet.setParent(None)
            self._sheet.deleteLater()
            self._sheet = None


def _send_to(printer: str, pages: list[bytes], paper: str, title: str) -> bool:
    return print_pages(pages, printer, paper, title)


class _Person(QWidget):
    """One person's row."""

    def __init__(
        self,
        person: PersonRow,
        work: Work,
        skills: tuple[Offered, ...],
        ways: tuple[Offered, ...],
        print_page: object,
    ) -> None:
        super().__init__()
        self._id, self._work = person.contact_id, work
        name = person.name
        self._came = Choice(
            name,
            (
                ("present", _("Was there")),
                ("late", _("Came late")),
                ("early", _("Left early")),
                ("absent", _("Was absent")),
            ),
            kind="segment",
            fills=False,
        )
        self._came.chosen.connect(self._say)
        levels = [(c.value, c.label) for c in skills]
        judged_by = [(c.value, c.label) for c in ways]
        marks = [("0", _("Not asked")), *((str(n), _("{n} of 5", n=n)) for n in range(5, 0, -1))]
        # All as wide as the widest needs: below each other they line up.
        self._width = max(len(label) for _value, label in (*levels, *judged_by, *marks))
        self._before = self._select(levels, _("Skill before"), name)
        self._before.picked.connect(lambda value: work.judge(self._id, "before", int(value or 0)))
        self._after = self._select(levels, _("Skill after"), name)
        self._after.picked.connect(lambda value: work.judge(self._id, "after", int(value or 0)))
        self._how = self._select(judged_by, _("Judged by"), name)
        self._how.picked.connect(lambda value: work.judge_by(self._id, value))
        self._there = self._select([(c.value, c.label) for c in minutes_offered()], _("Was there for"), name)
        self._there.picked.connect(lambda value: work.was_there(self._id, int(value or 0)))
        self._part = holder(column(Label(_("Was there for"), "tiny"), self._there, gap=1))
        self._feedback = self._select(marks, _("Feedback"), name)
        self._feedback.picked.connect(lambda value: work.judge(self._id, "feedback", int(value or 0)))
        self._own = Button(
            _("Own page"),
            "link",
            icon="printer",
            press=lambda: print_page(self._id, name),  # type: ignore[operator]  # AttendancePart._print
        )
        self._own.setAccessibleName(_("Own page: {name}", name=name))
        self._judged = holder(
            Flow(
                self._part,
                *(
                    holder(column(Label(words, "tiny"), control, gap=1))
                    for words, control in (
                        (_("Skill before"), self._before),
                        (_("Skill after"), self._after),
                        (_("Judged by"), self._how),
                        (_("Feedback"), self._feedback),
                    )
                ),
                self._own,
                gap=10,
            )
        )
        self._why = Label("", "tiny", wraps=True)
        self._earlier = Label("", "tiny", wraps=True)
        self._absent = Label(_("A catch-up is offered under Follow-ups."), "tiny", wraps=True)
        self.setLayout(
            column(
                row(
                    Grow(
                        column(Label(name, "row", wraps=True), self._why, self._earlier, self._absent, gap=1)
                    ),
                    At(self._came, TOP),
                    gap=10,
                ),
                self._judged,
                gap=6,
                margins=(0, 4, 0, 4),
            )
        )

    def show_person(self, person: PersonRow) -> None:
        """Show how it stands with this person."""
        misses = person.came in ("late", "early", "absent")
        self._came.set_value(person.came)
        self._there.set_value(str(person.minutes_there))
        theme.show_or_hide(self._part, person.came in ("late", "early"))
        self._before.set_value(str(person.skill_before))
        self._after.set_value(str(person.skill_after))
        self._how.set_value(person.how)
        self._feedback.set_value(str(person.feedback))
        self._why.setText(person.suggestion)
        theme.show_or_hide(self._why, bool(person.suggestion))
        self._earlier.setText("\n".join(person.earlier))
        theme.show_or_hide(self._earlier, bool(person.earlier))
        theme.show_or_hide(self._absent, misses)
        theme.show_or_hide(self._judged, person.is_present)
        theme.show_or_hide(self._own, person.may_print)

    def _say(self, value: str) -> None:
        """Note there or absent; the same again leaves the person out."""
        row = next((p for p in self._work.state.people if p.contact_id == self._id), None)
        now = row.came if row is not None else ""
        self._work.say_attended(self._id, "" if value == now else value)

    def _select(self, options: list[tuple[str, str]], words: str, name: str) -> Select:
        made = Select(options, name=f"{words}: {name}")
        made.setMinimumContentsLength(self._width)  # none of them is cut
        return made
