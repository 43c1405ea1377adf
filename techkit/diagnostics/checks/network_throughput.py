"""How much the line carries down and up, measured against the office's service when somebody asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, quantity
from techkit.probes import throughput
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict

#: The source of both levels.
_BASIC = "TKMV (Germany, 2024), what every fixed line has to carry at least"


@level_set
class Levels:
    """What a line should carry in Mbit/s."""

    down_mbit: float = level(15.0, unit="Mbit/s", source=_BASIC, help="less than")
    up_mbit: float = level(5.0, unit="Mbit/s", source=_BASIC, help="less than")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over both directions; nothing where nobody measured."""
    down, up = (_mbit(readings, way) for way in ("down", "up"))
    if down is None and up is None:
        return
    is_slow = (down is not None and down < levels.down_mbit) or (up is not None and up < levels.up_mbit)
    told = {"down": _told(down), "up": _told(up), "host": readings.text("active.throughput.against") or "?"}
    limit = _("at least {down} down, {up} up", down=_told(levels.down_mbit), up=_told(levels.up_mbit))
    yield Result(
        verdict=Verdict.WATCH if is_slow else Verdict.OK,
        value=down if down is not None else up,
        unit="mbps",
        value_text=_("{down} down, {up} up", **told),
        limit_text=limit,
        sentence=_("The line carries {down} down and {up} up, measured against {host}.", **told),
        customer_sentence=_("Your line is slow just now.") if is_slow else _("Your line is fast enough."),
        advice=_(
            "Measure again by cable and with nothing else running; compare with what the provider sells."
        )
        if is_slow
        else "",
        evidence=tuple(_rows(readings, levels, down, up)),
        reading_ids=("active.throughput.down_bytes_per_s", "active.throughput.up_bytes_per_s"),
        higher_is_better=True,
        # Ours: a line others use as well wanders by a third.
        tolerance=(down or up or 0.0) * 0.3,
    )


def _mbit(readings: Readings, way: str) -> float | None:
    rate = readings.number(f"active.throughput.{way}_bytes_per_s")
    return None if rate is None else round(rate * 8 / 1e6, 1)


def _told(rate: float | None) -> str:
    return _("not measured") if rate is None else quantity(rate, "Mbit/s", 1 if rate < 10 else 0)


def _rows(readings: Readings, levels: Levels, down: float | None, up: float | None) -> Iterator[Evidence]:
    for label, rate, limit in (
        (_("Down"), down, levels.down_mbit),
        (_("Up"), up, levels.up_mbit),
    ):
        verdict = Verdict.NOT_APPLICABLE if rate is None else Verdict.WATCH if rate < limit else Verdict.OK
        yield Evidence(label=label, value=_told(rate), limit=_told(limit), verdict=verdict)
    moved = [readings.number(f"active.throughput.{way}_bytes") or 0 for way in ("down", "up")]
    yield Evidence(label=_("Moved for it"), value=i18n.byte_text(sum(moved)))
    delay = readings.number("active.throughput.delay_ms")
    if delay is not None:
        yield Evidence(label=_("Wait for an answer"), value=quantity(delay, "ms", 1))


CHECK = Check(
    id="network_throughput",
    title=N_("Throughput"),
    area=Area.NETWORK,
    why=N_("Large files, pictures and calls need a line that carries them."),
    probes=(throughput.ASKED,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The line carries little."),
            why_not=N_("The line carries enough."),
            watch=Explains.POSSIBLE,
        ),
    },
)
