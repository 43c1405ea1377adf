"""Every text a person sees is there in every language, and says the same."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from techkit import i18n, resources

LANGUAGES = [language for language in i18n.LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def texts(unchanged_dev: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Return every text of the program and its pages, as `./dev translations` collects them."""
    template = tmp_path_factory.mktemp("texts") / "techkit.pot"
    unchanged_dev.extract(template)
    with template.open("rb") as file:
        return read_po(file)


def translated(language: str) -> Catalog:
    with (resources.root() / "translations" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(held: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the one form of a text, or its singular and plural."""
    return (held,) if isinstance(held, str) else tuple(held)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)[^{}]*}", text))


def test_there_are_texts(texts: Catalog) -> None:
    """The collecting itself works: hundreds of texts, from program and pages."""
    places = {Path(place).suffix for message in texts for place, _line in message.locations}
    assert len(texts) > 500
    assert places >= {".py", ".html"}


def test_every_language_has_its_names_and_its_cards() -> None:
    """A language that is offered is called something, calls itself something, and has its how-to cards."""
    assert tuple(i18n.LANGUAGE_NAMES) == tuple(i18n.OWN_NAMES) == i18n.LANGUAGES
    cards = resources.root() / "cards"
    assert {path.name for path in cards.iterdir() if path.is_dir()} == {*i18n.LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(texts: Catalog, language: str) -> None:
    """No text is missing, empty or only guessed."""
    there = translated(language)
    lacking = []
    for message in texts:
        found = there.get(message.id, message.context) if message.id else None
        if message.id and (found is None or found.fuzzy or not all(forms(found.string))):
            lacking.append(forms(message.id)[0])
    assert lacking == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    """A translation fills in the values of the source text, no other and none less."""

    def wrong(message: Message) -> bool:
        wanted = set().union(*map(placeholders, forms(message.id)))
        # A singular may say "one" instead of the number.
        return any(
            not placeholders(form) <= wanted or (wanted - placeholders(form)) - {"n"}
            for form in forms(message.string)
            if form
        )

    assert [forms(message.id)[0] for message in translated(language) if message.id and wrong(message)] == []
