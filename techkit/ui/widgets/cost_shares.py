"""Which cost centre bears what part of a visit: a field for each, and what does not add up."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit
from techkit.ui.presenters.need import ShareRow
from techkit.ui.widgets.boxes import TOP, At, Grow, clear, column, holder, row
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label

if TYPE_CHECKING:
    from techkit.ui.presenters.need import Need

_FIELD_PX = 80


class SharesCard(Card):
    """The customer's cost centres with their shares; the fields stay while they are typed in."""

    def __init__(self, need: Need) -> None:
        self._need = need
        self._labels: tuple[tuple[str, str], ...] = ()
        self._rows: dict[str, _Share] = {}
        self._list = column(gap=8)
        self._sum = Label("", "small", wraps=True, tone="watch")
        super().__init__(
            Label(_("Cost centres"), "caption"),
            Label(
                _("What each bears of this visit. Work shows what that leaves in its budget."),
                "small",
                wraps=True,
            ),
            holder(self._list),
            self._sum,
            gap=8,
        )

    def show_shares(self, shares: tuple[ShareRow, ...], sum_line: str, *, is_locked: bool) -> None:
        """Show the shares; nothing where the customer has no cost centres."""
        theme.show_or_hide(self, bool(shares))
        labels = tuple((share.cost_centre_id, share.label) for share in shares)
        if labels != self._labels:
            self._labels = labels
            clear(self._list)
            self._rows = {share.cost_centre_id: _Share(share, self._need) for share in shares}
            for made in self._rows.values():
                self._list.addWidget(made)
        for share in shares:
            self._rows[share.cost_centre_id].show_share(share, is_locked=is_locked)
        self._sum.setText(sum_line)
        theme.show_or_hide(self._sum, bool(sum_line))

    def focus_share(self, cost_centre_id: str) -> None:
        """Move the focus to a cost centre's field."""
        if cost_centre_id in self._rows:
            self._rows[cost_centre_id].field.setFocus(Qt.FocusReason.OtherFocusReason)


class _Share(QWidget):
    def __init__(self, share: ShareRow, need: Need) -> None:
        super().__init__()
        self.field = LineEdit(name=_("Share of {centre} in percent", centre=share.label))
        self.field.setFixedWidth(theme.look().px(_FIELD_PX))
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.left.connect(functools.partial(need.set_share, share.cost_centre_id))
        self._error_text = Label("", "small", wraps=True, tone="bad")
        self._error = holder(row(At(Icon("warning-circle", "bad", 16), TOP), Grow(self._error_text), gap=6))
        self.setLayout(
            column(
                row(Grow(ElidedLabel(share.label, "small_strong")), self.field, Label("%", "small"), gap=8),
                self._error,
                gap=4,
            )
        )

    def show_share(self, share: ShareRow, *, is_locked: bool) -> None:
        """Show the share; what could not be read stays as it was typed, with the reason under it."""
        if not share.error:
            self.field.set_text(share.percent)
        self.field.setReadOnly(is_locked)
        self.field.setAccessibleDescription(share.error)
        theme.set_property(self.field, "wrong", "true" if share.error else "false")
        self._error_text.setText(share.error)
        theme.show_or_hide(self._error, bool(share.error))
