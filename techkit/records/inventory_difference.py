"""What changed inside a computer between two inventories: programs, hardware, system, settings. Pure.

An inventory's content is the plain shape of `InventorySnapshot.content` (diagnostics/inventory.py).
A place that could not be read on either side is skipped: an unread place is never an absence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.products import (
    family,
    is_minor_step,
    is_newer,
    is_same_version,
    name_tells_version,
    plain_name,
    squeezed,
    updates_itself,
    version_key,
)

#: What the operating system keeps of the memory for itself, at most: a smaller step of the total is
#: no new module. Source: firmware and graphics take up to 2 GiB of shared memory on some boards, in
#: steps that differ from start to start by less than a quarter of a GiB.
MEMORY_NOISE_BYTES = 512 * 2**20

#: Disks of one nominal size differ by less than this part between makers. Source: IDEMA LBA1-03.
DISK_NOISE = 0.02


class ChangeKind(StrEnum):
    """What happened to a thing."""

    INSTALLED = "installed"
    UPGRADED = "upgraded"
    SET_BACK = "set_back"  # an older version than before
    REMOVED = "removed"
    SETTING = "setting"
    STARTUP_REMOVED = "startup_removed"
    STARTUP_ADDED = "startup_added"


class Confidence(StrEnum):
    """How sure it is that somebody did this on purpose, and that it is what it seems."""

    CERTAIN = "certain"
    ASKED = "asked"
    SELF_UPDATE = "self_update"


class Place(StrEnum):
    """Where something changed."""

    SOFTWARE = "software"
    PACKAGES = "packages"  # parts of the system that come along with others
    SYSTEM = "system"
    FIRMWARE = "firmware"
    HARDWARE = "hardware"
    SETTINGS = "settings"


@dataclass(frozen=True, kw_only=True)
class InventoryChange:
    """One thing that changed. product: its name as read after the change (before it, when removed).

    topic: what it is about, the same in every language and for every later version of it. before, after: version, size or value in words, "" where there was none. old_name: the name before
    a renaming. items: the names behind a change of several. reason: why it is only asked.
    """

    kind: ChangeKind
    place: Place
    product: str
    topic: str
    before: str = ""
    after: str = ""
    old_name: str = ""
    items: tuple[str, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    reason: str = ""


#: Sources whose lists hold the parts of a system beside what a person would call a program.
_PACKAGE_SOURCES = {"dpkg", "rpm", "pacman", "apk"}

#: Packages that come along with others: libraries, fonts, kernels, data, translations.
_COMPANION_PACKAGE = re.compile(
    r"^(lib|gir1\.2-|python3-|perl-|ruby-|fonts?-|linux-|kernel|glibc|gnome-user-docs|language-pack|firmware-|xserver-xorg-|gcc-\d|cpp-\d|mesa-)"
    r"|-(common|data|dev|devel|doc|docs|libs?|l10n(-\w+)?|locale(s)?|help(-\w+)?|dbg|bin|core|plugins?|modules?|base|tools)$",
)

#: Programs that come along with others on Windows and macOS.
_COMPANION_PROGRAM = re.compile(
    r"redistributable|runtime|\.net (core|framework|host|sdk|desktop)|update health tools|language pack|"
    r"webview2|click-to-run|additional runtime|minimum runtime|visual c\+\+|vcredist|windows sdk|vclibs|ui\.xaml|"
    r"net\.native|shared framework|experience pack|"
    r"(security|cumulative|feature) update for|hotfix|kb\d{6,}|driver package|bonjour|apple mobile device support|"
    r"maintenance service|\bedge update|auto ?updater?\b|google ?(software ?)?updater?$|add-in for microsoft|frameview|"
    r"gamingservices|extensibility component|localization component",
    re.IGNORECASE,
)

#: What sandboxed programs bring along: bases, themes and graphics of snap, runtimes of Flatpak.
_COMPANION_SANDBOX = re.compile(
    r"^(bare|snapd|core\d*|gtk\d?-common-themes|gtk-theme-\S+|mesa-\S+|gnome-\d[\d-]*(-sdk)?|kde-frameworks-\S+|kf\d-\S+|"
    r"qt-?\d?-?common-themes|wine-platform\S*|ffmpeg-\d+|mesa( \(.*\))?|mesa git snapshot|codecs\S*|openh264|nvidia-\d\S*)$"
    r"|\bplatform\b|\bsdk\b|\.(locale|gl|gl32|vaapi|codecs|icd|gtk3theme|kstyle)\b|\bgtk theme\b|\.openh264\b|-platform-",
    re.IGNORECASE,
)
_SANDBOX_SOURCES = {"snap", "flatpak"}

#: What makes a part of a computer work: it comes with the system's updates as well as from a hand.
_DRIVER = re.compile(
    r"\bdrivers?\b|\btreiber\b|\bpilotes?\b|chipset|management engine|serial io|rapid storage|physx|"
    r"hd audio|thunderbolt|\bfirmware\b|touchpad|bluetooth",
    re.IGNORECASE,
)

#: A tool that only takes another program away again, listed beside it.
_REMOVER = re.compile(r"\buninstall|uninstaller$", re.IGNORECASE)

#: Makers whose programs come with an updater that is on by default. A new year or major version is still
#: somebody's work. Source: the makers' documentation of automatic updates.
_UPDATING_MAKERS = re.compile(r"\b(microsoft|google|mozilla|adobe|zoom|dropbox|brave|opera)\b", re.IGNORECASE)

#: So many packages with a new version at once are an update of the whole system.
UPDATE_RUN_FROM = 10


#: The last differences, newest last. A screen asks for the same one at each change of a visit, and the
#: inventory of an office computer has some thousands of programs. Contents are never changed in place.
_reckoned: list[tuple[Any, Any, str, tuple[InventoryChange, ...]]] = []
_KEPT = 8


def inventory_difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[InventoryChange, ...]:
    """Return what changed, programs first, then system, firmware, hardware and settings.

    Empty when one side is missing. Two computers, not two moments of one, give hardware changes.
    """
    if not before or not after:
        return ()
    for old, new, language, found in tuple(_reckoned):
        if old is before and new is after and language == i18n.current():
            return found
    made = _difference(before, after)
    _reckoned.append((before, after, i18n.current(), made))
    del _reckoned[:-_KEPT]
    return made


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[InventoryChange, ...]:
    unread = {*_texts(before.get("unread")), *_texts(after.get("unread"))}
    found: list[InventoryChange] = []
    if "software" not in unread:
        found += _software(before, after)
    if "os" not in unread:
        found += _system(_dict(before.get("os")), _dict(after.get("os")))
    old, new = _dict(before.get("hardware")), _dict(after.get("hardware"))
    found += _firmware(_dict(old.get("firmware")), _dict(new.get("firmware")))
    if "hardware.memory" not in unread:
        found += _memory(_dict(old.get("memory")), _dict(new.get("memory")), unread)
    if "hardware.disks" not in unread:
        found += _disks(_list(old.get("disks")), _list(new.get("disks")))
    for key, label, is_certain in _NAMED_PARTS:
        if f"hardware.{key}" not in unread:
            found += _parts(key, _list(old.get(key)), _list(new.get(key)), label, is_certain)
    found += _settings(_dict(before.get("settings")), _dict(after.get("settings")))
    return tuple(found)


def _dict(held: Any) -> dict[str, Any]:
    return held if isinstance(held, dict) else {}


def _list(held: Any) -> list[dict[str, Any]]:
    return [item for item in held if isinstance(item, dict)] if isinstance(held, list) else []


def _texts(held: Any) -> list[str]:
    return [str(item) for item in held] if isinstance(held, list) else []


# --- programs ---------------------------------------------------------------------------------------


#: The architecture some lists put behind a package's name: "libc6:amd64", "glibc.x86_64".
_ARCHITECTURE = re.compile(r"[:.](amd64|i[36]86|x86_64|arm64|armhf|aarch64|noarch|all)$")


@dataclass(frozen=True)
class _Program:
    name: str
    version: str
    publisher: str
    source: str


def _programs(content: Mapping[str, Any]) -> dict[str, list[_Program]]:
    """Return the programs by plain name.

    A program two sources list is one; two copies in one source stay two, so that a newer one of them is
    an upgrade and not an installation.
    """
    by_source: dict[str, dict[str, list[_Program]]] = {}
    for item in _list(content.get("software")):
        name = str(item.get("name") or "").strip()
        if str(item.get("source") or "").removesuffix("_system") in _PACKAGE_SOURCES:
            name = _ARCHITECTURE.sub("", name)
        if name:
            program = _Program(
                name,
                str(item.get("version") or "").strip(),
                str(item.get("publisher") or ""),
                str(item.get("source") or ""),
            )
            by_source.setdefault(plain_name(name), {}).setdefault(program.source, []).append(program)
    found: dict[str, list[_Program]] = {}
    for key, sources in by_source.items():
        kept: list[_Program] = []
        for programs in sources.values():
            have = Counter(version_key(p.version) for p in kept)
            for program in programs:
                version = version_key(program.version)
                if have[version]:
                    have[version] -= 1
                else:
                    kept.append(program)
        found[key] = kept
    return found


#: Sources that update their programs by themselves, unless somebody switched that off: Apple's App Store
#: and snap. Source: the makers' documentation of automatic updates.
_STORES = {"appstore", "snap", "appx", "msix", "msstore", "store", "microsoft_store"}
_APPLE = re.compile(r"\bapple\b", re.IGNORECASE)

#: Who makes operating systems and ships programs with them.
_SYSTEM_MAKERS = re.compile(r"\b(microsoft|apple)\b", re.IGNORECASE)


def _with_system(change: InventoryChange) -> InventoryChange:
    """Return a change of a program that comes with the system, whose version changed too: only asked."""
    return replace(
        change, confidence=Confidence.ASKED, reason=_("Probably came along with the newer operating system.")
    )


def _software(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[InventoryChange]:
    old, new = _programs(before), _programs(after)
    browser = str(_dict(after.get("settings")).get("default_browser") or "")
    gone: list[_Program] = []
    come: list[_Program] = []
    pairs: list[tuple[_Program, _Program]] = []
    for key in [*old, *(k for k in new if k not in old)]:
        left, right = _without_common(old.get(key, []), new.get(key, []))
        found_pairs, left, right = _paired(left, right)
        pairs += found_pairs
        gone += left
        come += right
    renamed = _renamed(gone, come)
    gone, come = _left(gone, come, renamed)
    renamed += _alike(gone, come)
    gone, come = _left(gone, come, renamed)
    come, moved_in = _listed_anew(come, old, new)
    found = [_moved(a, b, browser) for a, b in pairs if a.version and b.version]
    found += [_renaming(a, b, browser) for a, b in renamed]
    found += [_come(p) for p in come]
    found += [
        replace(_come(p), confidence=Confidence.ASKED, reason=_("It was here before from another source."))
        for p in moved_in
    ]
    found += [_gone(p) for p in gone]
    if _system(_dict(before.get("os")), _dict(after.get("os"))):
        maker = {p.name: p.publisher for group in new.values() for p in group}
        found = [_with_system(c) if _SYSTEM_MAKERS.search(maker.get(c.product, "")) else c for c in found]
    found = _asked_in_a_run(_asked_as_parts(found, {p.name: p for group in new.values() for p in group}), new)
    found.sort(key=lambda c: (c.place is Place.PACKAGES, plain_name(c.product)))
    return found


def _without_common(
    old: Sequence[_Program], new: Sequence[_Program]
) -> tuple[list[_Program], list[_Program]]:
    """Return what only one side has, ordered by version, so that versions pair up in order."""
    left, right = list(old), list(new)
    for program in old:
        same = next((p for p in right if is_same_version(p.version, program.version)), None)
        if same is not None:
            left.remove(program)
            right.remove(same)
    return _by_version(left), _by_version(right)


def _paired(
    old: Sequence[_Program], new: Sequence[_Program]
) -> tuple[list[tuple[_Program, _Program]], list[_Program], list[_Program]]:
    """Return (pairs, what is left of the old, what is left of the new): first inside one list, then across."""
    pairs: list[tuple[_Program, _Program]] = []
    left, right = list(old), list(new)
    for name in dict.fromkeys(_list_of(p) for p in left):
        sides = [[p for p in side if _list_of(p) == name] for side in (left, right)]
        pairs += zip(*sides, strict=False)
    left, right = _left(left, right, pairs)
    across = list(zip(left, right, strict=False))
    return [*pairs, *across], left[len(across) :], right[len(across) :]


def _by_version(programs: Iterable[_Program]) -> list[_Program]:
    return sorted(programs, key=lambda p: version_key(p.version))


def _renamed(gone: Sequence[_Program], come: Sequence[_Program]) -> list[tuple[_Program, _Program]]:
    """Return pairs of one product under an old and a new name; a family is paired only when unambiguous."""
    old: dict[str, list[_Program]] = {}
    new: dict[str, list[_Program]] = {}
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
    gone: Sequence[_Program], come: Sequence[_Program], pairs: Sequence[tuple[_Program, _Program]]
) -> tuple[list[_Program], list[_Program]]:
    """Return what is in no pair."""
    return (
        [p for p in gone if all(p is not a for a, _b in pairs)],
        [p for p in come if all(p is not b for _a, b in pairs)],
    )


def _alike(gone: Sequence[_Program], come: Sequence[_Program]) -> list[tuple[_Program, _Program]]:
    """Return pairs of one maker's products whose names share most words: an edition, a new line of it.

    Only where each is alike to just one other; it is only ever asked.
    """
    found = [(a, b) for a in gone for b in come if _has_maker(a) and _same_maker(a, b) and _is_alike(a, b)]
    return [
        (a, b)
        for a, b in found
        if sum(1 for x, _y in found if x is a) == 1 and sum(1 for _x, y in found if y is b) == 1
    ]


def _listed_anew(
    come: Sequence[_Program], old: Mapping[str, list[_Program]], new: Mapping[str, list[_Program]]
) -> tuple[list[_Program], list[_Program]]:
    """Return (what came, what was here before from another source), without what is only listed twice.

    A package manager's list names in its own way what another list names, too, with the same version.
    """
    known: dict[str, list[_Program]] = {}
    for group in new.values():
        for program in group:
            known.setdefault(squeezed(program.name), []).append(program)
    before = {squeezed(p.name): p for group in old.values() for p in group}
    left: list[_Program] = []
    moved_in: list[_Program] = []
    for program in come:
        name = squeezed(program.name)
        twins = [p for p in known[name] if _list_of(p) != _list_of(program)]
        is_second = any(
            is_same_version(p.version, program.version)
            and (all(p is not c for c in come) or any(p is x for x in left))
            for p in twins
        )
        if is_second:
            continue
        earlier = before.get(name)
        is_moved = earlier is not None and _list_of(earlier) != _list_of(program)
        (moved_in if is_moved else left).append(program)
    return left, moved_in


def _list_of(program: _Program) -> str:
    """Return the kind of list a program stands in; the parts of the Windows registry are one."""
    source = program.source.removesuffix("_system")
    return "registry" if source.startswith("registry") else source


def _has_maker(program: _Program) -> bool:
    return bool(program.publisher) and _place(program) is Place.SOFTWARE


#: What tells the editions of one product apart.
_EDITIONS = frozenset(
    """
    free home pro professional premium standard plus ultimate business enterprise basic personal lite
    edition total deluxe essential essentials x student starter de la
    """.split()
)

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


def _is_alike(one: _Program, other: _Program) -> bool:
    if (family(one.name), family(other.name)) in _SUCCESSORS:
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
        return len(family(one.name).split()) == 1  # "Zoom" → "Zoom Workplace"
    common = words[0] & words[1]
    if not any(len(w) > 2 for w in common):
        return False
    return common in words or (len(common) >= 2 and len(common) >= 0.6 * len(words[0] | words[1]))


def _asked_as_parts(
    found: Sequence[InventoryChange], programs: Mapping[str, _Program]
) -> list[InventoryChange]:
    """Return the changes, all but one of those that moved together as parts of one product only asked.

    Parts: one maker, one list, the same first word, the same versions before and after.
    """
    groups: dict[tuple[str, ...], list[InventoryChange]] = {}
    for change in found:
        held = programs.get(change.product)
        if held is not None and change.after and change.place is Place.SOFTWARE:
            first = re.split(r"[\s_.-]+", plain_name(change.product))[0]
            key = (change.kind.value, change.before, change.after, held.publisher, held.source, first)
            groups.setdefault(key, []).append(change)
    parts = {
        id(change)
        for group in groups.values()
        if len(group) > 1
        for change in sorted(group, key=lambda c: len(c.product))[1:]
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
    found: Sequence[InventoryChange], programs: Mapping[str, Sequence[_Program]]
) -> list[InventoryChange]:
    """Return the changes; newer packages are only asked when so many came at once that all was updated."""
    packages = {
        p.name
        for group in programs.values()
        for p in group
        if p.source.removesuffix("_system") in _PACKAGE_SOURCES | _FORMULAE
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


def _same_maker(one: _Program, other: _Program) -> bool:
    if not one.publisher or not other.publisher:
        return True
    words = [
        set(re.split(r"\W+", p.publisher.casefold())) - {"", "inc", "ltd", "gmbh", "the"}
        for p in (one, other)
    ]
    return bool(words[0] & words[1])


#: Sources of single programs and what they need, by formula.
_FORMULAE = {"homebrew", "brew", "macports"}

#: What formulas need rather than what a person asks for: numbered lines, libraries, certificates.
_COMPANION_FORMULA = re.compile(
    r"@\d|^lib|^ca-certificates$|^(icu4c|gettext|readline|sqlite|xz|zstd|pcre2?|gmp)$"
)


def _place(program: _Program) -> Place:
    if program.source.endswith("_system"):  # the system's own list says so (diagnostics.inventory)
        return Place.PACKAGES
    if program.source in _PACKAGE_SOURCES:
        return Place.PACKAGES if _COMPANION_PACKAGE.search(program.name) else Place.SOFTWARE
    if program.source in _FORMULAE:
        return Place.PACKAGES if _COMPANION_FORMULA.search(program.name) else Place.SOFTWARE
    if program.source in _SANDBOX_SOURCES and _COMPANION_SANDBOX.search(program.name):
        return Place.PACKAGES
    return Place.PACKAGES if _COMPANION_PROGRAM.search(program.name) else Place.SOFTWARE


def _along(place: Place) -> tuple[Confidence, str]:
    if place is Place.PACKAGES:
        return Confidence.ASKED, _("Usually comes along with another program or an update.")
    return Confidence.CERTAIN, ""


def _moved(old: _Program, new: _Program, browser: str) -> InventoryChange:
    place = _place(new)
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


def _why_newer(old: _Program, new: _Program, place: Place, browser: str) -> tuple[Confidence, str]:
    """Return how sure a newer version is somebody's work, and why it is not."""
    if place is not Place.SOFTWARE:
        return _along(place)
    if new.source in _STORES or _APPLE.search(new.publisher):
        return Confidence.SELF_UPDATE, _("The system’s store keeps this program up to date.")
    if updates_itself(new.name, old.version, new.version, browser):
        return Confidence.SELF_UPDATE, _("This program keeps itself up to date.")
    if _UPDATING_MAKERS.search(f"{new.publisher} {new.name}") and is_minor_step(old.version, new.version):
        return Confidence.SELF_UPDATE, _("This program keeps itself up to date.")
    if _DRIVER.search(new.name):
        return Confidence.ASKED, _("Drivers also come with the system’s updates.")
    if new.source in _PACKAGE_SOURCES and _release(old.version) == _release(new.version):
        return Confidence.ASKED, _("Such updates also come by themselves.")
    return Confidence.CERTAIN, ""


