"""The look: tokens for light, dark and high contrast, one style sheet, fonts and tinted icons.

Colours and sizes are the tokens of the design (docs/decisions/0040-the-look-of-the-window.md). The look in
force is one for the process, as the style sheet and the palette are: `look()` gives it, `apply`
changes it. Widgets name colours by token ("text2", "okSoft") and never by value.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QGridLayout, QLayout, QWidget

from techkit import resources
from techkit.records.visible import visible

LIGHT: Mapping[str, str] = {
    "canvas": "#F5F6F8",
    "surface": "#FFFFFF",
    "sunken": "#EDEFF3",
    "sidebar": "#ECEEF3",
    "hover": "#E4E7ED",
    "navOn": "#FFFFFF",
    "thumb": "#B4BBC7",
    "border": "#DBDFE6",
    "strong": "#7F8899",
    "text": "#161A21",
    "text2": "#454E5E",
    "text3": "#5D6677",
    "accent": "#2F55D4",
    "accentHover": "#2545B4",
    "onAccent": "#FFFFFF",
    "focus": "#2F55D4",
    "accentText": "#2443B0",
    "accentSoft": "#E7ECFD",
    "ok": "#0F6B37",
    "okSoft": "#E1F3E8",
    "watch": "#7E4C00",
    "watchSoft": "#FCEFD3",
    "bad": "#AE231C",
    "badSoft": "#FBE7E5",
    "info": "#1B5A9E",
    "infoSoft": "#E3EFFB",
    "none": "#525B6B",
    "noneSoft": "#EBEDF1",
    "c1": "#2F55D4",
    "c2": "#B4530A",
    "c3": "#0B7A75",
    "c4": "#7A3FB8",
    "scrim": "#730A0D12",
}
DARK: Mapping[str, str] = {
    "canvas": "#13161B",
    "surface": "#1B1F26",
    "sunken": "#242933",
    "sidebar": "#171A20",
    "hover": "#2B313C",
    "navOn": "#2A313D",
    "thumb": "#4A5363",
    "border": "#303642",
    "strong": "#7A8496",
    "text": "#EDF0F5",
    "text2": "#BBC3D0",
    "text3": "#9BA5B5",
    "accent": "#4A67E0",
    "accentHover": "#3D59CE",
    "onAccent": "#FFFFFF",
    "focus": "#8FA8FF",
    "accentText": "#B4C4FF",
    "accentSoft": "#232D50",
    "ok": "#63D391",
    "okSoft": "#16301F",
    "watch": "#F3BD57",
    "watchSoft": "#372A10",
    "bad": "#FF938A",
    "badSoft": "#401D1C",
    "info": "#86BDF8",
    "infoSoft": "#182C42",
    "none": "#B0B8C5",
    "noneSoft": "#2A303A",
    "c1": "#8FA8FF",
    "c2": "#F0A05A",
    "c3": "#4FC9C2",
    "c4": "#C79BF2",
    "scrim": "#A00A0D12",
}
HIGH_CONTRAST: Mapping[str, str] = {
    "canvas": "#FFFFFF",
    "surface": "#FFFFFF",
    "sunken": "#FFFFFF",
    "sidebar": "#FFFFFF",
    "hover": "#E6E6E6",
    "navOn": "#E0E6FF",
    "thumb": "#000000",
    "border": "#000000",
    "strong": "#000000",
    "text": "#000000",
    "text2": "#000000",
    "text3": "#1F1F1F",
    "accent": "#0026A3",
    "accentHover": "#001A70",
    "onAccent": "#FFFFFF",
    "focus": "#0026A3",
    "accentText": "#0026A3",
    "accentSoft": "#E0E6FF",
    "ok": "#004D22",
    "okSoft": "#FFFFFF",
    "watch": "#5C3600",
    "watchSoft": "#FFFFFF",
    "bad": "#8F0000",
    "badSoft": "#FFFFFF",
    "info": "#003A75",
    "infoSoft": "#FFFFFF",
    "none": "#1F1F1F",
    "noneSoft": "#FFFFFF",
    "c1": "#0026A3",
    "c2": "#8A3B00",
    "c3": "#005A56",
    "c4": "#5A1F99",
    "scrim": "#A0000000",
}
THEMES: Mapping[str, Mapping[str, str]] = {
    "light": LIGHT,
    "dark": DARK,
    "high_contrast": HIGH_CONTRAST,
}

#: Families tried in order; the first is bundled.
FAMILIES = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
MONO_FAMILIES = ("Noto Sans Mono", "DejaVu Sans Mono", "Consolas", "Menlo", "monospace")

#: Text roles: size in px at 100 %, weight, colour token. Never smaller than 12 px.
ROLES: Mapping[str, tuple[int, int, str]] = {
    "display": (28, 700, "text"),
    "title": (22, 700, "text"),
    "section": (17, 650, "text"),
    "row": (15, 600, "text"),
    "body": (14, 400, "text"),
    "strong": (14, 600, "text"),
    "body2": (14, 400, "text2"),
    "number": (26, 650, "text"),
    "small": (13, 400, "text2"),
    "small_strong": (13, 600, "text"),
    "tiny": (12, 400, "text3"),
    "caption": (12, 600, "text3"),
    "quote": (20, 500, "text"),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the window looks like now.

    name: a key of THEMES. scale: text size, 0.8 to 2.0. is_touch: targets of 48 px.
    """

    name: str = "light"
    scale: float = 1.0
    is_touch: bool = False

    @property
    def tokens(self) -> Mapping[str, str]:
        """Return token name -> "#RRGGBB"."""
        return THEMES[self.name]

    @property
    def is_high_contrast(self) -> bool:
        """Return whether borders carry what soft fills carry otherwise."""
        return self.name == "high_contrast"

    @property
    def border(self) -> int:
        """Return the width of a border in px."""
        return 2 if self.is_high_contrast else 1

    def colour(self, token: str) -> QColor:
        """Return the colour of a token."""
        return QColor(self.tokens[token])

    def px(self, size: float) -> int:
        """Return a length that grows with the text, in logical px."""
        return round(size * self.scale)

    @property
    def target(self) -> int:
        """Return the height of a control in logical px: 40, for fingers 48."""
        return self.px(48 if self.is_touch else 40)

    def font(self, size: float = 14, weight: int = 400) -> QFont:
        """Return the text font at a size in px at 100 %."""
        font = QFont()
        font.setFamilies(list(FAMILIES))
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        return font

    def role_font(self, role: str) -> QFont:
        """Return the font of a text role."""
        size, weight, _colour = ROLES[role]
        return self.font(size, weight)


