"""What the pages of a customer and a computer share: sections, rows that open, a form, undo, trouble, software lists."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.models import ListDelegate, ListItem, ListModel
from techkit.ui.presenters.choices import FormState
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.focus import first_control, has_focus_inside
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Slot
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.record_page import RecordPage

#: Rows of a software list seen at once.
_SOFTWARE_ROWS = 8


class DetailPage(Page):
    """A page about one record: a way back in its header, a form that takes the place of nothing, undo and trouble.

    record: the presenter; what is typed into the form goes there, and undo takes its last change back. back: shows
    what was shown before.
    """

    def __init__(
        self,
        search: Callable[[], object] | None,
        record: RecordPage[Any, Any],
        back: Callable[[], object],
    ) -> None:
        super().__init__(search=search, right_width=320)
        self.back_button = Button(_("Back"), "ghost", icon="arrow-left", press=back, shortcut="Alt+Left")
        self.add_action(self.back_button)
        shortcut = QShortcut(QKeySequence("Alt+Left"), self, back)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._undo = record.undo
        self.undo_slot = Slot(self._make_undo)
        self.error_slot = Slot(self._make_error)
        self.form_card = FormCard(record)
        for piece in (self.error_slot, self.undo_slot, self.form_card):
            self.body.addWidget(piece)

    def focus_first(self) -> None:
        """Move the focus to the way back, the first thing of the page."""
        self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_common(self, form: FormState | None, error: str, undo_line: str) -> None:
        """Show form, trouble and undo as the presenter states them."""
        was_open = self.form_card.is_open
        # Kept by its key or button, a form has let go of the focus already; Qt would go on in the sidebar.
        had_focus = was_open and (has_focus_inside(self.form_card) or QApplication.focusWidget() is None)
        self.form_card.show_form(form)
        if had_focus and not self.form_card.is_open:
            self.focus_first()
        if self.form_card.is_open and not was_open:
            self.content.verticalScrollBar().setValue(0)  # the form stands at the top
        if has_focus_inside(self):
            later(
                self, self._hold_focus
            )  # what was pressed may go with this state; Qt would go on in the sidebar
        self.error_slot.show_item(error or None)
        self.undo_slot.show_item(undo_line or None)

    def _hold_focus(self) -> None:
        if self.isVisible() and not has_focus_inside(self):
            (first_control(self.undo_slot) or self.back_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def jump(self, part: QWidget) -> None:
        """Bring a part to the top of the page and move the focus to its first control."""
        bar = self.content.verticalScrollBar()
        bar.setValue(max(0, part.mapTo(self.content.body, part.rect().topLeft()).y() - theme.look().px(6)))
        for piece in part.findChildren(QWidget):
            if piece.focusPolicy() & Qt.FocusPolicy.TabFocus and piece.isVisible():
                piece.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def _make_undo(self, sentence: str) -> QWidget:
        return Card(
            row(
                Icon("check-circle", "ok", 20, "fill"),
                Grow(Label(sentence, "small", wraps=True)),
                Button(_("Undo"), "link", press=self._undo),
                gap=8,
            ),
            kind="soft",
            margins=10,
        )

    def _make_error(self, sentence: str) -> QWidget:
        return Card(
            row(Icon("warning-octagon", "bad", 20, "fill"), Grow(Label(sentence, "small", wraps=True)), gap=8)
        )


class FormCard(Card):
    """The form of a page; hidden while nothing is changed. Ctrl+Return keeps it, Esc closes it."""

    def __init__(self, record: RecordPage[Any, Any]) -> None:
        save, cancel = record.save, record.cancel
        self._title = Label("", "section")
        self._kept_line = Label("", "small", wraps=True, tone="accent")
        self._trouble = Label("", "small_strong", wraps=True, tone="bad")
        self._view = FormView()
        self._view.left.connect(record.fill)
        self._view.typing.connect(record.type_ahead)
        self._shown_id = ""

        def keep() -> None:
            focus = QApplication.focusWidget()
            if focus is not None:
                focus.clearFocus()  # so that what stands in the field is told before
            save()

        def keep_whole() -> None:
            # The button goes with what it is for; the keyboard stays at the form.
            self._keep.setFocus(Qt.FocusReason.OtherFocusReason)
            record.keep_whole_text()

        self._whole = Button(
            _("Keep the whole text as a file"), "outline", icon="file-text", press=keep_whole
        )
        self._keep = Button(_("Save"), "primary", icon="check", press=keep, shortcut="Ctrl+Return")
        super().__init__(
            self._title,
            self._kept_line,
            self._trouble,
            self._view,
            holder(
                Flow(
                    self._whole,
                    self._keep,
                    Button(_("Cancel"), "ghost", press=cancel),
                    gap=8,
                )
            ),
            kind="option",
        )
        for keys, call in (("Ctrl+Return", keep), ("Escape", cancel)):
            shortcut = QShortcut(QKeySequence(keys), self, call)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a form is shown."""
        return bool(self._shown_id)

    def show_form(self, state: FormState | None) -> None:
        """Show a form, or none; a form just opened gets the focus."""
        if state is None:
            self._shown_id = ""
            self.hide()
            return
        self._title.setText(state.title)
        self._kept_line.setText(state.kept_line)
        theme.show_or_hide(self._kept_line, bool(state.kept_line))
        self._trouble.setText("" if state.error_field else state.error)
        theme.show_or_hide(self._trouble, bool(state.error and not state.error_field))
        self._view.show_form(state)
        theme.show_or_hide(self._whole, state.may_keep_whole)
        self._keep.set_words(state.add_label or _("Save"))
        self.show()
        shown = f"{state.kind} {state.record_id}"
        if shown != self._shown_id:
            self._shown_id = shown
            self._view.focus_first()
        elif state.error_field in self._view.boxes and state.error:
            self._view.focus_field(state.error_field)


