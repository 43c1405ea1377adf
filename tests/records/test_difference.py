"""Before beside after: what counts as better, as the same, and as still open."""

from __future__ import annotations

import pytest

from techkit.records.assets import DiagnosticRun
from techkit.records.difference import Change, compare_runs
from techkit.records.findings import Area, Finding, Verdict


def finding(check: str, verdict: Verdict, value: object = None, **more: object) -> Finding:
    return Finding(check=check, title=check, area=Area.STORAGE, verdict=verdict, value=value, **more)


def run(*findings: Finding) -> DiagnosticRun:
    return DiagnosticRun(id="r", findings=findings)


def only(before: Finding | None, after: Finding | None):
    old = run(before) if before else run()
    new = run(after) if after else run()
    (found,) = compare_runs(old, new)
    return found


class TestCompareRuns:
    @pytest.mark.parametrize(
        ("old", "new", "higher", "tolerance", "expected"),
        [
            ((Verdict.ACT, 0.9), (Verdict.OK, 25.8), True, 0.5, Change.BETTER),
            ((Verdict.WATCH, 23), (Verdict.OK, 9), False, 0, Change.BETTER),
            ((Verdict.OK, 40.0), (Verdict.OK, 43.0), False, 5.0, Change.SAME),
            ((Verdict.OK, 89.8), (Verdict.WATCH, 90.2), False, 1.0, Change.OPEN),
            ((Verdict.WATCH, 71), (Verdict.WATCH, 71), True, 1.0, Change.OPEN),
            ((Verdict.OK, 80), (Verdict.ACT, 4), True, 1.0, Change.WORSE),
            ((Verdict.OK, 80), (Verdict.OK, 70), True, 1.0, Change.WORSE),
            ((Verdict.OK, 5), (Verdict.OK, 500), None, 0.0, Change.SAME),
        ],
    )
    def test_change_follows_direction_and_tolerance(self, old, new, higher, tolerance, expected):
        """A change counts only beyond the reading's tolerance and in the direction the check declares."""
        settings = dict(unit="percent", higher_is_better=higher, tolerance=tolerance)
        found = only(finding("a", old[0], old[1], **settings), finding("a", new[0], new[1], **settings))
        assert found.change is expected

    def test_verdict_decides_without_a_number(self):
        """Findings without numbers are compared by their verdicts."""
        assert only(finding("a", Verdict.ACT), finding("a", Verdict.OK)).change is Change.BETTER
        assert only(finding("a", Verdict.OK), finding("a", Verdict.ACT)).change is Change.WORSE

    def test_never_backed_up_stays_open(self):
        """What needed action before and still does is open, and says so in words."""
        found = only(
            finding("last_backup", Verdict.ACT, value_text="never"),
            finding("last_backup", Verdict.ACT, value_text="never"),
        )
        assert (found.change, found.is_open, found.after_text) == (Change.OPEN, True, "never")
        assert found.words == "Still open"

    def test_unknown_is_neither_better_nor_worse(self):
        """A check that could not look is never counted as a change of the computer."""
        unknown = finding("a", Verdict.UNKNOWN)
        assert only(unknown, finding("a", Verdict.ACT)).change is Change.NEW
        assert only(finding("a", Verdict.ACT), unknown).change is Change.GONE
        assert only(unknown, unknown).change is Change.SAME

    def test_better_but_bad_is_named(self):
        """An improvement that leaves something to do is called that, not plainly better."""
        settings = dict(unit="percent", higher_is_better=True)
        found = only(finding("a", Verdict.ACT, 1.0, **settings), finding("a", Verdict.WATCH, 9.0, **settings))
        assert (found.change, found.words) == (Change.BETTER, "Better, but not settled")

    def test_difference_is_told_with_its_unit(self):
        """The amount of the change is told in the reading's unit."""
        settings = dict(unit="bytes", higher_is_better=True)
        found = only(
            finding("a", Verdict.ACT, 2_100_000_000, **settings),
            finding("a", Verdict.OK, 61_400_000_000, **settings),
        )
        assert found.difference == "+59.3\u00a0GB"

    def test_a_share_changes_by_points(self):
        """From 0.9 % free to 25.8 % is 24.9 points more: "+24.9 %" would be a quarter of next to nothing."""
        settings = dict(unit="percent", higher_is_better=True)
        found = only(finding("a", Verdict.ACT, 0.9, **settings), finding("a", Verdict.OK, 25.8, **settings))
        assert found.difference == "+24.9 points"

    def test_a_state_has_no_amount(self):
        """From "no answer" to "answers" is better, and not "+1"; a count in figures keeps its amount."""
        told = dict(higher_is_better=True)
        found = only(
            finding("a", Verdict.ACT, 0, value_text="no answer", **told),
            finding("a", Verdict.OK, 1, value_text="answers", **told),
        )
        assert (found.words, found.difference) == ("Better", "")
        counted = only(
            finding("a", Verdict.ACT, 0, value_text="0 of 2 disks", **told),
            finding("a", Verdict.OK, 2, value_text="2 of 2 disks", **told),
        )
        assert counted.difference == "+2"

    def test_each_subject_is_its_own_row(self):
        """Two disks are two rows; what exists on one side only is new or gone; order is the first run's."""
        before = run(finding("d", Verdict.ACT, subject="sda"), finding("d", Verdict.OK, subject="sdb"))
        after = run(finding("d", Verdict.OK, subject="sdc"), finding("d", Verdict.OK, subject="sda"))
        found = compare_runs(before, after)
        assert [(row.subject, row.change) for row in found] == [
            ("sda", Change.BETTER),
            ("sdb", Change.GONE),
            ("sdc", Change.NEW),
        ]

    def test_what_does_not_apply_is_left_out(self):
        """A check without an object on this computer is no row."""
        assert compare_runs(run(finding("a", Verdict.NOT_APPLICABLE)), None) == ()
