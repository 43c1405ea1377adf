"""Which cost centre bears what part of a visit: a field for each, and what does not add up."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.cost_shares import OtherCentres, ShareRow
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.finder import Finder
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label

if TYPE_CHECKING:
    from techkit.ui.presenters.cost_shares import CostShares

_FIELD_PX = 80


class SharesCard(Card):
    """The customer's cost centres with their shares; the fields stay while they are typed in.

    Where there are many, those that bear something, and a field to find the others.
    """

    def __init__(self, shares: CostShares) -> None:
        self._shares = shares
        self._labels: tuple[tuple[str, str], ...] = ()
        self._rows: dict[str, _Share] = {}
        self._list = column(gap=8)
        self._sum = Label("", "small", wraps=True, tone="watch")
        self._others: Finder[Choice] = Finder(_("Another cost centre"), _("Code or name"), self._make_other)
        self._others.typed.connect(shares.find)
        self._others.first_taken.connect(self._take_first)
        self._found: tuple[Choice, ...] = ()
        super().__init__(
            Label(_("Cost centres"), "caption"),
            Label(
                _("What each bears of this visit. Work shows what that leaves in its budget."),
                "small",
                wraps=True,
            ),
            holder(self._list),
            self._sum,
            self._others,
            gap=8,
        )

    def show_shares(
        self,
        shares: tuple[ShareRow, ...],
        sum_line: str,
        others: OtherCentres | None,
        *,
        is_locked: bool,
    ) -> None:
        """Show the shares; nothing where the customer has no cost centres."""
        theme.show_or_hide(self, bool(shares) or others is not None)
        labels = tuple((share.cost_centre_id, share.label) for share in shares)
        if labels != self._labels:
            self._labels = labels
            self._make_rows(shares)
        for share in shares:
            self._rows[share.cost_centre_id].show_share(share, is_locked=is_locked)
        self._sum.setText(sum_line)
        theme.show_or_hide(self._sum, bool(sum_line))
        theme.show_or_hide(self._others, others is not None and not is_locked)
        if others is not None:
            self._found = others.found
            self._others.show_found(others.text, others.found, others.line)

    def focus_share(self, cost_centre_id: str) -> None:
        """Move the focus to a cost centre's field."""
        if cost_centre_id in self._rows:
            self._rows[cost_centre_id].field.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_others(self) -> None:
        """Move the focus to the field that finds another cost centre."""
        self._others.focus_first()

    def _make_rows(self, shares: tuple[ShareRow, ...]) -> None:
        """Lay the rows anew; one that is there already keeps its field, with what is typed and the focus."""
        before, self._rows = {(held.label, key): held for key, held in self._rows.items()}, {}
        for share in shares:
            held = before.pop((share.label, share.cost_centre_id), None)
            self._rows[share.cost_centre_id] = held or _Share(share, self._shares)
        for gone in before.values():
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, made in enumerate(self._rows.values()):
            self._list.insertWidget(place, made)
            made.show()

    def _take_first(self) -> None:
        if self._found:
            self._take(self._found[0].value)

    def _take(self, cost_centre_id: str) -> None:
        self._shares.take(cost_centre_id)
        self.focus_share(cost_centre_id)

    def _make_other(self, centre: Choice) -> QWidget:
        return PressRow(
            Icon("plus", "accentText", 18),
            Grow(Label(centre.label, "small_strong", wraps=True)),
            name=centre.label,
            press=functools.partial(self._take, centre.value),
            margins=(6, 5, 6, 5),
            gap=10,
        )


class _Share(QWidget):
    def __init__(self, share: ShareRow, shares: CostShares) -> None:
        super().__init__()
        self.label = share.label
        self.field = LineEdit(name=_("Share of {centre} in percent", centre=share.label))
        self.field.setFixedWidth(theme.look().px(_FIELD_PX))
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.left.connect(functools.partial(shares.set_share, share.cost_centre_id))
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
        self.field.set_text(share.percent)
        self.field.setReadOnly(is_locked)
        self.field.setAccessibleDescription(share.error)
        theme.set_property(self.field, "wrong", "true" if share.error else "false")
        self._error_text.setText(share.error)
        theme.show_or_hide(self._error, bool(share.error))