_look = Look()


def look() -> Look:
    """Return the look in force."""
    return _look


def apply(app: QApplication, new: Look) -> None:
    """Put a look in force: palette, font and style sheet of the whole program; nothing is drawn anew where it is already."""
    global _look
    before, _look = _look, new
    if before == new and app.styleSheet():
        return
    if before.scale != new.scale:
        for piece in app.allWidgets():
            _resize_lengths(piece, new.scale / before.scale)
    _load_fonts()
    app.setFont(new.font())
    app.setPalette(_palette(new))
    # Over another sheet Qt (6.11) draws each piece anew once for every piece it stands in: 1.8 s with a visit
    # open. Taken away first, it goes through all pieces once: 0.3 s.
    app.setStyleSheet("")
    app.setStyleSheet(style_sheet(new))


#: What Qt takes as "no largest size".
_NO_MAXIMUM = 16_777_215


def _resize_lengths(piece: QWidget, ratio: float) -> None:
    """Let margins, gaps and fixed sizes follow the text's size in a piece that was made at another one."""
    least, most = piece.minimumSize(), piece.maximumSize()
    # A window's own limits are the screen's, not the text's: on a small screen it would grow past the edge.
    if not piece.isWindow() and (least.width() or least.height()):
        piece.setMinimumSize(round(least.width() * ratio), round(least.height() * ratio))
    if not piece.isWindow() and (most.width() < _NO_MAXIMUM or most.height() < _NO_MAXIMUM):
        piece.setMaximumSize(
            *(size if size >= _NO_MAXIMUM else round(size * ratio) for size in (most.width(), most.height()))
        )
    layout = piece.layout()
    if layout is not None:
        _resize_gaps(layout, ratio)


def _resize_gaps(layout: QLayout, ratio: float) -> None:
    margins = layout.contentsMargins()
    layout.setContentsMargins(
        *(round(side * ratio) for side in (margins.left(), margins.top(), margins.right(), margins.bottom()))
    )
    if isinstance(layout, QGridLayout):
        layout.setHorizontalSpacing(round(layout.horizontalSpacing() * ratio))
        layout.setVerticalSpacing(round(layout.verticalSpacing() * ratio))
    elif layout.spacing() > 0:
        layout.setSpacing(round(layout.spacing() * ratio))
    for place in range(layout.count()):
        item = layout.itemAt(place)
        inner, space = (item.layout(), item.spacerItem()) if item is not None else (None, None)
        if inner is not None:
            _resize_gaps(inner, ratio)
        elif space is not None and space.expandingDirections() == Qt.Orientation(0):
            size, policy = space.sizeHint(), space.sizePolicy()
            space.changeSize(
                round(size.width() * ratio),
                round(size.height() * ratio),
                policy.horizontalPolicy(),
                policy.verticalPolicy(),
            )
    layout.invalidate()


