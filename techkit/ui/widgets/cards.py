"""Grounds that group: cards, rows to press, tags, icon tiles, avatars, empty and loading states."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from techkit.ui import theme
from techkit.ui.presenters.choices import Proposal
from techkit.ui.presenters.visit_computers import NEW
from techkit.ui.widgets.boxes import HCENTRE, At, Grow, Item, Margins, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.flowing import Flow, Fold
from techkit.ui.widgets.labels import Icon, Label, Marked


class Card(QFrame):
    """A white ground with a hairline; kind: "plain", "soft", "accent", "selected", "option"."""

    def __init__(self, *items: Item, kind: str = "plain", margins: int | Margins = 16, gap: int = 10) -> None:
        super().__init__()
        self.setProperty("card", kind)
        self.box = column(*items, gap=gap, margins=margins)
        self.setLayout(self.box)

    def set_kind(self, kind: str) -> None:
        """Change the ground."""
        theme.set_property(self, "card", kind)


class PressRow(theme.RingByKeyboard, QFrame):
    """A row that opens something: by click, Return or Space; the ring shows after keyboard use."""

    pressed = Signal()

    def __init__(
        self,
        *items: Item,
        name: str,
        press: Callable[[], object] | None = None,
        margins: int | Margins = (12, 8, 12, 8),
        gap: int = 12,
    ) -> None:
        super().__init__()
        self.setProperty("hover", "row")
        self.setProperty("ring", "false")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setLayout(row(*items, gap=gap, margins=margins))
        if press is not None:
            self.pressed.connect(press)

    def set_selected(self, is_selected: bool) -> None:
        """Show the row as the chosen one."""
        theme.set_property(self, "hover", "selected" if is_selected else "row")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open on the left button's release inside the row."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Return or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.modifiers():
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class ProposalRow(PressRow):
    """Something techkit proposes, its reason below it; pressed, it is confirmed."""

    def __init__(
        self,
        proposal: Proposal,
        mark: Icon,
        confirm: Callable[[], object],
        *,
        margins: Margins = (8, 6, 8, 6),
        gap: int = 12,
    ) -> None:
        words = column(
            Label(proposal.title, "small_strong", wraps=True),
            Label(proposal.reason, "tiny", wraps=True) if proposal.reason else None,
            gap=1,
        )
        super().__init__(
            mark,
            Grow(words),
            name=f"{proposal.title}. {proposal.reason}",
            press=confirm,
            margins=margins,
            gap=gap,
        )


def computer_proposal(proposal: Proposal, confirm: Callable[[str], object]) -> ProposalRow:
    """Return the row of a computer the visit may be about; confirm: called with the proposal's id."""
    icon = Icon("plus" if proposal.id == NEW else "seal-question", "info", 18)
    return ProposalRow(proposal, icon, lambda: confirm(proposal.id))


class Tag(Marked):
    """A small word on a soft ground, perhaps with an icon; tone: a key of theme.TONES."""

    def __init__(self, text: str, tone: str = "none", icon: str = "", weight: str = "regular") -> None:
        super().__init__(
            text, "caption", tone=tone, ground="tag", icon=icon, size=14, weight=weight, air=(7, 8)
        )


class IconTile(QWidget):
    """An icon on a soft square."""

    def __init__(
        self, name: str, tone: str = "accent", size: int = 40, icon_size: int = 22, weight: str = "regular"
    ) -> None:
        super().__init__()
        self._name, self._tone, self._icon_size, self._weight = name, tone, icon_size, weight
        edge = theme.look().px(size)
        self.setFixedSize(edge, edge)

    def set_icon(self, name: str, tone: str) -> None:
        """Show another icon or tone."""
        if (name, tone) != (self._name, self._tone):
            self._name, self._tone = name, tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and icon."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("border"), 1) if look.is_high_contrast else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(f"{self._tone}Soft"))
        radius = min(look.px(10), self.width() // 4)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        colour = "accentText" if self._tone == "accent" else self._tone
        edge = look.px(self._icon_size)
        offset = (self.width() - edge) // 2
        picture = theme.pixmap(self._name, colour, self._icon_size, self._weight, self.devicePixelRatioF())
        painter.drawPixmap(offset, offset, edge, edge, picture)


class Logo(QWidget):
    """The program's own tile."""

    def __init__(self, size: int = 34) -> None:
        super().__init__()
        edge = theme.look().px(size)
        self._size = size
        self.setFixedSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tile and the toolbox on it."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), self.width() * 0.26, self.width() * 0.26)
        edge = round(self.width() * 0.6)
        offset = (self.width() - edge) // 2
        picture = theme.pixmap(
            "toolbox", "onAccent", round(self._size * 0.6), "fill", self.devicePixelRatioF()
        )
        painter.drawPixmap(offset, offset, edge, edge, picture)


class Avatar(QWidget):
    """The initials of a name on a soft disc; decoration beside the name itself."""

    def __init__(self, name: str, size: int = 34) -> None:
        super().__init__()
        self._initials = initials(name)
        edge = theme.look().px(size)
        self.setFixedSize(edge, edge)

    def set_name(self, name: str) -> None:
        """Show another name's initials."""
        self._initials = initials(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the disc and the letters."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accentSoft"))
        painter.drawEllipse(self.rect())
        painter.setPen(look.colour("accentText"))
        font = look.font(13, 600)
        font.setPixelSize(max(9, round(self.width() * 0.38)))
        painter.setFont(font)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._initials)


