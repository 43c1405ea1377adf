"""The frame of a visit: step rail, clock, the step's page, drawer, footer; customer view.

The pages of the steps are handed in as factories and built when first shown.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.taking_back import Told
from techkit.ui.presenters.visit import VisitState
from techkit.ui.widgets.banner import Banner, NewsToast, UndoToast, announce
from techkit.ui.widgets.boxes import HCENTRE, At, Grow, clear, column, holder, line, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Avatar
from techkit.ui.widgets.drawer import Drawer
from techkit.ui.widgets.focus import first_control
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.pages import NARROW, WIDE, Footer, Page
from techkit.ui.widgets.rail import StepRail
from techkit.ui.widgets.shell import COLLAPSED, SIDEBAR, SyncFoot
from techkit.ui.widgets.stack import PageStack
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.visit import Visit

#: Lower than this, in px at 100 %, a notice and the page do not fit below each other: 600 px of text at 125 %.
_LOW = 500

#: The clock is looked at this often while the visit is shown.
TICK_MS = 1000


class VisitView(QWidget):
    """One visit on screen. steps: step key -> makes its page. leave, about: show Today, the customer's page."""

    def __init__(
        self,
        visit: Visit,
        steps: Mapping[str, Callable[[], Page]],
        *,
        open_sync: Callable[[], object],
        leave: Callable[[], object],
        about: Callable[[], object],
    ) -> None:
        super().__init__()
        self._visit = visit
        self._factories = dict(steps)
        self._pages: dict[str, Page] = {}
        self._shown: VisitState | None = None
        self._width = WIDE
        self._drawer: Drawer | None = None
        self._followed: list[Drawer] = []
        self.rail = StepRail()
        self.rail.chosen.connect(self._choose)
        self.sync_foot = SyncFoot(open_sync)
        self._build_sidebar(leave, about)
        self.stack = PageStack()
        self._notice = column()
        self._notice_holder = holder(self._notice)
        self._notice_holder.hide()
        self._notice_shown: Notice | None = None
        self._banner: Banner | None = None
        self.footer = Footer(self._back, self.go_on)
        self._middle = holder(column(self._notice_holder, Grow(self.stack), self.footer, gap=0), "canvas")
        self._line = row(self.sidebar, Grow(self._middle), gap=0)
        self.setLayout(self._line)
        self._take_back = IconButton("arrow-u-up-left", _("Undo"), self._undo, shortcut="Ctrl+Z")
        self.footer.extra.addWidget(self._take_back)
        self.toast = UndoToast(self)
        self.news = NewsToast(self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(visit.tick)
        self._add_shortcuts()
        self.release = visit.changed.subscribe(self.render_state)
        self.render_state()

    # --- what the technician does

    def go_on(self) -> None:
        """Keep what is typed and go to the next step (Ctrl+Enter)."""
        leave_field()
        self._visit.next()

    def _back(self) -> None:
        leave_field()
        self._visit.back()

    def _choose(self, place: int) -> None:
        leave_field()
        self._visit.go(self._visit.state.steps[place].key)

    def _go_to(self, place: int) -> None:
        if place < len(self._visit.state.steps) and not self._visit.state.is_customer_view:
            self._choose(place)

    def _toggle_clock(self) -> None:
        if self._visit.state.is_paused:
            self._visit.resume()
        else:
            self._visit.pause()

    def _undo(self) -> None:
        self._visit.undo()

    def _toggle_drawer(self) -> None:
        if self._drawer is not None and self._drawer.isVisible():
            self._drawer.close_drawer()
        elif (opened := getattr(self.page, "open_drawer", None)) is not None:
            opened()

    def _add_shortcuts(self) -> None:
        for keys, call in (
            ("Ctrl+Return", self.go_on),
            ("Ctrl+Enter", self.go_on),
            ("Alt+Left", self._back),
            ("Ctrl+Z", self._undo),
            ("Ctrl+Shift+Z", self._visit.redo),
            ("Ctrl+Y", self._visit.redo),
            ("Ctrl+.", self._toggle_drawer),
            ("Ctrl+B", lambda: self._go_to(4)),
            *((f"Ctrl+{n + 1}", lambda n=n: self._go_to(n)) for n in range(6)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)

    # --- what is shown

    @property
    def page(self) -> Page:
        """The page of the step shown."""
        return self._pages[self._visit.state.current]

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._visit.state
        before, self._shown = self._shown, state
        if state == before:
            return
        self._customer.setText(state.customer)
        self._customer_line.setText(state.customer_line)
        theme.show_or_hide(self._customer_line, bool(state.customer_line))
        here = " · ".join(part for part in (state.person_line, state.computer) if part)
        self._person_line.setText(here)
        self._avatar.set_name(state.customer)
        self._clock.setText(state.clock)
        self._clock_label.setText(state.clock_label or _("On site"))
        self._small_clock.setText(state.clock)
        self._pause.set_icon("play" if state.is_paused else "pause")
        self._pause.set_words("", name=_("Go on with the clock") if state.is_paused else _("Pause the clock"))
        self._show_steps(state)
        self._show_notice(state)
        self.footer.show_back(state.back_label)
        self.footer.show_next(state.next_label, is_enabled=state.may_continue)
        self.footer.show_saved(state.save_state, state.saved_line)
        if before is not None and state.save_state == "not_saved" != before.save_state:
            announce(self, state.saved_line, is_urgent=True)
        if before is not None and state.removed_line != before.removed_line:
            self._offer_undo(state.removed_line)
        if before is not None and state.undo_told != before.undo_told:
            self._tell_undo(state.undo_told)
        self._take_back.set_words("", name=state.undo_label or _("Undo"), shortcut="Ctrl+Z")
        self._take_back.setEnabled(bool(state.undo_label))
        # Before the customer nothing is shown or said that is not on the page.
        if before is not None and state.news_line != before.news_line and not state.is_customer_view:
            self._tell_news(state.news_line, state.news_step)
        if state.current in self._factories:
            self._show_page(state.current, has_moved=before is None or before.current != state.current)
        self._arrange()

    def _show_steps(self, state: VisitState) -> None:
        steps = tuple(
            (step.name, step.line, "todo" if step.state == "current" else step.state) for step in state.steps
        )
        here = next((place for place, step in enumerate(state.steps) if step.key == state.current), 0)
        self.rail.show_steps(steps, here)

    def _show_notice(self, state: VisitState) -> None:
        if state.notice == self._notice_shown:
            return
        self._notice_shown, self._banner = state.notice, None
        clear(self._notice)
        if state.notice is not None:
            buttons = []
            for label, action in (
                (state.notice.action_label, state.notice.action),
                (state.notice.other_label, state.notice.other_action),
            ):
                if label:
                    buttons.append(Button(label, press=functools.partial(self._act_on_notice, action)))
            self._banner = Banner(state.notice.kind, state.notice.title, state.notice.text, *buttons)
            self._notice.addWidget(self._banner)
            self._fit_notice()
            self._notice.setContentsMargins(28, 12, 28, 0)
        theme.show_or_hide(self._notice_holder, state.notice is not None)

    def _fit_notice(self) -> None:
        """Leave a low window to the page; what went wrong is said whole."""
        if self._banner is not None and self._notice_shown is not None:
            is_low = self.height() < theme.look().px(_LOW)
            self._banner.set_small(is_low and self._notice_shown.kind != "bad")

    def _act_on_notice(self, action: str) -> None:
        self._visit.act_on_notice(action)
        if self._shown is not None and self._shown.notice is None:
            first = first_control(self.page)  # the pressed button is gone
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_undo(self, label: str) -> None:
        if label:
            self.toast.offer(label, self._visit.undo)
            self._place_toast()
        else:
            self.toast.hide()

    def _tell_undo(self, told: Told) -> None:
        press = {"redo": self._visit.redo, "undo": self._visit.undo}.get(told.act, self.toast.hide)
        self.toast.offer(told.line, press, told.act)
        self._place_toast()
        later(self, self._place_toast)  # its words have broken into lines by then

    def _tell_news(self, line: str, step: str) -> None:
        if line:
            self.news.tell(line, lambda: self._visit.go(step))
            self._place_toast()
            later(self, self._place_toast)  # its words have broken into lines by then
        else:
            self.news.hide()

    def make_ahead(self) -> bool:
        """Make one page that is likely to be shown next, or do one thing its showing would wait for.

        In a quiet moment: a page takes some 20 ms to build, 10 to get its look and 30 to be laid out. Returns whether
        there was something to do.
        """
        state = self._visit.state
        if state.is_customer_view or not state.steps:
            return False
        keys = [step.key for step in state.steps if step.key in self._factories]
        here = keys.index(state.current) if state.current in keys else 0
        # The next step whole before the one after it: whoever goes on soon finds one ready, not all of them half ready.
        return any(self._get_ready(key) for key in (*keys[here:], *keys[:here]))

    def _get_ready(self, key: str) -> bool:
        if self.is_made(key):
            return self._pages[key].get_ready()
        self._make_page(key)
        return True

    def is_made(self, key: str) -> bool:
        """Return whether the page of a step was made."""
        return key in self._pages

    def _make_page(self, key: str) -> Page:
        page = self._factories[key]()
        self._pages[key] = page
        self.stack.addWidget(page)
        page.set_width(self._width)
        asked = getattr(page, "go_on_asked", None)
        if asked is not None:
            asked.connect(self.go_on)
        drawer = getattr(page, "drawer", None)
        if drawer is not None:
            drawer.setParent(self)  # it goes with the view, whether the page was ever shown or not
        return page

    def _show_page(self, key: str, *, has_moved: bool) -> None:
        page = self._pages.get(key) or self._make_page(key)
        self.stack.show_page(page)
        self._place_drawer(getattr(page, "drawer", None))
        if has_moved:
            announce(self, page.title)
            focus_first = getattr(page, "focus_first", None)
            if focus_first is not None and self.isVisible():
                focus_first()

    def take_focus(self) -> None:
        """Move the focus to the page's first thing to do, else to the next step."""
        focus_first = getattr(self.page, "focus_first", None)
        if focus_first is not None:
            focus_first()
        if QApplication.focusWidget() is None:
            self.footer.next_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place_drawer(self, drawer: Drawer | None) -> None:
        if drawer is self._drawer:
            return
        if self._drawer is not None:
            self._drawer.hide()
            self._line.removeWidget(self._drawer)
        self._drawer = drawer
        if drawer is not None:
            self._line.addWidget(drawer)
            if drawer not in self._followed:
                self._followed.append(drawer)
                drawer.opened.connect(self._arrange)
                drawer.closed.connect(self._arrange)

    def set_width(self, width: int) -> None:
        """Follow the window's width, in logical px at 100 % text size."""
        self._width = width
        for page in self._pages.values():
            page.set_width(width)
        self._arrange()

    def zones(self) -> list[QWidget]:
        """Return rail, the page's zones, drawer and footer."""
        drawer = [self._drawer] if self._drawer is not None else []
        return [self.sidebar, *self.page.zones(), *drawer, self.footer]

    def _arrange(self) -> None:
        """Collapse the rail where room is scarce; hide all but the page from the customer."""
        state = self._visit.state
        has_drawer = self._drawer is not None and self._drawer.isVisible()
        is_compact = self._width < NARROW or (self._width < WIDE and has_drawer)
        # Where both have no room beside each other the drawer covers the content (design, chapter 2).
        is_covered = has_drawer and self._width < NARROW and not state.is_customer_view
        if self._drawer is not None:
            self._drawer.fill(is_covered)
        theme.show_or_hide(self._middle, not is_covered)
        theme.show_or_hide(self.sidebar, not state.is_customer_view)
        self.sidebar.setFixedWidth(theme.look().px(COLLAPSED if is_compact else SIDEBAR))
        self.rail.set_compact(is_compact)
        self.sync_foot.set_compact(is_compact)
        for widget in (self._who, self._clock_row):
            theme.show_or_hide(widget, not is_compact)
        for widget in (self._avatar, self._small_clock):
            theme.show_or_hide(widget, is_compact)
        theme.show_or_hide(self._about, not is_compact)
        self._leave.set_words("" if is_compact else _("Today"), name=_("Back to Today"))
        theme.show_or_hide(self.footer, not state.is_customer_view)
        if state.is_customer_view:
            self.toast.hide()
            self.news.hide()
            if self._drawer is not None:
                self._drawer.hide()

    def _build_sidebar(self, leave: Callable[[], object], about: Callable[[], object]) -> None:
        self._leave = Button(_("Today"), "ghost", icon="caret-left", press=leave, name=_("Back to Today"))
        self._about = IconButton("buildings", _("This customer’s page"), about)
        self._customer = ElidedLabel("", "row")
        self._customer_line = ElidedLabel("", "small")
        self._person_line = ElidedLabel("", "tiny")
        self._who = holder(
            column(self._customer, self._customer_line, self._person_line, gap=2, margins=(10, 2, 6, 4))
        )
        self._avatar = Avatar("", 36)
        self._clock = Label("00:00", "row")
        self._clock_label = Label(_("On site"), "tiny")
        self._pause = IconButton("pause", _("Pause the clock"), self._toggle_clock)
        self._clock_row = holder(
            row(
                Icon("timer", "text2", 20),
                Grow(column(self._clock_label, self._clock, gap=0)),
                self._pause,
                gap=10,
                margins=(10, 0, 4, 0),
            )
        )
        self._small_clock = Label("00:00", "tiny", alignment=HCENTRE)
        self.sidebar = holder(
            column(
                row(self._leave, Grow(), self._about, gap=0),
                At(self._avatar, HCENTRE),
                self._who,
                8,
                self.rail,
                Grow(),
                self._small_clock,
                self._clock_row,
                4,
                line(),
                4,
                self.sync_foot,
                gap=2,
                margins=(8, 12, 8, 10),
            ),
            "sidebar",
        )
        self.sidebar.setAccessibleName(_("The visit"))

    def close_pages(self) -> None:
        """Let go of the presenters, before the view goes."""
        self._timer.stop()
        self.release()
        for page in self._pages.values():
            getattr(page, "release", lambda: None)()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what lies over the page above the footer."""
        super().resizeEvent(event)
        self._fit_notice()
        self._place_toast()
        later(self, self._place_toast)  # the footer, and the toast's words, have found their height by then

    def _place_toast(self) -> None:
        width = min(self.width() - 48, theme.look().px(460))
        bottom = self.height() - self.footer.height() - 16
        for toast in (self.toast, self.news):
            if toast.isVisibleTo(self):
                height = (
                    toast.heightForWidth(width) if toast.hasHeightForWidth() else toast.sizeHint().height()
                )
                toast.setGeometry((self.width() - width) // 2, bottom - height, width, height)
                bottom -= height + 8

    def showEvent(self, event: QShowEvent) -> None:
        """Let the clock run on screen, and move the focus to the page's first thing to do."""
        super().showEvent(event)
        self._timer.start()
        focus_first = getattr(self._pages.get(self._visit.state.current), "focus_first", None)
        if focus_first is not None:
            focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking at the clock."""
        super().hideEvent(event)
        self._timer.stop()


def leave_field() -> None:
    """Leave the field in focus, so that what stands in it is told before the next gesture."""
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
