"""The check browser_end_of_life."""

from __future__ import annotations

from techkit.diagnostics.checks import browser_end_of_life
from techkit.records.findings import Reading, Verdict


def test_a_browser_nobody_makes_any_more_has_no_newest_release(judge):
    """It is said to get no more updates, rather than a dash for a release there is not."""
    row = {"name": "Internet Explorer", "version": "6.0", "product": "internet-explorer", "cycle": "6"}
    [finding] = judge(browser_end_of_life.CHECK, [Reading(id="software.browsers", value=[row])])
    assert finding.verdict is Verdict.ACT
    assert finding.sentence == "Internet Explorer 6.0 is out of date and gets no more updates."
    assert "–" not in finding.limit_text
