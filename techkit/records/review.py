"""What remote staff say of a visit: questions, comments, decisions, and the flags rules raise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from techkit.i18n import N_
from techkit.records.schema import Audience, Record, SyncClass, field, record


@record(
    kind="query",
    title=N_("Question from the office"),
    plural=N_("Questions from the office"),
    sync=SyncClass.MERGED,
    owner="visit_id",
    icon="chat-circle-text",
    summary="{question}",
)
class Query(Record):
    """A question about one entry or field; it reaches the device and is answered there."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    about_kind: str = field(label=N_("About"), default="", by="S", help="Kind of the record asked about.")
    about_id: str = field(label=N_("About entry"), default="", by="S")
    about_field: str = field(label=N_("About field"), default="", by="S")
    question: str = field(label=N_("Question"), default="", by="S", required=True, multiline=True)
    asked_by: str = field(label=N_("Asked by"), default="", by="S")
    asked_at: datetime | None = field(label=N_("Asked"), default=None, by="X")
    answer: str = field(label=N_("Answer"), default="", by="T", multiline=True)
    answered_by: str = field(label=N_("Answered by"), default="", by="X")
    answered_at: datetime | None = field(label=N_("Answered"), default=None, by="X")
    state: str = field(
        label=N_("State"), default="open", by="TS",
        choices={
            "open": N_("Open"), "answered": N_("Answered"), "settled": N_("Settled"),
        },
    )  # fmt: skip


@record(
    kind="comment",
    title=N_("Comment"),
    plural=N_("Comments"),
    sync=SyncClass.ADDITION,
    owner="visit_id",
    icon="chat-circle",
    summary="{body}",
)
class Comment(Record):
    """A remark of staff on a visit."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    body: str = field(label=N_("Comment"), default="", by="S", required=True, multiline=True)
    author: str = field(label=N_("By"), default="", by="X")
    at: datetime | None = field(label=N_("When"), default=None, by="X")
    visibility: Audience = field(
        label=N_("Seen by"), default=Audience.INTERNAL, by="S",
        choices={
            Audience.INTERNAL: N_("Colleagues"), Audience.STAFF: N_("Team"),
            Audience.CUSTOMER: N_("Customer"),
        },
    )  # fmt: skip


class DecisionKind(StrEnum):
    """What staff decided."""

    APPROVE = "approve"
    QUERY = "query"
    VOID = "void"
    REOPEN = "reopen"
    POST = "post"


@record(
    kind="decision",
    title=N_("Decision"),
    plural=N_("Decisions"),
    sync=SyncClass.STAFF,
    owner="visit_id",
    icon="gavel",
    summary="{decision} {by}",
)
class Decision(Record):
    """One step of the review, by whom and on which revision; never changed."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    visit_revision: int = field(label=N_("Revision"), default=1, by="X")
    decision: DecisionKind = field(
        label=N_("Decision"), default=DecisionKind.APPROVE, by="S",
        choices={
            DecisionKind.APPROVE: N_("Approved"), DecisionKind.QUERY: N_("Asked"),
            DecisionKind.VOID: N_("Void"), DecisionKind.REOPEN: N_("Reopened"),
            DecisionKind.POST: N_("Posted"),
        },
    )  # fmt: skip
    by: str = field(label=N_("By"), default="", by="X")
    at: datetime | None = field(label=N_("When"), default=None, by="X")
    note: str = field(label=N_("Note"), default="", by="S", multiline=True)


@record(
    kind="left_choice",
    title=N_("Choice left to the office"),
    plural=N_("Choices left to the office"),
    sync=SyncClass.ADDITION,
    owner="customer_id",
    icon="chat-circle-text",
    summary="{note}",
)
class LeftChoice(Record):
    """A technician's word that the office shall choose between versions of a record; it stands beside them there."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    about_kind: str = field(label=N_("About"), default="", by="X", help="Kind of the record in two versions.")
    about_id: str = field(label=N_("About entry"), default="", by="X")
    conflicts: tuple[str, ...] = field(
        label=N_("Fields in two versions"), default=(), by="X", help="Ids of the conflicts that were open."
    )
    note: str = field(label=N_("A word to the office"), default="", by="T", multiline=True)
    left_by: str = field(label=N_("Left by"), default="", by="X")
    left_at: datetime | None = field(label=N_("Left"), default=None, by="X")


class Severity(StrEnum):
    """Whether a flag blocks approval or only informs."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Flag:
    """What a review rule found: the rule's id, the row it is about, one plain sentence.

    kind and record_id name the row; "" and "" for the visit as a whole.
    """

    rule: str
    severity: Severity
    sentence: str
    kind: str = ""
    record_id: str = ""
