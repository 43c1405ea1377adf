"""One visit: its steps, the labour clock, the footer's save state, undo, and the customer view."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.need import ComputerRow


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the rail. key: "need", "check", "work", "follow_ups", "after" or "sign_off".

    state: "todo", "done", "attention" or "current"; attention may be the current one too (is_current).
    """

    key: str
    name: str
    line: str
    state: str
    is_current: bool = False


@dataclass(frozen=True, kw_only=True)
class VisitState:
    """The frame around the steps. save_state: "saved", "saving" or "not_saved"."""

    visit_id: str
    is_loading: bool = True
    number: str = ""
    customer: str = ""
    customer_line: str = ""
    person_line: str = ""
    computer: str = ""
    computers: tuple[ComputerRow, ...] = ()
    steps: tuple[Step, ...] = ()
    current: str = "need"
    clock: str = "00:00"
    clock_label: str = ""
    is_paused: bool = False
    is_clock_running: bool = False
    saved_line: str = ""
    save_state: str = "saved"
    next_label: str = ""
    back_label: str = ""
    may_continue: bool = True
    undo_label: str = ""
    redo_label: str = ""
    notice: Notice | None = None
    is_customer_view: bool = False
    is_locked: bool = False
    lock_line: str = ""
