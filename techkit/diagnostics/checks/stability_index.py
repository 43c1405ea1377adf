"""Windows' own figure of how reliably it runs."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import crashes
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """On a scale from 1 to 10."""

    watch: float = level(7.0, source="Reliability Monitor's scale of 1 to 10; limit ours")
    act: float = level(4.0, source="Reliability Monitor's scale of 1 to 10; limit ours")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where Windows keeps the figure."""
    index = readings.number("os.stability_index")
    if index is None or not 1 <= index <= 10:
        return
    verdict = Verdict.ACT if index < levels.act else Verdict.WATCH if index < levels.watch else Verdict.OK
    good = verdict is Verdict.OK
    yield Result(
        verdict,
        value=round(index, 1),
        value_text=number(index, 1),
        limit_text=_(
            "watch below {watch}, act below {act}", watch=number(levels.watch), act=number(levels.act)
        ),
        sentence=_("Windows rates its own reliability with {index} of 10.", index=number(index, 1)),
        customer_sentence=_("Windows runs reliably.")
        if good
        else _("Windows has often had trouble in the last weeks."),
        advice="" if good else _("See in the reliability history which program or driver it was."),
        reading_ids=("os.stability_index",),
        higher_is_better=True,
        tolerance=0.3,
        scale_max=10.0,
        limit=levels.watch,
    )


CHECK = Check(
    id="stability_index",
    title=N_("Reliability of Windows"),
    area=Area.OPERATING_SYSTEM,
    why=N_("Windows counts its own failures and shows when they began."),
    probes=(crashes.CRASHES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Windows itself has counted many failures."),
            why_not=N_("Windows has counted few failures."),
        )
    },
)
