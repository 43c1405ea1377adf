"""The service's tables.

Three groups. What devices send and receive: `Op` (append-only history, the feed), `Record` (its
fold), `SyncScope` (one late counter row per scope), `Conflict`, `Attachment`. Who may speak: `Org`,
`User`, `Device`, `EnrolCode`. What the pages read and leave behind: `VisitRow` (a projection of the
fold, caught up with by projection.py before a page looks), `SavedFilter`, `AuditEvent`.

The sync path writes `Op`, `Record` and `SyncScope` with SQL of its own (history.py, folding.py); everything here
is plain enough for SQLite and PostgreSQL alike: UUIDs are 32 hex digits on SQLite and `uuid` on
PostgreSQL (which reads hex digits too), instants are UTC, JSON is text or `jsonb`. Every hot table
names its organisation first, so that it can be spread over machines by it later.

Nothing here is ever deleted by the service. Erasing a customer empties payloads and keeps ids (emptying.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from techkit.i18n import N_, _


class Role(models.TextChoices):
    """What a member of staff may do here; accounts.py holds the rights of each."""

    TECHNICIAN = "technician", N_("Technician")
    REVIEWER = "reviewer", N_("Reviewer")
    FINANCE = "finance", N_("Finance")
    SUCCESS = "success", N_("Customer success")
    LEAD = "lead", N_("Team lead")
    ADMIN = "admin", N_("Administrator")
    AUDITOR = "auditor", N_("Auditor")


class Org(models.Model):
    """An organisation: the outermost wall between data. Its row also serialises the audit chain."""

    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA zone of the office")
    settings = models.JSONField(default=dict)
    sync_epoch = models.UUIDField(default=uuid.uuid4, help_text="changes after a restore")

    class Meta:
        db_table = "org"

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A member of staff. `staff_id` is the id records know the person by (technician, reviewer)."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    staff_id = models.UUIDField(unique=True, default=uuid.uuid4)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.REVIEWER)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True, help_text="of pages; empty: the browser's")
    totp_sealed = models.BinaryField(null=True, help_text="the second factor's key, sealed; second_factor.py")
    totp_step = models.BigIntegerField(default=0, help_text="the last code's time step; none is good twice")

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        db_table = "staff_user"

    @property
    def shown_name(self) -> str:
        """Return the name a colleague reads; the account's name when none was given."""
        return self.get_full_name() or self.get_username()

    @property
    def has_second_factor(self) -> bool:
        """Return whether a code is asked for after the password."""
        return self.totp_sealed is not None

    @property
    def initials(self) -> str:
        """Return up to two capital letters for the round badge."""
        words = self.shown_name.split()
        return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper() if words else "?"

    @property
    def role_label(self) -> str:
        """Return the role in the reader's language."""
        return _(str(Role(self.role).label))


class RecoveryCode(models.Model):
    """A code that stands in for the second factor once; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, help_text="SHA-256 hex of the code's letters and digits")
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints = (models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once"),)


class Device(models.Model):
    """A technician's techkit that was enrolled; speaks with its own Ed25519 key."""

    id = models.UUIDField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    technician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=8, help_text="begins its visits' numbers, e.g. TK07")
    public_key = models.BinaryField(help_text="Ed25519, 32 raw bytes")
    sealing_key = models.BinaryField(null=True, help_text="X25519, 32 raw bytes; job packs are sealed for it")
    key_version = models.PositiveIntegerField(default=1)
    former = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="what it was before it was let in anew",
    )
    # Of several answers to one token: rounds.py keeps some digits of each.
    token_hash = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 hex of the token of the last answer"
    )
    previous_token_hash = models.CharField(
        max_length=64, blank=True, help_text="still good when that answer got lost"
    )
    enrolled_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    app_version = models.CharField(max_length=40, blank=True)
    clock_offset_ms = models.BigIntegerField(default=0, help_text="device minus service")
    waiting_count = models.PositiveIntegerField(
        null=True, help_text="changes it still had to send at its last contact"
    )
    anew = models.CharField(
        max_length=36, blank=True, default="", help_text="set after a long silence, until it has begun anew"
    )
    stamped_ms = models.BigIntegerField(
        default=0, help_text="moment of the last answer, ms since 1970; never twice"
    )
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "device"
        indexes = (models.Index(fields=["org", "technician"], name="device_by_technician"),)

    def __str__(self) -> str:
        return self.name