def _release(version: str) -> str:
    """Return the maker's own part of a package's version: without the distribution's count of changes."""
    return version.rpartition("-")[0] or version


def _renaming(old: _Program, new: _Program, browser: str) -> InventoryChange:
    moved = _moved(old, new, browser)
    is_sure = name_tells_version(old.name, old.version) and name_tells_version(new.name, new.version)
    confidence, reason = moved.confidence, moved.reason
    is_successor = family(old.name) != family(new.name)
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


def _told(program: _Program, other: _Program) -> str:
    """Return what tells a program from its other side: the version, or the name where that is the same."""
    is_told = program.version and not is_same_version(program.version, other.version)
    return program.version if is_told else program.name


def _come(program: _Program) -> InventoryChange:
    place = _place(program)
    confidence, reason = _along(place)
    if place is Place.SOFTWARE and _DRIVER.search(program.name):
        confidence, reason = Confidence.ASKED, _("Drivers also come with the system’s updates.")
    elif place is Place.SOFTWARE and _REMOVER.search(program.name):
        confidence, reason = Confidence.ASKED, _along(Place.PACKAGES)[1]
    elif (
        place is Place.SOFTWARE
        and program.source in _STORES
        and _SYSTEM_MAKERS.search(f"{program.publisher} {program.name}")
    ):
        confidence, reason = Confidence.ASKED, _("The system’s store also adds programs by itself.")
    return InventoryChange(
        kind=ChangeKind.INSTALLED, place=place, product=program.name, topic=family(program.name), after=program.version,
        confidence=confidence, reason=reason,
    )  # fmt: skip


