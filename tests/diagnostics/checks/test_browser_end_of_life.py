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


def test_the_number_of_a_release_is_said_once(judge):
    """Windows' list of programs has it in the name already."""
    row = {"name": "Mozilla Firefox 57.0.2 (fr)", "version": "57.0.2", "product": "firefox", "cycle": "57"}
    [finding] = judge(browser_end_of_life.CHECK, [Reading(id="software.browsers", value=[row])])
    assert finding.sentence.startswith("Mozilla Firefox (fr) 57.0.2 is out of date; the newest")
    assert finding.subject == "Mozilla Firefox 57.0.2 (fr)"
