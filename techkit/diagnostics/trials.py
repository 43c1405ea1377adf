"""What a person tries by hand: screen, keyboard, pointer, speakers, microphone, camera; and what it says.

The window shows the test, the technician judges: works, faulty, or not tried. A judgement is a reading like any
other ("hands.<test>.judgement"), so the checks of the catalogue make findings of it, which go wherever findings go.
Without a device, or when nobody tried, the reading says why: "could not check". Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from techkit import i18n
from techkit.diagnostics.check import Readings, Result
from techkit.i18n import N_, _, ngettext
from techkit.probes.probe import missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Evidence, Reading, Reason, Value, Verdict

#: The tests in the order they are offered.
TESTS: Final = ("screen", "keyboard", "pointer", "speaker", "microphone", "camera")

#: Longest note that is kept of a trial.
NOTE_LIMIT: Final = 200

#: So many things of a list are named in one line of evidence; the reading holds all.
MOST_NAMED: Final = 14


class Judgement(StrEnum):
    """What the technician says of a device."""

    WORKS = "works"
    FAULTY = "faulty"
    NOT_TRIED = "not_tried"
    NO_DEVICE = "no_device"


JUDGEMENT_LABELS: Final = {
    Judgement.WORKS: N_("Works"),
    Judgement.FAULTY: N_("Does not work"),
    Judgement.NOT_TRIED: N_("Not tried"),
    Judgement.NO_DEVICE: N_("No device"),
}


@dataclass(frozen=True)
class Trial:
    """One test as a person ended it.

    facts: what the test itself saw, by the last part of its reading id. why: for a device that is not there.
    """

    test: str
    judgement: Judgement
    note: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The sentences of one test's finding (N_). facts: reading's last part -> label of its line of evidence."""

    works: str
    customer_works: str
    faulty: str
    customer_faulty: str
    advice: str
    facts: Mapping[str, str] = field(default_factory=dict)


def readings(trial: Trial, by: str) -> list[Reading]:
    """Return a trial as readings. by: who judged, told as their source."""
    prefix = f"hands.{trial.test}."
    source = _("tried by {name}", name=by) if by else _("tried by hand")
    sheet = Sheet(source)
    for name, value in trial.facts.items():
        sheet.add(prefix + name, value)
    if trial.judgement in (Judgement.WORKS, Judgement.FAULTY):
        sheet.add(f"{prefix}judgement", str(trial.judgement))
        sheet.add(f"{prefix}note", trial.note[:NOTE_LIMIT])
        return sheet.all()
    if trial.judgement is Judgement.NOT_TRIED:
        reason, text = Reason.SKIPPED, _("The technician did not try it.")
    else:
        reason, text = Reason.NOT_PRESENT, trial.why or _("No such device was found.")
    return [*sheet, missing(f"{prefix}judgement", reason=reason, text=text, source=source)]


def evaluate(test: str, words: Words, held: Readings) -> Iterator[Result]:
    """Yield the result of one test, nothing where no person judged it."""
    prefix = f"hands.{test}."
    judgement = held.text(f"{prefix}judgement")
    if judgement not in (Judgement.WORKS, Judgement.FAULTY):
        return
    works = judgement == Judgement.WORKS
    note = held.text(f"{prefix}note") or ""
    sentence = _(words.works) if works else _(words.faulty)
    yield Result(
        Verdict.OK if works else Verdict.ACT,
        value=judgement,
        value_text=_("works") if works else _("does not work"),
        sentence=f"{sentence} {_in_words(note)}".strip(),
        customer_sentence=_(words.customer_works) if works else _(words.customer_faulty),
        advice="" if works else _(words.advice),
        source=held.source(f"{prefix}judgement"),
        evidence=tuple(_evidence(prefix, words, held, note, works=works)),
        reading_ids=(f"{prefix}judgement",),
        is_tried=True,
    )


def _in_words(note: str) -> str:
    return note if not note or note.endswith((".", "!", "?")) else f"{note}."


def _evidence(prefix: str, words: Words, held: Readings, note: str, *, works: bool) -> Iterator[Evidence]:
    yield Evidence(
        label=_("The technician’s judgement"),
        value=_("works") if works else _("does not work"),
        limit=held.source(f"{prefix}judgement"),
        verdict=Verdict.OK if works else Verdict.ACT,
    )
    if note:
        yield Evidence(label=_("Noted"), value=note)
    for name, label in words.facts.items():
        reading = held.get(prefix + name)
        if reading is not None and reading.value != []:
            yield Evidence(label=_(label), value=_shown(reading))


def _shown(reading: Reading) -> str:
    if isinstance(reading.value, list):
        told = [_(NAMES.get(str(item), str(item))) for item in reading.value]
        more = len(told) - MOST_NAMED
        shown = ", ".join(told[:MOST_NAMED])
        return (
            ngettext("{shown} and {n} more", "{shown} and {n} more", more, shown=shown) if more > 0 else shown
        )
    if isinstance(reading.value, (int, float)) and not isinstance(reading.value, bool):
        unit = {"percent": "%"}.get(reading.unit, "")
        return i18n.quantity(reading.value, unit) if unit else i18n.number(reading.value)
    return str(reading.value)


#: What a test writes down as a word -> how it is told.
NAMES: Final = {
    "left": N_("left"),
    "right": N_("right"),
    "both": N_("both sides"),
    "move": N_("movement"),
    "left_button": N_("left button"),
    "right_button": N_("right button"),
    "middle_button": N_("middle button"),
    "double_click": N_("double click"),
    "wheel_up": N_("wheel up"),
    "wheel_down": N_("wheel down"),
    "drag": N_("dragging"),
    "touch": N_("touch"),
    "two_fingers": N_("two fingers"),
    "corner_1": N_("corner at the top left"),
    "corner_2": N_("corner at the top right"),
    "corner_3": N_("corner at the bottom left"),
    "corner_4": N_("corner at the bottom right"),
}


def test_of(check_id: str) -> str:
    """Return the test a check judges, "" for a check that is no trial."""
    test = check_id.removesuffix("_test")
    return test if test in TESTS else ""
