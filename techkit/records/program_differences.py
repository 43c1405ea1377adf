"""What changed among a computer's programs between two inventories: renamed, newer, gone, come. Pure.

A change is only as sure as it is somebody's work: programs keep themselves up to date, and many come along
with others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from techkit.i18n import _
from techkit.records.inventory_changes import ChangeKind, Confidence, InventoryChange, Place, as_dict, dicts
from techkit.records.products import (
    family,
    is_minor_step,
    is_newer,
    is_same_version,
    name_tells_version,
    numbers_in,
    plain_name,
    self_updating_words,
    squeezed,
    updates_itself,
    version_key,
)
from techkit.records.program_kinds import (
    APPLE,
    ARCHITECTURE,
    BESIDE,
    FORMULAE,
    PACKAGE_SOURCES,
    STABLE_UPDATE,
    STORES,
    SYSTEM_MAKERS,
    UPDATING_MAKERS,
    Program,
    is_driver,
    list_of,
    place_of,
    release_of,
    years_in,
)
from techkit.records.ticks import with_evidence

#: So many packages with a new version at once are an update of the whole system.
UPDATE_RUN_FROM = 10


def _programs(content: Mapping[str, Any]) -> dict[str, list[Program]]:
    """Return the programs by plain name.

    A program two sources list is one; two copies in one source stay two, so that a newer one of them is
    an upgrade and not an installation.
    """
    by_source: dict[str, dict[str, list[Program]]] = {}
    for item in dicts(content.get("software")):
        name = str(item.get("name") or "").strip()
        if str(item.get("source") or "").removesuffix("_system") in PACKAGE_SOURCES:
            name = ARCHITECTURE.sub("", name)
        if name:
            program = Program(
                name,
                str(item.get("version") or "").strip(),
                str(item.get("publisher") or ""),
                str(item.get("source") or ""),
            )
            by_source.setdefault(plain_name(name), {}).setdefault(program.source, []).append(program)
    found: dict[str, list[Program]] = {}
    for key, sources in by_source.items():
        kept: list[Program] = []
        # A package manager names a program in its own way: the name people know stands first.
        for _source, programs in sorted(sources.items(), key=lambda held: held[0] in FORMULAE):
            have = Counter(version_key(p.version) for p in kept)
            for program in programs:
                version = version_key(program.version)
                if have[version]:
                    have[version] -= 1
                else:
                    kept.append(program)
        found[key] = kept
    return found


def _with_system(change: InventoryChange) -> InventoryChange:
    """Return a change of a program that comes with the system, whose version changed too: only asked."""
    return replace(
        change, confidence=Confidence.ASKED, reason=_("Probably came along with the newer operating system.")
    )


def program_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], *, is_new_system: bool
) -> list[InventoryChange]:
    """Return what changed among the programs of two contents.

    is_new_system: whether the operating system changed too; its maker's programs come with it.
    """
    old, new = _programs(before), _programs(after)
    browser = str(as_dict(after.get("settings")).get("default_browser") or "")
    gone: list[Program] = []
    come: list[Program] = []
    pairs: list[tuple[Program, Program]] = []
    for key in [*old, *(k for k in new if k not in old)]:
        left, right = _without_common(old.get(key, []), new.get(key, []))
        found_pairs, left, right = _paired(left, right)
        pairs += found_pairs
        gone += left
        come += right
    pairs = _told_once(pairs)
    gone = [p for p, _same in _told_once([(p, p) for p in gone])]
    renamed = _renamed(gone, come)
    gone, come = _left(gone, come, renamed)
    renamed += _alike(gone, come)
    gone, come = _left(gone, come, renamed)
    come, moved_in = _listed_anew(come, old, new)
    found = [_moved(a, b, browser) for a, b in pairs if a.version and b.version]
    found += [_renaming(a, b, browser) for a, b in renamed]
    anew = {word for p in gone for word in self_updating_words(p.name)}
    anew &= {word for p in come for word in self_updating_words(p.name)}
    found += [_by_itself_anew(_come(p), anew) for p in come]
    found += [
        replace(_come(p), confidence=Confidence.ASKED, reason=_("It was here before from another source."))
        for p in moved_in
    ]
    found += [_by_itself_anew(_gone(p), anew) for p in gone]
    if is_new_system:
        groups = (*old.values(), *new.values())
        maker = {p.name: p.publisher for group in groups for p in group}
        of_system = {p.name for group in groups for p in group if list_of(p) in PACKAGE_SOURCES}
        found = [
            _with_system(c)
            if SYSTEM_MAKERS.search(maker.get(c.product, ""))
            or (c.kind is not ChangeKind.INSTALLED and c.product in of_system)
            else c
            for c in found
        ]
    found = _asked_in_a_run(_asked_as_parts(found, {p.name: p for group in new.values() for p in group}), new)
    found = with_evidence(found, old, new, is_new_system=is_new_system)
    found.sort(key=lambda c: (c.place is Place.PACKAGES, plain_name(c.product)))
    return found


def _by_itself_anew(change: InventoryChange, anew: Collection[str]) -> InventoryChange:
    """Return the change of a program that may have taken another's place while it kept itself up to date: asked.

    anew: the words for such programs of which one went and one came: "Zoom Meetings", "Zoom Workplace".
    """
    if change.confidence is not Confidence.CERTAIN or not self_updating_words(change.product) & set(anew):
        return change
    reason = _("Programs that keep themselves up to date also come back under another name.")
    return replace(change, confidence=Confidence.ASKED, reason=reason)


def _without_common(old: Sequence[Program], new: Sequence[Program]) -> tuple[list[Program], list[Program]]:
    """Return what only one side has, ordered by version, so that versions pair up in order."""
    left, right = list(old), list(new)
    for program in old:
        same = next((p for p in right if is_same_version(p.version, program.version)), None)
        if same is not None:
            left.remove(program)
            right.remove(same)
    return _by_version(left), _by_version(right)


def _paired(
    old: Sequence[Program], new: Sequence[Program]
) -> tuple[list[tuple[Program, Program]], list[Program], list[Program]]:
    """Return (pairs, what is left of the old, what is left of the new): first inside one list, then across."""
    pairs: list[tuple[Program, Program]] = []
    left, right = list(old), list(new)
    for name in dict.fromkeys(list_of(p) for p in left):
        sides = [[p for p in side if list_of(p) == name] for side in (left, right)]
        pairs += zip(*sides, strict=False)
    left, right = _left(left, right, pairs)
    across = list(zip(left, right, strict=False))
    return [*pairs, *across], left[len(across) :], right[len(across) :]


def _by_version(programs: Iterable[Program]) -> list[Program]:
    return sorted(programs, key=lambda p: version_key(p.version))


def _renamed(gone: Sequence[Program], come: Sequence[Program]) -> list[tuple[Program, Program]]:
    """Return pairs of one product under an old and a new name; a family is paired only when unambiguous."""
    old: dict[str, list[Program]] = {}
    new: dict[str, list[Program]] = {}
    for found, programs in ((old, gone), (new, come)):
        for program in programs:
            found.setdefault(family(program.name), []).append(program)
    pairs = []
    for key, left in old.items():
        right = new.get(key, [])
        if len(left) == len(right) == 1 and _same_maker(left[0], right[0]):
            pairs.append((left[0], right[0]))
        elif len(left) == len(right) > 1:
            pairs += [
                (a, b)
                for a, b in zip(_by_version(left), _by_version(right), strict=True)
                if _same_maker(a, b)
            ]
    return pairs


def _left(
    gone: Sequence[Program], come: Sequence[Program], pairs: Sequence[tuple[Program, Program]]
) -> tuple[list[Program], list[Program]]:
    """Return what is in no pair."""
    return (
        [p for p in gone if all(p is not a for a, _b in pairs)],
        [p for p in come if all(p is not b for _a, b in pairs)],
    )


def _alike(gone: Sequence[Program], come: Sequence[Program]) -> list[tuple[Program, Program]]:
    """Return pairs of one maker's products whose names share most words: an edition, a new line of it.

    Only where each is alike to just one other; it is only ever asked.
    """
    found = [
        (a, b)
        for a in gone
        for b in come
        if (_has_maker(a) and (_is_alike(a, b) if _same_maker(a, b) else _is_sold_on(a, b)))
        or _is_renamed_in_store(a, b)
        or _is_written_otherwise(a, b)
    ]
    return [
        (a, b)
        for a, b in found
        if sum(1 for x, _y in found if x is a) == 1 and sum(1 for _x, y in found if y is b) == 1
    ]


def _is_renamed_in_store(old: Program, new: Program) -> bool:
    """Return whether a store that names no maker seems to list a program under another edition's name."""
    if old.publisher or new.publisher or old.source != new.source or old.source not in STORES:
        return False
    if (family(old.name), family(new.name)) in _SUCCESSORS:
        return True
    words = [set(family(p.name).split()) - _EDITIONS for p in (old, new)]
    return bool(words[0]) and words[0] == words[1]


