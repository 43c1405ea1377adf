"""What changed among a computer's parts and settings between two inventories. Pure.

Parts come and go with a cable, a driver or a remote session as well as with a hand: those are only asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.inventory_changes import (
    ChangeKind,
    Confidence,
    InventoryChange,
    Place,
    as_dict,
    dicts,
    texts,
    whole,
)
from techkit.records.part_marks import ending, exchanged, is_same_one, is_written_alike
from techkit.records.products import is_newer, plain_name

#: What the operating system keeps of the memory for itself, at most: a smaller step of the total is
#: no new module. Source: firmware and graphics take up to 2 GiB of shared memory on some boards, in
#: steps that differ from start to start by less than a quarter of a GiB.
MEMORY_NOISE_BYTES = 512 * 2**20

#: Disks of one nominal size differ by less than this part between makers. Source: IDEMA LBA1-03.
DISK_NOISE = 0.02


def hardware_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], unread: set[str]
) -> list[InventoryChange]:
    """Return what changed in the firmware and the parts; unread: the places that one side could not read."""
    maker = str(as_dict(new.get("system")).get("maker") or "")
    found = _firmware(as_dict(old.get("firmware")), as_dict(new.get("firmware")), maker)
    if "hardware.memory" not in unread:
        is_new_firmware = bool(found)
        found += _memory(as_dict(old.get("memory")), as_dict(new.get("memory")), unread, is_new_firmware)
    if "hardware.disks" not in unread:
        found += _disks(dicts(old.get("disks")), dicts(new.get("disks")))
    for key, label, is_certain in _NAMED_PARTS:
        if f"hardware.{key}" not in unread:
            found += _parts(key, dicts(old.get(key)), dicts(new.get(key)), label, is_certain)
    return found


#: Makers of computers whose firmware comes with the updates of their own system.
#: Source: Apple's and Microsoft's pages on the firmware of Macs and of Surface computers.
_SYSTEM_MAKERS = re.compile(r"\b(apple|microsoft)\b", re.IGNORECASE)


def _firmware(old: Mapping[str, Any], new: Mapping[str, Any], maker: str) -> list[InventoryChange]:
    before, after = str(old.get("version") or ""), str(new.get("version") or "")
    if not before or not after or plain_name(before) == plain_name(after):
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
            confidence=Confidence.ASKED
            if (comes := bool(_SYSTEM_MAKERS.search(maker)))
            else Confidence.CERTAIN,
            reason=_("Such updates also come by themselves.") if comes else "",
        )
    ]


def _memory(
    old: Mapping[str, Any], new: Mapping[str, Any], unread: set[str], is_new_firmware: bool
) -> list[InventoryChange]:
    before, after = _memory_bytes(old, unread), _memory_bytes(new, unread)
    if not before or not after or abs(after - before) <= MEMORY_NOISE_BYTES:
        return (
            _modules_exchanged(old, new, is_new_firmware) if "hardware.memory.modules" not in unread else []
        )
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


def _modules_exchanged(
    old: Mapping[str, Any], new: Mapping[str, Any], is_new_firmware: bool
) -> list[InventoryChange]:
    """Return the change of modules that together hold what the former held; another slot is none."""
    sides = [dicts(side.get("modules")) for side in (old, new)]
    if not all(sides):
        return []
    sizes = [sorted(whole(m.get("size_bytes")) for m in side) for side in sides]
    parts = [sorted(plain_name(str(m.get("part") or "")) for m in side) for side in sides]
    is_other_part = all(all(side) for side in parts) and parts[0] != parts[1]
    if sizes[0] == sizes[1] and not is_other_part:
        others = exchanged(*(sorted(side, key=_module_words) for side in sides))
        return [_same_model(_("Memory"), "memory", others, _module_words, is_new_firmware)] if others else []
    return [
        InventoryChange(
            kind=ChangeKind.UPGRADED, place=Place.HARDWARE, product=_("Memory"), topic="memory",
            before=_modules_words(sides[0]), after=_modules_words(sides[1]),
            confidence=Confidence.ASKED, reason=_("As much memory as before, in other modules."),
        )
    ]  # fmt: skip


def _module_words(module: Mapping[str, Any]) -> str:
    return _modules_words([module]).removeprefix("1 × ")


def _same_model(
    part: str,
    topic: str,
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    words: Callable[[Mapping[str, Any]], str],
    is_asked: bool = False,
    reason: str = "",
) -> InventoryChange:
    """Return the change of parts for others of the same model, told apart by the ends of their numbers."""
    sure = not is_asked and all(is_written_alike(*pair) for pair in pairs)
    return InventoryChange(
        kind=ChangeKind.UPGRADED,
        place=Place.HARDWARE,
        product=part,
        topic=topic,
        before=", ".join(f"{words(old)} {ending(old)}" for old, _new in pairs),
        after=", ".join(f"{words(new)} {ending(new)}" for _old, new in pairs),
        confidence=Confidence.CERTAIN if sure else Confidence.ASKED,
        reason=""
        if sure
        else reason
        or _("Only the serial number differs; firmware and drivers can also tell it another way."),
    )


def _modules_words(modules: Sequence[Mapping[str, Any]]) -> str:
    """Return modules in words: "2 × 4 GB Sample-1600"."""
    counted = Counter(
        (whole(m.get("size_bytes")), " ".join(str(m.get("part") or m.get("type") or "").split()))
        for m in modules
    )
    return ", ".join(
        f"{n} × {memory_text(size)} {part}".strip() for (size, part), n in sorted(counted.items())
    )


def _memory_bytes(memory: Mapping[str, Any], unread: set[str]) -> int:
    """Return what is fitted: the sum of the modules where both sides know them, else the total."""
    modules = sum(whole(m.get("size_bytes")) for m in dicts(memory.get("modules")))
    if modules and "hardware.memory.modules" not in unread:
        return modules
    return whole(memory.get("total_bytes"))


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
    left = [d for d in old if whole(d.get("size_bytes"))]
    right = [d for d in new if whole(d.get("size_bytes"))]
    twins: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    # One by its number; one of the model whose number was not read; another one of the model.
    for is_same in (True, None, False):
        for disk in list(left):
            same = next(
                (d for d in right if _is_same_disk(disk, d) and is_same_one(disk, d) is is_same), None
            )
            if same is not None:
                left.remove(disk)
                right.remove(same)
                twins += [(disk, same)] if is_same is False else []
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
        _same_model(_("Disk"), f"disk:{b.get('name')}", [(a, b)], _disk_words, _is_file_disk(b))
        for a, b in twins
    ]
    found += [
        InventoryChange(
            kind=ChangeKind.INSTALLED,
            place=Place.HARDWARE,
            product=_("Disk"),
            topic=f"disk:{d.get('name')}",
            after=_disk_words(d),
            confidence=Confidence.ASKED if (why := _only_attached(d)) else Confidence.CERTAIN,
            reason=why,
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
    sizes = (whole(one.get("size_bytes")), whole(other.get("size_bytes")))
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


#: How sticks, cards and disks on a cable name themselves, the technician's own among them.
_PLUGGED_DISK = re.compile(
    r"\busb|flash (drive|disk)|\bs[dx][hx]?c\b|\b(sd|mmc|cf|memory) ?card|card ?reader|multi-?card|datatraveler|cruzer|\bjump ?drive|"
    r"my (passport|book)|\belements\b|expansion|easystore|portable|external|backup\+|canvio|thunderbolt|\bstick\b|mass storage",
    re.IGNORECASE,
)


def _only_attached(disk: Mapping[str, Any]) -> str:
    """Return why a new disk may not have been built in, "" where nothing speaks against it."""
    if _is_file_disk(disk):
        return _("It may be a file that is only opened as a disk.")
    if _PLUGGED_DISK.search(str(disk.get("model") or "")):
        return _("It may only have been plugged in or out.")
    return ""


def _is_faster_kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.get("kind") == "hdd" and new.get("kind") in ("ssd", "nvme")


def _disk_swapped(old: Mapping[str, Any], new: Mapping[str, Any]) -> InventoryChange:
    sizes = (whole(old.get("size_bytes")), whole(new.get("size_bytes")))
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
    return f"{disk.get('model') or ''} {disk_text(whole(disk.get('size_bytes')))}".strip()


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
    if not gone and not come:
        pairs = [
            pair
            for name in dict.fromkeys(plain[0])
            for pair in exchanged(
                *([p for p in side if plain_name(_part_name(p)) == name] for side in (old, new))
            )
        ]
        return [_same_model(_(label), key, pairs, _part_name, not is_certain, reason)] if pairs else []
    if key == "processors" and sorted(map(_processor_model, gone)) == sorted(map(_processor_model, come)):
        return []
    if key == "graphics" and len(gone) == len(come) == 1 and _is_within(gone[0], come[0]):
        confidence, reason = Confidence.ASKED, _("It may be the same card with another driver.")
    if key == "graphics" and gone and come and any(_NO_DRIVER_GRAPHICS.search(n) for n in (*gone, *come)):
        confidence, reason = Confidence.ASKED, _("It may be the same card with another driver.")
    if key == "batteries" and not (gone and come):
        confidence, reason = Confidence.ASKED, _("It may only have been plugged in or out.")
    if key == "graphics" and gone and not come:
        confidence, reason = Confidence.ASKED, _("It may only be switched off.")
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


#: What firmware and systems put around a processor's model: "12th Gen", "CPU @ 1.70GHz", "8-Core Processor".
_PROCESSOR_WORDS = re.compile(
    r"\b\d+(st|nd|rd|th) gen\b|\bcpu\b|@.*$|\bprocessor\b|\b(\d+|dual|quad|six|eight|twelve|sixteen)-core\b|\b(with|w/) radeon.*$"
)


def _processor_model(name: str) -> str:
    return " ".join(_PROCESSOR_WORDS.sub(" ", plain_name(name)).split())


def _is_within(one: str, other: str) -> bool:
    """Return whether one name is the other with words behind it: "Iris Xe Graphics", "… Graphics Family"."""
    names = sorted((plain_name(one), plain_name(other)), key=len)
    return names[1].startswith(f"{names[0]} ")


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
    r"\((redirected|umgeleitet|redirigée?|reindirizzat[ao]|redirigid[ao]|omgeleid)\b|\b(in|dans la|nella|en la?|na|i) (session|sitzung|sessione|sesión|sessie|sessão) \d|"
    r"\bxps\b|onenote|\bfax$|pdf|bullzip|snagit|send to |an onenote|anydesk printer|teamviewer|citrix|root print queue|document (writer|converter)",
    re.IGNORECASE,
)

#: What a system puts behind the name of a printer that is set up a second time, and a printer behind its own on the
#: network: the end of its address.
_ANOTHER_COPY = re.compile(
    r"\s*(\((copy|kopie|copie|copia)?\s*\d*\)|#\d+|[_ ]\d|[\s_(\[]+(?=[a-f]*\d)[0-9a-f]{6}[\s_)\]]*)$",
    re.IGNORECASE,
)

#: The computer that shares a printer, before its name.
_PRINT_SERVER = re.compile(r"^\\\\[^\\]+\\")


def _printers(gone: Sequence[str], come: Sequence[str], had: Sequence[str]) -> list[InventoryChange]:
    """Return changes of printers: one that was set up anew under almost the same name is one change, asked."""
    left, right = list(gone), list(come)
    found: list[InventoryChange] = []
    for name in list(left):
        again = next((n for n in right if _is_same_printer(n, name)), None)
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
    for kind, names in ((ChangeKind.INSTALLED, right), (ChangeKind.REMOVED, left)):
        for name in names:
            confidence, reason = Confidence.CERTAIN, ""
            if _SOFTWARE_PRINTER.search(name):
                confidence, reason = (
                    Confidence.ASKED,
                    _("Usually comes along with another program or a remote session."),
                )
            elif kind is ChangeKind.INSTALLED and any(_is_same_printer(name, n) for n in had):
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


def _is_same_printer(one: str, other: str) -> bool:
    """Return whether two names are one, or one is the other's second copy; "Jet 4" and "Jet 5" are two."""
    names = [_plain_printer(n) for n in (one, other)]
    if names[0] == names[1] or any(n.startswith(f"{m} series") for n, m in (names, names[::-1])):
        return True
    return any(
        _plain_printer(_ANOTHER_COPY.sub("", plain_name(copy))) == name
        for copy, name in ((one, names[1]), (other, names[0]))
    )


