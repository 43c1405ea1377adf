"""The search palette: actions and records; one customer only on a computer that is not one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from techkit.i18n import N_, _
from techkit.records import catalogue
from techkit.records.assets import Asset
from techkit.records.cards import Card
from techkit.records.findings import AREA_LABELS
from techkit.records.parties import Contact, Customer
from techkit.records.schema import Record, is_known, spec_for, spec_of
from techkit.records.templates import VisitTemplate
from techkit.records.visit import Visit
from techkit.records.wording import summary_line
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.surroundings import Surroundings

#: Records shown for a query; more words find less.
MOST_HITS = 30

#: id, words, icon, keys.
_ACTIONS = (
    ("today", N_("Go to Today"), "house", ""),
    ("visits", N_("Go to Visits"), "clipboard-text", ""),
    ("customers", N_("Go to Customers"), "buildings", ""),
    ("computers", N_("Go to Computers"), "desktop", ""),
    ("follow_ups", N_("Go to Follow-ups"), "flag", ""),
    ("budgets", N_("Go to Budgets"), "wallet", ""),
    ("how_to", N_("Go to the how-to cards"), "cards", ""),
    ("templates", N_("Go to the templates of visits"), "stack", ""),
    ("new_visit", N_("New visit"), "plus", "Ctrl+N"),
    ("check", N_("Check this computer"), "heartbeat", "Ctrl+D"),
    ("sync", N_("Sync now"), "arrows-clockwise", "Ctrl+Shift+S"),
    ("settings", N_("Settings"), "gear", "Ctrl+,"),
    ("lock", N_("Lock now"), "lock-simple", "Ctrl+L"),
)

_Kinds = tuple[type[Record], ...]
_PEOPLE: _Kinds = (Contact, Customer)
_NUMBERS: _Kinds = (Asset, Visit)

#: So many characters of a serial number are looked for anywhere in it. Source: the design, chapter 3.
FEWEST_OF_SERIAL = 3

#: How-to cards shown below the records.
MOST_CARDS = 5

#: Kinds of record with a page of their own.
_PAGES = ("customer", "asset")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found: kind is a record's kind, "how_to" or "action"."""

    kind: str
    id: str
    title: str
    line: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """What the palette shows: groups of (title, hits) in order."""

    query: str = ""
    groups: tuple[tuple[str, tuple[Hit, ...]], ...] = ()
    is_empty: bool = True
    nothing_line: str = ""


