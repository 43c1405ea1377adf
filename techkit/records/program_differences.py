"""What changed among a computer's programs between two inventories: renamed, newer, gone, come. Pure.

A change is only as sure as it is somebody's work: programs keep themselves up to date, and many come along
with others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from techkit.i18n import _
from techkit.records.inventory_changes import ChangeKind, Confidence, InventoryChange, Place, as_dict, dicts
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

#: Sources whose lists hold the parts of a system beside what a person would call a program.
_PACKAGE_SOURCES = {"dpkg", "rpm", "pacman", "apk"}

#: Packages that come along with others: libraries, fonts, kernels, data, certificates, translations.
_COMPANION_PACKAGE = re.compile(
    r"^(lib|gir1\.2-|python3-|perl-|ruby-|fonts?-|[ot]tf-|linux-|kernel|glibc|gnome-user-docs|language-pack|langpacks?-|firmware-|xserver-xorg-|gcc-\d|cpp-\d|mesa-)"
    r"|^(linux|tzdata|iso-codes|shared-mime-info|distro-info-data|ca-certificates(-\w+)?|(intel|amd|amd64)-(microcode|ucode)|microcode_ctl)$"
    r"|-(common|data|dev|devel|doc|docs|fonts?|libs?|l10n(-\w+)?|langpack(-\w+)?|locale(s)?|help(-\w+)?|dbg|bin|core|plugins?|modules?|base|tools)$",
)

#: The machinery of a distribution, which its updates carry along; nobody comes to a customer to install it.
_MACHINERY = re.compile(
    r"^(apt|aptitude|dpkg|dnf5?|yum|zypper|libzypp|snapd|flatpak|fwupd|packagekit|unattended-upgrades|update-(manager|notifier)"
    r"|systemd|udev|dbus|polkit(d)?|policykit-1|upower|udisks2|networkmanager|network-manager|modemmanager|netplan\.io|wpasupplicant"
    r"|cloud-init|plymouth|apparmor|selinux-policy|bluez|pipewire|wireplumber|pulseaudio|avahi-daemon|ibus|tracker|gvfs|mutter|gdm3?"
    r"|xwayland|xorg|coreutils|util-linux|base-files|bash|sudo|openssl|gnupg2?|shadow|passwd|login|e2fsprogs|mdadm|lvm2|dmidecode|evolution-data-server)$"
    r"|^(systemd|initramfs-tools|dracut|grub2?|shim|ubuntu(?!-restricted)|gnome|plasma|kde|kwin|xdg|hunspell|aspell|hyphen|mythes|gstreamer[\d.]*"
    r"|apt|dbus|polkit|networkmanager|network-manager|pipewire|pulseaudio|xorg|xfce4)-"
)

#: Programs that come along with others on Windows and macOS.
_COMPANION_PROGRAM = re.compile(
    r"redistributable|runtime|\.net (core|framework|host|sdk|desktop)|update health tools|language pack|"
    r"webview2|click-to-run|additional runtime|minimum runtime|visual c\+\+|vcredist|windows sdk|vclibs|ui\.xaml|"
    r"net\.native|shared framework|experience pack|"
    r"(security|cumulative|feature) update for|hotfix|kb\d{6,}|driver package|bonjour|apple mobile device support|"
    r"maintenance service|\bedge update|auto ?updater?\b|google ?(software ?)?updater?$|add-in for microsoft|frameview|"
    r"gamingservices|extensibility component|localization component|genuine service|single sign[ -]on component|"
    r"identity manager|material library|shared components|prerequisites|plug-?in$|pc health check|video ?extension|"
    r"proofing|localdb\b|system clr types|\b(odbc|ole db) driver|sql server [\d ]*(native client|setup|vss writer)|"
    r"\bmui \(|\bosm\b|^msxml|^directx|^openal$|run time librar|hosting bundle|^install (macos|os x)\b",
    re.IGNORECASE,
)

#: What the system's store adds for a part of the computer, by its maker's name and its own.
_COMPANION_STORE = re.compile(
    r"^(realteksemiconductor|appup\.intel|nvidiacorp|advancedmicrodevices|a-volute|dolbylaboratories|dtsinc|"
    r"waves(audio)?\.|synaptics|elantech|creativetechnology|conexant|maxxaudio|thx)",
    re.IGNORECASE,
)

#: What sandboxed programs bring along: bases, themes and graphics of snap, runtimes of Flatpak.
_COMPANION_SANDBOX = re.compile(
    r"^(bare|snapd|core\d*|gtk\d?-common-themes|gtk-theme-\S+|mesa-\S+|gnome-\d[\d-]*(-sdk)?|kde-frameworks-\S+|kf\d-\S+|"
    r"qt-?\d?-?common-themes|wine-platform\S*|ffmpeg-(\d+|full)|mesa( \(.*\))?|mesa git snapshot|codecs\S*|openh264|nvidia-\d\S*)$"
    r"|platform\b|\bsdk\b|\.(locale|gl|gl32|vaapi|codecs|icd|gtk3theme|kstyle)\b|\bgtk theme\b|\.openh264\b|-platform-",
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
    for item in dicts(content.get("software")):
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
_SYSTEM_MAKERS = re.compile(r"\b(microsoft|apple|canonical)\b", re.IGNORECASE)


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
    gone: list[_Program] = []
    come: list[_Program] = []
    pairs: list[tuple[_Program, _Program]] = []
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
    found += [_come(p) for p in come]
    found += [
        replace(_come(p), confidence=Confidence.ASKED, reason=_("It was here before from another source."))
        for p in moved_in
    ]
    found += [_gone(p) for p in gone]
    system = as_dict(as_dict(after.get("hardware")).get("system"))
    found = _asked_of_maker(found, str(system.get("maker") or ""), new)
    if is_new_system:
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
    found = [
        (a, b)
        for a in gone
        for b in come
        if _has_maker(a) and (_is_alike(a, b) if _same_maker(a, b) else _is_sold_on(a, b))
    ]
    return [
        (a, b)
        for a, b in found
        if sum(1 for x, _y in found if x is a) == 1 and sum(1 for _x, y in found if y is b) == 1
    ]


def _is_sold_on(old: _Program, new: _Program) -> bool:
    """Return whether a product seems to go on at another maker: its words but the makers', its count of versions."""
    makers = set(re.split(r"\W+", f"{old.publisher} {new.publisher}".casefold()))
    words = [{w for w in re.split(r"[\W_]+", family(p.name)) if w} - makers for p in (old, new)]
    majors = [int(held.group()[:6]) for p in (old, new) if (held := re.match(r"\d+", p.version))]
    goes_on = len(majors) == 2 and majors[1] - majors[0] in (0, 1) and is_newer(new.version, old.version)
    return words[0] == words[1] and len(words[0]) >= 2 and goes_on


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


