"""The case a visit belongs to, in words: how it stands and who said so, and its visits."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from techkit import i18n
from techkit.central.pages.marks import Mark, outcome_words
from techkit.central.pages.moments import moment
from techkit.i18n import _
from techkit.records.cases import ENDED, CaseFile
from techkit.records.charges import visit_day
from techkit.records.schema import spec_of
from techkit.records.visit import CaseState, Visit
from techkit.records.wording import format_value


@dataclass(frozen=True, kw_only=True)
class CaseVisit:
    """One visit of the case: number, day and what came of it; address "" for the one that is shown."""

    number: str
    line: str
    address: str


@dataclass(frozen=True, kw_only=True)
class CaseWords:
    """A case as the page shows it. decided: who said what at the office, "" where nobody did."""

    title: str
    number: str
    mark: Mark
    is_open: bool
    visits: tuple[CaseVisit, ...]
    decided: str
    note: str


def case_words(file: CaseFile, visit_id: str, query: str, zone: ZoneInfo) -> CaseWords:
    """Return a case in words. visit_id: the visit whose page this is; query: the list it was opened from."""
    case = file.case
    return CaseWords(
        title=file.title,
        number=case.number,
        mark=_mark(file),
        is_open=file.is_open,
        visits=tuple(_visit(held, visit_id, query) for held in file.visits),
        decided=_decided(file, zone),
        note=case.decision_note,
    )


def _visit(held: Visit, shown_id: str, query: str) -> CaseVisit:
    day = visit_day(held)
    parts = (i18n.day(day, style="medium") if day else "", outcome_words(held.outcome))
    return CaseVisit(
        number=held.number or _("Visit"),
        line=" · ".join(p for p in parts if p),
        address="" if held.id == shown_id else f"/visits/{held.id}?{query}",
    )


def _mark(file: CaseFile) -> Mark:
    if not file.is_open:
        return Mark(look="ok", icon="check-circle", words=_("Closed"))
    state = file.case.state
    if state in (CaseState.WAITING_CUSTOMER, CaseState.WAITING_PART):
        words = format_value(spec_of(file.case).field("state"), state)
        return Mark(look="info", icon="clock", words=words)
    return Mark(look="watch", icon="warning", words=_("Open"))


def _decided(file: CaseFile, zone: ZoneInfo) -> str:
    case = file.case
    if case.decided_at is None:
        return ""
    who, when = case.decided_by or _("the office"), moment(case.decided_at, zone)
    if case.state in ENDED:
        return _("Closed by {name}, {when}.", name=who, when=when)
    return _("Opened again by {name}, {when}.", name=who, when=when)
