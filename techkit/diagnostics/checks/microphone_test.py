"""Whether a recording of the microphone can be heard."""

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
    works=N_("The microphone was tried; the recording could be heard. It was not kept."),
    customer_works=N_("The microphone works."),
    faulty=N_("The microphone was tried; nothing useful was recorded."),
    customer_faulty=N_("The microphone does not work as it should."),
    advice=N_(
        "Look at the chosen input, its level and whether programs may use it, then try another microphone."
    ),
    facts={"peak_percent": N_("Loudest moment")},
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("microphone", WORDS, readings)


CHECK = Check(
    id="microphone_test",
    title=N_("Microphone, tried"),
    area=Area.DEVICES,
    why=N_("Others in a call hear what the microphone hears; the speaker cannot know."),
    probes=(hands.MICROPHONE,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.microphone.judgement",),
)
