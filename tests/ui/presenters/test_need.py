"""The first step: who needs what, confirmed in one gesture, and what is refused there."""

from __future__ import annotations

import pytest

from techkit.records.parties import Contact, Customer
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.need import complaint_in
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_confirming_starts_visit_and_clock(device: Device, visit: Visit):
    """One gesture confirms: on site, arrival noted, the clock runs, the check comes next."""
    visit.next()
    kept = device.store.get(VisitRecord, visit.held.visit_id)
    assert (kept.work_state, kept.arrived_at) == (WorkState.ON_SITE, device.clock.now())
    assert kept.technician == "Ines Okafor"
    assert visit.state.is_clock_running
    assert visit.current == "check"


def test_need_names_its_complaint(visit: Visit):
    """Words that name a complaint choose it; a choice by hand is not overruled."""
    visit.need.set_purpose("Der Rechner ist so langsam geworden")
    assert visit.held.visit.complaint == "slow"
    visit.need.set_purpose("No internet since Monday")
    assert visit.held.visit.complaint == "slow"


@pytest.mark.parametrize(
    ("need", "complaint"),
    [
        ("Alles ist langsam, und der Drucker druckt nicht mehr.", "slow"),
        ("Der Drucker druckt nicht mehr und alles ist langsam.", "no_printing"),
        ("Slow internet", "no_internet"),
        ("L'imprimante est lente", "no_printing"),
        ("Bitte Excel erklären", None),
    ],
)
def test_what_is_named_first_is_the_complaint(need: str, complaint: str | None):
    """The first thing a customer names, unless one word says more about the same thing."""
    assert complaint_in(need) == complaint


def test_wrong_field_is_named_and_keeps_the_rest(device: Device, visit: Visit):
    """A required name emptied is refused with its field; another field is saved meanwhile."""
    visit.need.edit("contact", "family_name", "   ")
    visit.need.edit("contact", "phones", "0551 / 77 (evenings)")
    assert [field for field, _label, _text in visit.need.state.errors] == ["contact.family_name"]
    assert not visit.need.state.may_confirm
    contact = device.store.find(Contact)[0]
    assert (contact.family_name, contact.phones) == ("Baumann", ("0551 / 77 (evenings)",))


@pytest.mark.parametrize(
    "text", ["<b>Eve</b>", "Robert'); DROP TABLE visit;--", "שלום עולם", "a\u202efdp.exe", "x" * 199]
)
def test_hostile_names_are_kept_as_text(device: Device, visit: Visit, text: str):
    """Markup, SQL and right-to-left names are kept as they are."""
    visit.need.edit("customer", "display_name", text)
    assert device.store.find(Customer)[0].display_name == text


def test_too_long_and_nul(device: Device, visit: Visit):
    """A name of 2 MB is refused with its limit; a NUL inside is taken out."""
    visit.need.edit("customer", "display_name", "x" * 2_000_000)
    assert "200" in visit.need.state.errors[0][2]
    visit.need.edit("customer", "display_name", "Eve\x00 Braun")
    assert device.store.find(Customer)[0].display_name == "Eve Braun"


def test_a_need_too_long_becomes_a_file(device: Device, visit: Visit) -> None:
    """It stays in sight and survives a crash; kept as a file of the visit, its beginning is the need."""
    long = "word " * 30_000 + "end"
    visit.need.set_purpose(long)
    state = visit.need.state
    assert (state.purpose, state.may_keep_whole, state.may_confirm) == (long, True, False)
    assert [name for name, _label, _text in state.errors] == ["purpose"]
    assert visit.held.failure is None
    visit = device.open(visit.held.visit_id)
    assert visit.need.state.purpose == long
    visit.need.keep_whole_text()
    state = visit.need.state
    assert (state.errors, state.may_keep_whole) == ((), False)
    (kept,) = device.store.bundle(visit.held.visit_id).attachments
    assert device.store.attachment(kept.sha256).decode() == long
    assert state.purpose.startswith("word word")
    assert state.purpose.endswith(f"(whole text: {kept.name})")
    assert device.store.get(VisitRecord, visit.held.visit_id).purpose == state.purpose
    visit.need.set_purpose(long)
    visit.need.set_purpose("Shorter.")
    assert (visit.need.state.purpose, visit.need.state.errors) == ("Shorter.", ())


def test_payer_is_chosen(visit: Visit):
    """Somebody else may pay; the customer again is one choice."""
    payer = next(c for c in visit.need.state.payers if c.value)
    visit.need.choose_payer(payer.value)
    assert visit.need.state.payer == "Baumann Holding"
    visit.need.choose_payer("")
    assert visit.need.state.payer == "Baumann & Söhne"


def test_place_is_not_said_twice(visit: Visit):
    """A place named after its street is shown once."""
    visit.need.edit("site", "name", "Ahornweg 3")
    assert visit.need.state.site_line == "Ahornweg 3, Göttingen"


def test_the_person_is_changed_in_a_form_of_the_step(device: Device, visit: Visit) -> None:
    """It opens with what is known, keeps each field as it is left, and goes again; a signed visit has none."""
    assert visit.need.state.form is None
    visit.need.change_person()
    form = visit.need.state.form
    assert form is not None
    assert {f.name: f.text for f in form.fields}["family_name"] == "Baumann"
    visit.need.edit("contact", "role", "Reception")
    assert device.store.find(Contact)[0].role == "Reception"
    assert {f.name: f.text for f in visit.need.state.form.fields}["role"] == "Reception"
    visit.need.close_person()
    assert visit.need.state.form is None


def test_what_is_wrong_about_the_person_stands_in_its_form(device: Device, visit: Visit) -> None:
    """The form comes out with the text as typed and what to do; put away, the name is what it was."""
    visit.need.edit("contact", "family_name", "   ")
    form = visit.need.state.form
    assert form is not None
    assert (form.error_field, form.error) == ("family_name", visit.need.state.errors[0][2])
    assert {f.name: f.text for f in form.fields}["family_name"] == "   "
    visit.need.close_person()
    assert (visit.need.state.form, visit.need.state.errors) == (None, ())
    assert device.store.find(Contact)[0].family_name == "Baumann"
