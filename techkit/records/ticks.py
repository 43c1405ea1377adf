"""Which changes of programs are ticked: those with a sign that a person made them. All others stay drafts to ask about. Pure.

Nobody can list every program that moves by itself, so nothing is ticked because no rule speaks against it. A change keeps
its tick only by a sign for it, and loses it as soon as something that happened at the same visit explains it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from techkit.i18n import _
from techkit.records.inventory_changes import ChangeKind, Confidence, InventoryChange, Place
from techkit.records.products import family, is_newer, numbers_in, plain_name, self_updating_words
from techkit.records.program_kinds import (
    COMPUTER_MAKERS,
    FORMULAE,
    PACKAGE_SOURCES,
    SANDBOX_SOURCES,
    STORES,
    SYSTEM_MAKERS,
    UPDATING_MAKERS,
    Program,
    is_named_as_part,
    list_of,
    years_in,
)
from techkit.records.well_known_programs import (
    is_chosen_by_people,
    is_offered,
    is_often_needed,
    is_unwanted,
    is_updated_by_hand,
)

#: Words of makers' names that say nothing about who it is.
_OF_COMPANIES = frozenset(
    """
    inc incorporated ltd limited llc gmbh ag se sa sas sarl srl bv nv oy ab as aps kg co corp corporation company
    the and und et of team project foundation software systems technologies technology solutions international group
    cn developers development open source packages deutschland europe germany france usa community www com org
    """.split()
)

#: Makers beside those with an updater whose programs fetch others of theirs.
_BRINGERS = re.compile(
    r"\b(autodesk|citrix|apple|gen digital|piriform|avanquest|iobit|wondershare|cisco|vmware)\b",
    re.IGNORECASE,
)

#: A maker that is not told.
_NAMELESS = re.compile(r"\W*$")


def with_evidence(
    found: Sequence[InventoryChange],
    old: Mapping[str, Sequence[Program]],
    new: Mapping[str, Sequence[Program]],
    *,
    is_new_system: bool,
) -> list[InventoryChange]:
    """Return the changes, ticked (CERTAIN) only where something speaks for a person's hand.

    found: all changes of programs of a visit, in any order. old, new: all programs before and after, by plain name.
    """
    programs = {p.name: p for side in (old, new) for group in side.values() for p in group}
    visit = _Visit(found, programs, is_new_system=is_new_system)
    made = []
    for change in found:
        reason = visit.why_asked(change) if change.confidence is Confidence.CERTAIN else ""
        made.append(replace(change, confidence=Confidence.ASKED, reason=reason) if reason else change)
    return made


class _Visit:
    """What happened among the programs of one computer, by maker and by first word of a name."""

    def __init__(
        self, found: Sequence[InventoryChange], programs: Mapping[str, Program], *, is_new_system: bool
    ) -> None:
        self.programs = programs
        self.is_new_system = is_new_system
        self.moved: dict[str, list[InventoryChange]] = defaultdict(list)
        for change in found:
            for mark in self._marks(change.product):
                self.moved[mark].append(change)
        changed = {c.product for c in found} | {c.old_name for c in found}
        self.stayed: set[str] = set()
        for name in programs:
            if name not in changed:
                self.stayed |= self._marks(name)
        self.packages = [
            c
            for c in found
            if c.kind is not ChangeKind.UPGRADED
            and (held := programs.get(c.product)) is not None
            and list_of(held) in PACKAGE_SOURCES
        ]
        self.proper = {
            c.product
            for c in found
            if c.kind is not ChangeKind.UPGRADED
            and c.confidence is not Confidence.SELF_UPDATE
            and c.place is Place.SOFTWARE
            and not is_named_as_part(c.product)
        }
        self.is_any_newer = any(c.kind is ChangeKind.UPGRADED and c.place is Place.SOFTWARE for c in found)
        self.by_kind = {
            kind: [_words(c.product) for c in found if c.kind is kind]
            for kind in (ChangeKind.INSTALLED, ChangeKind.REMOVED)
        }
        self.came = [c for c in found if c.kind is ChangeKind.INSTALLED]
        self.stores: dict[str, set[ChangeKind]] = defaultdict(set)
        for change in found:
            held = programs.get(change.product)
            if held is not None and list_of(held) in STORES | SANDBOX_SOURCES:
                self.stores[list_of(held)].add(change.kind)

    def _marks(self, name: str) -> set[str]:
        """Return what names a program's kin: its first word, and the telling words of its maker."""
        held = self.programs.get(name)
        marks = {f"name:{first_word(name)}"}
        if held is not None and list_of(held) not in PACKAGE_SOURCES:
            marks |= {f"maker:{word}" for word in maker_words(held.publisher)}
            marks.add(f"name:{squeezed_first(name)}")
        return marks

    def _kin(self, change: InventoryChange) -> list[InventoryChange]:
        """Return the other changes of the visit that share the maker or the first word."""
        found: dict[int, InventoryChange] = {}
        for mark in self._marks(change.product):
            found |= {id(c): c for c in self.moved[mark] if c is not change}
        return list(found.values())

    def why_asked(self, change: InventoryChange) -> str:
        """Return why a change is only asked about, "" where a sign speaks for a hand."""
        held = self.programs.get(change.product)
        if held is None:
            return ""
        if self.is_new_system and (
            change.kind is not ChangeKind.INSTALLED
            or list_of(held) in PACKAGE_SOURCES | STORES | SANDBOX_SOURCES
        ):
            return _("Probably came along with the newer operating system.")
        if change.kind is ChangeKind.UPGRADED:
            return self._why_newer(change, held)
        return self._why_alone(change, held) or self._why_with(change)

    def _why_newer(self, change: InventoryChange, held: Program) -> str:
        """Return why a newer version is only asked: no edition that is bought, no program without an updater."""
        if list_of(held) in PACKAGE_SOURCES | STORES | SANDBOX_SOURCES | FORMULAE:
            return _("Such updates also come by themselves.")
        if is_named_as_part(change.product) or _is_of_makers(held):
            return _("Such updates also come by themselves.")
        if any(c.kind is ChangeKind.UPGRADED and _is_of_one_name(change, c) for c in self._kin(change)):
            is_one = _is_next_edition(change)
            return "" if is_one else _("Came together with another part of the same product.")
        if _is_next_edition(change) or is_updated_by_hand(change.product):
            return ""
        return _("Many programs keep themselves up to date: add it if it was you.")

    def _why_alone(self, change: InventoryChange, held: Program) -> str:
        """Return why a program that came or went is asked about for what it is itself."""
        name, source = change.product, list_of(held)
        is_alone = not is_named_as_part(family(name).rpartition(" ")[2]) or not self._kin(change)
        if change.kind is ChangeKind.REMOVED and is_unwanted(name) and is_alone:
            return ""
        is_chosen = (
            source in ("snap", "appstore") and not SYSTEM_MAKERS.search(held.publisher) and "-" not in name
        )
        if source in STORES and not is_chosen and not is_named_as_part(name):
            is_others = change.kind is ChangeKind.REMOVED and not _is_of_makers(held)
            return "" if is_others else _("The system’s store also adds programs by itself.")
        if is_named_as_part(name) or self._may_be_brought(change, held):
            return _("Usually comes along with another program or an update.")
        return ""

    def _may_be_brought(self, change: InventoryChange, held: Program) -> bool:
        """Return whether nothing tells that a program of this list was asked for."""
        is_known, source = is_chosen_by_people(change.product), list_of(held)
        if (
            source in PACKAGE_SOURCES | FORMULAE
            and is_often_needed(change.product)
            and self._heads(source) > 1
        ):
            return True
        if source in PACKAGE_SOURCES:
            return not (is_known or self._is_plain_package(change))
        if source in FORMULAE:
            return not is_known
        if source in SANDBOX_SOURCES | STORES:
            return False
        if not is_known and (_is_of_makers(held) or held.source == "registry_user"):
            return True
        return not is_unwanted(change.product) and self._may_come_with_others(change)

    def _heads(self, source: str) -> int:
        """Return how many programs of one kind of list came that a person would name."""
        return sum(
            c.place is Place.SOFTWARE and not is_named_as_part(c.product)
            for c in self.came
            if (held := self.programs.get(c.product)) is not None and list_of(held) == source
        )

    def _may_come_with_others(self, change: InventoryChange) -> bool:
        """Return whether another maker's program may have brought this one: it tells no version, or is none that people ask for.

        Installers bring tools and offers of other makers: Ghostscript, dongles' services, browsers, protection.
        """
        others = self.proper - {change.product}
        if self.is_any_newer and change.kind is ChangeKind.INSTALLED and is_often_needed(change.product):
            return True  # a newer program of the visit may need it
        is_known = is_chosen_by_people(change.product) and not is_often_needed(change.product)
        if change.kind is ChangeKind.REMOVED:
            is_nameless = bool(_NAMELESS.match(self.programs[change.product].publisher))
            return bool(others) and not is_known and is_nameless
        return not change.after or (bool(others) and (is_offered(change.product) or not is_known))

    def _is_taken_over(self, change: InventoryChange) -> bool:
        """Return whether a program that went and one that came share two words: a product at its new maker."""
        other = ChangeKind.REMOVED if change.kind is ChangeKind.INSTALLED else ChangeKind.INSTALLED
        words = _words(change.product)
        return any(len(words & held) >= 2 for held in self.by_kind[other])

    def _is_plain_package(self, change: InventoryChange) -> bool:
        """Return whether a package has a plain name and all others that came or went with it are its own or libraries."""
        word = first_word(change.product)
        own = re.compile(rf"{re.escape(word)}|lib|python3?-|perl-|gir1|fonts?-")
        is_plain = not re.search(r"[-_.+]|\d$", change.product)
        return is_plain and all(
            own.match(c.product.casefold()) and c.place is Place.PACKAGES
            for c in self.packages
            if c is not change
        )

    def _why_with(self, change: InventoryChange) -> str:
        """Return why a program that came or went is asked about for what else happened at the visit."""
        kin = self._kin(change)
        source = list_of(self.programs[change.product])
        is_swap = {ChangeKind.INSTALLED, ChangeKind.REMOVED} <= self.stores[source]
        is_swap = is_swap or self._is_taken_over(change)
        if is_swap or any(c.kind is not change.kind and not self._is_beside(change, c) for c in kin):
            return _("More of this maker or name changed: one change, or several?")
        kin = [c for c in kin if c.kind is change.kind]
        if not _is_head(change, kin):
            return _("Came together with another part of the same product.")
        if change.kind is ChangeKind.INSTALLED and not kin and self._was_brought(change):
            return _("Something of this maker was here already and may have brought it.")
        return ""

    def _was_brought(self, change: InventoryChange) -> bool:
        """Return whether what was here before may have brought a program: of its name, or of a maker whose programs do such."""
        if is_chosen_by_people(change.product):
            return False
        marks = self._marks(change.product) & self.stayed
        return any(mark.startswith("name:") for mark in marks) or bool(marks and self._is_bringer(change))

    def _is_bringer(self, change: InventoryChange) -> bool:
        """Return whether programs of this maker fetch others of theirs."""
        maker = self.programs[change.product].publisher
        return bool(UPDATING_MAKERS.search(maker) or self_updating_words(maker) or _BRINGERS.search(maker))

    def _is_beside(self, change: InventoryChange, other: InventoryChange) -> bool:
        """Return whether another program of the maker only became newer at the visit, under a name of its own."""
        is_newer_one = ChangeKind.UPGRADED in (change.kind, other.kind) and not other.old_name
        names = {m for m in self._marks(change.product) & self._marks(other.product) if m.startswith("name:")}
        return is_newer_one and not names and not self._is_bringer(change)


