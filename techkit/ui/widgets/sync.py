"""The sync panel: what waits, what was sent, what arrived, questions from the office, conflicts.

A sync never blocks a page and never moves the focus.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from techkit.i18n import _
from techkit.sync.carrier import ANSWER_SUFFIX, JOBS_SUFFIX, PACKAGE_SUFFIX
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, TextEdit
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.disputes import Dispute
from techkit.ui.presenters.sync_words import LeavingRow, QueryRow, QueueRow, SyncState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag
from techkit.ui.widgets.disputes import DisputeView
from techkit.ui.widgets.focus import has_focus_inside
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.pages import Footer, Page
from techkit.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from techkit.ui.presenters.sync import Sync

#: Rows of the queue shown; beyond them a line says how many more there are.
_ROWS_SHOWN = 40

_STATES = {
    "sent": ("check-circle", "ok", "fill"),
    "waiting": ("clock", "text3", "regular"),
    "sending": ("cloud-arrow-up", "accentText", "regular"),
    "decision": ("git-merge", "watch", "bold"),
}


def _page_line() -> str:
    return _("What waits on this device, what was sent, and what needs your decision.")


_RECENT = {
    "ok": ("check-circle", "ok"),
    "off": ("cloud-slash", "none"),
    "bad": ("warning-octagon", "bad"),
}
_TONES = {"decision": "watch", "waiting": "text2"}


class SyncPage(Page):
    """The panel of the place "Sync"."""

    def __init__(self, sync: Sync, search: Callable[[], object] | None) -> None:
        super().__init__(_("Sync"), _page_line(), search=search)
        self._sync = sync
        self._shown: SyncState | None = None
        self._now = self.add_action(
            Button(_("Sync now"), icon="arrows-clockwise", press=sync.now, shortcut="Ctrl+Shift+S")
        )
        self._pause = self.add_action(Button(_("Pause"), icon="pause", press=self._toggle))
        self._build_enrolment()
        self._build_progress()
        self._notices = Rows(self._make_notice, gap=10)
        self._queries = Rows(self._make_query, key=lambda item: item.id, gap=10)
        self._disputes = Rows(self._make_dispute, key=lambda item: item.id, gap=8)
        self._dispute = DisputeView(sync.decisions)
        self._footer = Footer(sync.decisions.later, self._settle)
        self._footer.show_back(_("Decide later"))
        self._footer.show_next(_("Use this result"))
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, self._settle)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.set_footer(self._footer)
        self._queue = Rows(self._make_queue_row, key=lambda item: item.id, gap=1, at_once=0)
        self._more = Label("", "tiny")
        self._queue_card = Card(
            row(
                Grow(Label(_("Queue"), "row")),
                Label(_("Order: signatures and status first, large files last"), "tiny"),
                margins=(10, 2, 10, 2),
            ),
            line(),
            self._queue,
            self._more,
            margins=8,
            gap=4,
        )
        self._leaving = Rows(self._make_leaving, key=lambda item: item.id, gap=1, at_once=0)
        self._leaving_line = Label("", "small", wraps=True)
        self._leaving_card = Card(
            Label(_("Leaves this stick"), "row"), self._leaving_line, self._leaving, margins=14, gap=6
        )
        self._gone = Rows(self._make_gone, key=lambda item: item.id, gap=1, at_once=0)
        self._gone_card = Card(
            Label(_("At the office only"), "row"),
            Label(_("These visits left this stick. Fetch one to read it here again."), "small", wraps=True),
            self._gone,
            margins=14,
            gap=6,
        )
        for part in (
            self._progress,
            self._enrolment,
            self._notices,
            self._queries,
            self._disputes,
            self._queue_card,
            self._leaving_card,
            self._gone_card,
            self._dispute,
        ):
            self.body.addWidget(part)
        self._build_right()
        self.follow(sync.changed)

    def _build_enrolment(self) -> None:
        self._code = LineEdit(name=_("Enrolment code"))
        self._code.setPlaceholderText("https://")
        self._code.returnPressed.connect(self._enrol)
        self._code_box = FieldBox(
            _("Enrolment code"),
            self._code,
            hint=_(
                "The line the office gave you: it names the service, its fingerprint and a code that works once."
            ),
        )
        self._code_title = Label("", "section", wraps=True)
        self._code_line = Label("", "small", wraps=True)
        self._enrol_button = Button(_("Connect"), "primary", icon="plugs-connected", press=self._enrol)
        self._enrolment = Card(
            row(
                At(IconTile("plugs", "accent", 52, 28), TOP),
                Grow(
                    column(
                        self._code_title,
                        self._code_line,
                        6,
                        self._code_box,
                        6,
                        row(Grow(), self._enrol_button),
                        gap=3,
                    )
                ),
                gap=16,
            ),
            margins=18,
        )

    def _build_progress(self) -> None:
        self._tile = IconTile("cloud-arrow-up", "accent", 52, 28)
        self._state_title = Label("", "section", wraps=True)
        self._bytes = Label("", "small_strong")
        self._meter = Meter(_("Sync"))
        self._state_line = Label("", "small", wraps=True)
        self._progress = Card(
            row(
                At(self._tile, MIDDLE),
                Grow(
                    column(
                        Grow(),
                        row(Grow(self._state_title), self._bytes),
                        self._meter,
                        self._state_line,
                        Grow(),
                        gap=6,
                    )
                ),
                gap=16,
            ),
            margins=18,
        )

    def _build_right(self) -> None:
        self._received = Rows(self._make_received, gap=9)
        self._last = Label("", "tiny", wraps=True)
        self._recent = Rows(self._make_recent, gap=8)
        self._received_card = Card(
            Label(_("Received from the office"), "row", wraps=True),
            self._received,
            self._last,
            margins=14,
            gap=9,
        )
        self._recent_card = Card(Label(_("Recently"), "row"), self._recent, margins=14, gap=8)
        safe = Card(
            row(
                At(Icon("shield-check", "ok", 22, "fill"), TOP),
                Grow(
                    column(
                        Label(_("Safe on this device"), "strong"),
                        Label(
                            _(
                                "Everything is encrypted with your passphrase. The office can refuse this "
                                "device: it then stops syncing, which does not erase a lost stick."
                            ),
                            "small",
                            wraps=True,
                        ),
                        gap=2,
                    )
                ),
                gap=10,
            ),
            kind="soft",
            margins=14,
        )
        self._by_file = Card(
            Label(_("Without a network"), "row"),
            Label(
                _("What waits goes to the office on a stick, and what it sends comes back on it."),
                "small",
                wraps=True,
            ),
            Button(_("Write a package file"), icon="usb", press=self._write_package),
            Button(_("Use a file"), icon="file-arrow-up", press=self._use_file),
            margins=14,
            gap=8,
        )
        for part in (self._received_card, self._recent_card, self._by_file, safe):
            self.right.addWidget(part)

    # --- gestures

    def _toggle(self) -> None:
        if self._sync.state.is_paused:
            self._sync.resume()
        else:
            self._sync.pause()

    def _enrol(self) -> None:
        self._sync.enrol(self._code.text())

    # --- what is shown

    @property
    def focus_first(self) -> Callable[[], None] | None:
        """Return what gives the keyboard to the code the office gave; None where no code is asked for."""
        return self._code.setFocus if self._sync.state.code_title else None

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._sync.state
        before, self._shown = self._shown, state
        if state == before:
            return
        is_enrolled = state.status != "not_enrolled"
        asks_code = bool(state.code_title)
        is_focus_going = not asks_code and has_focus_inside(self._enrolment)
        theme.show_or_hide(self._enrolment, asks_code)
        self._code_title.setText(state.code_title)
        self._code_line.setText(state.code_line)
        self._code_box.show_error(state.error if asks_code else "")
        if not asks_code:
            self._code.clear()
        theme.show_or_hide(self._progress, is_enrolled)
        self._pause.set_words(_("Go on") if state.is_paused else _("Pause"))
        self._pause.set_icon("play" if state.is_paused else "pause")
        self._state_title.setText(state.title)
        self._bytes.setText(state.bytes_line)
        self._meter.set_share(state.share)
        theme.show_or_hide(self._meter, state.status == "sending")
        self._state_line.setText(state.line)
        icon, tone = {
            "sending": ("cloud-arrow-up", "accent"),
            "done": ("cloud-check", "ok"),
            "refused": ("cloud-warning", "watch"),
            "partial": ("cloud-warning", "watch"),
        }.get(state.status, ("cloud-slash", "none"))
        self._tile.set_icon(icon, tone)
        self._notices.show_items(state.notices)
        theme.show_or_hide(self._notices, bool(state.notices))
        self._queries.show_items(state.queries)
        theme.show_or_hide(self._queries, bool(state.queries))
        self._disputes.show_items(state.disputes)
        theme.show_or_hide(self._disputes, bool(state.disputes))
        self._queue.show_items(state.queue[:_ROWS_SHOWN])
        left_out = max(0, len(state.queue) - _ROWS_SHOWN) + state.queue_more
        self._more.setText(_("… and {n} more", n=left_out) if left_out > 0 else "")
        theme.show_or_hide(self._more, left_out > 0)
        theme.show_or_hide(self._queue_card, bool(state.queue))
        self._leaving_line.setText(state.leaving_line)
        self._leaving.show_items(state.leaving[:_ROWS_SHOWN])
        theme.show_or_hide(self._leaving_card, bool(state.leaving))
        self._gone.show_items(state.gone[:_ROWS_SHOWN])
        theme.show_or_hide(self._gone_card, bool(state.gone))
        self._received.show_items(state.received)
        self._last.setText(state.last_line)
        theme.show_or_hide(self._received_card, bool(state.received or state.last_line))
        self._recent.show_items(state.recent)
        theme.show_or_hide(self._recent_card, bool(state.recent))
        self._show_dispute(state)
        if is_focus_going:
            self._now.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would go on in the sidebar
        if before is not None and before.status == "sending" and state.status == "done" and self.isVisible():
            announce(self, state.title)

    def _show_dispute(self, state: SyncState) -> None:
        """Show one record's versions instead of the panel, or the panel again."""
        looked_at = next((one for one in state.disputes if one.id == state.deciding), None)
        is_deciding = looked_at is not None
        theme.show_or_hide(self._dispute, is_deciding)
        theme.show_or_hide(self._footer, is_deciding)
        if self._right_holder is not None:
            theme.show_or_hide(self._right_holder, not is_deciding)
        is_enrolled = state.status != "not_enrolled"
        for action in (self._now, self._pause):
            theme.show_or_hide(action, is_enrolled and not is_deciding)
        theme.show_or_hide(self._by_file, is_enrolled)
        if looked_at is None:
            self._dispute.forget()
            self.set_heading(_("Sync"), _page_line())
            return
        for part in (
            self._progress, self._notices, self._queries, self._disputes, self._queue_card, self._enrolment,
            self._leaving_card, self._gone_card,
        ):  # fmt: skip
            theme.show_or_hide(part, is_shown=False)
        place = [one.id for one in state.disputes].index(looked_at.id) + 1
        which = _("{n} of {count}", n=place, count=len(state.disputes))
        self.set_heading(_("Changed in two places"), f"{looked_at.title} · {which}")
        self._dispute.show_dispute(looked_at)

    def _settle(self) -> None:
        if self._sync.state.deciding:
            self._dispute.settle()

    def _write_package(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self, _("Write a package file"), f"techkit{PACKAGE_SUFFIX}", f"techkit (*{PACKAGE_SUFFIX})"
        )
        if path:
            self._sync.export_package(Path(path))

    def _use_file(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(
            self, _("Use a file from the office"), "", f"techkit (*{ANSWER_SUFFIX} *{JOBS_SUFFIX})"
        )
        if path:
            self._sync.import_package(Path(path))

    def _make_notice(self, notice: Notice) -> QWidget:
        buttons = []
        if notice.action_label:
            # A notice's action is the name of what the technician may do about it.
            buttons.append(Button(notice.action_label, press=getattr(self._sync, notice.action)))
        return Banner(notice.kind, notice.title, notice.text, *buttons)

    def _make_query(self, query: QueryRow) -> QWidget:
        answer = TextEdit(query.answer, name=_("Your answer"), lines=2)
        for told in (answer.typing, answer.left):
            told.connect(functools.partial(self._sync.type_answer, query.id))
        send = Button(_("Answer"), "soft", icon="paper-plane-right")
        send.clicked.connect(lambda: self._sync.answer(query.id, answer.text()))
        tag = (
            Tag(_("Answered"), "ok", "check-circle")
            if query.is_answered
            else Tag(_("A question"), "watch", "question")
        )
        return Card(
            row(
                At(IconTile("chat-circle-text", "accent", 40, 22), TOP),
                Grow(
                    column(
                        row(Grow(Label(query.question, "row", wraps=True)), At(tag, TOP)),
                        Label(" · ".join(p for p in (query.visit, query.about) if p), "small", wraps=True),
                        Label(query.asked_line, "tiny", wraps=True),
                        4,
                        answer if not query.is_answered else Label(query.answer, "body", wraps=True),
                        row(Grow(), send) if not query.is_answered else None,
                        gap=3,
                    )
                ),
                gap=12,
            ),
            margins=(14, 12, 14, 12),
        )

    def _make_dispute(self, dispute: Dispute) -> QWidget:
        word = _("Left to the office") if dispute.is_left else _("Your decision")
        shown = PressRow(
            Icon("git-merge", "text3" if dispute.is_left else "watch", 20, "bold"),
            Grow(
                column(
                    ElidedLabel(dispute.title, "strong"),
                    ElidedLabel(", ".join(field.label for field in dispute.fields), "tiny"),
                    gap=1,
                )
            ),
            Label(word, "small_strong", tone="" if dispute.is_left else "watch"),
            name=f"{dispute.title}. {word}",
            press=lambda: self._sync.decisions.look_at(dispute.id),
        )
        return Card(shown, margins=4)

    def _make_queue_row(self, item: QueueRow) -> QWidget:
        words = column(
            ElidedLabel(item.title, "strong"),
            # Why the office refused it is read whole, however narrow the window.
            Label(item.line, "tiny", wraps=True)
            if item.state == "decision"
            else ElidedLabel(item.line, "tiny"),
            Label(item.advice, "small", wraps=True) if item.advice else None,
            gap=1,
        )
        if item.state == "sending" and item.share:
            meter = Meter(item.title, item.share, height=6)
            meter.setFixedWidth(theme.look().px(110))
            state = row(meter, Label(item.word, "small_strong"), gap=8)
        else:
            icon, colour, weight = _STATES.get(item.state, _STATES["waiting"])
            state = row(
                Icon(icon, colour, 18, weight),
                Label(item.word, "small_strong", tone=_TONES.get(item.state, "")),
                gap=5,
            )
        made = holder(row(Icon(item.icon, "text2", 20), Grow(words), state, gap=12, margins=(10, 6, 12, 6)))
        made.setAccessibleName(
            " ".join(f"{p}." for p in (item.title, item.line, item.word, item.advice) if p)
        )
        return made

    def _make_leaving(self, item: LeavingRow) -> QWidget:
        made = holder(
            row(
                Icon("clipboard-text", "text2", 20),
                Grow(column(ElidedLabel(item.title, "strong"), ElidedLabel(item.line, "tiny"), gap=1)),
                Label(item.word, "small_strong"),
                gap=12,
                margins=(0, 6, 0, 6),
            )
        )
        made.setAccessibleName(f"{item.title}. {item.line}. {item.word}")
        return made

    def _make_gone(self, item: LeavingRow) -> QWidget:
        fetch = Button(_("Fetch"), icon="cloud-arrow-down", press=lambda: self._sync.fetch_visit(item.id))
        fetch.setAccessibleName(_("Fetch {what}", what=item.title))
        return holder(
            row(
                Icon("clipboard-text", "text2", 20),
                Grow(column(ElidedLabel(item.title, "strong"), ElidedLabel(item.line, "tiny"), gap=1)),
                fetch,
                gap=12,
                margins=(0, 6, 0, 6),
            )
        )

    def _make_received(self, item: tuple[str, str, int]) -> QWidget:
        icon, words, count = item
        return holder(
            row(
                Icon(icon, "text2", 20), Grow(Label(words, "body")), Label(str(count), "small_strong"), gap=10
            )
        )

    def _make_recent(self, item: tuple[str, str, str]) -> QWidget:
        kind, words, when = item
        icon, colour = _RECENT.get(kind, _RECENT["off"])
        return holder(
            row(
                At(Icon(icon, colour, 18, "fill"), TOP),
                Grow(Label(words, "small", wraps=True)),
                At(Label(when, "tiny"), TOP),
                gap=8,
            )
        )