def _gone(program: _Program) -> InventoryChange:
    place = _place(program)
    confidence, reason = _along(place)
    return InventoryChange(
        kind=ChangeKind.REMOVED, place=place, product=program.name, topic=family(program.name), before=program.version,
        confidence=confidence, reason=reason,
    )  # fmt: skip


# --- system and hardware -----------------------------------------------------------------------------


def _system(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    names = [str(side.get("name") or "") for side in (old, new)]
    versions = [_system_version(side) for side in (old, new)]
    if not all(names):
        return []
    if versions[0] == versions[1] and names[0] == names[1]:
        return []
    if is_same_version(versions[0], versions[1]) and names[0] == names[1]:
        return []
    is_small = names[0] == names[1] and str(old.get("version")) == str(new.get("version"))
    return [
        InventoryChange(
            kind=ChangeKind.SET_BACK
            if is_newer(versions[0], versions[1]) and names[0] == names[1]
            else ChangeKind.UPGRADED,
            place=Place.SYSTEM,
            product=names[1],
            topic="system",
            before=versions[0] if names[0] == names[1] else f"{names[0]} {versions[0]}".strip(),
            after=versions[1] if names[0] == names[1] else f"{names[1]} {versions[1]}".strip(),
            old_name=names[0] if names[0] != names[1] else "",
            confidence=Confidence.ASKED if is_small else Confidence.CERTAIN,
            reason=_("Such updates also come by themselves.") if is_small else "",
        )
    ]


def _system_version(side: Mapping[str, Any]) -> str:
    version, build = str(side.get("version") or ""), str(side.get("build") or "")
    return f"{version} ({build})" if version and build and build != version else version or build


def _firmware(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    before, after = str(old.get("version") or ""), str(new.get("version") or "")
    if not before or not after or before == after:
        return []
    kind = ChangeKind.SET_BACK if is_newer(before, after) else ChangeKind.UPGRADED
    return [
        InventoryChange(
            kind=kind,
            place=Place.FIRMWARE,
            product=_("Firmware"),
            topic="firmware",
            before=before,
            after=after,
        )
    ]


def _memory(old: Mapping[str, Any], new: Mapping[str, Any], unread: set[str]) -> list[InventoryChange]:
    before, after = _memory_bytes(old, unread), _memory_bytes(new, unread)
    if not before or not after or abs(after - before) <= MEMORY_NOISE_BYTES:
        return _modules_exchanged(old, new) if "hardware.memory.modules" not in unread else []
    return [
        InventoryChange(
            kind=ChangeKind.UPGRADED if after > before else ChangeKind.SET_BACK,
            place=Place.HARDWARE,
            product=_("Memory"),
            topic="memory",
            before=memory_text(before),
            after=memory_text(after),
            confidence=Confidence.CERTAIN if after > before else Confidence.ASKED,
            reason="" if after > before else _("There is less memory than before."),
        )
    ]


def _modules_exchanged(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    """Return the change of modules that together hold what the former held; another slot is none."""
    sides = [_list(side.get("modules")) for side in (old, new)]
    if not all(sides):
        return []
    sizes = [sorted(_whole(m.get("size_bytes")) for m in side) for side in sides]
    parts = [sorted(plain_name(str(m.get("part") or "")) for m in side) for side in sides]
    is_other_part = all(all(side) for side in parts) and parts[0] != parts[1]
    if sizes[0] == sizes[1] and not is_other_part:
        return []
    return [
        InventoryChange(
            kind=ChangeKind.UPGRADED, place=Place.HARDWARE, product=_("Memory"), topic="memory",
            before=_modules_words(sides[0]), after=_modules_words(sides[1]),
            confidence=Confidence.ASKED, reason=_("As much memory as before, in other modules."),
        )
    ]  # fmt: skip


def _modules_words(modules: Sequence[Mapping[str, Any]]) -> str:
    """Return modules in words: "2 × 4 GB Sample-1600"."""
    counted = Counter(
        (_whole(m.get("size_bytes")), " ".join(str(m.get("part") or m.get("type") or "").split()))
        for m in modules
    )
    return ", ".join(
        f"{n} × {memory_text(size)} {part}".strip() for (size, part), n in sorted(counted.items())
    )


def _memory_bytes(memory: Mapping[str, Any], unread: set[str]) -> int:
    """Return what is fitted: the sum of the modules where both sides know them, else the total."""
    modules = sum(_whole(m.get("size_bytes")) for m in _list(memory.get("modules")))
    if modules and "hardware.memory.modules" not in unread:
        return modules
    return _whole(memory.get("total_bytes"))


def _whole(held: Any) -> int:
    return int(held) if isinstance(held, (int, float)) and not isinstance(held, bool) else 0


def memory_text(size_bytes: int) -> str:
    """Return the size of memory as modules are sold: binary, rounded to what is fitted, e.g. "16 GB"."""
    gib = size_bytes / 2**30
    # The total a system reports lacks what firmware took: 7.7 means 8.
    rounded = round(gib) if abs(gib - round(gib)) < 0.6 and gib > 1.5 else gib
    if isinstance(rounded, int):
        even = rounded + 1 if rounded % 2 and gib < rounded + 0.5 and rounded > 3 else rounded
        return i18n.quantity(even, "GB")
    return i18n.quantity(gib, "GB", 1)


def disk_text(size_bytes: int) -> str:
    """Return a disk's size as it is sold: decimal, e.g. "500 GB", "1 TB"."""
    if size_bytes >= 995e9:
        terabytes = size_bytes / 1e12
        return i18n.quantity(terabytes, "TB", 0 if abs(terabytes - round(terabytes)) < 0.05 else 1)
    return i18n.quantity(round(size_bytes / 1e9), "GB")


def _disks(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[InventoryChange]:
    left = [d for d in old if _whole(d.get("size_bytes"))]
    right = [d for d in new if _whole(d.get("size_bytes"))]
    for disk in list(left):
        same = next((d for d in right if _is_same_disk(disk, d)), None)
        if same is not None:
            left.remove(disk)
            right.remove(same)
    pairs = []
    for disk in list(left):
        other = next((d for d in right if d.get("name") == disk.get("name")), None)
        if other is None and len(left) == len(right) == 1:
            other = right[0]
        if other is not None:
            pairs.append((disk, other))
            left.remove(disk)
            right.remove(other)
    found = [_disk_swapped(a, b) for a, b in pairs]
    found += [
        InventoryChange(
            kind=ChangeKind.INSTALLED,
            place=Place.HARDWARE,
            product=_("Disk"),
            topic=f"disk:{d.get('name')}",
            after=_disk_words(d),
            confidence=Confidence.ASKED if _is_file_disk(d) else Confidence.CERTAIN,
            reason=_("It may be a file that is only opened as a disk.") if _is_file_disk(d) else "",
        )
        for d in right
    ]
    found += [
        InventoryChange(
            kind=ChangeKind.REMOVED, place=Place.HARDWARE, product=_("Disk"), topic=f"disk:{d.get('name')}", before=_disk_words(d),
            confidence=Confidence.ASKED, reason=_("It may only be unplugged."),
        )
        for d in left
    ]  # fmt: skip
    return found


def _is_same_disk(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    sizes = (_whole(one.get("size_bytes")), _whole(other.get("size_bytes")))
    models = (str(one.get("model") or ""), str(other.get("model") or ""))
    is_same_size = abs(sizes[0] - sizes[1]) <= DISK_NOISE * max(sizes)
    # Another driver puts its own words before the model ("NVMe …", "ATA …"), or leaves the maker out.
    names = [re.sub(r"[\W_]+", "", plain_name(m)) for m in models]
    is_same_model = min(names, key=len) in max(names, key=len) or not all(models)
    return is_same_size and is_same_model


#: How systems call files they open as disks.
_FILE_DISK = re.compile(r"virtual disk|disk image|loopback|ram ?disk|virtual hd", re.IGNORECASE)


def _is_file_disk(disk: Mapping[str, Any]) -> bool:
    return disk.get("kind") == "virtual" or bool(_FILE_DISK.search(str(disk.get("model") or "")))


def _is_faster_kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.get("kind") == "hdd" and new.get("kind") in ("ssd", "nvme")


def _disk_swapped(old: Mapping[str, Any], new: Mapping[str, Any]) -> InventoryChange:
    sizes = (_whole(old.get("size_bytes")), _whole(new.get("size_bytes")))
    if abs(sizes[0] - sizes[1]) <= DISK_NOISE * max(sizes) or _is_faster_kind(old, new):
        return InventoryChange(
            kind=ChangeKind.UPGRADED, place=Place.HARDWARE, product=_("Disk"), topic=f"disk:{new.get('name')}",
            before=_disk_words(old), after=_disk_words(new),
        )  # fmt: skip
    is_larger = sizes[1] > sizes[0]
    return InventoryChange(
        kind=ChangeKind.UPGRADED if is_larger else ChangeKind.SET_BACK,
        place=Place.HARDWARE,
        product=_("Disk"),
        topic=f"disk:{new.get('name')}",
        before=disk_text(sizes[0]),
        after=disk_text(sizes[1]),
        confidence=Confidence.CERTAIN if is_larger else Confidence.ASKED,
        reason="" if is_larger else _("The disk is smaller than before."),
    )


def _disk_words(disk: Mapping[str, Any]) -> str:
    return f"{disk.get('model') or ''} {disk_text(_whole(disk.get('size_bytes')))}".strip()


#: Parts known by name: key, label, whether a change of them is somebody's work for certain. Monitors
#: and network devices come and go with a cable.
_NAMED_PARTS = (
    ("processors", N_("Processor"), True),
    ("graphics", N_("Graphics"), True),
    ("printers", N_("Printer"), True),
    ("monitors", N_("Monitor"), False),
    ("network", N_("Network device"), False),
    ("batteries", N_("Battery"), True),
)


def _parts(
    key: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], label: str, is_certain: bool
) -> list[InventoryChange]:
    if key == "batteries":
        old, new = _models_on_both(old, new)
    names = [_part_names(key, side) for side in (old, new)]
    plain = [[plain_name(n) for n in side] for side in names]
    gone = [
        n for n in dict.fromkeys(names[0]) if plain[0].count(plain_name(n)) > plain[1].count(plain_name(n))
    ]
    come = [
        n for n in dict.fromkeys(names[1]) if plain[1].count(plain_name(n)) > plain[0].count(plain_name(n))
    ]
    confidence = Confidence.CERTAIN if is_certain else Confidence.ASKED
    reason = "" if is_certain else _("It may only have been plugged in or out.")
    if key == "printers":
        return _printers(gone, come, names[0])
    if key == "graphics" and gone and come and any(_NO_DRIVER_GRAPHICS.search(n) for n in (*gone, *come)):
        confidence, reason = Confidence.ASKED, _("It may be the same card with another driver.")
    if len(gone) == len(come) == 1:
        return [
            InventoryChange(
                kind=ChangeKind.UPGRADED, place=Place.HARDWARE, product=_(label), topic=key, before=gone[0], after=come[0],
                confidence=confidence, reason=reason,
            )
        ]  # fmt: skip
    return [
        *(
            InventoryChange(
                kind=ChangeKind.INSTALLED, place=Place.HARDWARE, product=_(label), topic=f"{key}:{plain_name(n)}", after=n,
                confidence=confidence, reason=reason,
            )
            for n in come
        ),
        *(
            InventoryChange(
                kind=ChangeKind.REMOVED, place=Place.HARDWARE, product=_(label), topic=f"{key}:{plain_name(n)}", before=n,
                confidence=confidence, reason=reason,
            )
            for n in gone
        ),
    ]  # fmt: skip


#: Pictures of remote sessions and of screens made of software.
_SOFTWARE_GRAPHICS = re.compile(
    r"remote display|indirect display|virtual (display|desktop|monitor|adapter)|displaylink|mirror driver|rdp\b|\bidd\b|"
    r"(anydesk|teamviewer|parsec|spacedesk|citrix|usb mobile monitor|iddcx)",
    re.IGNORECASE,
)

#: What a card is called while its driver, or the list with its name, is missing.
_NO_DRIVER_GRAPHICS = re.compile(
    r"microsoft basic (display|render)|standard.?vga|\bvga[- ]?standard|\bdevice \[?[0-9a-f]{4}\b",
    re.IGNORECASE,
)

#: Printers that are made of software, or borrowed from another computer during a remote session.
_SOFTWARE_PRINTER = re.compile(
    r"\((redirected|umgeleitet|redirigée?)\b|\bfrom .* in session \d|print to pdf|\bxps\b|onenote|^fax$|\bpdf\b|send to |an onenote|"
    r"anydesk printer|teamviewer|citrix|root print queue|document (writer|converter)",
    re.IGNORECASE,
)

#: What a system puts behind the name of a printer that is set up a second time.
_ANOTHER_COPY = re.compile(r"\s*(\((copy|kopie|copie|copia)?\s*\d*\)|#\d+|_\d+|\b\d)$", re.IGNORECASE)


def _printers(gone: Sequence[str], come: Sequence[str], had: Sequence[str]) -> list[InventoryChange]:
    """Return changes of printers: one that was set up anew under almost the same name is one change, asked."""
    left, right = list(gone), list(come)
    found: list[InventoryChange] = []
    for name in list(left):
        again = next((n for n in right if _plain_printer(n) == _plain_printer(name)), None)
        if again is None:
            continue
        left.remove(name)
        right.remove(again)
        found.append(
            InventoryChange(
                kind=ChangeKind.UPGRADED, place=Place.HARDWARE, product=_("Printer"), topic=f"printers:{_plain_printer(name)}",
                before=name, after=again, confidence=Confidence.ASKED, reason=_("It seems to be the same printer, set up anew."),
            )
        )  # fmt: skip
    known = {_plain_printer(n) for n in had}
    for kind, names in ((ChangeKind.INSTALLED, right), (ChangeKind.REMOVED, left)):
        for name in names:
            confidence, reason = Confidence.CERTAIN, ""
            if _SOFTWARE_PRINTER.search(name):
                confidence, reason = (
                    Confidence.ASKED,
                    _("Usually comes along with another program or a remote session."),
                )
            elif kind is ChangeKind.INSTALLED and _plain_printer(name) in known:
                confidence, reason = (
                    Confidence.ASKED,
                    _("Systems also add a second entry for a printer by themselves."),
                )
            found.append(
                InventoryChange(
                    kind=kind, place=Place.HARDWARE, product=_("Printer"), topic=f"printers:{plain_name(name)}",
                    before=name if kind is ChangeKind.REMOVED else "", after=name if kind is ChangeKind.INSTALLED else "",
                    confidence=confidence, reason=reason,
                )
            )  # fmt: skip
    return found


def _plain_printer(name: str) -> str:
    return re.sub(r"[\W_]+", " ", _ANOTHER_COPY.sub("", plain_name(name))).strip()


def _models_on_both(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return two lists of parts without a model that only one of them could read."""
    read = [{str(p.get("name")) for p in side if p.get("model")} for side in (old, new)]
    named = [{str(p.get("name")) for p in side} for side in (old, new)]
    unsure = {name for name in named[0] & named[1] if (name in read[0]) != (name in read[1])}
    plain = [[{**p, "model": ""} if str(p.get("name")) in unsure else p for p in side] for side in (old, new)]
    return plain[0], plain[1]


def _part_names(key: str, parts: Iterable[Mapping[str, Any]]) -> list[str]:
    names = [" ".join(str(p.get("model") or p.get("name") or "").split()) for p in parts]
    return [n for n in names if n and not (key == "graphics" and _SOFTWARE_GRAPHICS.search(n))]


# --- settings ---------------------------------------------------------------------------------------

#: Settings whose change is drafted: key → label, whether a person must have done it. The keys are
#: those of diagnostics.inventory.SETTINGS; services are left out, they come and go with programs.
_SETTINGS = {
    "default_printer": (N_("Default printer"), True),
    "proxy": (N_("Proxy"), True),
    "power_plan": (N_("Power plan"), True),
    "time_zone": (N_("Time zone"), False),
    "system_language": (N_("Language of the system"), True),
    "computer_name": (N_("Computer name"), True),
    "dns_servers": (N_("Name servers"), False),
    "automatic_sign_in": (N_("Automatic sign-in"), True),
    "firewall": (N_("Firewall"), True),
    "default_browser": (N_("Default browser"), True),
}


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    found: list[InventoryChange] = []
    if "startup_programs" in old and "startup_programs" in new:
        found += _startup(_texts(old["startup_programs"]), _texts(new["startup_programs"]))
    for key, (label, is_certain) in _SETTINGS.items():
        if key not in old or key not in new or _is_same_setting(key, old[key], new[key]):
            continue
        found.append(
            InventoryChange(
                kind=ChangeKind.SETTING,
                place=Place.SETTINGS,
                product=_(label),
                topic=f"setting:{key}",
                before=_setting_words(old[key]),
                after=_setting_words(new[key]),
                confidence=Confidence.CERTAIN if is_certain else Confidence.ASKED,
                reason="" if is_certain else _("This also changes with the network or the place."),
            )
        )
    return found


def _is_same_setting(key: str, old: Any, new: Any) -> bool:
    """Return whether two values say the same; a network may put its domain behind a computer's name."""
    if key == "computer_name":
        return str(old).casefold().partition(".")[0] == str(new).casefold().partition(".")[0]
    if isinstance(old, str) and isinstance(new, str):
        return plain_name(old) == plain_name(new)
    return bool(old == new)


#: Entries programs leave for the next start only.
_ONE_SHOT = re.compile(r"setup|runonce|delete cached|uninstall|cleanup|\bupdate\b|updater?$", re.IGNORECASE)


def _plain_startup(name: str) -> str:
    """Return an entry's name without what is made anew each time: "AutoLaunch_0F3A…" and version numbers."""
    text = re.sub(r"[_-]\{?[0-9a-f-]{8,}\}?$", "", plain_name(name))
    return re.sub(r"[\d.]+", "", text) or plain_name(name)


def _startup(old: Sequence[str], new: Sequence[str]) -> list[InventoryChange]:
    held = [{_plain_startup(n) for n in side} for side in (old, new)]
    gone = sorted(n for n in {*old} - {*new} if _plain_startup(n) not in held[1])
    come = sorted(n for n in {*new} - {*old} if _plain_startup(n) not in held[0])
    is_spent = all(_ONE_SHOT.search(n) for n in gone)
    found = []
    if gone:
        found.append(
            InventoryChange(
                kind=ChangeKind.STARTUP_REMOVED, place=Place.SETTINGS, product=_("Programs started at sign-in"), topic="startup",
                before=i18n.number(len(old)), after=i18n.number(len(new)), items=tuple(gone),
                confidence=Confidence.ASKED if is_spent else Confidence.CERTAIN,
                reason=_("Such entries end by themselves after the next start.") if is_spent else "",
            )
        )  # fmt: skip
    if come:
        found.append(
            InventoryChange(
                kind=ChangeKind.STARTUP_ADDED, place=Place.SETTINGS, product=_("Programs started at sign-in"), topic="startup",
                before=i18n.number(len(old)), after=i18n.number(len(new)), items=tuple(come),
                confidence=Confidence.ASKED, reason=_("New programs often add themselves."),
            )
        )  # fmt: skip
    return found


def _setting_words(held: Any) -> str:
    if isinstance(held, bool):
        return _("on") if held else _("off")
    if isinstance(held, list):
        return ", ".join(str(v) for v in held)
    return str(held)
