"""How many accounts may do everything."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """Accounts with all rights, the built-in one included."""

    watch_count: int = level(3, unit="count", source="ours: the built-in one, the owner and one who helps")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result; the names stay in the evidence and are redacted by audience."""
    reading = readings.get("security.administrators")
    if reading is None or not isinstance(reading.value, list):
        return
    names = [str(name) for name in reading.value]
    good = len(names) <= levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(names),
        unit="count",
        value_text=number(len(names)),
        limit_text=_("watch above {watch}", watch=number(levels.watch_count)),
        sentence=ngettext(
            "{n} account may do everything: {names}.",
            "{n} accounts may do everything: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("Only few accounts may change everything.")
        if good
        else _("Many accounts may change everything on this computer."),
        advice=""
        if good
        else _("Go through the accounts together and take the right from those who do not need it."),
        reading_ids=("security.administrators",),
        higher_is_better=False,
    )


CHECK = Check(
    id="administrators",
    title=N_("Accounts with all rights"),
    area=Area.SECURITY,
    why=N_("What an account with all rights opens, opens with all rights."),
    probes=(security.ACCOUNTS,),
    levels=Levels(),
    evaluate=evaluate,
)
