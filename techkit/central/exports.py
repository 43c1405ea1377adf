"""Files of what a list shows: CSV for spreadsheets, JSON lines for programs; never more than the list.

Text that a spreadsheet would take for a formula is neutralised (OWASP, "CSV Injection": = + - @, tab and
carriage return). Column names, dates (ISO 8601) and amounts (a decimal point) are the same in every
language, so that a sheet built on a file goes on working. Every export leaves a row in the audit trail.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from techkit.central import audit, bundles, reports, visit_list
from techkit.central.accounts import Right, require
from techkit.central.ledger import BookedRow
from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.central.visit_list import Filter
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.budget import CostKind
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges
from techkit.records.encoding import to_document
from techkit.records.operations import customer_scope
from techkit.records.proofs import proof_of
from techkit.records.schema import spec_of

Cell = str | int | float | None
Line = Mapping[str, Cell]

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Letters a cell holds; a spreadsheet breaks what is longer over the cells below it, or drops it. Source: the limits
#: of Microsoft Excel. What is cut says so, and stands whole in the other form of the same list.
_LONGEST_CELL, _CUT_AT = 32_767, 32_000

#: Visits in one file; more than that is asked for by narrower filters.
MOST_VISITS = 50_000

#: Visits whose records are read at once.
_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns in order and the lines of a file."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


#: What can be exported of a filtered list.
TABLES = ("visits", "activities", "charges")
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def of_visits(user: User, asked: Filter, name: str, zone: ZoneInfo, address: str = "") -> Table:
    """Return the table of that name over all visits of a filter, in the list's order.

    Raises: InputError for an unknown table or more than MOST_VISITS visits.
    """
    if name not in TABLES:
        raise InputError(_("There is no such export."), safe=_("Nothing was written."))
    found = visit_list.visits(user, asked, zone=zone, size=MOST_VISITS)
    if found.next_cursor:
        raise InputError(
            _("These are too many visits for one file."),
            safe=_("Nothing was written."),
            advice=_("Narrow the list, e.g. to a month, and export again."),
        )
    columns: tuple[str, ...]
    match name:
        case "visits":
            columns, lines = VISIT_COLUMNS, [_visit_line(row, zone) for row in found.rows]
        case "activities":
            columns, lines = ACTIVITY_COLUMNS, list(_each(user, found.rows, _activity_lines))
        case _:
            columns, lines = CHARGE_COLUMNS, list(_each(user, found.rows, _charge_lines))
    detail = {"what": name, "filter": asked.to_query(), "lines": len(lines)}
    audit.append_for(user, "export", "visit", detail=detail, address=address)
    return Table(name=name, columns=columns, lines=tuple(lines))


def of_budget(user: User, budget_id: str, rows: Iterable[BookedRow], address: str = "") -> Table:
    """Return the costs booked on a budget."""
    lines = tuple(_booked_line(row) for row in rows)
    detail = {"what": "costs", "lines": len(lines)}
    audit.append_for(user, "export", "budget", budget_id, detail=detail, address=address)
    return Table(name="costs", columns=BOOKED_COLUMNS, lines=lines)


def of_customer(user: User, customer_id: str, address: str = "") -> Iterator[bytes]:
    """Give all that is kept of a customer, one record a line, oldest kind by kind; removed records too.

    What a person is to be handed on asking what is kept about them (GDPR, article 15); files are named
    by their hash. Raises: CentralError with status 403 without the right, 404 for an unknown customer.
    """
    require(user, Right.HAND_OUT)
    held = bundles.as_uuid(customer_id)
    scope = customer_scope(str(held)) if held else ""
    rows = Row.objects.filter(org_id=user.org_id, scope_id=scope).order_by("entity", "entity_id")
    if not rows.exists():
        raise CentralError(_("There is no such customer."), status=404, advice=_("Go back to the list."))
    audit.append_for(user, "export.customer", "customer", str(held), {"lines": rows.count()}, address)
    return (_record_line(row) for row in rows.iterator(500))


def _record_line(row: Row) -> bytes:
    said = {
        "kind": row.entity,
        "id": str(row.entity_id),
        "changed": row.updated_at.isoformat(timespec="seconds"),
        "is_removed": row.deleted,
        **row.state,
    }
    return (json.dumps(said, ensure_ascii=False, sort_keys=False) + "\n").encode("utf-8")


def csv_bytes(table: Table) -> bytes:
    """Return a table as CSV (RFC 4180), UTF-8 with a byte order mark so that Excel reads it as such."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(table.columns)
    for line in table.lines:
        out.writerow([_plain(line.get(name)) for name in table.columns])
    return b"\xef\xbb\xbf" + written.getvalue().encode("utf-8")


def jsonl_bytes(table: Table) -> bytes:
    """Return a table as JSON lines: one object a line."""
    lines = (json.dumps({n: line.get(n) for n in table.columns}, ensure_ascii=False) for line in table.lines)
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _plain(cell: Cell) -> Cell:
    """Return a cell as a spreadsheet takes it: a formula's look behind an apostrophe, and no longer than it holds."""
    if isinstance(cell, str) and len(cell) > _LONGEST_CELL:
        cell = f"{cell[:_CUT_AT]} … [{len(cell)} characters; whole in the JSON lines file]"
    if isinstance(cell, str) and cell.startswith(_FORMULA_MARKS):
        return f"'{cell}"
    return "" if cell is None else cell


