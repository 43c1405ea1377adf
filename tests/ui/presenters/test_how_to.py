"""How-to cards in the hand: found, read, put on the page, printed, made of a lookup, changed, taken away."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from techkit import i18n
from techkit.records.activities import InformationLookup, Source
from techkit.records.cards import Card, names_in
from techkit.records.success import Recommendation
from techkit.summary import document
from techkit.ui.presenters.how_to import HowToCards
from techkit.ui.presenters.page_language import in_language
from techkit.ui.presenters.search import Search
from techkit.ui.presenters.visit import Visit


@pytest.fixture
def cards(visit: Visit) -> Iterator[HowToCards]:
    made = HowToCards(visit.held.around, lambda: visit.held)
    made.enter()
    yield made
    made.close()


@pytest.fixture
def looked_up(visit: Visit) -> str:
    """A finished lookup is recorded; its id."""
    work = visit.work
    work.choose_kind("information_lookup")
    work.fill("question", "Does TillBook open on two desks?")
    work.fill("answer", "Yes, with a second licence.\nInstall it from the maker’s page.")
    work.fill("sources.0.title", "TillBook handbook, page 12")
    work.add_entry()
    (lookup,) = visit.held.bundle.activities
    return lookup.id


def test_a_card_is_found_and_read(cards: HowToCards) -> None:
    """Typing narrows the list; the open card has its steps, warnings, and the day of its facts."""
    assert len(cards.state.rows) >= 40
    cards.type("spooler")
    assert cards.state.rows[0].id == "print_queue_stuck"
    cards.open("print_queue_stuck")
    card = cards.state.card
    assert card is not None
    assert [part.title for part in card.parts][:2] == ["What to do", "Windows"]
    assert any("As of 21 November 2026" in line for line in card.about)
    cards.close_card()
    assert cards.state.card is None


def test_a_complaint_narrows_the_list_and_nothing_found_says_so(cards: HowToCards) -> None:
    """Chips filter; the same again shows all; a word nobody has gets a sentence."""
    cards.choose_complaint("no_printing")
    assert {"print_queue_stuck", "scanner"} <= {row.id for row in cards.state.rows}
    assert "passwords" not in {row.id for row in cards.state.rows}
    cards.choose_complaint("no_printing")
    assert len(cards.state.rows) >= 40
    cards.type("qqqqzzzz")
    assert cards.state.rows == ()
    assert "qqqqzzzz" in cards.state.nothing_line


def test_a_card_goes_on_the_customers_page_and_off_again(cards: HowToCards, visit: Visit) -> None:
    """Its words stand there as advice with its title as the reason; undo takes it back too."""
    cards.open("backup_set_up")
    cards.put_on_page()
    (advice,) = visit.held.bundle.recommendations
    page = document.build(visit.held.bundle)
    assert "second copy" in page.advice[0].text
    assert "Set up a backup" in page.advice[0].text
    assert cards.state.card is not None
    assert cards.state.card.is_on_page
    assert advice.check == "last_backup"
    cards.put_on_page()
    assert visit.held.bundle.recommendations == ()
    visit.undo()
    assert [r.card for r in visit.held.bundle.recommendations] == ["backup_set_up"]


def test_the_page_words_a_card_in_its_own_language(cards: HowToCards, visit: Visit) -> None:
    """Put on in English, printed in German: the card's German words; words a person changed stay."""
    cards.open("backup_set_up")
    cards.put_on_page()
    german = in_language(visit.held.bundle, "de").recommendations[0]
    assert german.why == "Eine Datensicherung einrichten"
    assert german.text.startswith("Eine Sicherung ist die zweite Kopie")
    own = visit.held.record(Recommendation, german.id)
    assert own is not None
    from dataclasses import replace

    visit.held.save(replace(own, text="Ask Uwe."), word="")
    assert in_language(visit.held.bundle, "de").recommendations[0].text == "Ask Uwe."


def test_a_handout_is_kept_as_a_file_in_the_customers_language(
    cards: HowToCards, visit: Visit, tmp_path: Path
) -> None:
    """The file is a page with the customer's words; a place that cannot be written says what to do."""
    from dataclasses import replace

    visit.held.save(replace(visit.held.visit, paper_language="fr"), word="")
    cards.open("backup_set_up")
    told: list[str] = []
    cards.print_to(str(tmp_path / "card.pdf"), None, lambda: told.append("done"), told.append)
    text = PdfReader(io.BytesIO((tmp_path / "card.pdf").read_bytes())).pages[0].extract_text()
    assert "Mettre en place une sauvegarde" in text
    assert told == ["done"]
    cards.print_to(str(tmp_path / "no" / "card.pdf"), None, lambda: told.append("done"), told.append)
    assert "could not be written" in told[-1]
    cards.print_to("", lambda _pages, _paper, _title: False, lambda: told.append("done"), told.append)
    assert "did not take" in told[-1]


