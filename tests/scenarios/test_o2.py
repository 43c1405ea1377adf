"""O2: a contract customer; installs and upgrades drafted from the difference; two budgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from techkit.credentials import keys
from techkit.records.activities import Install, Maintenance, MaintenanceAction, Upgrade, UpgradeKind
from techkit.records.assets import Asset, Contract, Phase, Product, ProductKind, Rate, RateCard
from techkit.records.budget import Allocation, Budget, CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges, shares
from techkit.records.drafts import drafted, topic_of
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.inventory_difference import inventory_difference
from techkit.records.parties import Contact, Customer, CustomerKind, Engagement, Site
from techkit.records.proofs import Proven, proof_of
from techkit.records.review import Severity
from techkit.records.success import Department, FollowUp
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.app import Program
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device, recordings, text_of
from tests.ui.hand import Hand
from tests.ui.test_routine_visit import CHEAP, LIMITS, PASSPHRASE

COMPUTERS = ("LDG-RC-01", "LDG-RC-02", "LDG-SU-01")


@dataclass
class Story:
    device: Device
    visit: Visit
    assets: dict[str, str]
    taps: int = 0
    after: dict[str, str] = field(default_factory=dict)

    @property
    def bundle(self) -> VisitBundle:
        return self.device.store.bundle(self.visit.held.visit_id)

    def plug_in(self, name: str, moment: str) -> None:
        self.visit.choose_computer(self.assets[name])
        self.device.desk.recordings = recordings("o2_computers")[name]
        self.device.desk.moment = moment

    def check_all_again(self) -> None:
        for name in COMPUTERS:
            self.plug_in(name, self.after.get(name, "after"))
            self.visit.after.start()

    def confirm_drafts(self) -> None:
        """Ines confirms all but Browsewell, which she calls not ours."""
        after = self.visit.after
        for row in after.state.drafts:
            if row.title.startswith("Browsewell"):
                after.drafting.not_ours(row.key)
        for row in after.state.drafts:
            if not row.is_ticked:
                after.drafting.toggle(row.key)
                self.taps += 1
        after.drafting.add()
        self.taps += 1


@pytest.fixture
def begin(device: Callable[..., Device]) -> Callable[..., Story]:
    """Arrive at 09:05, check the three computers; `after` chooses other readings after the work."""

    def begun(**after: str) -> Story:
        ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
        customer, site, contact = (new_id() for _n in range(3))
        card, front, surgery = (new_id() for _n in range(3))
        assets = {name: new_id() for name in COMPUTERS}
        visit_id = new_id()
        ines.store.save(
            Customer(
                id=customer,
                kind=CustomerKind.ORGANISATION,
                display_name="Larkspur Dental Group",
                engagement=Engagement.CONTRACT,
                has_diagnostics_consent=True,
                consent_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
            ),
            Site(id=site, customer_id=customer, name="Practice", town="Göttingen", time_zone="Europe/Berlin"),
            Contact(
                id=contact,
                customer_id=customer,
                given_name="Selin",
                family_name="Arslan",
                role="Practice manager",
                skill=3,
                may_approve_minor=50_000,
            ),
            *(
                Asset(id=i, customer_id=customer, site_id=site, name=name, tag=name)
                for name, i in assets.items()
            ),
            RateCard(
                id=card,
                name="Contracts",
                rates=(Rate(labour="work", hourly_minor=7200, increment_minutes=15),),
                travel_flat_minor=2500,
            ),
            Contract(
                id=new_id(),
                customer_id=customer,
                number="CTR-2026-014",
                name="Care",
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
                hours_included=Decimal(60),
                hours_used=Decimal("51.25"),
                rate_card_id=card,
            ),
            CostCentre(id=front, customer_id=customer, code="LDG-FRONT", name="Reception"),
            CostCentre(id=surgery, customer_id=customer, code="LDG-SURG", name="Surgery"),
            _budget(customer, front, 480_000, 431_000),
            _budget(customer, surgery, 600_000, 412_050),
            Product(id=new_id(), name="Wipes", kind=ProductKind.SUPPLY, price_minor=420),
            VisitRecord(
                id=visit_id,
                number=ines.store.next_number(2026),
                customer_id=customer,
                site_id=site,
                contact_id=contact,
                asset_ids=tuple(assets.values()),
                purpose="Upgrade the practice program on three computers",
                work_state=WorkState.SCHEDULED,
                planned_start_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
            ),
            Allocation(id=new_id(), visit_id=visit_id, cost_centre_id=front, share_percent=Decimal(60)),
            Allocation(id=new_id(), visit_id=visit_id, cost_centre_id=surgery, share_percent=Decimal(40)),
        )
        visit = ines.open(visit_id)
        ines.clock.go_to("2026-11-24 09:05")
        visit.next()
        story = Story(ines, visit, assets, after=after)
        for name in COMPUTERS:
            story.plug_in(name, "before")
            visit.check.start()
        visit.go("work")
        return story

    return begun


def _budget(customer: str, centre: str, approved: int, actual: int) -> Budget:
    return Budget(
        id=new_id(),
        customer_id=customer,
        cost_centre_id=centre,
        period="2026",
        approved_minor=approved,
        original_minor=approved,
        actual_minor=actual,
        warn_percent=90,
    )


@pytest.fixture
def tell(begin: Callable[..., Story]) -> Callable[..., Story]:
    """Play the story to its signed page, or to "work", its drafts confirmed; see `begin` for after."""

    def told(until: str = "signed", **after: str) -> Story:
        story = begin(**after)
        visit, clock = story.visit, story.device.clock
        clock.go_to("2026-11-24 12:20")
        visit.pause("Lunch")
        clock.go_to("2026-11-24 13:00")
        visit.resume()
        _supplies(story)
        story.check_all_again()
        story.confirm_drafts()
        if until == "work":
            return story
        clock.go_to("2026-11-24 15:45")
        visit.go("sign_off")
        visit.next()
        visit.sign_off.answer("5")
        visit.sign_off.draw(SIGNATURE)
        visit.sign_off.agree()
        visit.next()
        return story

    return told


def _supplies(story: Story) -> None:
    work = story.visit.work
    for name, quantity, price, is_part in (
        ("Memory module 8 GB", "3", "31.50", "yes"),
        ("SSD 500 GB", "1", "64.00", "yes"),
        ("Wipes", "2", "4.20", ""),
    ):
        work.choose_kind("supply_use")
        work.fill("name", name)
        work.fill("quantity", quantity)
        work.fill("unit_price_minor", price)
        work.fill("is_part", is_part)
        work.add_entry()


def test_scenario_o2_1_drafts(begin):
    """Each real change is one draft of the right kind; 9.9 → 9.10 is an upgrade on all three."""
    story = begin()
    story.check_all_again()
    rows = {(r.computer, r.title.replace("\u00a0", " ")): r for r in story.visit.after.state.drafts}
    assert set(rows) == {
        ("LDG-RC-01", "DentaBook upgraded from 9.9 to 9.10"),
        ("LDG-RC-02", "DentaBook upgraded from 9.9 to 9.10"),
        ("LDG-SU-01", "DentaBook upgraded from 9.9 to 9.10"),
        ("LDG-RC-01", "ScanBridge 2.0 installed"),
        ("LDG-RC-01", "PlainOffice 2025 (64-bit) upgraded to PlainOffice 2026 (64-bit)"),
        ("LDG-RC-01", "Browsewell upgraded from 143.0 to 143.1"),
        ("LDG-RC-02", "Toolbar Helper 1.2 removed"),
        ("LDG-RC-02", "Disk upgraded from 240 GB to 500 GB"),
        ("LDG-SU-01", "Memory upgraded from 8 GB to 16 GB"),
    }
    assert all(r.is_ticked is (r.confidence == "certain") for r in rows.values())
    confidence = {title: r.confidence for (_computer, title), r in rows.items()}
    assert confidence.pop("PlainOffice 2025 (64-bit) upgraded to PlainOffice 2026 (64-bit)") == "asked"
    assert confidence.pop("Browsewell upgraded from 143.0 to 143.1") == "self_update"
    assert set(confidence.values()) == {"certain"}
    drafts = {d.title.replace("\u00a0", " "): d.record for d in story.visit.held.drafted.drafts}
    assert isinstance(drafts["ScanBridge 2.0 installed"], Install)
    removal = drafts["Toolbar Helper 1.2 removed"]
    assert isinstance(removal, Maintenance)
    assert removal.action is MaintenanceAction.REMOVED
    for hardware in ("Disk upgraded from 240 GB to 500 GB", "Memory upgraded from 8 GB to 16 GB"):
        assert isinstance(drafts[hardware], Upgrade)
        assert drafts[hardware].what is UpgradeKind.HARDWARE
    assert not any(isinstance(d, Upgrade) and d.from_version == "9.10" for d in drafts.values())


def test_scenario_o2_2_nothing_without_confirmation(begin):
    """No draft is recorded by itself; at most two taps a draft record them all."""
    story = begin()
    story.check_all_again()
    assert story.bundle.activities == ()
    story.confirm_drafts()
    assert len(story.bundle.activities) == 8
    assert story.taps <= 2 * 8


def test_scenario_o2_2_moving_on_records_nothing(begin):
    """Leaving the steps without adding leaves the record empty, drafts and all."""
    story = begin()
    story.check_all_again()
    for step in ("follow_ups", "after", "sign_off", "work"):
        story.visit.go(step)
    assert story.bundle.activities == ()
    assert story.visit.work.state.drafts
    story.visit.go("sign_off")
    story.visit.next()
    assert story.visit.sign_off.state.phase == "customer"
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    assert story.bundle.valid_signature() is not None
    assert story.bundle.activities == ()


def test_scenario_o2_3_browser_is_evidence_only(tell):
    """The browser that updated itself is not on the paper; the evidence keeps it as changed by itself."""
    story = tell()
    assert "Browsewell" not in text_of(story.visit.sign_off.state.pdf)
    assert not any("Browsewell" in a.title for a in story.bundle.activities)
    asset = story.assets["LDG-RC-01"]
    before, after = (story.bundle.snapshot(asset, phase) for phase in (Phase.BEFORE, Phase.AFTER))
    changes = {c.product: c for c in inventory_difference(before.content, after.content)}
    assert changes["Browsewell"].confidence == "self_update"
    assert (changes["Browsewell"].before, changes["Browsewell"].after) == ("143.0", "143.1")


def test_scenario_o2_3_not_added_with_the_others(begin):
    """Adding what is ticked leaves the browser out, though nobody put it away."""
    story = begin()
    story.check_all_again()
    story.visit.after.drafting.add()
    titles = [a.title for a in story.bundle.activities]
    assert len(titles) == 7
    assert not any("Browsewell" in title or "PlainOffice" in title for title in titles)


def test_scenario_o2_3_not_ours_is_remembered(tell):
    """The next visit offers the browser without a tick even where it would not look automatic."""
    story = tell("work")
    kept = story.device.store.setting("drafts.not_our_work")
    assert any("browsewell" in topic for topic in kept)
    assert not any(r.title.startswith("Browsewell") for r in story.visit.work.state.drafts)
    unclaimed = replace(story.bundle, activities=())
    certain = next(d for d in drafted(unclaimed).drafts if d.is_ticked)
    again = drafted(unclaimed, not_ours=[topic_of(certain.key)]).drafts
    assert [d.is_ticked for d in again if d.key == certain.key] == [False]


def test_scenario_o2_4_labour_and_contract(tell):
    """6 h of labour are in the contract, 2.75 h are left; goods and travel are charged."""
    story = tell()
    reckoned = charges(story.bundle)
    assert reckoned.charged_minutes == 360
    assert reckoned.contract_minutes_left == 165
    # Up to the next quarter of an hour once for the visit, not for each stretch around the lunch break.
    morning, lunch, afternoon = story.bundle.labour
    later = (
        replace(morning, elapsed_s=morning.elapsed_s + 60),
        lunch,
        replace(afternoon, elapsed_s=afternoon.elapsed_s - 60),
    )
    assert charges(replace(story.bundle, labour=later)).charged_minutes == 360
    assert [line.amount_minor for line in reckoned.lines if line.kind == "labour"] == [0]
    assert sum(line.amount_minor for line in reckoned.lines if line.kind in ("part", "supply")) == 16690
    assert reckoned.total_minor == 19190


def test_scenario_o2_5_shares(tell):
    """60 % and 40 % of 191.90 are 115.14 and 76.76, to the cent."""
    found = shares(tell().bundle)
    assert sorted(s.amount_minor for s in found) == [7676, 11514]


def test_scenario_o2_5_no_cent_is_lost(tell):
    """Shares that do not come out even still add up: the cent goes to the largest remainder."""
    story = tell("work")
    story.device.clock.go_to("2026-11-24 15:45")
    story.visit.held.labour.stop()
    front, surgery = story.visit.need.state.shares
    story.visit.need.set_share(front.cost_centre_id, "33.33")
    story.visit.need.set_share(surgery.cost_centre_id, "66.67")
    found = {s.centre.code: s.amount_minor for s in shares(story.bundle)}
    assert found == {"LDG-FRONT": 6396, "LDG-SURG": 12794}
    assert sum(found.values()) == charges(story.bundle).total_minor == 19190


def test_scenario_o2_6_budgets_before_signing(tell, no_network):
    """Before anybody signs, offline, the screen says what each budget has left, and warns."""
    story = tell("work")
    story.device.clock.go_to("2026-11-24 15:45")
    story.visit.go("sign_off")
    story.visit.next()
    assert story.visit.sign_off.state.phase == "customer"
    front, surgery = story.visit.sign_off.state.money.budgets
    assert (front.standing, surgery.standing) == ("warn", "within")
    assert "374.86" in front.sentence
    assert "92.2" in front.sentence
    assert "1,802.74" in surgery.sentence
    assert "70.0" in surgery.sentence
    assert no_network == []


def test_scenario_o2_8_history_on_the_computers_page(tmp_path, monkeypatch, request, qapp, qtbot):
    """In the real window, by keyboard: SU-01's page says what memory it has since when, and opens that visit."""
    folder = tmp_path / "TK07"
    folder.mkdir()
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    monkeypatch.setattr("tests.scenarios.conftest.KEY", key)
    story = request.getfixturevalue("tell")("work")
    number = story.bundle.visit.number
    story.device.store.close()
    program = Program(
        qapp,
        folder,
        machine=story.device.desk.machine,
        clock=story.device.clock,
        is_portable=False,
        papers=tmp_path,
        vault_limits=LIMITS,
    )
    program.start()
    try:
        qtbot.waitUntil(lambda: program.unlock is not None)
        program.unlock.open(PASSPHRASE)
        qtbot.waitUntil(lambda: program.session is not None and not program.session.today.state.is_loading)
        session = program.session
        # The visit under way comes back by itself.
        qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
        Hand(qtbot, program.shell).press_name("Back to Today")
        Hand(qtbot, program.shell).press_name("Computers")
        rows = session.places.computers
        qtbot.waitUntil(lambda: rows.state.total == 3)
        table = session.home.page("computers").table
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_End)
        QTest.keyClick(table, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: session.places.computer is not None)
        page = session.home.passing
        qtbot.waitUntil(lambda: bool(session.places.computer.state.changes))
        assert page.title == "LDG-SU-01"
        said = f"Memory: 16 GB since 24 Nov 2026, visit {number}"
        qtbot.waitUntil(
            lambda: any(
                label.isVisible() and label.text().replace("\u00a0", " ") == said
                for label in page.findChildren(QLabel)
            )
        )
        Hand(qtbot, program.shell).press_name("Memory: 16")
        qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
        assert session.visit.state.visit_id == story.visit.held.visit_id
    finally:
        program.close()
        qapp.processEvents()


