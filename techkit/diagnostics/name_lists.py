"""Checks that judge a list of names: none is good, from a count on it is worth watching.

Each check brings its own sentences; what they share, value, limit and verdict, stands here once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Readings, Result
from techkit.i18n import N_, _
from techkit.records.findings import Evidence, Verdict

#: What is wrong with a device, as its reading says it, and as people read it.
PROBLEMS: Final[Mapping[str, str]] = {
    "no driver": N_("no driver"),
    "not configured": N_("not set up"),
    "driver damaged": N_("its driver is damaged"),
    "cannot start": N_("does not start"),
    "reinstall the driver": N_("its driver must be installed again"),
    "driver not loaded": N_("its driver was not loaded"),
    "driver switched off": N_("its driver is switched off"),
    "driver failed": N_("its driver failed"),
    "driver missing or damaged": N_("its driver is missing or damaged"),
    "stopped after problems": N_("stopped by the system after problems"),
    "driver blocked": N_("its driver is blocked by the system"),
    "driver not signed": N_("its driver is not signed"),
    "switched off": N_("switched off"),
    "too much current": N_("drew too much current, the port was shut off"),
    "not enough current": N_("needs more current than its port gives"),
    "does not answer": N_("does not answer"),
    "cable or plug is bad": N_("cable or plug is bad"),
    "liquid": N_("liquid in the port"),
    "too slow": N_("runs slower than it could"),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a check says of its names; English as declared with N_, translated when said."""

    good: str
    customer_good: str
    customer_bad: str
    advice: str


def names_of(readings: Readings, reading_id: str) -> list[str] | None:
    """Return the names a reading lists, from texts or from rows with a name; None when it is not there."""
    reading = readings.get(reading_id)
    if reading is None or not isinstance(reading.value, list):
        return None
    rows = [row.get("name", "") if isinstance(row, dict) else row for row in reading.value]
    return [str(name) for name in rows]


def troubles(readings: Readings, reading_id: str) -> tuple[Evidence, ...]:
    """Return what is wrong with each device of a table (name, id, problem), the first twenty."""
    reading = readings.get(reading_id)
    rows = reading.value if reading is not None and isinstance(reading.value, list) else []
    return tuple(
        Evidence(
            label=str(row.get("name", "")),
            value=problem_words(str(row.get("problem", ""))),
            limit=str(row.get("id", "")),
        )
        for row in rows[:20]
        if isinstance(row, dict)
    )


def problem_words(told: str) -> str:
    """Return what is wrong with a device as people read it; a word of a newer techkit as it stands."""
    return _(PROBLEMS[told]) if told in PROBLEMS else told


def judged(
    names: list[str],
    watch_count: int,
    reading_id: str,
    words: Words,
    bad: str,
    evidence: tuple[Evidence, ...] = (),
) -> Result:
    """Return the result over a list of names; bad: the technician's sentence that counts and names them."""
    if len(names) < watch_count:
        verdict, text, advice = Verdict.OK, _("none"), ""
        sentence, customer = _(words.good), _(words.customer_good)
    else:
        verdict, text, advice = Verdict.WATCH, quantities.listed(names, 2), _(words.advice)
        sentence, customer = bad, _(words.customer_bad)
    return Result(
        verdict,
        value=len(names),
        unit="count",
        value_text=text,
        limit_text=_("watch from {watch}", watch=watch_count),
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        evidence=evidence,
        reading_ids=(reading_id,),
        higher_is_better=False,
    )
