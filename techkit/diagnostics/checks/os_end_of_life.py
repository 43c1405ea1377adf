"""Until when the operating system gets security updates, from data shipped with techkit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from techkit import i18n
from techkit.diagnostics import endoflife, quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import operating_system
from techkit.records.findings import Area, Evidence, Reason, Verdict


@level_set
class Levels:
    """Days until the end of support."""

    watch_days: int = level(
        180, unit="days", source="ours: time to plan a new system; dates from endoflife.date"
    )
    old_data_days: int = level(365, unit="days", source="ours: older data are said to be old")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, or that the release is not in the data."""
    name = readings.text("os.name") or _("The operating system")
    product, cycle = readings.text("os.product"), readings.text("os.cycle")
    if product == "rolling":
        yield Result(
            Verdict.OK,
            value=product,
            value_text=_("rolling"),
            sentence=_("{name} has no releases: it is supported for as long as it is updated.", name=name),
            customer_sentence=_("Your system gets security updates as long as it is updated."),
            reading_ids=("os.product",),
        )
        return
    life = endoflife.life(product, cycle) if product and cycle else None
    if life is None:
        if readings.text("os.name"):
            yield Result(
                Verdict.UNKNOWN,
                reason=Reason.NOT_PRESENT,
                reason_text=_(
                    "The data shipped with techkit, of {day}, do not know {name}.",
                    day=i18n.day(endoflife.taken_on(), style="medium"),
                    name=name,
                ),
                reading_ids=("os.name",),
            )
        return
    yield _judged(readings, levels, name, life)


def _judged(readings: Readings, levels: Levels, name: str, life: endoflife.Life) -> Result:
    today = readings.at.date()
    verdict, ends, phase = phase_of(
        life, today, levels.watch_days, readings.flag("os.extended_support") is True
    )
    left = (ends - today).days if ends else None
    age = (today - endoflife.taken_on()).days
    sentence, customer = (
        _sentences_without_end(verdict, name) if ends is None else _sentences(verdict, name, ends, phase)
    )
    evidence = [
        Evidence(
            label=_("End of support"),
            value=i18n.day(life.ends_on) if life.ends_on else _("not announced"),
            verdict=verdict,
        ),
        Evidence(
            label=_("Age of the data"),
            value=quantities.days(age),
            limit=_("data of {source}", source=endoflife.source()),
            verdict=Verdict.WATCH if age > levels.old_data_days else Verdict.OK,
        ),
    ]
    if life.extended_until:
        needs = _("by itself") if life.extended == "automatic" else _("only with an enrolment")
        evidence.insert(
            1, Evidence(label=_("Extended support"), value=i18n.day(life.extended_until), limit=needs)
        )
    return Result(
        verdict,
        value=left if left is not None else life.title,
        unit="days" if left is not None else "",
        value_text=i18n.day(ends, style="medium") if ends else _("no end announced"),
        limit_text=_("watch below {watch}, act when past", watch=quantities.days(levels.watch_days)),
        sentence=sentence,
        customer_sentence=customer,
        advice=_advice(readings, verdict),
        source=endoflife.source(),
        evidence=tuple(evidence),
        reading_ids=("os.name", "os.cycle"),
        higher_is_better=True,
        tolerance=31.0,
    )


def _advice(readings: Readings, verdict: Verdict) -> str:
    if verdict is Verdict.OK:
        return ""
    newest = endoflife.newest(readings.text("os.product") or "")
    return _("Plan the change to a supported release; {newest} is the newest known.", newest=newest)


def phase_of(
    life: endoflife.Life, today: date, watch_days: int, enrolled: bool
) -> tuple[Verdict, date | None, str]:
    """Return (verdict, the end that counts, phase); phase: "support", "extended", "over" or ""."""
    if life.ends_on is None:
        if life.is_over:
            return Verdict.ACT, None, "over"
        # Apple's oldest supported release falls out each autumn, without a date.
        autumn = date(endoflife.taken_on().year, endoflife.MACOS_NEW_RELEASE_MONTH, 30)
        aged = life.place >= 2 and endoflife.taken_on() < autumn < today
        return (Verdict.WATCH if aged else Verdict.OK), None, ""
    if today <= life.ends_on:
        soon = (life.ends_on - today).days < watch_days
        covered = life.extended == "automatic" and life.extended_until is not None
        return (Verdict.WATCH if soon and not covered else Verdict.OK), life.ends_on, "support"
    free = life.extended == "automatic" or enrolled
    if life.extended_until and today <= life.extended_until and free:
        return Verdict.WATCH, life.extended_until, "extended"
    return Verdict.ACT, life.ends_on, "over"


def _sentences(verdict: Verdict, name: str, ends: date, phase: str) -> tuple[str, str]:
    when = i18n.day(ends)
    if phase == "over":
        return (
            _("{name} has had no security updates since {date}.", name=name, date=when),
            _("Your system no longer gets security updates, so it is less and less safe on the internet."),
        )
    if phase == "extended":
        return (
            _("{name} is in its extended support, which ends on {date}.", name=name, date=when),
            _(
                "Your system is old, but still gets the most important security updates until {date}.",
                date=when,
            ),
        )
    if verdict is Verdict.WATCH:
        return (
            _("Support of {name} ends on {date}.", name=name, date=when),
            _("Your system gets security updates only until {date}.", date=when),
        )
    return (
        _("{name} is supported until {date}.", name=name, date=when),
        _("Your system gets security updates until {date}.", date=when),
    )


CHECK = Check(
    id="os_end_of_life",
    title=N_("End of support of the system"),
    area=Area.OPERATING_SYSTEM,
    why=N_("A system without security updates is open to everything found since."),
    probes=(operating_system.SYSTEM,),
    levels=Levels(),
    evaluate=evaluate,
)


def _sentences_without_end(verdict: Verdict, name: str) -> tuple[str, str]:
    """Return what is said of a release whose end nobody announced: to the technician, to the customer."""
    day = i18n.day(endoflife.taken_on())
    if verdict is Verdict.ACT:
        return _("{name} is no longer supported.", name=name), _(
            "Your system no longer gets security updates."
        )
    if verdict is Verdict.WATCH:
        sentence = _(
            "{name} was supported on {date}, but a newer release has probably replaced it since.",
            name=name,
            date=day,
        )
        return sentence, _("Your system may no longer get security updates.")
    sentence = _("{name}: no end of support is announced (data of {date}).", name=name, date=day)
    is_good = verdict is Verdict.OK
    return sentence, (
        _("Your system gets security updates.")
        if is_good
        else _("Your system may no longer get security updates.")
    )
