"""How pages are made: the template environment with techkit's words, numbers, dates and icons.

An icon is named where it stands and drawn once: `icon()` writes a reference, `icon_symbols()` at the
end of the page writes the drawings that were used. So a list of fifty rows stays small, and no icon
needs a request of its own.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from techkit import i18n, resources
from techkit.central.long_texts import EVERY, WORD, Room, is_mark
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.visible import visible

T = TypeVar("T")

_SVG = re.compile(r"<svg[^>]*viewBox=\"(?P<box>[^\"]+)\"[^>]*>(?P<drawing>.*)</svg>", re.DOTALL)


def environment(**options: Any) -> Environment:
    """Return the environment Django renders pages with (its settings name this function)."""
    made = {**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**made, finalize=_shown)  # noqa: S701 - Django passes autoescape=True
    env.globals.update(
        _=_said,
        ngettext=i18n.ngettext,
        icon=icon,
        icon_symbols=icon_symbols,
        qr=qr,
        few=_few,
        lines_left_out=_left_out,
        static=static,
        language=i18n.current,
    )
    env.filters.update(
        number=i18n.number,
        money=i18n.money,
        minutes=i18n.minutes,
        percent=i18n.percent,
        day=_day,
        clock=i18n.clock,
    )
    return env


def _said(text: str, /, **values: Any) -> str:
    """Return a sentence of the page's own: as markup where no text of a record is in it, so that none of it is cut."""
    said = _(text, **values)
    return said if values else escape(said)


@pass_context
def _shown(context: Context, value: Any) -> Any:
    """Return a text from a record with what nobody would see shown by its code, cut where it is long; markup as it is."""
    if type(value) is not str:
        return value
    room: Room | None = context.get("text_room")
    return visible(value) if room is None else room.shown(value)


@pass_context
def _few(context: Context, lines: Iterable[T]) -> list[T]:
    """Return as many lines of a part as its page has room for."""
    room: Room | None = context.get("text_room")
    return list(lines) if room is None else room.few(lines)


@pass_context
def _left_out(context: Context) -> tuple[int, str]:
    """Return how many lines this page leaves out, and the address that shows them; "" for the answer to a form."""
    room: Room | None = context.get("text_room")
    return (room.left_out, room.address + f"{EVERY}=1" if room.address else "") if room else (0, "")


def _day(value: date | datetime, style: str = "medium") -> str:
    return i18n.day(value.date() if isinstance(value, datetime) else value, style=style)


@functools.lru_cache(maxsize=32)
def static(name: str) -> str:
    """Return a static file's address; it changes with the content, so browsers never hold an old one."""
    found = resources.path("pages", "static", name)
    digest = hashlib.sha256(found.read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def qr(text: str, label: str) -> Markup:
    """Return a text as a QR code to scan from the screen, black on white in every theme."""
    import io

    import segno  # loaded late: one page needs it

    out = io.BytesIO()
    # Four modules of white around it are part of the code. Source: ISO/IEC 18004:2015, 6.3.8.
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        light="#fff",
        svgclass="qr",
        lineclass=None,
    )
    drawn = out.getvalue().decode("utf-8").strip()
    named = Markup('<svg role="img" aria-label="{}" ').format(label)
    return named + Markup(drawn.removeprefix("<svg "))  # noqa: S704 - drawn by segno from modules, no text in it


@functools.lru_cache(maxsize=256)
def _symbol(name: str, style: str) -> tuple[str, str]:
    """Return an icon's view box and drawing."""
    matched = _SVG.search(resources.text("icons", style, f"{name}.svg"))
    if matched is None:
        raise InputError(f"not an icon: {style}/{name}")
    return matched["box"], matched["drawing"]


@pass_context
def icon(context: Context, name: str, style: str = "regular", label: str = "") -> Markup:
    """Return an icon for this page; decoration unless it has a label.

    style: "regular" for actions, "fill" for states. Words without blanks stand unquoted: a list names two hundred icons.
    """
    used: dict[str, tuple[str, str]] = _used(context)
    key = f"i-{name}-{style}"
    used.setdefault(key, _symbol(name, style))
    key = f"i{list(used).index(key)}"  # short: a list names its icons some hundred times
    if label:
        return Markup('<svg class=ic role=img><title>{}</title><use href="#{}"/></svg>').format(
            _shown(context, label), key
        )
    return Markup('<svg class=ic aria-hidden=true><use href="#{}"/></svg>').format(key)


def _used(context: Context) -> dict[str, tuple[str, str]]:
    """Return the icons of this page; templates share one dictionary through the page's context."""
    used: dict[str, tuple[str, str]] | None = context.get("icons_used")
    if used is None:
        raise RuntimeError("a page with icons is rendered by rendering.page")
    return used


@pass_context
def icon_symbols(context: Context) -> Markup:
    """Return the drawings of all icons used on this page, for its end."""
    drawn = (
        Markup('<symbol id="{}" viewBox="{}">{}</symbol>').format(key, box, Markup(drawing))  # noqa: S704 - our own files
        for key, (box, drawing) in ((f"i{n}", drawn) for n, drawn in enumerate(_used(context).values()))
    )
    return Markup('<svg class="symbols" aria-hidden="true">{}</svg>').format(Markup("").join(drawn))


def page(template: str, request: HttpRequest, values: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Return the answer that shows a page, or the one text of it that the address asks for whole.

    values: what the template shows; "is_list" for a page whose lines lead to pages of their own.
    """
    is_framed = (
        "navigation" in values
    )  # what stands outside the frame is read by people who are not signed in
    asked = request.GET.get(WORD, "") if request.method == "GET" and is_framed else ""
    room = Room(address=_again(request), wanted=asked if is_mark(asked) else "")
    if values.get("is_list"):
        room = Room.of_list()
    if is_framed and (asked or request.GET.get(EVERY)):  # the text asked for may stand in any line
        room.lines = sys.maxsize
    made = {"icons_used": {}, "text_room": room, **values}
    text = room.settled(render_to_string(template, made, request, using="jinja2"))
    if asked and room.address and status == 200:
        text, status = _whole(request, values, room)
    return HttpResponse(text, status=status)


def _again(request: HttpRequest) -> str:
    """Return the address of this page, ready for one more word; "" for the answer to a form, which has none."""
    if request.method != "GET":
        return ""
    query = request.GET.copy()
    query.pop(WORD, None)
    query.pop(EVERY, None)
    return f"{request.path}?{query.urlencode()}&" if query else f"{request.path}?"


def _whole(request: HttpRequest, values: Mapping[str, Any], room: Room) -> tuple[str, int]:
    """Return the page of one whole text and its state: 404 where its page holds it no more."""
    missing = CentralError(
        _("This text is not there any more."),
        status=404,
        safe=_("Nothing was changed."),
        advice=_("Go back to its page: it may have been written anew."),
    )
    held = {
        "text": Markup("{}").format(visible(room.found or "")),
        "missing": missing if room.found is None else None,
    }
    made = {**values, "icons_used": {}, "back": room.address.rstrip("?&"), "whole": held}
    return render_to_string(
        "whole.html", made, request, using="jinja2"
    ), 200 if room.found is not None else 404
