"""Every page that was signed can be looked at, printed and compared; the customer sees none but their own."""

from __future__ import annotations

from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.records.signing import SignatureVoided
from techkit.summary import pdf as paper
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device, text_of
from tests.ui.conftest import sign


def opened_again(visit: Visit) -> str:
    """Sign, change the need and begin a new revision; return the id of the void signature."""
    visit.go("follow_ups")
    sign(visit)
    first = visit.held.bundle.valid_signature()
    assert first is not None
    assert visit.signed_pages.state.rows == (), "there is only the page in hand"
    visit.follow_ups.fill("text", "Bring a longer cable")
    visit.follow_ups.add_own()
    visit.act_on_notice("void")
    visit.go("sign_off")
    return first.id


def test_the_first_page_stays_beside_the_one_in_hand(device: Device, checked: Visit):
    """Void, it is listed with its reason, and the page in hand says what it has more."""
    first = opened_again(checked)
    now, old = checked.signed_pages.state.rows
    assert (now.id, now.title, now.holds, now.may_open) == ("", "Now, not signed yet", False, False)
    assert any("Bring a longer cable" in sentence for sentence in now.changes)
    assert old.id == first
    assert old.title.startswith("As signed on ")
    assert "Void: The page was changed after signing." in old.line
    checked.signed_pages.show(first)
    state = checked.signed_pages.state
    assert state.shown is not None
    assert state.shown.id == first
    assert state.pages[0].startswith(b"\x89PNG")
    assert not any("longer cable" in line for line in state.page_lines)
    checked.signed_pages.leave()
    assert checked.signed_pages.state.shown is None


def test_a_copy_of_the_first_page_is_the_file_that_was_signed(device: Device, checked: Visit):
    """Printed from a second start of the program, its words and its signature are those of the first day."""
    first = opened_again(checked)
    sign(checked)
    device.start_again()
    again = device.open(checked.held.visit_id)
    again.go("sign_off")
    held, old = again.signed_pages.state.rows
    assert (held.holds, old.holds) == (True, False)
    assert any("Bring a longer cable" in sentence for sentence in held.changes)
    assert again.signed_pages.wanted_paper() is None
    again.signed_pages.show(first)
    again.signed_pages.print_()
    wanted = again.signed_pages.wanted_paper()
    assert wanted is not None
    assert (wanted.name.endswith("revision 1"), bool(wanted.note)) == (True, True)
    assert "longer cable" not in text_of(wanted.pdf)
    assert "Signed by Ilse Baumann" in text_of(wanted.pdf)
    assert all(picture.startswith(b"\x89PNG") for picture in wanted.pictures())
    again.signed_pages.confirm_print()
    assert again.signed_pages.wanted_paper() is None
    assert again.held.bundle.valid_signature() is not None, "a copy settles nothing"


def test_none_of_them_while_the_customer_has_the_screen(device: Device, checked: Visit):
    """Handed over while an older page is looked at, the page to sign is shown and the list is away."""
    first = opened_again(checked)
    checked.signed_pages.show(first)
    checked.next()
    assert checked.sign_off.is_customer_view
    assert checked.signed_pages.state.rows == ()
    checked.signed_pages.show(first)
    assert checked.signed_pages.state.shown is None
    checked.sign_off.take_back()
    assert len(checked.signed_pages.state.rows) == 2
    assert checked.signed_pages.state.shown is None


def test_of_many_the_newest_are_listed_and_a_page_that_does_not_read_says_so(device: Device, checked: Visit):
    """Thirty revisions: twenty rows, the others on asking; a damaged page is one sentence once it is opened."""
    first = opened_again(checked)
    (held,) = checked.held.bundle.signatures
    for revision in range(2, 31):
        copy = replace(held, id=new_id(), visit_revision=revision, page=held.page if revision % 2 else "?")
        device.store.save(copy, SignatureVoided(id=new_id(), visit_id=held.visit_id, signature_id=copy.id))
    device.start_again()
    signed = device.open(checked.held.visit_id).signed_pages
    assert (len(signed.state.rows), signed.state.older_count) == (20, 11)
    assert signed.state.rows[0].id == ""
    damaged = signed.state.rows[1]
    signed.show(damaged.id)
    assert signed.state.shown is None
    assert "was not kept" in signed.state.error
    signed.show_older()
    assert (len(signed.state.rows), signed.state.older_count) == (31, 0)
    assert signed.state.rows[-1].id == first
    signed.show(first)
    assert (signed.state.error, bool(signed.state.pages)) == ("", True)


def test_a_page_that_cannot_be_made_says_so(device: Device, checked: Visit, monkeypatch):
    """The engine fails: one sentence, the page in hand is shown, the row can be tried again."""
    first = opened_again(checked)

    def broken(*_args: object, **_more: object) -> None:
        raise paper._not_made(RuntimeError("no fonts"))

    monkeypatch.setattr(paper, "render", broken)
    checked.signed_pages.show(first)
    state = checked.signed_pages.state
    assert (state.shown, bool(state.error)) == (None, True)
    monkeypatch.undo()
    checked.signed_pages.show(first)
    assert checked.signed_pages.state.pages