def _is_of_makers(program: Program) -> bool:
    """Return whether a program is by who makes systems or computers, whose programs come and go with them."""
    return bool(
        SYSTEM_MAKERS.search(f"{program.publisher} {program.name}")
        or COMPUTER_MAKERS.search(f"{program.publisher} {program.name}")
    )


def _is_next_edition(change: InventoryChange) -> bool:
    """Return whether the name tells a later year or a later first number: "StarMoney 13" is "StarMoney 14" now."""
    names = change.old_name or "", change.product
    years = [years_in(name) for name in names]
    if all(years):
        return max(years[1]) > max(years[0])
    told = [numbers_in(name) for name in names]
    if not all(told):
        return False
    firsts = [re.match(r"\d+", side[0]) for side in told]
    return firsts[0] is not None and firsts[1] is not None and is_newer(firsts[1].group(), firsts[0].group())


def _is_of_one_name(one: InventoryChange, other: InventoryChange) -> bool:
    """Return whether two programs share the first word of their names or are both told by one maker's list of products."""
    return first_word(one.product) == first_word(other.product) or is_updated_by_hand(other.product)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{3,}", plain_name(name)))


def _is_head(change: InventoryChange, kin: Iterable[InventoryChange]) -> bool:
    """Return whether all that moved with a program say in their names that they are parts of it."""
    return all(
        c.place is Place.PACKAGES
        or (is_named_as_part(c.product) and first_word(c.product) == first_word(change.product))
        for c in kin
    )


def first_word(name: str) -> str:
    """Return the first word of a name that tells it, without numbers: "7-Zip 24.08" is "zip", "MATLAB_R2021a" "matlab"."""
    words = re.findall(r"[^\W\d_]{2,}", plain_name(name))
    return words[0] if words else plain_name(name)


def squeezed_first(name: str) -> str:
    """Return the first two words as one, for names written with and without a blank: "Tree Size" and "TreeSize"."""
    return "".join(re.findall(r"[^\W\d_]{2,}", plain_name(name))[:2])


def maker_words(publisher: str) -> set[str]:
    """Return the words of a maker's name that tell it from others."""
    return {
        w for w in re.findall(r"[^\W\d_]{2,}", publisher.casefold()) if len(w) > 2 and w not in _OF_COMPANIES
    }
