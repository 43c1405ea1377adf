"""O1: a slow computer at home; a one-time customer, and somebody else pays."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from pypdf import PageObject, PdfReader

from techkit.records.assets import Rate, RateCard
from techkit.records.charges import charges
from techkit.records.identity import new_id
from techkit.records.signing import Signature, SignatureVoided
from techkit.records.success import Department, FollowUp, Recommendation
from techkit.records.visit import LabourSegment, Outcome, WorkState
from techkit.summary import document
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device, recordings, text_of

INTERNAL_NOTE = "Ask the office whether her son gets the family rate; NVMe TBW near spec."


@dataclass
class Story:
    device: Device
    visit: Visit

    @property
    def bundle(self):
        return self.device.store.bundle(self.visit.held.visit_id)

    @property
    def pdf(self) -> bytes:
        assert self.visit.sign_off.state.pdf is not None
        return self.visit.sign_off.state.pdf


@pytest.fixture
def tell(device: Callable[..., Device]) -> Callable[..., Story]:
    """Play the story up to a station: "work", "signed" or "submitted"."""

    def told(until: str = "submitted", end: str = "11:25") -> Story:
        ines = device("TK07", "Ines Okafor", "2026-11-23 10:02")
        ines.store.save(
            RateCard(
                id=new_id(),
                name="At home",
                rates=(Rate(labour="work", hourly_minor=6800, minimum_minutes=60, increment_minutes=15),),
                travel_flat_minor=1800,
                is_default=True,
            )
        )
        ines.desk.recordings = recordings("o1_notebook")[""]
        form = ines.new_visit()
        for name, text in {
            "customer": "Odalys Brandt",
            "purpose": "Computer is very slow",
            "street": "Ahornweg 3",
            "town": "37073 Göttingen",
            "payer": "Teodor Brandt",
            "payer_address": "Lindengasse 8",
            "large_print": "yes",
        }.items():
            form.fill(name, text)
        form.start()
        visit = ines.open(ines.opened[-1])
        story = Story(ines, visit)
        visit.held.computers.confirm("new")
        visit.need.edit("contact", "skill", "2")
        ines.clock.go_to("2026-11-23 10:10")
        visit.next()
        visit.check.start()
        visit.check.give_consent()
        visit.next()
        ines.desk.moment = "after"
        _work(visit)
        if until == "work":
            return story
        visit.next()
        visit.follow_ups.add(
            next(s.key for s in visit.follow_ups.state.suggestions if "last_backup" in s.key)
        )
        ines.clock.go_to(f"2026-11-23 {end}")
        visit.next()
        if visit.current == "after":
            visit.next()
        visit.next()
        visit.sign_off.answer("5")
        visit.sign_off.draw(SIGNATURE)
        visit.sign_off.agree()
        if until == "signed":
            return story
        visit.sign_off.print_()
        visit.sign_off.confirm_print()
        visit.next()
        return story

    return told


def _work(visit: Visit) -> None:
    work = visit.work
    work.choose_kind("troubleshooting")
    for name, text in {
        "title": "Slow, freezes with photos",
        "symptom": "slow, freezes with photos",
        "cause": "disk full; many programs at sign-in",
        "resolution": "moved 59.3 GB of videos to her external disk with her, removed start entries she didn't use",
        "is_fixed": "yes",
        "note_internal": INTERNAL_NOTE,
    }.items():
        work.fill(name, text)
    work.add_entry()
    work.choose_kind("information_lookup")
    work.fill("question", "Is the pop-up about a virus real?")
    work.fill("answer", "No. It was a web page, not your computer.")
    work.add_source("National advice on false alarms", checked_on=date(2026, 11, 23))
    work.add_entry()
    work.choose_kind("supply_use")
    work.fill("name", "Microfibre cleaning kit")
    work.fill("unit_price_minor", "6.90")
    work.add_entry()


def test_scenario_o1_1_without_network_or_earlier_contact(tell, no_network):
    """The whole visit, from an empty database to the submitted page, tries no connection at all."""
    story = tell()
    assert story.bundle.visit.work_state is WorkState.SUBMITTED
    assert story.bundle.visit.outcome is Outcome.RESOLVED
    assert no_network == []


def test_scenario_o1_2_number_is_final_and_on_paper(tell):
    """The first number of a fresh device is printed as it is kept."""
    story = tell()
    assert story.bundle.visit.number == "TK07-2026-0001"
    assert "TK07-2026-0001" in text_of(story.pdf)


def test_scenario_o1_2_number_is_the_services_number_after_sync(tell, office):
    """The number on paper equals the number the central service holds; the signed page is there too."""
    story = tell()
    story.device.sync.enrol(office.invitation())
    assert story.device.sync.state.status == "done", story.device.sync.state
    held = office.bundle(story.visit.held.visit_id)
    assert held.visit.number == "TK07-2026-0001"
    assert held.visit.number in text_of(story.pdf)
    assert [a.purpose for a in held.attachments] == ["summary"]


def test_scenario_o1_3_labour_and_total(tell):
    """10:10 to 11:25 is 1 h 15 min and 85.00; with travel and the kit 109.90."""
    story = tell()
    reckoned = charges(story.bundle)
    assert (reckoned.charged_minutes, reckoned.lines[0].amount_minor) == (75, 8500)
    assert reckoned.total_minor == 10990
    text = text_of(story.pdf)
    assert "1 h 15 min" in text
    assert "109.90" in text
    assert story.visit.sign_off.state.money.total == "€109.90"


@pytest.mark.parametrize(
    ("end", "minutes", "amount"),
    [("11:11", 75, 8500), ("11:25:01", 90, 10200), ("11:26", 90, 10200), ("10:20", 60, 6800)],
)
def test_scenario_o1_3_rounded_up_and_at_least_an_hour(tell, end, minutes, amount):
    """Labour is rounded up to a quarter of an hour and counts at least one hour."""
    bundle = tell("signed", end=end).bundle
    line = charges(bundle).lines[0]
    assert (line.minutes, line.amount_minor) == (minutes, amount)
    # Rounded once for the visit, not once for each stretch between two pauses.
    (whole,) = bundle.labour
    rest = replace(whole, elapsed_s=whole.elapsed_s - 2 * 60)
    parts = (rest, *(replace(whole, id=new_id(), elapsed_s=60) for _pause in range(2)))
    assert charges(replace(bundle, labour=parts)).lines[0].minutes == minutes


def test_scenario_o1_3_sleep_and_a_clock_that_is_set_change_no_minute(tell):
    """A wall clock set back three hours during the visit leaves the labour as it was."""
    story = tell("work")
    clock = story.device.clock
    clock.set_wrong(-3)
    clock.set_wrong(+3)
    clock.go_to("2026-11-23 11:25")
    clock.set_wrong(-3)
    story.visit.held.labour.stop()
    (segment,) = story.device.store.find(LabourSegment)
    assert segment.elapsed_s == 75 * 60
    assert segment.ended_at > segment.started_at


def test_scenario_o1_4_payer_stands_apart(tell):
    """The payer is named apart from the customer; his address is not on her page unless asked for."""
    story = tell()
    text = text_of(story.pdf)
    assert "Teodor Brandt" in text
    assert "Odalys Brandt" in text
    assert "Lindengasse" not in text
    facts = {fact.label: fact.lines for fact in document.build(story.bundle).facts}
    assert facts["Paid by"] == ("Teodor Brandt",)
    assert facts["For"] == ("Odalys Brandt", "Ahornweg 3", "37073 Göttingen")
    assert "Paid by Teodor Brandt" in text
    asked = document.build(story.bundle, shows_payer_address=True)
    assert any("Lindengasse 8" in fact.lines for fact in asked.facts)


def test_scenario_o1_5_before_and_after_in_words(tell):
    """Five checks stand before and after with words; 0.9 % → 25.8 % and 59.3 GB are told."""
    story = tell()
    rows = story.visit.after.state.rows
    assert len(rows) == 5
    assert {row.title for row in rows if row.change == "better"} == {
        "Free disk space",
        "Programs started at sign-in",
    }
    text = text_of(story.pdf)
    for words in ("0.9 %", "25.8 %", "59.3 GB", "71 %", "23", "Needs action", "Keep an eye on it", "Good"):
        assert words in text, words
    (computer,) = story.visit.sign_off.page.made.document.computers
    assert len(computer.comparisons) == 5
    words = ("Needs action", "Keep an eye on it", "Good")
    for row in computer.comparisons:
        assert row.before
        assert row.after
        told = f"{row.before} {row.after} {row.meaning}".casefold()
        assert any(word.casefold() in told for word in words), row
        # As it stands on paper, in this order: what was looked at, before, after, what it means.
        printed = " ".join(f"{row.check} {row.before} {row.after} {row.meaning}".split())
        assert printed in text, printed


def test_scenario_o1_6_backup_is_honest(tell):
    """The backup is still "never" after the visit, and says what to do beside it."""
    story = tell()
    row = next(r for r in story.visit.after.state.rows if r.key.split("|")[-1].startswith("last_backup"))
    assert (row.before, row.after, row.change) == ("never", "never", "open")
    (advice,) = story.device.store.find(Recommendation)
    assert advice.check == "last_backup"
    text = text_of(story.pdf)
    assert f"Last backup never never Still open – Needs action. Our advice: {advice.text}" in text
    assert f"Our advice In the next weeks: {advice.text}" in text
    assert "There is no backup yet." in story.visit.sign_off.page.made.document.short[-1]


def test_scenario_o1_7_large_print_without_internal_words(tell):
    """Large print is 16 pt and more for body text; the note for colleagues is nowhere in the file."""
    story = tell()
    small: set[str] = set()

    def visit(text: str, _cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if abs(size * tm[3]) < 15.95:
            small.update(text.split())

    for page in PdfReader(io.BytesIO(story.pdf)).pages:
        page.extract_text(visitor_text=visit)
    page = document.build(story.bundle)
    assert page.is_large
    # Smaller are only the foot of the page and the words beside its seal.
    foot = f"{page.number} {page.provider} {page.provider_reach} · " + " ".join(
        page.words[key] for key in ("seal", "questions", "page", "of")
    )
    assert {word for word in small - set(foot.split()) if not re.fullmatch(r"[0-9a-f]+", word)} == set()
    assert small
    # The wish is the customer's: the next visit's page is large without anybody asking again.
    without = replace(story.bundle, visit=replace(story.bundle.visit, is_large_print=False))
    assert document.build(without).is_large
    text = text_of(story.pdf)
    assert "family rate" not in text
    assert "TBW" not in text


def test_scenario_o1_8_follow_up_for_success(tell):
    """The follow-up is due on 2026-12-07, for the success department, and waits to be sent."""
    story = tell()
    (promise,) = story.device.store.find(FollowUp)
    assert (promise.due_on, promise.department) == (date(2026, 12, 7), Department.SUCCESS)
    assert any(row[0] == "follow_up" for row in story.device.store.outbox.waiting_by_kind())


def test_scenario_o1_8_follow_up_is_seen_at_the_office(tell, office):
    """After the sync remote staff see the follow-up with its day and its department."""
    story = tell()
    story.device.sync.enrol(office.invitation())
    (promise,) = office.bundle(story.visit.held.visit_id).follow_ups
    assert (promise.due_on, promise.department) == (date(2026, 12, 7), Department.SUCCESS)


def test_scenario_o1_9_editing_after_signing_voids(tell):
    """A change after signing warns first; going on voids the signature; signing again works."""
    story = tell("signed")
    visit, store = story.visit, story.device.store
    (first,) = store.find(Signature)
    entry = story.bundle.activities[0]
    visit.work.edit(entry.id)
    visit.work.fill("title", "Slow and freezing")
    visit.work.add_entry()
    assert "void" in visit.state.notice.title
    assert story.bundle.valid_signature() is not None
    assert story.bundle.activities[0].title == entry.title
    visit.act_on_notice()
    assert story.bundle.valid_signature() is None
    (voided,) = store.find(SignatureVoided)
    assert voided.signature_id == first.id
    assert voided.reason
    assert story.bundle.activities[0].title == "Slow and freezing"
    assert story.bundle.visit.revision == 2
    visit.go("sign_off")
    visit.next()
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    again = story.bundle.valid_signature()
    assert again is not None
    assert again.id != first.id
    assert again.content_hash != first.content_hash
    assert "Slow and freezing" in text_of(story.pdf)
    assert len(store.find(Signature)) == 2


def test_scenario_o1_9_leaving_it_keeps_the_signature(tell):
    """Not going on leaves page and signature as they were."""
    story = tell("signed")
    story.visit.work.remove(story.bundle.activities[0].id)
    assert story.bundle.valid_signature() is not None
    assert len(story.bundle.activities) == 2


def _in_short(visit: Visit) -> None:
    visit.after.write_in_short("All is well.")


def _promise(visit: Visit) -> None:
    visit.follow_ups.add(visit.follow_ups.state.suggestions[0].key)


def _language(visit: Visit) -> None:
    visit.sign_off.choose_language("de")


def _name(visit: Visit) -> None:
    visit.need.edit("customer", "display_name", "Odalys Brand")


def test_scenario_o1_9_whatever_is_on_the_page(tell):
    """Words, promises, language, names: each change of what was signed asks first, and once sent changes nothing."""
    story = tell("signed")
    visit = story.visit
    signed, bundle = visit.sign_off.state.pdf, story.bundle
    for change in (_in_short, _promise, _language, _name):
        change(visit)
        assert visit.state.notice is not None, change
        assert "void" in visit.state.notice.title, change
        assert story.bundle == bundle, change
        visit.act_on_notice("keep")
    visit.sign_off.print_()
    visit.sign_off.confirm_print()
    visit.next()
    sent = story.bundle
    assert sent.visit.work_state is WorkState.SUBMITTED
    for change in (_in_short, _language, _name):
        change(visit)
        visit.act_on_notice("keep")
        assert story.bundle == sent, change
    assert visit.sign_off.state.pdf == signed


def test_scenario_o1_9_signature_is_bound_to_the_page(tell):
    """The signed hash is the hash of the page as it is made again later."""
    from techkit.ui.presenters.visit_page import page

    story = tell()
    document, _seal = page(story.bundle)
    assert story.bundle.valid_signature().content_hash == document.content_hash


def test_scenario_o1_10_pdf_is_a4_tagged_english(tell):
    """The file is A4, tagged, in English, has its title; tables have header cells; the drawn signature is in its field."""
    story = tell()
    reader = PdfReader(io.BytesIO(story.pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("en")
    assert reader.metadata.title == "Summary of our visit TK07-2026-0001"
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} == {(595, 842)}
    tables = list(_tables(root["/StructTreeRoot"]))
    assert tables
    assert all("/TH" in kinds for kinds in tables)
    place = story.visit.sign_off.state.signature_place
    signed_page = reader.pages[place.page]
    unit = place.width * float(signed_page.mediabox.width) / 1000
    field_height = place.height * float(signed_page.mediabox.height)
    points = [point for stroke in SIGNATURE for point in zip(stroke[::2], stroke[1::2], strict=True)]
    drawn = _signature_of(signed_page)
    assert [(round(x / unit), round(y / unit)) for x, y in drawn] == points
    assert all(0 <= y <= field_height for _x, y in drawn)  # what is outside is cut off


def _signature_of(page: PageObject) -> list[tuple[float, float]]:
    """Return the points of the lines in the signature's ink, from its field's upper left corner."""
    content = page.get_contents().get_data().decode("latin-1")
    drawn = re.search(r" cm/c0 CS 0\.0627451 0\.13725491 0\.24705882 SCN (.*?)\nS\n", content, re.DOTALL)
    assert drawn is not None, "no signature on this page"
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+) [ml]\b", drawn[1])]


def _tables(node: object):
    """Yield the kinds of all elements inside each table of a structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if not isinstance(node, dict):
        return
    if node.get("/S") == "/Table":
        yield set(_kinds(node))
    else:
        for kid in _kids(node):
            yield from _tables(kid)


