"""What one signed page says otherwise than another, in words a person can check."""

from __future__ import annotations

import dataclasses
import time

from techkit import i18n
from techkit.records.bundle import VisitBundle
from techkit.records.signing import Signature, SignatureVoided, SignOffWaiver, WaiverReason
from techkit.summary import sealed
from techkit.summary.blocks import Document, ReadingGroup, ReadingRow
from techkit.summary.document import build
from techkit.summary.versions import change_of, changes, compared, heading, standing, versions
from tests.summary.visits import slow_computer

PAGE = build(slow_computer())


def test_each_change_is_named_with_both_texts():
    """A price, a promise that went and one that came: each in its own sentence, and nothing else."""
    cost, *other_costs = PAGE.costs
    later = dataclasses.replace(
        PAGE,
        costs=(dataclasses.replace(cost, amount="€90.00"), *other_costs),
        total="€107.90",
        ours=(dataclasses.replace(PAGE.ours[0], text="Bring a longer cable"),),
        revision=2,
        replaces="Replaces revision 1 of this page.",
    )
    assert changes(PAGE, later) == (
        f"We do: new: “Bring a longer cable, {PAGE.ours[0].by}, {PAGE.ours[0].who}”",
        f"We do: taken off: “{PAGE.ours[0].text}, {PAGE.ours[0].by}, {PAGE.ours[0].who}”",
        f"Cost of this visit, {cost.label}: “{cost.amount}”, now “€90.00”",
        f"Total before tax: “{PAGE.total}”, now “€107.90”",
    )


def test_every_part_of_a_page_is_compared():
    """No part the customer reads can change without a word of it."""
    for part in ("result", "total", "statement"):
        assert changes(PAGE, dataclasses.replace(PAGE, **{part: "otherwise"})), part
    emptied = (
        "facts", "short", "done", "computers", "ours", "advice", "costs", "cost_notes", "details", "readings",
    )  # fmt: skip
    row = ReadingRow(title="Free space", value="61 GB", limit="15 %", verdict="ok", word="Good")
    page = dataclasses.replace(PAGE, readings=(ReadingGroup(title="Storage", rows=(row,)),))
    for part in emptied:
        assert getattr(page, part), f"the sample says nothing in {part}"
        told = changes(page, dataclasses.replace(page, **{part: ()}))
        assert told
        assert "the same" not in told[0], part


def test_the_same_page_in_another_look_or_language():
    """Large print and the sheet are said; two languages are said once, not sentence by sentence."""
    assert changes(PAGE, PAGE) == ("What the customer reads is the same.",)
    assert changes(PAGE, dataclasses.replace(PAGE, is_large=True, paper="Letter")) == (
        "It is in large print now.",
        "The sheet is Letter now, it was A4.",
    )
    german = build(slow_computer(), language="de")
    told = changes(PAGE, german)
    assert told[0] == "Language: English, now German. Sentences in two languages are not compared."
    assert len(told) == 2, "the total is written another way"


def test_a_long_text_is_cut_and_two_of_one_name_are_told_apart():
    """Nine hundred letters are not read out; of two entries with one name only the other one is new."""
    longer = (*PAGE.done, dataclasses.replace(PAGE.done[0], text="x" * 900))
    (told,) = changes(PAGE, dataclasses.replace(PAGE, done=longer))
    assert told.startswith("What we did: new: “")
    assert len(told) < 200


