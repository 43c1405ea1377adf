"""What each drive says about its own health (SMART, NVMe, SCSI)."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Growth, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import storage
from techkit.probes.formats.drive_life import FAULTS
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Act on the drive's own failure flag, an exhausted reserve or data lost by the hundred; other counts are watch."""

    watch_reallocated: int = level(1, unit="count", source="CrystalDiskInfo; Backblaze, SMART 5")
    watch_pending: int = level(1, unit="count", source="CrystalDiskInfo; Backblaze, SMART 197")
    watch_uncorrectable: int = level(1, unit="count", source="CrystalDiskInfo; Backblaze, SMART 198")
    act_unreadable: int = level(
        100,
        unit="count",
        source="ours: SMART 197 or 198, beside a second count of 10 or more (Backblaze: failures show in several)",
    )
    act_second_sign: int = level(10, unit="count", source="ours: SMART 5, 187, 197 or 198, as for growth")
    watch_reported: int = level(1, unit="count", source="Backblaze, SMART 187")
    watch_used_percent: int = level(
        90, unit="percent", source="CrystalDiskInfo; scrutiny, NVMe percentage_used"
    )
    act_used_percent: int = level(100, unit="percent", source="ours: rated writes used up and spare low")
    watch_media_errors: int = level(1, unit="count", source="scrutiny, NVMe media_errors")
    watch_grown_defects: int = level(1, unit="count", source="as SMART 5; scrutiny, SCSI grown defects")
    watch_uncorrected: int = level(1, unit="count", source="scrutiny, SCSI uncorrected errors")
    act_uncorrected: int = level(
        100, unit="count", source="ours: as SMART 197; SCSI counts them alike on every drive"
    )
    watch_helium_percent: int = level(
        100, unit="percent", source="ours: it never comes back; of 3,600 drives read nine are below 100"
    )
    watch_spare_percent: int = level(50, unit="percent", source="ours: half of the spare blocks are used up")
    old_test_hours: int = level(
        1000,
        unit="hours",
        source="ours: a self-test that failed longer ago, with no other sign, is to be repeated",
    )


#: NVMe critical warning bits. Source: NVM Express Base Specification 2.0, SMART log, byte 0.
WARNINGS = (
    N_("the spare blocks are below the drive’s limit"),
    N_("the temperature is beyond the drive’s limits"),
    N_("its reliability has become worse"),
    N_("it only reads and no longer writes"),
    N_("its backup power has failed"),
    N_("its persistent memory has become read-only"),
)

#: What other systems say in one word: the verdict that follows.
STATUS_WORDS = {
    "ok": Verdict.OK,
    "healthy": Verdict.OK,
    "good": Verdict.OK,
    "verified": Verdict.OK,
    "warning": Verdict.WATCH,
    "degraded": Verdict.WATCH,
    "unhealthy": Verdict.ACT,
    "failing": Verdict.ACT,
    "pred fail": Verdict.ACT,
    "bad": Verdict.ACT,
}

#: Attributes that tell the temperature, and no failure.
HEAT = ("190 ", "194 ")

#: What a drive counts of its blocks.
COUNTS = ("reallocated", "pending", "uncorrectable", "reported_uncorrectable")

#: The log of an ATA drive counts hours so far and begins anew. Source: ATA ACS-4, Self-Test log, life timestamp.
ATA_HOURS = 65_536

#: The bit of the temperature among the warnings of an NVMe drive.
TOO_HOT = 2

