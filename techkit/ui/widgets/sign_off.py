"""Step Sign-off: what the office will see, the page itself to sign, the customer's answer, print.

The page shown is the very page that prints. In the customer view everything else is hidden; the
signature is drawn on the page, typed, or given on paper; nothing is ticked in advance.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from techkit import i18n
from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, Select, Tick
from techkit.ui.presenters.choices import Choice as Offered
from techkit.ui.presenters.choices import MoneyState, Notice
from techkit.ui.presenters.office_view import FlagRow
from techkit.ui.presenters.sign_off import SignOffState
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, Choice, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.cases import CaseEndCard
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.signature import SignaturePad
from techkit.ui.widgets.signed_pages import SignedPageHead, SignedPagesCard
from techkit.ui.widgets.turns import later
from techkit.ui.widgets.work import money_card

if TYPE_CHECKING:
    from techkit.summary.pdf import Place
    from techkit.ui.presenters.cases import Cases
    from techkit.ui.presenters.sign_off import SignOff
    from techkit.ui.presenters.signed_pages import SignedPages

#: severity -> icon and tone.
_SEVERITIES = {
    "blocking": ("warning-octagon", "bad"),
    "warning": ("warning", "watch"),
    "notice": ("info", "info"),
}
#: The answers' faces: rating -> icon.
_FACES = {"5": "smiley", "3": "smiley-meh", "1": "smiley-sad"}

#: The widest a page is shown, px at 100 %: beyond it lines get too long to follow.
_PAGE_WIDTH = 940


class _Sheet(QLabel):
    """One page, drawn at the width there is: roughly at once, finely in a turn of its own."""

    def __init__(self, picture: QPixmap, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture, self._fine = picture, picture
        self.setProperty("card", "paper")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the part of the page that is in sight."""
        wanted = self.size() * self.devicePixelRatioF()
        if self._fine.size() != wanted and not wanted.isEmpty():
            later(self, self._refine)
        area, whole = event.rect(), self._fine.size()
        across, down = whole.width() / max(1, self.width()), whole.height() / max(1, self.height())
        part = QRectF(area.x() * across, area.y() * down, area.width() * across, area.height() * down)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(area), self._fine, part)
        # White paper on a white window shows no edge.
        painter.setPen(theme.look().colour("border"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _refine(self) -> None:
        wanted = self.size() * self.devicePixelRatioF()
        if self._fine.size() != wanted:
            aspect, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._fine = self._picture.scaled(wanted, aspect, smooth)
            self.update()


class PaperView(QWidget):
    """The pages as they print, with the signing pad over the place of the signature."""

    def __init__(self, pad: SignaturePad) -> None:
        super().__init__()
        self.pad = pad
        self._pictures: list[QPixmap] = []
        self._sheets: list[_Sheet] = []
        self._held: tuple[bytes, ...] = ()
        self._lines: tuple[str, ...] = ()
        self._place: Place | None = None
        self._is_open = False
        pad.setParent(self)
        pad.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setMinimumWidth(theme.look().px(300))

    def show_pages(self, pages: tuple[bytes, ...], lines: tuple[str, ...]) -> None:
        """Show these PNG pictures below each other; lines: the same as text, for a screen reader."""
        if pages == self._held:
            return
        self._held, self._lines = pages, lines
        if pages:
            # In a turn of its own: whoever calls has just drawn the rest of the step anew.
            later(self, lambda: self._replace(pages))
        else:
            self._drop()
            self._arrange()

    def _replace(self, pages: tuple[bytes, ...]) -> None:
        if pages is self._held:
            self._drop()
            self._show_next(pages)

    def _drop(self) -> None:
        for sheet in self._sheets:
            sheet.hide()
            sheet.deleteLater()
        self._pictures, self._sheets = [], []

    def _show_next(self, pages: tuple[bytes, ...]) -> None:
        """Show one more page; the window draws and listens between two."""
        if pages is not self._held:
            return
        number = len(self._sheets)
        picture = QPixmap()
        picture.loadFromData(pages[number], "PNG")
        sheet = _Sheet(picture, self)
        sheet.setAccessibleName(_("Page {n} of {count}", n=number + 1, count=len(pages)))
        sheet.setAccessibleDescription("\n".join(self._lines) if number == 0 else "")
        sheet.show()
        self._pictures.append(picture)
        self._sheets.append(sheet)
        self.pad.raise_()
        self._arrange()
        if len(self._sheets) < len(pages):
            later(self, lambda: self._show_next(pages))

    def show_place(self, place: Place | None, *, is_open: bool) -> None:
        """Lay the pad over the signature's place; is_open: it may be drawn on."""
        self._place, self._is_open = place, is_open
        self._arrange()

    def pad_rect(self) -> QRect:
        """Return where the pad lies, to scroll it into view."""
        return self.pad.geometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale the pages to the width."""
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return the height all pages take at this width."""
        return QSize(theme.look().px(_PAGE_WIDTH), self._height())

    def _width(self) -> int:
        return max(1, min(self.width(), theme.look().px(_PAGE_WIDTH)))

    def _height(self) -> int:
        width = self._width()
        gap = theme.look().px(14)
        return sum(round(p.height() * width / max(1, p.width())) + gap for p in self._pictures) or gap

    def _arrange(self) -> None:
        width, top, gap = self._width(), 0, theme.look().px(14)
        left = max(0, (self.width() - width) // 2)
        for number, (picture, sheet) in enumerate(zip(self._pictures, self._sheets, strict=True)):
            height = round(picture.height() * width / max(1, picture.width()))
            sheet.setGeometry(left, top, width, height)
            if self._place is not None and self._place.page == number:
                self.pad.setGeometry(
                    left + round(self._place.x * width),
                    top + round(self._place.y * height),
                    round(self._place.width * width),
                    round(self._place.height * height),
                )
            top += height + gap
        is_there = self._place is not None and self._place.page < len(self._sheets)
        theme.show_or_hide(self.pad, self._is_open and is_there)
        if self.height() != self._height():
            self.setFixedHeight(self._height())


class SignOffPage(Page):
    """Step 6 of a visit: prepare, hand over, sign, print, finish."""

    def __init__(
        self,
        sign_off: SignOff,
        search: Callable[[], object] | None,
        signed: SignedPages | None = None,
        cases: Cases | None = None,
    ) -> None:
        super().__init__(_("Sign-off"), search=search, right_width=330, is_right_fixed=True)
        self._sign_off = sign_off
        self._shown: SignOffState | None = None
        self.pad = SignaturePad(is_on_page=True)
        self.pad.changed.connect(self._drawn)
        self.paper = PaperView(self.pad)
        self._take_back = self.add_action(
            Button(_("Back to the technician"), "ghost", icon="lock-simple", press=sign_off.take_back)
        )
        self._warning = Slot(self._make_warning)
        self._loading = Label(_("The page is being made …"), "small")
        self._signed = signed
        self._signed_head = SignedPageHead(signed) if signed is not None else None
        for part in (self._warning, self._signed_head, self._loading, self.paper):
            if part is not None:
                self.body.addWidget(part)
        self._case = CaseEndCard(cases) if cases is not None else None
        self._case_place = holder(column(self._case))
        self._build_prepare()
        self._build_customer()
        self._build_done()
        for view in (self._case_place, self._prepare, self._customer, self._done):
            self.right.addWidget(view)
        self._leave_signed: Callable[[], object] = lambda: None
        self._signed_card = SignedPagesCard(signed) if signed is not None else None
        if signed is not None and self._signed_card is not None:
            self.right.addWidget(self._signed_card)
            self._leave_signed = signed.changed.subscribe(self._changed)
        self.follow(sign_off.changed)

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        self._leave_signed()
        if self._case is not None:
            self._case.release()

    def focus_first(self) -> None:
        """Move the focus to the next thing to do."""
        state = self._sign_off.state
        if state.phase == "prepare":
            first = self._language.findChild(Button)
            if first is not None:
                first.setFocus()
        elif state.phase == "customer":
            first = self._answers.findChild(Button)
            if first is not None:
                first.setFocus()
        else:
            self._print.setFocus()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._sign_off.state
        self._show_signed()
        before, self._shown = self._shown, state
        if state == before:
            return
        is_customer = state.phase == "customer"
        is_done = state.phase in ("signed", "waived", "submitted")
        if is_customer:
            with i18n.language(_chosen(state.languages) or i18n.current()):
                self.set_heading(_("Your visit today"), _("Please read, ask, and sign only if you agree."))
        else:
            self.set_heading(_("Sign-off"), state.signed_line or state.revision_line)
        if self._search is not None:
            theme.show_or_hide(self._search, not state.is_with_customer)
        theme.show_or_hide(self._take_back, state.is_with_customer)
        # Who reads the page signs it before anything else is asked.
        self.put_right_first(not is_customer)
        self._warning.show_item(state.warning)
        self._show_prepare(state)
        self._show_customer(state)
        self._show_done(state)
        theme.show_or_hide(self._case_place, not state.is_with_customer)
        theme.show_or_hide(self._prepare, state.phase == "prepare")
        theme.show_or_hide(self._customer, is_customer)
        theme.show_or_hide(self._done, is_done)
        if before is not None and before.phase != state.phase:
            self.focus_first()
            if is_customer:
                # After the focus was brought into sight: who is to sign begins with the page's first line.
                later(self, lambda: self.content.ensureVisible(0, 0))

    def _show_signed(self) -> None:
        """Show the page in hand, or the signed one that is looked at, and which others there are."""
        state, signed = self._sign_off.state, self._signed.state if self._signed is not None else None
        shown = signed.shown if signed is not None else None
        pages, lines = (state.pages, state.page_lines)
        if signed is not None and shown is not None:
            pages, lines = signed.pages, signed.page_lines
        theme.show_or_hide(self._loading, not pages and (state.is_rendering or shown is not None))
        self.paper.show_pages(pages, lines)
        is_open = state.phase == "customer" and self._method(state) == "drawn"
        self.paper.show_place(state.signature_place if shown is None else None, is_open=is_open)
        if signed is not None and self._signed_head is not None and self._signed_card is not None:
            was_shown = self._signed_head.row
            self._signed_card.show_state(signed)
            self._signed_head.show_row(shown)
            if shown is not None and shown != was_shown:
                self.content.ensureVisible(0, 0)
            elif was_shown is not None and shown is None:
                self._signed_card.focus_row(was_shown)

    # --- prepare: the technician's own view

    def _build_prepare(self) -> None:
        off = self._sign_off
        self._flags: Rows[FlagRow] = Rows(self._make_flag, gap=6)
        self._flags_line = Label("", "small", wraps=True)
        self._language = Choice(_("Language of the page"), ())
        self._language.chosen.connect(off.choose_language)
        self._papers = Choice(_("Paper"), ())
        self._papers.chosen.connect(off.choose_paper)
        self._large = Tick(_("Large print"), press=off.set_large_print)
        self._money = Slot(self._make_money)
        self._waive_reason = Select((), name=_("Why nobody signs"), placeholder=_("Choose a reason"))
        self._waive_note = LineEdit(placeholder=_("In a few words"), name=_("In a few words"))
        for told in (self._waive_note.typing, self._waive_note.left):
            told.connect(self._sign_off.type_waiver)
        self._waive_photo = Select((), name=_("Photo of it"))
        self._waive = Button(_("End without a signature"), "outline", press=self._end_unsigned)
        self._prepare = holder(
            column(
                Card(Label(_("What the office will see"), "section"), self._flags_line, self._flags, gap=8),
                Card(
                    Label(_("The page"), "section"),
                    FieldBox(_("Language"), self._language),
                    FieldBox(_("Paper"), self._papers),
                    self._large,
                    Label(_("Fixed once the customer has the page."), "tiny", wraps=True),
                    gap=8,
                ),
                self._money,
                Card(
                    Label(_("Nobody signs?"), "small_strong"),
                    Label(_("That is a valid end; the office sees the reason."), "small", wraps=True),
                    self._waive_reason,
                    self._waive_note,
                    self._waive_photo,
                    self._waive,
                    kind="soft",
                    gap=8,
                ),
                gap=14,
            )
        )

    def _show_prepare(self, state: SignOffState) -> None:
        self._flags_line.setText(state.flags_line)
        self._flags.show_items(state.flags)
        self._language.set_options((c.value, c.label) for c in state.languages)
        self._language.set_value(_chosen(state.languages))
        self._papers.set_options((c.value, c.label) for c in state.papers)
        self._papers.set_value(_chosen(state.papers))
        self._large.setChecked(state.is_large_print)
        self._money.show_item(state.money if state.money.rows else None)
        self._waive_note.set_text(state.waiver_note)
        self._waive_reason.set_options((c.value, c.label) for c in state.waiver_reasons)
        self._waive_photo.set_options((c.value, c.label) for c in state.waiver_photos)
        theme.show_or_hide(self._waive_photo, bool(state.waiver_photos))

    def _make_flag(self, flag: FlagRow) -> QWidget:
        icon, tone = _SEVERITIES.get(flag.severity, _SEVERITIES["notice"])
        return holder(
            row(At(Icon(icon, tone, 18, "fill"), TOP), Grow(Label(flag.sentence, "small", wraps=True)), gap=8)
        )

    def _make_money(self, money: MoneyState) -> QWidget:
        return money_card(money)

    def _make_warning(self, notice: Notice) -> QWidget:
        return Banner(notice.kind, notice.title, notice.text)

    def _end_unsigned(self) -> None:
        self._waive.setFocus()
        self._sign_off.waive(self._waive_reason.value(), self._waive_note.text(), self._waive_photo.value())

    # --- customer: everything else is hidden

    def _build_customer(self) -> None:
        off = self._sign_off
        self._question = Label("", "section", wraps=True)
        self._answers = Choice(_("Your answer"), (), kind="tile", icons=_FACES)
        self._answers.chosen.connect(self._answered)
        self._again_question = Label("", "row", wraps=True)
        self._again = Choice(_("Would you call us again?"), (), kind="chip")
        self._again.chosen.connect(off.say_again)
        self._methods = Choice(_("How to sign"), ())
        self._methods.chosen.connect(off.choose_method)
        self._signer = LineEdit(name=_("Name of the person signing"))
        self._signer.left.connect(off.set_signer)
        self._signer.typing.connect(off.type_signer)
        self._clear = Button(_("Clear the signature"), "ghost", icon="eraser", press=self._clear_strokes)
        self._to_pad = Button(_("Go to the signature"), "outline", icon="signature", press=self.show_pad)
        self._statement = Label("", "small", wraps=True)
        self._signature_title = Label("", "section")
        self._signer_box = FieldBox(_("Name of the person signing"), self._signer)
        self._agree = Button(_("I agree and sign"), "big", icon="signature", press=off.agree)
        self._customer = holder(
            column(
                Card(self._question, self._answers, self._again_question, self._again, gap=10),
                Card(
                    self._signature_title,
                    self._methods,
                    self._signer_box,
                    holder(actions(self._to_pad, self._clear)),
                    self._statement,
                    self._agree,
                    gap=10,
                ),
                gap=14,
            )
        )

    def _show_customer(self, state: SignOffState) -> None:
        with i18n.language(_chosen(state.languages) or i18n.current()):
            self._signature_title.setText(_("Signature"))
            self._signer_box.set_label(_("Name of the person signing"))
            self._clear.set_words(_("Clear the signature"))
            self._to_pad.set_words(_("Go to the signature"))
            in_their_words = _("Back to the technician")
            self.pad.retranslate()
        # Beside the customer's page it speaks their language, beside what comes after the signature the technician's.
        is_theirs = state.phase == "customer"
        self._take_back.set_words(in_their_words if is_theirs else _("Back to the technician"))
        self._question.setText(state.question)
        self._answers.set_options((c.value, c.label) for c in state.answers)
        self._answers.set_value(_chosen(state.answers))
        self._again_question.setText(state.again_question)
        self._again.set_options((c.value, c.label) for c in state.again_answers)
        self._again.set_value(_chosen(state.again_answers))
        self._methods.set_options((c.value, c.label) for c in state.methods)
        self._methods.set_value(_chosen(state.methods))
        self._signer.set_text(state.signer)
        is_drawn = self._method(state) == "drawn"
        theme.show_or_hide(self._clear, is_drawn and state.has_strokes)
        theme.show_or_hide(self._to_pad, is_drawn and not state.has_strokes)
        self._statement.setText(state.statement)
        self._agree.set_words(state.agree_label or _("I agree and sign"))
        self._agree.setEnabled(state.may_agree)
        if not state.has_strokes and not self.pad.is_empty:
            self.pad.blockSignals(True)
            self.pad.clear()
            self.pad.blockSignals(False)

    def _answered(self, value: str) -> None:
        """Take the answer and lead to the signature, so that nobody has to look for it."""
        self._sign_off.answer(value)
        if self._method(self._sign_off.state) == "drawn" and not self._sign_off.state.has_strokes:
            self.show_pad()

    def show_pad(self) -> None:
        """Scroll the page to the signature's place and focus the pad."""
        body = self.content.widget()
        if body is None:
            return
        below = self.paper.mapTo(body, self.paper.pad_rect().bottomLeft())
        self.content.ensureVisible(below.x(), below.y(), 0, theme.look().px(60))
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drawn(self) -> None:
        self._sign_off.draw(
            tuple(tuple(round(value) for point in stroke for value in point) for stroke in self.pad.strokes())
        )

    def _clear_strokes(self) -> None:
        self.pad.clear()
        self._sign_off.clear()

    # --- done: print and finish

    def _build_done(self) -> None:
        off = self._sign_off
        self._seal = Icon("seal-check", "ok", 26, "fill")
        self._signed_line = Label("", "section", wraps=True)
        self._hash_line = Label("", "tiny", wraps=True)
        self._print = Button(_("Print"), "outline", icon="printer", press=off.print_, shortcut="Ctrl+P")
        self._confirm = Button(_("It is printed"), "outline", icon="check", press=off.confirm_print)
        self._change = Button(
            _("Change something"), "ghost", icon="pencil-simple", press=functools.partial(off.void, "")
        )
        self._done = holder(
            column(
                Card(
                    row(At(self._seal, TOP), Grow(self._signed_line), gap=10),
                    self._hash_line,
                    self._print,
                    self._confirm,
                    gap=10,
                ),
                self._change,
                gap=14,
            )
        )

    def _show_done(self, state: SignOffState) -> None:
        icon, tone = ("minus-circle", "none") if state.is_unsigned else ("seal-check", "ok")
        self._seal.set_icon(icon, tone, "fill")
        self._signed_line.setText(state.signed_line)
        self._hash_line.setText(state.content_hash_line)
        self._confirm.setEnabled(not state.is_printed)
        self._confirm.set_words(_("Printed") if state.is_printed else _("It is printed"))
        theme.show_or_hide(self._change, state.phase != "submitted" and not state.is_with_customer)

    @staticmethod
    def _method(state: SignOffState) -> str:
        return _chosen(state.methods) or "drawn"


def _chosen(choices: tuple[Offered, ...]) -> str:
    return next((c.value for c in choices if c.is_chosen), "")
