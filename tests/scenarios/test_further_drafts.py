"""Drafts of a busy visit: what the customer and the programs do meanwhile, two computers with one program, work undone again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from techkit.records.activities import Install, Origin, Upgrade
from techkit.records.assets import Asset
from techkit.records.findings import Reading
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.proofs import Proven, proof_of
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain

DESK, NOTE = "RC-01", "RC-02"


def programs(**versions: str) -> list[Reading]:
    """Return the readings of a computer that has these programs, each by a maker of its own, a browser among them."""
    rows = [
        {"name": name, "version": version, "publisher": f"{name} Works", "source": "registry"}
        for name, version in versions.items()
    ]
    return [
        Reading(id="software.programs", value=rows, source="registry"),
        Reading(id="software.count", value=len(rows), unit="count", source="registry"),
        Reading(id="memory.total_bytes", value=8 * 2**30, unit="bytes", source="smbios"),
    ]


class Busy(Plain):
    """A visit at two computers with the same programs."""

    def plug_in(self, name: str, **now: str) -> None:
        """Carry techkit to a computer that has these programs now."""
        self.device.desk.recordings = {"now": programs(**now)}
        self.device.desk.moment = "now"
        self.visit.choose_computer(self.assets[name])

    def rows(self, step: str = "work") -> dict[tuple[str, str], str]:
        """What is drafted: (computer, title) to confidence."""
        held = getattr(self.visit, step).state.drafts
        return {(r.computer, r.title.replace("\u00a0", " ")): r.confidence for r in held}

    def titles(self) -> list[str]:
        return sorted(a.title.replace("\u00a0", " ") for a in self.bundle.activities)


@pytest.fixture
def busy(device) -> Busy:
    """Both computers are checked: DentaBook 9.9 and Browsewell 143.0."""
    story = Busy(device("TK07", "Ines Okafor", "2026-11-24 09:00"))
    story.known(has_diagnostics_consent=True, consent_at=datetime(2026, 1, 2, tzinfo=UTC))
    story.rates(hourly=6000)
    story.assets = {name: new_id() for name in (DESK, NOTE)}
    story.device.store.save(
        *(Asset(id=i, customer_id=story.customer, name=name, tag=name) for name, i in story.assets.items())
    )
    story.plan(asset_ids=tuple(story.assets.values()))
    story.visit.next()
    for name in story.assets:
        story.plug_in(name, DentaBook="9.9", Browsewell="143.0")
        story.visit.check.start()
    story.visit.go("work")
    return story


def test_the_customer_and_a_self_update_meanwhile(busy):
    """The customer's PhotoFun is put away as not ours and stays away; Browsewell is seen, not recorded; the page has neither."""
    busy.plug_in(DESK, DentaBook="9.10", Browsewell="143.1", PhotoFun="3.1")
    busy.visit.work.look_again()
    assert busy.rows() == {
        (DESK, "DentaBook upgraded from 9.9 to 9.10"): "certain",
        (DESK, "PhotoFun 3.1 installed"): "certain",
        (DESK, "Browsewell upgraded from 143.0 to 143.1"): "self_update",
    }
    mine = next(r for r in busy.visit.work.state.drafts if r.title.startswith("PhotoFun"))
    busy.visit.work.drafting.not_ours(mine.key)
    busy.visit.work.drafting.add()
    assert busy.titles() == ["DentaBook upgraded from 9.9 to 9.10"]
    busy.visit.after.start()
    busy.plug_in(NOTE, DentaBook="9.9", Browsewell="143.0")
    busy.visit.after.start()
    assert not any("PhotoFun" in title for _computer, title in busy.rows("after"))
    assert busy.rows("after") == {(DESK, "Browsewell upgraded from 143.0 to 143.1"): "self_update"}
    busy.sign()
    text = text_of(busy.pdf)
    assert "DentaBook upgraded" in text.replace("\u00a0", " ")
    assert "PhotoFun" not in text
    assert "Browsewell" not in text
    # The reviewer sees that something else changed, and why nobody claims it is the technician's to say.
    told = [f.sentence for f in flags(busy.bundle) if f.rule == "unclaimed_change"]
    assert [("PhotoFun" in s, "Browsewell" in s) for s in told] == [(True, False)]


def test_two_computers_with_one_program(busy):
    """One draft a computer; an entry by hand for one becomes that one's proof and leaves the other's draft alone."""
    work = busy.visit.work
    busy.plug_in(DESK, DentaBook="9.10", Browsewell="143.0")
    work.choose_kind("upgrade")
    for name, text in (("title", "Practice program"), ("product", "DentaBook"), ("to_version", "9.10")):
        work.fill(name, text)
    work.add_entry()
    work.look_again()
    assert busy.rows() == {}
    busy.plug_in(NOTE, DentaBook="9.10", Browsewell="143.0")
    work.look_again()
    assert busy.rows() == {(NOTE, "DentaBook upgraded from 9.9 to 9.10"): "certain"}
    work.drafting.add()
    for name in busy.assets:
        busy.plug_in(name, DentaBook="9.10", Browsewell="143.0")
        busy.visit.after.start()
    assert busy.rows("after") == {}
    found = {a.asset_id: a for a in busy.bundle.activities}
    assert {busy.assets[n] for n in (DESK, NOTE)} == set(found)
    by_hand, drafted = found[busy.assets[DESK]], found[busy.assets[NOTE]]
    assert (by_hand.origin, drafted.origin) == (Origin.MANUAL, Origin.DRAFTED)
    for entry in (by_hand, drafted):
        assert isinstance(entry, Upgrade)
        assert proof_of(entry, busy.bundle) is Proven.INVENTORY
        assert len(entry.evidence) == 1


