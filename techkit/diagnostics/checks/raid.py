"""Arrays of several disks: whether a member is missing."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import arrays
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """One member less and the next failure costs the data."""

    act_missing: int = level(1, unit="count", source="node-mixin NodeRAIDDegraded, NodeRAIDDiskFailure")


#: States in which an array repairs itself.
REBUILDING = ("recovering", "resync", "reshape")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per array."""
    for array in readings.subjects("storage.raid.state"):
        state = readings.text("storage.raid.state", array) or ""
        missing = readings.number("storage.raid.missing", array) or 0
        done = readings.number("storage.raid.progress_percent", array)
        if state in REBUILDING:
            verdict = Verdict.WATCH
            progress = "" if done is None else quantities.share(done)
            sentence = _("{array} is being rebuilt ({progress}).", array=array, progress=progress or state)
            customer = _("The disk array is repairing itself. It is safe again when that is done.")
            advice = _("Leave the computer on until the rebuild has ended, then look again.")
        elif missing >= levels.act_missing or state in ("degraded", "failed", "inactive"):
            verdict = Verdict.ACT
            sentence = (
                ngettext(
                    "{array}: {n} member is missing or failed.",
                    "{array}: {n} members are missing or failed.",
                    int(missing),
                    array=array,
                )
                if missing
                else _("{array} is not complete: its state is {state}.", array=array, state=state)
            )
            customer = _(
                "One disk of the array has failed. Your data are still there, but no longer protected."
            )
            advice = _("Save the data, then replace the failed disk.")
        else:
            verdict, advice = Verdict.OK, ""
            sentence = _(
                "{array} ({level}) is complete.",
                array=array,
                level=readings.text("storage.raid.level", array) or "RAID",
            )
            customer = _("All disks of the array are working.")
        yield Result(
            verdict,
            array,
            int(missing),
            "count",
            value_text=state,
            limit_text=_("no member missing"),
            sentence=sentence,
            customer_sentence=customer,
            advice=advice,
            reading_ids=("storage.raid.state", "storage.raid.missing"),
            higher_is_better=False,
        )


CHECK = Check(
    id="raid",
    title=N_("Disk array"),
    area=Area.STORAGE,
    why=N_("An array protects only while all its disks work, and fails without a sound."),
    probes=(arrays.RAID,),
    levels=Levels(),
    evaluate=evaluate,
    explains={Complaint.SLOW: Explanation(why=N_("An array that is incomplete or rebuilds itself is slow."))},
)