#: What tells the editions of one product apart.
_EDITIONS = frozenset(
    """
    free home pro professional premium standard plus ultimate business enterprise basic personal lite
    edition total deluxe essential essentials x student starter de la
    """.split()
)

#: What tells nothing about which program a name means.
_NOISE = _EDITIONS | set("bit bits win vc sp hf version build update release rev the classic new".split())


def _is_written_otherwise(old: Program, new: Program) -> bool:
    """Return whether two names have the same words when numbers, marks and editions are left out: "MATLAB_R2021a", "MATLAB R2023b"."""
    if list_of(old) != list_of(new) or place_of(old) is not Place.SOFTWARE or not _same_maker(old, new):
        return False
    words = [set(re.findall(r"[^\W\d_]{2,}", plain_name(p.name))) - _NOISE for p in (old, new)]
    return bool(words[0]) and words[0] == words[1]


def _is_sold_on(old: Program, new: Program) -> bool:
    """Return whether a product seems to go on at another maker: its words but the makers', its count of versions."""
    makers = set(re.split(r"\W+", f"{old.publisher} {new.publisher}".casefold()))
    words = [{w for w in re.split(r"[\W_]+", family(p.name)) if w} for p in (old, new)]
    if words[0] != words[1]:
        words = [held - makers for held in words]
    majors = [int(held.group()[:6]) for p in (old, new) if (held := re.match(r"\d+", p.version))]
    versions = [p.version for p in (old, new)]
    if is_same_version(*versions):  # only the names tell them apart: "Sticky Password 8.8.6.1814"
        versions = [" ".join(numbers_in(p.name)) for p in (old, new)]
    goes_on = len(majors) == 2 and majors[1] - majors[0] in (0, 1) and is_newer(versions[1], versions[0])
    return words[0] == words[1] and len(words[0]) >= 2 and goes_on


