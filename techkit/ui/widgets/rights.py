"""Administrator rights on screen: what they would let techkit read, the disks' self-tests, and how it went."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.rights import DiskRow, RightsState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.turns import later

if TYPE_CHECKING:
    from techkit.ui.presenters.rights import Rights


class RightsCard(QWidget):
    """Reading more with rights, and self-tests; nothing where there is nothing to offer."""

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self._shown: RightsState | None = None
        self._notice = Slot(_banner)
        self._more = Slot(self._make_more)
        self._asked = Slot(self._make_asked)
        self._disks: Rows[tuple[DiskRow, bool]] = Rows(
            self._make_disk, key=lambda item: item[0].disk, has_lines=True
        )
        self._disks_card = Card(
            Label(_("Let a disk test itself"), "row"),
            Label(
                _("The drive reads all of itself and tells what it found. It needs administrator rights."),
                "small",
                wraps=True,
            ),
            self._asked,
            self._disks,
            margins=(16, 13, 14, 13),
        )
        self.setLayout(column(self._notice, self._more, self._disks_card, gap=14))
        self._leave = rights.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._rights.state
        before, self._shown = self._shown, state
        if state == before:
            return
        self._notice.show_item(state.notice)
        self._more.show_item((state.items, state.is_busy) if state.items else None)
        self._asked.show_item(
            (state.asked_disk, state.asked_kind, state.asked_sentence) if state.asked_disk else None
        )
        self._disks.show_items((disk, state.is_busy) for disk in state.disks)
        theme.show_or_hide(self._disks_card, bool(state.disks))
        theme.show_or_hide(self, bool(state.notice or state.items or state.disks))
        if state.notice is not None and (before is None or before.notice != state.notice):
            announce(self, f"{state.notice.title} {state.notice.text}".strip())
        if before is not None and before.asked_disk != state.asked_disk:
            later(self, self._focus_answer)

    def _focus_answer(self) -> None:
        """Move the focus to the customer's answer, and back to the disks once it was given."""
        first = (self._asked if self._rights.state.asked_disk else self._disks).findChild(Button)
        if first is not None and self.isVisible():
            first.setFocus()

    def _make_more(self, shown: tuple[tuple[str, ...], bool]) -> QWidget:
        items, is_busy = shown
        ask = Button(
            _("Waiting for the answer") if is_busy else _("Read more with rights"),
            "outline",
            icon="shield-check",
            press=self._rights.read_more,
        )
        ask.setEnabled(not is_busy)
        return Card(
            row(
                At(IconTile("shield-check", "info", 40, 22), TOP),
                Grow(
                    column(
                        Label(_("Read more with administrator rights"), "row"),
                        Label(
                            _(
                                "Ask the customer first. The system asks for the password, techkit never sees it. Read once:"
                            ),
                            "small",
                            wraps=True,
                        ),
                        *(Label(f"· {item}", "small", wraps=True) for item in items),
                        2,
                        holder(actions(ask)),
                        gap=3,
                    )
                ),
                gap=13,
            ),
            margins=(16, 13, 14, 13),
        )

    def _make_disk(self, shown: tuple[DiskRow, bool]) -> QWidget:
        disk, is_busy = shown
        buttons = [
            Button(disk.short_label, "outline", press=functools.partial(self._rights.ask_test, disk.disk, "short"),
                   name=_("Short self-test of {disk}", disk=disk.title)),
            Button(disk.long_label, "outline", press=functools.partial(self._rights.ask_test, disk.disk, "long"),
                   name=_("Long self-test of {disk}", disk=disk.title)),
            Button(_("Read the result"), "link", icon="arrows-clockwise", press=self._rights.read_test),
        ]  # fmt: skip
        for button in buttons[: 2 if disk.is_under_way else 0] if not is_busy else buttons:
            button.setEnabled(False)
        return holder(
            column(
                Label(disk.title, "strong", wraps=True),
                Label(disk.line, "small", wraps=True),
                holder(actions(*buttons)),
                gap=4,
                margins=(0, 6, 0, 6),
            )
        )

    def _make_asked(self, shown: tuple[str, str, str]) -> QWidget:
        agrees = Button(_("Customer agrees"), "soft", icon="check", press=self._rights.start_test)
        refuses = Button(_("Customer refuses"), "outline", press=self._rights.refuse_test)
        return Card(
            Label(shown[2], "body2", wraps=True), holder(actions(agrees, refuses)), kind="soft", margins=12
        )


def _banner(notice: Notice) -> QWidget:
    return Banner(notice.kind, notice.title, notice.text)
