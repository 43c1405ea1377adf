"""Whether the kernel spreads programs in memory, so that known attacks miss."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """The kernel's setting randomize_va_space."""

    full: int = level(2, source="Linux kernel, Documentation/admin-guide/sysctl/kernel.rst; CIS benchmark")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result on systems that have the setting."""
    value = readings.number("security.address_randomisation")
    if value is None:
        return
    good = value >= levels.full
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=int(value),
        value_text=_("on") if good else _("not fully on"),
        limit_text=_("full: {full}", full=levels.full),
        sentence=_("Address randomisation is fully on.")
        if good
        else _("Address randomisation is at {value} of {full}.", value=int(value), full=levels.full),
        customer_sentence=_("The system’s own protection against attacks is on.")
        if good
        else _("A protection of the system against attacks is switched off."),
        advice="" if good else _("Set kernel.randomize_va_space to {full}.", full=levels.full),
        reading_ids=("security.address_randomisation",),
    )


CHECK = Check(
    id="kernel_guards",
    title=N_("Protection of memory"),
    area=Area.SECURITY,
    why=N_("Attacks that know where a program lies in memory work far more often."),
    probes=(security.PROTECTION,),
    levels=Levels(),
    evaluate=evaluate,
)
