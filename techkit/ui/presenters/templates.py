"""The templates of visits: begin one, put its plan into the visit in hand, change, remove, take back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import _, ngettext
from techkit.records.activities import ACTIVITY_KINDS
from techkit.records.bundle import VisitBundle
from techkit.records.cards import names_among
from techkit.records.entering import check
from techkit.records.identity import new_id
from techkit.records.schema import spec_for
from techkit.records.templates import (
    VisitTemplate,
    is_shipped,
    offered,
    planned,
    put_away,
    template_from,
    words_of,
)
from techkit.records.work_states import SEALED
from techkit.store.database import Store
from techkit.ui.presenters.choices import Choice, FormState
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.kept_typing import Draft, OpenForm, go_way, opens_form
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.record_editor import with_typing
from techkit.ui.presenters.surroundings import Surroundings


@dataclass(frozen=True, kw_only=True)
class TemplateRow:
    """One template: name, what it holds, whether it is one's own."""

    id: str
    title: str
    line: str
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class TemplatesState:
    """The list, or the form of one template.

    kinds: planned work of the open form. use_label: what puts a plan into the visit in hand, "" without one.
    back_line: how many of those that ship are put away, "" for none.
    """

    rows: tuple[TemplateRow, ...] = ()
    is_loading: bool = True
    form: FormState | None = None
    form_title: str = ""
    kinds: tuple[Choice, ...] = ()
    use_label: str = ""
    back_line: str = ""
    undo_label: str = ""
    notice: str = ""
    notice_kind: str = "info"


@dataclass(frozen=True, kw_only=True)
class _Done:
    """The last thing done: its word, and what takes it back."""

    word: str
    undo: Callable[[Store], object]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the store gave: templates to choose from, records that hide shipped ones, the device's currency."""

    offered: tuple[VisitTemplate, ...]
    away: tuple[VisitTemplate, ...]
    currency: str


def all_templates(store: Store) -> tuple[VisitTemplate, ...]:
    """Return the templates to choose from; called in the store lane."""
    return offered(store.find(VisitTemplate), str(store.setting("currency")))


def line_of(template: VisitTemplate) -> str:
    """Return what a template holds, e.g. "about 45 min · 6 points · 1 supply"."""
    parts = []
    if template.expected_minutes:
        parts.append(_("about {time}", time=i18n.minutes(template.expected_minutes)))
    if template.points:
        parts.append(ngettext("{n} point to look at", "{n} points to look at", len(template.points)))
    if template.supplies:
        parts.append(ngettext("{n} supply to bring", "{n} supplies to bring", len(template.supplies)))
    return " · ".join(parts)


#: Under this name the planned work of the open form is kept beside what is typed in it.
_KINDS = "kinds"


