"""The how-to cards that ship, and a full-text search over them and the device's own, kept in memory.

A card is one file a language, resources/cards/<language>/<id>.toml; what is the same in every language
(which complaints and checks it explains, sources, day) stands once, in resources/cards/facts.toml.
"""

from __future__ import annotations

import difflib
import functools
import re
import sqlite3
import threading
import tomllib
from collections.abc import Iterable
from datetime import date
from typing import Any

from techkit import resources
from techkit.i18n import LANGUAGES
from techkit.records.activities import Source
from techkit.records.cards import LIMITS, SYSTEMS, HowTo
from techkit.records.findings import Complaint
from techkit.store.search import MAX_WORDS, fold, ordered

#: Keys of a card's file; the systems' steps may be missing where they do not differ.
_REQUIRED = ("title", "words", "fits", "steps", "customer", "careful", "worked")
_LISTS = ("steps", "careful", *SYSTEMS)

#: Words of a typed search this alike are taken for the same (0 to 1). Source: difflib's own advice is 0.6;
#: short words need more, or "maus" finds "haus".
_ALIKE = 0.75


class CardFileError(ValueError):
    """A card's file is not as declared: a fault of what ships, not of the world."""


def languages() -> tuple[str, ...]:
    """Return the tags of the languages cards ship in, sorted."""
    return tuple(sorted(p.name for p in resources.path("cards").iterdir() if p.is_dir()))


@functools.lru_cache(maxsize=len(LANGUAGES))
def shipped(language: str) -> tuple[HowTo, ...]:
    """Return the cards that ship in a language, by title; English ones for a language without any.

    Raises: CardFileError naming the file and what is wrong in it.
    """
    folder = language if language in languages() else "en"
    facts = tomllib.loads(resources.text("cards", "facts.toml"))
    found = [_read(folder, id, facts[id]) for id in facts]
    return tuple(sorted(found, key=lambda card: ordered(card.title)))


def _read(language: str, id: str, facts: dict[str, Any]) -> HowTo:
    name = f"{language}/{id}.toml"
    held = tomllib.loads(resources.text("cards", language, f"{id}.toml"))
    _check(name, held)
    try:
        return HowTo(
            id=id,
            language=language,
            **{key: held[key] for key in ("title", "words", "fits", "customer", "worked")},
            steps=tuple(held["steps"]),
            by_system=tuple((system, tuple(held[system])) for system in SYSTEMS if held.get(system)),
            careful=tuple(held["careful"]),
            complaints=tuple(Complaint(word) for word in facts.get("complaints", ())),
            checks=tuple(facts.get("checks", ())),
            sources=tuple(Source(title=title) for title in facts["sources"]),
            written_on=_day(facts["written_on"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise CardFileError(f"{name}: facts.toml: {error}") from error


def _check(name: str, held: dict[str, Any]) -> None:
    unknown = set(held) - set(_REQUIRED) - set(SYSTEMS)
    missing = [key for key in _REQUIRED if not held.get(key)]
    if unknown or missing:
        raise CardFileError(f"{name}: unknown {sorted(unknown)}, missing or empty {missing}")
    for key, value in held.items():
        texts = value if key in _LISTS else [value]
        limit = LIMITS["careful" if key == "careful" else "step" if key in _LISTS else key]
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise CardFileError(f"{name}: {key} must be {'a list of texts' if key in _LISTS else 'text'}")
        long = [text for text in texts if len(text) > limit]
        if long:
            raise CardFileError(f"{name}: {key} is longer than {limit}: {long[0][:40]}… ({len(long[0])})")


def _day(value: Any) -> date:
    if not isinstance(value, date):
        raise TypeError("written_on must be a date")
    return value


class Shelf:
    """Full-text search over cards; own cards are given anew when they change. Safe from any thread."""

    def __init__(self, cards: Iterable[HowTo] = ()) -> None:
        self._lock = threading.Lock()
        self._cards: tuple[HowTo, ...] = ()
        self._words: tuple[str, ...] = ()
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("CREATE VIRTUAL TABLE card USING fts5(title, words, body, prefix='1 2 3')")
        self.put(cards)

    def put(self, cards: Iterable[HowTo]) -> None:
        """Hold these cards and no others."""
        held = tuple(cards)
        rows = []
        words: set[str] = set()
        for number, card in enumerate(held, 1):
            body = fold(card.search_text)
            rows.append((number, fold(card.title), fold(card.words), body))
            words.update(re.findall(r"[^\W\d_]{3,}", body))
        with self._lock:
            self._cards, self._words = held, tuple(sorted(words))
            self._index.execute("DELETE FROM card")
            self._index.executemany("INSERT INTO card (rowid, title, words, body) VALUES (?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._index.close()

    @property
    def cards(self) -> tuple[HowTo, ...]:
        """Return all cards, in the order given."""
        return self._cards

    def get(self, id: str) -> HowTo | None:
        """Return a card by its id."""
        return next((card for card in self._cards if card.id == id), None)

    def search(self, text: str, limit: int = 12) -> tuple[HowTo, ...]:
        """Return the cards that fit what was typed, best first; a slip of the finger is forgiven.

        Every word counts as a beginning. A card that has all words comes before one that has some; a word
        no card has is taken for the nearest one that some card has.
        """
        typed = "".join(letter if letter.isalnum() else " " for letter in fold(text[:500])).split()[
            :MAX_WORDS
        ]
        if not typed:
            return ()
        with self._lock:
            found = self._match(typed, " AND ", limit)
            if not found:
                mended = [self._nearest(word) for word in typed]
                found = self._match(mended, " AND ", limit) or self._match(mended, " OR ", limit)
            return tuple(self._cards[number - 1] for number in found)

    def _match(self, words: list[str], join: str, limit: int) -> list[int]:
        asked = join.join(f'"{word}"*' for word in words)
        rows = self._index.execute(
            "SELECT rowid FROM card WHERE card MATCH ? ORDER BY bm25(card, 8.0, 6.0, 1.0) LIMIT ?",
            (asked, limit),
        )
        return [row[0] for row in rows]

    def _nearest(self, word: str) -> str:
        if len(word) < 4 or any(known.startswith(word) for known in self._words):
            return word
        near = difflib.get_close_matches(word, self._words, 1, _ALIKE)
        return near[0] if near else word
