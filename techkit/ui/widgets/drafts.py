"""What the computer shows as drafts: ticked where certain, each with its reason and its proof."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from techkit.i18n import N_, _
from techkit.ui import theme
from techkit.ui.controls import Tick
from techkit.ui.presenters.drafting import Drafting, DraftRow
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card, IconTile, Tag
from techkit.ui.widgets.flowing import beside
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Rows

#: confidence -> tag tone and word; what is certain needs no word.
_WORDS = {"asked": ("watch", N_("Please look")), "self_update": ("none", N_("Changed by itself"))}


class DraftsCard(Card):
    """The drafts of one step, with one button that adds the ticked ones (Alt+D)."""

    def __init__(self, drafting: Drafting) -> None:
        self._drafting = drafting
        self._title = Label(_("Seen on this computer"), "section", wraps=True)
        self._rows: Rows[DraftRow] = Rows(self._make_row, key=lambda item: item.key, has_lines=True)
        self._add = Button("", "soft", icon="plus", press=drafting.add, shortcut="Alt+D")
        super().__init__(
            row(
                At(Icon("sparkle", "accentText", 22, "fill"), TOP),
                Grow(
                    beside(
                        column(
                            self._title,
                            Label(
                                _("Drafts only. Nothing is recorded until you add it."), "small", wraps=True
                            ),
                            gap=2,
                        ),
                        self._add,
                    )
                ),
                gap=10,
            ),
            self._rows,
            margins=18,
        )

    def show_drafts(self, title: str, drafts: tuple[DraftRow, ...], add_label: str, *, may_add: bool) -> None:
        """Show the drafts; title "" keeps the usual one."""
        self._title.setText(title or _("Seen on this computer"))
        self._rows.show_items(drafts)
        self._add.set_words(add_label or _("Add drafts"), shortcut="Alt+D")
        theme.show_or_hide(self._add, bool(drafts))
        self._add.setEnabled(may_add)

    def _make_row(self, draft: DraftRow) -> QWidget:
        tick = Tick("", name=draft.title if draft.takes_out else _("Add: {title}", title=draft.title))
        tick.setChecked(draft.is_ticked)
        tick.clicked.connect(lambda: self._drafting.toggle(draft.key))
        words: QWidget | None = None
        if draft.confidence in _WORDS:
            tone, text = _WORDS[draft.confidence]
            words = Tag(_(text), tone)
        away = _("Not our work: {title}", title=draft.title)
        if draft.takes_out:
            away = _("Leave it: {title}", title=draft.takes_out)
        not_ours = IconButton("x", away, lambda: self._drafting.not_ours(draft.key))
        told = column(
            Label(draft.title, "strong", wraps=True),
            Label(" · ".join(part for part in (draft.line, draft.computer) if part), "small", wraps=True),
            Label(draft.proof_line, "small", wraps=True, tone="ok") if draft.proof_line else None,
            Label(draft.reason, "tiny", wraps=True) if draft.reason else None,
            gap=1,
        )
        return holder(
            row(
                At(tick, TOP),
                At(IconTile(draft.icon, "accent", 34, 19), TOP),
                Grow(beside(told, words) if words is not None else told),
                At(not_ours, MIDDLE),
                gap=12,
                margins=(0, 7, 0, 7),
            )
        )
