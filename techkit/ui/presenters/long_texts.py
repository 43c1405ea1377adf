"""A text longer than its field takes: the whole of it becomes a file of the visit, its beginning stays in the field."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.records.identity import new_id
from techkit.records.visit import Attachment
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.open_visit import OpenVisit

#: So far back a text is cut at a blank, in characters.
_BACK = 60


def keep_whole(held: OpenVisit, form: EntryForm, place: str, changed: Callable[[], None]) -> None:
    """Keep the text that is too long for its field as a file of the visit; once it is kept the field is shortened.

    place: under which the form's typing is kept. changed: called when the form has changed, also by what went wrong.
    """
    name = form.too_long
    if not name:
        return
    text, store = form.typed[name], held.around.store
    file_name = f"{form.label(name)}.txt"
    data = text.encode("utf-8", "replace")  # half a character becomes a question mark

    def kept(sha256: str) -> None:
        if form.typed.get(name) != text:
            return  # written on, or kept already
        held.save(
            Attachment(
                id=new_id(),
                visit_id=held.visit_id,
                sha256=sha256,
                byte_count=len(data),
                media_type="text/plain",
                name=file_name,
                taken_at=held.around.clock.now(),
                purpose="other",
            ),
            word=_("the file “{name}”", name=file_name),
        )
        form.fill(name, beginning(text, form.limit(name), file_name))
        held.typing.keep(place, name, form.typed[name])
        changed()

    def failed(error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        form.errors[name] = error.sentences()
        changed()

    held.around.lanes.store(lambda: store.attach(data, "text/plain"), kept, failed)


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