class EnrolCode(models.Model):
    """A one-time code that lets one device in; only its hash is kept."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    code_hash = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 hex of the code's letters and digits"
    )
    technician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by_device = models.ForeignKey(Device, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "enrol_code"


class SyncScope(models.Model):
    """The head of one scope's history: its next free place.

    scope_id: "tenant", "customer:<id>" or "technician:<device id>" (records/operations.py).
    """

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    scope_id = models.CharField(max_length=80)
    next_seq = models.BigIntegerField(default=1)
    digest = models.CharField(max_length=16, blank=True, help_text="of the history so far, hex")
    folded_seq = models.BigIntegerField(default=0, help_text="records say all up to this place (folding.py)")

    class Meta:
        db_table = "sync_scope"
        constraints = (models.UniqueConstraint(fields=["org", "scope_id"], name="sync_scope_once"),)
        indexes = (
            models.Index(
                fields=["org"],
                condition=models.Q(folded_seq__lt=models.F("next_seq") - 1),
                name="sync_scope_behind",
            ),
        )


class DeviceScope(models.Model):
    """A scope a device holds, or held until it was taken back."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    scope_id = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "device_scope"
        constraints = (models.UniqueConstraint(fields=["device", "scope_id"], name="device_scope_once"),)


class RequestNonce(models.Model):
    """A signed request that was answered; remembered while its signature's time is good."""

    device_id = models.UUIDField()
    nonce = models.CharField(max_length=32)
    at_ms = models.BigIntegerField(help_text="milliseconds since 1970")

    class Meta:
        db_table = "request_nonce"
        constraints = (models.UniqueConstraint(fields=["device_id", "nonce"], name="request_once"),)
        indexes = (models.Index(fields=["at_ms"], name="request_nonce_age"),)


class RefusedOp(models.Model):
    """A change the service could not take: kept aside with its reason, shown, and never lost."""

    op_id = models.UUIDField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.CharField(max_length=40)
    actor = models.CharField(max_length=400, blank=True)
    scope_id = models.CharField(max_length=80, blank=True)
    entity = models.CharField(max_length=40, blank=True)
    entity_id = models.UUIDField(null=True)
    code = models.PositiveIntegerField(help_text="of sync/protocol.py: ProblemCode")
    field = models.CharField(max_length=200, blank=True)
    packed = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "refused_op"
        indexes = (models.Index(fields=["org", "-received_at"], name="refused_op_by_time"),)


class Op(models.Model):
    """One change as it arrived; append only. Ordered by (org, scope, seq) it is the feed."""

    op_id = models.UUIDField(primary_key=True, help_text="UUIDv7 made by whoever acted")
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    scope_id = models.CharField(max_length=80)
    seq = models.BigIntegerField(help_text="contiguous from 1 within a scope and epoch")
    device = models.CharField(max_length=40, help_text='the device\'s id, or "office" for staff')
    actor = models.CharField(max_length=400, blank=True, help_text="as a person reads it")
    entity = models.CharField(max_length=40, help_text="kind of record")
    entity_id = models.UUIDField()
    action = models.CharField(max_length=16, help_text="put, remove, restore")
    hlc = models.BigIntegerField(
        help_text="hybrid logical clock, corrected by the device's offset; its own stands in packed"
    )
    packed = models.BinaryField(help_text="the operation as it came (records/operations.py: unpack)")
    digest = models.CharField(max_length=16, help_text="of the scope's history up to here, hex")
    received_at = models.DateTimeField()

    class Meta:
        db_table = "op"
        constraints = (models.UniqueConstraint(fields=["org", "scope_id", "seq"], name="op_feed"),)
        indexes = (models.Index(fields=["entity_id", "seq"], name="op_by_record"),)


