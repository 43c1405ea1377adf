"""Whether solid-state disks are told which blocks are free."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import storage
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: the disks are told, or not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result when there is a disk that wants to be told."""
    wanting = [
        r.subject
        for r in readings.all("storage.disk.trims")
        if r.value is True and readings.text("storage.disk.kind", r.subject) in ("ssd", "nvme", "virtual")
    ]
    if readings.all("storage.trim_on"):
        yield from _switched(readings)
        return
    timer = readings.text("storage.trim_timer")
    by_mount = any(r.value is True for r in readings.all("storage.volume.trims"))
    if not wanting or (timer is None and not by_mount):
        return
    good = timer == "enabled" or by_mount
    # A virtual disk is tended by its host; here it is only good to know when it works.
    if not good and all(readings.text("storage.disk.kind", name) == "virtual" for name in wanting):
        return
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=good,
        value_text=_("on") if good else _("off"),
        sentence=_("Free blocks are told to the disk (TRIM).")
        if good
        else _("Free blocks are not told to the disk (TRIM is off)."),
        customer_sentence=_("The disk is tended as it should be.")
        if good
        else _("The disk is not tended regularly and may become slower."),
        advice="" if good else _("Switch on fstrim.timer."),
        reading_ids=("storage.trim_timer",) if timer else (),
        source=readings.source("storage.trim_timer") or "/proc/self/mountinfo",
    )


def _switched(readings: Readings) -> Iterator[Result]:
    """Yield one result where the system says it itself: Windows for all disks, macOS for each."""
    solid = {r.subject for r in readings.all("storage.disk.kind") if r.value in ("ssd", "nvme")}
    told = [r for r in readings.all("storage.trim_on") if not r.subject or r.subject in solid]
    if not told or not solid:
        return
    off = [r.subject for r in told if r.value is False]
    yield Result(
        Verdict.WATCH if off else Verdict.OK,
        value=not off,
        value_text=_("off") if off else _("on"),
        sentence=_("Free blocks are not told to the disk (TRIM is off).")
        if off
        else _("Free blocks are told to the disk (TRIM)."),
        customer_sentence=_("The disk is not tended regularly and may become slower.")
        if off
        else _("The disk is tended as it should be."),
        advice=_(
            "Switch TRIM on: “fsutil behavior set DisableDeleteNotify 0” on Windows, “trimforce” on a Mac."
        )
        if off
        else "",
        reading_ids=("storage.trim_on",),
        source=told[0].source,
    )


CHECK = Check(
    id="trim",
    title=N_("Care of solid-state disks"),
    area=Area.STORAGE,
    why=N_("A solid-state disk that does not know what is free becomes slower over the months."),
    probes=(storage.TRIM,),
    also=(storage.DISKS, storage.VOLUMES),
    levels=Levels(),
    evaluate=evaluate,
    explains={Complaint.SLOW: Explanation(why=N_("A disk that is not tended becomes slower."))},
)
