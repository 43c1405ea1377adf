"""Staff, what each role may do, and the one-time codes that let a device in."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from techkit.central import audit
from techkit.central.models import Device, EnrolCode, Org, Role, User
from techkit.errors import CentralError, InputError
from techkit.i18n import _

#: Letters and digits nobody mistakes for another (no 0/O, 1/I/L): 5 bits a character.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

#: How long an enrolment code waits for its device.
ENROL_CODE_LIFE = timedelta(days=2)


class Right(StrEnum):
    """One thing a member of staff may or may not do."""

    READ = "read"
    REVIEW = "review"
    EDIT = "edit_master_data"
    BOOK = "book"
    ENROL = "enrol"
    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"
    HAND_OUT = "hand_out"
    ERASE = "erase"


_RIGHTS: dict[str, frozenset[Right]] = {
    Role.TECHNICIAN: frozenset(),
    Role.REVIEWER: frozenset({Right.READ, Right.REVIEW, Right.EDIT}),
    Role.FINANCE: frozenset({Right.READ, Right.BOOK, Right.EDIT}),
    Role.SUCCESS: frozenset({Right.READ, Right.EDIT}),
    Role.LEAD: frozenset({Right.READ, Right.REVIEW, Right.EDIT, Right.BOOK, Right.ENROL, Right.HAND_OUT}),
    Role.ADMIN: frozenset(Right),
    Role.AUDITOR: frozenset({Right.READ, Right.READ_AUDIT}),
}


def may(user: User, right: Right) -> bool:
    """Return whether the person's role gives the right."""
    return right in _RIGHTS.get(user.role, frozenset())


def require(user: User, right: Right) -> None:
    """Refuse a person without the right. Raises: CentralError with status 403."""
    if not may(user, right):
        raise CentralError(
            _("Your account may not do this."),
            status=403,
            safe=_("Nothing was changed."),
            advice=_("Ask an administrator of the service for the right."),
        )


def the_org() -> Org:
    """Return the organisation this service was set up for. Raises: Org.DoesNotExist before that."""
    return Org.objects.order_by("id").get()


def one_time_secret(groups: int) -> str:
    """Return groups of four random letters and digits, e.g. "7KXM-93TR"; 20 bits a group."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _n in range(4)) for _g in range(groups))


def make_staff(
    org: Org,
    username: str,
    password: str,
    *,
    role: Role = Role.REVIEWER,
    first_name: str = "",
    last_name: str = "",
    is_one_time: bool = False,
    staff_id: uuid.UUID | None = None,
    by: User | None = None,
) -> User:
    """Make an account. is_one_time: the password must be replaced at the first sign-in. by: who made it.

    Raises: InputError when the account's name is taken.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise InputError(
            _("There is already an account named {name}.", name=username),
            field="username",
            advice=_("Choose another name."),
        )
    user = User(
        org=org,
        username=username,
        first_name=first_name,
        last_name=last_name,
        role=role,
        must_change_password=is_one_time,
        staff_id=staff_id or uuid.uuid4(),
    )
    user.set_password(password)
    with transaction.atomic():
        user.save()
        audit.append(
            org.id,
            action="account.make",
            actor_kind="staff" if by else "program",
            actor_id=str(by.staff_id) if by else "",
            actor_name=by.shown_name if by else "",
            object_kind="staff",
            object_id=str(user.staff_id),
            detail={"username": username, "role": role},
        )
    return user


def invite_staff(by: User, username: str, role: str, first_name: str, last_name: str) -> tuple[User, str]:
    """Make an account for a colleague; return it and its one-time password, which stands nowhere else.

    Raises: InputError when the name or role cannot be used, CentralError without the right.
    """
    require(by, Right.MANAGE_STAFF)
    if not username or not username.isprintable() or " " in username:
        raise InputError(
            _("An account name is one word."), field="username", advice=_("For example: maren or m.vogt.")
        )
    if role not in Role.values:
        raise InputError(_("Please choose a role."), field="role")
    password = one_time_secret(5)
    made = make_staff(
        by.org,
        username,
        password,
        role=Role(role),
        first_name=first_name,
        last_name=last_name,
        is_one_time=True,
        by=by,
    )
    return made, password


def reset_password(by: User, user: User) -> str:
    """Give an account a new one-time password and return it; its sessions end."""
    require(by, Right.MANAGE_STAFF)
    password = one_time_secret(5)
    user.set_password(password)
    user.must_change_password = True
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        audit.append_for(by, "account.reset", "staff", str(user.staff_id))
    return password


def close_account(by: User, user: User) -> None:
    """Let somebody in no more; what the person did stays under the name.

    Raises: CentralError for one's own account, so that the service keeps its administrator.
    """
    require(by, Right.MANAGE_STAFF)
    if by.pk == user.pk:
        raise CentralError(
            _("You cannot close your own account."),
            status=409,
            advice=_("Let another administrator do it."),
        )
    user.is_active = False
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        audit.append_for(by, "account.close", "staff", str(user.staff_id))


def change_password(user: User, password: str) -> None:
    """Give the account a password of its owner's choice.

    Raises: InputError naming what is wrong with it.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError(
            _("This password is too easy to guess."),
            field="password",
            safe=_("Your old password still holds."),
            advice=_(
                "Take at least 15 characters, e.g. four words that do not belong together, "
                "and nothing from your name."
            ),
        ) from error
    user.set_password(password)
    user.must_change_password = False
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        audit.append_for(user, "account.password", "staff", str(user.staff_id))


def active(pk: int) -> User | None:
    """Return an account that may sign in, by its key in the table."""
    return User.objects.filter(pk=pk, is_active=True).first()


def choose_language(user: User, language: str) -> None:
    """Keep the language of the person's pages; "" leaves it to the browser."""
    user.language = language
    user.save(update_fields=["language"])


def code_hash(text: str) -> str:
    """Return SHA-256 (hex) of an enrolment code's letters and digits; spaces and case do not count."""
    kept = "".join(c for c in text.upper() if c.isalnum())
    return hashlib.sha256(kept.encode("utf-8")).hexdigest()


def new_enrol_code(created_by: User | None, technician: User) -> tuple[str, EnrolCode]:
    """Make a code that lets one device of this technician in once; return it in clear and its row.

    The clear text exists only in this answer. 80 random bits.
    """
    text = one_time_secret(4)
    now = datetime.now(UTC)
    with transaction.atomic():
        row = EnrolCode.objects.create(
            org_id=technician.org_id,
            code_hash=code_hash(text),
            technician=technician,
            created_by=created_by,
            created_at=now,
            expires_at=now + ENROL_CODE_LIFE,
        )
        audit.append(
            technician.org_id,
            action="device.invite",
            actor_kind="staff" if created_by else "program",
            actor_id=str(created_by.staff_id) if created_by else "",
            actor_name=created_by.shown_name if created_by else "",
            object_kind="staff",
            object_id=str(technician.staff_id),
        )
    return text, row


def refuse_device(user: User, device: Device) -> None:
    """Stop a device from syncing; it does not erase a lost stick."""
    require(user, Right.ENROL)
    with transaction.atomic():
        device.revoked_at = datetime.now(UTC)
        device.revoked_by = user
        device.save(update_fields=["revoked_at", "revoked_by"])
        audit.append_for(user, "device.refuse", "device", str(device.id), {"name": device.name})
