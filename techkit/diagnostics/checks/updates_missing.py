"""Updates that wait to be installed."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import software
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """Days since anything was installed, while security updates wait; and how many wait."""

    watch_days: float = level(
        14.0, unit="days", source="ours: a security update waits for more than two weeks"
    )
    act_days: float = level(45.0, unit="days", source="ours")
    watch_count: int = level(
        40,
        unit="count",
        source="ours: so many packages do not gather in two weeks, whatever was installed since",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result: how many wait, judged by how long nothing has been installed."""
    pending = readings.number("software.updates.pending")
    if pending is None:
        return
    known = readings.number("software.updates.security")
    # Where the system does not say which updates are for security, any of them may be.
    security = pending if known is None else known
    age = readings.number("software.updates.installed_age_days")
    waited = age if age is not None else 0.0
    verdict = Verdict.OK
    if security and waited > levels.act_days:
        verdict = Verdict.ACT
    elif security and (waited > levels.watch_days or age is None or (known or 0) >= levels.watch_count):
        verdict = Verdict.WATCH
    customer = {
        Verdict.OK: _("The computer is up to date.")
        if not security
        else _("A few updates wait, as is usual."),
        Verdict.WATCH: _("Important updates have been waiting for some time."),
        Verdict.ACT: _("Important updates have been missing for a long time."),
    }[verdict]
    yield Result(
        verdict,
        value=int(security),
        unit="count",
        value_text=_value(pending, known),
        limit_text=_(
            "watch after {watch} or from {count} for security, act after {act}",
            watch=quantities.days(levels.watch_days),
            count=number(levels.watch_count),
            act=quantities.days(levels.act_days),
        ),
        sentence=_sentence(int(pending), known),
        customer_sentence=customer,
        advice="" if verdict is Verdict.OK else _("Install the updates and restart."),
        evidence=(
            Evidence(label=_("For security"), value="–" if known is None else number(known), verdict=verdict),
            Evidence(label=_("In all"), value=number(pending)),
            *(
                [Evidence(label=_("Last change of a program"), value=quantities.ago(age))]
                if age is not None
                else []
            ),
        ),
        reading_ids=("software.updates.security", "software.updates.pending"),
        higher_is_better=False,
    )


def _value(pending: float, security: float | None) -> str:
    if not pending or security is None:
        return number(pending) if pending else _("none")
    return _("{security} for security, {pending} in all", security=number(security), pending=number(pending))


def _sentence(pending: int, security: float | None) -> str:
    if not pending:
        return _("No update waits.")
    if security is None:
        return ngettext("{n} update waits.", "{n} updates wait.", pending)
    return ngettext(
        "{n} update waits, {security} of them for security.",
        "{n} updates wait, {security} of them for security.",
        pending,
        security=number(security),
    )


CHECK = Check(
    id="updates_missing",
    title=N_("Updates that wait"),
    area=Area.SOFTWARE,
    why=N_("Most break-ins use holes for which the update was already there."),
    probes=(software.UPDATES,),
    also=(software.UPDATE_SERVICE,),
    levels=Levels(),
    version=2,
    evaluate=evaluate,
    explains={
        Complaint.STRANGE_MAIL: Explanation(
            why=N_("A hole without its update may have let somebody in."),
            act=Explains.POSSIBLE,
            watch=Explains.POSSIBLE,
            ok=None,
        ),
    },
)
