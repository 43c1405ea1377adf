"""The whole job, once, on the real parts: window, paper, sync over HTTPS, browser, question, answer."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pytestqt.qtbot import QtBot

from techkit.central import accounts, invitations
from techkit.records.review import Query
from techkit.records.visit import ReviewState, Visit
from techkit.ui.app import Program
from tests.browser.conftest import sign_in
from tests.scenarios.conftest import Desk
from tests.ui.conftest import begin, look
from tests.ui.hand import Hand
from tests.ui.test_routine_visit import desk, folder, program, routine_visit, unlock

# Fixtures of the window, used by name.
__all__ = ["begin", "desk", "folder", "look", "program"]


def test_a_visit_goes_from_the_window_to_the_reviewer_and_a_question_comes_back(
    program: Program,
    qtbot: QtBot,
    desk: Desk,
    service: Any,
    office: Any,
    open_page: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Drive the window, read the paper back, sync, open the visit in Chromium, ask, sync, answer."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    hand = Hand(qtbot, program.shell)
    visit_id = routine_visit(session, hand, desk)
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    store = session.surroundings.store
    made = store.bundle(visit_id)

    # The paper, read back.
    sheet = (tmp_path / f"{made.visit.number}.pdf").read_bytes()
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet)).pages)
    assert "DentaBook upgraded from 9.9 to 9.10" in " ".join(words.replace("\u00a0", " ").split())

    # Enrolled by a one-time code, then synced over HTTPS: the window's own panel.
    code, _row = accounts.new_enrol_code(None, office.technician)
    sync = session.sync
    sync.enrol(invitations.invitation(service.url, code))
    qtbot.waitUntil(lambda: program.lanes.is_idle and sync.state.status == "done", timeout=90_000)
    assert sync.state.count == 0

    # A reviewer reads it in a real browser: claim beside evidence, the page, a question.
    page = open_page("/visits")
    sign_in(page)
    page.wait_for_load_state()
    page.goto(f"/visits/{visit_id}")
    shown = page.inner_text("main")
    assert "DentaBook upgraded from 9.9 to 9.10" in shown
    assert "Proven by inventory" in shown
    assert made.visit.number in page.inner_text("body")
    paper = page.request.get(page.get_attribute("a[href*='summary'], a[href$='.pdf']", "href"))
    assert paper.ok
    assert paper.body() == sheet
    page.click("#ask")
    page.fill("form[action$='/ask'] textarea", "Which licence was used?")
    page.click("form[action$='/ask'] button")
    page.wait_for_load_state()
    assert "Which licence was used?" in page.inner_text("main")

    # The question reaches the device with the next sync, and is answered there.
    sync.now()
    qtbot.waitUntil(lambda: program.lanes.is_idle and bool(sync.state.queries), timeout=90_000)
    [query] = store.find(Query, visit_id=visit_id)
    assert query.question == "Which licence was used?"
    sync.answer(query.id, "The practice’s own, five seats.")
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    sync.now()
    qtbot.waitUntil(lambda: program.lanes.is_idle and sync.state.count == 0, timeout=90_000)
    page.reload()
    assert "The practice’s own, five seats." in page.inner_text("main")

    # Settled and approved in the browser; the device knows after its next sync.
    page.click("form[action$='/settle'] button")
    page.wait_for_load_state()
    page.click("form#approve button")
    page.wait_for_load_state()
    sync.now()
    qtbot.waitUntil(
        lambda: (
            program.lanes.is_idle
            and (kept := store.get(Visit, visit_id)) is not None
            and kept.review_state is ReviewState.APPROVED
        ),
        timeout=90_000,
    )