def _listed_anew(
    come: Sequence[Program], old: Mapping[str, list[Program]], new: Mapping[str, list[Program]]
) -> tuple[list[Program], list[Program]]:
    """Return (what came, what was here before from another source), without what is only listed twice.

    A package manager's list names in its own way what another list names, too, with the same version.
    """
    known: dict[str, list[Program]] = {}
    for group in new.values():
        for program in group:
            known.setdefault(squeezed(program.name), []).append(program)
    before = {squeezed(p.name): p for group in old.values() for p in group}
    left: list[Program] = []
    moved_in: list[Program] = []
    # Of two new entries the name a package manager gave it is the second one.
    for program in sorted(come, key=lambda p: p.source in FORMULAE):
        name = squeezed(program.name)
        twins = [p for p in known[name] if list_of(p) != list_of(program)]
        is_second = any(
            is_same_version(p.version, program.version)
            and (all(p is not c for c in come) or any(p is x for x in left))
            for p in twins
        )
        if is_second:
            continue
        earlier = before.get(name)
        is_moved = earlier is not None and list_of(earlier) != list_of(program)
        (moved_in if is_moved else left).append(program)
    return left, moved_in


def _told_once(pairs: Sequence[tuple[Program, Program]]) -> list[tuple[Program, Program]]:
    """Return the pairs without those a package manager names once more, in its own way, of a program on the system."""

    def is_second(held: Program) -> bool:
        return held.source in FORMULAE and any(
            other.source not in FORMULAE
            and squeezed(other.name) == squeezed(held.name)
            and is_same_version(other.version, held.version)
            for _old, other in pairs
        )

    return [(old, new) for old, new in pairs if not is_second(new)]


def _has_maker(program: Program) -> bool:
    return bool(program.publisher) and place_of(program) is Place.SOFTWARE


#: Makers of whose products a computer has one at a time, whatever its name is this year.
_ONE_LINE = frozenset(
    {"kaspersky", "eset", "norton", "bitdefender", "avast", "avg", "avira", "sophos", "panda", "f-secure"}
)

