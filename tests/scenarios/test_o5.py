"""O5: what the reviewer asks on Monday reaches the devices, is answered there without a network, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from techkit.central import office as office_writes
from techkit.central import review
from techkit.records.schema import Record, replace
from techkit.records.signing import SignOffWaiver
from techkit.records.visit import Expense, LabourSegment, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.visit import Visit
from tests.central.november import November, at, november
from tests.scenarios.conftest import Device, Office


@dataclass
class Monday:
    """The office with the twelve visits, and the two devices that wrote them."""

    office: Office
    twelve: November
    ines: Device
    pavel: Device

    def ask(self, number: int, question: str, about: Any = None) -> str:
        """Ask about a visit as a member of staff; return the question's id."""
        return review.ask(
            self.office.staff,
            self.twelve.ids[number],
            question,
            about_kind=about or "",
        )

    def row(self, number: int) -> Any:
        """Return the list's row of a visit."""
        return self.office.row(self.twelve.ids[number])

    def bundle(self, number: int) -> Any:
        """Return a visit as the office holds it."""
        return self.office.bundle(self.twelve.ids[number])

    def page(self, number: int) -> str:
        """Return the visit's review page as a browser gets it."""
        import time

        client = Client(headers={"host": "localhost"})
        staff = self.office.staff
        staff.must_change_password = False
        staff.save()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["since"] = time.time()
        session.save()
        answer = client.get(f"/visits/{self.twelve.ids[number]}?view=all", secure=True)
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def monday(device: Callable[..., Device], office: Office) -> Monday:
    """Both devices wrote November's visits and synced them; it is Monday, 30 November."""
    twelve = november()
    ines = device("TK07", "Ines Okafor", "2026-11-30 08:00")
    pavel = device("TK11", "Pavel Novotny", "2026-11-30 08:00")
    ines.store.save(*twelve.shared)
    ines.sync.enrol(office.invitation())
    for held in twelve.office:
        office_writes.record_as_staff(office.staff, held)
    pavel.sync.enrol(office.invitation())
    office.share_customer(pavel, twelve.customer)
    for each, prefix in ((ines, "TK07"), (pavel, "TK11")):
        each.sync.now()
        records = twelve.of(prefix)
        # As it happens on site: a visit is written down while it is open and submitted at its end.
        each.store.save(*(_opened(held) for held in records))
        each.store.save(*(held for held in records if isinstance(held, VisitRecord)))
        each.sync.now()
    return Monday(office, twelve, ines, pavel)


def _opened(held: Record) -> Record:
    return replace(held, work_state=WorkState.DRAFT) if isinstance(held, VisitRecord) else held


def submit_again(device: Device, visit: Visit) -> None:
    """Print the page and submit the visit."""
    visit.go("sign_off")
    visit.sign_off.print_()
    visit.sign_off.confirm_print()
    visit.sign_off.finish()
    held = device.store.bundle(visit.held.visit_id)
    assert held.visit.work_state is WorkState.SUBMITTED


def test_scenario_o5_1_devices_of_two_technicians_give_the_same_flags(monday: Monday) -> None:
    """Sent by the devices themselves, exactly 2, 3, 6 and 10 have a flag."""
    found = {n: monday.row(n).flag_rules.split() for n in monday.twelve.ids}
    assert {n: rules for n, rules in found.items() if rules} == {
        2: ["overlapping_labour"],
        3: ["overlapping_labour"],
        6: ["signature_missing"],
        10: ["expense_without_receipt"],
    }


