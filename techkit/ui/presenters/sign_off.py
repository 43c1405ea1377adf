"""Step Sign-off: what the office will see, the page itself, the customer's answer and signature."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import NO_MONEY, Choice, MoneyState, Notice


@dataclass(frozen=True, kw_only=True)
class FlagRow:
    """One flag the office would see. severity: "blocking", "warning" or "notice"; step: where to clear it."""

    severity: str
    sentence: str
    step: str


@dataclass(frozen=True, kw_only=True)
class SignOffState:
    """All that step Sign-off shows.

    phase: "prepare" (technician), "customer" (everything else hidden), "signed", "waived" or
    "submitted". pages: PNG pictures of the page, page_lines: the same as text.
    """

    phase: str = "prepare"
    flags: tuple[FlagRow, ...] = ()
    flags_line: str = ""
    languages: tuple[Choice, ...] = ()
    is_large_print: bool = False
    papers: tuple[Choice, ...] = ()
    pages: tuple[bytes, ...] = ()
    page_lines: tuple[str, ...] = ()
    is_rendering: bool = False
    question: str = ""
    answers: tuple[Choice, ...] = ()
    methods: tuple[Choice, ...] = ()
    signer: str = ""
    statement: str = ""
    strokes: tuple[tuple[int, ...], ...] = ()
    has_strokes: bool = False
    may_agree: bool = False
    agree_label: str = ""
    waiver_reasons: tuple[Choice, ...] = ()
    money: MoneyState = NO_MONEY
    content_hash_line: str = ""
    signed_line: str = ""
    revision_line: str = ""
    warning: Notice | None = None
    pdf: bytes | None = None
    is_printed: bool = False
    may_finish: bool = False
    finish_label: str = ""