def test_scenario_o2_9_every_claim_is_proven(tell):
    """Every confirmed activity is proven by inventory, and says so beside its entry."""
    story = tell()
    bundle = story.bundle
    assert {proof_of(a, bundle) for a in bundle.activities} == {Proven.INVENTORY}
    assert {e.proof for e in story.visit.work.state.entries if e.kind != "supply_use"} == {"inventory"}
    for entry in bundle.activities:
        proof = entry.evidence[0]
        looks = [bundle.snapshot(entry.asset_id, phase) for phase in (Phase.BEFORE, Phase.AFTER)]
        assert (proof.snapshot_before, proof.snapshot_after) == tuple(look.id for look in looks), entry.title
    assert "claim_not_proven" not in {f.rule for f in flags(bundle)}


def test_scenario_o2_10_claim_not_proven(tell):
    """An upgrade claimed on RC-02, whose inventory still says 9.9, is flagged and blocks approval."""
    story = tell("work", **{"LDG-RC-02": "after_not_upgraded"})
    work = story.visit.work
    story.visit.choose_computer(story.assets["LDG-RC-02"])
    work.choose_kind("upgrade")
    work.fill("product", "DentaBook")
    work.fill("from_version", "9.9")
    work.fill("to_version", "9.10")
    work.add_entry()
    found = [f for f in flags(story.bundle) if f.rule == "claim_not_proven"]
    assert len(found) == 1
    assert found[0].severity is Severity.BLOCKING
    assert "9.9" in found[0].sentence
    entry = next(a for a in story.bundle.activities if a.id == found[0].record_id)
    assert entry.asset_id == story.assets["LDG-RC-02"]
    story.visit.go("sign_off")
    assert any("not proven" in f.sentence for f in story.visit.sign_off.state.flags)


