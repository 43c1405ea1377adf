"""Whether the only monitor shows as many points as it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import computer, devices, display
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """How much of the monitor's points the picture may lack."""

    watch_percent: float = level(
        95.0, unit="percent", source="ours: less is seen as blur on a flat screen", help="less than"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where one monitor and one picture are known; of several nobody says which shows what."""
    monitors, adapters = (
        readings.subjects("display.monitor.mode"),
        readings.subjects("display.graphics.mode"),
    )
    if len(monitors) != 1 or len(adapters) != 1:
        return
    # The picture of a virtual machine or of a remote session is the size of its window.
    name = readings.text("display.graphics.name", adapters[0]) or ""
    if readings.text("system.kind") == "virtual" or "remote display" in name.casefold():
        return
    if (readings.number("display.monitor_count") or 1) != 1 or not readings.flag(
        "display.monitor.is_digital", monitors[0]
    ):
        return
    best, now = (
        _points(readings.text("display.monitor.mode", monitors[0])),
        _points(readings.text("display.graphics.mode", adapters[0])),
    )
    if best is None or now is None:
        return
    # A monitor that stands upright shows its picture turned.
    share = 100 * min(min(now) / min(best), max(now) / max(best))
    good = share >= levels.watch_percent
    shown, whole = (f"{size[0]} × {size[1]}" for size in (now, best))
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=shown,
        value_text=shown,
        limit_text=whole,
        sentence=_("The picture has {shown} points, as many as the monitor.", shown=shown)
        if good
        else _("The picture has {shown} points, the monitor {whole}.", shown=shown, whole=whole),
        customer_sentence=_("The picture is as sharp as the screen can show it.")
        if good
        else _("The picture is less sharp than the screen could show it."),
        advice=""
        if good
        else _(
            "Choose the recommended resolution, unless it was chosen for larger writing; otherwise look at the driver."
        ),
        source=readings.source("display.graphics.mode", adapters[0]),
        evidence=(Evidence(label=_("Monitor"), value=whole),),
        reading_ids=("display.graphics.mode", "display.monitor.mode"),
    )


def _points(mode: str | None) -> tuple[int, int] | None:
    """Return width and height of "1920 × 1080, 60 Hz"."""
    found = re.match(r"(\d{3,5}) × (\d{3,5})", mode or "")
    return (int(found[1]), int(found[2])) if found else None


CHECK = Check(
    id="picture_size",
    title=N_("Size of the picture"),
    area=Area.DISPLAY,
    why=N_("A flat screen is sharp only where each point of the picture is one of its own."),
    probes=(display.MONITORS, devices.ATTACHED),
    also=(computer.MACHINE,),
    levels=Levels(),
    evaluate=evaluate,
)
