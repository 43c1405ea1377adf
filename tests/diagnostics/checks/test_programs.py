"""The checks busy_programs and memory_programs."""

from __future__ import annotations

from techkit.diagnostics.checks import busy_programs, memory_programs
from techkit.records.findings import Reading, Verdict

WATCHED = Reading(id="usage.watched_seconds", value=10.0, unit="seconds", source="psutil")


def processor(name: str, mean: float, lowest: float) -> list[Reading]:
    return [
        Reading(
            id="usage.processor.percent_of_core", value=mean, unit="percent", subject=name, source="psutil"
        ),
        Reading(id="usage.processor.lowest_percent_of_core", value=lowest, unit="percent", subject=name),
    ]


def memory(name: str, megabytes: int, percent: float) -> list[Reading]:
    return [
        Reading(id="usage.memory.resident_bytes", value=megabytes * 1_000_000, unit="bytes", subject=name),
        Reading(id="usage.memory.lowest_percent", value=percent, unit="percent", subject=name),
    ]


def test_a_program_that_never_rests_is_watched_by_name(judge):
    """Over half a core in every slice is watched, and the reason names the program."""
    findings = judge(
        busy_programs.CHECK, [WATCHED, *processor("indexer", 98.0, 91.0), *processor("mail", 3.0, 0.0)]
    )
    assert [(f.subject, f.verdict, f.value) for f in findings] == [("indexer", Verdict.WATCH, 98.0)]
    assert "indexer" in findings[0].explains_why
    assert [row.label for row in findings[0].evidence] == ["Processor: indexer", "Processor: mail"]


def test_a_program_that_rests_is_fine(judge):
    """A burst is no verdict: the lowest slice decides."""
    [finding] = judge(busy_programs.CHECK, [WATCHED, *processor("browser", 80.0, 50.0)])
    assert (finding.verdict, finding.subject, finding.value) == (Verdict.OK, "", 80.0)


def test_disk_and_network_stand_beside_the_processor(judge):
    """Who uses disk and network is shown as evidence, without a verdict of its own."""
    rates = [
        Reading(id="usage.disk.bytes_per_s", value=5_000_000, unit="bytes/s", subject="backup"),
        Reading(id="usage.network.bytes_per_s", value=1_000_000, unit="bytes/s", subject="cloud"),
    ]
    [finding] = judge(busy_programs.CHECK, [WATCHED, *rates])
    assert finding.verdict is Verdict.OK
    assert [row.label for row in finding.evidence] == ["Disk: backup", "Network: cloud"]


def test_an_idle_computer_is_good(judge):
    """With no program above the noise the finding is good."""
    [finding] = judge(busy_programs.CHECK, [WATCHED])
    assert (finding.verdict, finding.value) == (Verdict.OK, 0.0)


def test_a_program_over_the_limit_is_watched(judge):
    """More than thirty percent of the memory throughout is watched; each program for itself."""
    findings = judge(
        memory_programs.CHECK,
        [*memory("browser", 4000, 50.0), *memory("office", 3000, 31.0), *memory("mail", 200, 2.0)],
    )
    assert [(f.subject, f.verdict) for f in findings] == [
        ("browser", Verdict.WATCH),
        ("office", Verdict.WATCH),
    ]


def test_the_largest_program_below_the_limit_is_good(judge):
    """At the limit all is good, and the largest is named."""
    [finding] = judge(memory_programs.CHECK, [*memory("browser", 2400, 30.0), *memory("mail", 200, 2.0)])
    assert (finding.verdict, finding.value) == (Verdict.OK, 30.0)
    assert "browser" in finding.sentence
