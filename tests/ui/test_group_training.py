"""A group training and the how-to cards in the real window: presses counted, records and pages read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from shots import how_to
from shots.desk import PASSPHRASE, Morning, desk
from techkit import i18n
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.activities import Training
from techkit.records.parties import SkillAssessment, UserSoftware
from techkit.records.success import FollowUp
from techkit.records.training import gain_of
from techkit.ui.app import Program
from techkit.ui.controls import Select
from techkit.ui.presenters.long_texts import keep_at_customer
from techkit.ui.session import Session
from techkit.ui.widgets.buttons import Button, Choice
from tests.ui.hand import Hand

AFTER = {
    "Amara Dube": ("Comfortable", "5 of 5"),
    "Bjorn Halvorsen": ("Comfortable", "4 of 5"),
    "Chiara Ricci": ("Confident", "5 of 5"),
    "Deniz Aydin": ("Beginner", "3 of 5"),
    "Farid Rahmani": ("Confident", "4 of 5"),
}


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, begin: Callable[..., Program]) -> Session:
    """The program, unlocked, over the college's store; the visit on site is open at Work."""
    visit_id = how_to.fill(tmp_path / "data")
    machine = RecordedMachine(desk().recordings["before"])
    program = begin(tmp_path / "data", lambda: machine, Morning())
    qtbot.waitUntil(lambda: program.unlock is not None)
    assert program.unlock is not None
    program.unlock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: program.session is not None and bool(program.session.today.state.computer.facts))
    held = program.session
    assert held is not None
    held.open_visit(visit_id)
    qtbot.waitUntil(lambda: held.visit is not None and bool(held.visit.state.steps))
    held.visit.go("work")
    return held


@pytest.fixture
def hand(qtbot: QtBot, session: Session) -> Hand:
    return Hand(qtbot, session._program.shell)


def shell(session: Session) -> QWidget:
    return session._program.shell


def choose(session: Session, hand: Hand, name: str, words: str) -> None:
    """Open a field of choices and press one: two interactions."""
    field = next(
        f for f in shell(session).findChildren(Select) if f.accessibleName() == name and f.isVisible()
    )
    hand._count(name)
    place = field.findText(words)
    assert place >= 0, [field.itemText(n) for n in range(field.count())]
    field.setCurrentIndex(place)
    field.activated.emit(place)
    hand._count(words)


def say(session: Session, hand: Hand, name: str, words: str) -> None:
    """Press one of the two answers beside a person's name."""
    answers = next(
        c for c in shell(session).findChildren(Choice) if c.accessibleName() == name and c.isVisible()
    )
    button = next(b for b in answers.findChildren(Button) if b.words == words)
    hand._click(button, button.rect().center(), words)


def write(session: Session, hand: Hand, label: str, text: str) -> None:
    """Type into a field and leave it; typing is no interaction."""

    def fields() -> list[QWidget]:
        kinds = (QLineEdit, QPlainTextEdit)
        found: list[QWidget] = [
            f for kind in kinds for f in shell(session).findChildren(kind) if f.isVisible()
        ]
        return [f for f in found if f.accessibleName() == label]

    hand.wait(fields)
    field = fields()[0]
    field.setFocus()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Tab)


def train(session: Session, hand: Hand) -> Training:
    """Do the session of the story by hand; return what was recorded."""
    hand.press_name("styles: ")
    hand.press_name("mail merge: ")
    hand.press("Everybody was there")
    say(session, hand, "Ewa Nowak", "Was absent")
    for name, (level, feedback) in AFTER.items():
        choose(session, hand, f"Skill after: {name}", level)
        choose(session, hand, f"Feedback: {name}", feedback)
    write(session, hand, "What was it about?", "Styles and mail merge")
    write(session, hand, "Other time in minutes", "90")
    hand.press("Add entry")
    hand.wait(lambda: any(isinstance(a, Training) for a in session.visit.held.bundle.activities))
    return next(a for a in session.visit.held.bundle.activities if isinstance(a, Training))


def test_a_group_of_six_is_trained_in_at_most_26_interactions(session: Session, hand: Hand) -> None:
    """Two suggestions, who was there, level and feedback of five people, one press to add it."""
    reasons = {p.id: p.reason for p in session.visit.work.state.suggestions}
    assert set(reasons) == {"styles", "mail merge"}
    shown = " ".join(label.text() for label in shell(session).findChildren(QLabel) if label.isVisible())
    assert "Bjorn Halvorsen: weekly, would like to learn “styles”, new" in shown
    training = train(session, hand)
    assert hand.count <= 26, hand.done
    gain = gain_of(training)
    assert (gain.present, gain.invited, gain.improved) == (5, 6, 3)
    assert (gain.mean_before, gain.mean_after) == (Decimal("2.4"), Decimal("3.2"))
    assert gain.attendee_minutes == 450
    assert training.method == "group"
    assert training.product == how_to.PRODUCT


