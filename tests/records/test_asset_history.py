"""A computer's history over its visits: what changed, when it was first seen, newest first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from techkit.records.asset_history import history, verdict_changes
from techkit.records.assets import DiagnosticRun, InventorySnapshot
from techkit.records.findings import Area, Finding, Verdict
from techkit.records.visit import Visit


def snapshot(day: int, visit: str, content: dict[str, Any] | None) -> InventorySnapshot:
    taken = datetime(2026, 11, day, 9, tzinfo=UTC)
    return InventorySnapshot(id=f"s{day}", visit_id=visit, asset_id="a", taken_at=taken, content=content)


def content(memory: int, version: str, firewall: bool = True) -> dict[str, Any]:
    return {
        "hardware": {"memory": {"total_bytes": memory * 2**30, "modules": []}, "disks": []},
        "software": [{"name": "DentaBook", "version": version, "publisher": "", "source": "registry"}],
        "settings": {"firewall": firewall},
    }


def visit(name: str, day: int) -> Visit:
    return Visit(id=name, number=f"TK07-{name}", arrived_at=datetime(2026, 11, day, 9, tzinfo=UTC))


def test_each_change_once_newest_first():
    """Inventories in any order give each change once, with the visit that first saw it."""
    held = [
        snapshot(24, "w", content(16, "9.10", firewall=False)),
        snapshot(3, "v", content(8, "9.9")),
        snapshot(10, "v", None),
        snapshot(20, "w", content(8, "9.10")),
    ]
    found = history(held, {"v": visit("v", 3), "w": visit("w", 20)})
    assert [(e.title.replace("\u00a0", " "), e.on, e.visit_number) for e in found] == [
        ("Memory upgraded from 8 GB to 16 GB", date(2026, 11, 20), "TK07-w"),
        ("DentaBook upgraded from 9.9 to 9.10", date(2026, 11, 20), "TK07-w"),
    ]


def test_what_is_gone_has_no_since():
    """A removal is told, but nothing is so since then."""
    empty = content(8, "9.9") | {"software": []}
    (event,) = history([snapshot(3, "v", content(8, "9.9")), snapshot(4, "x", empty)], {})
    assert (event.title, event.since, event.on) == ("DentaBook 9.9 removed", "", date(2026, 11, 4))


def test_one_inventory_is_no_history():
    """Where there is nothing to compare with there is nothing to tell."""
    assert history([snapshot(3, "v", content(8, "9.9"))], {}) == ()


def test_a_verdict_is_held_against_the_last_one_given():
    """A check that was left out or could not look changes nothing; the next verdict is told once, with its visit."""

    def run(day: int, visit: str, *verdicts: Verdict) -> DiagnosticRun:
        held = tuple(
            Finding(check="disk_health", title="Disk health", subject="disk0", area=Area.STORAGE, verdict=v)
            for v in verdicts
        )
        at = datetime(2026, 11, day, 9, tzinfo=UTC)
        return DiagnosticRun(id=f"r{day}", visit_id=visit, asset_id="a", started_at=at, findings=held)

    runs = [
        run(20, "z", Verdict.OK),
        run(3, "v", Verdict.OK),
        run(5, "w", Verdict.UNKNOWN),
        run(6, "w"),
        run(10, "x", Verdict.ACT),
        run(11, "y", Verdict.ACT),
    ]
    found = verdict_changes(runs)
    assert [(c.visit_id, c.before, c.after, c.is_better) for c in found] == [
        ("z", Verdict.ACT, Verdict.OK, True),
        ("x", Verdict.OK, Verdict.ACT, False),
    ]
