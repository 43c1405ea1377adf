"""How hot each drive is."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import storage
from techkit.records.findings import Area, Reason, Verdict


@level_set
class Levels:
    """By kind of drive; a drive's own limits go before ours."""

    watch_hdd: float = level(50.0, unit="celsius", source="CrystalDiskInfo, default for hard disks")
    watch_ssd: float = level(60.0, unit="celsius", source="CrystalDiskInfo, default for SSDs")
    watch_nvme: float = level(70.0, unit="celsius", source="ours: usual warning temperature of NVMe drives")


#: Warmer than this no drive still answers: drives switch off at 85 to 110 °C; 255 is a byte nobody filled. Ours.
HIGHEST = 130.0


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per drive that reports its temperature."""
    for disk in readings.subjects("storage.smart.temperature_celsius"):
        degrees = readings.number("storage.smart.temperature_celsius", disk)
        if degrees is None or degrees <= 0:
            continue
        if degrees > HIGHEST:
            told = _(
                "The disk {disk} reports {degrees}, which cannot be; it is ignored.",
                disk=disk,
                degrees=quantities.degrees(degrees),
            )
            yield Result(Verdict.UNKNOWN, disk, reason=Reason.FAILED, reason_text=told)
            continue
        kind = readings.text("storage.disk.kind", disk)
        ours = {"hdd": levels.watch_hdd, "nvme": levels.watch_nvme}.get(kind or "", levels.watch_ssd)
        watch = readings.number("storage.smart.temperature_warning_celsius", disk) or ours
        act = readings.number("storage.smart.temperature_critical_celsius", disk)
        verdict = Verdict.ACT if act and degrees >= act else Verdict.WATCH if degrees >= watch else Verdict.OK
        good = verdict is Verdict.OK
        yield Result(
            verdict,
            disk,
            degrees,
            "celsius",
            value_text=quantities.degrees(degrees),
            limit_text=_("watch from {watch}", watch=quantities.degrees(watch)),
            sentence=_(
                "{disk} is {degrees} warm; the limit is {watch}.",
                # A text of smartctl does not say by which name the drive was asked.
                disk=disk or readings.text("storage.disk.model", disk) or _("The drive"),
                degrees=quantities.degrees(degrees),
                watch=quantities.degrees(watch),
            ),
            customer_sentence=_("The disk is not too warm.")
            if good
            else _("The disk is warmer than is good for it."),
            advice="" if good else _("Free the air inlets and clean the fan."),
            reading_ids=("storage.smart.temperature_celsius",),
            higher_is_better=False,
            tolerance=5.0,
            scale_max=100.0,
            limit=watch,
        )


CHECK = Check(
    id="disk_temperature",
    title=N_("Disk temperature"),
    area=Area.STORAGE,
    why=N_("Heat shortens the life of a drive and makes it slow down."),
    probes=(storage.HEALTH,),
    also=(storage.DISKS,),
    levels=Levels(),
    evaluate=evaluate,
)
