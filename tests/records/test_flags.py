"""The review rules, one by one: each fires on its case and is quiet on a visit that is in order."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from techkit import i18n
from techkit.records.activities import (
    Attendance,
    Install,
    Maintenance,
    MaintenanceAction,
    Proof,
    Training,
    Troubleshooting,
    Upgrade,
)
from techkit.records.assets import (
    Asset,
    Contract,
    DiagnosticRun,
    InventorySnapshot,
    LabourKind,
    Phase,
    Rate,
    RateCard,
)
from techkit.records.budget import Allocation, Budget, Control, CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Area, Finding, Reading, Verdict
from techkit.records.flags import flags
from techkit.records.parties import Customer, Engagement, Payer
from techkit.records.proofs import Proven, check_key, proof_of
from techkit.records.review import Severity
from techkit.records.signing import Signature, SignatureVoided, SignOffWaiver
from techkit.records.visit import (
    Attachment,
    Consent,
    Expense,
    LabourSegment,
    Outcome,
    SupplyUse,
    Visit,
    WorkState,
)

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(hour: float) -> datetime:
    return NINE + timedelta(hours=hour - 9)


def content(**programs: str) -> dict[str, Any]:
    listed = [{"name": n, "version": v, "publisher": "", "source": "registry"} for n, v in programs.items()]
    return {"shape": 1, "software": listed, "hardware": {}, "os": {}, "settings": {}, "unread": []}


def snapshot(phase: Phase, held: dict[str, Any] | None = None) -> InventorySnapshot:
    return InventorySnapshot(
        id=f"s-{phase}", visit_id="v", asset_id="a", phase=phase, content=held or content()
    )


def run(phase: Phase, *findings: Finding, readings: tuple[Reading, ...] = ()) -> DiagnosticRun:
    return DiagnosticRun(
        id=f"r-{phase}", visit_id="v", asset_id="a", phase=phase, findings=findings, readings=readings
    )


def labour(start: float, end: float, **more: Any) -> LabourSegment:
    held = dict(id=f"l{start}", visit_id="v", technician="Ines", started_at=at(start), ended_at=at(end))
    return LabourSegment(**(held | more))


def upgrade(**more: Any) -> Upgrade:
    held = dict(id="u", visit_id="v", asset_id="a", title="DentaBook", product="DentaBook", to_version="9.10")
    return Upgrade(**(held | more))


def in_order(**more: Any) -> VisitBundle:
    """A submitted visit with nothing to ask about."""
    visit = Visit(
        id="v",
        customer_id="c",
        asset_ids=("a",),
        arrived_at=at(9),
        left_at=at(12),
        outcome=Outcome.RESOLVED,
        consent=Consent.GIVEN,
        work_state=WorkState.SUBMITTED,
    )
    visit = dataclasses.replace(visit, **more.pop("visit", {}))
    held = dict(
        visit=visit,
        customer=Customer(id="c", display_name="C"),
        assets=(Asset(id="a", customer_id="c", name="RC-02"),),
        activities=(upgrade(),),
        labour=(labour(9, 12),),
        signatures=(Signature(id="g", visit_id="v", signer="S", signed_at=at(12)),),
        snapshots=(
            snapshot(Phase.BEFORE, content(DentaBook="9.9")),
            snapshot(Phase.AFTER, content(DentaBook="9.10")),
        ),
        runs=(run(Phase.BEFORE), run(Phase.AFTER)),
    )
    return VisitBundle(**(held | more))


def rules(bundle: VisitBundle, **more: Any) -> dict[str, Severity]:
    return {flag.rule: flag.severity for flag in flags(bundle, **more)}


def test_a_visit_in_order_has_no_flags():
    """Nothing is asked about a visit whose claims, times and signature agree."""
    assert flags(in_order()) == ()


def test_bad_input_c36_c37_a_wrong_clock_marks_the_times():
    """One mark a visit, whichever of its moments is impossible."""
    wrong = labour(
        9, 12, started_at=datetime(1970, 1, 1, tzinfo=UTC), ended_at=datetime(1970, 1, 1, 3, tzinfo=UTC)
    )
    assert rules(in_order(labour=(wrong,)))["time_uncertain"] is Severity.WARNING
    assert "time_uncertain" not in rules(in_order())


def test_every_sentence_is_one_sentence():
    """A flag is one plain sentence that ends with a full stop, and names its row."""
    found = flags(
        in_order(
            signatures=(), runs=(run(Phase.BEFORE),), snapshots=(), labour=(labour(8, 30),), activities=()
        )
    )
    assert len(found) >= 4
    assert all(f.sentence.endswith(".") and f.kind and f.record_id for f in found)


class TestClaims:
    def test_version_that_is_not_there(self):
        """An upgrade the inventory after the work does not show blocks, and says what is there."""
        held = in_order(
            snapshots=(
                snapshot(Phase.BEFORE, content(DentaBook="9.9")),
                snapshot(Phase.AFTER, content(DentaBook="9.9")),
            )
        )
        (flag,) = [f for f in flags(held) if f.rule == "claim_not_proven"]
        assert (flag.severity, flag.kind, flag.record_id) == (Severity.BLOCKING, "upgrade", "u")
        assert "DentaBook 9.9" in flag.sentence

    @pytest.mark.parametrize(
        ("claim", "expected"),
        [
            (upgrade(), Proven.INVENTORY),
            (upgrade(to_version="9.11"), Proven.NOT_PROVEN),
            (upgrade(product="Other Program"), Proven.NOT_PROVEN),
            (upgrade(asset_id="elsewhere"), Proven.OPEN),
            (
                Install(id="i", asset_id="a", title="x", product="Scan Bridge", version="2.0"),
                Proven.INVENTORY,
            ),
            (Install(id="i", asset_id="a", title="x", product="Never Installed"), Proven.NOT_PROVEN),
            (Install(id="i", asset_id=None, title="A router", product="Router"), Proven.NOT_PROVABLE),
            (
                Maintenance(
                    id="m", asset_id="a", title="x", action=MaintenanceAction.REMOVED, product="Toolbar"
                ),
                Proven.INVENTORY,
            ),
            (
                Maintenance(
                    id="m", asset_id="a", title="x", action=MaintenanceAction.REMOVED, product="DentaBook"
                ),
                Proven.NOT_PROVEN,
            ),
            (Maintenance(id="m", asset_id="a", title="Fan cleaned"), Proven.NOT_PROVABLE),
            (Training(id="t", title="Mail merge"), Proven.NOT_PROVABLE),
            (Troubleshooting(id="t", asset_id="a", title="Slow"), Proven.NOT_PROVABLE),
        ],
    )
    def test_proof_by_inventory(self, claim, expected):
        """A claim is proven when the inventories before and after show it, and not otherwise."""
        before = content(DentaBook="9.9", Toolbar="1.2")
        after = content(DentaBook="9.10") | {}
        after["software"].append(
            {"name": "Scan Bridge", "version": "2.0", "publisher": "", "source": "registry"}
        )
        held = in_order(snapshots=(snapshot(Phase.BEFORE, before), snapshot(Phase.AFTER, after)))
        assert proof_of(claim, held) is expected

    def test_not_looked_at_is_neither(self):
        """Without an inventory after the work, or with programs unread, a claim is open, not disproved."""
        assert proof_of(upgrade(), in_order(snapshots=(snapshot(Phase.BEFORE),))) is Proven.OPEN
        unread = content() | {"unread": ["software"]}
        held = in_order(snapshots=(snapshot(Phase.BEFORE), snapshot(Phase.AFTER, unread)))
        assert proof_of(upgrade(), held) is Proven.OPEN

    def test_presence_proves_where_nobody_looked_before(self):
        """Where only the inventory after the work was read, the product being there as claimed proves it."""
        held = in_order(snapshots=(snapshot(Phase.AFTER, content(DentaBook="9.10")),))
        assert proof_of(upgrade(), held) is Proven.INVENTORY
        assert proof_of(upgrade(to_version="9.11"), held) is Proven.NOT_PROVEN

    def test_proof_by_reading(self):
        """An entry with a reading behind it is proven while the readings still differ."""
        space = Reading(id="storage.volume.total_bytes", value=100 * 10**9, subject="C:")
        few = Reading(id="storage.volume.free_bytes", value=2 * 10**9, subject="C:")
        much = Reading(id="storage.volume.free_bytes", value=60 * 10**9, subject="C:")
        key = "a|reading|storage.volume.free_bytes:C:"
        entry = Maintenance(
            id="m", asset_id="a", title="x", evidence=(Proof(source="reading", subject="", draft_key=key),)
        )
        runs = (run(Phase.BEFORE, readings=(space, few)), run(Phase.AFTER, readings=(space, much)))
        assert proof_of(entry, in_order(runs=runs)) is Proven.READING
        runs = (run(Phase.BEFORE, readings=(space, few)), run(Phase.AFTER, readings=(space, few)))
        assert proof_of(entry, in_order(runs=runs)) is Proven.NOT_PROVEN

    @pytest.mark.parametrize(
        ("after", "is_fixed", "expected"),
        [
            (Verdict.OK, True, Proven.READING),
            (Verdict.ACT, True, Proven.NOT_PROVEN),
            (Verdict.ACT, False, Proven.OPEN),
        ],
    )
    def test_fixed_is_a_claim_about_its_finding(self, after, is_fixed, expected):
        """“Fixed” with a finding behind it is proven only when that finding got better."""

        def found(verdict: Verdict) -> Finding:
            return Finding(
                check="disk_space", title="Space", area=Area.STORAGE, verdict=verdict, subject="C:"
            )

        proof = Proof(source="reading", subject="", draft_key=check_key("a", "disk_space", "C:"))
        entry = Troubleshooting(id="t", asset_id="a", title="Slow", is_fixed=is_fixed, evidence=(proof,))
        held = in_order(runs=(run(Phase.BEFORE, found(Verdict.ACT)), run(Phase.AFTER, found(after))))
        assert proof_of(entry, held) is expected

    def test_change_nobody_claimed(self):
        """A certain change that no entry names is a notice; what updates itself is none."""
        before, after = content(), content(Scanwell="2.0")
        held = in_order(
            activities=(), snapshots=(snapshot(Phase.BEFORE, before), snapshot(Phase.AFTER, after))
        )
        assert rules(held) == {"unclaimed_change": Severity.NOTICE}
        before, after = content(Browsewell="143.0"), content(Browsewell="143.1")
        held = in_order(
            activities=(), snapshots=(snapshot(Phase.BEFORE, before), snapshot(Phase.AFTER, after))
        )
        assert rules(held) == {}


class TestAfterRun:
    def test_missing(self):
        """A computer that was not checked after the work is flagged; a reason makes it a notice."""
        held = in_order(runs=(run(Phase.BEFORE),))
        assert rules(held) == {"no_after_run": Severity.WARNING}
        held = in_order(runs=(run(Phase.BEFORE),), visit={"no_after_run_reason": "In use"})
        assert rules(held) == {"no_after_run": Severity.NOTICE}

    @pytest.mark.parametrize(
        "visit",
        [
            {"outcome": Outcome.NO_ACCESS, "work_state": WorkState.NO_ACCESS},
            {"outcome": Outcome.CANCELLED_BY_CUSTOMER},
            {"consent": Consent.REFUSED},
            {"outcome": Outcome.ADVICE_ONLY},
        ],
    )
    def test_never_where_nobody_could_look(self, visit):
        """No access, no consent or advice alone need no check after the work."""
        assert "no_after_run" not in rules(in_order(runs=(), activities=(), visit=visit))

    def test_never_without_a_computer(self):
        """A visit without a computer needs no check."""
        assert rules(in_order(runs=(), assets=(), snapshots=(), activities=())) == {}


class TestLabour:
    def test_overlap_with_another_visit(self):
        """The same technician at two visits at once is flagged; another technician is not."""
        other = labour(11, 13, id="x", visit_id="w")
        assert rules(in_order(), other_labour=(other,)) == {"overlapping_labour": Severity.WARNING}
        assert rules(in_order(), other_labour=(dataclasses.replace(other, technician="Pavel"),)) == {}
        assert rules(in_order(), other_labour=(labour(12, 13, id="x", visit_id="w"),)) == {}

    def test_superseded_labour_does_not_count(self):
        """A corrected stretch of time no longer overlaps."""
        old = labour(11, 13, id="x", visit_id="w")
        new = labour(13, 14, id="y", visit_id="w", supersedes="x")
        assert rules(in_order(), other_labour=(old, new)) == {}

    def test_before_arrival_and_after_sign_off(self):
        """Work outside arrival and signature is flagged; travel before arrival is not."""
        assert rules(in_order(labour=(labour(8, 9),))) == {"labour_before_arrival": Severity.WARNING}
        assert rules(in_order(labour=(labour(8, 9, kind=LabourKind.TRAVEL),))) == {}
        assert rules(in_order(labour=(labour(12, 13),))) == {"labour_after_sign_off": Severity.WARNING}

    def test_forgotten_clock(self):
        """More than 16 hours in one stretch is flagged."""
        held = in_order(
            labour=(labour(9, 26),), signatures=(Signature(id="g", signer="S", signed_at=at(26)),)
        )
        assert rules(held) == {"long_labour": Severity.WARNING}


class TestSignature:
    def test_missing(self):
        """No signature and no reason blocks; a reason for this revision is enough."""
        assert rules(in_order(signatures=())) == {"signature_missing": Severity.BLOCKING}
        assert rules(in_order(signatures=(), waivers=(SignOffWaiver(id="w", visit_id="v"),))) == {}
        old = SignOffWaiver(id="w", visit_id="v", visit_revision=1)
        assert "signature_missing" in rules(in_order(signatures=(), waivers=(old,), visit={"revision": 2}))

    def test_not_asked_of_a_closed_door(self):
        """A visit without access needs no signature."""
        assert "signature_missing" not in rules(in_order(signatures=(), visit={"outcome": Outcome.NO_ACCESS}))

    def test_edited_after_signing(self):
        """An entry written after signing blocks; a voided and renewed signature is a notice."""
        late = upgrade(recorded_at=at(12.5))
        assert rules(in_order(activities=(late,))) == {"edited_after_signing": Severity.BLOCKING}
        voided = SignatureVoided(id="x", visit_id="v", signature_id="old")
        assert rules(in_order(voided=(voided,))) == {"edited_after_signing": Severity.NOTICE}


class TestMoney:
    def test_expense_without_receipt(self):
        """An expense above 20.00 needs its receipt; one at the limit does not."""
        dear = Expense(id="e", visit_id="v", amount_minor=6200, receipt_id=None)
        assert rules(in_order(expenses=(dear,))) == {"expense_without_receipt": Severity.WARNING}
        assert rules(in_order(expenses=(dataclasses.replace(dear, amount_minor=2000),))) == {}
        with_receipt = dataclasses.replace(dear, receipt_id="p")
        assert (
            rules(in_order(expenses=(with_receipt,), attachments=(Attachment(id="p", visit_id="v"),))) == {}
        )
        assert "expense_without_receipt" in rules(in_order(expenses=(with_receipt,)))

    def test_labour_without_a_rate(self):
        """Where the signed page left the price of the labour open, the office is told how much it was."""
        (signed,) = in_order().signatures
        priced = dataclasses.replace(signed, total_minor=0, currency="EUR")
        assert rules(in_order(signatures=(priced,))) == {"labour_without_rate": Severity.WARNING}
        card = RateCard(id="k", name="K", rates=(Rate(hourly_minor=0),))
        assert rules(in_order(signatures=(priced,), rate_card=card)) == {}

    def test_part_without_price(self):
        """A part without a price is flagged; one under guarantee is not."""
        part = SupplyUse(id="p", visit_id="v", name="Fan")
        assert rules(in_order(supplies=(part,))) == {"part_without_price": Severity.WARNING}
        assert rules(in_order(supplies=(dataclasses.replace(part, is_warranty=True),))) == {}
        assert rules(in_order(supplies=(dataclasses.replace(part, unit_price_minor=0),))) == {}

    @pytest.mark.parametrize(
        ("payer", "price", "is_flagged"),
        [
            ({"is_reference_required": True}, 500, True),
            ({"is_reference_required": True, "po_reference": " "}, 500, True),
            ({"is_reference_required": True, "po_reference": "4711"}, 500, False),
            ({"is_reference_required": True}, 0, False),
            ({}, 500, False),
        ],
    )
    def test_order_number_missing(self, payer, price, is_flagged):
        """Who pays only with an order number is asked for it where the visit costs something."""
        part = SupplyUse(id="p", visit_id="v", name="Fan", unit_price_minor=price)
        held = in_order(supplies=(part,), payer=Payer(id="y", customer_id="c", name="Town hall", **payer))
        assert ("order_number_missing" in rules(held)) is is_flagged

    @pytest.mark.parametrize(
        ("contract", "expected"),
        [
            ({"ends_on": date(2026, 12, 31)}, {}),
            ({"ends_on": date(2026, 11, 23)}, {"contract_not_in_force": Severity.WARNING}),
            ({"starts_on": date(2026, 11, 25)}, {"contract_not_in_force": Severity.WARNING}),
            ({"covers_all_assets": False}, {"contract_not_in_force": Severity.WARNING}),
            ({"covers_all_assets": False, "covered_assets": ("a",)}, {}),
        ],
    )
    def test_contract(self, contract, expected):
        """A contract must hold on the visit's day and cover its computers."""
        assert rules(in_order(contract=Contract(id="k", number="CTR", **contract))) == expected

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            (("60", "40"), {}),
            (("33.33", "33.33", "33.34"), {}),
            (("60", "30"), {"allocation_not_whole": Severity.BLOCKING}),
            (("120", "-20"), {"allocation_not_whole": Severity.BLOCKING}),
        ],
    )
    def test_allocation(self, parts, expected):
        """The shares of the cost centres must add up to exactly 100 %."""
        held = tuple(
            Allocation(id=f"k{n}", visit_id="v", cost_centre_id=f"c{n}", share_percent=Decimal(p))
            for n, p in enumerate(parts)
        )
        assert rules(in_order(allocations=held)) == expected

    def test_shares_are_told_in_plain_figures(self):
        """The sentence says 90 %, whatever form the sum has inside."""
        held = tuple(
            Allocation(id=p, visit_id="v", cost_centre_id=p, share_percent=Decimal(p)) for p in ("60", "30")
        )
        (flag,) = flags(in_order(allocations=held))
        assert "90\u00a0%" in flag.sentence

    @pytest.mark.parametrize(
        ("control", "actual", "expected"),
        [
            (Control.WARN, 8000, {}),
            (Control.WARN, 9000, {"budget_warn": Severity.NOTICE}),
            (Control.STOP, 9000, {"budget_warn": Severity.NOTICE}),
            (Control.STOP, 9950, {"budget_stop": Severity.BLOCKING}),
            (Control.IGNORE, 99_999, {}),
        ],
    )
    def test_budget(self, control, actual, expected):
        """A budget warns from its level on, stops when it says so, and is never asked when it says nothing."""
        held = in_order(
            allocations=(Allocation(id="k", visit_id="v", cost_centre_id="c1", share_percent=Decimal(100)),),
            cost_centres=(CostCentre(id="c1", customer_id="c", code="FRONT"),),
            budgets=(
                Budget(
                    id="b", cost_centre_id="c1", approved_minor=10_000, actual_minor=actual, control=control
                ),
            ),
            supplies=(SupplyUse(id="p", visit_id="v", name="Fan", unit_price_minor=100),),
        )
        assert rules(held) == expected

    def test_internal_visit_needs_a_cost_centre(self):
        """An internal customer's visit without a share of a cost centre is flagged."""
        internal = Customer(id="c", display_name="C", engagement=Engagement.INTERNAL)
        centre = CostCentre(id="c1", customer_id="c", code="TRN")
        assert rules(in_order(customer=internal, cost_centres=(centre,))) == {
            "no_cost_centre": Severity.WARNING
        }


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "The password is Sommer2026",
            "Passwort: geheim1",
            "PIN: 1234",
            "The router is at 192.168.1.1",
            "mac 00:1a:2b:3c:4d:5e",
            "classic PEBKAC",
        ],
    )
    def test_private_words(self, text):
        """Secrets, addresses of machines and hurtful words on the customer's page are flagged."""
        assert rules(in_order(activities=(upgrade(note_customer=text),))) == {
            "private_words": Severity.WARNING
        }

    @pytest.mark.parametrize(
        "text", ["You can now choose your own password.", "Version 9.10 is newer than 9.9.", "Dummy"]
    )
    def test_ordinary_words_are_quiet(self, text):
        """Speaking of passwords or versions is no secret."""
        assert rules(in_order(activities=(upgrade(note_customer=text),))) == {}

    def test_a_version_is_no_address(self):
        """A version of four numbers in an entry's title is not taken for a network address."""
        held = upgrade(
            title="Tool upgraded from 1.2.3.4 to 1.2.3.5", from_version="1.2.3.4", to_version="1.2.3.5"
        )
        assert "private_words" not in rules(in_order(activities=(held,)))

    def test_note_for_colleagues_on_the_page(self):
        """A note for colleagues that stands on the customer's page word for word is flagged."""
        note = "Ask the office whether the family rate applies"
        leaked = upgrade(note_internal=note, note_customer=f"All fine. {note}!")
        assert rules(in_order(activities=(leaked,))) == {"private_words": Severity.WARNING}
        assert rules(in_order(activities=(upgrade(note_internal=note, note_customer="All fine."),))) == {}

    def test_long_notes_are_folded_once(self):
        """A note of 100,000 characters was folded anew for each of them, and in each language: minutes for one visit."""
        folded = []

        class Note(str):
            def casefold(self):
                folded.append(1)
                return str(self).casefold()

        held = upgrade(
            note_internal=Note("Ask the office whether it applies. " * 9), note_customer="All fine."
        )
        bundle = in_order(activities=(held,))
        for language in i18n.LANGUAGES:
            with i18n.language(language):
                assert rules(bundle) == {}
        assert len(folded) == 1


def test_attendance_without_skill():
    """A person who took part without a skill before and after is noticed; an absent one is not."""
    rows = (
        Attendance(contact_id="1", name="Amara", skill_before=2, skill_after=0),
        Attendance(contact_id="2", name="Ewa", is_present=False, skill_before=2),
    )
    training = Training(id="t", visit_id="v", title="Styles", attendance=rows)
    (flag,) = flags(in_order(activities=(upgrade(), training)))
    assert (flag.rule, flag.severity) == ("attendance_without_skill", Severity.NOTICE)
    assert "Amara" in flag.sentence
    assert "Ewa" not in flag.sentence
