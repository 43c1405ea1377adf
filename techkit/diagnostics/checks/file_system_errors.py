"""Errors that file systems themselves have counted."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Growth, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import storage
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """A file system counts an error only after it found its own data wrong."""

    watch_count: float = level(1, unit="count", source="ours: Linux kernel ABI sysfs-fs-ext4 errors_count")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per volume that counts its errors."""
    for volume in readings.subjects("storage.volume.error_count"):
        count = readings.number("storage.volume.error_count", volume)
        if count is None:
            continue
        good = count < levels.watch_count
        yield Result(
            Verdict.OK if good else Verdict.WATCH,
            volume,
            int(count),
            "count",
            value_text=_("none") if good else number(count),
            limit_text=_("watch from {watch}", watch=number(levels.watch_count)),
            sentence=_("No error counted on {volume}.", volume=volume)
            if good
            else ngettext(
                "{n} error counted on {volume}.", "{n} errors counted on {volume}.", int(count), volume=volume
            ),
            customer_sentence=_("The order of the files on the disk is sound.")
            if good
            else _("The disk’s own bookkeeping had errors. Your files should be looked at."),
            advice=""
            if good
            else _("Make sure there is a backup, then check the file system at the next restart."),
            reading_ids=("storage.volume.error_count",),
            higher_is_better=False,
        )


CHECK = Check(
    id="file_system_errors",
    title=N_("File system errors"),
    area=Area.STORAGE,
    why=N_("Errors in a file system are the first sign of a failing disk or cut power."),
    probes=(storage.VOLUMES,),
    levels=Levels(),
    evaluate=evaluate,
    growth=(Growth(reading="storage.volume.error_count"),),
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Damaged files make programs stop."),
            why_not=N_("The file systems have counted no errors."),
        )
    },
)