def initials(name: str) -> str:
    """Return the first letters of the first and last word, e.g. "Ines Okafor" -> "IO"."""
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper()


#: A sentence under a picture stays as narrow as it reads well (px).
_EMPTY_WIDTH = 460


def empty_state(
    icon: str,
    title: str,
    text: str,
    *buttons: Button,
    tone: str = "accent",
    size: int = 56,
    weight: str = "regular",
) -> QWidget:
    """Return what stands where nothing is yet: a picture, a sentence and the first step."""
    heading = Label(title, "section" if size > 60 else "row", alignment=HCENTRE)
    heading.setWordWrap(True)
    sentence = Label(text, "body2" if size > 60 else "small", wraps=True, alignment=HCENTRE)
    sentence.setMaximumWidth(theme.look().px(_EMPTY_WIDTH))
    first_steps = QWidget()
    first_steps.setLayout(Flow(*buttons, gap=10, alignment=HCENTRE))
    made = QWidget()
    made.setLayout(
        column(
            Grow(),
            At(IconTile(icon, tone, size, round(size * 0.53), weight), HCENTRE),
            6,
            heading,
            row(Grow(), Grow(sentence, 100), Grow(), gap=0) if text else None,
            8 if buttons else None,
            first_steps if buttons else None,
            Grow(),
            gap=6,
            margins=(24, 16, 24, 16),
        )
    )
    return made


class Skeleton(QWidget):
    """A grey shape in the place of a text that is being loaded; shown after 300 ms of waiting."""

    def __init__(self, width: int = 190, height: int = 14) -> None:
        super().__init__()
        px = theme.look().px
        self._size = QSize(px(width), px(height))
        self.setFixedSize(self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shape."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.look().colour("hover"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)


def loading_rows(count: int = 3) -> QWidget:
    """Return rows of grey shapes in the layout of a list."""
    made = QWidget()
    made.setLayout(
        column(
            *(
                row(Skeleton(40, 40), Grow(column(Skeleton(190), Skeleton(130, 11), gap=7)), gap=12)
                for _number in range(count)
            ),
            gap=16,
            margins=12,
        )
    )
    return made


#: The widest label of a fact, in logical px at 100 %.
_WIDEST_LABEL = 150


def facts(pairs: tuple[tuple[str, str], ...], width: int = 84, *, wraps: bool = False) -> QWidget:
    """Return labelled values below each other; the labels stand in one column.

    wraps: whether values of several words are shown whole, on as many lines as they need.
    """
    from techkit.ui.widgets.labels import ElidedLabel

    metrics = QFontMetrics(theme.look().role_font("small"))
    longest = max((metrics.horizontalAdvance(label) for label, _value in pairs), default=0)
    # All of a label stands on one line, unless it would leave the value no room.
    width = max(width, min(round(longest / theme.look().scale) + 2, _WIDEST_LABEL))
    lines: list[Item] = []
    for label, value in pairs:
        # A word alone has nowhere to wrap; cut, it is whole in its tooltip.
        is_long = wraps and " " in value
        shown = Label(value, "small_strong", wraps=True) if is_long else ElidedLabel(value, "small_strong")
        lines.append(Fold((Label(label, "small", wraps=True), 0, width), (shown, 1, 90)))
    made = QWidget()
    made.setLayout(column(*lines, gap=9))
    return made