def _plain_printer(name: str) -> str:
    return re.sub(r"[\W_]+", " ", plain_name(_PRINT_SERVER.sub("", name))).strip()


def _models_on_both(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return two lists of parts without a model that only one of them could read."""
    read = [{str(p.get("name")) for p in side if p.get("model")} for side in (old, new)]
    named = [{str(p.get("name")) for p in side} for side in (old, new)]
    unsure = {name for name in named[0] & named[1] if (name in read[0]) != (name in read[1])}
    plain = [[{**p, "model": ""} if str(p.get("name")) in unsure else p for p in side] for side in (old, new)]
    return plain[0], plain[1]


def _part_name(part: Mapping[str, Any]) -> str:
    return " ".join(str(part.get("model") or part.get("name") or "").split())


def _part_names(key: str, parts: Iterable[Mapping[str, Any]]) -> list[str]:
    names = [_part_name(p) for p in parts]
    return [n for n in names if n and not (key == "graphics" and _SOFTWARE_GRAPHICS.search(n))]


# --- settings ---------------------------------------------------------------------------------------

#: Settings whose change is drafted: key → label, whether a person must have done it. The keys are
#: those diagnostics.inventory gives; services are left out, they come and go with programs.
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


#: What of a setting systems choose themselves, too: their own browser after an update, saving power on a low
#: battery, a number behind a name that is on the network already.
_BY_ITSELF: Mapping[str, Callable[[str, str], bool]] = {
    "default_browser": lambda _old, new: bool(re.search(r"\b(edge|safari)\b", new, re.IGNORECASE)),
    "power_plan": lambda _old, new: bool(re.search(r"sav(er|ing)|spar|économ", new, re.IGNORECASE)),
    "computer_name": lambda old, new: bool(re.fullmatch(rf"{re.escape(old)}-\d+", new, re.IGNORECASE)),
}


def setting_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[InventoryChange]:
    """Return what changed among the settings both sides could read."""
    found: list[InventoryChange] = []
    if "startup_programs" in old and "startup_programs" in new:
        found += _startup(texts(old["startup_programs"]), texts(new["startup_programs"]))
    for key, (label, is_certain) in _SETTINGS.items():
        if key not in old or key not in new or _is_same_setting(key, old[key], new[key]):
            continue
        reason = "" if is_certain else _("This also changes with the network or the place.")
        if key in _BY_ITSELF and _BY_ITSELF[key](str(old[key]), str(new[key])):
            reason = _("Systems also change this by themselves.")
        if key == "default_printer" and _SOFTWARE_PRINTER.search(str(new[key])):
            reason = _("Systems also choose another printer by themselves.")
        found.append(
            InventoryChange(
                kind=ChangeKind.SETTING,
                place=Place.SETTINGS,
                product=_(label),
                topic=f"setting:{key}",
                before=_setting_words(old[key]),
                after=_setting_words(new[key]),
                confidence=Confidence.ASKED if reason else Confidence.CERTAIN,
                reason=reason,
            )
        )
    return found


def _is_same_setting(key: str, old: Any, new: Any) -> bool:
    """Return whether two values say the same; a network may put its domain behind a computer's name."""
    if key == "system_language":  # "de_DE.UTF-8", "de-DE", "de"
        tags = [
            re.split(r"[._@-]", str(v).casefold().replace("_", "-").partition(".")[0]) for v in (old, new)
        ]
        return all(a == b for a, b in zip(*tags, strict=False))
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
