"""Whether a virus scanner watches, and how old its data are."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import operating_system, security
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Age of the scanner's data."""

    watch_days: float = level(7.0, unit="days", source="ours: scanners update daily")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result; where the system brings none and needs none, nothing."""
    reading = readings.get("security.antivirus")
    listed = reading.value if reading is not None and isinstance(reading.value, list) else None
    if listed is None and not readings.flag("security.antivirus.active"):
        return
    rows = [row for row in listed or () if isinstance(row, dict)]
    active = [str(row.get("name", "")) for row in rows if row.get("is_active") is True]
    # Windows Server has no Security Center, but its own scanner answers for itself.
    if not active and not rows and readings.flag("security.antivirus.active"):
        active = ["Microsoft Defender"]
    if not active and not rows and readings.text("os.family") != "windows":
        return
    age = readings.number("security.antivirus.age_days")
    old = any(row.get("is_current") is False for row in rows if row.get("is_active") is True) or (
        age is not None and age > levels.watch_days
    )
    if not active:
        verdict = Verdict.ACT
        text = _("off") if rows else _("none")
        sentence = (
            _("A virus scanner is there but switched off.") if rows else _("No virus scanner is there.")
        )
        customer = _("Nothing watches for viruses on this computer at the moment.")
        advice = _("Switch the virus scanner on.")
    elif old:
        verdict, text = Verdict.WATCH, _("out of date")
        sentence = _("{names} watches, but its data are out of date.", names=quantities.listed(active))
        customer = _("The virus scanner works with old data and may miss new viruses.")
        advice = _("Let the scanner update itself, and see why it did not.")
    else:
        verdict, text, advice = Verdict.OK, _("on"), ""
        sentence = _("{names} watches.", names=quantities.listed(active))
        customer = _("A virus scanner watches and is up to date.")
    evidence = [
        Evidence(label=str(row.get("name", "")), value=_("on") if row.get("is_active") is True else _("off"))
        for row in rows
    ]
    if age is not None:
        evidence.append(
            Evidence(
                label=_("Age of its data"),
                value=quantities.days(age),
                limit=_("watch above {watch}", watch=quantities.days(levels.watch_days)),
            )
        )
    yield Result(
        verdict,
        value=text,
        value_text=text,
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        evidence=tuple(evidence),
        reading_ids=("security.antivirus",),
    )


CHECK = Check(
    id="antivirus",
    title=N_("Virus scanner"),
    area=Area.SECURITY,
    why=N_("A scanner that is off or old lets known viruses in."),
    probes=(security.ANTIVIRUS,),
    also=(operating_system.SYSTEM,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.POP_UPS: Explanation(
            why=N_("Without a scanner unwanted programs get in."), why_not=N_("A virus scanner watches.")
        ),
        Complaint.STRANGE_MAIL: Explanation(
            why=N_("Without a scanner a virus can send mail."), why_not=N_("A virus scanner watches.")
        ),
    },
)
