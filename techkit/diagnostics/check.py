"""What a check author needs: Check, Levels, Readings in, Results out.

A check is one file in techkit/diagnostics/checks/ that ends with `CHECK = Check(...)`. Its `evaluate`
is pure: readings and levels in, results out; no clock (use `readings.at`), no files, no commands.

    @level_set
    class Levels:
        watch_percent: float = level(90.0, unit="percent", source="node-mixin NodeMemoryHighUtilization")

    def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
        used = readings.number("memory.used_percent")
        if used is None:
            return
        ...
        yield Result(verdict=verdict, value=used, unit="percent", sentence=_(...), customer_sentence=_(...))

What the engine does, so that no check has to:
- a needed probe that did not end well becomes unknown with its reason, or not_applicable where the
  probe does not exist on this system;
- a reading in `needs` that says why it is missing becomes unknown for its subject, unless the check
  itself said something about that subject;
- no result at all becomes not_applicable ("nothing of this kind is in this computer");
- growth since an earlier run raises the verdict by one where `growth` declares it;
- what the finding has to do with the complaint follows from `explains`.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from techkit.i18n import N_, _
from techkit.probes.probe import Depth, Probe, why_missing
from techkit.records.findings import (
    Area,
    Complaint,
    Evidence,
    Explains,
    Finding,
    ProbeReport,
    Reading,
    Reason,
    Verdict,
)

log = logging.getLogger(__name__)

L = TypeVar("L")
S = TypeVar("S")

#: The reason in words, when the probe gave none.
REASON_TEXTS = {
    Reason.NOT_PRESENT: N_("This computer does not offer it."),
    Reason.NOT_PERMITTED: N_("It needs administrator rights."),
    Reason.TOOL_MISSING: N_("The program that reads it is not on this computer."),
    Reason.TIMED_OUT: N_("The computer did not answer in time."),
    Reason.SKIPPED: N_("It was left out."),
    Reason.FAILED: N_("The answer could not be read."),
}


class Readings:
    """The readings of one run, looked up by id and subject.

    at: when the run started (aware, UTC); the only clock a check has.
    """

    def __init__(self, readings: Iterable[Reading], at: datetime) -> None:
        self.at = at
        self._by_id: dict[str, dict[str, Reading]] = {}
        for reading in readings:
            self._by_id.setdefault(reading.id, {})[reading.subject] = reading

    def all(self, id: str) -> list[Reading]:
        """Return the readings with this id that have a value, ordered by subject."""
        found = self._by_id.get(id, {})
        return [found[s] for s in sorted(found) if why_missing(found[s]) is None]

    def subjects(self, id: str) -> list[str]:
        """Return the subjects this id has a value for, sorted."""
        return [reading.subject for reading in self.all(id)]

    def get(self, id: str, subject: str = "") -> Reading | None:
        """Return one reading, None when it is not there or has no value."""
        reading = self._by_id.get(id, {}).get(subject)
        return None if reading is None or why_missing(reading) else reading

    def number(self, id: str, subject: str = "") -> float | None:
        """Return a finite number (bool is none), None when it is not there."""
        reading = self.get(id, subject)
        value = None if reading is None else reading.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value if math.isfinite(value) else None

    def text(self, id: str, subject: str = "") -> str | None:
        """Return a text, None when it is not there."""
        reading = self.get(id, subject)
        return reading.value if reading is not None and isinstance(reading.value, str) else None

    def texts(self, id: str, subject: str = "") -> list[str]:
        """Return a list as texts, an empty one when it is not there."""
        reading = self.get(id, subject)
        return [str(v) for v in reading.value] if reading and isinstance(reading.value, list) else []

    def flag(self, id: str, subject: str = "") -> bool | None:
        """Return a truth, None when it is not there."""
        reading = self.get(id, subject)
        return reading.value if reading is not None and isinstance(reading.value, bool) else None

    def source(self, id: str, subject: str = "") -> str:
        """Return where a reading came from, "" when it is not there."""
        reading = self.get(id, subject)
        return reading.source if reading else ""

    def missing(self, id: str) -> dict[str, tuple[Reason, str]]:
        """Return subject -> (reason, text) of all values of this id that say why they are missing."""
        found = {s: why_missing(r) for s, r in sorted(self._by_id.get(id, {}).items())}
        return {subject: why for subject, why in found.items() if why}

    def __iter__(self) -> Iterator[Reading]:
        """Iterate over all readings that have a value, ordered by id and subject."""
        for id in sorted(self._by_id):
            yield from self.all(id)


@dataclass(frozen=True)
class Result:
    """What `evaluate` says about one thing; the engine makes the Finding of it.

    Fields as in records.findings.Finding. source: "" takes the source of the first of reading_ids.
    explains_why: a sentence that replaces the declared one, when the check knows better.
    """

    verdict: Verdict
    subject: str = ""
    value: Any = None
    unit: str = ""
    _only_by_name: dataclasses.KW_ONLY
    value_text: str = ""
    limit_text: str = ""
    sentence: str = ""
    customer_sentence: str = ""
    advice: str = ""
    source: str = ""
    evidence: tuple[Evidence, ...] = ()
    reading_ids: tuple[str, ...] = ()
    reason: Reason | None = None
    reason_text: str = ""
    higher_is_better: bool | None = None
    tolerance: float = 0.0
    scale_max: float | None = None
    limit: float | None = None
    is_tried: bool = False
    explains: Explains | None = None
    explains_why: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How bad findings of a check explain one complaint.

    act, watch, ok: how well a finding with that verdict explains it; None: says nothing about it.
    why: one sentence for bad findings (N_). why_not: one for good ones (N_).
    Unknown is always "possible": what was not looked at cannot be ruled out.
    """

    why: str
    why_not: str = ""
    act: Explains | None = Explains.LIKELY
    watch: Explains | None = Explains.POSSIBLE
    ok: Explains | None = Explains.RULED_OUT


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A counter whose growth since an earlier run raises the verdict of its subject by one.

    reading: its id. at_least: the smallest new value that counts. by: the smallest growth.
    ok_too: whether growth alone turns ok into watch; otherwise only watch becomes act.
    highest: the worst verdict growth may lead to. label: what it is called beside its history (N_).
    end: for what wears: growth alone does not count, only a pace that reaches this value within `months`.
    """

    reading: str
    label: str = ""
    at_least: float = 1.0
    by: float = 1.0
    ok_too: bool = False
    highest: Verdict = Verdict.ACT
    end: float | None = None
    months: float = 12.0


@dataclass(frozen=True, kw_only=True)
class Check(Generic[L]):
    """A question about the computer, with its declared levels.

    id: for ever ("disk_space"). title, why: N_ texts; why: one sentence, why it matters. probes: all must end well.
    also: used when there. needs: reading ids whose missing values become "could not check".
    levels: a `level_set` made of `level(...)` fields. version: raise it with the levels.
    """

    id: str
    title: str
    area: Area
    why: str
    probes: tuple[Probe, ...]
    levels: L
    evaluate: Callable[[Readings, L], Iterable[Result]]
    also: tuple[Probe, ...] = ()
    needs: tuple[str, ...] = ()
    version: int = 1
    explains: Mapping[Complaint, Explanation] = field(default_factory=dict)
    growth: tuple[Growth, ...] = ()

    @property
    def depth(self) -> Depth:
        """Return the quickest plan this check belongs to: the deepest of its needed probes."""
        return max((p.depth for p in self.probes), key=list(Depth).index, default=Depth.QUICK)

    def __hash__(self) -> int:
        """Hash by id, which is unique and for ever."""
        return hash(self.id)


def level(value: Any, *, source: str, unit: str = "", help: str = "") -> Any:
    """Declare one level of a check: its value, unit, where the number comes from, what it means."""
    return field(default=value, metadata={"source": source, "unit": unit, "help": help})


def level_set(cls: type[S]) -> type[S]:
    """Make the levels of a check of a class: a dataclass of declared numbers, which nobody changes.

    Without the six functions that a frozen dataclass has written for it: for all checks they are a tenth of a quick check.
    """
    made = dataclass(init=False, repr=False, eq=False)(cls)
    type.__setattr__(made, "__setattr__", _unchanging)
    return made


def _unchanging(_levels: object, name: str, _value: object) -> None:
    """Refuse a change. Raises: FrozenInstanceError always."""
    raise dataclasses.FrozenInstanceError(name)


def findings(check: Check[Any], readings: Readings, reports: Mapping[str, ProbeReport]) -> list[Finding]:
    """Return what a check says, one finding per thing, in the check's order. Never raises.

    reports: by probe id. A probe without a report counts as left out.
    """
    blocked = _blocked(check, reports)
    if blocked is not None:
        return [blocked]
    try:
        results = list(check.evaluate(readings, check.levels))
    except Exception:  # the edge around one check: its fault must not take the others along
        log.exception("check %s could not judge its readings", check.id)
        return [_unknown(check, Reason.FAILED, _("techkit could not judge what it read."))]
    found = [_finding(check, readings, result) for result in results]
    spoken_of = {finding.subject for finding in found}
    for id in check.needs:
        for subject, (reason, text) in readings.missing(id).items():
            if subject not in spoken_of:
                spoken_of.add(subject)
                found.append(_unknown(check, reason, text, subject=subject))
    return found or [
        Finding(
            check=check.id,
            title=_(check.title),
            area=check.area,
            verdict=Verdict.NOT_APPLICABLE,
            sentence=_("This computer has nothing of this kind."),
            customer_sentence=_("This computer has nothing of this kind."),
            rule_version=check.version,
        )
    ]


def _blocked(check: Check[Any], reports: Mapping[str, ProbeReport]) -> Finding | None:
    """Return the finding that replaces a judgement when a needed probe did not end well."""
    for probe in check.probes:
        report = reports.get(probe.id)
        state = report.state if report else Reason.SKIPPED
        if state == "ok":
            continue
        if state == "not_applicable":
            return Finding(
                check=check.id,
                title=_(check.title),
                area=check.area,
                verdict=Verdict.NOT_APPLICABLE,
                sentence=_("This does not exist on this operating system."),
                customer_sentence=_("This does not exist on this operating system."),
                rule_version=check.version,
            )
        return _unknown(check, Reason(state), report.reason_text if report else "")
    return None


def _unknown(check: Check[Any], reason: Reason, text: str, *, subject: str = "") -> Finding:
    why = text or _(REASON_TEXTS[reason])
    return Finding(
        check=check.id,
        title=_(check.title),
        area=check.area,
        verdict=Verdict.UNKNOWN,
        subject=subject,
        reason=reason,
        reason_text=why,
        sentence=_("Could not check: {why}", why=why),
        customer_sentence=_("We could not check this."),
        rule_version=check.version,
    )


def _finding(check: Check[Any], readings: Readings, result: Result) -> Finding:
    reason = result.reason
    if result.verdict is Verdict.UNKNOWN and reason is None:
        reason = Reason.FAILED
    reason_text = result.reason_text or (_(REASON_TEXTS[reason]) if reason else "")
    source = result.source or next(
        (s for id in result.reading_ids if (s := readings.source(id, result.subject))), ""
    )
    taken = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
    taken |= {"reason": reason, "reason_text": reason_text, "source": source}
    if result.verdict is Verdict.UNKNOWN and not result.sentence:
        taken["sentence"] = _("Could not check: {why}", why=reason_text)
        taken["customer_sentence"] = result.customer_sentence or _("We could not check this.")
    return Finding(
        check=check.id,
        title=_(check.title),
        area=check.area,
        rule_version=check.version,
        **taken,
    )