class CurrentManager(models.Manager["Record"]):
    """Records as their history says now: whoever asks first has them brought up to date (folding.py)."""

    #: Folds in what is not folded yet; set when Django starts (apps.py), because folding stands above the tables.
    bring_up: ClassVar[Callable[[], object]] = staticmethod(lambda: None)

    def get_queryset(self) -> models.QuerySet[Record]:
        """Return all records, up to date."""
        type(self).bring_up()
        return super().get_queryset()


class Record(models.Model):
    """The fold of all operations on one thing: what it says now.

    visit_id and customer_id repeat what `state` says (empty when it says nothing), so that
    everything that belongs to a visit is found without reading JSON.
    """

    entity_id = models.UUIDField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    entity = models.CharField(max_length=40)
    scope_id = models.CharField(max_length=80)
    visit_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    state = models.JSONField(help_text="{field: value}, as on the wire")
    clocks = models.JSONField(help_text="who wrote what, rivals and past: sync/merge.py clocks_document")
    rev = models.PositiveIntegerField(default=1, help_text="counts the operations folded in")
    hlc = models.BigIntegerField()
    seq = models.BigIntegerField()
    deleted = models.BooleanField(default=False, help_text="a tombstone was written")
    updated_at = models.DateTimeField()

    objects = CurrentManager()

    class Meta:
        db_table = "record"
        indexes = (
            models.Index(fields=["org", "visit_id", "entity"], name="record_by_visit"),
            models.Index(fields=["org", "customer_id", "entity"], name="record_by_customer"),
            models.Index(fields=["org", "entity", "-updated_at"], name="record_by_entity"),
        )


class Conflict(models.Model):
    """Two values for one field, neither knowing of the other; both stay until someone decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    scope_id = models.CharField(max_length=80)
    entity = models.CharField(max_length=40)
    entity_id = models.UUIDField()
    field = models.CharField(max_length=80)
    base_op = models.UUIDField(null=True)
    op_a = models.UUIDField(help_text="the one that holds meanwhile")
    op_b = models.UUIDField()
    found_at = models.DateTimeField()
    decided_by_op = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "conflict"
        constraints = (
            models.UniqueConstraint(fields=["org", "op_a", "op_b", "field"], name="conflict_once"),
        )
        indexes = (models.Index(fields=["org", "entity_id"], name="conflict_by_entity"),)


class Attachment(models.Model):
    """A file's bytes by their hash; the record that names it travels as an operation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    received_bytes = models.BigIntegerField(default=0)
    media_type = models.CharField(max_length=100)
    is_complete = models.BooleanField(default=False, help_text="all bytes here, hash verified")
    storage_key = models.CharField(max_length=200, blank=True)
    announced_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(
        null=True, help_text="its customer was removed; the bytes go (emptying.py)"
    )

    class Meta:
        db_table = "attachment"
        constraints = (models.UniqueConstraint(fields=["org", "sha256"], name="attachment_once"),)


class ChangedRecord(models.Model):
    """A record whose visit's row is not caught up yet; a queue, emptied by projection.py.

    Never unique: a second change while the first is being worked on needs a line of its own, which
    nobody sees before its transaction is committed.
    """

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    entity = models.CharField(max_length=40)
    entity_id = models.UUIDField()

    class Meta:
        db_table = "changed_record"


