"""A visit as a whole: the price of the routine one, resuming, and what a sync brings meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from techkit.records.identity import new_id
from techkit.records.signing import Satisfaction, Signature
from techkit.records.success import FollowUp
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.settings import declared
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device
from tests.ui.conftest import sign


class Counted:
    """Counts gestures: every call of a presenter's method that stands for one click, tap or key."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, gesture: Callable[..., object], *given: Any) -> None:
        self.count += 1
        gesture(*given)


def test_routine_visit_takes_at_most_15_interactions_and_no_typing(device: Device, planned: str):
    """Assigned visit, known person and computer, check, drafts, one follow-up, signed, printed, finished."""
    opened: list[Visit] = []
    tap = Counted()
    tap(lambda: opened.append(device.open(planned)))
    (visit,) = opened
    tap(visit.next)  # confirm the customer
    tap(visit.check.start)
    tap(visit.next)  # go on while it runs
    device.desk.moment = "after"
    device.clock.go_to("2026-11-23 10:30")
    visit.tick()  # once a second; looks again by itself
    assert sum(r.is_ticked for r in visit.work.state.drafts) >= 2
    tap(visit.work.drafting.add)
    tap(visit.next)
    tap(visit.follow_ups.add, visit.follow_ups.state.suggestions[0].key)
    tap(visit.next)
    assert visit.current == "sign_off"
    tap(visit.next)  # hand over
    tap(visit.sign_off.answer, "5")
    tap(visit.sign_off.draw, SIGNATURE)
    tap(visit.sign_off.agree)
    tap(visit.sign_off.print_)
    tap(visit.sign_off.confirm_print)
    tap(visit.next)  # finish
    assert device.store.get(VisitRecord, planned).work_state is WorkState.SUBMITTED
    assert tap.count <= 15
    assert device.store.find(Satisfaction)[0].rating == 5
    assert device.store.find(FollowUp)


@pytest.mark.parametrize("step", ["work", "follow_ups", "after", "sign_off", "need"])
def test_going_to_a_step_is_shown_once(checked: Visit, step: str):
    """What entering a step changes is shown with it: the window was drawn up to six times on the way to the signature."""
    shown: list[str] = []
    checked.changed.subscribe(lambda: shown.append(checked.state.current))
    checked.go(step)
    assert shown == [step]


def test_resumed_where_it_was_left(device: Device, planned: str):
    """A visit opens again at the step it had reached."""
    visit = device.open(planned)
    assert visit.current == "need"
    visit.next()
    assert device.open(planned).current == "check"
    visit.check.start()
    assert device.open(planned).current == "check"
    visit.go("work")
    assert device.open(planned).current == "work"
    visit.go("after")
    assert device.open(planned).current == "after"
    visit.go("need")
    assert device.open(planned).current == "need"


def test_what_a_sync_brought_shows(device: Device, checked: Visit):
    """Records that arrive while a visit is open show after a reload; a half-filled form stays."""
    from techkit.records.review import Query

    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan")
    device.store.save(Query(id=new_id(), visit_id=checked.held.visit_id, question="Which?", asked_by="M"))
    checked.reload()
    assert len(checked.held.bundle.queries) == 1
    assert checked.work.state.form.fields[0].text == "Fan"


def test_visit_that_is_not_here_says_so(device: Device):
    """An id of nothing shows a sentence, not a fault."""
    visit = device.open(new_id())
    assert visit.state.notice is not None
    assert not visit.state.is_loading


def test_state_kept_by_settings_is_declared():
    """What a visit keeps between starts is declared like every other setting."""
    for key in ("visit.running", "visit.clock", "visit.typed", "drafts.not_our_work", "drafts.set_aside"):
        assert declared(key).label


def test_signature_record_holds_what_was_shown(device: Device, checked: Visit):
    """The signature names statement, language, device and the hash of the page."""
    checked.go("follow_ups")
    sign(checked)
    (signature,) = device.store.find(Signature)
    assert signature.signer == "Ilse Baumann"
    assert signature.device == device.store.device.id
    assert signature.language == "en"
    assert "bill" in signature.statement
    assert len(signature.content_hash) == 64
