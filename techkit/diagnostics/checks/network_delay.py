"""How long the internet takes to answer, and how evenly."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number, quantity
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """There and back."""

    delay_ms: float = level(
        300.0,
        unit="ms",
        source="ITU-T G.114: 150 ms one way is acceptable for speech, so 300 ms both ways",
        help="more than",
    )
    jitter_ms: float = level(
        30.0,
        unit="ms",
        source="RFC 4594 and vendors' advice for speech: jitter below 30 ms",
        help="more than",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over delay and, where several connections were made, its spread."""
    delay_ms, jitter_ms = (
        readings.number("network.internet.delay_ms"),
        readings.number("network.internet.jitter_ms"),
    )
    if delay_ms is None:
        return
    is_late, is_uneven = delay_ms > levels.delay_ms, (jitter_ms or 0.0) > levels.jitter_ms
    verdict = Verdict.WATCH if is_late or is_uneven else Verdict.OK
    delay = quantity(delay_ms, "ms")
    rows = [Evidence(label=_("Delay, both ways"), value=delay, limit=quantity(levels.delay_ms, "ms"))]
    if jitter_ms is not None:
        rows.append(
            Evidence(
                label=_("Spread"), value=quantity(jitter_ms, "ms"), limit=quantity(levels.jitter_ms, "ms")
            )
        )
    yield Result(
        verdict=verdict,
        value=delay_ms,
        unit="ms",
        value_text=delay,
        limit_text=_("at most {limit} ms", limit=number(levels.delay_ms)),
        sentence=_("The reference host answers after {delay}.", delay=delay),
        customer_sentence=_("The internet answers quickly.")
        if verdict is Verdict.OK
        else _("The internet answers late or unevenly; calls may stutter."),
        advice="" if verdict is Verdict.OK else _("Try a cable instead of Wi-Fi; end large downloads."),
        reading_ids=("network.internet.delay_ms", "network.internet.jitter_ms"),
        evidence=tuple(rows),
        higher_is_better=False,
        # Ours: delay varies by this much over the day on a healthy line.
        tolerance=20.0,
    )


CHECK = Check(
    id="network_delay",
    title=N_("Delay"),
    area=Area.NETWORK,
    why=N_("Every click on a page waits for the way there and back."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.internet.delay_ms",),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(why=N_("The internet answers late."), watch=Explains.POSSIBLE, ok=None),
    },
)