def test_scenario_o2_10_draft_that_no_longer_holds(tell):
    """An entry confirmed from a draft loses its proof when a later inventory takes it back."""
    story = tell("work")
    story.plug_in("LDG-RC-02", "after_not_upgraded")
    story.visit.after.start()
    found = [f for f in flags(story.bundle) if f.rule == "claim_not_proven"]
    titles = {a.title for a in story.bundle.activities if a.id in {f.record_id for f in found}}
    assert titles == {"DentaBook upgraded from 9.9 to 9.10"}


@pytest.mark.parametrize(
    ("claimed", "is_proven"), [("9.10", True), ("9.12", False), ("9.9", False), ("10.1", False)]
)
def test_scenario_o2_10_draft_with_another_version_written_into_it(tell, claimed, is_proven):
    """Who writes another version into an entry made from a draft claims that one: the draft's proof is not its own."""
    story = tell("work")
    entry = next(
        a for a in story.bundle.activities if isinstance(a, Upgrade) and a.asset_id == story.assets["LDG-RC-02"]
        and a.product == "DentaBook"
    )  # fmt: skip
    story.visit.work.edit(entry.id)
    story.visit.work.fill("to_version", claimed)
    story.visit.work.add_entry()
    found = {f.record_id for f in flags(story.bundle) if f.rule == "claim_not_proven"}
    assert (entry.id not in found) is is_proven


