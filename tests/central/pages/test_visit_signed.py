"""Older signed pages of a visit at the office: listed with what changed, each opened as it was signed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from techkit.records.bundle import gather
from techkit.records.identity import new_id
from techkit.records.schema import Record, replace
from techkit.records.signing import Signature, SignatureVoided
from techkit.records.visit import SupplyUse, Visit
from techkit.summary import sealed
from techkit.summary.document import build
from tests.central import samples
from tests.central.samples import ARRIVAL
from tests.central.test_review import visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser."""
    return browser_of(maren)


@pytest.fixture
def signed_twice() -> list[Record]:
    """The slow computer's visit: signed, opened again for an adapter, signed once more."""
    records = samples.slow_computer()
    (signature,) = (held for held in records if isinstance(held, Signature))
    others = [held for held in records if held is not signature]

    def page(visit: Visit, *more: Record) -> dict[str, str]:
        kept = [visit if isinstance(held, Visit) else held for held in others]
        document = build(gather(visit, [*kept, *more]))
        return {"content_hash": document.content_hash, "page": sealed.packed(document)}

    first = replace(signature, **page(visit_of(records)))
    visit = replace(visit_of(records), revision=2)
    adapter = SupplyUse(id=new_id(), visit_id=visit.id, name="Adapter", unit_price_minor=1200)
    second = replace(
        signature,
        id=new_id(),
        visit_revision=2,
        signed_at=ARRIVAL + timedelta(hours=2),
        **page(visit, adapter),
    )
    voided = SignatureVoided(
        id=new_id(),
        visit_id=visit.id,
        signature_id=first.id,
        reason="The adapter was forgotten",
        voided_at=ARRIVAL,
    )
    others = [visit if isinstance(held, Visit) else held for held in others]
    return [*others, adapter, first, voided, second]


def test_both_pages_are_listed_and_open_as_they_were_signed(
    van: Any, client: Client, signed_twice: list[Record]
) -> None:
    """The void one gives its own file without the adapter; the one that holds says what it has more."""
    van.send(*signed_twice)
    visit = visit_of(signed_twice)
    shown = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert "Void: The adapter was forgotten" in shown
    assert "Cost of this visit: new: “Adapter, €12.00”" in shown
    first, second = (held for held in signed_twice if isinstance(held, Signature))
    for held, has_adapter in ((first, False), (second, True)):
        address = f"/visits/{visit.id}/signed/{held.id}.pdf"
        assert address in shown
        answer = client.get(address, secure=True)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert ("Adapter" in text) is has_adapter
        assert "Signed by Odalys Brandt" in text


def test_one_signed_page_needs_no_list(van: Any, client: Client) -> None:
    """A visit signed once shows no list, and a seal of another visit opens nothing."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    assert "Signed pages" not in client.get(f"/visits/{visit.id}", secure=True).content.decode()
    answer = client.get(f"/visits/{visit.id}/signed/{new_id()}.pdf", secure=True)
    assert answer.status_code == 404
    assert "There is no such page." in answer.content.decode()
