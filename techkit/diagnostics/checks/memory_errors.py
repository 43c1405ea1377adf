"""Memory errors that the controllers have corrected, or could not."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import memory
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Only memory with error correction (ECC) counts its errors."""

    watch_corrected: int = level(1, unit="count", source="netdata ecc_memory_mc_correctable")
    act_uncorrected: int = level(1, unit="count", source="netdata ecc_memory_mc_uncorrectable")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per memory controller that counts errors."""
    for name in readings.subjects("memory.ecc.corrected"):
        corrected = int(readings.number("memory.ecc.corrected", name) or 0)
        uncorrected = int(readings.number("memory.ecc.uncorrected", name) or 0)
        verdict, advice = Verdict.OK, ""
        customer = _("The memory has made no errors.")
        if uncorrected >= levels.act_uncorrected:
            verdict = Verdict.ACT
            customer = _(
                "The memory has made errors that could not be put right. Files may be damaged by it."
            )
            advice = _("Find the faulty module with the memory test and replace it.")
        elif corrected >= levels.watch_corrected:
            verdict = Verdict.WATCH
            customer = _("The memory has made a few errors, and all were put right.")
            advice = _("Look at the counter again at the next visit; if it grows, replace the module.")
        yield Result(
            verdict,
            name,
            corrected + uncorrected,
            "count",
            value_text=number(corrected + uncorrected),
            limit_text=_("watch: any corrected; act: any not corrected"),
            sentence=_(
                "{name}: {corrected} errors corrected, {uncorrected} not corrected.",
                name=name,
                corrected=number(corrected),
                uncorrected=number(uncorrected),
            ),
            customer_sentence=customer,
            advice=advice,
            reading_ids=("memory.ecc.corrected", "memory.ecc.uncorrected"),
            higher_is_better=False,
        )


CHECK = Check(
    id="memory_errors",
    title=N_("Memory errors"),
    area=Area.MEMORY,
    why=N_("Faulty memory damages files without anybody noticing."),
    probes=(memory.ERRORS,),
    needs=("memory.ecc.corrected",),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Faulty memory makes programs and the system stop."),
            why_not=N_("The memory has counted no errors."),
        )
    },
)
