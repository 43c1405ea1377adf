"""Pictures of the window: every screen of a visit, in each look, language and size.

The program itself, over a store of invented people; only the readings of the computer are recorded.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shots.camera import Camera, series
from shots.desk import PASSPHRASE, photo
from techkit.records.parties import Contact
from techkit.records.schema import replace


def take(out: Path) -> Iterator[Path]:
    """Play a visit in each language and yield the pictures."""
    yield from series(out, play)


def play(camera: Camera) -> None:
    """Play a visit from the lock card to the signed page; the camera takes each screen."""
    program = camera.program
    program.start()
    camera.wait(lambda: program.unlock is not None)
    unlock = program.unlock
    assert unlock is not None
    camera.take("01-unlock")
    unlock.open("not this one")
    camera.wait(lambda: unlock.state.error)
    camera.take("01-unlock-error")
    unlock.open(PASSPHRASE)
    camera.wait(lambda: program.session is not None and program.session.today.state.computer.facts)
    session = program.session
    assert session is not None
    camera.wait(lambda: len(session.today.state.next_visits) == 3)
    camera.take("02-today")
    session.open_palette()
    session.search.type("brandt")
    camera.settle()
    camera.take("11-palette")
    session.close_palette()
    session.new_visit()
    camera.take("03-new-visit")
    session.show_place("today")
    session.open_visit(session.today.state.next_visits[0].visit_id)
    _play_visit(camera, session)
    session.show_place("sync")
    camera.take("10-sync")
    _play_conflict(camera, session)
    session.show_place("settings")
    camera.take("12-settings")
    session.show_place("today")
    camera.settle(0.6)
    camera.take("02-today-later")


def _take_photos(camera: Camera, visit: Any) -> None:
    """Take a photo onto the page and one that cannot be drawn; an empty file is refused."""
    taken = photo()
    visit.files.add_bytes("IMG_2231.jpg", taken)
    visit.files.add_bytes("IMG_2232.jpg", taken[: len(taken) // 2])
    visit.files.add_bytes("scan.pdf", b"")
    camera.wait(lambda: not visit.files.state.progress and len(visit.files.state.rows) == 2)
    row = visit.files.state.rows[0]
    visit.files.set_caption(row.id, "The external disk with her videos")
    visit.files.show(row.id, True)
    visit.files.agree_to_photos(True)
    camera.reveal("FilesCard")
    camera.take("06-work-photos")
    visit.files.remove(visit.files.state.rows[1].id)
    visit.files.dismiss()


def _play_conflict(camera: Camera, session: Any) -> None:
    """Let the office and the technician change the same person, and show both versions."""
    from techkit.central import server

    sync, store = session.sync, session._store
    with contextlib.ExitStack() as ends:
        place = Path(ends.enter_context(tempfile.TemporaryDirectory())) / "office"
        if camera.office is not None:
            shutil.copytree(camera.office, place)
        service = ends.enter_context(server.running(place))
        from techkit.central import accounts, office
        from techkit.central.invitations import invitation
        from techkit.central.models import User

        staff = User.objects.get(username="admin")
        staff.first_name, staff.last_name = "Hanna", "Vogt"
        staff.save()
        technician, _password = accounts.invite_staff(staff, "ines", "technician", "Ines", "Okafor")
        sync.enrol(invitation(service.url, accounts.new_enrol_code(staff, technician)[0]))
        camera.wait(lambda: sync.state.status in ("done", "partial"))
        person = store.find(Contact, order_by="id")[0]
        store.save(replace(person, role="Owner of the notebook", family_name="Brandt-Lindqvist"))
        office.change_as_staff(staff, "contact", person.id, {"role": "Customer", "family_name": "Brandt"})
        sync.now()
        camera.wait(lambda: sync.state.disputes)
        camera.take("10-sync-decision-waits")
        sync.look_at()
        camera.take("10-sync-conflict")
        sync.decisions.later()
        sync.client.close()


def _show_notes(camera: Camera) -> None:
    """Bring the notes on the finding into sight."""
    from techkit.ui.widgets.finding_notes import NotesBox
    from techkit.ui.widgets.focus import bring_into_sight

    bring_into_sight(next(box for box in camera.program.shell.findChildren(NotesBox) if box.isVisible()))


def _play_check(camera: Camera, visit: Any) -> None:
    """Watch a check run, do something else meanwhile, come back to its results and their evidence."""
    camera.take("05-check")
    camera.desk.may_end.clear()
    visit.check.start()
    camera.wait(lambda: visit.check.state.busy and len(visit.check.state.charts) == 4)
    camera.take("05-check-running")
    visit.go("follow_ups")  # something else meanwhile
    camera.desk.may_end.set()
    camera.wait(lambda: visit.state.news_line)
    camera.settle()
    camera.take("05-check-ended-meanwhile")
    visit.go("check")
    camera.wait(lambda: visit.check.state.phase == "results")
    camera.take("05-check-results")
    card = visit.check.state.cards[0]
    visit.check.notes.add(
        card.key, card.title, "She keeps the videos of three years here; ask before moving any."
    )
    visit.check.open_evidence(card.key)
    camera.take("05-check-evidence")
    _show_notes(camera)
    camera.take("05-check-note")
    visit.check.close_evidence()


def _play_visit(camera: Camera, session: Any) -> None:
    visit = session.visit
    camera.wait(lambda: visit.state.next_label)
    camera.take("04-need")
    visit.next()
    camera.wait(lambda: visit.state.current == "check")
    _play_check(camera, visit)
    camera.desk.moment = "after"  # the technician works meanwhile
    visit.next()
    camera.wait(lambda: len(visit.work.state.drafts) >= 1 and not visit.work.state.is_looking)
    camera.take("06-work-drafts")
    visit.work.drafting.add()
    visit.work.choose_kind("troubleshooting")
    for name, text in (
        ("title", "Slow start-up and freezing photos"),
        ("symptom", "slow, freezes with photos"),
        ("cause", "disk full; many programs at sign-in"),
        ("resolution", "Moved 59.3 GB of videos to her external disk with her."),
        ("is_fixed", "yes"),
    ):
        visit.work.fill(name, text)
    camera.take("06-work-entry")
    visit.work.choose_minutes("30")
    visit.work.add_entry()
    camera.settle()
    camera.take("06-work")
    _take_photos(camera, visit)
    visit.next()
    visit.follow_ups.add_all()
    camera.settle()
    camera.take("07-follow-ups")
    visit.go("after")
    camera.wait(lambda: visit.after.state.phase == "results")
    camera.take("08-after")
    visit.go("sign_off")
    camera.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    camera.take("09-sign-off")
    visit.sign_off.hand_over()
    camera.wait(lambda: visit.sign_off.state.phase == "customer" and not visit.sign_off.state.is_rendering)
    camera.take("09-sign-off-customer")
    visit.sign_off.choose_method("typed")
    visit.sign_off.answer("5")
    visit.sign_off.agree()
    camera.wait(lambda: visit.sign_off.state.phase == "signed" and visit.sign_off.state.pdf)
    camera.take("09-signed")
    _print(camera, session)


def _print(camera: Camera, session: Any) -> None:
    """Ask for the signed page on paper, and leave it."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    session.visit.sign_off.print_()
    camera.take("09-print")
    QTest.keyClick(camera.program.shell.focusWidget(), Qt.Key.Key_Escape)
    camera.settle()
