"""Whether each browser is recent enough to be safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from techkit import i18n
from techkit.diagnostics import endoflife, quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import software
from techkit.records.findings import Area, Complaint, Evidence, Reason, Verdict


@level_set
class Levels:
    """Days a release has been without updates."""

    watch_days: int = level(
        0, unit="days", source="endoflife.date: a browser's release ends with the next one"
    )
    act_days: int = level(90, unit="days", source="ours: three releases behind, with known holes")


#: Browsers nobody updates any more, whatever their version. Source: Microsoft lifecycle, June 2022.
ENDED = ("internet-explorer",)

#: Out of date for longer than the data reach back, in days.
_FOR_LONG = 10_000


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per browser that is installed."""
    reading = readings.get("software.browsers")
    rows = reading.value if reading and isinstance(reading.value, list) else []
    for row in rows:
        if isinstance(row, dict):
            yield _result(readings, levels, {key: str(value) for key, value in row.items()})


def _out_of_date(name: str, version: str, newest: str) -> str:
    if not newest:  # a browser nobody makes any more
        return _("{name} {version} is out of date and gets no more updates.", name=name, version=version)
    return _(
        "{name} {version} is out of date; the newest known release is {newest}.",
        name=name,
        version=version,
        newest=newest,
    )


def _result(readings: Readings, levels: Levels, row: dict[str, str]) -> Result:
    name, product, cycle = (row.get(key, "") for key in ("name", "product", "cycle"))
    today = readings.at.date()
    newest = endoflife.newest(product)
    version = row.get("version", "")
    # Windows lists "Mozilla Firefox 57.0.2 (fr)": the number is said once.
    called = " ".join(name.replace(version, " ").split()) if version else name
    is_newest = cycle.isdecimal() and newest.isdecimal() and int(cycle[:9]) >= int(newest)
    behind = _days_behind(product, cycle, today)
    if behind is None:
        why = _("The data shipped with techkit do not know {name} {version}.", name=called, version=version)
        return Result(
            Verdict.UNKNOWN,
            name,
            reason=Reason.NOT_PRESENT,
            reason_text=why,
            reading_ids=("software.browsers",),
        )
    verdict = (
        Verdict.ACT
        if behind > levels.act_days
        else Verdict.WATCH
        if behind > levels.watch_days
        else Verdict.OK
    )
    # The newest release the data know may have been replaced since; that alone is no alarm.
    if is_newest and verdict is Verdict.ACT:
        verdict = Verdict.WATCH
    good = verdict is Verdict.OK
    return Result(
        verdict,
        name,
        value=cycle,
        value_text=version,
        limit_text=_("newest known: {newest}", newest=newest) if newest else "",
        sentence=_("{name} {version} is recent.", name=called, version=version)
        if good
        else _out_of_date(called, version, newest),
        customer_sentence=_("Your browser is up to date.")
        if good
        else _("Your browser is out of date and should be updated before it is used for banking or mail."),
        advice="" if good else _("Update the browser, or remove it if it is not used."),
        source=endoflife.source(),
        evidence=(
            Evidence(label=_("Version"), value=version, verdict=verdict),
            Evidence(
                label=_("Data from"),
                value=i18n.day(endoflife.taken_on()),
                limit=quantities.days((today - endoflife.taken_on()).days),
            ),
        ),
        reading_ids=("software.browsers",),
    )


CHECK = Check(
    id="browser_end_of_life",
    title=N_("Browsers up to date"),
    area=Area.SOFTWARE,
    why=N_("A browser meets the whole internet; an old one has known holes."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={Complaint.POP_UPS: Explanation(why=N_("An old browser lets more pop-ups through."))},
)


def _days_behind(product: str, cycle: str, today: date) -> int | None:
    """Return for how many days a release has been out of date; None for one the data do not know."""
    if product in ENDED:
        return _FOR_LONG
    life, newest = endoflife.life(product, cycle), endoflife.newest(product)
    is_numbered = cycle.isdecimal() and newest.isdecimal()
    if is_numbered and int(cycle[:9]) >= int(newest):
        return 0 if life is None or life.ends_on is None else max(0, (today - life.ends_on).days)
    if life is not None:
        over = life.ends_on or endoflife.taken_on()
        return max(0, (today - over).days) if life.ends_on or life.is_over else 0
    return _FOR_LONG if is_numbered else None  # older than the oldest release in the data
