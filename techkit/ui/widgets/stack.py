"""Pages that share one place in the window, of which one is shown.

Showing another one takes a turn of the window, painting it the next: in between the window answers.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget

from techkit.ui.widgets.turns import paint_later


class PageStack(QStackedWidget):
    """A stack that takes the room it is given and shows one of its pages."""

    def __init__(self) -> None:
        super().__init__()
        self._is_changing = False

    def hasHeightForWidth(self) -> bool:
        """Tell that the height does not follow from the width: Qt would ask each page, at every change, how high it is."""
        return False

    def sizeHint(self) -> QSize:
        """Ask for the least its pages need: it takes what is left, and Qt asks for more by the pages' heights."""
        return self.minimumSizeHint()

    def show_page(self, page: QWidget) -> None:
        """Show one of the pages now; it is painted in the next turn."""
        if page is self.currentWidget():
            return
        paint_later(self)
        self._is_changing = True
        try:
            self.setCurrentWidget(page)
        finally:
            self._is_changing = False

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go on by Tab; not while pages change, as the focus then goes to the page that comes and nowhere else."""
        return not self._is_changing and super().focusNextPrevChild(is_next)
