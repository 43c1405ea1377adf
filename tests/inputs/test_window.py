"""The real window over a store whose every text is hostile: nothing is read as markup, nothing turns or hides.

The practice of the pictures, behind each of its texts a turned direction, markup that would fetch a file, a sign that
makes keys of letters and an escape sequence. The window goes through its places and the steps of a visit, and all its
pieces are looked at. What it paints itself (lists, the rail) stands in tests/ui.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from shots import lists
from shots.camera import Camera, unlock
from techkit.records.assets import Asset
from techkit.records.parties import Customer
from techkit.records.schema import FieldSpec, Record, ValueType, replace, spec_of
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.ui.widgets.files import SmallPicture

HOSTILE = ' \u202egpj<img src="file:///etc/passwd"><b>&Q\x1b[31m'

#: Texts that are no words but keys to something, each read in one form only.
_KEYS = frozenset(
    {
        *("currency", "time_zone", "number", "period", "sha256", "media_type", "version", "language"),
        *("paper_language", "preferred_language", "device_prefix", "content_hash", "rule", "check"),
    }
)


def poisoned(held: Record) -> Record:
    """Return a record with something hostile behind each of its texts."""
    changed: dict[str, Any] = {}
    for field in spec_of(held).fields:
        value = getattr(held, field.name)
        if field.name in _KEYS or field.choices or field.refers or not value:
            continue
        if field.value_type is ValueType.TEXT:
            changed[field.name] = _behind(value, field)
        elif field.value_type is ValueType.TEXTS and field.name != "identifiers":
            changed[field.name] = tuple(_behind(text, field) for text in value)
    return replace(held, **changed)


def _behind(text: str, field: FieldSpec) -> str:
    return text[: field.max_length - len(HOSTILE)] + HOSTILE


def fill(folder: Path) -> str:
    """Make the store of the pictures, every text of it hostile; return the practice's id."""
    kept = Store.save

    def save(store: Store, *records: Record, actor: str = "") -> None:
        kept(store, *(poisoned(held) for held in records), actor=actor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "save", save)
        return lists.fill(folder)


def troubles(root: QWidget) -> Iterator[str]:
    """Give each piece that shows a text in another way than letter by letter."""
    for piece in (root, *root.findChildren(QWidget)):
        told = [piece.toolTip(), piece.windowTitle()]
        if isinstance(piece, QLabel):
            told.append(piece.text())
            if "gpj" in piece.text() and piece.textFormat() is not Qt.TextFormat.PlainText:
                yield f"{type(piece).__name__} reads markup: {piece.text()!r}"
        if isinstance(piece, QAbstractButton):
            told.append(piece.text())
            key = piece.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
            if key.startswith("Alt+") and "gpj" in piece.text():
                yield f"{type(piece).__name__} makes a key of a name, {key}: {piece.text()!r}"
        if isinstance(piece, QComboBox):
            told += [piece.itemText(place) for place in range(piece.count())]
        if "<img" in piece.toolTip():
            yield f"{type(piece).__name__} reads markup in its tooltip: {piece.toolTip()!r}"
        yield from (
            f"{type(piece).__name__} hides something: {text!r}"
            for text in told
            if {"\u202e", "\x1b"} & {*text}
        )


def test_nothing_hostile_is_obeyed_on_any_place(tmp_path: Path, qtbot: QtBot) -> None:
    """BAD-INPUTS A5, A16, A17, A18 in labels, buttons, choices and tooltips of every place and step."""
    camera = Camera(tmp_path, "en", fill=fill)
    found: dict[str, list[str]] = {}
    seen: set[str] = set()

    def look(name: str) -> None:
        camera.settle(0.05)
        seen.update(
            label.text() for label in camera.program.shell.findChildren(QLabel) if "gpj" in label.text()
        )
        if wrong := sorted({*troubles(camera.program.shell)}):
            found[name] = wrong

    try:
        walk(camera, unlock(camera), look)
    finally:
        camera.close()
    assert found == {}
    assert len(seen) > 100, "the hostile texts were not shown at all"


def _is_read(rows: Any) -> bool:
    return not rows.state.is_loading


def walk(camera: Camera, session: Any, look: Callable[[str], None]) -> None:
    """Go through the places, the pages and forms of one customer, and the steps of a visit."""
    store, places = session.surroundings.store, session.places
    look("today")
    for key in ("visits", "customers", "computers"):
        session.show_place(key)
        camera.wait(functools.partial(_is_read, getattr(places, key)))
        look(key)
    session.show_place("follow_ups")
    camera.wait(lambda: not places.due.rows.state.is_loading and places.due.rows.row(0))
    places.due.choose(places.due.rows.row(0).id)
    camera.wait(lambda: places.due.state.promise)
    look("follow-ups")
    places.open_computer(next(a.id for a in store.find(Asset) if a.name.startswith("LDG-SU-01")))
    camera.wait(lambda: not places.computer.state.is_loading)
    places.computer.edit()
    look("a computer and its form")
    places.computer.cancel()
    places.open_customer(next(c.id for c in store.find(Customer) if c.display_name.startswith("Larkspur")))
    camera.wait(lambda: not places.customer.state.is_loading)
    places.customer.toggle_part("rating")
    camera.settle(0.5)
    places.customer.edit_person(places.customer.state.people[0].id)
    look("a customer and a person's form")
    places.customer.cancel()
    places.open_budgets()
    camera.wait(lambda: not places.budgets.state.is_loading)
    places.budgets.propose(next(b.id for b in places.budgets.state.budgets if b.targets))
    look("budgets and a proposal")
    session.open_palette()
    session.search.type("lark")
    camera.settle(0.2)
    look("the palette")
    session.close_palette()
    session.open_visit(store.find(Visit, order_by="arrived_at", descending=True)[0].id)
    camera.wait(lambda: session.visit is not None and session.visit.state.steps)
    for step in ("need", "check", "work", "after", "sign_off"):
        session.visit.go(step)
        look(step)


def test_a_photo_called_by_markup_fetches_nothing(qtbot: QtBot) -> None:
    """The tooltip of a photo is its name, letter by letter."""
    picture = SmallPicture(b"", f"photo{HOSTILE}")
    qtbot.addWidget(picture)
    assert list(troubles(picture)) == []
    assert "&lt;img" in picture.toolTip()
