"""Photos and files of a visit: taken from a file, a drop or the clipboard, worded, shown to the customer or not.

A photo is drawn anew before it is kept: upright, scaled, with nothing beside the picture. What cannot be
drawn is kept as it is and says so. Nothing is believed about a file but its bytes.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from techkit.errors import InputError, TechkitError
from techkit.i18n import N_, _, ngettext
from techkit.records.assets import Phase
from techkit.records.bundle import VisitBundle
from techkit.records.entering import clean_text
from techkit.records.identity import new_id
from techkit.records.parties import dated_consent
from techkit.records.pictures import DRAWABLE, media_type_of, size_text, tells_place
from techkit.records.schema import Record
from techkit.records.visit import PHOTO_PHASES, Attachment, Expense, WorkState
from techkit.ui.presenters.blacking import Blacking
from techkit.ui.presenters.choices import Choice
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.photo_camera import PhotoCamera
from techkit.ui.presenters.photo_room import LONG_SIDE, SMALL_SIDE, PhotoRoom
from techkit.ui.presenters.visit_part import VisitPart

#: The largest file taken: a stick is slow, and a film belongs elsewhere. Source: BAD-INPUTS E56.
MOST_BYTES = 100_000_000

#: So much must stay free beside a file: the visit itself has to be saved too.
_ROOM_TO_LEAVE_BYTES = 50 * 2**20

#: So many refusals are said one by one; of more only the number.
_MOST_SAID = 4

#: What a file is for → its word. Signed pages are listed with the signature, not here.
_WORDS = {
    "photo": N_("Photo"),
    "receipt": N_("Receipt"),
    "material": N_("Material"),
    "bundle": N_("Diagnostics"),
    "other": N_("File"),
}


@dataclass(frozen=True, kw_only=True)
class Given:
    """Where a file comes from: a path, or bytes with a name (clipboard)."""

    name: str
    path: Path | None = None
    data: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file as it will be kept. small: a small picture of it as JPEG, b"" where none can be made."""

    name: str
    data: bytes
    media_type: str
    is_drawn: bool
    tells_place: bool
    small: bytes


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One photo or file. small: JPEG, b"" for none (yet). note: what should be known about it, or "".

    is_away: its bytes are at the office or on another device only. is_fetching: they are on their way here.
    """

    id: str
    title: str
    caption: str
    line: str
    icon: str
    small: bytes
    is_shown: bool
    may_show: bool
    note: str = ""
    is_away: bool = False
    is_fetching: bool = False
    phases: tuple[Choice, ...] = ()
    may_black: bool = False


@dataclass(frozen=True, kw_only=True)
class FilesState:
    """All that the card of photos and files shows.

    progress: a sentence while files are taken, else "". troubles: one sentence a refused file.
    consent_line: what the customer agrees to, has_consent: whether they did. may_add: False once submitted.
    """

    rows: tuple[FileRow, ...] = ()
    line: str = ""
    progress: str = ""
    share: float = 0.0
    troubles: tuple[str, ...] = ()
    has_consent: bool = False
    consent_line: str = ""
    may_add: bool = True


class Files(VisitPart[FilesState]):
    """Takes files one after the other; the window goes on meanwhile, and stopping keeps what was taken."""

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, FilesState())
        self.camera = PhotoCamera(held.around.lanes, self.add_bytes)
        self._room = PhotoRoom()
        self._queue: list[tuple[Given, str]] = []
        self._count = 0
        self._done = 0
        self._under_way: Ticket | None = None
        self._is_busy = False
        self._small: dict[str, bytes] = {}
        self.blacking = Blacking(held, self._small.__setitem__)
        self._asked_small: set[str] = set()
        self._looked_for: set[str] = set()
        self._away: set[str] = set()
        self._fetching: set[str] = set()
        self._troubles: list[str] = []

    # --- taking -----------------------------------------------------------------------------------

    def add(self, paths: Iterable[Path], expense_id: str = "") -> None:
        """Take files by their paths, as photos of the visit or as the receipt of an expense."""
        self._add([Given(name=path.name, path=path) for path in paths], expense_id)

    def add_bytes(self, name: str, data: bytes, expense_id: str = "") -> None:
        """Take a file that is in memory, e.g. a picture from the clipboard."""
        self._add([Given(name=name, data=data)], expense_id)

    def _add(self, given: list[Given], expense_id: str) -> None:
        if not given or not self._may_add():
            return
        if not self._is_busy:
            self._count, self._done, self._troubles = 0, 0, []
        self._queue += [(one, expense_id) for one in given]
        self._count += len(given)
        if not self._is_busy:
            self._next()

    def _may_add(self) -> bool:
        """Return whether a file may come: a submitted visit is closed unless the office asked something."""
        is_asked = any(q.state == "open" for q in self.held.bundle.queries)
        return is_asked or self.held.visit.work_state is not WorkState.SUBMITTED

    def stop(self) -> None:
        """Stop taking files; what was taken already stays."""
        self._queue.clear()
        if self._under_way is not None:
            self._under_way.cancel()
        self._end()

    def close(self) -> None:
        """Let go of room and camera, before the visit goes."""
        self.camera.close()
        self.blacking.close()
        self.stop()

    def _next(self) -> None:
        if not self._queue:
            self._end()
            return
        given, expense_id = self._queue.pop(0)
        self._is_busy = True
        self.refresh()
        room, folder = self._room, self.held.around.store.folder

        def take(ticket: Ticket) -> Taken:
            data = given.data if given.path is None else _read(given.path, folder, ticket)
            return taken(given.name, data, room)

        ended: list[bool] = []

        def done(found: Taken) -> None:
            ended.append(True)
            self._keep(found, expense_id)

        def failed(error: Exception) -> None:
            ended.append(True)
            self._refused(given.name, error)

        self._under_way = None
        ticket = self.held.around.lanes.free(take, done, failed)
        if not ended:  # inline lanes are through with all files by now
            self._under_way = ticket

    def _keep(self, found: Taken, expense_id: str) -> None:
        held, store = self.held, self.held.around.store

        def kept(sha256: str) -> None:
            expense = held.record(Expense, expense_id)
            purpose = (
                "receipt" if expense else ("photo" if found.media_type.startswith("image/") else "other")
            )
            attachment = Attachment(
                id=new_id(),
                visit_id=held.visit_id,
                sha256=sha256,
                byte_count=len(found.data),
                media_type=found.media_type,
                name=found.name,
                taken_at=held.around.clock.now(),
                purpose=purpose,
                phase=phase_now(held.bundle) if purpose == "photo" else "",
                has_preview=found.is_drawn,
                tells_place=found.tells_place,
            )
            if found.small:
                self._small[sha256] = found.small
            changed: list[Record] = [attachment]
            if expense is not None:
                changed.append(dataclasses.replace(expense, receipt_id=attachment.id))
            held.save(*changed, word=_("the file “{name}”", name=found.name or _("photo")))
            self._done += 1
            self._next()

        def failed(error: Exception) -> None:
            self._refused(found.name, error)

        held.around.lanes.store(lambda: store.attach(found.data, found.media_type), kept, failed)

    def _refused(self, name: str, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            self._end()
            raise error
        self._troubles.append(_("{name}: {sentences}", name=label_of(name), sentences=error.sentences()))
        self._done += 1
        self._next()

    def _end(self) -> None:
        self._is_busy = False
        self._under_way = None
        room, self._room = self._room, PhotoRoom()
        self.held.around.lanes.free(lambda _ticket: room.close())
        self.refresh()

    # --- what is there -----------------------------------------------------------------------------

    def set_caption(self, file_id: str, text: str) -> None:
        """Word a photo; the caption stands on the customer's page when the photo does."""
        self.held.typing.forget(f"file:{file_id}")
        self._change(file_id, caption=clean_text(text)[:500])

    def type_ahead(self, file_id: str, text: str) -> None:
        """Keep a caption as it is being typed."""
        self.held.typing.keep(f"file:{file_id}", "caption", text)

    def restore_typing(self) -> bool:
        """Take over captions that were being typed when the program ended; return whether there were any."""
        typed = self.held.typing.typed_in("file:")
        for place, fields in typed.items():
            self.set_caption(place.removeprefix("file:"), fields.get("caption", ""))
        return bool(typed)

    def show(self, file_id: str, is_shown: bool) -> None:
        """Put a photo on the customer's page, or take it off."""
        found = self.held.record(Attachment, file_id)
        if found is not None and found.has_preview:
            self._change(file_id, is_shown_to_customer=is_shown)

    def say_phase(self, file_id: str, phase: str) -> None:
        """Say when in the visit a photo was taken, where it was another moment than that of its taking over."""
        if phase in PHOTO_PHASES:
            self._change(file_id, phase=phase)

    def black_out(self, file_id: str) -> None:
        """Open a photo to black out parts of it."""
        row = next((row for row in self.state.rows if row.id == file_id and row.may_black), None)
        if row is not None:
            self.blacking.open(file_id, row.title)

    def _change(self, file_id: str, **values: object) -> None:
        found = self.held.record(Attachment, file_id)
        if found is not None:
            self.held.save(dataclasses.replace(found, **values), word=_("the photo"))  # type: ignore[arg-type]  # declared fields

    def remove(self, file_id: str) -> None:
        """Take a file out; undo brings it back. What was not sent yet never will be."""
        found = self.held.record(Attachment, file_id)
        if found is not None:
            title = found.caption or label_of(found.name) or _("Photo")
            self.held.remove(found, word=_("“{title}” taken out", title=title))

    def agree_to_photos(self, is_agreed: bool) -> None:
        """Note that the customer agrees to photos, or no longer."""
        customer = self.held.bundle.customer
        if customer is not None:
            changed = dated_consent(
                customer, dataclasses.replace(customer, has_photo_consent=is_agreed), self.held.labour.now()
            )
            self.held.save(changed, word=_("the consent to photos"))

    def dismiss(self) -> None:
        """Put the refusals away."""
        self._troubles = []
        self.refresh()

    # --- files that are elsewhere ---------------------------------------------------------------------

    def fetch(self, file_id: str) -> None:
        """Fetch a file from the office that is not on this device; what fails is said and changes nothing."""
        found = self.held.record(Attachment, file_id)
        if found is None or found.sha256 not in self._away or found.sha256 in self._fetching:
            return
        sha256, client = found.sha256, self.held.around.client
        self._fetching.add(sha256)

        def done(_nothing: None) -> None:
            self._fetching.discard(sha256)
            self._away.discard(sha256)
            self._asked_small.discard(sha256)
            self.refresh()

        def failed(error: Exception) -> None:
            self._fetching.discard(sha256)
            if not isinstance(error, TechkitError):
                raise error
            self._troubles.append(" ".join(p for p in (error.title, error.advice) if p))
            self.refresh()

        self.held.around.lanes.free(lambda _ticket: client.fetch_file(sha256, found.media_type), done, failed)
        self.refresh()

    def _look_for(self, listed: list[Attachment]) -> None:
        """Ask once for each file whether it is on this device."""
        asked = {a.sha256 for a in listed} - self._looked_for
        if not asked:
            return
        self._looked_for |= asked
        store = self.held.around.store

        def found(away: frozenset[str]) -> None:
            if away:
                self._away |= away
                self.refresh()

        self.held.around.lanes.store(lambda: store.attachments.away(asked), found, _no_picture)

    # --- small pictures ----------------------------------------------------------------------------

    def _ask_small(self, found: Attachment) -> None:
        """Make the small picture of a photo from an earlier run of the program, once."""
        if found.sha256 in self._asked_small or not found.has_preview:
            return
        self._asked_small.add(found.sha256)
        held, store = self.held, self.held.around.store

        def read(data: bytes) -> None:
            def draw(_ticket: Ticket) -> bytes:
                with PhotoRoom() as room:
                    return room.drawn(data, found.media_type, SMALL_SIDE) or b""

            held.around.lanes.free(draw, drawn)

        def drawn(small: bytes) -> None:
            if small:
                self._small[found.sha256] = small
                self.refresh()

        # A photo that is not on this device (yet) is listed without its picture.
        held.around.lanes.store(lambda: store.attachment(found.sha256), read, _no_picture)

    # --- what is shown -----------------------------------------------------------------------------

    def _state(self) -> FilesState:
        bundle = self.held.bundle
        listed = [a for a in bundle.attachments if a.purpose != "summary"]
        self._look_for(listed)
        for found in listed:
            if found.sha256 not in self._small:
                self._ask_small(found)
        customer = bundle.customer
        return FilesState(
            rows=tuple(self._row(a) for a in listed),
            line=_line(listed),
            progress=_("Taking {n} of {count}", n=min(self._done + 1, self._count), count=self._count)
            if self._is_busy
            else "",
            share=self._done / self._count if self._count else 0.0,
            troubles=self._said(),
            has_consent=customer is not None and customer.has_photo_consent,
            consent_line=_("{name} agrees to photos", name=customer.display_name) if customer else "",
            may_add=self._may_add(),
        )

    def _said(self) -> tuple[str, ...]:
        said = tuple(self._troubles[:_MOST_SAID])
        more = len(self._troubles) - len(said)
        if more > 0:
            said += (ngettext("{n} more file was not taken.", "{n} more files were not taken.", more),)
        return said

    def _row(self, found: Attachment) -> FileRow:
        word = _(_WORDS.get(found.purpose, N_("File")))
        note = ""
        if found.tells_place:
            note = _("It could not be drawn anew and says where it was taken.")
        elif found.media_type in DRAWABLE and not found.has_preview:
            note = _("No preview is possible; the file is kept as it is.")
        count = found.redaction_count
        black = ngettext("{n} place blacked out", "{n} places blacked out", count) if count else ""
        is_away, is_fetching = found.sha256 in self._away, found.sha256 in self._fetching
        if is_away:
            note = (
                _("Fetching it from the office …") if is_fetching else _("This file is not on this device.")
            )
        return FileRow(
            id=found.id,
            title=found.caption or label_of(found.name) or word,
            caption=found.caption,
            line=" · ".join(p for p in (word, size_text(found.byte_count), label_of(found.name), black) if p),
            icon={"photo": "image", "receipt": "receipt"}.get(found.purpose, "file-text"),
            small=self._small.get(found.sha256, b""),
            is_shown=found.is_shown_to_customer,
            may_show=found.has_preview and found.purpose == "photo",
            note=note,
            is_away=is_away,
            is_fetching=is_fetching,
            phases=_phases(found) if found.purpose == "photo" else (),
            may_black=found.has_preview and not is_away and self._may_add() and not self.held.is_sealed,
        )


