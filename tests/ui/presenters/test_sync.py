"""The sync panel against the real service: enrolling, sending, questions answered here, refusals, conflicts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from techkit.central import accounts, server
from techkit.central.models import Device as KnownDevice
from techkit.central.models import User
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.review import Query
from techkit.records.visit import Attachment, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.sync import Sync
from tests import photos
from tests.scenarios.conftest import Device, HandClock, Office


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[list[Device]]:
    made = [
        Device(tmp_path / p, prefix=p, technician=name, clock=HandClock("2026-11-23 10:00"))
        for p, name in (("TK07", "Ines Okafor"), ("TK11", "Pavel Novotny"))
    ]
    yield made
    for each in made:
        each.sync.close()
        each.store.close()


@pytest.fixture
def ines(devices: list[Device]) -> Device:
    return devices[0]


def some_visit(device: Device, work_state: WorkState = WorkState.SUBMITTED) -> str:
    customer, contact, visit = (new_id() for _n in range(3))
    device.store.save(
        Customer(id=customer, display_name="Quarrystone Architects"),
        Contact(id=contact, customer_id=customer, family_name="Weir", role="Draftsman"),
        VisitRecord(
            id=visit,
            number=device.store.next_number(2026),
            customer_id=customer,
            contact_id=contact,
            purpose="Slow",
            work_state=work_state,
        ),
    )
    return visit


def test_without_an_office_everything_waits(ines: Device):
    """Before enrolment nothing is tried; the panel says what waits, and that everything works."""
    some_visit(ines)
    ines.sync.refresh()
    ines.sync.now()
    state = ines.sync.state
    assert (state.status, state.count) == ("not_enrolled", 3)
    assert {row.state for row in state.queue} == {"waiting"}
    assert state.recent == ()


def test_enrolling_sends_everything(ines: Device, office: Office):
    """One line from the office enrols the device; what was made before is sent at once."""
    some_visit(ines)
    ines.sync.enrol(office.invitation())
    state = ines.sync.state
    assert (state.status, state.count) == ("done", 0)
    assert {row.state for row in state.queue} == {"sent"}
    assert state.recent[0][0] == "ok"
    assert state.received == ()
    assert state.last_line == f"Nothing new. Last sync: {state.recent[0][2]}"


def test_a_withdrawn_device_asks_for_a_new_code_and_comes_back(ines: Device, office: Office):
    """The panel says why nothing goes and takes a code at once; a wrong one is said beside it, nothing is lost."""
    visit = some_visit(ines)
    ines.sync.enrol(office.invitation())
    assert ines.sync.state.code_title == ""
    was = ines.store.device.id
    accounts.refuse_device(User.objects.get(username="admin"), KnownDevice.objects.get(pk=was))
    (customer,) = ines.store.find(Customer)
    ines.store.save(Contact(id=new_id(), customer_id=customer.id, family_name="Brandt"))
    ines.sync.now()
    state = ines.sync.state
    assert (state.status, state.title) == ("refused", "The office has withdrawn this device.")
    assert state.code_title == "Come back with a new code"
    line = office.invitation()
    ines.sync.enrol(line[: line.index("#")] + "X" + line[line.index("#") :])
    state = ines.sync.state
    assert (state.code_title != "", "code" in state.error, state.count) == (True, True, 1)
    assert ines.store.device.id == was
    ines.sync.enrol(line)
    state = ines.sync.state
    assert (state.status, state.count, state.code_title, state.error) == ("done", 0, "", "")
    assert ines.store.get(VisitRecord, visit) is not None
    assert ines.store.device.id != was


@pytest.mark.parametrize("line", ["", "hello", "https://127.0.0.1:1 ABCD#12", "http://x ABCD#" + "0" * 64])
def test_a_line_that_is_no_invitation(ines: Device, line: str):
    """What is no invitation is refused with a sentence; nothing is lost and nothing is sent."""
    some_visit(ines)
    ines.sync.enrol(line)
    assert ines.sync.state.error
    assert ines.sync.state.status == "not_enrolled"
    assert ines.store.outbox.waits().count == 3


def test_a_foreign_service_is_refused(ines: Device, office: Office):
    """A service whose certificate is not the one in the line is not spoken to."""
    line = office.invitation()
    ines.sync.enrol(line[: line.index("#")] + "#" + "0" * 64)
    assert ines.sync.state.error
    assert not ines.sync.client.is_enrolled


def test_an_office_that_is_away(ines: Device, empty_service: Path, tmp_path: Path):
    """When the office cannot be reached the panel says so plainly and everything keeps waiting."""
    folder = tmp_path / "office"
    shutil.copytree(empty_service, folder)
    with server.running(folder) as held:
        ines.sync.enrol(Office(held).invitation())
    some_visit(ines)
    ines.sync.now()
    state = ines.sync.state
    assert (state.status, state.count) == ("offline", 3)
    assert state.sidebar_title == "Office not reached"
    assert state.line.endswith("techkit tries again by itself.")
    assert state.recent[0][0] == "off"
    assert {row.state for row in state.queue} == {"waiting"}  # no alarm: being offline is normal
    ines.store.attach(bytes(2_000_000), "application/octet-stream")
    ines.sync.refresh()
    assert ines.sync.state.bytes_line.startswith("2.0"), "files wait, too"
    ines.sync.pause()
    assert "by itself" not in ines.sync.state.line, "paused, it does not"


def test_question_is_answered_here(ines: Device, office: Office):
    """A question from the office arrives, is answered here, and the answer reaches the office."""
    from techkit.central import review

    visit_id = some_visit(ines)
    ines.sync.enrol(office.invitation())
    review.ask(office.staff, visit_id, "Which photos were moved?", about_kind="visit", about_id=visit_id)
    ines.sync.now()
    (asked,) = ines.sync.state.queries
    assert (asked.question, asked.is_answered) == ("Which photos were moved?", False)
    assert asked.visit.startswith("TK07-2026-0001")
    assert ines.sync.state.notices[0].title == "1 question from the office"
    ines.sync.answer(asked.id, "   ")
    assert not ines.sync.state.queries[0].is_answered
    ines.sync.type_answer(asked.id, "The folder Su")
    assert ines.sync.state.queries[0].answer == "The folder Su"
    assert ines.sync.around.store.setting("typed.forms")
    ines.sync.answer(asked.id, "The folder Summer 2024.")
    assert ines.sync.around.store.setting("typed.forms") == ()
    assert ines.sync.state.queries[0].is_answered
    ines.sync.now()
    (query,) = office.bundle(visit_id).queries
    assert (query.answer, query.state, query.answered_by) == (
        "The folder Summer 2024.",
        "answered",
        "Ines Okafor",
    )


def test_paused_sends_nothing(ines: Device, office: Office):
    """While it is paused nothing is sent by itself; going on sends."""
    ines.sync.enrol(office.invitation())
    ines.sync.pause()
    some_visit(ines)
    ines.sync.start_by_itself()
    assert (ines.sync.state.is_paused, ines.sync.state.count) == (True, 3)
    ines.sync.resume()
    assert (ines.sync.state.is_paused, ines.sync.state.count) == (False, 0)


def test_arrived_records_are_told(devices: list[Device], office: Office):
    """Whoever shows records is told when some arrived."""
    ines, pavel = devices
    some_visit(ines)
    ines.sync.enrol(office.invitation())
    told: list[str] = []
    panel = Sync(pavel.around, on_changed=lambda: told.append("arrived"))
    panel.enrol(office.invitation())
    office.share_customer(pavel, ines.store.find(Customer)[0].id)
    panel.now()
    assert told
    arrived = {words: count for _icon, words, count in panel.state.received}
    assert arrived == {"Customers": 1, "People": 1, "Visits": 1}
    assert pavel.store.count(Query) == 0
    panel.close()


def test_package_for_where_there_is_no_network(ines: Device, office: Office, tmp_path: Path):
    """What waits goes into a file; without an office, without room or with a foreign file it says why."""
    package = tmp_path / "for-the-office.techkit-package"
    some_visit(ines)
    ines.sync.export_package(package)
    assert not package.exists()
    assert ines.sync.state.recent[0][0] == "bad"
    ines.sync.enrol(office.invitation())
    some_visit(ines)
    ines.sync.export_package(tmp_path / "no such folder" / "x")
    assert "could not be written" in ines.sync.state.recent[0][1]
    ines.sync.export_package(package)
    assert package.stat().st_size > 100
    assert ines.sync.state.recent[0][0] == "ok"
    assert ines.store.outbox.waits().count == 3
    package.write_bytes(b"something else")
    ines.sync.import_package(package)
    assert ines.sync.state.recent[0][0] == "bad"
    assert ines.store.outbox.waits().count == 3


def test_a_network_that_appears_is_used_soon(ines: Device, empty_service: Path, tmp_path: Path):
    """After the office was out of reach, a network that appears sends what waits, without anybody pressing."""
    folder = tmp_path / "office"
    shutil.copytree(empty_service, folder)
    with server.running(folder) as held:
        ines.sync.enrol(Office(held).invitation())
        ines.sync.start_by_itself()
        some_visit(ines)
        address = ines.store.replica.meta("url")
        ines.store.replica.set_meta({"url": "https://127.0.0.1:9"})
        ines.sync.client.close()
        ines.sync.now()
        assert ines.sync.state.status == "offline"
        ines.store.replica.set_meta({"url": address})
        ines.sync.client.close()
        ines.sync.network_appeared()
        assert ines.sync.state.status == "offline"
        ines.lanes.pass_time()
        assert (ines.sync.state.status, ines.sync.state.count) == ("done", 0)
        ines.sync.pause()
        some_visit(ines)
        ines.sync.network_appeared()
        ines.lanes.pass_time()
        assert ines.sync.state.count == 3


@pytest.mark.parametrize(
    ("offset_ms", "words"),
    [(36 * 31_556_952_000, "36 years ahead"), (-3 * 86_400_000, "3 days behind")],
)
def test_a_clock_wrong_by_years_is_pointed_out(ines: Device, office: Office, offset_ms: int, words: str):
    """The difference stands there in plain units, with the word that nothing is lost by it."""
    ines.sync.enrol(office.invitation())
    real = ines.sync.client.line.now_ms
    ines.sync.client.line.now_ms = lambda: real() + offset_ms
    some_visit(ines)
    ines.sync.now()
    (notice,) = ines.sync.state.notices
    assert notice.title == f"The clock of this computer is wrong: {words}."
    assert "Nothing is lost" in notice.text
    assert ines.sync.state.count == 0


def test_a_job_pack_from_a_stick_is_used(devices: list[Device], office: Office, tmp_path: Path):
    """The office's file for this device brings the customer without a network."""
    from techkit.central import jobs
    from techkit.central.models import Device as Known

    ines, pavel = devices
    some_visit(ines)
    for device in devices:
        device.sync.enrol(office.invitation())
    (customer,) = ines.store.find(Customer)
    known = Known.objects.select_related("org").get(pk=pavel.store.device.id)
    file = tmp_path / "TK11.techkit-jobs"
    file.write_bytes(jobs.pack(office.staff, known, [customer.id]))
    pavel.sync.import_package(file)
    assert pavel.sync.state.recent[0][0] == "ok"
    assert pavel.store.find(Customer) == [customer]