class Search:
    """The palette.

    on_open: called with a visit's id when what was chosen leads to a visit. on_page: called with "customer"
    or "asset" and the id of the page to show; without it the latest visit is opened.
    customer_id: whose visit is open; on a computer that is not the technician's own nobody else's
    records are found, unless sees_all was allowed by the passphrase. offers_parts: whether a visit is open, in which
    one part of the computer can be looked at alone.
    """

    #: Begins the id of the action that looks at one part of the computer alone; the part follows.
    ONLY = "only:"

    def __init__(
        self,
        surroundings: Surroundings,
        on_open: Callable[[str], object],
        on_page: Callable[[str, str], object] | None = None,
    ) -> None:
        catalogue.every()  # every kind is declared before the first search
        self._world = surroundings
        self._on_open = on_open
        self._on_page = on_page
        self._ticket: Ticket | None = None
        self.customer_id = ""
        self.sees_all = surroundings.is_own_computer
        self.offers_parts: Callable[[], bool] = lambda: False
        self.changed = Observable()
        self.state = SearchState(groups=self._actions(""), is_empty=False)

    def type(self, text: str) -> None:
        """Search for what is typed: ">" actions only, "#" serials and numbers, "@" people."""
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
        self._world.cards.want()
        query = text.strip()
        mark, words = (query[:1], query[1:].strip()) if query[:1] in (">", "#", "@") else ("", query)
        actions = self._actions(words) if mark in ("", ">") else ()
        if not words or mark == ">":
            self._show(query, actions, words)
            return
        kinds = {"#": _NUMBERS, "@": _PEOPLE}.get(mark)
        self._ticket = self._world.lanes.store(
            lambda: self._find(words, kinds), lambda hits: self._found(query, words, actions, hits)
        )

    def choose(self, kind: str, record_id: str) -> None:
        """Open the page of a customer, person or computer, else the visit a record belongs to."""
        show = self._on_page
        if show is None:
            self._world.lanes.store(lambda: self._visit_of(kind, record_id), self._open)
            return

        def opened(target: tuple[str, str]) -> None:
            if target[0] == spec_of(Visit).kind:
                self._open(target[1])
            else:
                show(*target)

        self._world.lanes.store(lambda: self._target_of(kind, record_id), opened)

    def close(self) -> None:
        """Forget what was typed."""
        self.type("")

    # --- what follows

    def _actions(self, words: str) -> tuple[tuple[str, tuple[Hit, ...]], ...]:
        wanted = words.casefold().split()
        hits = tuple(
            Hit(kind="action", id=action, title=_(title), line=keys, icon=icon)
            for action, title, icon, keys in _ACTIONS
            if all(word in _(title).casefold() for word in wanted)
        )
        if wanted and self.offers_parts():  # the list of everything stays short
            hits += tuple(
                Hit(kind="action", id=f"{self.ONLY}{area}", title=title, line="", icon="heartbeat")
                for area, label in AREA_LABELS.items()
                for title in (_("Check only: {part}", part=_(label)),)
                if all(word in title.casefold() for word in wanted)
            )
        return ((_("Actions"), hits),) if hits else ()

    def _find(self, words: str, kinds: _Kinds | None) -> tuple[Hit, ...]:
        store = self._world.store
        if not self.sees_all and not self.customer_id:
            return ()
        # Nobody else's records take the places of those of the customer whose visit is open.
        found = store.search(words, kinds, MOST_HITS, customer_id="" if self.sees_all else self.customer_id)
        if kinds == _NUMBERS and len(words) >= FEWEST_OF_SERIAL and len(found) < MOST_HITS:
            # The paper shows the end of a serial number only, which begins no word.
            there = {record.id for record in found}
            ends = store.containing(Asset, "serial", words, MOST_HITS - len(found))
            found = [*found, *(asset for asset in ends if asset.id not in there)]
        hits = []
        for record in found:
            if isinstance(record, (Card, VisitTemplate)) or not self._may_show(record):
                continue  # cards have a group of their own, templates a page
            spec = spec_of(record)
            customer = store.get(Customer, getattr(record, "customer_id", "") or "")
            parts = (_(spec.title), customer.display_name if customer else "")
            hits.append(
                Hit(
                    kind=spec.kind,
                    id=record.id,
                    title=summary_line(record) or _(spec.title),
                    line=" · ".join(part for part in parts if part),
                    icon=spec.icon,
                )
            )
        return tuple(hits)

    def _may_show(self, record: Record) -> bool:
        if getattr(record, "merged_into", None) is not None:
            return False
        if self.sees_all:
            return True
        if not self.customer_id:
            return False
        if record.id == self.customer_id:
            return True
        owner = getattr(record, "customer_id", None)
        if owner:
            return bool(owner == self.customer_id)
        visit = self._world.store.get(Visit, getattr(record, "visit_id", "") or "")
        return visit is not None and visit.customer_id == self.customer_id

    def _found(
        self,
        query: str,
        words: str,
        actions: tuple[tuple[str, tuple[Hit, ...]], ...],
        hits: tuple[Hit, ...],
    ) -> None:
        records = ((_("Records"), hits),) if hits else ()
        self._show(query, (*actions, *records, *self._cards(query, words)), words)

    def _cards(self, query: str, words: str) -> tuple[tuple[str, tuple[Hit, ...]], ...]:
        if query[:1] in ("#", "@"):
            return ()
        found = tuple(
            Hit(kind="how_to", id=card.id, title=card.title, line=card.fits, icon="cards")
            for card in self._world.cards.search(words, MOST_CARDS)
        )
        return ((_("How-to cards"), found),) if found else ()

    def _show(self, query: str, groups: tuple[tuple[str, tuple[Hit, ...]], ...], words: str) -> None:
        nothing = ""
        if words and not groups:
            nothing = _("Nothing on this device matches “{words}”. Try fewer letters.", words=words[:60])
            if not self.sees_all:
                nothing = _("Nothing of this customer matches “{words}”.", words=words[:60])
        self.state = SearchState(query=query, groups=groups, is_empty=not groups, nothing_line=nothing)
        self.changed()

    def _target_of(self, kind: str, record_id: str) -> tuple[str, str]:
        """Return the page a record is on: ("customer" or "asset", id), or ("visit", id) for what has no page."""
        if kind in _PAGES:
            return kind, record_id
        visit_id = self._visit_of(kind, record_id)
        record = self._world.store.get(spec_for(kind).cls, record_id) if is_known(kind) else None
        customer_id = str(getattr(record, "customer_id", "") or "")
        if customer_id and not getattr(record, "visit_id", "") and kind != spec_of(Visit).kind:
            return spec_of(Customer).kind, customer_id
        return spec_of(Visit).kind, visit_id

    def _visit_of(self, kind: str, record_id: str) -> str:
        store = self._world.store
        if kind == spec_of(Visit).kind:
            return record_id
        record = store.get(spec_for(kind).cls, record_id) if is_known(kind) else None
        if record is None:
            return ""
        if visit_id := getattr(record, "visit_id", ""):
            return str(visit_id)
        customer_id = record.id if isinstance(record, Customer) else getattr(record, "customer_id", "")
        visits = store.find(Visit, customer_id=customer_id, order_by="arrived_at", descending=True, limit=1)
        return visits[0].id if visits else ""

    def _open(self, visit_id: str) -> None:
        if visit_id:
            self._on_open(visit_id)