def _no_picture(error: Exception) -> None:
    if not isinstance(error, TechkitError):
        raise error


def _line(listed: list[Attachment]) -> str:
    if not listed:
        return _("Drop files here, paste a picture, or choose them.")
    shown = sum(1 for a in listed if a.is_shown_to_customer)
    line = ngettext("{n} file", "{n} files", len(listed))
    return _("{line}, {n} on the customer’s page", line=line, n=shown) if shown else line


def phase_now(bundle: VisitBundle) -> str:
    """Return when in the visit a photo that is taken now was taken, by what is recorded so far."""
    visit = bundle.visit
    if visit.outcome is not None or any(run.phase is Phase.AFTER for run in bundle.runs):
        return "after"
    return "during" if bundle.activities or bundle.supplies else "before"


def _phases(found: Attachment) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=value, label=_(label), is_chosen=value == found.phase)
        for value, label in PHOTO_PHASES.items()
        if value or not found.phase
    )


def label_of(name: str) -> str:
    """Return a file's name as a label: its last part, one line, at most 200 characters; never a path."""
    text = clean_text(name).replace("\\", "/").rpartition("/")[2]
    return text[:200]


def taken(name: str, data: bytes, room: PhotoRoom) -> Taken:
    """Return a file as it will be kept; in the free lane. Raises: InputError."""
    if not data:
        raise InputError(_("This file is empty."), advice=_("Choose another one."))
    if len(data) > MOST_BYTES:
        raise too_large(len(data))
    kind = media_type_of(data)
    drawn = room.drawn(data, kind, LONG_SIDE) if kind in DRAWABLE else None
    kept, kind = (drawn, "image/jpeg") if drawn is not None else (data, kind)
    return Taken(
        name=label_of(name),
        data=kept,
        media_type=kind,
        is_drawn=drawn is not None,
        tells_place=drawn is None and tells_place(data),
        small=(room.drawn(drawn, kind, SMALL_SIDE) or b"") if drawn is not None else b"",
    )


