"""What the office edits reaches the devices, and what a device edited meanwhile is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from techkit.central import master_data
from techkit.central.master_data import Typed
from techkit.central.models import Conflict
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
    assert undecided[0].startswith(("Ines Okafor wrote:", "Maren Vogt wrote:"))


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
