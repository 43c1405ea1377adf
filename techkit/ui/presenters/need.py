"""Step Need: what the customer said, whether person, place and computer are right, who pays, consent."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Choice, FormState, Proposal


@dataclass(frozen=True, kw_only=True)
class ComputerRow:
    """One computer of the visit; is_in_hand: the one techkit runs on or the technician chose."""

    asset_id: str
    name: str
    line: str
    is_in_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class NeedState:
    """All that step Need shows; every text is ready to read."""

    purpose: str = ""
    complaints: tuple[Choice, ...] = ()
    customer: str = ""
    customer_line: str = ""
    person: str = ""
    person_line: str = ""
    people: tuple[Choice, ...] = ()
    site_line: str = ""
    payer: str = ""
    payer_line: str = ""
    payers: tuple[Choice, ...] = ()
    consent: str = "not_asked"
    consent_sentence: str = ""
    computers: tuple[ComputerRow, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    good_to_know: tuple[tuple[str, str], ...] = ()
    form: FormState | None = None
    errors: tuple[tuple[str, str, str], ...] = ()
    is_locked: bool = False
    may_confirm: bool = True
    confirm_label: str = ""
