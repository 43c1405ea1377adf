"""The times of a visit: who worked how long, waiting, breaks, time outside the agreed hours; corrected, never changed."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.assets import LABOUR_KINDS, LabourKind
from techkit.records.charges import charged_labour
from techkit.records.entering import clean_text
from techkit.records.identity import new_id
from techkit.records.schema import spec_of
from techkit.records.visit import LabourSegment, WorkState
from techkit.records.work_states import SEALED
from techkit.ui.presenters.choices import Choice, FormField, FormState
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.visit_part import VisitPart

#: The id of the row of the clock that runs.
RUNNING = "running"

#: Longer than this is no minutes of one stretch. Source: records/flags.py LONG_LABOUR, 16 hours.
MOST_MINUTES = 16 * 60

#: A time before the beginning is meant on the next day where the stretch is not longer than this; else it is a slip.
_A_DAY, _A_NIGHT = timedelta(days=1), timedelta(hours=10)

_ICONS = {
    LabourKind.WORK: "timer",
    LabourKind.TRAVEL: "truck",
    LabourKind.WAIT: "hourglass-medium",
    LabourKind.BREAK: "pause",
    LabourKind.ADMIN: "file-text",
    LabourKind.PREPARATION: "toolbox",
}


@dataclass(frozen=True, kw_only=True)
class TimeRow:
    """One stretch of time. tag: what is special about it, "" for nothing; outside_label: what pressing says."""

    id: str
    icon: str
    label: str
    line: str
    length: str
    tag: str = ""
    outside_label: str = ""
    is_running: bool = False


@dataclass(frozen=True, kw_only=True)
class HelperRow:
    """Somebody who helps; act: what pressing does ("leave", "come" or "remove"), with its words."""

    name: str
    line: str
    act: str
    act_label: str


@dataclass(frozen=True, kw_only=True)
class TimesState:
    """The stretches in their order, helpers, and the form of one stretch. may_change: nothing is submitted yet."""

    rows: tuple[TimeRow, ...] = ()
    helpers: tuple[HelperRow, ...] = ()
    form: FormState | None = None
    may_change: bool = False
    error: str = ""
    back_label: str = ""
    helper_typed: str = ""


#: Where the name of a helper is kept while it is typed.
_HELPER = "helper"


class Times(VisitPart[TimesState]):
    """The times of the visit in hand."""

    is_quiet = True

    def __init__(self, held: OpenVisit) -> None:
        super().__init__(held, TimesState())
        self._edited: LabourSegment | None = None
        self._typed: dict[str, str] | None = None
        self._errors: dict[str, str] = {}
        self._error = ""
        self._taken_out: LabourSegment | None = None

    # --- helpers --------------------------------------------------------------------------------

    def add_helper(self, name: str) -> None:
        """Note that somebody works along from now on."""
        held = self.held
        self._error = ""
        words = clean_text(name)
        limit = spec_of(LabourSegment).field("technician").max_length
        if not words:
            return
        if len(words) > limit or words.casefold() in {n.casefold() for n in self._everybody()}:
            self._error = (
                _("“{name}” is on this visit already.", name=words)
                if len(words) <= limit
                else _("That name is too long: at most {n} characters.", n=limit)
            )
            self.refresh()
            return
        visit = dataclasses.replace(held.visit, helpers=(*held.visit.helpers, words))
        held.typing.forget(_HELPER)
        held.save(visit, word=_("“{name}” as a helper", name=words))
        if held.labour.running is not None:
            self._count_for((*held.labour.running.helpers, words))
        self.refresh()

    def type_helper(self, name: str) -> None:
        """Keep the name of a helper as it is being typed."""
        if name:
            self.held.typing.keep(_HELPER, "name", name)
        else:
            self.held.typing.forget(_HELPER)
        self.refresh()

    def leave_helper(self, name: str) -> None:
        """Note that a helper left: their time ends here."""
        if self.held.labour.running is not None and name in self.held.labour.running.helpers:
            self._count_for(tuple(n for n in self.held.labour.running.helpers if n != name))

    def come_helper(self, name: str) -> None:
        """Note that a helper is back: their time goes on from here."""
        if self.held.labour.running is not None and name not in self.held.labour.running.helpers:
            self._count_for((*self.held.labour.running.helpers, name))

    def remove_helper(self, name: str) -> None:
        """Take a helper without any time off the visit."""
        held = self.held
        if name in held.visit.helpers and not self._has_time(name):
            self.leave_helper(name)
            if not self._has_time(name):
                left = tuple(n for n in held.visit.helpers if n != name)
                visit = dataclasses.replace(held.visit, helpers=left)
                held.save(visit, word=_("“{name}” as a helper", name=name))

    def _count_for(self, helpers: tuple[str, ...]) -> None:
        clock = self.held.labour.running
        if clock is not None:
            self.held.labour.begin_stretch(
                helpers, is_out_of_hours=clock.is_out_of_hours, is_said=clock.is_said
            )

    def _has_time(self, name: str) -> bool:
        return any(s.technician == name and _seconds(s) for s in self.held.bundle.current_labour())

    def _everybody(self) -> tuple[str, ...]:
        return (self.held.visit.technician or self.held.around.technician, *self.held.visit.helpers)

    # --- outside the agreed hours ---------------------------------------------------------------

    def toggle_outside(self, id: str) -> None:
        """Say that a stretch lies outside the agreed hours, or that it does not; the running one from here on."""
        clock = self.held.labour.running
        if id == RUNNING and clock is not None:
            self.held.labour.begin_stretch(
                clock.helpers, is_out_of_hours=not clock.is_out_of_hours, is_said=True
            )
            return
        old = self.held.record(LabourSegment, id)
        if old is not None:
            self._correct(old, dataclasses.replace(old, is_out_of_hours=not old.is_out_of_hours))

    # --- one stretch ----------------------------------------------------------------------------

    def add(self, kind: str = "wait") -> None:
        """Open the form of a stretch no clock measured, e.g. waiting; it ends now unless said otherwise."""
        now = i18n.clock(self.held.around.clock.now(), self._zone())
        self._edited, self._errors, self._error = None, {}, ""
        self._typed = {"kind": kind, "who": self._everybody()[0], "minutes": "", "until": now, "outside": ""}
        self.refresh()

    def edit(self, id: str) -> None:
        """Open the form of a stretch that was written down."""
        old = self.held.record(LabourSegment, id)
        if old is None or old.started_at is None or old.ended_at is None:
            return
        self._edited, self._errors, self._error = old, {}, ""
        self._typed = {
            "kind": str(old.kind),
            "from": i18n.clock(old.started_at, self._zone()),
            "until": i18n.clock(old.ended_at, self._zone()),
            "outside": "yes" if old.is_out_of_hours else "",
        }
        self.refresh()

    def fill(self, name: str, text: str) -> None:
        """Keep what was typed into a field of the form."""
        if self._typed is not None:
            self.type_ahead(name, text)
            self._errors.pop(name, None)
            self.refresh()

    def type_ahead(self, name: str, text: str) -> None:
        """Keep what is being typed into a field that is not left yet."""
        if self._typed is not None:
            self._typed[name] = text
            self.held.typing.keep(self._place(), name, text)
            # It ends when its form was opened, not when the program was started again and the form with it.
            self.held.typing.keep(self._place(), "until", self._typed["until"])

    def _place(self) -> str:
        return f"times:{self._edited.id if self._edited is not None else ''}"

    def restore_typing(self) -> bool:
        """Open the form again that was being filled in when the program ended; return whether anything was typed."""
        for place, typed in self.held.typing.typed_in("times:").items():
            old = place.removeprefix("times:")
            if old and self.held.record(LabourSegment, old) is None:
                continue
            if old:
                self.edit(old)
            else:
                self.add()
            if self._typed is not None:
                self._typed |= typed
                self.refresh()
                return True
        return bool(self.held.typing.typed_in(_HELPER))

    def cancel(self) -> None:
        """Close the form; the times stay as they were."""
        self.held.typing.forget(self._place())
        self._typed, self._edited, self._errors = None, None, {}
        self.refresh()

    def save(self) -> None:
        """Write the stretch of the form down; a correction stands beside what it corrects."""
        if self._typed is None:
            return
        try:
            made = self._changed(self._edited) if self._edited is not None else self._made()
        except InputError as error:
            self._errors[error.field or "until"] = error.sentences()
            self.refresh()
            return
        self.held.typing.forget(self._place())
        old = self._edited
        self._typed, self._edited, self._errors = None, None, {}
        if old is not None:
            self._correct(old, made)
        else:
            self.held.save(made, word=_("the time"))
        self.refresh()

    def take_out(self, id: str) -> None:
        """Take a stretch out: it stays to be seen, and counts nothing. It can be brought back."""
        old = self.held.record(LabourSegment, id)
        if old is not None and not self._is_sealed():
            gone = dataclasses.replace(old, ended_at=old.started_at, elapsed_s=0)
            self._correct(old, gone)
            self._taken_out = old
            self.refresh()

    def bring_back(self) -> None:
        """Count the stretch again that was taken out last."""
        old, self._taken_out = self._taken_out, None
        if old is None:
            return
        gone = next((s for s in self.held.bundle.current_labour() if s.supersedes == old.id), None)
        if gone is not None:
            self._correct(gone, old)

    def _correct(self, old: LabourSegment, new: LabourSegment) -> None:
        self._taken_out = None
        if dataclasses.replace(new, id=old.id, supersedes=old.supersedes) == old:
            return
        self.held.save(dataclasses.replace(new, id=new_id(), supersedes=old.id), word=_("the time"))

    def _is_sealed(self) -> bool:
        return self.held.visit.work_state in SEALED

    def _changed(self, old: LabourSegment) -> LabourSegment:
        typed = self._typed or {}
        started = _at(old.started_at, typed.get("from", ""), self, "from")
        ended = _at(old.ended_at, typed.get("until", ""), self, "until")
        if ended <= started:  # a night: the time that was typed lies on the other side of midnight
            if ended != old.ended_at and ended + _A_DAY - started <= _A_NIGHT:
                ended += _A_DAY
            elif started != old.started_at and ended - started + _A_DAY <= _A_NIGHT:
                started -= _A_DAY
        if ended <= started:
            raise InputError(
                _("The end must lie after the beginning."), field="until", safe=_("The time is unchanged.")
            )
        is_moved = (started, ended) != (old.started_at, old.ended_at)
        return dataclasses.replace(
            old,
            kind=LabourKind(typed.get("kind") or old.kind),
            started_at=started,
            ended_at=ended,
            elapsed_s=round((ended - started).total_seconds()) if is_moved else old.elapsed_s,
            is_out_of_hours=typed.get("outside") == "yes",
        )

    def _made(self) -> LabourSegment:
        typed, held = self._typed or {}, self.held
        minutes = _minutes(typed.get("minutes", ""))
        now = held.around.clock.now()
        until = _at(now, typed.get("until", ""), self, "until")
        if until > now + timedelta(minutes=1):
            until -= timedelta(days=1)
        offset = until.astimezone(self._zone()).utcoffset()
        return LabourSegment(
            id=new_id(),
            visit_id=held.visit_id,
            technician=typed.get("who") or self._everybody()[0],
            kind=LabourKind(typed.get("kind") or LabourKind.WORK),
            started_at=until - timedelta(minutes=minutes),
            ended_at=until,
            utc_offset_minutes=int(offset.total_seconds() // 60) if offset else 0,
            elapsed_s=minutes * 60,
            is_out_of_hours=typed.get("outside") == "yes",
        )

    def _zone(self) -> tzinfo:
        return self.held.zone

    # --- what is shown --------------------------------------------------------------------------

    def _state(self) -> TimesState:
        held = self.held
        stretches = sorted(
            (s for s in held.bundle.current_labour() if _seconds(s)),
            key=lambda s: (s.started_at is None, s.started_at or held.around.clock.now(), s.id),
        )
        may_change = held.visit.work_state is not WorkState.SUBMITTED
        return TimesState(
            rows=(*(self._row(s) for s in stretches), *self._running()),
            helpers=tuple(self._helper(name) for name in held.visit.helpers),
            form=self._form(),
            may_change=may_change,
            error=self._error,
            back_label=_("Bring the time back") if self._taken_out is not None else "",
            helper_typed=held.typing.typed_in(_HELPER).get(_HELPER, {}).get("name", ""),
        )

    def _row(self, stretch: LabourSegment) -> TimeRow:
        span = ""
        if stretch.started_at is not None and stretch.ended_at is not None:
            span = _(
                "{start} to {end}",
                start=i18n.clock(stretch.started_at, self._zone()),
                end=i18n.clock(stretch.ended_at, self._zone()),
            )
        is_charged = stretch.kind in charged_labour(self.held.bundle.rate_card)
        says = [stretch.technician] if self.held.visit.helpers else []
        says += [span] if span else []
        says += [_("not charged")] if not is_charged and stretch.kind is not LabourKind.TRAVEL else []
        return TimeRow(
            id=stretch.id,
            icon=_ICONS[stretch.kind],
            label=_(LABOUR_KINDS[stretch.kind]),
            line=" · ".join(says),
            length=i18n.minutes(-(-_seconds(stretch) // 60)),
            tag=_("Outside the agreed hours") if stretch.is_out_of_hours else "",
            outside_label=_outside(stretch.is_out_of_hours) if is_charged else "",
        )

    def _running(self) -> tuple[TimeRow, ...]:
        clock = self.held.labour.running
        if clock is None:
            return ()
        kind = LabourKind(clock.kind)
        since = _("since {time}", time=i18n.clock(clock.started_at, self._zone()))
        return (
            TimeRow(
                id=RUNNING,
                icon=_ICONS[kind],
                label=_(LABOUR_KINDS[kind]),
                line=" · ".join((since, *(_("with {name}", name=name) for name in clock.helpers))),
                length=_("runs"),
                tag=_("Outside the agreed hours") if clock.is_out_of_hours else "",
                outside_label=_outside(clock.is_out_of_hours),
                is_running=True,
            ),
        )

    def _helper(self, name: str) -> HelperRow:
        clock = self.held.labour.running
        seconds = sum(
            _seconds(s)
            for s in self.held.bundle.current_labour()
            if s.technician == name and s.kind is LabourKind.WORK
        )
        so_far = i18n.minutes(-(-seconds // 60)) if seconds else ""
        if clock is not None and name in clock.helpers:
            line = (
                _("counted along; {time} so far", time=so_far) if so_far else _("counted along from now on")
            )
            return HelperRow(name=name, line=line, act="leave", act_label=_("Has left"))
        if seconds or clock is not None:
            act, words = ("come", _("Is here")) if clock is not None else ("", "")
            return HelperRow(name=name, line=so_far or _("no time yet"), act=act, act_label=words)
        return HelperRow(name=name, line=_("no time yet"), act="remove", act_label=_("Not on this visit"))

    def _form(self) -> FormState | None:
        typed = self._typed
        if typed is None:
            return None
        fields = [self._choice("kind", _("Kind"), tuple((k.value, _(w)) for k, w in LABOUR_KINDS.items()))]
        if self._edited is None:
            if self.held.visit.helpers:
                people = tuple((name, name) for name in self._everybody())
                fields.append(self._choice("who", _("Whose time"), people))
            fields.append(self._line("minutes", _("Minutes"), is_required=True))
            fields.append(self._line("until", _("Until")))
        else:
            fields += [self._line("from", _("From")), self._line("until", _("Until"))]
        fields.append(
            FormField(
                name="outside",
                label=_("Outside the agreed hours"),
                control="truth",
                text=typed.get("outside", ""),
            )
        )
        return FormState(
            kind="time",
            title=_("Correct a time") if self._edited is not None else _("Add a time"),
            today=self.held.today,
            fields=tuple(fields),
            record_id=self._edited.id if self._edited is not None else "",
            add_label=_("Save time"),
        )

    def _choice(self, name: str, label: str, options: tuple[tuple[str, str], ...]) -> FormField:
        chosen = (self._typed or {}).get(name, "")
        choices = tuple(Choice(value=v, label=words, is_chosen=v == chosen) for v, words in options)
        return FormField(name=name, label=label, control="choice", text=chosen, choices=choices)

    def _line(self, name: str, label: str, *, is_required: bool = False) -> FormField:
        return FormField(
            name=name,
            label=label,
            text=(self._typed or {}).get(name, ""),
            error=self._errors.get(name, ""),
            is_required=is_required,
            max_length=12,
        )


def last_stretch(held: OpenVisit) -> LabourSegment | None:
    """Return the technician's own work that ended last."""
    own = [
        s
        for s in held.bundle.current_labour()
        if s.kind is LabourKind.WORK and s.ended_at is not None and s.technician not in held.visit.helpers
    ]
    return max(own, key=lambda s: (s.ended_at, s.id), default=None)