def _told_once(pairs: Sequence[tuple[_Program, _Program]]) -> list[tuple[_Program, _Program]]:
    """Return the pairs without those a package manager names once more, in its own way, of a program on the system."""

    def is_second(held: _Program) -> bool:
        return held.source in _FORMULAE and any(
            other.source not in _FORMULAE
            and squeezed(other.name) == squeezed(held.name)
            and is_same_version(other.version, held.version)
            for _old, other in pairs
        )

    return [(old, new) for old, new in pairs if not is_second(new)]


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

#: The office suite, bought once or rented: a computer has one of them at a time.
_OFFICE = re.compile(r"^microsoft (365|office (365|(ltsc )?(home|professional|standard|pro\b|small)))\b")


def _is_alike(one: _Program, other: _Program) -> bool:
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


def _asked_of_maker(
    found: Sequence[InventoryChange], maker: str, programs: Mapping[str, Sequence[_Program]]
) -> list[InventoryChange]:
    """Return the changes; what a store added for this make of computer ("ASUSPCAssistant" of ASUSTeK) is only asked."""
    word = re.match(r"[a-z]{2,4}", maker.casefold())
    if word is None:
        return list(found)
    begins = re.compile(rf"(^|[\W_]){word.group()}", re.IGNORECASE)
    of_store = {p.name for group in programs.values() for p in group if p.source in _STORES}
    return [
        replace(c, confidence=Confidence.ASKED, reason=_("The system’s store also adds programs by itself."))
        if c.kind is ChangeKind.INSTALLED
        and c.confidence is Confidence.CERTAIN
        and c.product in of_store
        and begins.search(c.product)
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
        name = program.name.casefold()
        is_part = _COMPANION_PACKAGE.search(name) or _MACHINERY.search(name)
        return Place.PACKAGES if is_part else Place.SOFTWARE
    if program.source in _FORMULAE:
        return Place.PACKAGES if _COMPANION_FORMULA.search(program.name) else Place.SOFTWARE
    if program.source in _SANDBOX_SOURCES and _COMPANION_SANDBOX.search(program.name):
        return Place.PACKAGES
    if program.source in _STORES and _COMPANION_STORE.search(program.name):
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