def test_scenario_o2_11_renewal_is_for_the_office(tell):
    """A contract that ends in 37 days makes a follow-up for the success staff, nothing on the paper."""
    story = tell("work")
    found = [s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("renewal:")]
    assert len(found) == 1
    story.visit.follow_ups.add(found[0].key)
    promise = next(f for f in story.device.store.find(FollowUp) if f.created_from == found[0].key)
    assert promise.department is Department.SUCCESS
    assert not promise.is_on_paper
    story.device.clock.go_to("2026-11-24 15:45")
    story.visit.go("sign_off")
    story.visit.next()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    assert "renew" not in text_of(story.visit.sign_off.state.pdf).lower()


def test_scenario_o2_visit_goes_on_after_a_restart(tell):
    """After a restart the same visit, computers, entries, drafts put away and clock are there."""
    story = tell("work")
    device, visit_id = story.device, story.visit.held.visit_id
    entries = [e.id for e in story.visit.work.state.entries]
    story.visit.leave()
    device.start_again()
    device.clock.go_to("2026-11-24 15:45")
    again = device.open(visit_id)
    assert device.store.setting("visit.running") == visit_id
    assert [e.id for e in again.work.state.entries] == entries
    assert again.work.state.drafts == ()
    assert again.held.labour.worked_s == 6 * 3600
    assert dataclasses.asdict(again.state)["is_clock_running"]


