"""The main window: lock card, places with their sidebar, the visit, and what lies over them.

Zones (F6): sidebar, header, content, drawer, footer. The window decides nothing: it shows the view
it is told to show and reports gestures through its signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets import reading_order
from techkit.ui.widgets.boxes import Grow, column, holder, line, row
from techkit.ui.widgets.buttons import IconButton
from techkit.ui.widgets.cards import Avatar, Logo, PressRow
from techkit.ui.widgets.focus import bring_into_sight, has_focus_inside
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.pages import NARROW, Page
from techkit.ui.widgets.rail import Place
from techkit.ui.widgets.stack import PageStack
from techkit.ui.widgets.turns import later

#: Sidebar in px at 100 % text size, whole and collapsed. Source: the design, chapter 2.
SIDEBAR, COLLAPSED = 236, 68

#: Smallest window. Source: the design, chapter 2 (900×560 serves the customer view).
SMALLEST = QSize(900, 560)
FIRST_SIZE = QSize(1280, 800)

#: What systems draw around a window, px, both sides together: a title bar and borders. Ours, a little more than Windows 11's.
FRAME = QSize(16, 40)

_SYNC_SHAPES = {
    "done": ("cloud-check", "ok", "fill"),
    "sending": ("cloud-arrow-up", "accentText", "regular"),
    "waiting": ("cloud-arrow-up", "text2", "regular"),
    "partial": ("cloud-warning", "watch", "fill"),
    "refused": ("cloud-warning", "watch", "fill"),
}


class View(Protocol):
    """What fills the window: the places or a visit."""

    def set_width(self, width: int) -> None:
        """Follow the window's width, in logical px at 100 % text size."""

    def zones(self) -> list[QWidget]:
        """Return the zones F6 goes through, in order."""


class SyncFoot(PressRow):
    """How sync stands, at the foot of the sidebar in every view; opens the panel."""

    def __init__(self, press: Callable[[], object]) -> None:
        self._icon = Icon("cloud-slash", "text2", 22, "fill")
        self._title = Label("", "small_strong", wraps=True)
        self._line = Label("", "tiny", wraps=True)
        self._words = holder(column(Grow(), self._title, self._line, Grow(), gap=1))
        super().__init__(
            self._icon, Grow(self._words), name=_("Sync"), press=press, margins=(10, 7, 8, 7), gap=10
        )

    def show_sync(self, status: str, title: str, sentence: str) -> None:
        """Show a status of presenters.sync with its two sentences."""
        self._icon.set_icon(*_SYNC_SHAPES.get(status, ("cloud-slash", "text2", "fill")))
        self._title.setText(title)
        self._line.setText(sentence)
        theme.show_or_hide(self._line, bool(sentence))
        self.setAccessibleName(title or _("Sync"))
        self.setAccessibleDescription(sentence)
        self.setToolTip(theme.escaped(f"{title}\n{sentence}".strip()))

    def set_compact(self, is_compact: bool) -> None:
        """Show the icon only."""
        theme.show_or_hide(self._words, not is_compact)