class VisitRow(models.Model):
    """One visit as the list shows it. A projection: projection.py rebuilds it from `Record`."""

    id = models.UUIDField(primary_key=True, help_text="the visit's own id")
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=40, blank=True)
    customer_id = models.UUIDField(null=True)
    customer_name = models.CharField(max_length=400, blank=True)
    person_name = models.CharField(max_length=400, blank=True)
    site_id = models.UUIDField(null=True)
    asset_id = models.UUIDField(null=True)
    asset_name = models.CharField(max_length=400, blank=True, help_text="all computers, by comma")
    contract_id = models.UUIDField(null=True)
    technician_name = models.CharField(max_length=400, blank=True)
    work_state = models.CharField(max_length=24)
    review_state = models.CharField(max_length=24)
    outcome = models.CharField(max_length=24, blank=True)
    revision = models.PositiveIntegerField(default=1)
    kinds = models.CharField(
        max_length=400, blank=True, help_text="kinds of work, each once, each between spaces"
    )
    started_at = models.DateTimeField(help_text="arrival; planned or received where there was none")
    ended_at = models.DateTimeField(null=True)
    time_zone = models.CharField(max_length=64, blank=True)
    minutes = models.PositiveIntegerField(default=0, help_text="work, without breaks")
    net_minor = models.BigIntegerField(null=True, help_text="charges in minor units")
    currency = models.CharField(max_length=3, blank=True)
    findings = models.JSONField(default=dict, help_text="{verdict: count} of the last run")
    finding_checks = models.CharField(
        max_length=1000,
        blank=True,
        help_text="checks that found something to do or watch, each between spaces",
    )
    flags = models.JSONField(default=list, help_text="[{rule, severity, sentence, row}]")
    flag_rules = models.CharField(
        max_length=1000, blank=True, help_text="rules that raised a flag, each between spaces"
    )
    flag_count = models.PositiveIntegerField(default=0, help_text="mere notices left out")
    blocking_count = models.PositiveIntegerField(default=0)
    open_query_count = models.PositiveIntegerField(default=0)
    answered_query_count = models.PositiveIntegerField(default=0)
    conflict_count = models.PositiveIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True)
    search_text = models.TextField(blank=True, help_text="folded: lower case, no accents")
    received_at = models.DateTimeField(help_text="when the submitted visit first arrived")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_name = models.CharField(max_length=400, blank=True)
    rev = models.PositiveIntegerField(
        default=1, help_text="operations in all that belongs to the visit; 409 when it moved"
    )
    needs_review = models.BooleanField(default=False, help_text="waits for a member of staff")
    priority = models.PositiveSmallIntegerField(
        default=9, help_text="order of the queue: 0 blocking flag … 9 nothing"
    )

    class Meta:
        db_table = "visit"
        indexes = (
            models.Index(fields=["org", "-started_at", "-id"], name="visit_by_start"),
            models.Index(fields=["org", "technician_name", "-started_at", "-id"], name="visit_by_technician"),
            models.Index(fields=["org", "customer_id", "-started_at", "-id"], name="visit_by_customer"),
            models.Index(fields=["org", "asset_id", "-started_at", "-id"], name="visit_by_asset"),
            models.Index(
                fields=["org", "priority", "received_at", "id"],
                name="visit_queue",
                condition=models.Q(needs_review=True),
            ),
        )


class SavedFilter(models.Model):
    """An address of the visit list that somebody gave a name."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    name = models.CharField(max_length=80)
    query_string = models.CharField(max_length=2000)
    is_first = models.BooleanField(default=False, help_text="what its owner's list of visits opens on")

    class Meta:
        db_table = "saved_filter"
        constraints = (models.UniqueConstraint(fields=["org", "owner", "name"], name="saved_filter_once"),)


class ClosedMonth(models.Model):
    """A month that nothing is booked into any more; opened again, it keeps who closed it last."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.CharField(max_length=7, help_text="e.g. 2026-11")
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "closed_month"
        constraints = (models.UniqueConstraint(fields=["org", "month"], name="closed_month_once"),)


class ErasedCustomer(models.Model):
    """A customer who was removed for good: what comes about them is emptied before it is kept (emptying.py)."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id = models.UUIDField()
    erasure_id = models.UUIDField(help_text="the record that tells the devices")
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "erased_customer"
        constraints = (models.UniqueConstraint(fields=["org", "customer_id"], name="erased_customer_once"),)


class AuditEvent(models.Model):
    """Who did what when; append only, each row carries the hash of the row before it."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.BigIntegerField(help_text="contiguous from 1 within the organisation")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12, help_text="staff, device, program, nobody")
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=400, blank=True)
    address = models.CharField(max_length=64, blank=True, help_text="network address, if any")
    action = models.CharField(max_length=60, help_text="e.g. visit.approve")
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict, help_text="from → to; no secrets")
    salt = models.CharField(
        max_length=32, blank=True, default="", help_text="of detail_hash; goes with the detail"
    )
    detail_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="stands for the detail in the chain; empty before 0.2",
    )
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_event"
        constraints = (models.UniqueConstraint(fields=["org", "place"], name="audit_place"),)
        indexes = (models.Index(fields=["org", "object_id", "-place"], name="audit_by_object"),)
