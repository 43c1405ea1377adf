"""Whether mouse, touch pad or touch screen answer to movement, buttons and fingers."""

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
    works=N_("Pointer and touch were tried; they answer."),
    customer_works=N_("The pointer works."),
    faulty=N_("Pointer and touch were tried; they do not answer as they should."),
    customer_faulty=N_("The pointer does not work as it should."),
    advice=N_("Clean it, try another mouse, look for its driver, then replace it."),
    facts={"seen": N_("Answered"), "finger_count": N_("Most fingers at once")},
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("pointer", WORDS, readings)


CHECK = Check(
    id="pointer_test",
    title=N_("Pointer and touch, tried"),
    area=Area.DEVICES,
    why=N_("A pointer that jumps or a button that sticks makes every program seem broken."),
    probes=(hands.POINTER,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.pointer.judgement",),
)