def _submit(story: Story) -> str:
    story.visit.sign_off.print_()
    story.visit.sign_off.confirm_print()
    story.visit.next()
    assert story.bundle.visit.work_state is WorkState.SUBMITTED
    return story.visit.held.visit_id


def test_scenario_o2_9_reviewer_sees_claim_and_evidence(tell, office):
    """At the office every confirmed activity is proven by inventory, its evidence beside it."""
    story = tell()
    visit_id = _submit(story)
    story.device.sync.enrol(office.invitation())
    held = office.bundle(visit_id)
    assert len(held.activities) == 8
    assert {proof_of(a, held) for a in held.activities} == {Proven.INVENTORY}
    assert all(a.evidence[0].after or a.evidence[0].before for a in held.activities)
    assert "claim_not_proven" not in office.row(visit_id).flag_rules


def test_scenario_o2_10_bulk_approve_leaves_the_visit_out(tell, office):
    """The office's list carries the flag, and approving in bulk passes the visit over."""
    from techkit.central import review

    story = tell("work", **{"LDG-RC-02": "after_not_upgraded"})
    visit, work = story.visit, story.visit.work
    visit.choose_computer(story.assets["LDG-RC-02"])
    work.choose_kind("upgrade")
    work.fill("product", "DentaBook")
    work.fill("to_version", "9.10")
    work.add_entry()
    story.device.clock.go_to("2026-11-24 15:45")
    visit.go("sign_off")
    visit.next()
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    visit_id = _submit(story)
    story.device.sync.enrol(office.invitation())
    assert "claim_not_proven" in office.row(visit_id).flag_rules
    from techkit.central import accounts, bundles

    loaded = bundles.load(accounts.the_org().id, visit_id)
    result = review.approve_many(office.staff, [(visit_id, loaded.rev)])
    assert not result.approved
    assert office.bundle(visit_id).visit.review_state != "approved"


