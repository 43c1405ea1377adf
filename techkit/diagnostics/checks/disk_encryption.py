"""Whether the disks of a portable computer are encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import computer, power, security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """No numbers: off on a portable computer is watch (source: ours)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per volume; on a computer that stays where it is, off is no fault."""
    portable = (
        readings.text("system.kind") in ("notebook", "tablet")
        or (readings.number("power.battery_count") or 0) > 0
    )
    for reading in readings.all("security.disk_encrypted"):
        encrypted = reading.value
        if not isinstance(encrypted, bool):
            continue
        worry = portable and not encrypted
        if encrypted:
            sentence = _("{volume} is encrypted.", volume=reading.subject)
            customer = _("If the computer gets lost, nobody can read your files.")
        elif portable:
            sentence = _("{volume} is not encrypted.", volume=reading.subject)
            customer = _("If the computer gets lost, its files can be read.")
        else:
            sentence = _(
                "{volume} is not encrypted, and this computer stays in its place.", volume=reading.subject
            )
            customer = _("The disk is not encrypted, which is usual for a computer that stays in its place.")
        yield Result(
            Verdict.WATCH if worry else Verdict.OK,
            reading.subject,
            encrypted,
            value_text=_("encrypted") if encrypted else _("not encrypted"),
            limit_text=_("watch on a portable computer"),
            sentence=sentence,
            customer_sentence=customer,
            advice=_(
                "Make a backup, then switch the encryption on and keep its recovery key in a safe place."
            )
            if worry
            else "",
            reading_ids=("security.disk_encrypted",),
        )


CHECK = Check(
    id="disk_encryption",
    title=N_("Disk encryption"),
    area=Area.SECURITY,
    why=N_("A portable computer that gets lost takes all its files with it."),
    probes=(security.PROTECTION,),
    also=(computer.MACHINE, power.BATTERIES),
    levels=Levels(),
    needs=("security.disk_encrypted",),
    evaluate=evaluate,
)