#: Products that go on under a name that shares nothing with the old one: family before, after.
_SUCCESSORS = frozenset(
    {
        ("nvidia geforce experience", "nvidia app"),
        ("logitech options", "logi options+"),
        ("intel graphics driver", "intel graphics software"),
        ("intel graphics command center", "intel graphics software"),
        ("microsoft teams classic", "microsoft teams"),
        ("skype", "microsoft teams"),
        ("microsoft remote desktop", "windows app"),
        ("teams machine-wide installer", "microsoft teams"),
    }
)

#: The office suite, bought once or rented: a computer has one of them at a time.
_OFFICE = re.compile(r"^microsoft (365|office (365|(ltsc )?(home|professional|standard|pro\b|small)))\b")


def _is_alike(one: Program, other: Program) -> bool:
    if (family(one.name), family(other.name)) in _SUCCESSORS:
        return True
    if all(_OFFICE.search(plain_name(p.name)) for p in (one, other)):
        return True
    brands = [re.split(r"[\s_]+", plain_name(p.name))[0] for p in (one, other)]
    if brands[0] == brands[1] and brands[0] in _ONE_LINE:
        return True
    maker = set(re.split(r"\W+", one.publisher.casefold()))
    words = []
    for program in (one, other):
        held = {w for w in re.split(r"[\W_]+", family(program.name)) if w}
        # "Zoom" by Zoom: the maker's name is the product's.
        words.append((held - maker - _EDITIONS) or (held - _EDITIONS) or held)
    if words[0] == words[1]:
        return True
    if maker >= words[0] and words[0] < {w for w in re.split(r"[\W_]+", family(other.name)) if w}:
        own = [w for w in family(one.name).split() if w not in _EDITIONS]
        return len(own) == 1  # "Zoom" → "Zoom Workplace", "Nitro Pro" → "Nitro PDF Pro"
    common = words[0] & words[1]
    if not any(len(w) > 2 for w in common):
        return False
    return common in words or (len(common) >= 2 and len(common) >= 0.6 * len(words[0] | words[1]))


def _asked_as_parts(
    found: Sequence[InventoryChange], programs: Mapping[str, Program]
) -> list[InventoryChange]:
    """Return the changes, all but one of those that moved together as parts of one product only asked.

    Parts: one maker, one list, the same first word, the same versions before and after. The product itself is the one
    that names a version, else the one with the shortest name: "Python 3.12.1 (64-bit)" beside "Python Launcher".
    """
    groups: dict[tuple[str, ...], list[InventoryChange]] = {}
    for change in found:
        held = programs.get(change.product)
        if held is not None and change.after and change.place is Place.SOFTWARE:
            first = re.split(r"[\s_.-]+", plain_name(change.product))[0]
            key = (change.kind.value, change.before, change.after, held.publisher, list_of(held), first)
            groups.setdefault(key, []).append(change)
    parts = {
        id(change)
        for group in groups.values()
        if len(group) > 1
        for change in sorted(group, key=lambda c: (not numbers_in(c.product), len(c.product)))[1:]
    }
    return [
        replace(
            c, confidence=Confidence.ASKED, reason=_("Came together with another part of the same product.")
        )
        if id(c) in parts and c.confidence is Confidence.CERTAIN
        else c
        for c in found
    ]


def _asked_in_a_run(
    found: Sequence[InventoryChange], programs: Mapping[str, Sequence[Program]]
) -> list[InventoryChange]:
    """Return the changes; newer packages are only asked when so many came at once that all was updated."""
    packages = {
        p.name
        for group in programs.values()
        for p in group
        if p.source.removesuffix("_system") in PACKAGE_SOURCES | FORMULAE
    }
    moved = [c for c in found if c.kind is ChangeKind.UPGRADED and c.product in packages]
    if len(moved) < UPDATE_RUN_FROM:
        return list(found)
    return [
        replace(c, confidence=Confidence.ASKED, reason=_("Came with an update of the whole system."))
        if c.kind is ChangeKind.UPGRADED and c.product in packages and c.confidence is Confidence.CERTAIN
        else c
        for c in found
    ]


def _same_maker(one: Program, other: Program) -> bool:
    if not one.publisher or not other.publisher:
        return True
    words = [
        set(re.split(r"\W+", p.publisher.casefold())) - {"", "inc", "ltd", "gmbh", "the"}
        for p in (one, other)
    ]
    return bool(words[0] & words[1])


def _along(place: Place) -> tuple[Confidence, str]:
    if place is Place.PACKAGES:
        return Confidence.ASKED, _("Usually comes along with another program or an update.")
    return Confidence.CERTAIN, ""