class Templates:
    """The page of the templates.

    on_start: begins a new visit with a template's id. visit: gives the visit in hand, None when there is none.
    """

    def __init__(
        self,
        around: Surroundings,
        on_start: Callable[[str], object] = lambda _id: None,
        visit: Callable[[], OpenVisit | None] = lambda: None,
    ) -> None:
        self._around = around
        self._on_start = on_start
        self._visit = visit
        self._held: tuple[VisitTemplate, ...] = ()
        self._away: tuple[VisitTemplate, ...] = ()
        self._currency = "EUR"
        self._is_read = False
        self._form: EntryForm | None = None
        self._kept: OpenForm | None = None
        #: The method that opened the form, and its texts; see `opens_form`.
        self.way: tuple[str, ...] = ()
        self._next_way: tuple[str, ...] = ()
        self._kinds: tuple[str, ...] = ()
        self._replaces: VisitTemplate | None = None
        self._names: tuple[str, ...] = ()
        self._done: _Done | None = None
        self._notice, self._notice_kind = "", "info"
        self.changed = Observable()
        self.state = TemplatesState()
        self._end = around.store.subscribe(self._store_changed)
        self.read()

    def close(self) -> None:
        """Follow the store no more; what stands in an open form is offered again."""
        if self._kept is not None:
            self._kept.leave()
        self._end()

    def go_on(self, way: tuple[str, ...]) -> None:
        """Open a form again that somebody typed in, as soon as the templates are read."""
        self._next_way = way
        if self._is_read:
            self._go_on()

    def _go_on(self) -> None:
        way, self._next_way = self._next_way, ()
        if way:
            go_way(self, way)

    def read(self) -> None:
        """Read the templates of this device."""
        store = self._around.store

        def work() -> _Found:
            away = tuple(t for t in store.find(VisitTemplate) if t.is_put_away)
            return _Found(offered=all_templates(store), away=away, currency=str(store.setting("currency")))

        self._around.lanes.store(work, self._take)

    def _store_changed(self, kinds: frozenset[str]) -> None:
        if "visit_template" in kinds:
            self._around.lanes.soon(self.read)

    def _take(self, found: _Found) -> None:
        self._held, self._away, self._currency = found.offered, found.away, found.currency
        self._is_read = True
        self._show()
        self._go_on()

    def _of(self, id: str) -> VisitTemplate | None:
        return next((t for t in self._held if t.id == id), None)

    # --- using one ------------------------------------------------------------------------------

    def start(self, id: str) -> None:
        """Begin a new visit with a template."""
        if self._of(id) is not None:
            self._on_start(id)

    def use(self, id: str) -> None:
        """Put a template's plan into the visit in hand; what was said there already stays."""
        held, template = self._in_hand(), self._of(id)
        if held is None or template is None:
            return
        held.save(planned(held.visit, template), word=_("the plan “{title}”", title=template.title))
        self._say(_("“{title}” is now the plan of the visit in hand.", title=template.title))

    def _in_hand(self) -> OpenVisit | None:
        held = self._visit()
        return held if held is not None and held.is_loaded and held.visit.work_state not in SEALED else None

    # --- changing -------------------------------------------------------------------------------

    @opens_form
    def add(self) -> None:
        """Open the form of a new template."""
        self._open(VisitTemplate(id=new_id(), currency=self._currency), None)

    @opens_form
    def add_from(self, visit_id: str) -> None:
        """Open the form of a template made of a finished visit; it is no template until it is saved."""
        store, way = self._around.store, self.way

        def show(bundle: VisitBundle) -> None:
            self.way = way
            self._add_from(bundle)
            self.way = ()

        self._around.lanes.store(lambda: store.bundle(visit_id), show, self._cannot)

    def _add_from(self, bundle: VisitBundle) -> None:
        now = self._around.clock.now().astimezone(self._around.clock.zone())
        made = template_from(bundle, id=new_id(), day=now.date())
        self._open(made, None, bundle.visit.customer_id)
        people = [part for person in bundle.people for part in (person.given_name, person.family_name)]
        serials = [asset.serial for asset in bundle.assets]
        customer = [bundle.customer.display_name] if bundle.customer else []
        self._names = tuple(name for name in (*customer, *people, *serials) if name)
        self._show()

    @opens_form
    def edit(self, id: str) -> None:
        """Open the form of a template; one that ships is changed as a copy of one's own in its place."""
        template = self._of(id)
        if template is None:
            return
        if is_shipped(template):
            self._open(dataclasses.replace(template, id=new_id()), None)
        else:
            self._open(template, template)

    def _open(self, base: VisitTemplate, replaces: VisitTemplate | None, customer_id: str = "") -> None:
        if self._kept is not None:
            self._kept.leave()
        self._form = EntryForm("visit_template", record=base, currency=base.currency)
        self._kinds, self._replaces, self._names = base.planned_kinds, replaces, ()
        about = Draft(
            page="templates", way=self.way, kind="visit_template", whose=base.title, customer_id=customer_id
        )
        self._kept = self._around.typing.open(about, self._cannot)
        before = dict(self._kept.typed)
        kinds = before.pop(_KINDS, None)
        if kinds is not None:
            self._kinds = tuple(kind for kind in ACTIVITY_KINDS if kind in kinds.split())
        self._form.restore(before)
        self._notice = ""
        self._show()

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        if self._form is not None:
            self._form.fill(name, text)
            self._keep()
            self._show()

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet."""
        if self._form is not None:
            self._form.typed[name] = text
            self._keep()

    def _keep(self) -> None:
        if self._form is not None and self._kept is not None:
            self._kept.keep({**self._form.typed, _KINDS: " ".join(self._kinds)})

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.forget()
        self._form, self._kept = None, None

    def toggle_kind(self, kind: str) -> None:
        """Plan a kind of work, or leave it out again."""
        chosen = set(self._kinds) ^ {kind}
        self._kinds = tuple(k for k in ACTIVITY_KINDS if k in chosen)
        self._keep()
        self._show()

    def add_row(self, name: str) -> None:
        """Begin another row of a list in the form."""
        if self._form is not None:
            self._form.add_row(name)
            self._keep()
            self._show()

    def remove_row(self, name: str, place: int) -> None:
        """Take a row out of a list in the form."""
        if self._form is not None:
            self._form.remove_row(name, place)
            self._keep()
            self._show()

    def cancel(self) -> None:
        """Close the form and forget what was typed; the template stays as it was."""
        self._forget()
        self._notice = ""
        self._show()

    def save(self) -> None:
        """Keep the template as it was typed; one that names the customer is not kept."""
        form = self._form
        if form is None or not isinstance(form.record, VisitTemplate):
            return
        try:
            made = dataclasses.replace(form.record, **form.values(), planned_kinds=self._kinds)
            check(made)
        except InputError as error:
            form.refuse(error)
            self._show()
            return
        named = names_among(words_of(made), self._names)
        if named:
            self._say(
                _(
                    "This template names {names}. It outlives the customer: take the name out first.",
                    names=", ".join(named),
                ),
                "watch",
            )
            return
        before = self._replaces
        actor = self._around.technician
        self._forget()
        self._write(
            lambda store: store.save(made, actor=actor),
            _("“{title}”", title=made.title),
            (lambda store: store.save(before, actor=actor))
            if before is not None
            else (lambda store: store.remove(made, _("Taken back."), actor=actor)),
            _("“{title}” is kept.", title=made.title),
        )

    def remove(self, id: str) -> None:
        """Take a template away; one that ships is put away on this device. Undo brings it back."""
        template = self._of(id)
        if template is None:
            return
        actor = self._around.technician
        word = _("“{title}” removed", title=template.title)
        if is_shipped(template):
            hidden = put_away(template, id=new_id())
            self._write(
                lambda store: store.save(hidden, actor=actor),
                word,
                lambda store: store.remove(hidden, _("Taken back."), actor=actor),
                _("“{title}” is put away.", title=template.title),
            )
            return
        self._write(
            lambda store: store.remove(template, _("Taken away by its author."), actor=actor),
            word,
            lambda store: store.restore(template, actor=actor),
            _(
                "“{title}” is removed. The one that ships with techkit stands in its place.",
                title=template.title,
            )
            if template.shipped
            else _("“{title}” is removed.", title=template.title),
        )

    def bring_back(self) -> None:
        """Show the templates again that ship and were put away."""
        away, actor = self._away, self._around.technician

        def work(store: Store) -> None:
            for hidden in away:
                store.remove(hidden, _("Brought back."), actor=actor)

        def undo(store: Store) -> None:
            for hidden in away:
                store.restore(hidden, actor=actor)

        if away:
            self._write(work, _("Brought back"), undo, _("All templates that ship are shown again."))

    def undo(self) -> None:
        """Take the last change of the templates back."""
        done, self._done = self._done, None
        if done is not None:
            self._run(done.undo, _("Taken back: {word}", word=done.word))

    def _write(
        self, work: Callable[[Store], object], word: str, undo: Callable[[Store], object], notice: str
    ) -> None:
        self._done = _Done(word=word, undo=undo)
        self._run(work, notice)

    def _run(self, work: Callable[[Store], object], notice: str) -> None:
        store = self._around.store

        def done(_none: object) -> None:
            self._say(notice)
            self.read()

        def failed(error: Exception) -> None:
            self._done = None
            self._cannot(error)

        self._around.lanes.store(lambda: work(store), done, failed)

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._say(error.sentences(), "bad")

    # --- what is shown --------------------------------------------------------------------------

    def _form_state(self, form: EntryForm) -> FormState:
        return with_typing(
            form.state(add_label=_("Save template"), today=self._around.today),
            self._kept.typed if self._kept is not None else (),
        )

    def _say(self, notice: str, kind: str = "info") -> None:
        self._notice, self._notice_kind = notice, kind
        self._show()

    def refresh(self) -> None:
        """Show what is there, e.g. after another visit was opened."""
        self._show()

    def _show(self) -> None:
        form = self._form
        title = ""
        if form is not None:
            title = _("Change the template") if self._replaces is not None else _("A template of your own")
        self.state = TemplatesState(
            rows=tuple(
                TemplateRow(id=t.id, title=t.title, line=line_of(t), is_own=not is_shipped(t))
                for t in self._held
            ),
            is_loading=not self._is_read,
            form=self._form_state(form) if form is not None else None,
            form_title=title,
            kinds=tuple(
                Choice(
                    value=kind,
                    label=_(spec_for(kind).title),
                    icon=spec_for(kind).icon,
                    is_chosen=kind in self._kinds,
                )
                for kind in ACTIVITY_KINDS
            )
            if form is not None
            else (),
            use_label=_("Use for the visit in hand") if self._in_hand() is not None else "",
            back_line=ngettext(
                "{n} template that ships is put away.",
                "{n} templates that ship are put away.",
                len(self._away),
            )
            if self._away
            else "",
            undo_label=_("Undo: {word}", word=self._done.word) if self._done is not None else "",
            notice=self._notice,
            notice_kind=self._notice_kind,
        )
        self.changed()