class HomeView(QWidget):
    """The places outside a visit: a sidebar and one page at a time."""

    chosen = Signal(str)

    def __init__(self, *, lock: Callable[[], object], open_sync: Callable[[], object]) -> None:
        super().__init__()
        self._pages: dict[str, Page] = {}
        self._makers: dict[str, Callable[[], Page]] = {}
        self._places: dict[str, Place] = {}
        self._passing: Page | None = None
        self._width = FIRST_SIZE.width()
        self.stack = PageStack()
        self._list = column(gap=2)
        self._lower = column(gap=2)
        self.sync_foot = SyncFoot(open_sync)
        self._avatar = Avatar("", 34)
        self._name = ElidedLabel("", "small_strong")
        self._role = ElidedLabel(_("Field technician"), "tiny")
        self._lock = IconButton("lock-simple", _("Lock now"), lock, shortcut="Ctrl+L")
        self._me_words = holder(column(Grow(), self._name, self._role, Grow(), gap=0))
        self._brand = Label("techkit", "section")
        self._top = row(Logo(34), Grow(self._brand), gap=10)
        self._me = row(self._avatar, Grow(self._me_words), self._lock, gap=10)
        self.sidebar = holder(
            column(
                self._top,
                16,
                self._list,
                Grow(),
                self._lower,
                4,
                line(),
                4,
                self.sync_foot,
                2,
                line(),
                6,
                self._me,
                gap=2,
                margins=(12, 16, 12, 12),
            ),
            "sidebar",
        )
        self.sidebar.setAccessibleName(_("Places"))
        self.setLayout(row(self.sidebar, Grow(self.stack), gap=0))
        self._show_sidebar()

    def add_place(
        self,
        key: str,
        icon: str,
        words: str,
        page: Page | Callable[[], Page],
        *,
        shortcut: str = "",
        is_lower: bool = False,
    ) -> None:
        """Add a page and its place in the sidebar; a function makes its page when it is first shown."""
        place = Place(icon, words, lambda: self.chosen.emit(key), shortcut=shortcut)
        place.setAutoExclusive(False)
        self._places[key] = place
        (self._lower if is_lower else self._list).addWidget(place)
        if isinstance(page, Page):
            self._add_page(key, page)
        else:
            self._makers[key] = page
        self._show_sidebar()

    def _add_page(self, key: str, page: Page) -> None:
        self._pages[key] = page
        self.stack.addWidget(page)
        page.set_width(self._width)

    def show_place(self, key: str) -> None:
        """Show the page of a place."""
        passing, self._passing = self._passing, None
        self.stack.show_page(self.page(key))
        self._drop(passing)
        for other, place in self._places.items():
            place.setChecked(other == key)

    def show_page(self, page: Page, key: str) -> None:
        """Show a page that is no place of its own, under a place; it goes when another is shown."""
        passing, self._passing = self._passing, page
        self.stack.addWidget(page)
        page.set_width(self._width)
        self.stack.show_page(page)
        self._drop(passing)
        for other, place in self._places.items():
            place.setChecked(other == key)

    def _drop(self, page: Page | None) -> None:
        # After another page is shown: the stack would show a third one in between.
        if page is not None:
            getattr(page, "release", lambda: None)()
            self.stack.removeWidget(page)
            page.hide()
            page.deleteLater()

    @property
    def here(self) -> str:
        """The place shown, "" before there is one."""
        return next((key for key, place in self._places.items() if place.isChecked()), "")

    def page(self, key: str) -> Page:
        """Return the page of a place. Raises: KeyError."""
        if key not in self._pages:
            self._add_page(key, self._makers[key]())
        return self._pages[key]

    def make_ahead(self) -> bool:
        """Make one page that was not shown yet, or do one thing its showing would wait for; return whether one was."""
        missing = next((key for key in self._makers if key not in self._pages), None)
        if missing is None:
            return any(page.get_ready() for page in self._pages.values())
        self.page(missing)
        return True

    @property
    def passing(self) -> Page | None:
        """The page shown that is no place of its own, None while a place is shown."""
        return self._passing

    def focus_here(self) -> None:
        """Have the focus at the place shown, where it was on a page that went; on the page shown it stays."""
        page, place = self.stack.currentWidget(), self._places.get(self.here)
        if place is not None and page is not None and not has_focus_inside(page):
            place.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_count(self, key: str, count: int) -> None:
        """Show a count beside a place."""
        self._places[key].set_count(count)

    def show_technician(self, name: str) -> None:
        """Show whose device this is."""
        self._avatar.set_name(name)
        self._name.setText(name)

    def set_width(self, width: int) -> None:
        """Collapse the sidebar on a narrow window."""
        self._width = width
        self._show_sidebar()
        for page in (*self._pages.values(), *((self._passing,) if self._passing else ())):
            page.set_width(width)

    def zones(self) -> list[QWidget]:
        """Return sidebar and the page's zones."""
        page = self.stack.currentWidget()
        return [self.sidebar, *(page.zones() if isinstance(page, Page) else [])]

    def release(self) -> None:
        """Let go of the presenters of all pages."""
        passing, self._passing = self._passing, None
        self._drop(passing)
        for page in self._pages.values():
            getattr(page, "release", lambda: None)()

    def _show_sidebar(self) -> None:
        is_compact = self._width < NARROW
        self.sidebar.setFixedWidth(theme.look().px(COLLAPSED if is_compact else SIDEBAR))
        for place in self._places.values():
            place.is_compact = is_compact
            place.updateGeometry()
            place.update()
        for widget in (self._brand, self._me_words, self._avatar):
            theme.show_or_hide(widget, not is_compact)
        self.sync_foot.set_compact(is_compact)
        px = theme.look().px
        self._top.setContentsMargins(px(5 if is_compact else 6), 0, 0, 0)
        self._me.setContentsMargins(px(2 if is_compact else 8), 0, 0, 0)


