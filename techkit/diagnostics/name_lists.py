"""Checks that judge a list of names: none is good, from a count on it is worth watching.

Each check brings its own sentences; what they share, value, limit and verdict, stands here once.
"""

from __future__ import annotations

from dataclasses import dataclass

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Readings, Result
from techkit.i18n import _
from techkit.records.findings import Verdict


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


def judged(names: list[str], watch_count: int, reading_id: str, words: Words, bad: str) -> Result:
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
        reading_ids=(reading_id,),
        higher_is_better=False,
    )
