"""What is read of the local store: records by id and by value, long lists, search, a visit with all that belongs to it.

Always the view: what the service confirmed, with the waiting operations of this device on top. `Store`
(store/database.py) is this and the ways to change something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from techkit.errors import StoreError
from techkit.i18n import _
from techkit.records.assets import Asset, Contract, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.bundle import ACTIVITY_CLASSES, BELOW_VISIT, VisitBundle, gather
from techkit.records.operations import customer_scope
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.schema import Record, spec_of
from techkit.records.visit import Visit
from techkit.store import drawing, listing
from techkit.store import search as search_index
from techkit.store.connection import Connection
from techkit.store.selection import bound, select
from techkit.store.tables import Table

R = TypeVar("R", bound=Record)


class Reading:
    """The reading half of a store."""

    connection: Connection
    #: By kind of record.
    tables: dict[str, Table]
    is_read_only: bool

    def get(self, cls: type[R], record_id: str | None) -> R | None:
        """Return a record by id, None when it is not here or was removed."""
        if not record_id:
            return None
        table = self.tables[spec_of(cls).kind]
        raw = self.connection.one(f"{table.select_sql} WHERE id = ? AND _removed = 0", (record_id,))
        return None if raw is None else table.record(raw)  # type: ignore[return-value]  # by its table

    def changed_since(self, kind: str, record_id: str, order: int) -> tuple[str, ...]:
        """Return the names of a record's fields that were written after this clock, in their order."""
        table = self.tables.get(kind)
        raw = table and self.connection.one(f"{table.select_sql} WHERE id = ?", (record_id,))
        if not table or not raw:
            return ()
        clocks = table.state(raw).clocks
        return tuple(f.name for f in table.spec.fields if f.name in clocks and clocks[f.name][0] > order)

    def get_even_removed(self, cls: type[R], record_id: str) -> R | None:
        """Return the record with this id, also when it was removed; None when it is not here."""
        table = self.tables[spec_of(cls).kind]
        raw = self.connection.one(f"{table.select_sql} WHERE id = ?", (record_id,))
        return None if raw is None else table.record(raw)  # type: ignore[return-value]  # by its table

    def find(
        self,
        cls: type[R],
        *,
        order_by: str = "id",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        with_removed: bool = False,
        **equals: Any,
    ) -> list[R]:
        """Return the records whose fields equal these values, ordered by a field, then by id.

        A tuple, list or set as value stands for any of its items; None for an empty field.
        Raises: KeyError for a field that is not declared.
        """
        table = self.tables[spec_of(cls).kind]
        sql, values = select(
            table,
            equals,
            order_by=order_by,
            descending=descending,
            limit=limit,
            offset=offset,
            with_removed=with_removed,
        )
        return [table.record(raw) for raw in self.connection.all(sql, values)]  # type: ignore[misc]  # the table is of this class

    def count(self, cls: type[Record], **equals: Any) -> int:
        """Return how many records that were not removed have these values."""
        table = self.tables[spec_of(cls).kind]
        where = ["_removed = 0"]
        for name in equals:
            table.spec.field(name)
            where.append(f'"{name}" IS ?')
        row = self.connection.one(
            f'SELECT count(*) FROM "{table.name}" WHERE {" AND ".join(where)}',  # noqa: S608 - declared names
            [bound(v) for v in equals.values()],
        )
        return int(row[0]) if row else 0

    def drawing_visits(self, wanted: drawing.Drawing) -> list[str]:
        """Return the ids of visits that draw on contracts and cost centres; see techkit/store/drawing.py."""
        return drawing.visit_ids(self.connection, wanted)

    def search(
        self,
        text: str,
        kinds: Collection[type[Record] | str] | None = None,
        limit: int = 50,
        *,
        customer_id: str = "",
    ) -> list[Record]:
        """Return records in which every typed word begins a word, best first; [] for no words.

        kinds: classes or kinds of record to look in; all when not given. customer_id: whose records only.
        """
        names = None if kinds is None else [k if isinstance(k, str) else spec_of(k).kind for k in kinds]
        scope = customer_scope(customer_id) if customer_id else ""
        return search_index.find(self.connection, self.tables, text, names, limit, scope)

    def containing(self, cls: type[R], field: str, text: str, limit: int = 50) -> list[R]:
        """Return records with these letters anywhere in a field, large or small, e.g. the end of a serial number.

        Reads every row of the table: meant for short fields of kinds there are few of. Raises: KeyError for a field
        that is not declared.
        """
        table = self.tables[spec_of(cls).kind]
        table.spec.field(field)
        wanted = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in text)
        sql = f"{table.select_sql} WHERE _removed = 0 AND \"{field}\" LIKE ? ESCAPE '\\' ORDER BY id LIMIT ?"
        return [table.record(raw) for raw in self.connection.all(sql, [f"%{wanted}%", limit])]  # type: ignore[misc]  # the table is of this class

    def listed(self, wanted: listing.Wanted, first: int = 0, count: int = 100) -> list[listing.Listed]:
        """Return a page of a long list; see techkit/store/listing.py."""
        self._refresh_for(wanted)
        return listing.rows(self.connection, wanted, first, count)

    def count_listed(self, wanted: listing.Wanted) -> int:
        """Return how many rows a long list has."""
        self._refresh_for(wanted)
        return listing.count(self.connection, wanted)

    def values_listed(self, wanted: listing.Wanted, column: str) -> list[str]:
        """Return the values a column of a long list has, in the order of words."""
        self._refresh_for(wanted)
        return listing.values(self.connection, wanted, column)

    def _refresh_for(self, wanted: listing.Wanted) -> None:
        if wanted.text and not self.is_read_only:
            search_index.refresh(self.connection, self.tables)

    def refresh_search(self, limit: int = 500) -> bool:
        """Put some of what changed into the search index; return whether more is left.

        A search does what is left itself. After a large sync it is called in the background, again and
        again, so that no search waits and no save either. 500 entries take about 30 ms.
        """
        with self.connection.transaction():
            return search_index.refresh(self.connection, self.tables, limit)

    def bundle(self, visit_id: str) -> VisitBundle:
        """Return a visit with all that belongs to it. Raises: StoreError when it is not here."""
        with self.connection.lock:
            visit = self.get(Visit, visit_id)
            if visit is None:
                raise StoreError(_("This visit is not on this device."), safe=_("Nothing was changed."))
            records: list[Record] = []
            named: tuple[tuple[type[Record], str | None], ...] = (
                (Customer, visit.customer_id),
                (Site, visit.site_id),
                (Contact, visit.contact_id),
                (Payer, visit.payer_id),
                (Contract, visit.contract_id),
                (RateCard, visit.rate_card_id),
                *((Asset, asset_id) for asset_id in visit.asset_ids),
            )
            records += [held for cls, key in named if (held := self.get(cls, key)) is not None]
            records += self.merged_into(Asset, visit.asset_ids)
            records += self.merged_into(Site, [visit.site_id] if visit.site_id else [])
            for below in (*ACTIVITY_CLASSES, *BELOW_VISIT):
                records += self.find(below, visit_id=visit.id)
            if visit.customer_id:
                gone = self.merged_into(Customer, [visit.customer_id])
                records += gone
                family = [visit.customer_id, *(held.id for held in gone)]
                for cls in (Contact, CostCentre, Budget):
                    records += self.find(cls, customer_id=family)
            found = gather(visit, records)
            if found.customer is None and self._is_removed(Customer, visit.customer_id):
                found = replace(found, is_customer_removed=True)
            return found

    def merged_into(self, cls: type[R], ids: Iterable[str]) -> list[R]:
        """Return the records that were merged into these, however far; these themselves are left out."""
        waiting = list(ids)
        seen = set(waiting)
        found: list[R] = []
        while waiting:
            fresh = [held for held in self.find(cls, merged_into=waiting.pop()) if held.id not in seen]
            seen |= {held.id for held in fresh}
            waiting += [held.id for held in fresh]
            found += fresh
        return found

    def _is_removed(self, cls: type[Record], record_id: str) -> bool:
        kind = spec_of(cls).kind
        row = self.connection.one(f'SELECT _removed FROM "{kind}" WHERE id = ?', (record_id,))  # noqa: S608 - declared names
        return bool(row and row[0])
