"""Whether the computer signs somebody in without asking."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import computer, security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """No numbers: on a portable computer it is watch, elsewhere a matter of taste (source: ours)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result where somebody can sign in at a screen."""
    active = readings.flag("security.automatic_sign_in")
    if active is None:
        return
    portable = readings.text("system.kind") in ("notebook", "tablet")
    worry = active and portable
    if active:
        sentence = _("The computer signs in by itself.")
        customer = _("Whoever switches the computer on can use it right away.")
    else:
        sentence = _("The computer asks who signs in.")
        customer = _("The computer asks who you are before it lets anybody in.")
    yield Result(
        Verdict.WATCH if worry else Verdict.OK,
        value=active,
        value_text=_("on") if active else _("off"),
        sentence=sentence,
        customer_sentence=customer,
        advice=_("Switch the automatic sign-in off: a portable computer gets lost.") if worry else "",
        reading_ids=("security.automatic_sign_in",),
    )


CHECK = Check(
    id="automatic_sign_in",
    title=N_("Automatic sign-in"),
    area=Area.SECURITY,
    why=N_("A computer that asks nobody is open to whoever has it in hand."),
    probes=(security.ACCOUNTS,),
    also=(computer.MACHINE,),
    levels=Levels(),
    evaluate=evaluate,
)
