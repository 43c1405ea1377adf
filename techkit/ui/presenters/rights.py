"""Reading more with administrator rights, and the self-test of a disk: asked for once each, with the list of what is read.

techkit never sees a password: the system's own prompt asks for it. What comes back is added to the check it completes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from techkit import i18n
from techkit.diagnostics import elevated
from techkit.diagnostics.check import Readings
from techkit.errors import TechkitError
from techkit.i18n import _, ngettext
from techkit.records.assets import DiagnosticRun
from techkit.records.findings import Complaint, Reading, Reason
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.looking import earlier_run, result_of, supplement
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: The probe that reads what a self-test found.
HEALTH: Final = "storage.health"

#: (probes, self-test) -> answers; diagnostics.elevated.ask.
Ask = Callable[[tuple[str, ...], tuple[str, str] | None], list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class DiskRow:
    """One disk that can test itself. line: what its last test found, or what is left of the one under way."""

    disk: str
    title: str
    line: str
    short_label: str
    long_label: str
    is_under_way: bool = False


@dataclass(frozen=True, kw_only=True)
class RightsState:
    """items: what would be read, in words; none where nothing more could be had.

    asked_disk, asked_kind: the self-test the customer is asked about just now. is_busy: the system's prompt is open,
    or the answer is being read.
    """

    items: tuple[str, ...] = ()
    is_busy: bool = False
    notice: Notice | None = None
    disks: tuple[DiskRow, ...] = ()
    asked_disk: str = ""
    asked_kind: str = ""
    asked_sentence: str = ""


class Rights(VisitPart[RightsState]):
    """One-shot administrator rights for the last check of the computer in hand."""

    def __init__(self, held: OpenVisit, ask: Ask = elevated.ask) -> None:
        super().__init__(held, RightsState())
        self._ask = ask
        self._is_busy = False
        self._notice: Notice | None = None
        self._asked: tuple[str, str] | None = None
        self._seen: tuple[DiagnosticRun, tuple[str, ...]] | None = None

    # --- reading more -----------------------------------------------------------------------------------

    def read_more(self) -> None:
        """Ask the system for the rights, once, and read what the list says."""
        run = self.held.last_run
        if run is not None and not self._is_busy:
            wanted = elevated.would_help(result_of(run))
            if wanted:
                self._begin(wanted, None)

    # --- a disk's self-test -----------------------------------------------------------------------------

    def ask_test(self, disk: str, kind: str) -> None:
        """Ask the customer before a disk is kept busy with a self-test."""
        self._asked, self._notice = (kind, disk), None
        self.refresh()

    def refuse_test(self) -> None:
        """Leave the disk alone."""
        self._asked = None
        self.refresh()

    def start_test(self) -> None:
        """Start the self-test the customer agreed to; the drive does it by itself."""
        asked, self._asked = self._asked, None
        if asked is not None and not self._is_busy:
            self._begin((HEALTH,), asked)

    def read_test(self) -> None:
        """Read how far a self-test is, or what it found."""
        if not self._is_busy:
            self._begin((HEALTH,), None)

    # --- what both do -----------------------------------------------------------------------------------

    def _begin(self, wanted: tuple[str, ...], test: tuple[str, str] | None) -> None:
        run = self.held.last_run
        if run is None:
            return
        self._is_busy, self._notice = True, None
        self.refresh()

        def done(answers: list[dict[str, Any]]) -> None:
            self._take(run.id, answers, test)

        self.held.around.lanes.free(lambda _ticket: self._ask(wanted, test), done, self._failed)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._is_busy = False
        self._notice = trouble(error, safe=_("What was read before is unchanged."))
        self.refresh()

    def _take(self, run_id: str, answers: list[dict[str, Any]], test: tuple[str, str] | None) -> None:
        self._is_busy = False
        run = next((r for r in self.held.bundle.whole_runs if r.id == run_id), None)
        if run is None:
            return
        complaint = self.held.visit.complaint
        before, earlier = result_of(run), earlier_run(self.held, run.asset_id, run.phase)
        result = elevated.merged(
            before,
            answers,
            complaint=None if complaint is Complaint.OTHER else complaint,
            earlier=earlier.readings if earlier else (),
            earlier_at=earlier.started_at if earlier else None,
        )
        now = self.held.around.clock.now()
        refused = next((a for a in answers if "self_test" in a and a.get("state") != "ok"), None)
        if test is not None and refused is None:
            kind, disk = test
            source = _("asked for by {name}", name=self.held.around.technician)
            result = dataclasses.replace(
                result,
                readings=(
                    *(
                        r
                        for r in result.readings
                        if not r.id.startswith("storage.self_test.") or r.subject != disk
                    ),
                    Reading(id="storage.self_test.asked", value=kind, subject=disk, source=source),
                    Reading(
                        id="storage.self_test.asked_at",
                        value=round(now.timestamp()),
                        unit="seconds",
                        subject=disk,
                        source=source,
                    ),
                ),
            )
        self._notice = self._told(before.readings, result.readings, test, refused)
        added = supplement(run, result, now)
        if added is not None:
            self.held.save(added)
        self.refresh()

    def _told(
        self,
        before: tuple[Reading, ...],
        after: tuple[Reading, ...],
        test: tuple[str, str] | None,
        refused: dict[str, Any] | None,
    ) -> Notice:
        if refused is not None:
            return Notice(
                kind="watch",
                title=_("The self-test was not started."),
                text=str(refused.get("reason_text", "")),
            )
        if test is not None:
            return Notice(
                kind="info",
                title=_("The drive tests itself now."),
                text=_(
                    "It goes on by itself, also after techkit has ended; read the result later or at the next visit."
                ),
            )
        known = {(r.id, r.subject) for r in before}
        fresh = sum(1 for r in after if (r.id, r.subject) not in known)
        if not fresh:
            return Notice(kind="info", title=_("Nothing new was learnt with administrator rights."))
        return Notice(
            kind="info",
            title=ngettext("{n} more fact was read.", "{n} more facts were read.", fresh),
            text=_("The rights were used once and are given back."),
        )

    # --- what is shown ----------------------------------------------------------------------------------

    def _state(self) -> RightsState:
        run = self.held.last_run
        if run is None:
            return RightsState(notice=self._notice)
        readings = Readings(run.readings, run.started_at or self.held.around.clock.now())
        kind, disk = self._asked or ("", "")
        if self._seen is None or self._seen[0] is not run:
            self._seen = (run, elevated.names(elevated.would_help(result_of(run))))
        last = earlier_run(self.held, run.asset_id, run.phase)
        earlier = Readings(last.readings if last else (), readings.at)
        return RightsState(
            items=self._seen[1],
            is_busy=self._is_busy,
            notice=self._notice,
            disks=tuple(_disk_row(readings, earlier, d) for d in _testing_disks(readings)),
            asked_disk=disk,
            asked_kind=kind,
            asked_sentence=_asked_sentence(readings, kind, disk) if disk else "",
        )


def _testing_disks(readings: Readings) -> list[str]:
    """Return the disks that judge themselves, or would with rights: only those can be asked to test themselves."""
    refused = [
        disk
        for disk, (reason, _text) in readings.missing("storage.smart.passed").items()
        if disk and reason is Reason.NOT_PERMITTED
    ]
    return sorted({*readings.subjects("storage.smart.passed"), *refused})


def _minutes(readings: Readings, kind: str, disk: str) -> float | None:
    return readings.number(f"storage.smart.self_test_{kind}_minutes", disk)


def _took(readings: Readings, kind: str, disk: str) -> str:
    """Return how long a test takes, in words, "" where the drive does not say."""
    count = _minutes(readings, kind, disk)
    return _("about {time}", time=i18n.minutes(round(count))) if count else ""


def _label(words: str, took: str) -> str:
    return f"{words} ({took})" if took else words


def _named(readings: Readings, disk: str) -> str:
    return readings.text("storage.disk.model", disk) or _("Disk {name}", name=disk)


def _disk_row(readings: Readings, earlier: Readings, disk: str) -> DiskRow:
    left = readings.number("storage.smart.self_test_left_percent", disk)
    last = readings.text("storage.smart.self_test", disk)
    hours = readings.number("storage.smart.self_test_hours", disk)
    if left:
        line = _("A self-test is under way: {share} left.", share=i18n.quantity(left, "%"))
    elif last and hours is not None:
        line = _("Last self-test: {result}, at {hours} h switched on.", result=last, hours=i18n.number(hours))
    elif last:
        line = _("Last self-test: {result}.", result=last)
    else:
        line = _("No self-test is known of.")
    at = readings.number("storage.self_test.asked_at", disk) or earlier.number(
        "storage.self_test.asked_at", disk
    )
    if at:
        day = i18n.day(datetime.fromtimestamp(at, UTC).date(), style="medium")
        line = _("{line} The last one was asked for on {day}.", line=line, day=day)
    return DiskRow(
        disk=disk,
        title=_named(readings, disk),
        line=line,
        short_label=_label(_("Short"), _took(readings, "short", disk)),
        long_label=_label(_("Long"), _took(readings, "long", disk)),
        is_under_way=bool(left),
    )


def _asked_sentence(readings: Readings, kind: str, disk: str) -> str:
    name = _named(readings, disk)
    took = _took(readings, kind, disk)
    if took:
        return _(
            "{name} reads itself, {time}. The computer can be used meanwhile and may be slower. Nothing is written.",
            name=name,
            time=took,
        )
    return _(
        "{name} reads itself. The computer can be used meanwhile and may be slower. Nothing is written.",
        name=name,
    )