def test_scenario_o5_3_a_question_is_answered_with_a_waiver_and_approved(
    monday: Monday, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for the signature, Pavel says without a network that the customer was absent; then it is approved."""
    pavel = monday.pavel
    query = monday.ask(6, "Please send the signature or a reason")
    assert monday.row(6).review_state == "queried"
    pavel.sync.now()
    assert [q.id for q in pavel.store.bundle(monday.twelve.ids[6]).queries] == [query]
    tried: list[object] = []
    with monkeypatch.context() as offline:
        import socket

        def refuse(_self: socket.socket, address: object) -> None:
            tried.append(address)
            raise OSError("no network in this story")

        offline.setattr(socket.socket, "connect", refuse)
        visit = pavel.open(monday.twelve.ids[6])
        visit.go("sign_off")
        visit.sign_off.void()
        visit.sign_off.waive("absent", "Ola Hadi had left before the end.")
        submit_again(pavel, visit)
        pavel.sync.answer(query, "She was not there any more.")
    assert monday.row(6).review_state == "queried"
    pavel.sync.now()
    row = monday.row(6)
    assert (row.review_state, row.flag_rules, row.needs_review) == ("answered", "", True)
    (waiver,) = monday.bundle(6).waivers
    assert isinstance(waiver, SignOffWaiver)
    assert (waiver.reason, waiver.visit_revision) == ("absent", 2)
    page = monday.page(6)
    assert "She was not there any more." in page
    assert "Ola Hadi had left before the end." in page
    review.approve(monday.office.staff, monday.twelve.ids[6], row.rev)
    assert monday.row(6).review_state == "approved"


def test_scenario_o5_4_times_are_corrected_as_a_revision(monday: Monday) -> None:
    """Asked about the overlap, Ines corrects 10:00–12:00 to 11:15–13:15; the old time stays to be seen."""
    ines, visit_id = monday.ines, monday.twelve.ids[2]
    for number in (2, 3):
        monday.ask(number, "You were at two places at once. Which times are right?")
    ines.sync.now()
    old = monday.twelve.record(2, LabourSegment)
    visit = ines.open(visit_id)
    visit.times.edit(old.id)
    visit.times.fill("from", "11:15")
    visit.times.fill("until", "13:15")
    visit.times.save()
    visit.go("sign_off")
    visit.sign_off.void("The time was wrong.")
    visit.sign_off.waive("absent", "Ola Hadi signs at the next visit.")
    submit_again(ines, visit)
    for held in (*ines.store.bundle(visit_id).queries, *ines.store.bundle(monday.twelve.ids[3]).queries):
        ines.sync.answer(held.id, "I drove to the office first; corrected.")
    ines.sync.now()
    bundle = monday.bundle(2)
    assert bundle.visit.revision == 2
    (now,) = bundle.current_labour()
    assert (now.started_at, now.ended_at, now.supersedes) == (at("04 11:15"), at("04 13:15"), old.id)
    assert old.id in {s.id for s in bundle.labour}
    assert (monday.row(2).flag_rules.split(), monday.row(3).flag_rules) == (["edited_after_signing"], "")
    assert monday.row(2).flag_count == 0  # a notice: the first signature is void, the revision is waived
    page = monday.page(2)
    assert "Work 10:00–12:00" in page
    assert "Corrected later; kept to be seen." in page
    assert "Work 11:15–13:15" in page
    assert "Corrects an earlier time." in page
    for number in (2, 3):
        review.approve(monday.office.staff, monday.twelve.ids[number], monday.row(number).rev)
    assert {monday.row(n).review_state for n in (2, 3)} == {"approved"}


def test_scenario_o5_5_the_receipts_photo_clears_its_flag(monday: Monday) -> None:
    """Asked for the receipt, Pavel adds its photo to the expense; the flag goes by itself, nobody clears it."""
    pavel, visit_id = monday.pavel, monday.twelve.ids[10]
    expense = monday.twelve.record(10, Expense)
    monday.ask(10, "Please add the receipt of the cable duct.", "expense")
    pavel.sync.now()
    visit = pavel.open(visit_id)
    visit.go("work")
    visit.files.add_bytes("receipt.png", picture(), expense.id)
    visit.sign_off.void("The receipt was missing.")
    visit.sign_off.waive("absent", "Only the receipt was added.")
    submit_again(pavel, visit)
    (query,) = pavel.store.bundle(visit_id).queries
    pavel.sync.answer(query.id, "Here it is.")
    assert monday.row(10).flag_rules.split() == ["expense_without_receipt"]
    pavel.sync.now()
    pavel.sync.now()
    row = monday.row(10)
    assert "expense_without_receipt" not in row.flag_rules
    held = next(e for e in monday.bundle(10).expenses if e.id == expense.id)
    assert held.receipt_id in {a.id for a in monday.bundle(10).attachments}
    assert row.review_state == "answered"


def picture() -> bytes:
    """Return a small photo, as a camera would give it."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 180, 150)).save(out, "PNG")
    return out.getvalue()
