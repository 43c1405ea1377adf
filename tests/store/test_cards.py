"""The how-to cards: complete in every language, true to the checks they name, found by what people type."""

from __future__ import annotations

import tomllib

import pytest

from techkit import resources
from techkit.diagnostics import catalogue
from techkit.i18n import LANGUAGES
from techkit.records.cards import LIMITS, HowTo, fitting
from techkit.records.findings import Complaint
from techkit.store import cards
from techkit.store.cards import CardFileError, Shelf

FACTS = tomllib.loads(resources.text("cards", "facts.toml"))


@pytest.fixture
def shelf():
    made = Shelf(cards.shipped("en"))
    yield made
    made.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_forty_cards_ship_in_every_language(language):
    """Each language has the same cards, each complete, within its lengths, and no file too many."""
    held = cards.shipped(language)
    assert {card.id for card in held} == set(FACTS)
    assert len(held) >= 40
    assert {p.stem for p in resources.path("cards", language).iterdir()} == set(FACTS)
    assert {card.language for card in held} == {language}
    for card in held:
        assert 3 <= len(card.steps) <= 7, card.id
        assert 1 <= len(card.careful) <= 3, card.id
        assert len({*card.steps, *card.careful}) == len(card.steps) + len(card.careful), card.id


def test_the_languages_say_the_same_number_of_things():
    """A step, a system or a warning that one language has is in the others too."""
    shapes = {
        language: {
            c.id: (len(c.steps), len(c.careful), tuple((s, len(steps)) for s, steps in c.by_system))
            for c in cards.shipped(language)
        }
        for language in LANGUAGES
    }
    assert shapes["de"] == shapes["en"]
    assert shapes["fr"] == shapes["en"]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_translated_card_is_translated(language):
    """No sentence of a translated card is the English one; commands may be."""
    english = {card.id: card for card in cards.shipped("en")}
    for card in cards.shipped(language):
        own = english[card.id]
        assert card.title != own.title
        assert card.customer != own.customer
        assert not set(card.careful) & set(own.careful), card.id
        assert not set(card.steps) & set(own.steps), card.id


def test_every_check_a_card_names_exists_and_every_complaint_has_a_card():
    """Retired checks would leave a card without its finding; a complaint without a card helps nobody."""
    known = {check.id for check in catalogue.checks()}
    named = {check for card in cards.shipped("en") for check in card.checks}
    assert named - known == set()
    answered = {complaint for card in cards.shipped("en") for complaint in card.complaints}
    assert answered == set(Complaint)
    assert all(card.written_on and card.sources for card in cards.shipped("en"))


def test_nothing_sells_and_nothing_blames():
    """Cards name no shop, no price and no brand as the best; they do not call people names."""
    for language in LANGUAGES:
        for card in cards.shipped(language):
            text = card.search_text.casefold()
            assert not any(word in text for word in ("http", "www.", "€", "$", "best antivirus")), card.id


def test_a_card_that_is_not_as_declared_is_named(tmp_path, monkeypatch):
    """A missing part, an unknown key and a part too long stop with the file's name."""
    (tmp_path / "cards" / "en").mkdir(parents=True)
    (tmp_path / "cards" / "facts.toml").write_text('[x]\nwritten_on = 2026-11-21\nsources = ["a"]\n')
    monkeypatch.setattr(resources, "root", lambda: tmp_path)
    whole = {
        "title": "t", "words": "w", "fits": "f", "steps": ["s"], "customer": "c", "careful": ["c"], "worked": "w",
    }  # fmt: skip
    for change, words in (
        ({"worked": ""}, "worked"),
        ({"price": "9"}, "price"),
        ({"title": "x" * (LIMITS["title"] + 1)}, "longer"),
        ({"steps": "one"}, "list"),
    ):
        lines = [f"{key} = {value!r}" for key, value in (whole | change).items()]
        (tmp_path / "cards" / "en" / "x.toml").write_text("\n".join(lines))
        cards.shipped.cache_clear()
        with pytest.raises(CardFileError, match=words) as failure:
            cards.shipped("en")
        assert "en/x.toml" in str(failure.value)
    cards.shipped.cache_clear()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("printing queue", "print_queue_stuck"),
        ("spooler", "print_queue_stuck"),
        ("phish", "strange_mail"),
        ("bitlocker", "encryption_key"),
        ("HEIC", "photos_from_phone"),
        ("no sound", "no_sound"),
        ("anydesk", "fake_support"),
        ("bakcup set up", "backup_set_up"),
        ("bluetoth", "bluetooth"),
    ],
)
def test_search_finds_the_card_people_mean(shelf, typed, first):
    """By title, by other words, by a beginning, and with a slip of the finger."""
    assert shelf.search(typed)[0].id == first


@pytest.mark.parametrize(
    ("language", "typed", "first"),
    [
        ("de", "drucker warteschlange", "print_queue_stuck"),
        ("de", "kein ton", "no_sound"),
        ("de", "passworter", "passwords"),
        ("fr", "mot de passe oublie", "passwords"),
        ("fr", "imprimante introuvable", "printer_not_found"),
        ("fr", "batterie gonflee", "battery_wear"),
    ],
)
def test_search_works_in_each_language_with_and_without_accents(language, typed, first):
    """Accents and case do not matter."""
    shelf = Shelf(cards.shipped(language))
    assert shelf.search(typed)[0].id == first
    shelf.close()


@pytest.mark.parametrize("typed", ["", "   ", "****", "zzzzqqqq", "a" * 5000])
def test_what_no_card_has_is_found_nowhere(shelf, typed):
    """Nothing found is an empty answer."""
    assert shelf.search(typed) == ()


@pytest.mark.parametrize(("typed", "words"), [('" OR card MATCH', "or card match"), ("NEAR(", "near")])
def test_what_is_typed_is_never_a_query_language(shelf, typed, words):
    """Operators are words like others, in any case."""
    assert shelf.search(typed) == shelf.search(words) != ()


def test_own_cards_are_found_beside_those_that_ship(shelf):
    """Own cards are put anew when they change; the others stay."""
    own = HowTo(
        id="mine", language="en", title="TillBook end of day", fits="", customer="", worked="", is_own=True
    )
    shelf.put((*cards.shipped("en"), own))
    assert shelf.search("tillbook")[0] is own
    assert shelf.get("mine") is own
    shelf.put(cards.shipped("en"))
    assert shelf.get("mine") is None


def test_a_finding_leads_to_its_cards_before_its_complaint():
    """For the check first, then for the complaint; something else leads to none."""
    held = cards.shipped("en")
    found = [card.id for card in fitting(held, check="last_backup", complaint=Complaint.NO_SOUND)]
    assert set(found[:2]) == {"backup_restore", "backup_set_up"}
    assert "no_sound" in found[2:]
    assert fitting(held, complaint=Complaint.OTHER) == ()
