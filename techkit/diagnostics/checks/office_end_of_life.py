"""Until when each office suite gets security updates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from techkit import i18n
from techkit.diagnostics import endoflife, quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import software
from techkit.records.findings import Area, Complaint, Evidence, Explains, Reason, Verdict


@level_set
class Levels:
    """Days until the end of support."""

    watch_days: int = level(180, unit="days", source="as for the operating system; dates from endoflife.date")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per office suite that is installed."""
    reading = readings.get("software.office")
    rows = reading.value if reading and isinstance(reading.value, list) else []
    for row in rows:
        if isinstance(row, dict):
            yield _result(readings, levels, {key: str(value) for key, value in row.items()})


def _result(readings: Readings, levels: Levels, row: dict[str, str]) -> Result:
    name = row.get("name", "")
    if row.get("cycle") == "365":
        return _good(name, _("{name} is kept current by its subscription.", name=name), _("kept current"))
    # A distribution looks after its own packages for as long as the distribution itself lives.
    if (
        "-" in row.get("version", "")
        and readings.text("os.family") in (None, "linux")
        and "/var/lib/dpkg" in readings.source("software.office")
    ):
        return _good(
            name,
            _(
                "{name} {version} is kept current by the operating system.",
                name=name,
                version=row.get("version", ""),
            ),
            _("kept current"),
        )
    life = endoflife.life(row.get("product", ""), row.get("cycle", ""))
    if life is None or life.ends_on is None:
        why = _(
            "The data shipped with techkit do not know {name} {version}.",
            name=name,
            version=row.get("version", ""),
        )
        return Result(
            Verdict.UNKNOWN,
            name,
            reason=Reason.NOT_PRESENT,
            reason_text=why,
            reading_ids=("software.office",),
        )
    return _supported_until(life.ends_on, readings, levels, row)


def _supported_until(ends_on: date, readings: Readings, levels: Levels, row: dict[str, str]) -> Result:
    name = row.get("name", "")
    left = (ends_on - readings.at.date()).days
    verdict = Verdict.ACT if left < 0 else Verdict.WATCH if left < levels.watch_days else Verdict.OK
    when = i18n.day(ends_on)
    sentence = (
        _("{name} has had no security updates since {date}.", name=name, date=when)
        if left < 0
        else _("{name} is supported until {date}.", name=name, date=when)
    )
    customer = {
        Verdict.OK: _("Your office programs get security updates."),
        Verdict.WATCH: _("Your office programs get security updates only until {date}.", date=when),
        Verdict.ACT: _(
            "Your office programs no longer get security updates, so a document from a stranger can do harm."
        ),
    }[verdict]
    return Result(
        verdict,
        name,
        left,
        "days",
        value_text=i18n.day(ends_on, style="medium"),
        limit_text=_("watch below {watch}, act when past", watch=quantities.days(levels.watch_days)),
        sentence=sentence,
        customer_sentence=customer,
        advice="" if verdict is Verdict.OK else _("Plan the change to a release that is supported."),
        source=endoflife.source(),
        evidence=(
            Evidence(label=_("Version"), value=row.get("version", "")),
            Evidence(label=_("End of support"), value=when, verdict=verdict),
            Evidence(
                label=_("Age of the data"),
                value=quantities.days((readings.at.date() - endoflife.taken_on()).days),
            ),
        ),
        reading_ids=("software.office",),
        higher_is_better=True,
        tolerance=31.0,
    )


def _good(name: str, sentence: str, text: str) -> Result:
    return Result(
        Verdict.OK,
        name,
        value=text,
        value_text=text,
        sentence=sentence,
        customer_sentence=_("Your office programs get security updates."),
        reading_ids=("software.office",),
        source="software.office",
    )


CHECK = Check(
    id="office_end_of_life",
    title=N_("End of support of office programs"),
    area=Area.SOFTWARE,
    why=N_("Documents from outside are opened with them; without updates that is a risk."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.STRANGE_MAIL: Explanation(
            why=N_("A mail program without updates is an open door."),
            act=Explains.POSSIBLE,
            watch=Explains.POSSIBLE,
            ok=None,
        ),
    },
)
