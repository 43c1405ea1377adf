"""Readings of a machine, verdicts over them, and the run that keeps both.

A reading is a fact with its source. A finding is what a check says about one or more readings.
Both are values inside a DiagnosticRun, so that old readings can be judged again later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from techkit.i18n import N_

#: What a reading may hold: anything JSON can carry, at most two levels deep.
Scalar = str | int | float | bool | None
Value = Scalar | list[Any] | dict[str, Any]


def as_number(value: Value) -> float | None:
    """Return a value as a number, None for anything else; yes and no are none."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class Verdict(StrEnum):
    """What a check says. The ids are for ever; the order of severity is `rank`."""

    OK = "ok"
    WATCH = "watch"
    UNKNOWN = "unknown"
    ACT = "act"
    NOT_APPLICABLE = "not_applicable"

    @property
    def rank(self) -> int:
        """Return the severity: not_applicable < ok < watch < unknown < act."""
        return _RANKS[self]

    @property
    def label(self) -> str:
        """Return the word a person reads (English source text; translate when shown)."""
        return _LABELS[self]


_RANKS = {
    Verdict.NOT_APPLICABLE: 0,
    Verdict.OK: 1,
    Verdict.WATCH: 2,
    Verdict.UNKNOWN: 3,
    Verdict.ACT: 4,
}
_LABELS = {
    Verdict.OK: N_("Good"),
    Verdict.WATCH: N_("Keep an eye on it"),
    Verdict.UNKNOWN: N_("Could not check"),
    Verdict.ACT: N_("Needs action"),
    Verdict.NOT_APPLICABLE: N_("Does not apply"),
}


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the most severe verdict; not_applicable for an empty list."""
    return max(verdicts, key=lambda v: v.rank, default=Verdict.NOT_APPLICABLE)


class Reason(StrEnum):
    """Why something could not be checked."""

    NOT_PRESENT = "not_present"
    NOT_PERMITTED = "not_permitted"
    TOOL_MISSING = "tool_missing"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"
    FAILED = "failed"


class Area(StrEnum):
    """The part of a computer a check looks at; also the grouping on screen."""

    STORAGE = "storage"
    MEMORY = "memory"
    PROCESSOR = "processor"
    POWER = "power"
    DISPLAY = "display"
    NETWORK = "network"
    OPERATING_SYSTEM = "operating_system"
    SOFTWARE = "software"
    SECURITY = "security"
    BACKUP = "backup"
    DEVICES = "devices"


AREA_LABELS = {
    Area.STORAGE: N_("Storage"),
    Area.MEMORY: N_("Memory"),
    Area.PROCESSOR: N_("Processor"),
    Area.POWER: N_("Power"),
    Area.DISPLAY: N_("Display"),
    Area.NETWORK: N_("Network"),
    Area.OPERATING_SYSTEM: N_("Operating system"),
    Area.SOFTWARE: N_("Programs"),
    Area.SECURITY: N_("Security"),
    Area.BACKUP: N_("Backup"),
    Area.DEVICES: N_("Devices"),
}


class Complaint(StrEnum):
    """What the customer suffers from; decides which findings stand first."""

    SLOW = "slow"
    NO_INTERNET = "no_internet"
    NO_PRINTING = "no_printing"
    NO_SOUND = "no_sound"
    POP_UPS = "pop_ups"
    STRANGE_MAIL = "strange_mail"
    CRASHES = "crashes"
    OTHER = "other"


COMPLAINT_LABELS = {
    Complaint.SLOW: N_("Slow"),
    Complaint.NO_INTERNET: N_("No internet"),
    Complaint.NO_PRINTING: N_("No printing"),
    Complaint.NO_SOUND: N_("No sound"),
    Complaint.POP_UPS: N_("Pop-ups"),
    Complaint.STRANGE_MAIL: N_("Strange mail"),
    Complaint.CRASHES: N_("Crashes"),
    Complaint.OTHER: N_("Something else"),
}


class Explains(StrEnum):
    """How well a finding explains the complaint."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    RULED_OUT = "ruled_out"


