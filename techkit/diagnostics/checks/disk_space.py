"""Free space on each fixed volume."""

from __future__ import annotations

import re
from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import storage
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Both the share and the amount must be low: 15 % of a large disk is plenty."""

    watch_percent: float = level(20.0, unit="percent", source="Checkmk df: 80 % used")
    watch_bytes: float = level(25e9, unit="bytes", source="ours: one upgrade of Windows needs 20 GB")
    act_percent: float = level(10.0, unit="percent", source="Checkmk df: 90 % used; netdata disk_space")
    act_bytes: float = level(10e9, unit="bytes", source="ours")
    act_system_bytes: float = level(5e9, unit="bytes", source="ours: updates stop")
    tolerance_bytes: float = level(0.5e9, unit="bytes", source="ours: logs and caches move by this much")


#: Small volumes that the firmware or the maker filled once and for all.
FIRMWARE = ("/boot/efi", "/efi", "/boot/firmware")

#: Volumes the maker or the set-up filled to set the computer back, by their labels, and the largest there are.
#: Source: labels Windows and its makers give them ("Recovery", "Wiederherstellung", "HP_RECOVERY", "PQSERVICE").
SET_BACK = re.compile(
    r"recovery|wiederherst|récup|recupera|ripristino|pqservice|factory.?image|winre|hp_tools|push.?button.?reset",
    re.IGNORECASE,
)
SET_BACK_BYTES = 64 * 10**9

#: On Windows so small a volume is the system's own ("System Reserved"), whatever its label. Ours.
OWN_BYTES = 1.2 * 10**9


def _is_nobodys(readings: Readings, volume: str, total: float) -> bool:
    """Return whether a volume was filled by design, so that room on it means nothing."""
    label = readings.text("storage.volume.label", volume) or ""
    return (
        readings.flag("storage.volume.is_removable", volume) is True
        or readings.flag("storage.volume.is_read_only", volume) is True
        or volume in FIRMWARE
        or (bool(SET_BACK.search(label)) and total < SET_BACK_BYTES)
        or (total < OWN_BYTES and readings.text("os.family") == "windows")
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per fixed volume that can be written."""
    for volume in readings.subjects("storage.volume.free_bytes"):
        free = readings.number("storage.volume.free_bytes", volume)
        total = readings.number("storage.volume.total_bytes", volume)
        used = readings.number("storage.volume.used_bytes", volume)
        if total and free is not None and used is not None and 0 <= used + free < total:
            total = used + free  # as df reckons its share: what is set aside for the system is nobody's room
        if free is None or not total or not 0 <= free <= total or _is_nobodys(readings, volume, total):
            continue
        yield _result(readings, levels, volume, free, total)


def _result(readings: Readings, levels: Levels, volume: str, free: float, total: float) -> Result:
    percent = 100 * free / total
    is_system = readings.flag("storage.volume.is_system", volume)
    if is_system is None:
        is_system = volume in ("/", "C:")
    # A system volume smaller than three times the floor is an appliance; the share alone counts.
    floor = levels.act_system_bytes if is_system and total > 3 * levels.act_system_bytes else 0
    if (percent < levels.act_percent and free < levels.act_bytes) or free < floor:
        verdict = Verdict.ACT
        customer = _("The disk is almost full. That makes a computer slow and stops its updates.")
        advice = _("Make room: move large files to another disk or remove what is no longer needed.")
    elif percent < levels.watch_percent and free < levels.watch_bytes:
        verdict = Verdict.WATCH
        customer = _("The disk is filling up. There is still room for now.")
        advice = _("Make room in the next weeks, before it gets tight.")
    else:
        verdict = Verdict.OK
        customer = _("There is plenty of room on the disk.")
        advice = ""
    amount, share = quantities.size(free), quantities.share(percent)
    limit = _(
        "watch below {watch}, act below {act}",
        watch=quantities.share(levels.watch_percent, 0),
        act=quantities.share(levels.act_percent, 0),
    )
    return Result(
        verdict,
        volume,
        free,
        "bytes",
        value_text=_("{amount} free ({share})", amount=amount, share=share),
        limit_text=limit,
        sentence=_(
            "{amount} of {total} free on {volume} ({share}).",
            amount=amount,
            total=quantities.size(total),
            volume=volume,
            share=share,
        ),
        customer_sentence=customer,
        advice=advice,
        evidence=(
            Evidence(label=_("Free space"), value=amount, limit=limit, verdict=verdict),
            Evidence(label=_("Size"), value=quantities.size(total)),
            Evidence(
                label=_("File system"), value=readings.text("storage.volume.file_system", volume) or "–"
            ),
        ),
        reading_ids=("storage.volume.free_bytes", "storage.volume.total_bytes"),
        higher_is_better=True,
        tolerance=levels.tolerance_bytes,
        scale_max=total,
        limit=min(levels.watch_percent / 100 * total, levels.watch_bytes),
    )


CHECK = Check(
    id="disk_space",
    title=N_("Free disk space"),
    area=Area.STORAGE,
    why=N_("A full disk makes a computer slow, stops updates and can cost data."),
    probes=(storage.VOLUMES,),
    levels=Levels(),
    needs=("storage.volume.free_bytes",),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A disk with little room slows everything down."),
            why_not=N_("There is enough room on the disk."),
        ),
        Complaint.CRASHES: Explanation(why=N_("Programs stop when they can no longer write."), watch=None),
    },
)