class Shell(QMainWindow):
    """The window. Signals tell what was asked for by keyboard; app.py answers them."""

    search_asked = Signal()
    new_visit_asked = Signal()
    check_asked = Signal()
    lock_asked = Signal()
    settings_asked = Signal()
    sync_asked = Signal()
    help_asked = Signal()
    print_asked = Signal()
    text_size_asked = Signal(int)
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("techkit")
        self.setMinimumSize(SMALLEST)
        self.resize(FIRST_SIZE)
        self._stack = PageStack()
        self._layers: list[QWidget] = []
        self._ground = holder(column(Grow(self._stack), gap=0), "canvas")
        self.setCentralWidget(self._ground)
        for keys, signal in (
            ("Ctrl+K", self.search_asked),
            ("Ctrl+N", self.new_visit_asked),
            ("Ctrl+D", self.check_asked),
            ("Ctrl+L", self.lock_asked),
            ("Ctrl+,", self.settings_asked),
            ("Ctrl+Shift+S", self.sync_asked),
            ("F1", self.help_asked),
            ("Ctrl+P", self.print_asked),
        ):
            self._add_shortcut((keys,), signal.emit)
        self._add_shortcut(("Ctrl++", "Ctrl+="), lambda: self.text_size_asked.emit(1))
        self._add_shortcut(("Ctrl+-",), lambda: self.text_size_asked.emit(-1))
        self._add_shortcut(("Ctrl+0",), lambda: self.text_size_asked.emit(0))
        self._add_shortcut(("F6",), lambda: self.next_zone(1))
        self._add_shortcut(("Shift+F6",), lambda: self.next_zone(-1))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._keep_in_sight)

    def show_on(self, room: QRect) -> None:
        """Show the window in the room a screen has for it: in its first size, or all of the room where that is too small.

        room: without task bars, logical px. A screen too narrow for the window at all is left to the system.
        """
        fits = FIRST_SIZE.boundedTo(room.size() - FRAME) == FIRST_SIZE
        if fits or room.width() < SMALLEST.width():
            self.show()
            return
        self.setMinimumHeight(min(SMALLEST.height(), room.height()))
        self.resize(FIRST_SIZE.boundedTo(room.size() - FRAME))  # once it is not the whole screen any more
        self.showMaximized()

    def _add_shortcut(self, keys: Iterable[str], call: Callable[[], object]) -> None:
        for key in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(call)

    def _keep_in_sight(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Scroll to what has the focus now, once what was just built has its place."""
        if new is None:
            # Twice: what the step just entered builds comes in between.
            later(self, lambda: later(self, self._find_focus))
            return
        theme.note_focus(new)
        if self.isAncestorOf(new):
            later(new, lambda: bring_into_sight(new))

    def _find_focus(self) -> None:
        """Give the keyboard to the view where nothing has it: without it no key of the view works."""
        view = self._stack.currentWidget()
        is_lost = self.isActiveWindow() and QApplication.focusWidget() is None
        if is_lost and view is not None and not any(layer.isVisible() for layer in self._layers):
            take = getattr(view, "take_focus", None)
            if take is not None:
                take()

    def show_view(self, view: QWidget) -> None:
        """Show a view; it is kept when another one is shown."""
        if self._stack.indexOf(view) < 0:
            self._stack.addWidget(view)
        self._stack.show_page(view)
        self._follow_width()

    def drop_view(self, view: QWidget) -> None:
        """Take a view away for good."""
        self._stack.removeWidget(view)
        view.hide()
        view.deleteLater()

    @property
    def view(self) -> QWidget | None:
        """The view shown."""
        return self._stack.currentWidget()

    def add_layer(self, layer: QWidget) -> None:
        """Lay a widget over the whole window, e.g. the palette; it stays as large as the window."""
        layer.setParent(self._ground)
        self._layers.append(layer)
        layer.setGeometry(self._ground.rect())

    def remove_layer(self, layer: QWidget) -> None:
        """Forget a layer that goes."""
        self._layers.remove(layer)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go on by Tab as things are read, and never out of a card that lies over the window."""
        shown = [layer for layer in self._layers if layer.isVisible()]
        root = shown[-1] if shown else self._ground
        target = reading_order.neighbour(root, QApplication.focusWidget(), is_forward=is_next)
        if target is None:
            return False
        reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
        target.setFocus(reason)
        return True

    def next_zone(self, step: int) -> None:
        """Move the focus to the next (1) or previous (-1) zone."""
        view = self.view
        zones = [zone for zone in getattr(view, "zones", list)() if zone.isVisible()]
        if not zones:
            return
        focus = QApplication.focusWidget()
        here = next(
            (
                place
                for place, zone in enumerate(zones)
                if focus is not None and (zone is focus or zone.isAncestorOf(focus))
            ),
            -1 if step > 0 else 0,
        )
        for offset in range(1, len(zones) + 1):
            if _focus_into(zones[(here + offset * step) % len(zones)]):
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the breakpoints."""
        super().resizeEvent(event)
        self._follow_width()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size, which moves the breakpoints."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._follow_width()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window closes, so that work is ended first."""
        self.closing.emit()
        super().closeEvent(event)

    def _follow_width(self) -> None:
        for layer in self._layers:
            layer.setGeometry(self._ground.rect())
        set_width = getattr(self.view, "set_width", None)
        if set_width is not None:
            set_width(round(self.width() / theme.look().scale))


def _focus_into(zone: QWidget) -> bool:
    """Move the focus to the first piece of a zone that takes it; False when none does."""
    piece = next((piece for piece in reading_order.read(zone) if reading_order.takes_focus(piece)), None)
    if piece is not None:
        piece.setFocus(Qt.FocusReason.ShortcutFocusReason)
    return piece is not None
