"""A page in a language other than the window's: what techkit made is made again, what a person wrote stays."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from techkit import i18n
from techkit.diagnostics import runner
from techkit.records.activities import Maintenance, Origin
from techkit.records.assets import Asset, DiagnosticRun, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.drafts import all_drafts
from techkit.records.findings import ProbeReport, Reading
from techkit.records.proofs import check_key
from techkit.records.success import FollowUp, Recommendation
from techkit.ui.presenters.page_language import in_language
from techkit.ui.presenters.promises import advice_text, promise_text
from tests.summary.visits import slow_computer

READ = (ProbeReport(probe="storage.volumes", state="ok", duration_s=0.1),)
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def looked(asset: Asset, phase: Phase, free_bytes: float) -> DiagnosticRun:
    """Return a check of a disk of 256 GB, made in a German window."""
    values = {"free_bytes": free_bytes, "total_bytes": 256e9, "is_system": True}
    readings = tuple(Reading(id=f"storage.volume.{n}", value=v, subject="C:") for n, v in values.items())
    with i18n.language("de"):
        findings = tuple(f for f in runner.judge(readings, READ, at=AT) if f.check == "disk_space")
    return DiagnosticRun(
        id=f"run-{phase}", visit_id="v", asset_id=asset.id, phase=phase, started_at=AT,
        readings=readings, probes=READ, findings=findings, language="de",
    )  # fmt: skip


@pytest.fixture
def cleared() -> VisitBundle:
    """A visit in which a full disk was cleared; a German window made a promise and an advice of it before."""
    bundle = slow_computer()
    [asset] = bundle.assets
    before, after = looked(asset, Phase.BEFORE, 2e9), looked(asset, Phase.AFTER, 120e9)
    [found] = before.findings
    with i18n.language("de"):
        words = advice_text(found)
    promise = FollowUp(id="f", text=words, created_from=check_key(asset.id, "disk_space", "C:"))
    advice = Recommendation(id="r", asset_id=asset.id, check="disk_space", text=words, why=found.sentence)
    return dataclasses.replace(bundle, runs=(before, after), follow_ups=(promise,), recommendations=(advice,))


def test_a_promise_from_before_the_work_is_worded_for_the_page(cleared: VisitBundle) -> None:
    """After the work the disk has room, and the check has no advice any more; its promise still stood in German."""
    english = in_language(cleared, "en")
    assert english.follow_ups[0].text.startswith("Make room: ")
    assert english.recommendations[0].text.startswith("Make room: ")
    assert "Festplatte" not in english.recommendations[0].why


@pytest.mark.parametrize(
    "key", ["call", "outcome", "unresolved", "catch_up", "one_to_one", "wanted", "decide", "order"]
)
@pytest.mark.parametrize(("window", "page"), [("de", "fr"), ("en", "de"), ("fr", "en"), ("de", "de")])
def test_a_suggested_promise_is_worded_for_the_page(key: str, window: str, page: str) -> None:
    """Whatever suggested it: made in one language, it stands on the page in the page's, with what it is about."""
    with i18n.language(window):
        made = promise_text(f"{key}:a", "{Serienbriefe} 100 %")
    with i18n.language(page):
        wanted = promise_text(f"{key}:a", "{Serienbriefe} 100 %")
    held = FollowUp(id="f", text=made, created_from=f"{key}:a")
    bundle = dataclasses.replace(slow_computer(), follow_ups=(held,))
    assert in_language(bundle, page).follow_ups[0].text == wanted


def test_a_suggested_promise_that_somebody_worded_anew_stays() -> None:
    """Its key is the suggestion's, its words are a person's."""
    held = FollowUp(id="f", text="Bring the printer along", created_from="order:a")
    assert in_language(dataclasses.replace(slow_computer(), follow_ups=(held,)), "fr").follow_ups == (held,)


def test_what_a_person_wrote_stays(cleared: VisitBundle) -> None:
    """A promise in the technician's own words is theirs."""
    own = dataclasses.replace(cleared.follow_ups[0], text="Ich bringe eine Platte mit.")
    english = in_language(dataclasses.replace(cleared, follow_ups=(own,)), "en")
    assert english.follow_ups == (own,)


def drafted(bundle: VisitBundle) -> VisitBundle:
    """Return a visit with what a German window made of its differences, taken over as entries."""
    with i18n.language("de"):
        drafts = all_drafts(bundle)
        entries = tuple(
            dataclasses.replace(d.record, id=d.key, title=d.title, origin=Origin.DRAFTED, evidence=(d.proof,))
            for d in drafts
        )
    return dataclasses.replace(bundle, activities=entries)


def test_an_entry_made_of_a_difference_is_worded_for_the_page(cleared: VisitBundle) -> None:
    """Its title and what it names speak the page's language; a name somebody typed over it stays."""
    german = drafted(cleared)
    [entry] = german.activities
    assert isinstance(entry, Maintenance)
    assert "Platz" in f"{entry.title} {entry.product}"
    [english] = in_language(german, "en").activities
    assert english == dataclasses.replace(entry, title="118.0\u00a0GB of space freed", product="Disk space")
    own = dataclasses.replace(entry, product="Platte der Praxis")
    [kept] = in_language(dataclasses.replace(german, activities=(own,)), "en").activities
    assert kept == dataclasses.replace(own, title="118.0\u00a0GB of space freed")
