"""Who takes part in a training, what each could do before and can do after, and why it was suggested."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.activities import ASSESSED_HOW, Attendance, Training
from techkit.records.company_names import is_stand_in
from techkit.records.entering import check, clean_text
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.records.training import gain_of, history_lines, training_needs
from techkit.summary import handout
from techkit.ui.presenters import page_language, sheets
from techkit.ui.presenters.choices import Choice, Proposal
from techkit.ui.presenters.open_visit import OpenVisit

#: Where the name of somebody who took part is kept while it is typed.
_NAME = "attendee"

#: So many judgements of earlier days are shown beside a person.
EARLIER_SHOWN = 2


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person at a training; skills 0 (not judged) to 5, feedback 0 to 5.

    is_invited and not is_present: could not take part. how: how the skill was judged. suggestion: why
    training would help, or "". earlier: judgements of earlier days, newest first. came: "present", "late", "early",
    "absent", or "" for not invited; minutes_there: how long who came late or left early was there, 0 where nobody said.
    """

    contact_id: str
    name: str
    is_invited: bool
    is_present: bool
    skill_before: int
    skill_after: int
    feedback: int
    how: str = "observed"
    suggestion: str = ""
    earlier: tuple[str, ...] = ()
    may_print: bool = False
    came: str = ""
    minutes_there: int = 0


#: So many minutes of a session can be said to have been there.
_MINUTES_THERE = tuple(range(15, 241, 15))


def minutes_offered() -> tuple[Choice, ...]:
    """Return how long somebody may have been there who missed a part."""
    said = (Choice(value=str(n), label=i18n.minutes(n)) for n in _MINUTES_THERE)
    return (Choice(value="0", label=_("Not said")), *said)


def _came(row: Attendance | None) -> str:
    if row is None:
        return ""
    if not row.is_present:
        return "absent"
    return {"beginning": "late", "end": "early"}.get(row.missed, "present")


def ways_of_judging() -> tuple[Choice, ...]:
    """Return how a skill may be judged."""
    return tuple(Choice(value=value, label=_(label)) for value, label in ASSESSED_HOW.items())


