"""When the last backup was made."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import backup
from techkit.records.findings import Area, Evidence, Reason, Verdict


@level_set
class Levels:
    """Days since the last backup."""

    watch_days: float = level(7.0, unit="days", source="ours: what a person can do again in a day")
    act_days: float = level(30.0, unit="days", source="ours; never counts as act, too")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result for the newest backup of all programs."""
    tools = readings.subjects("backup.age_days")
    ages = [(age, tool) for tool in tools if (age := readings.number("backup.age_days", tool)) is not None]
    if ages:
        age, tool = min(ages)
        verdict = (
            Verdict.ACT if age > levels.act_days else Verdict.WATCH if age > levels.watch_days else Verdict.OK
        )
        text = quantities.ago(age)
        yield Result(
            verdict,
            value=round(age, 1),
            unit="days",
            value_text=text,
            limit_text=_limit(levels),
            sentence=_("The last backup ({tool}) was made {when}.", tool=tool, when=text)
            if tool
            else _("The last backup was made {when}.", when=text),
            customer_sentence=_("Your files are backed up.")
            if verdict is Verdict.OK
            else _("The last backup of your files was made {when}.", when=text),
            advice=""
            if verdict is Verdict.OK
            else _("Make a backup now, and see why it did not run by itself."),
            evidence=tuple(
                Evidence(label=name or _("Backup"), value=quantities.days(days))
                for days, name in sorted(ages)
            ),
            reading_ids=("backup.age_days",),
            source=readings.source("backup.age_days", tool),
            higher_is_better=False,
            tolerance=0.5,
        )
    elif readings.flag("backup.never"):
        yield Result(
            Verdict.ACT,
            value=_("never"),
            value_text=_("never"),
            limit_text=_limit(levels),
            sentence=_("No backup was ever made."),
            customer_sentence=_(
                "There is no backup yet. If the disk fails, your photos and letters would be gone."
            ),
            advice=_("Set up a backup to an external disk or to a service you trust."),
            reading_ids=("backup.never",),
        )
    elif readings.get("backup.tools"):
        yield Result(
            Verdict.UNKNOWN,
            reason=Reason.NOT_PRESENT,
            reason_text=_("A backup program is there, but it does not say when it last ran."),
            reading_ids=("backup.tools",),
        )


def _limit(levels: Levels) -> str:
    return _(
        "watch above {watch}, act above {act}",
        watch=quantities.days(levels.watch_days),
        act=quantities.days(levels.act_days),
    )


CHECK = Check(
    id="last_backup",
    title=N_("Last backup"),
    area=Area.BACKUP,
    why=N_("Every disk fails one day; a backup is what remains."),
    probes=(backup.LAST,),
    levels=Levels(),
    evaluate=evaluate,
)
