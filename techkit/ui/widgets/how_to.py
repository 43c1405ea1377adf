"""The how-to cards: a list to search, and one card at a time to read, print or put on the page."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import offer_to_empty
from techkit.ui.presenters.how_to import CardPart, CardRow, CardView, HowToState
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, Choice, actions
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag, empty_state, loading_rows
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.print_sheet import TO_FILE, PrintSheet, print_pages
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.how_to import HowToCards


class HowToPage(Page):
    """The place of the cards. papers: where handouts are kept as files; back: returns to the visit."""

    def __init__(
        self,
        cards: HowToCards,
        search: Callable[[], object] | None,
        *,
        papers: Path | None = None,
        back: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            _("How-to cards"), _("What to do, and how to say it. They work without a network."), search=search
        )
        self._cards = cards
        self._papers = papers
        self._shown: HowToState | None = None
        self._sheet: PrintSheet | None = None
        self._to_visit = self.add_action(
            Button(_("Back to the visit"), "outline", icon="arrow-left", press=back or (lambda: None))
        )
        self._to_visit.hide()
        self._all = Button(_("All cards"), "outline", icon="caret-left", press=self._go_back)
        self._query = QLineEdit()
        self._query.setAccessibleName(_("Search the cards"))
        self._query.setPlaceholderText(_("For example: printer, backup, strange mail"))
        self._query.setMaxLength(200)
        offer_to_empty(self._query)
        self._query.textChanged.connect(cards.type)
        self._chips = Choice(_("Complaint"), (), kind="chip")
        self._chips.chosen.connect(cards.choose_complaint)
        self._count = Label("", "small")
        self._loading = Card(loading_rows(6))
        self._rows: Rows[CardRow] = Rows(self._make_row, key=lambda item: item.id, has_lines=True, at_once=12)
        self._rows_card = Card(self._rows, margins=6, gap=0)
        self._nothing = Slot(_nothing)
        self._list = holder(
            column(
                self._query,
                row(Grow(self._chips), self._count, gap=12),
                self._loading,
                self._rows_card,
                self._nothing,
                gap=12,
            )
        )
        self._notice = Label("", "small_strong", wraps=True)
        self._card = Slot(self._make_card)
        self._form = FormView(columns=1)
        self._form.left.connect(cards.fill)
        self._form.typing.connect(cards.type_ahead)
        self._kept_line = Label("", "small", wraps=True, tone="accent")
        self._form_card = Card(
            Label(_("Your own card"), "section"),
            self._kept_line,
            Label(_("It outlives the visit: name no customer and no person in it."), "small", wraps=True),
            self._form,
            row(
                Grow(),
                Button(_("Leave as it was"), "ghost", press=cards.leave_form),
                Button(_("Save card"), "primary", icon="check", press=self._save),
                gap=8,
            ),
            margins=18,
            gap=12,
        )
        self._reader = holder(
            column(row(self._all, Grow()), self._notice, self._card, self._form_card, gap=12)
        )
        self.body.addWidget(self._list)
        self.body.addWidget(self._reader)
        self.follow(cards.changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the cards when the place is shown; the way back stands there while a visit is open."""
        super().showEvent(event)
        self._cards.enter()
        theme.show_or_hide(self._to_visit, self._cards.has_visit)

    def focus_first(self) -> None:
        """Move the focus to the search, or to the open card's way back."""
        (self._all if self._cards.state.card else self._query).setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._cards.state
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        theme.show_or_hide(self._list, state.card is None)
        theme.show_or_hide(self._reader, state.card is not None)
        if state.card is None:
            self._chips.set_options((c.value, c.label) for c in state.complaints)
            self._chips.set_value(next((c.value for c in state.complaints if c.is_chosen), ""))
            self._count.setText(state.count_line if not state.is_loading else "")
            theme.show_or_hide(self._loading, state.is_loading)
            theme.show_or_hide(self._rows_card, bool(state.rows))
            self._rows.show_items(state.rows)
            self._nothing.show_item(state.nothing_line or None)
            if before is not None and before.card is not None:
                self._query.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._notice.setText(state.notice)
        theme.show_or_hide(self._notice, bool(state.notice))
        self._card.show_item(state.card if state.form is None else None)
        theme.show_or_hide(self._form_card, state.form is not None)
        if state.form is not None:
            self._kept_line.setText(state.form.kept_line)
            theme.show_or_hide(self._kept_line, bool(state.form.kept_line))
            self._form.show_form(state.form)
            if before is None or before.form is None:
                self._form.focus_first()
        elif before is None or before.card is None or before.card.id != state.card.id:
            self.content.verticalScrollBar().setValue(0)
            self._all.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the list by Esc."""
        if event.key() == Qt.Key.Key_Escape and self._cards.state.card is not None:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sheet over the page."""
        super().resizeEvent(event)
        if self._sheet is not None:
            self._sheet.setGeometry(self.rect())

    def _go_back(self) -> None:
        self._cards.close_card()

    def _save(self) -> None:
        self._form_card.setFocus()
        self._cards.save()

    # --- parts

    def _make_row(self, card: CardRow) -> QWidget:
        return PressRow(
            IconTile("user" if card.is_own else "cards", "accent", 34, 19),
            Grow(
                column(
                    Label(card.title, "row", wraps=True),
                    Label(card.line, "small", wraps=True) if card.line else None,
                    gap=1,
                )
            ),
            Tag(_("Own card"), "accent") if card.is_own else None,
            Icon("caret-right", "text3", 16),
            name=f"{card.title}. {card.line}",
            press=functools.partial(self._cards.open, card.id),
            margins=(10, 9, 10, 9),
        )

    def _make_card(self, card: CardView) -> QWidget:
        buttons = [
            Button(_("Print as a handout"), "soft", icon="printer", press=self._print, shortcut="Ctrl+P"),
        ]
        if card.put_label:
            icon = "check" if card.is_on_page else "file-text"
            buttons.insert(0, Button(card.put_label, "primary", icon=icon, press=self._cards.put_on_page))
        if card.is_own:
            buttons.append(Button(_("Edit"), "outline", icon="pencil-simple", press=self._cards.edit))
            buttons.append(Button(_("Remove"), "outline", icon="trash", press=self._cards.remove))
        parts = [_part(part) for part in card.parts]
        return holder(
            column(
                Card(
                    row(
                        Grow(Label(card.title, "title", wraps=True)),
                        Tag(_("Own card"), "accent") if card.is_own else None,
                    ),
                    Label(card.fits, "body2", wraps=True) if card.fits else None,
                    holder(actions(*buttons)),
                    margins=18,
                    gap=10,
                ),
                *parts,
                Card(
                    *(
                        Label(text, "small" if number == 0 else "tiny", wraps=True)
                        for number, text in enumerate(card.about)
                    ),
                    kind="soft",
                    margins=14,
                    gap=3,
                )
                if card.about
                else None,
                gap=10,
            )
        )

    # --- the handout

    def _print(self) -> None:
        if self._sheet is None:
            self._sheet = PrintSheet()
            self._sheet.setParent(self)
            self._sheet.chosen.connect(self._send)
            self._sheet.closed.connect(self.focus_first)
        card = self._cards.state.card
        if card is not None:
            self._sheet.setGeometry(self.rect())
            self._sheet.open_sheet(card.id, self._papers, note=_("A sheet for the customer to keep."))

    def _send(self, printer: str, path: str) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        send = None if printer == TO_FILE else functools.partial(_send_to, printer)
        self._cards.print_to(path, send, sheet.leave, sheet.show_error)


def _send_to(printer: str, pages: list[bytes], paper: str, title: str) -> bool:
    return print_pages(pages, printer, paper, title)


_TONES = {"careful": ("watch", "watch"), "customer": ("accentText", "")}


def _part(part: CardPart) -> QWidget:
    colour, tone = _TONES.get(part.kind, ("text2", ""))
    lines: list[QWidget] = []
    for number, text in enumerate(part.lines, 1):
        label = Label(text, "body", wraps=True)
        if len(part.lines) == 1 and not part.is_numbered:
            lines.append(label)
            continue
        mark = Label(f"{number}." if part.is_numbered else "–", "body2")
        mark.setMinimumWidth(theme.look().px(20))
        lines.append(holder(row(At(mark, TOP), Grow(label), gap=6)))
    return Card(
        row(Icon(part.icon, colour, 20), Grow(Label(part.title, "section", tone=tone)), gap=9),
        *lines,
        margins=16,
        gap=7,
    )


def _nothing(words: str) -> QWidget:
    return Card(empty_state("magnifying-glass", _("Nothing found"), words, tone="none"))
