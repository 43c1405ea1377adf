"""What was typed into a form of a page, and the status of a page that refuses it."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest

from techkit import i18n
from techkit.errors import CentralError, InputError
from techkit.i18n import _


def amount_typed(request: HttpRequest, name: str, currency: str) -> int:
    """Return a typed amount in minor units. Raises: InputError saying how to write it."""
    typed = request.POST.get(name, "")[:40]
    try:
        return i18n.minor(i18n.parse_number(typed), currency)
    except ValueError as error:
        raise InputError(
            _("“{typed}” is not a number here.", typed=typed),
            field=name,
            safe=_("Nothing was changed."),
            advice=_("Write it like this: {example}", example=i18n.number(Decimal("1234.5"), 2)),
        ) from error


def status_of(refused: InputError | CentralError | None) -> int:
    """Return the status of a page with what was refused on it."""
    if refused is None:
        return 200
    return refused.status if isinstance(refused, CentralError) else 422
