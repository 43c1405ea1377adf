"""What pages ask: queries, figures, and the trail of who looked.

Pages hold no query of their own; each function here names the organisation first, so that nothing
of another one can be reached by any page.
"""

from __future__ import annotations

from django.db import DatabaseError, connection

from techkit.central import accounts, audit
from techkit.central.models import User


def is_database_answering() -> bool:
    """Return whether the database answers a trivial question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def note_sign_in(user: User, address: str) -> None:
    """Keep in the audit trail that somebody came in."""
    audit.append_for(user, "session.begin", "staff", str(user.staff_id), address=address)


def note_refused_sign_in(username: str, address: str) -> None:
    """Keep in the audit trail that somebody was turned away; the name as typed, cut short."""
    audit.append(
        accounts.the_org().id,
        action="session.refuse",
        actor_kind="nobody",
        actor_name=username[:80],
        address=address,
    )
