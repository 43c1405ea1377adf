"""What is typed into the forms of the record pages and not saved yet: kept as it is typed, offered again after a crash.

One for a session (`Surroundings.typing`); the editors of all pages keep through it. It lies in the store as a setting,
encrypted like the records and on this device only. What is typed on a visit stands in visit_typing.py.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from techkit.errors import TechkitError
from techkit.records.erasure import Erasure
from techkit.ui.presenters import visit_typing
from techkit.ui.presenters.lanes import Lanes, Observable

if TYPE_CHECKING:
    from techkit.store.database import Store

#: So many forms are kept; beyond that the one left longest goes. Ours: a morning's work is two or three.
MOST = 20

_SETTING = "typed.forms"

PageT = TypeVar("PageT")
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One form with what was typed into it.

    page, page_id: the page and the record it shows. way: the method that opens the form there, and its texts.
    kind: of the record in the form; whose: what the page is called; customer_id: "" where it is nobody's.
    """

    page: str
    page_id: str = ""
    way: tuple[str, ...]
    kind: str
    whose: str = ""
    customer_id: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this form from all others."""
        return " ".join((self.page, self.page_id, *self.way))


def opens_form(method: Callable[Concatenate[PageT, P], None]) -> Callable[Concatenate[PageT, P], None]:
    """Mark a method of a page that opens a form: what is typed there is kept, and this method opens it again.

    Its arguments are texts, the ids of records. The page has a `way`.
    """

    @functools.wraps(method)
    def opened(self: PageT, *args: P.args, **kwargs: P.kwargs) -> None:
        page: Any = self
        page.way = (method.__name__, *(str(text) for text in (*args, *kwargs.values())))
        try:
            method(self, *args, **kwargs)
        finally:
            page.way = ()

    opened.opens_form = True  # type: ignore[attr-defined]  # read by `go_way`
    return cast("Callable[Concatenate[PageT, P], None]", opened)


def go_way(page: object, way: tuple[str, ...]) -> None:
    """Open a form of a page again; a way an earlier techkit knew and this one does not is left out."""
    name, *texts = way
    method = getattr(page, name, None)
    if getattr(method, "opens_form", False) and method is not None:
        method(*texts)


class OpenForm:
    """One open form and where its typing is kept.

    typed: what was typed there before, field → text. customer_id: whose record it is, "" where it is nobody's.
    """

    def __init__(self, typing: KeptTyping, draft: Draft, failed: Callable[[TechkitError], object]) -> None:
        self._typing = typing
        self._draft = draft
        self._failed = failed
        self._is_open = True
        self.typed = dict(draft.typed)
        self.customer_id = draft.customer_id

    def keep(self, typed: Mapping[str, str]) -> None:
        """Keep all that stands in the form's fields so far."""
        if self._is_open and typed != self._draft.typed:
            self._draft = replace(self._draft, typed=dict(typed))
            self._typing.put(self._draft, self._failed)

    def forget(self) -> None:
        """Keep nothing more: the form was saved, or put away on purpose."""
        self._is_open = False
        self._typing.drop(self._draft.key)

    def leave(self) -> None:
        """Let go of the form as its page goes: what was typed is offered again."""
        if self._is_open:
            self._is_open = False
            self._typing.leave(self._draft.key)