def test_scenario_o2_7_posted_figures_are_the_same(tell, office):
    """After approval and booking the office shows the figures the customer saw; variances are favourable."""
    from techkit.central import posting, review
    from techkit.errors import CentralError
    from techkit.records.budget import Budget, variance

    story = tell()
    seen = {row.label.partition(",")[0]: row for row in story.visit.sign_off.state.money.budgets}
    visit_id = _submit(story)
    story.device.sync.enrol(office.invitation())
    with pytest.raises(CentralError):
        posting.post(office.staff, visit_id)
    review.approve(office.staff, visit_id, None, note="Budget warning seen.")
    reviewer = office.staff
    reviewer.role = "reviewer"
    with pytest.raises(CentralError) as refused:
        posting.post(reviewer, visit_id)
    assert refused.value.status == 403
    assert office.bundle(visit_id).cost_entries == ()
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert sum(e.amount_minor for e in held.cost_entries) == 19190
    assert charges(held).total_minor == 19190
    codes = {c.id: c.code for c in held.cost_centres}
    after = {codes[b.cost_centre_id]: variance(b) for b in held.budgets}
    assert (after["LDG-FRONT"].variance_minor, after["LDG-SURG"].variance_minor) == (37486, 180274)
    assert all(v.is_favourable for v in after.values())
    assert "374.86" in seen["LDG-FRONT"].sentence
    assert posting.post(office.staff, visit_id).budgets == ()
    assert office.bundle(visit_id).cost_entries == held.cost_entries
    story.device.sync.now()
    on_device = {b.cost_centre_id: b.actual_minor for b in story.device.store.find(Budget)}
    assert sorted(on_device.values()) == [419726, 442514]


def test_scenario_o2_8_history_of_a_computer(tell, office):
    """At the office the surgery's computer has its history: 16 GB since 24 November, with the visit."""
    from techkit.records.asset_history import history

    story = tell()
    visit_id = _submit(story)
    story.device.sync.enrol(office.invitation())
    held = office.bundle(visit_id)
    own = [s for s in held.snapshots if s.asset_id == story.assets["LDG-SU-01"]]
    told = [e.since.replace("\u00a0", " ") for e in history(own, {visit_id: held.visit})]
    assert "Memory: 16 GB since 24 Nov 2026, visit TK07-2026-0001" in told
    assert "DentaBook: 9.10 since 24 Nov 2026, visit TK07-2026-0001" in told
    assert len(told) == 2
