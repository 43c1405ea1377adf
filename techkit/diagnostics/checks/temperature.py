"""How hot the processor and the sensors around it are."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import processor
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Relative to the sensor's own marks; a sensor without marks is not judged."""

    margin_celsius: float = level(10.0, unit="celsius", source="ours: within 10 °C of the sensor's high mark")


#: Drives have a check of their own.
DRIVES = ("nvme", "drivetemp")

#: Chips of the main board: their inputs are often connected to nothing (127 °C), and their marks set by nobody.
#: Source: Linux kernel, Documentation/hwmon/nct6775.rst, it87.rst, w83627ehf.rst, f71882fg.rst.
BOARD_CHIPS = ("nct", "it8", "w83", "f71", "f81", "sch5", "dme1737", "smsc", "lm7", "lm8", "adt7")

#: Memory modules give as their high mark what they are made for all day, 55 °C. Source: hwmon/spd5118.rst, jc42.rst.
MODULES = ("spd5118", "jc42")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per sensor that has a mark of its own, and one per sensor that tells what cannot be."""
    for sensor, (reason, text) in readings.missing("temperature.celsius").items():
        if not sensor.startswith((*DRIVES, *BOARD_CHIPS, *MODULES)):
            yield Result(Verdict.UNKNOWN, sensor, reason=reason, reason_text=text)
    for sensor in readings.subjects("temperature.celsius"):
        degrees = readings.number("temperature.celsius", sensor)
        high = readings.number("temperature.high_celsius", sensor)
        critical = readings.number("temperature.critical_celsius", sensor)
        mark = high or critical
        if sensor.startswith(MODULES):
            mark = critical
        if degrees is None or not mark or sensor.startswith((*DRIVES, *BOARD_CHIPS)):
            continue
        watch = mark - levels.margin_celsius
        act = critical or mark
        verdict = Verdict.ACT if degrees >= act else Verdict.WATCH if degrees >= watch else Verdict.OK
        good = verdict is Verdict.OK
        yield Result(
            verdict,
            sensor,
            degrees,
            "celsius",
            value_text=quantities.degrees(degrees),
            limit_text=_(
                "watch from {watch}, act from {act}",
                watch=quantities.degrees(watch),
                act=quantities.degrees(act),
            ),
            sentence=_(
                "{sensor}: {degrees}; the sensor’s own mark is {mark}.",
                sensor=sensor,
                degrees=quantities.degrees(degrees),
                mark=quantities.degrees(mark),
            ),
            customer_sentence=_("The computer is not too warm.")
            if good
            else _("The computer gets too warm and slows itself down to cool."),
            advice=""
            if good
            else _("Clean the fan and the air inlets, and renew the thermal paste if that does not help."),
            reading_ids=("temperature.celsius",),
            higher_is_better=False,
            tolerance=5.0,
            scale_max=max(100.0, mark),
            limit=watch,
        )


CHECK = Check(
    id="temperature",
    title=N_("Processor temperature"),
    area=Area.PROCESSOR,
    why=N_("A processor that gets too warm slows down and may switch the computer off."),
    probes=(processor.HEAT,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A hot processor slows itself down."), why_not=N_("The computer is not too warm.")
        ),
        Complaint.CRASHES: Explanation(
            why=N_("A computer that gets too hot switches itself off."),
            why_not=N_("The computer is not too warm."),
        ),
    },
)
