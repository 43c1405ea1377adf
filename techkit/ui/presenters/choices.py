"""Small states several presenters share: a choice, a field of a form, a form, a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit.errors import TechkitError


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing to choose: its stored value, the words a person reads, an icon's name or ""."""

    value: str
    label: str
    is_chosen: bool = False
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Something techkit proposes, with its reason in words; confirmed by its id."""

    id: str
    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A banner: kind "info", "watch" or "bad"; action_label "" without an action (named by action).

    other_label, other_action: a second way, beside the first.
    """

    kind: str
    title: str
    text: str = ""
    action_label: str = ""
    action: str = ""
    other_label: str = ""
    other_action: str = ""


def trouble(
    error: TechkitError, *, kind: str = "watch", safe: str = "", action_label: str = "", action: str = ""
) -> Notice:
    """Return an error as a notice: what happened, what is safe (or else `safe`) and what to do."""
    text = f"{error.safe or safe} {error.advice}".strip()
    return Notice(kind=kind, title=error.title, text=text, action_label=action_label, action=action)


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form, ready to show.

    control: "line", "text" (several lines), "number", "money", "date", "moment", "truth", "choice",
    "texts" (one a line). text: the value as it stands in the control ("" empty, "yes"/"" for truth,
    the stored value for choice). error: "" or what is wrong and how to write it right.
    """

    name: str
    label: str
    control: str = "line"
    help: str = ""
    text: str = ""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    max_length: int = 500
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class FormRow:
    """One row of a list inside a form: its place, counted from 0, and its fields."""

    place: int
    fields: tuple[FormField, ...]


@dataclass(frozen=True, kw_only=True)
class FormList:
    """A list inside a form, e.g. the options of a needs analysis."""

    name: str
    label: str
    add_label: str
    rows: tuple[FormRow, ...]


@dataclass(frozen=True, kw_only=True)
class FormState:
    """A form: the kind of record it makes, its id when an entry is changed, fields in order.

    fields: what is asked at once; lists: rows inside the entry; more: what stands behind "More". error: a
    sentence above the form.
    today: the day it is for this form, by the clock its record goes by: what "nearest" and "today" mean in its dates.
    may_keep_whole: a text is longer than its field; the whole of it may become a file.
    kept_line: said where what was typed before stands in it again; is_more_open: some of it behind "More".
    """

    kind: str
    title: str
    fields: tuple[FormField, ...]
    today: date
    more: tuple[FormField, ...] = ()
    lists: tuple[FormList, ...] = ()
    record_id: str = ""
    add_label: str = ""
    error: str = ""
    error_field: str = ""
    may_keep_whole: bool = False
    kept_line: str = ""
    is_more_open: bool = False


@dataclass(frozen=True, kw_only=True)
class MoneyRow:
    """One line of costs: label and amount, both ready to show; is_total for the sum."""

    label: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """How one cost centre stands after today: standing "within", "warn" or "stop".

    used_share: 0 and above (1 is all of it), None without a budget. warn_share: where the warning
    begins. sentence: what is left, in words.
    """

    label: str
    amount: str
    sentence: str
    standing: str = "within"
    used_share: float | None = None
    warn_share: float = 0.9


@dataclass(frozen=True, kw_only=True)
class MoneyState:
    """What the visit costs so far: lines with the total last, budgets, contract, what is missing."""

    rows: tuple[MoneyRow, ...] = ()
    total: str = ""
    contract_line: str = ""
    budgets: tuple[BudgetRow, ...] = ()
    missing: tuple[str, ...] = ()


#: Before anything is known of costs.
NO_MONEY = MoneyState()
