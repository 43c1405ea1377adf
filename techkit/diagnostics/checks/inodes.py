"""How many more files a volume can hold."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import storage
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """Shares of the files a volume can hold that are still free."""

    watch_percent: float = level(10.0, unit="percent", source="Checkmk df: inodes 10 %")
    act_percent: float = level(5.0, unit="percent", source="Checkmk df: inodes 5 %")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per volume that has a fixed number of files."""
    for volume in readings.subjects("storage.volume.inodes_total"):
        total = readings.number("storage.volume.inodes_total", volume)
        free = readings.number("storage.volume.inodes_free", volume)
        if not total or free is None or not 0 <= free <= total:
            continue
        percent = 100 * free / total
        verdict = (
            Verdict.ACT
            if percent < levels.act_percent
            else Verdict.WATCH
            if percent < levels.watch_percent
            else Verdict.OK
        )
        good = verdict is Verdict.OK
        yield Result(
            verdict,
            volume,
            round(percent, 1),
            "percent",
            value_text=quantities.share(percent),
            limit_text=_(
                "watch below {watch}, act below {act}",
                watch=quantities.share(levels.watch_percent, 0),
                act=quantities.share(levels.act_percent, 0),
            ),
            sentence=_(
                "{volume} can hold {free} more files, {share} of {total}.",
                volume=volume,
                free=number(free),
                share=quantities.share(percent),
                total=number(total),
            ),
            customer_sentence=_("The disk can hold many more files.")
            if good
            else _("The disk holds so many small files that it soon takes no more."),
            advice=""
            if good
            else _("Find the folder with very many small files, often mail or a cache, and clear it."),
            reading_ids=("storage.volume.inodes_free", "storage.volume.inodes_total"),
            higher_is_better=True,
            tolerance=0.5,
            scale_max=100.0,
            limit=levels.watch_percent,
        )


CHECK = Check(
    id="inodes",
    title=N_("Room for more files"),
    area=Area.STORAGE,
    why=N_("A volume can be full of files before it is full of data; then nothing can be saved."),
    probes=(storage.VOLUMES,),
    levels=Levels(),
    evaluate=evaluate,
)
