"""The templates of visits: a list to begin from, and one form to change one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.templates import TemplateRow, TemplatesState
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, Choice, IconButton
from techkit.ui.widgets.cards import Card, IconTile, Tag, loading_rows
from techkit.ui.widgets.flowing import Flow, Fold
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.visit import leave_field

if TYPE_CHECKING:
    from techkit.ui.presenters.templates import Templates


class TemplatesPage(Page):
    """All templates. back: shows what was shown before."""

    def __init__(
        self, templates: Templates, search: Callable[[], object] | None, back: Callable[[], object]
    ) -> None:
        super().__init__(
            _("Templates of visits"),
            _("A plan to begin with: words for the need, work, points, supplies and time."),
            search=search,
        )
        self._templates = templates
        self._back = back
        self._shown: TemplatesState | None = None
        self.back_button = self.add_action(
            Button(_("Back"), "ghost", icon="arrow-left", press=self._go_back, shortcut="Alt+Left")
        )
        shortcut = QShortcut(QKeySequence("Alt+Left"), self, self._go_back)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._notice = Slot(lambda shown: Banner(*shown))
        self._undo = Button("", "outline", icon="arrow-u-up-left", press=templates.undo, shortcut="Ctrl+Z")
        undo_key = QShortcut(QKeySequence("Ctrl+Z"), self, templates.undo)
        undo_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._add = Button(_("New template"), "primary", icon="plus", press=templates.add)
        self._rows: Rows[TemplateRow] = Rows(
            self._make_row, key=lambda item: item.id, has_lines=True, at_once=10
        )
        self._loading = Card(loading_rows(4))
        self._rows_card = Card(self._rows, margins=6, gap=0)
        self._away = Label("", "small", wraps=True)
        self._bring_back = Button(_("Show them again"), "link", press=templates.bring_back)
        self._away_line = holder(row(Grow(self._away), self._bring_back, gap=10))
        self._list = holder(
            column(
                holder(Flow(self._add)),
                self._loading,
                self._rows_card,
                self._away_line,
                gap=12,
            )
        )
        self._form_card = self._make_form_card(templates)
        self.body.addWidget(self._notice)
        self.body.addWidget(holder(Flow(self._undo)))
        self.body.addWidget(self._list)
        self.body.addWidget(self._form_card)
        self.release_templates = templates.changed.subscribe(self.render_state)
        self.render_state()

    def _make_form_card(self, templates: Templates) -> Card:
        self._form_title = Label("", "section")
        self._form = FormView()
        self._kept_line = Label("", "small", wraps=True, tone="accent")
        self._form.left.connect(templates.fill)
        self._form.typing.connect(templates.type_ahead)
        self._form.row_added.connect(templates.add_row)
        self._form.row_removed.connect(templates.remove_row)
        self._kinds = Choice(_("Planned work"), (), kind="chip", is_multiple=True)
        self._kinds.chosen.connect(templates.toggle_kind)
        self._save = Button(
            _("Save template"), "primary", icon="check", press=self._keep, shortcut="Ctrl+Return"
        )
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            key = QShortcut(QKeySequence(keys), self, self._keep)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return Card(
            self._form_title,
            self._kept_line,
            Label(_("It outlives the visit: name no customer and no person in it."), "small", wraps=True),
            self._form,
            column(Label(_("Planned work"), "section"), self._kinds, gap=8),
            row(
                Grow(),
                Button(_("Leave as it was"), "ghost", press=templates.cancel),
                self._save,
                gap=8,
            ),
            margins=18,
            gap=14,
        )

    def release(self) -> None:
        """Let go of the presenter."""
        self.release_templates()
        self._templates.close()

    def focus_first(self) -> None:
        """Move the focus to the form's first field, else to the way to a new template."""
        if self._templates.state.form is not None:
            self._form.focus_first()
        else:
            self._add.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the form by Esc."""
        if event.key() == Qt.Key.Key_Escape and self._templates.state.form is not None:
            self._templates.cancel()
        else:
            super().keyPressEvent(event)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._templates.state
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        self._notice.show_item((state.notice_kind, state.notice) if state.notice else None)
        self._undo.set_words(state.undo_label, shortcut="Ctrl+Z")
        theme.show_or_hide(self._undo, bool(state.undo_label) and state.form is None)
        theme.show_or_hide(self._list, state.form is None)
        theme.show_or_hide(self._form_card, state.form is not None)
        if state.form is not None:
            self._form_title.setText(state.form_title)
            self._kept_line.setText(state.form.kept_line)
            theme.show_or_hide(self._kept_line, bool(state.form.kept_line))
            self._form.show_form(state.form)
            self._kinds.set_options((kind.value, kind.label) for kind in state.kinds)
            self._kinds.set_values(kind.value for kind in state.kinds if kind.is_chosen)
            if before is None or before.form is None:
                self._form.focus_first()
            return
        theme.show_or_hide(self._loading, state.is_loading)
        theme.show_or_hide(self._rows_card, bool(state.rows))
        if before is not None and before.use_label != state.use_label:
            self._rows.show_items(())
        self._rows.show_items(state.rows)
        self._away.setText(state.back_line)
        theme.show_or_hide(self._away_line, bool(state.back_line))
        if before is not None and before.form is not None:
            self.focus_first()

    def _keep(self) -> None:
        if self._templates.state.form is not None:
            leave_field()
            self._templates.save()

    def _go_back(self) -> None:
        if self._templates.state.form is not None:
            self._templates.cancel()
        else:
            self._back()

    def _make_row(self, held: TemplateRow) -> QWidget:
        presenter = self._templates
        use = presenter.state.use_label
        buttons: list[QWidget] = [
            Button(
                _("Start a visit"),
                "soft",
                icon="play",
                press=functools.partial(presenter.start, held.id),
                name=_("Start a visit: {title}", title=held.title),
            )
        ]
        if use:
            buttons.append(
                Button(
                    use,
                    "outline",
                    icon="check",
                    press=functools.partial(presenter.use, held.id),
                    name=_("Use for the visit in hand: {title}", title=held.title),
                )
            )
        words = column(
            row(
                Grow(Label(held.title, "row", wraps=True)),
                Tag(_("Your own"), "accent") if held.is_own else None,
                gap=8,
            ),
            Label(held.line, "small", wraps=True) if held.line else None,
            gap=1,
        )
        return holder(
            row(
                At(IconTile("user" if held.is_own else "stack", "accent", 34, 19), MIDDLE),
                Grow(Fold((holder(words), 1, 200), (holder(Flow(*buttons, gap=8)), 0, 0), gap=12)),
                At(
                    IconButton(
                        "pencil-simple",
                        _("Change: {title}", title=held.title),
                        functools.partial(presenter.edit, held.id),
                    ),
                    MIDDLE,
                ),
                At(
                    IconButton(
                        "trash",
                        _("Remove: {title}", title=held.title),
                        functools.partial(presenter.remove, held.id),
                    ),
                    MIDDLE,
                ),
                gap=10,
                margins=(10, 8, 10, 8),
            )
        )