def people_along(held: OpenVisit, last: LabourSegment) -> tuple[str, ...]:
    """Return the helpers whose time ended with the technician's."""
    same = {s.technician for s in held.bundle.current_labour() if s.ended_at == last.ended_at}
    return tuple(name for name in held.visit.helpers if name in same)


def break_after(held: OpenVisit, last: LabourSegment) -> LabourSegment | None:
    """Return the break between the last work and now; None for less than a minute, or where a clock was set."""
    now = held.around.clock.now()
    if last.ended_at is None:
        return None
    if not timedelta(minutes=1) <= now - last.ended_at <= timedelta(minutes=MOST_MINUTES):
        return None
    return LabourSegment(
        id=new_id(),
        visit_id=held.visit_id,
        technician=last.technician,
        kind=LabourKind.BREAK,
        started_at=last.ended_at,
        ended_at=now,
        utc_offset_minutes=last.utc_offset_minutes,
        elapsed_s=round((now - last.ended_at).total_seconds()),
    )


def _seconds(stretch: LabourSegment) -> int:
    if stretch.elapsed_s:
        return stretch.elapsed_s
    if stretch.started_at is None or stretch.ended_at is None:
        return 0
    return max(0, round((stretch.ended_at - stretch.started_at).total_seconds()))


def _outside(is_outside: bool) -> str:
    return _("Was within the hours") if is_outside else _("Was outside the hours")


_CLOCK = re.compile(r"^\s*(\d{1,2})\s*[:.hH]\s*(\d{2})\s*$")


def _at(day: datetime | None, text: str, times: Times, field: str) -> datetime:
    """Return a typed clock time on the day of an instant. Raises: InputError saying how to write it."""
    zone = times.held.zone
    base = (day or times.held.around.clock.now()).astimezone(zone)
    if day is not None and text == i18n.clock(day, zone):
        return day  # not touched: its seconds stay
    found = _CLOCK.match(text)
    hour, minute = (int(found[1]), int(found[2])) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise InputError(
            _("“{typed}” is no time of day.", typed=text[:20]),
            field=field,
            safe=_("What you typed is kept."),
            advice=_("Write it like this: {example}", example="14:30"),
        )
    return base.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)


def _minutes(text: str) -> int:
    typed = clean_text(text)
    if not typed.isdecimal() or len(typed) > 9 or not 0 < int(typed) <= MOST_MINUTES:
        raise InputError(
            _("Please give the minutes as a number from 1 to {most}.", most=MOST_MINUTES),
            field="minutes",
            safe=_("What you typed is kept."),
        )
    return int(typed)