def follow_system(app: QApplication, chosen: str, scale: float) -> Look:
    """Return the look for a setting: "light", "dark", "high_contrast" or "system"."""
    if chosen in THEMES:
        return Look(name=chosen, scale=scale)
    hints = app.styleHints()
    accessibility = hints.accessibility()
    if accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast:
        return Look(name="high_contrast", scale=scale)
    is_dark = hints.colorScheme() == Qt.ColorScheme.Dark
    return Look(name="dark" if is_dark else "light", scale=scale)


@functools.lru_cache(maxsize=1)
def _load_fonts() -> int:
    """Load the text font once; without it the system's own is used."""
    return _add_fonts("Inter-*.ttf")


@functools.lru_cache(maxsize=1)
def load_more_fonts() -> int:
    """Load the fonts for other scripts and for raw lines, once the window is painted."""
    return _add_fonts("Noto*.[ot]tf")


def _add_fonts(pattern: str) -> int:
    files = sorted((resources.root() / "fonts").glob(pattern))
    return sum(QFontDatabase.addApplicationFont(str(file)) >= 0 for file in files)


def _palette(new: Look) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, token in (
        (role.Window, "canvas"),
        (role.Base, "surface"),
        (role.AlternateBase, "sunken"),
        (role.Button, "surface"),
        (role.Text, "text"),
        (role.WindowText, "text"),
        (role.ButtonText, "text"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "onAccent"),
        (role.PlaceholderText, "text3"),
        (role.ToolTipBase, "surface"),
        (role.ToolTipText, "text"),
        (role.Link, "accentText"),
        (role.Accent, "accent"),
    ):
        palette.setColor(target, new.colour(token))
    for target in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, new.colour("text3"))
    return palette


def style_sheet(new: Look) -> str:
    """Return the program's one style sheet: resources/window.qss with the look's colours and sizes."""
    t = new.tokens
    lengths = {
        "line": f"{new.border}px",
        "softline": f"{new.border if new.is_high_contrast else 0}px",
        # What is left of a control's height inside its border, and inside the thicker one of focus and error.
        "inner": f"{new.target - 2 * new.border}px",
        "framed": f"{new.target - 4}px",
        # Without soft fills, what cannot be pressed is told by a broken border and grey words.
        "offText": "#595959" if new.is_high_contrast else t["text3"],
        "offLine": "dashed" if new.is_high_contrast else "solid",
        "mono": ", ".join(f"'{family}'" for family in MONO_FAMILIES),
    }
    values = {**t, **lengths}
    template = _LENGTH.sub(lambda found: _scaled(new, found), resources.text("window.qss"))
    text = _TOKEN.sub(lambda found: values[found[1]], template)
    roles = (
        f'QLabel[role="{role}"] {{ font-size: {new.px(size)}px; font-weight: {weight}; color: {t[colour]}; }}'
        for role, (size, weight, colour) in ROLES.items()
    )
    tones = (f'QLabel[tone="{tone}"] {{ color: {t[token]}; }}' for tone, token in _LABEL_TONES.items())
    return "\n".join((*roles, text, *tones, *_tone_rules(new)))


_LENGTH = re.compile(r"(\d+)px")
_TOKEN = re.compile(r"@(\w+)")

#: Colours a label may take instead of its role's.
_LABEL_TONES = {
    **{tone: tone for tone in ("ok", "watch", "bad", "info", "none", "text", "text2", "text3")},
    "accent": "accentText",
    "onAccent": "onAccent",
    "surface": "surface",
}

#: Tones of pills, tags and banners.
TONES = ("ok", "watch", "bad", "info", "none", "accent")


def _scaled(new: Look, found: re.Match[str]) -> str:
    length = int(found[1])
    return f"{new.px(length) if length >= 4 else length}px"


def _tone_rules(new: Look) -> Iterator[str]:
    line = 1 if new.is_high_contrast else 0
    for tone in TONES:
        edge, fill = new.tokens[tone], new.tokens[f"{tone}Soft"]
        for name, radius, width in (("pill", 13, line), ("tag", 6, line), ("banner", 10, 2 * line)):
            yield (
                f'QFrame[{name}="{tone}"] {{ background: {fill}; border: {width}px solid {edge};'
                f" border-radius: {new.px(radius)}px; }}"
            )


# --- what style sheet properties need ------------------------------------------------------------

#: Reasons for which a focus ring is shown: the focus came by keyboard.
KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)

#: Reasons for which it is shown where the piece that had the focus before showed it: the program moved it on, or the
#: window or a menu gave it back.
_FOLLOWING = (
    Qt.FocusReason.OtherFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
)


