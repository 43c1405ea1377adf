"""How much of a page texts may take: a long one is shown by its beginning, and whole on a page of its own.

A record holds texts of up to 100,000 characters, and a page shows some hundred records. Every text a template shows passes
`Room.shown`, in whatever template it stands; `Room.settled` then sees where it stands: in a form or an address it is whole, for
that is sent back; in a link, a button or a label it ends with "…"; elsewhere a link leads to all of it.

The page of a whole text is the same address with `?whole=<mark>`: it is read as its page is, by whoever may read that page,
and only then this one text is shown instead. So no view has to know of it, and no address gives what its page does not.
"""

from __future__ import annotations

import bisect
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from markupsafe import Markup, escape

from techkit import i18n
from techkit.i18n import _
from techkit.records.visible import visible

T = TypeVar("T")

#: So many characters of one text stand on a page: more than people write by hand. Ours.
LONGEST = 2_000

#: So many characters long texts may take of one page together; each further one is shown by its first SHORT ones.
MOST_TOGETHER = 120_000
SHORT = 100

#: So many lines stand on a page: five computers checked before and after have some eight hundred. The rest is shown when asked for.
MOST_LINES = 2_000

#: The same of a list, whose lines lead to pages of their own: it stays small with the longest of names.
#: What is counted there are bytes as they are sent: a sign of Japanese weighs three, an "&" five.
LISTED, LISTED_TOGETHER, LISTED_SHORT = 100, 3_000, 40

#: The word of an address that asks for a whole text, and what it looks like.
WORD = "whole"
#: The word of an address that asks for every line of its page.
EVERY = "every"
_MARK = re.compile(r"[0-9a-f]{16}")

#: Elements that hold no link: what is in them is a link or a button itself, or plain text only.
_NO_LINK = re.compile(r"<(/?)(a|button|summary|textarea|title|option|select|label|figcaption|caption)\b")

#: Attributes that are read by a person; all others are sent, followed or obeyed, and whole.
_WORDS_ONLY = (" title", " aria-label", " alt", " placeholder")


@dataclass
class Room:
    """The room one page has for its texts. wanted: the mark of the one text asked for; found: that text.

    address: where this page is read again, with "?" or "&" at its end; "" where it cannot be (an answer to a form) or
    where it need not (a list). longest: characters of one text. left: characters those longer than `shortest` may still take
    together. lines: how many may still stand there. left_out: how many do not.
    is_weighed: count the bytes that are sent instead of characters.
    """

    address: str = ""
    wanted: str = ""
    found: str | None = None
    longest: int = LONGEST
    shortest: int = SHORT
    left: int = MOST_TOGETHER
    lines: int = field(default_factory=lambda: MOST_LINES)
    left_out: int = 0
    is_weighed: bool = False
    _token: str = field(default_factory=lambda: secrets.token_hex(6))
    _held: list[str] = field(default_factory=list)

    @classmethod
    def of_list(cls) -> Room:
        """Return the room of a list."""
        return cls(longest=LISTED, shortest=LISTED_SHORT, left=LISTED_TOGETHER, is_weighed=True)

    def shown(self, text: str) -> str | Markup:
        """Return a text as it stands on the page: visible, and cut where it is long."""
        weight = _weight(text) if self.is_weighed else len(text)
        if weight <= self.shortest:
            return visible(text)
        if self.wanted and self.found is None and mark_of(text) == self.wanted:
            self.found = text
        most = min(self.longest, max(self.shortest, self.left))
        if weight <= most:
            self.left -= weight
            return visible(text)
        self.left -= most
        kept = _beginning(text, _fitting(text, most) if self.is_weighed else most)
        self._held.append(text)
        sign = Markup("\x02{}:{}:{}\x03").format(self._token, len(self._held) - 1, len(kept))
        return escape(visible(kept)) + sign

    def few(self, lines: Iterable[T]) -> list[T]:
        """Return the first lines of a part of the page, as many as fit, and one at least."""
        given = list(lines)
        kept = given[: max(1, self.lines)]
        self.lines -= len(kept)
        self.left_out += len(given) - len(kept)
        return kept

    def settled(self, page: str) -> str:
        """Return a page whose cut texts say so, as fits where each of them stands."""
        if not self._held:
            return page
        links = [(found.start(), found[1] == "", found[2]) for found in _NO_LINK.finditer(page)]
        starts = [start for start, _is_open, _name in links]

        def told(sign: re.Match[str]) -> str:
            text, kept = self._held[int(sign[1])], int(sign[2])
            if page.rfind("<", 0, sign.start()) > page.rfind(">", 0, sign.start()):
                attribute = page[: page.rfind('="', 0, sign.start())]
                return "…" if attribute.endswith(_WORDS_ONLY) else _rest(text, kept)
            at = bisect.bisect(starts, sign.start()) - 1
            inside = links[at][2] if at >= 0 and links[at][1] else ""
            if inside == "textarea":
                return _rest(text, kept)
            return "…" if inside or not self.address else str(self._link(text, kept))

        return re.sub(rf"\x02{self._token}:(\d+):(\d+)\x03", told, page)

    def _link(self, text: str, kept: int) -> Markup:
        words = _("Read all {n} characters", n=i18n.number(len(text)))
        return Markup('… <a class="no-print" href="{}{}={}">{}<span class="unseen"> {}</span></a>').format(
            self.address, WORD, mark_of(text), words, visible(text[: min(40, kept)])
        )


def mark_of(text: str) -> str:
    """Return the mark by which an address names a text: the beginning of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_mark(word: str) -> bool:
    """Return whether a word of an address can be the mark of a text."""
    return _MARK.fullmatch(word) is not None


def _beginning(text: str, most: int) -> str:
    """Return a text's first characters, up to a blank where one is near."""
    cut = text.rfind(" ", max(most // 2, most - 40), most)
    return text[: cut if cut > 0 else most]


def _weight(text: str) -> int:
    """Return how many bytes a text takes of a page."""
    return len(escape(visible(text)).encode("utf-8", "surrogatepass"))


def _fitting(text: str, most: int) -> int:
    """Return how many of a text's first characters take at most so many bytes of a page; one at least."""
    taken = 0
    for place, character in enumerate(text):
        taken += _weight(character)
        if taken > most:
            return max(1, place)
    return len(text)


def _rest(text: str, kept: int) -> str:
    return str(escape(visible(text[kept:])))
