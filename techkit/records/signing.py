"""How a visit ends on paper: signatures, what voids them, why nobody signed, and what the customer answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from techkit.i18n import N_
from techkit.records.schema import Audience, Record, SyncClass, field, record, value

#: Longest page kept with a signature, packed; one of six computers with photos takes about 30,000.
MOST_PAGE = 400_000


class SignerRole(StrEnum):
    """In which role somebody signs."""

    CUSTOMER = "customer"
    DELEGATE = "delegate"
    TECHNICIAN = "technician"
    REVIEWER = "reviewer"


@value
class Stroke:
    """One line of a drawn signature: points as x0, y0, x1, y1 … in thousandths of the pad's width."""

    points: tuple[int, ...] = ()


@record(
    kind="signature",
    title=N_("Signature"),
    plural=N_("Signatures"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="signature",
    summary="{signer} {signed_at}",
)
class Signature(Record):
    """What was signed, by whom, where and when; bound to the hash of the page that was shown."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    visit_revision: int = field(label=N_("Revision"), default=1, by="X")
    role: SignerRole = field(
        label=N_("Role"), default=SignerRole.CUSTOMER, by="X",
        choices={
            SignerRole.CUSTOMER: N_("Customer"), SignerRole.DELEGATE: N_("On behalf"),
            SignerRole.TECHNICIAN: N_("Technician"), SignerRole.REVIEWER: N_("Reviewer"),
        },
    )  # fmt: skip
    signer: str = field(
        label=N_("Signed by"), default="", by="C", required=True, personal=True, audience=Audience.CUSTOMER
    )
    contact_id: str | None = field(label=N_("Person"), default=None, refers="contact", by="X")
    method: str = field(
        label=N_("How"), default="drawn", by="X",
        choices={
            "drawn": N_("Drawn on screen"), "typed": N_("Name typed"), "paper": N_("On paper"),
        },
    )  # fmt: skip
    strokes: tuple[Stroke, ...] = field(
        label=N_("Strokes"), default=(), by="C", audience=Audience.CUSTOMER, personal=True
    )
    place: str = field(label=N_("Place"), default="", by="X", audience=Audience.CUSTOMER)
    signed_at: datetime | None = field(label=N_("Signed"), default=None, by="X", audience=Audience.CUSTOMER)
    content_hash: str = field(
        label=N_("Hash of the page"), default="", by="X", audience=Audience.CUSTOMER,
        help="SHA-256 over the summary's content as it was shown (summary/document.py).",
    )  # fmt: skip
    page: str = field(
        label=N_("The page itself"), default="", by="X", audience=Audience.INTERNAL, personal=True, since="0.2",
        max_length=MOST_PAGE, help="As it was signed, packed (summary/sealed.py).",
    )  # fmt: skip
    total_minor: int | None = field(
        label=N_("Sum on the page"), default=None, unit="minor", by="X", since="0.2",
        help="Before tax, as it was shown; None where the page was signed by an older techkit.",
    )  # fmt: skip
    currency: str = field(label=N_("Currency"), default="EUR", by="X", since="0.2")
    statement: str = field(label=N_("What signing meant"), default="", by="X", audience=Audience.CUSTOMER)
    language: str = field(label=N_("Language"), default="", by="X")
    device: str = field(label=N_("Device"), default="", by="X")


@record(
    kind="signature_voided",
    title=N_("Signature voided"),
    plural=N_("Signatures voided"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="signature",
    summary="{reason}",
)
class SignatureVoided(Record):
    """A later change that made a signature void; the signature itself stays as it was."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    signature_id: str = field(label=N_("Signature"), default="", refers="signature", by="X")
    reason: str = field(label=N_("Reason"), default="", by="T")
    voided_at: datetime | None = field(label=N_("Voided"), default=None, by="X")


class WaiverReason(StrEnum):
    """Why nobody signed."""

    ABSENT = "absent"
    REFUSED = "refused"
    REMOTE = "remote"
    KEY_DROP = "key_drop"
    ON_PAPER = "on_paper"


WAIVER_REASONS = {
    WaiverReason.ABSENT: N_("Nobody there"),
    WaiverReason.REFUSED: N_("Did not want to sign"),
    WaiverReason.REMOTE: N_("Served from afar"),
    WaiverReason.KEY_DROP: N_("Computer dropped off"),
    WaiverReason.ON_PAPER: N_("Signed on paper"),
}


@record(
    kind="signoff_waiver",
    title=N_("No signature"),
    plural=N_("No signatures"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="signature",
    summary="{reason} {note}",
)
class SignOffWaiver(Record):
    """Why a visit ends without a signature; a valid end that reviewers see."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    visit_revision: int = field(label=N_("Revision"), default=1, by="X")
    reason: WaiverReason = field(
        label=N_("Reason"), default=WaiverReason.ABSENT, choices=WAIVER_REASONS, by="T"
    )
    note: str = field(label=N_("In words"), default="", by="T", multiline=True)
    photo_id: str | None = field(label=N_("Photo"), default=None, refers="attachment", by="T")
    content_hash: str = field(
        label=N_("Hash of the page"), default="", by="X", since="0.2",
        help="SHA-256 over the summary's content the visit ended on.",
    )  # fmt: skip
    page: str = field(
        label=N_("The page itself"), default="", by="X", audience=Audience.INTERNAL, personal=True, since="0.2",
        max_length=MOST_PAGE, help="As the visit ended on it, packed (summary/sealed.py).",
    )  # fmt: skip


@record(
    kind="satisfaction",
    title=N_("The customer’s answer"),
    plural=N_("The customers’ answers"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="smiley",
    summary="{rating}",
)
class Satisfaction(Record):
    """The answer to “Did we solve what you needed?”, given while the technician looks away."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    rating: int = field(
        label=N_("Answer"), default=0, by="C",
        help="5 fully, 4 mostly, 3 partly, 2 hardly, 1 not at all; 0 not answered.",
    )  # fmt: skip
    would_call_again: bool | None = field(label=N_("Would call again"), default=None, by="C")
    comment: str = field(label=N_("In the customer’s words"), default="", by="C", multiline=True)
    given_by: str = field(label=N_("Given by"), default="", by="C", personal=True)
    was_given_alone: bool = field(label=N_("Given alone"), default=False, by="X")
    asked_at: datetime | None = field(label=N_("Asked"), default=None, by="X")
