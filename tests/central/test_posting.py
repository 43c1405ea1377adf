"""Booking: once, in the right month, taken back by opposite entries, never deleted."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from techkit.central import accounts, audit, bundles, posting, review
from techkit.central.models import AuditEvent, Role
from techkit.errors import CentralError, InputError
from techkit.records.assets import Contract
from techkit.records.budget import variance
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges
from techkit.records.schema import Record
from techkit.records.visit import Visit
from tests.central import samples
from tests.central.conftest import PASSWORD
from tests.central.test_review import row_of, visit_of

#: A moment after the visits of samples.py, so that their month is over.
DECEMBER = datetime(2026, 12, 3, 8, tzinfo=UTC)


@pytest.fixture
def finn(org: Any) -> Any:
    """Give Finn Adler of finance."""
    return accounts.make_staff(org, "finn", PASSWORD, role=Role.FINANCE, first_name="Finn", last_name="Adler")


@pytest.fixture
def approved(van: Any, maren: Any) -> Visit:
    """Give the contract visit on two cost centres, approved."""
    return approve(van, maren, samples.dental_practice())


def approve(van: Any, maren: Any, records: list[Record]) -> Visit:
    """Send a visit and approve it."""
    van.send(*records)
    visit = visit_of(records)
    review.approve(maren, visit.id, None, note="Seen.")
    return visit


def bundle_of(user: Any, visit: Visit) -> VisitBundle:
    """Return a visit as the service holds it."""
    loaded = bundles.load(user.org_id, visit.id)
    assert loaded
    return loaded.bundle


def budgets_of(user: Any, visit: Visit) -> dict[str, int]:
    """Return what each cost centre's budget has left, by code."""
    bundle = bundle_of(user, visit)
    codes = {c.id: c.code for c in bundle.cost_centres}
    return {codes[b.cost_centre_id]: variance(b).variance_minor for b in bundle.budgets}


def test_booking_writes_entries_and_moves_budgets_and_contract_on(finn: Any, approved: Visit) -> None:
    """Each line is an entry on its cost centre; budgets and the contract's hours move by as much."""
    posting.post(finn, approved.id)
    bundle = bundle_of(finn, approved)
    assert sum(e.amount_minor for e in bundle.cost_entries) == charges(bundle).total_minor == 19190
    assert {e.period for e in bundle.cost_entries} == {"2026-11"}
    assert {e.booked_by for e in bundle.cost_entries} == {"Finn Adler"}
    assert budgets_of(finn, approved) == {"LDG-FRONT": 37486, "LDG-SURG": 180274}
    assert isinstance(bundle.contract, Contract)
    assert bundle.contract.hours_used == Decimal("57.25")
    assert charges(bundle).contract_minutes_left == 165  # as before booking: nothing counts twice
    assert bundle.visit.review_state == "posted"
    assert audit.verify(finn.org_id) is None


def test_booking_twice_books_once(finn: Any, approved: Visit) -> None:
    """A second press of the button, with the page as it was, changes nothing and is no error."""
    rev = row_of(approved).rev
    first = posting.post(finn, approved.id, rev=rev)
    again = posting.post(finn, approved.id, rev=rev)
    assert [e.id for e in again.entries] == [e.id for e in first.entries]
    assert AuditEvent.objects.filter(action="visit.post").count() == 1
    assert budgets_of(finn, approved)["LDG-FRONT"] == 37486


def test_two_at_once_book_once_and_lose_no_cent(finn: Any, van: Any, maren: Any, approved: Visit) -> None:
    """Two people press at the same moment: one booking, and both visits of one budget are counted."""
    from django.db import connections

    outcome: list[BaseException | None] = []

    def press() -> None:
        try:
            posting.post(finn, approved.id)
            outcome.append(None)
        except BaseException as error:
            outcome.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcome == [None] * 4
    assert sum(e.amount_minor for e in bundle_of(finn, approved).cost_entries) == 19190
    assert budgets_of(finn, approved) == {"LDG-FRONT": 37486, "LDG-SURG": 180274}


def test_only_finance_books_and_only_what_is_approved(
    van: Any, maren: Any, finn: Any, approved: Visit
) -> None:
    """A reviewer books nothing; nobody books a visit that nobody approved, or one that moved since."""
    with pytest.raises(CentralError) as refused:
        posting.post(maren, approved.id)
    assert refused.value.status == 403
    waiting = samples.plain_visit("TK07-2026-0009", "Weingut Abendrot", "Lena Frey")
    van.send(*waiting)
    with pytest.raises(CentralError) as refused:
        posting.post(finn, visit_of(waiting).id)
    assert refused.value.status == 409
    with pytest.raises(CentralError) as refused:
        posting.post(finn, approved.id, rev=1)
    assert refused.value.status == 409
    assert bundle_of(finn, approved).cost_entries == ()