# --- the lines --------------------------------------------------------------------------------------------

VISIT_COLUMNS = (
    "number", "customer", "person", "computer", "technician", "started", "minutes", "kinds", "outcome",
    "work_state", "review_state", "flags", "open_questions", "rating", "net", "currency", "revision",
    "received", "reviewed_by", "id",
)  # fmt: skip
ACTIVITY_COLUMNS = (
    "number", "customer", "technician", "started", "kind", "title", "minutes", "proven", "details", "id",
    "visit_id",
)  # fmt: skip
CHARGE_COLUMNS = (
    "number", "customer", "technician", "started", "kind", "what", "quantity", "minutes", "unit_price", "net",
    "currency", "is_covered", "review_state", "visit_id",
)  # fmt: skip
BOOKED_COLUMNS = (
    "booked_in", "number", "kind", "what", "net", "currency", "booked", "booked_by", "takes_back", "reason",
    "id", "visit_id",
)  # fmt: skip


def _visit_line(row: VisitRow, zone: ZoneInfo) -> Line:
    return {
        "number": row.number,
        "customer": row.customer_name,
        "person": row.person_name,
        "computer": row.asset_name,
        "technician": row.technician_name,
        "started": _iso(row.started_at, zone),
        "minutes": row.minutes,
        "kinds": ",".join(row.kinds.split()),
        "outcome": row.outcome,
        "work_state": row.work_state,
        "review_state": row.review_state,
        "flags": ",".join(row.flag_rules.split()),
        "open_questions": row.open_query_count,
        "rating": row.rating,
        "net": _amount(row.net_minor, row.currency),
        "currency": row.currency,
        "revision": row.revision,
        "received": _iso(row.received_at, zone),
        "reviewed_by": row.reviewed_by_name,
        "id": str(row.id),
    }


def _each(
    user: User, rows: tuple[VisitRow, ...], make: Callable[[VisitRow, VisitBundle, ZoneInfo], Iterator[Line]]
) -> Iterator[Line]:
    """Give the lines of each visit in the rows' order, reading some visits at once."""
    zone = reports.office_zone(user)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        loaded = bundles.load_many(user.org_id, [row.id for row in some])
        for row in some:
            if row.id in loaded:
                yield from make(row, loaded[row.id].bundle, zone)


def _activity_lines(row: VisitRow, bundle: VisitBundle, zone: ZoneInfo) -> Iterator[Line]:
    for held in bundle.activities:
        shared = ("id", "visit_id", "title", "minutes", "evidence", "note_internal")
        details = {
            k: v for k, v in to_document(held).items() if k not in shared and v not in (None, "", [], 0)
        }
        yield {
            "number": row.number,
            "customer": row.customer_name,
            "technician": row.technician_name,
            "started": _iso(row.started_at, zone),
            "kind": spec_of(held).kind,
            "title": held.title,
            "minutes": held.minutes,
            "proven": proof_of(held, bundle).value,
            "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
            "id": held.id,
            "visit_id": str(row.id),
        }


def _charge_lines(row: VisitRow, bundle: VisitBundle, zone: ZoneInfo) -> Iterator[Line]:
    reckoned = charges(bundle)
    for line in (*reckoned.lines, *reckoned.foreign):
        currency = line.currency or reckoned.currency
        yield {
            "number": row.number,
            "customer": row.customer_name,
            "technician": row.technician_name,
            "started": _iso(row.started_at, zone),
            "kind": line.kind.value,
            "what": line.labour if line.kind is CostKind.LABOUR else line.label,
            "quantity": format(line.quantity, "f"),
            "minutes": line.minutes,
            "unit_price": _amount(line.unit_price_minor, currency),
            "net": _amount(line.amount_minor, currency),
            "currency": currency,
            "is_covered": "yes" if line.is_covered else "no",
            "review_state": row.review_state,
            "visit_id": str(row.id),
        }


def _booked_line(row: BookedRow) -> Line:
    entry = row.entry
    return {
        "booked_in": entry.period,
        "number": row.visit.number if row.visit else "",
        "kind": entry.kind.value,
        "what": entry.label,
        "net": _amount(entry.amount_minor, entry.currency),
        "currency": entry.currency,
        "booked": entry.booked_at.isoformat(timespec="seconds") if entry.booked_at else "",
        "booked_by": entry.booked_by,
        "takes_back": entry.reverses or "",
        "reason": entry.reason,
        "id": entry.id,
        "visit_id": entry.visit_id,
    }


def _iso(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="minutes")


def _amount(minor: int | None, currency: str) -> float | None:
    """Return an amount as a number, so that a spreadsheet adds it up and takes no minus for a formula."""
    from babel.numbers import get_currency_precision

    if minor is None:
        return None
    return float(Decimal(minor).scaleb(-get_currency_precision(currency or "EUR")))
