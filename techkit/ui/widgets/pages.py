"""A page: header, a body that scrolls, perhaps a right column, perhaps a footer.

Header and footer never scroll away. On a narrow window the right column moves below the body.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.lanes import Observable
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, Scroll, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.flowing import Flow, beside
from techkit.ui.widgets.focus import is_put_away
from techkit.ui.widgets.labels import ElidedLabel, Icon, Keys, Label, shortcut_text
from techkit.ui.widgets.turns import later, lay_out_ahead, polished

#: Widths of the window in logical px at 100 % text size. Source: the design, chapter 2.
WIDE, NARROW = 1360, 1100

#: Below this a column that stays beside the body has no room either: large text in a small window.
SLIM = 860


#: With less room than this, in px at 100 %, beside a page's buttons the heading breaks into many lines: the field of the
#: search gives way, as the glass says enough.
_HEADING = 240
#: The rail beside a page with the page's margins, and the field of the search with the gaps around it.
_SIDES, _FIELD = 68 + 56, 300 + 20

#: A footer narrower than this, in px at 100 %, has no room for the shortcut's keys.
_FOOTER_WITH_KEYS = 680


def _nothing() -> None:
    """Let go of a presenter that is not followed."""


class SearchButton(Button):
    """Looks like a field and opens the palette."""

    def __init__(self, press: Callable[[], object]) -> None:
        words = _("Search or jump to…")
        super().__init__("", "search", press=press, name=words, shortcut="Ctrl+K")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._is_small = False
        self._caption = ElidedLabel(words, "body2")
        self._keys = Keys("Ctrl+K")
        self.setLayout(
            row(
                Icon("magnifying-glass", "text2", 18),
                Grow(self._caption),
                self._keys,
                gap=8,
                margins=(11, 0, 9, 0),
            )
        )
        for child in (self._caption, self._keys):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setToolTip(theme.escaped(f"{words} ({shortcut_text('Ctrl+K')})"))

    def set_small(self, is_small: bool) -> None:
        """Show the glass only, so that the heading beside it has room."""
        if is_small == self._is_small:
            return
        for piece in (self._caption, self._keys):
            theme.show_or_hide(piece, not is_small)
        self._is_small = is_small
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return a field's size."""
        return QSize(theme.look().px(40 if self._is_small else 300), theme.look().target)

    def minimumSizeHint(self) -> QSize:
        """Ask for the icon and the keys at least."""
        return QSize(theme.look().px(40 if self._is_small else 130), theme.look().target)


