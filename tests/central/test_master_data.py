"""What the office edits reaches the devices, and what a device edited meanwhile is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from techkit.central import master_data
from techkit.central.master_data import Typed
from techkit.central.models import AuditEvent, Conflict
from techkit.errors import CentralError
from techkit.records import merging


def kept(user: Any, kind: str, record_id: str, **texts: str) -> master_data.Outcome:
    """Open a record's form, type these texts, keep it."""
    held = master_data.opened(user, kind, record_id)
    seen = {f.name: master_data.mark(held.record, f, held.text(f)) for f in held.fields}
    return master_data.save(
        user, held, Typed(texts=texts, seen={n: m for n, m in seen.items() if n in texts})
    )


def test_a_device_pulls_what_the_office_kept(kit: Any, maren: Any) -> None:
    """With the next sync it stands on the device, written by name, and only the changed field travels."""
    customer, _scope, op = kit.customer()
    kit.sync(op)
    assert kept(maren, "customer", customer, legal_name="Quarrystone LLP").is_kept
    reply = kit.sync()
    assert len(reply.changes) == 1
    assert kit.value(customer, "legal_name") == "Quarrystone LLP"
    assert kit.value(customer, "display_name") == "Quarrystone Architects"
    state = kit.state(customer)
    assert list(state.actors.values()).count("Maren Vogt") == 1


def test_an_edit_made_offline_meanwhile_is_a_conflict_with_both_values(kit: Any, maren: Any) -> None:
    """Neither the device's nor the office's words are lost: both stand at both ends until somebody decides."""
    customer, scope, op = kit.customer()
    kit.sync(op)
    offline = kit.put("customer", customer, scope, display_name="Quarrystone & Daughters", paper="Letter")
    assert kept(maren, "customer", customer, display_name="Quarrystone LLP").is_kept
    reply = kit.sync(offline)
    assert not reply.refused
    assert kit.value(customer, "paper") == "Letter"
    (found,) = merging.conflicts(kit.state(customer))
    assert {found.kept.value, *(side.value for side in found.others)} == {
        "Quarrystone & Daughters", "Quarrystone LLP"
    }  # fmt: skip
    held = master_data.opened(maren, "customer", customer)
    assert Conflict.objects.get().field == "display_name"
    _who, undecided = master_data.theirs(held, held.spec.field("display_name"))
    assert len(undecided) == 1
    assert undecided[0][1].startswith(("Ines Okafor wrote:", "Maren Vogt wrote:"))


def in_conflict(kit: Any, maren: Any) -> tuple[str, str, dict[str, str]]:
    """Make a customer with two names; return its id, the name that holds, and the form's marks."""
    customer, scope, op = kit.customer()
    kit.sync(op)
    offline = kit.put("customer", customer, scope, display_name="Quarrystone & Daughters")
    assert kept(maren, "customer", customer, display_name="Quarrystone LLP").is_kept
    kit.sync(offline)
    held = master_data.opened(maren, "customer", customer)
    name = held.spec.field("display_name")
    return customer, held.text(name), {"display_name": master_data.mark(held.record, name, held.text(name))}


@pytest.mark.parametrize("choice", ["mine", "other", "third"])
def test_a_conflict_is_settled_in_the_form(kit: Any, maren: Any, choice: str) -> None:
    """What stands holds, or the other version, or a third one typed in knowledge of both: everywhere, with a row of the audit."""
    customer, holds, seen = in_conflict(kit, maren)
    held = master_data.opened(maren, "customer", customer)
    ((op, _words),) = master_data.theirs(held, held.spec.field("display_name"))[1]
    names = {"Quarrystone & Daughters", "Quarrystone LLP"}
    wanted = {"mine": holds, "other": (names - {holds}).pop(), "third": "Quarrystone"}[choice]
    typed = Typed(
        texts={"display_name": wanted if choice == "third" else holds},
        seen=seen,
        settled={"display_name": op if choice == "other" else master_data.MINE},
    )
    assert master_data.save(maren, held, typed).is_kept
    kit.sync()
    assert kit.value(customer, "display_name") == wanted
    assert not merging.conflicts(kit.state(customer))
    assert Conflict.objects.filter(decided_by_op=None).count() == 0
    assert AuditEvent.objects.filter(action="customer.decide", object_id=customer).count() == 1
    with pytest.raises(CentralError, match="decided this already"):
        master_data.save(maren, master_data.opened(maren, "customer", customer), typed)


def test_a_conflict_left_alone_stays_undecided(kit: Any, maren: Any) -> None:
    """Another field is kept; the two names wait."""
    customer, _holds, _seen = in_conflict(kit, maren)
    assert kept(maren, "customer", customer, legal_name="Quarrystone LLP").is_kept
    kit.sync()
    assert len(merging.conflicts(kit.state(customer))) == 1


def test_what_was_seen_is_compared_under_the_lock(kit: Any, maren: Any, monkeypatch: Any) -> None:
    """A device that writes between the opening of the form and the keeping is not written over."""
    customer, scope, op = kit.customer()
    kit.sync(op)
    whole: Callable[..., Any] = master_data.save

    def late(user: Any, held: Any, typed: Any, address: str = "") -> Any:
        kit.sync(kit.put("customer", customer, scope, display_name="From the van"))
        return whole(user, held, typed, address)

    monkeypatch.setattr(master_data, "save", late)
    outcome = kept(maren, "customer", customer, display_name="From the office")
    assert outcome.stale == {"display_name"}
    assert outcome.texts == {"display_name": "From the office"}
    kit.sync()
    assert kit.value(customer, "display_name") == "From the van"
