"""The case of a visit: the open ones it may go on from, the one it opens where something is left unsolved."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records import cases
from techkit.records.cases import CaseFile
from techkit.records.charges import visit_day
from techkit.records.findings import Complaint
from techkit.records.visit import Case, Outcome, Visit, WorkState
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: Cases offered at most, those worked on last: a list nobody reads through helps nobody.
MOST_CASES = 5


#: The work is over and the visit not sent yet: a case is opened, or called off, at once.
_ENDED = (WorkState.WORK_DONE, WorkState.SIGNED, WorkState.SIGNOFF_WAIVED)


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case the visit may go on from, ready to read."""

    id: str
    title: str
    line: str
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseEnd:
    """What becomes of the case at the end of the visit. action: "without", "with" or "" where nothing is offered."""

    sentence: str
    title: str = ""
    action: str = ""
    action_label: str = ""


@dataclass(frozen=True, kw_only=True)
class CasesState:
    """The cases to go on from, and what the end of the visit makes of its own; None where there is nothing to say."""

    rows: tuple[CaseRow, ...] = ()
    is_locked: bool = False
    end: CaseEnd | None = None


class Cases(VisitPart[CasesState]):
    """choose: the visit goes on from a case, the same again takes that back. do: "without" a case, or "with" one."""

    is_quiet = True

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, CasesState())

    def choose(self, case_id: str) -> None:
        """Go on from a case of this customer; an empty need takes its words over."""
        held, visit = self.held, self.held.visit
        file = next((f for f in _files(held) if f.case.id == case_id), None)
        if file is None or self.state.is_locked:
            return
        if visit.case_id == case_id:
            is_carried = bool(file.words) and visit.purpose == file.words
            changed = dataclasses.replace(
                visit, case_id=None, purpose="" if is_carried else visit.purpose,
                complaint=Complaint.OTHER if is_carried and visit.complaint is file.case.symptom_code else visit.complaint,
            )  # fmt: skip
        else:
            is_open = visit.complaint is Complaint.OTHER and not visit.purpose
            changed = dataclasses.replace(
                visit,
                case_id=case_id,
                is_without_case=False,
                purpose=visit.purpose or file.words,
                complaint=file.case.symptom_code if is_open else visit.complaint,
            )
        held.save(changed, word=_("the case"))

    def do(self, action: str) -> None:
        """Do what the end offers: leave what is unsolved "without" a case, or "with" one after all."""
        held, visit = self.held, self.held.visit
        if self.state.end is None or action != self.state.end.action:
            return
        is_without = action == "without"
        held.save(
            dataclasses.replace(
                visit, is_without_case=is_without, case_id=None if is_without else visit.case_id
            ),
            word=_("the case"),
        )
        if visit.work_state in _ENDED:
            settle(held)

    # --- what is shown

    def _state(self) -> CasesState:
        held, visit = self.held, self.held.visit
        is_locked = visit.work_state in (WorkState.SUBMITTED, WorkState.CANCELLED)
        found = [
            f
            for f in _files(held)
            if f.case.id == visit.case_id or (f.is_open and not is_locked)
            if not cases.is_opened_by(f.case, visit)
        ]
        found.sort(key=lambda f: f.case.id != visit.case_id)
        return CasesState(
            rows=tuple(_row(f, visit) for f in found[:MOST_CASES]), is_locked=is_locked, end=_end(held)
        )


def settle(held: OpenVisit) -> None:
    """Open the case of a visit that ends unsolved; call the one it opened off where it ends solved after all."""
    visit = held.visit
    if visit.work_state is WorkState.SUBMITTED or held.bundle.customer is None:
        return
    own = _own_case(held)
    if cases.needs_case(visit):
        made = cases.opened(held.bundle)
        new = [made] if _case(held, made.id) is None else []
        held.save(*new, dataclasses.replace(visit, case_id=made.id))
    elif own is not None and visit.outcome not in cases.UNSOLVED and _is_alone(held, own):
        held.save(dataclasses.replace(visit, case_id=None))


def _own_case(held: OpenVisit) -> Case | None:
    """Return the case this visit opened itself and still names."""
    case = _case(held, held.visit.case_id)
    return case if case is not None and cases.is_opened_by(case, held.visit) else None


def _case(held: OpenVisit, case_id: str | None) -> Case | None:
    known = next((f.case for f in held.known.cases if f.case.id == case_id), None)
    return held.record(Case, case_id) or known


def _is_alone(held: OpenVisit, case: Case) -> bool:
    return not any(v.id != held.visit_id for f in held.known.cases if f.case.id == case.id for v in f.visits)


def _files(held: OpenVisit) -> tuple[CaseFile, ...]:
    """Return the customer's cases without this visit: it does not speak for them before it ended."""
    return cases.files(
        (f.case for f in held.known.cases),
        (v for f in held.known.cases for v in f.visits if v.id != held.visit_id),
    )


def _row(file: CaseFile, visit: Visit) -> CaseRow:
    return CaseRow(
        id=file.case.id,
        title=file.title,
        line=" · ".join(p for p in (case_line(file), _from_office(file.case)) if p),
        is_chosen=file.case.id == visit.case_id,
    )


def _from_office(case: Case) -> str:
    """Return why the office opened a case again; "" where it did not."""
    note = case.decision_note if case.state not in cases.ENDED else ""
    return _("The office: {note}", note=" ".join(note.split())[:200]) if note else ""


def case_line(file: CaseFile) -> str:
    """Return the case's number, the day it was worked on last, and its visits, in one line."""
    last = file.last_visit
    day = visit_day(last) if last is not None else None
    if day is None and file.case.reported_at is not None:
        day = file.case.reported_at.date()
    count = len(file.visits)
    parts = (
        file.case.number if file.case.number != file.title else "",
        i18n.day(day, style="medium") if day else "",
        ngettext("{n} visit so far", "{n} visits so far", count) if count else "",
    )
    return " · ".join(p for p in parts if p)


def _end(held: OpenVisit) -> CaseEnd | None:
    """Return what the end of the visit makes of its case, in one sentence."""
    visit, case = held.visit, _case(held, held.visit.case_id)
    if held.bundle.customer is None or visit.work_state in (WorkState.CANCELLED, WorkState.NO_ACCESS):
        return None
    may_change = visit.work_state is not WorkState.SUBMITTED
    if case is not None:
        title, own = CaseFile(case=case).title, _own_case(held)
        if own is not None and visit.outcome not in cases.UNSOLVED and may_change and _is_alone(held, own):
            return None  # it goes again when the page is handed over
        if visit.outcome is Outcome.RESOLVED:
            return CaseEnd(sentence=_("Solved: the case this visit goes on from ends with it."), title=title)
        if own is None:
            return CaseEnd(sentence=_("The case stays open; the next visit can go on from it."), title=title)
        return CaseEnd(
            sentence=_("A case is open; the next visit can go on from it."),
            title=title,
            action="without" if may_change else "",
            action_label=_("No case") if may_change else "",
        )
    if visit.outcome not in cases.UNSOLVED or not may_change:
        return None
    if visit.is_without_case:
        return CaseEnd(
            sentence=_("No case is opened for what is left unsolved."),
            action="with",
            action_label=_("Open a case"),
        )
    return CaseEnd(
        sentence=_("Not all is solved: a case is opened, so that the next visit can go on from it."),
        title=cases.title_of(visit),
        action="without",
        action_label=_("No case"),
    )
