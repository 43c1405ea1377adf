"""Whether a sample of each disk can be read, and how fast."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import active
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """Read errors stop work today; slowness is a sign."""

    act_errors: int = level(1, unit="count", source="ours: the drive gave up on a block it was asked for")
    watch_hdd_ms: float = level(40.0, unit="ms", source="ours: a sound 5,400 rpm drive needs 15 to 20 ms")
    watch_ssd_ms: float = level(10.0, unit="ms", source="ours: a sound SATA SSD needs under 0.5 ms")
    watch_bytes_per_s: float = level(20e6, unit="bytes/s", source="ours: slower than a USB 2.0 disk")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per disk that was read."""
    for disk in readings.subjects("active.disk.read_errors"):
        yield _judged(readings, levels, disk)


def _judged(readings: Readings, levels: Levels, disk: str) -> Result:
    errors = int(readings.number("active.disk.read_errors", disk) or 0)
    rate = readings.number("active.disk.sequential_bytes_per_s", disk)
    wait = readings.number("active.disk.random_ms", disk)
    most = levels.watch_hdd_ms if readings.text("active.disk.kind", disk) == "hdd" else levels.watch_ssd_ms
    slow = (rate is not None and rate < levels.watch_bytes_per_s) or (wait is not None and wait > most)
    verdict = Verdict.ACT if errors >= levels.act_errors else Verdict.WATCH if slow else Verdict.OK
    speed = _("{size} per second", size=quantities.size(rate)) if rate is not None else "–"
    evidence = [
        Evidence(
            label=_("Read errors"),
            value=number(errors),
            limit=_("act from {act}", act=number(levels.act_errors)),
            verdict=Verdict.ACT if errors else Verdict.OK,
        ),
        Evidence(
            label=_("Reading in one go"),
            value=speed,
            limit=_("watch below {watch}", watch=quantities.size(levels.watch_bytes_per_s)),
        ),
    ]
    if wait is not None:
        evidence.append(
            Evidence(
                label=_("Reading here and there"),
                value=i18n.quantity(wait, "ms", 1),
                limit=_("watch above {watch}", watch=i18n.quantity(most, "ms")),
            )
        )
    customer, advice = {
        Verdict.OK: (_("The disk reads fast and without errors."), ""),
        Verdict.WATCH: (
            _("The disk reads slower than it should."),
            _("Look at the disk’s health and at its cable."),
        ),
        Verdict.ACT: (
            _("A part of the disk can no longer be read."),
            _("Save the data today, then replace the drive."),
        ),
    }[verdict]
    return Result(
        verdict,
        disk,
        rate if rate is not None else errors,
        "bytes/s" if rate is not None else "count",
        value_text=speed if not errors else ngettext("{n} read error", "{n} read errors", errors),
        limit_text=_("any read error: act"),
        sentence=_(
            "{disk} reads {speed}; {errors} read errors in the sample.",
            disk=disk,
            speed=speed,
            errors=number(errors),
        ),
        customer_sentence=customer,
        advice=advice,
        evidence=tuple(evidence),
        reading_ids=("active.disk.read_errors", "active.disk.sequential_bytes_per_s"),
        higher_is_better=True,
        tolerance=float(rate or 0) * 0.3,
    )


CHECK = Check(
    id="disk_read_test",
    title=N_("Reading test of the disk"),
    area=Area.STORAGE,
    why=N_("A drive may report good health and still fail to read what is on it."),
    probes=(active.DISKS,),
    levels=Levels(),
    needs=("active.disk.read_errors",),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The disk reads slowly."), why_not=N_("The disk reads fast."), watch=Explains.LIKELY
        ),
        Complaint.CRASHES: Explanation(
            why=N_("A disk that cannot be read makes programs stop."),
            why_not=N_("The disk can be read."),
            watch=None,
        ),
    },
)
