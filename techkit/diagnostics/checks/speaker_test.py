"""Whether a person hears a tone on the left and on the right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from techkit.diagnostics import trials
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_
from techkit.probes import hands
from techkit.records.findings import Area, Complaint


@level_set
class Levels:
    """None: a person judges, no number does."""


WORDS: Final = trials.Words(
    works=N_("A tone was heard."),
    customer_works=N_("Sound can be heard."),
    faulty=N_("A tone was played and was not heard as it should be."),
    customer_faulty=N_("Sound cannot be heard as it should be."),
    advice=N_("Look at volume and chosen output, try headphones, then look for the driver."),
    facts={"sides": N_("Played on")},
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("speaker", WORDS, readings)


CHECK = Check(
    id="speaker_test",
    title=N_("Speakers, tried"),
    area=Area.DEVICES,
    why=N_("Only an ear can say whether sound comes out, and on which side."),
    probes=(hands.SPEAKER,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.speaker.judgement",),
    explains={
        Complaint.NO_SOUND: Explanation(
            why=N_("A tone was played and was not heard."),
            why_not=N_("A tone was played and heard."),
        )
    },
)
