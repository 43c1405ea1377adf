"""The signed pages of a visit beside the page in hand: which there are, what changed from one to the next."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.signed_pages import SignedPagesState, SignedRow
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.signed_pages import SignedPages

#: So many changes are told beside a row; all of them stand over the page once it is looked at.
_TOLD_BESIDE = 4

#: So many are told over the page that is looked at.
_TOLD_OVER = 60


class SignedPagesCard(Card):
    """Every signed page by day and signer, newest first, each to be opened."""

    def __init__(self, signed: SignedPages) -> None:
        self._signed = signed
        self._rows: Rows[SignedRow] = Rows(self._make_row, gap=12)
        self._openers: dict[str, Button] = {}
        self._error = Label("", "small", wraps=True, tone="bad")
        self._older = Button(_("Show older ones ({n})", n=0), "link", press=signed.show_older)
        super().__init__(Label(_("Signed pages"), "section"), self._error, self._rows, self._older, gap=10)

    def show_state(self, state: SignedPagesState) -> None:
        """Show the rows; nothing while there is only the page in hand."""
        self._rows.show_items(state.rows)
        self._older.set_words(_("Show older ones ({n})", n=state.older_count))
        theme.show_or_hide(self._older, bool(state.older_count))
        self._error.setText(state.error)
        theme.show_or_hide(self._error, bool(state.error))
        theme.show_or_hide(self, bool(state.rows))

    def focus_row(self, held: SignedRow) -> None:
        """Give the focus back to the row whose page was looked at."""
        button = self._openers.get(held.id)
        if button is not None and isValid(button):
            button.setFocus()

    def _make_row(self, held: SignedRow) -> QWidget:
        icon, tone = ("seal-check", "ok") if held.holds else ("file-text", "text3")
        words = column(
            Label(held.title, "small_strong", wraps=True),
            Label(held.line, "small", wraps=True),
            *_changes(held.changes, _TOLD_BESIDE),
            *_not_compared(held),
            gap=3,
        )
        if held.may_open:
            name = _("Look at the page: {what}", what=held.title)
            open_it = Button(
                _("Look at the page"), "link", name=name, press=functools.partial(self._signed.show, held.id)
            )
            self._openers[held.id] = open_it
            words.addLayout(row(open_it, Grow()))
        elif held.id:
            words.addWidget(Label(_("The page itself was not kept."), "tiny", wraps=True))
        return holder(row(At(Icon(icon, tone, 18, "fill"), TOP), Grow(words), gap=8))


class SignedPageHead(QWidget):
    """Over the page that is looked at: which one it is, what changed, the way back."""

    def __init__(self, signed: SignedPages) -> None:
        super().__init__()
        self._signed = signed
        self.row: SignedRow | None = None
        self._back: Button | None = None
        self._slot = Slot(self._make)
        self.setLayout(column(self._slot, gap=0))

    def show_row(self, shown: SignedRow | None) -> None:
        """Show it, or nothing while the page in hand is shown."""
        is_new, self.row = shown is not None and shown != self.row, shown
        self._slot.show_item(shown)
        theme.show_or_hide(self, shown is not None)
        if is_new and self._back is not None:
            self._back.setFocus()

    def _make(self, shown: SignedRow) -> QWidget:
        self._back = Button(_("Back to the page in hand"), "outline", press=self._signed.leave)
        copy = Button(_("Print a copy"), "ghost", icon="printer", press=self._signed.print_)
        # Below the words: beside them, in a slim window, they would leave the words a few letters a line.
        head = column(
            Banner("ok" if shown.holds else "info", shown.title, shown.line),
            holder(actions(self._back, copy)),
            gap=8,
        )
        if not shown.changes:
            return holder(head)
        changed = Card(
            Label(_("Otherwise than on the page before"), "small_strong"),
            *_changes(shown.changes, _TOLD_OVER),
            kind="soft",
            gap=4,
        )
        return holder(column(head, changed, gap=10))


def _not_compared(held: SignedRow) -> list[QWidget]:
    """Return where what changed will be told, for a page the list did not look into."""
    if held.is_compared:
        return []
    return [Label(_("What changed is told once it is opened."), "tiny", wraps=True)]


def _changes(sentences: tuple[str, ...], most: int) -> list[QWidget]:
    labels: list[QWidget] = [Label(f"• {sentence}", "small", wraps=True) for sentence in sentences[:most]]
    left = len(sentences) - most
    if left > 0:
        labels.append(Label(_("and {n} more", n=left), "tiny"))
    return labels