def test_profiles_and_history_follow_and_follow_ups_are_offered(
    session: Session, hand: Hand, qtbot: QtBot
) -> None:
    """Levels stay as facts, who learned wishes no more; catch-up and one-to-one wait to be added."""
    training = train(session, hand)
    store = session.surroundings.store
    ids = {row.name: row.contact_id for row in training.attendance}
    hand.wait(lambda: session.visit.held.save_state == "saved")
    bjorn = store.find(UserSoftware, contact_id=ids["Bjorn Halvorsen"])[0]
    assert (bjorn.skill, bjorn.features_wanted) == (3, ())
    assert "styles" in bjorn.features_used
    ewa = store.find(UserSoftware, contact_id=ids["Ewa Nowak"])[0]
    assert (ewa.skill, ewa.features_wanted) == (2, ("mail merge",))
    assert store.find(SkillAssessment, contact_id=ids["Ewa Nowak"]) == []
    history = store.find(SkillAssessment, contact_id=ids["Bjorn Halvorsen"])
    assert [(h.skill, h.assessed_how) for h in history][-2:] == [(1, "before"), (3, "observed")]
    hand.confirm("the work is written down")
    hand.wait(lambda: session.visit.state.current == "follow_ups")
    assert store.find(FollowUp) == []
    hand.press_name("Add: Catch-up training for Ewa Nowak")
    hand.press_name("Add: One-to-one training for Deniz Aydin")
    hand.wait(lambda: len(store.find(FollowUp)) == 2)


def test_each_person_gets_a_page_with_their_own_level_only(
    session: Session, hand: Hand, tmp_path: Path
) -> None:
    """Opened again, the entry offers each person's own page; it names nobody else."""
    training = train(session, hand)
    hand.wait(lambda: not session.visit.work.state.form)
    hand.press_name(f"Change: {training.title}")
    hand.press_name("Own page: Bjorn Halvorsen")
    hand.press("Keep as a file")
    made = tmp_path / "Bjorn Halvorsen.pdf"
    hand.wait(made.exists)
    text = " ".join(PdfReader(io.BytesIO(made.read_bytes())).pages[0].extract_text().split())
    assert "Your level before: new. Your level now: comfortable." in text
    assert "styles" in text
    assert not any(name.split()[1] in text for name in AFTER if name != "Bjorn Halvorsen")


def test_who_left_early_is_told_with_the_time_they_were_there(session: Session, hand: Hand) -> None:
    """Opened again: two presses and a choice; the hours count, and a catch-up is said to wait."""
    training = train(session, hand)
    hand.wait(lambda: not session.visit.work.state.form)
    hand.press_name(f"Change: {training.title}")
    say(session, hand, "Chiara Ricci", "Left early")
    choose(session, hand, "Was there for: Chiara Ricci", i18n.minutes(60))
    hand.press("Save entry")
    hand.wait(lambda: not session.visit.work.state.form)
    now = next(a for a in session.visit.held.bundle.activities if isinstance(a, Training))
    assert gain_of(now).attendee_minutes == 4 * 90 + 60
    assert any("Chiara" in s.title for s in session.visit.follow_ups.state.suggestions)


def test_a_card_is_found_put_on_the_page_and_kept_as_a_file(
    session: Session, hand: Hand, qtbot: QtBot, tmp_path: Path
) -> None:
    """From the work, a hint opens its card; it goes on the page, is kept as a handout, and back to the visit."""
    hand.press_name("The computer takes long to start.")
    hand.press("Put on the customer’s page")
    hand.wait(lambda: session.visit.held.bundle.recommendations)
    hand.press("Print as a handout")
    hand.press("Keep as a file")
    hand.wait((tmp_path / "slow_start.pdf").exists)
    hand.press("Back to the visit")
    hand.wait(lambda: session.visit.state.current == "work")
    assert hand.count == 5


def test_the_palette_opens_a_card(session: Session, hand: Hand, qtbot: QtBot) -> None:
    """Ctrl+K, a word with a slip, Return: the card is there."""
    hand.keys("search", Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    field = shell(session).focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "bluetoth")
    hand.wait(lambda: any(title == "How-to cards" for title, _hits in session.search.state.groups))
    QTest.keyClick(field, Qt.Key.Key_Return)
    hand.wait(lambda: session.places.how_to.state.card is not None)
    assert session.places.how_to.state.card is not None
    assert session.places.how_to.state.card.id == "bluetooth"


def test_a_file_kept_on_the_customers_page_stands_in_the_visit(session: Session, hand: Hand) -> None:
    """Who comes back to the visit finds what was kept for it from another page meanwhile."""
    held, store = session.visit.held, session.surroundings.store
    customer = held.visit.customer_id
    session.places.open_customer(customer)
    name = keep_at_customer(store, customer, "Notes", "A long story.", Morning().now(), "Pavel Novotny")
    session.back_to_visit()
    hand.wait(lambda: [file.name for file in held.bundle.attachments] == [name])


def test_every_control_of_cards_and_forms_has_a_name(session: Session, hand: Hand) -> None:
    """A screen reader can say what each control is, in the list, the card and every form."""
    work = session.visit.work
    session.show_place("how_to")
    hand.wait(lambda: session.places.how_to.state.rows)
    assert nameless(shell(session)) == []
    session.places.open_how_to("backup_set_up")
    assert nameless(shell(session)) == []
    session.back_to_visit()
    for kind in ("training", "needs_analysis", "purchase_assistance", "information_lookup"):
        work.choose_kind(kind)
        QApplication.processEvents()
        assert nameless(shell(session)) == [], kind
        work.close_form()


def nameless(root: QWidget) -> list[str]:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    return [
        f"{type(piece).__name__} {piece.objectName()}"
        for kind in kinds
        for piece in root.findChildren(kind)
        if piece.isVisible() and not (piece.accessibleName() or getattr(piece, "text", str)())
    ]
