"""A text longer than its field takes: the whole of it becomes a file of a visit, its beginning stays in the field."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Attachment, Visit, WorkState
from techkit.records.work_states import SEALED
from techkit.ui.presenters.twins import family

if TYPE_CHECKING:
    from techkit.store.database import Store
    from techkit.ui.presenters.entry_form import EntryForm
    from techkit.ui.presenters.open_visit import OpenVisit

#: Visits that take no file any more.
_OVER = (*SEALED, WorkState.CANCELLED, WorkState.NO_ACCESS)

#: So far back a text is cut at a blank, in characters.
_BACK = 60


def keep_whole(held: OpenVisit, form: EntryForm, place: str, changed: Callable[[], None]) -> None:
    """Keep the text that is too long for its field as a file of the visit; once it is kept the field is shortened.

    place: under which the form's typing is kept. changed: called when the form has changed, also by what went wrong.
    """
    name = form.too_long
    if not name:
        return
    text = form.typed[name]

    def kept(file_name: str) -> None:
        if form.typed.get(name) != text:
            return  # written on, or kept already
        form.fill(name, beginning(text, form.limit(name), file_name))
        held.typing.keep(place, name, form.typed[name])
        changed()

    def failed(error: TechkitError) -> None:
        form.errors[name] = error.sentences()
        changed()

    keep_text(held, form.label(name), text, kept, failed)


def keep_text(
    held: OpenVisit,
    label: str,
    text: str,
    kept: Callable[[str], None],
    failed: Callable[[TechkitError], None],
) -> None:
    """Keep a text as a file of the visit, named after its field; kept: told the file's name."""
    store, now = held.around.store, held.around.clock.now()

    def done(made: Attachment) -> None:
        held.save(made, word=_("the file “{name}”", name=made.name))
        kept(made.name)

    def not_done(error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        failed(error)

    held.around.lanes.store(lambda: _attached(store, held.visit_id, label, text, now), done, not_done)


def keep_at_customer(store: Store, customer_id: str, label: str, text: str, now: datetime, actor: str) -> str:
    """Keep a text as a file of the customer's visit that is open, the newest one; in the store lane.

    Returns the file's name. Raises: InputError where no visit is open: a file belongs to a visit.
    """
    visits = store.find(
        Visit, customer_id=family(store, Customer, customer_id), order_by="id", descending=True
    )
    visit = next((one for one in visits if one.work_state not in _OVER), None)
    if visit is None:
        raise InputError(
            _("No visit is open at this customer in which the file could be kept."),
            safe=_("What you typed is kept."),
            advice=_("Shorten the text, or begin a visit and come back."),
        )
    made = _attached(store, visit.id, label, text, now)
    store.save(made, actor=actor)
    return made.name


def _attached(store: Store, visit_id: str, label: str, text: str, now: datetime) -> Attachment:
    """Put a text among the store's files; return what names it in its visit, not saved yet."""
    data = text.encode("utf-8", "replace")  # half a character becomes a question mark
    return Attachment(
        id=new_id(),
        visit_id=visit_id,
        sha256=store.attach(data, "text/plain"),
        byte_count=len(data),
        media_type="text/plain",
        name=f"{label}.txt",
        taken_at=now,
        purpose="other",
    )


def beginning(text: str, limit: int, file_name: str) -> str:
    """Return as much of a text as fits, whole words where it has any, and in which file the whole stands."""
    note = " … " + _("(whole text: {name})", name=file_name)
    end = max(0, limit - len(note))
    blank = text.rfind(" ", max(0, end - _BACK), end + 1)
    if blank > 0:
        end = blank
    else:  # never inside a letter with its marks
        while end > 0 and (unicodedata.combining(text[end]) or "\u200d" in text[end - 1 : end + 1]):
            end -= 1
    return (text[:end].rstrip() + note)[:limit]
