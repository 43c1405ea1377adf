"""Texts of master data that mean something to techkit: a country's code, a time zone, the hours agreed on.

Whoever types one of them at the office is told at once when it cannot be read. What was written before, or came from a
device, stays as it is until somebody changes it.
"""

from __future__ import annotations

import functools
import zoneinfo

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.agreed_hours import agreed_hours
from techkit.records.schema import FieldSpec

#: Codes CLDR knows that are no country: exceptional reservations, unions, tests of software. Kosovo's XK is used everywhere.
_NO_COUNTRY = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))

#: Entries of the database of zones that are no place's.
_NO_ZONE = frozenset({"Factory", "localtime", "posixrules"})


def meant(kind: str, field: FieldSpec, text: str) -> str:
    """Return what a text of this field is kept as, e.g. "de" -> "DE". Raises: InputError for what cannot be read."""
    read = {
        ("site", "country"): _country,
        ("site", "time_zone"): _zone,
        ("contract", "business_hours"): _hours,
    }.get((kind, field.name))
    return read(field, text) if read and text else text


def _country(field: FieldSpec, text: str) -> str:
    code = text.upper()
    if code not in countries():
        raise _refused(
            field,
            _("{label}: “{text}” is no country’s code.", label=_(field.label), text=text),
            _("Type its two letters of ISO 3166, for example DE, FR or GB."),
        )
    return code


def _zone(field: FieldSpec, text: str) -> str:
    found = _zones().get(text.replace(" ", "_").casefold())
    if found is None:
        raise _refused(
            field,
            _("{label}: “{text}” is no time zone.", label=_(field.label), text=text),
            _("Type continent and town, for example Europe/Berlin, or leave it empty."),
        )
    return found


def _hours(field: FieldSpec, text: str) -> str:
    if agreed_hours(text) is None:
        raise _refused(
            field,
            _("{label}: “{text}” cannot be read as hours.", label=_(field.label), text=text),
            _("Type days and times, for example Mo-Fr 08:00-17:00; Sa 09:00-12:00, or 24/7."),
        )
    return text


def _refused(field: FieldSpec, what: str, advice: str) -> InputError:
    return InputError(what, field=field.name, safe=_("What you typed is kept."), advice=advice)


@functools.cache
def countries() -> frozenset[str]:
    """Return the two-letter codes of ISO 3166-1, and XK."""
    from babel import Locale  # loaded late: not needed before somebody types a country

    codes = {str(key) for key in Locale("en").territories}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


@functools.cache
def _zones() -> dict[str, str]:
    """Return the names of time zones by how they are looked for."""
    return {name.casefold(): name for name in zoneinfo.available_timezones() - _NO_ZONE}
