"""A long list: filtered, ordered and read a block at a time in the store lane; rows come ready to show.

The window asks for the rows it draws (`want`) and takes them with `row`; a row that is not here yet is None
and follows. What a list shows of its records is declared in techkit/ui/presenters/list_kinds.py.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from techkit.errors import TechkitError
from techkit.i18n import N_, _
from techkit.records.encoding import instant_text
from techkit.store.listing import Listed, Wanted
from techkit.ui.presenters.choices import Choice, Notice
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.list_views import Arrangement, ListViews
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Rows read at once.
BLOCK = 50

#: Periods offered: value -> label; days back from today, forward for what is due.
PERIODS = {
    "": N_("Any time"),
    "today": N_("Today"),
    "week": N_("Last 7 days"),
    "month": N_("Last 30 days"),
    "quarter": N_("Last 90 days"),
    "year": N_("Last 365 days"),
}
_DAYS = {"today": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its heading, the column of the store it is ordered by, how wide it is and when it goes.

    share: part of the width. rank: 1 is always shown, 3 goes first in a narrow window.
    """

    label: str
    order_by: str = ""
    share: int = 10
    rank: int = 1

    @property
    def key(self) -> str:
        """What names the column where it is put away; "" for one that always stays."""
        return self.order_by


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in a cell: a text, a smaller line, perhaps an icon; tone: a key of theme.TONES or ""."""

    text: str
    line: str = ""
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One row, ready to show."""

    id: str
    cells: tuple[Cell, ...]
    customer_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One thing a list is narrowed by: the chosen one of its choices; "" is all."""

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> str:
        """What the list is narrowed to, in words; "" while all is shown."""
        return next((choice.label for choice in self.choices if choice.is_chosen and choice.value), "")


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """What stands where no row is: a picture, a sentence and perhaps the first step, action: "clear" or "new_visit"."""

    icon: str
    title: str
    text: str
    action_label: str = ""
    action: str = ""


@dataclass(frozen=True, kw_only=True)
class Facet:
    """A filter as a list declares it: fixed choices, or the values its column has. kept: chosen at first."""

    name: str
    label: str
    all_label: str
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_found: bool = False
    kept: str = ""


@dataclass(frozen=True, kw_only=True)
class ListKind:
    """What one list is about and how it shows it. Texts are translated when shown.

    row: makes the cells of a row, in the order of the columns. watches: kinds of record it follows. comes_by_visit: a
    new visit makes its first row.
    """

    name: str
    title: str
    icon: str
    columns: tuple[Column, ...]
    facets: tuple[Facet, ...]
    row: Callable[[Listed, When], tuple[Cell, ...]]
    count_line: Callable[[int], str]
    empty: tuple[str, str]
    watches: frozenset[str]
    descending: bool = False
    order_by: str = ""
    comes_by_visit: bool = False


@dataclass(frozen=True, kw_only=True)
class When:
    """Today's day and zone, for what depends on them."""

    today: date
    zone: tzinfo


@dataclass(frozen=True, kw_only=True)
class ListState:
    """All a list shows beside its rows. rows_changed counts up when rows are to be drawn anew."""

    title: str
    icon: str = ""
    line: str = ""
    columns: tuple[Column, ...] = ()
    order_by: str = ""
    is_descending: bool = False
    filters: tuple[Filter, ...] = ()
    text: str = ""
    customer: str = ""
    hidden: frozenset[str] = frozenset()
    total: int = 0
    rows_changed: int = 0
    is_loading: bool = True
    is_filtered: bool = False
    nothing: Nothing | None = None
    locked: Notice | None = None
    error: str = ""

    @property
    def in_force(self) -> tuple[Filter, ...]:
        """The filters that narrow the list."""
        return tuple(held for held in self.filters if held.chosen)


