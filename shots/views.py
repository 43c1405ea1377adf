"""How the window is looked at: its look, its size, its text; every look at every size, or what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LANGUAGES: tuple[str, ...] = ("en", "de", "fr")

_NAME = re.compile(
    r"(?:(?P<language>en|de|fr)(?:-|$))?"
    r"(?:(?P<look>light|dark|high-contrast)(?:-|$))?"
    r"(?:(?P<width>\d+)x(?P<height>\d+)(?:-|$))?"
    r"(?P<percent>\d{2,3})?"
)


@dataclass(frozen=True)
class View:
    """How the window is looked at: its look, its size in px, the size of its text in percent."""

    look: str = "light"
    width: int = 1440
    height: int = 900
    percent: int = 100

    def suffix(self, language: str) -> str:
        """Return the part of a picture's name that tells the views apart; "" is English, light and large."""
        parts = [
            "" if language == "en" else language,
            "" if self.look == "light" else self.look.replace("_", "-"),
            "" if (self.width, self.height) == (1440, 900) else f"{self.width}x{self.height}",
            "" if self.percent == 100 else str(self.percent),
        ]
        return "".join(f"-{part}" for part in parts if part)


#: Every look at every size; the text grows as the window shrinks, and the smallest is seen with usual text, too.
VIEWS: tuple[View, ...] = tuple(
    View(look, width, height, percent)
    for percent, sizes in ((100, ((1440, 900), (1024, 600))), (125, ((1280, 720),)), (150, ((1024, 600),)))
    for look in ("light", "dark", "high_contrast")
    for width, height in sizes
)


def named(name: str) -> tuple[str, View]:
    """Return the language and the view a picture's name ends on: "de-dark-1024x2400-150", "fr", "1280x720-125".

    Raises: ValueError: it is no such ending.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"no view is called {name!r}")
    look, width, height, percent = found.group("look", "width", "height", "percent")
    usual = View()
    return found["language"] or "en", View(
        look=(look or usual.look).replace("-", "_"),
        width=int(width or usual.width),
        height=int(height or usual.height),
        percent=int(percent or usual.percent),
    )


class Asked:
    """Which views are taken: those asked for by name, or all."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._views = [named(name) for name in names]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to play in."""
        asked = {language for language, _view in self._views}
        return tuple(language for language in LANGUAGES if language in asked) or LANGUAGES

    def of(self, language: str, only: str | None = None) -> list[View]:
        """Return the views to take in a language; only: when none was asked for, that whose name ends so in English."""
        if self._views:
            return [view for of, view in self._views if of == language]
        return [view for view in VIEWS if only is None or view.suffix("en") == only]
