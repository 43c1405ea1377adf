"""Views of the visit list that a person keeps: an address under a name, one of them opened first."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from techkit.central.models import SavedFilter, User
from techkit.central.visit_list import Filter
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.entering import clean_text

#: The longest name of a view.
MOST_LETTERS = 80


def keep(user: User, name: str, asked: Filter, *, is_shared: bool) -> None:
    """Keep an address of the list under a name of the person's own; the same name again replaces it.

    Raises: InputError without a name.
    """
    SavedFilter.objects.update_or_create(
        org_id=user.org_id,
        owner=user,
        name=_named(name),
        defaults={"query_string": asked.to_query()[:2000], "is_shared": is_shared},
    )


def views(user: User) -> list[SavedFilter]:
    """Return the person's views and those colleagues share, by name."""
    rows = SavedFilter.objects.filter(org_id=user.org_id).filter(Q(owner=user) | Q(is_shared=True))
    return list(rows.order_by("name", "id"))


def first(user: User) -> SavedFilter | None:
    """Return the view the person's list opens on, None for what needs them."""
    return SavedFilter.objects.filter(org_id=user.org_id, owner=user, is_first=True).first()


def rename(user: User, view_id: int, name: str) -> None:
    """Give an own view another name. Raises: InputError for none or a taken one, CentralError 404."""
    said, held = _named(name), _own(user, view_id)
    if SavedFilter.objects.filter(org_id=user.org_id, owner=user, name=said).exclude(pk=held.pk).exists():
        raise InputError(
            _("Another view is called “{name}”. Choose another name.", name=said),
            field="name",
            safe=_("Nothing was changed."),
        )
    held.name = said
    held.save(update_fields=["name"])


def delete(user: User, view_id: int) -> None:
    """Delete an own view. Raises: CentralError 404."""
    _own(user, view_id).delete()


def make_first(user: User, view_id: int, *, is_first: bool) -> None:
    """Open the list on an own view, or not any more. Raises: CentralError 404."""
    held = _own(user, view_id)
    with transaction.atomic():
        SavedFilter.objects.filter(org_id=user.org_id, owner=user).update(is_first=False)
        held.is_first = is_first
        held.save(update_fields=["is_first"])


def _own(user: User, view_id: int) -> SavedFilter:
    held = SavedFilter.objects.filter(org_id=user.org_id, owner=user, pk=view_id).first()
    if held is None:
        raise CentralError(
            _("There is no such view of yours."),
            status=404,
            safe=_("Nothing was changed."),
            advice=_("Go back to the list."),
        )
    return held


def _named(name: str) -> str:
    said = clean_text(name)[:MOST_LETTERS]
    if not said:
        raise InputError(_("Please give the view a name."), field="name", safe=_("Nothing was changed."))
    return said
