"""Further stories about what was signed: prices, names, promises and customers change, the signed page does not."""

from __future__ import annotations

from datetime import date

import pytest

from techkit.records.assets import Rate, RateCard
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.records.signing import Signature
from techkit.records.success import FollowUp
from techkit.summary import sealed
from techkit.ui.presenters.visit_page import page
from tests.scenarios.conftest import Device, text_of
from tests.scenarios.plain import Plain


@pytest.fixture
def ines(device) -> Device:
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


@pytest.fixture
def story(ines) -> Plain:
    """An hour at 60.00 and a cable of 7.20, with a promise to bring another one."""
    made = Plain(ines).known()
    made.rates(hourly=6000)
    made.plan().arrive()
    ines.clock.go_to("2026-11-24 10:00")
    made.use("Cable", "7.20")
    made.visit.go("follow_ups")
    made.visit.follow_ups.fill("text", "Bring a longer cable")
    made.visit.follow_ups.add_own()
    return made


def dearer(device: Device, story: Plain) -> None:
    (card,) = device.store.find(RateCard)
    rates = (Rate(labour="work", hourly_minor=9000, minimum_minutes=0, increment_minutes=15),)
    device.store.save(replace(card, rates=rates))


def renamed(device: Device, story: Plain) -> None:
    device.store.save(replace(device.store.get(Customer, story.customer), display_name="Dental at the Mill"))


def married(device: Device, story: Plain) -> None:
    device.store.save(replace(device.store.get(Contact, story.contact), family_name="Yilmaz"))


def dropped(device: Device, story: Plain) -> None:
    (promise,) = story.bundle.follow_ups
    device.store.save(
        replace(promise, state="dropped", outcome_note="They bought one", due_on=date(2027, 1, 4))
    )


LATER = (dearer, renamed, married, dropped)


@pytest.mark.parametrize("end", ["signed", "waived"])
def test_whatever_changes_afterwards_the_page_is_the_one_that_was_signed(ines, story, end):
    """67.20 stands there, the old name, and the promise as it was made; printed again from the start of the program."""
    if end == "signed":
        story.sign()
    else:
        story.hand_over()
        story.visit.sign_off.waive("absent")
    before = story.pdf
    visit_id = story.submit()
    document, _seal = page(story.bundle)
    assert (document.total, document.ours[0].text) == ("€67.20", "Bring a longer cable")
    for change in LATER:
        change(ines, story)
    ines.start_again()
    after, seal = page(ines.store.bundle(visit_id))
    assert after == document
    assert "Larkspur Dental Group" in text_of(before)
    again = ines.open(visit_id)
    again.go("sign_off")
    assert again.sign_off.state.pdf == before
    if end == "signed":
        assert after.content_hash == ines.store.bundle(visit_id).valid_signature().content_hash
        assert seal.strokes


def test_a_page_that_is_opened_again_says_what_is_true_now(ines, story):
    """The customer wants a change: the first page stays with its signature, the second is made of today's records."""
    story.sign()
    first = story.bundle.valid_signature()
    dearer(ines, story)
    story.visit.reload()
    story.visit.work.choose_kind("supply_use")
    story.use("Adapter", "12.00")
    story.visit.act_on_notice()
    assert story.bundle.valid_signature() is None
    document, _seal = page(story.bundle)
    assert (document.revision, document.total) == (2, "€109.20"), "90.00 + 7.20 + 12.00"
    kept = sealed.unpacked(first.page, first.content_hash)
    assert (kept.revision, kept.total) == (1, "€67.20")


def test_the_office_prints_what_was_signed(ines, story, office):
    """Arrived at the office, with other prices and names since: page and file there say what the customer signed."""
    from techkit.central.pages import visit as visit_page
    from techkit.central.pages import visit_history

    story.sign()
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    renamed(ines, story)
    dropped(ines, story)
    ines.sync.now()
    bundle = office.bundle(visit_id)
    assert bundle.customer_name == "Dental at the Mill"
    assert "Larkspur Dental Group" in text_of(visit_page._made_anew(office.staff, bundle))
    mark = visit_history.signature_words(bundle, ines.clock.zone())["seal"]
    assert mark.words == "Something changed since; the page is as it was signed"


def test_a_kept_page_that_was_tampered_with_is_not_shown(ines, story):
    """Rubbish, a bomb or another page in its place: the page is made of the records, as without one."""
    import base64
    import zlib

    story.sign()
    signature = story.bundle.valid_signature()
    whole = sealed.unpacked(signature.page, signature.content_hash)
    other = sealed.packed(replace_total(whole, "€1.00"))
    bomb = base64.b64encode(zlib.compress(b"[" * 50_000_000, 9)).decode()
    for kept in (
        "",
        "no base64 at all",
        other,
        bomb,
        base64.b64encode(zlib.compress(b'{"title": 1}')).decode(),
    ):
        assert sealed.unpacked(kept, signature.content_hash) is None
    assert len(signature.page) < 20_000
    assert ines.store.find(Signature) == [signature]


def replace_total(document, total):
    import dataclasses

    return dataclasses.replace(document, total=total)


def test_no_page_comes_back_of_a_customer_who_was_removed(ines, story):
    """Once the customer is removed, the name on the kept page is not shown either."""
    import dataclasses

    story.sign()
    bundle = dataclasses.replace(story.bundle, customer=None, is_customer_removed=True)
    assert sealed.of(bundle) is None


def test_promises_know_nothing_of_seals(ines, story):
    """Keeping the promise of a signed visit needs no new signature."""
    story.sign()
    (promise,) = story.bundle.follow_ups
    story.visit.follow_ups.settle(promise.id, "done", "Brought it")
    assert ines.store.get(FollowUp, promise.id).state == "done"
    assert story.bundle.valid_signature() is not None
