"""The customers by name, found without accents, with how many visits each had and when the last one was."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.db.models.fields.json import KT

from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.central.projection import folded

#: Customers on one page.
PAGE_SIZE = 40


@dataclass(frozen=True, kw_only=True)
class CustomerLine:
    """One customer of the list. is_merged: the entry was merged into another one; only a search shows it."""

    id: uuid.UUID
    name: str
    number: str
    is_merged: bool
    visit_count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerPage:
    """One page of the list; count: all that fit. next_number: of the page after this one, 0 on the last one."""

    lines: tuple[CustomerLine, ...]
    count: int
    next_number: int


def customers(user: User, text: str, number: int) -> CustomerPage:
    """Return a page of the customers whose name or number holds every word of a text, by name. number: from 1.

    All names are read and compared here: neither database compares without accents, and some ten thousand names
    take a few hundredths of a second.
    """
    words = folded(text[:200]).split()
    rows = Row.objects.filter(org_id=user.org_id, entity="customer", deleted=False).values_list(
        "entity_id", KT("state__display_name"), KT("state__number"), KT("state__merged_into")
    )
    fit = [
        (folded(name or ""), key, name or "", code or "", bool(into))
        for key, name, code, into in rows
        if all(word in folded(f"{name or ''} {code or ''}") for word in words) and (words or not into)
    ]
    fit.sort(key=lambda one: (one[0], one[1].hex))
    first = (max(1, number) - 1) * PAGE_SIZE
    shown = fit[first : first + PAGE_SIZE]
    visits = {
        key: (n, last)
        for key, n, last in VisitRow.objects.filter(
            org_id=user.org_id, customer_id__in=[key for _folded, key, *_rest in shown]
        )
        .values_list("customer_id")
        .annotate(n=Count("id"), last=Max("started_at"))
    }
    return CustomerPage(
        lines=tuple(
            CustomerLine(
                id=key,
                name=name,
                number=code,
                is_merged=is_merged,
                visit_count=visits.get(key, (0, None))[0],
                last_at=visits.get(key, (0, None))[1],
            )
            for _folded, key, name, code, is_merged in shown
        ),
        count=len(fit),
        next_number=max(1, number) + 1 if len(fit) > first + PAGE_SIZE else 0,
    )
