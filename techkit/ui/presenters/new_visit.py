"""A visit for somebody new, or for a known customer without an appointment: one short form."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Choice, FormState


@dataclass(frozen=True, kw_only=True)
class NewVisitState:
    """The form (four required fields), customers that may be meant, and what is still missing."""

    form: FormState
    matches: tuple[Choice, ...] = ()
    computer_line: str = ""
    may_start: bool = False
    error: str = ""
