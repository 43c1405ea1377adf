"""A technician's own how-to card reaches the office and their own store, and no other device."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from techkit.records.activities import InformationLookup, Source
from techkit.records.cards import Card, card_from
from techkit.records.identity import new_id
from tests.scenarios.conftest import Device, Office


def own_card() -> Card:
    lookup = InformationLookup(
        id=new_id(),
        question="Does TillBook open on two desks?",
        answer="Yes, with a second licence.",
        sources=(Source(title="TillBook handbook, page 12", checked_on=date(2026, 11, 20)),),
    )
    return card_from(lookup, id=new_id(), day=date(2026, 11, 23), language="en")


def test_an_own_card_is_sent_changed_and_kept(device: Callable[..., Device], office: Office) -> None:
    """The office holds it as it was written; a later change arrives too; nothing is refused."""
    from dataclasses import replace

    from techkit.central.models import Record

    ines = device("TK07", "Ines Okafor", "2026-11-23 10:00")
    card = own_card()
    ines.store.save(card)
    ines.sync.enrol(office.invitation())
    held = Record.objects.get(entity_id=card.id)
    assert held.entity == "card"
    assert held.scope_id == f"technician:{ines.store.device.id}"
    ines.store.save(replace(card, title="TillBook on two desks"))
    ines.sync.now()
    assert ines.store.outbox.refused() == []
    assert ines.store.outbox.waits().count == 0
    assert "TillBook on two desks" in str(Record.objects.get(entity_id=card.id).state)


def test_another_device_does_not_get_it(device: Callable[..., Device], office: Office) -> None:
    """A card of one's own stays one's own."""
    ines = device("TK07", "Ines Okafor", "2026-11-23 10:00")
    ines.store.save(own_card())
    ines.sync.enrol(office.invitation())
    pavel = device("TK11", "Pavel Novotny", "2026-11-23 11:00")
    pavel.sync.enrol(office.invitation())
    assert pavel.store.find(Card) == []
