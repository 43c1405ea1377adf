"""Volumes that can be read but not written although nobody ordered it."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import storage
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: a volume can be written, or not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per volume; one ordered to be read-only (a disc) is not spoken of."""
    for volume in readings.subjects("storage.volume.is_read_only"):
        is_locked = readings.flag("storage.volume.is_read_only", volume)
        if not is_locked:
            yield Result(
                Verdict.OK,
                volume,
                value=False,
                value_text=_("can be written"),
                sentence=_("{volume} can be written.", volume=volume),
                customer_sentence=_("The disk takes new files as it should."),
                reading_ids=("storage.volume.is_read_only",),
            )
        elif readings.text("storage.volume.read_only_by", volume) == "errors":
            yield Result(
                Verdict.ACT,
                volume,
                value=True,
                value_text=_("read-only"),
                sentence=_(
                    "{volume} is read-only although it was not mounted so: the system locks a volume after errors.",
                    volume=volume,
                ),
                customer_sentence=_(
                    "The disk has been locked to protect your files, so nothing new can be saved."
                ),
                advice=_("Save the data first, then look at the disk’s health and repair the file system."),
                reading_ids=("storage.volume.is_read_only", "storage.volume.read_only_by"),
            )


CHECK = Check(
    id="read_only_mounts",
    title=N_("Disk can be written"),
    area=Area.STORAGE,
    why=N_("A system locks a volume against writing when it finds it damaged."),
    probes=(storage.VOLUMES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Programs stop when they can no longer write."),
            why_not=N_("The disks can be written."),
        )
    },
)
