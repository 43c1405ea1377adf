"""Whether a part of the free memory keeps what is written to it."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import active
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Blocks that were not read back as they were written."""

    act_count: int = level(1, unit="count", source="memtest86+: no error is acceptable")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result after the deep plan's test."""
    errors = readings.number("active.memory.error_count")
    tested = readings.number("active.memory.tested_bytes")
    if errors is None or not tested:
        return
    good = errors < levels.act_count
    amount = quantities.memory(tested)
    yield Result(
        Verdict.OK if good else Verdict.ACT,
        value=int(errors),
        unit="count",
        value_text=_("no error") if good else number(errors),
        limit_text=_("act from {act}", act=number(levels.act_count)),
        sentence=_("{amount} were written and read back without an error.", amount=amount)
        if good
        else ngettext(
            "{n} block was not read back as it was written, in {amount}.",
            "{n} blocks were not read back as they were written, in {amount}.",
            int(errors),
            amount=amount,
        ),
        customer_sentence=_("The part of the memory that was tested is sound.")
        if good
        else _("The memory makes errors. Files can be damaged by it."),
        advice="" if good else _("Test all of the memory after a restart, and replace the faulty module."),
        reading_ids=("active.memory.error_count",),
        higher_is_better=False,
    )


CHECK = Check(
    id="memory_test",
    title=N_("Memory test"),
    area=Area.MEMORY,
    why=N_("Faulty memory damages files and makes programs stop at random."),
    probes=(active.MEMORY,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Faulty memory makes programs stop."),
            why_not=N_("A part of the memory was tested and is sound."),
        )
    },
)