class KeptTyping:
    """The typing of all forms of a session. `changed`: told when there is something else to go on with."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._drafts: dict[str, Draft] = {}
        self._open: set[str] = set()
        self._dropped: set[str] = set()
        self.changed = Observable()
        lanes.store(self._read, self._take, self._not_read)
        self._end = store.subscribe(self._store_changed)

    def close(self) -> None:
        """Follow the store no more."""
        self._end()

    def open(self, draft: Draft, failed: Callable[[TechkitError], object]) -> OpenForm:
        """Open a form: what was typed there before comes back with it. failed: told when it cannot be kept."""
        held = self._drafts.get(draft.key)
        self._open.add(draft.key)
        self.changed()
        return OpenForm(self, replace(draft, typed=held.typed) if held is not None else draft, failed)

    @property
    def waiting(self) -> tuple[Draft, ...]:
        """What was typed and neither saved nor put away, in forms that are not open now; the newest first."""
        return tuple(draft for key, draft in reversed(self._drafts.items()) if key not in self._open)

    def typed_in(self, page: str, page_id: str) -> Mapping[str, str]:
        """Return field → text of what was typed beside one record of a page, without a form of its own."""
        return next((d.typed for d in self._drafts.values() if (d.page, d.page_id) == (page, page_id)), {})

    def ids_in(self, page: str) -> frozenset[str]:
        """Return the ids of the records of a page beside which something was typed."""
        return frozenset(draft.page_id for draft in self._drafts.values() if draft.page == page)

    def drop_in(self, page: str, page_id: str) -> None:
        """Forget what was typed beside one record of a page."""
        for key, draft in list(self._drafts.items()):
            if (draft.page, draft.page_id) == (page, page_id):
                self.drop(key)

    def drop(self, key: str) -> None:
        """Forget what was typed into a form."""
        self._open.discard(key)
        self._dropped.add(key)
        if self._drafts.pop(key, None) is not None:
            self._write(lambda _error: None)
        self.changed()

    def leave(self, key: str) -> None:
        """Offer a form again whose page went."""
        self._open.discard(key)
        self.changed()

    def put(self, draft: Draft, failed: Callable[[TechkitError], object]) -> None:
        """Keep what stands in a form now."""
        self._dropped.discard(draft.key)
        self._drafts.pop(draft.key, None)
        self._drafts[draft.key] = draft
        for key in list(self._drafts)[:-MOST]:
            del self._drafts[key]
        self._write(failed)
        if draft.key not in self._open:
            self.changed()

    # --- the store

    def _read(self) -> tuple[Draft, ...]:
        return tuple(map(_unpacked, self._store.setting(_SETTING)))

    def _take(self, found: tuple[Draft, ...]) -> None:
        """Take over what was kept; what was typed or put away here meanwhile is newer."""
        before = {draft.key: draft for draft in found if draft.key not in self._dropped}
        is_behind = bool(self._drafts or self._dropped)
        self._drafts = before | self._drafts
        if is_behind and before:
            self._write(lambda _error: None)
        self._forget_removed()
        self.changed()

    def _store_changed(self, kinds: frozenset[str]) -> None:
        if "erasure" in kinds:
            self._lanes.soon(self._forget_removed)

    def _forget_removed(self) -> None:
        """Forget what was typed about a customer who is removed for good, on their visits too."""

        def gone() -> frozenset[str]:
            customers = frozenset(one.customer_id for one in self._store.find(Erasure))
            if customers:
                visit_typing.forget_customers(self._store, customers)
            return customers

        def forget(customers: frozenset[str]) -> None:
            for draft in list(self._drafts.values()):
                if draft.customer_id in customers:
                    self.drop(draft.key)

        self._lanes.store(gone, forget, self._not_read)

    def _write(self, failed: Callable[[TechkitError], object]) -> None:
        store, kept = self._store, tuple(map(_packed, self._drafts.values()))

        def write() -> None:
            store.set_setting(_SETTING, kept)

        def not_written(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            failed(error)

        self._lanes.store(write, None, not_written)

    def _not_read(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error


def _packed(draft: Draft) -> str:
    return json.dumps(
        {
            "page": draft.page,
            "page_id": draft.page_id,
            "way": draft.way,
            "kind": draft.kind,
            "whose": draft.whose,
            "customer_id": draft.customer_id,
            "typed": dict(draft.typed),
        }
    )


def _unpacked(text: str) -> Draft:
    held = json.loads(text)
    return Draft(
        page=held["page"],
        page_id=held["page_id"],
        way=tuple(held["way"]),
        kind=held["kind"],
        whose=held["whose"],
        customer_id=held["customer_id"],
        typed=held["typed"],
    )
