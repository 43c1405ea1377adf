"""What a check says, as shape, word and colour, in this order; the words are DESIGN's."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.records.findings import Verdict
from techkit.ui import theme
from techkit.ui.widgets.boxes import TOP, At, Grow, column, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Icon, Label, Marked

#: verdict -> icon, weight, tone.
SHAPES: dict[Verdict, tuple[str, str, str]] = {
    Verdict.OK: ("check-circle", "fill", "ok"),
    Verdict.WATCH: ("warning", "fill", "watch"),
    Verdict.ACT: ("warning-octagon", "fill", "bad"),
    Verdict.UNKNOWN: ("question", "fill", "none"),
    Verdict.NOT_APPLICABLE: ("minus-circle", "fill", "none"),
}


def verdict_icon(verdict: Verdict, size: int = 20) -> Icon:
    """Return the shape of a verdict, named by its word."""
    icon, weight, tone = SHAPES[verdict]
    return Icon(icon, tone, size, weight, label=_(verdict.label))


class Pill(Marked):
    """A word on a rounded soft ground, with its shape."""

    def __init__(self, word: str, tone: str, icon: str, weight: str = "fill") -> None:
        super().__init__(
            word, "small_strong", tone=tone, ground="pill", icon=icon, size=16, weight=weight, air=(7, 10)
        )
        self.setMinimumHeight(theme.look().px(27))  # twice the radius: Qt squares the corners of less
        self.setAccessibleName(word)


def verdict_pill(verdict: Verdict) -> Pill:
    """Return a verdict as shape and word."""
    icon, weight, tone = SHAPES[verdict]
    return Pill(_(verdict.label), tone, icon, weight)


class VerdictCard(Card):
    """One finding: its shape, what it is, the word, one plain sentence and the next steps.

    body: further pieces below the sentence (what explains the complaint, a link to the evidence).
    """

    def __init__(
        self,
        verdict: Verdict,
        title: str,
        sentence: str,
        *buttons: Button,
        body: QWidget | None = None,
        is_selected: bool = False,
    ) -> None:
        heading = Label(title, "row", wraps=True)
        next_steps = QWidget()
        next_steps.setLayout(actions(*buttons))
        super().__init__(
            row(
                At(verdict_icon(verdict, 26), TOP),
                Grow(
                    column(
                        row(Grow(heading), At(verdict_pill(verdict), TOP), gap=8),
                        Label(sentence, "body2", wraps=True) if sentence else None,
                        body,
                        2 if buttons else None,
                        next_steps if buttons else None,
                        gap=5,
                    )
                ),
                gap=13,
            ),
            kind="selected" if is_selected else "plain",
            margins=(16, 13, 14, 13),
        )
        self.setAccessibleName(f"{_(verdict.label)}: {title}")
