"""Every kind of record; importing this module declares them all."""

from __future__ import annotations

from techkit.records import (
    activities,
    assets,
    budget,
    cards,
    parties,
    proposals,
    review,
    success,
    templates,
    visit,
)
from techkit.records.schema import RecordSpec, all_specs

#: The modules whose import declares the records.
MODULES = (activities, assets, budget, cards, parties, proposals, review, success, templates, visit)


def every() -> tuple[RecordSpec, ...]:
    """Return the declaration of every kind, ordered by kind."""
    return all_specs()
