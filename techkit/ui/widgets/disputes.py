"""One record that was changed in two places: each field with both versions, chosen ones marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit, TextEdit
from techkit.ui.presenters.disputes import JOINED, Dispute, DisputedField, Version
from techkit.ui.widgets.boxes import TOP, At, Grow, clear, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.flowing import Flow, Fold
from techkit.ui.widgets.labels import Icon, Label

if TYPE_CHECKING:
    from techkit.ui.presenters.decisions import Decisions

#: Width of the column with the fields' names, and the least of a version, in logical px.
_NAME_WIDTH, _OPTION_WIDTH = 116, 240


class _Option(PressRow):
    """One version to choose: a round mark, who and when, the whole value, the word "chosen"."""

    def __init__(self, version: Version, decisions: Decisions, field: DisputedField) -> None:
        self._mark = Icon("circle", "text3", 22)
        self._chosen = Label(_("chosen"), "small_strong", tone="accentText")
        super().__init__(
            At(self._mark, TOP),
            Grow(
                column(
                    row(Grow(Label(version.title, "small_strong", wraps=True)), At(self._chosen, TOP)),
                    Label(version.line, "tiny", wraps=True) if version.line else None,
                    Label(version.text, "body", wraps=True) if version.text else None,
                    gap=2,
                )
            ),
            name="",
            press=lambda: decisions.choose(field.id, version.id),
        )
        self.frame = Card(self, kind="option", margins=2)
        self._words = f"{field.label}: {version.title}, {version.line}. {version.text}"

    def show_chosen(self, *, is_chosen: bool) -> None:
        """Mark the version as chosen or not, for the eye and for a screen reader."""
        name, tone, weight = (
            ("radio-button", "accentText", "fill") if is_chosen else ("circle", "text3", "regular")
        )
        self._mark.set_icon(name, tone, weight)
        theme.show_or_hide(self._chosen, is_chosen)
        self.set_selected(is_chosen)
        self.frame.set_kind("selected" if is_chosen else "option")
        chosen = _("Chosen")
        self.setAccessibleName(f"{self._words}. {chosen}" if is_chosen else self._words)


class _Joined(QWidget):
    """The text that joins both versions; choosing it and tidying it up."""

    def __init__(self, decisions: Decisions, field: DisputedField) -> None:
        super().__init__()
        self._decisions, self._id = decisions, field.id
        joined = Version(id=JOINED, title=_("Join both; please tidy the text up"), line="", text="")
        self.option = _Option(joined, decisions, field)
        self._text = TextEdit(field.joined or "", name=_("{field}: joined text", field=field.label), lines=2)
        for told in (self._text.typing, self._text.left):
            told.connect(lambda text: decisions.write_joined(field.id, text))
        self.setLayout(column(self.option.frame, self._text, gap=4))

    def show_field(self, field: DisputedField) -> None:
        """Show the text and whether it is chosen."""
        self._text.set_text(field.joined or "")
        self.option.show_chosen(is_chosen=field.is_joined)
        theme.show_or_hide(self._text, field.is_joined)

    def tell(self) -> None:
        """Tell what is typed and not yet told, before the result is used."""
        if not self._text.isHidden() and self._text.document().isModified():
            self._decisions.write_joined(self._id, self._text.text())


class _Field(QWidget):
    """One field: its name, its versions, and the text that joins them."""

    def __init__(self, decisions: Decisions, field: DisputedField) -> None:
        super().__init__()
        self.key = (field.id, tuple((v.id, v.text) for v in field.versions), field.joined is None)
        self._options = {version.id: _Option(version, decisions, field) for version in field.versions}
        self.joined = None if field.joined is None else _Joined(decisions, field)
        name = Label(field.label, "row", wraps=True)
        options = list(self._options.values())
        pairs = [
            Fold(*((option.frame, 1, _OPTION_WIDTH) for option in options[at : at + 2]), gap=12)
            for at in range(0, len(options), 2)
        ]
        versions = holder(column(*pairs, self.joined, gap=8))
        self.setLayout(Fold((name, 0, _NAME_WIDTH), (versions, 1, 2 * _OPTION_WIDTH + 12), gap=12))
        self.show_field(field)

    def show_field(self, field: DisputedField) -> None:
        """Mark what is chosen."""
        for version in field.versions:
            self._options[version.id].show_chosen(is_chosen=version.is_chosen)
        if self.joined is not None:
            self.joined.show_field(field)

    def first(self) -> QWidget:
        """Return what takes the focus when the record is opened."""
        return next(iter(self._options.values()))


class DisputeView(QWidget):
    """One record's versions, all at once or field by field, and the result in one line."""

    def __init__(self, decisions: Decisions) -> None:
        super().__init__()
        self._decisions = decisions
        self._shown = ""
        self._fields: list[_Field] = []
        self._ours = Button(_("Keep mine"), press=lambda: decisions.choose_all(ours=True))
        self._theirs = Button(_("Keep the other’s"), press=lambda: decisions.choose_all(ours=False))
        self._leave = Button(_("Leave it to the office"), icon="chat-circle-text", press=self._leave_it)
        self._word = LineEdit(name=_("A word to the office"))
        self._word.setPlaceholderText(_("A word to the office (optional)"))
        for told in (self._word.typing, self._word.left):
            told.connect(decisions.type_word)
        self._leave_card = Card(
            Fold(
                (Label(_("Not yours to choose?"), "small_strong"), 0, 0),
                (self._word, 1, 240),
                (self._leave, 0, 0),
                gap=12,
            ),
            kind="soft",
            margins=14,
        )
        self._box = column(gap=12)
        self._agreed = Label("", "small", wraps=True)
        self._agreed_card = Card(
            row(At(Icon("check-circle", "ok", 20, "fill"), TOP), Grow(self._agreed), gap=10),
            kind="soft",
            margins=14,
        )
        self._left = Label("", "small", wraps=True)
        self._result = Label("", "row", wraps=True)
        self.setLayout(
            column(
                Label(
                    _("Nothing is thrown away: the version you do not choose stays in the history."),
                    "small",
                    wraps=True,
                ),
                self._left,
                Flow(Label(_("All at once:"), "small"), self._ours, self._theirs, gap=8),
                Card(self._box, margins=16),
                self._agreed_card,
                Card(
                    row(At(Label(_("Result"), "small_strong"), TOP), Grow(self._result), gap=12),
                    margins=14,
                ),
                self._leave_card,
                gap=14,
            )
        )

    def _leave_it(self) -> None:
        self._decisions.leave_to_office(self._word.text())

    def show_dispute(self, dispute: Dispute) -> None:
        """Show a record; choices change in place, so that the focus stays where it is."""
        keys = [(f.id, tuple((v.id, v.text) for v in f.versions), f.joined is None) for f in dispute.fields]
        if keys != [field.key for field in self._fields]:
            clear(self._box)
            self._fields = [_Field(self._decisions, field) for field in dispute.fields]
            for made in self._fields:
                self._box.addWidget(made)
        else:
            for made, field in zip(self._fields, dispute.fields, strict=True):
                made.show_field(field)
        self._agreed.setText(dispute.agreed_line)
        theme.show_or_hide(self._agreed_card, bool(dispute.agreed_line))
        self._left.setText(dispute.left_line)
        theme.show_or_hide(self._left, dispute.is_left)
        theme.show_or_hide(self._leave_card, not dispute.is_left)
        self._result.setText(dispute.result)
        if dispute.id != self._shown:
            self._shown = dispute.id
            self._word.setText("")
            if self._fields:
                self._fields[0].first().setFocus()
        self._word.set_text(dispute.word)

    def forget(self) -> None:
        """Take the focus to the first field again when the next record is opened."""
        self._shown = ""

    def settle(self) -> None:
        """Use the result, with what is typed just now."""
        for field in self._fields:
            if field.joined is not None:
                field.joined.tell()
        self._decisions.settle()
