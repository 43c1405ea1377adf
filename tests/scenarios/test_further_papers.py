"""Further stories told by the page: three answers to advice, a second person signs, a program rolled back, a computer not seen again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from techkit import i18n
from techkit.records.assets import Asset
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.records.proofs import Proven, proof_of
from techkit.records.success import Recommendation, RecommendationKind
from tests.scenarios.conftest import SIGNATURE, text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_drafts import Busy

THREE = ("RC-01", "RC-02", "SU-01")


@pytest.fixture
def story(device) -> Plain:
    return priced(device)


@pytest.mark.parametrize(
    ("tag", "words", "total"),
    [
        ("en", ("Your decision: Yes", "Your decision: No", "Your decision: Later"), "€60.00"),
        ("de", ("Ihre Entscheidung: Ja", "Ihre Entscheidung: Nein", "Ihre Entscheidung: Später"), "60,00 €"),
        ("fr", ("Votre décision : Oui", "Votre décision : Non", "Votre décision : Plus tard"), "60,00 €"),
    ],
)
def test_three_pieces_of_advice_three_answers(story: Plain, tag: str, words, total: str) -> None:
    """Yes to one, no to one, later to one: each stays advice on the page with its answer, none of them costs anything."""
    story.plan(paper_language=tag).arrive()
    advice = [
        Recommendation(
            id=new_id(), customer_id=story.customer, visit_id=story.visit.held.visit_id, kind=kind, text=text,
            why="Seen today.",
        )
        for kind, text in (
            (RecommendationKind.BACKUP, "Aaa one"),
            (RecommendationKind.REPLACE, "Bbb two"),
            (RecommendationKind.TRAINING, "Ccc three"),
        )
    ]  # fmt: skip
    story.device.store.save(*advice)
    story.visit.reload()
    for each, word in zip(advice, ("yes", "no", "later"), strict=True):
        story.visit.follow_ups.decide(each.id, word)
    held = {r.id: r.state for r in story.device.store.find(Recommendation)}
    assert [held[a.id] for a in advice] == ["accepted", "declined", "deferred"]
    story.device.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert charges(story.bundle).total_minor == 6000
    text = plain(text_of(story.pdf))
    assert total in text
    for each, word in zip(advice, words, strict=True):
        assert each.text in text
        assert word in text


@pytest.mark.parametrize(
    ("tag", "replaces"),
    [
        ("en", "Replaces revision 1 of this page."),
        ("de", "Ersetzt Fassung 1 dieser Seite."),
        ("fr", "Remplace la révision 1 de cette page."),
    ],
)
def test_refused_by_one_and_signed_by_another(story: Plain, tag: str, replaces: str) -> None:
    """Selin does not want to sign, Rowan does an hour later: revision 2 names Rowan, says it replaces 1, and costs the same."""
    rowan = Contact(
        id=new_id(), customer_id=story.customer, given_name="Rowan", family_name="Pike", may_sign=True
    )
    story.device.store.save(rowan)
    story.plan(paper_language=tag).arrive()
    story.device.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    sign_off = story.visit.sign_off
    sign_off.take_back()
    sign_off.waive("refused", "She wants to ask Rowan first.")
    story.device.clock.go_to("2026-11-24 11:00")
    sign_off.void("Rowan is here.")
    sign_off.hand_over()
    sign_off.set_signer("Rowan Pike")
    sign_off.draw(SIGNATURE)
    sign_off.agree()
    signature = story.bundle.valid_signature()
    assert (signature.visit_revision, signature.signer, signature.language) == (2, "Rowan Pike", tag)
    assert charges(story.bundle).total_minor == 6000
    text = plain(text_of(story.pdf))
    assert "Rowan Pike" in text
    assert replaces in text
    story.submit()


def test_a_language_techkit_does_not_write(story: Plain) -> None:
    """The customer speaks Turkish: the page is in a language techkit writes, says which, and the signature is under those words."""
    known = Plain(story.device).known(preferred_language="tr")
    known.plan(paper_language="tr").arrive()
    story.device.clock.go_to("2026-11-24 10:00")
    known.sign()
    signature = known.bundle.valid_signature()
    assert signature.language == "en"
    assert "€60.00" in plain(text_of(known.pdf))
    import io

    from pypdf import PdfReader

    assert PdfReader(io.BytesIO(known.pdf)).trailer["/Root"]["/Lang"] == "en"


def test_a_german_window_and_a_french_customer(story: Plain) -> None:
    """Nobody decided about the printer, and the fault is not found: what is promised of both stands in French, not in German."""
    with i18n.language("de"):
        story.plan(paper_language="fr", complaint="slow").arrive()
        work = story.visit.work
        work.choose_kind("troubleshooting")
        work.fill("title", "Caisse")
        work.fill("symptom", "Lente")
        work.add_entry()
        work.choose_kind("purchase_assistance")
        work.fill("title", "Nouvelle imprimante")
        work.fill("items.0.product", "Imprimante")
        work.add_entry()
        assert work.state.form is None or not work.state.form.error, work.state.form
        story.visit.follow_ups.add_all()
        texts = {plain(p.text) for p in story.bundle.follow_ups}
        assert {"Nach der Entscheidung fragen: Imprimante", "Zurückkommen auf: Caisse"} <= texts
        story.device.clock.go_to("2026-11-24 10:00")
        story.sign()
    text = plain(text_of(story.pdf))
    assert "Demander la décision : Imprimante" in text
    assert "Revenir à : Caisse" in text
    assert not [held for held in texts if held in text]


@pytest.fixture
def three(device) -> Busy:
    """Three computers, all seen before the work."""
    story = Busy(device("TK07", "Ines Okafor", "2026-11-24 09:00"))
    story.known(has_diagnostics_consent=True, consent_at=datetime(2026, 1, 2, tzinfo=UTC))
    story.rates(hourly=6000)
    story.assets = {name: new_id() for name in THREE}
    story.device.store.save(
        *(Asset(id=i, customer_id=story.customer, name=name, tag=name) for name, i in story.assets.items())
    )
    story.plan(asset_ids=tuple(story.assets.values()))
    story.visit.next()
    for name in THREE:
        story.plug_in(name, DentaBook="9.9")
        story.visit.check.start()
    story.visit.go("work")
    return story


def test_one_of_three_computers_is_not_seen_again(three: Busy) -> None:
    """Upgraded at all three, the third is in use again before it is looked at: no signature without a reason, and the reviewer reads it."""
    for name in THREE:
        three.plug_in(name, DentaBook="9.10")
        three.visit.work.look_again()
        three.visit.work.drafting.add()
    for name in THREE[:2]:
        three.plug_in(name, DentaBook="9.10")
        three.visit.after.start()
    three.device.clock.go_to("2026-11-24 10:00")
    three.sign()
    assert three.bundle.valid_signature() is None
    three.visit.after.skip("The surgery was in use again.")
    three.sign()
    assert three.bundle.valid_signature() is not None
    assert three.titles() == ["DentaBook upgraded from 9.9 to 9.10"] * 3
    (missing,) = [f for f in flags(three.bundle) if f.rule == "no_after_run"]
    assert plain(missing.sentence) == "SU-01 was not checked after the work: The surgery was in use again."
    assert [
        proof_of(a, three.bundle) for a in three.bundle.activities if a.asset_id == three.assets["RC-01"]
    ] == [Proven.INVENTORY]
    three.submit()
    three.submit()


def test_a_program_rolled_back_after_the_upgrade(three: Busy) -> None:
    """9.9 → 9.10 and back at one computer, 9.10 at the others: what went back is offered to be taken out, the page has the two."""
    for name in THREE:
        three.plug_in(name, DentaBook="9.10")
        three.visit.work.look_again()
        three.visit.work.drafting.add()
    for name, version in zip(THREE, ("9.9", "9.10", "9.10"), strict=True):
        three.plug_in(name, DentaBook=version)
        three.visit.after.start()
    (row,) = three.visit.after.state.drafts
    assert (row.computer, row.is_ticked) == ("RC-01", False)
    assert plain(row.title).startswith("Take out: DentaBook upgraded from 9.9 to 9.10")
    three.visit.after.drafting.toggle(row.key)
    three.visit.after.drafting.add()
    assert three.titles() == ["DentaBook upgraded from 9.9 to 9.10"] * 2
    three.device.clock.go_to("2026-11-24 10:00")
    three.sign()
    assert "claim_not_proven" not in {f.rule for f in flags(three.bundle)}


def test_an_older_version_put_on_knowingly(three: Busy) -> None:
    """9.10 did not run, 9.9 is put on instead at one computer: no draft ever calls that an upgrade."""
    three.plug_in("RC-01", DentaBook="9.8")
    three.visit.work.look_again()
    (title,) = [title for _computer, title in three.rows()]
    assert "upgraded" not in title
    assert "9.9" in title
    assert "9.8" in title


def test_a_half_typed_entry_when_the_customer_signs(story: Plain) -> None:
    """A supply is typed but not added: it is neither lost nor on the page, and it is there to go on with afterwards."""
    story.plan().arrive()
    work = story.visit.work
    work.choose_kind("supply_use")
    work.fill("name", "Cable")
    work.fill("unit_price_minor", "7.20")
    story.device.clock.go_to("2026-11-24 10:00")
    story.sign()
    assert charges(story.bundle).total_minor == 6000
    assert "Cable" not in text_of(story.pdf)
    assert work.state.form is not None
    fields = {f.name: f.text for f in (*work.state.form.fields, *work.state.form.more)}
    assert (fields["name"], fields["unit_price_minor"]) == ("Cable", "7.20")
