"""Deciding what was changed in two places: one record is looked at, each field's version chosen, then all written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

from techkit.records.wording import summary_line
from techkit.ui.presenters import disputes
from techkit.ui.presenters.disputes import Dispute, Found
from techkit.ui.presenters.kept_typing import Draft
from techkit.ui.presenters.surroundings import Surroundings

#: How the word to the office and the texts that join both versions are called where typing is kept.
WORD, JOINED_TEXT = ("left_word", "joined_text")


class Decisions:
    """The records that wait for a decision, the one looked at and what was chosen for it.

    show: called when something else is to be shown. settled, left: called after a decision was written, after a
    record was left to the office. cannot: takes the trouble when it could not be written.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        show: Callable[[], None],
        settled: Callable[[], None],
        left: Callable[[], None],
        cannot: Callable[[Exception], None],
    ) -> None:
        self.looked_at = ""
        self._around = around
        self._show, self._settled, self._left, self._cannot = show, settled, left, cannot
        self._waiting: tuple[Found, ...] = ()
        self._device_id = ""
        self._chosen = disputes.Deciding()

    def take(self, waiting: tuple[Found, ...], device_id: str) -> None:
        """Take what waits as the store has it now; a record that no longer does is not looked at."""
        self._waiting, self._device_id = waiting, device_id
        if self._found() is None:
            self.looked_at = ""
        for page in (WORD, JOINED_TEXT):
            for gone in self._around.typing.ids_in(page) - {one.record_id for one in waiting}:
                self._around.typing.drop_in(page, gone)
        for found in waiting:
            self._go_on(found)

    def _go_on(self, found: Found) -> None:
        """Take over the joined texts that were being typed when the program ended."""
        written = self._chosen.written(found)
        for field, text in self._around.typing.typed_in(JOINED_TEXT, found.record_id).items():
            conflict = found.conflict(field)
            if conflict is not None and field not in written:
                self._chosen.write(conflict.id, text)

    def shown(self, zone: tzinfo) -> tuple[Dispute, ...]:
        """Return what waits, ready to show, with what was chosen so far."""
        return tuple(
            replace(
                self._chosen.dispute(one, self._device_id, zone),
                word=self._around.typing.typed_in(WORD, one.record_id).get("note", ""),
            )
            for one in self._waiting
        )

    def look_at(self, record_id: str = "") -> None:
        """Open a record that was changed in two places; the next one that nobody left to the office without an id."""
        if not record_id:
            waiting = sorted(self._waiting, key=lambda one: one.left is not None)
            record_id = next((one.record_id for one in waiting), "")
        self.looked_at = record_id if any(one.record_id == record_id for one in self._waiting) else ""
        self._show()

    def later(self) -> None:
        """Close it again; what was chosen stays chosen until it is settled."""
        self.looked_at = ""
        self._show()

    def choose(self, conflict_id: str, version_id: str) -> None:
        """Choose one field's version by its id, or `disputes.JOINED`; nothing is written yet."""
        self._chosen.choose(conflict_id, version_id)
        self._keep_joined()
        self._show()

    def write_joined(self, conflict_id: str, text: str) -> None:
        """Change the text that joins both versions of a field, and choose it."""
        self._chosen.write(conflict_id, text)
        self._keep_joined()
        self._show()

    def _keep_joined(self) -> None:
        """Keep the joined texts of the record looked at as they are typed."""
        found = self._found()
        if found is not None:
            self._keep(found, JOINED_TEXT, found.kind, self._chosen.written(found))

    def type_word(self, text: str) -> None:
        """Keep the word to the office as it is being typed."""
        found = self._found()
        if found is not None:
            self._keep(found, WORD, "left_choice", {"note": text} if text else {})

    def _keep(self, found: Found, page: str, kind: str, typed: dict[str, str]) -> None:
        if typed:
            draft = Draft(
                page=page,
                page_id=found.record_id,
                way=("look_at",),
                kind=kind,
                whose=summary_line(found.record) if found.record is not None else "",
                customer_id=found.customer_id,
                typed=typed,
            )
            self._around.typing.put(draft, self._cannot)
        else:
            self._around.typing.drop_in(page, found.record_id)

    def _ended(self, found: Found) -> None:
        """Forget what was typed about a record: it is decided, or left to the office."""
        for page in (WORD, JOINED_TEXT):
            self._around.typing.drop_in(page, found.record_id)

    def choose_all(self, *, ours: bool) -> None:
        """Choose this device's version of every field, or the other one; a record stays rather than goes."""
        found = self._found()
        if found is not None:
            dispute = self._chosen.dispute(found, self._device_id, self._around.clock.zone())
            for field in dispute.fields:
                wanted = [version for version in field.versions if version.is_ours is ours]
                self._chosen.choose(field.id, (wanted or list(field.versions))[-1].id)
            self._keep_joined()
        self._show()

    def settle(self) -> None:
        """Write what was chosen for the record looked at; the decisions travel with the next sync."""
        found = self._found()
        if found is None:
            return
        made = self._chosen.decisions(found, self._device_id)
        self._chosen.forget(found)
        store, who = self._around.store, self._around.technician
        self.looked_at = ""

        def write() -> None:
            for field, value in made:
                store.decide(found.kind, found.record_id, field, value, actor=who)

        def done(_none: None) -> None:
            self._ended(found)
            self._settled()

        self._around.lanes.store(write, done, self._cannot)

    def leave_to_office(self, note: str = "") -> None:
        """Leave the record looked at to the office, with a word; it stands beside both versions on its page."""
        found = self._found()
        if found is None:
            return
        store, who, now = self._around.store, self._around.technician, self._around.clock.now()
        self.looked_at = ""

        def done(_none: None) -> None:
            self._ended(found)
            self._left()

        self._around.lanes.store(lambda: disputes.leave(store, found, note, who, now), done, self._cannot)

    def _found(self) -> Found | None:
        return next((one for one in self._waiting if one.record_id == self.looked_at), None)