def too_large(size: int) -> InputError:
    """Return the refusal of a file above the limit."""
    return InputError(
        _(
            "This file has {size}; at most {limit} can be kept.",
            size=size_text(size),
            limit=size_text(MOST_BYTES),
        ),
        safe=_("It was not read."),
        advice=_("Leave it with the customer, or take a smaller photo."),
    )


def _read(path: Path, folder: Path, ticket: Ticket) -> bytes:
    """Read a file from one open handle, its size and the room for it looked at before. Raises: InputError."""
    try:
        # Never waits for a pipe that somebody named like a photo.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise InputError(_("This is not a file."), advice=_("Choose a photo or a document."))
        if about.st_size > MOST_BYTES:
            raise too_large(about.st_size)
        if shutil.disk_usage(folder).free < about.st_size + _ROOM_TO_LEAVE_BYTES:
            raise InputError(
                _("There is no room for this file on this device."),
                safe=_("The visit itself is saved."),
                advice=_("Make room, then choose the file again."),
            )
        parts: list[bytes] = []
        size = 0
        while (part := os.read(handle, 2**20)) and not ticket.is_cancelled:
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:  # it grows while it is read
                raise too_large(size)
    except OSError as error:
        raise _unreadable() from error
    finally:
        os.close(handle)
    return b"".join(parts)


def _unreadable() -> InputError:
    return InputError(
        _("This file cannot be read."),
        safe=_("Nothing of it was kept."),
        advice=_("Look whether it is still there and not open elsewhere."),
    )
