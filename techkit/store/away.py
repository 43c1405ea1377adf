"""Visits that leave a stick: confirmed, settled and older than the settings say; the office keeps them.

What a visit owns goes, row and journal and files; the ids stay here (`_away`), so that a later change of
the office is known to be about something that is not here. Such a change, or somebody who asks, has the
customer's scope taken again: everything of it comes back as the service has it, and what is old leaves
once more. Nothing leaves that is only here: unsent or refused changes, files the service does not hold,
open questions and conflicts keep their visit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from techkit.errors import StoreError
from techkit.i18n import _
from techkit.records.visit import ReviewState, WorkState
from techkit.store.tables import clock_of

if TYPE_CHECKING:
    from techkit.store.database import Store

#: Nothing more is to be done about a visit in these states …
_ENDED = (WorkState.SUBMITTED, WorkState.CANCELLED, WorkState.NO_ACCESS)
#: … unless the office has given it back.
_GIVEN_BACK = (ReviewState.QUERIED, ReviewState.REOPENED)

#: How many visits one question to the database names.
_CHUNK = 400


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A visit that leaves this device. at: from then on, with the sync that follows, by the service's clock."""

    visit_id: str
    number: str
    day: date | None
    customer_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A visit that left; the office has it."""

    visit_id: str
    number: str
    day: date | None
    customer_id: str


@dataclass
class _Visit:
    """What is looked at: rows as (kind, id), the newest word about them in seconds since 1970."""

    number: str
    day: str
    customer_id: str
    scope: str
    rows: list[tuple[str, str]]
    newest: int


class Away:
    """The visits of one store that leave it, left it, and come back. tell: called with the kinds that changed."""

    def __init__(self, store: Store, tell: Callable[[set[str]], None]) -> None:
        self._store = store
        self._connection = store.connection
        self._tell = tell

    # --- beforehand ---------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Return whether visits leave this device at all: on a stick, unless it was set otherwise."""
        return bool(self._store.setting("sync.visits_leave"))

    def leaving(self) -> list[Leaving]:
        """Return the visits that leave, and when, the first one first; none where visits stay."""
        if not self.is_on:
            return []
        days = timedelta(days=self._store.setting("sync.visit_days"))
        found = [
            Leaving(
                visit_id=visit_id,
                number=visit.number,
                day=_day(visit.day),
                customer_id=visit.customer_id,
                at=datetime.fromtimestamp(visit.newest, UTC) + days,
            )
            for visit_id, visit in self._settled().items()
        ]
        return sorted(found, key=lambda one: (one.at, one.number))

    def _settled(self) -> dict[str, _Visit]:
        """Return the visits of which nothing is only here and nothing is left to do."""
        rows = self._connection.all(
            "SELECT id, number, arrived_at, customer_id, _scope, _clocks FROM visit WHERE work_state IN "  # noqa: S608 - marks
            f"({_marks(_ENDED)}) AND review_state NOT IN ({_marks(_GIVEN_BACK)}) AND _scope <> ''",
            [*map(str, _ENDED), *map(str, _GIVEN_BACK)],
        )
        found = {
            key: _Visit(number or "", str(day or ""), customer, scope, [("visit", key)], _seconds(clocks))
            for key, number, day, customer, scope, clocks in rows
        }
        if not found:
            return {}
        of_record = {key: key for key in found}
        for kind in self._kinds_below():
            for key, visit_id, clocks in self._below(kind, list(found)):
                found[visit_id].rows.append((kind, key))
                found[visit_id].newest = max(found[visit_id].newest, _seconds(clocks))
                of_record[key] = visit_id
        for record_id, acked_at in self._connection.all(
            "SELECT o.record_id, max(r.acked_at) FROM _receipt r JOIN _operation o USING (place) "
            "GROUP BY o.record_id"
        ):
            if record_id in of_record:
                visit = found[of_record[record_id]]
                visit.newest = max(visit.newest, acked_at)
        for visit_id, at in self._kept().items():
            if visit_id in found:
                found[visit_id].newest = max(found[visit_id].newest, at)
        held = {of_record[key] for key in self._unsettled_records() if key in of_record}
        held |= self._with_unsent_files() | self._with_questions()
        return {visit_id: visit for visit_id, visit in found.items() if visit_id not in held}

    def _kinds_below(self) -> list[str]:
        return [kind for kind, table in self._store.tables.items() if table.spec.owner == "visit_id"]

    def _below(self, kind: str, visit_ids: Sequence[str]) -> Iterable[tuple[Any, ...]]:
        for start in range(0, len(visit_ids), _CHUNK):
            part = visit_ids[start : start + _CHUNK]
            yield from self._connection.all(
                f'SELECT id, visit_id, _clocks FROM "{kind}" WHERE visit_id IN ({_marks(part)})',  # noqa: S608 - declared kinds
                part,
            )

    def _unsettled_records(self) -> set[str]:
        """Return the records with something unsent, refused or in two versions."""
        rows = self._connection.all(
            "SELECT record_id FROM _pending UNION SELECT o.record_id FROM _refused r "
            "JOIN _operation o USING (place) UNION SELECT record_id FROM _conflict"
        )
        return {row[0] for row in rows}

    def _with_unsent_files(self) -> set[str]:
        rows = self._connection.all(
            "SELECT DISTINCT a.visit_id FROM attachment a JOIN _file f USING (sha256) "
            "WHERE f.present_at IS NULL AND f.is_here = 1 AND NOT a._removed"
        )
        return {row[0] for row in rows}

    def _with_questions(self) -> set[str]:
        rows = self._connection.all("SELECT visit_id FROM query WHERE state = 'open' AND NOT _removed")
        return {row[0] for row in rows}

    # --- leaving ------------------------------------------------------------------------------

    def put_away(self, now: datetime) -> int:
        """Let those visits leave whose time has come; return how many. now: by the service's clock."""
        due = {one.visit_id for one in self.leaving() if one.at <= now}
        if not due:
            return 0
        changed: set[str] = set()
        with self._connection.transaction():
            # Looked at again inside the transaction: something may have been written since.
            visits = {key: visit for key, visit in self._settled().items() if key in due}
            files = self._files_of(visits)
            for visit_id, visit in visits.items():
                for kind, record_id in visit.rows:
                    self._store.replica.forget(kind, record_id)
                    self._forget_journal(record_id)
                    changed.add(kind)
                    is_visit = record_id == visit_id
                    self._connection.execute(
                        "INSERT OR REPLACE INTO _away (record_id, visit_id, scope, number, day, customer_id) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        (
                            record_id,
                            visit_id,
                            visit.scope,
                            visit.number if is_visit else "",
                            visit.day if is_visit else "",
                            visit.customer_id if is_visit else "",
                        ),
                    )
            self._store.replica.forget_received({key for v in visits.values() for _kind, key in v.rows})
            self._keep({key: at for key, at in self._kept().items() if key not in visits})
        for sha256 in files:
            if not self._connection.one("SELECT 1 FROM attachment WHERE sha256 = ?", (sha256,)):
                self._store.attachments.free(sha256)
        self._tell(changed)
        return len(visits)

    def _files_of(self, visit_ids: Iterable[str]) -> set[str]:
        part = list(visit_ids)
        rows = self._connection.all(
            f"SELECT DISTINCT sha256 FROM attachment WHERE visit_id IN ({_marks(part)})",  # noqa: S608 - marks
            part,
        )
        return {row[0] for row in rows if row[0]}

    def _forget_journal(self, record_id: str) -> None:
        places = self._connection.all("SELECT place FROM _operation WHERE record_id = ?", (record_id,))
        self._connection.many("DELETE FROM _receipt WHERE place = ?", places)
        self._connection.many("DELETE FROM _operation WHERE place = ?", places)

    # --- coming back --------------------------------------------------------------------------

    def gone(self) -> list[Gone]:
        """Return the visits that left this device, the newest first."""
        rows = self._connection.all(
            "SELECT visit_id, number, day, customer_id FROM _away WHERE record_id = visit_id "
            "ORDER BY day DESC, number DESC"
        )
        return [Gone(visit_id=v, number=n, day=_day(d), customer_id=c) for v, n, d, c in rows]

    def find(self, number: str) -> Gone | None:
        """Return the visit that left under this number, None when there is none."""
        wanted = number.strip().casefold()
        return next((one for one in self.gone() if one.number.casefold() == wanted), None)

    def ask_back(self, visit_id: str, now: datetime) -> None:
        """Have a visit come back with the next sync; it stays for as long as a fresh one.

        Raises: StoreError when it did not leave this device, or its customer was taken from it.
        """
        with self._connection.transaction():
            row = self._connection.one("SELECT scope FROM _away WHERE record_id = ?", (visit_id,))
            if row is None or row[0] not in self._store.replica.cursors():
                raise StoreError(
                    _("This visit cannot be fetched to this device."),
                    safe=_("The office keeps it."),
                    advice=_("Ask the office to assign the customer to this device."),
                )
            self._keep({**self._kept(), visit_id: int(now.timestamp())})
            self._store.replica.take_again(row[0])
        self._tell({"sync"})

    def _kept(self) -> dict[str, int]:
        """Return visits somebody fetched again, and when."""
        held: dict[str, int] = json.loads(self._store.replica.meta("kept") or "{}")
        return held

    def _keep(self, kept: dict[str, int]) -> None:
        self._store.replica.set_meta({"kept": json.dumps(kept) if kept else ""})


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _seconds(clocks: bytes) -> int:
    """Return when a row was written last, by the clock its operations are ordered by."""
    return (clock_of(clocks) >> 16) // 1000


def _day(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None
