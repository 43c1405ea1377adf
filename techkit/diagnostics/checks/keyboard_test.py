"""Whether each key of the keyboard answers."""

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
    works=N_("The keyboard was tried; the keys answer."),
    customer_works=N_("The keyboard works."),
    faulty=N_("The keyboard was tried; not every key answers as it should."),
    customer_faulty=N_("The keyboard does not work as it should."),
    advice=N_("Clean the keyboard, try another one, then replace it."),
    facts={
        "seen_count": N_("Keys that answered"),
        "key_count": N_("Keys in all"),
        "silent": N_("Did not answer"),
    },
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("keyboard", WORDS, readings)


CHECK = Check(
    id="keyboard_test",
    title=N_("Keyboard, tried"),
    area=Area.DEVICES,
    why=N_("A single dead key makes a passphrase impossible to type."),
    probes=(hands.KEYBOARD,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.keyboard.judgement",),
)
