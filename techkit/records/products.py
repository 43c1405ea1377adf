"""Names and versions of programs: which is newer, which is the same product under a new name. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Marks of architecture, language and edition that say nothing about which product it is.
_MARKS = re.compile(
    r"\b(?:64|32)[\s-]?bits?\b|(?<=[a-z]{3})(?:64|32)\b|\bx(?:64|86)(?:_64)?\b|\b(?:amd64|arm64|i[36]86|aarch64|universal|noarch)\b"
    r"|\b[a-z]{2}-[A-Z]{2}\b|\bwin(?:32|64)\b|\bversion\b|(?<![^\W_])v(?=\d)|(?<![^\W_])r(?=(?:20\d\d[ab]|\d{1,2})\b)|\bbuild\b|(?<![^\W_])(?:sp|hf)\d+\b",
    re.IGNORECASE,
)

#: A number with dots inside a name: "23.01", "2025", "3".
#: Java counts its updates in "8u402-b06"; the days of a year are a product of Microsoft's.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?!365(?![\d.]))(?:\d+u\d+(?:-b\d+)?|\d+(?:[.\-_]\d+)*[a-z]?(?:-[A-Za-z]{1,5}\d+)?)(?![A-Za-z0-9])"
)

#: What a release is called beside its number: "3.34.2 'Prizren'".
_CALLED = re.compile(r"(?<=\d )(['\"‘“])[\w ]+['\"’”]")

#: What a version is made of: numbers, letters, "~", and the dash before a packager's own count.
_PART = re.compile(r"(\d+)|([a-z]+)|(~)|(-)(?=\d)|([^0-9a-z~]+?)", re.IGNORECASE)

#: Characters without a width that get into names and serials by copying. Source: BAD-INPUTS A6.
INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")

#: Programs that keep themselves up to date: a newer version says nothing about who did it.
#: Words of the name, case folded. Source: the makers' own pages on automatic updates.
SELF_UPDATING = frozenset(
    """
    chrome chromium firefox edge brave opera vivaldi safari thunderbird librewolf waterfox webview2 webview
    teams zoom slack discord signal whatsapp telegram skype webex viber threema mattermost ringcentral
    onedrive dropbox icloud spotify steam epic battle.net roblox evernote notion obsidian grammarly postman figma
    miro canva todoist 1password bitwarden dashlane ccleaner
    anydesk teamviewer screenconnect connectwise splashtop logmein ninjarmm ninjaone atera datto
    acrobat reader defender antivirus avast avg avira bitdefender eset kaspersky malwarebytes mcafee norton
    sophos trellix crowdstrike sentinelone huntress webroot emsisoft antimalware definitions updater update
    supportassist vantage 365
    """.split()
)

#: Words that together name a program that keeps itself up to date.
_SELF_UPDATING_PHRASE = re.compile(
    r"support assistant|command center|armoury crate|software update\b|nvidia app\b|geforce experience|"
    r"creative cloud|github desktop|jetbrains toolbox|gog galaxy|ubisoft connect|\bea app\b|trend micro|\bg data\b|"
    r"logi options\+|logitech g hub|logi tune|razer (synapse|central)|\bicue\b|steelseries gg|\bn-able\b|kaseya|pulseway|action1\b|\bsyncro\b|automox|tanium|qualys|"
    r"withsecure|cortex xdr|carbon black|cylance"
)

#: From this major version on a program follows a rapid release train that installs by itself; years
#: (1990–2099) are none. Source: browsers reached 100 in 2022, no classic product comes near.
RAPID_MAJOR = 60


#: Signs of protection, which makers add and drop from version to version.
_PROTECTED = re.compile(r"[®™©℠]|\((?:r|tm|c)\)", re.IGNORECASE)


def plain_name(name: str) -> str:
    """Return a program's name for comparing: NFKC, no invisible or ® characters, case folded, one blank."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", _PROTECTED.sub("", name))).casefold()
    return " ".join(text.split())


