"""The visit in hand: its records in memory, saved as they change, with undo through the whole visit.

Every step's presenter works on one OpenVisit. A change shows at once and is written in the store
lane; when writing fails the change stays here, is said to be not saved, and is tried again with the
next one. Facts (signatures, runs, time) cannot be taken back and are not part of undo.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TypeVar

from techkit import i18n
from techkit.errors import InputError, TechkitError
from techkit.i18n import _
from techkit.records.assets import Asset, DiagnosticRun
from techkit.records.bundle import VisitBundle, gather
from techkit.records.drafts import Draft, Drafted, drafted, topic_of
from techkit.records.schema import Record, spec_of
from techkit.records.success import FollowUp
from techkit.records.visit import Attachment, LabourSegment, Visit
from techkit.records.work_states import SEALED
from techkit.store.database import Store
from techkit.summary import document as summary
from techkit.ui.presenters import kept_clock, known, twins
from techkit.ui.presenters.clock import RunningClock
from techkit.ui.presenters.known import Known
from techkit.ui.presenters.labour_clock import LabourClock
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.taking_back import Change, TakingBack, corrected, rebased
from techkit.ui.presenters.visit_computers import VisitComputers
from techkit.ui.presenters.visit_typing import VisitTyping

R = TypeVar("R", bound=Record)

#: What says how a promise ended; the page says only what was promised.
_HOW_IT_ENDED = {"state", "outcome_note"}

#: What a page says nothing of: the visit's case is the technician's and the office's own matter.
_BESIDE_THE_PAGE = {"case_id", "is_without_case"}


@dataclass(frozen=True, kw_only=True)
class KeptBack:
    """A change that waits over a signed page: its word, what makes it, and what gives the typing back instead."""

    word: str
    make: Callable[[], None]
    give_back: Callable[[], None] | None = None


class OpenVisit:
    """One visit under way; `changed` tells after each change of what is held here."""

    def __init__(self, around: Surroundings, visit_id: str) -> None:
        self.around = around
        self.visit_id = visit_id
        self.changed = Observable()
        #: Told instead of `changed` where a change was written and nothing else is new.
        self.written = Observable()
        self.known = Known()
        self.is_loaded = False
        self.saved_at: datetime | None = None
        self.failure: TechkitError | None = None
        self.asset_in_hand = ""
        self.waiting: tuple[KeptBack, ...] = ()
        self._left_out: tuple[KeptBack, ...] = ()
        self._records: dict[str, Record] = {}
        self._removed: dict[str, Record] = {}
        self._held: dict[str, Record] = {}
        self._bundle: VisitBundle | None = None
        self._is_customer_removed = False
        self._stand_ins: tuple[tuple[str, str], ...] = ()
        self._drafted: Drafted | None = None
        self._unsaved: dict[str, Record] = {}
        self._stored: dict[str, Record] = {}
        self._writing = 0
        self._changes = 0
        self.back = TakingBack()
        self.labour = LabourClock(self)
        self.typing = VisitTyping(around, visit_id, self.cannot)
        self.computers = VisitComputers(self)

    # --- loading ------------------------------------------------------------------------------

    def load(
        self, done: Callable[[], None] | None = None, failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Read the visit from the store."""

        def read() -> tuple[VisitBundle, Known, RunningClock | None]:
            store = self.around.store
            twins.follow(store, self.visit_id, self.around.technician)
            bundle = store.bundle(self.visit_id)
            return bundle, known.look_up(self.around, bundle), kept_clock.kept(self.around, self.visit_id)

        changes = self._changes

        def take(found: tuple[VisitBundle, Known, RunningClock | None]) -> None:
            if changes != self._changes:
                # Something was changed here meanwhile: what was read is older than what is shown.
                self.load(done, failed)
                return
            bundle, self.known, clock = found
            self._is_customer_removed, self._stand_ins = bundle.is_customer_removed, bundle.stand_ins
            self._stored = {r.id: r for r in records_of(bundle)}
            self._records = self._stored | self._held | self._unsaved
            self.typing.take(self.known.typed)
            self._forget()
            self.is_loaded = True
            self.labour.take(clock)
            if self.asset_in_hand not in self.visit.asset_ids:
                self.asset_in_hand = self.visit.asset_ids[0] if self.visit.asset_ids else ""
            self.changed()
            if done is not None:
                done()

        self.around.lanes.store(read, take, failed)

    # --- what is held -------------------------------------------------------------------------

    @property
    def bundle(self) -> VisitBundle:
        """Return the visit with all that belongs to it, as it stands on screen."""
        if self._bundle is None:
            visit = self._records[self.visit_id]
            assert isinstance(visit, Visit)  # noqa: S101 - the id names a visit
            found = gather(visit, self._records.values(), self._stand_ins)
            is_removed = self._is_customer_removed and found.customer is None
            self._bundle = dataclasses.replace(found, is_customer_removed=is_removed)
        return self._bundle

    @property
    def visit(self) -> Visit:
        """Return the visit's own record."""
        return self.bundle.visit

    @property
    def zone(self) -> tzinfo:
        """Return the time zone of the visit's times: the place's once it has begun, as on the page."""
        return summary.zone_of(self.bundle) if self.visit.arrived_at else self.around.clock.zone()

    @property
    def today(self) -> date:
        """Return the day it is for this visit: by its own clock, which nobody sets, and at its place."""
        return self.labour.now().astimezone(self.zone).date()

    @property
    def drafted(self) -> Drafted:
        """Return what the computers' differences propose, reckoned once per change."""
        if self._drafted is None:
            self._drafted = drafted(
                self.bundle, not_ours=self.known.not_our_work, set_aside=self.known.set_aside
            )
        return self._drafted

    @property
    def asset(self) -> Asset | None:
        """Return the computer in hand."""
        return self.bundle.asset(self.asset_in_hand)

    @property
    def last_run(self) -> DiagnosticRun | None:
        """Return the run that tells how the computer in hand is now."""
        return self.bundle.last_run(self.asset_in_hand)

    def record(self, cls: type[R], record_id: str | None) -> R | None:
        """Return one held record by its id."""
        held = self._records.get(record_id or "")
        return held if isinstance(held, cls) else None

    def _forget(self) -> None:
        self._bundle = None
        self._drafted = None

    # --- changing -----------------------------------------------------------------------------

    def save(
        self,
        *records: Record,
        word: str = "",
        done: Callable[[], None] | None = None,
        give_back: Callable[[], None] | None = None,
    ) -> None:
        """Take new and changed records over and write them; word: what undo calls it ("" not undoable).

        give_back: puts what was typed back where it came from, called when a signed page is left as it is.
        """
        if (
            word
            and self.is_sealed
            and any(self._is_on_signed_page(self._records.get(r.id), r) for r in records)
        ):
            kept_back = [(self._records.get(r.id), r) for r in records]
            # Opening the page changes the visit itself: only what somebody changed is applied then.
            self._wait(
                word,
                lambda: self.save(
                    *(rebased(self._records.get(b.id), a, b) for a, b in kept_back), word=word, done=done
                ),
                give_back,
            )
            return
        before = [(self._records.get(r.id), r) for r in records]
        fresh = [(old, new) for old, new in before if old != new]
        if not fresh and not self._unsaved:
            if done is not None:
                done()
            return
        if word and fresh:
            self.back.note(word, fresh)
        self._take([new for _old, new in fresh])
        # What is held by now: an entry may have got its proof while it was taken over.
        self._write(tuple(self._records[new.id] for _old, new in fresh), done)

    def take_along(self, *records: Record) -> None:
        """Take over records the store holds already but the visit did not name before."""
        for held in records:
            self._records.setdefault(held.id, held)
        self._forget()

    def hold(self, *records: Record) -> None:
        """Take over records that are written only once something refers to them: looks in between."""
        self._held = {r.id: r for r in records}
        self._records = {k: r for k, r in self._records.items() if k not in self._held} | self._held
        self._forget()
        self.changed()

    def held(self, ids: Iterable[str]) -> tuple[Record, ...]:
        """Return the records not written yet of these ids, and write them with what refers to them."""
        wanted = set(ids)
        found = tuple(r for key, r in self._held.items() if key in wanted)
        self._held = {key: r for key, r in self._held.items() if key not in wanted}
        for record in found:
            self._records.pop(record.id, None)
        return found

    def _take(self, records: Iterable[Record]) -> None:
        self._changes += 1
        for held in records:
            self._records[held.id] = held
        self._forget()
        self._add_proofs()
        self.changed()

    def _add_proofs(self) -> None:
        """Give entries written by hand the proof a difference is for them; never a second entry."""
        found = self.drafted.proofs
        if not found:
            return
        proven = []
        for entry_id, proof in found:
            entry = self._records[entry_id]
            proven.append(dataclasses.replace(entry, evidence=(*getattr(entry, "evidence", ()), proof)))  # type: ignore[call-arg]  # an activity
        looks = self.held(i for _id, p in found for i in (p.snapshot_before, p.snapshot_after))
        for held in (*looks, *proven):
            self._records[held.id] = held
        self._forget()
        self._write((*looks, *proven), None)

    def _write(self, records: tuple[Record, ...], done: Callable[[], None] | None) -> None:
        batch = {r.id: r for r in self._unsaved.values()} | {r.id: r for r in records}
        self._unsaved = {}
        if not batch:
            return
        self._writing += 1
        store, actor = self.around.store, self.around.technician

        def write() -> dict[str, Record]:
            # Looked up in its turn: what was written before it belongs to what this one was made from.
            fresh = {key: _on_top(store, self._stored.get(key), held) for key, held in batch.items()}
            store.save(*fresh.values(), actor=actor)
            self._stored.update(fresh)
            return fresh

        def saved(fresh: dict[str, Record]) -> None:
            self._writing -= 1
            self.saved_at = self.around.clock.now()
            had_failed, self.failure = self.failure is not None, None
            # Nothing but "saved" is another than when it was taken over, unless a failure is over.
            (self.changed if had_failed else self.written)()
            if done is not None:
                done()
            if fresh != batch:
                self.load()  # somebody changed it beside this visit: a merge, a sync

        def failed(error: Exception) -> None:
            self._writing -= 1
            if isinstance(error, InputError):
                self._refused(batch, error)
                return
            is_fault = not isinstance(error, TechkitError)
            if is_fault and len(batch) > 1:
                for held in reversed(batch.values()):  # one that meets a fault of ours takes no other along
                    self._write_alone(held)
                return
            # What was typed meanwhile is newer than what could not be written.
            self._unsaved = {key: self._records.get(key, held) for key, held in batch.items()} | self._unsaved
            self.failure = error if isinstance(error, TechkitError) else None
            self.changed()
            if is_fault:
                raise error

        self.around.lanes.store(write, saved, failed)

    def _refused(self, batch: dict[str, Record], error: InputError) -> None:
        """Take back what the store will never take, keeping its text aside; the others are written alone."""
        if len(batch) > 1:
            for held in batch.values():
                self._write_alone(held)
            return
        ((key, record),) = batch.items()
        if error.field and isinstance(text := getattr(record, error.field, None), str):
            self.typing.keep(f"refused:{spec_of(record).kind}:{key}", error.field, text)
        if key in self._stored:
            self._records[key] = self._stored[key]
        else:
            self._records.pop(key, None)
        self.back.drop(record)
        self._forget()
        self.failure = error
        self.changed()

    def _write_alone(self, record: Record) -> None:
        waiting, self._unsaved = self._unsaved, {}
        self._write((record,), None)
        self._unsaved |= {k: r for k, r in waiting.items() if k != record.id}

    def try_again(self) -> None:
        """Write what could not be written before; put a refusal away."""
        self.failure = None
        if self._unsaved:
            self._write((), None)
        self.changed()

    @property
    def save_state(self) -> str:
        """Return "saved", "saving" or "not_saved"."""
        if self._unsaved:
            return "not_saved"
        return "saving" if self._writing else "saved"

    def remove(self, record: Record, *, word: str) -> None:
        """Take an entry out at once; it can be brought back during the whole visit."""
        if self.is_sealed:
            self._wait(word, lambda: self.remove(record, word=word))
            return
        self.back.note(word, ((record, None),))
        self._apply(((record, None),))

    def exchange(self, old: Record, *new: Record) -> None:
        """Take a record out and put others in its place, for good: no undo brings it back."""
        self.back.forget_record(old.id)
        self._apply(((old, None), *((self._records.get(one.id), one) for one in new)))

    def close(self) -> None:
        """Give up undo: files that were taken out and never sent leave this device."""
        store = self.around.store
        every = (*self._removed.values(), *self._records.values())
        files = [one.sha256 for one in every if isinstance(one, Attachment)]

        def let_go() -> None:
            store.attachments.let_go(files)
            with contextlib.suppress(TechkitError):  # the next sync or start takes them
                store.attachments.discard_removed()

        if files:
            self.around.lanes.store(let_go)

    def _apply(self, changes: Iterable[Change]) -> None:
        """Bring records from one side to the other: (now, then), None for not there."""
        store, actor = self.around.store, self.around.technician
        kept: list[Record] = []
        for now, then in changes:
            if then is None and now is not None:
                gone = now
                self._records.pop(gone.id, None)
                self._unsaved.pop(gone.id, None)
                self._removed[gone.id] = gone
                if isinstance(gone, Attachment):
                    self.around.lanes.store(functools.partial(store.attachments.spare, gone.sha256))
                self.around.lanes.store(
                    functools.partial(store.remove, gone, _("Taken back on site."), actor=actor),
                    None,
                    self.cannot,
                )
            elif then is not None:
                if then.id in self._removed:
                    back = self._removed.pop(then.id)
                    self.around.lanes.store(
                        functools.partial(store.restore, back, actor=actor),
                        None,
                        self.cannot,
                    )
                kept.append(then)
        self._take(kept)
        self._write(tuple(kept), None)

    def cannot(self, error: Exception) -> None:
        """Say that something could not be written; what is no trouble of the world goes on."""
        if not isinstance(error, TechkitError):
            raise error
        self.failure = error
        self.changed()

    # --- a sealed page ---------------------------------------------------------------------------

    @property
    def is_sealed(self) -> bool:
        """Return whether the page is signed, waived or sent: a change waits then."""
        return self.visit.work_state in SEALED

    def _is_on_signed_page(self, before: Record | None, after: Record) -> bool:
        """Return whether a change touches what was signed.

        What another visit promised, how a promise ended, and the case the visit belongs to do not.
        """
        if before == after or getattr(after, "visit_id", self.visit_id) != self.visit_id:
            return False
        beside = {FollowUp: _HOW_IT_ENDED, Visit: _BESIDE_THE_PAGE}.get(type(after), set())
        if before is None or not beside:
            return True
        changed = {
            f.name for f in dataclasses.fields(after) if getattr(before, f.name) != getattr(after, f.name)
        }
        return not changed <= beside

    def _wait(
        self, word: str, change: Callable[[], None], give_back: Callable[[], None] | None = None
    ) -> None:
        """Keep a change back, beside those that wait already, until somebody says that the signature may become void."""
        self.waiting += (KeptBack(word=word, make=change, give_back=give_back),)
        self._left_out = ()
        self.changed()

    def go_on(self) -> None:
        """Make the changes that were kept back, in their order; the page is open again by now."""
        changes, self.waiting, self._left_out = self.waiting, (), ()
        for kept in changes:
            kept.make()

    def drop_waiting(self) -> None:
        """Leave the signed page as it is; typing goes back to its form, the rest can be brought back by undo."""
        changes, self.waiting = self.waiting, ()
        self._left_out = tuple(kept for kept in changes if kept.give_back is None)
        for kept in changes:
            if kept.give_back is not None:
                kept.give_back()
        self.changed()

    @property
    def left_out_words(self) -> tuple[str, ...]:
        """Return the words of the changes that were just left out and can be brought back."""
        return tuple(dict.fromkeys(kept.word for kept in self._left_out))

    # --- undo -----------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last deed back; over a signed page, let what was left out wait again."""
        if self._left_out:
            self.waiting, self._left_out = self._left_out, ()
            self.changed()
        else:
            self._turn(self.back.undo(), is_again=False)

    def redo(self) -> None:
        """Do again what undo took back."""
        self._turn(self.back.redo(), is_again=True)

    def _turn(self, changes: Iterable[Change], *, is_again: bool) -> None:
        """Bring each record from one side to the other, and nothing of it that was changed otherwise meanwhile."""
        helpers = self.visit.helpers
        turned: list[Change] = []
        for now, then in changes:
            time = then if is_again else now
            if isinstance(time, LabourSegment):
                turned.append((None, corrected(self.bundle.labour, time, is_again=is_again)))
            else:
                turned.append((now, then and rebased(self._records.get(then.id), now, then)))
        self._apply(turned)
        if self.labour.running is not None and self.visit.helpers != helpers:
            stay = tuple(n for n in self.labour.running.helpers if n in self.visit.helpers)
            come = tuple(n for n in self.visit.helpers if n not in helpers)
            clock = self.labour.running
            self.labour.begin_stretch(
                (*stay, *come), is_out_of_hours=clock.is_out_of_hours, is_said=clock.is_said
            )

    # --- drafts put away ----------------------------------------------------------------------

    def not_our_work(self, drafts: Iterable[Draft]) -> None:
        """Put drafts away for this visit and remember their programs for later ones."""
        put = tuple(drafts)
        topics = self.known.not_our_work | {topic_of(d.key) for d in put}
        keys = self.known.set_aside | {d.key for d in put}
        self.known = dataclasses.replace(self.known, not_our_work=topics, set_aside=keys)
        self._forget()
        store = self.around.store

        def write() -> None:
            store.set_setting("drafts.not_our_work", tuple(sorted(topics)))
            store.set_setting("drafts.set_aside", tuple(f"{self.visit_id}|{key}" for key in sorted(keys)))

        self.around.lanes.store(write, None, self.cannot)
        self.changed()

    # --- where the technician is -----------------------------------------------------------------

    def keep_step(self, key: str) -> None:
        """Keep where the technician is, so that one unlock after a crash returns there."""
        store, kept = self.around.store, (self.visit_id, key)
        self.around.lanes.store(lambda: store.set_setting("visit.step", kept), None, self.cannot)


def _on_top(store: Store, seen: Record | None, held: Record) -> Record:
    """Return a record with what was changed here on top of what it says in the store by now."""
    now = store.get(type(held), held.id) if seen is not None else None
    if seen is None or now is None or now == seen:
        return held
    names = [f.name for f in dataclasses.fields(held) if getattr(seen, f.name) != getattr(held, f.name)]
    return dataclasses.replace(now, **{name: getattr(held, name) for name in names})


def records_of(bundle: VisitBundle) -> list[Record]:
    """Return every record of a bundle, each once."""
    found: list[Record] = []
    for f in dataclasses.fields(bundle):
        held = getattr(bundle, f.name)
        if isinstance(held, (tuple, Record)) and f.name != "stand_ins":
            found += held if isinstance(held, tuple) else [held]
    return found


def saved_line(open_visit: OpenVisit) -> str:
    """Return the footer's words on saving."""
    match open_visit.save_state:
        case "not_saved":
            return _("Not saved yet; your typing is kept here")
        case "saving":
            return _("Saving…")
    if open_visit.saved_at is None:
        return _("Saved on this device")
    zone = open_visit.around.clock.zone()
    return _("Saved on this device {time}", time=i18n.clock(open_visit.saved_at, zone))