def test_half_a_year_without_the_office_is_told_beforehand(ines: Device, office: Office):
    """The panel says what the next sync will do, and that nothing unsent is lost; afterwards it says no more."""
    some_visit(ines)
    ines.sync.enrol(office.invitation())
    long_ago = ines.sync.client.line.now_ms() - 200 * 86_400_000
    ines.store.replica.set_meta({"last_at_ms": str(long_ago)})
    ines.sync.refresh()
    assert "200 days without the office" in [notice.title for notice in ines.sync.state.notices]
    ines.sync.now()
    assert not [notice for notice in ines.sync.state.notices if "without the office" in notice.title]


def test_what_leaves_a_stick_is_told_and_fetched_again(ines: Device, office: Office):
    """A confirmed visit stands there with its day, then among those at the office only, and comes back when asked for."""
    visit_id = some_visit(ines)
    ines.store.set_setting("sync.visits_leave", True)
    ines.sync.enrol(office.invitation())
    (row,) = ines.sync.state.leaving
    assert (row.title, row.line) == ("TK07-2026-0001", "Quarrystone Architects")
    assert row.word.startswith("leaves ")
    assert ines.sync.state.leaving_line.startswith("1 visit is confirmed and leaves this stick, on ")
    assert ines.store.away.put_away(ines.store.away.leaving()[0].at) == 1
    ines.sync.refresh()
    assert (ines.sync.state.leaving, [one.title for one in ines.sync.state.gone]) == ((), ["TK07-2026-0001"])
    ines.sync.fetch_visit(visit_id)
    assert ines.sync.state.gone == ()
    assert [one.id for one in ines.sync.state.leaving] == [visit_id]
    assert ines.store.get(VisitRecord, visit_id) is not None


