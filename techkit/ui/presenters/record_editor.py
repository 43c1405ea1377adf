"""One record of a page being changed in a form: opened, filled, kept or left as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.entering import check
from techkit.records.schema import Record, spec_of
from techkit.ui.presenters.choices import Choice, FormState
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.kept_typing import Draft, OpenForm
from techkit.ui.presenters.long_texts import beginning, keep_at_customer
from techkit.ui.presenters.surroundings import Surroundings

HeldT = TypeVar("HeldT")


def _as_it_is(held: HeldT) -> HeldT:
    return held


def _nothing(_record: Record) -> Sequence[Record]:
    return ()


def with_typing(state: FormState, typed: Collection[str]) -> FormState:
    """Return a form as it is shown where words stand again in these fields of it, typed before and not saved."""
    if not typed:
        return state
    return dataclasses.replace(
        state,
        kept_line=_("What you typed here before and did not save stands here again."),
        is_more_open=any(field.name in typed for field in state.more),
    )


class RecordEditor:
    """The form of a page. changed: called when it looks different; saved: called once a record is kept.

    about: says which form of which page it is, so that what is typed is kept from the first letter.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        changed: Callable[[], object],
        saved: Callable[[Record, Record | None], object],
        about: Callable[[Record], Draft],
    ) -> None:
        self._world = surroundings
        self._changed = changed
        self._saved = saved
        self._about = about
        self._kept: OpenForm | None = None
        self._form: EntryForm | None = None
        self._base: Record | None = None
        self._is_new = False
        self._is_saving = False
        self._error = ""
        self._look: Callable[[FormState], FormState] = _as_it_is
        self._ready: Callable[[Record], Record] = _as_it_is
        self._along: Callable[[Record], Sequence[Record]] = _nothing

    def open(
        self,
        base: Record,
        *,
        is_new: bool = False,
        references: Mapping[str, Sequence[Choice]] | None = None,
        look: Callable[[FormState], FormState] | None = None,
        ready: Callable[[Record], Record] | None = None,
        along: Callable[[Record], Sequence[Record]] | None = None,
    ) -> None:
        """Open the form over a record; a new one is kept only once it is saved.

        look: what the form looks like, where that follows from what is chosen in it. ready: asked in the store
        lane for the record as it is kept; raises InputError naming the field where it cannot be.
        along: what is written in one go with it.
        """
        self.close()
        kind = spec_of(base).kind
        currency = str(getattr(base, "currency", "") or "EUR")
        self._form = EntryForm(kind, record=base, currency=currency, references=references)
        self._base, self._is_new, self._error, self._is_saving = base, is_new, "", False
        self._look, self._ready = look or _as_it_is, ready or _as_it_is
        self._along = along or _nothing
        self._kept = self._world.typing.open(self._about(base), self._not_kept)
        self._form.restore(self._kept.typed)
        self._changed()

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field and say at once what is wrong with it."""
        if self._form is not None:
            self._form.fill(name, text)
            self._keep()
            self._changed()

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet."""
        if self._form is not None:
            self._form.typed[name] = text
            self._keep()

    def keep_whole_text(self) -> None:
        """Keep the text that is too long for its field as a file of the customer's open visit; shorten the field."""
        form, open_form = self._form, self._kept
        if form is None or open_form is None or not (name := form.too_long):
            return
        text, customer_id = form.typed[name], open_form.customer_id
        world, now = self._world, self._world.clock.now()

        def kept(file_name: str) -> None:
            if form is self._form and form.typed.get(name) == text:
                self.fill(name, beginning(text, form.limit(name), file_name))

        def failed(error: Exception) -> None:
            if not isinstance(error, TechkitError):
                raise error
            form.errors[name] = error.sentences()
            self._changed()

        world.lanes.store(
            lambda: keep_at_customer(world.store, customer_id, form.label(name), text, now, world.technician),
            kept,
            failed,
        )

    def _keep(self) -> None:
        if self._form is not None and self._kept is not None:
            self._kept.keep(self._form.typed)

    def _not_kept(self, error: TechkitError) -> None:
        self._error = error.sentences()
        self._changed()

    def close(self) -> None:
        """Let go of the form as its page goes; what was typed is offered again."""
        if self._kept is not None:
            self._kept.leave()
        self._form, self._base, self._kept = None, None, None

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.forget()
        self._form, self._base, self._kept = None, None, None

    def cancel(self) -> None:
        """Close the form and forget what was typed; the record stays as it was."""
        self._forget()
        self._error = ""
        self._changed()

    def save(self) -> None:
        """Keep what was typed; what cannot be kept is said at its field and everything typed stays."""
        form, base = self._form, self._base
        if form is None or base is None or self._is_saving:
            return
        self._error = ""
        try:
            record = dataclasses.replace(base, **form.values())
            check(record)
        except InputError as error:
            form.refuse(error)
            self._changed()
            return
        store, actor = self._world.store, self._world.technician
        before = None if self._is_new else base

        def work() -> Record:
            kept = self._ready(record)
            store.save(kept, *self._along(kept), actor=actor)
            return kept

        def done(kept: Record) -> None:
            self._is_saving = False
            if self._form is form:
                self._forget()
            self._saved(kept, before)

        def failed(error: Exception) -> None:
            self._is_saving = False
            if not isinstance(error, TechkitError):
                raise error
            if isinstance(error, InputError) and error.field:
                form.refuse(error)
            else:
                self._error = error.sentences()
            self._changed()

        self._is_saving = True
        self._world.lanes.store(work, done, failed)

    @property
    def base(self) -> Record | None:
        """The record the form is about, None while no form is open."""
        return self._base

    @property
    def state(self) -> FormState | None:
        """The form as it is shown, None while none is open."""
        if self._form is None:
            return None
        state = self._look(self._form.state(add_label=_("Save"), today=self._world.today))
        if self._kept is not None:
            state = with_typing(state, self._kept.typed)
        if self._error:
            state = dataclasses.replace(state, error=self._error, error_field="")
        return state