def _kids(node: dict):
    kids = node.get("/K")
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    if isinstance(kids, list):
        yield from (kid.get_object() if hasattr(kid, "get_object") else kid for kid in kids)
    elif isinstance(kids, dict):
        yield kids


def _kinds(node: dict):
    for kid in _kids(node):
        if isinstance(kid, dict):
            yield kid.get("/S")
            yield from _kinds(kid)


def test_scenario_o1_11_syncing_twice_changes_nothing(tell, office):
    """A second and a third sync leave every count at the service and on the device as it was."""
    story = tell()
    story.device.sync.enrol(office.invitation())
    counts, waits = office.counts(), story.device.store.outbox.waits().count
    assert counts["Op"] > 0
    assert waits == 0
    story.device.sync.now()
    story.device.sync.now()
    assert story.device.sync.state.status == "done"
    assert office.counts() == counts
    assert story.device.store.outbox.waits().count == 0


def test_scenario_o1_11_saving_the_same_again_writes_nothing(tell):
    """What is kept already makes no second operation, so nothing new would be sent."""
    story = tell()
    waits = story.device.store.outbox.waits().count
    bundle = story.bundle
    story.device.store.save(bundle.visit, *bundle.activities, replace(bundle.customer))
    assert story.device.store.outbox.waits().count == waits
