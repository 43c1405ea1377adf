"""What was typed into a form of a page, and the status of a page that refuses it."""

from __future__ import annotations

from django.http import HttpRequest

from techkit.errors import CentralError, InputError
from techkit.records.entering import amount_of


def amount_typed(request: HttpRequest, name: str, currency: str) -> int:
    """Return a typed amount in minor units. Raises: InputError saying how to write it."""
    return amount_of(request.POST.get(name, ""), currency, name)


def status_of(refused: InputError | CentralError | None) -> int:
    """Return the status of a page with what was refused on it."""
    if refused is None:
        return 200
    return refused.status if isinstance(refused, CentralError) else 422
