"""Today: the running visit, what is next, what is promised, this computer, what waits to be sent."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Notice, Proposal


@dataclass(frozen=True, kw_only=True)
class RunningVisit:
    """The visit under way: share of its steps done (0 to 1), "3/6", and the one filled button."""

    visit_id: str
    share: float
    ring_text: str
    tag: str
    customer: str
    line: str
    button: str


@dataclass(frozen=True, kw_only=True)
class VisitRow:
    """One planned visit. kinds: (icon, label) of the planned work."""

    visit_id: str
    time: str
    duration: str
    customer: str
    line: str
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    """One promise to a customer; is_due: today or earlier."""

    id: str
    title: str
    line: str
    is_due: bool
    icon: str = "flag"


@dataclass(frozen=True, kw_only=True)
class Computer:
    """The computer techkit runs on; recognised: by what, in words."""

    name: str
    is_own: bool
    facts: tuple[tuple[str, str], ...] = ()
    recognised: str = ""
    proposals: tuple[Proposal, ...] = ()
    check_label: str = ""
    history_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits to be sent."""

    count: int = 0
    kinds_line: str = ""
    last_line: str = ""


@dataclass(frozen=True, kw_only=True)
class TodayState:
    """All that Today shows."""

    date_title: str = ""
    day_sentence: str = ""
    is_loading: bool = True
    banner: Notice | None = None
    running: RunningVisit | None = None
    next_visits: tuple[VisitRow, ...] = ()
    promised: tuple[PromiseRow, ...] = ()
    computer: Computer = Computer(name="", is_own=False)
    waiting: Waiting = Waiting()
    is_empty: bool = False
    can_see_all_customers: bool = False