def test_a_booking_is_taken_back_by_opposite_entries(finn: Any, maren: Any, approved: Visit) -> None:
    """Nothing is deleted: opposites are added, budgets stand as before, and the visit is booked anew."""
    before = budgets_of(finn, approved)
    posting.post(finn, approved.id)
    booked = bundle_of(finn, approved).cost_entries
    with pytest.raises(InputError):
        posting.take_back(finn, approved.id, None, "  ")
    posting.take_back(finn, approved.id, None, "Wrong cost centre.")
    after = bundle_of(finn, approved)
    assert all(entry in after.cost_entries for entry in booked)
    assert sum(e.amount_minor for e in after.cost_entries) == 0
    assert {e.reverses for e in after.cost_entries if e.reverses} == {e.id for e in booked}
    assert budgets_of(finn, approved) == before
    assert after.contract
    assert after.contract.hours_used == Decimal("51.25")
    assert (after.visit.review_state, row_of(approved).needs_review) == ("reopened", True)
    review.approve(maren, approved.id, None, note="Right now.")
    posting.post(finn, approved.id)
    assert sum(e.amount_minor for e in bundle_of(finn, approved).cost_entries) == 19190
    assert budgets_of(finn, approved) == {"LDG-FRONT": 37486, "LDG-SURG": 180274}


def test_what_is_not_booked_is_not_taken_back(finn: Any, approved: Visit) -> None:
    """Taking back wants a booking."""
    with pytest.raises(CentralError) as refused:
        posting.take_back(finn, approved.id, None, "A mistake.")
    assert refused.value.status == 409


@pytest.fixture
def in_december(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be December, so that November can be closed."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return DECEMBER.astimezone(tz) if tz else DECEMBER.replace(tzinfo=None)

    monkeypatch.setattr(posting, "datetime", Then)


def test_a_closed_month_takes_nothing_more(in_december: None, finn: Any, approved: Visit) -> None:
    """What belongs to a closed month counts in the next open one, its taking back as well."""
    posting.close_month(finn, "2026-11")
    posting.close_month(finn, "2026-11")
    assert AuditEvent.objects.filter(action="month.close").count() == 1
    posting.post(finn, approved.id)
    assert {e.period for e in bundle_of(finn, approved).cost_entries} == {"2026-12"}
    posting.take_back(finn, approved.id, None, "Wrong cost centre.")
    assert {e.period for e in bundle_of(finn, approved).cost_entries} == {"2026-12"}


def test_what_was_booked_before_the_month_was_closed_is_corrected_after_it(
    in_december: None, finn: Any, approved: Visit
) -> None:
    """The closed month keeps its entries as they were; the opposite ones stand in December."""
    posting.post(finn, approved.id)
    posting.close_month(finn, "2026-11")
    posting.take_back(finn, approved.id, None, "Wrong cost centre.")
    entries = bundle_of(finn, approved).cost_entries
    assert {e.period for e in entries if not e.reverses} == {"2026-11"}
    assert {e.period for e in entries if e.reverses} == {"2026-12"}


def test_a_month_is_opened_again_with_a_reason(
    in_december: None, finn: Any, maren: Any, approved: Visit
) -> None:
    """Closing a month that runs, and opening one without a reason, are refused."""
    for month in ("2026-12", "2027-01"):
        with pytest.raises(CentralError):
            posting.close_month(finn, month)
    for month in ("2026-13", "November", ""):
        with pytest.raises(InputError):
            posting.close_month(finn, month)
    with pytest.raises(CentralError):
        posting.close_month(maren, "2026-11")
    posting.close_month(finn, "2026-11")
    with pytest.raises(InputError):
        posting.reopen_month(finn, "2026-11", "")
    posting.reopen_month(finn, "2026-11", "One visit came late.")
    assert posting.closed_months(finn.org_id) == frozenset()
    posting.close_month(finn, "2026-11")
    assert posting.closed_months(finn.org_id) == {"2026-11"}
    assert audit.verify(finn.org_id) is None


def test_another_currency_is_told_and_nothing_is_booked(van: Any, maren: Any, finn: Any) -> None:
    """Euros are never added to a budget kept in francs."""
    from techkit.records.budget import Budget
    from techkit.records.schema import replace

    records = [
        replace(held, currency="CHF") if isinstance(held, Budget) else held
        for held in samples.dental_practice()
    ]
    visit = approve(van, maren, records)
    with pytest.raises(InputError, match=r"EUR.*CHF"):
        posting.post(finn, visit.id)
    assert bundle_of(finn, visit).cost_entries == ()
    assert bundle_of(finn, visit).visit.review_state == "approved"