def test_the_queue_says_why_and_what_to_do(ines: Device, office: Office):
    """A refused change stands first with the office's reason and advice; what arrived says so."""
    from techkit.records.activities import Troubleshooting

    visit_id = some_visit(ines)
    ines.sync.enrol(office.invitation())
    ines.store.save(Troubleshooting(id=new_id(), visit_id=visit_id, title="Added too late"))
    ines.sync.now()
    first, *others = ines.sync.state.queue
    assert (first.state, first.title) == ("decision", "Troubleshooting: Added too late")
    assert first.line.endswith(" · The visit was submitted and is closed for changes.")
    assert first.advice == "The office can open it again with a question."
    assert {row.state for row in others} == {"sent"}
    (visit,) = [row for row in others if row.title.startswith("Visit: TK07")]
    assert visit.line.endswith(" · Sent and confirmed.")


def test_a_step_told_after_the_end_changes_nothing(
    ines: Device, office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Reports are thinned out on their way to the window: the last one may come when the sync is over."""
    some_visit(ines)
    ines.sync.enrol(office.invitation())
    late: list[Callable[[float, str], None]] = []
    free = ines.lanes.free

    def slow(work: Any, done: Any = None, failed: Any = None, progress: Any = None) -> Any:
        late.append(progress)
        return free(work, done, failed, progress)

    monkeypatch.setattr(ines.lanes, "free", slow)
    ines.sync.now()
    assert ines.sync.state.status == "done"
    late[-1](0.9, "nearly")
    assert (ines.sync.state.status, ines.sync.state.sidebar_title) == ("done", "All sent")


def test_a_photo_that_is_elsewhere_is_fetched_in_its_visit(ines: Device, office: Office):
    """Freed after the office had it: listed as away, fetched with one press, on the page again."""
    visit_id = some_visit(ines, WorkState.ON_SITE)
    visit = ines.open(visit_id)
    visit.files.add_bytes("plate.png", photos.photo(form="PNG"))
    [attachment] = ines.store.bundle(visit_id).attachments
    data = ines.store.attachment(attachment.sha256)
    ines.sync.enrol(office.invitation())
    assert ines.store.attachments.free(attachment.sha256)

    visit = ines.open(visit_id)
    [row] = visit.files.state.rows
    assert (row.is_away, row.small, row.note) == (True, b"", "This file is not on this device.")
    visit.files.fetch(row.id)
    [row] = visit.files.state.rows
    assert (row.is_away, row.note, visit.files.state.troubles) == (False, "", ())
    assert row.small
    assert ines.store.attachment(attachment.sha256) == data


def test_a_photo_the_office_does_not_have_either(ines: Device, office: Office):
    """Its record came, its bytes are still on a colleague's device: one sentence, and it can be fetched later."""
    visit_id = some_visit(ines)
    ines.sync.enrol(office.invitation())
    ines.store.save(
        Attachment(
            id=new_id(), visit_id=visit_id, sha256="ab" * 32, byte_count=7, media_type="image/jpeg", purpose="photo"
        )
    )  # fmt: skip
    ines.sync.now()
    visit = ines.open(visit_id)
    [row] = visit.files.state.rows
    visit.files.fetch(row.id)
    assert visit.files.state.troubles == (
        "The office does not have this file yet. Fetch it again after the device that has it was synced.",
    )
    assert visit.files.state.rows[0].is_away
