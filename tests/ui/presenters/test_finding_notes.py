"""Notes on a finding: beside it, on the record, on the customer's page only when chosen, never lost while typing."""

from __future__ import annotations

from techkit.records.assets import FindingNote
from techkit.summary.document import build
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device

WORDS = "The disk is soldered in; only the maker can change it."


def noted(visit: Visit) -> str:
    """Note something on the first finding; return its key."""
    card = visit.check.state.cards[0]
    visit.check.open_evidence(card.key)
    visit.check.notes.type_ahead(card.key, WORDS[:10])
    visit.check.notes.add(card.key, card.title, f"  {WORDS}\n")
    return card.key


def test_a_note_stands_beside_its_finding_and_on_the_record(device: Device, checked: Visit):
    """Its words, who and when; kept with the visit's evidence, read again from the store; the field is empty again."""
    key = noted(checked)
    (note,) = checked.check.notes.of(key)
    assert (note.text, note.is_on_paper) == (WORDS, False)
    assert note.line.startswith("Ines Okafor, ")
    assert checked.check.notes.typed(key) == ""
    assert [c.notes for c in checked.check.state.cards if c.key == key] == [(note,)]
    (kept,) = device.store.bundle(checked.held.visit_id).notes
    assert (kept.finding, kept.text, kept.asset_id) == (key, WORDS, checked.held.asset_in_hand)
    checked.check.notes.add(key, "Disk", "   ")
    assert len(checked.check.notes.of(key)) == 1


def test_the_customers_page_has_it_only_when_chosen(checked: Visit):
    """A note is for colleagues; chosen, it stands with how the computer is, and can be taken off again."""
    key = noted(checked)
    before = build(checked.held.bundle).content_hash
    assert WORDS not in str(build(checked.held.bundle))
    (note,) = checked.check.notes.of(key)
    checked.check.notes.show_on_paper(note.id, True)
    (block,) = build(checked.held.bundle).computers
    assert [(s.title, s.text) for s in block.states if s.verdict == "info"] == [
        (checked.check.state.cards[0].title, WORDS)
    ]
    checked.check.notes.show_on_paper(note.id, False)
    assert build(checked.held.bundle).content_hash == before


def test_a_note_is_taken_out_and_brought_back(device: Device, checked: Visit):
    """Removing works at once and can be undone."""
    key = noted(checked)
    (note,) = checked.check.notes.of(key)
    checked.check.notes.remove(note.id)
    assert checked.check.notes.of(key) == ()
    assert device.store.get(FindingNote, note.id) is None
    checked.undo()
    assert checked.check.notes.of(key) == (note,)


def test_what_was_typed_is_there_after_a_crash(device: Device, checked: Visit):
    """Typed and not added: another start has it in the field of the same finding."""
    key = checked.check.state.cards[0].key
    checked.check.notes.type_ahead(key, WORDS)
    device.start_again()
    assert device.open(checked.held.visit_id).check.notes.typed(key) == WORDS


def test_a_note_on_a_signed_page_waits(checked: Visit):
    """After signing a note waits like every change, so that no signature goes by accident."""
    from tests.ui.conftest import sign

    key = checked.check.state.cards[0].key
    checked.go("follow_ups")
    sign(checked)
    checked.check.notes.add(key, "Disk", WORDS)
    assert checked.check.notes.of(key) == ()
    assert checked.state.notice is not None
    assert "the note on “Disk”" in checked.state.notice.text