def test_versions_of_a_visit():
    """Signed, void and signed again, and one nobody signed: each with its page and how it stands."""
    bundle = slow_computer()
    first = Signature(
        id="s1",
        visit_id="v1",
        signer="Odalys Brandt",
        content_hash=PAGE.content_hash,
        page=sealed.packed(PAGE),
    )
    note = SignOffWaiver(id="w2", visit_id="v1", visit_revision=2, reason=WaiverReason.ABSENT, note="Away")
    third = dataclasses.replace(first, id="s3", visit_revision=3)
    bundle = dataclasses.replace(
        bundle,
        visit=dataclasses.replace(bundle.visit, revision=3),
        signatures=(first, third),
        voided=(SignatureVoided(id="x", visit_id="v1", signature_id="s1", reason="Another price"),),
        waivers=(note,),
    )
    found = versions(bundle)
    assert [(v.id, v.revision, v.page() is not None, v.holds) for v in found] == [
        ("s1", 1, True, False),
        ("w2", 2, False, False),
        ("s3", 3, True, True),
    ]
    assert [heading(v, "3 Nov 2026, 10:12" if v.signature else "") for v in found][:2] == [
        "As signed on 3 Nov 2026, 10:12",
        "Revision 2, not signed",
    ]
    assert [standing(v, "Odalys Brandt") for v in found] == [
        "Revision 1, Odalys Brandt. Void: Another price",
        "Revision 2, opened again since. Nobody there. Away",
        "Revision 3, Odalys Brandt. It holds.",
    ]
    with i18n.language("de"):
        assert standing(found[2], "Odalys Brandt") == "Fassung 3, Odalys Brandt. Sie gilt."
    removed = dataclasses.replace(bundle, is_customer_removed=True)
    assert {v.page() for v in versions(removed)} == {None}


def _signed(*pages: Document) -> VisitBundle:
    """Return a visit with each of these pages signed, the last of them holding."""
    kept: dict[int, tuple[str, str]] = {}
    for page in pages:
        if id(page) not in kept:
            kept[id(page)] = page.content_hash, sealed.packed(page)
    signatures = tuple(
        Signature(
            id=f"s{at:04d}",
            visit_id="v1",
            visit_revision=at,
            signer="Odalys Brandt",
            content_hash=kept[id(page)][0],
            page=kept[id(page)][1],
        )
        for at, page in enumerate(pages, 1)
    )
    bundle = slow_computer()
    visit = dataclasses.replace(bundle.visit, revision=len(pages))
    return dataclasses.replace(bundle, visit=visit, signatures=signatures, voided=(), waivers=())


def test_each_page_is_compared_with_the_one_before_it():
    """Oldest first, as the versions stand; the page in hand comes last, and no page at all is no change."""
    other = dataclasses.replace(PAGE, total="€107.90")
    found = versions(_signed(PAGE, other, PAGE))
    back, there = changes(other, PAGE), changes(PAGE, other)
    assert back != there
    assert compared(found) == [(), there, back]
    assert compared(found, other) == [(), there, back, there]
    assert compared([]) == compared([], other) == []
    assert change_of(_signed(PAGE, other), found[1], other) == there
    bare = [dataclasses.replace(held, is_kept=False) for held in found]
    assert compared(bare) == [(), (), ()]


def test_a_thousand_signed_pages_of_eight_megabytes_hold_nobody_up():
    """The list is made of small facts: no page is unpacked for it, and few, small ones are compared."""
    huge = dataclasses.replace(PAGE, result="x" * (8_000_000 - len(sealed.packed(PAGE)) * 4))
    bundle = _signed(*[huge] * 997, PAGE, dataclasses.replace(PAGE, total="€107.90"), PAGE)
    one_from = time.process_time()
    assert versions(_signed(huge))[0].page() == huge
    one = time.process_time() - one_from
    begun = time.process_time()
    found = versions(bundle)
    told = compared(found)
    spent = time.process_time() - begun
    assert spent < max(5 * one, 0.5), f"{spent:.2f} s for all, {one:.2f} s for one of them"
    assert [bool(one) for one in told[-2:]] == [True, True]
    assert told[1:-2] == [None] * 997
    assert told[0] == ()


def test_many_lines_of_one_name_are_compared_in_a_moment_and_told_in_few_sentences():
    """Twenty thousand lines alike: a page that comes to a megabyte is no riddle."""
    line = dataclasses.replace(PAGE.done[0], title="a", text="", right="")
    begun = time.process_time()
    told = changes(dataclasses.replace(PAGE, done=()), dataclasses.replace(PAGE, done=(line,) * 20_000))
    assert time.process_time() - begun < 2
    assert len(told) == 201
    assert told[-1].startswith("and ")