Row = tuple[str, str, str, Verdict]


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per drive that says anything about its health."""
    for disk in _disks(readings):
        rows = list(_rows(readings, levels, disk))
        if rows:
            yield _result(readings, disk, rows)


def _disks(readings: Readings) -> list[str]:
    ids = (
        "storage.smart.passed",
        "storage.smart.critical_warning",
        "storage.smart.reallocated",
        "storage.smart.grown_defects",
        "storage.disk.status",
    )
    return sorted({subject for id in ids for subject in readings.subjects(id)})


def _rows(readings: Readings, levels: Levels, disk: str) -> Iterator[Row]:
    """Yield (label, value, limit, verdict) of everything known about a drive."""
    passed = readings.flag("storage.smart.passed", disk)
    if passed is not None:
        yield (
            _("The drive’s own judgement"),
            _("passed") if passed else _("FAILED"),
            _("passed"),
            Verdict.OK if passed else Verdict.ACT,
        )
    status = (readings.text("storage.disk.status", disk) or "").casefold()
    if status in STATUS_WORDS:
        yield _("The system’s judgement"), status, _("healthy"), STATUS_WORDS[status]
    yield from _test_rows(readings, levels, disk)
    yield from _attribute_rows(readings, levels, disk)
    yield from _helium_rows(readings, levels, disk)
    yield from _nvme_rows(readings, levels, disk)
    for id, label, watch, act in (
        ("grown_defects", _("Defects found in use"), levels.watch_grown_defects, None),
        ("uncorrected_errors", _("Errors not corrected"), levels.watch_uncorrected, levels.act_uncorrected),
    ):
        yield from _count_row(readings, f"storage.smart.{id}", disk, label, watch, act)


def _test_rows(readings: Readings, levels: Levels, disk: str) -> Iterator[Row]:
    test = readings.text("storage.smart.self_test", disk)
    if not test:
        return
    failed = bool(FAULTS.search(test))
    hours = readings.number("storage.smart.self_test_hours", disk)
    when = "" if hours is None else _(", at {hours} h switched on", hours=number(hours))
    verdict = _verdict_of_failure(readings, levels, disk, hours) if failed else Verdict.OK
    yield _("Last self-test"), f"{test}{when}", _("without error"), verdict
    ended = readings.number("storage.smart.self_test_failed_hours", disk)
    if ended is not None and not failed:
        yield (
            _("Self-test that failed before"),
            _("at {hours} h switched on", hours=number(ended)),
            _("made good by a later one"),
            _verdict_of_failure(readings, levels, disk, ended),
        )


def _verdict_of_failure(readings: Readings, levels: Levels, disk: str, ended: float | None) -> Verdict:
    """Return what a self-test that failed at this hour means today: the block may have been replaced long since."""
    now = readings.number("storage.smart.power_on_hours", disk)
    if ended is None or now is None or (ended > now and now < ATA_HOURS):
        return Verdict.ACT
    counts = {id: readings.number(f"storage.smart.{id}", disk) or 0 for id in COUNTS}
    signs = (
        counts["pending"]
        or counts["uncorrectable"]
        or counts["reported_uncorrectable"] >= levels.act_second_sign
    )
    passed = now - ended if readings.text("storage.disk.kind", disk) == "nvme" else (now - ended) % ATA_HOURS
    return Verdict.ACT if signs or passed < levels.old_test_hours else Verdict.WATCH


def _attribute_rows(readings: Readings, levels: Levels, disk: str) -> Iterator[Row]:
    for label in readings.texts("storage.smart.failing_now", disk):
        # Attributes of age and of heat pass their threshold on a drive that still works; they are no failure flag.
        is_flag = "(prefailure)" in label and not label.startswith(HEAT)
        verdict = Verdict.ACT if is_flag else Verdict.WATCH
        yield _("Attribute at its threshold now"), label, _("above the threshold"), verdict
    for label in readings.texts("storage.smart.failed_before", disk):
        # That it was warm once is no wear.
        verdict = Verdict.OK if label.startswith(HEAT) else Verdict.WATCH
        yield _("Attribute at its threshold once"), label, _("never at the threshold"), verdict
    counts = {id: readings.number(f"storage.smart.{id}", disk) or 0 for id in COUNTS}
    signs = sum(count >= levels.act_second_sign for count in counts.values())
    for id, label, watch in (
        ("reallocated", _("Blocks replaced by spare ones"), levels.watch_reallocated),
        ("pending", _("Blocks waiting to be replaced"), levels.watch_pending),
        ("uncorrectable", _("Blocks that could not be read"), levels.watch_uncorrectable),
        ("reported_uncorrectable", _("Read errors reported"), levels.watch_reported),
    ):
        # One count alone may be a maker's own way of counting; two that agree are not.
        is_lost = id in ("pending", "uncorrectable") and signs > 1
        act = levels.act_unreadable if is_lost else None
        yield from _count_row(readings, f"storage.smart.{id}", disk, label, watch, act)


def _helium_rows(readings: Readings, levels: Levels, disk: str) -> Iterator[Row]:
    left = readings.number("storage.smart.helium_percent", disk)
    if left is not None:
        yield (
            _("Helium left"),
            quantities.share(left, 0),
            _("watch below {watch}", watch=quantities.share(levels.watch_helium_percent, 0)),
            Verdict.WATCH if left < levels.watch_helium_percent else Verdict.OK,
        )


def _count_row(
    readings: Readings, id: str, disk: str, label: str, watch: int, act: int | None = None
) -> Iterator[Row]:
    count = readings.number(id, disk)
    if count is None:
        return
    if act is not None and count >= act:
        yield label, number(count), _("act from {act}", act=number(act)), Verdict.ACT
        return
    verdict = Verdict.WATCH if count >= watch else Verdict.OK
    yield label, number(count), _("watch from {watch}", watch=number(watch)), verdict


def _nvme_rows(readings: Readings, levels: Levels, disk: str) -> Iterator[Row]:
    bits = readings.number("storage.smart.critical_warning", disk)
    if bits is not None:
        named = [_(text) for place, text in enumerate(WARNINGS) if int(bits) & 1 << place]
        value = ", ".join(named) or (_("none") if not bits else number(bits))
        yield _("Warnings of the drive"), value, _("none"), Verdict.ACT if bits else Verdict.OK
    spare = readings.number("storage.smart.spare_percent", disk)
    wanted = readings.number("storage.smart.spare_threshold_percent", disk)
    is_low = False
    # A threshold of 0 or above 100 is one the maker never set (CrystalDiskInfo).
    if spare is not None and wanted is not None and 0 < wanted <= 100:
        is_low = spare < wanted
        is_half = spare == wanted or spare < levels.watch_spare_percent
        verdict = Verdict.ACT if is_low else Verdict.WATCH if is_half else Verdict.OK
        yield (
            _("Spare blocks left"),
            quantities.share(spare, 0),
            _("above {wanted}", wanted=quantities.share(wanted, 0)),
            verdict,
        )
    used = readings.number("storage.smart.used_percent", disk)
    if used is not None:
        worn = used >= levels.act_used_percent and (
            is_low or spare is None or (wanted is not None and spare <= wanted)
        )
        verdict = (
            Verdict.ACT
            if worn and is_low
            else Verdict.WATCH
            if used >= levels.watch_used_percent
            else Verdict.OK
        )
        yield (
            _("Rated writes used"),
            quantities.share(used, 0),
            _("watch from {watch}", watch=quantities.share(levels.watch_used_percent, 0)),
            verdict,
        )
    yield from _count_row(
        readings, "storage.smart.media_errors", disk, _("Media errors"), levels.watch_media_errors
    )


def _result(readings: Readings, disk: str, rows: list[Row]) -> Result:
    verdict = max((row[3] for row in rows), key=lambda v: v.rank)
    name = readings.text("storage.disk.model", disk) or disk or _("The drive")
    evidence = tuple(
        Evidence(label=label, value=value, limit=limit, verdict=judged)
        for label, value, limit, judged in rows
    )
    left = readings.number("storage.smart.self_test_left_percent", disk)
    if left:
        under_way = _("{share} left", share=quantities.share(left, 0))
        evidence += (Evidence(label=_("Self-test under way"), value=under_way),)
    hours = readings.number("storage.smart.power_on_hours", disk)
    if hours is not None:
        evidence += (Evidence(label=_("Time switched on"), value=_("{hours} h", hours=number(hours))),)
    bad = "; ".join(f"{label}: {value}" for label, value, _limit, judged in rows if judged is verdict)
    flagged = {label for label, _value, _limit, judged in rows if judged is Verdict.ACT}
    is_hot = readings.number("storage.smart.critical_warning", disk) == TOO_HOT and flagged <= {
        _("The drive’s own judgement"),
        _("Warnings of the drive"),
    }
    if verdict is Verdict.ACT and is_hot:
        sentence = _("{name} is too hot by its own limits: {bad}.", name=name, bad=bad)
        customer = _("The disk is too hot. It has to be cooled, or it becomes slow and ages early.")
        advice = _("Free the air inlets, clean the fan, and read the drive again when it is cool.")
        text = _("too hot")
    elif verdict is Verdict.ACT:
        sentence = _("{name} reports that it is failing: {bad}.", name=name, bad=bad)
        customer = _(
            "The disk itself reports that it is failing. Your files should be saved soon and the disk replaced."
        )
        advice = _("Save the data today, then replace the drive.")
        text = _("failing")
    elif verdict is Verdict.WATCH:
        sentence = _("{name} works, with signs of wear: {bad}.", name=name, bad=bad)
        customer = _("The disk works but shows signs of wear. A good backup is wise.")
        advice = _("Keep a backup, and look at these numbers again at the next visit.")
        text = _("signs of wear")
    else:
        sentence = _("{name} reports good health.", name=name)
        customer = _("The disk reports that it is in good health.")
        advice = ""
        text = _("good")
    ids = (
        "storage.smart.passed",
        "storage.disk.status",
        "storage.smart.critical_warning",
        "storage.smart.reallocated",
        "storage.smart.pending",
        "storage.smart.media_errors",
    )
    return Result(
        verdict,
        disk,
        text,
        value_text=text,
        limit_text=_("the drive’s own failure flag"),
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        evidence=evidence,
        reading_ids=tuple(id for id in ids if readings.get(id, disk)),
    )


CHECK = Check(
    id="disk_health",
    title=N_("Disk health"),
    area=Area.STORAGE,
    why=N_("A drive often reports for weeks that it is failing before it stops."),
    probes=(storage.HEALTH,),
    also=(storage.DISKS,),
    levels=Levels(),
    needs=("storage.smart.passed",),
    version=2,
    evaluate=evaluate,
    growth=(
        Growth(reading="storage.smart.reallocated", at_least=10, label=N_("Blocks replaced by spare ones")),
        Growth(reading="storage.smart.pending", at_least=10, label=N_("Blocks waiting to be replaced")),
        Growth(reading="storage.smart.uncorrectable", at_least=10, label=N_("Blocks that could not be read")),
        Growth(reading="storage.smart.reported_uncorrectable", label=N_("Read errors reported")),
        Growth(reading="storage.smart.media_errors", label=N_("Media errors")),
        Growth(
            reading="storage.smart.command_timeouts",
            label=N_("Commands that took too long"),
            ok_too=True,
            highest=Verdict.WATCH,
        ),
        # Ours: ten new ones since a visit are more than a plug that was moved.
        Growth(
            reading="storage.smart.crc_errors",
            at_least=10,
            by=10,
            label=N_("Transfer errors, often the cable"),
            ok_too=True,
            highest=Verdict.WATCH,
        ),
        # Ours: within a year the disk wants a place in the next budget.
        Growth(
            reading="storage.smart.used_percent",
            label=N_("Rated writes used"),
            end=100.0,
            months=12.0,
            ok_too=True,
            highest=Verdict.WATCH,
        ),
    ),
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A failing drive tries again and again, and everything waits for it."),
            why_not=N_("The drive reports good health."),
        ),
        Complaint.CRASHES: Explanation(
            why=N_("A failing drive makes programs and the system stop."),
            why_not=N_("The drive reports good health."),
        ),
    },
)