class Page(QWidget):
    """One page of the window.

    body and right are the columns to fill; `right` is made when first asked for. is_right_fixed: the
    right column scrolls by itself and stays beside the body, except in a slim window. Zones for F6:
    header, content and footer.
    """

    def __init__(
        self,
        title: str = "",
        line: str = "",
        *,
        search: Callable[[], object] | None = None,
        right_width: int = 304,
        is_right_fixed: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("ground", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._right_width = right_width
        self._is_right_fixed = is_right_fixed
        self._is_narrow = self._is_slim = self._is_right_first = False
        self._side: Scroll | None = None
        self._is_behind = False
        self._ready_for: QSize | None = None
        self._leave: Callable[[], None] = _nothing
        # Named apart from the labels a page has of its own.
        self._page_title = Label(title, "title", wraps=True)
        self._page_line = Label(line, "small", wraps=True)
        theme.show_or_hide(self._page_line, bool(line))
        self._actions = Flow(gap=8)
        self._actions_holder = holder(self._actions)
        self._actions_holder.hide()
        self._search = SearchButton(search) if search is not None else None
        self.header = holder(
            row(
                # A long name keeps its line; what can be done then stands below it.
                Grow(
                    beside(
                        column(Grow(), self._page_title, self._page_line, Grow(), gap=2), self._actions_holder
                    )
                ),
                At(self._search, MIDDLE) if self._search is not None else None,
                gap=10,
                margins=(28, 16, 28, 10),
            )
        )
        self.header.setMinimumHeight(theme.look().px(66))
        self.body = column(gap=14)
        self._right: QBoxLayout | None = None
        self._right_holder: QWidget | None = None
        self._columns = row(Grow(column(self.body, Grow(), gap=0)), gap=20)
        self.content = Scroll(self._columns)
        self.footer: QWidget | None = None
        self._middle = row(Grow(self.content), gap=0)
        self._layout = column(self.header, Grow(self._middle), gap=0)
        self.setLayout(self._layout)

    def follow(self, changed: Observable) -> None:
        """Show the presenter's state now and after each change; out of sight, once it comes into sight again."""
        self._leave = changed.subscribe(self._changed)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter, before the page goes."""
        self._leave()

    def render_state(self) -> None:
        """Show the presenter's state; each page its own.

        Raises: NotImplementedError where a page has none. Not an abstract method: the metaclass of Qt's widgets
        and that of abc are unrelated, and no class can have both.
        """
        raise NotImplementedError

    def _changed(self) -> None:
        # A change is told to all steps of the visit and to Today; drawing all of them held up the one in sight.
        if is_put_away(self):
            self._is_behind = True
        else:
            self.render_state()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed meanwhile."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> bool:
        was_behind, self._is_behind = self._is_behind, False
        if was_behind:
            self._ready_for = None
            self.render_state()
        return was_behind

    def get_ready(self) -> bool:
        """Do one thing showing the page would wait for, in a quiet moment; return whether there was one.

        What changed out of sight is shown first; then all pieces get their look and their place, a turn each.
        """
        stack = self.parentWidget()
        if self.isVisible() or stack is None:
            return False
        if self._catch_up():
            return True
        if self._ready_for == stack.size():
            return False
        self._ready_for = stack.size()
        later(self, polished(self))
        later(self, lambda: lay_out_ahead(self))
        return True

    @property
    def title(self) -> str:
        """The heading, as a screen reader announces the page."""
        return self._page_title.text()

    def set_heading(self, title: str, line: str = "") -> None:
        """Change title and line."""
        self._page_title.setText(title)
        self._page_line.setText(line)
        theme.show_or_hide(self._page_line, bool(line))

    def add_action(self, button: Button) -> Button:
        """Put a button into the header and return it."""
        self._actions.addWidget(button)
        self._actions_holder.show()
        return button

    @property
    def right(self) -> QBoxLayout:
        """The right column."""
        if self._right is None:
            self._right = column(gap=14)
            self._right_holder = holder(column(self._right, Grow(), gap=0))
            if self._is_right_fixed:
                # Its left margin keeps it apart from the scroll bar of the content.
                self._side = Scroll(column(self._right_holder), (8, 8, 28, 24))
                self._side.setFixedWidth(theme.look().px(self._right_width + 36))
                self._middle.addWidget(self._side)
            else:
                self._columns.addWidget(self._right_holder)
            self._place_right()
        return self._right

    def set_footer(self, footer: QWidget) -> None:
        """Put a footer below the body."""
        self.footer = footer
        self._layout.addWidget(footer)

    def set_width(self, width: int) -> None:
        """Follow the window's width, in logical px at 100 % text size."""
        now = (width < NARROW, width < SLIM)
        if now != (self._is_narrow, self._is_slim):
            self._is_narrow, self._is_slim = now
            self._place_right()
        self._fit_search(width)

    def _fit_search(self, width: int) -> None:
        """Leave the heading its room beside the page's own buttons."""
        if self._search is None:
            return
        shown = not self._actions_holder.isHidden()
        tools = self._actions.sizeHint().width() / theme.look().scale if shown else 0
        self._search.set_small(self._is_slim or width - tools - _SIDES - _FIELD < _HEADING)

    def put_right_first(self, is_first: bool) -> None:
        """Have the right column stand above the body, not below it, where both share one column."""
        if is_first != self._is_right_first:
            self._is_right_first = is_first
            self._place_right()

    def zones(self) -> list[QWidget]:
        """Return the zones F6 goes through, in order."""
        return [self.header, self.content, *([self.footer] if self.footer is not None else [])]

    def _place_right(self) -> None:
        if self._right_holder is None:
            return
        direction = QBoxLayout.Direction
        is_below = self._is_slim if self._side is not None else self._is_narrow
        below = direction.BottomToTop if self._is_right_first else direction.TopToBottom
        self._columns.setDirection(below if is_below else direction.LeftToRight)
        if self._side is not None:
            place = self._columns if is_below else self._side.body.layout()
            if place is not None and place.indexOf(self._right_holder) < 0:
                place.addWidget(self._right_holder)
            theme.show_or_hide(self._side, not is_below)
        elif is_below:
            self._right_holder.setMinimumWidth(0)
            self._right_holder.setMaximumWidth(16_777_215)
        else:
            self._right_holder.setFixedWidth(theme.look().px(self._right_width))


class Footer(QWidget):
    """Back, the state of saving, the shortcut and the next step: the one filled button."""

    def __init__(self, back: Callable[[], object], forward: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("ground", "footer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back_button = Button("", "outline", icon="arrow-left", press=back, shortcut="Alt+Left")
        self.next_button = Button("", "primary", press=forward, shortcut="Ctrl+Return", has_arrow=True)
        self._mark = Icon("check", "ok", 18, "bold")
        self._mark.hide()
        self._saved = Label("", "small", wraps=True)
        self._keys = Keys("Ctrl+Return")
        self.extra = row(gap=8)
        self.setLayout(
            row(
                self.back_button,
                self._mark,
                Grow(self._saved),
                self.extra,
                self._keys,
                self.next_button,
                gap=10,
                margins=(28, 9, 28, 9),
            )
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the shortcut to the tooltip where room is scarce."""
        super().resizeEvent(event)
        self._show_keys()

    def _show_keys(self) -> None:
        has_room = self.width() >= theme.look().px(_FOOTER_WITH_KEYS)
        theme.show_or_hide(self._keys, has_room and not self.next_button.isHidden())

    def show_back(self, words: str) -> None:
        """Name the step before; "" hides the button."""
        self.back_button.set_words(words, shortcut="Alt+Left")
        theme.show_or_hide(self.back_button, bool(words))

    def show_next(self, words: str, *, is_enabled: bool = True) -> None:
        """Name the next step; "" hides the button."""
        self.next_button.set_words(words, shortcut="Ctrl+Return")
        theme.show_or_hide(self.next_button, bool(words))
        self.next_button.setEnabled(is_enabled)
        self._show_keys()

    def show_saved(self, state: str, sentence: str) -> None:
        """Say how it stands with saving: "saved", "saving" or "not_saved"."""
        icon, tone, weight = {
            "saving": ("circle-notch", "accentText", "regular"),
            "not_saved": ("warning-octagon", "bad", "fill"),
        }.get(state, ("check", "ok", "bold"))
        self._mark.set_icon(icon, tone, weight)
        theme.show_or_hide(self._mark, bool(sentence))
        self._saved.set_tone("bad" if state == "not_saved" else "")
        if self._saved.text() != sentence:
            self._saved.setText(sentence)