EXPLAINS_LABELS = {
    Explains.LIKELY: N_("Likely"),
    Explains.POSSIBLE: N_("Possible"),
    Explains.RULED_OUT: N_("Ruled out"),
}


class Privacy(StrEnum):
    """How personal a reading is; decides what an export shows to whom."""

    NONE = "none"
    IDENTIFIER = "identifier"  # serials, MAC addresses: leave the computer only shortened
    PERSONAL = "personal"  # user names, file names, network names
    SECRET = "secret"  # noqa: S105 - a privacy class (never stored), not a password


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One typed fact about the machine, with where it came from.

    id: dotted, for ever ("storage.volume.free_bytes"). subject: which one ("/", "sda", "eth0"),
    "" when there is only one. unit: "bytes", "percent", "celsius", "hours", "count", "seconds",
    "ms", "" for text and truth. source: interface and place ("/proc/meminfo MemTotal").
    """

    id: str
    value: Value
    unit: str = ""
    subject: str = ""
    source: str = ""
    privacy: Privacy = Privacy.NONE


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One line of the evidence table: a value beside its limit."""

    label: str
    value: str
    limit: str = ""
    verdict: Verdict = Verdict.NOT_APPLICABLE


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check says about one thing.

    sentence: for the technician, with numbers. customer_sentence: plain, no blame.
    advice: one next step, plain. reason and reason_text only with verdict unknown.
    comparable: the reading compared before/after (`value`, `unit`), `higher_is_better` None when
    neither side is better; `scale_max` for the dumbbell, `limit` where its bad side begins; `tolerance`: a smaller change is "same".
    is_tried: a person tried it and judged; nothing measured it, and nothing repeats it by itself.
    """

    check: str
    title: str
    area: Area
    verdict: Verdict
    subject: str = ""
    value: Value = None
    unit: str = ""
    value_text: str = ""
    limit_text: str = ""
    reason: Reason | None = None
    reason_text: str = ""
    sentence: str = ""
    customer_sentence: str = ""
    advice: str = ""
    source: str = ""
    rule_version: int = 1
    evidence: tuple[Evidence, ...] = ()
    reading_ids: tuple[str, ...] = ()
    explains: Explains | None = None
    explains_why: str = ""
    higher_is_better: bool | None = None
    tolerance: float = 0.0
    scale_max: float | None = None
    limit: float | None = None
    is_tried: bool = False


#: Order in which findings are told: what explains the complaint, best first; then everything else.
_TOLD_FIRST = {Explains.LIKELY: 0, Explains.POSSIBLE: 1, Explains.RULED_OUT: 2, None: 3}


#: Order of the verdicts in each of these groups: what is known to be wrong before what nobody could look at.
#: Source: the design, 4.3.
VERDICTS_TOLD = (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN, Verdict.OK, Verdict.NOT_APPLICABLE)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as they are told: what explains the complaint first, in each group what asks for most.

    What nobody could look at explains nothing: it stands behind what is known to be wrong, before others of its kind.
    """

    def place(held: Finding) -> tuple[int, int, bool]:
        explains = None if held.verdict is Verdict.UNKNOWN else held.explains
        return _TOLD_FIRST[explains], VERDICTS_TOLD.index(held.verdict), held.explains is None

    return sorted(findings, key=place)


@dataclass(frozen=True, kw_only=True)
class ProbeReport:
    """How one probe went: its state, how long it took and a raw excerpt for the evidence drawer.

    state: "ok", "not_applicable" or a value of Reason.
    """

    probe: str
    state: str
    duration_s: float
    reason_text: str = ""
    excerpt: str = ""


#: The plan of a run that looked at one part of the computer only; such a run never counts as a whole one.
PART_PLAN = "only"


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """All that one run of a plan gives back, before it becomes a DiagnosticRun record.

    readings are ordered by probe and subject; findings with what explains the complaint first,
    then by severity.
    """

    plan: str
    started_at: datetime
    ended_at: datetime
    computer: dict[str, str] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    probes: tuple[ProbeReport, ...] = ()
    was_stopped: bool = False
