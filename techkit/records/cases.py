"""When a case is opened, whether it is open, and which visits are its own. Pure, the same on the device and at the office.

A case holds together the visits about one matter. A visit that ends with something unsolved opens one; the latest word
says how it stands: the last visit in which somebody could work, or the office where it spoke after that visit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from techkit.i18n import _
from techkit.records.activities import Troubleshooting
from techkit.records.bundle import VisitBundle
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.identity import derived_id
from techkit.records.visit import Case, CaseState, Outcome, ReviewState, Visit, WorkState

#: What a visit leaves unsolved: the next one goes on from there.
UNSOLVED = (Outcome.PARTLY, Outcome.NOT_RESOLVED)

#: What the office says of a case that nobody works on any more.
ENDED = (CaseState.RESOLVED, CaseState.CLOSED)

#: Outcomes of visits in which nobody could work: they say nothing of their case.
_NO_ATTEMPT = (Outcome.NO_ACCESS, Outcome.CANCELLED_BY_CUSTOMER)

#: A visit in one of these states has said what came of it.
_SAID = (WorkState.WORK_DONE, WorkState.SIGNED, WorkState.SIGNOFF_WAIVED, WorkState.SUBMITTED)

#: Characters of a case's title: a line in a list, not the whole story. The need itself stays with the visit.
TITLE_LENGTH = 120

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A case with its visits, the earliest first."""

    case: Case
    visits: tuple[Visit, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return whether the matter still waits."""
        return is_open(self.case, self.visits)

    @property
    def title(self) -> str:
        """Return what the case is about in one line: its title, else the kind of trouble, else its number."""
        case = self.case
        trouble = _(COMPLAINT_LABELS[case.symptom_code]) if case.symptom_code is not Complaint.OTHER else ""
        return next(filter(None, map(_line, (case.title, case.category, trouble, case.number))), _("Case"))

    @property
    def words(self) -> str:
        """Return the need as the first visit heard it, else the title."""
        return next((v.purpose for v in self.visits if v.purpose), self.case.title)

    @property
    def last_moment(self) -> datetime | None:
        """Return when the last visit ended; None without one that took place."""
        return max((at for v in self.visits if (at := v.left_at or v.arrived_at)), default=None)

    @property
    def last_visit(self) -> Visit | None:
        """Return the newest visit of the case."""
        return self.visits[-1] if self.visits else None


def needs_case(visit: Visit) -> bool:
    """Return whether a visit that ends like this opens a case: unsolved, no case yet, and nobody said no."""
    unsolved = visit.outcome in UNSOLVED and bool(visit.customer_id)
    return unsolved and visit.case_id is None and not visit.is_without_case


def opened(bundle: VisitBundle) -> Case:
    """Return the case a visit opens: its number is the visit's, its id follows from the visit's.

    Two devices that end the same visit open the same case; a visit opens one at most.
    """
    visit = bundle.visit
    troubles = [a for a in bundle.activities if isinstance(a, Troubleshooting) and a.asset_id]
    left = [t for t in troubles if not t.is_fixed] or troubles
    asset_id = left[0].asset_id if left else visit.asset_ids[0] if len(visit.asset_ids) == 1 else None
    return Case(
        id=derived_id(visit.id, "case"),
        number=visit.number,
        opened_in=visit.id,
        title=title_of(visit),
        customer_id=visit.customer_id,
        site_id=visit.site_id,
        asset_id=asset_id,
        reported_at=visit.arrived_at,
        reported_by=bundle.contact.name if bundle.contact else "",
        symptom_code=visit.complaint,
    )


def is_opened_by(case: Case, visit: Visit) -> bool:
    """Return whether this visit opened the case."""
    return case.opened_in == visit.id


def title_of(visit: Visit) -> str:
    """Return what a visit was about in one line: the first line of the need."""
    return _line(visit.purpose)


def _line(text: str) -> str:
    """Return the first line of a text, as much of it as a title takes."""
    first = next((line for line in map(str.strip, text.splitlines()) if line), "")
    if len(first) > TITLE_LENGTH:
        return first[: TITLE_LENGTH - 1].rstrip() + "…"
    return first


def files(cases: Iterable[Case], visits: Iterable[Visit]) -> tuple[CaseFile, ...]:
    """Return cases with their visits, the case that was worked on last first."""
    of_case: dict[str | None, list[Visit]] = {}
    for visit in sorted(visits, key=lambda v: (_when(v), v.id)):
        of_case.setdefault(visit.case_id, []).append(visit)
    found = [CaseFile(case=c, visits=tuple(of_case.get(c.id, ()))) for c in cases]
    return tuple(sorted(found, key=_touched, reverse=True))


def is_open(case: Case, visits: Iterable[Visit]) -> bool:
    """Return whether a case is open; visits: its own, others are left out.

    One that a visit opened and none names was called off. One whose visits are all void was a mistake with them, unless
    the office said otherwise.
    """
    own = [v for v in visits if v.case_id == case.id]
    counted = [v for v in own if v.review_state is not ReviewState.VOID]
    said = [v for v in counted if v.work_state in _SAID and v.outcome and v.outcome not in _NO_ATTEMPT]
    last = max(said, key=lambda v: (_when(v), v.id), default=None)
    if not own and case.opened_in:
        return False
    if not counted and own and case.decided_at is None:
        return False
    # When it was planned is no word: the office, which knows of it, speaks later.
    if last is None or outranks(case, last.left_at or last.arrived_at):
        return case.state not in ENDED
    return last.outcome is not Outcome.RESOLVED


def outranks(case: Case, visited_at: datetime | None) -> bool:
    """Return whether the office's word on a case holds against what a visit that ended then says."""
    if case.decided_at is None:
        return case.state in ENDED  # said before moments of it were kept
    return visited_at is None or visited_at <= case.decided_at


def _when(visit: Visit) -> datetime:
    return visit.left_at or visit.arrived_at or visit.planned_start_at or _LONG_AGO


def _touched(file: CaseFile) -> tuple[bool, datetime, str]:
    last = file.last_visit
    return (bool(last), _when(last) if last else file.case.reported_at or _LONG_AGO, file.case.id)
