"""Saved views of a list: what narrows it, its order and its columns under a name; one of them shown at first.

Views are this device's own and stand in its encrypted store. On a customer's computer none is named: a view may
name another customer.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.entering import clean_text
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.surroundings import Surroundings

#: The setting that keeps the views of all lists, each as JSON.
SETTING = "lists.views"

#: The longest name of a view, and how many views one list has at most.
MOST_LETTERS, MOST_VIEWS = 40, 20


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """How a list is narrowed, ordered and which of its columns are put away (keys of columns)."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    order_by: str = ""
    is_descending: bool = False
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class View:
    """An arrangement under a name; is_first: shown when the list is opened."""

    name: str
    arrangement: Arrangement
    is_first: bool = False


@dataclass(frozen=True, kw_only=True)
class ViewsState:
    """The views of a list, ready to show.

    names: in the order they were kept. shown: the view the list was last set to, "" for none. first: the one
    shown when the list is opened. is_changed: the list was changed since it was set to the shown one.
    """

    names: tuple[str, ...] = ()
    shown: str = ""
    first: str = ""
    is_changed: bool = False
    is_offered: bool = True
    error: str = ""
    undo_line: str = ""


class ListViews:
    """The views of one list. arranged: how the list stands now; arrange: sets it so.

    may_offer: whether views may be named on this computer. may_begin: whether the first view may be set on opening.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        name: str,
        *,
        arranged: Callable[[], Arrangement],
        arrange: Callable[[Arrangement], object],
        may_offer: Callable[[], bool],
        may_begin: Callable[[], bool],
    ) -> None:
        self._world = surroundings
        self._name = name
        self._arranged, self._arrange = arranged, arrange
        self._may_offer, self._may_begin = may_offer, may_begin
        self._bare = arranged()
        self._views: tuple[View, ...] = ()
        self._shown = ""
        self._undo: tuple[str, tuple[View, ...]] | None = None
        self._error = ""
        self.changed = Observable()
        self.state = ViewsState()

    # --- what the technician does

    def show(self, name: str) -> None:
        """Set the list to a view; "" is everything, as the list begins."""
        held = self._held(name)
        self._shown, self._error = (held.name if held else ""), ""
        self._arrange(held.arrangement if held else self._bare)
        self.follow()

    def show_number(self, number: int) -> None:
        """Set the list to the view of this place, counted from 1; 0 is everything."""
        if number == 0:
            self.show("")
        elif number <= len(self.state.names):
            self.show(self.state.names[number - 1])

    def keep(self, name: str) -> None:
        """Keep how the list stands under a name; a view of that name is replaced."""
        said = self._named(name)
        if said is None:
            return
        held = self._held(said)
        if held is None and len(self._views) >= MOST_VIEWS:
            self._refuse(
                _("This list has {n} views already. Delete one that is not used any more.", n=MOST_VIEWS)
            )
            return
        made = View(
            name=held.name if held else said,
            arrangement=self._arranged(),
            is_first=held.is_first if held else False,
        )
        views = (
            tuple(made if view is held else view for view in self._views) if held else (*self._views, made)
        )
        self._shown = made.name
        line = _("“{name}” shows this now.", name=made.name) if held else _("“{name}” is kept.", name=said)
        self._write(views, line)

    def rename(self, name: str) -> None:
        """Give the shown view another name."""
        held, said = self._held(self._shown), self._named(name)
        if held is None or said is None or said == held.name:
            return
        other = self._held(said)
        if other is not None and other is not held:
            self._refuse(_("Another view is called “{name}”. Choose another name.", name=other.name))
            return
        self._shown = said
        renamed = dataclasses.replace(held, name=said)
        views = tuple(renamed if view is held else view for view in self._views)
        self._write(views, _("“{name}” is called “{new}” now.", name=held.name, new=said))

    def delete(self) -> None:
        """Delete the shown view; the list stays as it stands."""
        held = self._held(self._shown)
        if held is not None:
            self._shown = ""
            views = tuple(view for view in self._views if view is not held)
            self._write(views, _("“{name}” is deleted.", name=held.name))

    def make_first(self, *, is_first: bool) -> None:
        """Show the shown view whenever the list is opened, or not any more."""
        held = self._held(self._shown)
        if held is not None and held.is_first != is_first:
            views = tuple(
                dataclasses.replace(view, is_first=is_first and view is held) for view in self._views
            )
            line = (
                _("“{name}” is shown first from now on.", name=held.name)
                if is_first
                else _("Everything is shown first from now on.")
            )
            self._write(views, line)

    def undo(self) -> None:
        """Take the last change of the views back."""
        if self._undo is not None:
            _line, views = self._undo
            self._write(views, "")
            if self._held(self._shown) is None:
                self._shown = ""
            self.follow()

    def follow(self) -> None:
        """Say anew how the views stand, after the list was changed."""
        held = self._held(self._shown)
        offered = self._may_offer()
        state = ViewsState(
            names=tuple(view.name for view in self._views) if offered else (),
            shown=held.name if held and offered else "",
            first=next((view.name for view in self._views if view.is_first), "") if offered else "",
            is_changed=self._arranged() != (held.arrangement if held else self._bare),
            is_offered=offered,
            error=self._error,
            undo_line=self._undo[0] if self._undo else "",
        )
        if state != self.state:
            self.state = state
            self.changed()

    def begin(self, then: Callable[[bool], object]) -> None:
        """Read the views and set the list to the first one, where it may; then: told whether it was."""

        def take(kept: tuple[str, ...]) -> None:
            self._views = _read(kept, self._name)
            first = next((view for view in self._views if view.is_first), None)
            is_free = self._may_offer() and self._may_begin() and self._arranged() == self._bare
            if first is not None and is_free:
                self._shown = first.name
                self._arrange(first.arrangement)
            self.follow()
            then(first is not None and is_free)

        def failed(error: Exception) -> None:
            self._failed(error)
            then(False)

        store = self._world.store
        self._world.lanes.store(lambda: store.setting(SETTING), take, failed)

    # --- inside

    def _held(self, name: str) -> View | None:
        return next((view for view in self._views if view.name.casefold() == name.casefold()), None)

    def _named(self, name: str) -> str | None:
        said = clean_text(name)
        if not said:
            self._refuse(_("Please give the view a name."))
        elif len(said) > MOST_LETTERS:
            self._refuse(_("A name has {n} characters at most.", n=MOST_LETTERS))
        else:
            return said
        return None

    def _refuse(self, sentence: str) -> None:
        self._error = sentence
        self.follow()

    def _write(self, views: tuple[View, ...], line: str) -> None:
        self._undo = (line, self._views) if line else None
        self._views, self._error = views, ""
        store, name = self._world.store, self._name

        def work() -> None:
            others = tuple(text for text in store.setting(SETTING) if _list_of(text) != name)
            store.set_setting(SETTING, (*others, *(_written(view, name) for view in views)))

        self._world.lanes.store(work, None, self._failed)
        self.follow()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError) or isinstance(error, InputError):
            raise error
        self._refuse(error.sentences())


def _written(view: View, name: str) -> str:
    held = view.arrangement
    return json.dumps(
        {
            "list": name,
            "name": view.name,
            "first": view.is_first,
            "chosen": dict(held.chosen),
            "text": held.text,
            "order": held.order_by,
            "descending": held.is_descending,
            "hidden": sorted(held.hidden),
        },
        ensure_ascii=False,
    )


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _list_of(text: str) -> str:
    return str(_document(text).get("list", ""))


def _read(kept: tuple[str, ...], name: str) -> tuple[View, ...]:
    """Return the views of a list; what cannot be read is passed over."""
    found: dict[str, View] = {}
    for held in map(_document, kept):
        chosen, called = held.get("chosen"), str(held.get("name", ""))[:MOST_LETTERS]
        if held.get("list") != name or not called or not isinstance(chosen, dict):
            continue
        hidden = held.get("hidden")
        found[called.casefold()] = View(
            name=called,
            is_first=held.get("first") is True,
            arrangement=Arrangement(
                chosen={str(key): str(value) for key, value in chosen.items()},
                text=str(held.get("text", ""))[:200],
                order_by=str(held.get("order", "")),
                is_descending=held.get("descending") is True,
                hidden=frozenset(map(str, hidden)) if isinstance(hidden, list) else frozenset(),
            ),
        )
    return tuple(found.values())[:MOST_VIEWS]