def _moved(old: Program, new: Program, browser: str) -> InventoryChange:
    place = place_of(new)
    is_other_name_only = is_same_version(new.version, old.version)
    kind = ChangeKind.UPGRADED
    if not is_other_name_only and not is_newer(new.version, old.version):
        kind = ChangeKind.SET_BACK
    confidence, reason = _why_newer(old, new, place, browser)
    if kind is ChangeKind.SET_BACK:
        confidence, reason = Confidence.ASKED, _("The version is older than before.")
    return InventoryChange(
        kind=kind, place=place, product=new.name, topic=family(new.name), before=old.version, after=new.version,
        confidence=confidence, reason=reason,
    )  # fmt: skip


def _why_newer(old: Program, new: Program, place: Place, browser: str) -> tuple[Confidence, str]:
    """Return how sure a newer version is somebody's work, and why it is not."""
    if place is not Place.SOFTWARE:
        return _along(place)
    if new.source in STORES or APPLE.search(new.publisher):
        return Confidence.SELF_UPDATE, _("The system’s store keeps this program up to date.")
    if updates_itself(new.name, old.version, new.version, browser, new.publisher):
        return Confidence.SELF_UPDATE, _("This program keeps itself up to date.")
    is_same_edition = years_in(old.name) == years_in(
        new.name
    )  # 2019 to 2021 is bought, with the same first number
    if (
        is_same_edition
        and UPDATING_MAKERS.search(f"{new.publisher} {new.name}")
        and is_minor_step(old.version, new.version)
    ):
        return Confidence.SELF_UPDATE, _("This program keeps itself up to date.")
    if is_driver(new):
        return Confidence.ASKED, _("Drivers also come with the system’s updates.")
    if new.source in PACKAGE_SOURCES and (
        release_of(old.version) == release_of(new.version) or STABLE_UPDATE.search(new.version)
    ):
        return Confidence.ASKED, _("Such updates also come by themselves.")
    return Confidence.CERTAIN, ""


def _renaming(old: Program, new: Program, browser: str) -> InventoryChange:
    moved = _moved(old, new, browser)
    is_successor = family(old.name) != family(new.name)
    tells = name_tells_version(old.name, old.version) and name_tells_version(new.name, new.version)
    is_sure = tells and not is_successor
    confidence, reason = moved.confidence, moved.reason
    if is_successor and moved.kind is ChangeKind.SET_BACK:  # the new name counts its versions anew
        moved = replace(moved, kind=ChangeKind.UPGRADED)
        confidence = Confidence.CERTAIN
    if confidence is Confidence.CERTAIN and (not is_sure or is_same_version(old.version, new.version)):
        confidence = Confidence.ASKED
        reason = _("The name changed from “{old}”: one upgrade, or two programs?", old=old.name)
    return InventoryChange(
        kind=moved.kind, place=moved.place, product=new.name, topic=family(new.name),
        before=_told(old, new), after=_told(new, old), old_name=old.name, confidence=confidence, reason=reason,
    )  # fmt: skip


def _told(program: Program, other: Program) -> str:
    """Return what tells a program from its other side: the version, or the name where that is the same."""
    is_told = program.version and not is_same_version(program.version, other.version)
    return program.version if is_told else program.name


def _come(program: Program) -> InventoryChange:
    place = place_of(program)
    confidence, reason = _along(place)
    if place is Place.SOFTWARE and is_driver(program):
        confidence, reason = Confidence.ASKED, _("Drivers also come with the system’s updates.")
    elif place is Place.SOFTWARE and BESIDE.search(program.name):
        confidence, reason = Confidence.ASKED, _along(Place.PACKAGES)[1]
    elif (
        place is Place.SOFTWARE
        and program.source in STORES
        and SYSTEM_MAKERS.search(f"{program.publisher} {program.name}")
    ):
        confidence, reason = Confidence.ASKED, _("The system’s store also adds programs by itself.")
    return InventoryChange(
        kind=ChangeKind.INSTALLED, place=place, product=program.name, topic=family(program.name), after=program.version,
        confidence=confidence, reason=reason,
    )  # fmt: skip


def _gone(program: Program) -> InventoryChange:
    place = place_of(program)
    confidence, reason = _along(place)
    return InventoryChange(
        kind=ChangeKind.REMOVED, place=place, product=program.name, topic=family(program.name), before=program.version,
        confidence=confidence, reason=reason,
    )  # fmt: skip
