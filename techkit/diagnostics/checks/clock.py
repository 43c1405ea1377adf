"""Whether the clock is right and kept right."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import clock
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """How far the clock may be off."""

    watch_s: float = level(1.0, unit="seconds", source="ours")
    act_s: float = level(300.0, unit="seconds", source="RFC 4120 (Kerberos) 7.2.4: clock skew of 5 minutes")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result: synchronised or not, and how far off where that is known."""
    synchronised = readings.flag("os.clock_synchronised")
    offset = readings.number("os.clock_offset_s")
    if synchronised is None and offset is None:
        return
    off = abs(offset) if offset is not None else None
    if off is not None and off > levels.act_s:
        verdict = Verdict.ACT
        sentence = _("The clock is {seconds} off.", seconds=i18n.quantity(off, "s"))
        customer = _("The clock is wrong. Secure websites and mail refuse a computer with a wrong clock.")
        advice = _(
            "Set the clock, and switch on that it is kept by the network; an old battery on the board is often the cause."
        )
    elif off is not None and off > levels.watch_s:
        verdict = Verdict.WATCH
        sentence = _("The clock is {seconds} off.", seconds=i18n.quantity(off, "s", 1))
        customer = _("The clock is a little off.")
        advice = _("Switch on that the clock is kept by the network.")
    elif synchronised is False:
        verdict = Verdict.WATCH
        sentence = _("The clock is not kept by a time service.")
        customer = _("The clock is not kept right by itself and will drift.")
        advice = _("Switch on that the clock is kept by the network.")
    else:
        verdict, advice = Verdict.OK, ""
        sentence = _("The clock is kept by a time service.")
        customer = _("The clock is right and is kept right by itself.")
    yield Result(
        verdict,
        value=round(off, 3) if off is not None else synchronised,
        unit="seconds" if off is not None else "",
        value_text=_("kept right")
        if verdict is Verdict.OK
        else _("not kept right")
        if off is None or not synchronised
        else i18n.quantity(off, "s", 1),
        limit_text=_(
            "watch above {watch} s, act above {act} s",
            watch=i18n.number(levels.watch_s),
            act=i18n.number(levels.act_s),
        ),
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        reading_ids=("os.clock_synchronised", "os.clock_offset_s"),
        higher_is_better=False if off is not None else None,
        tolerance=1.0,
    )


CHECK = Check(
    id="clock",
    title=N_("Clock"),
    area=Area.OPERATING_SYSTEM,
    why=N_("Secure websites, mail and sign-ins fail when the clock is wrong."),
    probes=(clock.CLOCK,),
    needs=("os.clock_synchronised",),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("With a wrong clock secure websites do not open."),
            why_not=N_("The clock is right."),
            watch=None,
        ),
        Complaint.STRANGE_MAIL: Explanation(
            why=N_("With a wrong clock mail carries a wrong date."), why_not="", watch=None, ok=None
        ),
    },
)
