"""Whether each graphics adapter has a driver of its own, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import devices
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Age of the driver."""

    watch_days: int = level(4 * 365, unit="days", source="ours: makers support a driver for about four years")


#: The stand-ins a system uses when it has no driver for the adapter.
STAND_INS = ("basic display", "standard vga", "basic render", "llvmpipe", "vesafb", "simpledrm", "efifb")
#: Adapters that are made of software and need no maker's driver.
SOFTWARE = (
    "remote display",
    "hyper-v",
    "vmware",
    "virtualbox",
    "qxl",
    "virtio",
    "parsec",
    "displaylink",
    "citrix",
    "parallels",
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per adapter whose driver is known."""
    for adapter in readings.subjects("display.graphics.name"):
        name = readings.text("display.graphics.name", adapter) or ""
        driver = readings.text("display.graphics.driver", adapter) or ""
        dated = readings.text("display.graphics.driver_date", adapter) or ""
        words = f"{name} {driver}".casefold()
        if any(word in words for word in SOFTWARE) or not (driver or dated):
            continue
        stand_in = any(word in words for word in STAND_INS)
        age = _age_days(dated, readings.at.date())
        # On Linux the driver comes with the kernel and has no date.
        old = age is not None and age > levels.watch_days
        if stand_in:
            sentence = _("{name} runs with a stand-in driver.", name=name)
            customer = _("The graphics work only in a simple way because their driver is missing.")
        elif old:
            sentence = _("The driver of {name} is {age} old.", name=name, age=quantities.age(age or 0))
            customer = _("The graphics driver is old.")
        else:
            sentence = _("{name} has its own driver.", name=name)
            customer = _("The graphics have the right driver.")
        bad = stand_in or old
        yield Result(
            Verdict.WATCH if bad else Verdict.OK,
            adapter,
            value=driver or dated,
            value_text=_("stand-in") if stand_in else dated or driver,
            limit_text=_("watch above {watch}", watch=quantities.age(levels.watch_days)),
            sentence=sentence,
            customer_sentence=customer,
            advice=_("Install the driver of the maker of the computer or of the graphics.") if bad else "",
            evidence=(
                Evidence(label=_("Driver"), value=driver or "–"),
                Evidence(
                    label=_("Version"), value=readings.text("display.graphics.driver_version", adapter) or "–"
                ),
                Evidence(label=_("Date"), value=dated or "–"),
            ),
            reading_ids=("display.graphics.name", "display.graphics.driver"),
        )


def _age_days(text: str, today: date) -> int | None:
    try:
        return (today - date.fromisoformat(text)).days if text else None
    except ValueError:
        return None


CHECK = Check(
    id="graphics_driver",
    title=N_("Graphics driver"),
    area=Area.DISPLAY,
    why=N_("Without its own driver a graphics adapter is slow, and old drivers crash."),
    probes=(devices.ATTACHED,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(why=N_("With a stand-in driver the screen is drawn slowly.")),
        Complaint.CRASHES: Explanation(
            why=N_("Old graphics drivers are a common cause of crashes."),
            why_not=N_("The graphics driver is in order."),
        ),
    },
)