class AttendanceList:
    """The people of the training whose form is open."""

    def __init__(self, held: OpenVisit) -> None:
        self._held = held
        self._rows: dict[str, Attendance] = {}

    def open(self, training: Training | None) -> None:
        """Begin with a session's people, or with the visit's only person."""
        self._rows = {}
        if training is not None:
            self._rows = {row.contact_id: row for row in training.attendance}
        elif self._held.bundle.contact is not None and len(self._held.bundle.people) == 1:
            contact = self._held.bundle.contact
            if not self._is_stand_in(contact):
                self._rows = {contact.id: self._row_of(contact)}

    def clear(self) -> None:
        """Begin without anybody."""
        self._rows = {}

    @property
    def rows(self) -> tuple[Attendance, ...]:
        """Return everybody who was invited."""
        return tuple(self._rows.values())

    # --- who ------------------------------------------------------------------------------------

    def invite(self, contact_id: str) -> None:
        """Add a person who is not there yet."""
        contact = self._held.record(Contact, contact_id)
        if contact is not None and contact_id not in self._rows:
            self._rows[contact_id] = self._row_of(contact)

    @property
    def typed(self) -> str:
        """Return the name of somebody who took part as far as it was typed."""
        return self._held.typing.typed_in(_NAME).get(_NAME, {}).get("name", "")

    def type_ahead(self, name: str) -> None:
        """Keep the name of somebody who took part while it is typed."""
        if name:
            self._held.typing.keep(_NAME, "name", name)
        else:
            self._held.typing.forget(_NAME)

    def add(self, name: str) -> None:
        """Add somebody who took part, by name: a person of the customer, known or new. Raises: InputError."""
        words = clean_text(name)
        if not words:
            return
        bundle = self._held.bundle
        known = next((p for p in bundle.people if p.name.casefold() == words.casefold() and p.is_there), None)
        if known is None:
            given, _space, family = words.rpartition(" ")
            known = Contact(
                id=new_id(),
                customer_id=self._held.visit.customer_id,
                given_name=given,
                family_name=family,
            )
            check(known)
            self._held.save(known, word=_("“{name}” added", name=words))
        self._held.typing.forget(_NAME)
        self.invite(known.id)

    def _is_stand_in(self, contact: Contact) -> bool:
        return is_stand_in(contact, self._held.bundle.customer)

    def say(self, contact_id: str, status: str) -> None:
        """Say whether a person took part: "present", "late", "early", "absent", or "" for not invited."""
        if status == "":
            self._rows.pop(contact_id, None)
            return
        self.invite(contact_id)
        row = self._rows.get(contact_id)
        if row is None:
            return
        if status == "absent":
            row = dataclasses.replace(
                row,
                is_present=False,
                skill_after=0,
                feedback=0,
                needs_catch_up=True,
                missed="",
                minutes_there=0,
            )
        else:
            missed = {"late": "beginning", "early": "end"}.get(status, "")
            row = dataclasses.replace(
                row,
                is_present=True,
                needs_catch_up=bool(missed),
                missed=missed,
                minutes_there=row.minutes_there if missed else 0,
            )
        self._rows[contact_id] = row

    def all_present(self) -> None:
        """Say that everybody took part who is not marked absent."""
        for contact in self._held.bundle.people:
            if contact.is_there and not self._is_stand_in(contact):
                self.invite(contact.id)

    # --- how well -------------------------------------------------------------------------------

    def judge(self, contact_id: str, what: str, value: int) -> None:
        """Note a person's skill "before" or "after", or their "feedback", 0 to 5."""
        row = self._rows.get(contact_id)
        if row is None or not 0 <= value <= 5:
            return
        match what:
            case "before":
                row = dataclasses.replace(row, skill_before=value)
            case "after":
                row = dataclasses.replace(row, skill_after=value)
            case "feedback":
                row = dataclasses.replace(row, feedback=value)
        self._rows[contact_id] = row

    def was_there(self, contact_id: str, minutes: int) -> None:
        """Say how long somebody who came late or left early was there."""
        row = self._rows.get(contact_id)
        if row is not None and row.missed and minutes >= 0:
            self._rows[contact_id] = dataclasses.replace(row, minutes_there=minutes)

    def judge_by(self, contact_id: str, how: str) -> None:
        """Say how a person's skill was judged: own words, watching, a small exercise."""
        row = self._rows.get(contact_id)
        if row is not None and how in ASSESSED_HOW:
            self._rows[contact_id] = dataclasses.replace(row, assessed_how=how)

    def product(self) -> str:
        """Return the one program everybody's profile names, "" where there are several or none."""
        products = {s.product for s in self._held.known.software if s.contact_id in self._rows}
        return products.pop() if len(products) == 1 else ""

    def _row_of(self, contact: Contact) -> Attendance:
        rows = [s for s in self._held.known.software if s.contact_id == contact.id and s.skill]
        skill = rows[0].skill if len(rows) == 1 else contact.skill
        return Attendance(contact_id=contact.id, name=contact.name, skill_before=skill)

    # --- what is shown --------------------------------------------------------------------------

    def shown(self, saved: Training | None) -> tuple[PersonRow, ...]:
        """Return everybody of the customer; saved: the session as it stands in the visit."""
        needs: dict[str, str] = {}
        for need in training_needs(self._held.bundle.people, self._held.known.software):
            needs.setdefault(need.contact_id, need.wish)
        printable = {row.contact_id for row in saved.attendance if row.is_present} if saved else set()
        found = []
        for contact in self._held.bundle.people:
            row = self._rows.get(contact.id)
            if row is None and (contact.merged_into is not None or self._is_stand_in(contact)):
                continue
            earlier = history_lines(self._held.known.judged, contact.id)
            found.append(
                PersonRow(
                    contact_id=contact.id,
                    name=contact.name,
                    is_invited=row is not None,
                    is_present=row.is_present if row else False,
                    skill_before=row.skill_before if row else self._row_of(contact).skill_before,
                    skill_after=row.skill_after if row else 0,
                    feedback=row.feedback if row else 0,
                    how=row.assessed_how if row else "observed",
                    suggestion=needs.get(contact.id, ""),
                    earlier=earlier[:EARLIER_SHOWN],
                    may_print=contact.id in printable,
                    came=_came(row),
                    minutes_there=row.minutes_there if row else 0,
                )
            )
        return tuple(found)

    def gain_line(self, minutes: int) -> str:
        """Return what the session brought, as far as it is judged; "" for fewer than two people.

        minutes: of the session.
        """
        rows = self.rows
        if len(rows) < 2:
            return ""
        gain = gain_of(Training(id="", attendance=rows, minutes=minutes))
        said = _("{present} of {invited} took part.", present=gain.present, invited=gain.invited)
        if gain.mean_before is None or gain.mean_after is None:
            return said
        return ngettext(
            "{said} Mean skill {before} → {after}, {n} got better.",
            "{said} Mean skill {before} → {after}, {n} got better.",
            gain.improved,
            said=said,
            before=i18n.number(gain.mean_before, 1),
            after=i18n.number(gain.mean_after, 1),
        )

    def suggestions(self) -> tuple[Proposal, ...]:
        """Return the topics somebody here would be helped by and nobody trained today, with the reasons."""
        bundle = self._held.bundle
        by_topic: dict[str, list[str]] = {}
        names: dict[str, list[str]] = {}
        done = {t for a in bundle.activities if isinstance(a, Training) for t in a.topics}
        for need in training_needs(bundle.people, self._held.known.software):
            if need.topic not in done:
                by_topic.setdefault(need.topic, []).append(need.reason)
                names.setdefault(need.topic, []).append(need.name)
        return tuple(
            Proposal(
                id=topic,
                title=_("{topic}: {names}", topic=topic, names=", ".join(names[topic])),
                reason="; ".join(reasons),
            )
            for topic, reasons in by_topic.items()
        )

    # --- a page of one's own --------------------------------------------------------------------

    def own_page(self, training: Training, contact_id: str) -> handout.Handout | None:
        """Return one person's page of a session, with nobody else's name or level; None for who was absent."""
        row = next((r for r in training.attendance if r.contact_id == contact_id and r.is_present), None)
        contact = self._held.record(Contact, contact_id)
        if row is None or contact is None:
            return None
        bundle, around = self._held.bundle, self._held.around
        customer = bundle.customer
        language = (
            contact.preferred_language
            or self._held.visit.paper_language
            or (customer.preferred_language if customer else "")
            or i18n.current()
        )
        return handout.own_page(
            training,
            row,
            language=language,
            next_steps=tuple(
                f.text
                for f in page_language.in_language(bundle, language).follow_ups
                if f.contact_id == contact_id and f.state == "open"
            ),
            provider=around.provider,
            reach=around.reach,
            day=self._held.today,
            paper=customer.paper.value if customer else "A4",
            is_large=bool(customer and customer.has_large_print),
        )

    def print_own_page(
        self,
        training: Training,
        contact_id: str,
        path: str,
        print_pages: sheets.PrintPages | None,
        done: Callable[[], object],
        failed: Callable[[str], object],
    ) -> None:
        """Print one person's page of a saved session, or keep it as a file."""
        sheet = self.own_page(training, contact_id)
        if sheet is not None:
            sheets.send(self._held.around.lanes, sheet, path, print_pages, done, failed)
