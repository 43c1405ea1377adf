"""When updates were last looked for."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import software
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """Days since the update service last looked."""

    watch_days: float = level(14.0, unit="days", source="ours: as for waiting security updates")
    act_days: float = level(45.0, unit="days", source="ours: the update service is broken or switched off")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system keeps the time."""
    age = readings.number("software.updates.list_age_days")
    if age is None:
        return
    verdict = (
        Verdict.ACT if age > levels.act_days else Verdict.WATCH if age > levels.watch_days else Verdict.OK
    )
    good = verdict is Verdict.OK
    by_itself = readings.flag("software.updates.automatic")
    evidence = [Evidence(label=_("Last looked for"), value=quantities.ago(age), verdict=verdict)]
    installed = readings.number("software.updates.installed_age_days")
    if installed is not None:
        evidence.append(Evidence(label=_("Last change of a program"), value=quantities.ago(installed)))
    if by_itself is not None:
        evidence.append(
            Evidence(label=_("Installed by themselves"), value=_("yes") if by_itself else _("no"))
        )
    yield Result(
        verdict,
        value=round(age, 1),
        unit="days",
        value_text=quantities.ago(age),
        limit_text=_(
            "watch above {watch}, act above {act}",
            watch=quantities.days(levels.watch_days),
            act=quantities.days(levels.act_days),
        ),
        sentence=_("Updates were last looked for {when}.", when=quantities.ago(age)),
        customer_sentence=_("The computer looks for updates regularly.")
        if good
        else _("The computer has not looked for updates for a while."),
        advice="" if good else _("Let it look for updates now, and see why it does not do so by itself."),
        evidence=tuple(evidence),
        reading_ids=("software.updates.list_age_days",),
        higher_is_better=False,
        tolerance=1.0,
    )


CHECK = Check(
    id="update_service",
    title=N_("Looking for updates"),
    area=Area.SOFTWARE,
    why=N_("A computer that does not look for updates misses every one of them."),
    probes=(software.UPDATE_SERVICE,),
    levels=Levels(),
    evaluate=evaluate,
)