@lru_cache(maxsize=20_000)
def family(name: str) -> str:
    """Return what stays of a name when its version, edition year and architecture are taken away."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", _PROTECTED.sub("", name)))
    text = _NUMBER.sub(" ", _MARKS.sub(" ", _CALLED.sub(" ", text))).casefold()
    text = re.sub(r"[()\[\],;:®™©_]|\s-\s|-$", " ", text)
    text = re.sub(r"\s*-\s*(?=-|$|\s)", " ", text)
    return " ".join(text.split()).strip(" -.·@") or plain_name(name)


def numbers_in(name: str) -> tuple[str, ...]:
    """Return the version-like numbers inside a name, in order; architecture marks are none."""
    return tuple(_NUMBER.findall(_MARKS.sub(" ", unicodedata.normalize("NFKC", name))))


@lru_cache(maxsize=20_000)
def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that orders versions naturally: 9.9 < 9.10, 1.0~rc1 < 1.0, 2.0 = 2.0.0.

    A Debian epoch ("1:2.3") counts before everything else.
    """
    text = version.strip().casefold().removeprefix("v")
    epoch = 0
    head, colon, rest = text.partition(":")
    if colon and head.isdecimal():
        epoch, text = int(head[:18]), rest
    parts: list[tuple[int, int, str]] = []
    for digits, letters, tilde, dash, _other in _PART.findall(text):
        if digits:
            parts.append((2, int(digits[:18]), ""))
        elif tilde:
            parts.append((-1, 0, ""))
        elif dash:  # a packager's own count follows: 1.0-2 comes before 1.0.1-1
            parts.append((1, 0, ""))
        elif letters:
            # "rc", "beta", "alpha" come before the release, other letters after it.
            before = letters in ("a", "alpha", "b", "beta", "rc", "pre", "preview", "dev")
            parts.append((0 if before else 3, 0, letters))
    parts.append((1, 0, ""))
    kept: list[tuple[int, int, str]] = []
    for part in parts:
        if part[0] != 2:  # 1.0~rc1 comes before 1.0 and that equals 1: closing zeros say nothing
            while kept and kept[-1] == (2, 0, ""):
                kept.pop()
        kept.append(part)
    return ((epoch, 0, ""), *kept)


def is_same_version(one: str, other: str) -> bool:
    """Return whether two versions name the same one ("2.0" and "2.0.0")."""
    return version_key(one) == version_key(other)


#: A day that stands for a version, written for people: "05.11.2023".
_DAY = re.compile(r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.((?:19|20)\d\d)")


def is_newer(after: str, before: str) -> bool:
    """Return whether a version is newer than another; two days are compared as days."""
    days = [_DAY.fullmatch(version.strip()) for version in (after, before)]
    if days[0] is not None and days[1] is not None:
        return days[0].groups()[::-1] > days[1].groups()[::-1]
    return version_key(after) > version_key(before)


def is_minor_step(before: str, after: str) -> bool:
    """Return whether only the later parts of a version moved: 143.0 → 143.1, not 25 → 26."""
    old, new = re.findall(r"\d+", before), re.findall(r"\d+", after)
    return bool(old and new) and old[0] == new[0]


def self_updating_words(name: str) -> frozenset[str]:
    """Return the words of a name by which a program is known to keep itself up to date."""
    plain = plain_name(name)
    words = {*re.split(r"[^\w.]+", plain), *re.split(r"\W+", plain)}  # "com.spotify.Client"
    return SELF_UPDATING & words


def updates_itself(name: str, before: str, after: str, default_browser: str = "", maker: str = "") -> bool:
    """Return whether a newer version may well have come by itself.

    True for programs and makers known to update themselves, for the default browser and other browsers, and for
    small steps of programs on a rapid release train.
    """
    plain = plain_name(name)
    if self_updating_words(f"{name} {maker}") or any(
        word.startswith("brows") for word in re.split(r"\W+", plain)
    ):
        return True
    if _SELF_UPDATING_PHRASE.search(f"{plain} {plain_name(maker)}"):
        return True
    if default_browser and family(name) and family(name) in family(default_browser):
        return True
    majors = [int(found.group()) for v in (before, after) if (found := re.match(r"\d{1,6}", v.strip()))]
    if len(majors) != 2:
        return False
    is_rapid = all(RAPID_MAJOR <= m < 1000 for m in majors)
    return is_rapid and 0 <= majors[1] - majors[0] <= 2


def squeezed(name: str) -> str:
    """Return a family without blanks and signs: "Visual Studio Code" is "visual-studio-code"."""
    return re.sub(r"[\W_]+", "", family(name)) or family(name)


def name_tells_version(name: str, version: str) -> bool:
    """Return whether the number in a name is just its version: "7-Zip 24.08" with 24.08."""
    return any(
        n == version or version.startswith((f"{n}.", f"{n}-", f"{n} ")) or n.startswith(f"{version}.")
        for n in numbers_in(name)
        if version
    )