class JumpBar(QWidget):
    """Buttons that bring a part of a long page into view."""

    def __init__(self, jump: Callable[[QWidget], object]) -> None:
        super().__init__()
        self._jump = jump
        self._buttons: dict[str, Button] = {}
        self.setLayout(Flow(gap=6))
        self.setAccessibleName(_("Parts of the page"))

    def show_parts(self, parts: Sequence[tuple[str, str, QWidget]]) -> None:
        """Offer (key, name, part) of each part that is shown."""
        layout = self.layout()
        for key, name, part in parts:
            if key not in self._buttons and layout is not None:
                button = Button(name, "chip", press=functools.partial(self._jump, part))
                self._buttons[key] = button
                layout.addWidget(button)
        shown = {key for key, _name, _part in parts}
        for key, button in self._buttons.items():
            theme.show_or_hide(button, key in shown)


def section(title: str, *pieces: QWidget, action: Button | None = None, line: str = "") -> QWidget:
    """Return pieces below a heading; action stands at its right."""
    heading = row(
        Grow(column(Label(title, "section"), Label(line, "tiny", wraps=True) if line else None, gap=1)),
        At(action, MIDDLE) if action is not None else None,
        gap=8,
    )
    return holder(column(heading, *pieces, gap=8))


def open_row(
    title: str,
    line: str,
    press: Callable[[], object],
    *,
    icon: str = "",
    tone: str = "",
    word: str = "",
) -> QWidget:
    """Return a row of two lines that opens something."""
    colour = {"accent": "accentText", "": "text2"}.get(tone, tone)
    return PressRow(
        Icon(icon, colour, 20, "fill" if tone else "regular") if icon else None,
        Grow(column(ElidedLabel(title, "strong"), ElidedLabel(line, "small") if line else None, gap=1)),
        Label(word, "small", tone="text2") if word else None,
        Icon("caret-right", "text3", 16),
        name=". ".join(part for part in (title, line, word) if part)[:300],
        press=press,
        margins=(10, 7, 8, 7),
        gap=10,
    )


def plain_row(title: str, line: str, *, icon: str = "", tone: str = "", word: str = "") -> QWidget:
    """Return a row of two lines that only tells."""
    colour = {"accent": "accentText", "": "text2"}.get(tone, tone)
    words = column(
        Label(title, "strong", wraps=True), Label(line, "small", wraps=True) if line else None, gap=1
    )
    return holder(
        row(
            At(Icon(icon, colour, 20, "fill" if tone else "regular"), Qt.AlignmentFlag.AlignTop)
            if icon
            else None,
            Grow(words),
            At(Label(word, "small", tone=tone or "text2"), MIDDLE) if word else None,
            gap=10,
            margins=(10, 6, 8, 6),
        )
    )


class SoftwareList(QListView):
    """Programs as a list of their own that scrolls: there may be thousands."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._model = ListModel(self)
        self.setModel(self._model)
        self.setItemDelegate(ListDelegate(self))
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_programs(self, programs: Sequence[tuple[str, str, str]]) -> None:
        """Show (name, version, publisher) of each program."""
        self._model.set_items(
            [
                ListItem(id=str(place), title=name[:200], line=publisher[:200] or "–", word=version[:40])
                for place, (name, version, publisher) in enumerate(programs)
            ]
        )
        self.setFixedHeight(
            theme.look().px(48) * max(1, min(len(programs), _SOFTWARE_ROWS)) + theme.look().px(4)
        )
