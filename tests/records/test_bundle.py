"""What is learnt after a check is laid over it, at both ends in the same way; the check itself is never changed."""

from __future__ import annotations

import dataclasses

from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.bundle import gather, whole
from techkit.records.difference import Change, compare_runs
from techkit.records.findings import Area, Finding, ProbeReport, Reading, Verdict
from techkit.records.identity import new_id
from techkit.records.visit import Visit


def said(check: str, verdict: Verdict, *, subject: str = "", is_tried: bool = False) -> Finding:
    return Finding(
        check=check, title=check, area=Area.STORAGE, verdict=verdict, subject=subject, is_tried=is_tried
    )


def run(*findings: Finding, readings: tuple[Reading, ...] = (), **more: object) -> DiagnosticRun:
    held = DiagnosticRun(id=new_id(), language="en", findings=findings, readings=readings)
    return dataclasses.replace(held, **more)  # type: ignore[arg-type]  # fields by name


def test_a_supplement_replaces_what_was_said_about_its_checks():
    """Of a check it speaks of nothing old is left, also of another subject; other checks stay; the worst is first."""
    base = run(
        said("space", Verdict.OK, subject="/"),
        said("health", Verdict.UNKNOWN, subject=""),
        readings=(Reading(id="a.b", value=1), Reading(id="smart", value={"reason": "x", "reason_text": "y"})),
    )
    later = run(
        said("health", Verdict.ACT, subject="sda"),
        said("health", Verdict.OK, subject="sdb"),
        readings=(Reading(id="smart", value=True, subject="sda"), Reading(id="a.b", value=None)),
        supplements=base.id,
        probes=(ProbeReport(probe="storage.health", state="ok", duration_s=1.0),),
    )
    [made] = whole([base, later])
    assert made.id == base.id
    assert [(f.check, f.subject, f.verdict.value) for f in made.findings] == [
        ("health", "sda", "act"),
        ("space", "/", "ok"),
        ("health", "sdb", "ok"),
    ]
    assert [(r.id, r.subject) for r in made.readings] == [("smart", "sda")]
    assert [p.probe for p in made.probes] == ["storage.health"]


def test_later_supplements_lie_over_earlier_ones():
    """The last word about a check counts."""
    base = run(said("space", Verdict.OK))
    first = run(said("keys", Verdict.ACT), supplements=base.id)
    second = run(said("keys", Verdict.OK), supplements=base.id)
    [made] = whole([base, first, second])
    assert {f.check: f.verdict for f in made.findings} == {"space": Verdict.OK, "keys": Verdict.OK}


def test_a_supplement_whose_check_is_missing_is_not_lost():
    """When the check has not arrived yet, what was added to it stands alone."""
    orphan = run(said("keys", Verdict.OK), supplements=new_id())
    assert whole([orphan]) == (orphan,)


def test_a_visit_shows_one_check_where_two_were_kept():
    """The run before the work holds what was tried afterwards; the records stay two."""
    asset = new_id()
    visit = Visit(id=new_id(), asset_ids=(asset,))
    base = run(said("space", Verdict.OK), visit_id=visit.id, asset_id=asset, phase=Phase.BEFORE)
    later = run(
        said("keys", Verdict.ACT),
        visit_id=visit.id,
        asset_id=asset,
        phase=Phase.BEFORE,
        supplements=base.id,
    )
    bundle = gather(visit, [Asset(id=asset), later, base])
    held = bundle.run(asset, Phase.BEFORE)
    assert held is not None
    assert [f.check for f in held.findings] == ["keys", "space"]
    assert len(bundle.runs) == 2
    assert len(bundle.whole_runs) == 1


def test_words_of_two_languages_are_judged_again():
    """A supplement in another language leaves the whole without one, so that the page judges it in its own."""
    base = run(said("space", Verdict.OK))
    later = run(said("keys", Verdict.OK), supplements=base.id, language="de")
    assert whole([base, later])[0].language == ""


def test_what_was_tried_and_works_is_no_difference():
    """A good trial before the work is not missing after it; a fault nobody tried again is still open."""
    before = run(
        said("keys", Verdict.OK, is_tried=True),
        said("sound", Verdict.ACT, is_tried=True),
        said("space", Verdict.OK),
    )
    after = run(said("space", Verdict.OK))
    found = {c.check: c for c in compare_runs(before, after)}
    assert set(found) == {"space", "sound"}
    assert found["sound"].change is Change.GONE
    assert found["sound"].is_open
    assert found["sound"].words == "Not tried again after the work"
    tried = run(said("sound", Verdict.OK, is_tried=True))
    again = {c.check: c.change for c in compare_runs(before, tried)}
    assert again["sound"] is Change.BETTER
