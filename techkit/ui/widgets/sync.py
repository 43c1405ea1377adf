"""The sync panel: what waits, what was sent, what arrived, questions from the office, conflicts.

Sync never blocks a page and never moves the focus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.forms import FieldBox, LineEdit, TextEdit
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.sync import ConflictRow, QueryRow, QueueRow, SyncState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, Rows, column, holder, line, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile, Tag
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.pages import Page

if TYPE_CHECKING:
    from techkit.ui.presenters.sync import Sync

#: Rows of the queue shown; beyond them a line says how many more there are.
_ROWS_SHOWN = 40

_STATES = {
    "sent": ("check-circle", "ok", "fill"),
    "waiting": ("clock", "text3", "regular"),
    "decision": ("git-merge", "watch", "bold"),
    "retry": ("warning-octagon", "bad", "fill"),
}
_RECENT = {
    "ok": ("check-circle", "ok"),
    "off": ("cloud-slash", "none"),
    "bad": ("warning-octagon", "bad"),
}
_TONES = {"decision": "watch", "retry": "bad", "waiting": "text2"}


class SyncPage(Page):
    """The panel of the place "Sync"."""

    def __init__(self, sync: Sync, search: Callable[[], object] | None) -> None:
        super().__init__(
            _("Sync"),
            _("What waits on this device, what was sent, and what needs your decision."),
            search=search,
        )
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
        self._conflicts = Rows(self._make_conflict, key=lambda item: item.id, gap=10)
        self._queue = Rows(self._make_queue_row, key=lambda item: item.id, gap=1)
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
        for part in (
            self._enrolment,
            self._progress,
            self._notices,
            self._queries,
            self._conflicts,
            self._queue_card,
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
        self._enrol_button = Button(_("Connect"), "primary", icon="plugs-connected", press=self._enrol)
        self._enrolment = Card(
            row(
                At(IconTile("plugs", "accent", 52, 28), TOP),
                Grow(
                    column(
                        Label(_("Connect this device to your organisation"), "section", wraps=True),
                        Label(
                            _(
                                "Everything works without it. Visits are sent once the office knows this device."
                            ),
                            "small",
                            wraps=True,
                        ),
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
        self._title = Label("", "section", wraps=True)
        self._bytes = Label("", "small_strong")
        self._meter = Meter(_("Sync"))
        self._line = Label("", "small", wraps=True)
        self._progress = Card(
            row(
                At(self._tile, MIDDLE),
                Grow(
                    column(
                        Grow(),
                        row(Grow(self._title), self._bytes),
                        self._meter,
                        self._line,
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
        for part in (self._received_card, self._recent_card, safe):
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

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._sync.state
        before, self._shown = self._shown, state
        if state == before:
            return
        is_enrolled = state.status != "not_enrolled"
        theme.show_or_hide(self._enrolment, not is_enrolled)
        self._code_box.show_error("" if is_enrolled else state.error)
        theme.show_or_hide(self._progress, is_enrolled)
        theme.show_or_hide(self._now, is_enrolled)
        theme.show_or_hide(self._pause, is_enrolled)
        self._pause.set_words(_("Go on") if state.is_paused else _("Pause"))
        self._pause.set_icon("play" if state.is_paused else "pause")
        self._title.setText(state.title)
        self._bytes.setText(state.bytes_line)
        self._meter.set_share(state.share)
        theme.show_or_hide(self._meter, state.status == "sending")
        self._line.setText(state.line)
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
        self._conflicts.show_items(state.conflicts)
        theme.show_or_hide(self._conflicts, bool(state.conflicts))
        self._queue.show_items(state.queue[:_ROWS_SHOWN])
        left_out = len(state.queue) - _ROWS_SHOWN
        self._more.setText(_("… and {n} more", n=left_out) if left_out > 0 else "")
        theme.show_or_hide(self._more, left_out > 0)
        theme.show_or_hide(self._queue_card, bool(state.queue))
        self._received.show_items(state.received)
        self._last.setText(state.last_line)
        theme.show_or_hide(self._received_card, bool(state.received or state.last_line))
        self._recent.show_items(state.recent)
        theme.show_or_hide(self._recent_card, bool(state.recent))
        if before is not None and before.status == "sending" and state.status == "done":
            announce(self, state.title)

    def _make_notice(self, notice: Notice) -> QWidget:
        buttons = []
        if notice.action_label:
            # A notice's action is the name of what the technician may do about it.
            buttons.append(Button(notice.action_label, press=getattr(self._sync, notice.action)))
        return Banner(notice.kind, notice.title, notice.text, *buttons)

    def _make_query(self, query: QueryRow) -> QWidget:
        answer = TextEdit(query.answer, name=_("Your answer"), lines=2)
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

    def _make_conflict(self, conflict: ConflictRow) -> QWidget:
        sides = row(gap=12)
        for side, value, who in (
            ("ours", conflict.ours, conflict.ours_line),
            ("theirs", conflict.theirs, conflict.theirs_line),
        ):
            is_ours = side == "ours"
            keep = Button(_("Keep mine") if is_ours else _("Keep the office’s"))
            keep.clicked.connect(lambda _on=False, s=side: self._sync.decide(conflict.id, s))
            sides.addWidget(
                Card(
                    Label(_("On this device") if is_ours else _("From the office"), "small_strong"),
                    Label(who, "tiny", wraps=True),
                    Label(value, "body", wraps=True),
                    Grow(),
                    row(Grow(), keep),
                    kind="option",
                    margins=12,
                    gap=4,
                )
            )
        return Card(
            row(
                At(Icon("git-merge", "watch", 22, "bold"), TOP),
                Grow(
                    column(
                        Label(_("Changed in two places"), "row", wraps=True),
                        Label(f"{conflict.title} · {conflict.field}", "small", wraps=True),
                        gap=1,
                    )
                ),
                gap=10,
            ),
            sides,
            Label(
                _("Nothing is thrown away: the version you do not choose stays in the history."),
                "tiny",
                wraps=True,
            ),
            margins=14,
        )

    def _make_queue_row(self, item: QueueRow) -> QWidget:
        words = column(ElidedLabel(item.title, "strong"), ElidedLabel(item.line, "tiny"), gap=1)
        if item.state == "sending":
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
        made.setAccessibleName(f"{item.title}. {item.line}. {item.word}")
        return made

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
                Icon(icon, colour, 18, "fill"),
                Grow(Label(words, "small", wraps=True)),
                Label(when, "tiny"),
                gap=8,
            )
        )
