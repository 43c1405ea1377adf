"""A customer's page: how they do and why, what comes, promises, money, people, computers, visits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.records.health import Health, HealthPart
from techkit.ui import theme
from techkit.ui.presenters.ahead import Task
from techkit.ui.presenters.budgets import BudgetLine
from techkit.ui.presenters.choices import Proposal
from techkit.ui.presenters.customer import CustomerState
from techkit.ui.presenters.customer_words import Advice, Agreement, Person
from techkit.ui.presenters.record_page import Line
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, column, holder, line, row
from techkit.ui.widgets.budgets import budget_card
from techkit.ui.widgets.buttons import Button, Choice
from techkit.ui.widgets.cards import Avatar, Card, IconTile, PressRow, Tag, empty_state, facts, loading_rows
from techkit.ui.widgets.details import DetailPage, JumpBar, open_row, plain_row, section
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter, Ring
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.customer import CustomerPlace

_SHAPES = {
    "ok": ("check-circle", "ok"),
    "watch": ("warning", "watch"),
    "bad": ("warning-octagon", "bad"),
    "none": ("question", "none"),
}


class CustomerPage(DetailPage):
    """The page of one customer. back: shows what was shown before; open_budgets: shows all budgets."""

    def __init__(
        self,
        place: CustomerPlace,
        search: Callable[[], object] | None,
        back: Callable[[], object],
        open_budgets: Callable[[], object],
    ) -> None:
        super().__init__(search, place, back)
        self._place = place
        self._shown: CustomerState | None = None
        self._edit = self.add_action(Button(_("Edit"), "outline", icon="pencil-simple", press=place.edit))
        self._begin = self.add_action(Button(_("New visit"), "outline", icon="plus", press=place.begin_visit))
        self._loading = Card(loading_rows(4))
        self._gone = Card(
            empty_state(
                "eye-slash",
                _("This customer is not shown here"),
                _("It is not on this device any more, or this computer belongs to somebody else."),
                size=72,
            )
        )
        self._private = Slot(lambda sentence: Banner("info", sentence))
        self._twins = Rows(self._make_twin, key=lambda twin: twin.id, at_once=0)
        self._health = Slot(self._make_health)
        self._health_parts = Rows(self._make_part, key=lambda held: held[0].key, at_once=0)
        self._ahead = Rows(self._make_task, key=lambda task: task.key, at_once=0)
        self._cases = Rows(self._make_case, at_once=0)
        self._promises = Rows(self._make_promise, at_once=0)
        self._advice = Rows(self._make_advice, key=lambda advice: advice.id, at_once=0)
        self._needs = Rows(self._make_task, key=lambda task: task.key, at_once=0)
        self._people = Rows(self._make_person, key=lambda person: person.id, gap=10, at_once=0)
        self._computers = Rows(self._make_computer, key=lambda held: held.visit_id, at_once=0)
        self._visits = Rows(self._make_visit, key=lambda held: held.visit_id, at_once=0)
        self._ratings = Rows(self._make_task, key=lambda task: task.key, at_once=0)
        self._touches: Rows[Line] = Rows(
            lambda held: plain_row(held.title, held.line, icon=held.icon), at_once=0
        )
        self._agreements = Rows(self._make_agreement, key=lambda held: held.id, gap=10, at_once=0)
        self._budgets: Rows[BudgetLine] = Rows(
            lambda held: budget_card(held, place.propose, place.take_back),
            key=lambda held: held.id,
            gap=10,
            at_once=0,
        )
        self._sites = Rows(self._make_site, key=lambda held: held.visit_id, at_once=0)
        self._site_twins = Rows(self._make_site_twin, key=lambda twin: twin.id, at_once=0)
        self._site_twins_card = Card(
            Label(_("Probably entered twice"), "strong"), self._site_twins, kind="accent", margins=10
        )
        self._all_computers = Button("", "link", press=lambda: place.show_list("computers"))
        self._all_visits = Button("", "link", press=lambda: place.show_list("visits"))
        self._parts = self._make_parts(place, open_budgets)
        self._names = {
            "health": _("How they do with us"),
            "cases": _("Open cases"),
            "promises": _("Promised"),
            "budgets": _("Budgets"),
            "people": _("People"),
            "computers": _("Computers"),
            "visits": _("Visits"),
            "sites": _("Places"),
        }
        self._jump_bar = JumpBar(self.jump)
        for piece in (self._loading, self._gone, self._private, self._jump_bar, *self._parts.values()):
            self.body.addWidget(piece)
        self._identity = Slot(self._make_identity)
        self.right.addWidget(self._identity)
        self.release_place = place.changed.subscribe(self.render_state)
        self.render_state()

    def _make_parts(self, place: CustomerPlace, open_budgets: Callable[[], object]) -> dict[str, QWidget]:
        """Return the sections of the page by their keys, in their order."""
        add_person = Button(_("Add a person"), "link", icon="user-plus", press=lambda: place.edit_person(""))
        add_site = Button(_("Add a place"), "link", icon="plus", press=lambda: place.edit_site(""))
        add_touch = Button(_("Note a call or mail"), "link", icon="phone", press=place.note_contact)
        all_promises = Button(_("All promises"), "link", press=lambda: place.show_list("follow_ups"))
        all_budgets = Button(_("All budgets"), "link", press=open_budgets)

        def listed(rows: QWidget) -> Card:
            return Card(rows, margins=6, gap=0)

        return {
            "twins": section(
                _("Probably entered twice"),
                Card(self._twins, kind="accent", margins=10),
                line=_("Nothing is merged by itself: compare, then say it is the same customer."),
            ),
            "health": section(
                _("How they do with us"), Card(self._health, line(), self._health_parts, gap=10)
            ),
            "ahead": section(_("Seen early"), listed(self._ahead)),
            "cases": section(_("Open cases"), listed(self._cases)),
            "promises": section(_("Promised"), listed(self._promises), action=all_promises),
            "advice": section(_("Advice and what they decided"), listed(self._advice)),
            "needs": section(_("Who would like to learn what"), listed(self._needs)),
            "budgets": section(_("Budgets"), self._budgets, action=all_budgets),
            "agreements": section(_("Contracts"), self._agreements),
            "people": section(_("People"), self._people, action=add_person),
            "computers": section(_("Computers"), listed(self._computers), action=self._all_computers),
            "visits": section(_("Visits"), listed(self._visits), action=self._all_visits),
            "ratings": section(_("What they answered"), listed(self._ratings)),
            "touches": section(_("Calls and mails"), listed(self._touches), action=add_touch),
            "sites": section(
                _("Places"),
                holder(column(self._site_twins_card, listed(self._sites), gap=8)),
                action=add_site,
            ),
        }

    def release(self) -> None:
        """Let go of the presenter."""
        self.release_place()
        self._place.close()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._place.state
        if state == self._shown:
            return
        self._shown = state
        self.set_heading(state.title, state.line)
        self.show_common(state.form, state.error, state.undo_line)
        is_there = not state.is_loading and not state.is_gone
        theme.show_or_hide(self._loading, state.is_loading)
        theme.show_or_hide(self._gone, state.is_gone)
        theme.show_or_hide(self._edit, is_there)
        theme.show_or_hide(self._begin, is_there and not state.is_closed)
        self._private.show_item(state.private_line or None)
        shown = {
            "twins": state.twins,
            "ahead": state.ahead,
            "cases": state.cases,
            "promises": state.promises,
            "advice": state.advice,
            "needs": state.needs,
            "budgets": state.budgets,
            "agreements": state.agreements,
            "people": state.people,
            "computers": state.computers,
            "visits": state.visits,
            "ratings": state.ratings,
            "touches": state.touches,
            "sites": state.sites,
        }
        self._site_twins.show_items(state.site_twins)
        theme.show_or_hide(self._site_twins_card, bool(state.site_twins))
        for key, items in shown.items():
            rows = getattr(self, f"_{key}")
            rows.show_items(items)
            is_open = (
                key in ("people", "sites") or bool(items) or (key == "touches" and not state.private_line)
            )
            theme.show_or_hide(self._parts[key], is_there and is_open)
        told = state.health if is_there else None
        self._health.show_item(told)
        self._health_parts.show_items(
            [(part, part.key == state.open_part) for part in told.parts] if told else []
        )
        theme.show_or_hide(self._parts["health"], told is not None)
        self._jump_bar.show_parts(
            [
                (key, name, self._parts[key])
                for key, name in self._names.items()
                if is_there and (key in ("people", "sites") or getattr(state, key))
            ]
        )
        self._all_computers.set_words(state.computers_line)
        self._all_visits.set_words(state.visits_line)
        self._identity.show_item(
            (state.title, state.icon, state.tags, state.facts, state.note, state.is_closed)
            if is_there
            else None
        )

    # --- how they do

    def _make_health(self, told: Health) -> QWidget:
        points = told.points
        ring = Ring(
            _("How this customer does"),
            (points or 0) / 100,
            str(points) if points is not None else "–",
            size=72,
            width=7,
        )
        icon, tone = _SHAPES[told.tone]
        weakest = told.weakest
        words = column(
            row(Icon(icon, tone, 22, "fill"), Grow(Label(told.word, "section", wraps=True)), gap=8),
            Label(weakest.sentence, "body2", wraps=True) if weakest is not None else None,
            Label(_("Made of the parts below; press one to see its records."), "tiny", wraps=True),
            gap=3,
        )
        return holder(row(ring, Grow(words), gap=16))

    def _make_part(self, held: tuple[HealthPart, bool]) -> QWidget:
        part, is_open = held
        icon, tone = _SHAPES[part.tone]
        points = part.points
        meter = Meter(part.label, (points or 0) / 100, colour="strong" if tone == "none" else tone, height=6)
        meter.setFixedWidth(theme.look().px(90))
        weight = Label(_("counts {n} %", n=part.weight), "tiny")
        head = PressRow(
            Icon(icon, tone, 18, "fill"),
            Grow(column(Label(part.label, "small_strong"), Label(part.sentence, "small", wraps=True), gap=1)),
            At(holder(column(meter, weight, gap=3)), MIDDLE),
            Icon("caret-up" if is_open else "caret-down", "text3", 16),
            name=". ".join((part.label, part.sentence, weight.text())),
            press=lambda: self._place.toggle_part(part.key),
            margins=(8, 6, 8, 6),
            gap=10,
        )
        if not is_open:
            return head
        rows: list[QWidget] = []
        for told in part.rows:
            if told.kind in ("visit", "asset", "follow_up"):
                look = functools.partial(self._place.open_row, told.kind, told.id)
                rows.append(open_row(told.text, told.line, look))
            elif told.kind == "contract":
                show = functools.partial(self.jump, self._parts["agreements"])
                rows.append(open_row(told.text, told.line, show))
            else:
                rows.append(plain_row(told.text, told.line))
        if not rows:
            rows.append(Label(_("No record stands behind this."), "small"))
        return holder(column(head, holder(column(*rows, gap=0, margins=(28, 0, 0, 6))), gap=0))

    # --- rows

    def _make_twin(self, twin: Proposal) -> QWidget:
        return self._twin_row(
            twin, lambda: self._place.merge(twin.id), lambda: self._place.open_other(twin.id)
        )

    def _make_site_twin(self, twin: Proposal) -> QWidget:
        return self._twin_row(twin, lambda: self._place.merge_site(twin.id))

    def _twin_row(
        self, twin: Proposal, merge: Callable[[], object], look: Callable[[], object] | None = None
    ) -> QWidget:
        same = Button(
            _("It is the same"),
            "soft",
            icon="arrows-merge",
            press=merge,
            name=_("{name} is the same", name=twin.title),
        )
        buttons = [same] if look is None else [same, Button(_("Look at it"), "ghost", press=look)]
        words = column(
            Label(twin.title, "strong", wraps=True), Label(twin.reason, "small", wraps=True), gap=2
        )
        return holder(row(Grow(words), holder(Flow(*buttons, gap=6)), gap=10))

    def _make_task(self, task: Task) -> QWidget:
        action: QWidget | None = None
        if task.is_planned:
            action = Tag(_("Promised"), "ok", "flag", "fill")
        elif task.action:
            action = Button(
                task.action,
                "soft",
                press=lambda: self._place.plan(task.key),
                name=f"{task.action}: {task.title}",
            )
        return holder(
            row(
                Icon(
                    task.icon, {"": "text2"}.get(task.tone, task.tone), 20, "fill" if task.tone else "regular"
                ),
                Grow(
                    column(
                        Label(task.title, "strong", wraps=True), Label(task.line, "small", wraps=True), gap=1
                    )
                ),
                At(action, MIDDLE) if action is not None else None,
                gap=10,
                margins=(10, 6, 8, 6),
            )
        )

    def _make_case(self, case: Line) -> QWidget:
        change = Button(
            _("Edit"),
            "link",
            press=lambda: self._place.edit_case(case.record_id),
            name=_("Change the case: {title}", title=case.title),
        )
        return holder(row(Grow(self._make_promise(case)), At(change, MIDDLE), gap=8))

    def _make_promise(self, promise: Line) -> QWidget:
        if not promise.visit_id:
            return plain_row(promise.title, promise.line, icon=promise.icon, tone=promise.tone)
        return open_row(
            promise.title,
            promise.line,
            lambda: self._place.open_visit(promise.visit_id),
            icon=promise.icon,
            tone=promise.tone,
        )

    def _make_advice(self, advice: Advice) -> QWidget:
        answer = Choice(
            _("What they decided: {advice}", advice=advice.text[:80]),
            [(c.value, c.label) for c in advice.choices],
        )
        answer.set_value(next((c.value for c in advice.choices if c.is_chosen), ""))
        answer.chosen.connect(lambda word: self._place.decide(advice.id, word))
        words = column(
            Label(advice.text, "strong", wraps=True),
            Label(advice.why, "small", wraps=True),
            Label(advice.line, "tiny", wraps=True) if advice.line else None,
            gap=1,
        )
        return holder(
            row(
                Icon("lightbulb", "text2", 20), Grow(words), At(answer, MIDDLE), gap=10, margins=(10, 6, 8, 6)
            )
        )

    def _make_person(self, person: Person) -> QWidget:
        place = self._place
        programs: list[QWidget] = [
            open_row(name, told, functools.partial(place.edit_program, person.id, key), icon="app-window")
            for key, name, told in person.programs
        ]
        twins = [
            self._twin_row(twin, functools.partial(place.merge_person, person.id, twin.id))
            for twin in person.twins
        ]
        gone = _("There again") if person.is_former else _("No longer there")
        buttons = Flow(
            Button(_("Edit"), "ghost", icon="pencil-simple", press=lambda: place.edit_person(person.id), name=_("Edit {name}", name=person.name[:60])),
            Button(_("Add a program"), "ghost", icon="plus", press=lambda: place.edit_program(person.id, ""), name=_("Add a program for {name}", name=person.name[:60])),
            Button(gone, "ghost", icon="archive", press=lambda: place.leave(person.id), name=f"{gone}: {person.name[:60]}"),
            gap=4,
        )  # fmt: skip
        return Card(
            row(
                Avatar(person.name),
                Grow(
                    column(
                        ElidedLabel(person.name, "row"),
                        ElidedLabel(person.line, "small") if person.line else None,
                        gap=0,
                    )
                ),
                gap=10,
            ),
            *twins,
            facts(person.profile, width=150, wraps=True),
            line() if programs else None,
            holder(column(*programs, gap=0)) if programs else None,
            holder(buttons),
            gap=8,
            margins=(14, 12, 14, 10),
        )

    def _make_computer(self, held: Line) -> QWidget:
        return open_row(
            held.title,
            held.line,
            lambda: self._place.open_computer(held.visit_id),
            icon=held.icon,
            tone=held.tone,
            word=held.word,
        )

    def _make_visit(self, held: Line) -> QWidget:
        return open_row(
            held.title,
            held.line,
            lambda: self._place.open_visit(held.visit_id),
            icon=held.icon,
            word=held.word,
        )

    def _make_site(self, held: Line) -> QWidget:
        return open_row(held.title, held.line, lambda: self._place.edit_site(held.visit_id), icon=held.icon)

    def _make_agreement(self, held: Agreement) -> QWidget:
        icon, tone = _SHAPES[held.tone]
        pieces: list[QWidget] = []
        if held.share is not None:
            pieces = [
                Label(held.hours_line, "small_strong", wraps=True),
                Meter(
                    held.hours_line, held.share, colour="watch" if held.share >= 0.9 else "focus", height=10
                ),
            ]
        return Card(
            row(Icon(icon, tone, 20, "fill"), Grow(ElidedLabel(held.title, "row")), gap=8),
            Label(held.line, "small", wraps=True),
            *pieces,
            facts(held.facts, width=110),
            gap=6,
            margins=(16, 12, 16, 12),
        )

    def _make_identity(self, _held: object) -> QWidget:
        state = self._shown
        assert state is not None  # noqa: S101 - shown before its pieces
        archive = _("Serve again") if state.is_closed else _("Close the customer")
        return Card(
            row(IconTile(state.icon, "accent", 44, 26), Grow(ElidedLabel(state.title, "section")), gap=12),
            holder(Flow(*(Tag(text, tone) for text, tone in state.tags), gap=6)),
            line(),
            facts(state.facts, width=90, wraps=True),
            Card(
                row(Icon("info", "text2", 18), Grow(Label(state.note, "small", wraps=True)), gap=8),
                kind="soft",
                margins=10,
            )
            if state.note
            else None,
            line(),
            holder(
                Flow(
                    Button(_("Who pays"), "ghost", icon="receipt", press=self._place.edit_payer),
                    Button(archive, "ghost", icon="archive", press=self._place.archive),
                    gap=4,
                )
            ),
            gap=9,
        )