class RecordList:
    """One long list. on_open: called with the id of the row to open; begin_visit: what an empty list of visits offers."""

    def __init__(
        self,
        surroundings: Surroundings,
        sight: Sight,
        kind: ListKind,
        on_open: Callable[[str], object],
        begin_visit: Callable[[], object] | None = None,
    ) -> None:
        self._world = surroundings
        self._sight = sight
        self.kind = kind
        self._on_open = on_open
        self._begin_visit = begin_visit
        self._rows: dict[int, ListRow] = {}
        self._asked: set[int] = set()
        self._turn = 0
        self._text = ""
        self._chosen = {facet.name: facet.kept for facet in kind.facets}
        self._found: dict[str, tuple[str, ...]] = {}
        self._customer: tuple[str, str] = ("", "")
        self._order = kind.order_by
        self._descending = kind.descending
        self._hidden: frozenset[str] = frozenset()
        self._is_shown = self._is_begun = False
        self._has_facets = False
        self.changed = Observable()
        self.state = ListState(title=_(kind.title), icon=kind.icon)
        self.views = ListViews(
            surroundings,
            kind.name,
            arranged=self._arranged,
            arrange=self._arrange,
            may_offer=lambda: sight.sees_all,
            may_begin=lambda: not self._customer[0],
        )
        self._following = Following(surroundings, self._concerns, self._read_again)
        self._end = sight.changed.subscribe(self._sight_changed)

    def close(self) -> None:
        """Follow the store no more."""
        self._following.close()
        self._end()

    # --- what the technician does

    def begin_visit(self) -> None:
        """Begin a new visit, where the list is empty without one."""
        if self._begin_visit is not None:
            self._begin_visit()

    def show(self) -> None:
        """Read the list, once it is looked at, as its first view has it; later looks find it up to date."""
        if not self._is_shown:
            self._is_shown = True
            self.views.begin(self._begin)

    def type(self, text: str) -> None:
        """Show the rows in which every typed word begins a word."""
        text = " ".join(text[:200].split())
        if text != self._text:
            self._text = text
            self.refresh()

    def choose(self, name: str, value: str) -> None:
        """Narrow the list by one thing; "" takes it back."""
        if self._chosen.get(name) != value:
            self._chosen[name] = value
            self.refresh()

    def choose_customer(self, customer_id: str, name: str = "") -> None:
        """Show one customer's rows only; "" shows all again."""
        self._customer = (customer_id, name[:80])
        self.refresh()

    def order(self, column: str) -> None:
        """Order by a column; again turns the order round."""
        if column == self._order:
            self._descending = not self._descending
        else:
            self._order, self._descending = column, column in _NEWEST_FIRST
        self.refresh()

    def show_column(self, key: str, *, is_shown: bool) -> None:
        """Put a column away or bring it back; the first one stays."""
        if key and key != self.kind.columns[0].key:
            self._hidden = self._hidden - {key} if is_shown else self._hidden | {key}
            self._show(self.state.total, is_loading=self.state.is_loading)

    def clear(self) -> None:
        """Take all filters back."""
        self._text, self._customer = "", ("", "")
        self._chosen = {facet.name: facet.kept for facet in self.kind.facets}
        self.refresh()

    def open(self, record_id: str) -> None:
        """Open what a row stands for."""
        self._on_open(record_id)

    # --- how it stands

    def _begin(self, is_set: bool) -> None:
        self._is_begun = True
        if not is_set:
            self.refresh()

    def _arranged(self) -> Arrangement:
        return Arrangement(
            chosen=dict(self._chosen),
            text=self._text,
            order_by=self._order,
            is_descending=self._descending,
            hidden=self._hidden,
        )

    def _arrange(self, held: Arrangement) -> None:
        """Set the list so; filters, columns and orders it does not have are left out."""
        columns = {column.key for column in self.kind.columns}
        self._text, self._customer = held.text, ("", "")
        self._chosen = {
            facet.name: _offered(facet, held.chosen.get(facet.name)) for facet in self.kind.facets
        }
        self._order = held.order_by if held.order_by in columns | {self.kind.order_by} else self.kind.order_by
        self._descending = held.is_descending
        self._hidden = held.hidden & columns - {self.kind.columns[0].key}
        self._is_begun = True
        self.refresh()

    # --- rows

    def row(self, number: int) -> ListRow | None:
        """Return a row, None while it is not read."""
        return self._rows.get(number)

    def want(self, first: int, last: int) -> None:
        """Read the rows from first to last, where they are not here yet."""
        turn, wanted, when = self._turn, self._wanted(), self._when()
        if not self._may_read:
            return
        for block in range(max(0, first) // BLOCK, min(last, self.state.total - 1) // BLOCK + 1):
            if block in self._asked:
                continue
            self._asked.add(block)
            self._world.lanes.store(
                functools.partial(self._read, wanted, when, block),
                functools.partial(self._take, turn, block),
                self._failed,
            )

    def refresh(self) -> None:
        """Read the list anew: how many rows there are and the first of them; what filters offer follows."""
        if not self._is_shown or not self._is_begun:
            return
        self._turn += 1
        turn, wanted, when = self._turn, self._wanted(), self._when()
        if not self._may_read:
            self._rows, self._asked, self._found, self._has_facets = {}, set(), {}, False
            self._show(0, is_loading=False)
            return
        store = self._world.store

        def take(result: tuple[int, tuple[ListRow, ...]]) -> None:
            if turn != self._turn:
                return
            total, rows = result
            self._rows, self._asked = dict(enumerate(rows)), {0}
            self._show(total, is_loading=False)

        def read() -> tuple[int, tuple[ListRow, ...]]:
            return store.count_listed(wanted), self._read(wanted, when, 0)

        self._world.lanes.store(read, take, self._failed)
        if not self._has_facets:
            self._has_facets = True
            self._world.lanes.store(self._read_facets, self._take_facets, self._failed)

    def _read_facets(self) -> dict[str, tuple[str, ...]]:
        bare = Wanted(name=self.kind.name, equals=self._seen())
        names = [facet.name for facet in self.kind.facets if facet.is_found]
        return {name: tuple(self._world.store.values_listed(bare, name)) for name in names}

    def _take_facets(self, found: dict[str, tuple[str, ...]]) -> None:
        if found != self._found and self._may_read:
            self._found = found
            self._show(self.state.total, is_loading=self.state.is_loading)

    # --- reading

    @property
    def _may_read(self) -> bool:
        return self._sight.sees_all or bool(self._sight.customer_id)

    def _seen(self) -> dict[str, tuple[str, ...]]:
        return {} if self._sight.sees_all else {"customer_id": (self._sight.customer_id,)}

    def _wanted(self) -> Wanted:
        equals = {
            name: tuple(value.split(","))
            for name, value in self._chosen.items()
            if value and name != "period"
        }
        if self._customer[0]:
            equals["customer_id"] = (self._customer[0],)
        equals |= self._seen()
        since, until = self._bounds()
        return Wanted(
            name=self.kind.name,
            text=self._text,
            equals=equals,
            since=since,
            until=until,
            order_by=self._order,
            descending=self._descending,
        )

    def _bounds(self) -> tuple[str, str]:
        period = self._chosen.get("period", "")
        if not period:
            return "", ""
        when = self._when()
        if period in ("overdue", "soon", "later"):
            today, soon = when.today.isoformat(), (when.today + timedelta(days=8)).isoformat()
            return {"overdue": ("", today), "soon": (today, soon), "later": (soon, "")}[period]
        first = when.today - timedelta(days=_DAYS[period] - 1)
        return self._midnight(first), self._midnight(when.today + timedelta(days=1))

    def _midnight(self, day: date) -> str:
        return instant_text(datetime.combine(day, time(), tzinfo=self._world.clock.zone()))

    def _read(self, wanted: Wanted, when: When, block: int) -> tuple[ListRow, ...]:
        found = self._world.store.listed(wanted, block * BLOCK, BLOCK)
        return tuple(
            ListRow(id=held["id"], customer_id=held["customer_id"] or "", cells=self.kind.row(held, when))
            for held in found
        )

    def _take(self, turn: int, block: int, rows: tuple[ListRow, ...]) -> None:
        if turn != self._turn:
            return
        self._rows.update({block * BLOCK + place: row for place, row in enumerate(rows)})
        self._show(self.state.total, is_loading=False)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self.state = dataclasses.replace(self.state, error=error.sentences(), is_loading=False)
        self.changed()

    def _concerns(self, kinds: frozenset[str]) -> bool:
        return self._is_shown and not kinds.isdisjoint(self.kind.watches)

    def _read_again(self) -> None:
        self._has_facets = False
        self.refresh()

    def _sight_changed(self) -> None:
        self._rows, self._asked, self._found, self._has_facets = {}, set(), {}, False
        self.refresh()

    # --- showing

    def _show(self, total: int, *, is_loading: bool) -> None:
        is_narrowed = any(self._chosen[facet.name] != facet.kept for facet in self.kind.facets)
        is_filtered = bool(self._text or self._customer[0] or is_narrowed)
        self.state = ListState(
            title=_(self.kind.title),
            icon=self.kind.icon,
            line=self.kind.count_line(total) if self._may_read else "",
            columns=self.kind.columns,
            order_by=self._order,
            is_descending=self._descending,
            filters=tuple(self._filter(facet) for facet in self.kind.facets),
            text=self._text,
            customer=self._customer[1],
            hidden=self._hidden,
            total=total,
            rows_changed=self.state.rows_changed + 1,
            is_loading=is_loading,
            is_filtered=is_filtered,
            nothing=self._nothing(is_filtered) if not total and not is_loading else None,
            locked=self._locked(),
        )
        self.changed()
        self.views.follow()

    def _filter(self, facet: Facet) -> Filter:
        chosen = self._chosen[facet.name]
        pairs = [("", _(facet.all_label)), *((value, _(label)) for value, label in facet.choices.items())]
        if facet.is_found:
            pairs += [(value, value) for value in self._found.get(facet.name, ())]
        if chosen and chosen not in dict(pairs):
            pairs.append((chosen, chosen))
        return Filter(
            name=facet.name,
            label=_(facet.label),
            choices=tuple(Choice(value=v, label=label, is_chosen=v == chosen) for v, label in pairs),
        )

    def _nothing(self, is_filtered: bool) -> Nothing | None:
        if not self._may_read:
            return None
        if self._text:
            return Nothing(
                icon="magnifying-glass",
                title=_("Nothing found"),
                text=_("Nothing here matches “{words}”. Try fewer letters.", words=self._text[:60]),
                action_label=_("Clear the filters"),
                action="clear",
            )
        if is_filtered:
            return Nothing(
                icon="funnel-simple",
                title=_("Nothing found"),
                text=_("Nothing fits these filters."),
                action_label=_("Clear the filters"),
                action="clear",
            )
        title, text = self.kind.empty
        if self._begin_visit is None or not self.kind.comes_by_visit:
            return Nothing(icon=self.kind.icon, title=_(title), text=_(text))
        return Nothing(
            icon=self.kind.icon,
            title=_(title),
            text=_(text),
            action_label=_("New visit"),
            action="new_visit",
        )

    def _locked(self) -> Notice | None:
        if self._sight.sees_all:
            return None
        return Notice(
            kind="info",
            title=self._sight.sentence,
            text=_("“All customers” on Today shows the others, after the passphrase."),
            action_label=_("Go to Today"),
            action="today",
        )

    def _when(self) -> When:
        zone = self._world.clock.zone()
        return When(today=self._world.today, zone=zone)


def _offered(facet: Facet, value: str | None) -> str:
    """Return a kept choice where the filter still offers it, else what is chosen at first."""
    return (
        value if value is not None and (not value or facet.is_found or value in facet.choices) else facet.kept
    )


#: Columns that begin with the newest.
_NEWEST_FIRST = frozenset({"day", "seen", "promises", "computers"})