def repolish(widget: QWidget) -> None:
    """Have the style sheet look at a widget's properties again."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property the style sheet selects by; nothing happens when it is so already."""
    held = widget.property(name)
    if held is None and value in ("", "false"):
        return  # the rule does not hold as it is; the first look for a style is costly
    if held != value:
        widget.setProperty(name, value)
        repolish(widget)


def show_or_hide(widget: QWidget, is_shown: bool) -> None:
    """Show or hide a piece of the window.

    A piece that has no parent yet would open as a window of its own, if only for a moment; it is
    shown together with its parent instead.
    """
    if is_shown and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(is_shown)


class _Ring:
    """Whether the piece that has the focus, or had it last, shows so; a field to type in always does."""

    is_shown = False


def note_focus(piece: QWidget) -> None:
    """Remember of the piece that got the focus whether it shows so; called for every one."""
    _Ring.is_shown = piece.property("ring") != "false"


def show_ring(widget: QWidget, reason: Qt.FocusReason | None) -> None:
    """Show the focus ring when the focus came by keyboard, or on from where it was shown; None takes it away."""
    is_shown = reason in KEYBOARD_REASONS or (reason in _FOLLOWING and _Ring.is_shown)
    set_property(widget, "ring", "true" if is_shown else "false")


if TYPE_CHECKING:
    _Base = QWidget  # what it is mixed into
else:
    _Base = object


class RingByKeyboard(_Base):
    """Shows the focus ring as `show_ring` says; stands before the Qt class it is mixed into."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where it helps."""
        super().focusInEvent(event)
        show_ring(self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        show_ring(self, None)


def escaped(text: str) -> str:
    """Return text for a tooltip, which Qt would otherwise read as markup."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<p style='white-space:pre-wrap'>{plain}</p>"


# --- icons ---------------------------------------------------------------------------------------

_pixmaps: dict[tuple[str, str, int, str, int], QPixmap] = {}
_icons: dict[tuple[str, str, int, str, int, Look, float], QIcon] = {}

#: More cached pictures than this and the cache starts anew; a program run uses about 200.
_MOST_PIXMAPS = 1000


@functools.cache
def _drawing(name: str, weight: str) -> str:
    return resources.text("icons", weight, f"{name}.svg")


def read_drawings() -> None:
    """Read every icon's drawing, from any thread: on a slow stick the window would stand still for each it first needs."""
    for file in sorted((resources.root() / "icons").glob("*/*.svg")):
        _drawing(file.stem, file.parent.name)


def pixmap(
    name: str, colour: str = "text2", size: int = 20, weight: str = "regular", ratio: float = 0.0
) -> QPixmap:
    """Return an icon in a token's colour.

    size: edge in logical px at 100 % text size. weight: "regular" for actions, "fill" for states.
    ratio: device pixels per logical px; 0 takes the sharpest screen's.
    Raises: FileNotFoundError for an icon that is not in resources/icons.
    """
    from PySide6.QtSvg import QSvgRenderer

    edge = _look.px(size)
    sharpness = ratio or _ratio()
    device = math.ceil(edge * sharpness)
    value = _look.tokens.get(colour, colour)
    key = (name, value, edge, weight, device)
    if key in _pixmaps:
        return _pixmaps[key]
    if len(_pixmaps) > _MOST_PIXMAPS:
        _pixmaps.clear()
    drawing = _drawing(name, weight).replace("currentColor", value)
    made = QPixmap(device, device)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, device, device))
    painter.end()
    made.setDevicePixelRatio(device / edge)
    _pixmaps[key] = made
    return made


def icon(name: str, colour: str = "text2", size: int = 20, weight: str = "regular", gap: int = 0) -> QIcon:
    """Return an icon for a button; `gap` px of air stand at its right, before the text."""
    key = (name, colour, size, weight, gap, _look, _ratio())
    if key not in _icons:
        if len(_icons) > _MOST_PIXMAPS:
            _icons.clear()
        _icons[key] = _icon(pixmap(name, colour, size, weight), gap)
    return _icons[key]


def _icon(picture: QPixmap, gap: int) -> QIcon:
    if not gap:
        return QIcon(picture)
    ratio = picture.devicePixelRatio()
    wide = QPixmap(picture.width() + round(_look.px(gap) * ratio), picture.height())
    wide.fill(Qt.GlobalColor.transparent)
    wide.setDevicePixelRatio(ratio)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return QIcon(wide)


def icon_size(size: int = 20, gap: int = 0) -> QSize:
    """Return the size to set on a button that shows `icon(..., size, gap)`."""
    return QSize(_look.px(size) + (_look.px(gap) if gap else 0), _look.px(size))


def _ratio() -> float:
    app = QApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QApplication) else 1.0
