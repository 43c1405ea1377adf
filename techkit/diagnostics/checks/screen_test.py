"""Whether a person finds a fault on the screen when it is filled with each colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from techkit.diagnostics import trials
from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_
from techkit.probes import hands
from techkit.records.findings import Area


@level_set
class Levels:
    """None: a person judges, no number does."""


WORDS: Final = trials.Words(
    works=N_("The screen was filled with each colour; no fault was seen."),
    customer_works=N_("The screen shows all colours without a fault."),
    faulty=N_("The screen was filled with each colour; a fault was seen."),
    customer_faulty=N_("The screen has a fault that can be seen."),
    advice=N_("Try another cable and another screen; if the fault stays with the screen, replace it."),
    facts={"colour_count": N_("Colours shown")},
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("screen", WORDS, readings)


CHECK = Check(
    id="screen_test",
    title=N_("Screen, tried"),
    area=Area.DISPLAY,
    why=N_("Dead pixels, stripes and dim corners are seen by nobody but a person."),
    probes=(hands.SCREEN,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.screen.judgement",),
)