def test_a_lookup_becomes_a_card_that_syncs(cards: HowToCards, visit: Visit, looked_up: str) -> None:
    """Question, answer and dated source become a card of one's own, waiting for the office."""
    (row,) = [e for e in visit.work.state.entries if e.id == looked_up]
    assert row.may_become_card
    visit.work.hints.keep(looked_up)
    (card,) = visit.held.around.store.find(Card)
    assert card.steps == ("Yes, with a second licence.", "Install it from the maker’s page.")
    assert card.sources == (Source(title="TillBook handbook, page 12", checked_on=date(2026, 11, 23)),)
    assert "now one of your how-to cards" in visit.work.state.notice
    assert cards.state.rows[0].title == "Does TillBook open on two desks?"
    assert cards.state.rows[0].is_own
    assert ("card", 1) in visit.held.around.store.outbox.waiting_by_kind()


def test_a_card_that_names_the_customer_is_not_made(visit: Visit, looked_up: str) -> None:
    """A card outlives the customer, so it may not name them; the sentence says what to take out."""
    visit.work.edit(looked_up)
    visit.work.fill("answer", "Ask Frau Baumann, she has the licence.")
    visit.work.add_entry()
    visit.work.hints.keep(looked_up)
    assert visit.held.around.store.find(Card) == []
    assert "Baumann" in visit.work.state.notice


def test_an_unfinished_lookup_makes_no_card(visit: Visit) -> None:
    """Without a dated source there is nothing others could rely on."""
    work = visit.work
    work.choose_kind("information_lookup")
    work.fill("question", "Why?")
    work.fill("answer", "Because.")
    work.add_entry()
    (entry,) = work.state.entries
    assert not entry.may_become_card
    work.hints.keep(entry.id)
    assert visit.held.around.store.find(Card) == []


def test_an_own_card_is_changed_and_taken_away(cards: HowToCards, visit: Visit, looked_up: str) -> None:
    """Its form refuses an empty title and keeps what was typed; removed it is found no more."""
    visit.work.hints.keep(looked_up)
    own = cards.state.rows[0].id
    cards.open(own)
    cards.edit()
    cards.fill("title", "")
    cards.save()
    assert cards.state.form is not None
    assert "empty" in cards.state.form.error
    cards.fill("title", "TillBook on two desks")
    cards.save()
    assert cards.state.card is not None
    assert cards.state.card.title == "TillBook on two desks"
    cards.remove()
    assert not any(row.is_own for row in cards.state.rows)


def test_a_card_answers_a_lookup_and_is_named_as_its_source(visit: Visit) -> None:
    """While the question is typed, cards are offered; one becomes the answer, with its day."""
    work = visit.work
    work.enter()
    work.choose_kind("information_lookup")
    work.fill("question", "Is a backup in the cloud enough?")
    assert "backup_set_up" in [hint.id for hint in work.state.cards]
    work.take_card("backup_set_up")
    work.add_entry()
    (lookup,) = visit.held.bundle.activities
    assert isinstance(lookup, InformationLookup)
    assert lookup.answer.startswith("A backup is a second copy")
    assert lookup.sources == (Source(title="How-to card “Set up a backup”", checked_on=date(2026, 11, 21)),)


def test_the_palette_finds_cards_below_records(visit: Visit) -> None:
    """Actions, records, how-to cards, in this order; never for serials and people."""
    found = Search(visit.held.around, lambda _id: None)
    found.type("printing")
    assert found.state.groups[-1][0] == "How-to cards"
    assert found.state.groups[-1][1][0].id == "print_queue_stuck"
    found.type("#printing")
    assert found.state.groups == ()


def test_cards_follow_the_language_of_the_window(cards: HowToCards, visit: Visit) -> None:
    """Read anew when the language changes."""
    i18n.set_language("de")
    try:
        cards.enter()
        cards.type("datensicherung")
        assert cards.state.rows[0].title == "Eine Datensicherung einrichten"
    finally:
        i18n.set_language("en")


@pytest.mark.parametrize(
    ("words", "found"), [("the Holding pays", ("Holding",)), ("nothing", ()), ("ho", ())]
)
def test_names_are_found_whole_or_not_at_all(words: str, found: tuple[str, ...]) -> None:
    """Two letters are no name; case does not matter."""
    assert names_in(Card(id="c", title=words), ["Holding", "ho"]) == found


def test_a_finding_that_needs_action_names_its_cards(checked: Visit) -> None:
    """The evidence of a finding leads to what to do about it; a good one leads nowhere."""
    check = checked.check
    act = next(c for c in check.state.cards if c.verdict.value == "act")
    check.open_evidence(act.key)
    assert check.state.drawer is not None
    run = checked.held.bundle.runs[0]
    finding = next(f for f in run.findings if f.title == act.title)
    wanted = {card.id for card in checked.held.around.cards.fitting(check=finding.check)}
    assert {id for id, _title in check.state.drawer.how_to} == wanted
    good = next(c for area in check.state.areas for c in area.rows if c.verdict.value == "ok")
    check.open_evidence(good.key)
    assert check.state.drawer.how_to == ()