def confirmed(busy: Busy) -> Busy:
    """ScanBridge is seen, added, and taken off the computer again before the check after the work."""
    busy.plug_in(DESK, DentaBook="9.9", Browsewell="143.0", ScanBridge="2.0")
    busy.visit.work.look_again()
    busy.visit.work.drafting.add()
    assert busy.titles() == ["ScanBridge 2.0 installed"]
    for name in busy.assets:
        busy.plug_in(name, DentaBook="9.9", Browsewell="143.0")
        busy.visit.after.start()
    return busy


def test_an_installation_undone_before_signing(busy):
    """It is offered to be taken out, unticked; two gestures do it; the page says nothing of it and nothing is flagged."""
    confirmed(busy)
    (row,) = busy.visit.after.state.drafts
    assert (row.title.replace("\u00a0", " "), row.is_ticked) == ("Take out: ScanBridge 2.0 installed", False)
    assert row.reason == "The check after the work does not show it any more."
    assert busy.titles() == ["ScanBridge 2.0 installed"]
    busy.visit.after.drafting.toggle(row.key)
    assert busy.visit.after.state.add_label == "Take 1 entry out"
    assert busy.visit.after.drafting.add() == 0
    assert busy.titles() == []
    assert busy.visit.after.state.drafts == ()
    busy.visit.undo()
    assert busy.titles() == ["ScanBridge 2.0 installed"]
    busy.visit.redo()
    busy.sign()
    assert "ScanBridge" not in text_of(busy.pdf)
    assert "claim_not_proven" not in {f.rule for f in flags(busy.bundle)}


def test_an_installation_undone_and_kept_on_the_page(busy):
    """Who leaves it is not asked twice; the page says it as the technician does, and the reviewer that it is not proven."""
    confirmed(busy)
    (row,) = busy.visit.after.state.drafts
    busy.visit.after.drafting.not_ours(row.key)
    assert busy.visit.after.state.drafts == ()
    (entry,) = busy.bundle.activities
    assert isinstance(entry, Install)
    assert proof_of(entry, busy.bundle) is Proven.NOT_PROVEN
    busy.sign()
    assert "ScanBridge" in text_of(busy.pdf)
    assert "claim_not_proven" in {f.rule for f in flags(busy.bundle)}
    assert busy.device.store.setting("drafts.not_our_work") == ()


def test_it_went_on_to_a_newer_version_before_signing(busy):
    """9.10 was recorded, 9.11 is there in the end: taking the entry out brings the draft of 9.11."""
    busy.plug_in(DESK, DentaBook="9.10", Browsewell="143.0")
    busy.visit.work.look_again()
    busy.visit.work.drafting.add()
    for name, version in ((DESK, "9.11"), (NOTE, "9.9")):
        busy.plug_in(name, DentaBook=version, Browsewell="143.0")
        busy.visit.after.start()
    (row,) = busy.visit.after.state.drafts
    assert row.takes_out.replace("\u00a0", " ") == "DentaBook upgraded from 9.9 to 9.10"
    busy.visit.after.drafting.toggle(row.key)
    busy.visit.after.drafting.add()
    assert busy.rows("after") == {(DESK, "DentaBook upgraded from 9.9 to 9.11"): "certain"}
    busy.visit.after.drafting.add()
    (entry,) = busy.bundle.activities
    assert proof_of(entry, busy.bundle) is Proven.INVENTORY


@pytest.mark.parametrize(
    ("removed", "installed", "proven"),
    [
        (True, True, [Proven.NOT_PROVABLE, Proven.NOT_PROVABLE]),
        (True, False, [Proven.NOT_PROVEN]),
        (False, True, [Proven.NOT_PROVEN]),
    ],
    ids=["both", "only removed", "only installed"],
)
def test_a_program_taken_off_and_put_on_again(busy, removed, installed, proven):
    """The same version before and after: both entries together are nothing to prove; one alone is not proven."""
    busy.plug_in(DESK, DentaBook="9.9", Browsewell="143.0")
    work = busy.visit.work
    for kind, wanted, more in (
        ("maintenance", removed, {"title": "DentaBook removed", "action": "removed"}),
        ("install", installed, {"title": "DentaBook installed again", "version": "9.9"}),
    ):
        if not wanted:
            continue
        work.choose_kind(kind)
        for name, text in ({"product": "DentaBook"} | more).items():
            work.fill(name, text)
        work.add_entry()
    busy.visit.after.start()
    assert busy.rows("after") == {}
    assert [proof_of(a, busy.bundle) for a in busy.bundle.activities] == proven
    flagged = [f for f in flags(busy.bundle) if f.rule == "claim_not_proven"]
    assert len(flagged) == proven.count(Proven.NOT_PROVEN)
